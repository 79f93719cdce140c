//! Money that is given back although nothing comes back: a present, or the difference to a price that was lowered after the purchase. What was
//! given stands in the books beside the grants of returns. Amounts are minor units of the order's currency.

use super::books::Account;
use super::claims::Part;
use super::fate::part_of;
use super::grants::{Cause, Granted};
use super::lowered::{LowerPrice, protections};

/// What is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concession {
    /// A present of so much.
    Goodwill { amount: i64 },
    /// The difference to a lower price.
    LowerPrice(LowerPrice),
}

/// Why nothing is given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotConceded {
    #[error("there is no such line")]
    UnknownLine,
    /// Units that come back get their whole price.
    #[error("{stay} units of it stay")]
    NotSoMany { stay: u32 },
    #[error("this is not less than what they cost by now")]
    NotLower,
    #[error("no more than {left} minor units are left of what was captured")]
    MoreThanLeft { left: i64 },
}

impl Account<'_> {
    /// What giving `asked` grants; `stay`: units of its line that are in no return and were not credited elsewhere.
    pub fn concede(&self, asked: &Concession, stay: u32) -> Result<i64, NotConceded> {
        match asked {
            Concession::Goodwill { amount } => {
                let left = self.goodwill(i64::MAX);
                if *amount > left { Err(NotConceded::MoreThanLeft { left }) } else { Ok(*amount) }
            }
            Concession::LowerPrice(lower) => self.lower(lower, stay),
        }
    }

    fn lower(&self, lower: &LowerPrice, stay: u32) -> Result<i64, NotConceded> {
        self.order.line(&lower.line).ok_or(NotConceded::UnknownLine)?;
        if lower.units == 0 || lower.units > stay {
            return Err(NotConceded::NotSoMany { stay });
        }
        let lowered = [self.lowered, std::slice::from_ref(lower)].concat();
        let comes_to = |prices: &[LowerPrice]| -> i64 {
            let layers = protections(self.order, prices).into_iter().filter(|layer| layer.line == lower.line);
            layers.map(|layer| part_of(i128::from(layer.amount), stay.min(layer.units), layer.units) as i64).sum()
        };
        let less = comes_to(&lowered) - comes_to(self.lowered);
        if less <= 0 {
            return Err(NotConceded::NotLower);
        }
        // No more than the order comes to less by it: what else was granted too early or too late is the next return's business.
        let granted = Account { lowered: &lowered, ..*self }.grantable(&Part::default()).expected.min(less);
        if granted < less { Err(NotConceded::MoreThanLeft { left: granted }) } else { Ok(granted) }
    }
}

