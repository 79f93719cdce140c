//! The machine interface, version 1.

mod asked;
mod call;
mod changes;
mod commands;
mod evidence;
mod json;
mod orders;
mod problem;
mod returns;
mod shapes;
mod shop;

use std::sync::LazyLock;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
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

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Homebound",
        description = "Returns for shops: orders in, returns out. Money is a decimal string with its currency (ISO 4217); times are RFC 3339 in UTC. \
                       Errors are problem documents (RFC 9457). Every call needs `Authorization: Bearer KEY`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    modifiers(&BearerKey),
    security(("key" = []))
)]
struct Api;

struct BearerKey;

impl Modify for BearerKey {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        api.components.get_or_insert_default().add_security_scheme("key", scheme);
    }
}

/// Every call on one screen, with the least a key must be good for; those that only give a command are rows of [`commands`]. Its method, path
/// and words stand beside its handler.
pub(super) fn calls() -> Vec<KeyedCall> {
    use Body::{File, Import, Text};
    use Scope::{Read, Write};
    let call = |scope, body, route| KeyedCall { scope, body, route };
    let mut calls = vec![
        call(Write, Text, routes!(orders::put_order)),
        call(Read, Text, routes!(orders::get_order)),
        call(Read, Text, routes!(orders::get_books)),
        call(Write, Import, routes!(orders::import_orders)),
        call(Write, Text, routes!(shop::put_stock)),
        call(Read, Text, routes!(shop::get_stock)),
        call(Write, Text, routes!(shop::put_customer)),
        call(Read, Text, routes!(returns::quote)),
        call(Write, Text, routes!(returns::open_return)),
        call(Read, Text, routes!(returns::list)),
        call(Read, Text, routes!(returns::get_return)),
        call(Read, Text, routes!(returns::get_timeline)),
        call(Read, Text, routes!(returns::get_label)),
        call(Write, Text, routes!(changes::add_lines)),
        call(Write, Text, routes!(changes::switch_method)),
        call(Write, Text, routes!(changes::reissue_label)),
        call(Write, File, routes!(evidence::add_evidence)),
        call(Write, File, routes!(evidence::upload_evidence)),
        call(Read, File, routes!(evidence::get_evidence)),
    ];
    calls.extend(commands::calls());
    calls
}

/// The document that describes the interface (OpenAPI 3.1).
pub fn openapi() -> serde_json::Value {
    let all = OpenApiRouter::<AppState>::with_openapi(Api::openapi());
    let (_, api) = calls().into_iter().fold(all, |all, call| all.routes(call.route)).split_for_parts();
    let mut document = serde_json::to_value(api).unwrap_or_default();
    // The order's schema comes from the types that parse it.
    let mut schema = domain::order::json_schema();
    let definitions = schema.as_object_mut().and_then(|schema| schema.remove("$defs")).unwrap_or_default();
    let schemas = &mut document["components"]["schemas"];
    if let serde_json::Value::Object(definitions) = definitions {
        for (name, definition) in definitions {
            schemas[name.as_str()] = definition;
        }
    }
    schemas["Order"] = schema;
    // So do what customers say of an item.
    for line in ["LineIn", "LineOut"] {
        for (name, property) in domain::item::ItemSaid::properties() {
            schemas[line]["properties"][name] = property;
        }
    }
    let text = document.to_string().replace("#/$defs/", "#/components/schemas/");
    serde_json::from_str(&text).unwrap_or(document)
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
        .layer(map_response(explain))
}

/// The answer where a call has another method.
pub(super) fn no_such_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this call has another method; see /api/openapi.json")
}

pub(super) fn nul_in_address(status: StatusCode) -> Problem {
    let kind = if status == StatusCode::NOT_FOUND { "not-found" } else { "bad-request" };
    Problem::new(status, kind, "the address holds a NUL (`%00`)")
}

/// Makes a problem of a plain refusal: what cannot be taken apart (a query, a path, a body that is too large) never reaches its call.
async fn explain(response: Response) -> Response {
    let status = response.status();
    let plain = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !status.is_client_error() || !plain {
        return response;
    }
    let text = to_bytes(response.into_body(), MOST_WORDS).await.unwrap_or_default();
    let kind = if status == StatusCode::PAYLOAD_TOO_LARGE { "too-large" } else { "request" };
    Problem::new(status, kind, String::from_utf8_lossy(&text)).into_response()
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
    if key.scope < scope {
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
