//! Visitors' sessions, by the digest of their token.

use super::conn::{execute, fetch_optional};
use super::{Conn, StoreError};

/// What is kept of a session that has not ended, JSON. One that is to go on for longer than twice its `life` (milliseconds) was kept by a clock
/// that was set back since: it has ended.
pub async fn find_session(conn: &mut Conn<'_>, digest: &str, now: i64, life: i64) -> Result<Option<String>, StoreError> {
    let row = fetch_optional!(
        conn,
        (String,),
        "SELECT data FROM sessions WHERE digest = $1 AND expires_at > $2 AND expires_at <= $3",
        digest,
        now,
        now + 2 * life
    )?;
    Ok(row.map(|(data,)| data))
}

/// Begins a session, until `expires_at`.
pub async fn begin_session(conn: &mut Conn<'_>, digest: &str, data: &str, expires_at: i64) -> Result<(), StoreError> {
    execute!(conn, "INSERT INTO sessions (digest, data, expires_at) VALUES ($1, $2, $3)", digest, data, expires_at)?;
    Ok(())
}

/// Keeps a session that has not ended, until `expires_at`. False where it has: nothing brings it back.
pub async fn keep_session(conn: &mut Conn<'_>, digest: &str, data: &str, expires_at: i64, now: i64) -> Result<bool, StoreError> {
    let kept = execute!(
        conn,
        "UPDATE sessions SET data = $2, expires_at = $3 WHERE digest = $1 AND expires_at > $4",
        digest,
        data,
        expires_at,
        now
    )?;
    Ok(kept == 1)
}

/// Ends a session. False where it had ended before.
pub async fn delete_session(conn: &mut Conn<'_>, digest: &str, now: i64) -> Result<bool, StoreError> {
    // One that is over is forgotten all the same.
    let lived = fetch_optional!(conn, (i64,), "DELETE FROM sessions WHERE digest = $1 RETURNING expires_at", digest)?;
    Ok(lived.is_some_and(|(until,)| until > now))
}

/// Forgets up to `most` sessions that have ended.
pub async fn delete_old_sessions(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM sessions WHERE expires_at <= $1 AND digest IN (SELECT digest FROM sessions WHERE expires_at <= $1 LIMIT $2)",
        now,
        most
    )?)
}
