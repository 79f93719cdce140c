//! What an order comes to with some of it back, some of it exchanged and some kept for part of its price: a function of the state only,
//! kept so that taking in one more claim costs what that claim touches. Discounts lost are rounded up, once and all together, so that
//! several partial returns never exceed what was paid.

use super::claims::{Claim, Protection};
use super::fate::{Fate, pays_back};
use super::ground::{Ground, keeps};
use super::receipt::ReceiptKind;
use super::row::Changes;
use super::spread::Spread;
use crate::money::split;
use crate::order::OrderLine;
use crate::policy::OutboundRefund;

/// An order with some of it back.
#[derive(Clone, Debug)]
pub(super) struct Position {
    fates: Vec<Fate>,
    claims: usize,
    /// Lines of which something is back.
    back: Vec<usize>,
    /// Lines with something that stays for part of its price.
    any_kept: bool,
    any_fee: bool,
    /// Lines that were paid for and are not all back.
    open: usize,
    /// Something comes back that brings the outbound shipping with it: at any rate, or with everything else.
    shipping_always: bool,
    shipping_with_all: bool,
    /// Net of everything that stays.
    stays: i128,
    /// Order discounts lost, and each one's part of them.
    lost: i128,
    lost_of: Vec<i64>,
    /// Discounts lost, spread over what is back, line by line; to be spread anew where they are not `spread`.
    off_back: Vec<i64>,
    spread: bool,
    /// Per gift that is missing: what it costs, units.
    gifts: Vec<(i128, u32)>,
    shipping: i128,
    /// Duties by lines: whole minor units, and fractions of one in [`FINE`] parts.
    fine_duties: (i128, i128),
    duties_of: Vec<(i128, i128)>,
    duties: i128,
    surplus: i128,
    /// What it all comes to, freight aside.
    pub worth: i128,
}

/// Fractions of duties are counted in parts of a minor unit; their rounding is made up for at the end.
const FINE: i128 = 1 << 48;

impl Position {
    pub(super) fn staying(ground: &Ground<'_>) -> Self {
        let lines = &ground.order.lines;
        Self {
            fates: lines.iter().map(|line| Fate::staying(line.net())).collect(),
            claims: 0,
            back: Vec::new(),
            any_kept: false,
            any_fee: false,
            open: lines.iter().filter(|line| ground.is_paid(line) && line.quantity > 0).count(),
            shipping_always: false,
            shipping_with_all: false,
            stays: ground.value,
            lost: 0,
            lost_of: vec![0; ground.discounts.len()],
            off_back: vec![0; lines.len()],
            spread: true,
            gifts: vec![(0, 0); ground.gifts.len()],
            shipping: 0,
            fine_duties: (0, 0),
            duties_of: vec![(0, 0); lines.len()],
            duties: 0,
            surplus: 0,
            worth: 0,
        }
    }

    /// Takes in more claims: the rows by which the order comes to something else.
    pub(super) fn take_in(&mut self, ground: &Ground<'_>, claims: &[Claim], protections: &[Protection]) -> Changes {
        let mut changes = Changes::default();
        let mut touched = Vec::new();
        for claim in claims {
            let index = self.claims;
            self.claims += 1;
            if pays_back(claim) {
                self.shipping_always |= claim.terms.outbound == OutboundRefund::Always;
                self.shipping_with_all |= claim.terms.outbound == OutboundRefund::WhenAllReturned;
            }
            let Some(place) = ground.place(&claim.line) else { continue };
            self.fates[place].take_in(index, claim);
            self.any_fee |= !self.fates[place].fees.is_empty() || !self.fates[place].lessened.is_empty();
            self.any_kept |= !self.fates[place].kept.is_empty();
            touched.push(place);
        }
        for protection in protections {
            let Some(place) = ground.place(&protection.line) else { continue };
            self.fates[place].protect(protection);
            touched.push(place);
        }
        touched.sort_unstable();
        touched.dedup();
        for place in &touched {
            self.count_line(ground, *place, &mut changes);
        }
        self.lose(ground, &mut changes);
        if self.any_kept {
            self.pay_kept(ground, &mut changes);
        }
        if self.any_fee {
            self.charge(ground, &touched, &mut changes);
        }
        self.miss_gifts(ground, &touched, &mut changes);
        self.whole(ground, &mut changes);
        self.worth += changes.sum();
        changes
    }

