//! What is done with goods that lie apart, many at once: marked down for the promotion channel, scrapped (C21, C22, B31), or returned to a vendor (P27). Planned first, so that
//! whoever wants it sees what it is of, then done return by return, each in one transaction with its line of the plan: killed in between, it goes on
//! where it ended, and nothing is moved twice.

use domain::returns::{BatchKind, Command, LotNo, NotTaken, Refused, Return, StockState, units_lying};
use domain::rma::RmaNumber;
use domain::scrap::ScrapGround;

use super::Services;
use super::access::{Access, Accountable, AtStock};
use super::claims::open_of_batch;
use super::refusals::ChangeError;
use crate::store::{
    self, AuditNote, BatchLot, BatchRow, KeptRow, LotInBatch, MAIN_WAREHOUSE, StockEntry, StoreError, Threshold, VendorReturn,
};

/// Units of a batch are of so many returns at the most: another is planned for the rest.
pub const MOST_IN_BATCH: i64 = 200;
/// Entries that are given their number in one transaction.
const NUMBERED: i64 = 5_000;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchTold {
    pub kind: BatchKind,
    pub warehouse: String,
    pub state: StockState,
    pub sku: Option<String>,
    /// Only what lies so for that many days.
    pub days: Option<u32>,
    pub percent: Option<u32>,
    pub ground: Option<ScrapGround>,
    /// Of goods that go back to a vendor.
    pub vendor: Option<VendorReturn>,
    pub reason: String,
}

