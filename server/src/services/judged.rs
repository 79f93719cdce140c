//! An order's part with its judgement: what each resolution is worth, what an exchange comes to, and where a person must look.

use domain::ids::LineId;
use domain::money::Money;
use domain::policy::{Basis, Case, Method, Payer, Resolution, ReviewGround, Verdict, promised};
use domain::settlement::{Claim, Ledger, Part as BooksPart, ReceiptKind, Settlement, claim, freight_charge, unexplained};
use jiff::Timestamp;

use super::exchange::Exchange;
use super::gather::Gathered;

/// A resolution with what it adds to the customer's side, freight aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferAmount {
    /// What.
    pub resolution: Resolution,
    /// How much; 0 where nothing is paid.
    pub amount: Money,
    /// Of which a present of the shop.
    pub bonus: Money,
    /// What it rests on.
    pub basis: Basis,
    /// Taken off.
    pub fee: Money,
    /// Who pays the way back.
    pub payer: Payer,
    /// Of the outbound shipping that much comes back by it.
    pub outbound: Money,
    /// The money is with the customer, or the other item leaves, by then.
    pub by: Timestamp,
}

/// An order's part with its judgement.
pub(super) struct Judged<'a> {
    pub part: &'a Gathered,
    pub case: Case<'a>,
    pub verdict: Verdict<'a>,
    pub exchanges: Vec<Exchange>,
    /// The order with the returns opened before this one.
    pub ledger: Ledger<'a>,
}

/// What some claims come to, minor units.
#[derive(Clone, Copy)]
struct Worth {
    total: i64,
    bonus: i64,
    fees: i64,
    outbound: i64,
}

impl Judged<'_> {
    /// What goes into the books, with the wishes of `case`.
    fn claims(&self, case: &Case<'_>) -> Vec<Claim> {
        self.claims_by_line(case).into_iter().flatten().collect()
    }

    /// What goes into the books for each line.
    pub(super) fn claims_by_line(&self, case: &Case<'_>) -> Vec<Option<Claim>> {
        let lines = self.verdict.lines.iter().zip(case.lines).enumerate();
        let claimed = lines.map(|(index, (said, asked))| {
            let price = self.exchanges[index].wanted_price();
            claim(case, said, asked).map(|claim| Claim { price: price.filter(|_| claim.resolution == Resolution::Exchange), ..claim })
        });
        claimed.collect()
    }

    fn settle(&self, claims: Vec<Claim>, freight: i64) -> (Settlement, i64) {
        self.ledger.with(&BooksPart { claims, freight, ..BooksPart::default() })
    }

    /// What the customer gets of it, freight aside; negative: what they pay.
    fn worth(&self, claims: Vec<Claim>) -> Worth {
        let (settled, _) = self.settle(claims, 0);
        let fees = settled.receipt.iter().filter(|row| matches!(row.kind, ReceiptKind::Fee { .. })).map(|row| -row.amount).sum();
        Worth { total: settled.worth() - settled.due, bonus: settled.bonus, fees, outbound: settled.outbound }
    }

    fn others(&self, index: usize) -> Vec<Claim> {
        let claims = self.claims_by_line(&self.case).into_iter().enumerate();
        claims.filter(|(other, _)| *other != index).filter_map(|(_, claim)| claim).collect()
    }

    /// What each resolution offered for line `index` adds to what the other lines are worth.
    pub(super) fn offers(&self, index: usize, now: Timestamp) -> Vec<OfferAmount> {
        let order = &self.part.row.order;
        let said = &self.verdict.lines[index];
        let mut asked = self.case.lines.to_vec();
        let without = self.worth(self.others(index));
        let offers = said.offers.iter().map(|offer| {
            asked[index].resolution = Some(offer.resolution);
            asked[index].law.basis = Some(offer.basis);
            let with = self.worth(self.claims(&Case { lines: &asked, ..self.case }));
            OfferAmount {
                resolution: offer.resolution,
                amount: order.money((with.total - without.total).max(0)),
                bonus: order.money((with.bonus - without.bonus).max(0)),
                basis: offer.basis,
                fee: order.money((with.fees - without.fees).max(0)),
                payer: offer.payer,
                outbound: order.money((with.outbound - without.outbound).max(0)),
                by: promised(&self.part.policy, said.decision, self.case.lines[index].sends_back(offer.resolution), None, now).refunded,
            }
        });
        offers.collect()
    }

    /// What can be had in exchange, with what each choice pays back or costs beside the other lines.
    pub(super) fn priced(&self, index: usize) -> Exchange {
        let mut exchange = self.exchanges[index].clone();
        if exchange.choices.iter().all(|choice| choice.price.is_none()) {
            return exchange;
        }
        let said = &self.verdict.lines[index];
        let mut asked = self.case.lines.to_vec();
        asked[index].resolution = Some(Resolution::Exchange);
        let case = Case { lines: &asked, ..self.case };
        let Some(swapped) = claim(&case, said, &asked[index]) else { return exchange };
        let others = self.others(index);
        let without = self.worth(others.clone()).total;
        for choice in &mut exchange.choices {
            choice.difference = choice.price.map(|price| {
                let with = others.iter().cloned().chain([Claim { price: Some(price.minor), ..swapped.clone() }]).collect();
                self.part.row.order.money(self.worth(with).total - without)
            });
        }
        exchange
    }

    /// Why a person must look though no rule says so: nobody knows what an exchange comes to, or what was paid.
    pub(super) fn doubt(&self, index: usize, resolution: Option<Resolution>) -> Option<ReviewGround> {
        let order = &self.part.row.order;
        let asked = &self.case.lines[index];
        let line = order.line(&asked.line)?;
        if resolution == Some(Resolution::Exchange) {
            let exchange = &self.exchanges[index];
            if exchange.is_agreed() || asked.resolution.is_none() {
                return None;
            }
            let known = exchange.wanted_price().is_some_and(|price| {
                let fits = price.checked_mul(i64::from(asked.quantity)).is_some_and(|list| list <= domain::money::LARGEST_MINOR);
                fits && (line.net() > 0 || price <= line.unit_price)
            });
            return (!known).then_some(ReviewGround::AmountUnknown);
        }
        let all_back = || {
            let back = |id: &LineId| {
                let now: u32 = self.case.lines.iter().filter(|asked| order.in_books(&asked.line) == id).map(|asked| asked.quantity).sum();
                self.part.history.units(id) + now
            };
            order.lines.iter().filter(|line| line.net() > 0).all(|line| back(&line.id) >= line.quantity)
        };
        // What was paid, or given back, in another currency is not in the amount.
        let doubtful = order.has_money_abroad() || unexplained(order) > 0 && all_back();
        (resolution.is_some_and(Resolution::pays) && doubtful).then_some(ReviewGround::Unexplained)
    }
}

