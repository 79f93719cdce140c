//! Parcels that nobody knows, and what came beside a return's goods, by machine (P22).
//! Long because the shapes of a parcel stand beside the calls that send them.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ids::Sku;
use domain::plain::one_line;
use domain::returns::CommandKind;
use domain::stray::{Clues, KEPT_DAYS, MOST_CODES, MOST_KEPT_DAYS, StrayState};
use domain::written::numbered;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, read};
use super::call::Call;
use super::commands::{in_words, maybe_words};
use super::json::Json;
use super::page::{Half, half};
use super::people::leave;
use super::problem::Problem;
use super::search::FoundReturnOut;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{AtParcels, AtWork, Candidate, ChangeError, MayBe, StrayError, StrayTold};
use crate::store::{MAIN_WAREHOUSE, StrayRow};

/// Characters of a name, a number or a place.
const LONGEST: usize = 200;
const MOST_GRAMS: u32 = 1_000_000_000;
pub(super) const STATES: [&str; 2] = ["waiting", "ended"];

/// What can be read of a parcel that nobody knows.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = ParcelClues)]
pub struct CluesIo {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub tracking_number: Option<String>,
    /// The name on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub sender: Option<String>,
    /// A phone number, or its last digits: four at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub postal_code: Option<String>,
    /// Codes of what is in it: products (SKU) or serial numbers.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub codes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub weight_grams: Option<u32>,
}

impl From<Clues> for CluesIo {
    fn from(clues: Clues) -> Self {
        let Clues { tracking_number, sender, phone, postal_code, codes, weight_grams } = clues;
        Self { tracking_number, sender, phone, postal_code, codes, weight_grams }
    }
}

impl CluesIo {
    fn read(self, fields: &mut Fields) -> Clues {
        let mut text = |field: &str, text: Option<String>| {
            if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
                fields.wrong(format!("clues.{field}"), format!("is longer than {LONGEST} characters"));
            }
            text.map(|text| one_line(&text, LONGEST)).filter(|text| !text.is_empty())
        };
        let many = self.codes.len() > MOST_CODES;
        let clues = Clues {
            tracking_number: text("tracking_number", self.tracking_number),
            sender: text("sender", self.sender),
            phone: text("phone", self.phone),
            postal_code: text("postal_code", self.postal_code),
            codes: self.codes.into_iter().filter_map(|code| text("codes", Some(code))).collect(),
            weight_grams: self.weight_grams,
        };
        if many {
            fields.wrong("clues.codes", format!("has more than {MOST_CODES} entries"));
        }
        if clues.weight_grams.is_some_and(|grams| !(1..=MOST_GRAMS).contains(&grams)) {
            fields.wrong("clues.weight_grams", format!("is between 1 and {MOST_GRAMS}"));
        }
        clues
    }
}

/// A parcel that came and that nobody knows.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = UnidentifiedParcelIn, examples(json!({"warehouse": "HZ1", "shelf": "Q3", "clues": {"sender": "Anna Müller", "phone": "4567", "codes": ["TEE-BLK-M"]}})))]
pub struct ParcelIn {
    /// Where it is; left out: where the shop keeps its goods.
    #[serde(default)]
    pub warehouse: Option<String>,
    /// The shelf it lies on.
    #[schema(min_length = 1, max_length = 200)]
    pub shelf: String,
    /// What can be read of it.
    #[serde(default)]
    pub clues: CluesIo,
    /// For people at work, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub note: Option<String>,
    /// The account of whoever sees to it; left out: who puts it there, or who did.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub owner: Option<String>,
    /// By when it is to be decided, at most 365 days from now; left out: in 14 days.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<String>,
    /// The `version` of the parcel that was looked at, where it is changed; where it has changed since, nothing is done.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
}

