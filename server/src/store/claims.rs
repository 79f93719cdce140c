//! Claims against suppliers and carriers, and what was done with each (P27).

use domain::claim::{Against, ClaimGround, ClaimState, ClaimStep};
use domain::ids::OrderNumber;
use domain::money::{Currency, Money};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;

use super::conn::{execute, fetch_all, fetch_optional, flat};
use super::{COUNTED, Conn, StoreError};

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRow {
    /// Its place in their row, from 1.
    pub number: i64,
    pub opened_at: Timestamp,
    /// The account, or `key:` and the key's name, of who opened it.
    pub who: String,
    pub party: String,
    /// It says against whom it is.
    pub ground: ClaimGround,
    pub state: ClaimState,
    pub rma: Option<RmaNumber>,
    /// The parcel's number.
    pub tracking: Option<String>,
    pub order: Option<OrderNumber>,
    /// The batch by which the goods went back.
    pub batch: Option<i64>,
    pub expected: Option<Money>,
    /// The last day for it.
    pub due: Option<Date>,
    pub filed_at: Option<Timestamp>,
    /// Their name for it.
    pub reference: Option<String>,
    /// What they paid.
    pub settled: Option<Money>,
    pub settled_at: Option<Timestamp>,
    /// For colleagues.
    pub note: Option<String>,
    /// How often it was changed, from 1.
    pub version: i64,
}

/// Something that was done with a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimStepRow {
    pub at: Timestamp,
    /// The account, or `key:` and the key's name.
    pub who: String,
    pub step: ClaimStep,
    /// Their name for it, what they paid, or why.
    pub said: Option<String>,
}

/// Which claims are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClaimsIn {
    /// Those that are not at their end.
    #[default]
    Going,
    State(ClaimState),
    All,
}

/// Which claims to list, and after which: by their day, those without one last, then by their number.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClaimsWanted {
    pub against: Option<Against>,
    pub of: ClaimsIn,
    /// After the claim of that day and number.
    pub after: Option<(Option<Date>, i64)>,
    pub limit: i64,
}

fn corrupt(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::corrupt("claim", error)
}

fn epoch() -> Date {
    Date::constant(1970, 1, 1)
}

/// Days since 1970-01-01.
fn day_number(day: Date) -> i64 {
    day.duration_since(epoch()).as_hours() / 24
}

fn day_of(number: i64) -> Result<Date, StoreError> {
    let span = jiff::Span::new().try_days(number).map_err(|error| corrupt(&error))?;
    epoch().checked_add(span).map_err(|error| corrupt(&error))
}

flat!(Flat {
    number: i64,
    opened_at: i64,
    who: String,
    party: String,
    ground: String,
    state: String,
    rma: Option<String>,
    tracking: Option<String>,
    order_key: Option<String>,
    batch: Option<i64>,
    currency: Option<String>,
    expected: Option<i64>,
    due: Option<i64>,
    filed_at: Option<i64>,
    reference: Option<String>,
    settled: Option<i64>,
    settled_at: Option<i64>,
    note: Option<String>,
    version: i64,
});

macro_rules! columns {
    () => {
        "SELECT number, opened_at, who, party, ground, state, rma, tracking, order_key, batch, currency, expected, due, filed_at, reference, settled,
           settled_at, note, version FROM claims "
    };
}

fn read(row: Flat) -> Result<ClaimRow, StoreError> {
    let moment = |at| Timestamp::from_millisecond(at).map_err(|error| corrupt(&error));
    let currency = row.currency.map(|currency| currency.parse::<Currency>().map_err(|error| corrupt(&error))).transpose()?;
    let money = |minor: Option<i64>| currency.zip(minor).map(|(currency, minor)| Money::new(minor, currency));
    Ok(ClaimRow {
        number: row.number,
        opened_at: moment(row.opened_at)?,
        who: row.who,
        party: row.party,
        ground: row.ground.parse().map_err(|()| corrupt(&row.ground))?,
        state: row.state.parse().map_err(|()| corrupt(&row.state))?,
        rma: row.rma.map(|rma| rma.parse().map_err(|_| corrupt(&rma))).transpose()?,
        tracking: row.tracking,
        order: row.order_key.map(|order| order.parse().map_err(|_| corrupt(&order))).transpose()?,
        batch: row.batch,
        expected: money(row.expected),
        due: row.due.map(day_of).transpose()?,
        filed_at: row.filed_at.map(moment).transpose()?,
        reference: row.reference,
        settled: money(row.settled),
        settled_at: row.settled_at.map(moment).transpose()?,
        note: row.note,
        version: row.version,
    })
}

/// Writes a new claim. Whether it did: of a batch there is one.
pub async fn insert_claim(conn: &mut Conn<'_>, row: &ClaimRow) -> Result<bool, StoreError> {
    let inserted = execute!(
        conn,
        "INSERT INTO claims (number, opened_at, who, against, party, ground, state, rma, tracking, order_key, batch, currency, expected, due, note,
           version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT DO NOTHING",
        row.number,
        row.opened_at.as_millisecond(),
        &row.who,
        row.ground.against().code(),
        &row.party,
        row.ground.code(),
        row.state.code(),
        row.rma.map(|rma| rma.to_string()),
        row.tracking.as_deref(),
        row.order.as_ref().map(|order| order.as_str()),
        row.batch,
        row.expected.map(|money| money.currency.code()),
        row.expected.map(|money| money.minor),
        row.due.map(day_number),
        row.note.as_deref(),
        row.version
    )?;
    Ok(inserted == 1)
}

