//! What was promised and paid of an order from here. It never changes: what turns out otherwise is a later grant, or an offset that
//! later grants pay first. Amounts are minor units of the order's currency.

/// A promise that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The grant's name, the caller's own.
    pub id: u64,
    pub cause: Cause,
    /// At least 0; the bonus is beside it.
    pub amount: i64,
    /// The part of `amount` that is paid as store credit.
    pub credit: i64,
    /// Attempts to pay it.
    pub legs: Vec<Leg>,
}

/// What a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// What stays of the order costs less than was paid.
    Worth,
    /// A present, beside what anything is worth.
    Goodwill,
}

/// Money on its way or gone to one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    pub to: Tender,
    /// Above 0.
    pub amount: i64,
    /// How far it came.
    pub state: LegState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tender {
    /// A payment of the order, by the gateway's name; without one, those that have none.
    Payment(Option<String>),
    /// The shop's credit. It never takes a payment's place.
    Credit,
}

/// How far a leg came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegState {
    /// Started; takes its place.
    Pending,
    /// With the customer.
    Paid,
    /// Never arrived; its place is free again.
    Failed,
    /// Came back from the customer's bank; its place is free again.
    Reversed,
}

impl LegState {
    /// Whether it takes its payment's place.
    pub fn stands(self) -> bool {
        matches!(self, Self::Pending | Self::Paid)
    }
}

impl Granted {
    /// What no leg carries yet, or any more: money, credit. Never below 0.
    pub fn unpaid(&self) -> (i64, i64) {
        let carried = |credit: bool| -> i64 {
            let legs = self.legs.iter().filter(|leg| leg.state.stands() && (leg.to == Tender::Credit) == credit);
            legs.map(|leg| leg.amount).sum()
        };
        ((self.amount - self.credit - carried(false)).max(0), (self.credit - carried(true)).max(0))
    }
}

/// Legs that would carry what a grant still owes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Pending.
    pub legs: Vec<Leg>,
    /// Money with no payment to go back to: a person's task.
    pub unplaced: i64,
}
