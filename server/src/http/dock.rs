//! The dock in a browser that may have no network: what it keeps, and what it sends later.

use app::forms::Fields;
use app::staff::{Beside, beside};
use axum::Json;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::returns::CommandKind;
use serde_json::json;

use super::assets;
use super::evidence::{SentFiles, Taken};
use super::pages::reader;
use super::staff::{AtDesk, answer};
use super::state::AppState;
use crate::desks::{SaidLater, StaffDesk, Visitor};
use app::ports::DeskError;

/// What the worker may do.
const WORKER: &str = "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /staff/worker.js`: asked for anew each time, and good for requests to us alone.
pub(super) async fn worker(request: Request) -> Response {
    let mut response = assets::serve(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WORKER));
    response
}

/// `GET /staff/dock/list`: what the browser keeps, for whom, and by what a scanner may know it.
pub(super) async fn list(AtDesk(desk): AtDesk) -> Response {
    let (clerk, (expected, _)) = match (desk.clerk(), desk.expected().await) {
        (Ok(clerk), Ok(expected)) => (clerk, expected),
        _ => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let cases: Vec<_> = expected
        .into_iter()
        .map(|one| json!({ "rma": one.rma.to_string(), "version": one.version, "codes": one.codes, "photos": one.photos }))
        .collect();
    Json(json!({ "clerk": clerk, "assets": [assets::STYLE, "/icon.svg"], "cases": cases })).into_response()
}

/// `POST /staff/dock/{rma}/receive`
pub(super) async fn receive(
    State(state): State<AppState>,
    headers: HeaderMap,
    visitor: Extension<Visitor>,
    AtDesk(desk): AtDesk,
    Path(rma): Path<String>,
    SentFiles(taken): SentFiles,
) -> Response {
    said(&state, &headers, &visitor, desk, &rma, CommandKind::Receive, taken).await
}

/// `POST /staff/dock/{rma}/inspect`, with photos.
pub(super) async fn inspect(
    State(state): State<AppState>,
    headers: HeaderMap,
    visitor: Extension<Visitor>,
    AtDesk(desk): AtDesk,
    Path(rma): Path<String>,
    SentFiles(taken): SentFiles,
) -> Response {
    said(&state, &headers, &visitor, desk, &rma, CommandKind::Inspect, taken).await
}

/// A form is answered with where to go; what the browser sends by itself, with what came of it.
async fn said(
    state: &AppState,
    headers: &HeaderMap,
    visitor: &Visitor,
    mut desk: StaffDesk,
    rma: &str,
    kind: CommandKind,
    taken: Taken<String>,
) -> Response {
    let Taken { fields, files, not_kept } = taken;
    let by_itself = headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json");
    if !by_itself {
        let next = desk.say_at_dock(rma, kind, &fields, files, not_kept).await;
        return answer(state, headers, &desk, next);
    }
    let photos = files.len() + not_kept.len();
    match desk.say_later(rma, kind, &fields, files, not_kept).await {
        Ok(SaidLater::Taken { version }) => Json(json!({ "version": version })).into_response(),
        Ok(SaidLater::SomebodyElse) => (StatusCode::FORBIDDEN, Json(json!({ "somebody_else": true }))).into_response(),
        Ok(SaidLater::Refused { page, mistakes }) => {
            let zone = visitor.zone.clone().unwrap_or_else(|| state.services.shop_zone());
            let say = reader(state, visitor, zone);
            let Beside { wanted, is, why } = beside(&say, kind, &fields, photos, &page, &mistakes);
            let told = json!({ "wanted": wanted, "is": is, "why": why, "version": page.request.version });
            (StatusCode::CONFLICT, Json(told)).into_response()
        }
        Err(DeskError::NotFound) => (StatusCode::CONFLICT, Json(told_of(&fields))).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Of a return that is not there: what was said of it, as it was said.
fn told_of(fields: &Fields) -> serde_json::Value {
    let said: Vec<String> =
        fields.0.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}: {value}")).collect();
    json!({ "wanted": said, "is": [], "why": [] })
}
