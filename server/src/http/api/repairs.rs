//! Repair orders, by machine (C23, C24).
//! Long because each of these calls says in full what is sent with it, and what is answered.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use domain::money::{Amount, Money};
use domain::plain::one_line;
use domain::plausible::plausible;
use domain::repair::{DONE_TO, GIVEN_UP_TO, MOST_COST, MOST_PARTS, MOST_PIECES, Part, RepairCommand, RepairEvent, RepairState, RepairStep};
use domain::returns::{CommandKind, Disposition, Return};
use domain::scrap::ScrapGround;
use domain::written::numbered;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, amount, codes, read, read_or_nothing};
use super::call::Call;
use super::commands::{in_words, maybe_words};
use super::json::Json;
use super::page::{Half, half};
use super::people::leave;
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{Access, AtRepairs, ChangeError, IdempotencyKey, RepairEnd, RepairError};
use crate::store::RepairRow;

/// Characters of a name or a number.
const LONGEST: usize = 200;
pub(super) const LISTS: [&str; 2] = ["open", "ended"];
/// States that can be told of work that goes on.
pub(super) const WORKING: [RepairState; 2] = [RepairState::InWork, RepairState::AwaitsParts];

/// A part that was used.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RepairPartIn)]
pub struct PartIn {
    /// Its SKU, or what it is called.
    #[schema(min_length = 1, max_length = 200)]
    pub what: String,
    /// How many; left out: 1.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: Option<u32>,
    /// What all of them cost, in the order's `currency`.
    #[serde(default)]
    #[schema(schema_with = amount)]
    pub cost: Option<Amount>,
}

/// A part that was used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RepairPart)]
pub struct PartOut {
    /// Its SKU, or what it is called.
    what: String,
    quantity: u32,
    /// What all of them cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<String>,
}

/// Something that happened to a repair order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RepairStep)]
pub struct StepOut {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did it: an account, `key:` and a key's name, or `system`.
    by: String,
    /// `opened`, `meant` (for other units, or somebody else), `taken`, `moved` (to another state), `parts_used`, `promised`, `noted`, `done`, `given_up`,
    /// `left`, `reopened`.
    step: String,
    /// Note or reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// A repair order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RepairOrder)]
pub struct RepairOut {
    /// Its name: `R12`.
    id: String,
    rma: String,
    /// Lots of the return.
    lots: Vec<String>,
    units: u32,
    sku: String,
    /// What it is called.
    name: String,
    warehouse: String,
    /// `stock` (the shop sells it again) or `customer` (who gets it back).
    serves: &'static str,
    /// `waiting`, `in_work`, `waiting_for_parts`, `done`, `given_up`, or `left` (it left the workshop otherwise).
    state: &'static str,
    /// Who repairs it: an account, or `key:` and a key's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    technician: Option<String>,
    parts: Vec<PartOut>,
    /// Of what parts cost.
    currency: String,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// By when it is to be done.
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
    /// It goes on, and that is over.
    late: bool,
    /// Where it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// What happened, the oldest first; of one order only.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepOut>>,
    version: i64,
}

impl StepOut {
    fn of(step: &RepairStep) -> Self {
        let text = match &step.event {
            RepairEvent::Noted { note } => Some(note.clone()),
            RepairEvent::GivenUp { reason, .. } => Some(reason.clone()),
            _ => None,
        };
        let code = match &step.event {
            RepairEvent::Opened { .. } => "opened",
            RepairEvent::Meant { .. } => "meant",
            RepairEvent::Taken { .. } => "taken",
            RepairEvent::Moved { .. } => "moved",
            RepairEvent::PartsUsed { .. } => "parts_used",
            RepairEvent::Promised { .. } => "promised",
            RepairEvent::Noted { .. } => "noted",
            RepairEvent::Done { .. } => "done",
            RepairEvent::GivenUp { .. } => "given_up",
            RepairEvent::Left => "left",
            RepairEvent::Reopened => "reopened",
        };
        Self { at: step.at, by: step.by.clone(), step: code.to_owned(), text }
    }
}

fn place(to: Disposition) -> Option<&'static str> {
    Disposition::PLACES.iter().find(|(_, known)| *known == to).map(|(name, _)| *name)
}

