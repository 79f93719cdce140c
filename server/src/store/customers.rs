//! Customers as the shop tells them, beside their orders.

use domain::order::CustomerDocument;

use super::conn::{execute, fetch_optional};
use super::{Conn, Put, StoreError};

/// What the shop told of a customer.
pub async fn find_customer(conn: &mut Conn<'_>, id: &str) -> Result<Option<CustomerDocument>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT document FROM customers WHERE id = $1", id)?;
    row.map(|(text,)| serde_json::from_str(&text).map_err(|error| StoreError::corrupt("customer", error))).transpose()
}

/// Creates or replaces a customer.
pub async fn put_customer(
    conn: &mut Conn<'_>,
    id: &str,
    email_key: Option<&str>,
    document: &CustomerDocument,
    now: i64,
) -> Result<Put, StoreError> {
    let known = find_customer(conn, id).await?;
    if known.as_ref() == Some(document) {
        return Ok(Put::Unchanged);
    }
    let text = serde_json::to_string(document).map_err(|error| StoreError::corrupt("customer", error))?;
    execute!(
        conn,
        "INSERT INTO customers (id, email_key, document, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET email_key = excluded.email_key, document = excluded.document, updated_at = excluded.updated_at",
        id,
        email_key,
        text,
        now
    )?;
    Ok(if known.is_some() { Put::Replaced } else { Put::Created })
}
