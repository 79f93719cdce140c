//! What an order comes to with some of it back, some of it exchanged and some kept for part of its price: the rows of its receipt.
//! A function of the state only. Goods that come back are rounded down and discounts lost are rounded up, once and all together, so that
//! several partial returns never exceed what was paid.

use std::collections::BTreeMap;

use super::books::Claim;
use super::receipt::ReceiptKind;
use super::terms::FeeTerms;
use crate::money::{LARGEST_MINOR, split};
use crate::order::{Order, OrderLine};
use crate::policy::{FeePer, OutboundRefund, Resolution};

/// Where a row stands on a receipt, and what makes it the same row in two positions.
pub(super) type Key = (u8, usize, u8, Option<FeeTerms>, i64);

/// A row of a receipt.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub kind: ReceiptKind,
    pub amount: i128,
    units: u32,
}

impl Row {
    /// What it is, with the units it is for.
    pub(super) fn kind(&self) -> ReceiptKind {
        let mut kind = self.kind.clone();
        match &mut kind {
            ReceiptKind::Goods { units, .. }
            | ReceiptKind::KeptItem { units, .. }
            | ReceiptKind::ExchangedItem { units, .. }
            | ReceiptKind::NewItem { units, .. }
            | ReceiptKind::GiftKept { units, .. } => *units = self.units,
            _ => {}
        }
        kind
    }

    /// A row of the whole order, at its end.
    pub(super) fn put(rows: &mut BTreeMap<Key, Row>, kind: ReceiptKind, amount: i128) {
        let place = match kind {
            ReceiptKind::Shipping => 3,
            ReceiptKind::Duties => 4,
            ReceiptKind::OtherCharges => 5,
            ReceiptKind::Freight => 6,
            _ => 7,
        };
        rows.insert((place, 0, 0, None, 0), Row { kind, amount, units: 0 });
    }
}

/// An order's discounts and charges, made consistent with what was paid for it.
pub(super) struct Ground<'o> {
    order: &'o Order,
    /// Goods after line discounts.
    value: i128,
    /// Per discount: what of it comes off the goods, and the goods' value it needs. The last is what was paid less than the document
    /// adds up to.
    discounts: Vec<(i128, Option<i128>)>,
    /// Per line: tax on top, less what discounts take off it.
    tax: Vec<i128>,
    shipping: i128,
    duties: i128,
    surplus: i128,
    /// Paid beyond what can be explained.
    pub(super) unexplained: i64,
    deducts_gifts: bool,
}

/// An order with some of it back.
pub(super) struct Position {
    rows: BTreeMap<Key, Row>,
    /// What it all comes to, freight aside.
    pub worth: i128,
    /// What each claim brings, in the claims' order: for fees, bonus, freight, and a share between money and credit.
    pub lots: Vec<i128>,
}

impl Position {
    /// The rows by which this differs from a position before.
    pub(super) fn less(&self, before: &Self) -> BTreeMap<Key, Row> {
        let mut rows = self.rows.clone();
        for (key, was) in &before.rows {
            match rows.get_mut(key) {
                Some(row) => {
                    row.amount -= was.amount;
                    row.units = row.units.saturating_sub(was.units);
                }
                None => {
                    rows.insert(key.clone(), Row { amount: -was.amount, ..was.clone() });
                }
            }
        }
        rows
    }
}

/// What becomes of one line's units, in money.
#[derive(Default)]
struct Fate {
    back: u32,
    net_back: i128,
    tax_back: i128,
    /// Old net and tax, new net and tax of what is exchanged, by claim.
    exchanged: Vec<(usize, Swap)>,
    /// Net and tax of what is kept for part of its price, by claim.
    kept: Vec<(usize, i128, i128)>,
    /// Net of what simply stays.
    stays: i128,
}

struct Swap {
    units: u32,
    old: i128,
    old_tax: i128,
    new: i128,
    new_tax: i128,
}

