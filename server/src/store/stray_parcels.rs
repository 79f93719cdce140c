//! Parcels that came and of which nobody knew whose they are.

use domain::rma::RmaNumber;
use domain::stray::{Clues, StrayState};
use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional};
use super::returns::write_json;
use super::{COUNTED, Conn, StoreError};

/// A parcel that came and that nobody knew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayRow {
    /// Its place in their row, from 1; written on it.
    pub number: i64,
    /// When it was put on the shelf.
    pub at: Timestamp,
    pub warehouse: String,
    pub shelf: String,
    pub clues: Clues,
    /// For colleagues.
    pub note: Option<String>,
    /// The account, or `key:` and the key's name, of whoever sees to it.
    pub owner: String,
    /// By when it is to be decided.
    pub due: Timestamp,
    pub state: StrayState,
    /// The return it was found to be of.
    pub rma: Option<RmaNumber>,
    /// Why it went where it went.
    pub reason: Option<String>,
    pub ended_at: Option<Timestamp>,
    /// How often it was changed.
    pub version: i64,
}

type Columns = (i64, i64, String, String, String, Option<String>, String, i64, String, Option<String>, Option<String>, Option<i64>, i64);

macro_rules! columns {
    () => {
        "SELECT number, at, warehouse, shelf, clues, note, owner, due, state, rma, reason, ended_at, version FROM stray_parcels "
    };
}

fn read(
    (number, at, warehouse, shelf, clues, note, owner, due, state, rma, reason, ended_at, version): Columns,
) -> Result<StrayRow, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("parcel", error);
    let moment = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    Ok(StrayRow {
        number,
        at: moment(at)?,
        warehouse,
        shelf,
        clues: serde_json::from_str(&clues).map_err(|error| corrupt(&error))?,
        note,
        owner,
        due: moment(due)?,
        state: state.parse().map_err(|()| corrupt(&state))?,
        rma: rma.map(|rma| rma.parse().map_err(|_| corrupt(&rma))).transpose()?,
        reason,
        ended_at: ended_at.map(moment).transpose()?,
        version,
    })
}

/// Puts a parcel into the books, or what is known of it now in place of what was: only where it stands as it did at that version. Whether it did.
pub async fn put_stray_parcel(conn: &mut Conn<'_>, row: &StrayRow) -> Result<bool, StoreError> {
    let written = execute!(
        conn,
        "INSERT INTO stray_parcels (number, at, warehouse, shelf, clues, note, owner, due, state, rma, reason, ended_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (number) DO UPDATE SET warehouse = excluded.warehouse, shelf = excluded.shelf, clues = excluded.clues, note = excluded.note,
           owner = excluded.owner, due = excluded.due, state = excluded.state, rma = excluded.rma, reason = excluded.reason,
           ended_at = excluded.ended_at, version = excluded.version
         WHERE stray_parcels.version = excluded.version - 1",
        row.number,
        row.at.as_millisecond(),
        &row.warehouse,
        &row.shelf,
        write_json("parcel", &row.clues)?,
        row.note.as_deref(),
        &row.owner,
        row.due.as_millisecond(),
        row.state.code(),
        row.rma.map(|rma| rma.to_string()),
        row.reason.as_deref(),
        row.ended_at.map(Timestamp::as_millisecond),
        row.version
    )?;
    Ok(written == 1)
}

/// A parcel by its number.
pub async fn find_stray_parcel(conn: &mut Conn<'_>, number: i64) -> Result<Option<StrayRow>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE number = $1"), number)?.map(read).transpose()
}

/// Parcels that wait, what is due first before the rest; after a moment and a number.
pub async fn stray_parcels_waiting(conn: &mut Conn<'_>, after: (i64, i64), limit: i64) -> Result<Vec<StrayRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        concat!(columns!(), "WHERE state = 'waiting' AND (due, number) > ($1, $2) ORDER BY due, number LIMIT $3"),
        after.0,
        after.1,
        limit
    )?;
    rows.into_iter().map(read).collect()
}

/// How many parcels wait, and how many of them were to be decided by `now` (epoch milliseconds), each as far as [`COUNTED`] and one more.
pub async fn count_stray_parcels(conn: &mut Conn<'_>, now: i64) -> Result<(i64, i64), StoreError> {
    let counted = fetch_optional!(
        conn,
        (i64, i64),
        "SELECT COUNT(*), COUNT(*) FILTER (WHERE due <= $1)
         FROM (SELECT due FROM stray_parcels WHERE state = 'waiting' ORDER BY due, number LIMIT $2) AS waiting",
        now,
        COUNTED + 1
    )?;
    Ok(counted.unwrap_or_default())
}

/// Parcels that wait no more, the youngest first.
pub async fn stray_parcels_ended(conn: &mut Conn<'_>, before: i64, limit: i64) -> Result<Vec<StrayRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        concat!(columns!(), "WHERE state <> 'waiting' AND number < $1 ORDER BY number DESC LIMIT $2"),
        before,
        limit
    )?;
    rows.into_iter().map(read).collect()
}

/// Parcels that were found to be of a return, the oldest first.
pub async fn stray_parcels_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<StrayRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "WHERE rma = $1 ORDER BY number"), rma.to_string())?;
    rows.into_iter().map(read).collect()
}
