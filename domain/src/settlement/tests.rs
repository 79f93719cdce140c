//! Cases by hand, and properties over random orders and any sequence of partial returns.

use proptest::prelude::*;
use serde_json::json;

use super::{
    Account, Cause, Claim, FeeTerms, Granted, Leg, LegState, Outside, Part, Protection, ReceiptKind, Settlement, Tender, Terms, books,
};
use crate::order::{Order, OrderDocument};
use crate::policy::{BasisPoints, FeeEffect, GiftRule, OutboundRefund, Resolution};

fn order(value: serde_json::Value) -> Order {
    let document: OrderDocument = serde_json::from_value(value).unwrap();
    Order::parse(&document).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn line(id: &str, units: u32) -> Claim {
    Claim { line: id.parse().unwrap(), units, resolution: Resolution::Refund, terms: Terms::OUTSIDE, price: None }
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

/// Orders and what becomes of them, as a shop would tell it: each row of the examples, by hand.
mod examples {
    use super::*;

    fn shop(lines: &[(&str, u32, &str, &str)], more: serde_json::Value) -> Order {
        let lines: Vec<_> = lines
            .iter()
            .map(|(id, quantity, price, discount)| {
                json!({"id": id, "sku": id, "name": id, "quantity": quantity, "unit_price": price, "discount": discount})
            })
            .collect();
        let mut document = json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"}});
        document["lines"] = lines.into();
        for (key, value) in more.as_object().unwrap() {
            document[key] = value.clone();
        }
        order(document)
    }

    fn swapped(id: &str, units: u32, price: i64) -> Claim {
        Claim { resolution: Resolution::Exchange, price: Some(price), ..line(id, units) }
    }

    fn kept(id: &str, units: u32, percent: i64) -> Claim {
        let terms = Terms { share: BasisPoints(percent * 100), ..Terms::OUTSIDE };
        Claim { resolution: Resolution::KeepRefund, terms, ..line(id, units) }
    }

    fn credit(id: &str, units: u32, percent: i64) -> Claim {
        Claim { resolution: Resolution::StoreCredit, ..kept(id, units, percent) }
    }

    /// Expected and due of the returns together, and of each.
    fn worth(order: &Order, gifts: GiftRule, parts: &[&[Claim]]) -> (i64, Vec<i64>) {
        let parts: Vec<Part> = parts.iter().map(|claims| Part { claims: claims.to_vec(), ..Part::default() }).collect();
        let books = books(order, gifts, &[], &parts);
        let each: Vec<i64> = books.parts.iter().map(|part| part.expected - part.due).collect();
        assert_eq!(each.iter().sum::<i64>(), books.expected - books.due);
        for part in &books.parts {
            assert_eq!(part.receipt.iter().map(|line| line.amount).sum::<i64>(), part.expected - part.due, "a receipt sums to its amount");
        }
        (books.expected - books.due, each)
    }

    #[test]
    fn what_is_given_back_is_what_was_paid_less_what_stays_costs() {
        let off = |amount: &str, minimum: &str| json!({"discounts": [{"amount": amount, "minimum_spend": minimum}]});
        let threshold = shop(&[("a", 1, "150.00", "0"), ("b", 1, "50.00", "0")], off("50.00", "200.00"));
        let three = shop(&[("a", 3, "100.00", "0")], off("60.00", "200.00"));
        let two = shop(&[("a", 2, "100.00", "0")], off("50.00", "150.00"));
        let shipped = shop(&[("a", 2, "10.00", "0")], json!({"shipping": "15.00"}));
        let unlisted = shop(&[("a", 2, "50.00", "0")], json!({"payments": [{"amount": "80.00"}]}));
        let taxed = order(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"},
            "prices_include_tax": false,
            "lines": [{"id": "a", "sku": "a", "name": "a", "quantity": 1, "unit_price": "24.50", "tax": "4.66"}]}));
        let on_sale = shop(&[("a", 1, "100.00", "20.00")], json!({}));
        let reduced = shop(&[("a", 1, "100.00", "0")], json!({"discounts": [{"amount": "20.00"}]}));
        let odd = shop(&[("a", 3, "3.34", "0.02")], json!({}));
        let beyond = shop(&[("a", 1, "100.00", "0")], json!({"shipping": "10.00", "discounts": [{"amount": "105.00"}]}));
        let dutied = shop(&[("a", 2, "5.00", "9.99")], json!({"duties": "10.00"}));
        let dutied_by_order = shop(&[("a", 2, "5.00", "0")], json!({"duties": "10.00", "discounts": [{"amount": "9.99"}]}));
        let swaps = shop(&[("a", 2, "24.50", "0"), ("b", 1, "51.00", "0")], off("20.00", "90.00"));
        let (a, b) = (|units| line("a", units), |units| line("b", units));
        for (name, order, claims, right) in [
            ("the 50 back", &threshold, vec![b(1)], 0),
            ("then the 150 too", &threshold, vec![b(1), a(1)], 15_000),
            ("the 50 called off", &threshold, vec![a(1)], 10_000),
            ("one of three", &three, vec![a(1)], 8_000),
            ("two of three", &three, vec![a(2)], 14_000),
            ("the 50 becomes a thing of 1.00", &threshold, vec![swapped("b", 1, 100)], 0),
            ("of 60.00", &threshold, vec![swapped("b", 1, 6_000)], -1_000),
            ("one back, the other swapped evenly", &two, vec![a(1), swapped("a", 1, 10_000)], 5_000),
            ("one back, the other kept for 30 %", &two, vec![a(1), kept("a", 1, 30)], 8_000),
            ("both back with shipping", &shipped, vec![a(2)], 3_500),
            ("one called off", &shipped, vec![a(1)], 1_000),
            ("kept for 30 % of what was paid", &unlisted, vec![kept("a", 1, 30)], 1_200),
            ("an even exchange with an unlisted discount", &unlisted, vec![swapped("a", 1, 5_000)], 0),
            ("another size, with tax on top", &taxed, vec![swapped("a", 1, 2_450)], 0),
            ("on sale, at the same list price", &on_sale, vec![swapped("a", 1, 10_000)], 0),
            ("on sale, dearer", &on_sale, vec![swapped("a", 1, 12_000)], -2_000),
            ("on sale, cheaper", &on_sale, vec![swapped("a", 1, 6_000)], 3_200),
            ("a dearer one under an order discount", &reduced, vec![swapped("a", 1, 12_000)], -2_000),
            ("one of 3 for 10.00", &odd, vec![a(1)], 333),
            ("two of them", &odd, vec![a(2)], 666),
            ("three of them", &odd, vec![a(3)], 1_000),
            ("a discount beyond the goods", &beyond, vec![a(1)], 500),
            ("duties follow goods before rounding", &dutied, vec![a(1)], 500),
            ("duties beside an order discount", &dutied_by_order, vec![a(1)], 500),
            ("both swapped, then the rest: as if bought so", &swaps, vec![swapped("a", 2, 2_450), b(1)], 5_100 - 2_000),
        ] {
            assert_eq!(worth(order, GiftRule::Keep, &[&claims]).0, right, "{name}");
            // In returns of their own, in either order, it comes to the same.
            let apart: Vec<&[Claim]> = claims.iter().map(std::slice::from_ref).collect();
            let turned: Vec<&[Claim]> = apart.iter().rev().copied().collect();
            assert_eq!(worth(order, GiftRule::Keep, &apart).0, right, "{name}, apart");
            assert_eq!(worth(order, GiftRule::Keep, &turned).0, right, "{name}, turned");
        }
    }

    #[test]
    fn a_gift_is_deducted_while_what_earned_it_is_back_and_it_is_not() {
        let shop = |paid: &str| {
            order(json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"},
                "lines": [{"id": "item", "sku": "a", "name": "a", "quantity": 1, "unit_price": "100.00"},
                    {"id": "gift", "sku": "b", "name": "b", "quantity": 1, "unit_price": "20.00", "discount": paid, "gift_with": "item"}]}))
        };
        let (free, paid) = (shop("20.00"), shop("5.00"));
        let (item, gift) = (line("item", 1), line("gift", 1));
        let deduct = |order: &Order, parts: &[&[Claim]]| worth(order, GiftRule::Deduct, parts).1;
        assert_eq!(deduct(&free, &[std::slice::from_ref(&item), std::slice::from_ref(&gift)]), [8_000, 2_000], "80.00, then 100.00 in all");
        assert_eq!(deduct(&free, &[std::slice::from_ref(&gift), std::slice::from_ref(&item)]), [0, 10_000]);
        assert_eq!(deduct(&paid, &[std::slice::from_ref(&item)]), [9_500], "15.00 was paid for it: 5.00 are missing");
    }

    #[test]
    fn no_payment_takes_back_more_than_it_brought() {
        let order = shop(
            &[("a", 4, "25.00", "0")],
            json!({"payments": [{"id": "card", "method": "gift_card", "amount": "30.00"}, {"id": "pi", "method": "card", "amount": "70.00"}]}),
        );
        // Opened 1 and 2, the first called off, opened 1 and 1 again: what stands is 2, 1, 1.
        let stands: Vec<Part> = [2, 1, 1].map(|units| Part { claims: vec![line("a", units)], ..Part::default() }).into();
        let gone = books(&order, GiftRule::Keep, &[], &stands);
        assert_eq!(gone.payments.iter().map(|payment| payment.expected).collect::<Vec<_>>(), [3_000, 7_000]);
        // Credit takes no payment's place.
        let mut parts = stands.clone();
        parts[0].claims[0].resolution = Resolution::StoreCredit;
        let gone = books(&order, GiftRule::Keep, &[], &parts);
        assert_eq!(gone.payments.iter().map(|payment| payment.expected).collect::<Vec<_>>(), [3_000, 2_000]);
        // What the shop gave back itself leaves so much less.
        let outside = [Outside { units: None, payment: Some("pi".into()), amount: 6_500 }];
        let gone = books(&order, GiftRule::Keep, &outside, &stands);
        assert_eq!((gone.expected, gone.payments[0].expected, gone.payments[1].expected), (3_500, 3_000, 500));
    }

    #[test]
    fn money_given_back_elsewhere_is_not_given_back_again() {
        let order = shop(&[("a", 2, "50.00", "0")], json!({}));
        let outside = [Outside { units: Some(("a".parse().unwrap(), 1)), payment: None, amount: 5_000 }];
        assert_eq!(books(&order, GiftRule::Keep, &outside, &[Part { claims: vec![line("a", 1)], ..Part::default() }]).expected, 5_000);
        let order = shop(&[("a", 1, "85.00", "0")], json!({}));
        let outside = [Outside { units: None, payment: None, amount: 8_500 }];
        assert_eq!(books(&order, GiftRule::Keep, &outside, &[Part { claims: vec![line("a", 1)], ..Part::default() }]).expected, 0);
    }

    #[test]
    fn a_bonus_is_paid_by_each_lines_own_rate_and_never_on_credit() {
        let order =
            shop(&[("a", 1, "100.00", "0"), ("b", 1, "100.00", "0")], json!({"payments": [{"method": "card", "amount": "200.00"}]}));
        let part = |claims: Vec<Claim>| [Part { claims, ..Part::default() }];
        let bonus = |order: &Order, claims: Vec<Claim>| books(order, GiftRule::Keep, &[], &part(claims)).parts[0].bonus;
        assert_eq!(bonus(&order, vec![credit("a", 1, 10), credit("b", 1, 5)]), 1_500);
        assert_eq!(bonus(&order, vec![credit("b", 1, 5), credit("a", 1, 10)]), 1_500);
        let by_credit = shop(&[("a", 1, "100.00", "0")], json!({"payments": [{"method": "store_credit", "amount": "100.00"}]}));
        assert_eq!(bonus(&by_credit, vec![credit("a", 1, 5)]), 0);
    }

    #[test]
    fn a_surplus_beyond_what_tips_come_to_waits_for_a_person() {
        let paid = |amount: &str| shop(&[("a", 1, "100.00", "0")], json!({"payments": [{"amount": amount}]}));
        assert_eq!(worth(&paid("110.00"), GiftRule::Keep, &[&[line("a", 1)]]).0, 11_000);
        assert_eq!(worth(&paid("110.01"), GiftRule::Keep, &[&[line("a", 1)]]).0, 10_000);
        assert_eq!(crate::settlement::unexplained(&paid("5000.00")), 490_000);
    }

    #[test]
    fn a_price_beyond_all_bounds_wraps_nothing() {
        let order = shop(&[("a", 1_000, "5.00", "0")], json!({}));
        assert_eq!(worth(&order, GiftRule::Keep, &[&[swapped("a", 1_000, crate::money::LARGEST_MINOR)]]).0, 0, "even, and a person looks");
    }

    fn account<'a>(order: &'a Order, accepted: &'a [Part], grants: &'a [Granted]) -> Account<'a> {
        Account { order, gifts: GiftRule::Keep, outside: &[], asked: accepted, accepted, grants }
    }

    fn granted(amount: i64) -> Granted {
        Granted { id: 0, cause: Cause::Worth, amount, credit: 0, legs: Vec::new() }
    }

    fn of(claims: Vec<Claim>) -> Part {
        Part { claims, ..Part::default() }
    }

    #[test]
    fn what_was_granted_too_early_is_paid_by_later_grants_and_never_asked_back() {
        // 60 off from 200: 80.00 for the first; two come to 140.00, but the second's fee takes all of its half.
        let order = shop(&[("a", 3, "100.00", "0")], json!({"discounts": [{"amount": "60.00", "minimum_spend": "200.00"}]}));
        let first = account(&order, &[], &[]).grantable(&of(vec![line("a", 1)]));
        assert_eq!(first.expected, 8_000);
        let fee = Terms {
            fee: FeeTerms::of(&serde_json::from_value(json!({"flat": {"EUR": "90.00"}})).unwrap(), order.currency),
            ..Terms::OUTSIDE
        };
        let accepted = [of(vec![line("a", 1)]), of(vec![Claim { terms: fee, ..line("a", 1) }])];
        let second = account(&order, &accepted[..1], &[granted(8_000)]).grantable(&accepted[1]);
        assert_eq!((second.expected, second.due), (0, 0), "a fee beyond what it brings is granted 0.00");
        let books = account(&order, &accepted, &[granted(8_000), granted(0)]).books();
        assert_eq!((books.granted, books.offsets, books.expected), (8_000, 1_000, 0));
        let third = account(&order, &accepted, &[granted(8_000), granted(0)]).grantable(&of(vec![line("a", 1)]));
        assert_eq!(third.expected, 16_000 - 8_000, "240.00 less the fee, less what was granted");
        assert_eq!(third.receipt.iter().map(|row| row.amount).sum::<i64>(), third.expected);
    }

    #[test]
    fn a_payment_on_its_way_takes_its_place_and_a_failed_one_frees_it() {
        let order = shop(
            &[("a", 4, "25.00", "0")],
            json!({"payments": [{"id": "gift", "method": "gift_card", "amount": "30.00"}, {"id": "pi", "method": "card", "amount": "70.00"}]}),
        );
        let to = |id: &str, amount: i64, state| Leg { to: Tender::Payment(Some(id.into())), amount, state };
        let accepted = [of(vec![line("a", 1)]), of(vec![line("a", 2)])];
        let mut grants = [Granted { legs: vec![to("gift", 2_500, LegState::Pending)], ..granted(2_500) }, granted(5_000)];
        let placed = account(&order, &accepted, &grants).place(&grants[1]);
        assert_eq!(placed.legs, [to("gift", 500, LegState::Pending), to("pi", 4_500, LegState::Pending)]);
        assert_eq!(account(&order, &accepted, &grants).books().payments[0].pending, 2_500);
        for gone in [LegState::Failed, LegState::Reversed] {
            grants[0].legs[0].state = gone;
            assert_eq!(grants[0].unpaid(), (2_500, 0));
            assert_eq!(account(&order, &accepted, &grants).place(&grants[1]).legs[0], to("gift", 3_000, LegState::Pending));
        }
    }

    #[test]
    fn a_present_stands_beside_the_worth_up_to_what_was_captured() {
        let order = shop(&[("a", 2, "50.00", "0")], json!({}));
        let present = Granted { cause: Cause::Goodwill, ..granted(3_000) };
        let one = account(&order, &[], std::slice::from_ref(&present)).grantable(&of(vec![line("a", 1)]));
        assert_eq!(one.expected, 5_000, "it is not taken off what comes back");
        let both = account(&order, &[], std::slice::from_ref(&present)).grantable(&of(vec![line("a", 2)]));
        assert_eq!(both.expected, 7_000, "but no more is given back than was paid");
        assert_eq!(account(&order, &[], &[present]).goodwill(9_999), 7_000);
    }

    #[test]
    fn a_lowered_price_goes_when_the_unit_comes_back() {
        let order = shop(&[("a", 2, "50.00", "0")], json!({}));
        let lowered = Part { protections: vec![Protection { line: "a".parse().unwrap(), units: 2, amount: 2_000 }], ..Part::default() };
        let settled = account(&order, &[], &[]).grantable(&lowered);
        assert_eq!(
            (settled.expected, &settled.receipt[0].kind),
            (2_000, &ReceiptKind::PriceProtection { line: "a".parse().unwrap(), units: 2 })
        );
        let accepted = [lowered];
        let one = account(&order, &accepted, &[granted(2_000)]).grantable(&of(vec![line("a", 1)]));
        assert_eq!(one.expected, 4_000, "10.00 of its 50.00 were given");
        let both = account(&order, &accepted, &[granted(2_000)]).grantable(&of(vec![line("a", 2)]));
        assert_eq!(both.expected, 8_000);
    }
}
