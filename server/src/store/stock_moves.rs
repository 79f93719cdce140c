//! The ledger of a warehouse: what came, went, or lies otherwise because of returns, and what the shop told.

use domain::returns::{LotNo, StockMove, StockState};
use domain::rma::RmaNumber;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// Where goods are booked in when nobody says where.
pub const MAIN_WAREHOUSE: &str = "main";

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockEntry {
    pub id: String,
    /// Epoch milliseconds.
    pub at: i64,
    pub warehouse: String,
    pub sku: String,
    /// The return it came of; nothing where the shop told a count.
    pub rma: Option<String>,
    pub lot: Option<String>,
    /// `received`, `moved`, `left`, `undone`, or `told`.
    pub kind: String,
    /// Of `told`, less than nothing where there are fewer than before.
    pub units: i64,
    pub from: Option<StockState>,
    pub to: Option<StockState>,
}

/// The event of a return that moves came of.
pub struct StockCause {
    pub rma: RmaNumber,
    /// Number of the event.
    pub seq: u64,
    /// Epoch milliseconds.
    pub at: i64,
    /// It took back what was done before.
    pub undone: bool,
}

/// Writes moves down, each once for its cause, and moves what lies there.
pub async fn move_stock(conn: &mut Conn<'_>, cause: &StockCause, mut moves: Vec<StockMove>) -> Result<(), StoreError> {
    // Everybody takes hold of products by name, and of warehouses by name within one: nobody waits for anybody in a circle.
    moves.sort_by(|one, other| (&one.sku, &one.warehouse, one.lot).cmp(&(&other.sku, &other.warehouse, other.lot)));
    for one in moves {
        let kind = match (cause.undone, one.from, one.to) {
            (true, ..) => "undone",
            (false, None, _) => "received",
            (false, _, None) => "left",
            (false, Some(_), Some(_)) => "moved",
        };
        let warehouse = one.warehouse.as_deref().unwrap_or(MAIN_WAREHOUSE);
        let code = |state: Option<StockState>| state.map(StockState::code);
        let written = execute!(
            conn,
            "INSERT INTO stock_moves (id, at, warehouse, sku, rma, seq, lot, kind, units, came_from, went_to)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
            format!("{}/{:06}/{}/{kind}", cause.rma, cause.seq, one.lot),
            cause.at,
            warehouse,
            one.sku.as_str(),
            cause.rma.to_string(),
            i64::try_from(cause.seq).unwrap_or(i64::MAX),
            one.lot.to_string(),
            kind,
            i64::from(one.units),
            code(one.from),
            code(one.to)
        )?;
        if written == 0 {
            continue;
        }
        for (state, units) in [(one.from, -i64::from(one.units)), (one.to, i64::from(one.units))] {
            match state {
                None => {}
                Some(StockState::Sellable) => {
                    execute!(
                        conn,
                        "INSERT INTO stock (warehouse, sku, quantity, updated_at) VALUES ($1, $2, CASE WHEN $3 > 0 THEN $3 ELSE 0 END, $4)
                         ON CONFLICT (warehouse, sku) DO UPDATE SET updated_at = excluded.updated_at,
                           quantity = CASE WHEN stock.quantity + $3 < stock.reserved THEN stock.reserved ELSE stock.quantity + $3 END",
                        warehouse,
                        one.sku.as_str(),
                        units,
                        cause.at
                    )?;
                }
                Some(state) => {
                    execute!(
                        conn,
                        "INSERT INTO stock_kept (warehouse, sku, state, units) VALUES ($1, $2, $3, $4)
                         ON CONFLICT (warehouse, sku, state) DO UPDATE SET units = stock_kept.units + $4",
                        warehouse,
                        one.sku.as_str(),
                        state.code(),
                        units
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// The shop counted its sellable units anew: so many more, or fewer, than were known.
pub async fn note_stock_told(conn: &mut Conn<'_>, id: &str, at: i64, warehouse: &str, sku: &str, units: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO stock_moves (id, at, warehouse, sku, kind, units, went_to) VALUES ($1, $2, $3, $4, 'told', $5, $6)",
        id,
        at,
        warehouse,
        sku,
        units,
        StockState::Sellable.code()
    )?;
    Ok(())
}

/// How units of a product lie in a warehouse, besides those that can be sold.
pub async fn stock_kept(conn: &mut Conn<'_>, warehouse: &str, sku: &str) -> Result<Vec<(StockState, i64)>, StoreError> {
    let rows = fetch_all!(conn, (String, i64), "SELECT state, units FROM stock_kept WHERE warehouse = $1 AND sku = $2", warehouse, sku)?;
    rows.into_iter().map(|(state, units)| Ok((read(&state)?, units))).collect()
}

type Row = (String, i64, Option<String>, Option<String>, String, i64, Option<String>, Option<String>);

/// Entries of a product in a warehouse, the oldest first, after the one of that id.
pub async fn list_stock_moves(
    conn: &mut Conn<'_>,
    warehouse: &str,
    sku: &str,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<StockEntry>, StoreError> {
    let id = after.unwrap_or_default();
    let at = fetch_optional!(conn, (i64,), "SELECT at FROM stock_moves WHERE id = $1", id)?.map_or(i64::MIN, |(at,)| at);
    let rows = fetch_all!(
        conn,
        Row,
        "SELECT id, at, rma, lot, kind, units, came_from, went_to FROM stock_moves
         WHERE warehouse = $1 AND sku = $2 AND (at > $3 OR at = $3 AND id > $4) ORDER BY at, id LIMIT $5",
        warehouse,
        sku,
        at,
        id,
        limit
    )?;
    let entry = |(id, at, rma, lot, kind, units, from, to): Row| {
        let (from, to) = (from.as_deref().map(read).transpose()?, to.as_deref().map(read).transpose()?);
        Ok(StockEntry { id, at, warehouse: warehouse.to_owned(), sku: sku.to_owned(), rma, lot, kind, units, from, to })
    };
    rows.into_iter().map(entry).collect()
}

/// Moves of a return, in the order in which they came: for its page.
pub async fn stock_moves_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<(LotNo, StockEntry)>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, i64, String, String, String, String, i64, Option<String>, Option<String>),
        "SELECT id, at, warehouse, sku, lot, kind, units, came_from, went_to FROM stock_moves WHERE rma = $1 ORDER BY seq, id",
        rma.to_string()
    )?;
    let mut moves = Vec::with_capacity(rows.len());
    for (id, at, warehouse, sku, lot, kind, units, from, to) in rows {
        let name: LotNo = lot.parse().map_err(|error: domain::returns::NoSuchName| StoreError::corrupt("stock_moves", &error))?;
        let (from, to) = (from.as_deref().map(read).transpose()?, to.as_deref().map(read).transpose()?);
        moves.push((name, StockEntry { id, at, warehouse, sku, rma: Some(rma.to_string()), lot: Some(lot), kind, units, from, to }));
    }
    Ok(moves)
}

fn read(state: &str) -> Result<StockState, StoreError> {
    state.parse().map_err(|()| StoreError::corrupt("stock_moves", format!("`{state}` is no state of stock")))
}
