//! The return label as a PDF: to stick on the parcel (A6), to print at home (A4), to read with tired eyes (large).

mod codes;
mod error;
mod face;
mod label;
mod layout;
mod letters;
mod packing;
mod pdf;
mod shaping;
mod sheet;
mod typeset;

pub use error::LabelError;
pub use label::{Content, Label};
pub use pdf::{LabelSize, label_pdf};
