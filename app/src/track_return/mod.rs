//! My return: the number, the label, the timeline.

pub mod appeal;
pub mod bank;
pub mod changes;
mod done;
pub mod door;
pub mod feedback;
mod label;
mod pack;
mod parcel;
mod points;
pub mod talk;
mod track;

pub use done::Done;
pub use label::LabelCard;
pub use track::{CreditNotes, Timeline, Track, news};

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The return named by the page's address.
pub(crate) fn rma() -> String {
    use_params_map().with_untracked(|params| params.get("rma").unwrap_or_default())
}
