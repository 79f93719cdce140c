//! Prices that were lowered after the purchase, and what they take off what an order costs. Amounts are minor units of the order's currency.

use super::claims::Protection;
use super::fate::part_of;
use super::ground::{Ground, up};
use crate::ids::LineId;
use crate::money::share;
use crate::order::Order;

/// A price at which a line is sold now, for so many of its units in all that stay: units whose price is lower already are among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowerPrice {
    pub line: LineId,
    /// At least 1.
    pub units: u32,
    /// Of one unit, as the order has its prices: with tax or without.
    pub price: i64,
}

/// What lowered prices take off what their lines cost, for as long as the units stay. Units of a line count in a fixed order, so that a price
/// for two of them and a lower one for one say: one at this price, one at that.
pub fn protections(order: &Order, prices: &[LowerPrice]) -> Vec<Protection> {
    let mut sorted: Vec<&LowerPrice> = prices.iter().filter(|lower| lower.units > 0).collect();
    sorted.sort_by_key(|lower| (&lower.line, std::cmp::Reverse(lower.units), lower.price));
    if sorted.is_empty() {
        return Vec::new();
    }
    let ground = Ground::of(order, false);
    let mut layers: Vec<Protection> = Vec::new();
    let mut now: Option<(&LineId, i64)> = None;
    for LowerPrice { line, units, price } in sorted {
        let Some(place) = ground.place(line) else { continue };
        let cost = match now.filter(|(known, _)| *known == line) {
            Some((_, above)) => above.saturating_mul(i64::from(*units)),
            None => ground.paid_for(place, *units),
        };
        let less = cost - price.saturating_mul(i64::from(*units));
        if less <= 0 {
            continue;
        }
        now = Some((line, *price));
        // Tax on top goes down with the price.
        let tax = share(less, ground.tax[place] as i64, order.lines[place].net());
        layers.push(Protection { line: line.clone(), units: *units, amount: less + tax });
    }
    layers
}

impl Ground<'_> {
    /// What was paid for so many units of a line, after its own discount and its share of all others, tax on top aside.
    fn paid_for(&self, place: usize, units: u32) -> i64 {
        let line = &self.order.lines[place];
        let net = i128::from(line.net());
        let off: i128 = self.discounts.iter().map(|(amount, _)| amount).sum();
        let paid = net - if self.value == 0 { 0 } else { up(off * net, self.value) };
        part_of(paid, units.min(line.quantity), line.quantity.max(1)) as i64
    }
}
