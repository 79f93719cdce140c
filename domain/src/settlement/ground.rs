//! What an order's terms are: its discounts and charges, made consistent with what was paid for it, and what goods come to by them.

use std::collections::HashMap;

use crate::ids::LineId;
use crate::money::split;
use crate::order::{Order, OrderLine};

/// An order's discounts and charges, made consistent with what was paid for it.
pub(super) struct Ground<'o> {
    pub order: &'o Order,
    /// Goods after line discounts.
    pub value: i128,
    quantity: i128,
    /// Per discount: what of it comes off the goods, and the goods' value it needs. The last is what was paid less than the document
    /// adds up to.
    pub discounts: Vec<(i128, Option<i128>)>,
    /// Per line: tax on top, less what discounts take off it.
    pub tax: Vec<i128>,
    pub shipping: i128,
    pub duties: i128,
    pub surplus: i128,
    /// Paid beyond what can be explained.
    pub unexplained: i64,
    pub deducts_gifts: bool,
    /// Gifts, each with the line that earned it.
    pub gifts: Vec<(usize, usize)>,
    places: HashMap<&'o LineId, usize>,
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

        let places: HashMap<&LineId, usize> = order.lines.iter().enumerate().rev().map(|(place, line)| (&line.id, place)).collect();
        let earned = |(place, line): (usize, &'o OrderLine)| Some((place, *places.get(line.gift_with.as_ref()?)?));
        let gifts = order.lines.iter().enumerate().filter_map(earned).collect();

        let surplus = difference.max(0);
        let plausible = surplus * 10 <= left;
        Self {
            order,
            value,
            quantity: order.lines.iter().map(|line| i128::from(line.quantity)).sum(),
            discounts,
            tax,
            shipping,
            duties,
            surplus: if plausible { surplus } else { 0 },
            unexplained: if plausible { 0 } else { surplus as i64 },
            deducts_gifts,
            gifts,
            places,
        }
    }

    /// Where a line stands in the order.
    pub(super) fn place(&self, line: &LineId) -> Option<usize> {
        self.places.get(line).copied()
    }

    /// Whether a line counts for all being back: a free gift that is kept does not.
    pub(super) fn is_paid(&self, line: &OrderLine) -> bool {
        self.value == 0 || line.net() > 0
    }

    /// A line's duties by the share of the goods that is back of it, by units where goods cost nothing; the share is not rounded before.
    /// Whole minor units, and `fine` parts of one.
    pub(super) fn duties_of(&self, line: &OrderLine, back: u32, fine: i128) -> (i128, i128) {
        let (part, of) = match self.value {
            0 => (i128::from(back), self.quantity),
            value => (i128::from(line.net()) * i128::from(back), value * i128::from(line.quantity)),
        };
        // Both fit: amounts are at most 10^15, units at most 10^6.
        let (times, rest) = (part / of, part % of);
        let (more, rest) = match self.duties.checked_mul(rest) {
            Some(product) => (product / of, product % of),
            None => (self.duties / of * rest, 0),
        };
        (self.duties * times + more, rest.checked_mul(fine).map_or(0, |rest| rest / of))
    }

    /// Net and tax of what stands in the place of units that cost `old`: its list price less the old line's discount at its rate, never
    /// more than these units had, so that another size at the same list price costs nothing; tax at the line's rate.
    pub(super) fn successor(&self, line: &OrderLine, units: u32, old: i128, old_tax: i128, place: usize, price: i64) -> (i128, i128) {
        let list = i128::from(price) * i128::from(units);
        let was = i128::from(line.unit_price) * i128::from(units);
        let gross = i128::from(line.unit_price) * i128::from(line.quantity);
        let at_rate = if gross == 0 { 0 } else { up(list * i128::from(line.discount), gross) };
        let new = list - at_rate.min(was - old);
        let net = i128::from(line.net());
        let more_tax = if net == 0 { 0 } else { (new - old) * self.tax[place] / net };
        (new, old_tax + more_tax)
    }

    /// What goods come to when `stays` of them stays. A discount is kept in proportion while what stays reaches its minimum, and is lost
    /// whole below it (P4). Nobody is punished for sending one more item: the most that is reached at this value or above it counts.
    pub(super) fn refundable(&self, stays: i128) -> i128 {
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
}

pub(super) fn keeps(minimum: Option<i128>, stays: i128) -> bool {
    minimum.is_none_or(|minimum| stays >= minimum)
}

/// `product / whole`, rounded up; both at least 0.
pub(super) fn up(product: i128, whole: i128) -> i128 {
    (product + whole - 1) / whole
}

/// As far as it fits: no order comes near to what does not.
pub(super) fn narrow(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN / 4 } else { i64::MAX / 4 })
}
