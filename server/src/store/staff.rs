//! People at work, their sessions, and the links by which they choose a password.

use domain::staff::{Member, Roles, StaffLimits};

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// Somebody at work, as stored. Times are epoch milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRow {
    pub member: Member,
    /// Argon2id; nothing until they have chosen one.
    pub password: Option<String>,
    /// What the codes of their second factor are made of, locked.
    pub factor: Option<String>,
    /// The step of their last code.
    pub factor_step: i64,
    pub created_at: i64,
    /// They do not work here any more since then.
    pub ended_at: Option<i64>,
}

type Columns = (String, String, String, String, String, Option<String>, Option<String>, i64, i64, Option<i64>);

macro_rules! columns {
    () => {
        "staff.id, staff.name, staff.email, staff.roles, staff.limits, staff.password, staff.factor, staff.factor_step, staff.created_at, staff.ended_at"
    };
}

fn row((id, name, email, roles, limits, password, factor, factor_step, created_at, ended_at): Columns) -> Result<StaffRow, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("member of staff", error);
    let member = Member {
        id,
        name,
        email: email.parse().map_err(|error| corrupt(&error))?,
        roles: Roles::parse(&roles).ok_or_else(|| corrupt(&roles))?,
        limits: serde_json::from_str::<StaffLimits>(&limits).map_err(|error| corrupt(&error))?,
    };
    Ok(StaffRow { member, password, factor, factor_step, created_at, ended_at })
}

fn limits_of(member: &Member) -> Result<String, StoreError> {
    serde_json::to_string(&member.limits).map_err(|error| StoreError::corrupt("limits", error))
}

/// Adds somebody; false where somebody has that address.
pub async fn add_staff(conn: &mut Conn<'_>, member: &Member, now: i64) -> Result<bool, StoreError> {
    let limits = limits_of(member)?;
    let added = execute!(
        conn,
        "INSERT INTO staff (id, name, email, email_key, roles, limits, factor_step, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)
         ON CONFLICT (email_key) DO NOTHING",
        &member.id,
        &member.name,
        member.email.as_str(),
        member.email.key(),
        member.roles.to_string(),
        limits,
        now
    )?;
    Ok(added == 1)
}

/// Changes name, roles and limits.
pub async fn change_staff(conn: &mut Conn<'_>, member: &Member) -> Result<(), StoreError> {
    let limits = limits_of(member)?;
    execute!(
        conn,
        "UPDATE staff SET name = $2, roles = $3, limits = $4 WHERE id = $1",
        &member.id,
        &member.name,
        member.roles.to_string(),
        limits
    )?;
    Ok(())
}

/// They do not work here from `ended_at` on, or do again.
pub async fn end_staff(conn: &mut Conn<'_>, id: &str, ended_at: Option<i64>) -> Result<(), StoreError> {
    execute!(conn, "UPDATE staff SET ended_at = $2 WHERE id = $1", id, ended_at)?;
    Ok(())
}

pub async fn find_staff(conn: &mut Conn<'_>, id: &str) -> Result<Option<StaffRow>, StoreError> {
    fetch_optional!(conn, Columns, concat!("SELECT ", columns!(), " FROM staff WHERE id = $1"), id)?.map(row).transpose()
}

/// By the form that two writings of one mailbox share.
pub async fn find_staff_of_email(conn: &mut Conn<'_>, key: &str) -> Result<Option<StaffRow>, StoreError> {
    fetch_optional!(conn, Columns, concat!("SELECT ", columns!(), " FROM staff WHERE email_key = $1"), key)?.map(row).transpose()
}

/// All of them by name, those who left too.
pub async fn list_staff(conn: &mut Conn<'_>) -> Result<Vec<StaffRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!("SELECT ", columns!(), " FROM staff ORDER BY name, id"))?;
    rows.into_iter().map(row).collect()
}

/// Takes this row for this transaction, so that two who change the people at work do so one after the other.
pub async fn lock_staff(conn: &mut Conn<'_>) -> Result<(), StoreError> {
    super::next_number(conn, "staff").await?;
    Ok(())
}

