//! What the law gives, asked for by machine (N4): quoted with its reasons, opened without a reason of the customer's, promised by its dates.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::{TestApp, days_ago, order, request};
use crate::databases::on_both;

/// A T-shirt and a lamp, sent to that country, placed and received so many days ago. The default policy takes things back for seven days.
fn sent_to(number: &str, country: &str, days: i64) -> Value {
    let mut order = order(number);
    order["ship_to"] = json!({"country": country});
    order["placed_at"] = days_ago(days + 2).into();
    order["deliveries"] = json!([{"delivered_at": days_ago(days)}]);
    order
}

fn withdrawal(number: &str) -> Value {
    json!({"orders": [number], "withdrawal": true, "lines": [{"line": "1", "quantity": 1}]})
}

on_both! {
    async fn the_law_gives_what_a_policy_refuses(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&sent_to("de", "DE", 10)).await;
        let (status, quote) = app.post("/returns/quote", &withdrawal("de")).await;
        let line = &quote["lines"][0];
        assert_eq!((status, &line["verdict"], &line["basis"]), (StatusCode::OK, &json!("approved"), &json!("law")), "{line}");
        assert_eq!(line["why"][0]["code"], "law_withdrawal");
        assert_eq!(line["why"][0]["last_day"], line["last_day"]);
        let offer = &line["resolutions"][0];
        assert_eq!((&offer["resolution"], &offer["basis"], &offer["freight"]), (&json!("refund"), &json!("law"), &json!("customer")));
        assert_eq!((&offer["fee"]["amount"], &offer["amount"]["amount"]), (&json!("0.00"), &json!("89.00")));
        let floor: Vec<&Value> = line["trace"].as_array().unwrap().iter().filter(|look| look["table"] == "floor").collect();
        assert_eq!((&floor[0]["rule"], &floor[0]["law"], &floor[0]["fired"]), (&json!("withdrawal.days"), &json!("DE"), &json!(true)));
        assert!(floor.iter().all(|look| look["article"].as_str().is_some_and(|article| !article.is_empty())), "{floor:?}");
        assert!(floor[0]["source"].is_string() && floor[0]["changed"][0]["what"].is_string(), "{:?}", floor[0]);
        assert!(line["trace"].as_array().unwrap().iter().any(|look| look["table"] == "window"), "what the shop's rule says stands there too");

        // No reason is needed to open it, and its dates are the law's.
        let (status, opened) = app.post("/returns", &withdrawal("de")).await;
        assert_eq!((status, &opened["status"]), (StatusCode::CREATED, &json!("approved")), "{opened}");
        assert_eq!((&opened["lines"][0]["basis"], &opened["lines"][0]["reason"]), (&json!("law"), &json!("withdrawal")));
        assert_eq!(opened["expected"]["amount"], "29.00", "all of the price, less the way back across a border, which is theirs to pay");
        let day = |moment: &Value| moment.as_str().unwrap()[..10].to_owned();
        assert!(day(&opened["promises"]["refunded_by"]).as_str() <= line["refund_by"].as_str().unwrap(), "{}", opened["promises"]);
        let (_, timeline) = app.get(&format!("/returns/{}/timeline", opened["rma"].as_str().unwrap())).await;
        assert!(timeline["events"].is_array(), "{timeline}");

        // The same by the ordinary way; and too late by both.
        app.put_order(&sent_to("de2", "DE", 10)).await;
        let (_, quote) = app.post("/returns/quote", &request("de2", "1", 1)).await;
        assert_eq!((&quote["lines"][0]["verdict"], &quote["lines"][0]["basis"]), (&json!("approved"), &json!("law")), "{}", quote["lines"][0]["why"]);
        app.put_order(&sent_to("de3", "DE", 40)).await;
        let (_, quote) = app.post("/returns/quote", &withdrawal("de3")).await;
        let line = &quote["lines"][0];
        assert_eq!((&line["verdict"], &line["basis"]), (&json!("declined"), &json!("policy")));
        let codes: Vec<&str> = line["why"].as_array().unwrap().iter().filter_map(|why| why["code"].as_str()).collect();
        assert_eq!(codes, ["window_closed", "law_over"], "both ends are told");
        let (status, problem) = app.post("/returns", &withdrawal("de3")).await;
        assert_eq!((status, &problem["type"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/nothing-to-return")), "{problem}");
    }
}

on_both! {
    async fn an_exception_is_named_and_a_doubt_goes_to_a_person(database: Database) {
        let app = TestApp::start(database).await;
        let of_kind = |number: &str, kind: &str, more: Value| {
            let mut order = sent_to(number, "FR", 10);
            order["lines"][0]["kinds"] = json!([kind]);
            order["lines"][0].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            order
        };
        app.put_order(&of_kind("1", "perishable", json!({}))).await;
        let (_, quote) = app.post("/returns/quote", &withdrawal("1")).await;
        let line = &quote["lines"][0];
        assert_eq!((&line["verdict"], &line["basis"], &line["exception"]), (&json!("declined"), &json!("law"), &json!("perishable")), "{line}");
        app.put_order(&of_kind("2", "sealed_media", json!({}))).await;
        let mut asked = withdrawal("2");
        for (broken, verdict) in [(json!(null), "in_review"), (json!(false), "approved"), (json!(true), "declined")] {
            asked["lines"][0]["condition"] = "opened".into();
            asked["lines"][0]["seal_broken"] = broken.clone();
            let (_, quote) = app.post("/returns/quote", &asked).await;
            assert_eq!(quote["lines"][0]["verdict"], verdict, "seal broken: {broken}: {}", quote["lines"][0]["why"]);
        }
        asked["lines"][0]["seal_broken"] = "perhaps".into();
        let (status, problem) = app.post("/returns/quote", &asked).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("lines[0].seal_broken")));
    }
}

