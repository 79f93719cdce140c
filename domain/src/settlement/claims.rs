//! What is asked of an order: units with a wish, lowered prices, what others gave back.

use super::terms::Terms;
use crate::ids::LineId;
use crate::policy::Resolution;

// No bonus is paid on what these bring: credit does not breed credit.
pub use crate::order::STORE_CREDIT;

/// Units of a line with one wish, on one return.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Line of the order.
    pub line: LineId,
    pub units: u32,
    /// What the customer gets for them.
    pub resolution: Resolution,
    /// What policy said of them.
    pub terms: Terms,
    /// List price of one unit of what is wanted in exchange, minor units; not known: an even exchange, which a person looks at.
    pub price: Option<i64>,
    /// What all its units together are worth less than said, as was agreed after they were looked at; minor units, at most what they would
    /// bring.
    pub less: i64,
    /// More units of a line of the return that another claim is of, too: what is charged once a line is charged there.
    pub again: bool,
    /// Not the units that were bought, but those that came in exchange for them, at that list price: what was exchanged gives way to it.
    pub succeeds: Option<i64>,
}

impl Claim {
    /// Units that are as said.
    pub fn of(line: LineId, units: u32, resolution: Resolution, terms: Terms) -> Self {
        Self { line, units, resolution, terms, price: None, less: 0, again: false, succeeds: None }
    }
}

/// One return's part of the order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// What is asked and not refused.
    pub claims: Vec<Claim>,
    /// Prices that were lowered after the purchase.
    pub protections: Vec<Protection>,
    /// The share of its parcel's freight that this order bears, minor units.
    pub freight: i64,
    /// What the customer paid for it.
    pub paid: Vec<PaidHere>,
}

/// A payment of the customer's for a return: what was due, or what was given ahead and came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidHere {
    /// The gateway's name for it; nothing where it came by hand.
    pub payment: Option<String>,
    /// Minor units.
    pub amount: i64,
}

/// A price lowered after the purchase, for as long as the units stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Line of the order.
    pub line: LineId,
    /// Units, at least 1.
    pub units: u32,
    /// For all of them, minor units. It changes no discount's share and minimum.
    pub amount: i64,
}

/// Money that somebody else gave back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outside {
    /// For units of a line; nothing: money only.
    pub units: Option<(LineId, u32)>,
    /// The payment it went back to, where that is known.
    pub payment: Option<String>,
    /// Minor units.
    pub amount: i64,
}
