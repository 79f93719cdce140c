//! Bank transfers: to whose account, and which go to the bank together. Accounts stand apart from returns, and are forgotten.

use domain::bank::Payee;
use domain::ids::OrderNumber;
use domain::money::Money;
use domain::returns::{PaymentNo, PaymentState};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional};
use super::returns::write_json;
use super::{Conn, StoreError};

/// Transfers that go to the bank together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferBatch {
    /// Its place in their row, from 1.
    pub number: i64,
    /// When it was made.
    pub at: Timestamp,
    /// The account, or `key:` and the key's name, of whoever made it.
    pub who: String,
    /// How many transfers are in it, and how many of them nobody has said anything of yet.
    pub transfers: i64,
    pub pending: i64,
}

/// A payment in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    pub batch: i64,
    /// Its place in it, from 1.
    pub nth: i64,
    pub rma: RmaNumber,
    pub payment: PaymentNo,
    pub order: OrderNumber,
    pub amount: Money,
    /// Nothing where it is forgotten.
    pub payee: Option<Payee>,
    /// As the payment stands now.
    pub state: PaymentState,
}

fn corrupt(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::corrupt("transfer", error)
}

fn payee(text: &str) -> Result<Option<Payee>, StoreError> {
    if text.is_empty() {
        return Ok(None);
    }
    // What does not fit is not repeated: it may be an account.
    serde_json::from_str(text).map(Some).map_err(|_| corrupt(&"an account cannot be read"))
}

/// Keeps to which account money of a return goes, in place of what was known, until a moment (epoch milliseconds).
pub async fn put_bank_account(
    conn: &mut Conn<'_>,
    rma: RmaNumber,
    at: Timestamp,
    who: &str,
    payee: &Payee,
    erase_at: i64,
) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO bank_accounts (rma, at, who, payee, erase_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (rma) DO UPDATE SET at = excluded.at, who = excluded.who, payee = excluded.payee, erase_at = excluded.erase_at",
        rma.to_string(),
        at.as_millisecond(),
        who,
        write_json("account", payee)?,
        erase_at
    )?;
    Ok(())
}

/// To which account money of a return goes, where that is known.
pub async fn bank_account_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Option<Payee>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT payee FROM bank_accounts WHERE rma = $1", rma.to_string())?;
    row.map_or(Ok(None), |(text,)| payee(&text))
}

/// Has the accounts that a payment went to forgotten after a moment (epoch milliseconds).
pub async fn forget_account_at(conn: &mut Conn<'_>, rma: RmaNumber, payment: PaymentNo, erase_at: i64) -> Result<(), StoreError> {
    let of_return = "UPDATE bank_accounts SET erase_at = $3
        WHERE rma = $1 AND EXISTS (SELECT 1 FROM transfers WHERE transfers.rma = $1 AND transfers.payment = $2)";
    execute!(conn, of_return, rma.to_string(), i64::from(payment.0), erase_at)?;
    let of_transfer = "UPDATE transfers SET erase_at = $3 WHERE rma = $1 AND payment = $2 AND payee <> ''";
    execute!(conn, of_transfer, rma.to_string(), i64::from(payment.0), erase_at)?;
    Ok(())
}

