//! What is found when goods are looked at.

use serde::{Deserialize, Serialize};

use super::axis::axis;
use crate::policy::BasisPoints;

axis! {
    /// Is it as it was said to be?
    Inspection {
        Pending,
        Accepted,
        /// Less than said; a reduced amount.
        Downgraded,
        Rejected,
    }
}

impl Inspection {
    /// What can be found, by its name.
    /// Whether goods of which that was found are worth less than said.
    pub fn is_less(self) -> bool {
        matches!(self, Self::Downgraded | Self::Rejected)
    }

    pub const RESULTS: [(&str, Self); 3] = [("accepted", Self::Accepted), ("downgraded", Self::Downgraded), ("rejected", Self::Rejected)];
}

/// How much less a thing is worth than said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deduction {
    /// So much of what it would be worth.
    Percent(BasisPoints),
    /// So much for all the units together, minor units of the order's currency.
    Amount(i64),
}
