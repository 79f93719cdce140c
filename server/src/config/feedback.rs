//! Settings of what customers are asked once a return is over.

use serde::Deserialize;

/// Nobody is asked earlier: money needs so many days to arrive.
pub const LEAST_ASK_DAYS: u32 = 3;
/// Later nobody remembers.
const MOST_ASK_DAYS: u32 = 60;

/// Whether and when customers are asked how it went (A13, C37).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeedbackAsks {
    /// Days after a return is over; 0: nobody is asked.
    pub ask_after_days: u32,
}

impl Default for FeedbackAsks {
    fn default() -> Self {
        Self { ask_after_days: 5 }
    }
}

impl FeedbackAsks {
    /// The setting that is wrong, and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        match self.ask_after_days {
            0 | LEAST_ASK_DAYS..=MOST_ASK_DAYS => Ok(()),
            _ => Err(("feedback.ask_after_days", "is 3 to 60; 0: nobody is asked")),
        }
    }
}
