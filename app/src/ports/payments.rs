//! What finance's list of payments shows.

use domain::money::Money;
use domain::returns::PaymentState;
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Rail;

/// `/staff/payments`
#[derive(Clone, Debug)]
pub struct PaymentsPage {
    pub rail: Rail,
    /// How far those are that are shown; nothing: all.
    pub state: Option<PaymentState>,
    /// The newest first.
    pub rows: Vec<PaymentRow>,
    /// There are more than are shown.
    pub more: bool,
    /// The month that is handed to the books unless another is chosen.
    pub from: Date,
    pub to: Date,
}

/// A payment in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRow {
    pub rma: RmaNumber,
    pub order: String,
    pub amount: Money,
    /// `manual`, `gateway`, `store_credit`.
    pub way: String,
    pub state: PaymentState,
    pub reference: Option<String>,
    /// When it was begun.
    pub at: Timestamp,
}
