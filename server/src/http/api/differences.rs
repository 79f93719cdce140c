//! What a gateway says that does not fit our books, by machine: reports come in, differences are looked at and settled.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::plain::one_line;
use domain::reconcile::DifferenceState;
use domain::written::numbered;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, codes, read};
use super::call::Call;
use super::commands::in_words;
use super::json::Json;
use super::page::{cut, wanted};
use super::problem::{FieldError, Problem};
use super::shapes::MoneyOut;
use super::transfers::at_payments;
use crate::desks::MachineDesk;
use crate::gateways::{Unreadable, read_statement};
use crate::http::state::AppState;
use crate::services::{ChangeError, DifferenceError, Report};
use crate::store::{DifferenceRow, ReportRow};

/// Characters of a file's name.
const LONGEST_NAME: usize = 200;

/// Of when a report tells, and what it is called.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// From when on it tells; goes with `to`. Left out: from its first moment to its last.
    #[param(format = DateTime)]
    pub from: Option<String>,
    /// Until when.
    #[param(format = DateTime)]
    pub to: Option<String>,
    /// What its file is called.
    #[param(max_length = 200)]
    pub name: Option<String>,
}

/// A report that was held against our books.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub struct ReportOut {
    /// Its name: `K3`.
    id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// An account, or `key:` and a key's name.
    by: String,
    /// What its file was called.
    name: String,
    /// How many refunds are in it.
    refunds: i64,
    /// How many of them fit.
    fit: i64,
    /// How many differences it showed; `GET /v1/differences` lists them.
    found: i64,
    /// How many that earlier ones showed it ended.
    ended: i64,
}

impl From<ReportRow> for ReportOut {
    fn from(row: ReportRow) -> Self {
        let ReportRow { number, at, who, name, refunds, fit, found, ended, .. } = row;
        Self { id: format!("K{number}"), at, by: who, name, refunds, fit, found, ended }
    }
}

/// Hold a gateway's report of refunds against our books: a table (CSV, UTF-8, with a line of names) such as Stripe's itemised balance changes, its balance
/// history or its list of refunds, of at most 20,000 rows. Each difference is finance's to look at; what fits now ends what earlier reports showed.
#[utoipa::path(
    post, path = "/v1/reconciliations", tag = "money", operation_id = "reconcile",
    params(ReportQuery, ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    request_body(content = Vec<u8>, content_type = "text/csv", description = "The report"),
    responses((status = 201, body = ReportOut))
)]
pub async fn reconcile(
    State(state): State<AppState>,
    desk: MachineDesk,
    call: Call,
    Query(query): Query<ReportQuery>,
    body: Bytes,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let from: Option<Timestamp> = fields.parsed("from", query.from.as_deref());
    let to: Option<Timestamp> = fields.parsed("to", query.to.as_deref());
    if query.from.is_some() != query.to.is_some() {
        fields.wrong("to", "goes with `from`");
    }
    if query.name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
        fields.wrong("name", format!("is longer than {LONGEST_NAME} characters"));
    }
    fields.checked()?;
    let key = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let read = tokio::task::spawn_blocking(move || read_statement(&body)).await;
    let refunds = read.map_err(|error| Problem::failed(&error))?.map_err(unreadable)?;
    let report = Report { name: one_line(query.name.as_deref().unwrap_or_default(), LONGEST_NAME), refunds, within: from.zip(to) };
    let row = state.services.reconcile(&at_payments(&desk)?, report, key).await.map_err(|error| refusal(error, ""))?;
    Ok((StatusCode::CREATED, Json(ReportOut::from(row))).into_response())
}

fn unreadable(error: Unreadable) -> Problem {
    match error {
        Unreadable::Rows(rows) => {
            let row = |(line, problem): (u64, String)| FieldError { field: format!("line {line}"), problem };
            Problem::fields(rows.into_iter().map(row).collect())
        }
        error => Problem::field("", error.to_string()),
    }
}

