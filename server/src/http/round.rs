//! A courier's round: what is said at a door, by a form or by the browser itself once it has network again (C48).

use app::courier::StopForm;
use app::ports::DeskError;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::forms::{Sent, answer};
use super::state::AppState;
use crate::desks::{Desk, Next, Visitor};

/// `POST /round/{link}/{rma}`
pub(super) async fn say(
    State(state): State<AppState>,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Path((link, rma)): Path<(String, String)>,
    Sent(fields): Sent,
) -> Response {
    let by_itself = headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json");
    let desk = Desk::new(state.services.clone(), visitor);
    let said = desk.say_at_door(&link, &rma, &StopForm::parse(&fields)).await;
    if !by_itself {
        let query = |done: &bool| if *done { format!("#{rma}") } else { format!("?{}={rma}", StopForm::AWAY) };
        return answer(&state, &desk, said.map(|done| Next::to(format!("/round/{link}{}", query(&done)))));
    }
    match said {
        Ok(true) => Json(json!({ "taken": true })).into_response(),
        Ok(false) => (StatusCode::CONFLICT, Json(json!({ "taken": false }))).into_response(),
        Err(DeskError::Gone | DeskError::NotFound) => (StatusCode::GONE, Json(json!({ "taken": false }))).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
