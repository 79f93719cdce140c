//! What somebody found who looked at goods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::coded::coded;

/// How good a thing is, from as new to worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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

/// Whether goods are as they were said to be, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// As said.
    Accepted,
    /// Less than said; a reduced amount.
    Downgraded,
    /// Not what was said.
    Rejected,
}

coded!(Found { Accepted => "accepted", Downgraded => "downgraded", Rejected => "rejected" });

/// What somebody found who looked at goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub found: Found,
    pub grade: Option<Grade>,
}
