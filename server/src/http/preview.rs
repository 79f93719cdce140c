//! The decision while answers are being given: the part of the page that shows it, in the reader's words.

use app::format::Format;
use app::say::Say;
use app::start_return::preview_worth;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::forms::Sent;
use super::state::AppState;
use crate::desks::{Desk, Visitor};

/// `POST /return/{draft}/preview/{step}`: the form of that page, as it stands.
pub async fn preview(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path((draft, step)): Path<(String, String)>,
    Sent(fields): Sent,
) -> Response {
    let zone = visitor.zone.clone().unwrap_or_else(|| state.services.shop_zone());
    let say = Say::new(Format::new(visitor.locale, zone, state.services.clock.now()));
    let desk = Desk::new(state.services.clone(), visitor);
    if step == "items" {
        let chosen = desk.preview_items(&draft, &fields).await;
        return chosen.map_or_else(|_| StatusCode::NO_CONTENT.into_response(), |chosen| Html(preview_worth(&say, chosen)).into_response());
    }
    match desk.preview(&draft, &step, &fields).await {
        Ok(Some(page)) => Html(app::start_return::preview(say, &step, page)).into_response(),
        // Nothing can be said yet; the page itself says what is missing.
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}
