//! What rules give on top because the shop or the carrier was at fault (C34, C35): a coupon, points, or credit in the shop.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::amounts::{Amounts, BasisPoints};
use super::effects::Effect;
use crate::money::Money;

/// Days that a coupon or points are good for, where a rule says nothing of it.
const DAYS: u32 = 365;
/// The most days that they are good for.
const MOST_DAYS: u32 = 3_650;

/// From when on a fault is taken for established.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GivenAt {
    /// When the return is approved; taken back where goods turn out otherwise.
    Approval,
    /// When somebody has found goods to be as was said; at approval where nothing comes back that could be looked at.
    #[default]
    Inspection,
}

/// What the customer gets because the shop or the carrier was at fault (C34, C35). Of the three kinds of coupon a rule names one at most; points and
/// credit may come beside it. For the reasons of which the customer or nobody is at fault nothing is given, whatever a rule says.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CompensationEffect {
    /// A coupon of this amount.
    pub coupon: Option<Amounts>,
    /// A coupon of such a share of what is bought next, whatever the currency.
    pub coupon_percent: Option<BasisPoints>,
    /// The most that such a share comes to; what is not named for a currency has no limit.
    pub coupon_up_to: Option<Amounts>,
    /// A coupon for free shipping.
    pub coupon_free_shipping: bool,
    /// The least that is bought with a coupon.
    pub minimum_spend: Option<Amounts>,
    /// Whoever has the code may use it; left out: only the customer.
    pub transferable: bool,
    /// Points.
    pub points: u32,
    /// Credit in the shop.
    pub credit: Option<Amounts>,
    /// Credit in the shop: such a share of what was paid for the goods.
    pub credit_percent: Option<BasisPoints>,
    /// Coupons and points are good for so many days; left out: 365. Credit ends as all credit does.
    pub days: Option<u32>,
    /// Left out: once goods were looked at.
    pub given: GivenAt,
    /// How often a customer gets something in one calendar month, by whatever rule; left out: as often as it happens.
    pub per_month: Option<u32>,
    /// The most that a customer gets in one calendar month, as far as it has an amount; what is in another currency is left to a person.
    pub per_month_up_to: Option<Amounts>,
    /// Above that a person decides first, and about what is in another currency.
    pub review_above: Option<Amounts>,
}

/// Something that is given. Amounts are minor units of the order's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gift {
    /// A coupon of a share, which comes to so much at most.
    Percent {
        share: BasisPoints,
        up_to: Option<i64>,
    },
    /// A coupon of an amount.
    Amount(i64),
    /// A coupon for free shipping.
    FreeShipping,
    Points(i64),
    Credit(i64),
}

impl Gift {
    /// Whether it is one for a case, however many items it is about: only credit by a share of their price is of the items.
    pub const fn is_coupon(self) -> bool {
        matches!(self, Self::Percent { .. } | Self::Amount(_) | Self::FreeShipping)
    }
}

impl CompensationEffect {
    /// What is given for goods that `paid` was paid for: all of it where it is the `first` time in a return and order, later what goes by their price
    /// alone. What a rule names no amount of in that currency is not given.
    pub fn gifts(&self, paid: Money, first: bool) -> Vec<Gift> {
        let named =
            |amounts: &Option<Amounts>| amounts.as_ref().and_then(|amounts| amounts.in_currency(paid.currency)).filter(|minor| *minor > 0);
        let share = |share: &Option<BasisPoints>| share.filter(|share| share.0 > 0);
        let coupon = share(&self.coupon_percent)
            .map(|share| Gift::Percent { share, up_to: named(&self.coupon_up_to) })
            .or(named(&self.coupon).map(Gift::Amount))
            .or(self.coupon_free_shipping.then_some(Gift::FreeShipping));
        let points = (self.points > 0).then_some(Gift::Points(i64::from(self.points)));
        let by_price = share(&self.credit_percent).map_or(0, |share| share.of(paid.minor));
        let credit = by_price + if first { named(&self.credit).unwrap_or(0) } else { 0 };
        let credit = (credit > 0).then_some(Gift::Credit(credit));
        if first { coupon.into_iter().chain(points).chain(credit).collect() } else { credit.into_iter().collect() }
    }

