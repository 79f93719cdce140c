//! An order's books as they stand.

use super::receipt::Settlement;

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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentBooks {
    /// The gateway's name for it.
    pub id: Option<String>,
    /// `card`, `alipay`, …
    pub method: Option<String>,
    /// The last four digits of the card, where told.
    pub card_ending: Option<String>,
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

impl PaymentBooks {
    /// What may still go back to it.
    pub fn left(&self) -> i64 {
        (self.brought - self.back - self.pending - self.outside - self.expected).max(0)
    }
}