/// Writes what a step changed of a claim, only where it stands as it did at the version before. Whether it does.
pub async fn update_claim(conn: &mut Conn<'_>, row: &ClaimRow) -> Result<bool, StoreError> {
    let currency = row.expected.or(row.settled).map(|money| money.currency.code());
    let changed = execute!(
        conn,
        "UPDATE claims SET state = $2, filed_at = $3, reference = $4, currency = $5, settled = $6, settled_at = $7, version = $8
         WHERE number = $1 AND version = $8 - 1",
        row.number,
        row.state.code(),
        row.filed_at.map(Timestamp::as_millisecond),
        row.reference.as_deref(),
        currency,
        row.settled.map(|money| money.minor),
        row.settled_at.map(Timestamp::as_millisecond),
        row.version
    )?;
    Ok(changed == 1)
}

/// Writes down what was done with a claim, behind what was done before. `version`: the claim's after it.
pub async fn insert_claim_step(conn: &mut Conn<'_>, claim: i64, version: i64, row: &ClaimStepRow) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO claim_steps (claim, nth, at, who, step, said) VALUES ($1, $2, $3, $4, $5, $6)",
        claim,
        version,
        row.at.as_millisecond(),
        &row.who,
        row.step.code(),
        row.said.as_deref()
    )?;
    Ok(())
}

pub async fn claim_steps(conn: &mut Conn<'_>, claim: i64) -> Result<Vec<ClaimStepRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        (i64, String, String, Option<String>),
        "SELECT at, who, step, said FROM claim_steps WHERE claim = $1 ORDER BY nth",
        claim
    )?;
    let row = |(at, who, step, said): (i64, String, String, Option<String>)| {
        let at = Timestamp::from_millisecond(at).map_err(|error| corrupt(&error))?;
        Ok(ClaimStepRow { at, who, step: step.parse().map_err(|()| corrupt(&step))?, said })
    };
    rows.into_iter().map(row).collect()
}

/// A claim by its number.
pub async fn find_claim(conn: &mut Conn<'_>, number: i64) -> Result<Option<ClaimRow>, StoreError> {
    fetch_optional!(conn, Flat, concat!(columns!(), "WHERE number = $1"), number)?.map(read).transpose()
}

/// The claim of a batch of goods that went back.
pub async fn claim_of_batch(conn: &mut Conn<'_>, batch: i64) -> Result<Option<ClaimRow>, StoreError> {
    fetch_optional!(conn, Flat, concat!(columns!(), "WHERE batch = $1"), batch)?.map(read).transpose()
}

/// Claims about a return, the oldest first.
pub async fn claims_of_return(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<ClaimRow>, StoreError> {
    let rows = fetch_all!(conn, Flat, concat!(columns!(), "WHERE rma = $1 ORDER BY number"), rma.to_string())?;
    rows.into_iter().map(read).collect()
}

/// Claims, those whose day is first before the rest.
pub async fn list_claims(conn: &mut Conn<'_>, wanted: &ClaimsWanted) -> Result<Vec<ClaimRow>, StoreError> {
    let (due, number) = match wanted.after {
        None => (Some(i64::MIN), i64::MIN),
        Some((due, number)) => (due.map(day_number), number),
    };
    let against = wanted.against.map(Against::code);
    // What stands before the rest of each text is what an index is of.
    macro_rules! behind {
        () => {
            "($1 IS NULL OR against = $1)
               AND (due > $2 OR (due = $2 AND number > $3) OR (due IS NULL AND ($2 IS NOT NULL OR number > $3)))
             ORDER BY due NULLS LAST, number LIMIT $4"
        };
    }
    let rows = match wanted.of {
        ClaimsIn::Going => {
            let text = concat!(columns!(), "WHERE state NOT IN ('settled', 'dropped') AND ", behind!());
            fetch_all!(conn, Flat, text, against, due, number, wanted.limit)?
        }
        ClaimsIn::State(state) => {
            let text = concat!(columns!(), "WHERE state = $5 AND ", behind!());
            fetch_all!(conn, Flat, text, against, due, number, wanted.limit, state.code())?
        }
        ClaimsIn::All => {
            let text = concat!(columns!(), "WHERE ", behind!());
            fetch_all!(conn, Flat, text, against, due, number, wanted.limit)?
        }
    };
    rows.into_iter().map(read).collect()
}

/// How many claims are still to be filed, and how many of them by a day that is over, each as far as [`COUNTED`] and one more.
pub async fn count_claims(conn: &mut Conn<'_>, today: Date) -> Result<(i64, i64), StoreError> {
    let counted = fetch_optional!(
        conn,
        (i64, i64),
        "SELECT COUNT(*), COUNT(*) FILTER (WHERE due < $1) FROM (SELECT due FROM claims WHERE state = 'open' ORDER BY due, number LIMIT $2) AS waiting",
        day_number(today),
        COUNTED + 1
    )?;
    Ok(counted.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_and_read() {
        for (day, number) in [("1970-01-01", 0), ("1969-12-31", -1), ("2026-11-27", 20_784), ("9999-12-31", 2_932_896)] {
            let day: Date = day.parse().unwrap();
            assert_eq!((day_number(day), day_of(number).unwrap()), (number, day));
        }
        assert!(day_of(i64::MAX).is_err());
    }
}
