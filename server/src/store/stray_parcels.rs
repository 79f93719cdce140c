//! Parcels that came and of which nobody knew whose they are, and what came in a return's parcel beside what was announced.

use domain::returns::ReceiptNo;
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
    /// Nothing: it was not put on one yet.
    pub shelf: Option<String>,
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
    /// The return whose parcel it came in, where it came beside what was announced.
    pub with: Option<CameWith>,
}

/// Where something came from that was not announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CameWith {
    pub rma: RmaNumber,
    /// By which it was booked in.
    pub receipt: ReceiptNo,
    pub units: u32,
}

type Text = Option<String>;
type Columns = (i64, i64, String, String, String, Text, String, i64, String, Text, Text, Option<i64>, i64, Text, Text, Option<i64>);

macro_rules! columns {
    () => {
        "SELECT number, at, warehouse, shelf, clues, note, owner, due, state, rma, reason, ended_at, version, came_with, receipt, units
         FROM stray_parcels "
    };
}

fn read(
    (number, at, warehouse, shelf, clues, note, owner, due, state, rma, reason, ended_at, version, came_with, receipt, units): Columns,
) -> Result<StrayRow, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("parcel", error);
    let moment = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    let with = |rma: String, receipt: String, units: i64| {
        Ok::<_, StoreError>(CameWith {
            rma: rma.parse().map_err(|_| corrupt(&rma))?,
            receipt: receipt.parse().map_err(|_| corrupt(&receipt))?,
            units: u32::try_from(units).map_err(|error| corrupt(&error))?,
        })
    };
    let with = came_with.zip(receipt).zip(units).map(|((rma, receipt), units)| with(rma, receipt, units)).transpose()?;
    Ok(StrayRow {
        number,
        at: moment(at)?,
        warehouse,
        shelf: Some(shelf).filter(|shelf| !shelf.is_empty()),
        clues: serde_json::from_str(&clues).map_err(|error| corrupt(&error))?,
        note,
        owner,
        due: moment(due)?,
        state: state.parse().map_err(|()| corrupt(&state))?,
        rma: rma.map(|rma| rma.parse().map_err(|_| corrupt(&rma))).transpose()?,
        reason,
        ended_at: ended_at.map(moment).transpose()?,
        version,
        with,
    })
}

/// Puts a parcel into the books, or what is known of it now in place of what was: only where it stands as it did at that version, and is there still.
/// Whether it did.
pub async fn put_stray_parcel(conn: &mut Conn<'_>, row: &StrayRow) -> Result<bool, StoreError> {
    let (shelf, clues) = (row.shelf.as_deref().unwrap_or_default(), write_json("parcel", &row.clues)?);
    let (rma, ended_at) = (row.rma.map(|rma| rma.to_string()), row.ended_at.map(Timestamp::as_millisecond));
    if row.version > 1 {
        let changed = execute!(
            conn,
            "UPDATE stray_parcels SET warehouse = $2, shelf = $3, clues = $4, note = $5, owner = $6, due = $7, state = $8, rma = $9, reason = $10,
               ended_at = $11, version = $12
             WHERE number = $1 AND version = $12 - 1",
            row.number,
            &row.warehouse,
            shelf,
            clues,
            row.note.as_deref(),
            &row.owner,
            row.due.as_millisecond(),
            row.state.code(),
            rma,
            row.reason.as_deref(),
            ended_at,
            row.version
        )?;
        return Ok(changed == 1);
    }
    let with = row.with.as_ref();
    execute!(
        conn,
        "INSERT INTO stray_parcels (number, at, warehouse, shelf, clues, note, owner, due, state, rma, reason, ended_at, version, came_with, receipt,
           units)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        row.number,
        row.at.as_millisecond(),
        &row.warehouse,
        shelf,
        clues,
        row.note.as_deref(),
        &row.owner,
        row.due.as_millisecond(),
        row.state.code(),
        rma,
        row.reason.as_deref(),
        ended_at,
        row.version,
        with.map(|with| with.rma.to_string()),
        with.map(|with| with.receipt.to_string()),
        with.map(|with| i64::from(with.units))
    )?;
    Ok(true)
}

/// Takes a parcel that waits out of the books, as if it had never come. Whether it waited.
pub async fn forget_stray_parcel(conn: &mut Conn<'_>, number: i64) -> Result<bool, StoreError> {
    Ok(execute!(conn, "DELETE FROM stray_parcels WHERE number = $1 AND state = 'waiting'", number)? == 1)
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

/// What came in the parcels of a return beside what was announced, the oldest first.
pub async fn stray_parcels_with(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<StrayRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "WHERE came_with = $1 ORDER BY number"), rma.to_string())?;
    rows.into_iter().map(read).collect()
}
