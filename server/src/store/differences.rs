//! What a gateway says that does not fit what we say, and the reports by which that was found.
//! Long because reports, what went back elsewhere and the differences of both are written and read together.

use domain::ids::OrderNumber;
use domain::money::Money;
use domain::reconcile::{Difference, DifferenceKind, DifferenceState, Ours};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional, flat};
use super::counters::next_number;
use super::{COUNTED, Conn, StoreError};

/// A difference in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferenceRow {
    /// Its place in their row, from 1.
    pub number: i64,
    /// When it was found first.
    pub at: Timestamp,
    pub what: Difference,
    pub rma: Option<RmaNumber>,
    pub order: Option<OrderNumber>,
    /// The report that showed it last.
    pub report: Option<i64>,
    pub state: DifferenceState,
    pub ended_at: Option<Timestamp>,
    /// Who settled it: an account, `key:` and a key's name, `report:` and a number, or `gateway`.
    pub who: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
}

/// A report that was held against our books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// Its place in their row, from 1.
    pub number: i64,
    pub at: Timestamp,
    pub who: String,
    /// What its file was called.
    pub name: String,
    /// Refunds in it.
    pub refunds: i64,
    /// From when to when it tells; epoch milliseconds.
    pub within: Option<(i64, i64)>,
    /// How many fit, how many differences it showed, and how many it ended.
    pub fit: i64,
    pub found: i64,
    pub ended: i64,
}

/// Money that somebody else gave back at the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideRefund {
    /// The gateway's name for it.
    pub reference: String,
    pub order: OrderNumber,
    /// The order's payment that it went back to.
    pub payment: String,
    /// Minor units of the order's currency.
    pub amount: i64,
    pub at: Timestamp,
}

fn corrupt(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::corrupt("difference", error)
}

flat!(Flat {
    number: i64,
    at: i64,
    kind: String,
    about: String,
    name: Option<String>,
    reference: Option<String>,
    rma: Option<String>,
    order_key: Option<String>,
    ours_currency: Option<String>,
    ours: Option<i64>,
    theirs_currency: Option<String>,
    theirs: Option<i64>,
    said: String,
    report: Option<i64>,
    state: String,
    ended_at: Option<i64>,
    who: Option<String>,
    reason: Option<String>,
});

macro_rules! columns {
    () => {
        "SELECT number, at, kind, about, name, reference, rma, order_key, ours_currency, ours, theirs_currency, theirs, said, report, state, ended_at,
           who, reason FROM differences "
    };
}

fn money(currency: Option<String>, minor: Option<i64>) -> Result<Option<Money>, StoreError> {
    let Some((currency, minor)) = currency.zip(minor) else { return Ok(None) };
    Ok(Some(Money::new(minor, currency.parse().map_err(|error| corrupt(&error))?)))
}

fn read(row: Flat) -> Result<DifferenceRow, StoreError> {
    let moment = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    Ok(DifferenceRow {
        number: row.number,
        at: moment(row.at)?,
        what: Difference {
            kind: row.kind.parse().map_err(|()| corrupt(&row.kind))?,
            about: row.about,
            name: row.name,
            reference: row.reference,
            ours: money(row.ours_currency, row.ours)?,
            theirs: money(row.theirs_currency, row.theirs)?,
            said: row.said,
        },
        rma: row.rma.map(|rma| rma.parse().map_err(|_| corrupt(&rma))).transpose()?,
        order: row.order_key.map(|order| order.parse().map_err(|_| corrupt(&order))).transpose()?,
        report: row.report,
        state: row.state.parse().map_err(|()| corrupt(&row.state))?,
        ended_at: row.ended_at.map(moment).transpose()?,
        who: row.who,
        reason: row.reason,
    })
}

/// Writes a difference down, of a return and an order where that is known. One that is open already is what it is now; one that somebody settled is open
/// again where it is another than it was. Whether it is open now.
pub async fn put_difference(
    conn: &mut Conn<'_>,
    what: &Difference,
    of: (Option<RmaNumber>, Option<&OrderNumber>),
    report: Option<i64>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let known = difference_about(conn, what.kind, &what.about).await?;
    if let Some(known) = known.filter(|known| known.what == *what && known.state == DifferenceState::Settled) {
        // What a report ended and a later one shows again is not settled.
        if !known.who.is_some_and(|who| who.starts_with("report:")) || report.is_none() {
            return Ok(false);
        }
    }
    let number = next_number(conn, "differences").await?;
    execute!(
        conn,
        "INSERT INTO differences (number, at, kind, about, name, reference, rma, order_key, ours_currency, ours, theirs_currency, theirs, said, report,
           state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open')
         ON CONFLICT (kind, about) DO UPDATE SET name = excluded.name, reference = excluded.reference, rma = excluded.rma,
           order_key = excluded.order_key, ours_currency = excluded.ours_currency, ours = excluded.ours, theirs_currency = excluded.theirs_currency,
           theirs = excluded.theirs, said = excluded.said, report = excluded.report, state = 'open', ended_at = NULL, who = NULL, reason = NULL",
        number,
        now.as_millisecond(),
        what.kind.code(),
        &what.about,
        what.name.as_deref(),
        what.reference.as_deref(),
        of.0.map(|rma| rma.to_string()),
        of.1.map(|order| order.as_str()),
        what.ours.map(|money| money.currency.code()),
        what.ours.map(|money| money.minor),
        what.theirs.map(|money| money.currency.code()),
        what.theirs.map(|money| money.minor),
        &what.said,
        report,
    )?;
    Ok(true)
}

