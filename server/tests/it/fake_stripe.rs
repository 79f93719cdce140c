//! Stripe as far as refunds go, and as strict: it knows payments, keys and what was given back, and can be made to fail wherever a line can break.
//! What it does is judged by Stripe's own client (`refunds::stripes_own_client_agrees_with_the_fake`).
//! Long because each call that it takes is as strict as the real one.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use serde_json::{Value, json};
use server::config::SecretText;
use server::secrets::keyed;
use tokio::sync::Semaphore;

use crate::app::TestApp;
use crate::databases::Database;

pub const KEY: &str = "sk_test_fake";
pub const SECRET: &str = "whsec_fake";

/// A shop that gives money back by it.
pub async fn shop_with_stripe(database: Database) -> (TestApp, Arc<Fake>) {
    let fake = Fake::start().await;
    let base = fake.base.clone();
    let app = TestApp::with(database, |config| {
        config.stripe.url = base;
        config.stripe.secret_key = Some(KEY.into());
        config.stripe.webhook_secret = [SecretText::from(SECRET)].into_iter().collect();
    })
    .await;
    (app, fake)
}

/// How the next call is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It does what it is asked for, and its answer breaks off.
    Lost,
    /// It fails before it does anything, and remembers that under the key.
    Down,
    /// It fails after it did what it was asked for, and remembers that under the key.
    DownAfter,
    /// A twin is being carried out.
    Busy,
    /// Too many calls.
    Limited,
    /// It does what it is asked for, and waits for leave to say so.
    Slow,
    /// The refund takes a while.
    Pending,
    /// The refund fails at once.
    Failed,
}

struct Payment {
    captured: i64,
    currency: &'static str,
    disputed: bool,
}

/// What was asked with a key, and what it was answered.
struct Kept {
    form: Vec<(String, String)>,
    status: u16,
    answer: Value,
}

#[derive(Default)]
struct Books {
    payments: BTreeMap<String, Payment>,
    /// The oldest first.
    refunds: Vec<Value>,
    /// Pages on which customers pay, the oldest first.
    pages: Vec<Value>,
    keys: BTreeMap<String, Kept>,
    turns: VecDeque<Turn>,
    asked: Vec<String>,
    events: usize,
    /// Refunds of a page, where somebody asks for more.
    page: usize,
}

pub struct Fake {
    books: Mutex<Books>,
    pub base: String,
    pub begun: Semaphore,
    pub go: Semaphore,
}

impl Fake {
    pub async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let books = Mutex::new(Books { page: 100, ..Books::default() });
        let fake = Arc::new(Self { books, base, begun: Semaphore::new(0), go: Semaphore::new(0) });
        let routes = Router::new().route("/v1/refunds", post(create).get(list)).route("/v1/refunds/{id}", get(retrieve));
        let routes = routes
            .route("/v1/checkout/sessions", post(create_page))
            .route("/v1/checkout/sessions/{id}", get(retrieve_page))
            .route("/v1/checkout/sessions/{id}/expire", post(expire_page))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        fake
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// A payment that was captured.
    pub fn captured(&self, name: &str, captured: i64, currency: &'static str) {
        self.books().payments.insert(name.to_owned(), Payment { captured, currency, disputed: false });
    }

    pub fn disputed(&self, name: &str) {
        self.books().payments.get_mut(name).unwrap().disputed = true;
    }

    pub fn will(&self, turns: impl IntoIterator<Item = Turn>) {
        self.books().turns.extend(turns);
    }

    pub fn pages_of(&self, refunds: usize) {
        self.books().page = refunds;
    }

