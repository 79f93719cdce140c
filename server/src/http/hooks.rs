//! What others tell by themselves.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hmac::Mac;
use jiff::Timestamp;
use serde::Deserialize;

use super::state::AppState;
use crate::gateways::verify;
use crate::secrets::keyed;
use crate::services::Heard;
use crate::store::StoreError;
use crate::texting::{OURS, TOLD_AT, is_twilios};

/// Letters of a code of theirs that are kept.
const LONGEST_CODE: usize = 60;
/// Texts that are told of at once.
const MOST_REPORTS: usize = 1_000;

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

/// A code of theirs, and nothing that may have somebody's number in it.
fn code(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-')).take(LONGEST_CODE).collect()
}

fn heard(told: Result<bool, StoreError>) -> Response {
    match told {
        Ok(_) => "heard\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "that a text did not arrive could not be taken");
            (StatusCode::SERVICE_UNAVAILABLE, "this can not be written down just now\n").into_response()
        }
    }
}

/// `POST /hooks/twilio/status?text=…`: how a text went. 403 where Twilio did not sign it; 200 for what is taken, and for what does not concern us.
pub async fn twilio(State(state): State<AppState>, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let services = &state.services;
    let Some(token) = &services.config.sms.twilio.auth_token else {
        return (StatusCode::NOT_FOUND, "nobody listens here: setting sms.twilio.auth_token\n").into_response();
    };
    let query = query.unwrap_or_default();
    let ours = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == OURS).map(|(_, id)| id.into_owned()).unwrap_or_default();
    // As they were told to call, whatever a proxy made of it.
    let address =
        format!("{}{TOLD_AT}{}{query}", services.config.public_url.trim_end_matches('/'), if query.is_empty() { "" } else { "?" });
    let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let signature = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_twilios(token, &address, &fields, signature) {
        tracing::warn!("a message in Twilio's name was refused");
        return (StatusCode::FORBIDDEN, "not signed by Twilio\n").into_response();
    }
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    match field("MessageStatus") {
        status @ ("undelivered" | "failed") => {
            heard(services.text_did_not_arrive(&ours, format!("Twilio: {status} ({})", code(field("ErrorCode")))).await)
        }
        _ => "heard\n".into_response(),
    }
}

/// What Aliyun says of a text (help.aliyun.com, "SmsReport").
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    success: bool,
    #[serde(default)]
    err_code: String,
    #[serde(default)]
    out_id: String,
}

/// `POST /hooks/aliyun/{secret}`: how texts went. They sign nothing: who does not know the address is not heard.
pub async fn aliyun(State(state): State<AppState>, Path(secret): Path<String>, body: Bytes) -> Response {
    let services = &state.services;
    // Compared by what nobody can tell the place of the first difference of.
    let same = |known: &str| {
        let of = |text: &str| keyed(b"aliyun reports").chain_update(text).finalize();
        of(known) == of(&secret)
    };
    if !services.config.sms.aliyun.report_secret.as_ref().is_some_and(|known| same(known.expose())) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(reports) = serde_json::from_slice::<Vec<Report>>(&body) else {
        return (StatusCode::BAD_REQUEST, axum::Json(serde_json::json!({"code": 1, "msg": "not a list of reports"}))).into_response();
    };
    for report in reports.into_iter().take(MOST_REPORTS).filter(|report| !report.success) {
        if let Err(error) = services.text_did_not_arrive(&report.out_id, format!("Aliyun: {}", code(&report.err_code))).await {
            return heard(Err(error));
        }
    }
    axum::Json(serde_json::json!({"code": 0, "msg": "成功"})).into_response()
}
