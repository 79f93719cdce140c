//! The return label as a PDF: to stick on the parcel (A6), to print at home (A4), to read with tired eyes (large).

mod codes;
mod face;
mod fonts;
mod label;
mod layout;
mod letters;
mod packing;
mod sheet;
mod typeset;

pub(crate) use fonts::chinese_typeface;
pub use label::{Content, Label, LabelError, LabelSize, has_label, label_pdf};
