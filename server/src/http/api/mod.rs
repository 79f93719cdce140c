//! The machine interface, version 1.

mod asked;
mod call;
mod changes;
mod claims;
mod commands;
mod coupons;
mod credit;
mod credit_notes;
mod differences;
mod document;
mod elsewhere;
mod evidence;
mod feedback;
mod goodwill;
mod incoming;
mod json;
mod ledger;
mod orders;
mod outbound;
mod page;
mod parcels;
mod payments;
mod people;
mod pickups;
mod privacy;
mod problem;
pub mod readme;
mod remedies;
mod repairs;
mod returns;
mod search;
mod settle;
mod shapes;
mod shop;
mod simulate;
mod stock;
mod tasks;
mod transfers;
mod warehouse;
mod webhooks;
mod withdrawals;

use std::sync::LazyLock;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

pub(super) use commands::forms as command_forms;
use json::Json;
pub use problem::Problem;

use super::row::{Body, KeyedCall, Row, rows};
use super::state::AppState;
use crate::desks::MachineDesk;
use crate::secrets;
use crate::security::RefusedKey;
use crate::services::Services;
use crate::store::{ApiKey, Scope};

/// Why a request could not be taken apart is told in fewer bytes.
const MOST_WORDS: usize = 10_000;

/// Every call on one screen, with the least a key must be good for; those that only give a command are rows of [`commands`]
/// and [`people`]. Its method, path
/// and words stand beside its handler.
pub(super) fn calls() -> Vec<KeyedCall> {
    use Body::{File, Import, Text};
    use Scope::{Admin, Finance, Read, Staff, Write};
    let call = |scope, body, route| KeyedCall { scope, body, route };
    let mut calls = vec![
        call(Write, Text, routes!(orders::put_order)),
        call(Read, Text, routes!(orders::get_order)),
        call(Read, Text, routes!(orders::get_books)),
        // Of two scopes, neither of which is good for the other: the call itself looks whether it is one of them.
        call(Read, Text, routes!(goodwill::give)),
        call(Staff, Text, routes!(outbound::open)),
        call(Write, Import, routes!(orders::import_orders)),
        call(Write, Text, routes!(shop::put_stock)),
        call(Read, Text, routes!(shop::get_stock)),
        call(Write, Text, routes!(shop::put_customer)),
        call(Admin, Text, routes!(privacy::export)),
        call(Admin, Text, routes!(privacy::erase)),
        call(Read, Text, routes!(credit::get)),
        call(Finance, Text, routes!(credit::redeem)),
        call(Finance, Text, routes!(credit::release)),
        call(Finance, Text, routes!(coupons::get)),
        call(Finance, Text, routes!(coupons::redeem)),
        call(Finance, Text, routes!(coupons::release)),
        call(Read, Text, routes!(coupons::get_points)),
        call(Finance, Text, routes!(coupons::redeem_points)),
        call(Finance, Text, routes!(coupons::release_points)),
        call(Staff, Text, routes!(coupons::list)),
        call(Staff, Text, routes!(coupons::decide)),
        call(Read, Text, routes!(returns::quote)),
        call(Write, Text, routes!(returns::open_return)),
        call(Staff, Text, routes!(elsewhere::open)),
        call(Read, Text, routes!(returns::list)),
        call(Read, Text, routes!(returns::get_return)),
        call(Read, Text, routes!(returns::get_timeline)),
        call(Read, Text, routes!(returns::get_label)),
        call(Staff, Text, routes!(returns::get_putaway_label)),
        call(Read, Text, routes!(credit_notes::list)),
        call(Read, Text, routes!(credit_notes::get)),
        call(Read, Text, routes!(credit_notes::pdf)),
        call(Read, Text, routes!(credit_notes::xml)),
        call(Write, Text, routes!(changes::add_lines)),
        call(Write, Text, routes!(changes::switch_method)),
        call(Write, Text, routes!(changes::reissue_label)),
        call(Write, File, routes!(evidence::add_evidence)),
        call(Read, Text, routes!(evidence::list_evidence)),
        call(Write, File, routes!(evidence::upload_evidence)),
        call(Read, File, routes!(evidence::get_evidence)),
        call(Staff, File, routes!(evidence::add_inspection_evidence)),
        call(Staff, Text, routes!(tasks::list_tasks)),
        call(Staff, Text, routes!(search::search)),
        call(Staff, Text, routes!(incoming::list_incoming)),
        call(Staff, Text, routes!(ledger::identify)),
        call(Read, Text, routes!(ledger::list_moves)),
        call(Read, Text, routes!(stock::list_kept)),
        call(Read, Text, routes!(stock::list_all_moves)),
        call(Staff, Text, routes!(stock::plan)),
        call(Staff, Text, routes!(stock::get)),
        call(Staff, Text, routes!(stock::run)),
        call(Read, Text, routes!(stock::alerts)),
        call(Staff, Text, routes!(stock::put_alert)),
        call(Read, Text, routes!(payments::list)),
        // What changes them is of two scopes, likewise.
        call(Read, Text, routes!(claims::open)),
        call(Read, Text, routes!(claims::list)),
        call(Read, Text, routes!(claims::csv)),
        call(Read, Text, routes!(claims::get)),
        call(Read, Text, routes!(claims::step)),
        call(Read, Text, routes!(feedback::list)),
        call(Read, Text, routes!(feedback::report)),
        // Of two scopes, likewise.
        call(Read, Text, routes!(feedback::put_tags)),
        call(Read, Text, routes!(pickups::list)),
        call(Staff, Text, routes!(pickups::put)),
        call(Staff, Text, routes!(pickups::delete)),
        call(Staff, Text, routes!(pickups::rounds)),
        call(Finance, Import, routes!(differences::reconcile)),
        call(Finance, Text, routes!(differences::list)),
        call(Finance, Text, routes!(differences::settle)),
        call(Finance, Text, routes!(transfers::list)),
        call(Finance, Text, routes!(transfers::make)),
        call(Finance, Text, routes!(transfers::get)),
        call(Finance, Text, routes!(transfers::xml)),
        call(Finance, Text, routes!(transfers::csv)),
        call(Finance, Text, routes!(transfers::left)),
        call(Finance, Text, routes!(transfers::failed)),
        call(Finance, Text, routes!(transfers::put_account)),
        call(Staff, Text, routes!(remedies::list)),
        call(Staff, Text, routes!(parcels::shelve)),
        call(Staff, Text, routes!(parcels::list)),
        call(Staff, Text, routes!(parcels::get)),
        call(Staff, Text, routes!(parcels::change)),
        call(Staff, Text, routes!(parcels::link)),
        call(Staff, Text, routes!(parcels::end)),
        call(Staff, Text, routes!(repairs::list)),
        call(Staff, Text, routes!(repairs::get)),
        call(Staff, Text, routes!(repairs::take)),
        call(Staff, Text, routes!(repairs::progress)),
        call(Staff, Text, routes!(repairs::done)),
        call(Staff, Text, routes!(repairs::give_up)),
        call(Admin, Text, routes!(webhooks::list)),
        call(Admin, Text, routes!(webhooks::put)),
        call(Admin, Text, routes!(webhooks::get)),
        call(Admin, Text, routes!(webhooks::delete)),
        call(Admin, Text, routes!(webhooks::rotate)),
        call(Admin, Text, routes!(webhooks::test)),
        call(Admin, Text, routes!(webhooks::deliveries)),
        call(Admin, Text, routes!(webhooks::replay)),
        call(Write, Text, routes!(withdrawals::withdraw)),
        call(Read, Text, routes!(withdrawals::list_withdrawals)),
        call(Read, Text, routes!(withdrawals::get_withdrawal)),
        call(Write, Text, routes!(simulate::move_clock)),
        call(Write, Text, routes!(simulate::simulate)),
    ];
    calls.extend(commands::calls());
    calls.extend(people::calls());
    calls.extend(warehouse::calls());
    calls.extend(settle::calls());
    calls
}

