//! What becomes of one line's units, in money. Goods that come back are rounded down.

use std::collections::BTreeMap;

use super::claims::{Claim, Protection};
use super::ground::{Ground, up};
use super::terms::FeeTerms;
use crate::money::LARGEST_MINOR;
use crate::policy::{BasisPoints, FeePer, Resolution};

/// One line's units, by what becomes of them, in net (before tax on top and order discounts) and tax.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate {
    /// Units asked back, even where the line has fewer.
    claimed: u64,
    pub back: u32,
    pub net_back: i128,
    pub tax_back: i128,
    /// By price, then units: whose units are which must not depend on who came first.
    pub exchanged: Vec<Swap>,
    /// By share, then units.
    pub kept: Vec<Kept>,
    /// Net of what simply stays.
    pub stays: i128,
    pub fees: BTreeMap<FeeTerms, Fee>,
    /// Units found to be worth less, by claim, and what is taken off for them.
    pub lessened: Vec<Lessened>,
    /// Prices lowered: units, amount.
    protections: Vec<(u32, i64)>,
    /// What they come to, for units that stay as they were bought, and how many these are.
    pub protected: i128,
    pub protected_units: u32,
    as_bought: u32,
}

/// Units that become another product.
#[derive(Clone, Debug, Default)]
pub(super) struct Swap {
    asked: u32,
    price: i64,
    pub units: u32,
    pub old: i128,
    pub old_tax: i128,
    pub new: i128,
    pub new_tax: i128,
}

/// Units that stay for part of their price.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    claim: usize,
    asked: u32,
    pub share: BasisPoints,
    units: u32,
    pub net: i128,
    pub tax: i128,
    /// What it costs, discounts off, when last asked; and what is paid for it.
    pub cost: Option<i128>,
    pub amount: i128,
    /// Its units stand on a receipt.
    told: bool,
}

impl Kept {
    /// Its units, the first time they are asked for.
    pub(super) fn untold(&mut self) -> u32 {
        if std::mem::replace(&mut self.told, true) { 0 } else { self.asked }
    }
}

/// A fee on what comes back of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fee {
    units: u64,
    claims: i64,
    pub charge: i128,
}

/// Units that are worth less than said.
#[derive(Clone, Debug)]
pub(super) struct Lessened {
    claim: usize,
    units: u32,
    fee: Option<FeeTerms>,
    less: i64,
    charge: i128,
    /// Its units stand on a receipt.
    told: bool,
}

/// What of a line is changed for, in one sum each.
#[derive(Clone, Copy, Default)]
pub(super) struct Swapped {
    pub units: u64,
    pub old: i128,
    pub new: i128,
}

impl Fate {
    /// The fate of a line of which everything stays.
    pub(super) fn staying(net: i64) -> Self {
        Self { stays: i128::from(net), ..Self::default() }
    }

    /// Takes in a claim, `index` in the order of claims; [`Self::count`] says what it comes to.
    pub(super) fn take_in(&mut self, index: usize, claim: &Claim) {
        if pays_back(claim) {
            self.claimed += u64::from(claim.units);
            if let Some(fee) = &claim.terms.fee {
                let fee = self.fees.entry(fee.clone()).or_default();
                fee.units += u64::from(claim.units);
                fee.claims += i64::from(!claim.again);
            }
            if claim.less > 0 {
                let fee = claim.terms.fee.clone();
                self.lessened.push(Lessened { claim: index, units: claim.units, fee, less: claim.less, charge: 0, told: false });
            }
        } else if let Some(price) = price_of(claim) {
            let at = self.exchanged.partition_point(|swap| (swap.price, swap.asked) <= (price, claim.units));
            self.exchanged.insert(at, Swap { asked: claim.units, price, ..Swap::default() });
        } else if claim.resolution == Resolution::KeepRefund {
            let share = claim.terms.share;
            let at = self.kept.partition_point(|kept| (kept.share, kept.asked) <= (share, claim.units));
            self.kept.insert(at, Kept { claim: index, asked: claim.units, share, ..Kept::default() });
        }
    }

    /// Units of a line count in a fixed order: back, exchanged, kept for part, staying.
    pub(super) fn count(&mut self, ground: &Ground<'_>, place: usize) {
        let line = &ground.order.lines[place];
        let (net, tax) = (i128::from(line.net()), ground.tax[place]);
        let upto = |amount: i128, units: u32| part_of(amount, units, line.quantity.max(1));
        self.back = u32::try_from(self.claimed).unwrap_or(u32::MAX).min(line.quantity);
        (self.net_back, self.tax_back) = (upto(net, self.back), upto(tax, self.back));
        let (mut counted, mut net_counted, mut tax_counted) = (self.back, self.net_back, self.tax_back);
        let mut next = |asked: u32| {
            let units = asked.min(line.quantity - counted);
            counted += units;
            let before = (net_counted, tax_counted);
            (net_counted, tax_counted) = (upto(net, counted), upto(tax, counted));
            (units, net_counted - before.0, tax_counted - before.1)
        };
        for swap in &mut self.exchanged {
            (swap.units, swap.old, swap.old_tax) = next(swap.asked);
            (swap.new, swap.new_tax) = ground.successor(line, swap.units, swap.old, swap.old_tax, place, swap.price);
        }
        for kept in &mut self.kept {
            (kept.units, kept.net, kept.tax) = next(kept.asked);
        }
        self.stays = net - net_counted;
        self.as_bought = line.quantity - self.back - self.exchanged.iter().map(|swap| swap.units).sum::<u32>();
        let lowered = |(units, amount): &(u32, i64)| part_of(i128::from(*amount), self.as_bought.min(*units), *units);
        self.protected_units = self.protections.iter().fold(0, |all: u32, (units, _)| all.saturating_add(*units)).min(self.as_bought);
        let most = self.stays + self.kept.iter().map(|kept| kept.net).sum::<i128>();
        self.protected = self.protections.iter().map(lowered).sum::<i128>().min(most);
    }

