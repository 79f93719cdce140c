//! Returns: their events, and the state those lead to.

use std::collections::BTreeMap;

use domain::returns::{History, Recorded, Return, Status, write_event};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::assignments::wake_by_news;
use super::conn::{execute, fetch_all, fetch_optional, fetch_whole};
use super::idempotency::NewAnswer;
use super::projections::{self, Projection};
use super::{Conn, NewJob, StoreError};

/// What is kept of a return: itself, or its number where it was written in another shape and must be made anew from its events.
enum Kept {
    Return(Box<Return>),
    Number(RmaNumber),
}

fn is_today(schema: u32) -> bool {
    const KNOWN: [u32; 7] = [
        Return::SCHEMA,
        Return::SCHEMA_OUTBOUND,
        Return::SCHEMA_MONEY,
        Return::SCHEMA_VENDOR,
        Return::SCHEMA_FEEDBACK,
        Return::SCHEMA_DOOR,
        Return::SCHEMA_REMEDY,
    ];
    KNOWN.contains(&schema)
}

fn read_kept(text: &str) -> Result<Kept, StoreError> {
    #[derive(Deserialize)]
    struct Shape {
        schema: Option<u32>,
        rma: RmaNumber,
    }
    let corrupt = |error| StoreError::corrupt("return", error);
    match serde_json::from_str::<Return>(text) {
        Ok(request) if is_today(request.schema) => Ok(Kept::Return(Box::new(request))),
        Ok(request) => Ok(Kept::Number(request.rma)),
        Err(error) => match serde_json::from_str::<Shape>(text).map_err(corrupt)? {
            Shape { schema: Some(schema), .. } if is_today(schema) => Err(corrupt(error)),
            Shape { rma, .. } => Ok(Kept::Number(rma)),
        },
    }
}

/// Whether a stored state is this return, in today's shape.
pub(super) fn is_kept_as(text: &str, request: &Return) -> bool {
    matches!(read_kept(text), Ok(Kept::Return(kept)) if *kept == *request)
}

/// Stored states as what they are; those of another shape are made anew from their events, in one question for all.
pub(super) async fn read_states<T: AsRef<str>>(conn: &mut Conn<'_>, texts: impl IntoIterator<Item = T>) -> Result<Vec<Return>, StoreError> {
    let kept: Vec<Kept> = texts.into_iter().map(|text| read_kept(text.as_ref())).collect::<Result<_, _>>()?;
    let numbers = |kept: &Kept| match kept {
        Kept::Number(rma) => Some(*rma),
        Kept::Return(_) => None,
    };
    let mut anew = histories(conn, kept.iter().filter_map(numbers)).await?;
    let read = |kept| match kept {
        Kept::Return(request) => Ok(*request),
        Kept::Number(rma) => {
            anew.remove(&rma).map(|history| history.request).ok_or_else(|| StoreError::corrupt("return", "its events are gone"))
        }
    };
    kept.into_iter().map(read).collect()
}

/// States in JSON arrays, for each array its own, the oldest first.
pub(super) async fn read_lists<'t>(conn: &mut Conn<'_>, lists: impl IntoIterator<Item = &'t str>) -> Result<Vec<Vec<Return>>, StoreError> {
    let parse = |list| serde_json::from_str::<Vec<&RawValue>>(list).map_err(|error| StoreError::corrupt("return", error));
    let lists: Vec<Vec<&RawValue>> = lists.into_iter().map(parse).collect::<Result<_, _>>()?;
    let mut states = read_states(conn, lists.iter().flatten().map(|state| state.get())).await?.into_iter();
    let in_order = |list: &Vec<&RawValue>| {
        let mut returns: Vec<Return> = states.by_ref().take(list.len()).collect();
        returns.sort_by_cached_key(|request| (request.opened_at.as_millisecond(), request.rma.to_string()));
        returns
    };
    Ok(lists.iter().map(in_order).collect())
}

