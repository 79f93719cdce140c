//! Returns by machine.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::returns::{Actor, CommandId, Entry, Event, LotNo, Recorded, Return, Status, timeline};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, ReturnIn, request_of};
use super::call::{Call, say};
use super::coupons::CompensationOut;
use super::json::Json;
use super::page;
use super::problem::Problem;
use super::shapes::ReturnOut;
use super::tasks::tasks_of;
use crate::desks::MachineDesk;
use crate::http::labels::{Wanted, pdf_answer};
use crate::http::state::AppState;
use crate::services::NoLabel;
use crate::store::{ReturnPage, Scope};

pub(super) fn rma_of(text: &str) -> Result<RmaNumber, Problem> {
    text.parse().map_err(|error| Problem::not_found(format!("`{text}`: {error}")))
}

/// What would happen if this return were opened: verdict, resolutions, methods, amounts and trace. Nothing is changed.
#[utoipa::path(
    post, path = "/v1/returns/quote", operation_id = "quote_return", tag = "returns", request_body = ReturnIn,
    responses((status = 200, body = ReturnOut))
)]
pub async fn quote(State(state): State<AppState>, desk: MachineDesk, headers: HeaderMap, body: Bytes) -> Result<Json<ReturnOut>, Problem> {
    let request = request_of(&body, &desk.key)?;
    let assessment = state.services.quote_to_open(&request, true).await?;
    Ok(Json(ReturnOut::quoted(&assessment, &say(&state, &headers))))
}

/// Open a return. With `Idempotency-Key`, the same request answers the same return, however often it is sent. Lines that may not come back
/// are kept in it, declined; where none may, nothing is opened (422, `nothing-to-return`), and `errors` says of each why.
#[utoipa::path(
    post, path = "/v1/returns", tag = "returns", request_body = ReturnIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this request; at most 200 characters")),
    responses((status = 201, body = ReturnOut))
)]
pub async fn open_return(State(state): State<AppState>, desk: MachineDesk, call: Call, body: Bytes) -> Result<Response, Problem> {
    let request = request_of(&body, &desk.key)?;
    let named = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let opened = state.services.open_return(request, desk.actor(), named).await;
    Ok(call.answer(opened.map_err(|error| Problem::of_opening(error, &call.say))?, StatusCode::CREATED))
}

/// A return as it stands.
#[utoipa::path(
    get, path = "/v1/returns/{rma}", tag = "returns", params(("rma" = String, Path, description = "Its number")),
    responses((status = 200, body = ReturnOut))
)]
pub async fn get_return(
    State(state): State<AppState>,
    desk: MachineDesk,
    headers: HeaderMap,
    Path(rma): Path<String>,
) -> Result<Json<ReturnOut>, Problem> {
    let request = found(&desk, &rma).await?;
    let mut out = ReturnOut::of(&request, &say(&state, &headers));
    let (rows, now) = (state.services.compensations_of(request.rma).await?, state.services.clock.now());
    // What waits, or was refused, is for people at work.
    let at_work = desk.key.scope.allows(Scope::Staff);
    let told = rows.iter().filter(|row| at_work || row.given_at.is_some() && row.state.is_told());
    let told: Vec<CompensationOut> = told.map(|row| CompensationOut::of(row, now)).collect();
    out.compensations = (!told.is_empty()).then_some(told);
    if desk.key.scope.allows(Scope::Staff) {
        out.tasks = Some(tasks_of(&request, state.services.clock.now()));
    }
    Ok(Json(out))
}

pub(super) async fn found(desk: &MachineDesk, rma: &str) -> Result<Return, Problem> {
    let rma = rma_of(rma)?;
    desk.find_return(rma).await?.ok_or_else(|| unknown(rma))
}

fn unknown(rma: RmaNumber) -> Problem {
    Problem::not_found(format!("there is no return {rma}"))
}

/// What happened to a return, and what comes next.
#[derive(Serialize, ToSchema)]
#[schema(as = Timeline)]
pub struct TimelineOut {
    /// Every event, in order; what people at work note for each other is for keys of staff.
    events: Vec<EventOut>,
    /// What people see: done, now, next, each with a sentence.
    entries: Vec<EntryOut>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineEvent)]
struct EventOut {
    /// From 1.
    seq: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `kind` is `customer`, `system`, `api` (with `key`) or `staff` (with `name`).
    #[schema(value_type = Object)]
    actor: Actor,
    /// Events of one command share it.
    #[schema(value_type = String)]
    command_id: CommandId,
    /// `opened`, `approved`, `label_issued`, …
    event: &'static str,
    /// What there is to know of it, by its kind.
    #[schema(value_type = Object)]
    facts: Map<String, Value>,
}

impl EventOut {
    /// `at_work`: for people at work, whose notes are for nobody else.
    fn of(recorded: Recorded, at_work: bool) -> Self {
        let Recorded { seq, at, actor, command_id, event } = recorded;
        // The opening repeats the whole return, which has its own call.
        let told = match &event {
            Event::Opened { .. } => None,
            event => serde_json::to_value(event).ok(),
        };
        let mut facts = told.and_then(|facts| if let Value::Object(facts) = facts { Some(facts) } else { None }).unwrap_or_default();
        facts.remove("kind");
        if !at_work && matches!(event, Event::Approved { .. } | Event::Declined { .. }) {
            facts.remove("note");
        }
        if !at_work && matches!(event, Event::Inspected { .. }) {
            let items = facts.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten();
            let inner = ["findings", "answers", "deduct_rule"];
            items.filter_map(Value::as_object_mut).for_each(|item| inner.iter().for_each(|name| drop(item.remove(*name))));
        }
        if !at_work && matches!(event, Event::Disposed { .. }) {
            facts.remove("proposed");
        }
        // In the gateway's words.
        if !at_work && matches!(event, Event::PaymentFailed { .. } | Event::PaymentReversed { .. }) {
            facts.remove("reason");
        }
        Self { seq, at, actor, command_id, event: event.kind(), facts }
    }
}

