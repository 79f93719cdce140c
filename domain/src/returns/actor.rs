//! Who did something to a return.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    Customer,
    /// A rule or a job of ours.
    System,
    /// A machine, by the name of its key.
    Api {
        /// Name of the key.
        key: String,
    },
    /// A member of staff.
    Staff {
        name: String,
    },
}
