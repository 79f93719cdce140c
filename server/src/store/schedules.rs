//! Schedules: what is done again and again, by one server at a time.

use super::conn::{execute, fetch_all, fetch_optional, pg_clock, sqlite_clock};
use super::{Conn, StoreError};

/// How a schedule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRow {
    /// Its name.
    pub name: String,
    /// Due from then on, by the shop's clock (epoch milliseconds).
    pub next_at: i64,
    /// Somebody is at it.
    pub taken: bool,
}

/// A run of a schedule that is somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The schedule.
    pub name: String,
    /// How many runs there were, this one included.
    pub number: i64,
}

/// All that were ever run, where leases are of `lease` milliseconds.
pub async fn schedules(conn: &mut Conn<'_>, lease: i64) -> Result<Vec<ScheduleRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, i64, i64),
        concat!("SELECT name, next_at, CASE WHEN leased_until BETWEEN ", pg_clock!(), " AND ", pg_clock!(), " + 2 * $1 THEN 1 ELSE 0 END::BIGINT FROM schedules") =>
        concat!("SELECT name, next_at, CASE WHEN leased_until BETWEEN ", sqlite_clock!(), " AND ", sqlite_clock!(), " + 2 * $1 THEN 1 ELSE 0 END FROM schedules"),
        lease
    )?;
    Ok(rows.into_iter().map(|(name, next_at, taken)| ScheduleRow { name, next_at, taken: taken == 1 }).collect())
}

/// Takes a schedule that is due `now`, for `lease` milliseconds: one of all servers gets it. One that was never run is due.
///
/// One that would not be due for longer than twice `every` was run by a clock that was set back since; it is due, too. (Servers' clocks may
/// differ by less than that.)
pub async fn take_turn(conn: &mut Conn<'_>, name: &str, now: i64, every: i64, lease: i64) -> Result<Option<Turn>, StoreError> {
    let row = fetch_optional!(
        conn,
        (i64,),
        concat!(
            "INSERT INTO schedules (name, next_at, leased_until, turn) VALUES ($1, $2, ", pg_clock!(), " + $3, 1)
             ON CONFLICT (name) DO UPDATE SET leased_until = excluded.leased_until, turn = schedules.turn + 1
               WHERE (schedules.next_at <= $2 OR schedules.next_at > $2 + 2 * $4)
                 AND (schedules.leased_until IS NULL OR schedules.leased_until NOT BETWEEN ", pg_clock!(), " AND ", pg_clock!(), " + 2 * $3)
             RETURNING turn"
        ) => concat!(
            "INSERT INTO schedules (name, next_at, leased_until, turn) VALUES ($1, $2, ", sqlite_clock!(), " + $3, 1)
             ON CONFLICT (name) DO UPDATE SET leased_until = excluded.leased_until, turn = schedules.turn + 1
               WHERE (schedules.next_at <= $2 OR schedules.next_at > $2 + 2 * $4)
                 AND (schedules.leased_until IS NULL OR schedules.leased_until NOT BETWEEN ", sqlite_clock!(), " AND ", sqlite_clock!(), " + 2 * $3)
             RETURNING turn"
        ),
        name,
        now,
        lease,
        every
    )?;
    Ok(row.map(|(number,)| Turn { name: name.to_owned(), number }))
}

/// Keeps a turn for `lease` milliseconds from now. False where it is somebody else's turn.
pub async fn renew_turn(conn: &mut Conn<'_>, turn: &Turn, lease: i64) -> Result<bool, StoreError> {
    let renewed = execute!(
        conn,
        concat!("UPDATE schedules SET leased_until = ", pg_clock!(), " + $1 WHERE name = $2 AND turn = $3 AND leased_until IS NOT NULL") =>
        concat!("UPDATE schedules SET leased_until = ", sqlite_clock!(), " + $1 WHERE name = $2 AND turn = $3 AND leased_until IS NOT NULL"),
        lease,
        &turn.name,
        turn.number
    )?;
    Ok(renewed == 1)
}

/// A turn is over; the next is due at `next_at`. False, and nothing is written, where it was somebody else's turn meanwhile.
pub async fn settle_turn(conn: &mut Conn<'_>, turn: &Turn, next_at: i64, error: Option<&str>) -> Result<bool, StoreError> {
    let settled = execute!(
        conn,
        "UPDATE schedules SET next_at = $1, leased_until = NULL, last_error = $2 WHERE name = $3 AND turn = $4 AND leased_until IS NOT NULL",
        next_at,
        error,
        &turn.name,
        turn.number
    )?;
    Ok(settled == 1)
}