/// Reads the events of returns.
pub(super) async fn histories(
    conn: &mut Conn<'_>,
    numbers: impl Iterator<Item = RmaNumber>,
) -> Result<BTreeMap<RmaNumber, History>, StoreError> {
    let numbers: Vec<String> = numbers.map(|rma| rma.to_string()).collect();
    if numbers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = fetch_all!(
        conn,
        (String, i64, i64, String, String),
        "SELECT rma, seq, at, actor, event FROM return_events
         WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)) ORDER BY rma, seq" =>
        "SELECT rma, seq, at, actor, event FROM return_events WHERE rma IN (SELECT value FROM JSON_EACH($1)) ORDER BY rma, seq",
        write_json("return", &numbers)?
    )?;
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("event", error);
    let mut histories = BTreeMap::new();
    for rows in rows.chunk_by(|(before, ..), (after, ..)| before == after) {
        let mut read = Vec::with_capacity(rows.len());
        for (_, seq, at, actor, event) in rows {
            let at = Timestamp::from_millisecond(*at).map_err(|error| corrupt(&error))?;
            read.push((*seq as u64, at, actor.as_str(), event.as_str()));
        }
        let history = History::read(read).map_err(|error| corrupt(&error))?;
        histories.insert(history.request.rma, history);
    }
    Ok(histories)
}

pub(super) fn write_json(what: &'static str, value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(what, error))
}

/// The return of that number.
pub async fn find_return(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Option<Return>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT state FROM returns WHERE rma = $1", rma.to_string())?;
    Ok(read_states(conn, row.iter().map(|(state,)| state)).await?.pop())
}

/// The returns of those numbers, in no order.
pub async fn find_returns(conn: &mut Conn<'_>, numbers: &[&String]) -> Result<Vec<Return>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT state FROM returns WHERE rma IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON))" =>
        "SELECT state FROM returns WHERE rma IN (SELECT value FROM JSON_EACH($1))",
        write_json("return", &numbers)?
    )?;
    read_states(conn, rows.iter().map(|(state,)| state)).await
}

/// A return with its events, as far as this version knows them.
pub async fn history_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Option<History>, StoreError> {
    Ok(histories(conn, [rma].into_iter()).await?.remove(&rma))
}

/// A return's events, in order, as far as this version knows them.
pub async fn events_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<Recorded>, StoreError> {
    Ok(history_of(conn, rma).await?.map_or_else(Vec::new, |history| history.events))
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
    projection: Projection,
    jobs: String,
    /// The first job's name, which nobody else has.
    first_job: String,
    judged_by: String,
    answer: Option<NewAnswer>,
}

impl NewReturn {
    /// A new return with its first events, and what is to be done because of it.
    pub fn new(request: &Return, events: &[Recorded], jobs: Vec<NewJob>) -> Result<Self, StoreError> {
        let orders: Vec<String> = request.orders.iter().map(|part| part.number.to_string()).collect();
        Ok(Self {
            rma: request.rma.to_string(),
            status: request.status().code(),
            opened_at: request.opened_at.as_millisecond(),
            email_key: request.contact.email.as_ref().map(|email| email.key()),
            state: write_json("return", request)?,
            version: request.version as i64,
            orders: write_json("return", &orders)?,
            events: write_events(events)?,
            projection: Projection::of(request, events.last().map_or(request.opened_at, |last| last.at)),
            first_job: jobs.first().ok_or_else(|| StoreError::corrupt("return", "nobody is told of it"))?.id.clone(),
            jobs: write_jobs(&jobs)?,
            judged_by: "[]".to_owned(),
            answer: None,
        })
    }

    /// Only while its orders, by their keys, are still at the versions by which it was judged.
    pub fn judged_by(mut self, versions: &BTreeMap<String, i64>) -> Result<Self, StoreError> {
        self.judged_by = write_json("return", &versions.iter().collect::<Vec<_>>())?;
        Ok(self)
    }

    /// Only if this request was not answered yet; it then is.
    pub fn answering(mut self, answer: NewAnswer) -> Self {
        self.answer = Some(answer);
        self
    }
}

