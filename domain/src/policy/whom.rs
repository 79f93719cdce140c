//! To whom a rule gives something to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::ids::EmailAddress;

/// A role of people at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkRole {
    Support,
    Warehouse,
    Workshop,
    Finance,
    Admin,
}

coded!(WorkRole {
    Support => "support",
    Warehouse => "warehouse",
    Workshop => "workshop",
    Finance => "finance",
    Admin => "admin",
});

/// Who does a task: everybody of a role, people by name, or both; each in turn, and only who does such tasks.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Whom {
    /// Whoever has it.
    pub role: Option<WorkRole>,
    /// By the addresses that they sign in with.
    #[schemars(with = "Vec<String>", length(max = 100))]
    pub people: Vec<EmailAddress>,
}

impl Whom {
    /// The most people that a rule names.
    pub const MOST: usize = 100;

    pub(super) fn problem(&self) -> Option<&'static str> {
        match (self.role, self.people.len()) {
            (None, 0) => Some("names nobody; give a `role`, `people` by their addresses, or both"),
            (_, count) if count > Self::MOST => Some("names more than 100 people; give them a role"),
            _ => None,
        }
    }

    /// As it is written, for people: the role, then addresses.
    pub fn names(&self) -> Vec<String> {
        self.role.map(|role| role.code().to_owned()).into_iter().chain(self.people.iter().map(ToString::to_string)).collect()
    }
}