impl Services {
    /// Looks at what it would be of, and keeps that; nothing is moved yet.
    pub async fn plan_batch(&self, access: AtStock, told: BatchTold) -> Result<BatchRow, StoreError> {
        let now = self.clock.millis();
        let before = told.days.map(|days| now - i64::from(days) * 86_400_000);
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let rmas = store::returns_lying(conn, &told.warehouse, told.state, told.sku.as_deref(), before, MOST_IN_BATCH).await?;
        let requests = store::find_returns(conn, &rmas.iter().collect::<Vec<_>>()).await?;
        drop(read);
        let mut lots: Vec<BatchLot> = Vec::new();
        for request in &requests {
            let here = units_lying(request, &told.warehouse, MAIN_WAREHOUSE, told.state, told.kind);
            for (lot, sku, units, why) in here.into_iter().filter(|(_, sku, ..)| told.sku.as_ref().is_none_or(|wanted| wanted == sku)) {
                let asks = why.is_none() && told.kind == BatchKind::Scrap && request.asks_ground(lot, told.ground, self.clock.now());
                let why = why.or(asks.then_some(NotTaken::NoGround));
                let state = why.map_or(LotInBatch::Fits, LotInBatch::Refused);
                lots.push(BatchLot { rma: request.rma, lot, sku, units, state });
            }
        }
        let planned = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let number = store::next_number(conn, "stock_batches").await?;
                let BatchTold { kind, warehouse, state, sku, percent, ground, vendor, reason, .. } = told;
                let (who, began_at) = (access.id().to_owned(), None);
                let row = BatchRow { number, at: now, who, kind, warehouse, state, sku, before, percent, ground, vendor, reason, began_at };
                store::insert_batch(conn, &row, &lots).await?;
                Ok::<_, StoreError>(row)
            })
        });
        planned.await
    }

    pub async fn batch(&self, _access: &AtStock, number: i64) -> Result<Option<(BatchRow, Vec<BatchLot>)>, StoreError> {
        let mut read = self.store.read().await?;
        let Some(row) = store::find_batch(&mut read.conn(), number).await? else { return Ok(None) };
        let lots = store::batch_lots(&mut read.conn(), number, None).await?;
        Ok(Some((row, lots)))
    }

    /// Batches, the youngest first.
    pub async fn batches(&self, _access: &AtStock, before: i64, limit: i64) -> Result<Vec<BatchRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::list_batches(&mut read.conn(), before, limit).await
    }

    /// Does what was planned, with leave for each return; what was done before is not done again. Nothing where there is no such batch.
    pub async fn carry_batch(
        &self,
        access: AtStock,
        number: i64,
        leave: impl Fn(RmaNumber) -> Option<Access<Return>>,
    ) -> Result<Option<(BatchRow, Vec<BatchLot>)>, StoreError> {
        let Some((row, lots)) = self.batch(&access, number).await? else { return Ok(None) };
        if row.began_at.is_none() {
            let now = self.clock.now();
            let after = Some(format!("{} at {}", row.state.code(), row.warehouse));
            let private = Some(serde_json::json!({"reason": row.reason}).to_string());
            let note = access.by().note(now, format!("stock_{}", row.kind), format!("batch:{number}"));
            let note = AuditNote { after, private, ..note };
            let begun = self.store.write(move |mut conn| {
                Box::pin(async move {
                    store::begin_batch(&mut conn, number, now.as_millisecond()).await?;
                    store::note_audit(&mut conn, &note).await
                })
            });
            begun.await?;
        }
        let mut todo: Vec<RmaNumber> = lots.iter().filter(|lot| lot.state == LotInBatch::Fits).map(|lot| lot.rma).collect();
        todo.dedup();
        for rma in todo {
            let failed = match leave(rma) {
                Some(leave) => self.carry_one(leave, access.by().clone(), row.clone()).await?,
                None => Some(NotTaken::NotPossible),
            };
            if let Some(why) = failed {
                let written = self.store.write(move |mut conn| {
                    Box::pin(async move { store::settle_batch_lots(&mut conn, number, rma, LotInBatch::Failed(why)).await })
                });
                written.await?;
            }
        }
        self.batch(&access, number).await
    }

    /// Does it to the units of one return; why not, where it cannot be done.
    async fn carry_one(&self, leave: Access<Return>, by: Accountable, row: BatchRow) -> Result<Option<NotTaken>, StoreError> {
        let story = self.run::<ChangeError, _>(leave, None, Vec::new(), move |run| {
            Box::pin(async move {
                let rma = run.request.rma;
                let mut of_it = store::batch_lots(run.conn, row.number, Some(rma)).await?;
                of_it.retain(|lot| lot.state == LotInBatch::Fits);
                if of_it.is_empty() {
                    return Ok(());
                }
                let here = units_lying(&run.request, &row.warehouse, MAIN_WAREHOUSE, row.state, row.kind);
                let lies = |lot: &BatchLot| here.iter().any(|(id, _, units, why)| *id == lot.lot && *units == lot.units && why.is_none());
                if !of_it.iter().all(lies) {
                    return Err(ChangeError::Refused(Refused::Senseless("units lie elsewhere by now")));
                }
                let lots: Vec<LotNo> = of_it.iter().map(|lot| lot.lot).collect();
                run.decide(&Command::Dispose { lots, to: row.kind.to(), ground: row.ground, proposed: None })?;
                store::settle_batch_lots(run.conn, row.number, rma, LotInBatch::Done).await?;
                open_of_batch(run.conn, &by, &row, run.now).await?;
                Ok(())
            })
        });
        match story.await {
            Ok(_) => Ok(None),
            Err(ChangeError::Store(error)) => Err(error),
            Err(ChangeError::Refused(Refused::NoGround)) => Ok(Some(NotTaken::NoGround)),
            Err(ChangeError::Refused(Refused::Senseless(_)) | ChangeError::Unknown) => Ok(Some(NotTaken::Gone)),
            Err(_) => Ok(Some(NotTaken::NotPossible)),
        }
    }

    /// What lies apart, by state, warehouse and product; after one of them.
    pub async fn kept(&self, state: Option<StockState>, after: (&str, &str, &str), limit: i64) -> Result<Vec<KeptRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::list_kept(&mut read.conn(), state, after, limit).await
    }

    /// From how many units on somebody is told, with how many there are (C25).
    pub async fn thresholds(&self) -> Result<Vec<Threshold>, StoreError> {
        let mut read = self.store.read().await?;
        store::thresholds(&mut read.conn()).await
    }

    /// Says from how many units on somebody is told; nothing: nobody is any more.
    pub async fn put_threshold(
        &self,
        access: AtStock,
        warehouse: Option<String>,
        sku: Option<String>,
        state: StockState,
        units: Option<i64>,
    ) -> Result<(), StoreError> {
        let of = |name: &Option<String>| name.clone().unwrap_or_else(|| "*".to_owned());
        let subject = format!("stock:{}/{}/{}", of(&warehouse), of(&sku), state.code());
        let note = access.by().note(self.clock.now(), "stock_threshold", subject);
        let note = AuditNote { after: units.map(|units| units.to_string()), ..note };
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                store::put_threshold(&mut conn, warehouse.as_deref(), sku.as_deref(), state, units).await?;
                store::note_audit(&mut conn, &note).await
            })
        });
        written.await
    }

    /// The ledger of all warehouses, after an entry, in the order in which entries could first be seen: whoever goes on from the last they read misses
    /// none and reads none twice.
    pub async fn stock_feed(&self, after: Option<&str>, limit: i64) -> Result<Vec<StockEntry>, StoreError> {
        loop {
            let waiting = store::has_unnumbered_moves(&mut self.store.read().await?.conn()).await?;
            let number = async || {
                let number = self.store.write(|mut conn| Box::pin(async move { store::number_stock_moves(&mut conn, NUMBERED).await }));
                number.await
            };
            if !waiting || (number().await? as i64) < NUMBERED {
                break;
            }
        }
        store::stock_feed(&mut self.store.read().await?.conn(), after, limit).await
    }
}
