//! A call that changes something: named, where it has an `Idempotency-Key`, and answered the same however often it is sent.

use std::sync::Arc;

use app::say::Say;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::returns::Return;
use domain::rma::RmaNumber;

use super::problem::Problem;
use super::shapes::{ReturnOut, words};
use crate::http::state::AppState;
use crate::http::visitor;
use crate::secrets;
use crate::services::{Access, Answered, Carried, IdempotencyKey};
use crate::store::ApiKey;

/// Characters of an `Idempotency-Key`.
pub(super) const LONGEST_NAME: usize = 200;

/// In whose words a call is answered.
pub(super) fn say(state: &AppState, headers: &HeaderMap) -> app::say::Say {
    words(visitor::locale(headers, &state.services.config.languages), state.services.clock.now(), state.services.shop_zone())
}

/// What a call is, its body aside.
pub(super) struct Call {
    method: String,
    path: String,
    name: Option<HeaderValue>,
    /// In whose words it is answered.
    pub say: Say,
}

impl FromRequestParts<AppState> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Ok(Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            name: parts.headers.get("idempotency-key").cloned(),
            say: say(state, &parts.headers),
        })
    }
}

impl Call {
    /// Its name, where it has one, with the answer that is kept where it succeeds.
    pub(super) fn named(&self, key: &ApiKey, body: &[u8], status: StatusCode) -> Result<Option<IdempotencyKey>, Problem> {
        let Some(name) = &self.name else { return Ok(None) };
        let Some(name) = name.to_str().ok().filter(|name| (1..=LONGEST_NAME).contains(&name.len())) else {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "idempotency-key",
                format!("an Idempotency-Key has 1 to {LONGEST_NAME} plain characters"),
            ));
        };
        let say = self.say.clone();
        Ok(Some(IdempotencyKey {
            scope: key.digest.clone(),
            key: name.to_owned(),
            digest: secrets::digest(&String::from_utf8_lossy(body)),
            request: Some(secrets::digest(&format!("{} {}\n{}", self.method, self.path, key.name))),
            answer: Some(Arc::new(move |request| answered(request, &say, status))),
        }))
    }

    /// How a command that was carried out is answered.
    pub(super) fn answer(&self, carried: Carried, status: StatusCode) -> Response {
        let answered = carried.answer.unwrap_or_else(|| answered(&carried.request, &self.say, status));
        let status = StatusCode::from_u16(answered.status).unwrap_or(status);
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], Body::from(answered.body)).into_response();
        if let Some(place) = answered.location.and_then(|place| HeaderValue::from_str(&place).ok()) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response
    }
}

fn answered(request: &Return, say: &Say, status: StatusCode) -> Answered {
    let location = (status == StatusCode::CREATED).then(|| format!("/api/v1/returns/{}", request.rma));
    let body = serde_json::to_string(&ReturnOut::of(request, say)).unwrap_or_default();
    Answered { status: status.as_u16(), location, body }
}

/// The key's leave to change a return.
pub(super) fn writing(key: &ApiKey, rma: RmaNumber) -> Result<Access<Return>, Problem> {
    Access::of_machine(key, rma).ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may only read"))
}
