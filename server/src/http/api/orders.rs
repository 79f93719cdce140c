//! Orders by machine.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::order::OrderDocument;
use domain::policy::WindowState;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Ref;

use super::goodwill::ConcessionOut;
use super::json::Json;
use super::problem::{FieldError, Problem};

use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::import::{self, Format, Options, Report, Source};
use crate::store::Put;

/// What became of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderOutcome)]
pub struct PutAnswer {
    /// Its number.
    number: String,
    /// `created`, `replaced` or, where it was known as it is, `unchanged`.
    outcome: &'static str,
    /// What was left out or changed, where anything was: a line of quantity 0, one that costs less than nothing (a discount on the order), measured
    /// goods (one piece), a line without an id of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<FieldError>,
}

/// Create or replace an order. Sending the same again changes nothing.
#[utoipa::path(
    put, path = "/v1/orders/{number}", tag = "orders",
    params(("number" = String, Path, description = "The order's number, as in the body; `#` is written `%23`")),
    request_body(content = ref("#/components/schemas/Order"), description = "An order, version 1"),
    responses((status = 201, body = PutAnswer), (status = 200, body = PutAnswer))
)]
pub async fn put_order(State(state): State<AppState>, Path(number): Path<String>, body: Bytes) -> Result<Response, Problem> {
    let (number, put, notes) = state.services.put_order(&number, &body).await?;
    let status = if put == Put::Created { StatusCode::CREATED } else { StatusCode::OK };
    let notes = notes.into_iter().map(FieldError::from).collect();
    Ok((status, Json(PutAnswer { number: number.to_string(), outcome: put.code(), notes })).into_response())
}

/// Import many orders: one order document a line. Each is taken whole or not at all; what is refused is told with its line and reason and
/// does not keep the rest out; sending the same again changes nothing. 400: the body broke off, what came before it stays.
#[utoipa::path(
    post, path = "/v1/orders/import", tag = "orders",
    request_body(content = Vec<u8>, content_type = "application/x-ndjson", description = "Orders, version 1 (schema `Order`), one a line; gzip or not"),
    responses((status = 200, body = Report), (status = 400, body = Report))
)]
pub async fn import_orders(State(state): State<AppState>, body: Bytes) -> Result<Response, Problem> {
    let now = state.services.clock.millis();
    let source = Source::bytes(body).at_most(state.services.config.limits.import_body);
    let report = import::run(&state.services.store, now, source, Options::new(Format::Json), &mut |_| {}).await?;
    let status = if report.broken_off.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok((status, Json(report)).into_response())
}

fn order() -> Ref {
    Ref::from_schema_name("Order")
}

/// An order with what may still be returned.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderFound)]
pub struct OrderAnswer {
    /// The order as it was sent.
    #[schema(schema_with = order)]
    order: OrderDocument,
    /// Version of the policy it follows.
    policy_version: i64,
    /// Per line, what may still be returned; what came in exchange has a line of its own.
    returnable: Vec<Returnable>,
}

/// What may still be returned of a line.
#[derive(Serialize, ToSchema)]
pub struct Returnable {
    /// The line; of what came in exchange, its return and its place there (`R-7KQ4-M2XD/1`).
    line: String,
    /// What it is.
    sku: String,
    name: String,
    /// The line in whose place it came, where it came in exchange. What is asked of that line when none of what was bought is left is asked of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_exchange_for: Option<String>,
    /// Units bought, or that came.
    quantity: u32,
    /// Units that can still be returned.
    available: u32,
    /// Live returns that hold the others.
    in_returns: Vec<String>,
    /// Last day without a reason; `null`: not at all, or without end (see `unlimited`).
    until: Option<String>,
    /// Last day where something is wrong with it.
    until_if_faulty: Option<String>,
    /// There is no last day.
    unlimited: bool,
}

