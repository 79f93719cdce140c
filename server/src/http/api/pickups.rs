//! Areas in which couriers of the shop's own go round, and their rounds, by machine (B9, C48).

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use domain::ids::{Code, CountryCode};
use domain::pickup::{PickupArea, SlotRoom};
use domain::policy::local_day;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Fields, read};
use super::json::Json;
use super::problem::Problem;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::services::{AtPickups, Door, MOST_AREAS};

/// An area.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PickupAreaIn, examples(json!({
    "name": "Berlin, centre", "country": "DE", "prefixes": ["101", "102"], "weekdays": [1, 2, 3, 4, 5],
    "slots": [{"slot": "09-12", "room": 20}, {"slot": "13-18", "room": 30}], "closed": ["2026-12-25"]
})))]
pub struct PickupAreaIn {
    /// As people at work call it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// ISO 3166-1, two letters.
    #[schema(pattern = "^[A-Za-z]{2}$")]
    pub country: String,
    /// How postal codes of it begin, at most 200; none: all of the country.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub prefixes: Vec<String>,
    /// Days of the week on which somebody goes round: 1, Monday, to 7.
    #[schema(min_items = 1, max_items = 7)]
    pub weekdays: Vec<i8>,
    /// At most twelve of a day, each once.
    #[schema(min_items = 1, max_items = 12)]
    pub slots: Vec<PickupSlot>,
    /// Days on which nobody does, at most 60.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 60)]
    pub closed: Vec<String>,
}

/// Hours of a day, and how many doors are called at in them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PickupSlot)]
pub struct PickupSlot {
    /// `09-12`.
    #[schema(pattern = "^[0-2][0-9]-[0-2][0-9]$")]
    pub slot: String,
    /// 0 to 1,000.
    #[schema(minimum = 0, maximum = 1_000)]
    pub room: u32,
}

/// An area in which a courier of the shop's own goes round.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PickupArea)]
pub struct PickupAreaOut {
    id: String,
    name: String,
    country: String,
    prefixes: Vec<String>,
    weekdays: Vec<i8>,
    slots: Vec<PickupSlot>,
    #[schema(value_type = Vec<String>)]
    closed: Vec<Date>,
}

impl From<PickupArea> for PickupAreaOut {
    fn from(area: PickupArea) -> Self {
        Self {
            id: area.id.to_string(),
            name: area.name,
            country: area.country.to_string(),
            prefixes: area.prefixes,
            weekdays: area.weekdays,
            slots: area.slots.into_iter().map(|SlotRoom { slot, room }| PickupSlot { slot, room }).collect(),
            closed: area.closed,
        }
    }
}

fn at_pickups(desk: &MachineDesk) -> Result<AtPickups, Problem> {
    AtPickups::of_machine(&desk.key).ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "forbidden", "this key may not see to pickups"))
}

/// Areas in which couriers of the shop's own go round, by name. Where there are none, fixed hours are offered everywhere.
#[utoipa::path(
    get, path = "/v1/pickup-areas", tag = "returns", operation_id = "list_pickup_areas", responses((status = 200, body = Vec<PickupAreaOut>))
)]
pub async fn list(State(state): State<AppState>) -> Result<Json<Vec<PickupAreaOut>>, Problem> {
    Ok(Json(state.services.pickup_areas().await?.into_iter().map(PickupAreaOut::from).collect()))
}

