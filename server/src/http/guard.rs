//! What stands before every handler: names for requests, limits, time, headers, and a calm answer to a panic.

use std::any::Any;
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::ProtectionError;

use super::address::{self, ComesFrom, Unclear};
use super::api;
use super::state::AppState;
use crate::secrets;
use crate::security::{Incident, RefusedKey, visitor};

/// A handler that takes longer is given up (its command, if it began one, still ends).
const LONGEST: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Methods that are called by name in figures and the log. A visitor may make up any other.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"];

/// Names and logs each request, and counts it. Who comes from nowhere that can be told is refused.
pub async fn trace(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    // A proxy's word, where there is one; a visitor's own would name two requests alike.
    let proxied = state.services.config.client_address_header.is_some();
    let given = request.headers().get(&REQUEST_ID).filter(|_| proxied).and_then(|id| id.to_str().ok());
    let safe = |id: &str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let id = given.filter(|id| safe(id)).map_or_else(|| secrets::token()[..16].replace('_', "-"), str::to_owned);
    // Labels are ours: what a visitor names would make a figure of its own each time.
    let path = request.extensions().get::<MatchedPath>().map_or("unmatched", |path| path.as_str()).to_owned();
    let method = METHODS.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other");
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
    let from = address::comes_from(&state.services.config, request.headers(), connection);
    let begun = Instant::now();
    let span = tracing::info_span!("request", %id);
    let mut response = match from {
        Ok(from) => {
            request.extensions_mut().insert(from);
            tracing::Instrument::instrument(next.run(request), span.clone()).await
        }
        Err(Unclear) => Unclear.into_response(),
    };
    let took = begun.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| {
        let incident = incident(&response);
        if incident.is_some() || tracing::enabled!(tracing::Level::DEBUG) {
            let visitor = from.map_or_else(|Unclear| "unclear".to_owned(), |from| visitor(&state.services.secret, from.0));
            // The address with its parameters may hold private names: only the route is logged.
            tracing::debug!(method, route = path, status, visitor, ms = took.as_millis() as u64, "answered");
            if let Some(incident) = incident {
                let key = response.extensions().get::<RefusedKey>().map(|RefusedKey(name)| name.as_str());
                incident.note(&path, &visitor, key);
            }
        }
    });
    metrics::counter!("http_requests_total", "method" => method, "route" => path.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("http_request_seconds", "route" => path).record(took.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// What an answer says of an attack.
fn incident(response: &Response) -> Option<Incident> {
    if let Some(known) = response.extensions().get::<Incident>() {
        return Some(*known);
    }
    match response.status() {
        StatusCode::UNAUTHORIZED => Some(Incident::Unauthenticated),
        StatusCode::FORBIDDEN if response.extensions().get::<ProtectionError>().is_some() => Some(Incident::CrossSite),
        StatusCode::FORBIDDEN => Some(Incident::Forbidden),
        StatusCode::TOO_MANY_REQUESTS => Some(Incident::TooMany),
        _ => None,
    }
}

/// Lets the methods through that may have an answer here: no row has another, and what stands behind need not be asked about it.
pub async fn known_method(request: Request, next: Next) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::DELETE | Method::PATCH | Method::OPTIONS => {
            next.run(request).await
        }
        // CONNECT and TRACE among them: this is no proxy, and sends nothing back that was sent to it. Not 501: nothing of ours is wrong.
        _ => {
            let mut response = if request.uri().path().starts_with("/api/") {
                api::no_such_method().into_response()
            } else {
                (StatusCode::METHOD_NOT_ALLOWED, "Nobody here answers this method. 不支持此请求方法。\n").into_response()
            };
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE"));
            response.extensions_mut().insert(Incident::UnknownMethod);
            response
        }
    }
}

/// Refuses an address with a NUL in it: nothing of ours has one in its name, and no database can be asked for it.
pub async fn without_nul(request: Request, next: Next) -> Response {
    let address = request.uri();
    let has = |text: &str| text.contains("%00");
    let status = match (has(address.path()), address.query().is_some_and(has)) {
        (true, _) => StatusCode::NOT_FOUND,
        (_, true) => StatusCode::BAD_REQUEST,
        _ => return next.run(request).await,
    };
    if address.path().starts_with("/api/") {
        api::nul_in_address(status).into_response()
    } else {
        (status, "This address holds a letter that no address has. 网址中含有无效字符。\n").into_response()
    }
}

/// Not too many requests from one address.
pub async fn limit_rate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let cheap = path.starts_with("/assets/") || path.starts_with("/demo/") || path == "/healthz";
    // Whatever came in was located first.
    let from = request.extensions().get::<ComesFrom>().map_or(IpAddr::from([0, 0, 0, 0]), |from| from.0);
    let over = || state.limiter.check_key(&from).is_err();
    // Machines have keys; what they may do is not limited by where they call from.
    if path.starts_with("/api/") && api::is_machine(&state.services, request.headers()).await {
        let response = next.run(request).await;
        // Its key is good for nothing any more.
        return if response.status() == StatusCode::UNAUTHORIZED && over() { too_many() } else { response };
    }
    if !cheap && over() { too_many() } else { next.run(request).await }
}

/// The answer to too many requests.
pub fn too_many() -> Response {
    let mut response =
        (StatusCode::TOO_MANY_REQUESTS, "Too many requests. Please try again in a minute. 请求过多，请稍后再试。\n").into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

/// Gives up what takes too long; a post to one of these paths may take longer.
pub async fn within_time(State(slow): State<Arc<HashSet<String>>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let long = request.method() == Method::POST && path.is_some_and(|path| slow.contains(path.as_str()));
    let most = if long { LONGEST * 20 } else { LONGEST };
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "This took too long. Please try again. 处理超时，请重试。\n").into_response(),
    }
}

/// Headers every answer has. Pages bring a policy for their own scripts; all else gets the strictest.
pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(), microphone=(), payment=()");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    set(header::CACHE_CONTROL, "no-store");
    // By the address that shoppers use, not by a header that anybody can send or a proxy forget. Browsers heed it over https only.
    if state.services.config.is_secure() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    response
}

/// The answer where a handler panicked.
#[allow(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let what = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(panic = what, "a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side. Nothing was done twice. 我们这边出了点问题，没有重复操作。\n")
        .into_response()
}
