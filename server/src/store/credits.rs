//! Units that came back outside of this product, and what customers bought that could have.

use std::collections::BTreeMap;

use domain::ids::LineId;
use domain::money::{Amount, AmountError, Currency};
use serde::Deserialize;

use super::conn::{execute, fetch_all};
use super::locks::{lock_order, lock_orders_of_customer};
use super::returns::returns_of_order;
use super::{Conn, StoreError};

/// Units of a line that came back outside of this product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The shop's name for the refund or credit note.
    pub credit_note: String,
    /// Place within it.
    pub position: i64,
    /// The line.
    pub line: LineId,
    /// Units; 0 where money was given back without goods.
    pub quantity: u32,
    /// Minor units given for them.
    pub amount: i64,
}

/// An order as a credit note sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Its number.
    pub key: String,
    /// Epoch milliseconds.
    pub placed_at: i64,
    /// Of every amount.
    pub currency: Currency,
    /// What was bought.
    pub lines: Vec<BoughtLine>,
    /// Credits noted so far.
    pub credits: Vec<Credit>,
    /// Units that live returns hold.
    pub in_returns: Vec<(LineId, u32)>,
}

/// Some units of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoughtLine {
    /// Its name within the order.
    pub id: LineId,
    /// Stock keeping unit.
    pub sku: String,
    /// Units.
    pub quantity: u32,
    /// What they cost together, in minor units, after the line's discount.
    pub net: i64,
}

pub(super) type CreditColumns = (String, String, i64, String, i64, i64);

/// The order's key and the credit.
pub(super) fn read_credit(columns: CreditColumns) -> Result<(String, Credit), StoreError> {
    let (key, credit_note, position, line, quantity, amount) = columns;
    let line = line.parse().map_err(|error| StoreError::corrupt("credit", error))?;
    let quantity = u32::try_from(quantity).map_err(|error| StoreError::corrupt("credit", error))?;
    Ok((key, Credit { credit_note, position, line, quantity, amount }))
}

/// Credits on an order.
pub(super) async fn credits_of(conn: &mut Conn<'_>, key: &str) -> Result<Vec<Credit>, StoreError> {
    let rows = fetch_all!(
        conn,
        CreditColumns,
        "SELECT order_key, credit_note, position, line_id, quantity, amount FROM credits WHERE order_key = $1
         ORDER BY credit_note, position, line_id",
        key
    )?;
    rows.into_iter().map(|row| read_credit(row).map(|(_, credit)| credit)).collect()
}

/// Notes units credited outside. Noting the same again changes nothing, and leaves the order alone; a credit that is known with
/// another quantity or amount is corrected. True where anything was new.
pub async fn record_credits(conn: &mut Conn<'_>, number: &str, credits: &[Credit]) -> Result<bool, StoreError> {
    let key = number.to_owned();
    if credits.is_empty() {
        return Ok(false);
    }
    let known = credits_of(conn, &key).await?;
    let news: Vec<&Credit> = credits.iter().filter(|credit| !known.contains(credit)).collect();
    if news.is_empty() {
        return Ok(false);
    }
    // A return that is being opened on this order counts the units that are left: one of us waits for the other.
    lock_order(conn, &key).await?;
    for credit in news {
        execute!(
            conn,
            "INSERT INTO credits (credit_note, position, order_key, line_id, quantity, amount) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (credit_note, position, order_key, line_id) DO UPDATE SET quantity = excluded.quantity, amount = excluded.amount",
            &credit.credit_note,
            credit.position,
            &key,
            credit.line.as_str(),
            i64::from(credit.quantity),
            credit.amount
        )?;
    }
    Ok(true)
}

/// What is read of an order's document: all of it would be read many times over.
#[derive(Deserialize)]
struct Bought {
    currency: Currency,
    lines: Vec<BoughtDocument>,
}

#[derive(Deserialize)]
struct BoughtDocument {
    id: LineId,
    sku: String,
    quantity: u32,
    unit_price: Amount,
    #[serde(default)]
    discount: Amount,
}

impl BoughtDocument {
    fn line(self, currency: Currency) -> Result<BoughtLine, AmountError> {
        let net = self.unit_price.minor(currency)? * i64::from(self.quantity) - self.discount.minor(currency)?;
        Ok(BoughtLine { id: self.id, sku: self.sku, quantity: self.quantity, net })
    }
}

type OrderColumns = (String, i64, String);

/// Everything a customer bought, the latest first, locked for this transaction.
pub async fn purchases_of_customer(conn: &mut Conn<'_>, customer_ref: &str) -> Result<Vec<Purchase>, StoreError> {
    lock_orders_of_customer(conn, customer_ref).await?;
    let orders =
        fetch_all!(conn, OrderColumns, "SELECT number_key, placed_at, document FROM orders WHERE customer_ref = $1", customer_ref)?;
    let credits = fetch_all!(
        conn,
        CreditColumns,
        "SELECT credits.order_key, credit_note, position, line_id, quantity, amount FROM orders
         JOIN credits ON credits.order_key = orders.number_key WHERE orders.customer_ref = $1",
        customer_ref
    )?;
    let returned = fetch_all!(
        conn,
        (String,),
        "SELECT DISTINCT return_orders.order_key FROM orders
         JOIN return_orders ON return_orders.order_key = orders.number_key WHERE orders.customer_ref = $1",
        customer_ref
    )?;
    purchases(conn, orders, credits, returned).await
}

/// The order of that number as a purchase, locked for this transaction.
pub async fn purchase_of_number(conn: &mut Conn<'_>, number: &str) -> Result<Option<Purchase>, StoreError> {
    let key = number.to_owned();
    lock_order(conn, &key).await?;
    let orders = fetch_all!(conn, OrderColumns, "SELECT number_key, placed_at, document FROM orders WHERE number_key = $1", &key)?;
    let credits = fetch_all!(
        conn,
        CreditColumns,
        "SELECT order_key, credit_note, position, line_id, quantity, amount FROM credits WHERE order_key = $1",
        &key
    )?;
    Ok(purchases(conn, orders, credits, vec![(key,)]).await?.pop())
}

async fn purchases(
    conn: &mut Conn<'_>,
    orders: Vec<OrderColumns>,
    credits: Vec<CreditColumns>,
    returned: Vec<(String,)>,
) -> Result<Vec<Purchase>, StoreError> {
    let mut credits_by_order: BTreeMap<String, Vec<Credit>> = BTreeMap::new();
    for row in credits {
        let (key, credit) = read_credit(row)?;
        credits_by_order.entry(key).or_default().push(credit);
    }
    let mut purchases = Vec::with_capacity(orders.len());
    for (key, placed_at, document) in orders {
        let Bought { currency, lines } = serde_json::from_str(&document).map_err(|error| StoreError::corrupt("order", error))?;
        let lines = lines.into_iter().map(|line| line.line(currency)).collect::<Result<_, _>>();
        let lines = lines.map_err(|error| StoreError::corrupt("order", error))?;
        let credits = credits_by_order.remove(&key).unwrap_or_default();
        let mut in_returns = Vec::new();
        if returned.iter().any(|(returned,)| *returned == key) {
            for request in returns_of_order(conn, &key).await? {
                let held = request.live_lines().filter(|line| line.asked.order.as_str() == key);
                in_returns.extend(held.map(|line| (line.asked.in_books().clone(), line.asked.quantity)));
            }
        }
        purchases.push(Purchase { key, placed_at, currency, lines, credits, in_returns });
    }
    purchases.sort_by(|a, b| b.placed_at.cmp(&a.placed_at).then_with(|| b.key.cmp(&a.key)));
    Ok(purchases)
}
