//! What stands before every handler: names for requests, limits, time, headers, and a calm answer to a panic.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use metrics::{Counter, Histogram};
use tower_http::csrf::ProtectionError;

use super::address::{self, ComesFrom, Unclear};
use super::api;
use super::state::AppState;
use crate::security::{Incident, RefusedKey, visitor};

/// A handler that takes longer is given up (its command, if it began one, still ends).
const LONGEST: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Methods that are called by name in figures and the log. A visitor may make up any other.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"];

/// What stands before every handler, in one piece: each layer of its own would be a box for its answer and a copy of all that stands below it,
/// at every request.
pub async fn door(State((state, slow)): State<(AppState, Slow)>, mut request: Request, next: Next) -> Response {
    let by_machine = request.uri().path().starts_with("/api/");
    let services = state.services.clone();
    let _answering = services.load.answering();
    let seen = Seen::of(&state, &request);
    let span = tracing::info_span!("request", id = %seen.id);
    let answered = match seen.from {
        Ok(from) => {
            request.extensions_mut().insert(from);
            let within = within_time(&state, &slow, request, next);
            tracing::Instrument::instrument(within, span.clone()).await
        }
        Err(Unclear) => Unclear.into_response(),
    };
    let mut response = seen.note(&state, answered, &span);
    if by_machine {
        response = api::explain(response).await;
    }
    put_headers(&state, &mut response);
    response
}

/// What is known of a request before anybody answers it.
struct Seen {
    id: String,
    method: &'static str,
    /// As the table of routes has it. Labels are ours: what a visitor names would make a figure of its own each time.
    route: Option<MatchedPath>,
    from: Result<ComesFrom, Unclear>,
    begun: Instant,
}

impl Seen {
    fn of(state: &AppState, request: &Request) -> Self {
        // A proxy's word, where there is one; a visitor's own would name two requests alike.
        let proxied = state.services.config.client_address_header.is_some();
        let given = request.headers().get(&REQUEST_ID).filter(|_| proxied).and_then(|id| id.to_str().ok());
        let safe = |id: &str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let connection = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
        Self {
            id: given.filter(|id| safe(id)).map_or_else(|| format!("{:016x}", rand::random::<u64>()), str::to_owned),
            method: METHODS.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other"),
            route: request.extensions().get::<MatchedPath>().cloned(),
            from: address::comes_from(&state.services.config, request.headers(), connection),
            begun: Instant::now(),
        }
    }

    /// Logs, counts and names what was answered. Who comes from nowhere that can be told was refused.
    fn note(self, state: &AppState, mut response: Response, span: &tracing::Span) -> Response {
        let took = self.begun.elapsed();
        let status = response.status();
        let route = self.route.as_ref().map_or("unmatched", |path| path.as_str());
        let incident = incident(&response);
        if incident.is_some() || tracing::enabled!(tracing::Level::DEBUG) {
            span.in_scope(|| {
                let visitor = self.from.map_or_else(|Unclear| "unclear".to_owned(), |from| visitor(&state.services.secret, from.0));
                // The address with its parameters may hold private names: only the route is logged.
                let (method, ms) = (self.method, took.as_millis() as u64);
                tracing::debug!(method, route, status = status.as_u16(), visitor, ms, "answered");
                if let Some(incident) = incident {
                    let key = response.extensions().get::<RefusedKey>().map(|RefusedKey(name)| name.as_str());
                    incident.note(route, &visitor, key);
                }
            });
        }
        count(self.method, route, status, took);
        if let Ok(value) = HeaderValue::from_str(&self.id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }
}

/// Figures of a route.
struct Figures {
    took: Histogram,
    answers: Vec<(&'static str, StatusCode, Counter)>,
}

thread_local! {
    /// Figures by route, as far as this thread has counted there: to find one by its labels takes longer than to count.
    static COUNTED: RefCell<HashMap<String, Figures>> = RefCell::default();
}

fn count(method: &'static str, route: &str, status: StatusCode, took: Duration) {
    COUNTED.with_borrow_mut(|counted| {
        if !counted.contains_key(route) {
            let took = metrics::histogram!("http_request_seconds", "route" => route.to_owned());
            counted.insert(route.to_owned(), Figures { took, answers: Vec::new() });
        }
        let Some(figures) = counted.get_mut(route) else { return };
        figures.took.record(took.as_secs_f64());
        if let Some((_, _, answers)) = figures.answers.iter().find(|(of, with, _)| *of == method && *with == status) {
            return answers.increment(1);
        }
        let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.as_str().to_owned())];
        let answers = metrics::counter!("http_requests_total", &labels);
        answers.increment(1);
        figures.answers.push((method, status, answers));
    });
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

/// The answer to what nobody here answers: a method that no row has, an address with a NUL in it.
fn refused(request: &Request) -> Option<Response> {
    let by_machine = request.uri().path().starts_with("/api/");
    match *request.method() {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::DELETE | Method::PATCH | Method::OPTIONS => {}
        // CONNECT and TRACE among them: this is no proxy, and sends nothing back that was sent to it. Not 501: nothing of ours is wrong.
        _ => {
            let mut response = if by_machine {
                api::no_such_method().into_response()
            } else {
                (StatusCode::METHOD_NOT_ALLOWED, "Nobody here answers this method. 不支持此请求方法。\n").into_response()
            };
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE"));
            response.extensions_mut().insert(Incident::UnknownMethod);
            return Some(response);
        }
    }
    // Nothing of ours has a NUL in its name, and no database can be asked for it.
    let has = |text: &str| text.contains("%00");
    let status = match (has(request.uri().path()), request.uri().query().is_some_and(has)) {
        (true, _) => StatusCode::NOT_FOUND,
        (_, true) => StatusCode::BAD_REQUEST,
        _ => return None,
    };
    Some(if by_machine {
        api::nul_in_address(status).into_response()
    } else {
        (status, "This address holds a letter that no address has. 网址中含有无效字符。\n").into_response()
    })
}

/// Not too many requests from one address.
async fn limit_rate(state: &AppState, request: Request, next: Next) -> Response {
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

/// Paths to which a post may take longer.
pub type Slow = Arc<HashSet<String>>;

/// Gives up what takes too long, and answers where a handler panicked.
async fn within_time(state: &AppState, slow: &Slow, request: Request, next: Next) -> Response {
    if let Some(refused) = refused(&request) {
        return refused;
    }
    let path = request.extensions().get::<MatchedPath>();
    let long = request.method() == Method::POST && path.is_some_and(|path| slow.contains(path.as_str()));
    let most = if long { LONGEST * 20 } else { LONGEST };
    match tokio::time::timeout(most, AssertUnwindSafe(limit_rate(state, request, next)).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => panicked(panic.as_ref()),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "This took too long. Please try again. 处理超时，请重试。\n").into_response(),
    }
}

/// Headers every answer has. Pages bring a policy for their own scripts; all else gets the strictest.
fn put_headers(state: &AppState, response: &mut Response) {
    let headers = response.headers_mut();
    headers.reserve(9);
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
}

/// The answer where a handler panicked.
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let what = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(panic = what, "a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side. Nothing was done twice. 我们这边出了点问题，没有重复操作。\n")
        .into_response()
}
