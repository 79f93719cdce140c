//! The dock: what somebody at work says of goods, from the page of a return.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, Noted, StaffTold};
use app::staff::{DockForm, InspectForm, PutForm, ReceiveForm, SendBackForm};
use domain::ids::Sku;
use domain::returns::{Command, CommandKind, Refused, Return};
use domain::rma::RmaNumber;
use domain::staff::Member;

use super::{Kept, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Access, Arrival, Booking, Carried, ChangeError, FoundGoods, may_not};
use crate::store::{MAIN_WAREHOUSE, StoreError};

/// Why nothing was booked.
enum NotBooked {
    Mistaken(Vec<Noted>),
    Change(ChangeError),
}

impl From<ChangeError> for NotBooked {
    fn from(error: ChangeError) -> Self {
        Self::Change(error)
    }
}

impl From<StoreError> for NotBooked {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

/// Whoever is at the dock, the return before them, and leave to change it.
type AtDock = (Member, RmaNumber, Access<Return>);

/// They looked at the return as it stands.
fn check_seen(seen: u64, request: &Return) -> Result<(), NotBooked> {
    if seen == request.version { Ok(()) } else { Err(NotBooked::Mistaken(vec![noted("", Mistake::Changed)])) }
}

/// They work where it lies.
fn check_place(request: &Return, member: &Member) -> Result<(), NotBooked> {
    let warehouse = request.receipts.last().and_then(|receipt| receipt.warehouse.as_deref()).unwrap_or(MAIN_WAREHOUSE);
    let allowed = member.limits.allows_warehouse(Some(warehouse));
    if allowed { Ok(()) } else { Err(NotBooked::Mistaken(vec![noted("", Mistake::DockElsewhere)])) }
}

impl StaffDesk {
    /// "Book in".
    pub async fn receive(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let form = DockForm::RECEIVE.to_owned();
        let (member, rma, access) = match self.at_dock(rma, CommandKind::Receive) {
            Ok(found) => found,
            Err(refused) => return self.not_booked(refused?, form, fields, vec![noted("", may_not(CommandKind::Receive))]).await,
        };
        let sent = fields.clone();
        let booked = self.services.book_in(access, None, move |request| received(&sent, request, &member)).await;
        self.booked(rma, CommandKind::Receive, form, fields, booked).await
    }

    /// "Looked at".
    pub async fn inspect(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let form = InspectForm::line_of(fields).map(DockForm::of_line).unwrap_or_default();
        let (member, rma, access) = match self.at_dock(rma, CommandKind::Inspect) {
            Ok(found) => found,
            Err(refused) => return self.not_booked(refused?, form, fields, vec![noted("", may_not(CommandKind::Inspect))]).await,
        };
        let sent = fields.clone();
        let booked = self.services.look_at(access, None, move |request| looked_at(&sent, request, &member)).await;
        self.booked(rma, CommandKind::Inspect, form, fields, booked).await
    }

    /// "Put away".
    pub async fn put_away(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let form = DockForm::PUT.to_owned();
        let (member, rma, access) = match self.at_dock(rma, CommandKind::Dispose) {
            Ok(found) => found,
            Err(refused) => return self.not_booked(refused?, form, fields, vec![noted("", may_not(CommandKind::Dispose))]).await,
        };
        let sent = fields.clone();
        let put = move |request: &Return| {
            let form = PutForm::parse(&sent, request).map_err(NotBooked::Mistaken)?;
            check_seen(form.version, request)?;
            check_place(request, &member)?;
            Ok(form.lots)
        };
        let booked = self.services.put_away(access, None, put).await;
        self.booked(rma, CommandKind::Dispose, form, fields, booked).await
    }

    /// "It has left".
    pub async fn send_back(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let form = DockForm::SEND_BACK.to_owned();
        let (member, rma, access) = match self.at_dock(rma, CommandKind::SendBack) {
            Ok(found) => found,
            Err(refused) => return self.not_booked(refused?, form, fields, vec![noted("", may_not(CommandKind::SendBack))]).await,
        };
        let sent = fields.clone();
        let left = move |request: &Return| {
            let form = SendBackForm::parse(&sent).map_err(NotBooked::Mistaken)?;
            check_seen(form.version, request)?;
            check_place(request, &member)?;
            Ok::<_, NotBooked>(Command::SendBack { lots: None, tracking_number: form.tracking_number })
        };
        let booked = self.services.carry_out(access, None, left).await;
        self.booked(rma, CommandKind::SendBack, form, fields, booked).await
    }

    /// Whoever is at the dock, with leave to give that command; the return alone where they may not.
    fn at_dock(&self, rma: &str, kind: CommandKind) -> Result<AtDock, Result<RmaNumber, DeskError>> {
        let member = self.member().map_err(Err)?.clone();
        let rma: RmaNumber = rma.parse().map_err(|_| Err(DeskError::NotFound))?;
        match Access::of_staff(&member, rma, kind, self.services.seal_of(self.visitor.address)) {
            Some(access) => Ok((member, rma, access)),
            None => Err(Ok(rma)),
        }
    }

