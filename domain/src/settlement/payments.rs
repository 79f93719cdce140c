//! An order's payments with what is left of them, and how a part's amount is shared among them and the shop's credit.

use super::balance::PaymentBooks;
use super::claims::{Claim, Outside, PaidHere, Part, STORE_CREDIT};
use super::grants::{Leg, LegState, Tender};
use super::ground::narrow;
use super::receipt::{ReceiptKind, ReceiptLine, Settlement, TenderShare};
use super::row::Changes;
use crate::money::split;
use crate::order::Order;
use crate::policy::{BasisPoints, Resolution};

/// Payments with what is left of them.
#[derive(Clone, Debug)]
pub(super) struct Payments {
    pub rows: Vec<PaymentBooks>,
    /// What credit, so far, stands for of each payment: for the bonus only, as credit never takes a payment's place.
    credited: Vec<i64>,
}

impl Payments {
    /// With what customers paid for returns, what somebody else gave back, and what legs took back or are taking.
    pub(super) fn of<'l>(order: &Order, outside: &[Outside], parts: &[Part], legs: impl IntoIterator<Item = &'l Leg>) -> Self {
        let mut rows: Vec<PaymentBooks> = order
            .payments
            .iter()
            .map(|payment| {
                let method = payment.method.as_ref().map(ToString::to_string);
                row(payment.id.clone(), method, payment.card_ending.clone(), payment.amount)
            })
            .collect();
        if rows.is_empty() {
            rows.push(row(None, None, None, order.captured()));
        }
        rows.extend(parts.iter().flat_map(|part| &part.paid).map(brought_here));
        let (named, unnamed): (Vec<&Outside>, Vec<&Outside>) =
            outside.iter().partition(|credit| credit.payment.is_some() && rows.iter().any(|row| row.id == credit.payment));
        for credit in named {
            if let Some(row) = rows.iter_mut().find(|row| row.id == credit.payment) {
                row.outside += credit.amount;
            }
        }
        for leg in legs.into_iter().filter(|leg| leg.state.stands()) {
            carry(&mut rows, leg);
        }
        let mut rest: i64 = unnamed.iter().map(|credit| credit.amount).sum();
        for row in &mut rows {
            let took = rest.min(row.left());
            row.outside += took;
            rest -= took;
        }
        let credited = vec![0; rows.len()];
        Self { rows, credited }
    }

    /// What a customer paid for a return is beside what the order was paid with.
    pub(super) fn bring(&mut self, paid: &[PaidHere]) {
        self.rows.extend(paid.iter().map(brought_here));
        self.credited.resize(self.rows.len(), 0);
    }

    /// A part's settlement: what it `adds`, shared between money and credit by what its claims are worth.
    pub(super) fn settle(&mut self, order: &Order, adds: i64, rows: Changes, claims: &[Claim], worths: &[i128]) -> Settlement {
        let expected = adds.max(0);
        let worth_of = |credit: bool| -> i64 {
            let of = claims.iter().zip(worths).filter(|(claim, _)| (claim.resolution == Resolution::StoreCredit) == credit);
            narrow(of.map(|(_, worth)| (*worth).max(0)).sum())
        };
        let (money, credit) = (worth_of(false), worth_of(true));
        let only_credit = !claims.is_empty() && claims.iter().all(|claim| claim.resolution == Resolution::StoreCredit);
        let store_credit =
            if money == 0 && credit == 0 { if only_credit { expected } else { 0 } } else { split(expected, &[money, credit])[1] };
        let tenders = self.pay(expected - store_credit);
        let bonus = self.bonus(order, store_credit, claims, worths);
        let outbound = narrow(rows.of(&ReceiptKind::Shipping));
        let receipt = rows.into_rows().map(|row| ReceiptLine { amount: narrow(row.amount), kind: row.kind() });
        Settlement {
            currency: order.currency,
            receipt: receipt.collect(),
            expected,
            due: (-adds).max(0),
            store_credit,
            bonus,
            tenders,
            outbound,
        }
    }

    /// Leaves room for what was granted before: money that no leg carries yet, and what credit stands for.
    pub(super) fn reserve(&mut self, money: i64, credit: i64) {
        self.pay(money);
        self.stand_for(credit);
    }

    /// Money goes back to the payments in the order they were made, each at most what is left of what it brought.
    pub(super) fn pay(&mut self, money: i64) -> Vec<TenderShare> {
        let mut rest = money;
        let mut shares = Vec::new();
        for (place, row) in self.rows.iter_mut().enumerate() {
            let amount = rest.min(row.left());
            if amount > 0 {
                rest -= amount;
                row.expected += amount;
                let (id, method, card_ending) = (row.id.clone(), row.method.clone(), row.card_ending.clone());
                shares.push(TenderShare { payment: place, id, method, card_ending, amount });
            }
        }
        shares
    }

    /// Credit stands for payments in the order they were made; how much of it for payments that were credit themselves, or for none: what
    /// another return owes and has not paid.
    fn stand_for(&mut self, amount: i64) -> i64 {
        let (mut own, mut rest) = (0, amount);
        for (row, credited) in self.rows.iter().zip(&mut self.credited) {
            let took = rest.min((row.left() - *credited).max(0));
            *credited += took;
            rest -= took;
            if row.method.as_deref() == Some(STORE_CREDIT) {
                own += took;
            }
        }
        own + rest
    }

    /// Each claim's own rate on its part of the credit, but not on what was itself paid with credit, counted in the order of payment.
    fn bonus(&mut self, order: &Order, store_credit: i64, claims: &[Claim], worths: &[i128]) -> i64 {
        let mut own = self.stand_for(store_credit);
        let mut shares: Vec<(usize, i64, BasisPoints)> = claims
            .iter()
            .zip(worths)
            .filter(|(claim, _)| claim.resolution == Resolution::StoreCredit)
            .map(|(claim, worth)| {
                let place = order.lines.iter().position(|line| line.id == claim.line).unwrap_or(usize::MAX);
                (place, narrow((*worth).max(0)), claim.terms.share)
            })
            .collect();
        shares.sort();
        let weights: Vec<i64> = shares.iter().map(|(_, worth, _)| *worth).collect();
        let mut bonus = 0;
        for ((_, _, rate), amount) in shares.iter().zip(split(store_credit, &weights)) {
            let without = own.min(amount);
            own -= without;
            bonus += rate.of(amount - without);
        }
        bonus
    }
}

fn row(id: Option<String>, method: Option<String>, card_ending: Option<String>, brought: i64) -> PaymentBooks {
    PaymentBooks { id, method, card_ending, brought, back: 0, pending: 0, outside: 0, expected: 0 }
}

fn brought_here(paid: &PaidHere) -> PaymentBooks {
    row(paid.payment.clone(), None, None, paid.amount)
}

/// Puts a leg on the payment it goes to; where several have that name, each takes what it has room for, and the last the rest.
fn carry(rows: &mut [PaymentBooks], leg: &Leg) {
    let Tender::Payment(id) = &leg.to else { return };
    let mut rest = leg.amount;
    let mut named = rows.iter_mut().filter(|row| row.id == *id).peekable();
    while let Some(row) = named.next() {
        let took = if named.peek().is_some() { rest.min(row.left()) } else { rest };
        *(if leg.state == LegState::Paid { &mut row.back } else { &mut row.pending }) += took;
        rest -= took;
    }
}
