//! Counters: attempts, for limits that hold over several servers, and running numbers.
//!
//! A window that begins further ahead than it is long was begun by a clock that was set back since, and counts no more: nobody is locked out until
//! that time comes again.

use super::conn::{execute, fetch_optional};
use super::{Conn, StoreError};

/// Counts one more attempt for `subject` and answers how many there were in the running window of `window` milliseconds.
pub async fn count_attempt(conn: &mut Conn<'_>, subject: &str, window: i64, now: i64) -> Result<i64, StoreError> {
    count_more(conn, subject, 1, window, now).await
}

/// Counts `more` for `subject` and answers how much it is in the running window.
pub async fn count_more(conn: &mut Conn<'_>, subject: &str, more: i64, window: i64, now: i64) -> Result<i64, StoreError> {
    let row = fetch_optional!(
        conn,
        (i64,),
        "INSERT INTO attempts (subject, since, count) VALUES ($1, $2, $4)
         ON CONFLICT (subject) DO UPDATE SET
           count = CASE WHEN attempts.since > $3 AND attempts.since <= $5 THEN attempts.count + excluded.count ELSE excluded.count END,
           since = CASE WHEN attempts.since > $3 AND attempts.since <= $5 THEN attempts.since ELSE excluded.since END
         RETURNING count",
        subject,
        now,
        now - window,
        more,
        now + window
    )?;
    Ok(row.map_or(more, |(count,)| count))
}

/// Takes an attempt back that was counted for `subject`: it turned out to be none.
pub async fn give_back(conn: &mut Conn<'_>, subject: &str) -> Result<(), StoreError> {
    execute!(conn, "UPDATE attempts SET count = count - 1 WHERE subject = $1 AND count > 0", subject)?;
    Ok(())
}

/// Forgets up to `most` attempts of windows that began before a moment, or after another.
pub async fn delete_old_attempts(conn: &mut Conn<'_>, before: i64, after: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM attempts WHERE (since < $1 OR since > $3)
           AND subject IN (SELECT subject FROM attempts WHERE since < $1 OR since > $3 LIMIT $2)",
        before,
        most,
        after
    )?)
}

/// A number that is kept; 0 where it never was.
pub async fn counter(conn: &mut Conn<'_>, name: &str) -> Result<i64, StoreError> {
    Ok(fetch_optional!(conn, (i64,), "SELECT value FROM counters WHERE name = $1", name)?.map_or(0, |(value,)| value))
}

/// Keeps a number.
pub async fn set_counter(conn: &mut Conn<'_>, name: &str, value: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        value
    )?;
    Ok(())
}

/// The next of a row of numbers, from 1.
pub async fn next_number(conn: &mut Conn<'_>, name: &str) -> Result<i64, StoreError> {
    let row = fetch_optional!(
        conn,
        (i64,),
        "INSERT INTO counters (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value",
        name
    )?;
    Ok(row.map_or(1, |(value,)| value))
}