    async fn booked(
        &mut self,
        rma: RmaNumber,
        kind: CommandKind,
        form: String,
        fields: &Fields,
        booked: Result<Carried, NotBooked>,
    ) -> Result<StaffNext, DeskError> {
        let mistakes = match booked {
            Ok(carried) => {
                let undo = carried.command.map(|command| command.to_string());
                // What was booked in is looked at next, on the same page.
                return self.told(StaffTold::Done { rma, command: kind.code().to_owned(), undo }, format!("/staff/returns/{rma}")).await;
            }
            Err(NotBooked::Mistaken(mistakes)) => mistakes,
            Err(NotBooked::Change(ChangeError::Unknown)) => return Err(DeskError::NotFound),
            Err(NotBooked::Change(ChangeError::Refused(Refused::Left { lot, left, .. }))) => {
                let field = if kind == CommandKind::Receive { ReceiveForm::count_of(lot.line) } else { InspectForm::count_of(lot.line) };
                vec![noted(field, Mistake::DockCount { most: left })]
            }
            Err(NotBooked::Change(ChangeError::Refused(Refused::NoGround))) => {
                let line = InspectForm::line_of(fields);
                let first = || fields.0.iter().find(|(name, _)| name.starts_with(InspectForm::GROUND)).map(|(name, _)| name.clone());
                vec![noted(
                    line.map(|line| InspectForm::field(InspectForm::GROUND, line)).or_else(first).unwrap_or_default(),
                    Mistake::DockGround,
                )]
            }
            Err(NotBooked::Change(ChangeError::Refused(_))) => vec![noted("", Mistake::StaffNotNow)],
            Err(NotBooked::Change(ChangeError::Store(StoreError::Newer))) => vec![noted("", Mistake::Changed)],
            Err(NotBooked::Change(error)) => return Err(failed(&error)),
        };
        self.not_booked(rma, form, fields, mistakes).await
    }

    /// Back to the form, with what was typed.
    async fn not_booked(&mut self, rma: RmaNumber, form: String, fields: &Fields, mistakes: Vec<Noted>) -> Result<StaffNext, DeskError> {
        let path = format!("/staff/returns/{rma}");
        // What is kept between two pages is small.
        let short: Vec<(String, String)> =
            fields.0.iter().take(400).map(|(name, value)| (name.clone(), value.chars().take(2_000).collect())).collect();
        let typed = serde_json::to_string(&short).map_err(|error| failed(&error))?;
        self.keep(Kept { at: path.clone(), open: form, typed, mistakes, ..Kept::default() }).await?;
        Ok(StaffNext::to(path))
    }
}

fn received(fields: &Fields, request: &Return, member: &Member) -> Result<Arrival, NotBooked> {
    let form = ReceiveForm::parse(fields, request).map_err(NotBooked::Mistaken)?;
    check_seen(form.version, request)?;
    let wrong = |field: &str, mistake| NotBooked::Mistaken(vec![noted(field, mistake)]);
    let named = |text: Option<String>, field: &str| match text.map(|text| text.parse::<Sku>()) {
        None => Ok(None),
        Some(Ok(sku)) => Ok(Some(sku)),
        Some(Err(_)) => Err(wrong(field, Mistake::Unanswered)),
    };
    let warehouse = named(form.warehouse, ReceiveForm::WAREHOUSE)?.map_or_else(|| MAIN_WAREHOUSE.to_owned(), |name| name.to_string());
    if !member.limits.allows_warehouse(Some(&warehouse)) {
        return Err(wrong(ReceiveForm::WAREHOUSE, Mistake::DockElsewhere));
    }
    let sku = named(form.sku, ReceiveForm::SKU)?;
    let tracking_number = request.parcels.iter().rfind(|parcel| !parcel.voided).map(|parcel| parcel.tracking_number.clone());
    let came = form.counted.into_iter().map(|(line, units, outcome)| Booking { lines: vec![line], units: Some(units), outcome });
    let beside = (form.beside > 0).then_some((None, sku, form.beside));
    Ok(Arrival { warehouse: Some(warehouse), tracking_number, came: came.collect(), beside: beside.into_iter().collect() })
}

fn looked_at(fields: &Fields, request: &Return, member: &Member) -> Result<Vec<FoundGoods>, NotBooked> {
    let form = InspectForm::parse(fields, request).map_err(NotBooked::Mistaken)?;
    check_seen(form.version, request)?;
    check_place(request, member)?;
    let InspectForm { line, units, found, grade, deduct, to, ground, words, .. } = form;
    let (lines, units) = (vec![line], Some(units));
    Ok(vec![FoundGoods { lines, units, found, grade, deduct, findings: words, evidence: Vec::new(), to, ground }])
}
