//! What the customer says of how a return went (A13, C37).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The best that can be said.
pub const MOST_STARS: u8 = 5;
/// With so many or fewer somebody asks what went wrong.
pub const LOW_STARS: u8 = 2;
/// So long it can be said otherwise; reports of the time before then stay as they were read.
pub const CHANGED_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the customer said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// When it was said first.
    pub at: Timestamp,
    /// From 1 to [`MOST_STARS`].
    pub stars: u8,
    /// In their own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

impl Feedback {
    pub fn is_low(&self) -> bool {
        self.stars <= LOW_STARS
    }

    /// Whether it can be said otherwise at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < CHANGED_WITHIN
    }
}
