//! Returns: their events, and the state those lead to.

use std::collections::BTreeMap;

use domain::returns::{Event, Recorded, Return, Status};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional, fetch_whole};
use super::{Conn, NewJob, StoreError};

fn read_state(text: &str) -> Result<Return, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt("return", error))
}

/// States in a JSON array.
pub(super) fn read_states(text: &str) -> Result<Vec<Return>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt("return", error))
}

fn write_json(what: &'static str, value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(what, error))
}

/// The return of that number.
pub async fn find_return(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Option<Return>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT state FROM returns WHERE rma = $1", rma.to_string())?;
    row.map(|(state,)| read_state(&state)).transpose()
}

/// A return's events, in order.
pub async fn events_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<Recorded>, StoreError> {
    let rows = fetch_all!(
        conn,
        (i64, i64, String, String),
        "SELECT seq, at, actor, event FROM return_events WHERE rma = $1 ORDER BY seq",
        rma.to_string()
    )?;
    let event = |(seq, at, actor, event): (i64, i64, String, String)| {
        Ok(Recorded {
            seq: seq as u64,
            at: Timestamp::from_millisecond(at).map_err(|error| StoreError::corrupt("event", error))?,
            actor: serde_json::from_str(&actor).map_err(|error| StoreError::corrupt("event", error))?,
            event: serde_json::from_str::<Event>(&event).map_err(|error| StoreError::corrupt("event", error))?,
        })
    };
    rows.into_iter().map(event).collect()
}

/// A return that is to be written, with all that goes with it.
#[derive(Clone, Debug)]
pub struct NewReturn {
    rma: String,
    status: &'static str,
    opened_at: i64,
    email_key: Option<String>,
    state: String,
    version: i64,
    orders: String,
    events: String,
    job: NewJob,
    judged_by: String,
    answers: Option<NewAnswer>,
}

/// A request that is answered by a return's number.
#[derive(Clone, Debug)]
pub struct NewAnswer {
    /// Whose key it is.
    pub scope: String,
    /// The key.
    pub key: String,
    /// Digest of the request.
    pub digest: String,
}

impl NewReturn {
    /// A new return with its first events, and what is to be done because of it.
    pub fn new(request: &Return, events: &[Recorded], job: NewJob) -> Result<Self, StoreError> {
        let orders: Vec<String> = request.orders.iter().map(|part| part.number.key()).collect();
        Ok(Self {
            rma: request.rma.to_string(),
            status: request.status().code(),
            opened_at: request.opened_at.as_millisecond(),
            email_key: request.contact.email.as_ref().map(|email| email.key()),
            state: write_json("return", request)?,
            version: request.version as i64,
            orders: write_json("return", &orders)?,
            events: write_events(events)?,
            job,
            judged_by: "[]".to_owned(),
            answers: None,
        })
    }

    /// Only while its orders, by their keys, are still at the versions by which it was judged.
    pub fn judged_by(mut self, versions: &BTreeMap<String, i64>) -> Result<Self, StoreError> {
        self.judged_by = write_json("return", &versions.iter().collect::<Vec<_>>())?;
        Ok(self)
    }

    /// Only if this request was not answered yet; it then is.
    pub fn answering(mut self, request: Option<NewAnswer>) -> Self {
        self.answers = request;
        self
    }
}

/// Writes a new return. False, and nothing is written, where its number is taken, or it must be judged anew.
///
/// One text, and nothing in it fails half-way: opening is what happens most. On SQLite each part goes on only where the one before it changed
/// anything.
pub async fn insert_return(conn: &mut Conn<'_>, new: &NewReturn) -> Result<bool, StoreError> {
    let written = fetch_whole!(
        conn,
        (String,),
        "WITH judged_by AS (SELECT value ->> 0 AS order_key, (value ->> 1)::BIGINT AS version FROM JSON_ARRAY_ELEMENTS($13::JSON)),
           counted AS (INSERT INTO order_versions (order_key, version)
             SELECT order_key, version + 1 FROM judged_by ORDER BY order_key COLLATE \"C\"
             ON CONFLICT (order_key) DO UPDATE SET version = excluded.version WHERE order_versions.version = excluded.version - 1
             RETURNING order_key),
           opened AS (INSERT INTO returns (rma, status, opened_at, email_key, state, version) SELECT $1, $2, $3, $4, $5, $6
             WHERE (SELECT COUNT(*) FROM counted) = (SELECT COUNT(*) FROM judged_by) ON CONFLICT (rma) DO NOTHING RETURNING rma),
           its_orders AS (INSERT INTO return_orders (order_key, rma) SELECT value, rma FROM opened, JSON_ARRAY_ELEMENTS_TEXT($7::JSON)),
           its_events AS (INSERT INTO return_events (rma, seq, at, actor, event)
             SELECT rma, (value ->> 0)::BIGINT, (value ->> 1)::BIGINT, value ->> 2, value ->> 3 FROM opened, JSON_ARRAY_ELEMENTS($8::JSON)),
           its_job AS (INSERT INTO outbox (id, kind, payload, run_at) SELECT $9, $10, $11, $12 FROM opened),
           its_answer AS (INSERT INTO idempotency (scope, key, digest, answer, created_at)
             SELECT $14, $15, $16, rma, $3 FROM opened WHERE $14 IS NOT NULL)
         SELECT rma FROM opened" =>
        "INSERT INTO returns (rma, status, opened_at, email_key, state, version) SELECT $1, $2, $3, $4, $5, $6
           WHERE NOT EXISTS (SELECT 1 FROM JSON_EACH($13) LEFT JOIN order_versions ON order_versions.order_key = value ->> 0
             WHERE COALESCE(order_versions.version, 0) <> value ->> 1)
             AND NOT EXISTS (SELECT 1 FROM idempotency WHERE scope = $14 AND key = $15)
           ON CONFLICT (rma) DO NOTHING RETURNING rma;
         INSERT INTO return_orders (order_key, rma) SELECT value, $1 FROM JSON_EACH($7) WHERE CHANGES() > 0;
         INSERT INTO return_events (rma, seq, at, actor, event)
           SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM JSON_EACH($8) WHERE CHANGES() > 0;
         INSERT INTO outbox (id, kind, payload, run_at) SELECT $9, $10, $11, $12 WHERE CHANGES() > 0;
         INSERT INTO order_versions (order_key, version) SELECT value ->> 0, (value ->> 1) + 1 FROM JSON_EACH($13) WHERE CHANGES() > 0
           ON CONFLICT (order_key) DO UPDATE SET version = excluded.version;
         INSERT INTO idempotency (scope, key, digest, answer, created_at) SELECT $14, $15, $16, $1, $3 WHERE $14 IS NOT NULL AND CHANGES() > 0",
        &new.rma,
        new.status,
        new.opened_at,
        &new.email_key,
        &new.state,
        new.version,
        &new.orders,
        &new.events,
        &new.job.id,
        new.job.kind,
        &new.job.payload,
        new.job.run_at,
        &new.judged_by,
        new.answers.as_ref().map(|answer| &answer.scope),
        new.answers.as_ref().map(|answer| &answer.key),
        new.answers.as_ref().map(|answer| &answer.digest)
    )?;
    Ok(!written.is_empty())
}

