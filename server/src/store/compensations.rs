//! What customers were given on top because the shop or the carrier was at fault: the gifts, the goods they were given for, and what a customer got in a month.
//! Long because a gift has many columns, and each of its ends a text of its own.

use domain::compensation::{CouponCode, GiftKind, GiftSaid, GiftState};
use domain::money::{Currency, Money};
use domain::reason::Fault;
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::conn::{execute, fetch_all, fetch_optional, flat};
use super::{Conn, StoreError};

/// A gift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompensationRow {
    /// A UUID; in the order of time.
    pub id: String,
    /// What one firing of a rule gave has it in common.
    pub firing: String,
    pub rma: RmaNumber,
    /// Of the order it was given for.
    pub order: String,
    /// Whose it is, as their ledgers are found.
    pub holder: String,
    /// Version of the policy.
    pub policy: i64,
    pub rule: String,
    /// It was given before anybody looked.
    pub at_approval: bool,
    /// `merchant`, `carrier`.
    pub fault: String,
    pub reason: String,
    pub kind: GiftKind,
    /// Hundredths of a percent, minor units, or points.
    pub value: i64,
    pub currency: Currency,
    /// Minor units, as far as it is known.
    pub worth: i64,
    /// The most that a share comes to.
    pub up_to: Option<i64>,
    /// The least that is bought with it.
    pub minimum: Option<i64>,
    /// Whoever has the code may use it.
    pub transferable: bool,
    /// How long it is good for.
    pub days: i64,
    pub code: Option<CouponCode>,
    pub state: GiftState,
    /// The month it is counted in: `2026-11`.
    pub month: String,
    /// It is the one of its firing that is counted.
    pub counted: bool,
    pub at: Timestamp,
    pub given_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// The customer was told of it.
    pub told_at: Option<Timestamp>,
    /// When it was used, was over or was taken back.
    pub ended_at: Option<Timestamp>,
    /// Who said yes or no.
    pub decided_by: Option<String>,
    /// The number of the order it was used on.
    pub used_on: Option<String>,
    /// What it took off there, minor units.
    pub used: Option<i64>,
}

impl CompensationRow {
    /// What it is, and how much.
    pub fn said(&self) -> GiftSaid {
        GiftSaid { kind: self.kind, value: self.value, currency: self.currency, up_to: self.up_to }
    }

    /// Whose fault it was given for.
    pub fn fault(&self) -> Fault {
        if self.fault == Fault::Carrier.to_string() { Fault::Carrier } else { Fault::Merchant }
    }
}

/// Goods that something was given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseRow {
    pub rma: RmaNumber,
    /// As the return names it: `1.1`.
    pub lot: String,
    pub firing: String,
    pub order: String,
    pub line: String,
    pub fault: String,
    pub units: i64,
}

/// A use of a coupon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouponUse {
    /// Number of the order.
    pub order: String,
    pub amount: Money,
    pub at: Timestamp,
    pub released_at: Option<Timestamp>,
}

/// What rules gave and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftFigures {
    pub rule: String,
    pub kind: GiftKind,
    pub currency: Currency,
    pub given: i64,
    /// What they were worth, as far as that is known; minor units.
    pub worth: i64,
    pub redeemed: i64,
    /// What was taken off; minor units.
    pub taken_off: i64,
    pub withdrawn: i64,
    pub expired: i64,
    /// Of how many the customer ordered again afterwards.
    pub bought_again: i64,
}

fn corrupt(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::corrupt("compensation", error)
}

flat!(Flat {
    id: String,
    firing: String,
    rma: String,
    order_key: String,
    holder: String,
    policy: i64,
    rule: String,
    given_on: String,
    fault: String,
    reason: String,
    kind: String,
    value: i64,
    currency: String,
    worth: i64,
    up_to: Option<i64>,
    minimum: Option<i64>,
    transferable: i64,
    days: i64,
    code: Option<String>,
    state: String,
    month: String,
    months: i64,
    at: i64,
    given_at: Option<i64>,
    expires_at: Option<i64>,
    told_at: Option<i64>,
    ended_at: Option<i64>,
    decided_by: Option<String>,
    used_on: Option<String>,
    used: Option<i64>,
});

