//! Ways in by a link: each recognises the visitor and sends them on, so that what let them in does not stay in the address.

use axum::extract::{Extension, FromRequestParts, Path, RawQuery, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::forms::answer;
use super::state::AppState;
use crate::desks::{Desk, Visitor};

/// Who opens a link by going there, never by a page that only fetches or frames it.
pub struct Visiting(Visitor);

impl FromRequestParts<AppState> for Visiting {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        if parts.headers.get("sec-fetch-dest").is_some_and(|place| place.as_bytes() != b"document") {
            return Err((StatusCode::FORBIDDEN, "Open this link in a window of its own. 请直接在浏览器中打开此链接。\n").into_response());
        }
        let Extension(visitor) = Extension::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self(visitor))
    }
}

/// `GET /start?token=…`
pub async fn start(
    State(state): State<AppState>,
    Visiting(visitor): Visiting,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    // Whoever only looks ahead (a scanner, a browser that guesses the next click) must not use up a ticket that opens once.
    let ahead = |name: &str| headers.get(name).is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"));
    if method == Method::HEAD {
        return StatusCode::NO_CONTENT.into_response();
    }
    if ahead("sec-purpose") || ahead("purpose") {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let query = query.unwrap_or_default();
    let token = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token").map(|(_, value)| value.into_owned());
    let mut desk = Desk::new(state.services.clone(), visitor);
    let next = desk.start(token.as_deref()).await;
    answer(&state, &desk, next)
}

/// `GET /continue/{link}`
pub async fn carry_on(State(state): State<AppState>, Visiting(visitor): Visiting, Path(link): Path<String>) -> Response {
    let mut desk = Desk::new(state.services.clone(), visitor);
    let next = desk.carry_on(&link).await;
    answer(&state, &desk, next)
}

/// `GET /r/{link}`
pub async fn follow_mail(State(state): State<AppState>, Visiting(visitor): Visiting, Path(link): Path<String>) -> Response {
    let mut desk = Desk::new(state.services.clone(), visitor);
    let next = desk.follow_mail(&link).await;
    answer(&state, &desk, next)
}

/// `GET /r/{link}/{stars}`: how it went, as it was clicked in a mail. Nothing is kept yet: whoever reads mails for others follows links, and sends no forms.
pub async fn rate_by_mail(
    State(state): State<AppState>,
    Visiting(visitor): Visiting,
    Path((link, stars)): Path<(String, String)>,
) -> Response {
    let mut desk = Desk::new(state.services.clone(), visitor);
    let next = desk.rate_by_mail(&link, &stars).await;
    answer(&state, &desk, next)
}
