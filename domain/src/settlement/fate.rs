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
    /// What came in exchange at a price and has another fate now.
    succeeded: BTreeMap<i64, Succeeded>,
    /// Of what is back, what came in exchange: units, and their part of `net_back` and `tax_back`.
    pub came: u32,
    pub net_came: i128,
    pub tax_came: i128,
    /// What came in exchange and was exchanged again: units, and what they cost.
    pub changed_again: (u32, i128),
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

/// Units that came in exchange at one price, by what became of them.
#[derive(Clone, Copy, Debug, Default)]
struct Succeeded {
    back: u32,
    exchanged: u32,
    /// By how much more those that are back cost than what they came for.
    dearer: i128,
}

impl Succeeded {
    /// That part of `dearer` which belongs to so many units.
    fn of(&self, units: u32) -> i128 {
        self.dearer * i128::from(units) / i128::from(self.back.max(1))
    }
}

/// Units that become another product.
#[derive(Clone, Debug, Default)]
pub(super) struct Swap {
    asked: u32,
    /// Of them, those that did not get another fate since.
    stand: u32,
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
    /// Units that came in exchange, at that price.
    of_new: Option<i64>,
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
#[derive(Clone, Debug, Default)]
pub(super) struct Fee {
    units: u64,
    /// Of them, those that came in exchange: price, units.
    of_new: Vec<(i64, u32)>,
    claims: i64,
    /// By how much more than what was bought it cost.
    dearer: i128,
    pub charge: i128,
}

/// Units that are worth less than said.
#[derive(Clone, Debug)]
pub(super) struct Lessened {
    claim: usize,
    units: u32,
    fee: Option<FeeTerms>,
    succeeds: Option<i64>,
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
        let exchanges = price_of(claim).is_some();
        if let Some(price) = claim.succeeds.filter(|_| pays_back(claim) || exchanges) {
            let succeeded = self.succeeded.entry(price).or_default();
            let units = if exchanges { &mut succeeded.exchanged } else { &mut succeeded.back };
            *units = units.saturating_add(claim.units);
        }
        if pays_back(claim) {
            self.claimed += u64::from(claim.units);
            if let Some(fee) = &claim.terms.fee {
                let fee = self.fees.entry(fee.clone()).or_default();
                fee.units += u64::from(claim.units);
                fee.claims += i64::from(!claim.again);
                fee.of_new.extend(claim.succeeds.map(|price| (price, claim.units)));
            }
            if claim.less > 0 {
                let (fee, succeeds) = (claim.terms.fee.clone(), claim.succeeds);
                self.lessened.push(Lessened { claim: index, units: claim.units, fee, succeeds, less: claim.less, charge: 0, told: false });
            }
        } else if let Some(price) = price_of(claim) {
            let at = self.exchanged.partition_point(|swap| (swap.price, swap.asked) <= (price, claim.units));
            self.exchanged.insert(at, Swap { asked: claim.units, price, ..Swap::default() });
        } else if claim.resolution == Resolution::KeepRefund {
            let (share, of_new) = (claim.terms.share, claim.succeeds);
            let at = self.kept.partition_point(|kept| (kept.share, kept.of_new, kept.asked) <= (share, of_new, claim.units));
            self.kept.insert(at, Kept { claim: index, asked: claim.units, share, of_new, ..Kept::default() });
        }
    }

    /// Units of a line count in a fixed order: back, exchanged, kept for part, staying.
    pub(super) fn count(&mut self, ground: &Ground<'_>, place: usize) {
        let line = &ground.order.lines[place];
        let (net, tax) = (i128::from(line.net()), ground.tax[place]);
        let upto = |amount: i128, units: u32| part_of(amount, units, line.quantity.max(1));
        self.back = u32::try_from(self.claimed).unwrap_or(u32::MAX).min(line.quantity);
        (self.net_back, self.tax_back) = (upto(net, self.back), upto(tax, self.back));
        self.give_way(|units, price| {
            let (old, old_tax) = (upto(net, units), upto(tax, units));
            let (new, new_tax) = ground.successor(line, units, old, old_tax, place, price);
            (old, old_tax, new + new_tax)
        });
        let (mut counted, mut net_counted, mut tax_counted) = (self.back, self.net_back, self.tax_back);
        let mut next = |asked: u32| {
            let units = asked.min(line.quantity - counted);
            counted += units;
            let before = (net_counted, tax_counted);
            (net_counted, tax_counted) = (upto(net, counted), upto(tax, counted));
            (units, net_counted - before.0, tax_counted - before.1)
        };
        for swap in &mut self.exchanged {
            (swap.units, swap.old, swap.old_tax) = next(swap.stand);
            (swap.new, swap.new_tax) = ground.successor(line, swap.units, swap.old, swap.old_tax, place, swap.price);
        }
        for kept in &mut self.kept {
            (kept.units, kept.net, kept.tax) = match kept.of_new {
                None => next(kept.asked),
                Some(price) => {
                    let like = self.exchanged.iter().filter(|swap| swap.price == price);
                    let sum = |all: (u32, i128, i128), swap: &Swap| (all.0 + swap.units, all.1 + swap.new, all.2 + swap.new_tax);
                    let (all, new, new_tax) = like.fold((0, 0, 0), sum);
                    let units = kept.asked.min(all);
                    (units, part_of(new, units, all.max(1)), part_of(new_tax, units, all.max(1)))
                }
            };
        }
        self.stays = net - net_counted;
        self.as_bought = line.quantity - self.back - self.exchanged.iter().map(|swap| swap.units).sum::<u32>();
        let lowered = |(units, amount): &(u32, i64)| part_of(i128::from(*amount), self.as_bought.min(*units), *units);
        self.protected_units = self.protections.iter().fold(0, |all: u32, (units, _)| all.saturating_add(*units)).min(self.as_bought);
        let most = self.stays + self.kept_as_bought();
        self.protected = self.protections.iter().map(lowered).sum::<i128>().min(most);
    }

