//! What a warehouse says of goods: what came of what was looked for, what it is like, and where it goes. By line and units, as people count.

use domain::ids::Sku;
use domain::money::split;
use domain::policy::Seen;
use domain::returns::{
    Answers, Beside, Command, CommandKind, Deduction, Disposition, Event, Finding, Grade, HandOut, Inspection, LineNo, Looked, LotNo, Move,
    Outcome, Proposed, Recorded, Refused, Return,
};
use domain::scrap::ScrapGround;

use super::Services;
use super::access::Access;
use super::at_hand::{Answer, LineAtHand};
use super::evidence::Received;
use super::once::{Carried, IdempotencyKey};
use super::own_photos::OwnPhotos;
use super::refusals::ChangeError;
use super::request::{RequestProblem, Wrong};
use crate::store::{MAIN_WAREHOUSE, StoreError};

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
    /// Nothing: what the answers mean; where they mean nothing else, that they are as said.
    pub found: Option<Inspection>,
    /// Nothing: what the answers mean.
    pub grade: Option<Grade>,
    /// Nothing: what the policy takes off for the grade.
    pub deduct: Option<Deduction>,
    pub findings: Option<String>,
    /// Photos, by name.
    pub evidence: Vec<String>,
    /// What was answered to the form of these goods.
    pub answers: Vec<Answer>,
    /// Where they go, if that is decided; else where a rule says.
    pub to: Option<Disposition>,
    /// Why they go elsewhere than a rule says.
    pub why: Option<String>,
    /// Why clothes or shoes may be destroyed (N20).
    pub ground: Option<ScrapGround>,
}

/// A lot that is put away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAway {
    pub lot: LotNo,
    pub to: Disposition,
    /// Why clothes or shoes may be destroyed (N20).
    pub ground: Option<ScrapGround>,
    /// Why it goes elsewhere than a rule says.
    pub why: Option<String>,
}

/// A finding, and what is known of where it goes.
struct Told {
    finding: Finding,
    to: Option<Disposition>,
    ground: Option<ScrapGround>,
    proposed: Option<Proposed>,
}

/// Units of lines that wait to be looked at; where none does any more, all of them.
fn waiting(request: &Return, lines: &[LineNo]) -> u32 {
    let out = HandOut::of(request);
    let waiting: u32 = lines.iter().map(|line| out.waiting(CommandKind::Inspect, *line)).sum();
    let all = || request.lots().filter(|(line, _)| lines.contains(&line.id)).map(|(_, lot)| lot.units).sum();
    if waiting > 0 { waiting } else { all() }
}

/// What was found, by lots, with what the rules of their policies make of it.
fn findings(request: &Return, found: &[Found], rules: &[LineAtHand]) -> Result<Vec<Told>, ChangeError> {
    let mut out = HandOut::of(request);
    let (mut told, mut problems) = (Vec::new(), Vec::new());
    for (place, one) in found.iter().enumerate() {
        let at = |field: &str| format!("lines[{place}].{field}");
        let rule = one.lines.first().and_then(|line| rules.iter().find(|rule| rule.line == *line));
        // What is said decides which lots it is said of; where the answers say it, they are looked at first.
        let said = one.found.and_then(Inspection::found);
        let units = one.units.unwrap_or_else(|| waiting(request, &one.lines));
        let (answers, grade, meant) = match rule.map(|rule| rule.answered(&one.answers, units, said)) {
            Some(Ok(answered)) => answered,
            Some(Err(wrong)) => {
                problems.extend(
                    wrong
                        .into_iter()
                        .map(|(question, why)| RequestProblem { field: at(&format!("answers.{question}")), wrong: why.into() }),
                );
                continue;
            }
            None => (Answers::default(), None, None),
        };
        if said.is_none() && answers.is_empty() {
            problems.push(RequestProblem { field: at("result"), wrong: Wrong::Missing("what was found") });
            continue;
        }
        let now = said.or(meant).unwrap_or(domain::policy::Found::Accepted);
        let (found, grade) = (Inspection::from(now), one.grade.or(grade));
        let seen = Seen { found: now, grade };
        let by_grade = rule.filter(|_| one.deduct.is_none() && now == domain::policy::Found::Downgraded).and_then(|rule| rule.graded(seen));
        let (deduct, deduct_rule) = match by_grade {
            Some((deduct, rule)) => (Some(deduct), Some(rule)),
            None => (one.deduct, None),
        };
        let proposed = rule.and_then(|rule| rule.goes_to(seen));
        if let (Some(to), Some(proposed), None) = (one.to, &proposed, &one.why)
            && proposed.to != to
        {
            problems
                .push(RequestProblem { field: at("reason"), wrong: Wrong::Elsewhere { rule: proposed.by.rule.clone(), to: proposed.to } });
            continue;
        }
        let to_do = Move::of_finding(found).ok_or(Refused::Senseless("an inspection says what was found"))?;
        let lots = out.take(CommandKind::Inspect, &one.lines, one.units, to_do)?;
        // So much for all of them together.
        let weights: Vec<i64> = lots.iter().map(|(_, units)| i64::from(*units)).collect();
        let shares: Vec<Option<Deduction>> = match deduct {
            Some(Deduction::Amount(amount)) => split(amount, &weights).into_iter().map(|share| Some(Deduction::Amount(share))).collect(),
            other => vec![other; lots.len()],
        };
        for ((lot, units), deduct) in lots.into_iter().zip(shares) {
            let finding = Finding {
                grade,
                deduct,
                deduct_rule: deduct_rule.clone(),
                findings: one.findings.clone(),
                evidence: one.evidence.clone(),
                answers: answers.clone(),
                ..Finding::plain(lot, units, found)
            };
            let proposed = proposed.clone().map(|proposed| Proposed { otherwise: one.why.clone(), ..proposed });
            told.push(Told { finding, to: one.to, ground: one.ground, proposed });
        }
    }
    if problems.is_empty() { Ok(told) } else { Err(ChangeError::Problems(problems)) }
}

