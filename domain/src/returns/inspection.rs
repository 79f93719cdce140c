//! What is found when goods are looked at.

use serde::{Deserialize, Serialize};

use super::axis::axis;
use crate::coded::coded;
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
    pub const RESULTS: [(&str, Self); 3] = [("accepted", Self::Accepted), ("downgraded", Self::Downgraded), ("rejected", Self::Rejected)];
}

/// How good a thing is, from as new to worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// As new.
    A,
    /// Slight traces.
    B,
    /// Clear traces, works.
    C,
    /// Broken or worthless.
    D,
}

coded!(Grade { A => "A", B => "B", C => "C", D => "D" });

/// How much less a thing is worth than said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deduction {
    /// So much of what it would be worth.
    Percent(BasisPoints),
    /// So much for all the units together, minor units of the order's currency.
    Amount(i64),
}
