//! Goods that lie apart, as people at work see to them (C20-C22, C25, B31, P27).

use app::forms::{Fields, noted};
use app::ports::{AlertView, BatchHead, BatchLotState, BatchLotView, BatchPage, DeskError, KeptView, Mistake, Noted, StaffTold, StockPage};
use app::staff::{AlertForm, BatchForm};
use domain::ids::Sku;
use domain::returns::CommandKind;
use domain::staff::Room;
use jiff::Timestamp;

use super::queue::{called, names_of};
use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Access, AtStock, BatchTold};
use crate::store::{BatchLot, BatchRow, LotInBatch, MAIN_WAREHOUSE, VendorReturn};

const PAGE: &str = "/staff/stock";
/// Rows of what lies apart, and batches, on the page.
const MOST: i64 = 200;
const MOST_BATCHES: i64 = 20;
const MOST_FIELDS: usize = 40;

fn page_of(number: i64) -> String {
    format!("{PAGE}/batches/{number}")
}

impl StaffDesk {
    fn at_stock(&self) -> Result<AtStock, DeskError> {
        let access = AtStock::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Stock.who().to_vec() })
    }

    pub(super) async fn stock(&self) -> Result<StockPage, DeskError> {
        let access = self.at_stock()?;
        let kept = self.take_kept(PAGE).await?;
        let mut rows = self.services.kept(None, ("", "", ""), MOST + 1).await.map_err(|error| failed(&error))?;
        let more = rows.len() as i64 > MOST;
        rows.truncate(MOST as usize);
        let thresholds = self.services.thresholds().await.map_err(|error| failed(&error))?;
        let batches = self.services.batches(&access, i64::MAX, MOST_BATCHES).await.map_err(|error| failed(&error))?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let names = names_of(&people);
        let typed = kept.fields();
        let lies = |row: crate::store::KeptRow| KeptView {
            warehouse: row.warehouse,
            sku: row.sku,
            state: row.state,
            units: row.units.unsigned_abs(),
            percent: row.percent,
        };
        let alert = |told: crate::store::Threshold| AlertView {
            warehouse: told.warehouse,
            sku: told.sku,
            state: told.state,
            units: told.units.unsigned_abs(),
            lie: told.lie.unsigned_abs(),
        };
        Ok(StockPage {
            rail: self.rail(kept.told).await?,
            kept: rows.into_iter().map(lies).collect(),
            more,
            alerts: thresholds.into_iter().map(alert).collect(),
            batches: batches.into_iter().map(|row| head(row, &names)).collect(),
            typed: AlertForm::typed(&typed),
            mistakes: kept.mistakes,
        })
    }

    pub(super) async fn stock_batch(&self, number: &str) -> Result<BatchPage, DeskError> {
        let access = self.at_stock()?;
        let number: i64 = number.parse().map_err(|_| DeskError::NotFound)?;
        let kept = self.take_kept(&page_of(number)).await?;
        let found = self.services.batch(&access, number).await.map_err(|error| failed(&error))?;
        let (row, lots) = found.ok_or(DeskError::NotFound)?;
        let people = self.services.people().await.map_err(|error| failed(&error))?;
        let claim = match Room::Claims.is_for(self.member()?.roles.iter()) {
            true => self.services.claim_of_batch(number).await.map_err(|error| failed(&error))?,
            false => None,
        };
        Ok(BatchPage {
            claim,
            rail: self.rail(kept.told).await?,
            batch: head(row, &names_of(&people)),
            lots: lots.into_iter().map(lot_view).collect(),
        })
    }

    /// "Show what it is of".
    pub async fn plan_batch(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_stock()?;
        let told = BatchForm::parse(fields).and_then(|form| self.batch_of(form).map_err(|mistake| vec![mistake]));
        match told {
            Ok(told) => {
                let row = self.services.plan_batch(access, told).await.map_err(|error| failed(&error))?;
                Ok(StaffNext::to(page_of(row.number)))
            }
            Err(mistakes) => self.stock_mistaken(fields, mistakes).await,
        }
    }

    fn batch_of(&self, form: BatchForm) -> Result<BatchTold, Noted> {
        let named = |text: Option<String>, field: &str| match text.map(|text| text.parse::<Sku>()) {
            None => Ok(None),
            Some(Ok(name)) => Ok(Some(name.to_string())),
            Some(Err(_)) => Err(noted(field, Mistake::Unanswered)),
        };
        let member = self.member().map_err(|_| noted("", Mistake::Changed))?;
        let own = || member.limits.warehouses.first().cloned().unwrap_or_else(|| MAIN_WAREHOUSE.to_owned());
        let warehouse = named(form.warehouse, BatchForm::WAREHOUSE)?.unwrap_or_else(own);
        if !member.limits.allows_warehouse(Some(&warehouse)) {
            return Err(noted(BatchForm::WAREHOUSE, Mistake::DockElsewhere));
        }
        let sku = named(form.sku, BatchForm::SKU)?;
        let BatchForm { kind, state, days, percent, ground, vendor, reason, .. } = form;
        let vendor = vendor.map(|(supplier, ground, expected)| VendorReturn { supplier, ground, expected });
        Ok(BatchTold { kind, warehouse, state, sku, days, percent, ground, vendor, reason })
    }

    /// "Do it", and "Go on".
    pub async fn run_batch(&mut self, number: &str, _fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_stock()?;
        let number: i64 = number.parse().map_err(|_| DeskError::NotFound)?;
        let member = self.member()?.clone();
        let found = self.services.batch(&access, number).await.map_err(|error| failed(&error))?;
        let (row, _) = found.ok_or(DeskError::NotFound)?;
        if !member.limits.allows_warehouse(Some(&row.warehouse)) {
            return Err(DeskError::NotForYou { who: Room::Stock.who().to_vec() });
        }
        let seal = self.services.seal_of(self.visitor.address);
        let leave = move |rma| Access::of_staff(&member, rma, CommandKind::Dispose, seal.clone());
        let done = self.services.carry_batch(access, number, leave).await.map_err(|error| failed(&error))?;
        let (_, lots) = done.ok_or(DeskError::NotFound)?;
        let sum = |is: fn(&LotInBatch) -> bool| lots.iter().filter(|lot| is(&lot.state)).map(|lot| u64::from(lot.units)).sum::<u64>();
        let (done, not) = (sum(|state| *state == LotInBatch::Done), sum(|state| *state != LotInBatch::Done));
        self.told(StaffTold::BatchRun { done, not }, page_of(number)).await
    }

    /// "Save", of a limit.
    pub async fn put_alert(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_stock()?;
        let form = match AlertForm::parse(fields) {
            Ok(form) => form,
            Err(mistakes) => return self.stock_mistaken(fields, mistakes).await,
        };
        for (name, field) in [(&form.warehouse, AlertForm::WAREHOUSE), (&form.sku, AlertForm::SKU)] {
            if name.as_ref().is_some_and(|name| name.parse::<Sku>().is_err()) {
                return self.stock_mistaken(fields, vec![noted(field, Mistake::Unanswered)]).await;
            }
        }
        let AlertForm { warehouse, sku, state, units } = form;
        let put = self.services.put_threshold(access, warehouse, sku, state, units.map(i64::from)).await;
        put.map_err(|error| failed(&error))?;
        self.told(StaffTold::AlertSaved, PAGE).await
    }

    /// Back to the form, with what was typed.
    async fn stock_mistaken(&self, fields: &Fields, mistakes: Vec<Noted>) -> Result<StaffNext, DeskError> {
        self.form_again(PAGE.to_owned(), String::new(), fields, MOST_FIELDS, mistakes).await
    }
}

fn head(row: BatchRow, names: &[(String, String)]) -> BatchHead {
    BatchHead {
        number: row.number,
        at: Timestamp::from_millisecond(row.at).unwrap_or_default(),
        who: called(names, &row.who),
        kind: row.kind,
        warehouse: row.warehouse,
        state: row.state,
        percent: row.percent,
        vendor: row.vendor.map(|vendor| (vendor.supplier, vendor.ground, vendor.expected)),
        reason: row.reason,
        began: row.began_at.is_some(),
    }
}

fn lot_view(lot: BatchLot) -> BatchLotView {
    let state = match lot.state {
        LotInBatch::Fits => BatchLotState::Fits,
        LotInBatch::Done => BatchLotState::Done,
        LotInBatch::Refused(why) | LotInBatch::Failed(why) => BatchLotState::Not(why),
    };
    BatchLotView { rma: lot.rma, sku: lot.sku, units: lot.units, state }
}
