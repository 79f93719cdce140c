//! Returns by machine.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{Code, order_key};
use domain::order::{Address, AddressDocument, FieldProblem};
use domain::policy::{Method, Resolution};
use domain::returns::{Actor, Event, LineNo, Pickup, Return, ReturnLine, Status, timeline};
use domain::rma::RmaNumber;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::problem::{FieldError, Problem};
use super::shapes::{ReturnOut, words};
use super::{Reader, Writer};
use crate::http::labels::{Wanted, pdf_answer};
use crate::http::router::AppState;
use crate::http::visitor;
use crate::secrets;
use crate::services::{IdempotencyKey, LineRequest, PartCancelled, ReturnRequest, Shown};
use crate::store::{self, ReturnPage};

/// A request for a return, version 1.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReturnIn {
    /// Orders; left out: those that `lines` name.
    #[serde(default)]
    pub orders: Vec<String>,
    /// Who asks; where given, must be the customer of every order.
    #[serde(default)]
    pub customer: CustomerIn,
    /// `web`, `phone`, `chat`, …; left out: `api`.
    #[serde(default)]
    pub channel: Option<String>,
    /// Lines.
    pub lines: Vec<LineIn>,
    /// `pickup`, `drop_off`, `self_ship`, `counter`; left out: the first that fits.
    #[serde(default)]
    pub method: Option<String>,
    /// When the door is called at.
    #[serde(default)]
    pub pickup: Option<PickupIn>,
    /// Declared as a statutory withdrawal.
    #[serde(default)]
    pub withdrawal: bool,
    /// Language of the mails: `zh-CN`, `en`; left out: the order's.
    #[serde(default)]
    pub locale: Option<String>,
    /// Where it comes from; left out: where the order went.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub from: Option<AddressDocument>,
    /// Proof of purchase where not the order itself: `receipt`, `gift_receipt`, `none`.
    #[serde(default)]
    pub proof: Option<String>,
}

/// Who asks.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct CustomerIn {
    /// Mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Phone.
    #[serde(default)]
    pub phone: Option<String>,
}

/// Units of an order line.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LineIn {
    /// Order; may be left out where the request names one order.
    #[serde(default)]
    pub order: Option<String>,
    /// Line of the order.
    pub line: String,
    /// Units.
    pub quantity: u32,
    /// Why: a code of the reason tree. Needed to open a return, not for a quote.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why, more finely.
    #[serde(default)]
    pub sub_reason: Option<String>,
    /// In the customer's words; at most 2,000 characters.
    #[serde(default)]
    pub comment: Option<String>,
    /// `unopened`, `opened`, `used`, `damaged`, `incomplete`, `dirty`, `altered`, `assembled`.
    #[serde(default)]
    pub condition: Option<String>,
    /// `small`, `true`, `large`.
    #[serde(default)]
    pub fit: Option<String>,
    /// `refund`, `store_credit`, `exchange`, `replacement`, `repair`, `keep_refund`; left out: the first that is offered.
    #[serde(default)]
    pub resolution: Option<String>,
    /// The product wanted in exchange.
    #[serde(default)]
    pub exchange_sku: Option<String>,
    /// Evidence that was uploaded with the same key: `POST /v1/evidence`.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// When the door is called at.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PickupIn {
    /// Day: `2026-11-24`.
    pub date: String,
    /// Hours: `09-12`.
    pub slot: String,
}

/// Collects what is wrong with a request's fields.
#[derive(Default)]
pub(super) struct Fields(Vec<FieldError>);

impl Fields {
    /// Refuses where anything is wrong.
    pub(super) fn checked(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::fields(self.0)) }
    }

    fn wrong(&mut self, field: impl Into<String>, problem: impl std::fmt::Display) {
        self.0.push(FieldError { field: field.into(), problem: problem.to_string() });
    }

    pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        field: impl Into<String>,
        text: Option<&str>,
    ) -> Option<T> {
        let text = text?;
        text.parse().map_err(|error| self.wrong(field, error)).ok()
    }

    pub(super) fn one_of<T: std::str::FromStr>(&mut self, field: impl Into<String>, text: Option<&str>, known: &[&str]) -> Option<T> {
        let text = text?;
        let value = text.parse().ok().filter(|_| known.contains(&text));
        if value.is_none() {
            self.wrong(field, format!("`{text}` is not one of {}", known.join(", ")));
        }
        value
    }
}