/// The document that describes the interface (OpenAPI 3.1).
pub fn openapi() -> serde_json::Value {
    document::of(calls())
}

/// `GET /api/openapi.json`
pub(super) async fn described() -> Response {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| openapi().to_string().into());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.clone()).into_response()
}

/// What stands beside the calls, and refuses as they do.
pub(super) fn beside_calls() -> Vec<Row> {
    rows! {
        get "/api/openapi.json" Anybody Data Text described;
    }
}

/// What answers a call: for keys of its scope, within its limits.
fn answering(call: KeyedCall, state: &AppState) -> UtoipaMethodRouter<AppState> {
    let method = call.method();
    let (schemas, paths, answers) = call.route;
    let keyed = from_fn_with_state((state.clone(), call.scope), with_key);
    (schemas, paths, call.body.limiting(answers, method, &state.services.config.limits).route_layer(keyed))
}

/// Every call, and what is none, below `/api`.
pub fn routes(state: &AppState) -> Router<AppState> {
    let (router, _) = calls().into_iter().fold(OpenApiRouter::new(), |all, call| all.routes(answering(call, state))).split_for_parts();
    let limits = state.services.config.limits;
    let beside = |router: Router<AppState>, row: Row| router.route(row.path.trim_start_matches("/api"), row.answering(&limits));
    beside_calls()
        .into_iter()
        .fold(router, beside)
        .fallback(|| async { Problem::not_found("there is no such call; see /api/openapi.json") })
        .method_not_allowed_fallback(|| async { no_such_method() })
}

