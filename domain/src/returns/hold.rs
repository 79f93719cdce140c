//! Promised money that nobody pays for now: somebody stopped it, or a second pair of eyes looks first.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::number::GrantNo;
use crate::coded::coded;

/// What keeps a grant from being paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// What is not paid for now.
    pub grant: GrantNo,
    pub at: Timestamp,
    /// On what ground.
    pub ground: HoldGround,
    /// Who may not release it: of a second pair of eyes, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_by: Option<Actor>,
    /// Why, for who works on it, never for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Why promised money is not paid for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldGround {
    /// Somebody said so.
    Stopped,
    /// It is so much that somebody else looks at it as well.
    SecondLook,
}

coded!(HoldGround { Stopped => "stopped", SecondLook => "second_look" });
