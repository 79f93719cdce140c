//! The facts that rules test, one row each: its name in a policy, its kind, and where it comes from. Its words stand in
//! `[facts]` of `app/locales/*.toml`; there is no third place.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::facts;
use super::effects::ClockStart;
use super::kinds::{
    Codes, Country, Day, FaultOf, Flag, FoundOf, GradeOf, Kind, MethodOf, Number, OneCode, Price, ResolutionOf, Skus, Text, Wants,
};
use super::known::Known;
use crate::days::days_between;
use crate::ids::Code;
use crate::item::UNOPENED;

facts! {
    /// The item's category.
    category => Category: OneCode, |known| known.line.category.as_ref();
    /// The item's SKU; `TEE-*` means all that start so.
    sku => Sku: Skus, |known| std::iter::once(&known.line.sku);
    /// The item has one of these tags.
    tag => Tag: Codes, |known| known.line.tags.iter();
    /// What the law and carriers call it, by the order or `kinds_of_goods`: it is one of these.
    kind => Kind: Codes, |known| known.all_kinds();
    /// List price of one unit.
    price => Price: Price, |known| known.order.money(known.line.unit_price);
    /// What the customer paid for the units that come back, all discounts taken off; in `review` for everything that is asked back with them.
    paid => Paid: Price, |known| known.paid;
    /// Units that come back.
    quantity => Quantity: Number, |known| i64::from(known.asked.quantity);
    /// What the units that come back weigh together, in grams; not known where the order does not say what one weighs.
    weight_grams => WeightGrams: Number, |known| known.line.weight_grams.map(|grams| i64::from(grams) * i64::from(known.asked.quantity));
    /// Sold as final.
    final_sale => FinalSale: Flag, |known| known.line.final_sale;
    /// The item was a gift that came with another.
    gift => Gift: Flag, |known| known.line.gift_with.is_some();
    /// The item is part of a bundle.
    bundle => Bundle: Flag, |known| known.line.bundle.is_some();
    /// Within its own guarantee (`warranty_months` from delivery).
    warranty => Warranty: Flag, |known| known.warranty_until().is_some_and(|until| known.today <= until);
    /// Reason given.
    reason => Reason: OneCode, |known| known.asked.reason.as_ref().map(|reason| &reason.reason);
    /// Sub-reason given.
    sub_reason => SubReason: OneCode, |known| known.asked.reason.as_ref().and_then(|reason| reason.sub_reason.as_ref());
    /// Whose fault the reason is.
    fault => Fault: FaultOf, |known| known.fault;
    /// State of the item as the customer tells it: `unopened`, `opened`, `used`, `damaged`, `incomplete`, `dirty`, `altered`, `assembled`.
    condition => Condition: OneCode, |known| known.asked.condition.as_ref();
    /// Whether the item was opened; known as soon as its condition is.
    opened => Opened: Flag, |known| known.asked.condition.as_ref().map(|condition| condition.as_str() != UNOPENED);
    /// How good whoever looked at it found it, `A` (as new) to `D` (worthless); in `grade` and `disposition` alone.
    grade => Grade: GradeOf, |known| known.seen.and_then(|seen| seen.grade);
    /// What whoever looked at it found: `accepted`, `downgraded`, `rejected`; in `grade` and `disposition` alone.
    result => Result: FoundOf, |known| known.seen.map(|seen| seen.found);
    /// Whole days by which the shop missed what it promised in this return, when goods were to be looked at or money was to be paid, whichever was more; 0
    /// where both were in time. In `compensation` alone, and not inside `any`, `all` or `not`; a rule that asks for it gives once all was paid.
    delay => Delay: Number, |known| known.delay.map(i64::from);
    /// What the customer would get.
    resolution => Resolution: ResolutionOf, |known| known.resolution;
    /// How it would come back.
    method => Method: MethodOf, |known| known.method;
    /// Declared as a statutory withdrawal.
    withdrawal => Withdrawal: Flag, |known| known.case.withdrawal;
    /// Calendar days since the item was delivered (0: today); where the feed names no delivery, since it was sent, or ordered.
    days_since_delivery => DaysSinceDelivery: Number, |known| days_between(known.arrived, known.today);
    /// Calendar days since the order.
    days_since_order => DaysSinceOrder: Number, |known| days_between(known.ordered, known.today);
    /// Calendar days since the item was sent.
    days_since_shipment => DaysSinceShipment: Number, |known| days_between(known.start(ClockStart::Shipment), known.today);
    /// The day of the order.
    ordered => Ordered: Day, |known| known.ordered;
    /// The day of delivery.
    delivered => Delivered: Day, |known| known.delivered;
    /// The day of the request.
    requested => Requested: Day, |known| known.today;
    /// Ordered during one of these campaigns.
    campaign => Campaign: Codes, |known| known.campaigns();
    /// Membership tier; `none` for those who have none.
    tier => Tier: OneCode, |known| Some(known.tier());
    /// Country the order went to.
    country => Country: Country, |known| known.country();
    /// Province or state the order went to, as the order names it.
    region => Region: Text, |known| known.region();
    /// Province or state it comes back from; the same as `region` where not said otherwise.
    return_region => ReturnRegion: Text, |known| known.case.return_region.or_else(|| known.region());
    /// Where the order was placed: `web`, `store`, ….
    channel => Channel: OneCode, |known| known.order.channel.as_ref();
    /// One of the order's payments was made so: `card`, `gift_card`, ….
    payment => Payment: Codes, |known| known.order.payments.iter().filter_map(|payment| payment.method.as_ref());
    /// Proof of purchase: `order` (found in the shop's records), `receipt`, `gift_receipt`, `none`.
    proof => Proof: OneCode, |known| Some(known.proof());
    /// Returns by the same customer in the last 365 days; in `payout` and `escalation`, before this one was opened.
    prior_returns => PriorReturns: Number, |known| i64::from(known.case.history.prior_returns);
    /// How often the shop repaired goods of this line on earlier returns because it answers for them; in `failed_repair` the repair that failed
    /// is not among them.
    repairs => Repairs: Number, |known| i64::from(known.repairs());
    /// Goods value of the order, all discounts taken off.
    order_value => OrderValue: Price, |known| known.order.money(known.order.goods_paid());
    /// The order has a line with this SKU.
    order_has_sku => OrderHasSku: Skus, |known| known.order.lines.iter().map(|line| &line.sku);
    /// The order has a line with this tag.
    order_has_tag => OrderHasTag: Codes, |known| known.order.lines.iter().flat_map(|line| &line.tags);
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::{Value, json};

    use crate::order::Order;
    use crate::policy::condition::Condition;
    use crate::policy::effects::{TierCounts, TierRule};
    use crate::policy::known::{Known, ShopRules};
    use crate::policy::request::{Case, CaseLine, History, SaidOfLaw};

    /// Whether a condition holds for two of three units of a line, and the fact as a trace shows it. The line is
    /// `{"id": "1", "sku": "TEE-S", "unit_price": "24.50"}` and what `line` adds.
    fn asked(line: Value, condition: Value) -> (bool, Option<String>) {
        let mut first = json!({"id": "1", "sku": "TEE-S", "name": "Tee", "quantity": 3, "unit_price": "24.50"});
        first.as_object_mut().unwrap().extend(line.as_object().unwrap().clone());
        let order = json!({
            "number": "1", "placed_at": "2026-03-01T08:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"}, "lines": [first],
        });
        let order = Order::parse(&serde_json::from_value(order).unwrap()).unwrap();
        let lines = [CaseLine {
            line: order.lines[0].id.clone(),
            quantity: 2,
            reason: None,
            condition: None,
            resolution: None,
            evidence: Vec::new(),
            law: SaidOfLaw::default(),
        }];
        let history = History::default();
        let case =
            Case { order: &order, history: &history, lines: &lines, method: None, withdrawal: false, return_region: None, proof: None };
        let shop = ShopRules {
            time_zone: &TimeZone::UTC,
            assumed_transit_days: 3,
            campaigns: &[],
            kinds: &[],
            tiers: TierRule { counts: TierCounts::Better, ranking: &[] },
        };
        let known = Known::gather(shop, &case, &order.lines[0], &lines[0], "2026-03-10T12:00:00Z".parse().unwrap());
        let condition = Condition::from(serde_json::from_value::<super::ConditionDocument>(condition).unwrap());
        (condition.holds(&known), condition.clauses()[0].fact().shown(&known))
    }

    #[test]
    fn each_fact_comes_from_its_place() {
        for (line, condition, holds, shown) in [
            (json!({"category": "shoes"}), json!({"category": ["apparel", "shoes"]}), true, Some("shoes")),
            (json!({}), json!({"category": "shoes"}), false, None),
            (json!({}), json!({"sku": "TEE-*"}), true, Some("TEE-S")),
            (json!({"tags": ["sale", "hygiene"]}), json!({"tag": "hygiene"}), true, Some("sale, hygiene")),
            (json!({"discount": "1.50"}), json!({"paid": {"EUR": {"max": "48.00"}}}), true, Some("48.00 EUR")),
            (json!({}), json!({"paid": {"CNY": {"min": "0"}}}), false, Some("49.00 EUR")),
            (json!({}), json!({"quantity": {"min": 3}}), false, Some("2")),
            (json!({"weight_grams": 12_500}), json!({"weight_grams": {"min": 20_000}}), true, Some("25000")),
            (json!({}), json!({"weight_grams": {"max": 20_000}}), false, None),
            (json!({}), json!({"final_sale": false}), true, Some("false")),
            (json!({}), json!({"opened": false}), false, None),
            // Nothing says when it was delivered: three days after the order.
            (json!({}), json!({"days_since_delivery": {"max": 6}}), true, Some("6")),
            (json!({}), json!({"delivered": {"from": "2026-01-01"}}), false, None),
            (json!({}), json!({"tier": "none"}), true, Some("none")),
        ] {
            assert_eq!(asked(line.clone(), condition.clone()), (holds, shown.map(str::to_owned)), "{condition} of {line}");
        }
    }
}
