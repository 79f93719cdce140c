//! For those who run it: is it alive, is it ready, how does it do.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::api::authenticate;
use super::state::AppState;
use crate::store;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database can be read and written, files can be kept, and the worker is alive.
pub async fn ready(State(state): State<AppState>) -> Response {
    let found = state.readiness.look(&state.services).await;
    let status = if found.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(found)).into_response()
}

/// `GET /metrics`: Prometheus figures, for holders of an API key of any scope.
pub async fn metrics(State(state): State<AppState>, headers: HeaderMap) -> Response {
    if authenticate(&state.services, &headers).await.is_err() {
        return (StatusCode::UNAUTHORIZED, "metrics need an API key: Authorization: Bearer KEY\n").into_response();
    }
    figures(&state).await
}

/// The figures, with those that are counted in the database.
pub async fn figures(state: &AppState) -> Response {
    let now = state.services.clock.millis();
    let waiting = async {
        let mut read = state.services.store.read().await?;
        store::outbox_figures(&mut read.conn(), now).await
    };
    if let Ok(waiting) = waiting.await {
        metrics::gauge!("outbox_pending").set(waiting.pending as f64);
        metrics::gauge!("outbox_dead").set(waiting.parked as f64);
        metrics::gauge!("outbox_oldest_due_seconds").set(waiting.oldest_due as f64 / 1_000.0);
        metrics::gauge!("outbox_oldest_seconds").set(waiting.oldest as f64 / 1_000.0);
    }
    for (task, silent) in state.services.pulse.ages() {
        metrics::gauge!("task_silent_seconds", "task" => task).set(silent.as_secs_f64());
    }
    metrics::gauge!("live_listeners").set(state.services.live.listeners() as f64);
    let mut response = state.metrics.render().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    response
}
