//! Settlement: from order lines to the amount granted, kept as a receipt whose lines sum to it (P3, P4, N7).
//!
//! One function serves the preview and the payment.

mod books;
mod entries;
mod fate;
mod ground;
mod ledger;
mod payments;
mod position;
mod receipt;
mod row;
mod settle;
mod spread;
mod terms;

#[cfg(test)]
mod any;
#[cfg(test)]
mod sequences;
#[cfg(test)]
mod tests;

pub use books::{Books, Claim, Outside, Part, PaymentBooks, Protection, STORE_CREDIT, books, unexplained};
pub use entries::{Account, Cause, Granted, Leg, LegState, Placed, Tender};
pub use ledger::Ledger;
pub use position::gifts_missing;
pub use receipt::{ReceiptKind, ReceiptLine, Settlement, TenderShare};
pub use settle::{claim, claims, freight_charge};
pub use terms::{FeeTerms, Terms};