/// Sets password and second factor.
pub async fn set_credentials(conn: &mut Conn<'_>, id: &str, password: &str, factor: &str, step: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE staff SET password = $2, factor = $3, factor_step = $4 WHERE id = $1", id, password, factor, step)?;
    Ok(())
}

/// Takes password and second factor away; they are nobody to any provider any more, either.
pub async fn clear_credentials(conn: &mut Conn<'_>, id: &str) -> Result<(), StoreError> {
    execute!(conn, "UPDATE staff SET password = NULL, factor = NULL WHERE id = $1", id)?;
    execute!(conn, "DELETE FROM staff_subjects WHERE staff = $1", id)?;
    Ok(())
}

/// Takes the password away alone.
pub async fn clear_password(conn: &mut Conn<'_>, id: &str) -> Result<(), StoreError> {
    execute!(conn, "UPDATE staff SET password = NULL WHERE id = $1", id)?;
    Ok(())
}

/// Uses up the code of a step: false where that or a later one was used before.
pub async fn use_factor_step(conn: &mut Conn<'_>, id: &str, step: i64) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE staff SET factor_step = $2 WHERE id = $1 AND factor_step < $2", id, step)? == 1)
}

/// A link to choose a password by: of whom (of nobody yet: it makes the first admin), and what their second factor will be made of, locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffLink {
    pub staff: Option<String>,
    pub factor: String,
}

/// Puts a link in, in place of an earlier one of the same person.
pub async fn put_staff_link(conn: &mut Conn<'_>, digest: &str, link: &StaffLink, expires_at: i64) -> Result<(), StoreError> {
    match &link.staff {
        Some(staff) => execute!(conn, "DELETE FROM staff_links WHERE staff = $1", staff)?,
        None => execute!(conn, "DELETE FROM staff_links WHERE staff IS NULL")?,
    };
    execute!(
        conn,
        "INSERT INTO staff_links (digest, staff, factor, expires_at) VALUES ($1, $2, $3, $4)",
        digest,
        link.staff.as_deref(),
        &link.factor,
        expires_at
    )?;
    Ok(())
}

pub async fn find_staff_link(conn: &mut Conn<'_>, digest: &str, now: i64) -> Result<Option<StaffLink>, StoreError> {
    let found = fetch_optional!(
        conn,
        (Option<String>, String),
        "SELECT staff, factor FROM staff_links WHERE digest = $1 AND expires_at > $2",
        digest,
        now
    )?;
    Ok(found.map(|(staff, factor)| StaffLink { staff, factor }))
}

/// Uses a link up; false where it was.
pub async fn use_staff_link(conn: &mut Conn<'_>, digest: &str) -> Result<bool, StoreError> {
    Ok(execute!(conn, "DELETE FROM staff_links WHERE digest = $1", digest)? == 1)
}

/// A session of somebody at work. Times are epoch milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffSession {
    /// SHA-256 of its token.
    pub digest: String,
    pub began_at: i64,
    pub used_at: i64,
    pub expires_at: i64,
    /// From where, as a seal.
    pub address: String,
    /// How the browser calls itself.
    pub agent: String,
    /// What the next page says on top, JSON.
    pub told: Option<String>,
    /// The shared device on which it was begun by the password alone.
    pub device: Option<String>,
}

pub async fn begin_staff_session(conn: &mut Conn<'_>, staff: &str, session: &StaffSession) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO staff_sessions (digest, staff, began_at, used_at, expires_at, address, agent, told, device)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &session.digest,
        staff,
        session.began_at,
        session.used_at,
        session.expires_at,
        &session.address,
        &session.agent,
        session.told.as_deref(),
        session.device.as_deref()
    )?;
    Ok(())
}