    /// What claims, the first of them `first` in order, are worth by themselves: for fees, bonus, freight, and a share between money and
    /// credit.
    pub(super) fn worths(&mut self, ground: &Ground<'_>, first: usize, claims: &[Claim]) -> Vec<i128> {
        self.spread_back();
        let worth = |(index, claim): (usize, &Claim)| {
            let Some(place) = ground.place(&claim.line) else { return 0 };
            self.fates[place].worth_of(first + index, claim, self.brings(place))
        };
        claims.iter().enumerate().map(worth).collect()
    }

    pub(super) fn claims(&self) -> usize {
        self.claims
    }

    fn complete(&self) -> bool {
        self.claims > 0 && self.open == 0
    }

    fn count_line(&mut self, ground: &Ground<'_>, place: usize, changes: &mut Changes) {
        let line = &ground.order.lines[place];
        let fate = &mut self.fates[place];
        let (protected, protected_units) = (fate.protected, fate.protected_units);
        let (back, net_back, tax_back, value, swapped) = (fate.back, fate.net_back, fate.tax_back, fate.value(), fate.swapped());
        let (came, net_came, tax_came, again) = (fate.came, fate.net_came, fate.tax_came, fate.changed_again);
        fate.count(ground, place);
        let now = fate.swapped();
        let more = fate.back - back;
        let net = fate.net_back - net_back;
        let of = || line.id.clone();
        // What was bought; what came in exchange for it has a row of its own.
        let bought = i128::from(fate.back) - i128::from(fate.came) - (i128::from(back) - i128::from(came));
        let gross = i128::from(line.unit_price) * bought;
        let net_bought = net - (fate.net_came - net_came);
        let tax_bought = fate.tax_back - tax_back - (fate.tax_came - tax_came);
        changes.add((0, place, 0, None, 0), gross, bought.max(0) as u64, || ReceiptKind::Goods { line: of(), units: 0 });
        changes.add((0, place, 1, None, 0), net_bought - gross, 0, || ReceiptKind::LineDiscount { line: of() });
        changes.add((0, place, 2, None, 0), tax_bought, 0, || ReceiptKind::Tax { line: of() });
        let again = (u64::from(fate.changed_again.0.saturating_sub(again.0)), fate.changed_again.1 - again.1);
        let units = (now.units + again.0).saturating_sub(swapped.units);
        let (exchanged, new) = (now.old - swapped.old + again.1, swapped.new - now.new - again.1);
        if fate.came > came {
            let all = exchanged + new + (fate.net_came - net_came) + (fate.tax_came - tax_came);
            changes.add((0, place, 5, None, 0), all, u64::from(fate.came - came), || ReceiptKind::NewItem { line: of(), units: 0 });
        } else {
            changes.add((0, place, 4, None, 0), exchanged, units, || ReceiptKind::ExchangedItem { line: of(), units: 0 });
            let new = new + (fate.net_came - net_came) + (fate.tax_came - tax_came);
            changes.add((0, place, 5, None, 0), new, units, || ReceiptKind::NewItem { line: of(), units: 0 });
        }
        let units = u64::from(fate.protected_units.abs_diff(protected_units));
        changes.add((0, place, 6, None, 0), fate.protected - protected, units, || ReceiptKind::PriceProtection { line: of(), units: 0 });

        self.stays += fate.value() - value;
        self.spread &= net == 0;
        if back == 0 && more > 0 {
            self.back.push(place);
        }
        if more > 0 && fate.back >= line.quantity && ground.is_paid(line) {
            self.open -= 1;
        }
        if ground.duties > 0 && more > 0 {
            let now = ground.duties_of(line, fate.back, FINE);
            let was = std::mem::replace(&mut self.duties_of[place], now);
            self.fine_duties.0 += now.0 - was.0;
            self.fine_duties.1 += now.1 - was.1;
        }
    }

