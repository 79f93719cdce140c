//! What is done with goods that lie apart, many at once; how many may lie so; and all of what lies apart.
//! Long because the feed and the limits stand beside the batches that they are read with.

use domain::claim::ClaimGround;
use domain::money::{Currency, Money};
use domain::returns::{BatchKind, LotNo, NotTaken, StockState};
use domain::rma::RmaNumber;
use domain::scrap::ScrapGround;

use super::conn::{execute, fetch_all, fetch_optional};
use super::counters::next_number;
use super::{Conn, StockEntry, StoreError};

/// Something that is done with goods that lie apart. Times are epoch milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    pub number: i64,
    pub at: i64,
    /// The account, or `key:` and the key's name, of who planned it.
    pub who: String,
    pub kind: BatchKind,
    pub warehouse: String,
    /// How they lie.
    pub state: StockState,
    /// Of this product alone.
    pub sku: Option<String>,
    /// Only what lies so since before.
    pub before: Option<i64>,
    /// Of a markdown: taken off the price.
    pub percent: Option<u32>,
    pub ground: Option<ScrapGround>,
    /// Of goods that go back to a vendor.
    pub vendor: Option<VendorReturn>,
    pub reason: String,
    /// Nothing while it is only planned.
    pub began_at: Option<i64>,
}

/// To whom goods go back, and what is asked of them for it (P27).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorReturn {
    pub supplier: String,
    /// One of those against suppliers.
    pub ground: ClaimGround,
    /// The credit that is expected, where it is known.
    pub expected: Option<Money>,
}

/// How units of a batch stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LotInBatch {
    Fits,
    Refused(NotTaken),
    Done,
    Failed(NotTaken),
}

/// Units of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLot {
    pub rma: RmaNumber,
    pub lot: LotNo,
    pub sku: String,
    pub units: u32,
    pub state: LotInBatch,
}

/// So many units lie so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRow {
    pub warehouse: String,
    pub sku: String,
    pub state: StockState,
    pub units: i64,
    /// Of what is for sale for less: so much was taken off last, in percent.
    pub percent: Option<u32>,
}

/// How many units may lie so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Of every warehouse where nothing is named.
    pub warehouse: Option<String>,
    /// Of every product where nothing is named.
    pub sku: Option<String>,
    pub state: StockState,
    /// From so many on somebody is told.
    pub units: i64,
    /// How many do now.
    pub lie: i64,
}

fn corrupt(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::corrupt("stock_batches", error)
}

/// Plans a batch, with the units it is of.
pub async fn insert_batch(conn: &mut Conn<'_>, row: &BatchRow, lots: &[BatchLot]) -> Result<(), StoreError> {
    let expected = row.vendor.as_ref().and_then(|vendor| vendor.expected);
    execute!(
        conn,
        "INSERT INTO stock_batches (number, at, who, kind, warehouse, state, sku, before, percent, ground, reason, supplier, claim_ground, currency,
           expected)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        row.number,
        row.at,
        &row.who,
        row.kind.code(),
        &row.warehouse,
        row.state.code(),
        row.sku.as_deref(),
        row.before,
        row.percent.map(i64::from),
        row.ground.map(ScrapGround::code),
        &row.reason,
        row.vendor.as_ref().map(|vendor| vendor.supplier.clone()),
        row.vendor.as_ref().map(|vendor| vendor.ground.code()),
        expected.map(|money| money.currency.code()),
        expected.map(|money| money.minor)
    )?;
    for (nth, lot) in (0_i64..).zip(lots) {
        let (state, why) = written(lot.state);
        execute!(
            conn,
            "INSERT INTO stock_batch_lots (batch, nth, rma, lot, sku, units, state, why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            row.number,
            nth,
            lot.rma.to_string(),
            lot.lot.to_string(),
            &lot.sku,
            i64::from(lot.units),
            state,
            why
        )?;
    }
    Ok(())
}

fn written(state: LotInBatch) -> (&'static str, Option<&'static str>) {
    match state {
        LotInBatch::Fits => ("fits", None),
        LotInBatch::Refused(why) => ("refused", Some(why.code())),
        LotInBatch::Done => ("done", None),
        LotInBatch::Failed(why) => ("failed", Some(why.code())),
    }
}

type Text = Option<String>;
type Columns =
    (i64, i64, String, String, String, String, Text, Option<i64>, Option<i64>, Text, String, Option<i64>, Text, Text, Text, Option<i64>);

macro_rules! columns {
    () => {
        "SELECT number, at, who, kind, warehouse, state, sku, before, percent, ground, reason, began_at, supplier, claim_ground, currency, expected
         FROM stock_batches "
    };
}

