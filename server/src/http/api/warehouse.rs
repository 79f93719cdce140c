//! The warehouse by machine: what a carrier saw, what came, what it is like, where it goes.
//! Long because each of these calls says in full what is sent with it.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::Sku;
use domain::item::LONGEST_COMMENT;
use domain::money::Amount;
use domain::plain::several_lines;
use domain::plausible::plausible;
use domain::policy::{BasisPoints, LONGEST_ANSWER, MOST_QUESTIONS};
use domain::returns::{Command, CommandKind, Deduction, Disposition, Grade, Inspection, LineNo, LotNo, Outcome, Return, Scan, ScanStatus};
use domain::rma::RmaNumber;
use domain::scrap::ScrapGround;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa_axum::routes;

use super::asked::{Fields, amount, codes, read, read_or_nothing};
use super::call::Call;
use super::commands::{LineNamed, check_version, give, lines_named};
use super::people::leave;
use super::problem::Problem;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::row::{Body, KeyedCall};
use crate::http::state::AppState;
use crate::services::{Arrival, Booking, FormAnswer, FoundGoods, OwnPhotos};
use crate::store::{Holder, Scope};

/// The calls, as rows.
pub(super) fn calls() -> Vec<KeyedCall> {
    let call = |scope, route| KeyedCall { scope, body: Body::Text, route };
    vec![
        call(Scope::Staff, routes!(scan)),
        call(Scope::Staff, routes!(receive)),
        call(Scope::Staff, routes!(inspect)),
        call(Scope::Staff, routes!(send_back)),
    ]
}

/// Units of an entry, at the most.
const MOST_UNITS: u32 = 1_000_000;
/// Lines told of in one call, at the most.
const MOST_LINES: usize = 500;
/// Characters of the name of a question.
const LONGEST_CODE: usize = 80;
/// Photos named in one entry, at the most.
const MOST_PHOTOS: usize = 20;
/// Characters of a place or a parcel's number.
const LONGEST_PLACE: usize = 200;

/// Outcomes: those of what was looked for, and what came beside it.
pub(super) const OUTCOMES: [&str; 6] = ["received", "short", "wrong_item", "empty", "extra", "unannounced"];

