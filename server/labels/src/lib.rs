//! What is printed, as PDF: the return label, to stick on the parcel (A6), to print at home (A4), to read with tired eyes (large); and receipts.

mod codes;
mod error;
mod face;
mod label;
mod layout;
mod letters;
mod packing;
mod pdf;
mod receipt;
mod shaping;
mod sheet;
mod typeset;

pub use error::LabelError;
pub use label::{Content, Label};
pub use pdf::{LabelSize, label_pdf};
pub use receipt::{Receipt, receipt_pdf};
