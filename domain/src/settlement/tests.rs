//! Cases by hand, and properties over random orders and any sequence of partial returns.

use proptest::prelude::*;
use serde_json::json;

use super::{Claim, FeeTerms, Outside, Part, ReceiptKind, Settlement, Terms, books};
use crate::order::{Order, OrderDocument};
use crate::policy::{BasisPoints, FeeEffect, GiftRule, OutboundRefund, Resolution};

pub(super) fn order(value: serde_json::Value) -> Order {
    let document: OrderDocument = serde_json::from_value(value).unwrap();
    Order::parse(&document).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub(super) fn line(id: &str, units: u32) -> Claim {
    Claim::of(id.parse().unwrap(), units, Resolution::Refund, Terms::OUTSIDE)
}

/// What happened so far.
#[derive(Clone, Default)]
struct History {
    parts: Vec<Part>,
    outside: Vec<Outside>,
}

fn settle(order: &Order, history: &History, claims: &[Claim], freight: i64) -> Settlement {
    let parts: Vec<Part> = history.parts.iter().cloned().chain([Part { claims: claims.to_vec(), freight, ..Part::default() }]).collect();
    books(order, GiftRule::Keep, &history.outside, &parts).parts.pop().unwrap()
}

fn remember(history: &mut History, claims: &[Claim]) {
    history.parts.push(Part { claims: claims.to_vec(), ..Part::default() });
}

/// Returns the given lots one after the other; what each granted.
fn one_after_the_other(order: &Order, lots: &[Vec<Claim>]) -> Vec<i64> {
    let mut history = History::default();
    let grant = |lot: &Vec<Claim>| {
        let settled = settle(order, &history, lot, 0);
        assert_eq!(settled.receipt.iter().map(|line| line.amount).sum::<i64>(), settled.expected, "the receipt sums to the amount");
        remember(&mut history, lot);
        settled.expected
    };
    lots.iter().map(grant).collect()
}

fn three_for(discount: serde_json::Value) -> Order {
    order(
        json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "CNY", "customer": {"email": "a@b.org"}, "shipping": "10.00",
        "lines": [{"id": "a", "sku": "a", "name": "a", "quantity": 1, "unit_price": "100.00"},
                  {"id": "b", "sku": "b", "name": "b", "quantity": 1, "unit_price": "100.00"},
                  {"id": "c", "sku": "c", "name": "c", "quantity": 1, "unit_price": "100.00"}],
        "discounts": [discount]}),
    )
}

#[test]
fn an_order_discount_is_shared_in_proportion() {
    let order = three_for(json!({"code": "SPRING", "amount": "50.00"}));
    let settled = settle(&order, &History::default(), &[line("a", 1)], 0);
    assert_eq!(settled.expected, 8_333);
    assert_eq!(settled.receipt[1].kind, ReceiptKind::OrderDiscount { code: Some("SPRING".into()), minimum_lost: false });
    assert_eq!(one_after_the_other(&order, &[vec![line("a", 1)], vec![line("b", 1)], vec![line("c", 1)]]), [8_333, 8_333, 8_334 + 1_000]);
}

#[test]
fn of_dear_shipping_no_more_than_the_standard_rate_comes_back_with_the_last_of_the_goods() {
    for (paid, standard, fault, back) in [
        ("25.00", Some("10.00"), false, 1_000),
        ("10.00", Some("25.00"), false, 1_000),
        ("25.00", None, false, 2_500),
        ("25.00", Some("0.00"), false, 0),
        // Where something was wrong with them the rule gives all of it back.
        ("25.00", Some("10.00"), true, 2_500),
    ] {
        let order = order(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"},
            "shipping": paid, "shipping_standard": standard,
            "lines": [{"id": "a", "sku": "a", "name": "a", "quantity": 2, "unit_price": "100.00"}]}));
        let mut all = line("a", 2);
        all.terms.outbound = if fault { OutboundRefund::Always } else { OutboundRefund::WhenAllReturned };
        assert_eq!(settle(&order, &History::default(), &[all], 0).expected, 20_000 + back, "{paid} {standard:?} {fault}");
        assert_eq!(settle(&order, &History::default(), &[line("a", 1)], 0).expected, 10_000, "nothing of it while one stays");
    }
}

