//! Who people at work are to a provider of sign-on, and who is on the way there.

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// Remembers somebody who goes off to the provider.
pub async fn put_sign_on(conn: &mut Conn<'_>, digest: &str, browser: &str, secret: &str, expires_at: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO staff_sign_ons (digest, browser, secret, expires_at) VALUES ($1, $2, $3, $4)",
        digest,
        browser,
        secret,
        expires_at
    )?;
    Ok(())
}

/// What was remembered of whoever comes back in the same browser, once.
pub async fn take_sign_on(conn: &mut Conn<'_>, digest: &str, browser: &str, now: i64) -> Result<Option<String>, StoreError> {
    let taken = fetch_optional!(
        conn,
        (String,),
        "DELETE FROM staff_sign_ons WHERE digest = $1 AND browser = $2 AND expires_at > $3 RETURNING secret",
        digest,
        browser,
        now
    )?;
    Ok(taken.map(|(secret,)| secret))
}

/// Forgets up to `most` who never came back.
pub async fn delete_old_sign_ons(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM staff_sign_ons WHERE expires_at <= $1 AND digest IN (SELECT digest FROM staff_sign_ons WHERE expires_at <= $1 LIMIT $2)",
        now,
        most
    )?)
}

/// Whose account that is, to an issuer.
pub async fn staff_of_subject(conn: &mut Conn<'_>, issuer: &str, subject: &str) -> Result<Option<String>, StoreError> {
    let found = fetch_optional!(conn, (String,), "SELECT staff FROM staff_subjects WHERE issuer = $1 AND subject = $2", issuer, subject)?;
    Ok(found.map(|(staff,)| staff))
}

/// Links somebody to whom the issuer names; false where they are somebody else to it already.
pub async fn link_subject(conn: &mut Conn<'_>, issuer: &str, subject: &str, staff: &str, now: i64) -> Result<bool, StoreError> {
    let linked = execute!(
        conn,
        "INSERT INTO staff_subjects (issuer, subject, staff, linked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        issuer,
        subject,
        staff,
        now
    )?;
    Ok(linked == 1)
}

/// Everybody who came by a provider.
pub async fn linked_staff(conn: &mut Conn<'_>) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(conn, (String,), "SELECT DISTINCT staff FROM staff_subjects")?;
    Ok(rows.into_iter().map(|(staff,)| staff).collect())
}