impl ParcelIn {
    fn parse(self, now: Timestamp) -> Result<StrayTold, Problem> {
        let mut fields = Fields::default();
        let warehouse: Option<Sku> = fields.parsed("warehouse", self.warehouse.as_deref());
        let shelf = one_line(&self.shelf, LONGEST);
        if shelf.is_empty() || self.shelf.chars().count() > LONGEST {
            fields.wrong("shelf", format!("has 1 to {LONGEST} characters"));
        }
        let clues = self.clues.read(&mut fields);
        if self.owner.as_ref().is_some_and(|owner| !(1..=100).contains(&owner.chars().count())) {
            fields.wrong("owner", "has 1 to 100 characters");
        }
        let day = |days: i64| now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
        let due: Timestamp = fields.parsed("due", self.due.as_deref()).unwrap_or_else(|| day(KEPT_DAYS));
        if due <= now || due > day(MOST_KEPT_DAYS) {
            fields.wrong("due", format!("is in the future, at most {MOST_KEPT_DAYS} days"));
        }
        if self.version.is_some_and(|version| version < 1) {
            fields.wrong("version", "is 1 at the least");
        }
        fields.checked()?;
        let note = maybe_words("note", self.note.as_deref())?;
        let warehouse = warehouse.map_or_else(|| MAIN_WAREHOUSE.to_owned(), |name| name.to_string());
        Ok(StrayTold { warehouse, shelf: Some(shelf), clues, note, owner: self.owner, due })
    }
}

/// A parcel that came and that nobody knew, or what came in a return's parcel beside what was announced.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnidentifiedParcel)]
pub struct ParcelOut {
    /// Its name: `P12`.
    id: String,
    /// When it was put on the shelf, or booked in.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    warehouse: String,
    /// The shelf it lies on; empty: it was not put on one yet.
    shelf: String,
    clues: CluesIo,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Who sees to it: an account, or `key:` and a key's name.
    owner: String,
    /// By when it is to be decided.
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
    /// It waits, and that is over.
    overdue: bool,
    /// `waiting`, `linked`, `sent_back`, `given_away`, `destroyed`.
    state: &'static str,
    /// The return it was found to be of.
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<String>,
    /// Why it went where it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    version: i64,
    /// The return whose parcel it came in, where it came beside what was announced: with that it was booked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    came_with: Option<CameWithOut>,
    /// How many units it is, where it came so.
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<u32>,
    /// While it waits, what it may be of, what fits best first; of one parcel only.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<CandidateOut>>,
}

/// Where something came from that was not announced.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParcelCameWith)]
pub struct CameWithOut {
    /// The return.
    rma: String,
    /// The number there by which it was booked in: `r1`.
    receipt: String,
}

/// A return, or an order without one that waits, that a parcel may be of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParcelCandidate)]
pub struct CandidateOut {
    /// The return.
    #[serde(rename = "return", skip_serializing_if = "Option::is_none")]
    found: Option<FoundReturnOut>,
    /// The order, where no return of it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    /// Something of it is waited for.
    awaited: bool,
    /// What fits: `came_with` (it came in the parcel of that return, or of one of that order), `tracking_number`, `serial`, `phone`, `sender`, `sku`, `postal_code`, `weight`; what says most first.
    fits: Vec<&'static str>,
}

impl ParcelOut {
    fn of(row: StrayRow, now: Timestamp, candidates: Option<Vec<Candidate>>) -> Self {
        let overdue = row.state == StrayState::Waiting && row.due <= now;
        Self {
            id: format!("P{}", row.number),
            at: row.at,
            warehouse: row.warehouse,
            shelf: row.shelf.unwrap_or_default(),
            clues: row.clues.into(),
            note: row.note,
            owner: row.owner,
            due: row.due,
            overdue,
            state: row.state.code(),
            rma: row.rma.map(|rma| rma.to_string()),
            reason: row.reason,
            ended_at: row.ended_at,
            version: row.version,
            came_with: row.with.map(|with| CameWithOut { rma: with.rma.to_string(), receipt: with.receipt.to_string() }),
            units: row.with.map(|with| with.units),
            candidates: candidates.map(|all| all.into_iter().map(CandidateOut::from).collect()),
        }
    }
}

