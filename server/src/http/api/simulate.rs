//! What only the test shop has (P31): a clock that can be moved, and a carrier whose word is given.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::returns::ScanStatus;
use domain::rma::RmaNumber;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::read;
use super::call::say;
use super::json::Json;
use super::problem::Problem;
use super::shapes::ReturnOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;

/// What carriers say, as it is told here.
pub(super) const EVENTS: [(&str, ScanStatus); 5] = [
    ("accepted", ScanStatus::Accepted),
    ("in_transit", ScanStatus::InTransit),
    ("exception", ScanStatus::Exception),
    ("delivered", ScanStatus::Delivered),
    ("lost", ScanStatus::Lost),
];

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
    if span.get_years() != 0 || span.get_months() != 0 || span.is_negative() {
        return Err(wrong());
    }
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let rest = span.weeks(0).days(0);
    let by =
        SignedDuration::try_from(rest).ok().and_then(|rest| rest.checked_add(SignedDuration::from_hours(days * 24))).ok_or_else(wrong)?;
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
    let status = EVENTS.into_iter().find(|(name, _)| *name == given.event).map(|(_, status)| status);
    let status = status.ok_or_else(|| Problem::field("event", format!("is one of {}", EVENTS.map(|(name, _)| name).join(", "))))?;
    let location = given.location.map(|place| place.trim().to_owned()).filter(|place| !place.is_empty());
    if location.as_ref().is_some_and(|place| place.chars().count() > 200) {
        return Err(Problem::field("location", "is longer than 200 characters"));
    }
    let rma: RmaNumber = given.rma.parse().map_err(|_| Problem::not_found("there is no such return"))?;
    let carried = state.services.simulate_scan(rma, status, location).await?;
    Ok(Json(ReturnOut::of(&carried.request, &say(&state, &headers))))
}
