//! Orders as shops sent them.

use domain::entry::Account;
use domain::ids::order_key;
use domain::order::{Order, OrderDocument};

use super::conn::{execute, fetch_all, fetch_optional};
use super::credits::credits_of;
use super::{Conn, Credit, StoreError};

/// An order with what is kept beside its document.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// The order, parsed.
    pub order: Order,
    /// As it was sent.
    pub document: OrderDocument,
    /// Counts the document's versions, and the returns opened on it.
    pub revision: i64,
    /// Units credited outside.
    pub credits: Vec<Credit>,
}

/// The order of that number, however it is written.
pub async fn find_order(conn: &mut Conn<'_>, number: &str) -> Result<Option<OrderRow>, StoreError> {
    let key = order_key(number);
    let row = fetch_optional!(conn, (String, i64), "SELECT document, revision FROM orders WHERE number_key = $1", &key)?;
    match row {
        Some(row) => read_order(conn, row).await.map(Some),
        None => Ok(None),
    }
}

async fn read_order(conn: &mut Conn<'_>, (text, revision): (String, i64)) -> Result<OrderRow, StoreError> {
    let document: OrderDocument = serde_json::from_str(&text).map_err(|error| StoreError::corrupt("order", error))?;
    let order = Order::parse(&document).map_err(|problems| StoreError::corrupt("order", problems[0].clone()))?;
    let credits = credits_of(conn, &order.number.key()).await?;
    Ok(OrderRow { order, document, revision, credits })
}

/// Orders of an account, the latest first, at most so many.
pub async fn orders_of_account(conn: &mut Conn<'_>, account: &Account, limit: i64) -> Result<Vec<OrderRow>, StoreError> {
    let rows = match account {
        Account::Email(key) => fetch_all!(
            conn,
            (String, i64),
            "SELECT document, revision FROM orders WHERE email_key = $1 ORDER BY placed_at DESC, number_key DESC LIMIT $2",
            key,
            limit
        )?,
        Account::Customer(id) => fetch_all!(
            conn,
            (String, i64),
            "SELECT document, revision FROM orders WHERE customer_ref = $1 ORDER BY placed_at DESC, number_key DESC LIMIT $2",
            id,
            limit
        )?,
    };
    let mut orders = Vec::with_capacity(rows.len());
    for row in rows {
        orders.push(read_order(conn, row).await?);
    }
    Ok(orders)
}

/// Takes the order for this transaction: another command on it waits until this one is done. False where there is no such order.
pub async fn lock_order(conn: &mut Conn<'_>, key: &str) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE orders SET revision = revision + 1 WHERE number_key = $1", key)? == 1)
}

/// How many orders there are.
pub async fn count_orders(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    Ok(fetch_optional!(conn, (i64,), "SELECT COUNT(*) FROM orders")?.map_or(0, |(count,)| count))
}