on_both! {
    async fn what_law_and_shop_give_is_chosen_apart(database: Database) {
        let app = TestApp::start(database).await;
        let services = &app.services;
        let policy = r#"{"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "a", "then": {"days": 60}}],
            "fee": [{"id": "a", "then": {"percent": "10"}}], "freight": [{"id": "a", "then": {"payer": "merchant"}}],
            "method": [{"id": "a", "then": {"offer": [{"method": "self_ship", "price": {"CNY": "5.00"}}]}}]}"#;
        let now = services.clock.now();
        let since = now - jiff::SignedDuration::from_hours(24 * 90);
        services.policies.publish(&services.store, policy, services.policy_shop(), since, now, true).await.unwrap();
        app.put_order(&sent_to("1", "NL", 3)).await;
        let mut asked = request("1", "1", 1);
        asked["lines"][0]["resolution"] = "refund".into();
        for (basis, withdrawal, worth) in [(json!(null), false, "80.10"), (json!("law"), false, "84.00"), (json!("policy"), true, "80.10"), (json!(null), true, "84.00")] {
            asked["lines"][0]["basis"] = basis.clone();
            asked["withdrawal"] = withdrawal.into();
            let (status, quote) = app.post("/returns/quote", &asked).await;
            assert_eq!(status, StatusCode::OK, "{quote}");
            let told: Vec<(&Value, &Value, &Value)> = quote["lines"][0]["resolutions"].as_array().unwrap().iter()
                .map(|offer| (&offer["basis"], &offer["fee"]["amount"], &offer["freight"])).collect();
            assert!(told.contains(&(&json!("policy"), &json!("8.90"), &json!("merchant"))), "{told:?}");
            assert!(told.contains(&(&json!("law"), &json!("0.00"), &json!("customer"))), "{told:?}");
            assert_eq!(quote["expected"]["amount"], worth, "by {basis}, withdrawal {withdrawal}");
        }
        asked["lines"][0]["basis"] = "law".into();
        asked["withdrawal"] = false.into();
        let (_, opened) = app.post("/returns", &asked).await;
        assert_eq!((&opened["lines"][0]["basis"], &opened["expected"]["amount"]), (&json!("law"), &json!("84.00")), "{opened}");
    }
}
