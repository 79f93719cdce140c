//! For whoever runs the shop: a backup and its way back, and what is wrong with a shop that runs.

mod archive;
mod backup;
mod doctor;
mod error;
mod restore;

pub use archive::{Manifest, Member};
pub use backup::{BackedUp, back_up};
pub use doctor::{Examination, Finding, Severity, examine};
pub use error::CareError;
pub use restore::{Restored, Verified, restore, verify};
