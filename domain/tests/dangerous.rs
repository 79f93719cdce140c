#![allow(clippy::unwrap_used, reason = "tests")]
//! Dangerous goods: what no plain label may carry comes back all the same, otherwise (N22).

mod shop;

use domain::policy::{Decision, Method, Resolution, ReviewGround, Sentence, read};
use domain::reason::ReasonTree;
use serde_json::{Value, json};
use shop::{Ask, default_policy};

/// Its methods, and what decides.
fn policy(offer: &Value, more: &Value) -> domain::policy::Policy {
    let mut document = json!({
        "homebound_policy": 1, "time_zone": "Asia/Shanghai",
        "window": [{"id": "week", "then": {"days": 7}}],
        "method": [{"id": "ways", "then": {"offer": offer}}],
    });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    read(&document.to_string(), &ReasonTree::default()).unwrap()
}

fn posted() -> Value {
    json!([{"method": "pickup", "price": {"CNY": "12.00"}}, {"method": "drop_off"}, {"method": "self_ship"}])
}

fn with_counter() -> Value {
    json!([{"method": "self_ship"}, {"method": "counter"}])
}

fn ways(said: &shop::Said) -> Vec<Method> {
    said.methods.iter().map(|(method, _)| *method).collect()
}

#[test]
fn no_policy_has_dangerous_goods_posted_and_none_is_refused_for_it() {
    for policy in [default_policy(), policy(&posted(), &json!({})), policy(&with_counter(), &json!({}))] {
        for kind in ["hazmat-lithium", "hazmat-liquid", "hazmat-aerosol", "hazmat-corrosive", "battery"] {
            for (reason, condition) in [("dislike", "opened"), ("quality/functional_fault", "used"), ("damaged_in_transit", "damaged")] {
                let ask = Ask::of(&policy).set("kinds", json!([kind])).reason(reason).condition(condition).photos(3);
                let said = ask.judge();
                let what = format!("{kind} {reason}: {:?}", said.methods);
                assert!(said.methods.iter().all(|(method, _)| !method.is_by_parcel()), "{what}");
                assert_eq!(said.methods.last(), Some(&(Method::Arranged, 0)), "{what}");
                assert_ne!(said.decision, Decision::Declined, "{what}");
                for method in [Method::SelfShip, Method::DropOff, Method::Pickup] {
                    let posted = ask.clone().method(method).judge();
                    assert!(posted.sentences.contains(&Sentence::MethodNotOffered { method }), "{what}: {:?}", posted.sentences);
                }
                let plain = Ask::of(&policy).set("kinds", json!(["electronics"])).reason(reason).condition(condition).photos(3);
                assert!(plain.judge().methods.iter().any(|(method, _)| method.is_by_parcel()), "{what}: others are posted as before");
            }
        }
    }
}

#[test]
fn a_shop_that_tells_only_categories_and_tags_names_them_once() {
    let kinds = json!({"kinds_of_goods": [{"kind": "hazmat-lithium", "tags": ["with-battery"]}, {"kind": "hazmat-aerosol", "categories": ["sprays"]}]});
    let policy = policy(&posted(), &kinds);
    let ask = || Ask::of(&policy);
    assert_eq!(ways(&ask().tag("with-battery").judge()), [Method::Arranged]);
    assert_eq!(ways(&ask().category("sprays").judge()), [Method::Arranged]);
    let said_otherwise = ask().set("kinds", json!(["electronics"])).tag("with-battery").judge();
    assert_eq!(ways(&said_otherwise), [Method::Arranged], "what either says is dangerous is");
    assert_eq!(ways(&ask().judge()).len(), 3);
}

#[test]
fn where_it_cannot_be_brought_a_person_sees_to_it_and_says_what_to_do() {
    let lithium = json!(["hazmat-lithium"]);
    let (posted, counter) = (policy(&posted(), &json!({})), policy(&with_counter(), &json!({})));
    let said = Ask::of(&posted).set("kinds", lithium.clone()).judge();
    assert_eq!((said.decision, said.review), (Decision::InReview, Some(ReviewGround::DangerousGoods)));
    assert!(said.sentences.contains(&Sentence::DangerousGoods { damaged_battery: false }), "{:?}", said.sentences);
    assert!(said.sentences.contains(&Sentence::Review { ground: ReviewGround::DangerousGoods }), "{:?}", said.sentences);
    assert!(!said.sentences.contains(&Sentence::FreightCustomer {}), "nobody pays for what the shop sees to: {:?}", said.sentences);
    let broken = Ask::of(&posted).set("kinds", lithium.clone()).reason("quality/functional_fault").judge();
    assert!(broken.sentences.contains(&Sentence::DangerousGoods { damaged_battery: true }), "{:?}", broken.sentences);

    let ask = || Ask::of(&counter).set("kinds", lithium.clone());
    assert_eq!(ways(&ask().judge()), [Method::Counter, Method::Arranged]);
    assert_eq!(ask().judge().decision, Decision::Approved, "it can be brought");
    assert_eq!(ask().method(Method::Counter).judge().decision, Decision::Approved);
    let arranged = ask().method(Method::Arranged).judge();
    assert_eq!((arranged.decision, arranged.review), (Decision::InReview, Some(ReviewGround::DangerousGoods)));
    let kept = policy_that_lets_keep();
    let kept = Ask::of(&kept).set("kinds", lithium.clone()).wish(Resolution::KeepRefund).judge();
    assert_eq!(kept.decision, Decision::Approved, "what stays travels nowhere");
    let lost = Ask::of(&posted).set("kinds", lithium).reason("missing_item").judge();
    assert_eq!(lost.review, None, "what never came travels nowhere");
}

fn policy_that_lets_keep() -> domain::policy::Policy {
    policy(&posted(), &json!({"resolution": [{"id": "r", "then": {"offer": ["refund", "keep_refund"], "keep_share": "30"}}]}))
}

#[test]
fn the_law_gives_as_much_for_dangerous_goods_as_for_others() {
    // The shop takes nothing back after a week, and has its people look at everything.
    let policy = policy(&posted(), &json!({"review": [{"id": "all", "then": {"by": "person", "because": "high_value"}}]}));
    let ask = |kinds: Value| {
        let mut ask = Ask::of(&policy).country("DE").set("kinds", kinds).in_currency("EUR", "100.00").asked("2026-03-15");
        ask.order["consumer"] = true.into();
        ask
    };
    for method in [None, Some(Method::Arranged)] {
        let said = match method {
            Some(method) => ask(json!(["hazmat-lithium"])).method(method).judge(),
            None => ask(json!(["hazmat-lithium"])).judge(),
        };
        assert_eq!((said.decision, said.review), (Decision::InReview, Some(ReviewGround::DangerousGoods)), "{:?}", said.sentences);
        assert_eq!(ways(&said), [Method::Arranged]);
    }
    let offers = ask(json!(["hazmat-lithium"])).offers();
    assert_eq!(offers, ask(json!(["electronics"])).offers());
    assert!(offers.contains(&Resolution::Refund), "{offers:?}");
}