    /// Takes in a lowered price; [`Self::count`] says what it comes to.
    pub(super) fn protect(&mut self, protection: &Protection) {
        if protection.units > 0 && protection.amount > 0 {
            self.protections.push((protection.units, protection.amount));
        }
    }

    /// What units kept for part cost less since their price was lowered.
    pub(super) fn lowered(&self, kept: &Kept) -> i128 {
        let product = self.protected * i128::from(kept.units);
        if product == 0 { 0 } else { up(product, i128::from(self.as_bought)) }
    }

    /// Net of what stays, new products and units kept for part included.
    pub(super) fn value(&self) -> i128 {
        let new: i128 = self.exchanged.iter().map(|swap| swap.new).sum();
        let kept: i128 = self.kept.iter().map(|kept| kept.net).sum();
        self.stays + new + kept
    }

    pub(super) fn swapped(&self) -> Swapped {
        let sum = |all: Swapped, swap: &Swap| Swapped {
            units: all.units + u64::from(swap.units),
            old: all.old + swap.old + swap.old_tax,
            new: all.new + swap.new + swap.new_tax,
        };
        self.exchanged.iter().fold(Swapped::default(), sum)
    }

    /// What each fee takes off what the line `brings`; says by how much each changed.
    pub(super) fn charge(&mut self, brings: i128, mut changed: impl FnMut(&FeeTerms, i128)) {
        if self.back == 0 {
            return;
        }
        let all = i128::from(self.claimed.max(1));
        for (terms, fee) in &mut self.fees {
            let base = (brings.max(0) * i128::from(fee.units) / all) as i64;
            let times = if terms.per == FeePer::Unit { i128::from(fee.units) } else { i128::from(fee.claims) };
            let charge = (i128::from(terms.percent.of(base)) + i128::from(terms.flat) * times).min(i128::from(base));
            if charge != fee.charge {
                changed(terms, charge - fee.charge);
                fee.charge = charge;
            }
        }
    }

    /// What is taken off of all that is worth less, each at most what it would bring; by how much it changed, and units that are told newly.
    pub(super) fn lessen(&mut self, brings: i128) -> (i128, u64) {
        let (mut more, mut units) = (0, 0);
        for place in 0..self.lessened.len() {
            let of = &self.lessened[place];
            let charge = i128::from(of.less).min(self.share(of.units, of.fee.as_ref(), brings).max(0));
            let of = &mut self.lessened[place];
            more += charge - of.charge;
            of.charge = charge;
            units += if std::mem::replace(&mut of.told, true) { 0 } else { u64::from(of.units) };
        }
        (more, units)
    }

    /// What so many units of what is back bring, their fee off.
    fn share(&self, units: u32, fee: Option<&FeeTerms>, brings: i128) -> i128 {
        let units = i128::from(units);
        let worth = (brings + self.tax_back) * units / i128::from(self.claimed.max(1));
        let fee = fee.and_then(|terms| self.fees.get(terms));
        worth - fee.map_or(0, |fee| fee.charge * units / i128::from(fee.units.max(1)))
    }

    /// What the claim of that index is worth by itself, where the line `brings` so much before fees.
    pub(super) fn worth_of(&self, index: usize, claim: &Claim, brings: i128) -> i128 {
        if claim.resolution == Resolution::KeepRefund {
            return self.kept.iter().find(|kept| kept.claim == index).map_or(0, |kept| kept.amount);
        }
        if !pays_back(claim) || self.back == 0 {
            return 0;
        }
        let less = self.lessened.iter().find(|of| of.claim == index).map_or(0, |of| of.charge);
        self.share(claim.units, claim.terms.fee.as_ref(), brings) - less
    }
}

/// Whether it comes back for money or credit.
pub(super) fn pays_back(claim: &Claim) -> bool {
    matches!(claim.resolution, Resolution::Refund | Resolution::StoreCredit)
}

/// The list price of what is wanted in exchange; nothing where it is not known, or beyond any order we take.
fn price_of(claim: &Claim) -> Option<i64> {
    claim.price.filter(|price| {
        claim.resolution == Resolution::Exchange && i128::from(*price) * i128::from(claim.units) <= i128::from(LARGEST_MINOR)
    })
}

/// `amount × units / of`, rounded towards zero.
pub(super) fn part_of(amount: i128, units: u32, of: u32) -> i128 {
    match i64::try_from(amount).ok().and_then(|amount| amount.checked_mul(i64::from(units))) {
        Some(product) => i128::from(product / i64::from(of)),
        None => amount * i128::from(units) / i128::from(of),
    }
}
