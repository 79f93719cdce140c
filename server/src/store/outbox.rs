//! The outbox: what is to be done in the outside world, written in the transaction that made it necessary.
//!
//! Written by hand: the job crates that fit this sqlx push through a pool of their own, outside the caller's transaction, and keep
//! different tables on the two databases. Here a row stands or falls with the events beside it.
//! Long because taking, keeping and settling a row belong together.

use domain::rma::RmaNumber;
use jiff::SignedDuration;

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
    /// How often it was ever taken, this time included: names who holds it.
    pub attempts: i64,
    /// How often it has been tried since it was put in, or somebody had it tried again; this time included.
    pub tries: i64,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// It is done when it is due.
    Waiting,
    /// Somebody is at it.
    UnderWay,
    /// It was tried too often, or cannot be done; it stays until somebody has it tried again.
    Parked,
    /// It is done, and forgotten in time.
    Done,
}

/// Something in the outbox, without what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedJob {
    /// Unique.
    pub id: String,
    /// What.
    pub kind: String,
    /// How it stands.
    pub state: OutboxState,
    /// How often it was taken.
    pub attempts: i64,
    /// When it is (or was) due, epoch milliseconds.
    pub run_at: i64,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// What it was about is gone: it cannot be tried again.
    pub is_emptied: bool,
}

/// The outbox in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// How many wait, or are under way.
    pub pending: i64,
    /// How many are parked.
    pub parked: i64,
    /// For how long the longest of those that are due has been due, milliseconds.
    pub oldest_due: i64,
    /// How old the oldest is that is neither done nor parked, milliseconds.
    pub oldest: i64,
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
    /// The command that made it necessary, which can be taken back until it is begun.
    pub(super) command: Option<String>,
    /// The number of the return that it is about.
    pub(super) about: Option<String>,
    /// The webhook that it is a message for.
    pub(super) hook: Option<String>,
}

impl NewJob {
    /// Something of a kind, to be done from `run_at` (epoch milliseconds) on.
    pub fn new(kind: &'static str, payload: &serde_json::Value, run_at: i64) -> Self {
        let (id, queue, payload) = (uuid::Uuid::now_v7().to_string(), queue_of(kind), payload.to_string());
        Self { id, queue, kind, payload, run_at, command: None, about: None, hook: None }
    }

    /// Its name.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Of a return, by its number.
    pub fn about(self, rma: String) -> Self {
        Self { about: Some(rma), ..self }
    }

    /// For a webhook, by its name.
    pub fn to_hook(self, hook: String) -> Self {
        Self { hook: Some(hook), ..self }
    }

    /// Of a command that can be taken back for so long.
    pub fn of_command(self, command: &str, waits: SignedDuration) -> Self {
        let waits = i64::try_from(waits.as_millis()).unwrap_or(i64::MAX);
        Self { run_at: self.run_at.saturating_add(waits), command: Some(command.to_owned()), ..self }
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
        "INSERT INTO outbox (id, queue, kind, payload, run_at, command, about, hook) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &job.id,
        job.queue,
        job.kind,
        &job.payload,
        job.run_at,
        job.command.as_deref(),
        job.about.as_deref(),
        job.hook.as_deref()
    )?;
    Ok(())
}

/// Takes out what a command made necessary. False where some of it was begun: whoever calls undoes it all.
pub async fn take_out(conn: &mut Conn<'_>, command: &str) -> Result<bool, StoreError> {
    execute!(conn, "DELETE FROM outbox WHERE command = $1 AND attempts = 0 AND done_at IS NULL AND dead_at IS NULL", command)?;
    let left = fetch_optional!(conn, (i64,), "SELECT COUNT(*) FROM outbox WHERE command = $1", command)?;
    Ok(left.is_none_or(|(left,)| left == 0))
}

/// Kinds of jobs that a server knows.
#[derive(Clone, Copy, Debug)]
pub struct Kinds<'k> {
    pub known: &'k [&'k str],
    /// Of them, those that are planned for a later day.
    pub planned: &'k [&'k str],
}

