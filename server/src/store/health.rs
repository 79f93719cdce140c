//! Whether a database is what it should be; for whoever looks after it.

use super::conn::{fetch_all, fetch_optional, pg_clock, sqlite_clock};
use super::copies::sqlite_faults;
use super::{Conn, StoreError};

/// What the database finds wrong with itself; nothing where it is whole. SQLite reads every page; PostgreSQL says which indexes and constraints
/// do not hold.
pub async fn database_faults(conn: &mut Conn<'_>) -> Result<Vec<String>, StoreError> {
    match conn {
        Conn::Sqlite(kept) => sqlite_faults(&mut kept.conn).await,
        Conn::Postgres(_) => {
            let rows = fetch_all!(
                conn,
                (String,),
                "SELECT 'index ' || indexrelid::REGCLASS::TEXT || ' is not valid' FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
                   WHERE relnamespace = CURRENT_SCHEMA()::REGNAMESPACE AND NOT indisvalid
                 UNION ALL SELECT 'constraint ' || conname::TEXT || ' was never checked' FROM pg_constraint
                   WHERE connamespace = CURRENT_SCHEMA()::REGNAMESPACE AND NOT convalidated" => "SELECT '' WHERE false"
            )?;
            Ok(rows.into_iter().map(|(what,)| what).collect())
        }
    }
}

/// Now by the database's clock, and when the newest return was opened, if any was; epoch milliseconds.
pub async fn clocks(conn: &mut Conn<'_>) -> Result<(i64, Option<i64>), StoreError> {
    let row = fetch_optional!(
        conn,
        (i64, Option<i64>),
        concat!("SELECT ", pg_clock!(), ", (SELECT MAX(opened_at) FROM returns)")
            => concat!("SELECT ", sqlite_clock!(), ", (SELECT MAX(opened_at) FROM returns)")
    )?;
    row.ok_or_else(|| StoreError::corrupt("clock", "it says nothing"))
}

/// Stock of which other units are held than exchanges hold, or more than there are: warehouse, SKU, held by its own word, held by exchanges.
pub async fn unbalanced_stock(conn: &mut Conn<'_>) -> Result<Vec<(String, String, i64, i64)>, StoreError> {
    Ok(fetch_all!(
        conn,
        (String, String, i64, i64),
        "SELECT warehouse, sku, reserved, held FROM (SELECT stock.warehouse, stock.sku, stock.quantity, stock.reserved,
           CAST(COALESCE(SUM(reservations.quantity), 0) AS BIGINT) AS held
           FROM stock LEFT JOIN reservations ON reservations.warehouse = stock.warehouse AND reservations.sku = stock.sku
           GROUP BY stock.warehouse, stock.sku, stock.quantity, stock.reserved) AS sums WHERE reserved <> held OR reserved > quantity
         ORDER BY warehouse, sku LIMIT 100"
    )?)
}

/// Units of order lines that are held by returns: order, line, how many; up to `most` that follow a line.
pub async fn units_held(conn: &mut Conn<'_>, after: (&str, &str), most: i64) -> Result<Vec<(String, String, i64)>, StoreError> {
    Ok(fetch_all!(
        conn,
        (String, String, i64),
        "SELECT order_key, order_line, CAST(SUM(held) AS BIGINT) FROM return_lines WHERE (order_key, order_line) > ($1, $2)
         GROUP BY order_key, order_line HAVING SUM(held) > 0 ORDER BY order_key, order_line LIMIT $3",
        after.0,
        after.1,
        most
    )?)
}