const CONDITIONS: [&str; 8] = ["unopened", "opened", "used", "damaged", "incomplete", "dirty", "altered", "assembled"];
pub(super) const METHODS: [&str; 4] = ["pickup", "drop_off", "self_ship", "counter"];

/// Lines of a request; `orders`: those it names.
pub(super) fn lines_of(lines_in: &[LineIn], orders: &[String], key: &store::ApiKey, fields: &mut Fields) -> Vec<LineRequest> {
    let resolutions: Vec<&str> = Resolution::ALL.iter().map(|resolution| resolution.code()).collect();
    let mut lines = Vec::new();
    for (place, line) in lines_in.iter().enumerate() {
        let at = |name: &str| format!("lines[{place}].{name}");
        let only = || Some(orders.first()?).filter(|_| orders.len() == 1);
        let Some(order) = line.order.as_ref().or_else(only) else {
            fields.wrong(at("order"), "is missing, and the request does not name one order");
            continue;
        };
        if !orders.is_empty() && !orders.iter().any(|named| domain::ids::order_key(named) == domain::ids::order_key(order)) {
            fields.wrong(at("order"), format!("`{order}` is not among `orders`"));
        }
        let comment = line.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
        if comment.is_some_and(|comment| comment.chars().count() > 2_000) {
            fields.wrong(at("comment"), "is longer than 2000 characters");
        }
        let (order, id) = (fields.parsed(at("order"), Some(order)), fields.parsed(at("line"), Some(&line.line)));
        let condition = fields.one_of(at("condition"), line.condition.as_deref(), &CONDITIONS);
        let fit = fields.one_of(at("fit"), line.fit.as_deref(), &["small", "true", "large"]);
        let resolution = fields.one_of(at("resolution"), line.resolution.as_deref(), &resolutions);
        let exchange_sku = fields.parsed(at("exchange_sku"), line.exchange_sku.as_deref());
        if let (Some(order), Some(id)) = (order, id) {
            lines.push(LineRequest {
                order,
                line: id,
                quantity: line.quantity,
                reason: line.reason.clone(),
                sub_reason: line.sub_reason.clone(),
                comment: comment.map(|comment| comment.chars().filter(|letter| !letter.is_control() || *letter == '\n').collect()),
                condition,
                fit,
                resolution,
                exchange_sku,
                evidence: match line.evidence.as_slice() {
                    [] => Shown::Nothing,
                    ids => Shown::Named { ids: ids.to_vec(), key: key.digest.clone() },
                },
                agreed: None,
            });
        }
    }
    lines
}

fn request_of(json: &[u8], key: &store::ApiKey) -> Result<ReturnRequest, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let given: ReturnIn = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        Problem::fields(vec![FieldProblem::new(error.path().to_string().trim_start_matches('.'), error.inner()).into()])
    })?;
    let mut fields = Fields::default();
    let lines = lines_of(&given.lines, &given.orders, key, &mut fields);
    let pickup = given.pickup.as_ref().and_then(|pickup| {
        let date = fields.parsed("pickup.date", Some(&pickup.date))?;
        Some(Pickup { date, slot: pickup.slot.clone() })
    });
    let from = given.from.as_ref().and_then(|from| match Address::parse(from) {
        Ok(address) => Some(address),
        Err(problems) => {
            problems.into_iter().for_each(|problem| fields.wrong(problem.field.replacen("address", "from", 1), problem.problem));
            None
        }
    });
    let request = ReturnRequest {
        lines,
        email: fields.parsed("customer.email", given.customer.email.as_deref()),
        phone: fields.parsed("customer.phone", given.customer.phone.as_deref()),
        channel: given.channel.as_deref().map_or_else(|| Code::from_words("api"), Code::from_words).unwrap_or_else(crate::desks::web),
        locale: given.locale.as_deref().and_then(|locale| locale.parse().ok()),
        method: fields.one_of::<Method>("method", given.method.as_deref(), &METHODS),
        pickup,
        withdrawal: given.withdrawal,
        from,
        proof: fields.one_of("proof", given.proof.as_deref(), &["order", "receipt", "gift_receipt", "none"]),
        within: None,
    };
    fields.checked()?;
    Ok(request)
}