    /// What a gift is worth, as far as that is known: of a share what it would come to on the goods that it is given for, of free shipping what their
    /// order paid for `shipping`. Points have no amount.
    pub fn worth(gift: Gift, paid: Money, shipping: i64) -> i64 {
        match gift {
            Gift::Percent { share, up_to } => share.of(paid.minor).min(up_to.unwrap_or(i64::MAX)),
            Gift::Amount(minor) | Gift::Credit(minor) => minor,
            Gift::FreeShipping => shipping,
            Gift::Points(_) => 0,
        }
    }

    /// Days that coupons and points are good for.
    pub fn good_for(&self) -> u32 {
        self.days.unwrap_or(DAYS)
    }

    /// Whether a person decides about what is worth so much.
    pub fn wants_review(&self, worth: Money) -> bool {
        worth.minor > 0 && self.review_above.as_ref().is_some_and(|most| !most.cover(worth))
    }

    /// Whether it may be given to somebody who got something so `often` this month, worth so much in the currency.
    pub fn fits_month(&self, often: u32, before: i64, worth: Money) -> bool {
        let times = self.per_month.is_none_or(|most| often < most);
        let all = Money::new(before.saturating_add(worth.minor), worth.currency);
        times && (worth.minor == 0 || self.per_month_up_to.as_ref().is_none_or(|most| most.cover(all)))
    }

    fn has_coupon(&self) -> bool {
        self.coupon.is_some() || self.coupon_percent.is_some() || self.coupon_free_shipping
    }
}