impl<'o> Ground<'o> {
    pub(super) fn of(order: &'o Order, deducts_gifts: bool) -> Self {
        let value = i128::from(order.goods_value());
        let mut tax: Vec<i128> = order.lines.iter().map(|line| if order.prices_include_tax { 0 } else { i128::from(line.tax) }).collect();
        let (mut shipping, mut duties) = (i128::from(order.shipping), i128::from(order.duties));
        let all = value + tax.iter().sum::<i128>() + shipping + duties;

        let (mut left, mut room) = (all, value);
        let mut discounts = Vec::with_capacity(order.discounts.len() + 1);
        let mut off_goods = |amount: i128, minimum: Option<i128>, left: &mut i128| {
            let amount = amount.min(*left);
            *left -= amount;
            let goods = amount.min(room);
            room -= goods;
            // More than all of the goods cannot be asked for: it counts as just met.
            discounts.push((goods, minimum.map(|minimum| minimum.min(value))));
            amount - goods
        };
        let mut beyond = 0;
        for discount in &order.discounts {
            beyond += off_goods(i128::from(discount.amount), discount.minimum_spend.map(i128::from), &mut left);
        }
        let difference = i128::from(order.captured()) - left;
        beyond += off_goods((-difference).max(0), None, &mut left);

        // What discounts take beyond the goods comes off tax, then shipping, then duties.
        let on_top: i128 = tax.iter().sum();
        let off_tax = beyond.min(on_top);
        if off_tax > 0 {
            let weights: Vec<i64> = tax.iter().map(|tax| *tax as i64).collect();
            for (tax, off) in tax.iter_mut().zip(split(off_tax as i64, &weights)) {
                *tax -= i128::from(off);
            }
        }
        let off_shipping = (beyond - off_tax).min(shipping);
        shipping -= off_shipping;
        duties -= (beyond - off_tax - off_shipping).min(duties);

        let surplus = difference.max(0);
        let plausible = surplus * 10 <= left;
        Self {
            order,
            value,
            discounts,
            tax,
            shipping,
            duties,
            surplus: if plausible { surplus } else { 0 },
            unexplained: if plausible { 0 } else { surplus as i64 },
            deducts_gifts,
        }
    }

    /// The order with `claims` on it.
    pub(super) fn position(&self, claims: &[&Claim]) -> Position {
        let fates: Vec<Fate> = (0..self.order.lines.len()).map(|place| self.fate(place, claims)).collect();
        let mut rows = BTreeMap::new();
        for (place, fate) in fates.iter().enumerate() {
            self.line_rows(place, fate, &mut rows);
        }

        // Order discounts.
        let stays: i128 = fates
            .iter()
            .map(|fate| {
                let new: i128 = fate.exchanged.iter().map(|(_, swap)| swap.new).sum();
                let kept: i128 = fate.kept.iter().map(|(_, net, _)| *net).sum();
                fate.stays + new + kept
            })
            .sum();
        let lost = self.value - stays - self.refundable(stays);
        self.discount_rows(stays, lost, &mut rows);
        let weights: Vec<i64> = fates.iter().map(|fate| fate.net_back as i64).collect();
        let off_back: Vec<i128> = match weights.iter().all(|weight| *weight == 0) {
            true => vec![0; fates.len()],
            false => split(lost as i64, &weights).into_iter().map(i128::from).collect(),
        };

        let mut lots = vec![0_i128; claims.len()];
        self.kept_rows(claims, &fates, lost, &mut rows, &mut lots);
        for (place, fate) in fates.iter().enumerate() {
            self.fee_rows(place, fate, fate.net_back - off_back[place], claims, &mut rows, &mut lots);
        }
        self.gift_rows(&fates, &mut rows);

        let paid_lines = || self.order.lines.iter().zip(&fates).filter(|(line, _)| self.value == 0 || line.net() > 0);
        let complete = !claims.is_empty() && paid_lines().all(|(line, fate)| fate.back >= line.quantity);
        let shipping = self.shipping_back(claims, complete);
        if shipping > 0 {
            Row::put(&mut rows, ReceiptKind::Shipping, shipping);
        }
        if self.duties > 0 {
            let duties = if complete { self.duties } else { self.duties_of(&fates) };
            Row::put(&mut rows, ReceiptKind::Duties, duties);
        }
        if complete && self.surplus > 0 {
            Row::put(&mut rows, ReceiptKind::OtherCharges, self.surplus);
        }
        let worth = rows.values().map(|row: &Row| row.amount).sum();
        Position { rows, worth, lots }
    }