/// Takes up to `limit` rows of a queue that are due `now`, for `lease` milliseconds: nobody else gets them in that time. Only of the `kinds`
/// that this server knows; others wait for one that does. A lease that goes further than twice `lease` was given by a clock that was set back
/// since, or by a version whose leases followed the shop's: it is none. What is due later than twice `longest` was put off by such a clock, too:
/// it is due, but for kinds that are planned for a later day.
pub async fn claim_due(
    conn: &mut Conn<'_>,
    queue: &str,
    kinds: Kinds<'_>,
    now: i64,
    longest: i64,
    lease: i64,
    limit: i64,
) -> Result<Vec<OutboxRow>, StoreError> {
    let (kinds, planned) = (serde_json::json!(kinds.known).to_string(), serde_json::json!(kinds.planned).to_string());
    let rows = fetch_all!(
        conn,
        (String, String, String, i64, i64),
        concat!(
            "UPDATE outbox SET attempts = attempts + 1, leased_until = ", pg_clock!(), " + $1 WHERE id IN (
               SELECT id FROM outbox WHERE queue = $2 AND done_at IS NULL AND dead_at IS NULL
                 AND (run_at <= $3 OR run_at > $3 + 2 * $6 AND kind NOT IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($7::JSON)))
                 AND (leased_until IS NULL OR leased_until NOT BETWEEN ", pg_clock!(), " AND ", pg_clock!(), " + 2 * $1)
                 AND kind IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($4::JSON))
               ORDER BY run_at LIMIT $5 FOR UPDATE SKIP LOCKED)
             RETURNING id, kind, payload, attempts, attempts - tried_before"
        ) => concat!(
            "UPDATE outbox SET attempts = attempts + 1, leased_until = ", sqlite_clock!(), " + $1 WHERE id IN (
               SELECT id FROM outbox WHERE queue = $2 AND done_at IS NULL AND dead_at IS NULL
                 AND (run_at <= $3 OR run_at > $3 + 2 * $6 AND kind NOT IN (SELECT value FROM JSON_EACH($7)))
                 AND (leased_until IS NULL OR leased_until NOT BETWEEN ", sqlite_clock!(), " AND ", sqlite_clock!(), " + 2 * $1)
                 AND kind IN (SELECT value FROM JSON_EACH($4))
               ORDER BY run_at LIMIT $5)
             RETURNING id, kind, payload, attempts, attempts - tried_before"
        ),
        lease,
        queue,
        now,
        &kinds,
        limit,
        longest,
        &planned
    )?;
    Ok(rows.into_iter().map(|(id, kind, payload, attempts, tries)| OutboxRow { id, kind, payload, attempts, tries }).collect())
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

