//! The dock: what somebody at work says of goods, from the page of a return.
//! Long because what is said at the dock is told apart by its fields here, and nowhere else.

use std::sync::Arc;

use app::forms::{Fields, noted};
use app::ports::{CaseLooked, DeskError, DockLine, DockPlace, DockWay, Mistake, Noted, StaffTold};
use app::staff::{Decide, DockForm, InspectForm, PutForm, PutLot, ReceiveForm, SendBackForm};
use domain::ids::Sku;
use domain::policy::{Found, Grade, LONGEST_ANSWER, NoAnswer};
use domain::returns::{Command, CommandKind, Deduction, Event, HandOut, History, LineNo, Lot, LotNo, Proposed, Recorded, Refused, Return};
use domain::rma::RmaNumber;
use domain::staff::Member;
use serde_json::json;

use super::{StaffDesk, StaffNext};
use crate::desks::shopper::show::refused;
use crate::desks::{NotKept, failed};
use crate::secrets;
use crate::services::{
    Access, Answered, Arrival, Booking, Carried, ChangeError, FormAnswer, FoundGoods, IdempotencyKey, LineAtHand, OwnPhotos, PutAway,
    Received, RequestProblem, Wrong, may_not,
};
use crate::store::{MAIN_WAREHOUSE, StoreError};

/// Where returns are shown, and a form of theirs leads back to.
pub(super) const CASE: &str = "/staff/returns";
/// Fields of a form, with those of as many lines as a return has.
const MOST_FIELDS: usize = 400;
/// Characters of a name by which something is taken once.
const LONGEST_KEY: usize = 64;

/// What came of something that was said of a return's goods: carried out, or what is wrong with it.
pub(super) type Tried = (RmaNumber, Result<Carried, Vec<Noted>>);

/// Why nothing was booked.
pub(super) enum NotBooked {
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
pub(super) type AtDock = (Member, RmaNumber, Access<Return>);

/// They looked at the return as it stands.
pub(super) fn check_seen(seen: u64, request: &Return) -> Result<(), NotBooked> {
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
        let (rma, tried) = self.try_receive(rma, fields).await?;
        self.booked(CASE, rma, CommandKind::Receive, DockForm::RECEIVE.to_owned(), fields, tried).await
    }

    pub(super) async fn try_receive(&self, rma: &str, fields: &Fields) -> Result<Tried, DeskError> {
        let (member, rma, access) = match self.at_dock(rma, CommandKind::Receive) {
            Ok(found) => found,
            Err(refused) => return Ok((refused?, Err(vec![noted("", may_not(CommandKind::Receive))]))),
        };
        let (sent, once) = (fields.clone(), once(&member, CommandKind::Receive, rma, fields));
        let booked = self.services.book_in(access, once, move |request| received(&sent, request, &member)).await;
        Ok((rma, or_mistakes(booked, CommandKind::Receive, fields)?))
    }

    /// "Looked at", with photos: their field, what each is called, and the photo.
    pub async fn inspect(
        &mut self,
        rma: &str,
        fields: &Fields,
        photos: Vec<(String, String, Received)>,
        not_kept: Vec<NotKept>,
    ) -> Result<StaffNext, DeskError> {
        let (rma, tried) = self.try_inspect(rma, fields, photos, not_kept).await?;
        let form = InspectForm::line_of(fields).map(DockForm::of_line).unwrap_or_default();
        self.booked(CASE, rma, CommandKind::Inspect, form, fields, tried).await
    }

    pub(super) async fn try_inspect(
        &self,
        rma: &str,
        fields: &Fields,
        photos: Vec<(String, String, Received)>,
        not_kept: Vec<NotKept>,
    ) -> Result<Tried, DeskError> {
        let mut mistakes = refused(not_kept);
        mistakes.extend(self.too_many(&photos));
        let (member, rma, access) = match self.at_dock(rma, CommandKind::Inspect) {
            Ok(found) if mistakes.is_empty() => found,
            taken => {
                self.services.discard(photos.into_iter().map(|(.., file)| file)).await;
                return Ok(match taken {
                    Ok((_, rma, _)) => (rma, Err(mistakes)),
                    Err(refused) => (refused?, Err(vec![noted("", may_not(CommandKind::Inspect))])),
                });
            }
        };
        let (sent, once) = (fields.clone(), once(&member, CommandKind::Inspect, rma, fields));
        let photos = own_photos(fields, photos);
        let named: Vec<String> = photos.new.iter().map(|(_, file)| file.id().to_owned()).collect();
        let booked = self.services.look_at(access, once, photos, move |request| looked_at(&sent, request, &member, named)).await;
        Ok((rma, or_mistakes(booked, CommandKind::Inspect, fields)?))
    }