/// What a carrier saw of a parcel.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CarrierScan)]
pub struct ScanIn {
    /// The parcel's number, one of this return's.
    #[schema(min_length = 1, max_length = 200)]
    pub tracking_number: String,
    /// `accepted`, `in_transit`, `exception`, `delivered`, `lost`.
    pub status: String,
    /// When; not later than now.
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    /// Where, in the carrier's words.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub location: Option<String>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Say what a carrier saw of a parcel. The same again changes nothing.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/scans", tag = "warehouse", operation_id = "scan_parcel", request_body = ScanIn,
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn scan(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: ScanIn = read(&body)?;
    let mut fields = Fields::default();
    let status: Option<ScanStatus> = fields.one_of("status", Some(&given.status), &codes(ScanStatus::ALL, ScanStatus::code));
    let at = fields.parsed::<Timestamp>("at", Some(&given.at)).and_then(|at| plausible(at).map_err(|error| fields.wrong("at", error)).ok());
    if at.is_some_and(|at| at > state.services.clock.now()) {
        fields.wrong("at", "is later than now");
    }
    let location = short(&mut fields, "location", given.location);
    let tracking_number = short(&mut fields, "tracking_number", Some(given.tracking_number)).unwrap_or_default();
    fields.checked()?;
    let (Some(status), Some(at)) = (status, at) else { return Err(Problem::field("", "says what was seen, and when")) };
    let version = given.version;
    let access = leave(&desk, &rma, CommandKind::Scan);
    give(&state, &desk, &call, &body, access, move |request| {
        check_version(version, request)?;
        Ok(Command::Scan { tracking_number, scan: Scan { status, at, location } })
    })
    .await
}

/// Units of a line, or something beside them, that share an outcome.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReceivedLine)]
pub struct ReceivedLineIn {
    /// The line's name in the return; or `order` and `line`.
    #[serde(default)]
    pub id: Option<String>,
    /// Order; may be left out where the return is of one order.
    #[serde(default)]
    pub order: Option<String>,
    /// Line of the order; several lines of the return that are of it are filled in their order.
    #[serde(default)]
    pub line: Option<String>,
    /// Units newly handled; left out: all that nothing was said of yet. With `extra` and `unannounced`: 1.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub quantity: Option<u32>,
    /// `received` (if left out), `short` (the parcel came without it), `wrong_item` (something else in its place), `empty` (an empty parcel),
    /// `extra` (more of the line than was announced), `unannounced` (something that nobody announced; no line).
    #[serde(default)]
    pub outcome: Option<String>,
    /// What it is, where that can be told; with `extra` and `unannounced`.
    #[serde(default)]
    pub sku: Option<String>,
}

/// What came.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Receiving)]
pub struct ReceiveIn {
    /// Where; left out: `main`.
    #[serde(default)]
    pub warehouse: Option<String>,
    /// The parcel's number, where it is known.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub tracking_number: Option<String>,
    /// Left out: all that is waited for came.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 500)]
    pub lines: Option<Vec<ReceivedLineIn>>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Book in what came, by the unit; several outcomes for one line are told as several entries. Goods lie in quarantine from then on. What was booked in so
/// before answers as it stands. What is `extra` or `unannounced` waits as a parcel of its own (`/v1/parcels`) that names this return; told by itself, it is
/// more of the same each time, unless an `Idempotency-Key` says otherwise. No receipt promises money: what came short, wrong or not at all waits for a
/// person.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/receive", tag = "warehouse", operation_id = "receive_return",
    request_body(content = Option<ReceiveIn>, description = "Nothing is as good as `{}`"),
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn receive(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: ReceiveIn = read_or_nothing(&body)?;
    let access = leave(&desk, &rma, CommandKind::Receive)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let carried = state.services.book_in(access, named, move |request| given.arrival(request)).await?;
    Ok(call.answer(carried, StatusCode::OK))
}

impl ReceiveIn {
    fn arrival(self, request: &Return) -> Result<Arrival, Problem> {
        check_version(self.version, request)?;
        let mut fields = Fields::default();
        // A warehouse's name has the form of a product's.
        let warehouse: Option<Sku> = fields.parsed("warehouse", self.warehouse.as_deref());
        let tracking_number = short(&mut fields, "tracking_number", self.tracking_number);
        let mut arrival = Arrival { warehouse: warehouse.map(|name| name.to_string()), tracking_number, ..Arrival::default() };
        if let Some(lines) = self.lines {
            counted(&mut fields, lines.len());
            for (place, one) in lines.into_iter().enumerate() {
                let at = |field: &str| format!("lines[{place}].{field}");
                let text = one.outcome.as_deref().unwrap_or("received");
                bounded(&mut fields, at("quantity"), one.quantity);
                let sku: Option<Sku> = fields.parsed(at("sku"), one.sku.as_deref());
                match text {
                    "extra" | "unannounced" => {
                        let lines = match text {
                            "extra" => named(request, &mut fields, place, one.id, one.order, one.line),
                            _ if one.id.is_some() || one.line.is_some() => {
                                fields.wrong(at("outcome"), "`unannounced` is of no line; more of a line is `extra`");
                                Vec::new()
                            }
                            _ => Vec::new(),
                        };
                        arrival.beside.push((lines.first().copied(), sku, one.quantity.unwrap_or(1)));
                    }
                    _ => {
                        if sku.is_some() {
                            fields.wrong(at("sku"), "goes with `extra` and `unannounced`");
                        }
                        let known = ["received", "short", "wrong_item", "empty"];
                        let outcome = known.iter().zip(Outcome::ALL).find(|(name, _)| **name == text).map(|(_, outcome)| outcome);
                        let lines = named(request, &mut fields, place, one.id, one.order, one.line);
                        match outcome {
                            Some(outcome) => arrival.came.push(Booking { lines, units: one.quantity, outcome }),
                            None => fields.wrong(at("outcome"), format!("`{text}` is not one of {}", OUTCOMES.join(", "))),
                        }
                    }
                }
            }
        }
        fields.checked()?;
        Ok(arrival)
    }
}

fn percent() -> Schema {
    let whole = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(100));
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^(100|[0-9]{1,2}(\.[0-9]{1,2})?)$"));
    OneOfBuilder::new().item(whole).item(text).into()
}

/// How much less goods are worth than was said: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Deduct)]
pub struct DeductIn {
    /// So much of what they would be worth: 0 to 100, at most two decimals.
    #[serde(default)]
    #[schema(schema_with = percent)]
    pub percent: Option<Amount>,
    /// So much for all these units together, in the order's currency.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub amount: Option<Amount>,
}

/// An answer to a question of a form.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FormAnswer)]
pub struct AnswerIn {
    /// The question's id.
    #[schema(min_length = 1, max_length = 80)]
    pub question: String,
    /// `yes` or `no`, a choice's id, a whole number, or words; of `serial` a number for each unit, with commas between.
    #[schema(min_length = 1, max_length = 500)]
    pub answer: String,
    /// Why a serial number or batch is taken that was not sold on this line; else it is another article, and `rejected`.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub reason: Option<String>,
}

/// Units of a line that were looked at, and are alike.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = InspectedLine)]
pub struct InspectedLineIn {
    /// The line's name in the return; or `order` and `line`.
    #[serde(default)]
    pub id: Option<String>,
    /// Order; may be left out where the return is of one order.
    #[serde(default)]
    pub order: Option<String>,
    /// Line of the order; several lines of the return that are of it are filled in their order.
    #[serde(default)]
    pub line: Option<String>,
    /// Units newly handled; left out: all that wait.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub quantity: Option<u32>,
    /// How good they are: `A` (as new), `B` (slight traces), `C` (clear traces, works), `D` (broken or worthless).
    #[serde(default)]
    pub grade: Option<String>,
    /// `accepted` (as said), `downgraded` (worth less than said), `rejected` (not what was said); left out: what `answers` mean, `accepted` where
    /// they mean nothing else.
    #[serde(default)]
    pub result: Option<String>,
    /// With `downgraded`: how much less; left out: what the policy's `grade` table says, or, where it says nothing or the law gives more, a person
    /// before anything is offered.
    #[serde(default)]
    pub deduct: Option<DeductIn>,
    /// Where they go: `restock`, `refurbish`, `repair`, `resell`, `quarantine`, `donate`, `recycle`, `scrap`, `send_back`; left out: where the
    /// policy's `disposition` table says, or, where it says nothing, that is decided later, and they stay in quarantine.
    #[serde(default)]
    pub disposition: Option<String>,
    /// Why they go elsewhere than the policy's `disposition` table says, at most 2,000 characters; needed there, and kept.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub reason: Option<String>,
    /// What was answered to the form of these goods, which the policy's `inspection` table defines.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub answers: Vec<AnswerIn>,
    /// Why clothes or shoes may be destroyed, where the law asks for a reason (Delegated Regulation (EU) 2026/296).
    #[serde(default)]
    pub scrap_ground: Option<String>,
    /// What was found, at most 2,000 characters; for who works on it.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub findings: Option<String>,
    /// Photos of it, by name: uploaded with this key to `inspect/evidence`, or named for this return before. Customers do not see them.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub evidence: Option<Vec<String>>,
}

/// What was found.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Inspecting)]
pub struct InspectIn {
    #[schema(min_items = 1, max_items = 500)]
    pub lines: Vec<InspectedLineIn>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Say what goods are like, and where they go. Several findings for one line are told as several entries. What was found so before answers as it stands.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/inspect", tag = "warehouse", operation_id = "inspect_return", request_body = InspectIn,
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn inspect(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: InspectIn = read(&body)?;
    let access = leave(&desk, &rma, CommandKind::Inspect)?;
    let named = call.named(&desk.key, &body, StatusCode::OK)?;
    let mut fields = Fields::default();
    for (place, one) in given.lines.iter().enumerate() {
        check_photos(&desk, access.rma(), &mut fields, place, one.evidence.as_deref().unwrap_or_default()).await?;
    }
    fields.checked()?;
    let photos = OwnPhotos { new: Vec::new(), key: Some(desk.key.digest.clone()) };
    let carried = state.services.look_at(access, named, photos, move |request| given.found(request)).await?;
    Ok(call.answer(carried, StatusCode::OK))
}

/// Photos that are named are there, and this key's or this return's.
async fn check_photos(desk: &MachineDesk, rma: RmaNumber, fields: &mut Fields, place: usize, photos: &[String]) -> Result<(), Problem> {
    let at = format!("lines[{place}].evidence");
    if photos.len() > MOST_PHOTOS {
        fields.wrong(at, format!("names more than {MOST_PHOTOS} photos"));
        return Ok(());
    }
    for id in photos {
        let row = desk.evidence(id).await?;
        let theirs = row.is_some_and(|row| match row.holder {
            Holder::Key(_) => true,
            Holder::House(of) => of == rma,
            Holder::Return(_) | Holder::Draft(_) => false,
        });
        if !theirs {
            fields.wrong(at.clone(), format!("`{id}` is no photo that was uploaded for this inspection"));
        }
    }
    Ok(())
}

impl InspectIn {
    fn found(self, request: &Return) -> Result<Vec<FoundGoods>, Problem> {
        check_version(self.version, request)?;
        let mut fields = Fields::default();
        counted(&mut fields, self.lines.len());
        let mut all = Vec::new();
        for (place, one) in self.lines.into_iter().enumerate() {
            let at = |field: &str| format!("lines[{place}].{field}");
            let lines = named(request, &mut fields, place, one.id, one.order, one.line);
            let found = fields.listed(at("result"), one.result.as_deref(), &Inspection::RESULTS);
            let grade: Option<Grade> = fields.one_of(at("grade"), one.grade.as_deref(), &codes(Grade::ALL, Grade::code));
            let to = fields.listed(at("disposition"), one.disposition.as_deref(), &Disposition::PLACES);
            let grounds = codes(ScrapGround::ALL, ScrapGround::code);
            let ground: Option<ScrapGround> = fields.one_of(at("scrap_ground"), one.scrap_ground.as_deref(), &grounds);
            bounded(&mut fields, at("quantity"), one.quantity);
            let findings = commented(&mut fields, at("findings"), one.findings);
            let why = commented(&mut fields, at("reason"), one.reason);
            let answers = answered(&mut fields, place, one.answers);
            let deduct = one.deduct.and_then(|deduct| deduction(request, &mut fields, &at("deduct"), &lines, deduct));
            if deduct.is_some() && found.is_some_and(|found| found != Inspection::Downgraded) {
                fields.wrong(at("deduct"), "goes with `downgraded`");
            }
            if ground.is_some() && to.is_none_or(|to| !to.destroys()) {
                fields.wrong(at("scrap_ground"), "goes with `recycle` and `scrap`");
            }
            if one.result.is_none() && answers.is_empty() {
                fields.wrong(at("result"), "says what was found, where no `answers` do");
            }
            all.push(FoundGoods {
                lines,
                units: one.quantity,
                found,
                grade,
                deduct,
                findings,
                evidence: one.evidence.unwrap_or_default(),
                answers,
                to,
                why,
                ground,
            });
        }
        fields.checked()?;
        Ok(all)
    }
}

/// What is said in several lines.
fn commented(fields: &mut Fields, field: String, text: Option<String>) -> Option<String> {
    let text = text.map(|text| several_lines(&text)).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_COMMENT) {
        fields.wrong(field, format!("is longer than {LONGEST_COMMENT} characters"));
    }
    text
}

/// What was answered to a form: each question once.
fn answered(fields: &mut Fields, place: usize, answers: Vec<AnswerIn>) -> Vec<FormAnswer> {
    if answers.len() > MOST_QUESTIONS {
        fields.wrong(format!("lines[{place}].answers"), format!("has more than {MOST_QUESTIONS} entries"));
    }
    let mut all: Vec<FormAnswer> = Vec::new();
    for (index, one) in answers.into_iter().take(MOST_QUESTIONS).enumerate() {
        let at = |field: &str| format!("lines[{place}].answers[{index}].{field}");
        if all.iter().any(|known| known.question == one.question) {
            fields.wrong(at("question"), "is answered already");
        }
        if one.question.is_empty() || one.question.chars().count() > LONGEST_CODE {
            fields.wrong(at("question"), format!("has 1 to {LONGEST_CODE} characters"));
        }
        if one.answer.is_empty() || one.answer.chars().count() > LONGEST_ANSWER {
            fields.wrong(at("answer"), format!("has 1 to {LONGEST_ANSWER} characters"));
        }
        let why = commented(fields, at("reason"), one.reason);
        all.push(FormAnswer { question: one.question, answer: one.answer, why });
    }
    all
}

fn deduction(request: &Return, fields: &mut Fields, field: &str, lines: &[LineNo], given: DeductIn) -> Option<Deduction> {
    match (given.percent, given.amount) {
        (Some(percent), None) => BasisPoints::try_from(percent).map_err(|error| fields.wrong(field, error)).ok().map(Deduction::Percent),
        (None, Some(amount)) => {
            let line = request.line(*lines.first()?)?;
            let part = request.orders.iter().find(|part| part.number == line.asked.order)?;
            let minor = amount.minor(part.settlement.currency).map_err(|error| fields.wrong(field, error)).ok()?;
            if minor < 0 {
                fields.wrong(field, "is less than nothing");
            }
            Some(Deduction::Amount(minor))
        }
        _ => {
            fields.wrong(field, "says one of `percent` and `amount`");
            None
        }
    }
}

/// Units of an entry are some, and no more than are taken.
fn bounded(fields: &mut Fields, field: String, units: Option<u32>) {
    if units.is_some_and(|units| !(1..=MOST_UNITS).contains(&units)) {
        fields.wrong(field, format!("is between 1 and {MOST_UNITS}"));
    }
}

/// The lines that an entry names.
fn named(
    request: &Return,
    fields: &mut Fields,
    place: usize,
    id: Option<String>,
    order: Option<String>,
    line: Option<String>,
) -> Vec<LineNo> {
    let name = format!("lines[{place}]");
    if id.is_none() && line.is_none() {
        fields.wrong(name, "needs `id`, or `order` and `line`");
        return Vec::new();
    }
    let found = lines_named(request, &[LineNamed { id, order, line }]).unwrap_or_default();
    if found.is_empty() {
        fields.wrong(name, "is not in this return");
    }
    found
}

fn counted(fields: &mut Fields, count: usize) {
    if count == 0 {
        fields.wrong("lines", "names nothing");
    } else if count > MOST_LINES {
        fields.wrong("lines", format!("has more than {MOST_LINES} entries"));
    }
}

/// A name or place in one line.
fn short(fields: &mut Fields, field: &str, text: Option<String>) -> Option<String> {
    let text = text?;
    if text.chars().count() > LONGEST_PLACE || text.chars().any(char::is_control) {
        fields.wrong(field, format!("has more than {LONGEST_PLACE} characters, or control characters"));
    }
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What left for the customer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = SendingBack)]
pub struct SendBackIn {
    /// Lines; left out: all that is to go back.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub lines: Option<Vec<LineNamed>>,
    /// The parcel's number.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub tracking_number: Option<String>,
    /// The `version` of the return that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Say that goods left for the customer again. What left before answers as it stands.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/send-back", tag = "warehouse", operation_id = "send_back",
    request_body(content = Option<SendBackIn>, description = "Nothing is as good as `{}`"),
    params(("rma" = String, Path, description = "Its number"), ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn send_back(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: SendBackIn = read_or_nothing(&body)?;
    let access = leave(&desk, &rma, CommandKind::SendBack);
    give(&state, &desk, &call, &body, access, move |request| {
        check_version(given.version, request)?;
        let mut fields = Fields::default();
        let tracking_number = short(&mut fields, "tracking_number", given.tracking_number);
        fields.checked()?;
        let lines = given.lines.map(|named| lines_named(request, &named)).transpose()?;
        let goes = |lot: &&LotNo| {
            request.lot(**lot).is_some_and(|(_, lot)| matches!(lot.state.disposition, Disposition::SendBack | Disposition::SentBack))
        };
        // Of the lines that are named, what is to go back.
        let lots = lines.map(|lines| request.lots_of(&lines)).map(|lots| lots.iter().filter(goes).copied().collect());
        Ok(Command::SendBack { lots, tracking_number })
    })
    .await
}
