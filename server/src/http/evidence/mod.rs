//! Photos and documents over HTTP: in a form without JavaScript, piece by piece with it, and back to those who may see them.

mod file;
mod form;
mod place;
mod upload;

pub(super) use file::file_answer;
pub use file::{file, preview};
pub use form::form;
pub(super) use form::{EvidenceOrForm, SentFiles, Taken, only_file};
pub(super) use place::status_of;
pub use place::{OfDraft, OfReturn};
pub use upload::{announce, give_up, piece, remove, upload};
