//! Stock to exchange for, and the units of it that are held.

use domain::ids::Sku;
use domain::money::Money;
use domain::returns::LineNo;
use domain::rma::RmaNumber;
use domain::stock::StockItem;

use super::conn::{execute, fetch_all};
use super::{Conn, Put, StoreError};

/// A product in a warehouse, with what is held of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StockRow {
    /// Where.
    pub warehouse: String,
    /// What.
    pub item: StockItem,
    /// Units held for exchanges.
    pub reserved: u32,
}

impl StockRow {
    /// Units that can still be promised.
    pub fn available(&self) -> u32 {
        self.item.quantity.saturating_sub(self.reserved)
    }
}

type Row = (String, String, i64, i64, Option<String>, Option<String>, Option<String>, Option<i64>, Option<String>);

fn read(row: Row) -> Result<StockRow, StoreError> {
    let (warehouse, sku, quantity, reserved, variant_of, name, variant, price, currency) = row;
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("stock", error);
    let currency = currency.map(|code| code.parse()).transpose().map_err(|error: domain::money::UnknownCurrency| corrupt(&error))?;
    let item = StockItem {
        sku: sku.parse().map_err(|error: domain::ids::IdError| corrupt(&error))?,
        quantity: u32::try_from(quantity).map_err(|error| corrupt(&error))?,
        variant_of,
        name,
        variant,
        price: price.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
    };
    Ok(StockRow { warehouse, item, reserved: u32::try_from(reserved).map_err(|error| corrupt(&error))? })
}

/// What the shop tells of a product; what is held of it stays held.
pub async fn put_stock(conn: &mut Conn<'_>, warehouse: &str, item: &StockItem, now: i64) -> Result<Put, StoreError> {
    let known = stock_of(conn, item.sku.as_str()).await?.into_iter().find(|row| row.warehouse == warehouse);
    if known.as_ref().is_some_and(|row| row.item == *item) {
        return Ok(Put::Unchanged);
    }
    execute!(
        conn,
        "INSERT INTO stock (warehouse, sku, quantity, variant_of, name, variant, price, currency, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (warehouse, sku) DO UPDATE SET quantity = excluded.quantity, variant_of = excluded.variant_of, name = excluded.name,
           variant = excluded.variant, price = excluded.price, currency = excluded.currency, updated_at = excluded.updated_at",
        warehouse,
        item.sku.as_str(),
        i64::from(item.quantity),
        &item.variant_of,
        &item.name,
        &item.variant,
        item.price.map(|price| price.minor),
        item.price.map(|price| price.currency.code()),
        now
    )?;
    Ok(if known.is_some() { Put::Replaced } else { Put::Created })
}

/// A product, in every warehouse that has it.
pub async fn stock_of(conn: &mut Conn<'_>, sku: &str) -> Result<Vec<StockRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Row,
        "SELECT warehouse, sku, quantity, reserved, variant_of, name, variant, price, currency FROM stock WHERE sku = $1 ORDER BY warehouse",
        sku
    )?;
    rows.into_iter().map(read).collect()
}

/// The variants of the product that `sku` is one of, itself included; empty where the shop told nothing of it.
pub async fn variants_of(conn: &mut Conn<'_>, sku: &str) -> Result<Vec<StockRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Row,
        "SELECT warehouse, sku, quantity, reserved, variant_of, name, variant, price, currency FROM stock
         WHERE variant_of IN (SELECT variant_of FROM stock WHERE sku = $1 AND variant_of IS NOT NULL) ORDER BY sku, warehouse LIMIT 500",
        sku
    )?;
    rows.into_iter().map(read).collect()
}

/// Holds units of a product for a line of a return, by its name in it, in the warehouse that has most of it (P6). False where none has enough.
pub async fn reserve(
    conn: &mut Conn<'_>,
    rma: RmaNumber,
    order_key: &str,
    line: LineNo,
    sku: &Sku,
    units: u32,
) -> Result<bool, StoreError> {
    // Everybody takes hold of products by name, and of warehouses by name within one: nobody waits for anybody in a circle.
    let rows = fetch_all!(
        conn,
        Row,
        "SELECT warehouse, sku, quantity, reserved, variant_of, name, variant, price, currency FROM stock WHERE sku = $1 ORDER BY warehouse
         FOR UPDATE" =>
        "SELECT warehouse, sku, quantity, reserved, variant_of, name, variant, price, currency FROM stock WHERE sku = $1 ORDER BY warehouse",
        sku.as_str()
    )?;
    let mut rows = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.available()));
    for row in rows {
        let held = execute!(
            conn,
            "UPDATE stock SET reserved = reserved + $1 WHERE warehouse = $2 AND sku = $3 AND quantity - reserved >= $1",
            i64::from(units),
            &row.warehouse,
            sku.as_str()
        )?;
        if held == 1 {
            execute!(
                conn,
                "INSERT INTO reservations (rma, order_key, line_id, warehouse, sku, quantity) VALUES ($1, $2, $3, $4, $5, $6)",
                rma.to_string(),
                order_key,
                line.to_string(),
                &row.warehouse,
                sku.as_str(),
                i64::from(units)
            )?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Lets go of all that is held for a return, in the order in which it is taken hold of.
pub async fn release(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<(), StoreError> {
    let mut held = fetch_all!(
        conn,
        (String, String, i64),
        "DELETE FROM reservations WHERE rma = $1 RETURNING sku, warehouse, quantity",
        rma.to_string()
    )?;
    held.sort();
    for (sku, warehouse, units) in held {
        execute!(conn, "UPDATE stock SET reserved = reserved - $1 WHERE warehouse = $2 AND sku = $3", units, warehouse, sku)?;
    }
    Ok(())
}