    /// Units of a line count in a fixed order: back, exchanged, kept for part, staying.
    fn fate(&self, place: usize, claims: &[&Claim]) -> Fate {
        let line = &self.order.lines[place];
        let of = |wanted: fn(&Claim) -> bool| {
            claims.iter().enumerate().filter(move |(_, claim)| claim.line == line.id && wanted(claim)).map(|(index, claim)| (index, *claim))
        };
        let (net, tax) = (i128::from(line.net()), self.tax[place]);
        let upto = |amount: i128, units: u32| amount * i128::from(units.min(line.quantity)) / i128::from(line.quantity.max(1));
        let mut fate = Fate { back: of(pays_back).map(|(_, claim)| claim.units).sum::<u32>().min(line.quantity), ..Fate::default() };
        (fate.net_back, fate.tax_back) = (upto(net, fate.back), upto(tax, fate.back));
        let mut counted = fate.back;
        let mut next = |units: u32| {
            let units = units.min(line.quantity - counted);
            let from = counted;
            counted += units;
            (units, upto(net, counted) - upto(net, from), upto(tax, counted) - upto(tax, from))
        };
        // Whose units are which of them must not depend on who came first.
        let mut exchanged: Vec<(usize, &Claim)> = of(|claim| price_of(claim).is_some()).collect();
        exchanged.sort_by_key(|(_, claim)| (claim.price, claim.units));
        for (index, claim) in exchanged {
            let (units, old, old_tax) = next(claim.units);
            let (new, new_tax) = self.successor(line, units, old, old_tax, place, price_of(claim).unwrap_or(0));
            fate.exchanged.push((index, Swap { units, old, old_tax, new, new_tax }));
        }
        let mut kept: Vec<(usize, &Claim)> = of(|claim| claim.resolution == Resolution::KeepRefund).collect();
        kept.sort_by_key(|(_, claim)| (claim.terms.share, claim.units));
        for (index, claim) in kept {
            let (_, net, tax) = next(claim.units);
            fate.kept.push((index, net, tax));
        }
        fate.stays = net - upto(net, counted);
        fate
    }

    /// Net and tax of what stands in the place of units that cost `old`: its list price less the old line's discount at its rate, never
    /// more than these units had, so that another size at the same list price costs nothing; tax at the line's rate.
    fn successor(&self, line: &OrderLine, units: u32, old: i128, old_tax: i128, place: usize, price: i64) -> (i128, i128) {
        let list = i128::from(price) * i128::from(units);
        let was = i128::from(line.unit_price) * i128::from(units);
        let gross = i128::from(line.unit_price) * i128::from(line.quantity);
        let at_rate = if gross == 0 { 0 } else { up(list * i128::from(line.discount), gross) };
        let new = list - at_rate.min(was - old);
        let net = i128::from(line.net());
        let more_tax = if net == 0 { 0 } else { (new - old) * self.tax[place] / net };
        (new, old_tax + more_tax)
    }

    fn line_rows(&self, place: usize, fate: &Fate, rows: &mut BTreeMap<Key, Row>) {
        let line = &self.order.lines[place];
        let mut row = |sub: u8, kind: ReceiptKind, amount: i128, units: u32| {
            let row = rows.entry((0, place, sub, None, 0)).or_insert(Row { kind, amount: 0, units: 0 });
            row.amount += amount;
            row.units += units;
        };
        if fate.back > 0 {
            let gross = i128::from(line.unit_price) * i128::from(fate.back);
            row(0, ReceiptKind::Goods { line: line.id.clone(), units: 0 }, gross, fate.back);
            row(1, ReceiptKind::LineDiscount { line: line.id.clone() }, fate.net_back - gross, 0);
            row(2, ReceiptKind::Tax { line: line.id.clone() }, fate.tax_back, 0);
        }
        for (_, swap) in &fate.exchanged {
            row(4, ReceiptKind::ExchangedItem { line: line.id.clone(), units: 0 }, swap.old + swap.old_tax, swap.units);
            row(5, ReceiptKind::NewItem { line: line.id.clone(), units: 0 }, -(swap.new + swap.new_tax), swap.units);
        }
    }

    /// What goods come to when `stays` of them stays. A discount is kept in proportion while what stays reaches its minimum, and is lost
    /// whole below it (P4). Nobody is punished for sending one more item: the most that is reached at this value or above it counts.
    fn refundable(&self, stays: i128) -> i128 {
        let crossings = self.discounts.iter().filter_map(|(_, minimum)| *minimum).chain([self.value]).filter(|at| *at >= stays);
        crossings.chain([stays]).map(|at| self.value - at - self.lost(at)).max().unwrap_or(0)
    }

    fn lost(&self, stays: i128) -> i128 {
        let (mut whole, mut in_proportion) = (0, 0);
        for (amount, minimum) in &self.discounts {
            if keeps(*minimum, stays) { in_proportion += amount } else { whole += amount }
        }
        let gone = (self.value - stays).max(0);
        whole + if self.value == 0 { 0 } else { up(in_proportion * gone, self.value) }
    }