#[test]
fn a_threshold_discount_cannot_be_cashed_in() {
    // 60 off from 200: who keeps goods for 200 keeps the discount; who keeps less pays the kept goods in full (P4).
    let order = three_for(json!({"code": "60 off 200", "amount": "60.00", "minimum_spend": "200.00"}));
    assert_eq!(one_after_the_other(&order, &[vec![line("a", 1)]]), [8_000]);
    let two = settle(&order, &History::default(), &[line("a", 1), line("b", 1)], 0);
    assert_eq!(two.expected, 14_000, "one item kept for 100.00, of 240.00 paid");
    assert_eq!(two.receipt[2].kind, ReceiptKind::OrderDiscount { code: Some("60 off 200".into()), minimum_lost: true });
    assert_eq!(one_after_the_other(&order, &[vec![line("a", 1)], vec![line("b", 1)], vec![line("c", 1)]]), [8_000, 6_000, 10_000 + 1_000]);
}

#[test]
fn a_filler_bought_for_the_discount_and_sent_back_pays_it_back() {
    let order = order(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "CNY", "customer": {"email": "a@b.org"},
        "lines": [{"id": "wanted", "sku": "a", "name": "a", "quantity": 1, "unit_price": "150.00"},
                  {"id": "filler", "sku": "b", "name": "b", "quantity": 1, "unit_price": "50.00"}],
        "discounts": [{"amount": "50.00", "minimum_spend": "200.00"}]}));
    assert_eq!(settle(&order, &History::default(), &[line("filler", 1)], 0).expected, 0, "150.00 was paid, and goods for 150.00 stay");
}

#[test]
fn returning_more_is_never_worth_less() {
    let order = order(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "CNY", "customer": {"email": "a@b.org"},
        "lines": [{"id": "a", "sku": "a", "name": "a", "quantity": 1, "unit_price": "100.00"},
                  {"id": "x", "sku": "x", "name": "x", "quantity": 1, "unit_price": "10.00"},
                  {"id": "rest", "sku": "r", "name": "r", "quantity": 1, "unit_price": "190.00"}],
        "discounts": [{"amount": "60.00", "minimum_spend": "200.00"}]}));
    assert_eq!(one_after_the_other(&order, &[vec![line("a", 1)], vec![line("x", 1)]]), [8_000, 0]);
    assert_eq!(
        one_after_the_other(&order, &[vec![line("x", 1)], vec![line("a", 1)]]).iter().sum::<i64>(),
        8_000,
        "the order does not matter"
    );
}

#[test]
fn money_goes_back_to_the_payments_in_their_order() {
    let order = order(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"},
        "lines": [{"id": "a", "sku": "a", "name": "a", "quantity": 4, "unit_price": "25.00"}],
        "payments": [{"id": "voucher", "method": "gift card", "amount": "30.00"}, {"id": "card", "method": "card", "amount": "70.00"}]}));
    let mut history = History::default();
    let mut paid = Vec::new();
    for units in [1, 2, 1] {
        let lot = [line("a", units)];
        let settled = settle(&order, &history, &lot, 0);
        remember(&mut history, &lot);
        paid.push(settled.tenders.iter().map(|share| (share.id.clone().unwrap(), share.amount)).collect::<Vec<_>>());
    }
    let pay = |id: &str, amount: i64| (id.to_owned(), amount);
    assert_eq!(paid, [vec![pay("voucher", 2_500)], vec![pay("voucher", 500), pay("card", 4_500)], vec![pay("card", 2_500)]]);
}