pub(super) fn say(state: &AppState, headers: &HeaderMap) -> app::say::Say {
    words(visitor::locale(headers), state.services.clock.now(), state.services.shop_zone())
}

pub(super) fn rma_of(text: &str) -> Result<RmaNumber, Problem> {
    text.parse().map_err(|error| Problem::not_found(format!("`{text}`: {error}")))
}

/// What would happen if this return were opened: verdict, resolutions, methods, amounts and trace. Nothing is changed.
#[utoipa::path(
    post, path = "/v1/returns/quote", tag = "returns", request_body = ReturnIn,
    responses((status = 200, body = ReturnOut), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub async fn quote(
    State(state): State<AppState>,
    Reader(key): Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ReturnOut>, Problem> {
    let request = request_of(&body, &key)?;
    let assessment = state.services.quote_to_open(&request, true).await?;
    Ok(Json(ReturnOut::quoted(&assessment, &say(&state, &headers))))
}

/// The key that names a request, where there is one.
pub(super) fn named_by(headers: &HeaderMap, key: &store::ApiKey, body: &[u8]) -> Result<Option<IdempotencyKey>, Problem> {
    Ok(match headers.get("idempotency-key").map(|value| value.to_str()) {
        None => None,
        Some(Ok(name)) if (1..=200).contains(&name.len()) => Some(IdempotencyKey {
            scope: key.digest.clone(),
            key: name.to_owned(),
            digest: secrets::digest(&String::from_utf8_lossy(body)),
        }),
        Some(_) => {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency-key", "an Idempotency-Key has 1 to 200 plain characters"));
        }
    })
}

/// Open a return. With `Idempotency-Key`, the same request answers the same return, however often it is sent. Lines that may not come back
/// are kept in it, declined; where none may, nothing is opened (422, `nothing-to-return`), and `errors` says of each why.
#[utoipa::path(
    post, path = "/v1/returns", tag = "returns", request_body = ReturnIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this request; at most 200 characters")),
    responses((status = 201, body = ReturnOut), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub async fn open_return(State(state): State<AppState>, Writer(key): Writer, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let request = request_of(&body, &key)?;
    let named = named_by(&headers, &key, &body)?;
    let say = say(&state, &headers);
    let opened = state.services.open_return(request, Actor::Api { key: key.name }, named).await;
    let opened = opened.map_err(|error| Problem::of_opening(error, &say))?;
    let place = format!("/api/v1/returns/{}", opened.request.rma);
    let answer = Json(ReturnOut::of(&opened.request, &say));
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], answer).into_response())
}

/// A return as it stands.
#[utoipa::path(
    get, path = "/v1/returns/{rma}", tag = "returns", params(("rma" = String, Path, description = "Its number")),
    responses((status = 200, body = ReturnOut), (status = 404, body = Problem))
)]
pub async fn get_return(
    State(state): State<AppState>,
    _: Reader,
    headers: HeaderMap,
    Path(rma): Path<String>,
) -> Result<Json<ReturnOut>, Problem> {
    let request = found(&state, &rma).await?;
    Ok(Json(ReturnOut::of(&request, &say(&state, &headers))))
}

pub(super) async fn found(state: &AppState, rma: &str) -> Result<Return, Problem> {
    let rma = rma_of(rma)?;
    let mut read = state.services.store.read().await?;
    store::find_return(&mut read.conn(), rma).await?.ok_or_else(|| unknown(rma))
}

fn unknown(rma: RmaNumber) -> Problem {
    Problem::not_found(format!("there is no return {rma}"))
}