fn read(
    (number, at, who, kind, warehouse, state, sku, before, percent, ground, reason, began_at, supplier, claim_ground, currency, expected): Columns,
) -> Result<BatchRow, StoreError> {
    let vendor = supplier.zip(claim_ground).map(|(supplier, ground)| {
        let expected = currency.zip(expected).map(|(currency, minor)| {
            let currency = currency.parse::<Currency>().map_err(|error| corrupt(&error))?;
            Ok::<_, StoreError>(Money::new(minor, currency))
        });
        Ok::<_, StoreError>(VendorReturn {
            supplier,
            ground: ground.parse().map_err(|()| corrupt(&ground))?,
            expected: expected.transpose()?,
        })
    });
    Ok(BatchRow {
        number,
        at,
        who,
        kind: kind.parse().map_err(|()| corrupt(&kind))?,
        warehouse,
        state: state.parse().map_err(|()| corrupt(&state))?,
        sku,
        before,
        percent: percent.map(|percent| u32::try_from(percent).map_err(|error| corrupt(&error))).transpose()?,
        ground: ground.map(|ground| ground.parse().map_err(|()| corrupt(&ground))).transpose()?,
        vendor: vendor.transpose()?,
        reason,
        began_at,
    })
}

pub async fn find_batch(conn: &mut Conn<'_>, number: i64) -> Result<Option<BatchRow>, StoreError> {
    fetch_optional!(conn, Columns, concat!(columns!(), "WHERE number = $1"), number)?.map(read).transpose()
}

/// Batches, the youngest first, from before a number.
pub async fn list_batches(conn: &mut Conn<'_>, before: i64, limit: i64) -> Result<Vec<BatchRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!(columns!(), "WHERE number < $1 ORDER BY number DESC LIMIT $2"), before, limit)?;
    rows.into_iter().map(read).collect()
}

/// Has it begin, once.
pub async fn begin_batch(conn: &mut Conn<'_>, number: i64, now: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE stock_batches SET began_at = $2 WHERE number = $1 AND began_at IS NULL", number, now)?;
    Ok(())
}

type LotColumns = (String, String, String, i64, String, Option<String>);

/// Units of a batch, in their order: of all its returns, or of one.
pub async fn batch_lots(conn: &mut Conn<'_>, number: i64, rma: Option<RmaNumber>) -> Result<Vec<BatchLot>, StoreError> {
    let rows = fetch_all!(
        conn,
        LotColumns,
        "SELECT rma, lot, sku, units, state, why FROM stock_batch_lots WHERE batch = $1 AND ($2 IS NULL OR rma = $2) ORDER BY nth",
        number,
        rma.map(|rma| rma.to_string())
    )?;
    let lot = |(rma, lot, sku, units, state, why): LotColumns| {
        let why = why.as_deref().and_then(|why| why.parse().ok()).unwrap_or(NotTaken::NotPossible);
        let state = match state.as_str() {
            "fits" => LotInBatch::Fits,
            "done" => LotInBatch::Done,
            "refused" => LotInBatch::Refused(why),
            _ => LotInBatch::Failed(why),
        };
        Ok(BatchLot {
            rma: rma.parse().map_err(|_| corrupt(&rma))?,
            lot: lot.parse().map_err(|_| corrupt(&lot))?,
            sku,
            units: u32::try_from(units).map_err(|error| corrupt(&error))?,
            state,
        })
    };
    rows.into_iter().map(lot).collect()
}

/// Says what became of a return's units in a batch; only of those that were still to be done.
pub async fn settle_batch_lots(conn: &mut Conn<'_>, number: i64, rma: RmaNumber, to: LotInBatch) -> Result<(), StoreError> {
    let (state, why) = written(to);
    execute!(
        conn,
        "UPDATE stock_batch_lots SET state = $3, why = $4 WHERE batch = $1 AND rma = $2 AND state = 'fits'",
        number,
        rma.to_string(),
        state,
        why
    )?;
    Ok(())
}

/// Returns of which units were moved so in that warehouse: whether they lie there yet they know themselves. `before`: the last of them was.
pub async fn returns_lying(
    conn: &mut Conn<'_>,
    warehouse: &str,
    state: StockState,
    sku: Option<&str>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT rma FROM stock_moves WHERE warehouse = $1 AND went_to = $2 AND rma IS NOT NULL AND ($3 IS NULL OR sku = $3)
         GROUP BY rma HAVING MAX(at) < $4 ORDER BY rma LIMIT $5",
        warehouse,
        state.code(),
        sku,
        before.unwrap_or(i64::MAX),
        limit
    )?;
    Ok(rows.into_iter().map(|(rma,)| rma).collect())
}

