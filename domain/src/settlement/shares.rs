//! Paid shares: what an order's goods, taxes, discounts and duties come to when some units have come back.
//!
//! Everything is a function of *how many units are back in total*, and a return is worth the difference of two such values.
//! So the sum over any sequence of partial returns depends only on what came back, never on the order in which it did, and
//! ends at exactly what was paid.

use crate::money::{share, split};
use crate::order::Order;

/// An order's discounts and charges beyond its lines, made consistent with what was captured.
#[derive(Debug)]
pub(super) struct Terms {
    /// Goods after line discounts.
    value: i64,
    /// Order discounts with the value they need; together at most `value`.
    discounts: Vec<(i64, Option<i64>)>,
    /// Captured beyond what the document adds up to; comes back with the last unit.
    surplus: i64,
}

/// What has come back, in money.
#[derive(Debug, PartialEq)]
pub(super) struct Back {
    /// Per line: goods after the line's own discount.
    pub net: Vec<i64>,
    /// Per line: tax on top.
    pub tax: Vec<i64>,
    /// Order discounts taken back with it, in total.
    pub discount_lost: i64,
    /// Of which per discount; the last is what was paid less than the document adds up to.
    pub lost_by_discount: Vec<i64>,
    /// Duties.
    pub duties: i64,
    /// All paid goods are back.
    pub complete: bool,
}

impl Terms {
    pub(super) fn of(order: &Order) -> Self {
        let value = order.goods_value();
        let mut room = value;
        let mut discounts: Vec<(i64, Option<i64>)> = Vec::with_capacity(order.discounts.len() + 1);
        for discount in &order.discounts {
            let amount = discount.amount.min(room);
            room -= amount;
            discounts.push((amount, discount.minimum_spend));
        }
        let difference = order.captured() - order.computed_total();
        // Paid less than the document says: a discount the feed did not name. Spread like one, so that it cannot be cashed in.
        discounts.push(((-difference).clamp(0, room), None));
        Self { value, discounts, surplus: difference.max(0) }
    }

    pub(super) fn surplus(&self) -> i64 {
        self.surplus
    }

    /// `units` per line of the order.
    pub(super) fn back(&self, order: &Order, units: &[u32]) -> Back {
        let of_line = |amount: i64, index: usize| share(amount, i64::from(units[index]), i64::from(order.lines[index].quantity));
        let net: Vec<i64> = order.lines.iter().enumerate().map(|(index, line)| of_line(line.net(), index)).collect();
        let on_top = |tax: i64| if order.prices_include_tax { 0 } else { tax };
        let tax = order.lines.iter().enumerate().map(|(index, line)| of_line(on_top(line.tax), index)).collect();
        let returned: i64 = net.iter().sum();
        let all_units = order.lines.iter().zip(units).all(|(line, units)| *units >= line.quantity);
        let complete = if self.value > 0 { returned == self.value } else { all_units };
        let discount_lost = returned - self.refundable(returned);
        Back {
            discount_lost,
            lost_by_discount: split(discount_lost, &self.naive_losses(returned)),
            duties: if complete { order.duties } else { share(order.duties, returned, self.value) },
            net,
            tax,
            complete,
        }
    }

    /// What `returned` worth of goods is worth in money. A discount is kept in proportion while the goods that stay still reach
    /// its minimum, and is lost whole once they do not (P4). Crossing that line never makes a larger return worth less than a
    /// smaller one: the value reached at the line is kept, which also makes the order of partial returns irrelevant.
    fn refundable(&self, returned: i64) -> i64 {
        let crossings = self.discounts.iter().filter_map(|(_, minimum)| minimum.map(|minimum| self.value - minimum));
        let candidates = crossings.filter(|crossing| (0..=returned).contains(crossing)).chain([returned]);
        candidates.map(|returned| returned - self.lost(returned)).max().unwrap_or(0).max(0)
    }

    fn lost(&self, returned: i64) -> i64 {
        let (mut whole, mut in_proportion) = (0, 0);
        for (amount, minimum) in &self.discounts {
            if self.keeps(*minimum, returned) {
                in_proportion += amount;
            } else {
                whole += amount;
            }
        }
        // Rounded up, once: several partial returns must never exceed what was paid.
        whole + crate::money::share_up(in_proportion, returned, self.value)
    }

    fn keeps(&self, minimum: Option<i64>, returned: i64) -> bool {
        returned == self.value || minimum.is_none_or(|minimum| self.value - returned >= minimum)
    }

    fn naive_losses(&self, returned: i64) -> Vec<i64> {
        let loss = |(amount, minimum): &(i64, Option<i64>)| {
            if self.keeps(*minimum, returned) { share(*amount, returned, self.value) } else { *amount }
        };
        let losses: Vec<i64> = self.discounts.iter().map(loss).collect();
        // Shares that all round to nothing still say whose discount the one unit is.
        if losses.iter().all(|loss| *loss == 0) { self.discounts.iter().map(|(amount, _)| *amount).collect() } else { losses }
    }
}