macro_rules! columns {
    () => {
        "SELECT id, firing, rma, order_key, holder, policy, rule, given_on, fault, reason, kind, value, currency, worth, up_to, minimum, transferable,
           days, code, state, month, months, at, given_at, expires_at, told_at, ended_at, decided_by, used_on, used FROM compensations "
    };
}

const AT_APPROVAL: &str = "approval";
const AT_INSPECTION: &str = "inspection";

fn read(row: Flat) -> Result<CompensationRow, StoreError> {
    let moment = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    Ok(CompensationRow {
        rma: row.rma.parse().map_err(|error| corrupt(&error))?,
        kind: row.kind.parse().map_err(|()| corrupt(&row.kind))?,
        state: row.state.parse().map_err(|()| corrupt(&row.state))?,
        currency: row.currency.parse().map_err(|error| corrupt(&error))?,
        code: row.code.map(|code| code.parse().map_err(|error| corrupt(&error))).transpose()?,
        at: moment(row.at)?,
        given_at: row.given_at.map(moment).transpose()?,
        expires_at: row.expires_at.map(moment).transpose()?,
        told_at: row.told_at.map(moment).transpose()?,
        ended_at: row.ended_at.map(moment).transpose()?,
        id: row.id,
        firing: row.firing,
        order: row.order_key,
        holder: row.holder,
        policy: row.policy,
        rule: row.rule,
        at_approval: row.given_on == AT_APPROVAL,
        fault: row.fault,
        reason: row.reason,
        value: row.value,
        worth: row.worth,
        up_to: row.up_to,
        minimum: row.minimum,
        transferable: row.transferable != 0,
        days: row.days,
        month: row.month,
        counted: row.months != 0,
        decided_by: row.decided_by,
        used_on: row.used_on,
        used: row.used,
    })
}

/// Writes a new gift.
pub async fn insert_compensation(conn: &mut Conn<'_>, row: &CompensationRow) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO compensations (id, firing, rma, order_key, holder, policy, rule, given_on, fault, reason, kind, value, currency, worth, up_to,
           minimum, transferable, days, code, state, month, months, at, given_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
        &row.id,
        &row.firing,
        row.rma.to_string(),
        &row.order,
        &row.holder,
        row.policy,
        &row.rule,
        if row.at_approval { AT_APPROVAL } else { AT_INSPECTION },
        &row.fault,
        &row.reason,
        row.kind.code(),
        row.value,
        row.currency.code(),
        row.worth,
        row.up_to,
        row.minimum,
        i64::from(row.transferable),
        row.days,
        row.code.map(|code| code.to_string()),
        row.state.code(),
        &row.month,
        i64::from(row.counted),
        row.at.as_millisecond(),
        row.given_at.map(Timestamp::as_millisecond),
        row.expires_at.map(Timestamp::as_millisecond)
    )?;
    Ok(())
}

/// All that was given in a return, the oldest first.
pub async fn compensations_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<CompensationRow>, StoreError> {
    let rows = fetch_all!(conn, Flat, concat!(columns!(), "WHERE rma = $1 ORDER BY id"), rma.to_string())?;
    rows.into_iter().map(read).collect()
}

/// A gift by its id.
pub async fn find_compensation(conn: &mut Conn<'_>, id: &str) -> Result<Option<CompensationRow>, StoreError> {
    fetch_optional!(conn, Flat, concat!(columns!(), "WHERE id = $1"), id)?.map(read).transpose()
}

/// A coupon by its code.
pub async fn find_coupon(conn: &mut Conn<'_>, code: CouponCode) -> Result<Option<CompensationRow>, StoreError> {
    fetch_optional!(conn, Flat, concat!(columns!(), "WHERE code = $1"), code.to_string())?.map(read).transpose()
}