/// The order, with what may still be returned.
#[utoipa::path(
    get, path = "/v1/orders/{number}", tag = "orders",
    params(("number" = String, Path, description = "The order's number, however it is written")),
    responses((status = 200, body = OrderAnswer))
)]
pub async fn get_order(desk: MachineDesk, Path(number): Path<String>) -> Result<Json<OrderAnswer>, Problem> {
    let (row, outlook) = desk.returnable(&number).await?.ok_or_else(|| Problem::no_order(&number))?;
    let day = |state: WindowState| match state {
        WindowState::Open(day) | WindowState::Closed(day) => Some(day.to_string()),
        WindowState::Waits | WindowState::Unlimited | WindowState::Never => None,
    };
    let returnable = outlook.lines.into_iter().map(|line| Returnable {
        line: line.line.to_string(),
        sku: row.order.line(&line.line).map(|item| item.sku.to_string()).unwrap_or_default(),
        name: row.order.line(&line.line).map(|item| item.name.clone()).unwrap_or_default(),
        in_exchange_for: row.order.came_for(&line.line).map(|bought| bought.id.to_string()),
        quantity: line.quantity,
        available: line.available,
        in_returns: line.in_returns.iter().map(|(rma, _)| rma.to_string()).collect(),
        until: day(line.free.window).filter(|_| line.free.refusals.is_empty()),
        until_if_faulty: day(line.fault.window),
        unlimited: line.free.window == WindowState::Unlimited,
    });
    let returnable = returnable.collect();
    Ok(Json(OrderAnswer { order: row.document, policy_version: outlook.policy_version, returnable }))
}

/// An order's books, over all its returns. Amounts are decimals in `currency`.
#[derive(Serialize, ToSchema)]
#[schema(as = Books)]
pub struct BooksAnswer {
    /// The order's number.
    order: String,
    /// ISO 4217.
    currency: String,
    /// What was paid for it.
    captured: String,
    /// What its open returns come to, if all is as said.
    expected: String,
    /// Promised after inspection.
    granted: String,
    /// Has left.
    paid: String,
    /// Given back by somebody else.
    outside: String,
    /// What the customer owes: a dearer exchange, freight.
    due: String,
    /// Granted too much as things turned out; later grants pay it first.
    offsets: String,
    /// Given beside what the goods are worth.
    goodwill: String,
    /// Granted money with no payment to go back to: a person pays it by hand.
    unplaced: String,
    /// The shop told other money since the first return was opened; these books have the money of then, until a person takes the new over.
    told_anew: bool,
    /// Per payment.
    payments: Vec<PaymentAnswer>,
    /// What was given although nothing came back, the oldest first: presents, which `goodwill` sums, and differences to lower prices.
    concessions: Vec<ConcessionOut>,
}

/// One payment's books.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentBooks)]
pub struct PaymentAnswer {
    /// The gateway's name for it.
    id: Option<String>,
    /// `card`, `alipay`, …; not told: by hand.
    method: Option<String>,
    /// The last four digits of the card, where told.
    #[serde(skip_serializing_if = "Option::is_none")]
    card_ending: Option<String>,
    /// Captured.
    brought: String,
    /// Went back to it from here.
    back: String,
    /// Is on its way back to it from here.
    pending: String,
    /// Given back by somebody else.
    outside: String,
    /// Goes back to it if all is as said.
    expected: String,
}

/// What an order gives back, whatever way it went.
#[utoipa::path(
    get, path = "/v1/orders/{number}/books", operation_id = "get_order_books", tag = "orders",
    params(("number" = String, Path, description = "The order's number, however it is written")),
    responses((status = 200, body = BooksAnswer))
)]
pub async fn get_books(desk: MachineDesk, Path(number): Path<String>) -> Result<Json<BooksAnswer>, Problem> {
    let (row, books, conceded) = desk.books(&number).await?.ok_or_else(|| Problem::no_order(&number))?;
    let order = &row.order;
    let text = |minor: i64| order.money(minor).decimal();
    let payments = books.payments.iter().map(|payment| PaymentAnswer {
        id: payment.id.clone(),
        method: payment.method.clone(),
        card_ending: payment.card_ending.clone(),
        brought: text(payment.brought),
        back: text(payment.back),
        pending: text(payment.pending),
        outside: text(payment.outside),
        expected: text(payment.expected),
    });
    Ok(Json(BooksAnswer {
        order: order.number.to_string(),
        currency: order.currency.to_string(),
        captured: text(books.captured),
        expected: text(books.expected),
        granted: text(books.granted),
        paid: text(books.paid),
        outside: text(books.outside),
        due: text(books.due),
        offsets: text(books.offsets),
        goodwill: text(books.goodwill),
        unplaced: text(books.unplaced),
        told_anew: row.told_anew,
        payments: payments.collect(),
        concessions: conceded.iter().map(|row| ConcessionOut::of(row, order)).collect(),
    }))
}
