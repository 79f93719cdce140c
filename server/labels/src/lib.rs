//! What is printed, as PDF: the return label, to stick on the parcel (A6), to print at home (A4), to read with tired eyes (large); receipts; credit notes; and labels of goods to put away.

mod codes;
mod error;
mod face;
mod label;
mod layout;
mod letters;
mod packing;
mod paper;
mod pdf;
mod putaway;
mod receipt;
mod shaping;
mod sheet;
mod typeset;

pub use error::LabelError;
pub use label::{Content, Label};
pub use paper::{Paper, PaperRow, paper_pdf};
pub use pdf::{LabelSize, label_pdf};
pub use putaway::{Putaway, putaway_pdf};
pub use receipt::{Receipt, receipt_pdf};
