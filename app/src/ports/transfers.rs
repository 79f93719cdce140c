//! What pages of bank transfers show.

use domain::money::Money;
use domain::returns::{GrantNo, PaymentNo, PaymentState};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::{Noted, Rail};

/// `/staff/payments/transfers`
#[derive(Clone, Debug)]
pub struct TransfersPage {
    pub rail: Rail,
    /// What is due first before the rest.
    pub due: Vec<TransferDueView>,
    /// There are more than these.
    pub more: bool,
    /// The youngest first.
    pub batches: Vec<TransferBatchView>,
    /// Names the form that makes a batch.
    pub key: String,
    /// The return that an account was typed for, and that was not taken.
    pub typed: String,
    pub mistakes: Vec<Noted>,
}

/// Money that is due by bank transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferDueView {
    pub rma: RmaNumber,
    pub grant: GrantNo,
    pub order: String,
    pub amount: Money,
    pub due: Timestamp,
    /// Whose account it goes to, and its end; nothing where nobody has named one.
    pub to: Option<(String, String)>,
}

/// A batch, as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferBatchView {
    pub number: i64,
    pub at: Timestamp,
    /// What colleagues call whoever made it.
    pub who: String,
    pub transfers: u64,
    /// Those of which nobody has said anything yet.
    pub pending: u64,
}

/// `/staff/payments/transfers/{number}`
#[derive(Clone, Debug)]
pub struct TransferPage {
    pub rail: Rail,
    pub batch: TransferBatchView,
    pub transfers: Vec<TransferView>,
    /// There is a file for the bank; else why not, by a code: `no_own_account`, `not_sepa`, `forgotten`, `empty`.
    pub file: Result<(), String>,
    pub mistakes: Vec<Noted>,
}

/// A payment in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferView {
    /// Its place in it, from 1.
    pub nth: i64,
    pub rma: RmaNumber,
    pub payment: PaymentNo,
    pub amount: Money,
    /// Whose account it goes to, and its end; nothing where it is forgotten.
    pub to: Option<(String, String)>,
    pub state: PaymentState,
}
