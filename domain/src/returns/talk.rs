//! What shop and customer write to each other about a return.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::Span;

/// So many messages of a customer may wait for an answer.
pub const MOST_UNANSWERED: u32 = 20;
/// Somebody answers within that.
pub(super) const ANSWERED_WITHIN: Span = Span::WorkingDays(1);

/// How the talk stands; what was said before is in the events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Talk {
    /// What was written last: the same again is a form that was sent twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Message>,
    /// Messages of the customer since somebody answered, or said that none needs an answer.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unanswered: u32,
    /// By when the first of them is to be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// A message, by whom it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "words", rename_all = "snake_case")]
pub enum Message {
    Customer(String),
    Shop(String),
}

impl Talk {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn answered(&mut self) {
        (self.unanswered, self.due) = (0, None);
    }
}

fn is_none(messages: &u32) -> bool {
    *messages == 0
}
