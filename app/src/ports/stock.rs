//! Pages of goods that lie apart (C20-C22, C25, B31, P27).

use std::collections::BTreeMap;

use domain::claim::ClaimGround;
use domain::money::Money;
use domain::returns::{BatchKind, NotTaken, StockState};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::{Noted, Rail};

/// `/staff/stock`
#[derive(Clone, Debug)]
pub struct StockPage {
    pub rail: Rail,
    /// What lies apart, by how, warehouse and product.
    pub kept: Vec<KeptView>,
    /// There is more.
    pub more: bool,
    pub alerts: Vec<AlertView>,
    /// The youngest first.
    pub batches: Vec<BatchHead>,
    /// What was typed, by field.
    pub typed: BTreeMap<String, String>,
    pub mistakes: Vec<Noted>,
}

/// Units of a product that lie so in a warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptView {
    pub warehouse: String,
    pub sku: String,
    pub state: StockState,
    pub units: u64,
    /// Taken off the price, in percent.
    pub percent: Option<u32>,
}

/// From how many units on somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertView {
    pub warehouse: Option<String>,
    pub sku: Option<String>,
    pub state: StockState,
    pub units: u64,
    pub lie: u64,
}

impl AlertView {
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.lie >= self.units
    }
}

/// Something done with many units at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchHead {
    pub number: i64,
    pub at: Timestamp,
    /// What colleagues call whoever planned it.
    pub who: String,
    pub kind: BatchKind,
    pub warehouse: String,
    pub state: StockState,
    pub percent: Option<u32>,
    /// To whom the goods go back, why, and what is expected of them for it.
    pub vendor: Option<(String, ClaimGround, Option<Money>)>,
    pub reason: String,
    pub began: bool,
}

/// `/staff/stock/batches/{number}`
#[derive(Clone, Debug)]
pub struct BatchPage {
    pub rail: Rail,
    pub batch: BatchHead,
    pub lots: Vec<BatchLotView>,
    /// The claim that it opened, where whoever reads sees to claims.
    pub claim: Option<i64>,
}

/// Units of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLotView {
    pub rma: RmaNumber,
    pub sku: String,
    pub units: u32,
    pub state: BatchLotState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchLotState {
    Fits,
    Done,
    Not(NotTaken),
}