    fn discount_rows(&self, stays: i128, lost: i128, rows: &mut BTreeMap<Key, Row>) {
        let gone = (self.value - stays).max(0);
        let naive = |(amount, minimum): &(i128, Option<i128>)| {
            (if keeps(*minimum, stays) { if self.value == 0 { 0 } else { amount * gone / self.value } } else { *amount }) as i64
        };
        let mut weights: Vec<i64> = self.discounts.iter().map(naive).collect();
        // Shares that all round to nothing still say whose discount the one unit is.
        if weights.iter().all(|weight| *weight == 0) {
            weights = self.discounts.iter().map(|(amount, _)| *amount as i64).collect();
        }
        for (place, part) in split(lost as i64, &weights).into_iter().enumerate() {
            let kind = match self.order.discounts.get(place) {
                Some(discount) => {
                    let minimum_lost = stays > 0 && !keeps(self.discounts[place].1, stays);
                    ReceiptKind::OrderDiscount { code: discount.code.clone(), minimum_lost }
                }
                None => ReceiptKind::UnlistedDiscount,
            };
            rows.insert((1, place, 0, None, 0), Row { kind, amount: -i128::from(part), units: 0 });
        }
    }

    /// Part of the price, as it is in this state: discounts kept are spread over what stays, by net value, in the document's order.
    fn kept_rows(&self, claims: &[&Claim], fates: &[Fate], lost: i128, rows: &mut BTreeMap<Key, Row>, lots: &mut [i128]) {
        if fates.iter().all(|fate| fate.kept.is_empty()) {
            return;
        }
        let mut weights = Vec::new();
        for fate in fates {
            weights.extend(fate.exchanged.iter().map(|(_, swap)| swap.new as i64));
            weights.extend(fate.kept.iter().map(|(_, net, _)| *net as i64));
            weights.push(fate.stays as i64);
        }
        let kept: i128 = self.discounts.iter().map(|(amount, _)| amount).sum::<i128>() - lost;
        let shares = split(kept.max(0) as i64, &weights);
        let mut at = 0;
        for (place, fate) in fates.iter().enumerate() {
            at += fate.exchanged.len();
            for (index, net, tax) in &fate.kept {
                let claim = claims[*index];
                let cost = (net - i128::from(shares[at])).max(0) + tax;
                let amount = i128::from(claim.terms.share.of(cost as i64));
                let kind =
                    ReceiptKind::KeptItem { line: self.order.lines[place].id.clone(), units: 0, percent: claim.terms.share.percent() };
                let row = rows.entry((0, place, 3, None, claim.terms.share.0)).or_insert(Row { kind, amount: 0, units: 0 });
                row.amount += amount;
                row.units += claim.units;
                lots[*index] = amount;
                at += 1;
            }
            at += 1;
        }
    }

    /// Fees on what comes back of a line, each on its share of what the line brings; and what each claim brings.
    fn fee_rows(&self, place: usize, fate: &Fate, brings: i128, claims: &[&Claim], rows: &mut BTreeMap<Key, Row>, lots: &mut [i128]) {
        if fate.back == 0 {
            return;
        }
        let line = &self.order.lines[place];
        let mine: Vec<(usize, &Claim)> = claims
            .iter()
            .enumerate()
            .filter(|(_, claim)| claim.line == line.id && pays_back(claim))
            .map(|(index, claim)| (index, *claim))
            .collect();
        let units: i128 = mine.iter().map(|(_, claim)| i128::from(claim.units)).sum::<i128>().max(1);
        let share = |of: i128, part: u32| of * i128::from(part) / units;
        let mut groups: BTreeMap<&FeeTerms, (u32, i64)> = BTreeMap::new();
        for (index, claim) in &mine {
            lots[*index] = share(brings + fate.tax_back, claim.units);
            if let Some(fee) = &claim.terms.fee {
                let group = groups.entry(fee).or_default();
                group.0 += claim.units;
                group.1 += 1;
            }
        }
        for (fee, (of, lines)) in groups {
            let base = share(brings.max(0), of) as i64;
            let times = if fee.per == FeePer::Unit { i64::from(of) } else { lines };
            let charge = (i128::from(fee.percent.of(base)) + i128::from(fee.flat) * i128::from(times)).min(i128::from(base));
            for (index, claim) in mine.iter().filter(|(_, claim)| claim.terms.fee.as_ref() == Some(fee)) {
                lots[*index] -= charge * i128::from(claim.units) / i128::from(of.max(1));
            }
            let percent = (fee.percent.0 > 0).then(|| fee.percent.percent());
            let kind = ReceiptKind::Fee { line: line.id.clone(), fee: fee.kind, percent };
            rows.insert((2, place, 0, Some(fee.clone()), 0), Row { kind, amount: -charge, units: 0 });
        }
    }

