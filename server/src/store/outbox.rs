//! The outbox: what is to be done in the outside world, written in the transaction that made it necessary.
//!
//! Written by hand: the job crates that fit this sqlx push through a pool of their own, outside the caller's transaction, and keep
//! different tables on the two databases. Here a row stands or falls with the events beside it.

use super::conn::{execute, fetch_all, fetch_optional, pg_clock, sqlite_clock};
use super::{Conn, StoreError};

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Unique; the effect's idempotency key.
    pub id: String,
    /// What.
    pub kind: String,
    /// With what, JSON.
    pub payload: String,
    /// How often it has been tried, this time included.
    pub attempts: i64,
}

/// Something that was tried too often; kept visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Unique.
    pub id: String,
    /// What.
    pub kind: String,
    /// Why it failed last.
    pub last_error: Option<String>,
}

/// Something new to do.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Unique.
    pub(super) id: String,
    pub(super) queue: &'static str,
    pub(super) kind: &'static str,
    pub(super) payload: String,
    pub(super) run_at: i64,
}

impl NewJob {
    /// Something of a kind, to be done from `run_at` (epoch milliseconds) on.
    pub fn new(kind: &'static str, payload: &serde_json::Value, run_at: i64) -> Self {
        Self { id: uuid::Uuid::now_v7().to_string(), queue: queue_of(kind), kind, payload: payload.to_string(), run_at }
    }
}

/// The queue in which a kind waits: its code up to the dot, `mail` of `mail.return_opened`.
pub fn queue_of(kind: &str) -> &str {
    kind.split_once('.').map_or(kind, |(queue, _)| queue)
}

/// Puts something in.
pub async fn enqueue(conn: &mut Conn<'_>, job: &NewJob) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO outbox (id, queue, kind, payload, run_at) VALUES ($1, $2, $3, $4, $5)",
        &job.id,
        job.queue,
        job.kind,
        &job.payload,
        job.run_at
    )?;
    Ok(())
}

/// Takes up to `limit` rows of a queue that are due `now`, for `lease` milliseconds: nobody else gets them in that time. Only of the `kinds`
/// that this server knows; others wait for one that does. A lease that goes further than twice `lease` was given by a clock that was set back
/// since, or by a version whose leases followed the shop's: it is none.
pub async fn claim_due(
    conn: &mut Conn<'_>,
    queue: &str,
    kinds: &[&str],
    now: i64,
    lease: i64,
    limit: i64,
) -> Result<Vec<OutboxRow>, StoreError> {
    let kinds = serde_json::json!(kinds).to_string();
    let rows = fetch_all!(
        conn,
        (String, String, String, i64),
        concat!(
            "UPDATE outbox SET attempts = attempts + 1, leased_until = ", pg_clock!(), " + $1 WHERE id IN (
               SELECT id FROM outbox WHERE queue = $2 AND done_at IS NULL AND dead_at IS NULL AND run_at <= $3
                 AND (leased_until IS NULL OR leased_until NOT BETWEEN ", pg_clock!(), " AND ", pg_clock!(), " + 2 * $1)
                 AND kind IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($4::JSON))
               ORDER BY run_at LIMIT $5 FOR UPDATE SKIP LOCKED)
             RETURNING id, kind, payload, attempts"
        ) => concat!(
            "UPDATE outbox SET attempts = attempts + 1, leased_until = ", sqlite_clock!(), " + $1 WHERE id IN (
               SELECT id FROM outbox WHERE queue = $2 AND done_at IS NULL AND dead_at IS NULL AND run_at <= $3
                 AND (leased_until IS NULL OR leased_until NOT BETWEEN ", sqlite_clock!(), " AND ", sqlite_clock!(), " + 2 * $1)
                 AND kind IN (SELECT value FROM JSON_EACH($4))
               ORDER BY run_at LIMIT $5)
             RETURNING id, kind, payload, attempts"
        ),
        lease,
        queue,
        now,
        &kinds,
        limit
    )?;
    Ok(rows.into_iter().map(|(id, kind, payload, attempts)| OutboxRow { id, kind, payload, attempts }).collect())
}