#[test]
fn what_the_feed_did_not_name_is_never_refunded_twice() {
    let base = json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"}, "shipping": "5.00",
        "lines": [{"id": "a", "sku": "a", "name": "a", "quantity": 2, "unit_price": "50.00"}]});
    let paid = |amount: &str| {
        let mut value = base.clone();
        value["payments"] = json!([{"amount": amount}]);
        order(value)
    };
    assert_eq!(
        one_after_the_other(&paid("85.00"), &[vec![line("a", 1)], vec![line("a", 1)]]),
        [4_000, 4_500],
        "20.00 less than the document: a discount"
    );
    assert_eq!(
        one_after_the_other(&paid("107.00"), &[vec![line("a", 1)], vec![line("a", 1)]]),
        [5_000, 5_700],
        "2.00 more: back with the last unit"
    );
    assert_eq!(one_after_the_other(&paid("0.00"), &[vec![line("a", 2)]]), [0]);
}

#[test]
fn units_credited_elsewhere_count_as_back() {
    let order = three_for(json!({"amount": "0.00"}));
    let credited = |amount: i64| History {
        outside: vec![Outside { units: Some(("a".parse().unwrap(), 1)), payment: None, amount }],
        ..History::default()
    };
    let history = credited(10_000);
    assert_eq!(settle(&order, &history, &[line("b", 1), line("c", 1)], 0).expected, 21_000);
    let generous = credited(25_000);
    let settled = settle(&order, &generous, &[line("b", 1), line("c", 1)], 0);
    assert_eq!(settled.expected, 6_000, "never above what was captured");
    assert_eq!(settled.receipt.last().unwrap().kind, ReceiptKind::Cap);
}

#[test]
fn a_fee_never_makes_a_debt_and_freight_is_never_dropped() {
    let order = three_for(json!({"amount": "0.00"}));
    let fee: FeeEffect = serde_json::from_value(json!({"flat": {"CNY": "500.00"}})).unwrap();
    let mut asked = line("a", 1);
    asked.terms.fee = FeeTerms::of(&fee, order.currency);
    assert_eq!(settle(&order, &History::default(), &[asked], 800).expected, 0);
    assert_eq!(settle(&order, &History::default(), &[line("a", 1)], 800).expected, 9_200);
    let beyond = settle(&order, &History::default(), &[line("a", 1)], 99_999);
    assert_eq!((beyond.expected, beyond.due), (0, 89_999), "what the goods are not worth is due");
}

#[test]
fn store_credit_has_its_bonus_beside_the_granted_amount() {
    let order = three_for(json!({"amount": "0.00"}));
    let mut credit = line("a", 1);
    credit.resolution = Resolution::StoreCredit;
    credit.terms.share = BasisPoints(500);
    let settled = settle(&order, &History::default(), &[credit, line("b", 1)], 0);
    assert_eq!((settled.expected, settled.store_credit, settled.bonus, settled.refund()), (20_000, 10_000, 500, 10_000));
    assert_eq!(settled.worth(), 20_500);
}

#[test]
fn keeping_the_item_pays_a_share_of_what_was_paid() {
    let order = three_for(json!({"amount": "30.00"}));
    let mut kept = line("a", 1);
    kept.resolution = Resolution::KeepRefund;
    kept.terms.share = BasisPoints(3_000);
    assert_eq!(settle(&order, &History::default(), &[kept], 0).expected, 2_700, "30 % of 90.00");
}

#[test]
fn an_exchange_pays_or_asks_for_the_difference() {
    let order = three_for(json!({"amount": "30.00"}));
    let exchanged = |price: Option<i64>| Claim { resolution: Resolution::Exchange, price, ..line("a", 1) };
    let settled = |lines: &[Claim]| {
        let settled = settle(&order, &History::default(), lines, 800);
        assert_eq!(settled.receipt.iter().map(|line| line.amount).sum::<i64>(), settled.expected - settled.due);
        (settled.expected, settled.due)
    };
    assert_eq!(settled(&[exchanged(None)]), (0, 800), "nothing is known of the price: even, but for the freight");
    assert_eq!(settled(&[exchanged(Some(9_000))]), (900 - 800, 0), "10.00 cheaper, less a tenth");
    assert_eq!(settled(&[exchanged(Some(12_000))]), (0, 2_000 + 800), "20.00 dearer, and the freight");
    assert_eq!(settled(&[exchanged(Some(5_000))]), (4_500 - 800, 0), "50.00 cheaper, less a tenth and the freight");
    assert_eq!(settled(&[exchanged(Some(12_000)), line("b", 1)]), (7_200 - 800, 0), "it is taken from what comes back");
}