impl RepairOut {
    fn of(row: RepairRow, now: Timestamp, whole: bool) -> Self {
        let RepairRow { number, rma, sku, name, warehouse, repair, version } = row;
        let late = repair.is_late(now);
        let cost = |minor: i64| Money::new(minor, repair.currency).decimal();
        let part = |part: &Part| PartOut { what: part.what.clone(), quantity: part.quantity, cost: part.cost.map(cost) };
        Self {
            id: format!("R{number}"),
            rma: rma.to_string(),
            lots: repair.lots.iter().map(ToString::to_string).collect(),
            units: repair.units,
            sku,
            name,
            warehouse,
            serves: repair.serves.code(),
            state: repair.state.code(),
            technician: repair.technician.clone(),
            parts: repair.parts.iter().map(part).collect(),
            currency: repair.currency.to_string(),
            opened_at: repair.opened_at,
            due: repair.due,
            late,
            to: repair.to.and_then(place),
            ended_at: repair.ended_at,
            steps: whole.then(|| repair.steps.iter().map(StepOut::of).collect()),
            version,
        }
    }
}

/// A page of repair orders.
#[derive(Serialize, ToSchema)]
#[schema(as = RepairOrderPage)]
pub struct RepairsOut {
    items: Vec<RepairOut>,
    /// Where the next page starts; nothing: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which repair orders to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RepairsQuery {
    /// `open` (what is due first before the rest; if left out) or `ended` (the youngest first).
    pub state: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

fn forbidden() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not see to repairs")
}

fn at_repairs(desk: &MachineDesk) -> Result<AtRepairs, Problem> {
    AtRepairs::of_machine(&desk.key).ok_or_else(forbidden)
}

fn number_of(id: &str) -> Result<i64, Problem> {
    numbered('R', id).ok_or_else(|| no_repair(id))
}

fn no_repair(id: &str) -> Problem {
    Problem::not_found(format!("there is no repair order `{id}`"))
}

fn refusal(error: RepairError, id: &str) -> Problem {
    match error {
        RepairError::Unknown => no_repair(id),
        RepairError::Refused(refused) => Problem::new(StatusCode::CONFLICT, "repair", refused.to_string()),
        RepairError::Changed => Problem::new(StatusCode::CONFLICT, "version", error.to_string()),
        RepairError::NoTechnician => Problem::field("technician", error.to_string()),
        RepairError::NotTheirs => forbidden(),
        RepairError::Change(error) => error.into(),
        RepairError::KeyReused => ChangeError::KeyReused.into(),
        RepairError::Store(error) => error.into(),
    }
}

/// Repair orders: what lies in the workshop, or lay there.
#[utoipa::path(
    get, path = "/v1/repairs", tag = "warehouse", operation_id = "list_repairs", params(RepairsQuery),
    responses((status = 200, body = RepairsOut), (status = 422, description = "A cursor that this call did not give"))
)]
pub async fn list(
    State(state): State<AppState>,
    desk: MachineDesk,
    Query(query): Query<RepairsQuery>,
) -> Result<Json<RepairsOut>, Problem> {
    let mut fields = Fields::default();
    let Half { ended, after, limit } = half(query.state.as_deref(), &LISTS, query.cursor.as_deref(), query.limit, &mut fields);
    fields.checked()?;
    let access = at_repairs(&desk)?;
    let mut rows = match ended {
        true => state.services.repairs_ended(&access, after.map_or(i64::MAX, |(_, number)| number), limit + 1).await?,
        false => state.services.repairs(&access, after.unwrap_or((i64::MIN, 0)), limit + 1).await?,
    };
    let next_cursor = super::page::cut(&mut rows, limit, |row| (row.repair.due.as_millisecond(), row.number.to_string()));
    let now = state.services.clock.now();
    Ok(Json(RepairsOut { items: rows.into_iter().map(|row| RepairOut::of(row, now, false)).collect(), next_cursor }))
}

async fn found(state: &AppState, access: &AtRepairs, id: &str) -> Result<RepairRow, Problem> {
    state.services.repair(access, number_of(id)?).await?.ok_or_else(|| no_repair(id))
}