/// What happened to a return, and what comes next.
#[derive(Serialize, ToSchema)]
pub struct TimelineOut {
    /// Every event, in order.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Value>,
    /// What people see: done, now, next, each with a sentence.
    #[schema(value_type = Vec<Object>)]
    pub entries: Vec<Value>,
}

/// What happened to a return, and what comes next.
#[utoipa::path(
    get, path = "/v1/returns/{rma}/timeline", tag = "returns", params(("rma" = String, Path, description = "Its number")),
    responses((status = 200, body = TimelineOut), (status = 404, body = Problem))
)]
pub async fn get_timeline(
    State(state): State<AppState>,
    _: Reader,
    headers: HeaderMap,
    Path(rma): Path<String>,
) -> Result<Json<TimelineOut>, Problem> {
    let rma = rma_of(&rma)?;
    let mut read = state.services.store.read().await?;
    let history = store::history_of(&mut read.conn(), rma).await?.ok_or_else(|| unknown(rma))?;
    drop(read);
    let (request, events) = (history.request, history.events);
    let say = say(&state, &headers);
    let entries = timeline(&request, &events).into_iter().map(|entry| {
        let mut value = serde_json::to_value(&entry).unwrap_or_default();
        value["text"] = say.moment(&entry.moment).into();
        value
    });
    let event = |recorded: &domain::returns::Recorded| {
        let mut value = json!({
            "seq": recorded.seq, "at": recorded.at, "actor": recorded.actor, "command_id": recorded.command_id, "event": recorded.event.kind(),
        });
        // The opening repeats the whole return, which has its own call.
        let facts = match &recorded.event {
            Event::Opened { .. } => Value::Object(Map::new()),
            event => serde_json::to_value(event).unwrap_or_default(),
        };
        if let Value::Object(mut facts) = facts {
            facts.remove("kind");
            value["facts"] = facts.into();
        }
        value
    };
    Ok(Json(TimelineOut { events: events.iter().map(event).collect(), entries: entries.collect() }))
}

/// The label as PDF.
#[utoipa::path(
    get, path = "/v1/returns/{rma}/label.pdf", tag = "returns",
    params(("rma" = String, Path, description = "Its number"), ("size" = Option<String>, Query, description = "`a6` (default), `a4` or `large`")),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn get_label(
    State(state): State<AppState>,
    _: Reader,
    Path(rma): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let request = found(&state, &rma).await?;
    if !crate::labels::has_label(&request) {
        let detail = format!("this return has no label: it is {}", request.status());
        return Err(Problem::new(StatusCode::CONFLICT, "no-label", detail));
    }
    let locale = request.locale;
    let pdf = state.services.label_pdf(&request, locale, wanted.size).await;
    let pdf = pdf.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "label", error.to_string()))?;
    Ok(pdf_answer(&rma, pdf))
}

/// Which returns to list.
#[derive(Deserialize, IntoParams)]
pub struct ListQuery {
    /// Only of this status.
    pub status: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many, 1 to 200; 50 where left out.
    pub limit: Option<i64>,
}

/// A page of returns, the latest first.
#[derive(Serialize, ToSchema)]
pub struct ListOut {
    /// Returns.
    pub items: Vec<ReturnOut>,
    /// Where the next page starts; none after the last.
    pub next_cursor: Option<String>,
}

/// Returns, the latest first.
#[utoipa::path(get, path = "/v1/returns", tag = "returns", params(ListQuery), responses((status = 200, body = ListOut), (status = 422, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    _: Reader,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> Result<Json<ListOut>, Problem> {
    let mut fields = Fields::default();
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.code()).collect();
    let status = fields.one_of::<Status>("status", query.status.as_deref(), &statuses);
    let after = query.cursor.as_deref().and_then(|cursor| {
        let position = position_of(cursor);
        if position.is_none() {
            fields.wrong("cursor", "is not a cursor that this call gave");
        }
        position
    });
    let limit = query.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        fields.wrong("limit", "is between 1 and 200");
    }
    if !fields.0.is_empty() {
        return Err(Problem::fields(fields.0));
    }
    let mut read = state.services.store.read().await?;
    let mut found = store::list_returns(&mut read.conn(), &ReturnPage { status, after, limit: limit + 1 }).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_cursor = found.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(format!("{}:{}", last.position.0, last.position.1)));
    let say = say(&state, &headers);
    Ok(Json(ListOut { items: found.iter().map(|listed| ReturnOut::of(&listed.request, &say)).collect(), next_cursor }))
}