/// What lies apart: after a state, a warehouse and a product, in that order.
pub async fn list_kept(
    conn: &mut Conn<'_>,
    state: Option<StockState>,
    after: (&str, &str, &str),
    limit: i64,
) -> Result<Vec<KeptRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, String, i64, Option<i64>),
        "SELECT kept.state, kept.warehouse, kept.sku, kept.units,
           (SELECT batches.percent FROM stock_batch_lots AS lots JOIN stock_batches AS batches ON batches.number = lots.batch
             WHERE kept.state = 'promotion' AND lots.state = 'done' AND lots.sku = kept.sku AND batches.warehouse = kept.warehouse
               AND batches.kind = 'markdown' ORDER BY lots.batch DESC LIMIT 1)
         FROM stock_kept AS kept
         WHERE kept.units > 0 AND ($1 IS NULL OR kept.state = $1) AND (kept.state, kept.warehouse, kept.sku) > ($2, $3, $4)
         ORDER BY kept.state, kept.warehouse, kept.sku LIMIT $5",
        state.map(StockState::code),
        after.0,
        after.1,
        after.2,
        limit
    )?;
    let row = |(state, warehouse, sku, units, percent): (String, String, String, i64, Option<i64>)| {
        let percent = percent.map(|percent| u32::try_from(percent).map_err(|error| corrupt(&error))).transpose()?;
        Ok(KeptRow { warehouse, sku, state: state.parse().map_err(|()| corrupt(&state))?, units, percent })
    };
    rows.into_iter().map(row).collect()
}

/// Says from how many units on somebody is to be told; nothing: that nobody is.
pub async fn put_threshold(
    conn: &mut Conn<'_>,
    warehouse: Option<&str>,
    sku: Option<&str>,
    state: StockState,
    units: Option<i64>,
) -> Result<(), StoreError> {
    let (warehouse, sku) = (warehouse.unwrap_or_default(), sku.unwrap_or_default());
    match units {
        Some(units) => execute!(
            conn,
            "INSERT INTO stock_thresholds (warehouse, sku, state, units) VALUES ($1, $2, $3, $4)
             ON CONFLICT (warehouse, sku, state) DO UPDATE SET units = excluded.units,
               told_at = CASE WHEN stock_thresholds.units = excluded.units THEN stock_thresholds.told_at ELSE NULL END",
            warehouse,
            sku,
            state.code(),
            units
        )?,
        None => {
            execute!(conn, "DELETE FROM stock_thresholds WHERE warehouse = $1 AND sku = $2 AND state = $3", warehouse, sku, state.code())?
        }
    };
    Ok(())
}

/// All thresholds, with how many units lie so now.
pub async fn thresholds(conn: &mut Conn<'_>) -> Result<Vec<Threshold>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, String, i64, i64),
        "SELECT told.warehouse, told.sku, told.state, told.units,
           CAST(COALESCE((SELECT SUM(kept.units) FROM stock_kept AS kept WHERE kept.state = told.state
             AND (told.warehouse = '' OR kept.warehouse = told.warehouse) AND (told.sku = '' OR kept.sku = told.sku)), 0) AS BIGINT)
         FROM stock_thresholds AS told ORDER BY told.state, told.warehouse, told.sku"
    )?;
    let named = |text: String| Some(text).filter(|text| !text.is_empty());
    let row = |(warehouse, sku, state, units, lie): (String, String, String, i64, i64)| {
        let state = state.parse().map_err(|()| corrupt(&state))?;
        Ok(Threshold { warehouse: named(warehouse), sku: named(sku), state, units, lie })
    };
    rows.into_iter().map(row).collect()
}

/// Limits that were reached since it was last looked, of which nobody was told yet: they count as told from now (epoch milliseconds) on. What was fallen
/// below again is told anew the next time.
pub async fn thresholds_reached(conn: &mut Conn<'_>, now: i64) -> Result<Vec<Threshold>, StoreError> {
    execute!(
        conn,
        "UPDATE stock_thresholds SET told_at = NULL WHERE told_at IS NOT NULL AND units >
           COALESCE((SELECT SUM(kept.units) FROM stock_kept AS kept WHERE kept.state = stock_thresholds.state
             AND (stock_thresholds.warehouse = '' OR kept.warehouse = stock_thresholds.warehouse)
             AND (stock_thresholds.sku = '' OR kept.sku = stock_thresholds.sku)), 0)"
    )?;
    let rows = fetch_all!(
        conn,
        (String, String, String),
        "UPDATE stock_thresholds SET told_at = $1 WHERE told_at IS NULL AND units <=
           COALESCE((SELECT SUM(kept.units) FROM stock_kept AS kept WHERE kept.state = stock_thresholds.state
             AND (stock_thresholds.warehouse = '' OR kept.warehouse = stock_thresholds.warehouse)
             AND (stock_thresholds.sku = '' OR kept.sku = stock_thresholds.sku)), 0)
         RETURNING warehouse, sku, state",
        now
    )?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let is_reached = |one: &Threshold| rows.contains(&(text(&one.warehouse), text(&one.sku), one.state.code().to_owned()));
    Ok(thresholds(conn).await?.into_iter().filter(is_reached).collect())
}

