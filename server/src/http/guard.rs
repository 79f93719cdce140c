//! What stands before every handler: names for requests, limits, time, headers, and a calm answer to a panic.

use std::any::Any;
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::state::AppState;
use crate::secrets;

/// A handler that takes longer is given up (its command, if it began one, still ends).
const LONGEST: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names and logs each request, and counts it.
pub async fn trace(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let given = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok());
    let safe = |id: &str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let id = given.filter(|id| safe(id)).map_or_else(|| secrets::token()[..16].replace('_', "-"), str::to_owned);
    let path = request.extensions().get::<MatchedPath>().map_or("unmatched", |path| path.as_str()).to_owned();
    let method = request.method().clone();
    let from = address(&state, request.headers(), request.extensions().get::<ConnectInfo<SocketAddr>>());
    let begun = Instant::now();
    let span = tracing::info_span!("request", %id);
    let mut response = tracing::Instrument::instrument(next.run(request), span.clone()).await;
    let took = begun.elapsed();
    let status = response.status().as_u16();
    // The address with its parameters may hold private names: only the route is logged.
    span.in_scope(|| tracing::debug!(%method, route = path, status, from = %from, ms = took.as_millis() as u64, "answered"));
    metrics::counter!("http_requests_total", "method" => method.to_string(), "route" => path.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("http_request_seconds", "route" => path).record(took.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Where a request comes from: the proxy's word where one is trusted, else the connection.
pub fn address(state: &AppState, headers: &HeaderMap, connection: Option<&ConnectInfo<SocketAddr>>) -> IpAddr {
    let named =
        state.services.config.client_address_header.as_ref().and_then(|name| headers.get(name)).and_then(|value| value.to_str().ok());
    // The last address is the one our own proxy saw.
    let told = named.and_then(|list| list.rsplit(',').next()).and_then(|address| address.trim().parse().ok());
    told.or(connection.map(|info| info.0.ip())).unwrap_or(IpAddr::from([0, 0, 0, 0]))
}

/// Not too many requests from one address.
pub async fn limit_rate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let cheap = path.starts_with("/assets/") || path.starts_with("/demo/") || path == "/healthz";
    // Machines have keys; what they may do is not limited by where they call from.
    let machine = path.starts_with("/api/") && request.headers().contains_key(header::AUTHORIZATION);
    let from = address(&state, request.headers(), request.extensions().get::<ConnectInfo<SocketAddr>>());
    let too_often = || {
        let over = state.limiter.check_key(&from).is_err();
        if over && state.limiter.len() > 100_000 {
            state.limiter.retain_recent();
        }
        over
    };
    if machine {
        let response = next.run(request).await;
        // Whoever has no key is no machine of ours.
        return if response.status() == StatusCode::UNAUTHORIZED && too_often() { too_many() } else { response };
    }
    if !cheap && too_often() { too_many() } else { next.run(request).await }
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
pub async fn headers(request: Request, next: Next) -> Response {
    let secure = request.headers().get("x-forwarded-proto").is_some_and(|proto| proto == "https");
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
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    set(header::CACHE_CONTROL, "no-store");
    if secure {
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
