//! What others tell by themselves.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::state::AppState;
use crate::gateways::verify;
use crate::services::Heard;

/// `POST /hooks/stripe`: the body as it was signed. 400 where it was not signed by Stripe just now; 200 for what is taken, and for what does not
/// concern us; 503 for what is to be told again.
pub async fn stripe(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let services = &state.services;
    let mut secrets = services.config.stripe.webhook_secrets().peekable();
    if secrets.peek().is_none() {
        return (StatusCode::NOT_FOUND, "nobody listens here: setting stripe.webhook_secret\n").into_response();
    }
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    // By the true clock, which signs: a rehearsal moves the shop's.
    let event = match verify(secrets, signature, &body, Timestamp::now()) {
        Ok(event) => event,
        Err(error) => {
            tracing::warn!(%error, "a message in Stripe's name was refused");
            return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response();
        }
    };
    match services.gateway_says(event).await {
        Ok(Heard::Done | Heard::NotOurs | Heard::Odd(_)) => "heard\n".into_response(),
        Ok(Heard::NotYet) => (StatusCode::SERVICE_UNAVAILABLE, "there is no such payment yet\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "a message of Stripe's could not be taken");
            (StatusCode::SERVICE_UNAVAILABLE, "this can not be written down just now\n").into_response()
        }
    }
}
