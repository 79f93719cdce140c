//! One set of books for an order, over all its returns: what is given back is what was paid, less what the order would have cost with
//! what stays. It depends on how things stand and never on the way there, so nothing has to be undone.

use super::ground::Ground;
use super::ledger::Ledger;
use super::receipt::Settlement;
use super::terms::Terms;
use crate::ids::LineId;
use crate::order::Order;
use crate::policy::{GiftRule, Resolution};

/// Payments of this method are the shop's own credit: no bonus is paid on what they bring (credit does not breed credit).
pub const STORE_CREDIT: &str = "store_credit";

/// Units of a line with one wish, on one return.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Line of the order.
    pub line: LineId,
    /// Units.
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

/// The books as they stand. Amounts are minor units of the order's currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Books {
    /// Paid for the order.
    pub captured: i64,
    /// Given back by somebody else.
    pub outside: i64,
    /// What all open returns come to beyond what was granted, if all is as said.
    pub expected: i64,
    /// What the customer owes beyond that: a dearer exchange, freight.
    pub due: i64,
    /// Promised from here, presents included.
    pub granted: i64,
    /// Of `granted`, presents: beside what the goods are worth.
    pub goodwill: i64,
    /// Of `granted`, what arrived.
    pub paid: i64,
    /// Of `granted`, what turned out too much; later grants pay it first, and it never becomes a payment.
    pub offsets: i64,
    /// Of `granted`, money with no payment to go back to: a person's task.
    pub unplaced: i64,
    /// For each part, in their order, what it adds. Their sum is exact; how it is split is a view.
    pub parts: Vec<Settlement>,
    /// For each part, what its claims are worth before freight: by this a parcel's freight is shared among its orders.
    pub weights: Vec<i64>,
    /// What is left of each payment, with what has gone and what would go back to it.
    pub payments: Vec<PaymentBooks>,
}

/// One payment's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentBooks {
    /// The gateway's name for it.
    pub id: Option<String>,
    /// `card`, `alipay`, …
    pub method: Option<String>,
    /// Captured.
    pub brought: i64,
    /// Went back to it from here.
    pub back: i64,
    /// Is on its way back to it from here.
    pub pending: i64,
    /// Given back by somebody else; what names no payment is taken to have gone back in the order of payment.
    pub outside: i64,
    /// Would go back beyond that if all is as said, what is granted and not under way included.
    pub expected: i64,
}

/// The books of `order` with its returns in the order they were opened.
pub fn books<'p>(order: &Order, gifts: GiftRule, outside: &[Outside], parts: impl IntoIterator<Item = &'p Part> + Clone) -> Books {
    let mut ledger = Ledger::of(order, gifts, outside);
    let settlements: Vec<Settlement> = parts.clone().into_iter().map(|part| ledger.enter(part)).collect();
    ledger.close(parts, settlements, outside)
}

/// Captured beyond what the order explains, where that is more than tips and small fees come to (a tenth): it never goes back unseen.
pub fn unexplained(order: &Order) -> i64 {
    Ground::of(order, false).unexplained
}

impl PaymentBooks {
    /// What may still go back to it.
    pub fn left(&self) -> i64 {
        (self.brought - self.back - self.pending - self.outside - self.expected).max(0)
    }
}