/// What people see: `code` with its values, `state` (`done`, `now`, `next`), `at` where it has happened, `promised_by` where it will.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
struct EntryOut {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    entry: Entry,
    /// As a sentence.
    text: String,
}

/// What happened to a return, and what comes next.
#[utoipa::path(
    get, path = "/v1/returns/{rma}/timeline", operation_id = "get_return_timeline", tag = "returns", params(("rma" = String, Path, description = "Its number")),
    responses((status = 200, body = TimelineOut))
)]
pub async fn get_timeline(
    State(state): State<AppState>,
    desk: MachineDesk,
    headers: HeaderMap,
    Path(rma): Path<String>,
) -> Result<Json<TimelineOut>, Problem> {
    let rma = rma_of(&rma)?;
    let history = desk.history(rma).await?.ok_or_else(|| unknown(rma))?;
    let (request, events) = (history.request, history.events);
    let say = say(&state, &headers);
    let mut entries = timeline(&request, &events, state.services.clock.now());
    state.services.tell_repairs(&mut entries, &request).await?;
    state.services.tell_gifts(&mut entries, rma).await?;
    let entries = entries.into_iter().map(|entry| EntryOut { text: say.moment(&entry.moment), entry });
    let entries = entries.collect();
    let at_work = desk.key.scope.allows(Scope::Staff);
    let told = events.into_iter().filter(|recorded| at_work || !recorded.event.is_internal());
    Ok(Json(TimelineOut { events: told.map(|recorded| EventOut::of(recorded, at_work)).collect(), entries }))
}

/// The label as PDF.
#[utoipa::path(
    get, path = "/v1/returns/{rma}/label.pdf", operation_id = "get_return_label", tag = "returns",
    params(("rma" = String, Path, description = "Its number"), ("size" = Option<String>, Query, description = "`a6` (default), `a4` or `large`")),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 409, description = "There is no label"))
)]
pub async fn get_label(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(rma): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let request = found(&desk, &rma).await?;
    if !request.has_label() {
        let detail = match &request.wanted {
            Some(wanted) if wanted.refused.is_none() => "its carrier is making the label".to_owned(),
            Some(_) => "its carrier makes no label; a person sees to it".to_owned(),
            None if request.danger().is_some() => "dangerous goods travel with no plain label; its page says what to do".to_owned(),
            None => format!("this return has no label: it is {}", request.status()),
        };
        return Err(Problem::new(StatusCode::CONFLICT, "no-label", detail));
    }
    let locale = request.locale;
    let pdf = state.services.label_pdf(&request, locale, wanted.size).await;
    let pdf = pdf.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "label", error.to_string()))?;
    Ok(pdf_answer(&rma, pdf))
}

/// The label of goods that came, as PDF (105 × 74 mm): what they are, where they go, and the return as a code.
#[utoipa::path(
    get, path = "/v1/returns/{rma}/lots/{lot}/label.pdf", operation_id = "get_putaway_label", tag = "warehouse",
    params(("rma" = String, Path, description = "Its number"), ("lot" = String, Path, description = "The lot, by its `id`: `1.2`")),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 409, description = "These goods have not come"))
)]
pub async fn get_putaway_label(
    State(state): State<AppState>,
    desk: MachineDesk,
    headers: HeaderMap,
    Path((rma, lot)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let request = found(&desk, &rma).await?;
    let known = lot.parse::<LotNo>().ok().filter(|lot| request.lots().any(|(_, known)| known.id == *lot));
    let lot = known.ok_or_else(|| Problem::not_found(format!("{} has no lot `{lot}`", request.rma)))?;
    match state.services.putaway_pdf(&request, lot, say(&state, &headers).m.locale).await {
        Ok(pdf) => Ok(pdf_answer(&format!("{}-{}-{}", request.rma, lot.line, lot.lot), pdf)),
        Err(NoLabel::None) => Err(Problem::new(StatusCode::CONFLICT, "no-label", format!("lot {lot} has not come"))),
        Err(error) => Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "label", error.to_string())),
    }
}

/// Which returns to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only of this status.
    pub status: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// A page of returns, the latest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ReturnPage)]
pub struct ListOut {
    /// Returns.
    pub items: Vec<ReturnOut>,
    /// Where the next page starts; none after the last.
    pub next_cursor: Option<String>,
}

/// Returns, the latest first.
#[utoipa::path(get, path = "/v1/returns", operation_id = "list_returns", tag = "returns", params(ListQuery),
    responses((status = 200, body = ListOut), (status = 422, description = "A parameter is wrong")))]
pub async fn list(
    State(state): State<AppState>,
    desk: MachineDesk,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> Result<Json<ListOut>, Problem> {
    let mut fields = Fields::default();
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.code()).collect();
    let status = fields.one_of::<Status>("status", query.status.as_deref(), &statuses);
    let (after, limit) =
        page::wanted(query.cursor.as_deref(), query.limit, |rma| rma.parse::<RmaNumber>().ok().map(|rma| rma.to_string()), &mut fields);
    fields.checked()?;
    let mut found = desk.list(&ReturnPage { status, after, limit: limit + 1 }).await?;
    let next_cursor = page::cut(&mut found, limit, |last| (last.position.0, last.position.1.to_string()));
    let say = say(&state, &headers);
    Ok(Json(ListOut { items: found.iter().map(|listed| ReturnOut::of(&listed.request, &say)).collect(), next_cursor }))
}