/// A session that has not ended, with whose it is, as what they are there; one that is to go on for longer than twice its `life` was begun by a clock that was set back since.
pub async fn find_staff_session(
    conn: &mut Conn<'_>,
    digest: &str,
    now: i64,
    life: i64,
) -> Result<Option<(StaffSession, Member)>, StoreError> {
    type Joined = (String, String, String, String, String, i64, i64, i64, String, String, Option<String>, Option<String>, Option<String>);
    let found = fetch_optional!(
        conn,
        Joined,
        "SELECT staff.id, staff.name, staff.email, staff.roles, staff.limits,
                s.began_at, s.used_at, s.expires_at, s.address, s.agent, s.told, s.device, d.warehouses
         FROM staff_sessions AS s JOIN staff ON staff.id = s.staff LEFT JOIN staff_devices AS d ON d.id = s.device
         WHERE s.digest = $1 AND s.expires_at > $2 AND s.expires_at <= $3 AND staff.ended_at IS NULL
           AND (s.device IS NULL OR d.id IS NOT NULL)",
        digest,
        now,
        now + 2 * life
    )?;
    let Some((id, name, email, roles, limits, began_at, used_at, expires_at, address, agent, told, device, warehouses)) = found else {
        return Ok(None);
    };
    let StaffRow { member, .. } = row((id, name, email, roles, limits, None, None, 0, 0, None))?;
    let member = match warehouses {
        Some(warehouses) => member.on_shared_device(&super::devices::read(&warehouses)?),
        None => Some(member),
    };
    let session = StaffSession { digest: digest.to_owned(), began_at, used_at, expires_at, address, agent, told, device };
    Ok(member.map(|member| (session, member)))
}

/// Notes that a session is used.
pub async fn note_use_of_staff_session(conn: &mut Conn<'_>, digest: &str, now: i64, expires_at: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE staff_sessions SET used_at = $2, expires_at = $3 WHERE digest = $1", digest, now, expires_at)?;
    Ok(())
}

/// Keeps what the next page says on top.
pub async fn tell_staff_session(conn: &mut Conn<'_>, digest: &str, told: Option<&str>) -> Result<(), StoreError> {
    execute!(conn, "UPDATE staff_sessions SET told = $2 WHERE digest = $1", digest, told)?;
    Ok(())
}

/// Sessions of somebody that have not ended, the latest used first.
pub async fn staff_sessions_of(conn: &mut Conn<'_>, staff: &str, now: i64) -> Result<Vec<StaffSession>, StoreError> {
    type Listed = (String, i64, i64, i64, String, String);
    let rows = fetch_all!(
        conn,
        Listed,
        "SELECT digest, began_at, used_at, expires_at, address, agent FROM staff_sessions WHERE staff = $1 AND expires_at > $2 ORDER BY used_at DESC",
        staff,
        now
    )?;
    let session = |(digest, began_at, used_at, expires_at, address, agent)| StaffSession {
        digest,
        began_at,
        used_at,
        expires_at,
        address,
        agent,
        told: None,
        device: None,
    };
    Ok(rows.into_iter().map(session).collect())
}

/// Ends a session of somebody; false where they have none of that digest.
pub async fn end_staff_session(conn: &mut Conn<'_>, staff: &str, digest: &str) -> Result<bool, StoreError> {
    Ok(execute!(conn, "DELETE FROM staff_sessions WHERE staff = $1 AND digest = $2", staff, digest)? == 1)
}

/// Ends all sessions of somebody but one.
pub async fn end_staff_sessions(conn: &mut Conn<'_>, staff: &str, but: &str) -> Result<u64, StoreError> {
    Ok(execute!(conn, "DELETE FROM staff_sessions WHERE staff = $1 AND digest <> $2", staff, but)?)
}

/// Ends all sessions: of people at work, and of shoppers. Answers how many of each.
pub async fn end_every_session(conn: &mut Conn<'_>) -> Result<(u64, u64), StoreError> {
    Ok((execute!(conn, "DELETE FROM staff_sessions")?, execute!(conn, "DELETE FROM sessions")?))
}

/// Forgets up to `most` sessions and links that have ended.
pub async fn delete_old_staff_sessions(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<u64, StoreError> {
    let links = execute!(
        conn,
        "DELETE FROM staff_links WHERE expires_at <= $1 AND digest IN (SELECT digest FROM staff_links WHERE expires_at <= $1 LIMIT $2)",
        now,
        most
    )?;
    let sessions = execute!(
        conn,
        "DELETE FROM staff_sessions WHERE expires_at <= $1 AND digest IN (SELECT digest FROM staff_sessions WHERE expires_at <= $1 LIMIT $2)",
        now,
        most
    )?;
    Ok(links.max(sessions))
}
