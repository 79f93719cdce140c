//! One set of books for an order, over all its returns: what is given back is what was paid, less what the order would have cost with
//! what stays. It depends on how things stand and never on the way there, so nothing has to be undone.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::position::Row;
use super::receipt::{ReceiptKind, ReceiptLine, Settlement, TenderShare};
use super::terms::Terms;
use crate::ids::LineId;
use crate::money::split;
use crate::order::Order;
use crate::policy::{BasisPoints, GiftRule, Resolution};

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
    /// The share of its parcel's freight that this order bears, minor units.
    pub freight: i64,
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
    /// What all open returns come to, if all is as said.
    pub expected: i64,
    /// What the customer owes beyond that: a dearer exchange, freight.
    pub due: i64,
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
    /// Given back by somebody else; what names no payment is taken to have gone back in the order of payment.
    pub outside: i64,
    /// Would go back if all is as said.
    pub expected: i64,
}

/// The books of `order` with its returns in the order they were opened.
pub fn books<'p>(order: &Order, gifts: GiftRule, outside: &[Outside], parts: impl IntoIterator<Item = &'p Part> + Clone) -> Books {
    let ground = Ground::of(order, gifts != GiftRule::Keep);
    let given: i128 = outside.iter().map(|credit| i128::from(credit.amount)).sum();
    let credited: Vec<Claim> = outside.iter().filter_map(credited).collect();
    let ceiling = (i128::from(order.captured()) - given).max(0);

    let mut payments = Payments::of(order, outside);
    let mut claims: Vec<&Claim> = credited.iter().collect();
    let mut before = ground.position(&claims);
    let start = before.worth;
    let (mut freight, mut brought) = (0_i128, 0_i128);
    let mut settlements = Vec::new();
    for part in parts.clone() {
        let first = claims.len();
        claims.extend(&part.claims);
        let after = ground.position(&claims);
        let mut rows = after.less(&before);
        freight += i128::from(part.freight);
        Row::put(&mut rows, ReceiptKind::Freight, -i128::from(part.freight));
        // Never above what is left of what was paid.
        let now = (after.worth - start - freight).min(ceiling);
        let uncapped: i128 = rows.values().map(|row| row.amount).sum();
        Row::put(&mut rows, ReceiptKind::Cap, now - brought - uncapped);
        let adds = narrow(now - brought);
        brought = now;
        settlements.push(payments.settle(order, adds, rows, &part.claims, &after.lots[first..]));
        before = after;
    }

    let mut weights = Vec::with_capacity(settlements.len());
    let mut lots = before.lots[credited.len()..].iter();
    for part in parts {
        weights.push(narrow(lots.by_ref().take(part.claims.len()).map(|worth| (*worth).max(0)).sum()));
    }
    let total = narrow(brought);
    Books {
        captured: order.captured(),
        outside: narrow(given),
        expected: total.max(0),
        due: (-total).max(0),
        parts: settlements,
        weights,
        payments: payments.rows,
    }
}

/// Captured beyond what the order explains, where that is more than tips and small fees come to (a tenth): it never goes back unseen.
pub fn unexplained(order: &Order) -> i64 {
    Ground::of(order, false).unexplained
}

fn credited(credit: &Outside) -> Option<Claim> {
    let (line, units) = credit.units.clone().filter(|(_, units)| *units > 0)?;
    Some(Claim { line, units, resolution: Resolution::Refund, terms: Terms::OUTSIDE, price: None })
}

fn narrow(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN / 4 } else { i64::MAX / 4 })
}

/// Payments with what is left of them.
struct Payments {
    rows: Vec<PaymentBooks>,
    /// What credit, so far, stands for of each payment: for the bonus only, as credit never takes a payment's place.
    credited: Vec<i64>,
}