/// Further events and the state after them. [`StoreError::Stale`] where the return is not at `before` events any more.
pub async fn save_events(conn: &mut Conn<'_>, request: &Return, before: u64, events: &[Recorded]) -> Result<(), StoreError> {
    let changed = execute!(
        conn,
        "WITH changed AS (UPDATE returns SET status = $1, state = $2, version = $3 WHERE rma = $4 AND version = $5 RETURNING rma),
           its_events AS (INSERT INTO return_events (rma, seq, at, actor, event)
             SELECT rma, (value ->> 0)::BIGINT, (value ->> 1)::BIGINT, value ->> 2, value ->> 3 FROM changed, JSON_ARRAY_ELEMENTS($6::JSON))
         SELECT rma FROM changed" =>
        "UPDATE returns SET status = $1, state = $2, version = $3 WHERE rma = $4 AND version = $5;
         INSERT INTO return_events (rma, seq, at, actor, event)
           SELECT $4, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM JSON_EACH($6) WHERE CHANGES() > 0",
        request.status().code(),
        write_json("return", request)?,
        request.version as i64,
        request.rma.to_string(),
        before as i64,
        write_events(events)?
    )?;
    if changed == 0 { Err(StoreError::Stale("return")) } else { Ok(()) }
}

/// A further order of a return.
pub async fn add_order_to_return(conn: &mut Conn<'_>, order_key: &str, rma: RmaNumber) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO return_orders (order_key, rma) VALUES ($1, $2) ON CONFLICT (order_key, rma) DO NOTHING",
        order_key,
        rma.to_string()
    )?;
    Ok(())
}

/// Events as one JSON array of rows: number, time, who and what.
fn write_events(events: &[Recorded]) -> Result<String, StoreError> {
    let row = |recorded: &Recorded| {
        let (actor, event) = (write_json("event", &recorded.actor)?, write_json("event", &recorded.event)?);
        Ok((recorded.seq, recorded.at.as_millisecond(), actor, event))
    };
    write_json("event", &events.iter().map(row).collect::<Result<Vec<_>, StoreError>>()?)
}

/// Every return on an order, the oldest first.
pub async fn returns_of_order(conn: &mut Conn<'_>, order_key: &str) -> Result<Vec<Return>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT returns.state FROM return_orders JOIN returns ON returns.rma = return_orders.rma
         WHERE return_orders.order_key = $1 ORDER BY returns.opened_at, returns.rma",
        order_key
    )?;
    rows.iter().map(|(state,)| read_state(state)).collect()
}

/// Where a page of a list starts: after this return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnPage {
    /// Only this status.
    pub status: Option<Status>,
    /// Milliseconds and number of the last return of the page before.
    pub after: Option<(i64, String)>,
    /// At most so many.
    pub limit: i64,
}

/// A return in a list.
#[derive(Clone, Debug)]
pub struct ListedReturn {
    /// The return.
    pub request: Return,
    /// Where the next page starts.
    pub position: (i64, String),
}

/// Returns, the latest first.
pub async fn list_returns(conn: &mut Conn<'_>, page: &ReturnPage) -> Result<Vec<ListedReturn>, StoreError> {
    let (at, rma) = page.after.clone().unwrap_or((i64::MAX, String::new()));
    let rows = match page.status {
        Some(status) => fetch_all!(
            conn,
            (i64, String, String),
            "SELECT opened_at, rma, state FROM returns WHERE status = $1 AND (opened_at < $2 OR (opened_at = $2 AND rma < $3))
             ORDER BY opened_at DESC, rma DESC LIMIT $4",
            status.code(),
            at,
            rma,
            page.limit
        )?,
        None => fetch_all!(
            conn,
            (i64, String, String),
            "SELECT opened_at, rma, state FROM returns WHERE opened_at < $1 OR (opened_at = $1 AND rma < $2)
             ORDER BY opened_at DESC, rma DESC LIMIT $3",
            at,
            rma,
            page.limit
        )?,
    };
    let listed = |(at, rma, state): (i64, String, String)| Ok(ListedReturn { request: read_state(&state)?, position: (at, rma) });
    rows.into_iter().map(listed).collect()
}
