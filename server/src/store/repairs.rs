//! Repair orders.

use domain::repair::Repair;
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional};
use super::returns::write_json;
use super::{Conn, StoreError};

/// A repair order, of units of one product of a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairRow {
    /// Its place in their row, from 1; written on it.
    pub number: i64,
    pub rma: RmaNumber,
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// Where it was booked in.
    pub warehouse: String,
    pub repair: Repair,
    /// How often it was changed.
    pub version: i64,
}

type Columns = (i64, String, String, String, String, String, i64);

macro_rules! columns {
    () => {
        "SELECT number, rma, sku, name, warehouse, steps, version FROM repairs "
    };
}

fn read((number, rma, sku, name, warehouse, steps, version): Columns) -> Result<RepairRow, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("repair", error);
    let rma = rma.parse().map_err(|_| corrupt(&rma))?;
    let steps = serde_json::from_str(&steps).map_err(|error| corrupt(&error))?;
    let repair = Repair::replay(steps).ok_or_else(|| corrupt(&"its first step does not open it"))?;
    Ok(RepairRow { number, rma, sku, name, warehouse, repair, version })
}

/// Puts a repair order into the books, or how it stands now in place of how it stood: only where it stands as it did at that version. Whether it did.
pub async fn put_repair(conn: &mut Conn<'_>, row: &RepairRow) -> Result<bool, StoreError> {
    let written = execute!(
        conn,
        "INSERT INTO repairs (number, rma, sku, name, warehouse, state, technician, due, ended_at, steps, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (number) DO UPDATE SET state = excluded.state, technician = excluded.technician, due = excluded.due,
           ended_at = excluded.ended_at, steps = excluded.steps, version = excluded.version
         WHERE repairs.version = excluded.version - 1",
        row.number,
        row.rma.to_string(),
        &row.sku,
        &row.name,
        &row.warehouse,
        row.repair.state.code(),
        row.repair.technician.as_deref(),
        row.repair.due.as_millisecond(),
        row.repair.ended_at.map(Timestamp::as_millisecond),
        write_json("repair", &row.repair.steps)?,
        row.version
    )?;
    Ok(written == 1)
}

/// A repair order by its number.
pub async fn find_repair(conn: &mut Conn<'_>, number: i64) -> Result<Option<RepairRow>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE number = $1"), number)?.map(read).transpose()
}

/// Repair orders of a return, the oldest first.
pub async fn repairs_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<RepairRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "WHERE rma = $1 ORDER BY number"), rma.to_string())?;
    rows.into_iter().map(read).collect()
}

/// Repair orders that go on, what is due first before the rest; after a moment and a number.
pub async fn repairs_open(conn: &mut Conn<'_>, after: (i64, i64), limit: i64) -> Result<Vec<RepairRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        concat!(columns!(), "WHERE ended_at IS NULL AND (due, number) > ($1, $2) ORDER BY due, number LIMIT $3"),
        after.0,
        after.1,
        limit
    )?;
    rows.into_iter().map(read).collect()
}

/// Repair orders that are over, the youngest first.
pub async fn repairs_ended(conn: &mut Conn<'_>, before: i64, limit: i64) -> Result<Vec<RepairRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        concat!(columns!(), "WHERE ended_at IS NOT NULL AND number < $1 ORDER BY number DESC LIMIT $2"),
        before,
        limit
    )?;
    rows.into_iter().map(read).collect()
}
