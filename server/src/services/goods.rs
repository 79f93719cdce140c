//! What a warehouse says of goods: what came of what was looked for, what it is like, and where it goes. By line and units, as people count.

use domain::ids::Sku;
use domain::returns::{
    Beside, Command, CommandKind, Deduction, Disposition, Event, Finding, Grade, HandOut, Inspection, LineNo, Looked, LotNo, Move, Outcome,
    Recorded, Refused, Return,
};
use domain::scrap::ScrapGround;

use super::Services;
use super::access::Access;
use super::once::{Carried, IdempotencyKey};
use super::refusals::ChangeError;
use crate::store::{MAIN_WAREHOUSE, StoreError};

/// Where goods go, and why they may be destroyed there.
type Place = (Disposition, Option<ScrapGround>);

/// What came, from one parcel or over the counter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrival {
    /// Where; nothing: where the shop keeps its goods.
    pub warehouse: Option<String>,
    pub tracking_number: Option<String>,
    /// What became of what was looked for; where nothing is named, all of it came.
    pub came: Vec<Booking>,
    /// What came beside: more of a line, or something that was not announced.
    pub beside: Vec<(Option<LineNo>, Option<Sku>, u32)>,
}

/// Units of lines that share an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub lines: Vec<LineNo>,
    /// How many, newly; nothing: all that are open.
    pub units: Option<u32>,
    pub outcome: Outcome,
}

impl Arrival {
    /// The command it is, of the return as it stands.
    pub fn command(self, request: &Return) -> Result<Command, Refused> {
        let mut out = HandOut::of(request);
        let all = || vec![Booking { lines: request.lines.iter().map(|line| line.id).collect(), units: None, outcome: Outcome::Received }];
        let came = if self.came.is_empty() && self.beside.is_empty() { all() } else { self.came };
        let mut items: Vec<(LotNo, u32, Outcome)> = Vec::new();
        for one in came {
            let lots = out.take(CommandKind::Receive, &one.lines, one.units, one.outcome.to_do())?;
            items.extend(lots.into_iter().map(|(lot, units)| (lot, units, one.outcome)));
        }
        let of = |line: LineNo| request.line(line).and_then(|line| line.lots.first()).map(|lot| lot.id);
        let beside = self.beside.into_iter().map(|(line, sku, units)| Beside { of: line.and_then(of), sku, units });
        Ok(Command::Receive {
            warehouse: Some(self.warehouse.unwrap_or_else(|| MAIN_WAREHOUSE.to_owned())),
            tracking_number: self.tracking_number,
            items,
            beside: beside.collect(),
        })
    }
}

/// Units of lines that were looked at, and are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub lines: Vec<LineNo>,
    /// How many, newly; nothing: all that wait.
    pub units: Option<u32>,
    pub found: Inspection,
    pub grade: Option<Grade>,
    pub deduct: Option<Deduction>,
    pub findings: Option<String>,
    /// Photos, by name.
    pub evidence: Vec<String>,
    /// Where they go, if that is decided.
    pub to: Option<Disposition>,
    /// Why clothes or shoes may be destroyed (N20).
    pub ground: Option<ScrapGround>,
}

/// What was found, by lots; and for each where it goes.
fn findings(request: &Return, found: &[Found]) -> Result<Vec<(Finding, Option<Place>)>, Refused> {
    let mut out = HandOut::of(request);
    let mut items = Vec::new();
    for one in found {
        let to_do = Move::of_finding(one.found).ok_or(Refused::Senseless("an inspection says what was found"))?;
        for (lot, units) in out.take(CommandKind::Inspect, &one.lines, one.units, to_do)? {
            let finding = Finding {
                lot,
                units,
                found: one.found,
                grade: one.grade,
                deduct: one.deduct,
                findings: one.findings.clone(),
                evidence: one.evidence.clone(),
            };
            items.push((finding, one.to.map(|to| (to, one.ground))));
        }
    }
    Ok(items)
}

/// The lots that these findings became, in their order: what was split off has a name of its own.
fn became(items: &[Finding], since: &[Recorded]) -> Vec<LotNo> {
    let mut looked: Vec<&Looked> = since
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::Inspected { items } => Some(items),
            _ => None,
        })
        .flatten()
        .collect();
    let is = |item: &Finding, looked: &&Looked| {
        (looked.of, looked.units, looked.found, looked.grade) == (item.lot, item.units, item.found, item.grade)
            && looked.findings == item.findings
    };
    let lot = |item: &Finding| match looked.iter().position(|looked| is(item, looked)) {
        Some(place) => looked.remove(place).lot,
        // It was found so before.
        None => item.lot,
    };
    items.iter().map(lot).collect()
}

/// What goes to one place for one reason goes there in one.
fn disposals(lots: Vec<(LotNo, Disposition, Option<ScrapGround>)>) -> Vec<Command> {
    let mut put: Vec<(Place, Vec<LotNo>)> = Vec::new();
    for (lot, to, ground) in lots {
        match put.iter_mut().find(|(known, _)| *known == (to, ground)) {
            Some((_, lots)) => lots.push(lot),
            None => put.push(((to, ground), vec![lot])),
        }
    }
    put.into_iter().map(|((to, ground), lots)| Command::Dispose { lots, to, ground }).collect()
}

impl Services {
    /// Books in what came. Where it was booked in so before, nothing happens.
    pub async fn book_in<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        arrival: impl FnOnce(&Return) -> Result<Arrival, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        self.carry_out(access, key, |request| Ok(arrival(request)?.command(request).map_err(ChangeError::from)?)).await
    }

    /// Puts lots where they go.
    pub async fn put_away<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        lots: impl FnOnce(&Return) -> Result<Vec<(LotNo, Disposition, Option<ScrapGround>)>, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run(access, key, Vec::new(), move |run| {
            Box::pin(async move {
                let lots = lots(&run.request)?;
                for command in disposals(lots) {
                    run.decide(&command)?;
                }
                Ok(())
            })
        });
        story.await
    }

    /// Says what goods are like, and puts them where they go, in one.
    pub async fn look_at<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        found: impl FnOnce(&Return) -> Result<Vec<Found>, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run(access, key, Vec::new(), move |run| {
            Box::pin(async move {
                let found = found(&run.request)?;
                let told = findings(&run.request, &found).map_err(ChangeError::from)?;
                let (items, goes): (Vec<_>, Vec<_>) = told.into_iter().unzip();
                run.decide(&Command::Inspect { items: items.clone() })?;
                let lots = became(&items, run.since()).into_iter().zip(goes);
                let put = lots.filter_map(|(lot, to)| to.map(|(to, ground)| (lot, to, ground))).collect();
                for command in disposals(put) {
                    run.decide(&command)?;
                }
                Ok(())
            })
        });
        story.await
    }
}
