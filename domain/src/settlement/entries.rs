//! What grants and their legs come to, all together. Amounts are minor units of the order's currency.

use super::payments::Payments;

/// What grants and their legs come to.
pub(super) struct Entries {
    /// What is accepted is worth.
    pub accepted: i64,
    /// Granted for worth, and as a present.
    pub granted: i64,
    pub goodwill: i64,
    /// Of both, what goes to credit.
    pub credit: i64,
    /// Of both, money that no leg carries.
    pub unpaid: i64,
    pub paid: i64,
    /// With what went back and is on its way.
    pub payments: Payments,
}

impl Entries {
    pub(super) fn none(payments: Payments) -> Self {
        Self { accepted: 0, granted: 0, goodwill: 0, credit: 0, unpaid: 0, paid: 0, payments }
    }

    /// Granted beyond what is accepted is worth: later grants pay it first.
    pub(super) fn offsets(&self) -> i64 {
        (self.granted - self.accepted.max(0)).max(0)
    }
}