/// Whether a row is still held by whoever took it, and its lease has not run out.
pub async fn is_leased(conn: &mut Conn<'_>, row: &OutboxRow) -> Result<bool, StoreError> {
    let held = fetch_optional!(
        conn,
        (i64,),
        concat!("SELECT 1::BIGINT FROM outbox WHERE id = $1 AND attempts = $2 AND leased_until > ", pg_clock!()) =>
        concat!("SELECT 1 FROM outbox WHERE id = $1 AND attempts = $2 AND leased_until > ", sqlite_clock!()),
        &row.id,
        row.attempts
    )?;
    Ok(held.is_some())
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

/// Its turn has not come: it is tried at `run_at`, and this was no try.
pub async fn put_off(conn: &mut Conn<'_>, row: &OutboxRow, run_at: i64) -> Result<bool, StoreError> {
    let marked = execute!(
        conn,
        "UPDATE outbox SET leased_until = NULL, run_at = $1, tried_before = tried_before + 1
         WHERE id = $2 AND attempts = $3 AND done_at IS NULL AND dead_at IS NULL",
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

/// A text that was sent did not arrive: it stands with what was given up. Whether there is one that was, and is not being sent again.
pub async fn mark_undelivered(conn: &mut Conn<'_>, id: &str, why: &str, now: i64) -> Result<bool, StoreError> {
    let marked = execute!(
        conn,
        "UPDATE outbox SET done_at = NULL, dead_at = $1, last_error = $2 WHERE id = $3 AND kind = 'sms.send' AND done_at IS NOT NULL AND payload <> '{}'",
        now,
        why,
        id
    )?;
    Ok(marked == 1)
}

/// Empties the payload of something that is over: it held what nobody should read afterwards.
pub async fn forget_payload(conn: &mut Conn<'_>, row: &OutboxRow) -> Result<(), StoreError> {
    execute!(conn, "UPDATE outbox SET payload = '{}' WHERE id = $1", &row.id)?;
    Ok(())
}

/// How a row stands, as [`OutboxState`] calls it, by the database's clock.
macro_rules! stands {
    ($now:expr) => {
        concat!(
            "CASE WHEN done_at IS NOT NULL THEN 'done' WHEN dead_at IS NOT NULL THEN 'parked' WHEN leased_until > ",
            $now,
            " THEN 'under way' ELSE 'waiting' END"
        )
    };
}
pub(super) use stands;

/// What is in the outbox of one state, or of all that is not done; of a kind and its like (`mail`, `mail.return_opened`), where one is named. The
/// oldest first, up to `most`.
pub async fn list_outbox(
    conn: &mut Conn<'_>,
    state: Option<OutboxState>,
    kind: Option<&str>,
    most: i64,
) -> Result<Vec<ListedJob>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, String, i64, i64, Option<String>, i64),
        concat!("SELECT * FROM (SELECT id, kind, ", stands!(pg_clock!()), " AS state, attempts, run_at, last_error,
                   CASE WHEN payload = '{}' THEN 1 ELSE 0 END::BIGINT FROM outbox
                 WHERE $2 IN ('', kind, queue)) AS listed
               WHERE state = $1 OR ($1 = '' AND state <> 'done') ORDER BY id LIMIT $3") =>
        concat!("SELECT * FROM (SELECT id, kind, ", stands!(sqlite_clock!()), " AS state, attempts, run_at, last_error,
                   CASE WHEN payload = '{}' THEN 1 ELSE 0 END FROM outbox
                 WHERE $2 IN ('', kind, queue)) AS listed
               WHERE state = $1 OR ($1 = '' AND state <> 'done') ORDER BY id LIMIT $3"),
        state.map_or("", OutboxState::name),
        kind.unwrap_or_default(),
        most
    )?;
    let listed = rows.into_iter().map(|(id, kind, state, attempts, run_at, last_error, emptied)| {
        let state = OutboxState::named(&state);
        ListedJob { id, kind, state, attempts, run_at, last_error, is_emptied: emptied == 1 }
    });
    Ok(listed.collect())
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedJob {
    pub id: String,
    /// `mail.return_opened`, `sms.send`, `webhook.send`.
    pub kind: String,
    /// With what, JSON.
    pub payload: String,
    /// The return that it is about.
    pub about: Option<String>,
    /// The webhook that it was for.
    pub hook: Option<String>,
    /// How often it was tried.
    pub tries: i64,
    /// When it was given up, epoch milliseconds.
    pub at: i64,
    pub why: String,
}

impl FailedJob {
    /// What it was about is gone: it cannot be sent again.
    pub fn is_emptied(&self) -> bool {
        self.payload == "{}"
    }
}

/// What was given up of these queues, the latest first, from before one of them, up to `most`.
pub async fn list_failed(conn: &mut Conn<'_>, queues: &[&str], before: Option<&str>, most: i64) -> Result<Vec<FailedJob>, StoreError> {
    type Row = (String, String, String, Option<String>, Option<String>, i64, i64, Option<String>);
    let queues = serde_json::json!(queues).to_string();
    macro_rules! failed {
        ($queues:literal) => {
            concat!(
                "SELECT id, kind, payload, about, hook, attempts - tried_before, dead_at, last_error FROM outbox
                 WHERE dead_at IS NOT NULL AND done_at IS NULL AND queue IN (",
                $queues,
                ") AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3"
            )
        };
    }
    let rows = fetch_all!(
        conn,
        Row,
        failed!("SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)") => failed!("SELECT value FROM JSON_EACH($1)"),
        &queues,
        before.unwrap_or_default(),
        most
    )?;
    let row = |(id, kind, payload, about, hook, tries, at, why): Row| {
        let why = why.unwrap_or_default();
        FailedJob { id, kind, payload, about, hook, tries, at, why }
    };
    Ok(rows.into_iter().map(row).collect())
}

/// How many of each of these queues wait, and how many were given up.
pub async fn count_of_queues(conn: &mut Conn<'_>, queues: &[&str]) -> Result<Vec<(String, i64, i64)>, StoreError> {
    let queues = serde_json::json!(queues).to_string();
    macro_rules! counted {
        ($queues:literal) => {
            concat!(
                "SELECT queue, COUNT(*) FILTER (WHERE dead_at IS NULL), COUNT(*) FILTER (WHERE dead_at IS NOT NULL) FROM outbox
                 WHERE done_at IS NULL AND queue IN (",
                $queues,
                ") GROUP BY queue ORDER BY queue"
            )
        };
    }
    fetch_all!(
        conn,
        (String, i64, i64),
        counted!("SELECT JSON_ARRAY_ELEMENTS_TEXT($1::JSON)") => counted!("SELECT value FROM JSON_EACH($1)"),
        &queues
    )
    .map_err(StoreError::from)
}

/// A mail about a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// `mail.return_opened`, …
    pub kind: String,
    pub state: OutboxState,
    /// When it was sent or given up, else from when on it is due; epoch milliseconds.
    pub at: i64,
}

/// Mails about a return, the latest first, up to `most`. What was sent is forgotten in time.
pub async fn mails_about(conn: &mut Conn<'_>, rma: RmaNumber, most: i64) -> Result<Vec<MailRow>, StoreError> {
    macro_rules! mails {
        ($now:expr) => {
            concat!(
                "SELECT kind, ",
                stands!($now),
                ", COALESCE(done_at, dead_at, run_at)
                 FROM outbox WHERE about = $1 AND queue = 'mail' ORDER BY id DESC LIMIT $2"
            )
        };
    }
    let rows = fetch_all!(conn, (String, String, i64), mails!(pg_clock!()) => mails!(sqlite_clock!()), rma.to_string(), most)?;
    let row = |(kind, state, at): (String, String, i64)| MailRow { kind, state: OutboxState::named(&state), at };
    Ok(rows.into_iter().map(row).collect())
}

/// Of messages about the same return in the same queue that were put in before this one and are still to be sent, but for those of the kinds that are
/// planned for a later day: when the first is due (epoch milliseconds), and whether somebody is at it.
pub async fn message_before(conn: &mut Conn<'_>, id: &str, planned: &[&str]) -> Result<Option<(i64, bool)>, StoreError> {
    let planned = serde_json::json!(planned).to_string();
    macro_rules! before {
        ($now:expr, $end:literal, $planned:literal) => {
            concat!(
                "SELECT other.run_at, CASE WHEN other.leased_until > ",
                $now,
                " THEN 1 ELSE 0 ",
                $end,
                " FROM outbox AS this JOIN outbox AS other ON other.about = this.about AND other.queue = this.queue
                   AND other.id < this.id
                 WHERE this.id = $1 AND other.done_at IS NULL AND other.dead_at IS NULL AND other.kind NOT IN (",
                $planned,
                ") ORDER BY other.id LIMIT 1"
            )
        };
    }
    let before = fetch_optional!(
        conn,
        (i64, i64),
        before!(pg_clock!(), "END::BIGINT", "SELECT JSON_ARRAY_ELEMENTS_TEXT($2::JSON)") =>
        before!(sqlite_clock!(), "END", "SELECT value FROM JSON_EACH($2)"),
        id,
        &planned
    )?;
    Ok(before.map(|(run_at, under_way)| (run_at, under_way == 1)))
}

/// Whether others about the same return wait in the same queue that were put in after this one.
pub async fn has_later(conn: &mut Conn<'_>, id: &str) -> Result<bool, StoreError> {
    let found = fetch_optional!(
        conn,
        (String,),
        "SELECT other.id FROM outbox AS this JOIN outbox AS other ON other.about = this.about AND other.queue = this.queue AND other.id > this.id
         WHERE this.id = $1 AND other.done_at IS NULL AND other.dead_at IS NULL LIMIT 1",
        id
    )?;
    Ok(found.is_some())
}

/// Has what is parked tried again from `now` on, with all of its tries anew: one, or all of a kind and its like, or all. What was emptied stays.
/// Answers how many there were.
pub async fn retry_parked(conn: &mut Conn<'_>, id: Option<&str>, kind: Option<&str>, now: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "UPDATE outbox SET dead_at = NULL, run_at = $1, tried_before = attempts
         WHERE dead_at IS NOT NULL AND done_at IS NULL AND payload <> '{}' AND $2 IN ('', id) AND $3 IN ('', kind, queue)",
        now,
        id.unwrap_or_default(),
        kind.unwrap_or_default()
    )?)
}

/// The outbox in figures.
pub async fn outbox_figures(conn: &mut Conn<'_>, now: i64) -> Result<OutboxFigures, StoreError> {
    let row = fetch_optional!(
        conn,
        (i64, i64, Option<i64>, Option<String>),
        "SELECT COUNT(*) FILTER (WHERE dead_at IS NULL), COUNT(*) FILTER (WHERE dead_at IS NOT NULL),
           MIN(run_at) FILTER (WHERE dead_at IS NULL), MIN(id) FILTER (WHERE dead_at IS NULL) FROM outbox WHERE done_at IS NULL"
    )?;
    let Some((pending, parked, due, id)) = row else { return Ok(OutboxFigures::default()) };
    let oldest = id.and_then(|id| put_in_at(&id)).map_or(0, |at| jiff::Timestamp::now().as_millisecond() - at);
    Ok(OutboxFigures { pending, parked, oldest_due: due.map_or(0, |due| (now - due).max(0)), oldest: oldest.max(0) })
}

/// When something was put in, epoch milliseconds, by the computer's clock: its name says so (RFC 9562, 5.7).
pub fn put_in_at(id: &str) -> Option<i64> {
    let (seconds, nanos) = uuid::Uuid::parse_str(id).ok()?.get_timestamp()?.to_unix();
    Some(i64::try_from(seconds).ok()? * 1_000 + i64::from(nanos / 1_000_000))
}

/// Has what waits since before a moment (epoch milliseconds) be due from then on only: it was put in by a clock that stood in the past.
pub async fn due_not_before(conn: &mut Conn<'_>, now: i64) -> Result<u64, StoreError> {
    Ok(execute!(conn, "UPDATE outbox SET run_at = $1 WHERE done_at IS NULL AND run_at < $1", now)?)
}

/// Forgets up to `most` of what was done before a moment.
pub async fn delete_done(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(conn, "DELETE FROM outbox WHERE done_at < $1 AND id IN (SELECT id FROM outbox WHERE done_at < $1 LIMIT $2)", before, most)?)
}

impl OutboxState {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::UnderWay, Self::Parked, Self::Done];

    pub(super) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|known| known.name() == name).unwrap_or(Self::Waiting)
    }

    /// As it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::UnderWay => "under way",
            Self::Parked => "parked",
            Self::Done => "done",
        }
    }
}