/// The lots that these findings became, in their order, and whether they were found so newly: what was split off has a name of its own.
fn became(items: &[Finding], since: &[Recorded]) -> Vec<(LotNo, bool)> {
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
        Some(place) => (looked.remove(place).lot, true),
        // It was found so before.
        None => (item.lot, false),
    };
    items.iter().map(lot).collect()
}

/// What goes to one place for one reason goes there in one.
#[derive(Default)]
struct Disposals(Vec<(Place, Vec<LotNo>)>);

/// Where goods go, why they may be destroyed there, and what a rule said of it.
type Place = (Disposition, Option<ScrapGround>, Option<Proposed>);

impl Disposals {
    fn put(&mut self, lot: LotNo, place: Place) {
        match self.0.iter_mut().find(|(known, _)| *known == place) {
            Some((_, lots)) => lots.push(lot),
            None => self.0.push((place, vec![lot])),
        }
    }

    fn commands(self) -> impl Iterator<Item = Command> {
        self.0.into_iter().map(|((to, ground, proposed), lots)| Command::Dispose { lots, to, ground, proposed })
    }
}

/// Whether a rule is followed as soon as goods were looked at. Of what less money is still to be offered the customer may want the goods back:
/// till then it is kept apart at the most.
fn is_followed(found: Inspection, to: Disposition) -> bool {
    found != Inspection::Downgraded || to == Disposition::Quarantine
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

    /// Puts lots where they go; what a rule said of it is kept beside.
    pub async fn put_away<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        lots: impl FnOnce(&Return) -> Result<Vec<PutAway>, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let story = self.run_asked(access, key, lots, |services, run, put| {
            Box::pin(async move {
                let lines: Vec<LineNo> = put.iter().map(|one| one.lot.line).collect();
                let rules = services.at_hand(run.conn, &run.request, &lines).await?;
                let mut disposals = Disposals::default();
                for one in put {
                    let rule = rules.iter().find(|rule| rule.line == one.lot.line);
                    let proposed = rule.zip(run.request.lot(one.lot)).and_then(|(rule, (_, lot))| rule.lot_goes_to(lot));
                    let proposed = proposed.map(|proposed| Proposed { otherwise: one.why.clone(), ..proposed });
                    disposals.put(one.lot, (one.to, one.ground, proposed));
                }
                for command in disposals.commands() {
                    run.decide(&command)?;
                }
                Ok(())
            })
        });
        story.await
    }

    /// Says what goods are like, and puts them where they go, in one: where somebody says, else where a rule does (C18, C19); the house keeps its photos
    /// of them. Where nothing comes of it, the photos that were read for it are forgotten.
    pub async fn look_at<E>(
        &self,
        access: Access<Return>,
        key: Option<IdempotencyKey>,
        photos: OwnPhotos,
        found: impl FnOnce(&Return) -> Result<Vec<Found>, E> + Send + 'static,
    ) -> Result<Carried, E>
    where
        E: From<ChangeError> + From<StoreError> + Send + 'static,
    {
        let new: Vec<Received> = photos.new.iter().map(|(_, file)| file.clone()).collect();
        let story = self.run_asked(access, key, found, move |services, run, found| {
            Box::pin(async move {
                let lines: Vec<LineNo> = found.iter().flat_map(|one| one.lines.iter().copied()).collect();
                let rules = services.at_hand(run.conn, &run.request, &lines).await?;
                let told = findings(&run.request, &found, &rules)?;
                let items: Vec<Finding> = told.iter().map(|told| told.finding.clone()).collect();
                run.decide(&Command::Inspect { items: items.clone() })?;
                if !run.since().is_empty() {
                    let named: Vec<String> = found.iter().flat_map(|found| found.evidence.iter().cloned()).collect();
                    let request = run.request.clone();
                    services.hold_for_house(run.conn, &request, photos, &named).await?;
                }
                let (mut by_them, mut by_rule) = (Disposals::default(), Disposals::default());
                for ((lot, newly), told) in became(&items, run.since()).into_iter().zip(told) {
                    let lies = run.request.lot(lot).is_some_and(|(_, lot)| lot.state.disposition == Disposition::None);
                    match (told.to, told.proposed) {
                        (Some(to), proposed) => by_them.put(lot, (to, told.ground, proposed)),
                        (None, Some(proposed)) if newly && lies && is_followed(told.finding.found, proposed.to) => {
                            by_rule.put(lot, (proposed.to, None, Some(Proposed { otherwise: None, ..proposed })));
                        }
                        (None, _) => {}
                    }
                }
                for command in by_them.commands() {
                    run.decide(&command)?;
                }
                for command in by_rule.commands() {
                    match run.decide_by_rule(&command) {
                        // A person is asked: for a lawful ground to destroy it, or because it may not go there as it stands.
                        Err(ChangeError::Refused(_)) | Ok(()) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            })
        });
        let carried = story.await;
        if !carried.as_ref().is_ok_and(|carried| carried.command.is_some()) {
            self.discard(new).await;
        }
        carried
    }
}