impl Effect for CompensationEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let coupons = [self.coupon.is_some(), self.coupon_percent.is_some(), self.coupon_free_shipping];
        let several = coupons.iter().filter(|named| **named).count() > 1;
        let none = |share: Option<BasisPoints>| share == Some(BasisPoints(0));
        let beside = "goes with a coupon: name `coupon`, `coupon_percent` or `coupon_free_shipping`";
        let says: [(bool, &'static str, &'static str); 8] = [
            (several, "", "names several kinds of coupon; name one of `coupon`, `coupon_percent` and `coupon_free_shipping`"),
            (none(self.coupon_percent), "coupon_percent", "is nothing; leave it out"),
            (none(self.credit_percent), "credit_percent", "is nothing; leave it out"),
            (self.coupon_percent.is_none() && self.coupon_up_to.is_some(), "coupon_up_to", "limits `coupon_percent`, which is not named"),
            (!self.has_coupon() && self.minimum_spend.is_some(), "minimum_spend", beside),
            (!self.has_coupon() && self.transferable, "transferable", beside),
            (self.days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)), "days", "is between 1 and 3650"),
            // What goes by the price of goods would have to be cut where some of them turn out otherwise.
            (
                self.given == GivenAt::Approval && self.credit_percent.is_some(),
                "credit_percent",
                "goes by goods that were looked at; leave `given` out, or name an amount as `credit`",
            ),
        ];
        says.into_iter().filter(|(wrong, ..)| *wrong).map(|(_, field, why)| (field, why)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(text: &str) -> CompensationEffect {
        serde_json::from_str(text).unwrap()
    }

    fn euros(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap())
    }

    #[test]
    fn a_rule_gives_a_coupon_points_and_credit_by_the_currency_of_the_order() {
        let share = BasisPoints(1_000);
        for (text, first, expected) in [
            (r#"{"coupon": {"EUR": "5.00"}}"#, true, vec![Gift::Amount(500)]),
            (r#"{"coupon": {"CNY": "5.00"}}"#, true, vec![]),
            (r#"{"coupon_percent": 10}"#, true, vec![Gift::Percent { share, up_to: None }]),
            (r#"{"coupon_percent": 10, "coupon_up_to": {"EUR": "8"}}"#, true, vec![Gift::Percent { share, up_to: Some(800) }]),
            (r#"{"coupon_percent": 10, "coupon_up_to": {"CNY": "8"}}"#, true, vec![Gift::Percent { share, up_to: None }]),
            (r#"{"coupon_free_shipping": true, "points": 50}"#, true, vec![Gift::FreeShipping, Gift::Points(50)]),
            (r#"{"credit_percent": 10}"#, true, vec![Gift::Credit(400)]),
            (r#"{"credit_percent": 10, "credit": {"EUR": "1"}, "points": 5}"#, true, vec![Gift::Points(5), Gift::Credit(500)]),
            // More goods of the same case: only what goes by their price.
            (r#"{"credit_percent": 10, "credit": {"EUR": "1"}, "points": 5}"#, false, vec![Gift::Credit(400)]),
            (r#"{"coupon_percent": 10, "points": 5}"#, false, vec![]),
            ("{}", true, vec![]),
        ] {
            assert_eq!(effect(text).gifts(euros(4_000), first), expected, "{text} {first}");
        }
    }

    #[test]
    fn what_is_worth_more_than_a_rule_lets_out_waits_for_a_person_or_for_next_month() {
        let limited = effect(r#"{"coupon_percent": 10, "review_above": {"EUR": "5"}, "per_month": 2, "per_month_up_to": {"EUR": "9"}}"#);
        let worth = |paid| CompensationEffect::worth(limited.gifts(euros(paid), true)[0], euros(paid), 0);
        assert_eq!((worth(4_000), worth(5_001)), (400, 500));
        assert!(!limited.wants_review(euros(500)) && limited.wants_review(euros(501)));
        assert!(limited.wants_review(Money::new(1, "USD".parse().unwrap())), "no limit is named for it");
        assert!(!limited.wants_review(Money::new(0, "USD".parse().unwrap())), "points have no amount");
        for (often, before, minor, fits) in
            [(0, 0, 900, true), (1, 500, 400, true), (1, 500, 401, false), (2, 0, 1, false), (1, 900, 0, true)]
        {
            assert_eq!(limited.fits_month(often, before, euros(minor)), fits, "{often} {before} {minor}");
        }
        assert!(effect(r#"{"points": 1}"#).fits_month(u32::MAX, i64::MAX, euros(1)));
        assert_eq!(CompensationEffect::worth(Gift::FreeShipping, euros(1), 690), 690);
        assert_eq!(CompensationEffect::worth(Gift::Percent { share: BasisPoints(5_000), up_to: Some(300) }, euros(1_000), 0), 300);
    }

    #[test]
    fn what_does_not_go_together_is_told_at_its_field() {
        for (text, field) in [
            (r#"{"coupon": {"EUR": "5"}, "coupon_percent": 10}"#, Some("")),
            (r#"{"coupon_percent": 0}"#, Some("coupon_percent")),
            (r#"{"credit_percent": 0}"#, Some("credit_percent")),
            (r#"{"coupon": {"EUR": "5"}, "coupon_up_to": {"EUR": "5"}}"#, Some("coupon_up_to")),
            (r#"{"points": 5, "minimum_spend": {"EUR": "5"}}"#, Some("minimum_spend")),
            (r#"{"points": 5, "transferable": true}"#, Some("transferable")),
            (r#"{"points": 5, "days": 0}"#, Some("days")),
            (r#"{"points": 5, "days": 3651}"#, Some("days")),
            (r#"{"credit_percent": 5, "given": "approval"}"#, Some("credit_percent")),
            (r#"{"coupon": {"EUR": "5.00"}, "points": 10}"#, None),
            (r#"{"coupon_percent": 10, "minimum_spend": {"EUR": "5"}, "transferable": true, "days": 90, "given": "approval"}"#, None),
            // A rule may say that nothing is given, above one that gives.
            ("{}", None),
        ] {
            assert_eq!(effect(text).problems().first().map(|(field, _)| *field), field, "{text}");
        }
    }
}
