//! Settlement: from order lines to the amount granted, kept as a receipt whose lines sum to it (P3, P4, N7).
//!
//! One function serves the preview and the payment.

mod receipt;
mod settle;
mod shares;
mod terms;

#[cfg(test)]
mod tests;

pub use receipt::{ReceiptKind, ReceiptLine, Settlement, TenderShare};
pub use settle::{SettleLine, exchange_difference, freight_charge, settle, settle_lines};
pub use terms::{FeeTerms, Terms};
