//! Areas in which couriers of the shop's own go round, and the doors they call at (B9, C48).

use std::collections::BTreeMap;

use domain::pickup::{DoorState, PickupArea};
use domain::returns::Pickup;
use domain::rma::RmaNumber;
use jiff::civil::Date;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// A door that is called at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub rma: RmaNumber,
    pub area: String,
    pub pickup: Pickup,
    pub state: DoorState,
    /// What was written at the door.
    pub note: Option<String>,
}

/// What lets a courier in to the doors of an area on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub id: String,
    pub area: String,
    pub day: Date,
    /// Who gave it out, in the house's books.
    pub made_by: String,
    /// Milliseconds of Unix time, as are the others.
    pub made_at: i64,
    pub until: i64,
    pub ended_at: Option<i64>,
}

fn epoch() -> Date {
    Date::constant(1970, 1, 1)
}

fn day_number(day: Date) -> i64 {
    day.duration_since(epoch()).as_hours() / 24
}

fn corrupt(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::corrupt("pickup", error)
}

/// All areas, by name.
pub async fn list_pickup_areas(conn: &mut Conn<'_>) -> Result<Vec<PickupArea>, StoreError> {
    let rows = fetch_all!(conn, (String,), "SELECT document FROM pickup_areas ORDER BY id")?;
    rows.into_iter().map(|(document,)| serde_json::from_str(&document).map_err(|error| corrupt(&error))).collect()
}

/// Whether there is any.
pub async fn has_pickup_areas(conn: &mut Conn<'_>) -> Result<bool, StoreError> {
    Ok(fetch_optional!(conn, (String,), "SELECT id FROM pickup_areas LIMIT 1")?.is_some())
}

/// Puts an area in, or in place of the one of that name.
pub async fn put_pickup_area(conn: &mut Conn<'_>, area: &PickupArea, now: i64) -> Result<(), StoreError> {
    let document = serde_json::to_string(area).map_err(|error| corrupt(&error))?;
    execute!(
        conn,
        "INSERT INTO pickup_areas (id, document, changed_at) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document, changed_at = excluded.changed_at",
        area.id.as_str(),
        &document,
        now
    )?;
    Ok(())
}

/// Takes an area away. False: there was none. Doors that are booked in it are called at all the same.
pub async fn delete_pickup_area(conn: &mut Conn<'_>, id: &str) -> Result<bool, StoreError> {
    Ok(execute!(conn, "DELETE FROM pickup_areas WHERE id = $1", id)? == 1)
}

/// Keeps others from booking in an area until the transaction ends: who comes second sees what the first took. SQLite has one writer anyway.
pub async fn lock_pickup_area(conn: &mut Conn<'_>, id: &str) -> Result<Option<PickupArea>, StoreError> {
    let found = fetch_optional!(
        conn,
        (String,),
        "SELECT document FROM pickup_areas WHERE id = $1 FOR UPDATE" => "SELECT document FROM pickup_areas WHERE id = $1",
        id
    )?;
    found.map(|(document,)| serde_json::from_str(&document).map_err(|error| corrupt(&error))).transpose()
}

/// How many doors are taken in an area, by day and slot, from one day to another; `but`: of a return that is not counted.
pub async fn pickups_taken(
    conn: &mut Conn<'_>,
    area: &str,
    days: (Date, Date),
    but: Option<RmaNumber>,
) -> Result<BTreeMap<(Date, String), u32>, StoreError> {
    let rows = fetch_all!(
        conn,
        (i64, String, i64),
        "SELECT day, slot, COUNT(*) FROM pickup_bookings
         WHERE day >= $1 AND day <= $2 AND area = $3 AND state <> 'missed' AND rma <> $4 GROUP BY day, slot",
        day_number(days.0),
        day_number(days.1),
        area,
        but.map(|rma| rma.to_string()).unwrap_or_default()
    )?;
    let row = |(day, slot, count): (i64, String, i64)| Ok(((day_of(day)?, slot), u32::try_from(count).unwrap_or(u32::MAX)));
    rows.into_iter().map(row).collect()
}

fn day_of(number: i64) -> Result<Date, StoreError> {
    let span = jiff::Span::new().try_days(number).map_err(|error| corrupt(&error))?;
    epoch().checked_add(span).map_err(|error| corrupt(&error))
}

