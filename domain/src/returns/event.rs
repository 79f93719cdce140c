//! What happened to a return.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::request::{LineAsked, Opening, OrderPart, Parcel, Pickup};
use crate::ids::{LineId, OrderNumber};
use crate::policy::{Method, PromisedDates, ReviewGround};
use crate::settlement::{Settlement, Terms};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// The customer.
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
        /// Their name.
        name: String,
    },
}

/// A return line, by the order and its line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineRef {
    /// Order.
    pub order: OrderNumber,
    /// Line of the order.
    pub line: LineId,
}

/// One order's part, settled anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderSettled {
    /// Order.
    pub order: OrderNumber,
    /// What is expected now.
    pub settlement: Settlement,
}

/// Why what is expected of a return changed, though nothing was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Another return on the order was opened.
    ReturnOpened,
    /// Another return on the order changed.
    ReturnChanged,
    /// Another return on the order, or part of one, was called off.
    ReturnCancelled,
    /// Something of another return on the order may not come back.
    ReturnDeclined,
    /// The shop gave money back itself.
    CreditedOutside,
    /// The shop told the order anew.
    OrderToldAnew,
}

/// A fact about a return; past tense, never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// It was asked for.
    Opened {
        /// All that was said and answered then.
        opening: Box<Opening>,
    },
    /// Lines may come back.
    Approved {
        /// Which.
        lines: Vec<LineRef>,
    },
    /// A person will decide on lines.
    SentToReview {
        /// Which.
        lines: Vec<LineRef>,
        /// Why.
        ground: ReviewGround,
    },
    /// Lines may not come back.
    Declined {
        /// Which.
        lines: Vec<LineRef>,
    },
    /// Items were added (N10); their answers follow as events of their own. Units of a line that is in the return already join it.
    LinesAdded {
        /// Which, with what was said and answered.
        lines: Vec<LineAsked>,
        /// Every order's part anew.
        orders: Vec<OrderPart>,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// It comes back another way (N10).
    MethodChanged {
        /// How.
        method: Method,
        /// When the door is called at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pickup: Option<Pickup>,
        /// Every line's terms anew, in the lines' order: the freight may differ.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        terms: Vec<Option<Terms>>,
        /// Every order's part anew: the freight may differ.
        orders: Vec<OrderPart>,
        /// Promised dates from now on.
        promises: PromisedDates,
    },
    /// Photos or documents were added.
    EvidenceAdded {
        /// To which lines.
        lines: Vec<LineRef>,
        /// Their names.
        evidence: Vec<String>,
    },
    /// A label was made; a later one replaces it.
    LabelIssued {
        /// The parcel it is for.
        parcel: Parcel,
        /// Promised dates from now on, where it replaces an earlier one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promises: Option<PromisedDates>,
    },
    /// What is expected changed, because of something else in one of its orders.
    ExpectedChanged {
        /// Every order's part anew.
        orders: Vec<OrderSettled>,
        /// What that was.
        because: Because,
    },
    /// A person must look at the money before anything is paid.
    Flagged {
        /// Why.
        ground: ReviewGround,
    },
    /// Lines were called off.
    Cancelled {
        /// Which.
        lines: Vec<LineRef>,
        /// Why, in the words of who did it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

impl Event {
    /// The machine name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Approved { .. } => "approved",
            Self::SentToReview { .. } => "sent_to_review",
            Self::Declined { .. } => "declined",
            Self::LinesAdded { .. } => "lines_added",
            Self::MethodChanged { .. } => "method_changed",
            Self::EvidenceAdded { .. } => "evidence_added",
            Self::LabelIssued { .. } => "label_issued",
            Self::ExpectedChanged { .. } => "expected_changed",
            Self::Flagged { .. } => "flagged",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

/// An event with its place in the return's list, from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Place in the list.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
}