/// Writes a new return. False, and nothing is written, where its number is taken, or it must be judged anew.
///
/// One text, and nothing in it fails half-way: opening is what happens most. On SQLite each part goes on only where the one before it changed
/// anything, or, where that may have nothing to write, where the job was written, whose name nobody else has.
pub async fn insert_return(conn: &mut Conn<'_>, new: &NewReturn) -> Result<bool, StoreError> {
    let answer = new.answer.as_ref();
    macro_rules! in_one_text {
        ([$($more:expr),*] [$($less:expr),*]) => {
            fetch_whole!(
                conn,
                (String,),
                concat!("WITH judged_by AS (SELECT value ->> 0 AS order_key, (value ->> 1)::BIGINT AS version FROM JSON_ARRAY_ELEMENTS($10::JSON)),
                   counted AS (INSERT INTO order_versions (order_key, version)
                     SELECT order_key, version + 1 FROM judged_by ORDER BY order_key COLLATE \"C\"
                     ON CONFLICT (order_key) DO UPDATE SET version = excluded.version WHERE order_versions.version = excluded.version - 1
                     RETURNING order_key),
                   opened AS (INSERT INTO returns (rma, status, opened_at, email_key, state, version, projected, projected_27, next_change_at)
                     SELECT $1, $2, $3, $4, $5, $6, $6, $6, $17 WHERE (SELECT COUNT(*) FROM counted) = (SELECT COUNT(*) FROM judged_by)
                     ON CONFLICT (rma) DO NOTHING RETURNING rma),
                   its_orders AS (INSERT INTO return_orders (order_key, rma) SELECT value, rma FROM opened, JSON_ARRAY_ELEMENTS_TEXT($7::JSON)),
                   its_events AS (INSERT INTO return_events (rma, seq, at, actor, event)
                     SELECT rma, (value ->> 0)::BIGINT, (value ->> 1)::BIGINT, value ->> 2, value ->> 3 FROM opened, JSON_ARRAY_ELEMENTS($8::JSON)),
                   its_lines AS (", return_lines!(insert), " FROM opened, JSON_ARRAY_ELEMENTS($16::JSON -> 'lines')),
                   its_terms AS (", search_terms!(insert), " FROM opened, JSON_ARRAY_ELEMENTS($16::JSON -> 'terms')),
                   its_parcels AS (", expected_parcels!(insert), " FROM opened, JSON_ARRAY_ELEMENTS($16::JSON -> 'parcels')),", $($more,)* "
                   its_jobs AS (INSERT INTO outbox (id, queue, kind, payload, run_at, hook, about)
                     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::BIGINT, value ->> 5, rma FROM opened, JSON_ARRAY_ELEMENTS($9::JSON)),
                   its_answer AS (INSERT INTO idempotency (scope, key, digest, answer, created_at, request, response)
                     SELECT $11, $12, $13, rma, $3, $14, $15 FROM opened WHERE $11 IS NOT NULL)
                 SELECT rma FROM opened WHERE $18 <> ''") =>
                concat!("INSERT INTO returns (rma, status, opened_at, email_key, state, version, projected, projected_27, next_change_at)
                   SELECT $1, $2, $3, $4, $5, $6, $6, $6, $17
                   WHERE NOT EXISTS (SELECT 1 FROM JSON_EACH($10) LEFT JOIN order_versions ON order_versions.order_key = value ->> 0
                     WHERE COALESCE(order_versions.version, 0) <> value ->> 1)
                     AND NOT EXISTS (SELECT 1 FROM idempotency WHERE scope = $11 AND key = $12)
                   ON CONFLICT (rma) DO NOTHING RETURNING rma;
                 INSERT INTO return_orders (order_key, rma) SELECT value, $1 FROM JSON_EACH($7) WHERE CHANGES() > 0;
                 INSERT INTO return_events (rma, seq, at, actor, event)
                   SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM JSON_EACH($8) WHERE CHANGES() > 0;
                 ", return_lines!(insert), " FROM JSON_EACH($16, '$.lines') WHERE CHANGES() > 0;
                 INSERT INTO outbox (id, queue, kind, payload, run_at, hook, about)
                   SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, $1 FROM JSON_EACH($9) WHERE CHANGES() > 0;
                 ", search_terms!(insert), " FROM JSON_EACH($16, '$.terms') WHERE EXISTS (SELECT 1 FROM outbox WHERE id = $18);
                 ", $($less,)* expected_parcels!(insert), " FROM JSON_EACH($16, '$.parcels') WHERE EXISTS (SELECT 1 FROM outbox WHERE id = $18);
                 INSERT INTO order_versions (order_key, version) SELECT value ->> 0, (value ->> 1) + 1 FROM JSON_EACH($10)
                   WHERE EXISTS (SELECT 1 FROM outbox WHERE id = $18)
                   ON CONFLICT (order_key) DO UPDATE SET version = excluded.version;
                 INSERT INTO idempotency (scope, key, digest, answer, created_at, request, response)
                   SELECT $11, $12, $13, $1, $3, $14, $15 WHERE $11 IS NOT NULL AND EXISTS (SELECT 1 FROM outbox WHERE id = $18)"),
                &new.rma,
                new.status,
                new.opened_at,
                &new.email_key,
                &new.state,
                new.version,
                &new.orders,
                &new.events,
                &new.jobs,
                &new.judged_by,
                answer.map(|answer| &answer.scope),
                answer.map(|answer| &answer.key),
                answer.map(|answer| &answer.digest),
                answer.and_then(|answer| answer.request.as_ref()),
                answer.and_then(|answer| answer.response.as_ref()),
                new.projection.json()?,
                new.projection.next_change_at,
                &new.first_job
            )?
        };
    }
    // Most that are opened need nobody and promise nothing yet: what there is none of need not be got ready for.
    let written = match new.projection.is_plain() {
        true => in_one_text!([] []),
        false => in_one_text!(
            [
                concat!(" its_tasks AS (", tasks!(insert), " FROM opened, JSON_ARRAY_ELEMENTS($16::JSON -> 'tasks')),"),
                concat!(" its_money AS (", money!(insert), " FROM opened, JSON_ARRAY_ELEMENTS($16::JSON -> 'money')),")
            ]
            [
                concat!(money!(insert), " FROM JSON_EACH($16, '$.money') WHERE EXISTS (SELECT 1 FROM outbox WHERE id = $18);"),
                concat!(tasks!(insert), " FROM JSON_EACH($16, '$.tasks') WHERE EXISTS (SELECT 1 FROM outbox WHERE id = $18);")
            ]
        ),
    };
    Ok(!written.is_empty())
}

/// Further events and the state after them. [`StoreError::Stale`] where the return is not at `before` events any more;
/// [`StoreError::Newer`] where it holds what only a newer version knows.
pub async fn save_events(conn: &mut Conn<'_>, request: &Return, before: u64, events: &[Recorded]) -> Result<(), StoreError> {
    if request.newer {
        return Err(StoreError::Newer);
    }
    let projection = Projection::of(request, events.last().map_or(request.opened_at, |last| last.at));
    let rma = request.rma.to_string();
    let changed = execute!(
        conn,
        "WITH changed AS (UPDATE returns SET status = $1, state = $2, version = $3, projected = $3, projected_27 = $3, next_change_at = $7 WHERE rma = $4 AND version = $5 RETURNING rma),
           its_events AS (INSERT INTO return_events (rma, seq, at, actor, event)
             SELECT rma, (value ->> 0)::BIGINT, (value ->> 1)::BIGINT, value ->> 2, value ->> 3 FROM changed, JSON_ARRAY_ELEMENTS($6::JSON))
         SELECT rma FROM changed" =>
        "UPDATE returns SET status = $1, state = $2, version = $3, projected = $3, projected_27 = $3, next_change_at = $7 WHERE rma = $4 AND version = $5;
         INSERT INTO return_events (rma, seq, at, actor, event)
           SELECT $4, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM JSON_EACH($6) WHERE CHANGES() > 0",
        request.status().code(),
        write_json("return", request)?,
        request.version as i64,
        &rma,
        before as i64,
        write_events(events)?,
        projection.next_change_at
    )?;
    if changed == 0 {
        return Err(StoreError::Stale("return"));
    }
    projections::put(conn, &rma, &projection).await?;
    if events.iter().any(Recorded::is_from_outside) {
        wake_by_news(conn, &rma).await?;
    }
    Ok(())
}

/// Jobs likewise: name, queue, kind, with what, when, for which webhook.
fn write_jobs(jobs: &[NewJob]) -> Result<String, StoreError> {
    write_json("job", &jobs.iter().map(|job| (&job.id, job.queue, job.kind, &job.payload, job.run_at, &job.hook)).collect::<Vec<_>>())
}

/// Events as one JSON array of rows: number, time, who and what.
fn write_events(events: &[Recorded]) -> Result<String, StoreError> {
    let row = |recorded: &Recorded| {
        let event = write_event(recorded).map_err(|error| StoreError::corrupt("event", error))?;
        Ok((recorded.seq, recorded.at.as_millisecond(), write_json("event", &recorded.actor)?, event))
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
    read_states(conn, rows.iter().map(|(state,)| state)).await
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
    let requests = read_states(conn, rows.iter().map(|(_, _, state)| state)).await?;
    let listed = |((at, rma, _), request): ((i64, String, String), Return)| ListedReturn { request, position: (at, rma) };
    Ok(rows.into_iter().zip(requests).map(listed).collect())
}