    /// What it was asked since it was asked that.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.books().asked)
    }

    /// What went back: payment, amount, our name, how it stands.
    pub fn given(&self) -> Vec<(String, i64, String, String)> {
        let text = |refund: &Value, name: &str| refund[name].as_str().unwrap_or_default().to_owned();
        let row = |refund: &Value| {
            let payment = if refund["payment_intent"].is_null() { text(refund, "charge") } else { text(refund, "payment_intent") };
            (payment, refund["amount"].as_i64().unwrap(), text(&refund["metadata"], "refund"), text(refund, "status"))
        };
        self.books().refunds.iter().map(row).collect()
    }

    /// Pages: our name, amount, how each stands, and whether it was paid.
    pub fn pages(&self) -> Vec<(String, i64, String, String)> {
        let text = |page: &Value, name: &str| page[name].as_str().unwrap_or_default().to_owned();
        let row = |page: &Value| {
            (text(&page["metadata"], "due"), page["amount_total"].as_i64().unwrap(), text(page, "status"), text(page, "payment_status"))
        };
        self.books().pages.iter().map(row).collect()
    }

    /// The customer is done with the newest page; `paid`: the money is there at once.
    pub fn customer_pays(&self, paid: bool) {
        let mut books = self.books();
        let payment = format!("pi_due_{}", books.pages.len());
        let page = books.pages.last_mut().unwrap();
        assert_eq!(page["status"], "open");
        (page["status"], page["url"], page["payment_intent"]) = (json!("complete"), Value::Null, json!(payment));
        page["payment_status"] = json!(if paid { "paid" } else { "unpaid" });
        let captured = page["amount_total"].as_i64().unwrap();
        books.payments.insert(payment, Payment { captured, currency: "cny", disputed: false });
    }

    /// The money of the newest page is there after all.
    pub fn money_comes(&self) {
        self.books().pages.last_mut().unwrap()["payment_status"] = json!("paid");
    }

    /// A message about its newest page, as it stands now.
    pub fn message_of_page(&self, kind: &str) -> (String, String) {
        let object = self.books().pages.last().cloned().unwrap();
        self.message_about(kind, &object)
    }

    /// A day is over: keys are forgotten.
    pub fn forgets_keys(&self) {
        self.books().keys.clear();
    }

    /// Its newest refund stands so from now on.
    pub fn turns_out(&self, status: &str) {
        let mut books = self.books();
        let refund = books.refunds.last_mut().unwrap();
        refund["status"] = json!(status);
        if status == "failed" {
            refund["failure_reason"] = json!("lost_or_stolen_card");
        }
    }

    /// Nothing breaks any more.
    pub fn calms(&self) {
        self.books().turns.clear();
    }

    /// One of its refunds that went well comes back after all: what it tells of that; nothing where there is none.
    pub fn fails_late(&self, which: usize) -> Option<(String, String)> {
        let object = {
            let mut books = self.books();
            let mut well = books.refunds.iter_mut().filter(|refund| refund["status"] == "succeeded");
            let refund = well.nth(which)?;
            (refund["status"], refund["failure_reason"]) = (json!("failed"), json!("lost_or_stolen_card"));
            refund.clone()
        };
        Some(self.message_about("refund.failed", &object))
    }

    /// Somebody gives money back there, without asking us.
    pub fn refunded_by_hand(&self, payment: &str, amount: i64) {
        let form = [("payment_intent", payment), ("amount", &amount.to_string())].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(self.books().refund(&form, "succeeded").0, 200);
    }

    /// A message about its newest refund, as it stands now: signature and body.
    pub fn message(&self, kind: &str) -> (String, String) {
        let object = self.books().refunds.last().cloned().unwrap_or_else(|| json!({"object": "refund"}));
        self.message_about(kind, &object)
    }

    fn message_about(&self, kind: &str, object: &Value) -> (String, String) {
        let mut books = self.books();
        books.events += 1;
        let now = jiff::Timestamp::now().as_second();
        let id = format!("evt_{}", books.events);
        let body = json!({"id": id, "object": "event", "api_version": "2025-09-30.clover", "created": now, "type": kind,
            "livemode": false, "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null}, "data": {"object": object}});
        let body = body.to_string();
        (sign(&body, now), body)
    }
}

/// The header `Stripe-Signature` of a body.
pub fn sign(body: &str, at: i64) -> String {
    let mac = keyed(SECRET.as_bytes()).chain_update(format!("{at}.{body}")).finalize().into_bytes();
    let digits: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={digits}")
}

fn wrong(kind: &str, code: &str, message: &str) -> Value {
    let code = if code.is_empty() { Value::Null } else { json!(code) };
    json!({"error": {"type": kind, "code": code, "message": message, "doc_url": "https://stripe.com/docs/error-codes"}})
}

impl Books {
    fn refund(&mut self, form: &[(String, String)], status: &str) -> (u16, Value) {
        let invalid = |code: &str, message: String| (400, wrong("invalid_request_error", code, &message));
        let mut metadata = serde_json::Map::new();
        let mut named: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, value) in form {
            match name.strip_prefix("metadata[").and_then(|name| name.strip_suffix(']')) {
                Some(name) => drop(metadata.insert(name.to_owned(), json!(value))),
                None if ["payment_intent", "charge", "amount", "reason"].contains(&name.as_str()) => drop(named.insert(name, value)),
                None => return invalid("parameter_unknown", format!("Received unknown parameter: {name}")),
            }
        }
        let Some(payment) = named.get("payment_intent").or(named.get("charge")).copied() else {
            return invalid(
                "parameter_missing",
                "One of the following params should be provided for this request: payment_intent or charge.".into(),
            );
        };
        if named.get("reason").is_some_and(|reason| !["duplicate", "fraudulent", "requested_by_customer"].contains(reason)) {
            return invalid("", "Invalid reason".into());
        }
        let Some(known) = self.payments.get(payment) else {
            let missing = format!("No such payment_intent: '{payment}'");
            return (404, wrong("invalid_request_error", "resource_missing", &missing));
        };
        let holds = |refund: &&Value| refund["of"] == payment && !["failed", "canceled"].contains(&refund["status"].as_str().unwrap());
        let left = known.captured - self.refunds.iter().filter(holds).map(|refund| refund["amount"].as_i64().unwrap()).sum::<i64>();
        let Ok(amount) = named.get("amount").map_or(Ok(left), |amount| amount.parse::<i64>()) else {
            return invalid("parameter_invalid_integer", "Invalid integer".into());
        };
        if known.disputed {
            return invalid("charge_disputed", format!("Charge {payment} has been charged back; cannot issue a refund."));
        }
        if left == 0 {
            return invalid("charge_already_refunded", format!("Charge {payment} has already been refunded."));
        }
        if amount <= 0 || amount > left {
            return invalid("", format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"));
        }
        let id = format!("re_{}", self.refunds.len() + 1);
        let intent = payment.starts_with("pi_");
        let failure = if status == "failed" { json!("lost_or_stolen_card") } else { Value::Null };
        let refund = json!({"id": id, "object": "refund", "amount": amount, "balance_transaction": null, "created": 1_764_000_000,
            "charge": if intent { format!("ch_of_{payment}") } else { payment.to_owned() },
            "payment_intent": if intent { json!(payment) } else { Value::Null }, "currency": known.currency, "metadata": metadata,
            "reason": named.get("reason"), "receipt_number": null, "status": status, "failure_reason": failure, "of": payment});
        self.refunds.push(refund.clone());
        (200, refund)
    }
}

impl Books {
    /// A page as strict as theirs: it takes what they document for `mode=payment`, and nothing else.
    fn page(&mut self, form: &[(String, String)]) -> (u16, Value) {
        let invalid = |message: String| (400, wrong("invalid_request_error", "parameter_unknown", &message));
        let mut metadata = serde_json::Map::new();
        let named: BTreeMap<&str, &str> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        const KNOWN: [&str; 10] = [
            "mode",
            "locale",
            "client_reference_id",
            "line_items[0][quantity]",
            "line_items[0][price_data][currency]",
            "line_items[0][price_data][unit_amount]",
            "line_items[0][price_data][product_data][name]",
            "success_url",
            "cancel_url",
            "expires_at",
        ];
        for (name, value) in form {
            match name.strip_prefix("metadata[").and_then(|name| name.strip_suffix(']')) {
                Some(name) => drop(metadata.insert(name.to_owned(), json!(value))),
                None if name.starts_with("payment_intent_data[metadata][") || KNOWN.contains(&name.as_str()) => {}
                None => return invalid(format!("Received unknown parameter: {name}")),
            }
        }
        if let Some(missing) = KNOWN.iter().find(|name| named.get(*name).is_none_or(|value| value.is_empty())) {
            return invalid(format!("Missing required param: {missing}."));
        }
        let ends = named["expires_at"].parse::<i64>().unwrap() - jiff::Timestamp::now().as_second();
        if !(1_800..=86_400).contains(&ends) {
            return invalid(format!("The `expires_at` timestamp must be less than 24 hours and at least 30 minutes from now: {ends}"));
        }
        let Ok(amount) = named["line_items[0][price_data][unit_amount]"].parse::<i64>() else { return invalid("Invalid integer".into()) };
        if amount <= 0 || named["mode"] != "payment" || named["line_items[0][quantity]"] != "1" {
            return invalid("not what this page is for".into());
        }
        let id = format!("cs_test_{}", self.pages.len() + 1);
        let page = json!({"id": id, "object": "checkout.session", "amount_subtotal": amount, "amount_total": amount, "mode": "payment",
            "currency": named["line_items[0][price_data][currency]"], "metadata": metadata, "payment_intent": null, "payment_status": "unpaid",
            "status": "open", "success_url": named["success_url"], "cancel_url": named["cancel_url"], "livemode": false,
            "client_reference_id": named["client_reference_id"], "expires_at": named["expires_at"].parse::<i64>().unwrap(),
            "url": format!("https://checkout.stripe.example/c/pay/{id}")});
        self.pages.push(page.clone());
        (200, page)
    }
}

fn is_known(headers: &HeaderMap) -> bool {
    let told = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    told == format!("Bearer {KEY}") || told == format!("Basic {}", STANDARD.encode(format!("{KEY}:")))
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

fn answer(status: u16, body: &Value, replayed: bool) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response();
    if replayed {
        response.headers_mut().insert("idempotent-replayed", "true".parse().unwrap());
    }
    response
}

fn no_key() -> Response {
    answer(401, &wrong("invalid_request_error", "", "Invalid API Key provided: sk_test_****"), false)
}

/// An answer that breaks off.
fn broken() -> Response {
    let pieces = [Ok(Bytes::from_static(b"{\"id\": \"re_")), Err(std::io::Error::other("the line went dead"))];
    Body::from_stream(futures::stream::iter(pieces)).into_response()
}

async fn create(State(fake): State<Arc<Fake>>, headers: HeaderMap, body: Bytes) -> Response {
    keyed_call(&fake, &headers, &body, "refund", |books, form, status| books.refund(form, status)).await
}

async fn create_page(State(fake): State<Arc<Fake>>, headers: HeaderMap, body: Bytes) -> Response {
    keyed_call(&fake, &headers, &body, "page", |books, form, _| books.page(form)).await
}

async fn retrieve_page(State(fake): State<Arc<Fake>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !is_known(&headers) {
        return no_key();
    }
    let mut books = fake.books();
    books.asked.push(format!("look {id}"));
    match books.pages.iter().find(|page| page["id"] == id.as_str()) {
        Some(page) => answer(200, page, false),
        None => answer(404, &wrong("invalid_request_error", "resource_missing", &format!("No such checkout.session: '{id}'")), false),
    }
}

async fn expire_page(State(fake): State<Arc<Fake>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !is_known(&headers) {
        return no_key();
    }
    let mut books = fake.books();
    books.asked.push(format!("end {id}"));
    match books.pages.iter_mut().find(|page| page["id"] == id.as_str()) {
        Some(page) if page["status"] == "open" => {
            (page["status"], page["url"]) = (json!("expired"), Value::Null);
            answer(200, page, false)
        }
        Some(_) => {
            answer(400, &wrong("invalid_request_error", "", "Only Checkout Sessions with a status in [\"open\"] can be expired."), false)
        }
        None => answer(404, &wrong("invalid_request_error", "resource_missing", &format!("No such checkout.session: '{id}'")), false),
    }
}

async fn keyed_call(
    fake: &Fake,
    headers: &HeaderMap,
    body: &Bytes,
    what: &str,
    make: impl Fn(&mut Books, &[(String, String)], &str) -> (u16, Value),
) -> Response {
    if !is_known(headers) {
        return no_key();
    }
    let form = pairs(body);
    let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let (turn, status, told, replayed) = {
        let mut books = fake.books();
        books.asked.push(format!("{what} {}", key.as_deref().unwrap_or("-")));
        let turn = books.turns.pop_front();
        let kept = key.as_ref().and_then(|key| books.keys.get(key));
        match (kept, turn) {
            (_, Some(Turn::Busy)) => {
                return answer(
                    409,
                    &wrong("idempotency_error", "idempotency_key_in_use", "There is currently another in-progress request"),
                    false,
                );
            }
            (_, Some(Turn::Limited)) => return answer(429, &wrong("invalid_request_error", "rate_limit", "Too many requests"), false),
            (Some(kept), _) if kept.form != form => {
                let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                return answer(400, &wrong("idempotency_error", "", message), false);
            }
            (Some(kept), turn) => (turn, kept.status, kept.answer.clone(), true),
            (None, turn) => {
                let status = match turn {
                    Some(Turn::Pending) => "pending",
                    Some(Turn::Failed) => "failed",
                    _ => "succeeded",
                };
                let down = || (500, wrong("api_error", "", "Something went wrong on our side"));
                let (status, told) = match turn {
                    Some(Turn::Down) => down(),
                    Some(Turn::DownAfter) => {
                        make(&mut books, &form, status);
                        down()
                    }
                    _ => make(&mut books, &form, status),
                };
                // What fails validation is not kept.
                if let Some(key) = key.filter(|_| status == 200 || status == 500) {
                    books.keys.insert(key, Kept { form, status, answer: told.clone() });
                }
                (turn, status, told, false)
            }
        }
    };
    match turn {
        Some(Turn::Lost) => broken(),
        Some(Turn::Slow) => {
            fake.begun.add_permits(1);
            fake.go.acquire().await.unwrap().forget();
            answer(status, &told, replayed)
        }
        _ => answer(status, &told, replayed),
    }
}

async fn list(State(fake): State<Arc<Fake>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if !is_known(&headers) {
        return no_key();
    }
    let query: BTreeMap<String, String> = pairs(query.unwrap_or_default().as_bytes()).into_iter().collect();
    let mut books = fake.books();
    let payment = query.get("payment_intent").or(query.get("charge")).cloned().unwrap_or_default();
    books.asked.push(format!("find {payment}"));
    match books.turns.pop_front() {
        Some(Turn::Down) => return answer(500, &wrong("api_error", "", "Something went wrong on our side"), false),
        Some(Turn::Limited) => return answer(429, &wrong("invalid_request_error", "rate_limit", "Too many requests"), false),
        Some(Turn::Lost) => return broken(),
        _ => {}
    }
    if !books.payments.contains_key(&payment) {
        return answer(404, &wrong("invalid_request_error", "resource_missing", &format!("No such payment_intent: '{payment}'")), false);
    }
    let most = query.get("limit").map_or(10, |limit| limit.parse::<usize>().unwrap()).min(books.page);
    let newest: Vec<&Value> = books.refunds.iter().rev().filter(|refund| refund["of"] == payment.as_str()).collect();
    let from = match query.get("starting_after") {
        Some(after) => newest.iter().position(|refund| refund["id"] == after.as_str()).unwrap() + 1,
        None => 0,
    };
    let page: Vec<&Value> = newest.iter().copied().skip(from).take(most).collect();
    let more = newest.len() > from + page.len();
    answer(200, &json!({"object": "list", "url": "/v1/refunds", "has_more": more, "data": page}), false)
}

async fn retrieve(State(fake): State<Arc<Fake>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !is_known(&headers) {
        return no_key();
    }
    let books = fake.books();
    match books.refunds.iter().find(|refund| refund["id"] == id.as_str()) {
        Some(refund) => answer(200, refund, false),
        None => answer(404, &wrong("invalid_request_error", "resource_missing", &format!("No such refund: '{id}'")), false),
    }
}
