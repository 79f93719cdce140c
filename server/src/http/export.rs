//! All that is held of somebody, in one file.

use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use super::state::AppState;
use crate::desks::{Desk, Visitor};

/// `GET /account/data/export`; whoever is not known is led to the page where they are asked.
pub async fn own(State(state): State<AppState>, Extension(visitor): Extension<Visitor>) -> Response {
    let desk = Desk::new(state.services.clone(), visitor);
    let Ok(file) = desk.export_own().await else { return Redirect::to("/account").into_response() };
    let Ok(text) = serde_json::to_string_pretty(&file) else { return Redirect::to("/account").into_response() };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}