fn position_of(cursor: &str) -> Option<(i64, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, rma) = text.split_once(':')?;
    Some((at.parse().ok()?, rma.parse::<RmaNumber>().ok()?.to_string()))
}

/// Why a return is called off.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct CancelIn {
    /// In words, shown on the timeline.
    #[serde(default)]
    pub reason: Option<String>,
    /// Lines to call off; left out: all of them.
    #[serde(default)]
    pub lines: Option<Vec<LineNamed>>,
}

/// A line of a return, by its name in it, or by order and line: then every line that is of it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LineNamed {
    /// Its name in the return.
    #[serde(default)]
    pub id: Option<String>,
    /// Order; may be left out where the return is of one order.
    #[serde(default)]
    pub order: Option<String>,
    /// Line of the order.
    #[serde(default)]
    pub line: Option<String>,
}

/// The lines of a return that are named.
fn lines_named(request: &Return, named: &[LineNamed], fields: &mut Fields) -> Vec<LineNo> {
    let mut found: Vec<LineNo> = Vec::new();
    for (place, name) in named.iter().enumerate() {
        let is = |line: &&ReturnLine| {
            let of_order = name.order.as_deref().is_none_or(|order| order_key(order) == line.asked.order.key());
            let by_id = name.id.as_deref().is_none_or(|id| id == line.id.to_string());
            let by_line = name.line.as_deref().is_none_or(|id| id == line.asked.line.as_str());
            of_order && by_id && by_line
        };
        let lines: Vec<LineNo> = request.lines.iter().filter(is).map(|line| line.id).collect();
        if name.id.is_none() && name.line.is_none() {
            fields.wrong(format!("lines[{place}]"), "needs `id`, or `order` and `line`");
        } else if lines.is_empty() {
            fields.wrong(format!("lines[{place}]"), "is not in this return");
        }
        found.extend(lines.into_iter().filter(|line| !found.contains(line)).collect::<Vec<_>>());
    }
    if named.is_empty() {
        fields.wrong("lines", "names nothing; leave it out to call all of it off");
    }
    found
}

/// Call a return off, or some of its lines; what stays is settled anew. What was called off before answers as it stands.
#[utoipa::path(
    post, path = "/v1/returns/{rma}/cancel", tag = "returns", request_body = Option<CancelIn>,
    params(("rma" = String, Path, description = "Its number")),
    responses((status = 200, body = ReturnOut), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn cancel_return(
    State(state): State<AppState>,
    Writer(key): Writer,
    headers: HeaderMap,
    Path(rma): Path<String>,
    body: Bytes,
) -> Result<Json<ReturnOut>, Problem> {
    let given: CancelIn = if body.is_empty() {
        CancelIn::default()
    } else {
        serde_json::from_slice(&body)
            .map_err(|error| Problem::fields(vec![FieldError { field: String::new(), problem: error.to_string() }]))?
    };
    let reason = given.reason.map(|reason| reason.chars().filter(|letter| !letter.is_control()).take(500).collect::<String>());
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    let part = match &given.lines {
        None => PartCancelled::Whole,
        Some(named) => {
            let mut fields = Fields::default();
            let lines = lines_named(&found(&state, &rma).await?, named, &mut fields);
            fields.checked()?;
            PartCancelled::Lines(lines)
        }
    };
    let request = state.services.cancel_return(rma_of(&rma)?, part, Actor::Api { key: key.name }, reason).await?;
    Ok(Json(ReturnOut::of(&request, &say(&state, &headers))))
}
