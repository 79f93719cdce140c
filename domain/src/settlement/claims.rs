//! What is asked of an order: units with a wish, lowered prices, what others gave back.

use super::terms::Terms;
use crate::ids::LineId;
use crate::policy::Resolution;

/// Payments of this method are the shop's own credit: no bonus is paid on what they bring (credit does not breed credit).
pub const STORE_CREDIT: &str = "store_credit";

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