/// What a holder was given, the newest first.
pub async fn compensations_of_holder(conn: &mut Conn<'_>, holder: &str, most: i64) -> Result<Vec<CompensationRow>, StoreError> {
    let text = concat!(columns!(), "WHERE holder = $1 ORDER BY id DESC LIMIT $2");
    fetch_all!(conn, Flat, text, holder, most)?.into_iter().map(read).collect()
}

/// What waits for a person, the oldest first.
pub async fn compensations_waiting(conn: &mut Conn<'_>, most: i64) -> Result<Vec<CompensationRow>, StoreError> {
    let text = concat!(columns!(), "WHERE state = 'waiting' ORDER BY at, id LIMIT $1");
    fetch_all!(conn, Flat, text, most)?.into_iter().map(read).collect()
}

/// How much waits for a person, as far as `most`.
pub async fn count_compensations_waiting(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    let text = "SELECT COUNT(*) FROM (SELECT 1 FROM compensations WHERE state = 'waiting' LIMIT $1) AS waiting";
    Ok(fetch_optional!(conn, (i64,), text, most)?.map_or(0, |(count,)| count))
}

/// Gifts that were given, the newest first, from before one of them.
pub async fn compensations_given(conn: &mut Conn<'_>, before: Option<(i64, &str)>, most: i64) -> Result<Vec<CompensationRow>, StoreError> {
    let (at, id) = before.unwrap_or((i64::MAX, ""));
    let text = concat!(
        columns!(),
        "WHERE given_at IS NOT NULL AND (given_at < $1 OR (given_at = $1 AND id < $2)) ORDER BY given_at DESC, id DESC LIMIT $3"
    );
    fetch_all!(conn, Flat, text, at, id, most)?.into_iter().map(read).collect()
}

/// Coupons whose time is over at that moment (epoch milliseconds), the longest over first.
pub async fn coupons_over(conn: &mut Conn<'_>, now: i64, most: i64) -> Result<Vec<CompensationRow>, StoreError> {
    let text = concat!(columns!(), "WHERE state = 'given' AND code IS NOT NULL AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2");
    fetch_all!(conn, Flat, text, now, most)?.into_iter().map(read).collect()
}

/// Coupons that end by that moment (epoch milliseconds), and of which nobody was reminded.
pub async fn coupons_to_remind(conn: &mut Conn<'_>, by: i64, most: i64) -> Result<Vec<String>, StoreError> {
    let text = "SELECT id FROM compensations
        WHERE state = 'given' AND code IS NOT NULL AND expires_at <= $1 AND reminded_at IS NULL ORDER BY expires_at, id LIMIT $2";
    Ok(fetch_all!(conn, (String,), text, by, most)?.into_iter().map(|(id,)| id).collect())
}

/// Notes that the holder was reminded; false: somebody noted it before.
pub async fn note_coupon_reminded(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE compensations SET reminded_at = $2 WHERE id = $1 AND reminded_at IS NULL", id, now)? == 1)
}

/// Notes that the customer was told.
pub async fn note_compensation_told(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE compensations SET told_at = $2 WHERE id = $1 AND told_at IS NULL", id, now)?;
    Ok(())
}

/// A gift that waited is given, by whoever said yes. Whether it waited still.
pub async fn give_compensation(conn: &mut Conn<'_>, row: &CompensationRow) -> Result<bool, StoreError> {
    let given = execute!(
        conn,
        "UPDATE compensations SET state = 'given', code = $2, given_at = $3, expires_at = $4, decided_by = $5 WHERE id = $1 AND state = 'waiting'",
        &row.id,
        row.code.map(|code| code.to_string()),
        row.given_at.map(Timestamp::as_millisecond),
        row.expires_at.map(Timestamp::as_millisecond),
        row.decided_by.as_deref()
    )?;
    Ok(given == 1)
}

/// Ends a gift that stands so. Whether it did. `by`: who said no.
pub async fn end_compensation(
    conn: &mut Conn<'_>,
    id: &str,
    from: GiftState,
    to: GiftState,
    now: i64,
    by: Option<&str>,
) -> Result<bool, StoreError> {
    let text = "UPDATE compensations SET state = $3, ended_at = $4, decided_by = COALESCE($5, decided_by) WHERE id = $1 AND state = $2";
    Ok(execute!(conn, text, id, from.code(), to.code(), now, by)? == 1)
}

