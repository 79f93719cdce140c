//! Pieces that pages share.

mod copy;
mod escaped;
mod evidence;
mod field;
mod frame;
mod icons;
mod load;
mod mistakes;
mod qr;
mod receipt;
mod tiles;
mod units;
mod verdict;
mod verify;

pub use copy::Copy;
pub use escaped::escaped;
pub(crate) use evidence::REMOVE;
pub use evidence::{NewThumb, Thumbs};
pub use field::Field;
pub use frame::{Frame, Languages, Rehearsal, Step, Wake, rung};
pub use icons::{Example, Icon, Picture, Symbol};
pub use load::{Refusal, load};
pub use mistakes::{ErrorSummary, FieldError, field_id, mistake_at};
pub use qr::Qr;
pub use receipt::Receipt;
pub use tiles::ItemTile;
pub use units::{Units, tick_of, units_meant};
pub use verdict::{VerdictPanel, WhyList};
pub use verify::CONTACT;