#[derive(Debug, Clone)]
struct Bought {
    order: serde_json::Value,
    units: Vec<u32>,
}

/// An order of one to five lines with line and order discounts, thresholds, tax in or on top, shipping, duties and one to three
/// payments that sum to what the document adds up to.
fn bought() -> impl Strategy<Value = Bought> {
    let line = (1u32..6, 0i64..30_000, 0i64..100, 0i64..3_000);
    let discount = (0i64..8_000, prop::option::of(0i64..60_000));
    (prop::collection::vec(line, 1..6), prop::collection::vec(discount, 0..3), any::<bool>(), 0i64..2_000, 0i64..2_000, prop::collection::vec(1i64..100, 1..4)).prop_map(
        |(lines, discounts, included, shipping, duties, cuts)| {
            let cents = |minor: i64| crate::money::decimal_text(minor, "EUR".parse().unwrap());
            let value: Vec<serde_json::Value> = lines
                .iter()
                .enumerate()
                .map(|(index, (units, price, off, tax))| {
                    let off = price * i64::from(*units) * off / 130;
                    json!({"id": index.to_string(), "sku": "s", "name": "n", "quantity": units, "unit_price": cents(*price), "discount": cents(off), "tax": cents(*tax)})
                })
                .collect();
            let discounts: Vec<_> = discounts
                .iter()
                .map(|(amount, minimum)| json!({"code": "d", "amount": cents(*amount), "minimum_spend": minimum.map(cents)}))
                .collect();
            let mut document = json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"},
                "prices_include_tax": included, "lines": value, "discounts": discounts, "shipping": cents(shipping), "duties": cents(duties)});
            let total = order(document.clone()).computed_total();
            let payments: Vec<_> = crate::money::split(total, &cuts).into_iter().map(|amount| json!({"amount": cents(amount)})).collect();
            document["payments"] = payments.into();
            Bought { order: document, units: lines.iter().map(|(units, ..)| *units).collect() }
        },
    )
}