/// Uses a coupon that is given and not over; whoever does so at the same moment, one does. Whether it was this one.
pub async fn redeem_coupon(conn: &mut Conn<'_>, id: &str, used: &CouponUse) -> Result<bool, StoreError> {
    let redeemed = execute!(
        conn,
        "UPDATE compensations SET state = 'redeemed', ended_at = $2, used_on = $3, used = $4
         WHERE id = $1 AND state = 'given' AND (expires_at IS NULL OR expires_at > $2)",
        id,
        used.at.as_millisecond(),
        &used.order,
        used.amount.minor
    )?;
    if redeemed == 1 {
        execute!(
            conn,
            "INSERT INTO coupon_uses (compensation, nth, order_number, amount, currency, at)
             SELECT $1, COUNT(*) + 1, $2, $3, $4, $5 FROM coupon_uses WHERE compensation = $1",
            id,
            &used.order,
            used.amount.minor,
            used.amount.currency.code(),
            used.at.as_millisecond()
        )?;
    }
    Ok(redeemed == 1)
}

/// Gives a coupon free that was used on that order. Whether it was.
pub async fn release_coupon(conn: &mut Conn<'_>, id: &str, order: &str, now: i64) -> Result<bool, StoreError> {
    let released = execute!(
        conn,
        "UPDATE compensations SET state = 'given', ended_at = NULL, used_on = NULL, used = NULL WHERE id = $1 AND state = 'redeemed' AND used_on = $2",
        id,
        order
    )?;
    if released == 1 {
        execute!(conn, "UPDATE coupon_uses SET released_at = $2 WHERE compensation = $1 AND released_at IS NULL", id, now)?;
    }
    Ok(released == 1)
}

/// Uses of a coupon, the oldest first.
pub async fn coupon_uses(conn: &mut Conn<'_>, id: &str) -> Result<Vec<CouponUse>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, i64, String, i64, Option<i64>),
        "SELECT order_number, amount, currency, at, released_at FROM coupon_uses WHERE compensation = $1 ORDER BY nth",
        id
    )?;
    let moment = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    let row = |(order, amount, currency, at, released): (String, i64, String, i64, Option<i64>)| {
        let currency: Currency = currency.parse().map_err(|error| corrupt(&error))?;
        let released_at = released.map(moment).transpose()?;
        Ok(CouponUse { order, amount: Money::new(amount, currency), at: moment(at)?, released_at })
    };
    rows.into_iter().map(row).collect()
}

/// For which goods something was given in a return.
pub async fn causes_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<CauseRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, String, String, String, i64),
        "SELECT lot, firing, order_key, line, fault, units FROM compensation_causes WHERE rma = $1 ORDER BY lot",
        rma.to_string()
    )?;
    Ok(rows.into_iter().map(|(lot, firing, order, line, fault, units)| CauseRow { rma, lot, firing, order, line, fault, units }).collect())
}

/// Units of a line of an order for which something stands that was given for a fault.
pub async fn units_compensated(conn: &mut Conn<'_>, order: &str, line: &str, fault: &str) -> Result<i64, StoreError> {
    let text = "SELECT CAST(COALESCE(SUM(units), 0) AS BIGINT) FROM compensation_causes WHERE order_key = $1 AND line = $2 AND fault = $3";
    Ok(fetch_optional!(conn, (i64,), text, order, line, fault)?.map_or(0, |(units,)| units))
}

/// Notes that something is given for goods. False: it was before.
pub async fn put_cause(conn: &mut Conn<'_>, row: &CauseRow) -> Result<bool, StoreError> {
    let put = execute!(
        conn,
        "INSERT INTO compensation_causes (rma, lot, firing, order_key, line, fault, units) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (rma, lot) DO NOTHING",
        row.rma.to_string(),
        &row.lot,
        &row.firing,
        &row.order,
        &row.line,
        &row.fault,
        row.units
    )?;
    Ok(put == 1)
}