impl From<Candidate> for CandidateOut {
    fn from(candidate: Candidate) -> Self {
        let Candidate { of, awaited, fits } = candidate;
        let (found, order) = match of {
            MayBe::Return(head) => (Some(FoundReturnOut::from(*head)), None),
            MayBe::Order(order) => (None, Some(order.number.to_string())),
        };
        Self { found, order, awaited, fits: fits.into_iter().map(|fit| fit.code()).collect() }
    }
}

/// A page of parcels.
#[derive(Serialize, ToSchema)]
#[schema(as = UnidentifiedParcelPage)]
pub struct ParcelsOut {
    items: Vec<ParcelOut>,
    /// Where the next page starts; nothing: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which parcels to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ParcelsQuery {
    /// `waiting` (what is due first before the rest; if left out) or `ended` (the youngest first).
    pub state: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

fn at_parcels(desk: &MachineDesk) -> Result<AtParcels, Problem> {
    AtParcels::of_machine(&desk.key).ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not see to parcels"))
}

fn number_of(id: &str) -> Result<i64, Problem> {
    numbered('P', id).ok_or_else(|| no_parcel(id))
}

fn no_parcel(id: &str) -> Problem {
    Problem::not_found(format!("there is no parcel `{id}`"))
}

fn refusal(error: StrayError, id: &str) -> Problem {
    match error {
        StrayError::Unknown => no_parcel(id),
        StrayError::UnknownReturn => Problem::not_found("there is no such return"),
        StrayError::Ended(_) => Problem::new(StatusCode::CONFLICT, "parcel-ended", error.to_string()),
        StrayError::Changed => Problem::new(StatusCode::CONFLICT, "version", error.to_string()),
        StrayError::NoOwner => Problem::field("owner", error.to_string()),
        StrayError::Change(error) => error.into(),
        StrayError::KeyReused => ChangeError::KeyReused.into(),
        StrayError::Store(error) => error.into(),
    }
}

/// Put a parcel that nobody knows on a shelf, with what can be read of it, an owner, and a day by which it is decided. Answers what it may be of.
#[utoipa::path(
    post, path = "/v1/parcels", tag = "warehouse", operation_id = "shelve_parcel", request_body = ParcelIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    responses((status = 201, body = ParcelOut))
)]
pub async fn shelve(State(state): State<AppState>, desk: MachineDesk, call: Call, body: Bytes) -> Result<Response, Problem> {
    let now = state.services.clock.now();
    let told = read::<ParcelIn>(&body)?.parse(now)?;
    let key = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let row = state.services.shelve(at_parcels(&desk)?, told, key).await.map_err(|error| refusal(error, ""))?;
    let candidates = state.services.may_be(&AtWork::of_machine(&desk.key), &row).await?;
    Ok((StatusCode::CREATED, Json(ParcelOut::of(row, now, Some(candidates)))).into_response())
}

/// Parcels that nobody knows, or knew.
#[utoipa::path(
    get, path = "/v1/parcels", tag = "warehouse", operation_id = "list_parcels", params(ParcelsQuery),
    responses((status = 200, body = ParcelsOut), (status = 422, description = "A cursor that this call did not give"))
)]
pub async fn list(
    State(state): State<AppState>,
    desk: MachineDesk,
    Query(query): Query<ParcelsQuery>,
) -> Result<Json<ParcelsOut>, Problem> {
    let mut fields = Fields::default();
    let Half { ended, after, limit } = half(query.state.as_deref(), &STATES, query.cursor.as_deref(), query.limit, &mut fields);
    fields.checked()?;
    let access = at_parcels(&desk)?;
    let mut rows = match ended {
        true => state.services.strays_ended(&access, after.map_or(i64::MAX, |(_, number)| number), limit + 1).await?,
        false => state.services.strays(&access, after.unwrap_or((i64::MIN, 0)), limit + 1).await?,
    };
    let next_cursor = super::page::cut(&mut rows, limit, |row| (row.due.as_millisecond(), row.number.to_string()));
    let now = state.services.clock.now();
    Ok(Json(ParcelsOut { items: rows.into_iter().map(|row| ParcelOut::of(row, now, None)).collect(), next_cursor }))
}