/// Create or replace an area. From the first one on, a pickup is offered only where an area is, on its days, and in a slot that has room left; what is
/// booked stays booked.
#[utoipa::path(
    put, path = "/v1/pickup-areas/{area}", tag = "returns", operation_id = "put_pickup_area", request_body = PickupAreaIn,
    params(("area" = String, Path, description = "Its name in small letters, digits and dashes: `berlin-centre`")),
    responses((status = 200, body = PickupAreaOut))
)]
pub async fn put(
    State(state): State<AppState>,
    desk: MachineDesk,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<PickupAreaOut>, Problem> {
    let access = at_pickups(&desk)?;
    let PickupAreaIn { name, country, prefixes, weekdays, slots, closed } = read(&body)?;
    let mut fields = Fields::default();
    let id: Option<Code> = fields.parsed("area", Some(&id));
    let country: Option<CountryCode> = fields.parsed("country", Some(&country.to_uppercase()));
    let closed: Vec<Date> =
        closed.iter().enumerate().filter_map(|(place, day)| fields.parsed(format!("closed[{place}]"), Some(day))).collect();
    fields.checked()?;
    let (Some(id), Some(country)) = (id, country) else { return Err(Problem::field("area", "is no name")) };
    let slots = slots.into_iter().map(|PickupSlot { slot, room }| SlotRoom { slot, room }).collect();
    let area = PickupArea { id, name, country, prefixes, weekdays, slots, closed };
    let area = area.tidy().map_err(|wrong| Problem::field(wrong.field(), wrong.to_string()))?;
    match state.services.put_pickup_area(&access, area.clone()).await? {
        true => Ok(Json(area.into())),
        false => Err(Problem::new(StatusCode::CONFLICT, "too-many", format!("there are {MOST_AREAS} areas already"))),
    }
}

/// Take an area away. What is booked there stays booked.
#[utoipa::path(
    delete, path = "/v1/pickup-areas/{area}", tag = "returns", operation_id = "delete_pickup_area",
    params(("area" = String, Path, description = "Its name: `berlin-centre`")), responses((status = 204, description = "It is gone"))
)]
pub async fn delete(State(state): State<AppState>, desk: MachineDesk, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let access = at_pickups(&desk)?;
    match state.services.delete_pickup_area(&access, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("there is no such area")),
    }
}

/// The rounds of which day.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RoundsQuery {
    /// By the shop's clock; left out: today.
    #[param(value_type = Option<String>, format = Date)]
    pub date: Option<String>,
}

/// A courier's round: the doors of an area on a day, and the link that lets in to them.
#[derive(Serialize, ToSchema)]
#[schema(as = PickupRound, examples(json!({
    "area": "berlin", "date": "2026-11-30", "link": "https://returns.example/round/4hT9…", "works_until": "2026-12-01T11:00:00Z",
    "stops": [{"rma": "R-7KQ4-M2XD", "slot": "09-12", "state": "booked"}]
})))]
pub struct RoundOut {
    /// The area's `id`; it may be gone.
    area: String,
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// Whoever has it sees names and addresses of that day: for the courier alone.
    #[schema(format = "uri")]
    link: String,
    #[schema(format = DateTime)]
    works_until: String,
    /// Doors in the order in which they are called at; those that are over too.
    stops: Vec<StopOut>,
}

/// A door of a round.
#[derive(Serialize, ToSchema)]
#[schema(as = PickupStop)]
pub struct StopOut {
    rma: String,
    /// `09-12`.
    slot: String,
    /// `booked`, `collected` or `missed`.
    state: String,
    /// What was written at the door.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// The rounds of a day that are given out, with their links, the first given out first.
#[utoipa::path(
    get, path = "/v1/pickups/rounds", tag = "returns", operation_id = "list_pickup_rounds", params(RoundsQuery),
    responses((status = 200, body = Vec<RoundOut>), (status = 422, description = "No such day"))
)]
pub async fn rounds(
    State(state): State<AppState>,
    desk: MachineDesk,
    Query(query): Query<RoundsQuery>,
) -> Result<Json<Vec<RoundOut>>, Problem> {
    let access = at_pickups(&desk)?;
    let services = &state.services;
    let mut fields = Fields::default();
    let asked: Option<Option<Date>> =
        query.date.as_deref().map(|day| day.parse().ok().filter(|day: &Date| (1970..=9990).contains(&day.year())));
    if asked == Some(None) {
        fields.wrong("date", "is no day: 2026-11-28");
    }
    fields.checked()?;
    let day = asked.flatten().unwrap_or_else(|| local_day(services.clock.now(), &services.shop_zone()));
    let doors = services.doors(&access, day).await?;
    let stops_of = |area: &str| {
        let mut its: Vec<&Door> = doors.iter().filter(|door| door.booking.area == area).collect();
        its.sort_by_cached_key(|door| door.place());
        its.into_iter().map(StopOut::from).collect()
    };
    let rounds = services.rounds(&access, day).await?.into_iter().map(|(round, link)| RoundOut {
        stops: stops_of(&round.area),
        area: round.area,
        date: round.day,
        link: format!("{}/round/{link}", services.config.public_url),
        works_until: Timestamp::from_millisecond(round.until).unwrap_or(Timestamp::MAX).to_string(),
    });
    Ok(Json(rounds.collect()))
}

impl From<&Door> for StopOut {
    fn from(Door { booking, .. }: &Door) -> Self {
        Self {
            rma: booking.rma.to_string(),
            slot: booking.pickup.slot.clone(),
            state: booking.state.to_string(),
            note: booking.note.clone(),
        }
    }
}