    /// What came in exchange gives way to what became of it. `costs`: of so many units at a price, the parts of net and tax in whose place they stand,
    /// and what they cost with tax.
    fn give_way(&mut self, costs: impl Fn(u32, i64) -> (i128, i128, i128)) {
        let mut gone: BTreeMap<i64, u32> =
            self.succeeded.iter().map(|(price, units)| (*price, units.back.saturating_add(units.exchanged))).collect();
        for swap in self.exchanged.iter_mut().rev() {
            let off = gone.get(&swap.price).map_or(0, |gone| swap.asked.min(*gone));
            swap.stand = swap.asked - off;
            if let Some(gone) = gone.get_mut(&swap.price) {
                *gone -= off;
            }
        }
        (self.came, self.net_came, self.tax_came, self.changed_again) = (0, 0, 0, (0, 0));
        for (price, succeeded) in &mut self.succeeded {
            // No more came at that price than was exchanged for it.
            let asked = self.exchanged.iter().filter(|swap| swap.price == *price).fold(0_u32, |all, swap| all.saturating_add(swap.asked));
            let back = succeeded.back.min(asked).min(self.back - self.came);
            let (old, old_tax, new) = costs(back, *price);
            succeeded.dearer = new - old - old_tax;
            (self.came, self.net_came, self.tax_came) = (self.came + back, self.net_came + old, self.tax_came + old_tax);
            let again = succeeded.exchanged.min(asked - succeeded.back.min(asked));
            self.changed_again.0 += again;
            self.changed_again.1 += costs(again, *price).2;
        }
        for fee in self.fees.values_mut() {
            fee.dearer = fee.of_new.iter().filter_map(|(price, units)| Some(self.succeeded.get(price)?.of(*units))).sum();
        }
    }

    /// What stays of the units that were bought, for part of its price.
    fn kept_as_bought(&self) -> i128 {
        self.kept.iter().filter(|kept| kept.of_new.is_none()).map(|kept| kept.net).sum()
    }

    /// Net of each thing that stays: what is new and not kept for part, what is kept for part, and the rest.
    pub(super) fn nets(&self) -> impl Iterator<Item = i64> {
        let mut kept: BTreeMap<i64, i128> = BTreeMap::new();
        for of in &self.kept {
            if let Some(price) = of.of_new {
                *kept.entry(price).or_default() += of.net;
            }
        }
        let new = self.exchanged.iter().map(move |swap| {
            let off = kept.get_mut(&swap.price).map_or(0, |left| {
                let off = swap.new.min(*left).max(0);
                *left -= off;
                off
            });
            (swap.new - off) as i64
        });
        new.chain(self.kept.iter().map(|kept| kept.net as i64)).chain([self.stays as i64])
    }

    /// Takes in a lowered price; [`Self::count`] says what it comes to.
    pub(super) fn protect(&mut self, protection: &Protection) {
        if protection.units > 0 && protection.amount > 0 {
            self.protections.push((protection.units, protection.amount));
        }
    }

    /// What units kept for part cost less since their price was lowered.
    pub(super) fn lowered(&self, kept: &Kept) -> i128 {
        if kept.of_new.is_some() {
            return 0;
        }
        let product = self.protected * i128::from(kept.units);
        if product == 0 { 0 } else { up(product, i128::from(self.as_bought)) }
    }

    /// Net of what stays, new products and units kept for part included.
    pub(super) fn value(&self) -> i128 {
        let new: i128 = self.exchanged.iter().map(|swap| swap.new).sum();
        self.stays + new + self.kept_as_bought()
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
            let base = (brings.max(0) * i128::from(fee.units) / all + fee.dearer).max(0) as i64;
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
            let charge = i128::from(of.less).min(self.share(of.units, of.succeeds, of.fee.as_ref(), brings).max(0));
            let of = &mut self.lessened[place];
            more += charge - of.charge;
            of.charge = charge;
            units += if std::mem::replace(&mut of.told, true) { 0 } else { u64::from(of.units) };
        }
        (more, units)
    }

    /// What so many units of what is back bring, their fee off.
    fn share(&self, units: u32, succeeds: Option<i64>, fee: Option<&FeeTerms>, brings: i128) -> i128 {
        let dearer = succeeds.and_then(|price| self.succeeded.get(&price)).map_or(0, |succeeded| succeeded.of(units));
        let units = i128::from(units);
        let worth = (brings + self.tax_back) * units / i128::from(self.claimed.max(1)) + dearer;
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
        self.share(claim.units, claim.succeeds, claim.terms.fee.as_ref(), brings) - less
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
