//! What only a demo shop has: pictures, and a clock that can be moved, so that a whole return can be rehearsed (N12).

use axum::Form;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::assets;
use super::state::AppState;

/// The furthest a rehearsal goes: ten years.
const FURTHEST: i64 = 3_650;

/// How to move it.
#[derive(Deserialize)]
pub struct Moved {
    /// Days ahead; 0: back to today.
    days: i64,
    /// Where the visitor was.
    #[serde(default)]
    next: String,
}

/// `GET /demo/…`: pictures of the demo shop, which no other shop shows.
pub async fn picture(State(state): State<AppState>, request: Request) -> Response {
    if state.services.config.demo { assets::serve(request).await } else { StatusCode::NOT_FOUND.into_response() }
}

/// `POST /demo/clock`
pub async fn move_clock(State(state): State<AppState>, Form(moved): Form<Moved>) -> Response {
    if !state.services.config.demo {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Err(error) = state.services.move_clock(moved.days.clamp(0, FURTHEST)).await {
        tracing::error!(%error, "the clock could not be moved");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    // Browsers read `\\` as `/`, and leave out tabs and line breaks.
    let strays = |letter: char| letter == '\\' || letter.is_control();
    let here = moved.next.starts_with('/') && !moved.next.starts_with("//") && !moved.next.contains(strays);
    Redirect::to(if here { &moved.next } else { "/" }).into_response()
}
