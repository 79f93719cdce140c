//! Pages of repair orders (C23, C24).

use std::collections::BTreeMap;

use domain::repair::{RepairState, RepairStep};
use domain::returns::{Disposition, RepairFor};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::{Noted, Rail};

/// `/staff/repairs`
#[derive(Clone, Debug)]
pub struct RepairsPage {
    pub rail: Rail,
    /// What goes on, what is due first before the rest.
    pub open: Vec<RepairView>,
    /// There are more than these.
    pub more: bool,
    /// The last that are over.
    pub ended: Vec<RepairView>,
}

/// `/staff/repairs/{number}`
#[derive(Clone, Debug)]
pub struct RepairPage {
    pub rail: Rail,
    pub repair: RepairView,
    /// What was used: SKU or name, pieces, and what they cost, as it is typed.
    pub parts: Vec<(String, u32, Option<String>)>,
    /// In which parts are paid: a code of ISO 4217.
    pub currency: String,
    /// Steps, the oldest first, and what colleagues call who did them.
    pub steps: Vec<(RepairStep, String)>,
    /// What colleagues call whoever is named in a step, by account.
    pub names: Vec<(String, String)>,
    /// Whoever reads this works on it.
    pub may: bool,
    /// Their own account.
    pub me: String,
    /// Who can repair it, by the name of their account.
    pub colleagues: Vec<(String, String)>,
    pub typed: BTreeMap<String, String>,
    pub mistakes: Vec<Noted>,
}

/// A repair order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairView {
    pub number: i64,
    pub rma: RmaNumber,
    pub name: String,
    pub sku: String,
    pub units: u32,
    pub warehouse: String,
    pub serves: RepairFor,
    pub state: RepairState,
    /// Whoever repairs it: their account, and what colleagues call them.
    pub technician: Option<(String, String)>,
    pub opened_at: Timestamp,
    pub due: Timestamp,
    /// It goes on, and that is over.
    pub late: bool,
    pub to: Option<Disposition>,
    pub version: i64,
}

/// A repair order, as the page of its return links to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRepair {
    pub number: i64,
    pub name: String,
    pub units: u32,
    pub state: RepairState,
}