    /// More photos than are kept of one line.
    fn too_many(&self, photos: &[(String, String, Received)]) -> Option<Noted> {
        let (field, file, _) = photos.get(self.services.config.limits.evidence.per_line)?;
        Some(noted(field, Mistake::EvidenceRefused { file: file.clone(), code: "too_many".to_owned() }))
    }

    /// "Put away".
    pub async fn put_away(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let form = DockForm::PUT.to_owned();
        let (member, rma, access) = match self.at_dock(rma, CommandKind::Dispose) {
            Ok(found) => found,
            Err(refused) => return self.not_booked(CASE, refused?, form, fields, vec![noted("", may_not(CommandKind::Dispose))]).await,
        };
        let sent = fields.clone();
        let put = move |request: &Return| {
            let form = PutForm::parse(&sent, request).map_err(NotBooked::Mistaken)?;
            check_seen(form.version, request)?;
            check_place(request, &member)?;
            let put = |PutLot { lot, to, ground, why }| PutAway { lot, to, ground, why };
            Ok(form.lots.into_iter().map(put).collect())
        };
        let booked = self.services.put_away(access, None, put).await;
        let tried = or_mistakes(booked, CommandKind::Dispose, fields)?;
        self.booked(CASE, rma, CommandKind::Dispose, form, fields, tried).await
    }

    /// "It has left".
    pub async fn send_back(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let form = DockForm::SEND_BACK.to_owned();
        let (member, rma, access) = match self.at_dock(rma, CommandKind::SendBack) {
            Ok(found) => found,
            Err(refused) => return self.not_booked(CASE, refused?, form, fields, vec![noted("", may_not(CommandKind::SendBack))]).await,
        };
        let sent = fields.clone();
        let left = move |request: &Return| {
            let form = SendBackForm::parse(&sent).map_err(NotBooked::Mistaken)?;
            check_seen(form.version, request)?;
            check_place(request, &member)?;
            Ok::<_, NotBooked>(Command::SendBack { lots: None, tracking_number: form.tracking_number })
        };
        let booked = self.services.carry_out(access, None, left).await;
        let tried = or_mistakes(booked, CommandKind::SendBack, fields)?;
        self.booked(CASE, rma, CommandKind::SendBack, form, fields, tried).await
    }

    /// Whoever is at the dock, with leave to give that command; the return alone where they may not.
    pub(super) fn at_dock(&self, rma: &str, kind: CommandKind) -> Result<AtDock, Result<RmaNumber, DeskError>> {
        let member = self.member().map_err(Err)?.clone();
        let rma: RmaNumber = rma.parse().map_err(|_| Err(DeskError::NotFound))?;
        match Access::of_staff(&member, rma, kind, self.services.seal_of(self.visitor.address)) {
            Some(access) => Ok((member, rma, access)),
            None => Err(Ok(rma)),
        }
    }

    pub(super) async fn booked(
        &mut self,
        place: &str,
        rma: RmaNumber,
        kind: CommandKind,
        form: String,
        fields: &Fields,
        tried: Result<Carried, Vec<Noted>>,
    ) -> Result<StaffNext, DeskError> {
        match tried {
            Ok(carried) => {
                let undo = carried.command.map(|command| command.to_string());
                // What was booked in is looked at next, on the same page.
                self.told(StaffTold::Done { rma, command: kind.code().to_owned(), undo }, format!("{place}/{rma}")).await
            }
            Err(mistakes) => self.not_booked(place, rma, form, fields, mistakes).await,
        }
    }

    /// Back to the form, with what was typed.
    pub(super) async fn not_booked(
        &mut self,
        place: &str,
        rma: RmaNumber,
        form: String,
        fields: &Fields,
        mistakes: Vec<Noted>,
    ) -> Result<StaffNext, DeskError> {
        self.form_again(format!("{place}/{rma}"), form, fields, MOST_FIELDS, mistakes).await
    }
}

/// The name by which something that was said at the dock is taken once: of whoever says it, of what is said whichever version it is said of.
pub(super) fn once(member: &Member, kind: CommandKind, rma: RmaNumber, fields: &Fields) -> Option<IdempotencyKey> {
    let key = fields.maybe(DockForm::KEY)?;
    let plain = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let said: Vec<&(String, String)> = fields.0.iter().filter(|(name, _)| name != Decide::VERSION).collect();
    plain.then(|| IdempotencyKey {
        scope: format!("staff:{}", member.id),
        key,
        digest: secrets::digest(&format!("{said:?}")),
        request: Some(secrets::digest(&format!("{kind} {rma}"))),
        answer: Some(Arc::new(|request: &Return| Answered {
            status: 200,
            location: None,
            body: json!({ "version": request.version }).to_string(),
        })),
    })
}