/// A repair order, with what happened to it.
#[utoipa::path(
    get, path = "/v1/repairs/{id}", tag = "warehouse", operation_id = "get_repair",
    params(("id" = String, Path, description = "Its name: `R12`")), responses((status = 200, body = RepairOut))
)]
pub async fn get(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<Json<RepairOut>, Problem> {
    let row = found(&state, &at_repairs(&desk)?, &id).await?;
    Ok(Json(RepairOut::of(row, state.services.clock.now(), true)))
}

/// Who repairs it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = RepairTaking)]
pub struct TakeIn {
    /// Their account; left out: who calls.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub technician: Option<String>,
}

/// Take a repair order, or hand it to a member of staff: work on it begins. Said again, it answers as it stands. 409: it is over.
#[utoipa::path(
    post, path = "/v1/repairs/{id}/take", tag = "warehouse", operation_id = "take_repair",
    request_body(content = Option<TakeIn>, description = "Nothing is as good as `{}`"),
    params(
        ("id" = String, Path, description = "Its name: `R12`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = RepairOut))
)]
pub async fn take(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<RepairOut>, Problem> {
    let given: TakeIn = read_or_nothing(&body)?;
    let mut fields = Fields::default();
    if given.technician.as_ref().is_some_and(|name| !(1..=100).contains(&name.chars().count())) {
        fields.wrong("technician", "has 1 to 100 characters");
    }
    fields.checked()?;
    let key = call.named(&desk.key, &body, StatusCode::OK)?;
    let taken = state.services.take_repair(at_repairs(&desk)?, number_of(&id)?, given.technician, key).await;
    Ok(Json(RepairOut::of(taken.map_err(|error| refusal(error, &id))?, state.services.clock.now(), true)))
}

/// What is new of a repair; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = RepairProgress, examples(json!({"state": "waiting_for_parts", "parts": [{"what": "ZIP-1", "quantity": 2, "cost": "4.50"}], "note": "Zip ordered"})))]
pub struct ProgressIn {
    /// `in_work` or `waiting_for_parts`.
    #[serde(default)]
    pub state: Option<String>,
    /// All parts used so far, in place of those told before.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub parts: Option<Vec<PartIn>>,
    /// By when it is to be done. Where it is the customer's, they read it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<String>,
    /// For people at work, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub note: Option<String>,
    /// The `version` of the order that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
}

impl ProgressIn {
    fn command(self, row: &RepairRow) -> Result<RepairCommand, Problem> {
        let mut fields = Fields::default();
        let to: Option<RepairState> = fields.one_of("state", self.state.as_deref(), &WORKING.map(RepairState::code));
        let due = self.due.as_deref().and_then(|text| {
            let at = fields.parsed::<Timestamp>("due", Some(text))?;
            plausible(at).map_err(|error| fields.wrong("due", error)).ok()
        });
        if self.parts.as_ref().is_some_and(|parts| parts.len() > MOST_PARTS) {
            fields.wrong("parts", format!("has more than {MOST_PARTS} entries"));
        }
        let mut parts = Vec::new();
        for (place, one) in self.parts.iter().flatten().take(MOST_PARTS).enumerate() {
            let what = one_line(&one.what, LONGEST);
            if what.is_empty() || one.what.chars().count() > LONGEST {
                fields.wrong(format!("parts[{place}].what"), format!("has 1 to {LONGEST} characters"));
            }
            let quantity = one.quantity.unwrap_or(1);
            if !(1..=MOST_PIECES).contains(&quantity) {
                fields.wrong(format!("parts[{place}].quantity"), format!("is between 1 and {MOST_PIECES}"));
            }
            let at = format!("parts[{place}].cost");
            let cost = one.cost.and_then(|cost| cost.minor(row.repair.currency).map_err(|error| fields.wrong(at.clone(), error)).ok());
            if cost.is_some_and(|cost| !(0..=MOST_COST).contains(&cost)) {
                fields.wrong(at, "is less than nothing, or more than any part costs");
            }
            parts.push(Part { what, quantity, cost });
        }
        fields.checked()?;
        let note = maybe_words("note", self.note.as_deref())?;
        Ok(RepairCommand::Progress { to, parts: self.parts.is_some().then_some(parts), due, note })
    }
}

/// Say what is new of a repair: that it goes on or waits for parts, which parts were used, by when it will be done, or a note for colleagues. Whoever
/// works on what nobody has taken, has taken it. Said again, it answers as it stands. 409: it is over, or has changed.
#[utoipa::path(
    post, path = "/v1/repairs/{id}/progress", tag = "warehouse", operation_id = "progress_repair", request_body = ProgressIn,
    params(
        ("id" = String, Path, description = "Its name: `R12`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = RepairOut))
)]
pub async fn progress(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<RepairOut>, Problem> {
    let given: ProgressIn = read(&body)?;
    let access = at_repairs(&desk)?;
    let row = found(&state, &access, &id).await?;
    let seen = given.version;
    let command = given.command(&row)?;
    let key = call.named(&desk.key, &body, StatusCode::OK)?;
    let next = state.services.progress_repair(access, row.number, seen, command, key).await;
    Ok(Json(RepairOut::of(next.map_err(|error| refusal(error, &id))?, state.services.clock.now(), true)))
}

/// That it is repaired.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RepairDone)]
pub struct DoneIn {
    /// `restock` (it can be sold again) or `send_back` (it goes back to the customer).
    pub to: String,
    /// Of the parcel in which it goes back.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub tracking_number: Option<String>,
    /// The `version` of the order that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
}

async fn end(
    state: &AppState,
    desk: &MachineDesk,
    id: &str,
    seen: Option<i64>,
    end: RepairEnd,
    key: Option<IdempotencyKey>,
) -> Result<Json<RepairOut>, Problem> {
    let access = at_repairs(desk)?;
    let row = found(state, &access, id).await?;
    let to: Access<Return> = leave(desk, &row.rma.to_string(), CommandKind::Dispose)?;
    // The order is answered as it stands; the return's own words are not kept.
    let key = key.map(|key| IdempotencyKey { answer: None, ..key });
    state.services.end_repair(access.clone(), to, row.number, seen, end, key).await.map_err(|error| refusal(error, id))?;
    let row = found(state, &access, id).await?;
    Ok(Json(RepairOut::of(row, state.services.clock.now(), true)))
}

/// Say that it is repaired, and where it goes: `restock` puts it into the sellable stock; `send_back` sends what the customer wants repaired back to them,
/// and what is theirs for another reason waits for the warehouse to send it. Said again, it answers as it stands. 409: it is over, has changed, or that
/// cannot be done with it.
#[utoipa::path(
    post, path = "/v1/repairs/{id}/done", tag = "warehouse", operation_id = "finish_repair", request_body = DoneIn,
    params(
        ("id" = String, Path, description = "Its name: `R12`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = RepairOut))
)]
pub async fn done(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<RepairOut>, Problem> {
    let given: DoneIn = read(&body)?;
    let mut fields = Fields::default();
    let to = fields.listed("to", Some(&given.to), &DONE_TO);
    if given.tracking_number.as_ref().is_some_and(|number| number.chars().count() > LONGEST) {
        fields.wrong("tracking_number", format!("is longer than {LONGEST} characters"));
    }
    fields.checked()?;
    let to = to.ok_or_else(|| Problem::field("to", "is missing"))?;
    let tracking_number = given.tracking_number.map(|number| one_line(&number, LONGEST)).filter(|number| !number.is_empty());
    let key = call.named(&desk.key, &body, StatusCode::OK)?;
    end(&state, &desk, &id, given.version, RepairEnd::Done { to, tracking_number }, key).await
}

/// That nobody repairs it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RepairGivenUp)]
pub struct GiveUpIn {
    /// Where it goes then: `quarantine`, `resell`, `donate`, `recycle`, `scrap`, `send_back`.
    pub to: String,
    /// Why clothes or shoes may be destroyed, where the law asks for a reason (Delegated Regulation (EU) 2026/296).
    #[serde(default)]
    pub scrap_ground: Option<String>,
    /// Why, at most 2,000 characters; for people at work.
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
    /// The `version` of the order that was looked at; where it has changed since, nothing is done.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
}

/// Say that it is not repaired, why, and where it goes then. Where the customer waits for it and it does not go back to them, money takes its place. Said
/// again, it answers as it stands. 409: it is over, has changed, or that cannot be done with it.
#[utoipa::path(
    post, path = "/v1/repairs/{id}/give-up", tag = "warehouse", operation_id = "give_up_repair", request_body = GiveUpIn,
    params(
        ("id" = String, Path, description = "Its name: `R12`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")
    ),
    responses((status = 200, body = RepairOut))
)]
pub async fn give_up(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<RepairOut>, Problem> {
    let given: GiveUpIn = read(&body)?;
    let mut fields = Fields::default();
    let to = fields.listed("to", Some(&given.to), &GIVEN_UP_TO);
    let grounds = codes(ScrapGround::ALL, ScrapGround::code);
    let ground: Option<ScrapGround> = fields.one_of("scrap_ground", given.scrap_ground.as_deref(), &grounds);
    if ground.is_some() && to.is_none_or(|to| !to.destroys()) {
        fields.wrong("scrap_ground", "goes with `recycle` and `scrap`");
    }
    fields.checked()?;
    let reason = in_words("reason", &given.reason)?;
    let to = to.ok_or_else(|| Problem::field("to", "is missing"))?;
    let key = call.named(&desk.key, &body, StatusCode::OK)?;
    end(&state, &desk, &id, given.version, RepairEnd::GivenUp { to, ground, reason }, key).await
}
