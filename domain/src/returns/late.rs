//! What of a return is late: what was promised, or asked of the customer, for a day that is over.

use serde::Serialize;

/// Which step is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// Our answer.
    Decision,
    /// The customer has not sent it, as far as we know.
    Sending,
    /// Nobody has told that it was collected.
    Pickup,
    /// It is under way for longer than expected.
    Arrival,
    /// It is here, and we have not looked at it.
    Check,
    Money,
    /// The other item has not left us.
    Item,
    /// The repaired item has not left us.
    Repair,
}

impl Late {
    /// Whether nobody can say when what comes after it is done.
    pub(super) fn holds_up(self) -> bool {
        matches!(self, Self::Decision | Self::Sending | Self::Pickup | Self::Arrival)
    }
}
