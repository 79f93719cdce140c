//! Money given back on orders although nothing came back.

use domain::ids::OrderNumber;
use domain::returns::Actor;
use domain::settlement::{Concession, LowerPrice};
use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional};
use super::returns::write_json;
use super::{Conn, StoreError};

/// A concession that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcessionRow {
    /// A UUID; in the order of time.
    pub id: String,
    pub order: OrderNumber,
    pub at: Timestamp,
    pub actor: Actor,
    pub what: Concession,
    /// Minor units of the order's currency.
    pub amount: i64,
    /// In words for the customer; nothing inside once it was erased.
    pub reason: String,
    /// For colleagues.
    pub note: Option<String>,
}

impl ConcessionRow {
    /// As machines and the audit trail name it.
    pub fn kind(&self) -> &'static str {
        if matches!(self.what, Concession::Goodwill { .. }) { "goodwill" } else { "price_protection" }
    }
}

/// What the order's books have of it: its line, units, price of one, amount.
pub(super) type ConcededColumns = (Option<String>, Option<i64>, Option<i64>, i64);

/// What was given, and how much that was.
pub(super) fn read_conceded((line, units, price, amount): ConcededColumns) -> Result<(Concession, i64), StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("concession", error);
    let (Some(line), Some(units), Some(price)) = (line, units, price) else { return Ok((Concession::Goodwill { amount }, amount)) };
    let line = line.parse().map_err(|error| corrupt(&error))?;
    let units = u32::try_from(units).map_err(|error| corrupt(&error))?;
    Ok((Concession::LowerPrice(LowerPrice { line, units, price }), amount))
}

/// Writes a concession down.
pub async fn insert_concession(conn: &mut Conn<'_>, row: &ConcessionRow) -> Result<(), StoreError> {
    let lower = match &row.what {
        Concession::Goodwill { .. } => None,
        Concession::LowerPrice(lower) => Some(lower),
    };
    execute!(
        conn,
        "INSERT INTO concessions (id, order_key, at, actor, line_id, units, price, amount, reason, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &row.id,
        row.order.as_str(),
        row.at.as_millisecond(),
        write_json("concession", &row.actor)?,
        lower.map(|lower| lower.line.as_str()),
        lower.map(|lower| i64::from(lower.units)),
        lower.map(|lower| lower.price),
        row.amount,
        &row.reason,
        row.note.as_deref()
    )?;
    Ok(())
}

type Columns = (String, String, i64, String, Option<String>, Option<i64>, Option<i64>, i64, String, Option<String>);

fn read((id, order, at, actor, line, units, price, amount, reason, note): Columns) -> Result<ConcessionRow, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("concession", error);
    let (what, amount) = read_conceded((line, units, price, amount))?;
    Ok(ConcessionRow {
        order: order.parse().map_err(|error| corrupt(&error))?,
        at: Timestamp::from_millisecond(at).map_err(|error| corrupt(&error))?,
        actor: serde_json::from_str(&actor).map_err(|error| corrupt(&error))?,
        id,
        what,
        amount,
        reason,
        note,
    })
}

macro_rules! columns {
    () => {
        "SELECT id, order_key, at, actor, line_id, units, price, amount, reason, note FROM concessions "
    };
}

/// A concession by its name.
pub async fn find_concession(conn: &mut Conn<'_>, id: &str) -> Result<Option<ConcessionRow>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE id = $1"), id)?.map(read).transpose()
}

/// What was given on an order, the oldest first.
pub async fn concessions_of(conn: &mut Conn<'_>, order: &str) -> Result<Vec<ConcessionRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "WHERE order_key = $1 ORDER BY at, id"), order)?;
    rows.into_iter().map(read).collect()
}
