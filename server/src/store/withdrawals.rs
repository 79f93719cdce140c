//! Withdrawals: drafts, statements (which the database keeps from ever changing), and how each stands.

use domain::rma::RmaNumber;
use domain::withdrawal::{KnownBy, Statement, WaitsFor};
use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// What somebody fills in, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalDraft {
    /// Its content, JSON.
    pub data: String,
    /// Counts its changes.
    pub version: i64,
    /// The withdrawal it became.
    pub became: Option<String>,
}

/// A statement of withdrawal, and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Withdrawal {
    /// Its number, to be told over the phone: `W-7KQ4-M2XD`.
    pub id: String,
    pub received_at: Timestamp,
    /// In which the moment is told to the customer (IANA).
    pub zone: String,
    pub statement: Statement,
    /// The order that is meant, where one is.
    pub order: Option<String>,
    pub known_by: Option<KnownBy>,
    pub waits_for: Option<WaitsFor>,
    /// A person answers by then, where one has to.
    pub due_at: Timestamp,
    pub rma: Option<RmaNumber>,
    /// A person has seen to it.
    pub settled_at: Option<Timestamp>,
    /// How often its receipt was put among the mails.
    pub acknowledged: i64,
}

/// Which withdrawals to list: the latest first, or, of those that wait for a person, the most urgent.
#[derive(Clone, Debug, Default)]
pub struct WithdrawalPage {
    /// Only those that wait.
    pub waiting: bool,
    /// After this position.
    pub after: Option<(i64, String)>,
    pub limit: i64,
}

impl Withdrawal {
    /// Where it stands in a list.
    pub fn position(&self, waiting: bool) -> (i64, String) {
        let at = if waiting { self.due_at } else { self.received_at };
        (at.as_millisecond(), self.id.clone())
    }
}

/// The draft of that name.
pub async fn find_withdrawal_draft(conn: &mut Conn<'_>, id: &str) -> Result<Option<WithdrawalDraft>, StoreError> {
    let row =
        fetch_optional!(conn, (String, i64, Option<String>), "SELECT data, version, withdrawal FROM withdrawal_drafts WHERE id = $1", id)?;
    Ok(row.map(|(data, version, became)| WithdrawalDraft { data, version, became }))
}

/// A draft's content: of a new one, or in place of what it was; nothing where it has become a withdrawal.
pub async fn put_withdrawal_draft(conn: &mut Conn<'_>, id: &str, data: &str, now: i64) -> Result<bool, StoreError> {
    let put = execute!(
        conn,
        "INSERT INTO withdrawal_drafts (id, data, version, updated_at) VALUES ($1, $2, 1, $3)
         ON CONFLICT (id) DO UPDATE SET data = excluded.data, version = withdrawal_drafts.version + 1, updated_at = excluded.updated_at
         WHERE withdrawal_drafts.withdrawal IS NULL",
        id,
        data,
        now
    )?;
    Ok(put == 1)
}

/// Makes a draft, as it was at `version`, a withdrawal. False where it is one, or was changed since.
pub async fn draft_became(conn: &mut Conn<'_>, id: &str, version: i64, withdrawal: &str, now: i64) -> Result<bool, StoreError> {
    // Of two at once, PostgreSQL lets the second wait here until the first is decided.
    let became = execute!(
        conn,
        "UPDATE withdrawal_drafts SET withdrawal = $3, updated_at = $4 WHERE id = $1 AND version = $2 AND withdrawal IS NULL",
        id,
        version,
        withdrawal,
        now
    )?;
    Ok(became == 1)
}

/// Forgets up to `most` drafts that nobody has touched since a moment.
pub async fn delete_old_withdrawal_drafts(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM withdrawal_drafts WHERE updated_at < $1
           AND id IN (SELECT id FROM withdrawal_drafts WHERE updated_at < $1 LIMIT $2)",
        before,
        most
    )?)
}

/// Writes a statement, and how it stands. False where there is one of that number.
pub async fn insert_withdrawal(conn: &mut Conn<'_>, new: &Withdrawal) -> Result<bool, StoreError> {
    let statement = serde_json::to_string(&new.statement).map_err(|error| StoreError::corrupt("withdrawal", error))?;
    let written = execute!(
        conn,
        "INSERT INTO withdrawals (id, received_at, zone, statement) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
        &new.id,
        new.received_at.as_millisecond(),
        &new.zone,
        statement
    )?;
    if written == 0 {
        return Ok(false);
    }
    execute!(
        conn,
        "INSERT INTO withdrawal_standing (id, order_key, known_by, waits_for, due_at, acknowledged) VALUES ($1, $2, $3, $4, $5, $6)",
        &new.id,
        &new.order,
        new.known_by.map(KnownBy::code),
        new.waits_for.map(WaitsFor::code),
        new.due_at.as_millisecond(),
        new.acknowledged
    )?;
    Ok(true)
}

