//! What the page of differences between a gateway and our books shows.

use domain::ids::OrderNumber;
use domain::reconcile::Difference;
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Noted, Rail};

/// `/staff/differences`
#[derive(Clone, Debug)]
pub struct DifferencesPage {
    pub rail: Rail,
    /// Those that are settled are shown, the youngest first; else those that are open, the oldest first.
    pub settled: bool,
    pub rows: Vec<DifferenceView>,
    /// There are more than these.
    pub more: bool,
    /// Reports that were held against our books, the youngest first.
    pub reports: Vec<ReportView>,
    pub today: Date,
    /// The difference that something was typed for, and what.
    pub open: Option<i64>,
    pub typed: String,
    /// Lines of a report that could not be read, and what is wrong with each, in the words of machines.
    pub unread: Vec<(u64, String)>,
    pub mistakes: Vec<Noted>,
}

/// A difference, as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferenceView {
    pub number: i64,
    pub at: Timestamp,
    pub what: Difference,
    pub rma: Option<RmaNumber>,
    pub order: Option<OrderNumber>,
    /// When it was settled, by whom, and why.
    pub settled: Option<(Timestamp, String, Option<String>)>,
}

/// A report, as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportView {
    pub number: i64,
    pub at: Timestamp,
    /// What colleagues call whoever sent it.
    pub who: String,
    pub name: String,
    pub refunds: u64,
    pub fit: u64,
    pub found: u64,
    pub ended: u64,
}
