//! The shop's own servers, which are told of what happens, by machine (B41).

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, read, read_or_nothing};
use super::json::Json;
use super::page::{cut, wanted};
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{AtWebhooks, Message, Replay, Webhook, WebhookError, event_names, is_event_name};
use crate::store::{DeliveryRow, OutboxState, WebhookRow};
use crate::webhooks::address;

/// Characters of a name.
const LONGEST_NAME: usize = 60;
/// Names of events in one.
const MOST_EVENTS: usize = 100;
/// Messages that are told again by their names at once.
const MOST_AGAIN: usize = 200;
/// How a message stands.
const STATES: [(&str, OutboxState); 4] = [
    ("waiting", OutboxState::Waiting),
    ("sending", OutboxState::UnderWay),
    ("delivered", OutboxState::Done),
    ("failed", OutboxState::Parked),
];

fn at_webhooks(desk: &MachineDesk) -> Result<AtWebhooks, Problem> {
    AtWebhooks::of_machine(&desk.key)
        .ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not say who is told of what happens"))
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Unknown => Self::not_found(error.to_string()),
            WebhookError::TooMany => Self::new(StatusCode::CONFLICT, "too-many-webhooks", error.to_string()),
            WebhookError::Store(error) => error.into(),
        }
    }
}

/// Where one of the shop's servers is, and what it wants to know.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WebhookIn, examples(json!({"url": "https://shop.example/hooks/returns", "events": ["return.opened", "stock.changed"]})))]
pub struct WebhookIn {
    /// Its address: `https`, and not within a private network unless the server's settings allow that.
    #[schema(min_length = 10, max_length = 2000)]
    pub url: String,
    /// Of what it hears: `return.` and the name of an event as the timeline has it (`return.opened`), `stock.changed`, `coupon.given`, `coupon.redeemed`, `coupon.released`,
    /// `coupon.withdrawn`, `coupon.expired`; `return.*` and `*` for all of them.
    #[schema(min_items = 1, max_items = 100)]
    pub events: Vec<String>,
}

/// One of the shop's servers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookOut {
    name: String,
    url: String,
    events: Vec<String>,
    /// It is told; not where it answered 410, until it is put again.
    enabled: bool,
    /// Why it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_because: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// What its messages are signed with: `whsec_…`; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// What they were signed with before, and for a day still are, beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret: Option<String>,
}

impl From<WebhookRow> for WebhookOut {
    fn from(row: WebhookRow) -> Self {
        let WebhookRow { name, url, events, at, changed_at, off, .. } = row;
        let enabled = off.is_none();
        let disabled_because = off.map(|(_, because)| because);
        Self { name, url, events, enabled, disabled_because, created_at: at, changed_at, secret: None, old_secret: None }
    }
}

impl From<Webhook> for WebhookOut {
    fn from(webhook: Webhook) -> Self {
        let mut secrets = webhook.secrets.into_iter();
        let (secret, old_secret) = (secrets.next(), secrets.next());
        Self { secret, old_secret, ..webhook.row.into() }
    }
}

fn name_of(name: &str) -> Result<String, Problem> {
    let fits = (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
    if fits { Ok(name.to_owned()) } else { Err(Problem::not_found("a webhook's name is 1 to 60 of a to z, 0 to 9, - and _")) }
}

/// Who is told of what happens.
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks", operation_id = "list_webhooks", responses((status = 200, body = Vec<WebhookOut>)))]
pub async fn list(State(state): State<AppState>, desk: MachineDesk) -> Result<Json<Vec<WebhookOut>>, Problem> {
    let all = state.services.webhooks(&at_webhooks(&desk)?).await?;
    Ok(Json(all.into_iter().map(WebhookOut::from).collect()))
}

/// Have one of the shop's servers told of what happens from now on, as Standard Webhooks has it; twenty at most. What is said again changes nothing; with
/// another address or other events it takes the place of what was. Its messages are signed with the answer's `secret`.
#[utoipa::path(
    put, path = "/v1/webhooks/{name}", tag = "webhooks", operation_id = "put_webhook", request_body = WebhookIn,
    params(("name" = String, Path, description = "What it is called here: a to z, 0 to 9, - and _")),
    responses((status = 200, body = WebhookOut), (status = 201, body = WebhookOut))
)]
pub async fn put(State(state): State<AppState>, desk: MachineDesk, Path(name): Path<String>, body: Bytes) -> Result<Response, Problem> {
    let (access, name) = (at_webhooks(&desk)?, name_of(&name)?);
    let given: WebhookIn = read(&body)?;
    let mut fields = Fields::default();
    if let Err(why) = address(&given.url, state.services.config.webhooks.allow_private) {
        fields.wrong("url", why);
    }
    if !(1..=MOST_EVENTS).contains(&given.events.len()) {
        fields.wrong("events", format!("names 1 to {MOST_EVENTS} events"));
    }
    let known = || format!("*, return.*, stock.*, {}", event_names().join(", "));
    for (place, _) in given.events.iter().enumerate().take(MOST_EVENTS).filter(|(_, event)| !is_event_name(event)) {
        fields.wrong(format!("events[{place}]"), format!("is not one of {}", known()));
    }
    fields.checked()?;
    let mut events: Vec<String> = Vec::new();
    for event in given.events {
        if !events.contains(&event) {
            events.push(event);
        }
    }
    let (webhook, new) = state.services.put_webhook(access, name, given.url, events).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(WebhookOut::from(webhook))).into_response())
}