/// All of a firing was taken back: something may be given for its goods again.
pub async fn forget_causes(conn: &mut Conn<'_>, rma: RmaNumber, firing: &str) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM compensation_causes WHERE rma = $1 AND firing = $2", rma.to_string(), firing)?;
    Ok(())
}

/// How often a customer got something in a month, and how much in a currency, in minor units. Nobody else counts there before this transaction is over.
pub async fn lock_month(conn: &mut Conn<'_>, holder: &str, month: &str, currency: Currency) -> Result<(i64, i64), StoreError> {
    for of in ["", currency.code()] {
        execute!(
            conn,
            "INSERT INTO compensation_months (holder, month, currency, amount) VALUES ($1, $2, $3, 0)
             ON CONFLICT (holder, month, currency) DO UPDATE SET amount = compensation_months.amount",
            holder,
            month,
            of
        )?;
    }
    let text = "SELECT currency, amount FROM compensation_months WHERE holder = $1 AND month = $2 AND currency IN ('', $3)";
    let rows = fetch_all!(conn, (String, i64), text, holder, month, currency.code())?;
    let of = |wanted: &str| rows.iter().find(|(currency, _)| currency == wanted).map_or(0, |(_, amount)| *amount);
    Ok((of(""), of(currency.code())))
}

/// Counts what somebody got in a month, or, with less than nothing, what was taken back.
pub async fn count_in_month(conn: &mut Conn<'_>, holder: &str, month: &str, often: i64, worth: Money) -> Result<(), StoreError> {
    for (of, more) in [("", often), (worth.currency.code(), worth.minor)] {
        // What a customer's older name had is counted there.
        execute!(
            conn,
            "UPDATE compensation_months SET amount = CASE WHEN amount + $4 < 0 THEN 0 ELSE amount + $4 END
             WHERE holder = $1 AND month = $2 AND currency = $3",
            holder,
            month,
            of,
            more
        )?;
    }
    Ok(())
}

/// What was given between two moments (epoch milliseconds), by rule, kind and currency, and what came of it.
pub async fn gift_figures(conn: &mut Conn<'_>, from: i64, until: i64, most: i64) -> Result<Vec<GiftFigures>, StoreError> {
    type Columns = (String, String, String, i64, i64, i64, i64, i64, i64, i64);
    let rows = fetch_all!(
        conn,
        Columns,
        "SELECT rule, kind, currency, COUNT(*), CAST(SUM(worth) AS BIGINT), CAST(SUM(CASE WHEN state = 'redeemed' THEN 1 ELSE 0 END) AS BIGINT),
           CAST(SUM(COALESCE(used, 0)) AS BIGINT), CAST(SUM(CASE WHEN state = 'withdrawn' THEN 1 ELSE 0 END) AS BIGINT),
           CAST(SUM(CASE WHEN state = 'expired' THEN 1 ELSE 0 END) AS BIGINT),
           CAST(SUM(CASE WHEN EXISTS (SELECT 1 FROM orders WHERE orders.customer_ref = gifts.holder AND orders.placed_at > gifts.given_at)
             OR EXISTS (SELECT 1 FROM orders WHERE orders.email_key = gifts.holder AND orders.placed_at > gifts.given_at) THEN 1 ELSE 0 END) AS BIGINT)
         FROM (SELECT * FROM compensations WHERE given_at >= $1 AND given_at < $2) AS gifts
         GROUP BY rule, kind, currency ORDER BY rule, kind, currency LIMIT $3",
        from,
        until,
        most
    )?;
    let row = |(rule, kind, currency, given, worth, redeemed, taken_off, withdrawn, expired, bought_again): Columns| {
        Ok(GiftFigures {
            rule,
            kind: kind.parse().map_err(|()| corrupt(&kind))?,
            currency: currency.parse().map_err(|error| corrupt(&error))?,
            given,
            worth,
            redeemed,
            taken_off,
            withdrawn,
            expired,
            bought_again,
        })
    };
    rows.into_iter().map(row).collect()
}
