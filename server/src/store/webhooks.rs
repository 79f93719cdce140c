//! Servers of the shop that are told of what happens, and what each was told: its messages are rows of the outbox.

use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional, pg_clock, sqlite_clock};
use super::outbox::{OutboxState, stands};
use super::returns::write_json;
use super::{Conn, StoreError};

/// A server of the shop that is told of what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRow {
    pub name: String,
    pub url: String,
    /// What it hears of: names of events, or a star for all below.
    pub events: Vec<String>,
    /// What its messages are signed with, locked.
    pub secret: String,
    /// What it was before, locked; it signs too until that moment (epoch milliseconds).
    pub old: Option<(String, i64)>,
    pub at: Timestamp,
    pub changed_at: Timestamp,
    /// Since when and why it is told nothing.
    pub off: Option<(Timestamp, String)>,
}

/// A message to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The row's name in the outbox.
    pub id: String,
    /// With what, JSON.
    pub payload: String,
    pub about: Option<String>,
    pub state: OutboxState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was told or given up, else from when on it is due; epoch milliseconds.
    pub at: i64,
    /// Why it was not taken last.
    pub last_error: Option<String>,
}

type Columns = (String, String, String, String, Option<String>, Option<i64>, i64, i64, Option<i64>, Option<String>);

macro_rules! columns {
    () => {
        "SELECT name, url, events, secret, old_secret, old_until, at, changed_at, off_at, off_because FROM webhooks "
    };
}

fn read((name, url, events, secret, old, until, at, changed_at, off_at, because): Columns) -> Result<WebhookRow, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("webhook", error);
    let moment = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    let off = off_at.map(moment).transpose()?;
    Ok(WebhookRow {
        name,
        url,
        events: serde_json::from_str(&events).map_err(|error| corrupt(&error))?,
        secret,
        old: old.zip(until),
        at: moment(at)?,
        changed_at: moment(changed_at)?,
        off: off.map(|at| (at, because.unwrap_or_default())),
    })
}

/// Writes one down as it is now.
pub async fn put_webhook(conn: &mut Conn<'_>, row: &WebhookRow) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO webhooks (name, url, events, secret, old_secret, old_until, at, changed_at, off_at, off_because)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (name) DO UPDATE SET url = excluded.url, events = excluded.events, secret = excluded.secret, old_secret = excluded.old_secret,
           old_until = excluded.old_until, changed_at = excluded.changed_at, off_at = excluded.off_at, off_because = excluded.off_because",
        &row.name,
        &row.url,
        write_json("webhook", &row.events)?,
        &row.secret,
        row.old.as_ref().map(|(secret, _)| secret.as_str()),
        row.old.as_ref().map(|(_, until)| *until),
        row.at.as_millisecond(),
        row.changed_at.as_millisecond(),
        row.off.as_ref().map(|(at, _)| at.as_millisecond()),
        row.off.as_ref().map(|(_, because)| because.as_str())
    )?;
    Ok(())
}

/// All there are, by name.
pub async fn list_webhooks(conn: &mut Conn<'_>) -> Result<Vec<WebhookRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "ORDER BY name"))?;
    rows.into_iter().map(read).collect()
}

/// One by its name.
pub async fn find_webhook(conn: &mut Conn<'_>, name: &str) -> Result<Option<WebhookRow>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE name = $1"), name)?.map(read).transpose()
}

/// Takes one away, with what it was not told yet. Whether there was one.
pub async fn delete_webhook(conn: &mut Conn<'_>, name: &str) -> Result<bool, StoreError> {
    let gone = execute!(conn, "DELETE FROM webhooks WHERE name = $1", name)?;
    execute!(conn, "DELETE FROM outbox WHERE hook = $1", name)?;
    Ok(gone == 1)
}

/// Tells one nothing any more. Whether it was told anything until then.
pub async fn switch_webhook_off(conn: &mut Conn<'_>, name: &str, now: i64, because: &str) -> Result<bool, StoreError> {
    let written = execute!(
        conn,
        "UPDATE webhooks SET off_at = $2, off_because = $3, changed_at = $2 WHERE name = $1 AND off_at IS NULL",
        name,
        now,
        because
    )?;
    Ok(written == 1)
}

/// The one that a message is for, unless it was taken away.
pub async fn webhook_of(conn: &mut Conn<'_>, message: &str) -> Result<Option<WebhookRow>, StoreError> {
    let row = fetch_optional!(conn, Columns, concat!(columns!(), "WHERE name = (SELECT hook FROM outbox WHERE id = $1)"), message)?;
    row.map(read).transpose()
}

/// Of what happened to the same before it and is still to be told to the same webhook: when the first of it is due, epoch milliseconds.
pub async fn told_before(conn: &mut Conn<'_>, id: &str) -> Result<Option<i64>, StoreError> {
    let before = fetch_optional!(
        conn,
        (i64,),
        "SELECT other.run_at FROM outbox AS this JOIN outbox AS other ON other.hook = this.hook AND other.about = this.about AND other.id < this.id
         WHERE this.id = $1 AND other.done_at IS NULL AND other.dead_at IS NULL ORDER BY other.id LIMIT 1",
        id
    )?;
    Ok(before.map(|(run_at,)| run_at))
}

/// Messages to one, the youngest first, from before one of them on.
pub async fn list_deliveries(
    conn: &mut Conn<'_>,
    hook: &str,
    state: Option<OutboxState>,
    before: Option<&str>,
    most: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    type Row = (String, String, Option<String>, String, i64, i64, Option<String>);
    macro_rules! listed {
        ($now:expr) => {
            concat!(
                "SELECT id, payload, about, state, attempts, at, last_error FROM (
                   SELECT id, payload, about, attempts, last_error, COALESCE(done_at, dead_at, run_at) AS at, ",
                stands!($now),
                " AS state FROM outbox WHERE hook = $1 AND ($3 = '' OR id < $3)) AS told
                 WHERE $2 IN ('', state) ORDER BY id DESC LIMIT $4"
            )
        };
    }
    let rows = fetch_all!(
        conn,
        Row,
        listed!(pg_clock!()) => listed!(sqlite_clock!()),
        hook,
        state.map_or("", OutboxState::name),
        before.unwrap_or_default(),
        most
    )?;
    let row = |(id, payload, about, state, attempts, at, last_error): Row| DeliveryRow {
        id,
        payload,
        about,
        state: OutboxState::named(&state),
        attempts,
        at,
        last_error,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Has messages to one told again from `now` on, with all of their tries anew: those that were given up, and, since the one of that name was put in, those
/// that were told. How many they are.
pub async fn replay(conn: &mut Conn<'_>, hook: &str, ids: &[String], since: Option<&str>, now: i64) -> Result<u64, StoreError> {
    macro_rules! again {
        ($ids:literal) => {
            concat!(
                "UPDATE outbox SET done_at = NULL, dead_at = NULL, run_at = $2, tried_before = attempts, last_error = NULL
                 WHERE hook = $1 AND payload <> '{}' AND (done_at IS NOT NULL OR dead_at IS NOT NULL)
                   AND (id IN (SELECT ",
                $ids,
                ") OR $3 = '[]' AND $4 = '' AND dead_at IS NOT NULL OR $4 <> '' AND id >= $4)"
            )
        };
    }
    Ok(execute!(
        conn,
        again!("JSON_ARRAY_ELEMENTS_TEXT($3::JSON)") => again!("value FROM JSON_EACH($3)"),
        hook,
        now,
        write_json("webhook", &ids)?,
        since.unwrap_or_default()
    )?)
}