/// One of those that are told, with what its messages are signed with.
#[utoipa::path(
    get, path = "/v1/webhooks/{name}", tag = "webhooks", operation_id = "get_webhook",
    params(("name" = String, Path, description = "Its name")), responses((status = 200, body = WebhookOut))
)]
pub async fn get(State(state): State<AppState>, desk: MachineDesk, Path(name): Path<String>) -> Result<Json<WebhookOut>, Problem> {
    let webhook = state.services.webhook(&at_webhooks(&desk)?, &name_of(&name)?).await?;
    Ok(Json(webhook.into()))
}

/// Tell one nothing any more. What it was not told yet is forgotten.
#[utoipa::path(
    delete, path = "/v1/webhooks/{name}", tag = "webhooks", operation_id = "delete_webhook",
    params(("name" = String, Path, description = "Its name")), responses((status = 204, description = "It is told nothing any more"))
)]
pub async fn delete(State(state): State<AppState>, desk: MachineDesk, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    state.services.delete_webhook(at_webhooks(&desk)?, name_of(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign its messages with something new. What they were signed with before signs them for a day, too: both signatures stand in each.
#[utoipa::path(
    post, path = "/v1/webhooks/{name}/rotate", tag = "webhooks", operation_id = "rotate_webhook",
    params(("name" = String, Path, description = "Its name")), responses((status = 200, body = WebhookOut))
)]
pub async fn rotate(State(state): State<AppState>, desk: MachineDesk, Path(name): Path<String>) -> Result<Json<WebhookOut>, Problem> {
    let webhook = state.services.rotate_webhook(at_webhooks(&desk)?, name_of(&name)?).await?;
    Ok(Json(webhook.into()))
}

/// The message that was put in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookTried)]
pub struct TriedOut {
    /// `msg_…`, as in the header `webhook-id`.
    id: String,
}

/// Send it a message of type `webhook.test` that says nothing: `deliveries` shows how it went.
#[utoipa::path(
    post, path = "/v1/webhooks/{name}/test", tag = "webhooks", operation_id = "test_webhook",
    params(("name" = String, Path, description = "Its name")), responses((status = 202, body = TriedOut))
)]
pub async fn test(State(state): State<AppState>, desk: MachineDesk, Path(name): Path<String>) -> Result<Response, Problem> {
    let id = state.services.try_webhook(&at_webhooks(&desk)?, name_of(&name)?).await?;
    Ok((StatusCode::ACCEPTED, Json(TriedOut { id: format!("msg_{id}") })).into_response())
}