type MoveColumns = (String, i64, String, String, Option<String>, Option<String>, String, i64, Option<String>, Option<String>);

/// Gives up to `most` entries that have none yet the numbers by which they are followed, in the order of their times. Answers how many. Everybody who
/// does that waits for the others, so that what is seen later never comes before what was read.
pub async fn number_stock_moves(conn: &mut Conn<'_>, most: i64) -> Result<u64, StoreError> {
    next_number(conn, "stock_feed").await?;
    let last =
        fetch_optional!(conn, (i64,), "SELECT COALESCE(MAX(nr), 0) FROM stock_moves WHERE nr IS NOT NULL")?.map_or(0, |(last,)| last);
    Ok(execute!(
        conn,
        "UPDATE stock_moves SET nr = numbered.nr FROM (
           SELECT these.id, $1 + ROW_NUMBER() OVER (ORDER BY these.at, these.id) AS nr
           FROM (SELECT id, at FROM stock_moves WHERE nr IS NULL ORDER BY at, id LIMIT $2) AS these
         ) AS numbered WHERE stock_moves.id = numbered.id",
        last,
        most
    )?)
}

/// Whether some entries have no number yet.
pub async fn has_unnumbered_moves(conn: &mut Conn<'_>) -> Result<bool, StoreError> {
    Ok(fetch_optional!(conn, (String,), "SELECT id FROM stock_moves WHERE nr IS NULL ORDER BY at, id LIMIT 1")?.is_some())
}

/// Entries of all warehouses after the one of that id, in the order in which they could first be seen.
pub async fn stock_feed(conn: &mut Conn<'_>, after: Option<&str>, limit: i64) -> Result<Vec<StockEntry>, StoreError> {
    let id = after.unwrap_or_default();
    let nr = fetch_optional!(conn, (i64,), "SELECT nr FROM stock_moves WHERE id = $1 AND nr IS NOT NULL", id)?.map_or(0, |(nr,)| nr);
    let rows = fetch_all!(
        conn,
        MoveColumns,
        "SELECT id, at, warehouse, sku, rma, lot, kind, units, came_from, went_to FROM stock_moves WHERE nr > $1 ORDER BY nr LIMIT $2",
        nr,
        limit
    )?;
    let state = |text: Option<String>| text.map(|text| text.parse().map_err(|()| corrupt(&text))).transpose();
    let entry = |(id, at, warehouse, sku, rma, lot, kind, units, from, to): MoveColumns| {
        Ok(StockEntry { id, at, warehouse, sku, rma, lot, kind, units, from: state(from)?, to: state(to)? })
    };
    rows.into_iter().map(entry).collect()
}

/// Products and warehouses whose sum is not what the ledger says, up to `most`: what lies apart, by state.
pub async fn unbalanced_ledger(conn: &mut Conn<'_>, most: i64) -> Result<Vec<(String, String, String, i64, i64)>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, String, i64, i64),
        "SELECT warehouse, sku, state, CAST(SUM(kept) AS BIGINT), CAST(SUM(moved) AS BIGINT) FROM (
           SELECT warehouse, sku, state, units AS kept, 0 AS moved FROM stock_kept
           UNION ALL SELECT warehouse, sku, went_to, 0, units FROM stock_moves WHERE went_to IS NOT NULL AND went_to <> 'sellable'
           UNION ALL SELECT warehouse, sku, came_from, 0, -units FROM stock_moves WHERE came_from IS NOT NULL AND came_from <> 'sellable'
         ) AS both_sides
         GROUP BY warehouse, sku, state HAVING SUM(kept) <> SUM(moved) ORDER BY warehouse, sku, state LIMIT $1",
        most
    )?;
    Ok(rows)
}

/// Makes the sums of what lies apart what the ledger says.
pub async fn mend_ledger(conn: &mut Conn<'_>) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM stock_kept")?;
    execute!(
        conn,
        "INSERT INTO stock_kept (warehouse, sku, state, units)
         SELECT warehouse, sku, state, CAST(SUM(moved) AS BIGINT) FROM (
           SELECT warehouse, sku, went_to AS state, units AS moved FROM stock_moves WHERE went_to IS NOT NULL AND went_to <> 'sellable'
           UNION ALL SELECT warehouse, sku, came_from, -units FROM stock_moves WHERE came_from IS NOT NULL AND came_from <> 'sellable'
         ) AS both_sides GROUP BY warehouse, sku, state"
    )?;
    Ok(())
}
