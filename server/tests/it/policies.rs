//! Policies: as a merchant handles them in a shell, and what a request is judged by beside its own order.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::{TestApp, days_ago, order, request};
use crate::command_line::{homebound, text};
use crate::databases::on_both;

/// The default policy with another text in place of one.
fn altered(from: &str, to: &str) -> String {
    let policy = domain::policy::DEFAULT.replace(from, to);
    assert_ne!(policy, domain::policy::DEFAULT);
    policy
}

/// An order of one thing for `price`, of a customer known as `customer` says, delivered three days ago.
fn bought(number: &str, price: &str, customer: Value) -> Value {
    let mut bought = order(number);
    bought["customer"] = customer;
    bought["lines"] = json!([{"id": "1", "sku": "VASE", "name": "Vase", "category": "home", "quantity": 1, "unit_price": price}]);
    bought["shipping"] = "0".into();
    bought["payments"] = json!([]);
    bought
}

fn by_mail() -> Value {
    json!({"email": "li@example.com"})
}

#[test]
fn a_policy_is_tried_compared_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let run = |arguments: &[&str]| homebound(folder.path(), arguments).output().unwrap();
    let said = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let ours = file(
        "ours.json",
        &format!(
            "\u{feff}{}",
            altered(r#"{ "id": "no-reason", "then": { "days": 7 } }"#, r#"{ "id": "no-reason", "then": { "days": 14 } }"#)
        ),
    );
    let order = file("order.json", &order("1").to_string());

    // A trial needs no database, and leaves none behind.
    let asked = ["policy", "try", &ours, "--order", &order, "--at", &days_ago(0)];
    let both = said(&[&asked[..], &["--condition", "opened"]].concat());
    assert!(both.contains("可以退货。") && both.contains("You can return this."), "{both}");
    assert!(both.contains("2 × 有机棉 T 恤") && both.contains("178.00") && both.contains("no-reason"), "{both}");
    assert!(both.contains("How long – no-reason: 14 days from delivery") && both.contains("退款"), "{both}");
    let english = said(&[&asked[..], &["--locale", "en", "--line", "2", "--reason", "quality", "--condition", "used"]].concat());
    assert!(!english.contains("退款") && english.contains("黄铜台灯") && !english.contains("T 恤"), "{english}");
    let unknown = run(&[&asked[..], &["--reason", "qualty"]].concat());
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("did you mean `quality`?"), "{}", text(&unknown.stderr));
    assert!(!folder.path().join("homebound.db").exists());

    assert!(said(&["policy", "list"]).starts_with("1\tStandard returns policy, "), "the first version");
    let differs = said(&["policy", "diff", &ours, "--locale", "en"]);
    assert_eq!(
        differs.trim(),
        "How long: now: no-reason – Everything else: 14 days from delivery (was: no-reason – Everything else: 7 days from delivery)"
    );
    said(&["policy", "publish", &ours]);
    assert_eq!(said(&["policy", "diff", "2", &ours, "--locale", "en"]).trim(), "Both say the same.");
    assert!(said(&["policy", "diff", "1", "2"]).contains("签收后"), "in both languages");
    assert_eq!(said(&["policy", "list"]).lines().count(), 2);
    assert!(said(&["policy", "show"]).contains("\"days\": 14"));
    assert!(said(&["policy", "show", "1"]).starts_with('{'));
    let none = run(&["policy", "show", "3"]);
    assert!(!none.status.success() && text(&none.stderr).contains("there is no policy version 3"), "{}", text(&none.stderr));

    // A shop of one language.
    let english = file(
        "english.json",
        r#"{"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "a", "then": {"days": 7}, "say": {"en": "A week."}}]}"#,
    );
    assert!(!run(&["policy", "check", &english]).status.success());
    let settings = file("homebound.toml", "[shop]\nname = { en = \"Linden\" }\n");
    let checked = homebound(folder.path(), &["policy", "check", &english]).env("HOMEBOUND_CONFIG", &settings).output().unwrap();
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let utf16 = folder.path().join("utf16.json");
    std::fs::write(&utf16, [0xff, 0xfe, b'{', 0]).unwrap();
    assert!(text(&run(&["policy", "check", utf16.to_str().unwrap()]).stderr).contains("not written in UTF-8"));
}