/// Books a door, in place of what was booked for the same return.
pub async fn put_booking(conn: &mut Conn<'_>, booking: &Booking, now: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO pickup_bookings (rma, area, day, slot, state, at, note) VALUES ($1, $2, $3, $4, $5, $6, NULL)
         ON CONFLICT (rma) DO UPDATE
         SET area = excluded.area, day = excluded.day, slot = excluded.slot, state = excluded.state, at = excluded.at, note = NULL",
        booking.rma.to_string(),
        &booking.area,
        day_number(booking.pickup.date),
        &booking.pickup.slot,
        booking.state.code(),
        now
    )?;
    Ok(())
}

/// Says of a door that is booked what came of it. False: it is not booked any more, or was said before.
pub async fn end_booking(conn: &mut Conn<'_>, rma: RmaNumber, state: DoorState, now: i64) -> Result<bool, StoreError> {
    let text = "UPDATE pickup_bookings SET state = $2, at = $3 WHERE rma = $1 AND state = 'booked'";
    Ok(execute!(conn, text, rma.to_string(), state.code(), now)? == 1)
}

/// Says what came of a door, as it was seen booked: what was missed may be collected later that day. False: it stands otherwise by now.
pub async fn end_seen_booking(
    conn: &mut Conn<'_>,
    seen: &Booking,
    state: DoorState,
    note: Option<&str>,
    now: i64,
) -> Result<bool, StoreError> {
    let text = "UPDATE pickup_bookings SET state = $5, at = $6, note = $7 WHERE rma = $1 AND area = $2 AND day = $3 AND state = $4";
    let (rma, day) = (seen.rma.to_string(), day_number(seen.pickup.date));
    Ok(execute!(conn, text, rma, &seen.area, day, seen.state.code(), state.code(), now, note)? == 1)
}

/// Gives out a round.
pub async fn put_round(conn: &mut Conn<'_>, round: &Round) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO pickup_rounds (id, area, day, made_by, made_at, until) VALUES ($1, $2, $3, $4, $5, $6)",
        &round.id,
        &round.area,
        day_number(round.day),
        &round.made_by,
        round.made_at,
        round.until
    )?;
    Ok(())
}

/// Withdraws a round. False: there is none, or it was withdrawn before.
pub async fn end_round(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE pickup_rounds SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", id, now)? == 1)
}

type RoundColumns = (String, String, i64, String, i64, i64, Option<i64>);

fn read_round((id, area, day, made_by, made_at, until, ended_at): RoundColumns) -> Result<Round, StoreError> {
    Ok(Round { id, area, day: day_of(day)?, made_by, made_at, until, ended_at })
}

/// The round of that name.
pub async fn find_round(conn: &mut Conn<'_>, id: &str) -> Result<Option<Round>, StoreError> {
    let text = "SELECT id, area, day, made_by, made_at, until, ended_at FROM pickup_rounds WHERE id = $1";
    fetch_optional!(conn, RoundColumns, text, id)?.map(read_round).transpose()
}

/// The rounds of a day that were given out and not withdrawn, the first that was given out first.
pub async fn rounds_of_day(conn: &mut Conn<'_>, day: Date, most: i64) -> Result<Vec<Round>, StoreError> {
    let rows = fetch_all!(
        conn,
        RoundColumns,
        "SELECT id, area, day, made_by, made_at, until, ended_at FROM pickup_rounds
         WHERE day = $1 AND ended_at IS NULL ORDER BY made_at, id LIMIT $2",
        day_number(day),
        most
    )?;
    rows.into_iter().map(read_round).collect()
}

/// Calls at the door no more.
pub async fn drop_booking(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM pickup_bookings WHERE rma = $1 AND state <> 'collected'", rma.to_string())?;
    Ok(())
}

type Columns = (String, String, i64, String, String, Option<String>);

fn read((rma, area, day, slot, state, note): Columns) -> Result<Booking, StoreError> {
    Ok(Booking {
        pickup: Pickup { date: day_of(day)?, slot },
        state: state.parse().map_err(|()| corrupt(&state))?,
        rma: rma.parse().map_err(|_| corrupt(&rma))?,
        area,
        note,
    })
}

/// What is booked for a return.
pub async fn find_booking(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Option<Booking>, StoreError> {
    let text = "SELECT rma, area, day, slot, state, note FROM pickup_bookings WHERE rma = $1";
    fetch_optional!(conn, Columns, text, rma.to_string())?.map(read).transpose()
}

/// The doors of a day, by slot.
pub async fn bookings_of_day(conn: &mut Conn<'_>, day: Date, most: i64) -> Result<Vec<Booking>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        "SELECT rma, area, day, slot, state, note FROM pickup_bookings WHERE day = $1 ORDER BY area, slot, rma LIMIT $2",
        day_number(day),
        most
    )?;
    rows.into_iter().map(read).collect()
}
