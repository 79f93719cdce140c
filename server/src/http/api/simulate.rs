//! What only the test shop has (P31): a clock that can be moved, and a carrier whose word is given.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::returns::ScanStatus;
use domain::rma::RmaNumber;
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::read;
use super::call::say;
use super::json::Json;
use super::problem::Problem;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;

/// How far the clock moves.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ClockMove)]
pub struct ClockIn {
    /// ISO 8601 duration in weeks, days, hours, minutes and seconds: `P3D`, `PT12H`. `PT0S`: back to now.
    #[schema(example = "P3D")]
    pub by: String,
}

/// What time it is in the test shop.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Clock)]
pub struct ClockOut {
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
}

/// Something that happens to a parcel.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SimulatedEvent)]
pub struct EventIn {
    /// The return whose parcel it is.
    pub rma: String,
    /// What its carrier says: `accepted`, `in_transit`, `exception`, `delivered`, `lost`.
    pub event: String,
    /// Where, in the carrier's words, at most 200 characters.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub location: Option<String>,
}

/// Every other shop has no such call.
fn only_tried(state: &AppState) -> Result<(), Problem> {
    if state.services.config.is_test {
        Ok(())
    } else {
        Err(Problem::not_found("this is for keys of the test shop: homebound key add --test"))
    }
}

/// Moves the test shop's clock: what is due by then is done, and whoever is late is late. Ten years at the most.
#[utoipa::path(
    post, path = "/v1/test/clock", tag = "test", operation_id = "move_clock", request_body = ClockIn,
    responses((status = 200, body = ClockOut), (status = 404, description = "Not a key of the test shop"))
)]
pub async fn move_clock(State(state): State<AppState>, _desk: MachineDesk, body: Bytes) -> Result<Json<ClockOut>, Problem> {
    only_tried(&state)?;
    let given: ClockIn = read(&body)?;
    let wrong = || Problem::field("by", "is a duration of weeks, days, hours, minutes or seconds, forwards: `P3D`");
    let span: Span = given.by.parse().map_err(|_| wrong())?;
    let by = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok().filter(|by| !by.is_negative()).ok_or_else(wrong)?;
    state.services.move_clock_by(i64::try_from(by.as_millis()).map_err(|_| wrong())?).await?;
    Ok(Json(ClockOut { now: state.services.clock.now() }))
}

/// Has the carrier of a return's last parcel say something, in the test shop.
#[utoipa::path(
    post, path = "/v1/test/events", tag = "test", operation_id = "simulate_event", request_body = EventIn,
    responses((status = 200, body = ReturnOut), (status = 404, description = "Not a key of the test shop, or no such return"))
)]
pub async fn simulate(
    State(state): State<AppState>,
    _desk: MachineDesk,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ReturnOut>, Problem> {
    only_tried(&state)?;
    let given: EventIn = read(&body)?;
    let known = || ScanStatus::ALL.iter().map(|status| status.code()).collect::<Vec<_>>().join(", ");
    let status: ScanStatus = given.event.parse().map_err(|()| Problem::field("event", format!("is one of {}", known())))?;
    let location = given.location.map(|place| place.trim().to_owned()).filter(|place| !place.is_empty());
    if location.as_ref().is_some_and(|place| place.chars().count() > 200) {
        return Err(Problem::field("location", "is longer than 200 characters"));
    }
    let rma: RmaNumber = given.rma.parse().map_err(|_| Problem::not_found("there is no such return"))?;
    let carried = state.services.simulate_scan(rma, status, location).await?;
    Ok(Json(ReturnOut::of(&carried.request, &say(&state, &headers))))
}
