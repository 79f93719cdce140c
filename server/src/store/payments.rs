//! Payments of all returns, as finance lists them.

use domain::money::{Currency, Money};
use domain::returns::PaymentState;
use jiff::Timestamp;

use super::conn::fetch_all;
use super::{Conn, StoreError};

/// How it leaves.
pub const PAYMENT_WAYS: [&str; 3] = ["manual", "gateway", "store_credit"];

/// An attempt to pay a grant, or part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEntry {
    pub rma: String,
    /// Its number, and its grant's, in the return.
    pub payment: i64,
    pub grant: i64,
    pub order: String,
    pub amount: Money,
    pub way: String,
    pub state: PaymentState,
    pub reference: Option<String>,
    /// When it was begun.
    pub at: Timestamp,
}

/// Which payments are wanted; nothing: all. Times are epoch milliseconds.
#[derive(Clone, Debug, Default)]
pub struct PaymentsWanted {
    pub state: Option<PaymentState>,
    pub way: Option<String>,
    /// From that moment on, and before that one.
    pub from: Option<i64>,
    pub to: Option<i64>,
    /// Those after it: when it was begun, its return, its number.
    pub after: Option<(i64, String, i64)>,
    /// The newest first, and then from no cursor on.
    pub newest: bool,
    pub limit: i64,
}

type Columns = (String, i64, i64, String, String, i64, String, String, Option<String>, i64);

/// Payments, the oldest first.
pub async fn list_payments(conn: &mut Conn<'_>, wanted: &PaymentsWanted) -> Result<Vec<PaymentEntry>, StoreError> {
    let (at, rma, payment) = wanted.after.clone().unwrap_or((i64::MIN, String::new(), 0));
    // The two lists have an index each.
    let of_state = if wanted.state.is_some() { "state = $1" } else { "$1 = ''" };
    let order = if wanted.newest { "started_at DESC, rma DESC, payment DESC" } else { "started_at, rma, payment" };
    let text = format!(
        "SELECT rma, payment, grant_no, order_key, currency, amount, way, state, reference, started_at FROM payments
         WHERE {of_state} AND (started_at, rma, payment) > ($2, $3, $4) AND started_at >= $5 AND started_at < $6
           AND ($7 = '' OR way = $7) ORDER BY {order} LIMIT $8"
    );
    let rows = fetch_all!(
        conn,
        Columns,
        sqlx::AssertSqlSafe(text.as_str()),
        wanted.state.map(PaymentState::code).unwrap_or_default(),
        at,
        rma,
        payment,
        // Where the page before ended later, nothing before that is gone through.
        wanted.from.unwrap_or(i64::MIN).max(at),
        wanted.to.unwrap_or(i64::MAX),
        wanted.way.clone().unwrap_or_default(),
        wanted.limit
    )?;
    rows.into_iter().map(read).collect()
}

fn read((rma, payment, grant, order, currency, amount, way, state, reference, at): Columns) -> Result<PaymentEntry, StoreError> {
    let currency: Currency = currency.parse().map_err(|error| StoreError::corrupt("payment", error))?;
    let at = Timestamp::from_millisecond(at).map_err(|error| StoreError::corrupt("payment", error))?;
    let state = state.parse().map_err(|()| StoreError::corrupt("payment", state))?;
    Ok(PaymentEntry { rma, payment, grant, order, amount: Money::new(amount, currency), way, state, reference, at })
}
