//! Locks on orders.

use super::conn::execute;
use super::{Conn, StoreError};

/// Takes the order for this transaction: another command on it waits until this one is done, and a return that is being judged without
/// waiting is judged anew.
pub async fn lock_order(conn: &mut Conn<'_>, key: &str) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO order_versions (order_key, version) SELECT number_key, 1 FROM orders WHERE number_key = $1
         ON CONFLICT (order_key) DO UPDATE SET version = order_versions.version + 1",
        key
    )?;
    Ok(())
}

/// Locks of this transaction that can be let go again.
#[must_use = "locks are kept otherwise"]
pub struct Holding(());

impl Holding {
    /// What is locked from here on can be let go: what was done before stays.
    pub async fn begin(conn: &mut Conn<'_>) -> Result<Self, StoreError> {
        // On SQLite one command writes at a time: nobody waits for an order.
        if let Conn::Postgres(_) = conn {
            execute!(conn, "SAVEPOINT orders_held")?;
        }
        Ok(Self(()))
    }

    /// Lets go what was locked since, for others to go on; nothing else may have been written since.
    pub async fn let_go(&self, conn: &mut Conn<'_>) -> Result<(), StoreError> {
        if let Conn::Postgres(_) = conn {
            execute!(conn, "ROLLBACK TO SAVEPOINT orders_held")?;
        }
        Ok(())
    }
}

/// Takes every order of a customer for this transaction, as [`lock_order`] does.
pub(super) async fn lock_orders_of_customer(conn: &mut Conn<'_>, customer_ref: &str) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO order_versions (order_key, version)
           SELECT number_key, 1 FROM orders WHERE customer_ref = $1 ORDER BY number_key COLLATE \"C\"
         ON CONFLICT (order_key) DO UPDATE SET version = order_versions.version + 1" =>
        "INSERT INTO order_versions (order_key, version) SELECT number_key, 1 FROM orders WHERE customer_ref = $1
         ON CONFLICT (order_key) DO UPDATE SET version = order_versions.version + 1",
        customer_ref
    )?;
    Ok(())
}