    /// A gift that stays though what earned it is back costs its list price, less what was paid for it.
    fn gift_rows(&self, fates: &[Fate], rows: &mut BTreeMap<Key, Row>) {
        if !self.deducts_gifts {
            return;
        }
        for (place, gift) in self.order.lines.iter().enumerate() {
            let Some(earned_by) = gift.gift_with.as_ref().and_then(|id| self.order.lines.iter().position(|line| line.id == *id)) else {
                continue;
            };
            let units = gifts_missing(&self.order.lines[earned_by], fates[earned_by].back, gift, fates[place].back);
            if units == 0 {
                continue;
            }
            let list = i128::from(gift.unit_price) * i128::from(units);
            let paid = i128::from(gift.net()) * i128::from(units) / i128::from(gift.quantity.max(1));
            let kind = ReceiptKind::GiftKept { line: gift.id.clone(), units: 0 };
            rows.insert((2, place, 1, None, 0), Row { kind, amount: -(list - paid).max(0), units });
        }
    }

    /// What comes back of outbound shipping: all of it where the rule gives it back whatever stays; with the last of the goods no more
    /// than the cheapest way would have cost, where that is known (Directive 2011/83/EU art. 13 (2)).
    fn shipping_back(&self, claims: &[&Claim], complete: bool) -> i128 {
        let standard = self.order.shipping_standard.map_or(self.shipping, |rate| self.shipping.min(i128::from(rate)));
        let of = |claim: &&&Claim| match claim.terms.outbound {
            OutboundRefund::Never => 0,
            OutboundRefund::WhenAllReturned => {
                if complete {
                    standard
                } else {
                    0
                }
            }
            OutboundRefund::Always => self.shipping,
        };
        claims.iter().filter(|claim| pays_back(claim)).map(|claim| of(&claim)).max().unwrap_or(0)
    }

    /// Duties by the share of the goods that are back, by units where they cost nothing; the share is not rounded before.
    fn duties_of(&self, fates: &[Fate]) -> i128 {
        // Each line's part as a whole number and a fraction of 2^48; the fractions' rounding is made up for at the end.
        const FINE: i128 = 1 << 48;
        let quantity: i128 = self.order.lines.iter().map(|line| i128::from(line.quantity)).sum();
        let (mut whole, mut fine) = (0_i128, 0_i128);
        for (line, fate) in self.order.lines.iter().zip(fates).filter(|(_, fate)| fate.back > 0) {
            let (part, of) = match self.value {
                0 => (i128::from(fate.back), quantity),
                value => (i128::from(line.net()) * i128::from(fate.back), value * i128::from(line.quantity)),
            };
            // Both fit: amounts are at most 10^15, units at most 10^6.
            let (times, rest) = (part / of, part % of);
            whole += self.duties * times;
            let product = self.duties.checked_mul(rest);
            let (more, rest) = match product {
                Some(product) => (product / of, product % of),
                None => (self.duties / of * rest, 0),
            };
            whole += more;
            fine += rest.checked_mul(FINE).map_or(0, |rest| rest / of);
        }
        whole + (fine + fates.len() as i128) / FINE
    }
}

/// Whether it comes back for money or credit.
fn pays_back(claim: &Claim) -> bool {
    matches!(claim.resolution, Resolution::Refund | Resolution::StoreCredit)
}

/// The list price of what is wanted in exchange; nothing where it is not known, or beyond any order we take.
fn price_of(claim: &Claim) -> Option<i64> {
    claim.price.filter(|price| {
        claim.resolution == Resolution::Exchange && i128::from(*price) * i128::from(claim.units) <= i128::from(LARGEST_MINOR)
    })
}

/// Units of a gift that are due with `back` units of what earned it, and are not among the `gifts` that are back.
pub fn gifts_missing(earned_by: &OrderLine, back: u32, gift: &OrderLine, gifts: u32) -> u32 {
    let due = u64::from(back) * u64::from(gift.quantity) / u64::from(earned_by.quantity.max(1));
    due.saturating_sub(u64::from(gifts)) as u32
}

fn keeps(minimum: Option<i128>, stays: i128) -> bool {
    minimum.is_none_or(|minimum| stays >= minimum)
}

/// `product / whole`, rounded up; both at least 0.
fn up(product: i128, whole: i128) -> i128 {
    (product + whole - 1) / whole
}
