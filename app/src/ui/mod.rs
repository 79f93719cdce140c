//! Pieces that pages share.

mod escaped;
mod evidence;
mod frame;
mod icons;
mod mistakes;
mod qr;
mod receipt;
mod tiles;
mod verdict;

pub use escaped::escaped;
pub(crate) use evidence::REMOVE;
pub use evidence::{NewThumb, Thumbs};
pub use frame::{Frame, Refusal, Step, Wake, load};
pub use icons::{Icon, Picture, Symbol};
pub use mistakes::{ErrorSummary, FieldError, field_id, mistake_at};
pub use qr::Qr;
pub use receipt::Receipt;
pub use tiles::ItemTile;
pub use verdict::{VerdictPanel, WhyList};
