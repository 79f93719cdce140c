//! Ways in: tickets that were used, codes that were mailed, the servers' common secret.

use super::conn::{execute, fetch_optional};
use super::{Conn, StoreError};

/// Notes that a ticket is used, until it has expired. False where it was used before.
pub async fn use_ticket(conn: &mut Conn<'_>, digest: &str, expires_at: i64) -> Result<bool, StoreError> {
    // Of two at once, PostgreSQL lets the second wait here until the first is decided.
    let noted = execute!(
        conn,
        "INSERT INTO used_tickets (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
        digest,
        expires_at
    )?;
    Ok(noted == 1)
}

/// Forgets up to `most` tickets that have expired.
pub async fn delete_old_tickets(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM used_tickets WHERE expires_at <= $1 AND digest IN (SELECT digest FROM used_tickets WHERE expires_at <= $1 LIMIT $2)",
        now,
        most
    )?)
}

/// Keeps a code's digest, in place of an earlier one of that subject.
pub async fn put_login_code(conn: &mut Conn<'_>, subject: &str, digest: &str, expires_at: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO login_codes (subject, digest, tries, expires_at) VALUES ($1, $2, 0, $3)
         ON CONFLICT (subject) DO UPDATE SET digest = excluded.digest, tries = 0, expires_at = excluded.expires_at",
        subject,
        digest,
        expires_at
    )?;
    Ok(())
}

/// Takes one of `most` tries at a subject's code, before it is known whether it is right: the code's digest and how many tries there
/// were with this one. Nothing where no code is live: one that is to live on for longer than twice its `life` (milliseconds) was made by a clock
/// that was set back since.
pub async fn try_login_code(
    conn: &mut Conn<'_>,
    subject: &str,
    most: i64,
    now: i64,
    life: i64,
) -> Result<Option<(String, i64)>, StoreError> {
    Ok(fetch_optional!(
        conn,
        (String, i64),
        "UPDATE login_codes SET tries = tries + 1 WHERE subject = $1 AND tries < $2 AND expires_at > $3 AND expires_at <= $4
         RETURNING digest, tries",
        subject,
        most,
        now,
        now + 2 * life
    )?)
}

/// Forgets a subject's code. False where it had none.
pub async fn delete_login_code(conn: &mut Conn<'_>, subject: &str) -> Result<bool, StoreError> {
    Ok(execute!(conn, "DELETE FROM login_codes WHERE subject = $1", subject)? == 1)
}

/// Forgets up to `most` codes that are not live.
pub async fn delete_old_login_codes(conn: &mut Conn<'_>, now: i64, life: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM login_codes WHERE (expires_at <= $1 OR expires_at > $3)
           AND subject IN (SELECT subject FROM login_codes WHERE expires_at <= $1 OR expires_at > $3 LIMIT $2)",
        now,
        most,
        now + 2 * life
    )?)
}

/// The secret of that name, where there is one.
pub async fn secret_of(conn: &mut Conn<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT value FROM server_secrets WHERE name = $1", name)?;
    Ok(row.map(|(value,)| value))
}

/// Another secret of that name from now on.
pub async fn replace_secret(conn: &mut Conn<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    execute!(conn, "UPDATE server_secrets SET value = $2 WHERE name = $1", name, value)?;
    Ok(())
}

/// Forgets a secret.
pub async fn delete_secret(conn: &mut Conn<'_>, name: &str) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM server_secrets WHERE name = $1", name)?;
    Ok(())
}

/// The secret of that name, which all servers on this database share: `fresh`, where there was none yet.
pub async fn common_secret(conn: &mut Conn<'_>, name: &str, fresh: &str, now: i64) -> Result<String, StoreError> {
    execute!(
        conn,
        "INSERT INTO server_secrets (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        name,
        fresh,
        now
    )?;
    secret_of(conn, name).await?.ok_or_else(|| StoreError::corrupt("secret", "it is not there"))
}
