//! What was promised and paid of an order from here, and what follows from it. Entries never change: what turns out otherwise is a later
//! entry, or an offset that later grants pay first. Amounts are minor units of the order's currency.

use super::books::{Books, Outside, Part};
use super::ledger::{Ledger, narrow};
use super::payments::Payments;
use super::receipt::Settlement;
use crate::order::Order;
use crate::policy::GiftRule;

/// A promise that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The grant's name, the caller's own.
    pub id: u64,
    /// For what.
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
    /// Where to.
    pub to: Tender,
    /// Above 0.
    pub amount: i64,
    /// How far it came.
    pub state: LegState,
}

/// Where money goes.
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

/// An order with all that was asked, accepted, granted and paid of it.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The order.
    pub order: &'a Order,
    /// What becomes of a gift whose item comes back.
    pub gifts: GiftRule,
    /// Money that somebody else gave back.
    pub outside: &'a [Outside],
    /// What is asked and not refused, accepted or not, by return in the order they were opened.
    pub asked: &'a [Part],
    /// What was accepted, by grant in the order they were made.
    pub accepted: &'a [Part],
    /// Grants.
    pub grants: &'a [Granted],
}

impl Account<'_> {
    /// The books as they stand.
    pub fn books(&self) -> Books {
        let mut asked = self.ledger();
        let settlements = self.asked.iter().map(|part| asked.enter(part)).collect();
        asked.close_with(self.asked, settlements, self.entries())
    }

    /// What accepting `part` grants: what is worth giving back for all that is accepted then, less what was granted. Nothing is granted
    /// where that is below nothing, and later grants pay it first. A part with nothing in it makes up for what changed since. The tenders
    /// leave to earlier grants what these have not paid yet.
    pub fn grantable(&self, part: &Part) -> Settlement {
        let mut ledger = self.ledger();
        ledger.stand(self.accepted);
        ledger.grant(part, self.entries())
    }

    /// What of a present can be given: at most what was captured and is left.
    pub fn goodwill(&self, wanted: i64) -> i64 {
        let given: i128 = self.outside.iter().map(|credit| i128::from(credit.amount)).sum();
        let granted: i128 = self.grants.iter().map(|grant| i128::from(grant.amount)).sum();
        let left = i128::from(self.order.captured()) - given - granted;
        wanted.min(narrow(left)).max(0)
    }

    /// Legs for what `grant` still owes: money back to the payments as they were made, each at most what it brought less what went back or
    /// is on its way, and credit beside them.
    pub fn place(&self, grant: &Granted) -> Placed {
        let (money, credit) = grant.unpaid();
        let mut payments = Payments::of(self.order, self.outside, self.legs());
        let leg = |to, amount| Leg { to, amount, state: LegState::Pending };
        let mut legs: Vec<Leg> = payments.pay(money).into_iter().map(|share| leg(Tender::Payment(share.id), share.amount)).collect();
        let unplaced = money - legs.iter().map(|leg| leg.amount).sum::<i64>();
        legs.extend((credit > 0).then(|| leg(Tender::Credit, credit)));
        Placed { legs, unplaced }
    }

    fn ledger(&self) -> Ledger<'_> {
        let goodwill = self.grants.iter().filter(|grant| grant.cause == Cause::Goodwill).map(|grant| grant.amount).sum();
        Ledger::beside(self.order, self.gifts, self.outside, goodwill)
    }

    fn legs(&self) -> impl Iterator<Item = &Leg> {
        self.grants.iter().flat_map(|grant| &grant.legs)
    }

    fn entries(&self) -> Entries {
        let mut accepted = self.ledger();
        accepted.stand(self.accepted);
        let sum = |of: &dyn Fn(&Granted) -> i64| self.grants.iter().map(of).sum::<i64>();
        let of_cause = |cause: Cause| sum(&|grant| if grant.cause == cause { grant.amount } else { 0 });
        Entries {
            accepted: accepted.total(),
            granted: of_cause(Cause::Worth),
            goodwill: of_cause(Cause::Goodwill),
            credit: sum(&|grant| grant.credit),
            unpaid: sum(&|grant| grant.unpaid().0),
            paid: self.legs().filter(|leg| leg.state == LegState::Paid).map(|leg| leg.amount).sum(),
            payments: Payments::of(self.order, self.outside, self.legs()),
        }
    }
}

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
    /// Nothing was granted.
    pub(super) fn none(payments: Payments) -> Self {
        Self { accepted: 0, granted: 0, goodwill: 0, credit: 0, unpaid: 0, paid: 0, payments }
    }

    /// Granted beyond what is accepted is worth: later grants pay it first.
    pub(super) fn offsets(&self) -> i64 {
        (self.granted - self.accepted.max(0)).max(0)
    }
}
