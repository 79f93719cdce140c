//! Orders as shops sent them.

use domain::entry::Account;
use domain::ids::order_key;
use domain::order::{Customer, CustomerDocument, Order, OrderDocument};

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

type Row = (String, i64, Option<String>);

/// The order of that number, however it is written.
pub async fn find_order(conn: &mut Conn<'_>, number: &str) -> Result<Option<OrderRow>, StoreError> {
    let key = order_key(number);
    let row = fetch_optional!(
        conn,
        Row,
        "SELECT orders.document, orders.revision, customers.document FROM orders LEFT JOIN customers ON customers.id = orders.customer_ref WHERE orders.number_key = $1",
        &key
    )?;
    match row {
        Some(row) => read_order(conn, row).await.map(Some),
        None => Ok(None),
    }
}

async fn read_order(conn: &mut Conn<'_>, (text, revision, told): Row) -> Result<OrderRow, StoreError> {
    let document: OrderDocument = serde_json::from_str(&text).map_err(|error| StoreError::corrupt("order", error))?;
    let mut order = Order::parse(&document).map_err(|problems| StoreError::corrupt("order", problems[0].clone()))?;
    if let Some(told) = told {
        let told: CustomerDocument = serde_json::from_str(&told).map_err(|error| StoreError::corrupt("customer", error))?;
        let told = Customer::parse(&told).map_err(|problems| StoreError::corrupt("customer", problems[0].clone()))?;
        order.customer.take_in(told);
    }
    let credits = credits_of(conn, &order.number.key()).await?;
    Ok(OrderRow { order, document, revision, credits })
}

/// Orders of an account, the latest first, at most so many.
pub async fn orders_of_account(conn: &mut Conn<'_>, account: &Account, limit: i64) -> Result<Vec<OrderRow>, StoreError> {
    let rows = match account {
        Account::Email(key) => fetch_all!(
            conn,
            Row,
            "SELECT orders.document, orders.revision, customers.document FROM orders
             LEFT JOIN customers ON customers.id = orders.customer_ref WHERE orders.email_key = $1 ORDER BY orders.placed_at DESC, orders.number_key DESC LIMIT $2",
            key,
            limit
        )?,
        Account::Customer(id) => fetch_all!(
            conn,
            Row,
            "SELECT orders.document, orders.revision, customers.document FROM orders
             LEFT JOIN customers ON customers.id = orders.customer_ref WHERE orders.customer_ref = $1 ORDER BY orders.placed_at DESC, orders.number_key DESC LIMIT $2",
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
