//! Withdrawals by machine.

use app::format::Format;
use app::say::Say;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::{Code, EmailAddress, LineId};
use domain::order::LARGEST_QUANTITY;
use domain::plain::{LONGEST_NAME, one_line};
use domain::withdrawal::{Items, KnownBy, LONGEST_ITEMS, LONGEST_ORDER, MOST_LINES, Statement, WaitsFor, Withdrawn};
use domain::words::Locale;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, read};
use super::call::Call;
use super::json::Json;
use super::page;
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{Declared, NotReceived, web};
use crate::store::{Withdrawal, WithdrawalPage};

/// A statutory withdrawal, as the customer declares it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WithdrawalRequest)]
pub struct WithdrawalIn {
    /// Who declares it.
    pub name: String,
    /// The order's number, or what the customer says in its place. It need not be known here.
    pub order: String,
    /// Where the receipt is acknowledged.
    #[schema(max_length = 254, pattern = r"^[0-9A-Za-z!#$%&'*+/=?^_`{|}~.-]{1,64}@([0-9A-Za-z-]{1,63}\.)+[0-9A-Za-z-]{1,63}$")]
    pub email: String,
    /// Lines of the order; left out: the whole order, unless `items` says otherwise.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub lines: Vec<WithdrawnIn>,
    /// Which items, in the customer's own words, where their lines are not known. Someone on the shop's team reads it.
    #[serde(default)]
    pub items: Option<String>,
    /// Language of the statement and of the acknowledgement: `zh-CN`, `en`; left out: `en`.
    #[serde(default)]
    pub locale: Option<String>,
    /// `web`, `phone`, `chat`, …; left out: `api`.
    #[serde(default)]
    pub channel: Option<String>,
}

/// Units of a line that somebody withdraws from.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WithdrawnLine)]
pub struct WithdrawnIn {
    /// Line of the order.
    pub line: String,
    /// Units; left out: all of them.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub quantity: Option<u32>,
}

fn declared(json: &[u8]) -> Result<Statement, Problem> {
    let given: WithdrawalIn = read(json)?;
    let mut fields = Fields::default();
    let mut text = |field: &str, text: &str, most: usize| {
        let line = one_line(text, most);
        // Nothing of a statement is cut.
        if text.chars().count() > most {
            fields.wrong(field, format!("is longer than {most} characters"));
        } else if line.is_empty() {
            fields.wrong(field, "is empty");
        }
        line
    };
    let (name, order) = (text("name", &given.name, LONGEST_NAME), text("order", &given.order, LONGEST_ORDER));
    let words = given.items.as_deref().map(|items| text("items", items, LONGEST_ITEMS));
    let email: Option<EmailAddress> = fields.parsed("email", Some(&given.email));
    if given.lines.len() > MOST_LINES {
        fields.wrong("lines", format!("names more than {MOST_LINES} lines"));
    }
    let mut lines = Vec::new();
    for (place, line) in given.lines.iter().enumerate().take(MOST_LINES) {
        let id: Option<LineId> = fields.parsed(format!("lines[{place}].line"), Some(&line.line));
        if line.quantity == Some(0) {
            fields.wrong(format!("lines[{place}].quantity"), "is at least 1; leave it out for all units");
        }
        if line.quantity.is_some_and(|units| i64::from(units) > LARGEST_QUANTITY) {
            fields.wrong(format!("lines[{place}].quantity"), format!("is more than {LARGEST_QUANTITY}"));
        }
        lines.extend(id.map(|line_id| Withdrawn { line: line_id, name: None, quantity: line.quantity }));
    }
    let items = match (lines.is_empty(), words) {
        (true, None) => Items::Whole,
        (true, Some(words)) => Items::Words(words),
        (false, _) => Items::Lines(lines),
    };
    let locale: Locale = given.locale.as_deref().and_then(|locale| locale.parse().ok()).unwrap_or(Locale::En);
    let channel = given.channel.as_deref().map_or_else(|| Code::from_words("api"), Code::from_words).unwrap_or_else(web);
    fields.checked()?;
    let email = email.ok_or_else(|| Problem::not_found("there is no such address"))?;
    let say = Say::new(Format::new(locale, TimeZone::UTC, Timestamp::UNIX_EPOCH));
    Ok(Statement { sentence: say.withdrawal_sentence(&order, &items), name, order, items, email, locale, channel })
}

/// That a withdrawal was received.
#[derive(Serialize, ToSchema)]
#[schema(as = WithdrawalReceived)]
pub struct ReceivedOut {
    /// Its number: `W-7KQ4-M2XD`.
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// That it was received, in the customer's language, as it is mailed to them: its content, day, time and zone.
    acknowledgement: String,
    /// The return that was opened for it; nothing where a person looks first.
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<String>,
}

/// Declare a statutory withdrawal for a customer. It is received whatever is to be said of it: the order may be unknown, long over, or come back
/// already; a person then answers within two working days. The acknowledgement is mailed at once. Where `email` is the order's own, a return is
/// opened; where it is another, that one is told too, and a person looks first.
#[utoipa::path(
    post, path = "/v1/withdrawals", operation_id = "withdraw", tag = "withdrawals", request_body = WithdrawalIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this request; at most 200 characters")),
    responses((status = 201, body = ReceivedOut))
)]
pub async fn withdraw(State(state): State<AppState>, desk: MachineDesk, call: Call, body: Bytes) -> Result<Response, Problem> {
    let statement = declared(&body)?;
    let key = call.named(&desk.key, &body, StatusCode::CREATED)?;
    let declared = Declared { statement, zone: None, known: None, draft: None, by_machine: true, key };
    let received = state.services.withdraw(declared).await?;
    let place = HeaderValue::from_str(&format!("/api/v1/withdrawals/{}", received.id));
    let out = ReceivedOut {
        acknowledgement: state.services.acknowledgement(&received),
        received_at: received.received_at,
        rma: received.rma.map(|rma| rma.to_string()),
        id: received.id,
    };
    let mut response = (StatusCode::CREATED, Json(out)).into_response();
    response.headers_mut().extend(place.ok().map(|place| (header::LOCATION, place)));
    Ok(response)
}