    fn lose(&mut self, ground: &Ground<'_>, changes: &mut Changes) {
        let lost = ground.value - self.stays - ground.refundable(self.stays);
        self.spread &= lost == self.lost;
        self.lost = lost;
        let gone = (ground.value - self.stays).max(0);
        let naive = |(amount, minimum): &(i128, Option<i128>)| {
            (if keeps(*minimum, self.stays) { if ground.value == 0 { 0 } else { amount * gone / ground.value } } else { *amount }) as i64
        };
        let mut weights: Vec<i64> = ground.discounts.iter().map(naive).collect();
        // Shares that all round to nothing still say whose discount the one unit is.
        if weights.iter().all(|weight| *weight == 0) {
            weights = ground.discounts.iter().map(|(amount, _)| *amount as i64).collect();
        }
        let parts = split(lost as i64, &weights);
        for (place, (part, was)) in parts.iter().zip(&self.lost_of).enumerate() {
            changes.add((1, place, 0, None, 0), i128::from(was - part), 0, || match ground.order.discounts.get(place) {
                Some(discount) => {
                    let minimum_lost = self.stays > 0 && !keeps(ground.discounts[place].1, self.stays);
                    ReceiptKind::OrderDiscount { code: discount.code.clone(), minimum_lost }
                }
                None => ReceiptKind::UnlistedDiscount,
            });
        }
        self.lost_of = parts;
    }

    /// Spreads discounts lost over the units that are back, by net value.
    fn spread_back(&mut self) {
        if self.spread {
            return;
        }
        self.spread = true;
        let weights = self.back.iter().map(|place| (*place, self.fates[*place].net_back as i64));
        Spread::of(self.lost as i64, weights).give(|place, part| self.off_back[place] = part);
    }

    /// What is back of a line brings, before tax on top and fees.
    fn brings(&self, place: usize) -> i128 {
        self.fates[place].net_back - i128::from(self.off_back[place])
    }

    /// Part of the price, as it is in this state: discounts kept are spread over what stays, by net value, in the document's order.
    fn pay_kept(&mut self, ground: &Ground<'_>, changes: &mut Changes) {
        let kept: i128 = ground.discounts.iter().map(|(amount, _)| amount).sum::<i128>() - self.lost;
        let mut nets = Vec::new();
        for fate in &self.fates {
            nets.extend(fate.nets());
        }
        let shares = Spread::of(kept.max(0) as i64, nets.iter().copied().enumerate()).by_place(nets.len());
        let mut at = 0;
        for (place, fate) in self.fates.iter_mut().enumerate() {
            at += fate.exchanged.len();
            for index in 0..fate.kept.len() {
                let lowered = fate.lowered(&fate.kept[index]);
                let kept = &mut fate.kept[index];
                let cost = (kept.net - i128::from(shares[at]) - lowered).max(0) + kept.tax;
                at += 1;
                if kept.cost == Some(cost) {
                    continue;
                }
                kept.cost = Some(cost);
                let amount = i128::from(kept.share.of(cost as i64));
                let units = u64::from(kept.untold());
                changes.add((0, place, 3, None, kept.share.0), amount - kept.amount, units, || ReceiptKind::KeptItem {
                    line: ground.order.lines[place].id.clone(),
                    units: 0,
                    percent: kept.share.percent(),
                });
                kept.amount = amount;
            }
            at += 1;
        }
    }