/// Forgets up to `most` accounts whose time (epoch milliseconds) is over.
pub async fn forget_accounts(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<u64, StoreError> {
    let of_returns = execute!(
        conn,
        "DELETE FROM bank_accounts WHERE rma IN (SELECT rma FROM bank_accounts WHERE erase_at <= $1 ORDER BY erase_at LIMIT $2)",
        now,
        most
    )?;
    let of_transfers = execute!(
        conn,
        "UPDATE transfers SET payee = '' WHERE (batch, nth) IN
           (SELECT batch, nth FROM transfers WHERE erase_at <= $1 AND payee <> '' ORDER BY erase_at LIMIT $2)",
        now,
        most
    )?;
    Ok(of_returns.max(of_transfers))
}

/// Begins a batch.
pub async fn insert_transfer_batch(conn: &mut Conn<'_>, number: i64, at: Timestamp, who: &str) -> Result<(), StoreError> {
    execute!(conn, "INSERT INTO transfer_batches (number, at, who) VALUES ($1, $2, $3)", number, at.as_millisecond(), who)?;
    Ok(())
}

/// Puts a payment into a batch, behind those that are in it. Where one of that number was taken back, it takes its place.
pub async fn insert_transfer(
    conn: &mut Conn<'_>,
    batch: i64,
    (rma, payment): (RmaNumber, PaymentNo),
    order: &OrderNumber,
    amount: Money,
    payee: &Payee,
    erase_at: i64,
) -> Result<(), StoreError> {
    // Nobody else puts something into it meanwhile: who does takes its row first.
    execute!(conn, "UPDATE transfer_batches SET number = number WHERE number = $1", batch)?;
    execute!(
        conn,
        "INSERT INTO transfers (batch, nth, rma, payment, order_key, currency, amount, payee, erase_at)
         SELECT $1, COALESCE(MAX(nth), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM transfers WHERE batch = $1
         ON CONFLICT (rma, payment) DO UPDATE SET batch = excluded.batch, nth = excluded.nth, order_key = excluded.order_key,
           currency = excluded.currency, amount = excluded.amount, payee = excluded.payee, erase_at = excluded.erase_at",
        batch,
        rma.to_string(),
        i64::from(payment.0),
        order.as_str(),
        amount.currency.code(),
        amount.minor,
        write_json("account", payee)?,
        erase_at
    )?;
    Ok(())
}

type BatchColumns = (i64, i64, String, i64, i64);

macro_rules! batches {
    () => {
        "SELECT number, at, who, (SELECT COUNT(*) FROM transfers JOIN payments ON payments.rma = transfers.rma AND payments.payment = transfers.payment
            WHERE batch = number),
           (SELECT COUNT(*) FROM transfers JOIN payments ON payments.rma = transfers.rma AND payments.payment = transfers.payment
            WHERE batch = number AND payments.state = 'pending')
         FROM transfer_batches "
    };
}

fn batch((number, at, who, transfers, pending): BatchColumns) -> Result<TransferBatch, StoreError> {
    let at = Timestamp::from_millisecond(at).map_err(|error| corrupt(&error))?;
    Ok(TransferBatch { number, at, who, transfers, pending })
}

/// A batch by its number.
pub async fn find_transfer_batch(conn: &mut Conn<'_>, number: i64) -> Result<Option<TransferBatch>, StoreError> {
    fetch_optional!(conn, BatchColumns, concat!(batches!(), "WHERE number = $1"), number)?.map(batch).transpose()
}

/// Batches, the youngest first.
pub async fn list_transfer_batches(conn: &mut Conn<'_>, before: i64, limit: i64) -> Result<Vec<TransferBatch>, StoreError> {
    let rows = fetch_all!(conn, BatchColumns, concat!(batches!(), "WHERE number < $1 ORDER BY number DESC LIMIT $2"), before, limit)?;
    rows.into_iter().map(batch).collect()
}

type Columns = (i64, i64, String, i64, String, String, i64, String, String);

/// What is in a batch, in its order; what was taken back since aside.
pub async fn transfers_of(conn: &mut Conn<'_>, number: i64) -> Result<Vec<TransferRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        "SELECT batch, nth, transfers.rma, transfers.payment, transfers.order_key, transfers.currency, transfers.amount, payee, payments.state
         FROM transfers JOIN payments ON payments.rma = transfers.rma AND payments.payment = transfers.payment
         WHERE batch = $1 ORDER BY nth",
        number
    )?;
    rows.into_iter().map(read).collect()
}

fn read((batch, nth, rma, payment, order, currency, amount, text, state): Columns) -> Result<TransferRow, StoreError> {
    let currency = currency.parse().map_err(|error| corrupt(&error))?;
    Ok(TransferRow {
        batch,
        nth,
        rma: rma.parse().map_err(|error| corrupt(&error))?,
        payment: PaymentNo(u32::try_from(payment).map_err(|error| corrupt(&error))?),
        order: order.parse().map_err(|error| corrupt(&error))?,
        amount: Money::new(amount, currency),
        payee: payee(&text)?,
        state: state.parse().map_err(|()| corrupt(&state))?,
    })
}

/// Returns of which something is promised and not paid, what is due first before the rest: by when (epoch milliseconds), and the return; after one.
pub async fn returns_to_pay(conn: &mut Conn<'_>, after: (i64, &str), limit: i64) -> Result<Vec<(i64, RmaNumber)>, StoreError> {
    let rows = fetch_all!(
        conn,
        (i64, String),
        "SELECT due, subject FROM tasks WHERE kind = 'pay' AND subject_kind = 'return' AND (due, subject) > ($1, $2)
         ORDER BY due, subject LIMIT $3",
        after.0,
        after.1,
        limit
    )?;
    rows.into_iter().map(|(due, rma)| Ok((due, rma.parse().map_err(|error| corrupt(&error))?))).collect()
}