/// Why it was not taken, at its field.
pub(super) fn or_mistakes(
    booked: Result<Carried, NotBooked>,
    kind: CommandKind,
    fields: &Fields,
) -> Result<Result<Carried, Vec<Noted>>, DeskError> {
    let mistakes = match booked {
        Ok(carried) => return Ok(Ok(carried)),
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
        Err(NotBooked::Change(ChangeError::Refused(Refused::NotAsProposed { to, rule }))) => {
            // The first of them that goes elsewhere without a word of why.
            let lot = fields.0.iter().find_map(|(name, value)| {
                let lot = name.strip_prefix(InspectForm::TO)?.strip_prefix('|')?;
                let silent = fields.get(&format!("{}|{lot}", InspectForm::WHY)).trim().is_empty();
                (silent && !value.is_empty() && value != to.name()).then(|| lot.to_owned())
            });
            let field = lot.map(|lot| format!("{}|{lot}", InspectForm::WHY)).unwrap_or_default();
            vec![noted(field, Mistake::DockElsewhereWhy { rule: rule.to_string(), to: to.name().to_owned() })]
        }
        Err(NotBooked::Change(ChangeError::Problems(problems))) => {
            let line = InspectForm::line_of(fields);
            let at = |problem| line.map_or_else(|| noted("", Mistake::Changed), |line| at_field(problem, line, fields));
            problems.iter().map(at).collect()
        }
        Err(NotBooked::Change(ChangeError::TooManyPhotos(_))) => {
            let field = InspectForm::line_of(fields).map(|line| InspectForm::field(InspectForm::PHOTOS, line)).unwrap_or_default();
            vec![noted(field, Mistake::EvidenceRefused { file: String::new(), code: "too_many".to_owned() })]
        }
        Err(NotBooked::Change(ChangeError::Refused(_))) => vec![noted("", Mistake::StaffNotNow)],
        Err(NotBooked::Change(ChangeError::KeyReused | ChangeError::Store(StoreError::Newer))) => vec![noted("", Mistake::Changed)],
        Err(NotBooked::Change(error)) => return Err(failed(&error)),
    };
    Ok(Err(mistakes))
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

/// The photos of the line that the form is of.
fn own_photos(fields: &Fields, photos: Vec<(String, String, Received)>) -> OwnPhotos {
    let Some(line) = InspectForm::line_of(fields) else { return OwnPhotos::default() };
    OwnPhotos { new: photos.into_iter().map(|(.., file)| (line, file)).collect(), key: None }
}

fn looked_at(fields: &Fields, request: &Return, member: &Member, evidence: Vec<String>) -> Result<Vec<FoundGoods>, NotBooked> {
    let form = InspectForm::parse(fields, request).map_err(NotBooked::Mistaken)?;
    check_seen(form.version, request)?;
    check_place(request, member)?;
    let InspectForm { line, units, found, grade, deduct, to, why, ground, words, answers, .. } = form;
    let (lines, units) = (vec![line], Some(units));
    let answers = answers.into_iter().map(|(question, answer, why)| FormAnswer { question, answer, why }).collect();
    Ok(vec![FoundGoods { lines, units, found, grade, deduct, findings: words, evidence, answers, to, why, ground }])
}

/// What is wrong with an inspection, at its field of the form.
fn at_field(problem: &RequestProblem, line: LineNo, fields: &Fields) -> Noted {
    let question = problem.field.rsplit("answers.").next().unwrap_or_default();
    let units = fields.get(&InspectForm::count_of(line)).parse().unwrap_or(1);
    let answer = |mistake| noted(InspectForm::answer_of(question, line), mistake);
    match &problem.wrong {
        Wrong::Elsewhere { rule, to } => {
            let mistake = Mistake::DockElsewhereWhy { rule: rule.to_string(), to: to.name().to_owned() };
            noted(InspectForm::field(InspectForm::WHY, line), mistake)
        }
        Wrong::Answer(NoAnswer::Missing | NoAnswer::NotOne(_)) => answer(Mistake::Unanswered),
        Wrong::Answer(NoAnswer::NoNumber) => answer(Mistake::DockAnswerNumber),
        Wrong::Answer(NoAnswer::Long) => answer(Mistake::DockAnswerLong { most: LONGEST_ANSWER as u32 }),
        Wrong::Answer(NoAnswer::Count { .. }) => answer(Mistake::DockAnswerSerials { units }),
        Wrong::Answer(NoAnswer::Twice(serial)) => answer(Mistake::DockAnswerTwice { serial: serial.clone() }),
        Wrong::Answer(NoAnswer::NotSold(serial)) => answer(Mistake::DockAnswerNotSold { serial: serial.clone() }),
        Wrong::Missing(_) => noted(InspectForm::field(InspectForm::RESULT, line), Mistake::Unanswered),
        // The form that was filled in is not that of these goods any more.
        _ => noted("", Mistake::Changed),
    }
}

/// What the policies of a return's orders say of goods that wait to be looked at, and of lots that lie there.
pub(super) fn dock_of(request: &Return, rules: &[LineAtHand], ahead: bool) -> (Vec<DockLine>, Vec<(LotNo, DockPlace)>) {
    let out = HandOut::of(request);
    let waits = |kind, rule: &LineAtHand| out.waiting(kind, rule.line) > 0;
    let looked_at = rules.iter().filter(|rule| waits(CommandKind::Inspect, rule) || (ahead && waits(CommandKind::Receive, rule)));
    let lines = looked_at.map(|rule| DockLine {
        line: rule.line,
        questions: rule.form().map(|form| form.then.questions).unwrap_or_default(),
        ways: ways_of(rule),
        percents: rule.percents(),
    });
    let place = |proposed: Proposed| DockPlace { to: proposed.to, rule: proposed.by.rule.to_string() };
    let proposed = PutForm::waiting(request).filter_map(|(line, lot)| {
        let rule = rules.iter().find(|rule| rule.line == line.id)?;
        Some((lot.id, place(rule.lot_goes_to(lot)?)))
    });
    (lines.collect(), proposed.collect())
}

/// What was found of each lot the last time it was looked at; what was taken back was not found.
pub(super) fn looked_of(history: &History, rules: &[LineAtHand]) -> Vec<CaseLooked> {
    let mut stands: Vec<&Recorded> = Vec::new();
    for recorded in &history.events {
        match &recorded.event {
            Event::TakenBack { from } => stands.retain(|before| before.seq < *from),
            Event::Inspected { .. } => stands.push(recorded),
            _ => {}
        }
    }
    let items =
        || stands.iter().rev().filter_map(|recorded| if let Event::Inspected { items } = &recorded.event { Some(items) } else { None });
    let look = |(_, lot): (_, &Lot)| {
        let item = items().flatten().find(|item| item.lot == lot.id)?;
        let form = rules.iter().find(|rule| rule.line == lot.id.line).and_then(LineAtHand::form);
        let answers = item.answers.given.iter().filter_map(|one| {
            let question = form.as_ref()?.then.question(one.question.as_str())?.clone();
            Some((question, one.answer.clone(), one.why.clone()))
        });
        let percent = match lot.deduct {
            Some(Deduction::Percent(percent)) => Some((percent, item.deduct_rule.as_ref().map(|by| by.rule.to_string()))),
            _ => None,
        };
        Some(CaseLooked { lot: lot.id, findings: item.findings.clone(), answers: answers.collect(), deduct: percent })
    };
    history.request.lots().filter_map(look).collect()
}

/// Where rules send goods of a line, each rule once, with what must be found for it.
fn ways_of(rule: &LineAtHand) -> Vec<DockWay> {
    let mut ways: Vec<DockWay> = Vec::new();
    let all = Grade::ALL.len() + 1;
    let mut found_by: Vec<(DockPlace, Found, Vec<Option<Grade>>)> = Vec::new();
    for way in rule.ways() {
        let place = DockPlace { to: way.proposed.to, rule: way.proposed.by.rule.to_string() };
        match found_by.iter_mut().find(|(known, found, _)| *known == place && *found == way.seen.found) {
            Some((.., grades)) => grades.push(way.seen.grade),
            None => found_by.push((place, way.seen.found, vec![way.seen.grade])),
        }
    }
    for (place, found, grades) in found_by {
        let named = if grades.len() == all { Vec::new() } else { grades.into_iter().flatten().collect() };
        match ways.iter_mut().find(|way| way.place == place) {
            Some(way) => way.when.push((found, named)),
            None => ways.push(DockWay { place, when: vec![(found, named)] }),
        }
    }
    ways
}
