//! Points: a ledger, and what it comes to for each holder.

use domain::compensation::PointsKind;
use domain::rma::RmaNumber;
use jiff::Timestamp;
use uuid::Uuid;

use super::conn::{execute, fetch_all, fetch_optional};
use super::store_credit::Booked;
use super::{Conn, StoreError};

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointsEntry {
    /// A UUID; in the order of time.
    pub id: String,
    /// The shop's name for a customer, or the key of their mail address where it gave none.
    pub holder: String,
    /// Negative where they went.
    pub amount: i64,
    pub kind: PointsKind,
    /// Why it is booked, once.
    pub cause: String,
    /// The shop's name for it.
    pub reference: Option<String>,
    /// The return they came of.
    pub rma: Option<RmaNumber>,
    /// The order they came of, or were spent on.
    pub order: Option<String>,
    /// From then on what is left of them cannot be spent.
    pub expires_at: Option<Timestamp>,
    pub at: Timestamp,
}

impl PointsEntry {
    /// An entry that nothing more is known of.
    pub fn new(holder: impl Into<String>, kind: PointsKind, amount: i64, cause: impl Into<String>, at: Timestamp) -> Self {
        Self {
            id: Uuid::now_v7().to_string(),
            holder: holder.into(),
            amount,
            kind,
            cause: cause.into(),
            reference: None,
            rma: None,
            order: None,
            expires_at: None,
            at,
        }
    }
}

type Columns = (String, String, i64, String, String, Option<String>, Option<String>, Option<String>, Option<i64>, i64);

macro_rules! columns {
    () => {
        "SELECT id, holder, amount, kind, cause, reference, rma, order_key, expires_at, at FROM points_entries "
    };
}

fn read((id, holder, amount, kind, cause, reference, rma, order, expires_at, at): Columns) -> Result<PointsEntry, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("points", error);
    let time = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    Ok(PointsEntry {
        kind: kind.parse().map_err(|()| corrupt(&kind))?,
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
pub async fn book_points(conn: &mut Conn<'_>, entry: &PointsEntry) -> Result<Booked, StoreError> {
    let new = execute!(
        conn,
        "INSERT INTO points_entries (id, holder, amount, kind, cause, reference, rma, order_key, expires_at, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (cause) DO NOTHING",
        &entry.id,
        &entry.holder,
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
        execute!(conn, "INSERT INTO points_ends (entry, due_at) VALUES ($1, $2)", &entry.id, due.as_millisecond())?;
    }
    if entry.amount >= 0 {
        execute!(
            conn,
            "INSERT INTO points_balances (holder, balance) VALUES ($1, $2)
             ON CONFLICT (holder) DO UPDATE SET balance = points_balances.balance + excluded.balance",
            &entry.holder,
            entry.amount
        )?;
        return Ok(Booked::New);
    }
    let text = "UPDATE points_balances SET balance = balance + $2 WHERE holder = $1 AND balance + $2 >= 0";
    if execute!(conn, text, &entry.holder, entry.amount)? == 1 {
        return Ok(Booked::New);
    }
    // Within this transaction nobody has seen it.
    execute!(conn, "DELETE FROM points_entries WHERE id = $1", &entry.id)?;
    Ok(Booked::TooMuch)
}

/// An entry by its cause.
pub async fn find_points_entry(conn: &mut Conn<'_>, cause: &str) -> Result<Option<PointsEntry>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE cause = $1"), cause)?.map(read).transpose()
}

/// An entry by its id.
pub async fn points_entry(conn: &mut Conn<'_>, id: &str) -> Result<Option<PointsEntry>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE id = $1"), id)?.map(read).transpose()
}

/// What a holder has.
pub async fn points_balance(conn: &mut Conn<'_>, holder: &str) -> Result<i64, StoreError> {
    let found = fetch_optional!(conn, (i64,), "SELECT balance FROM points_balances WHERE holder = $1", holder)?;
    Ok(found.map_or(0, |(balance,)| balance))
}

/// A holder's entries, the newest first: up to `most`, before one of that `id`.
pub async fn points_entries(conn: &mut Conn<'_>, holder: &str, before: Option<&str>, most: i64) -> Result<Vec<PointsEntry>, StoreError> {
    let text = concat!(columns!(), "WHERE holder = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3");
    fetch_all!(conn, Columns, text, holder, before.unwrap_or_default(), most)?.into_iter().map(read).collect()
}

/// All that a holder's ledger has, the oldest first. Nobody books in it before this transaction is over.
pub async fn points_ledger(conn: &mut Conn<'_>, holder: &str) -> Result<Vec<PointsEntry>, StoreError> {
    execute!(conn, "UPDATE points_balances SET balance = balance WHERE holder = $1", holder)?;
    fetch_all!(conn, Columns, concat!(columns!(), "WHERE holder = $1 ORDER BY id"), holder)?.into_iter().map(read).collect()
}

/// Entries whose time is over at that moment (epoch milliseconds) and that were not ended, the longest over first.
pub async fn points_over(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<Vec<String>, StoreError> {
    let text = "SELECT entry FROM points_ends WHERE ended_at IS NULL AND due_at <= $1 ORDER BY due_at, entry LIMIT $2";
    Ok(fetch_all!(conn, (String,), text, now, most)?.into_iter().map(|(entry,)| entry).collect())
}

/// Notes that an entry ended at that moment (epoch milliseconds).
pub async fn note_points_ended(conn: &mut Conn<'_>, entry: &str, at: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE points_ends SET ended_at = $2 WHERE entry = $1 AND ended_at IS NULL", entry, at)?;
    Ok(())
}

/// Balances that are not what their entries come to: holder, balance, sum.
pub async fn unbalanced_points(conn: &mut Conn<'_>, most: i64) -> Result<Vec<(String, i64, i64)>, StoreError> {
    Ok(fetch_all!(
        conn,
        (String, i64, i64),
        "SELECT holder, CAST(SUM(kept) AS BIGINT), CAST(SUM(booked) AS BIGINT) FROM (
           SELECT holder, balance AS kept, 0 AS booked FROM points_balances
           UNION ALL SELECT holder, 0, amount FROM points_entries
         ) AS both_sides
         GROUP BY holder HAVING SUM(kept) <> SUM(booked) ORDER BY holder LIMIT $1",
        most
    )?)
}

/// Makes balances what their entries come to; what comes to less than nothing is left for a person.
pub async fn mend_points(conn: &mut Conn<'_>) -> Result<(), StoreError> {
    execute!(
        conn,
        "DELETE FROM points_balances WHERE holder NOT IN (SELECT holder FROM points_entries GROUP BY holder HAVING SUM(amount) < 0)"
    )?;
    execute!(
        conn,
        "INSERT INTO points_balances (holder, balance)
         SELECT holder, CAST(SUM(amount) AS BIGINT) FROM points_entries GROUP BY holder HAVING SUM(amount) >= 0"
    )?;
    Ok(())
}
