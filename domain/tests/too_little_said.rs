#![allow(clippy::unwrap_used, reason = "tests")]
//! Where a policy, a feed or a customer says too little, or says it twice: generous where nobody can know, a person where money hangs on it,
//! and one truth about what is taken.

mod shop;

use domain::policy::{Decision, Method, Policy, Resolution, ReviewGround, Sentence, WindowState, read};
use domain::reason::ReasonTree;
use shop::{Ask, default_policy};

/// A policy in UTC with these tables; windows of 7 days for everything, where it has none of its own.
fn policy(tables: &str) -> Policy {
    let windows = if tables.contains("\"window\"") { "" } else { r#""window": [{"id": "all", "then": {"days": 7}}],"# };
    let text = format!(r#"{{"homebound_policy": 1, "time_zone": "UTC", "assumed_transit_days": 5, {windows} {tables}}}"#);
    read(&text, &ReasonTree::default()).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

#[test]
fn what_has_not_arrived_as_far_as_anybody_knows_is_not_too_late() {
    let policy = default_policy();
    let ask = |asked: &str| Ask::of(&policy).condition("opened").under_way_since("2026-03-01").asked(asked).judge();
    // Seven days for the way, and seven from then on.
    assert_eq!(ask("2026-03-15").decision, Decision::Approved);
    let late = ask("2026-03-16");
    assert_eq!((late.decision, late.review), (Decision::InReview, Some(ReviewGround::ArrivalUnknown)));
    assert_eq!((late.window.state, &late.sentences[0]), (WindowState::Waits, &Sentence::WindowWaits {}));
    assert_eq!(ask("2027-03-14").decision, Decision::InReview);
    assert_eq!(ask("2027-03-17").decision, Decision::Declined, "no parcel is under way for longer than a year");
    let told = Ask::of(&policy).condition("opened").delivered("2026-03-08").asked("2026-03-16").judge();
    assert_eq!(told.decision, Decision::Declined, "its arrival is known");
}

#[test]
fn a_window_counts_only_from_what_happened() {
    for (window, decision) in [
        (r#"{"days": 7, "from": "shipment"}"#, Decision::InReview),
        (r#"{"months": 1}"#, Decision::InReview),
        (r#"{"days": 7, "until": "2026-03-20"}"#, Decision::InReview),
        (r#"{"days": 7, "from": "order"}"#, Decision::Declined),
        (r#"{"until": "2026-03-20"}"#, Decision::Declined),
        (r#"{"closed": true}"#, Decision::Declined),
    ] {
        let policy = policy(&format!(r#""window": [{{"id": "a", "then": {window}}}]"#));
        // Placed and never sent.
        let mut ask = Ask::of(&policy).under_way_since("2026-03-01").asked("2026-06-01");
        ask.order["deliveries"] = serde_json::json!([]);
        assert_eq!(ask.judge().decision, decision, "{window}");
    }
    let policy = policy(r#""window": [{"id": "a", "then": {"days": 7, "from": "shipment"}}]"#);
    assert_eq!(Ask::of(&policy).under_way_since("2026-03-01").asked("2026-06-01").judge().decision, Decision::Declined, "it was sent");
}

#[test]
fn the_price_of_a_way_back_is_what_is_taken() {
    let ways = r#""method": [{"id": "m", "then": {"offer": [{"method": "pickup", "price": {"CNY": "20.00"}}, {"method": "drop_off", "price": {"CNY": "8.00"}}, {"method": "self_ship"}]}}]"#;
    for (freight, prices) in [
        (r#""freight": [],"#, [2_000, 800, 0]),
        (r#""freight": [{"id": "f", "then": {"payer": "customer"}}],"#, [2_000, 800, 0]),
        (r#""freight": [{"id": "f", "then": {"payer": "customer", "flat": {"CNY": "6.50"}}}],"#, [650, 650, 650]),
        (r#""freight": [{"id": "f", "then": {"payer": "merchant", "flat": {"CNY": "6.50"}}}],"#, [0, 0, 0]),
    ] {
        let policy = policy(&format!("{freight} {ways}"));
        let shown = Ask::of(&policy).judge().methods;
        assert_eq!(shown.iter().map(|(_, price)| *price).collect::<Vec<_>>(), prices, "{freight}");
        for (method, price) in shown {
            let (granted, rest) = Ask::of(&policy).method(method).refund_of(Resolution::Refund);
            let taken: i64 = rest.iter().filter(|(kind, _)| *kind == "freight").map(|(_, amount)| -amount).sum();
            assert_eq!((taken, granted), (price, 10_000 - price), "{freight} {method}");
        }
    }
}

#[test]
fn where_no_way_has_a_price_in_the_currency_a_person_says_one() {
    let policy = policy(r#""method": [{"id": "m", "then": {"offer": [{"method": "pickup", "price": {"CNY": "20.00"}}]}}]"#);
    let said = Ask::of(&policy).in_currency("SEK", "500.00").method(Method::Pickup).judge();
    assert_eq!(said.methods, [(Method::Pickup, 0)], "it is what is offered, and nothing else");
    assert_eq!((said.decision, said.review), (Decision::InReview, Some(ReviewGround::AmountUnknown)));
    assert_eq!(Ask::of(&policy).method(Method::Pickup).judge().decision, Decision::Approved);
}

#[test]
fn of_what_is_declined_nothing_is_offered() {
    let policy = default_policy();
    for ask in [
        Ask::of(&policy).condition("opened").asked("2026-06-01"),
        Ask::of(&policy).category("gift-card"),
        Ask::of(&policy).condition("opened").wish(Resolution::Repair),
        Ask::of(&policy).condition("opened").gift(1, 0),
    ] {
        assert_eq!(ask.judge().decision, Decision::Declined);
        assert!(ask.offers().is_empty());
    }
}

#[test]
fn what_never_comes_back_is_not_said_to_come_back_if_faulty() {
    let never = |tables: &str, reason: &str| Ask::of(&policy(tables)).reason(reason).judge().sentences;
    for (windows, reason, if_faulty) in [
        (r#""window": [{"id": "a", "then": {"closed": true}}]"#, "dislike", false),
        (r#""window": [{"id": "a", "when": {"category": "shoes"}, "then": {"days": 7}}]"#, "dislike", false),
        (r#""window": [{"id": "a", "when": {"category": "shoes"}, "then": {"days": 7}}]"#, "quality", false),
        (r#""window": [{"id": "a", "when": {"fault": "merchant"}, "then": {"days": 7}}]"#, "dislike", true),
        (
            r#""window": [{"id": "a", "when": {"fault": "merchant"}, "then": {"days": 7}}, {"id": "b", "then": {"closed": true}}]"#,
            "dislike",
            true,
        ),
    ] {
        assert_eq!(never(windows, reason), [Sentence::WindowNever { if_faulty }], "{windows} {reason}");
    }
}

#[test]
fn paid_is_what_was_paid() {
    let by_paid = policy(r#""review": [{"id": "r", "when": {"paid": {"CNY": {"min": "90.00"}}}, "then": {"by": "person"}}]"#);
    let by_order = policy(r#""review": [{"id": "r", "when": {"order_value": {"CNY": {"min": "190.00"}}}, "then": {"by": "person"}}]"#);
    let ask = |policy| Ask::of(policy).with_line("B", "100.00");
    assert_eq!(ask(&by_paid).judge().decision, Decision::InReview);
    assert_eq!(ask(&by_paid).order_discount("20.00").judge().decision, Decision::InReview, "90.00 of 100.00");
    assert_eq!(ask(&by_paid).order_discount("20.02").judge().decision, Decision::Approved, "89.99");
    assert_eq!(ask(&by_order).order_discount("10.00").judge().decision, Decision::InReview);
    assert_eq!(ask(&by_order).order_discount("10.01").judge().decision, Decision::Approved);
    assert_eq!(ask(&by_order).order_discount("500.00").judge().decision, Decision::Approved, "never below nothing");
}

#[test]
fn a_band_that_does_not_name_the_currency_leaves_it_to_a_person() {
    let policy = default_policy();
    let unknown = |ask: Ask| ask.condition("opened").judge().review;
    assert_eq!(unknown(Ask::of(&policy).in_currency("JPY", "5000000")), Some(ReviewGround::HighValue));
    assert_eq!(unknown(Ask::of(&policy).in_currency("KRW", "50000000")), Some(ReviewGround::AmountUnknown));
    assert_eq!(unknown(Ask::of(&policy).in_currency("KRW", "50")), Some(ReviewGround::AmountUnknown), "nobody knows what it is worth");
    assert_eq!(unknown(Ask::of(&policy).in_currency("EUR", "5.00")), None);
    for (rule, in_yen) in [
        (r#"{"not": {"paid": {"CNY": {"max": "100.00"}}}}"#, true),
        (r#"{"any": [{"category": "tv"}, {"price": {"CNY": {"min": "100.00"}}}]}"#, true),
        // It cannot fire whatever the amount is.
        (r#"{"category": "tv", "price": {"CNY": {"min": "100.00"}}}"#, false),
        (r#"{"price": {"CNY": {"min": "100.00"}, "JPY": {"min": "1000000"}}}"#, false),
    ] {
        for table in ["review", "exclusion", "fee"] {
            let then = match table {
                "review" => r#"{"by": "person"}"#,
                "exclusion" => "{}",
                _ => r#"{"percent": 10}"#,
            };
            let said = Ask::of(&self::policy(&format!(r#""{table}": [{{"id": "r", "when": {rule}, "then": {then}}}]"#)))
                .in_currency("JPY", "5000")
                .judge();
            let says_so = table == "review" && rule.contains("not");
            let ground = if says_so { ReviewGround::Policy } else { ReviewGround::AmountUnknown };
            assert_eq!((said.decision == Decision::InReview, said.review), (in_yen, in_yen.then_some(ground)), "{table} {rule}");
        }
    }
}

#[test]
fn a_request_in_ten_parts_is_looked_at_as_one() {
    let policy = default_policy();
    let ask = || Ask::of(&policy).condition("opened").price("1999.00");
    assert_eq!(ask().judge().decision, Decision::Approved);
    let two = ask().with_line("B", "1999.00").and("2", 1);
    assert_eq!((two.judge().decision, two.judge().review), (Decision::InReview, Some(ReviewGround::HighValue)));
    assert_eq!(ask().with_line("B", "1999.00").judge().decision, Decision::Approved, "the other one stays");
    assert_eq!(ask().with_line("B", "0.99").and("2", 1).judge().decision, Decision::Approved, "1,999.99 in all");
    assert_eq!(ask().beside(100).judge().review, Some(ReviewGround::HighValue), "with what comes back of another order");
    // What cannot come back does not count.
    let mut declined = ask().with_line("B", "1999.00").and("2", 1);
    declined.order["lines"][1]["category"] = "gift-card".into();
    assert_eq!(declined.judge().decision, Decision::Approved);
}

#[test]
fn a_state_that_was_not_told_is_not_the_best_there_is() {
    let policy = default_policy();
    let hygiene = || Ask::of(&policy).tag("hygiene").condition_untold();
    let untold = hygiene().judge();
    assert_eq!((untold.decision, untold.review), (Decision::InReview, Some(ReviewGround::ConditionUnknown)));
    assert_eq!(hygiene().condition("opened").judge().decision, Decision::Declined);
    assert_eq!(hygiene().condition("unopened").judge().decision, Decision::Approved);
    assert_eq!(hygiene().reason("quality").judge().decision, Decision::Approved, "a fault of ours: its state does not matter");
    assert_eq!(hygiene().reason("missing_item").judge().decision, Decision::Approved, "what never came has no state");
    for (rule, person) in [
        (r#"{"when": {"not": {"opened": false}}, "then": {}}"#, true),
        (r#"{"when": {"condition": "used"}, "then": {"refuse": ["refund"]}}"#, true),
        (r#"{"when": {"condition": "used"}, "then": {"refuse": ["repair"]}}"#, false),
        (r#"{"when": {"condition": "used", "category": "shoes"}, "then": {}}"#, false),
    ] {
        let policy = self::policy(&format!(r#""exclusion": [{}]"#, rule.replacen('{', r#"{"id": "e", "#, 1)));
        let said = Ask::of(&policy).condition_untold().judge();
        assert_eq!(said.decision, if person { Decision::InReview } else { Decision::Approved }, "{rule}");
    }
}
