//! The outbox: what is to be done in the outside world, written in the transaction that made it necessary.
//!
//! Written by hand: the job crates that fit this sqlx push through a pool of their own, outside the caller's transaction, and keep
//! different tables on the two databases. Here a row stands or falls with the events beside it.

use super::conn::{execute, fetch_all, fetch_optional};
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
    pub(super) kind: &'static str,
    pub(super) payload: String,
    pub(super) run_at: i64,
}

impl NewJob {
    /// Something of a kind, to be done from `run_at` (epoch milliseconds) on.
    pub fn new(kind: &'static str, payload: &serde_json::Value, run_at: i64) -> Self {
        Self { id: uuid::Uuid::now_v7().to_string(), kind, payload: payload.to_string(), run_at }
    }
}

/// Puts something in.
pub async fn enqueue(conn: &mut Conn<'_>, job: &NewJob) -> Result<(), StoreError> {
    execute!(conn, "INSERT INTO outbox (id, kind, payload, run_at) VALUES ($1, $2, $3, $4)", &job.id, job.kind, &job.payload, job.run_at)?;
    Ok(())
}

/// Takes up to `limit` rows that are due, for `lease` milliseconds: no other worker gets them in that time.
pub async fn claim_due(conn: &mut Conn<'_>, now: i64, lease: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, String, i64),
        "UPDATE outbox SET attempts = attempts + 1, leased_until = $1 WHERE id IN (
           SELECT id FROM outbox WHERE done_at IS NULL AND dead_at IS NULL AND run_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
           ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, payload, attempts" =>
        "UPDATE outbox SET attempts = attempts + 1, leased_until = $1 WHERE id IN (
           SELECT id FROM outbox WHERE done_at IS NULL AND dead_at IS NULL AND run_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
           ORDER BY run_at LIMIT $3)
         RETURNING id, kind, payload, attempts",
        now + lease,
        now,
        limit
    )?;
    Ok(rows.into_iter().map(|(id, kind, payload, attempts)| OutboxRow { id, kind, payload, attempts }).collect())
}

/// It is done.
pub async fn mark_done(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE outbox SET done_at = $1, leased_until = NULL, last_error = NULL WHERE id = $2", now, id)?;
    Ok(())
}

/// It failed; it is tried again at `run_at`.
pub async fn mark_failed(conn: &mut Conn<'_>, id: &str, error: &str, run_at: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE outbox SET leased_until = NULL, last_error = $1, run_at = $2 WHERE id = $3", error, run_at, id)?;
    Ok(())
}

/// It failed for good.
pub async fn mark_dead(conn: &mut Conn<'_>, id: &str, error: &str, now: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE outbox SET leased_until = NULL, last_error = $1, dead_at = $2 WHERE id = $3", error, now, id)?;
    Ok(())
}

/// Empties the payload of something that is over: it held what nobody should read afterwards.
pub async fn forget_payload(conn: &mut Conn<'_>, id: &str) -> Result<(), StoreError> {
    execute!(conn, "UPDATE outbox SET payload = '{}' WHERE id = $1", id)?;
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