    /// Fees on what comes back, each on its share of what its line brings.
    fn charge(&mut self, ground: &Ground<'_>, touched: &[usize], changes: &mut Changes) {
        let before = (!self.spread).then(|| self.off_back.clone());
        self.spread_back();
        for place in &self.back {
            let changed = before.as_ref().is_some_and(|before| before[*place] != self.off_back[*place]) || touched.contains(place);
            if !changed || (self.fates[*place].fees.is_empty() && self.fates[*place].lessened.is_empty()) {
                continue;
            }
            let brings = self.brings(*place);
            self.fates[*place].charge(brings, |fee, more| {
                let kind = || {
                    let percent = (fee.percent.0 > 0).then(|| fee.percent.percent());
                    ReceiptKind::Fee { line: ground.order.lines[*place].id.clone(), fee: fee.kind, percent }
                };
                changes.add((2, *place, 0, Some(fee.clone()), 0), -more, 0, kind);
            });
            let (less, units) = self.fates[*place].lessen(brings);
            let kind = || ReceiptKind::Deduction { line: ground.order.lines[*place].id.clone(), units: 0 };
            changes.add((2, *place, 2, None, 0), -less, units, kind);
        }
    }

    /// A gift that stays though what earned it is back costs its list price, less what was paid for it.
    fn miss_gifts(&mut self, ground: &Ground<'_>, touched: &[usize], changes: &mut Changes) {
        if !ground.deducts_gifts {
            return;
        }
        for (at, (place, earned_by)) in ground.gifts.iter().enumerate() {
            if !touched.contains(place) && !touched.contains(earned_by) {
                continue;
            }
            let gift = &ground.order.lines[*place];
            let units = gifts_missing(&ground.order.lines[*earned_by], self.fates[*earned_by].back, gift, self.fates[*place].back);
            let list = i128::from(gift.unit_price) * i128::from(units);
            let paid = i128::from(gift.net()) * i128::from(units) / i128::from(gift.quantity.max(1));
            let costs = (list - paid).max(0);
            let (cost, were) = std::mem::replace(&mut self.gifts[at], (costs, units));
            let changed = if units == 0 { were } else { units.saturating_sub(were) };
            let kind = || ReceiptKind::GiftKept { line: gift.id.clone(), units: 0 };
            changes.add((2, *place, 1, None, 0), cost - costs, u64::from(changed), kind);
        }
    }

    /// What belongs to the whole order: shipping, duties, surplus.
    fn whole(&mut self, ground: &Ground<'_>, changes: &mut Changes) {
        let complete = self.complete();
        let mut set = |was: &mut i128, now: i128, kind: ReceiptKind| {
            changes.put(kind, now - *was);
            *was = now;
        };
        // All of it where the rule gives it back whatever stays; with the last of the goods no more than the cheapest way would have cost,
        // where that is known (Directive 2011/83/EU art. 13 (2)).
        if self.shipping_always {
            set(&mut self.shipping, ground.shipping, ReceiptKind::Shipping);
        } else if self.shipping_with_all && complete {
            let standard = ground.order.shipping_standard.map_or(ground.shipping, |rate| ground.shipping.min(i128::from(rate)));
            set(&mut self.shipping, standard, ReceiptKind::Shipping);
        }
        if ground.duties > 0 {
            let (whole, fine) = self.fine_duties;
            let duties = if complete { ground.duties } else { whole + (fine + self.fates.len() as i128) / FINE };
            set(&mut self.duties, duties, ReceiptKind::Duties);
        }
        if complete {
            set(&mut self.surplus, ground.surplus, ReceiptKind::OtherCharges);
        }
    }
}

/// Units of a gift that are due with `back` units of what earned it, and are not among the `gifts` that are back.
pub fn gifts_missing(earned_by: &OrderLine, back: u32, gift: &OrderLine, gifts: u32) -> u32 {
    let due = u64::from(back) * u64::from(gift.quantity) / u64::from(earned_by.quantity.max(1));
    due.saturating_sub(u64::from(gifts)) as u32
}