impl Concession {
    /// As it stands in the books, once it was granted.
    pub fn granted(&self, id: u64, amount: i64) -> Granted {
        let cause = if matches!(self, Self::Goodwill { .. }) { Cause::Goodwill } else { Cause::Worth };
        Granted { id, cause, amount, credit: 0, legs: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tests::{line, order};
    use super::super::{Books, Claim, Settlement, any};
    use super::*;
    use crate::ids::LineId;
    use crate::order::Order;
    use crate::policy::{GiftRule, Resolution};

    /// An order with what was given and what came back of it, one after the other.
    struct Shop {
        order: Order,
        accepted: Vec<Part>,
        grants: Vec<Granted>,
        lowered: Vec<LowerPrice>,
    }

    impl Shop {
        fn new(order: Order) -> Self {
            Self { order, accepted: vec![], grants: vec![], lowered: vec![] }
        }

        fn account(&self) -> Account<'_> {
            let Self { order, accepted, grants, lowered } = self;
            Account { order, gifts: GiftRule::Keep, outside: &[], asked: accepted, accepted, grants, lowered }
        }

        fn stay(&self, id: &LineId) -> u32 {
            let back = self.accepted.iter().flat_map(|part| &part.claims).filter(|claim| claim.line == *id);
            self.order.line(id).map_or(0, |line| line.quantity) - back.map(|claim| claim.units).sum::<u32>()
        }

        fn give(&mut self, asked: Concession) -> Result<i64, NotConceded> {
            let stay = if let Concession::LowerPrice(lower) = &asked { self.stay(&lower.line) } else { 0 };
            let amount = self.account().concede(&asked, stay)?;
            self.grants.push(asked.granted(0, amount));
            if let Concession::LowerPrice(lower) = asked {
                self.lowered.push(lower);
            }
            Ok(amount)
        }

        fn lower(&mut self, id: &str, units: u32, price: i64) -> Result<i64, NotConceded> {
            self.give(Concession::LowerPrice(LowerPrice { line: id.parse().unwrap(), units, price }))
        }

        fn present(&mut self, amount: i64) -> Result<i64, NotConceded> {
            self.give(Concession::Goodwill { amount })
        }

        /// What a return of that grants.
        fn back(&mut self, claim: Claim) -> i64 {
            let part = Part { claims: vec![claim], ..Part::default() };
            let Settlement { expected, .. } = self.account().grantable(&part);
            self.accepted.push(part);
            self.grants.push(Granted { id: 0, cause: Cause::Worth, amount: expected, credit: 0, legs: vec![] });
            expected
        }

        fn check(&self) -> Books {
            let books = self.account().books();
            assert!(books.captured >= books.granted + books.expected, "no more is given than was captured: {books:?}");
            assert_eq!(books.parts.len(), self.accepted.len(), "what was given beside returns is none of them");
            books
        }
    }

    fn shop(lines: serde_json::Value, more: serde_json::Value) -> Shop {
        let mut document = json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"}, "lines": lines});
        for (key, value) in more.as_object().unwrap() {
            document[key] = value.clone();
        }
        Shop::new(order(document))
    }

    fn coats(quantity: u32, more: serde_json::Value) -> Shop {
        shop(json!([{"id": "a", "sku": "a", "name": "a", "quantity": quantity, "unit_price": "50.00"}]), more)
    }

    #[test]
    fn a_lower_price_is_refunded_and_taken_off_what_comes_back() {
        let mut shop = coats(2, json!({}));
        assert_eq!(shop.lower("a", 2, 4_000), Ok(2_000));
        assert_eq!(shop.back(line("a", 1)), 4_000, "10.00 of its 50.00 were given");
        assert_eq!(shop.back(line("a", 1)), 4_000);
        assert_eq!(shop.check().granted, 10_000);
        let mut shop = coats(2, json!({}));
        assert_eq!(shop.back(line("a", 1)), 5_000);
        assert_eq!(shop.lower("a", 2, 4_000), Err(NotConceded::NotSoMany { stay: 1 }), "the other is paid back whole");
        assert_eq!(shop.lower("a", 1, 4_000), Ok(1_000));
        assert_eq!(shop.back(line("a", 1)), 4_000);
    }

    #[test]
    fn a_price_that_falls_again_is_refunded_by_the_rest() {
        let mut shop = coats(3, json!({}));
        assert_eq!(shop.lower("a", 1, 4_000), Ok(1_000));
        assert_eq!(shop.lower("a", 1, 4_000), Err(NotConceded::NotLower), "twice");
        assert_eq!(shop.lower("a", 2, 4_500), Ok(500), "one of them is lower already");
        assert_eq!(shop.lower("a", 3, 4_000), Ok(1_500), "10.00 each");
        assert_eq!(shop.lower("a", 3, 5_000), Err(NotConceded::NotLower));
        assert_eq!(shop.lower("b", 1, 0), Err(NotConceded::UnknownLine));
        assert_eq!([shop.back(line("a", 1)), shop.back(line("a", 2))], [4_000, 8_000]);
        // A price for two and a lower one for one: what comes back first is at the higher.
        let mut shop = coats(2, json!({}));
        assert_eq!((shop.lower("a", 2, 4_500), shop.lower("a", 1, 3_000)), (Ok(1_000), Ok(1_500)));
        assert_eq!([shop.back(line("a", 1)), shop.back(line("a", 1))], [4_500, 3_000]);
    }

    #[test]
    fn a_price_is_lower_than_what_was_paid_with_all_discounts_and_tax_goes_with_it() {
        let mut discounted = coats(2, json!({"discounts": [{"amount": "20.00"}]}));
        assert_eq!(discounted.lower("a", 1, 4_000), Err(NotConceded::NotLower), "40.00 was paid");
        assert_eq!(discounted.lower("a", 2, 3_500), Ok(1_000));
        let mut unlisted = coats(2, json!({"payments": [{"amount": "80.00"}]}));
        assert_eq!(unlisted.lower("a", 2, 4_500), Err(NotConceded::NotLower));
        let taxed = json!([{"id": "a", "sku": "a", "name": "a", "quantity": 1, "unit_price": "50.00", "tax": "10.00"}]);
        let mut taxed = shop(taxed, json!({"prices_include_tax": false}));
        assert_eq!(taxed.lower("a", 1, 4_000), Ok(1_200));
        assert_eq!(taxed.back(line("a", 1)), 4_800);
    }

    #[test]
    fn a_present_and_a_lower_price_share_what_was_captured() {
        let mut shop = coats(2, json!({}));
        assert_eq!(shop.present(9_500), Ok(9_500));
        assert_eq!(shop.lower("a", 2, 4_000), Err(NotConceded::MoreThanLeft { left: 500 }));
        assert_eq!(shop.lower("a", 1, 4_500), Ok(500));
        assert_eq!(shop.present(1), Err(NotConceded::MoreThanLeft { left: 0 }));
        assert_eq!(shop.back(line("a", 2)), 0);
        let mut shop = coats(2, json!({}));
        assert_eq!((shop.present(3_000), shop.back(line("a", 1)), shop.back(line("a", 1))), (Ok(3_000), 5_000, 2_000));
    }

    #[test]
    fn units_kept_for_part_of_their_price_keep_the_lower_one() {
        let mut shop = coats(2, json!({}));
        assert_eq!(shop.lower("a", 2, 4_000), Ok(2_000));
        let kept = Claim { resolution: Resolution::KeepRefund, ..line("a", 1) };
        let kept = Claim { terms: super::super::Terms { share: crate::policy::BasisPoints(3_000), ..kept.terms.clone() }, ..kept };
        assert_eq!(shop.back(kept), 1_200, "30 % of 40.00");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Present(i64),
        Lower(usize, u32, i64),
        Back(usize, u32),
    }

    proptest! {
        #[test]
        fn whatever_is_given_no_more_goes_back_than_was_captured_and_all_of_it_with_the_last_unit(
            order in any::order(true),
            steps in prop::collection::vec(prop_oneof![
                (0i64..5_000).prop_map(Step::Present),
                (0usize..5, 1u32..6, 0i64..30_000).prop_map(|(line, units, price)| Step::Lower(line, units, price)),
                (0usize..5, 1u32..4).prop_map(|(line, units)| Step::Back(line, units)),
            ], 1..10),
        ) {
            let mut shop = Shop::new(order);
            for step in steps {
                let before = shop.check();
                match step {
                    Step::Present(amount) => drop(shop.present(amount)),
                    Step::Lower(place, units, price) => {
                        if let Ok(amount) = shop.lower(&place.to_string(), units, price) {
                            prop_assert!(amount > 0);
                            prop_assert_eq!(shop.check().granted, before.granted + amount);
                        }
                    }
                    Step::Back(place, units) => {
                        let id: LineId = place.to_string().parse().unwrap();
                        let units = units.min(shop.stay(&id));
                        if units > 0 {
                            shop.back(line(id.as_str(), units));
                        }
                    }
                }
                let after = shop.check();
                prop_assert!(after.granted >= before.granted);
            }
            let rest: Vec<(String, u32)> = shop.order.lines.iter().map(|line| (line.id.to_string(), shop.stay(&line.id))).collect();
            for (id, units) in rest {
                shop.back(line(&id, units));
            }
            let all = shop.check();
            prop_assert_eq!((all.granted, all.expected, all.offsets), (all.captured, 0, 0), "{:?}", all);
        }
    }
}
