//! An order's state with its returns entered one after the other: each costs what it touches, however many stand before it.

use std::sync::Arc;

use super::books::{Books, Claim, Outside, Part};
use super::ground::Ground;
use super::payments::Payments;
use super::position::Position;
use super::receipt::{ReceiptKind, Settlement};
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
    /// What is left of what was paid.
    ceiling: i128,
    freight: i128,
    /// What the returns entered come to.
    total: i128,
}

impl<'o> Ledger<'o> {
    /// Nothing entered but what somebody else gave back.
    pub fn of(order: &'o Order, gifts: GiftRule, outside: &[Outside]) -> Self {
        let ground = Ground::of(order, gifts != GiftRule::Keep);
        let given: i128 = outside.iter().map(|credit| i128::from(credit.amount)).sum();
        let credited: Vec<Claim> = outside.iter().filter_map(credited).collect();
        let mut position = Position::staying(&ground);
        position.take_in(&ground, &credited);
        Self {
            start: position.worth,
            position,
            payments: Payments::of(order, outside),
            outside: given,
            credited: credited.len(),
            ceiling: (i128::from(order.captured()) - given).max(0),
            freight: 0,
            total: 0,
            ground: Arc::new(ground),
        }
    }

    /// Enters a return; what it adds.
    pub fn enter(&mut self, part: &Part) -> Settlement {
        let first = self.position.claims();
        let mut rows = self.position.take_in(&self.ground, &part.claims);
        self.freight += i128::from(part.freight);
        rows.put(ReceiptKind::Freight, -i128::from(part.freight));
        // Never above what is left of what was paid.
        let now = (self.position.worth - self.start - self.freight).min(self.ceiling);
        rows.put(ReceiptKind::Cap, now - self.total - rows.sum());
        let adds = narrow(now - self.total);
        self.total = now;
        let to_credit = part.claims.iter().any(|claim| claim.resolution == Resolution::StoreCredit);
        let worths = if to_credit { self.position.worths(&self.ground, first, &part.claims) } else { vec![0; part.claims.len()] };
        self.payments.settle(self.ground.order, adds, rows, &part.claims, &worths)
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

    /// The books with all of `parts` entered, each of which added its settlement.
    pub(super) fn close<'p>(mut self, parts: impl IntoIterator<Item = &'p Part>, settlements: Vec<Settlement>) -> Books {
        let mut first = self.credited;
        let mut weights = Vec::with_capacity(settlements.len());
        for part in parts {
            weights.push(self.weight(first, part));
            first += part.claims.len();
        }
        let total = narrow(self.total);
        Books {
            captured: self.ground.order.captured(),
            outside: narrow(self.outside),
            expected: total.max(0),
            due: (-total).max(0),
            parts: settlements,
            weights,
            payments: self.payments.rows,
        }
    }
}

fn credited(credit: &Outside) -> Option<Claim> {
    let (line, units) = credit.units.clone().filter(|(_, units)| *units > 0)?;
    Some(Claim { line, units, resolution: Resolution::Refund, terms: Terms::OUTSIDE, price: None })
}

pub(super) fn narrow(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN / 4 } else { i64::MAX / 4 })
}