/// The answer where a call has another method.
pub(super) fn no_such_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this call has another method; see /api/openapi.json")
}

pub(super) fn nul_in_address(status: StatusCode) -> Problem {
    let kind = if status == StatusCode::NOT_FOUND { "not-found" } else { "bad-request" };
    Problem::new(status, kind, "the address holds a NUL (`%00`)")
}

/// Makes a problem of any other refusal below `/api`: what cannot be taken apart (a query, a path, a body that is too large) never reaches its
/// call, nor does what comes too often; and what took too long or broke has nothing to say.
pub(super) async fn explain(response: Response) -> Response {
    let status = response.status();
    let told = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    if told || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, MOST_WORDS).await.unwrap_or_default();
    let (kind, otherwise) = match status {
        StatusCode::NOT_FOUND => ("not-found", "there is no such thing"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "more was sent than is taken"),
        StatusCode::TOO_MANY_REQUESTS => ("too-many", "too much within too short a time"),
        StatusCode::SERVICE_UNAVAILABLE => ("busy", "this passes; try again in a moment"),
        status if status.is_server_error() => ("internal", "something failed on our side"),
        _ => ("request", "this request cannot be taken apart"),
    };
    let detail = if text.is_empty() { otherwise.into() } else { String::from_utf8_lossy(&text).trim_end().to_owned() };
    let mut problem = Problem::new(status, kind, detail).into_response();
    // Whatever else it says (`Allow`, `Retry-After`, what it means to the log) stays.
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem.extensions_mut().extend(parts.extensions);
    problem
}

/// The key in a request's headers.
fn key_of(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    bearer.map(str::trim).filter(|key| !key.is_empty())
}

/// Whether a request brings a key of ours. Asks the database once in a while, however many unknown keys come.
pub(super) async fn is_machine(services: &Services, headers: &HeaderMap) -> bool {
    match key_of(headers) {
        Some(key) => services.api_keys.is_known(&services.store, &secrets::digest(key), services.clock.millis()).await,
        None => false,
    }
}

/// Who calls, by the key in the request's headers.
pub async fn authenticate(services: &Services, headers: &HeaderMap) -> Result<ApiKey, Problem> {
    let missing = || Problem::new(StatusCode::UNAUTHORIZED, "key-missing", "send your key: Authorization: Bearer KEY");
    let key = key_of(headers).ok_or_else(missing)?;
    let found = services.api_keys.find(&services.store, &secrets::digest(key), services.clock.millis()).await?;
    found.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "key-unknown", "this key is not known"))
}

/// Lets those through whose key has the scope that the table asks for, and tells the call who they are.
pub(super) async fn with_key(
    State((state, scope)): State<(AppState, Scope)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let key = authenticate(&state.services, request.headers()).await?;
    if !key.scope.allows(scope) {
        let detail = format!("this call needs a key of scope {}; this key has scope {}", scope.code(), key.scope.code());
        let mut refused = Problem::new(StatusCode::FORBIDDEN, "scope", detail).into_response();
        refused.extensions_mut().insert(RefusedKey(key.name));
        return Ok(refused);
    }
    request.extensions_mut().insert(Caller(key));
    Ok(next.run(request).await)
}

/// Whose key the table has looked at.
#[derive(Clone)]
struct Caller(ApiKey);

impl FromRequestParts<AppState> for MachineDesk {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        // Served without the table, a call has no caller and does nothing.
        let missing = || Problem::new(StatusCode::UNAUTHORIZED, "key-missing", "send your key: Authorization: Bearer KEY");
        let Caller(key) = parts.extensions.get::<Caller>().cloned().ok_or_else(missing)?;
        Ok(Self::new(state.services.clone(), key))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}
