//! An order's state with its returns entered one after the other: each costs what it touches, however many stand before it.

use std::sync::Arc;

use super::balance::Books;
use super::claims::{Claim, Outside, Part};
use super::entries::Entries;
use super::ground::{Ground, narrow};
use super::lowered::{LowerPrice, protections};
use super::payments::Payments;
use super::position::Position;
use super::receipt::{ReceiptKind, Settlement};
use super::row::Changes;
use super::terms::Terms;
use crate::order::Order;
use crate::policy::{GiftRule, Resolution};

/// An order with some returns entered. Amounts are minor units of the order's currency.
#[derive(Clone)]
pub struct Ledger<'o> {
    ground: Arc<Ground<'o>>,
    position: Position,
    payments: Payments,
    /// Given back by somebody else.
    outside: i128,
    /// Claims that were credited by somebody else, and what they are worth.
    credited: usize,
    start: i128,
    /// What is left of what the order was paid with; below nothing where more went back elsewhere, of what was paid for returns.
    ceiling: i128,
    freight: i128,
    /// What the customer paid for the returns entered.
    paid: i128,
    /// What the returns entered come to.
    total: i128,
}

impl<'o> Ledger<'o> {
    /// Nothing entered but what somebody else gave back.
    pub fn of(order: &'o Order, gifts: GiftRule, outside: &[Outside]) -> Self {
        Self::beside(order, gifts, outside, 0, &[])
    }

    /// As [`Self::of`], beside presents of `goodwill` in all, and with prices lowered.
    pub fn beside(order: &'o Order, gifts: GiftRule, outside: &[Outside], goodwill: i64, lowered: &[LowerPrice]) -> Self {
        let ground = Ground::of(order, gifts != GiftRule::Keep);
        let given: i128 = outside.iter().map(|credit| i128::from(credit.amount)).sum();
        let credited: Vec<Claim> = outside.iter().filter_map(credited).collect();
        let mut position = Position::staying(&ground);
        position.take_in(&ground, &credited, &[]);
        let mut ledger = Self {
            start: position.worth,
            position,
            payments: Payments::of(order, outside, &[], []),
            outside: given,
            credited: credited.len(),
            ceiling: i128::from(order.captured()) - given - i128::from(goodwill),
            freight: 0,
            paid: 0,
            total: 0,
            ground: Arc::new(ground),
        };
        let protections = protections(order, lowered);
        if !protections.is_empty() {
            ledger.stand(&[Part { protections, ..Part::default() }]);
        }
        ledger
    }

    /// Enters a return; what it adds.
    pub fn enter(&mut self, part: &Part) -> Settlement {
        self.payments.bring(&part.paid);
        let (first, before) = (self.position.claims(), self.total);
        let mut rows = self.change(part);
        rows.put(ReceiptKind::Cap, self.total - before - rows.sum());
        let worths = self.worths_to_share(first, part);
        self.payments.settle(self.ground.order, narrow(self.total - before), rows, &part.claims, &worths)
    }

    /// What a part adds to what was granted, where what is entered was accepted before: never below nothing.
    pub(super) fn grant(mut self, part: &Part, entries: Entries) -> Settlement {
        let (first, owed) = (self.position.claims(), (-self.total).max(0));
        let mut rows = self.change(part);
        let amount = (self.total - i128::from(entries.granted)).max(0);
        let due = ((-self.total).max(0) - owed).max(0);
        rows.put(ReceiptKind::Cap, amount - due - rows.sum());
        let worths = self.worths_to_share(first, part);
        let mut payments = entries.payments;
        payments.reserve(entries.unpaid, entries.credit);
        let settlement = payments.settle(self.ground.order, narrow(amount), rows, &part.claims, &worths);
        Settlement { due: narrow(due), ..settlement }
    }

    /// Enters returns of which only what they come to is asked.
    pub(super) fn stand(&mut self, parts: &[Part]) {
        for part in parts {
            self.change(part);
        }
    }