/// Every unit of an order as (line, unit), in a random order, cut into lots.
fn lots_of(units: &[u32], shuffle: &[usize], cut: usize) -> Vec<Vec<Claim>> {
    let mut each: Vec<usize> = units.iter().enumerate().flat_map(|(line, units)| std::iter::repeat_n(line, *units as usize)).collect();
    for (index, &swap) in shuffle.iter().enumerate().take(each.len()) {
        let other = swap % each.len();
        each.swap(index, other);
    }
    each.chunks(cut.max(1))
        .map(|lot| {
            let mut counted = std::collections::BTreeMap::new();
            lot.iter().for_each(|line| *counted.entry(*line).or_insert(0) += 1);
            counted.into_iter().map(|(index, units)| line(&index.to_string(), units)).collect()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn all_units_back_is_exactly_what_was_captured_and_never_more_on_the_way(
        bought in bought(), shuffle in prop::collection::vec(0usize..64, 30), cut in 1usize..8
    ) {
        let order = order(bought.order);
        let grants = one_after_the_other(&order, &lots_of(&bought.units, &shuffle, cut));
        let mut sum = 0;
        for grant in &grants {
            prop_assert!(*grant >= 0);
            sum += grant;
            prop_assert!(sum <= order.captured());
        }
        prop_assert_eq!(sum, order.captured());
    }

    #[test]
    fn the_order_of_partial_returns_changes_nothing(
        bought in bought(), shuffle in prop::collection::vec(0usize..64, 30), other in prop::collection::vec(0usize..64, 30), cut in 1usize..6, some in 1usize..20
    ) {
        let order = order(bought.order);
        // The same units (the first `some` of one shuffle), once in lots one way, once in lots the other way.
        let taken: Vec<Claim> = lots_of(&bought.units, &shuffle, 1).into_iter().flatten().take(some).collect();
        let mut turned = taken.clone();
        for (index, &swap) in other.iter().enumerate().take(turned.len()) {
            let place = swap % turned.len();
            turned.swap(index, place);
        }
        let merged = |units: &[Claim], cut: usize| -> Vec<Vec<Claim>> {
            units.chunks(cut).map(|lot| {
                let mut counted: std::collections::BTreeMap<crate::ids::LineId, u32> = Default::default();
                lot.iter().for_each(|line| *counted.entry(line.line.clone()).or_insert(0) += line.units);
                counted.into_iter().map(|(id, units)| line(id.as_str(), units)).collect()
            }).collect()
        };
        let one: i64 = one_after_the_other(&order, &merged(&taken, cut)).iter().sum();
        let way: i64 = one_after_the_other(&order, &merged(&turned, 1)).iter().sum();
        prop_assert_eq!(one, way);
    }

    #[test]
    fn with_fees_and_freight_the_receipt_still_sums_and_stays_within_what_was_paid(
        bought in bought(), shuffle in prop::collection::vec(0usize..64, 30), cut in 1usize..8, percent in 0i64..10_000, freight in 0i64..3_000, credit in any::<bool>(), price in prop::option::of(0i64..40_000)
    ) {
        let order = order(bought.order);
        let fee = FeeEffect { percent: BasisPoints(percent), ..FeeEffect::default() };
        let (mut history, mut owed) = (History::default(), 0);
        for (index, mut lot) in lots_of(&bought.units, &shuffle, cut).into_iter().enumerate() {
            for asked in &mut lot {
                asked.terms.fee = FeeTerms::of(&fee, order.currency);
                asked.terms.outbound = if index % 2 == 0 { OutboundRefund::Always } else { OutboundRefund::Never };
                if index % 3 == 1 {
                    asked.resolution = Resolution::Exchange;
                    asked.price = price;
                }
                if credit && index % 3 == 0 {
                    asked.resolution = Resolution::StoreCredit;
                }
            }
            let settled = settle(&order, &history, &lot, freight);
            prop_assert_eq!(settled.receipt.iter().map(|line| line.amount).sum::<i64>(), settled.expected - settled.due);
            prop_assert!(settled.due >= 0 && (settled.due == 0 || settled.expected == 0));
            prop_assert!(settled.expected >= 0 && settled.store_credit >= 0 && settled.refund() >= 0);
            let tendered: i64 = settled.tenders.iter().map(|share| share.amount).sum();
            // What an earlier return owes comes back with a later one; no payment has brought it before it is paid.
            prop_assert!(tendered <= settled.refund() && settled.refund() - tendered <= owed);
            owed += settled.due;
            remember(&mut history, &lot);
        }
        let all = books(&order, GiftRule::Keep, &[], &history.parts);
        prop_assert!(all.expected <= order.captured());
        prop_assert!(all.payments.iter().all(|payment| payment.expected <= payment.brought));
    }

    #[test]
    fn returned_goods_never_bring_more_than_their_share_of_what_was_paid(bought in bought(), shuffle in prop::collection::vec(0usize..64, 30), some in 1usize..20) {
        let order = order(bought.order);
        let taken = lots_of(&bought.units, &shuffle, 1).into_iter().flatten().take(some);
        let mut history = History::default();
        let (mut returned, mut brought) = (0_i64, 0_i64);
        for unit in taken {
            let settled = settle(&order, &history, std::slice::from_ref(&unit), 0);
            for line in &settled.receipt {
                match line.kind {
                    ReceiptKind::Goods { .. } | ReceiptKind::LineDiscount { .. } => {
                        returned += line.amount;
                        brought += line.amount;
                    }
                    ReceiptKind::OrderDiscount { .. } | ReceiptKind::UnlistedDiscount => brought += line.amount,
                    _ => {}
                }
            }
            remember(&mut history, &[unit]);
            let value = order.goods_value();
            let discounts = order.discounts.iter().map(|discount| discount.amount).sum::<i64>().min(value);
            prop_assert!(i128::from(brought) * i128::from(value) <= i128::from(returned) * i128::from(value - discounts), "{} of {}", brought, returned);
        }
    }
}
