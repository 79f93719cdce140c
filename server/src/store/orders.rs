//! Orders as shops sent them, and units credited outside of this product.

use domain::ids::{LineId, order_key};
use domain::order::{Order, OrderDocument};

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

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

/// Units of a line that came back outside of this product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The shop's name for the refund or credit note.
    pub credit_note: String,
    /// Place within it.
    pub position: i64,
    /// The line.
    pub line: LineId,
    /// Units.
    pub quantity: u32,
    /// Minor units given for them.
    pub amount: i64,
}

/// The order of that number, however it is written.
pub async fn find_order(conn: &mut Conn<'_>, number: &str) -> Result<Option<OrderRow>, StoreError> {
    let key = order_key(number);
    let row = fetch_optional!(conn, (String, i64), "SELECT document, revision FROM orders WHERE number_key = $1", &key)?;
    let Some((text, revision)) = row else { return Ok(None) };
    let document: OrderDocument = serde_json::from_str(&text).map_err(|error| StoreError::corrupt("order", error))?;
    let order = Order::parse(&document).map_err(|problems| StoreError::corrupt("order", problems[0].clone()))?;
    let credits = fetch_all!(
        conn,
        (String, i64, String, i64, i64),
        "SELECT credit_note, position, line_id, quantity, amount FROM credits WHERE order_key = $1",
        &key
    )?;
    let credit = |(credit_note, position, line, quantity, amount): (String, i64, String, i64, i64)| {
        let line = line.parse().map_err(|error| StoreError::corrupt("credit", error))?;
        let quantity = u32::try_from(quantity).map_err(|error| StoreError::corrupt("credit", error))?;
        Ok(Credit { credit_note, position, line, quantity, amount })
    };
    let credits = credits.into_iter().map(credit).collect::<Result<_, StoreError>>()?;
    Ok(Some(OrderRow { order, document, revision, credits }))
}

/// Takes the order for this transaction: another command on it waits until this one is done. False where there is no such order.
pub async fn lock_order(conn: &mut Conn<'_>, key: &str) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE orders SET revision = revision + 1 WHERE number_key = $1", key)? == 1)
}

/// Creates or replaces an order. True where it is new.
pub async fn put_order(conn: &mut Conn<'_>, order: &Order, document: &OrderDocument, now: i64) -> Result<bool, StoreError> {
    let (created,): (i64,) = fetch_optional!(
        conn,
        (i64,),
        "INSERT INTO orders (number_key, placed_at, email_key, phone_key, customer_ref, document, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (number_key) DO UPDATE SET placed_at = excluded.placed_at, email_key = excluded.email_key,
           phone_key = excluded.phone_key, customer_ref = excluded.customer_ref, document = excluded.document,
           revision = orders.revision + 1, updated_at = excluded.updated_at
         RETURNING revision",
        order.number.key(),
        order.placed_at.as_millisecond(),
        order.customer.email.as_ref().map(|email| email.key()),
        order.customer.phone.as_ref().map(|phone| phone.key()),
        order.customer.id.clone(),
        serde_json::to_string(document).map_err(|error| StoreError::corrupt("order", error))?,
        now
    )?
    .unwrap_or((0,));
    Ok(created == 1)
}

/// As [`put_order`], for many. How many were new.
pub async fn put_orders(conn: &mut Conn<'_>, orders: &[(Order, OrderDocument)], now: i64) -> Result<u64, StoreError> {
    let mut created = 0;
    for (order, document) in orders {
        created += u64::from(put_order(conn, order, document, now).await?);
    }
    Ok(created)
}

/// Notes units credited outside. Noting the same again changes nothing. True where any of it is new.
pub async fn record_credits(conn: &mut Conn<'_>, number: &str, credits: &[Credit]) -> Result<bool, StoreError> {
    let key = order_key(number);
    let mut new = false;
    for credit in credits {
        let added = execute!(
            conn,
            "INSERT INTO credits (credit_note, position, order_key, line_id, quantity, amount) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (credit_note, position, order_key, line_id) DO NOTHING",
            &credit.credit_note,
            credit.position,
            &key,
            credit.line.as_str(),
            i64::from(credit.quantity),
            credit.amount
        )?;
        new |= added > 0;
    }
    Ok(new)
}

/// Keys of a customer's orders placed before a moment, the latest first.
pub async fn order_keys_of(conn: &mut Conn<'_>, customer_ref: &str, before: i64) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT number_key FROM orders WHERE customer_ref = $1 AND placed_at <= $2 ORDER BY placed_at DESC, number_key DESC",
        customer_ref,
        before
    )?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// How many orders there are.
pub async fn count_orders(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    Ok(fetch_optional!(conn, (i64,), "SELECT COUNT(*) FROM orders")?.map_or(0, |(count,)| count))
}