/// A difference by its number.
pub async fn find_difference(conn: &mut Conn<'_>, number: i64) -> Result<Option<DifferenceRow>, StoreError> {
    fetch_optional!(conn, Flat, concat!(columns!(), "WHERE number = $1"), number)?.map(read).transpose()
}

/// The difference of a kind that is about that, however it stands.
pub async fn difference_about(conn: &mut Conn<'_>, kind: DifferenceKind, about: &str) -> Result<Option<DifferenceRow>, StoreError> {
    let row = fetch_optional!(conn, Flat, concat!(columns!(), "WHERE kind = $1 AND about = $2"), kind.code(), about)?;
    row.map(read).transpose()
}

/// Differences that are open, the oldest first, after a number.
pub async fn differences_open(conn: &mut Conn<'_>, after: i64, limit: i64) -> Result<Vec<DifferenceRow>, StoreError> {
    let text = concat!(columns!(), "WHERE state = 'open' AND number > $1 ORDER BY number LIMIT $2");
    fetch_all!(conn, Flat, text, after, limit)?.into_iter().map(read).collect()
}

/// Differences that are settled, the youngest first, before a number.
pub async fn differences_settled(conn: &mut Conn<'_>, before: i64, limit: i64) -> Result<Vec<DifferenceRow>, StoreError> {
    let text = concat!(columns!(), "WHERE state = 'settled' AND number < $1 ORDER BY number DESC LIMIT $2");
    fetch_all!(conn, Flat, text, before, limit)?.into_iter().map(read).collect()
}

/// How many are open, as far as [`COUNTED`] and one more.
pub async fn count_differences(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    let text = "SELECT COUNT(*) FROM (SELECT number FROM differences WHERE state = 'open' LIMIT $1) AS open";
    Ok(fetch_optional!(conn, (i64,), text, COUNTED + 1)?.map_or(0, |(count,)| count))
}

/// Whether a payment of an order is disputed.
pub async fn is_disputed(conn: &mut Conn<'_>, order: &OrderNumber) -> Result<bool, StoreError> {
    let text = "SELECT number FROM differences WHERE order_key = $1 AND kind = 'dispute' AND state = 'open' LIMIT 1";
    Ok(fetch_optional!(conn, (i64,), text, order.as_str())?.is_some())
}

/// Settles a difference that is open. Whether it was.
pub async fn settle_difference(
    conn: &mut Conn<'_>,
    number: i64,
    who: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let settled = execute!(
        conn,
        "UPDATE differences SET state = 'settled', ended_at = $2, who = $3, reason = $4 WHERE number = $1 AND state = 'open'",
        number,
        now.as_millisecond(),
        who,
        reason
    )?;
    Ok(settled == 1)
}

/// Settles the difference of a kind that is about that, where there is one and it is open.
pub async fn settle_about(
    conn: &mut Conn<'_>,
    kind: DifferenceKind,
    about: &str,
    who: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        conn,
        "UPDATE differences SET state = 'settled', ended_at = $3, who = $4, reason = $5 WHERE kind = $1 AND about = $2 AND state = 'open'",
        kind.code(),
        about,
        now.as_millisecond(),
        who,
        reason
    )?;
    Ok(())
}

/// Ends differences that reports show and that are about that: a later report agrees. How many there were.
pub async fn end_reported(conn: &mut Conn<'_>, about: &str, report: i64, now: Timestamp) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "UPDATE differences SET state = 'settled', ended_at = $2, who = $3, reason = NULL
         WHERE about = $1 AND state = 'open' AND kind IN ('unknown', 'missing', 'amount', 'currency', 'state', 'twice')",
        about,
        now.as_millisecond(),
        format!("report:{report}")
    )?)
}

/// Writes a report down.
pub async fn insert_report(conn: &mut Conn<'_>, row: &ReportRow) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO reconciliations (number, at, who, name, refunds, first_at, last_at, fit, found, ended)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.number,
        row.at.as_millisecond(),
        &row.who,
        &row.name,
        row.refunds,
        row.within.map(|(first, _)| first),
        row.within.map(|(_, last)| last),
        row.fit,
        row.found,
        row.ended
    )?;
    Ok(())
}

type ReportColumns = (i64, i64, String, String, i64, Option<i64>, Option<i64>, i64, i64, i64);

macro_rules! reports {
    () => {
        "SELECT number, at, who, name, refunds, first_at, last_at, fit, found, ended FROM reconciliations "
    };
}

fn report((number, at, who, name, refunds, first, last, fit, found, ended): ReportColumns) -> Result<ReportRow, StoreError> {
    let at = Timestamp::from_millisecond(at).map_err(|error| corrupt(&error))?;
    Ok(ReportRow { number, at, who, name, refunds, within: first.zip(last), fit, found, ended })
}