/// A parcel that nobody knows, with what it may be of.
#[utoipa::path(
    get, path = "/v1/parcels/{id}", tag = "warehouse", operation_id = "get_parcel",
    params(("id" = String, Path, description = "Its name: `P12`")), responses((status = 200, body = ParcelOut))
)]
pub async fn get(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Json<ParcelOut>, Problem> {
    let row = state.services.stray(&at_parcels(&desk)?, number_of(&id)?).await?.ok_or_else(|| no_parcel(&id))?;
    let waits = row.state == StrayState::Waiting;
    let who = AtWork::of_machine(&desk.key);
    let candidates = if waits { Some(state.services.may_be(&who, &row).await?) } else { None };
    Ok(Json(ParcelOut::of(row, state.services.clock.now(), candidates)))
}

/// Say something else of a parcel that waits: all of it anew.
#[utoipa::path(
    put, path = "/v1/parcels/{id}", tag = "warehouse", operation_id = "change_parcel", request_body = ParcelIn,
    params(("id" = String, Path, description = "Its name: `P12`")), responses((status = 200, body = ParcelOut))
)]
pub async fn change(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<ParcelOut>, Problem> {
    let now = state.services.clock.now();
    let given: ParcelIn = read(&body)?;
    let seen = given.version;
    let told = given.parse(now)?;
    let row = state.services.reshelve(at_parcels(&desk)?, number_of(&id)?, seen, told).await.map_err(|error| refusal(error, &id))?;
    Ok(Json(ParcelOut::of(row, now, None)))
}

/// The return that a parcel is of.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ParcelLink)]
pub struct LinkIn {
    /// Its number.
    pub rma: String,
}

/// Say of which return a parcel is: it stands there for people at work, and can be booked in. Where one of the return's labels has the parcel's number,
/// it counts as delivered. Answers the return. Said again, it answers as it stands. 409: the parcel is of another, or has gone elsewhere.
#[utoipa::path(
    post, path = "/v1/parcels/{id}/link", tag = "warehouse", operation_id = "link_parcel", request_body = LinkIn,
    params(
        ("id" = String, Path, description = "Its name: `P12`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = ReturnOut))
)]
pub async fn link(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let given: LinkIn = read(&body)?;
    let number = number_of(&id)?;
    let access = at_parcels(&desk)?;
    let to = leave(&desk, &given.rma, CommandKind::Scan)?;
    let key = call.named(&desk.key, &body, StatusCode::OK)?;
    let words = |row: &StrayRow| match &row.shelf {
        Some(shelf) => format!("Parcel P{} from shelf {shelf} ({}) is of this return.", row.number, row.warehouse),
        None => format!("Parcel P{} ({}) is of this return. It is not on a shelf yet.", row.number, row.warehouse),
    };
    let carried = state.services.link_stray(access, to, number, key, words).await.map_err(|error| refusal(error, &id))?;
    Ok(call.answer(carried, StatusCode::OK))
}

/// Where a parcel went that is of no return.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ParcelEnd)]
pub struct EndIn {
    /// `sent_back` (to where it came from), `given_away`, `destroyed`.
    pub to: String,
    /// Why, at most 2,000 characters; for people at work.
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
}

/// Say where a parcel went that is of no return. Said again, it answers as it stands. 409: it is of a return, or has gone elsewhere.
#[utoipa::path(
    post, path = "/v1/parcels/{id}/end", tag = "warehouse", operation_id = "end_parcel", request_body = EndIn,
    params(("id" = String, Path, description = "Its name: `P12`")), responses((status = 200, body = ParcelOut))
)]
pub async fn end(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<ParcelOut>, Problem> {
    let given: EndIn = read(&body)?;
    let mut fields = Fields::default();
    let to: Option<StrayState> = fields.one_of("to", Some(&given.to), &StrayState::ENDS.map(StrayState::code));
    fields.checked()?;
    let reason = in_words("reason", &given.reason)?;
    let to = to.ok_or_else(|| Problem::field("to", "is missing"))?;
    let row = state.services.end_stray(at_parcels(&desk)?, number_of(&id)?, to, reason).await.map_err(|error| refusal(error, &id))?;
    Ok(Json(ParcelOut::of(row, state.services.clock.now(), None)))
}