/// Keeps a row for `lease` milliseconds from now. False where it is nobody's any more, or somebody else's: each that takes it counts a further
/// attempt.
pub async fn renew_lease(conn: &mut Conn<'_>, row: &OutboxRow, lease: i64) -> Result<bool, StoreError> {
    let renewed = execute!(
        conn,
        concat!("UPDATE outbox SET leased_until = ", pg_clock!(), " + $1 WHERE id = $2 AND attempts = $3 AND leased_until IS NOT NULL") =>
        concat!("UPDATE outbox SET leased_until = ", sqlite_clock!(), " + $1 WHERE id = $2 AND attempts = $3 AND leased_until IS NOT NULL"),
        lease,
        &row.id,
        row.attempts
    )?;
    Ok(renewed == 1)
}

/// It is done. False, here and below, where it is somebody else's meanwhile: nothing is written then.
pub async fn mark_done(conn: &mut Conn<'_>, row: &OutboxRow, now: i64) -> Result<bool, StoreError> {
    let marked = execute!(
        conn,
        "UPDATE outbox SET done_at = $1, leased_until = NULL, last_error = NULL
         WHERE id = $2 AND attempts = $3 AND done_at IS NULL AND dead_at IS NULL",
        now,
        &row.id,
        row.attempts
    )?;
    Ok(marked == 1)
}

/// It failed; it is tried again at `run_at`.
pub async fn mark_failed(conn: &mut Conn<'_>, row: &OutboxRow, error: &str, run_at: i64) -> Result<bool, StoreError> {
    let marked = execute!(
        conn,
        "UPDATE outbox SET leased_until = NULL, last_error = $1, run_at = $2
         WHERE id = $3 AND attempts = $4 AND done_at IS NULL AND dead_at IS NULL",
        error,
        run_at,
        &row.id,
        row.attempts
    )?;
    Ok(marked == 1)
}

/// It failed for good.
pub async fn mark_dead(conn: &mut Conn<'_>, row: &OutboxRow, error: &str, now: i64) -> Result<bool, StoreError> {
    let marked = execute!(
        conn,
        "UPDATE outbox SET leased_until = NULL, last_error = $1, dead_at = $2
         WHERE id = $3 AND attempts = $4 AND done_at IS NULL AND dead_at IS NULL",
        error,
        now,
        &row.id,
        row.attempts
    )?;
    Ok(marked == 1)
}

/// Empties the payload of something that is over: it held what nobody should read afterwards.
pub async fn forget_payload(conn: &mut Conn<'_>, row: &OutboxRow) -> Result<(), StoreError> {
    execute!(conn, "UPDATE outbox SET payload = '{}' WHERE id = $1", &row.id)?;
    Ok(())
}

/// What failed for good.
pub async fn dead_letters(conn: &mut Conn<'_>) -> Result<Vec<DeadLetter>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, Option<String>),
        "SELECT id, kind, last_error FROM outbox WHERE dead_at IS NOT NULL ORDER BY dead_at"
    )?;
    Ok(rows.into_iter().map(|(id, kind, last_error)| DeadLetter { id, kind, last_error }).collect())
}

/// How many wait, and how many failed for good.
pub async fn pending(conn: &mut Conn<'_>) -> Result<(i64, i64), StoreError> {
    let row = fetch_optional!(
        conn,
        (i64, i64),
        "SELECT COUNT(*) FILTER (WHERE done_at IS NULL AND dead_at IS NULL), COUNT(*) FILTER (WHERE dead_at IS NOT NULL) FROM outbox
         WHERE done_at IS NULL"
    )?;
    Ok(row.unwrap_or((0, 0)))
}
