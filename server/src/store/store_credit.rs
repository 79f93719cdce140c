//! Credit in the shop: a ledger, and what it comes to for each holder and currency.

use domain::credit::CreditKind;
use domain::money::{Currency, Money};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use uuid::Uuid;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditEntry {
    /// A UUID; in the order of time.
    pub id: String,
    /// The shop's name for a customer, or the key of their mail address where it gave none.
    pub holder: String,
    pub currency: Currency,
    /// Minor units; negative where it was spent.
    pub amount: i64,
    pub kind: CreditKind,
    /// Why it is booked, once: `R-7KQ4-M2XD-p1`.
    pub cause: String,
    /// The shop's name for it.
    pub reference: Option<String>,
    /// The return it came of.
    pub rma: Option<RmaNumber>,
    /// The order it came of, or was spent on.
    pub order: Option<String>,
    /// From then on what is left of it cannot be spent.
    pub expires_at: Option<Timestamp>,
    pub at: Timestamp,
}

impl CreditEntry {
    /// An entry that nothing more is known of.
    pub fn new(holder: impl Into<String>, kind: CreditKind, amount: Money, cause: impl Into<String>, at: Timestamp) -> Self {
        Self {
            id: Uuid::now_v7().to_string(),
            holder: holder.into(),
            currency: amount.currency,
            amount: amount.minor,
            kind,
            cause: cause.into(),
            reference: None,
            rma: None,
            order: None,
            expires_at: None,
            at,
        }
    }

    /// What came, or went.
    pub fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// It is in the ledger.
    New,
    /// One of that cause was there before; nothing has happened.
    Known,
    /// There is not so much; nothing has happened.
    TooMuch,
}

type Columns = (String, String, String, i64, String, String, Option<String>, Option<String>, Option<String>, Option<i64>, i64);

macro_rules! columns {
    () => {
        "SELECT id, holder, currency, amount, kind, cause, reference, rma, order_key, expires_at, at FROM credit_entries "
    };
}

fn read((id, holder, currency, amount, kind, cause, reference, rma, order, expires_at, at): Columns) -> Result<CreditEntry, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("credit entry", error);
    let time = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    Ok(CreditEntry {
        currency: currency.parse().map_err(|error| corrupt(&error))?,
        kind: kind.parse().map_err(|error| corrupt(&error))?,
        rma: rma.map(|rma| rma.parse().map_err(|error| corrupt(&error))).transpose()?,
        expires_at: expires_at.map(time).transpose()?,
        at: time(at)?,
        id,
        holder,
        amount,
        cause,
        reference,
        order,
    })
}

/// Books an entry, once for its cause, and never below zero, whoever does so at the same moment.
pub async fn book_credit(conn: &mut Conn<'_>, entry: &CreditEntry) -> Result<Booked, StoreError> {
    let new = execute!(
        conn,
        "INSERT INTO credit_entries (id, holder, currency, amount, kind, cause, reference, rma, order_key, expires_at, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (cause) DO NOTHING",
        &entry.id,
        &entry.holder,
        entry.currency.code(),
        entry.amount,
        entry.kind.code(),
        &entry.cause,
        entry.reference.as_deref(),
        entry.rma.map(|rma| rma.to_string()),
        entry.order.as_deref(),
        entry.expires_at.map(Timestamp::as_millisecond),
        entry.at.as_millisecond()
    )?;
    if new == 0 {
        return Ok(Booked::Known);
    }
    if let Some(due) = entry.expires_at.filter(|_| entry.amount > 0) {
        execute!(conn, "INSERT INTO credit_ends (entry, due_at) VALUES ($1, $2)", &entry.id, due.as_millisecond())?;
    }
    if entry.amount >= 0 {
        execute!(
            conn,
            "INSERT INTO credit_balances (holder, currency, balance) VALUES ($1, $2, $3)
             ON CONFLICT (holder, currency) DO UPDATE SET balance = credit_balances.balance + excluded.balance",
            &entry.holder,
            entry.currency.code(),
            entry.amount
        )?;
        return Ok(Booked::New);
    }
    let spent = execute!(
        conn,
        "UPDATE credit_balances SET balance = balance + $3 WHERE holder = $1 AND currency = $2 AND balance + $3 >= 0",
        &entry.holder,
        entry.currency.code(),
        entry.amount
    )?;
    if spent == 1 {
        return Ok(Booked::New);
    }
    // Within this transaction nobody has seen it.
    execute!(conn, "DELETE FROM credit_entries WHERE id = $1", &entry.id)?;
    Ok(Booked::TooMuch)
}

/// An entry by its cause.
pub async fn find_credit_entry(conn: &mut Conn<'_>, cause: &str) -> Result<Option<CreditEntry>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE cause = $1"), cause)?.map(read).transpose()
}

/// What a holder has, by currency; what is nothing aside.
pub async fn credit_balances(conn: &mut Conn<'_>, holder: &str) -> Result<Vec<Money>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, i64),
        "SELECT currency, balance FROM credit_balances WHERE holder = $1 AND balance > 0 ORDER BY currency",
        holder
    )?;
    let read = |(currency, balance): (String, i64)| {
        let currency = currency.parse().map_err(|error| StoreError::corrupt("credit balance", error))?;
        Ok(Money::new(balance, currency))
    };
    rows.into_iter().map(read).collect()
}

