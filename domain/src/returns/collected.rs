//! Money that the customer pays for a return: what something dearer in exchange costs more (P21), or what was given before goods came that never
//! did (P20). It is in the books of its order, as a payment of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::number::{CollectedNo, LotNo};
use crate::coded::coded;
use crate::ids::OrderNumber;
use crate::money::{Currency, Money};

/// The customer is reminded of what is due after that.
pub const DUE_REMINDED_AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);
/// What is due and was not paid for so long is a person's.
pub const DUE_TASK_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What money was collected for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectedFor {
    /// What goes out in exchange costs more than what comes back.
    Due,
    /// What was given before goods came, which never did.
    Back,
}

coded!(CollectedFor { Due => "due", Back => "back" });

/// Money that the customer paid. It never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collected {
    pub id: CollectedNo,
    pub at: Timestamp,
    /// The order whose money it is.
    pub order: OrderNumber,
    /// What it is for.
    pub lots: Vec<LotNo>,
    pub cause: CollectedFor,
    pub currency: Currency,
    /// Minor units, above 0.
    pub amount: i64,
    /// The gateway's name for the payment; nothing where it came by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// What bank or till call it, where it came by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What the customer is to pay before exchanges of an order go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    pub order: OrderNumber,
    /// What it is for: all that waits.
    pub lots: Vec<LotNo>,
    pub currency: Currency,
    /// Minor units, above 0.
    pub amount: i64,
    /// Since when.
    pub since: Timestamp,
}

/// Something that the customer may have paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collectable {
    pub cause: CollectedFor,
    pub order: OrderNumber,
    pub lots: Vec<LotNo>,
    /// At most; 0 where nobody knows.
    pub amount: Money,
}

/// What was given for goods of an order that did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAhead {
    pub order: OrderNumber,
    pub lots: Vec<LotNo>,
    pub currency: Currency,
    /// At most what it is worth, minor units; 0 where nobody knows.
    pub amount: i64,
}