on_both! {
    async fn a_policy_is_not_put_in_force_behind_the_back_of_orders(database: Database) {
        let app = TestApp::start(database).await;
        for (number, days) in [("1", 6), ("2", 20), ("3", 40)] {
            let mut order = order(number);
            order["placed_at"] = days_ago(days).into();
            app.put_order(&order).await;
        }
        let services = &app.services;
        let now = services.clock.now();
        let ago = |days: i64| now - jiff::SignedDuration::from_hours(24 * days);
        let stricter = altered(r#"{ "id": "no-reason", "then": { "days": 7 } }"#, r#"{ "id": "no-reason", "then": { "closed": true } }"#);
        let publish = |days: i64, backdate: bool| services.policies.publish(&services.store, &stricter, services.policy_shop(), ago(days), now, backdate);
        let Err(server::services::PublishError::Retroactive(changed)) = publish(30, false).await else { panic!("it is retroactive") };
        assert_eq!(changed.orders.iter().map(|(number, _)| number.to_string()).collect::<Vec<_>>(), ["2", "1"]);
        assert_eq!(app.get("/orders/1").await.1["policy_version"], 1, "nothing was published");
        assert_eq!(publish(5, false).await.unwrap().0, 2, "no order was placed since");
        // What follows the version of five days ago stays with it.
        let (version, changed) = publish(10, true).await.unwrap();
        assert_eq!((version, changed.count), (3, 1));
        assert_eq!(app.get("/orders/1").await.1["policy_version"], 3);
        assert_eq!(app.get("/orders/2").await.1["policy_version"], 1);
        let mut read = services.store.read().await.unwrap();
        let followed = services.policies.published(&mut read.conn()).await.unwrap();
        assert_eq!(followed.iter().map(|version| version.orders).collect::<Vec<_>>(), [2, 0, 1]);
    }
}

on_both! {
    async fn a_customer_s_returns_are_counted_by_mail_phone_and_account(database: Database) {
        let app = TestApp::start(database).await;
        let review = r#"{ "id": "serial-returner", "when": { "prior_returns": { "min": 6 } }"#;
        let strict = altered(review, r#"{ "id": "serial-returner", "when": { "prior_returns": { "min": 1 } }"#);
        let services = &app.services;
        let now = services.clock.now();
        let before = now - jiff::SignedDuration::from_hours(24 * 60);
        services.policies.publish(&services.store, &strict, services.policy_shop(), before, now, false).await.unwrap();
        for (number, customer) in [
            ("1", json!({"email": "li@example.com", "phone": "+8613900000001", "id": "li"})),
            ("2", json!({"email": "li@example.com"})),
            ("3", json!({"email": "other@example.com", "phone": "+86 139-0000-0001"})),
            ("4", json!({"email": "third@example.com", "id": "li"})),
            ("5", json!({"email": "stranger@example.com", "phone": "+8613900000009", "id": "zhang"})),
        ] {
            app.put_order(&bought(number, "50.00", customer)).await;
        }
        let quoted = async |number: &str| app.post("/returns/quote", &request(number, "1", 1)).await.1["lines"][0]["verdict"].clone();
        assert_eq!(quoted("3").await, "approved", "nothing came back yet");
        let opened = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(opened.0, StatusCode::CREATED, "{}", opened.1);
        for (number, verdict) in [("2", "in_review"), ("3", "in_review"), ("4", "in_review"), ("5", "approved")] {
            assert_eq!(quoted(number).await, verdict, "{number}");
        }
    }
}

on_both! {
    async fn a_request_over_several_orders_and_one_that_grows_are_worth_what_they_are_together(database: Database) {
        let app = TestApp::start(database).await;
        for number in ["1", "2"] {
            app.put_order(&bought(number, "1999.00", by_mail())).await;
        }
        let one = |number: &str| json!({"order": number, "line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"});
        let (_, single) = app.post("/returns/quote", &request("1", "1", 1)).await;
        assert_eq!(single["lines"][0]["verdict"], "approved", "{single}");
        let (_, both) = app.post("/returns/quote", &json!({"lines": [one("1"), one("2")], "method": "self_ship"})).await;
        assert_eq!((&both["lines"][0]["verdict"], &both["lines"][1]["verdict"]), (&json!("in_review"), &json!("in_review")), "{both}");
        let (status, opened) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!((status, &opened["status"]), (StatusCode::CREATED, &json!("approved")), "{opened}");
        let (_, grown) = app.post(&format!("/returns/{}/lines", opened["rma"].as_str().unwrap()), &json!({"lines": [one("2")]})).await;
        let added = grown["lines"].as_array().and_then(|lines| lines.iter().find(|line| line["order"] == "2")).cloned();
        assert_eq!(added.map(|line| line["verdict"].clone()), Some(json!("in_review")), "{grown}");
    }
}

on_both! {
    async fn a_declined_line_is_offered_nothing_and_promised_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let mut card = bought("1", "50.00", by_mail());
        card["lines"][0]["category"] = "gift-card".into();
        card["consumer"] = false.into();
        app.put_order(&card).await;
        let (status, quote) = app.post("/returns/quote", &request("1", "1", 1)).await;
        assert_eq!((status, &quote["lines"][0]["verdict"]), (StatusCode::OK, &json!("declined")));
        assert_eq!(quote["lines"][0].get("resolutions"), None, "{quote}");
        assert_eq!(quote.get("promises"), None, "{quote}");
        app.put_order(&bought("2", "50.00", by_mail())).await;
        let (_, quote) = app.post("/returns/quote", &request("2", "1", 1)).await;
        assert!(quote["promises"]["refunded_by"].is_string() && quote["lines"][0]["resolutions"].is_array(), "{quote}");
    }
}

on_both! {
    async fn goods_go_no_way_that_is_not_offered(database: Database) {
        let app = TestApp::start(database).await;
        let by_pickup_or_counter = altered(
            r#""method": ["#,
            r#""method": [
    { "id": "vases", "when": { "sku": "VASE" }, "then": { "offer": [{ "method": "pickup", "price": { "USD": "9.00" } }] } },
    { "id": "lamps", "when": { "sku": "LAMP" }, "then": { "offer": [{ "method": "counter" }] } },"#,
        );
        let services = &app.services;
        let now = services.clock.now();
        let before = now - jiff::SignedDuration::from_hours(24 * 60);
        services.policies.publish(&services.store, &by_pickup_or_counter, services.policy_shop(), before, now, false).await.unwrap();
        app.put_order(&order("1")).await;
        app.put_order(&bought("2", "50.00", json!({"email": "wang@example.com"}))).await;
        // No way has a price in yuan: what is offered is offered, and a person says what it costs.
        let mut of_vase = request("2", "1", 1);
        of_vase["method"] = Value::Null;
        let (_, quote) = app.post("/returns/quote", &of_vase).await;
        assert_eq!(quote["methods"].as_array().map(|ways| ways.iter().map(|way| way["method"].clone()).collect::<Vec<_>>()), Some(vec![json!("pickup")]), "{quote}");
        assert_eq!(quote["lines"][0]["verdict"], "in_review", "{quote}");
        let (status, refused) = app.post("/returns", &request("2", "1", 1)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "it cannot be sent by the customer: {refused}");
        // The vase is only collected, the lamp only taken at the counter: they have no way in common.
        let one = |number: &str, line: &str| json!({"order": number, "line": line, "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"});
        let (status, refused) = app.post("/returns", &json!({"lines": [one("2", "1"), one("1", "2")]})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert!(refused.to_string().contains("make a return of each"), "{refused}");
    }
}