/// Something that a gateway says and that does not fit what we say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Difference)]
pub struct DifferenceOut {
    /// Its name: `D12`.
    id: String,
    /// When it was found first.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `unknown` (they gave back what we know nothing of), `missing` (they did not give back what we say), `amount`, `currency`, `state`, `twice`; `odd` (they
    /// told what cannot be so), `dispute` (a customer's bank took a payment back, or may), `outside_refund` (somebody gave money back at the gateway).
    kind: &'static str,
    /// Our name for the refund: `R-…-p1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The gateway's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The return.
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ours: Option<MoneyOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theirs: Option<MoneyOut>,
    /// How it stands here and there, or what was told.
    said: String,
    /// `open`, `settled`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
    /// Who settled it: an account, `key:` and a key's name, `report:` and a number, `gateway`.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<DifferenceRow> for DifferenceOut {
    fn from(row: DifferenceRow) -> Self {
        Self {
            id: format!("D{}", row.number),
            at: row.at,
            kind: row.what.kind.code(),
            name: row.what.name,
            reference: row.what.reference,
            rma: row.rma.map(|rma| rma.to_string()),
            order: row.order.map(|order| order.to_string()),
            ours: row.what.ours.map(MoneyOut::from),
            theirs: row.what.theirs.map(MoneyOut::from),
            said: row.what.said,
            state: row.state.code(),
            settled_at: row.ended_at,
            settled_by: row.who,
            reason: row.reason,
        }
    }
}

/// Which differences to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DifferencesQuery {
    /// `open` (the oldest first; if left out) or `settled` (the youngest first).
    #[param(pattern = "^(open|settled)$")]
    pub state: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// A page of differences.
#[derive(Serialize, ToSchema)]
#[schema(as = DifferencePage)]
pub struct DifferencesOut {
    items: Vec<DifferenceOut>,
    /// Nothing: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What a gateway says that does not fit our books.
#[utoipa::path(
    get, path = "/v1/differences", tag = "money", operation_id = "list_differences", params(DifferencesQuery),
    responses((status = 200, body = DifferencesOut), (status = 422, description = "A state that there is not, or a cursor that this call did not give"))
)]
pub async fn list(
    State(state): State<AppState>,
    desk: MachineDesk,
    Query(query): Query<DifferencesQuery>,
) -> Result<Json<DifferencesOut>, Problem> {
    let mut fields = Fields::default();
    let of: Option<DifferenceState> = fields.one_of("state", query.state.as_deref(), &codes(DifferenceState::ALL, DifferenceState::code));
    let known = |name: &str| name.parse::<i64>().ok().map(|number| number.to_string());
    let (after, limit) = wanted(query.cursor.as_deref(), query.limit, known, &mut fields);
    fields.checked()?;
    let (access, after) = (at_payments(&desk)?, after.and_then(|(_, number)| number.parse().ok()));
    let mut rows = match of.unwrap_or(DifferenceState::Open) {
        DifferenceState::Open => state.services.differences(&access, after.unwrap_or(0), limit + 1).await?,
        DifferenceState::Settled => state.services.differences_settled(&access, after.unwrap_or(i64::MAX), limit + 1).await?,
    };
    let next_cursor = cut(&mut rows, limit, |row| (row.at.as_millisecond(), row.number.to_string()));
    Ok(Json(DifferencesOut { items: rows.into_iter().map(DifferenceOut::from).collect(), next_cursor }))
}

/// Why a difference is none any more.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DifferenceEnd, examples(json!({"reason": "Given back in the dashboard, for a lost parcel."})))]
pub struct SettleIn {
    /// At most 2,000 characters; for people at work.
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
}

/// Say why a difference is none any more. One that is settled answers as it stands.
#[utoipa::path(
    post, path = "/v1/differences/{difference}/settle", tag = "money", operation_id = "settle_difference", request_body = SettleIn,
    params(("difference" = String, Path, description = "Its name: `D12`")), responses((status = 200, body = DifferenceOut))
)]
pub async fn settle(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<DifferenceOut>, Problem> {
    let given: SettleIn = read(&body)?;
    let reason = in_words("reason", &given.reason)?;
    let number = numbered('D', &id).ok_or_else(|| no_difference(&id))?;
    let row = state.services.settle_difference(&at_payments(&desk)?, number, reason).await.map_err(|error| refusal(error, &id))?;
    Ok(Json(DifferenceOut::from(row)))
}

fn no_difference(id: &str) -> Problem {
    Problem::not_found(format!("there is no difference `{id}`"))
}

fn refusal(error: DifferenceError, id: &str) -> Problem {
    match error {
        DifferenceError::Unknown => no_difference(id),
        DifferenceError::KeyReused => ChangeError::KeyReused.into(),
        DifferenceError::Store(error) => error.into(),
    }
}