/// A report by its number.
pub async fn find_report(conn: &mut Conn<'_>, number: i64) -> Result<Option<ReportRow>, StoreError> {
    fetch_optional!(conn, ReportColumns, concat!(reports!(), "WHERE number = $1"), number)?.map(report).transpose()
}

/// Reports, the youngest first.
pub async fn list_reports(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<ReportRow>, StoreError> {
    let rows = fetch_all!(conn, ReportColumns, concat!(reports!(), "ORDER BY number DESC LIMIT $1"), limit)?;
    rows.into_iter().map(report).collect()
}

type OursColumns = (String, i64, String, i64, String, Option<String>, i64);

macro_rules! ours {
    () => {
        "SELECT payments.rma, payments.payment, payments.currency, payments.amount, payments.state,
           COALESCE(gateway_refunds.reference, payments.reference), payments.started_at
         FROM payments LEFT JOIN gateway_refunds
           ON gateway_refunds.rma = payments.rma AND gateway_refunds.payment = 'p' || CAST(payments.payment AS TEXT) "
    };
}

fn read_ours((rma, payment, currency, amount, state, reference, at): OursColumns) -> Result<Ours, StoreError> {
    Ok(Ours {
        name: format!("{rma}-p{payment}"),
        reference,
        amount: Money::new(amount, currency.parse().map_err(|error| corrupt(&error))?),
        state: state.parse().map_err(|()| corrupt(&state))?,
        at: Timestamp::from_millisecond(at).map_err(|error| corrupt(&error))?,
    })
}

/// What gateways were asked to give back from one moment to another (epoch milliseconds), both included; at most so many.
pub async fn refunds_within(conn: &mut Conn<'_>, first: i64, last: i64, limit: i64) -> Result<Vec<Ours>, StoreError> {
    let text = concat!(ours!(), "WHERE way = 'gateway' AND started_at >= $1 AND started_at <= $2 ORDER BY started_at LIMIT $3");
    fetch_all!(conn, OursColumns, text, first, last, limit)?.into_iter().map(read_ours).collect()
}

/// What a gateway was asked to give back, by our name for it.
pub async fn refund_of_name(conn: &mut Conn<'_>, rma: RmaNumber, payment: i64) -> Result<Option<Ours>, StoreError> {
    let text = concat!(ours!(), "WHERE way = 'gateway' AND payments.rma = $1 AND payments.payment = $2");
    fetch_optional!(conn, OursColumns, text, rma.to_string(), payment)?.map(read_ours).transpose()
}

/// What a gateway was asked to give back, by its name for it: our name.
pub async fn name_of_refund(conn: &mut Conn<'_>, reference: &str) -> Result<Option<String>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT id FROM gateway_refunds WHERE reference = $1 LIMIT 1", reference)?;
    Ok(row.map(|(name,)| name))
}

/// The order whose money that one of ours was.
pub async fn order_of_payment(conn: &mut Conn<'_>, rma: RmaNumber, payment: i64) -> Result<Option<OrderNumber>, StoreError> {
    let row = fetch_optional!(conn, (String,), "SELECT order_key FROM payments WHERE rma = $1 AND payment = $2", rma.to_string(), payment)?;
    row.map(|(order,)| order.parse().map_err(|error| corrupt(&error))).transpose()
}

/// The order that was paid so, with the payment's name; nothing where none was, or several were.
pub async fn order_paid_by(conn: &mut Conn<'_>, payments: &[String]) -> Result<Option<(OrderNumber, String)>, StoreError> {
    for payment in payments {
        let rows = fetch_all!(conn, (String,), "SELECT order_key FROM order_payments WHERE payment = $1 LIMIT 2", payment)?;
        if let [(order,)] = rows.as_slice() {
            return Ok(Some((order.parse().map_err(|error| corrupt(&error))?, payment.clone())));
        }
    }
    Ok(None)
}

/// Books money that somebody else gave back. Whether it is new.
pub async fn put_outside_refund(conn: &mut Conn<'_>, refund: &OutsideRefund) -> Result<bool, StoreError> {
    let written = execute!(
        conn,
        "INSERT INTO outside_refunds (reference, order_key, payment, amount, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (reference) DO NOTHING",
        &refund.reference,
        refund.order.as_str(),
        &refund.payment,
        refund.amount,
        refund.at.as_millisecond()
    )?;
    Ok(written == 1)
}

/// Takes it out again: it did not leave. Of which order it was.
pub async fn drop_outside_refund(conn: &mut Conn<'_>, reference: &str) -> Result<Option<String>, StoreError> {
    let row = fetch_optional!(conn, (String,), "DELETE FROM outside_refunds WHERE reference = $1 RETURNING order_key", reference)?;
    Ok(row.map(|(order,)| order))
}

/// Whether that is booked as given by somebody else.
pub async fn is_outside_refund(conn: &mut Conn<'_>, reference: &str) -> Result<bool, StoreError> {
    let text = "SELECT order_key FROM outside_refunds WHERE reference = $1";
    Ok(fetch_optional!(conn, (String,), text, reference)?.is_some())
}
