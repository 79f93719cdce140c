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

/// Keeps a session until `expires_at`.
pub async fn save_session(conn: &mut Conn<'_>, digest: &str, data: &str, expires_at: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO sessions (digest, data, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (digest) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at",
        digest,
        data,
        expires_at
    )?;
    Ok(())
}

/// Ends a session.
pub async fn delete_session(conn: &mut Conn<'_>, digest: &str) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM sessions WHERE digest = $1", digest)?;
    Ok(())
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