    /// What the returns entered come to; negative: what the customer owes.
    pub(super) fn total(&self) -> i64 {
        narrow(self.total)
    }

    fn change(&mut self, part: &Part) -> Changes {
        let mut rows = self.position.take_in(&self.ground, &part.claims, &part.protections);
        self.freight += i128::from(part.freight);
        rows.put(ReceiptKind::Freight, -i128::from(part.freight));
        let paid: i128 = part.paid.iter().map(|paid| i128::from(paid.amount)).sum();
        rows.put(ReceiptKind::Collected, paid);
        self.paid += paid;
        // Never above what is left of what was paid.
        self.total = (self.position.worth - self.start - self.freight + self.paid).min((self.ceiling + self.paid).max(0));
        rows
    }

    /// What each claim is worth, where that is asked: for a share between money and credit.
    fn worths_to_share(&mut self, first: usize, part: &Part) -> Vec<i128> {
        let to_credit = part.claims.iter().any(|claim| claim.resolution == Resolution::StoreCredit);
        if to_credit { self.position.worths(&self.ground, first, &part.claims) } else { vec![0; part.claims.len()] }
    }

    /// What a return would add, and what its claims are worth before freight; it is not entered.
    pub fn with(&self, part: &Part) -> (Settlement, i64) {
        let mut after = self.clone();
        let first = after.position.claims();
        let settlement = after.enter(part);
        (settlement, after.weight(first, part))
    }

    fn weight(&mut self, first: usize, part: &Part) -> i64 {
        let worths = self.position.worths(&self.ground, first, &part.claims);
        narrow(worths.into_iter().map(|worth| worth.max(0)).sum())
    }

    /// The books with nothing granted.
    pub(super) fn close<'p>(
        self,
        parts: impl IntoIterator<Item = &'p Part> + Clone,
        settlements: Vec<Settlement>,
        outside: &[Outside],
    ) -> Books {
        let mut payments = Payments::of(self.ground.order, outside, &[], []);
        parts.clone().into_iter().for_each(|part| payments.bring(&part.paid));
        self.close_with(parts, settlements, Entries::none(payments))
    }

    /// The books with all of `parts` entered, each of which added its settlement, and what was granted.
    pub(super) fn close_with<'p>(
        mut self,
        parts: impl IntoIterator<Item = &'p Part>,
        settlements: Vec<Settlement>,
        entries: Entries,
    ) -> Books {
        let mut first = self.credited;
        let mut weights = Vec::with_capacity(settlements.len());
        for part in parts {
            weights.push(self.weight(first, part));
            first += part.claims.len();
        }
        let total = self.total();
        let expected = (total - entries.granted).max(0);
        // What goes to credit is not sent to a payment, nor what one return owes before another pays it.
        let money = settlements.iter().map(Settlement::refund).sum::<i64>() - (entries.granted + entries.goodwill - entries.credit);
        let (offsets, standing) = (entries.offsets(), entries.granted.min(entries.accepted.max(0)));
        let mut payments = entries.payments;
        let unplaced = entries.unpaid - payments.pay(entries.unpaid).iter().map(|share| share.amount).sum::<i64>();
        payments.pay(money.clamp(0, expected));
        Books {
            captured: narrow(i128::from(self.ground.order.captured()) + self.paid),
            outside: narrow(self.outside),
            expected,
            due: (standing - total).max(0),
            granted: entries.granted + entries.goodwill,
            goodwill: entries.goodwill,
            paid: entries.paid,
            offsets,
            unplaced,
            parts: settlements,
            weights,
            payments: payments.rows,
        }
    }
}

fn credited(credit: &Outside) -> Option<Claim> {
    let (line, units) = credit.units.clone().filter(|(_, units)| *units > 0)?;
    Some(Claim::of(line, units, Resolution::Refund, Terms::OUTSIDE))
}
