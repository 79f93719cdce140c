//! One set of books for an order, over all its returns: what is given back is what was paid, less what the order would have cost with
//! what stays. It depends on how things stand and never on the way there, so nothing has to be undone.

use super::balance::Books;
use super::claims::{Outside, Part};
use super::entries::Entries;
use super::grants::{Cause, Granted, Leg, LegState, Placed, Tender};
use super::ground::{Ground, narrow};
use super::ledger::Ledger;
use super::lowered::LowerPrice;
use super::payments::Payments;
use super::receipt::Settlement;
use crate::order::Order;
use crate::policy::GiftRule;

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

/// An order with all that was asked, accepted, granted and paid of it.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    pub order: &'a Order,
    /// What becomes of a gift whose item comes back.
    pub gifts: GiftRule,
    /// Money that somebody else gave back.
    pub outside: &'a [Outside],
    /// What is asked and not refused, accepted or not, by return in the order they were opened.
    pub asked: &'a [Part],
    /// What was accepted, by grant in the order they were made.
    pub accepted: &'a [Part],
    /// Presents and lowered prices among them.
    pub grants: &'a [Granted],
    /// Prices that were lowered after the purchase.
    pub lowered: &'a [LowerPrice],
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
        // What was paid to somebody else is nothing to make presents of.
        if self.order.elsewhere {
            return 0;
        }
        let given: i128 = self.outside.iter().map(|credit| i128::from(credit.amount)).sum();
        let granted: i128 = self.grants.iter().map(|grant| i128::from(grant.amount)).sum();
        let left = i128::from(self.order.captured()) - given - granted;
        wanted.min(narrow(left)).max(0)
    }

    /// Legs for what `grant` still owes: money back to the payments as they were made, each at most what it brought less what went back or
    /// is on its way, and credit beside them. Payments that are called `first` come before the others.
    pub fn place(&self, grant: &Granted, first: &[String]) -> Placed {
        let (money, credit) = grant.unpaid();
        let mut payments = Payments::of(self.order, self.outside, self.asked, self.legs());
        payments.rows.sort_by_key(|row| !row.id.as_ref().is_some_and(|id| first.contains(id)));
        let leg = |to, amount| Leg { to, amount, state: LegState::Pending };
        let mut legs: Vec<Leg> = payments.pay(money).into_iter().map(|share| leg(Tender::Payment(share.id), share.amount)).collect();
        let unplaced = money - legs.iter().map(|leg| leg.amount).sum::<i64>();
        legs.extend((credit > 0).then(|| leg(Tender::Credit, credit)));
        Placed { legs, unplaced }
    }

    fn ledger(&self) -> Ledger<'_> {
        let goodwill = self.grants.iter().filter(|grant| grant.cause == Cause::Goodwill).map(|grant| grant.amount).sum();
        Ledger::beside(self.order, self.gifts, self.outside, goodwill, self.lowered)
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
            payments: Payments::of(self.order, self.outside, self.asked, self.legs()),
        }
    }
}