/// Settles every order's part of one parcel: one freight, the least that any line in it asks, shared among the orders by what of them is in
/// the parcel.
pub(super) fn settle_together(judged: &[Judged<'_>]) -> Vec<Settlement> {
    let claims: Vec<Vec<Claim>> = judged.iter().map(|part| part.claims(&part.case)).collect();
    let charge = freight_charge(claims.iter().flatten().map(|claim| &claim.terms)).unwrap_or(0);
    let free: Vec<(Settlement, i64)> = judged.iter().zip(&claims).map(|(part, claims)| part.settle(claims.clone(), 0)).collect();
    if charge == 0 {
        return free.into_iter().map(|(settlement, _)| settlement).collect();
    }
    // What stays with the customer or never arrived pays for no other order's parcel.
    let travels = |claims: &[Claim]| claims.iter().any(|claim| claim.terms.freight.is_some());
    let bearers: Vec<usize> = (0..judged.len()).filter(|index| travels(&claims[*index])).collect();
    let weights: Vec<i64> = bearers.iter().map(|index| free[*index].1).collect();
    let mut settlements: Vec<Settlement> = free.into_iter().map(|(settlement, _)| settlement).collect();
    for (index, freight) in bearers.into_iter().zip(domain::money::split(charge, &weights)) {
        settlements[index] = judged[index].settle(claims[index].clone(), freight).0;
    }
    settlements
}

/// Methods that both allow, at the lower price: one parcel, one freight. Where the shop must see to a part of it, it may see to all (N22).
pub(super) fn both(methods: Option<Vec<(Method, i64)>>, more: &[(Method, i64)]) -> Vec<(Method, i64)> {
    let Some(methods) = methods else { return more.to_vec() };
    let arranged = |methods: &[(Method, i64)]| methods.iter().find(|(method, _)| *method == Method::Arranged).copied();
    let whole = arranged(&methods).xor(arranged(more));
    let shared: Vec<_> = methods
        .iter()
        .filter_map(|(method, price)| more.iter().find(|(other, _)| other == method).map(|(_, other)| (*method, *price.min(other))))
        .chain(whole)
        .collect();
    shared
}