/// A holder's entries, the newest first: up to `most`, before one of that `id`.
pub async fn credit_entries(conn: &mut Conn<'_>, holder: &str, before: Option<&str>, most: i64) -> Result<Vec<CreditEntry>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        concat!(columns!(), "WHERE holder = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3"),
        holder,
        before.unwrap_or_default(),
        most
    )?;
    rows.into_iter().map(read).collect()
}

/// An entry by its id.
pub async fn credit_entry(conn: &mut Conn<'_>, id: &str) -> Result<Option<CreditEntry>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE id = $1"), id)?.map(read).transpose()
}

/// All that a holder's ledger of one currency has, the oldest first. With `locked` nobody books in it before this transaction is over; who has no balance
/// has nothing to lock.
pub async fn credit_ledger(conn: &mut Conn<'_>, holder: &str, currency: Currency, locked: bool) -> Result<Vec<CreditEntry>, StoreError> {
    if locked {
        let text = "UPDATE credit_balances SET balance = balance WHERE holder = $1 AND currency = $2";
        execute!(conn, text, holder, currency.code())?;
    }
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "WHERE holder = $1 AND currency = $2 ORDER BY id"), holder, currency.code())?;
    rows.into_iter().map(read).collect()
}

/// Entries whose time is over at that moment (epoch milliseconds) and that were not ended: at most so many, the longest over first.
pub async fn credit_over(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<Vec<String>, StoreError> {
    let text = "SELECT entry FROM credit_ends WHERE ended_at IS NULL AND due_at <= $1 ORDER BY due_at, entry LIMIT $2";
    Ok(fetch_all!(conn, (String,), text, now, most)?.into_iter().map(|(entry,)| entry).collect())
}

/// Entries that end by that moment (epoch milliseconds), have not ended, and of which nobody was told: at most so many.
pub async fn credit_to_tell(conn: &mut Conn<'_>, by: i64, most: i64) -> Result<Vec<String>, StoreError> {
    let text =
        "SELECT entry FROM credit_ends WHERE ended_at IS NULL AND reminded_at IS NULL AND due_at <= $1 ORDER BY due_at, entry LIMIT $2";
    Ok(fetch_all!(conn, (String,), text, by, most)?.into_iter().map(|(entry,)| entry).collect())
}

/// Notes that an entry ended at that moment (epoch milliseconds); false: somebody noted it before.
pub async fn note_credit_ended(conn: &mut Conn<'_>, entry: &str, at: i64) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE credit_ends SET ended_at = $2 WHERE entry = $1 AND ended_at IS NULL", entry, at)? == 1)
}

/// Notes that a holder was told of an entry's end; false: somebody noted it before.
pub async fn note_credit_told(conn: &mut Conn<'_>, entry: &str, at: i64) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE credit_ends SET reminded_at = $2 WHERE entry = $1 AND reminded_at IS NULL", entry, at)? == 1)
}

/// The shop's names for customers of whom it knows no mail address but that one, at most 20.
pub async fn customers_of_email(conn: &mut Conn<'_>, email_key: &str) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT DISTINCT customer_ref FROM orders WHERE email_key = $1 AND customer_ref IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM orders AS others WHERE others.customer_ref = orders.customer_ref
             AND others.email_key IS NOT NULL AND others.email_key <> $1)
           AND NOT EXISTS (SELECT 1 FROM customers WHERE customers.id = orders.customer_ref
             AND customers.email_key IS NOT NULL AND customers.email_key <> $1)
         ORDER BY customer_ref LIMIT 20",
        email_key
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Balances that are not what their entries come to: holder, currency, balance, sum.
pub async fn unbalanced_credit(conn: &mut Conn<'_>, most: i64) -> Result<Vec<(String, String, i64, i64)>, StoreError> {
    Ok(fetch_all!(
        conn,
        (String, String, i64, i64),
        "SELECT holder, currency, CAST(SUM(kept) AS BIGINT), CAST(SUM(booked) AS BIGINT) FROM (
           SELECT holder, currency, balance AS kept, 0 AS booked FROM credit_balances
           UNION ALL SELECT holder, currency, 0, amount FROM credit_entries
         ) AS both_sides
         GROUP BY holder, currency HAVING SUM(kept) <> SUM(booked) ORDER BY holder, currency LIMIT $1",
        most
    )?)
}

/// Makes balances what their entries come to; what comes to less than nothing is left for a person.
pub async fn mend_credit(conn: &mut Conn<'_>) -> Result<(), StoreError> {
    execute!(
        conn,
        "DELETE FROM credit_balances WHERE (holder, currency) NOT IN
           (SELECT holder, currency FROM credit_entries GROUP BY holder, currency HAVING SUM(amount) < 0)"
    )?;
    execute!(
        conn,
        "INSERT INTO credit_balances (holder, currency, balance)
         SELECT holder, currency, CAST(SUM(amount) AS BIGINT) FROM credit_entries GROUP BY holder, currency HAVING SUM(amount) >= 0"
    )?;
    Ok(())
}
