//! Amounts of a feed that is finer than the currency, rounded so that every line still costs what it cost.

use domain::money::{Amount, AmountError, Currency};
use domain::order::Quantity;
use rust_decimal::Decimal;

/// What `quantity` is listed at together and costs, both in minor units, as a line's unit price and discount. What is measured, or costs less
/// than nothing, is told as it is: [`domain::order::OrderDocument::admit`] makes it plain.
pub(super) fn price(subtotal: i64, total: i64, quantity: Quantity, currency: Currency) -> (Amount, Option<Amount>) {
    let amount = |minor: i64| Amount::from_minor(minor, currency);
    let some = |minor: i64| (minor != 0).then(|| amount(minor));
    if let Some(pieces) = quantity.whole().filter(|pieces| *pieces > 0 && subtotal >= 0) {
        let listed = LinePrice::of(subtotal, total, pieces);
        return (amount(listed.unit_price), some(listed.discount));
    }
    let listed = if subtotal < 0 { subtotal } else { subtotal.max(total) };
    // Of no unit there is no price.
    let unit_price = amount(listed).0.checked_div(quantity.0).unwrap_or_default();
    (Amount(unit_price), some(listed - total))
}

/// A line's price in whole minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LinePrice {
    unit_price: i64,
    discount: i64,
}

impl LinePrice {
    /// The price of `quantity` units that are listed at `subtotal` together and cost `total`. Where the subtotal does not divide,
    /// the unit price is rounded up and the discount takes the difference: the line costs `total`, to the last unit.
    fn of(subtotal: i64, total: i64, quantity: i64) -> Self {
        let listed = subtotal.max(total);
        let unit_price = listed.div_euclid(quantity) + i64::from(listed.rem_euclid(quantity) != 0);
        Self { unit_price, discount: unit_price * quantity - total }
    }
}

/// Rounds half up to the currency's minor unit.
pub(super) fn minor(amount: Decimal, currency: Currency) -> Result<i64, AmountError> {
    Amount(amount).rounded_minor(currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_costs_what_it_cost_though_its_price_does_not_divide() {
        for (subtotal, total, quantity) in [(1_000, 1_000, 3), (1_000, 900, 3), (999, 999, 3), (0, 0, 5), (500, 600, 7), (1, 1, 2)] {
            let price = LinePrice::of(subtotal, total, quantity);
            assert_eq!(price.unit_price * quantity - price.discount, total);
            assert!(price.discount >= 0 && price.unit_price * quantity >= subtotal);
            assert!(price.unit_price * quantity - subtotal.max(total) < quantity, "less than a unit for each");
        }
        assert_eq!(LinePrice::of(999, 999, 3), LinePrice { unit_price: 333, discount: 0 });
    }

    #[test]
    fn a_line_that_is_none_of_pieces_is_told_as_it_is() {
        let eur: Currency = "EUR".parse().unwrap();
        for (subtotal, total, quantity, unit_price, discount) in [
            (3_000, 2_700, "1.5", "20", Some("3.00")),
            (-500, -500, "1", "-5.00", None),
            (-500, -500, "-2", "2.50", None),
            (0, 0, "0", "0", None),
        ] {
            let read = |text: &str| Amount(text.parse().unwrap());
            let quantity = Quantity(quantity.parse().unwrap());
            assert_eq!(price(subtotal, total, quantity, eur), (read(unit_price), discount.map(read)), "{quantity}");
        }
    }

    #[test]
    fn half_a_cent_is_rounded_up() {
        let eur: Currency = "EUR".parse().unwrap();
        for (text, cents) in [("1.005", 101), ("1.0049", 100), ("0.125", 13), ("2", 200)] {
            assert_eq!(minor(text.parse().unwrap(), eur), Ok(cents), "{text}");
        }
    }
}