type Row = (String, i64, String, String, Option<String>, Option<String>, Option<String>, i64, Option<String>, Option<i64>, i64);

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.received_at, w.zone, w.statement, s.order_key, s.known_by, s.waits_for, s.due_at, s.rma, s.settled_at, s.acknowledged
             FROM withdrawals w JOIN withdrawal_standing s ON s.id = w.id ",
            $rest
        )
    };
}

/// The withdrawal of that number.
pub async fn find_withdrawal(conn: &mut Conn<'_>, id: &str) -> Result<Option<Withdrawal>, StoreError> {
    fetch_optional!(conn, Row, select!("WHERE w.id = $1"), id)?.map(read).transpose()
}

/// A page of withdrawals.
pub async fn list_withdrawals(conn: &mut Conn<'_>, page: &WithdrawalPage) -> Result<Vec<Withdrawal>, StoreError> {
    let rows = if page.waiting {
        let (after, id) = page.after.clone().unwrap_or((i64::MIN, String::new()));
        fetch_all!(
            conn,
            Row,
            select!(
                "WHERE s.waits_for IS NOT NULL AND s.settled_at IS NULL AND (s.due_at, s.id) > ($1, $2) ORDER BY s.due_at, s.id LIMIT $3"
            ),
            after,
            id,
            page.limit
        )?
    } else {
        let (before, id) = page.after.clone().unwrap_or((i64::MAX, String::new()));
        fetch_all!(
            conn,
            Row,
            select!("WHERE (w.received_at, w.id) < ($1, $2) ORDER BY w.received_at DESC, w.id DESC LIMIT $3"),
            before,
            id,
            page.limit
        )?
    };
    rows.into_iter().map(read).collect()
}

fn read(row: Row) -> Result<Withdrawal, StoreError> {
    let (id, received_at, zone, statement, order, known_by, waits_for, due_at, rma, settled_at, acknowledged) = row;
    let moment = |millis: i64| Timestamp::from_millisecond(millis).map_err(|error| StoreError::corrupt("withdrawal", error));
    Ok(Withdrawal {
        id,
        received_at: moment(received_at)?,
        zone,
        statement: serde_json::from_str(&statement).map_err(|error| StoreError::corrupt("withdrawal", error))?,
        order,
        // What a newer version wrote waits for a person here, too.
        known_by: known_by.and_then(|code| code.parse().ok()),
        waits_for: waits_for.map(|code| code.parse().unwrap_or(WaitsFor::NotOpened)),
        due_at: moment(due_at)?,
        rma: rma.map(|rma| rma.parse()).transpose().map_err(|error| StoreError::corrupt("withdrawal", error))?,
        settled_at: settled_at.map(moment).transpose()?,
        acknowledged,
    })
}

/// Notes what came of opening a return for a withdrawal: its number, and what a person still has to do. Once.
pub async fn note_opening(conn: &mut Conn<'_>, id: &str, rma: Option<RmaNumber>, waits_for: Option<WaitsFor>) -> Result<bool, StoreError> {
    let noted = execute!(
        conn,
        "UPDATE withdrawal_standing SET rma = $2, waits_for = $3 WHERE id = $1 AND waits_for = $4",
        id,
        rma.map(|rma| rma.to_string()),
        waits_for.map(WaitsFor::code),
        WaitsFor::ToOpen.code()
    )?;
    Ok(noted == 1)
}

/// A person has seen to a withdrawal, perhaps with a return. False where none of that number waits.
pub async fn settle_withdrawal(conn: &mut Conn<'_>, id: &str, rma: Option<RmaNumber>, now: i64) -> Result<bool, StoreError> {
    let settled = execute!(
        conn,
        "UPDATE withdrawal_standing SET settled_at = $2, rma = COALESCE($3, rma)
         WHERE id = $1 AND waits_for IS NOT NULL AND settled_at IS NULL",
        id,
        now,
        rma.map(|rma| rma.to_string())
    )?;
    Ok(settled == 1)
}

/// Counts that a withdrawal is acknowledged once more. False where that was done `most` times.
pub async fn acknowledge_again(conn: &mut Conn<'_>, id: &str, most: i64) -> Result<bool, StoreError> {
    let counted =
        execute!(conn, "UPDATE withdrawal_standing SET acknowledged = acknowledged + 1 WHERE id = $1 AND acknowledged < $2", id, most)?;
    Ok(counted == 1)
}

/// Forgets up to `most` withdrawals received before a moment.
pub async fn delete_old_withdrawals(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<u64, StoreError> {
    execute!(
        conn,
        "DELETE FROM withdrawal_standing WHERE id IN (SELECT id FROM withdrawals WHERE received_at < $1 ORDER BY received_at, id LIMIT $2)",
        before,
        most
    )?;
    Ok(execute!(
        conn,
        "DELETE FROM withdrawals WHERE received_at < $1
           AND id IN (SELECT id FROM withdrawals WHERE received_at < $1 ORDER BY received_at, id LIMIT $2)",
        before,
        most
    )?)
}