/// A message to one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryOut {
    /// As in the header `webhook-id`, however often it is sent.
    id: String,
    /// What happened.
    #[serde(rename = "type")]
    event: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// What it says.
    #[schema(value_type = Object)]
    data: Value,
    /// `waiting`, `sending`, `delivered`, `failed` (given up; `replay` has it sent again).
    state: &'static str,
    /// How often it was sent.
    attempts: i64,
    /// When it was taken or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// When it is sent next, at the earliest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// Why it was not taken last.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl DeliveryOut {
    fn of(row: DeliveryRow) -> Option<Self> {
        let message: Message = serde_json::from_str(&row.payload).ok()?;
        let state = STATES.iter().find(|(_, state)| *state == row.state).map(|(name, _)| *name)?;
        let at = Timestamp::from_millisecond(row.at).ok();
        let ended = matches!(row.state, OutboxState::Done | OutboxState::Parked);
        Some(Self {
            id: format!("msg_{}", row.id),
            event: message.event,
            timestamp: message.timestamp,
            data: message.data,
            state,
            attempts: row.attempts,
            ended_at: at.filter(|_| ended),
            next_at: at.filter(|_| !ended),
            error: row.last_error,
        })
    }
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDeliveryPage)]
pub struct DeliveriesOut {
    items: Vec<DeliveryOut>,
    /// Where the next page starts; nothing: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which messages to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveriesQuery {
    /// Only those that stand so: `waiting`, `sending`, `delivered`, `failed`.
    #[param(pattern = "^(waiting|sending|delivered|failed)$")]
    pub state: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// What it was told, the youngest first. What was taken is forgotten after some weeks, as the settings say.
#[utoipa::path(
    get, path = "/v1/webhooks/{name}/deliveries", tag = "webhooks", operation_id = "list_webhook_deliveries",
    params(("name" = String, Path, description = "Its name"), DeliveriesQuery),
    responses((status = 200, body = DeliveriesOut), (status = 422, description = "A cursor that this call did not give, or another state"))
)]
pub async fn deliveries(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(name): Path<String>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<DeliveriesOut>, Problem> {
    let mut fields = Fields::default();
    let stands = fields.listed("state", query.state.as_deref(), &STATES);
    let known = |name: &str| uuid::Uuid::parse_str(name).ok().map(|id| id.to_string());
    let (before, limit) = wanted(query.cursor.as_deref(), query.limit, known, &mut fields);
    fields.checked()?;
    let before = before.map(|(_, id)| id);
    let found = state.services.deliveries(&at_webhooks(&desk)?, &name_of(&name)?, stands, before.as_deref(), limit + 1).await;
    let mut rows = found?;
    let next_cursor = cut(&mut rows, limit, |row| (0, row.id.clone()));
    Ok(Json(DeliveriesOut { items: rows.into_iter().filter_map(DeliveryOut::of).collect(), next_cursor }))
}

/// Which messages are sent again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = WebhookReplay, examples(json!({"since": "2026-11-20T00:00:00Z"})))]
pub struct ReplayIn {
    /// These: `msg_…`.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub ids: Vec<String>,
    /// All that were put in since then, whether they were taken or not.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<String>,
}

/// How many are sent again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookReplayed)]
pub struct ReplayedOut {
    count: u64,
}

/// Have messages sent again, under the same `id`; where nothing is named, those that were given up.
#[utoipa::path(
    post, path = "/v1/webhooks/{name}/replay", tag = "webhooks", operation_id = "replay_webhook",
    request_body(content = Option<ReplayIn>, description = "Nothing is as good as `{}`"),
    params(("name" = String, Path, description = "Its name")), responses((status = 200, body = ReplayedOut))
)]
pub async fn replay(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<ReplayedOut>, Problem> {
    let (access, name) = (at_webhooks(&desk)?, name_of(&name)?);
    let given: ReplayIn = read_or_nothing(&body)?;
    let mut fields = Fields::default();
    let since: Option<Timestamp> = fields.parsed("since", given.since.as_deref());
    if given.ids.len() > MOST_AGAIN {
        fields.wrong("ids", format!("has more than {MOST_AGAIN} entries"));
    }
    if !given.ids.is_empty() && given.since.is_some() {
        fields.wrong("since", "goes without `ids`");
    }
    let mut ids = Vec::new();
    for (place, id) in given.ids.iter().enumerate().take(MOST_AGAIN) {
        match id.strip_prefix("msg_").and_then(|id| uuid::Uuid::parse_str(id).ok()) {
            Some(id) => ids.push(id.to_string()),
            None => fields.wrong(format!("ids[{place}]"), "is no name of a message: `msg_…`"),
        }
    }
    fields.checked()?;
    let which = match (ids.is_empty(), since) {
        (false, _) => Replay::These(ids),
        (true, Some(at)) => Replay::Since(at),
        (true, None) => Replay::GivenUp,
    };
    Ok(Json(ReplayedOut { count: state.services.replay_webhook(access, name, which).await? }))
}