impl Payments {
    fn of(order: &Order, outside: &[Outside]) -> Self {
        let row = |id, method, brought| PaymentBooks { id, method, brought, outside: 0, expected: 0 };
        let mut rows: Vec<PaymentBooks> = order
            .payments
            .iter()
            .map(|payment| row(payment.id.clone(), payment.method.as_ref().map(ToString::to_string), payment.amount))
            .collect();
        if rows.is_empty() {
            rows.push(row(None, None, order.captured()));
        }
        let (named, unnamed): (Vec<&Outside>, Vec<&Outside>) = outside
            .iter()
            .partition(|credit| credit.payment.is_some() && order.payments.iter().any(|payment| payment.id == credit.payment));
        for credit in named {
            if let Some(row) = rows.iter_mut().find(|row| row.id == credit.payment) {
                row.outside += credit.amount;
            }
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

    /// A part's settlement: what it `adds`, shared between money and credit by what its claims are worth.
    fn settle(
        &mut self,
        order: &Order,
        adds: i64,
        rows: BTreeMap<super::position::Key, Row>,
        claims: &[Claim],
        worths: &[i128],
    ) -> Settlement {
        let expected = adds.max(0);
        let worth_of = |credit: bool| -> i64 {
            let of = claims.iter().zip(worths).filter(|(claim, _)| (claim.resolution == Resolution::StoreCredit) == credit);
            narrow(of.map(|(_, worth)| (*worth).max(0)).sum())
        };
        let (money, credit) = (worth_of(false), worth_of(true));
        let only_credit = claims.iter().all(|claim| claim.resolution == Resolution::StoreCredit);
        let store_credit =
            if money == 0 && credit == 0 { if only_credit { expected } else { 0 } } else { split(expected, &[money, credit])[1] };
        let tenders = self.pay(expected - store_credit);
        let bonus = self.bonus(order, store_credit, claims, worths);
        let outbound = rows.values().filter(|row| row.kind == ReceiptKind::Shipping).map(|row| narrow(row.amount)).sum();
        let receipt =
            rows.into_values().filter(|row| row.amount != 0).map(|row| ReceiptLine { amount: narrow(row.amount), kind: row.kind() });
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

    /// Money goes back to the payments in the order they were made, each at most what is left of what it brought.
    fn pay(&mut self, money: i64) -> Vec<TenderShare> {
        let mut rest = money;
        let mut shares = Vec::new();
        for (place, row) in self.rows.iter_mut().enumerate() {
            let amount = rest.min(row.left());
            if amount > 0 {
                rest -= amount;
                row.expected += amount;
                shares.push(TenderShare { payment: place, id: row.id.clone(), method: row.method.clone(), amount });
            }
        }
        shares
    }

    /// Each claim's own rate on its part of the credit, but not on what was itself paid with credit, counted in the order of payment.
    fn bonus(&mut self, order: &Order, store_credit: i64, claims: &[Claim], worths: &[i128]) -> i64 {
        let mut own = 0;
        let mut rest = store_credit;
        for (row, credited) in self.rows.iter().zip(&mut self.credited) {
            let took = rest.min((row.left() - *credited).max(0));
            *credited += took;
            rest -= took;
            if row.method.as_deref() == Some(STORE_CREDIT) {
                own += took;
            }
        }
        let mut to_credit: Vec<(usize, i64, BasisPoints)> = claims
            .iter()
            .zip(worths)
            .filter(|(claim, _)| claim.resolution == Resolution::StoreCredit)
            .map(|(claim, worth)| {
                let place = order.lines.iter().position(|line| line.id == claim.line).unwrap_or(usize::MAX);
                (place, narrow((*worth).max(0)), claim.terms.share)
            })
            .collect();
        to_credit.sort();
        let weights: Vec<i64> = to_credit.iter().map(|(_, worth, _)| *worth).collect();
        let mut bonus = 0;
        for ((_, _, rate), amount) in to_credit.iter().zip(split(store_credit, &weights)) {
            let without = own.min(amount);
            own -= without;
            bonus += rate.of(amount - without);
        }
        bonus
    }
}

impl PaymentBooks {
    /// What may still go back to it.
    pub fn left(&self) -> i64 {
        (self.brought - self.outside - self.expected).max(0)
    }
}
