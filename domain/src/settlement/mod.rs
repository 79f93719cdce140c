//! Settlement: from order lines to the amount granted, kept as a receipt whose lines sum to it (P3, P4, N7).
//!
//! One function serves the preview and the payment.

mod balance;
mod books;
mod claims;
mod concession;
mod entries;
mod fate;
mod grants;
mod ground;
mod ledger;
mod lowered;
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
mod examples;
#[cfg(test)]
mod sequences;
#[cfg(test)]
mod tests;

pub use balance::{Books, PaymentBooks};
pub use books::{Account, books, unexplained};
pub use claims::{Claim, Outside, PaidHere, Part, Protection, STORE_CREDIT};
pub use concession::{Concession, NotConceded};
pub use grants::{Cause, Granted, Leg, LegState, Placed, Tender};
pub use ledger::Ledger;
pub use lowered::LowerPrice;
pub use position::gifts_missing;
pub use receipt::{ReceiptKind, ReceiptLine, Settlement, TenderShare, names_collected};
pub use settle::{claim, claims, freight_charge};
pub use terms::{FeeTerms, Terms};