impl From<NotReceived> for Problem {
    fn from(error: NotReceived) -> Self {
        match error {
            NotReceived::KeyReused => crate::services::OpenError::KeyReused.into(),
            NotReceived::Changed | NotReceived::Raced => {
                Self::new(StatusCode::CONFLICT, "stale", "the same was sent at the same moment; try again")
            }
            NotReceived::Store(error) => error.into(),
        }
    }
}

/// A withdrawal, and how it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Withdrawal)]
pub struct WithdrawalOut {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// In which the moment was told to the customer (IANA).
    zone: String,
    /// Who declared it.
    name: String,
    /// The order, as they named it.
    order: String,
    /// The number of the order that is meant, where one is known.
    order_meant: Option<String>,
    email: String,
    locale: String,
    channel: String,
    /// Lines, where it is not about the whole order.
    lines: Vec<WithdrawnOut>,
    /// Items in their own words, likewise.
    items: Option<String>,
    /// The sentence that was confirmed.
    statement: String,
    /// `session`: they were recognised for the order. `email`: its own address. `null`: nobody has shown that it is theirs.
    known_by: Option<&'static str>,
    /// What keeps it from being done without a person: `to_open` (for a moment), `order_unknown`, `other_contact`, `items_unclear`, `not_opened`,
    /// `part_declined`. `null`: nothing.
    waits_for: Option<&'static str>,
    /// Someone on the shop's team answers by then, where one has to.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// Someone on the shop's team has seen to it.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
    rma: Option<String>,
}

/// Units of a line that somebody withdrew from.
#[derive(Serialize, ToSchema)]
#[schema(as = LineWithdrawn)]
pub struct WithdrawnOut {
    line: String,
    name: Option<String>,
    /// `null`: all of them.
    quantity: Option<u32>,
}

impl From<Withdrawal> for WithdrawalOut {
    fn from(found: Withdrawal) -> Self {
        let Statement { name, order, items, email, locale, channel, sentence } = found.statement;
        let (lines, words) = match items {
            Items::Whole => (Vec::new(), None),
            Items::Lines(lines) => (lines, None),
            Items::Words(words) => (Vec::new(), Some(words)),
        };
        let line = |line: Withdrawn| WithdrawnOut { line: line.line.to_string(), name: line.name, quantity: line.quantity };
        Self {
            id: found.id,
            received_at: found.received_at,
            zone: found.zone,
            name,
            order,
            order_meant: found.order,
            email: email.to_string(),
            locale: locale.to_string(),
            channel: channel.to_string(),
            lines: lines.into_iter().map(line).collect(),
            items: words,
            statement: sentence,
            known_by: found.known_by.map(KnownBy::code),
            waits_for: found.waits_for.filter(|_| found.settled_at.is_none()).map(WaitsFor::code),
            due_at: found.due_at,
            settled_at: found.settled_at,
            rma: found.rma.map(|rma| rma.to_string()),
        }
    }
}

/// A withdrawal, and how it stands.
#[utoipa::path(
    get, path = "/v1/withdrawals/{id}", operation_id = "get_withdrawal", tag = "withdrawals", params(("id" = String, Path, description = "Its number")),
    responses((status = 200, body = WithdrawalOut))
)]
pub async fn get_withdrawal(desk: MachineDesk, Path(id): Path<String>) -> Result<Json<WithdrawalOut>, Problem> {
    let found = desk.withdrawal(&id).await?;
    found.map(|found| Json(found.into())).ok_or_else(|| Problem::not_found(format!("there is no withdrawal `{id}`")))
}

/// Which withdrawals to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WithdrawalsQuery {
    /// `true`: only those that wait for a person, the most urgent first.
    pub waiting: Option<bool>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// A page of withdrawals.
#[derive(Serialize, ToSchema)]
#[schema(as = WithdrawalPage)]
pub struct WithdrawalsOut {
    items: Vec<WithdrawalOut>,
    /// Where the next page starts; none after the last.
    next_cursor: Option<String>,
}

/// Withdrawals, the latest first.
#[utoipa::path(get, path = "/v1/withdrawals", operation_id = "list_withdrawals", tag = "withdrawals", params(WithdrawalsQuery),
    responses((status = 200, body = WithdrawalsOut), (status = 422, description = "A parameter is wrong")))]
pub async fn list_withdrawals(desk: MachineDesk, Query(query): Query<WithdrawalsQuery>) -> Result<Json<WithdrawalsOut>, Problem> {
    let mut fields = Fields::default();
    let (after, limit) = page::wanted(query.cursor.as_deref(), query.limit, plain_name, &mut fields);
    fields.checked()?;
    let waiting = query.waiting.unwrap_or(false);
    let mut found = desk.withdrawals(&WithdrawalPage { waiting, after, limit: limit + 1 }).await?;
    let next_cursor = page::cut(&mut found, limit, |last| last.position(waiting));
    Ok(Json(WithdrawalsOut { items: found.into_iter().map(Into::into).collect(), next_cursor }))
}

fn plain_name(id: &str) -> Option<String> {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-').then(|| id.to_owned())
}
