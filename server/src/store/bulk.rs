//! What is done to many cases at once: what was chosen, each case, and what became of it.

use domain::rma::RmaNumber;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// Something done to many cases. Times are epoch milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRun {
    pub id: String,
    /// Whose.
    pub staff: String,
    /// From where, as a seal.
    pub address: String,
    /// Of a macro; empty where something else was chosen.
    pub name: String,
    /// What was chosen, and what it is: JSON.
    pub deed: String,
    pub act: String,
    pub made_at: i64,
    /// Nothing while it is only looked at.
    pub began_at: Option<i64>,
    /// It was taken back: nothing more of it is done.
    pub stopped_at: Option<i64>,
}

/// How a case stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkState {
    /// It can be done, and is once it has begun.
    Fits,
    /// It could not be done when it was looked at.
    Refused,
    Done,
    /// It could not be done after all.
    Failed,
}

impl BulkState {
    const ALL: [Self; 4] = [Self::Fits, Self::Refused, Self::Done, Self::Failed];

    fn code(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Refused => "refused",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A case in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkItem {
    pub rma: RmaNumber,
    /// The return as it was looked at.
    pub version: u64,
    pub state: BulkState,
    /// Why not: JSON.
    pub why: Option<String>,
    /// By which command it was done.
    pub command: Option<String>,
}

/// Keeps what was looked at; false where that was kept before.
pub async fn insert_bulk(conn: &mut Conn<'_>, run: &BulkRun, items: &[BulkItem]) -> Result<bool, StoreError> {
    let new = execute!(
        conn,
        "INSERT INTO bulk_runs (id, staff, address, name, deed, act, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        &run.id,
        &run.staff,
        &run.address,
        &run.name,
        &run.deed,
        &run.act,
        run.made_at
    )?;
    if new == 0 {
        return Ok(false);
    }
    for (nth, item) in (0_i64..).zip(items) {
        execute!(
            conn,
            "INSERT INTO bulk_items (run, nth, rma, version, state, why) VALUES ($1, $2, $3, $4, $5, $6)",
            &run.id,
            nth,
            item.rma.to_string(),
            i64::try_from(item.version).unwrap_or(i64::MAX),
            item.state.code(),
            item.why.as_deref()
        )?;
    }
    Ok(true)
}

pub async fn find_bulk(conn: &mut Conn<'_>, id: &str) -> Result<Option<BulkRun>, StoreError> {
    let row = fetch_optional!(
        conn,
        (String, String, String, String, String, String, i64, Option<i64>, Option<i64>),
        "SELECT id, staff, address, name, deed, act, made_at, began_at, stopped_at FROM bulk_runs WHERE id = $1",
        id
    )?;
    Ok(row.map(|(id, staff, address, name, deed, act, made_at, began_at, stopped_at)| BulkRun {
        id,
        staff,
        address,
        name,
        deed,
        act,
        made_at,
        began_at,
        stopped_at,
    }))
}

/// Its cases, in their order.
pub async fn bulk_items(conn: &mut Conn<'_>, run: &str) -> Result<Vec<BulkItem>, StoreError> {
    let rows = fetch_all!(conn, ItemColumns, "SELECT rma, version, state, why, command FROM bulk_items WHERE run = $1 ORDER BY nth", run)?;
    rows.into_iter().map(item).collect()
}

/// One of them.
pub async fn bulk_item(conn: &mut Conn<'_>, run: &str, rma: RmaNumber) -> Result<Option<BulkItem>, StoreError> {
    let text = "SELECT rma, version, state, why, command FROM bulk_items WHERE run = $1 AND rma = $2";
    fetch_optional!(conn, ItemColumns, text, run, rma.to_string())?.map(item).transpose()
}

type ItemColumns = (String, i64, String, Option<String>, Option<String>);

fn item((rma, version, state, why, command): ItemColumns) -> Result<BulkItem, StoreError> {
    let known = BulkState::ALL.into_iter().find(|known| known.code() == state);
    Ok(BulkItem {
        rma: rma.parse().map_err(|error| StoreError::corrupt("bulk", format!("{rma}: {error}")))?,
        version: version.unsigned_abs(),
        state: known.ok_or_else(|| StoreError::corrupt("bulk", state))?,
        why,
        command,
    })
}

/// It begins; false where it has before.
pub async fn begin_bulk(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE bulk_runs SET began_at = $2 WHERE id = $1 AND began_at IS NULL", id, now)? == 1)
}

/// It is taken back: what was not done of it yet is not done any more, because of `why` (JSON). False where it was before, or has not begun.
pub async fn stop_bulk(conn: &mut Conn<'_>, id: &str, why: &str, now: i64) -> Result<bool, StoreError> {
    let stopped =
        execute!(conn, "UPDATE bulk_runs SET stopped_at = $2 WHERE id = $1 AND began_at IS NOT NULL AND stopped_at IS NULL", id, now)?;
    if stopped == 1 {
        execute!(conn, "UPDATE bulk_items SET state = 'failed', why = $2 WHERE run = $1 AND state = 'fits'", id, why)?;
    }
    Ok(stopped == 1)
}

/// What became of a case that was to be done: by which command, or why not.
pub async fn settle_bulk_item(conn: &mut Conn<'_>, run: &str, rma: RmaNumber, done: Result<Option<&str>, &str>) -> Result<(), StoreError> {
    let (state, command, why) = match done {
        Ok(command) => (BulkState::Done, command, None),
        Err(why) => (BulkState::Failed, None, Some(why)),
    };
    execute!(
        conn,
        "UPDATE bulk_items SET state = $3, why = $4, command = COALESCE($5, command) WHERE run = $1 AND rma = $2 AND (state = 'fits' OR $3 = 'done')",
        run,
        rma.to_string(),
        state.code(),
        why,
        command
    )?;
    Ok(())
}

/// A case that was done was taken back, because of `why` (JSON).
pub async fn undo_bulk_item(conn: &mut Conn<'_>, run: &str, rma: RmaNumber, why: &str) -> Result<(), StoreError> {
    execute!(
        conn,
        "UPDATE bulk_items SET state = 'failed', why = $3 WHERE run = $1 AND rma = $2 AND state = 'done'",
        run,
        rma.to_string(),
        why
    )?;
    Ok(())
}

/// Forgets up to `most` that were made before a moment, with their cases.
pub async fn delete_old_bulk(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<u64, StoreError> {
    let old = fetch_all!(conn, (String,), "SELECT id FROM bulk_runs WHERE made_at < $1 ORDER BY made_at LIMIT $2", before, most)?;
    for (id,) in &old {
        execute!(conn, "DELETE FROM bulk_items WHERE run = $1", id)?;
        execute!(conn, "DELETE FROM bulk_runs WHERE id = $1", id)?;
    }
    Ok(old.len() as u64)
}
