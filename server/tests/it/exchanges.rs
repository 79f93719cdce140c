//! Exchanges: what there is, what it costs, and that it cannot sell out while the parcel is on its way (P6, P7).

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, add_key, answer, order};
use crate::databases::on_both;

async fn stock(app: &TestApp, sku: &str, told: Value) -> (StatusCode, Value) {
    answer(app.api("PUT", &format!("/stock/HZ1/{sku}")).json(&told).send().await.unwrap()).await
}

/// The black tee in M that the order has, in L at the same price, in red dearer, in white cheaper.
async fn variants(app: &TestApp, large: u32) {
    for (sku, variant, price, quantity) in [
        ("TEE-BLK-M", "黑色 M", "99.00", 5),
        ("TEE-BLK-L", "黑色 L", "89.00", large),
        ("TEE-RED-M", "红色 M", "109.00", 5),
        ("TEE-WHT-M", "白色 M", "59.00", 1),
    ] {
        let told = json!({"quantity": quantity, "variant_of": "TEE", "variant": variant, "price": price, "currency": "CNY"});
        assert!(stock(app, sku, told).await.0.is_success());
    }
}

fn exchange(sku: &str, units: u32) -> Value {
    json!({"orders": ["1"], "method": "self_ship",
        "lines": [{"line": "1", "quantity": units, "reason": "size", "sub_reason": "too_small", "condition": "unopened", "resolution": "exchange", "exchange_sku": sku}]})
}

async fn reserved(app: &TestApp, sku: &str) -> (u64, u64) {
    let (_, body) = app.get(&format!("/stock/HZ1/{sku}")).await;
    (body["reserved"].as_u64().unwrap(), body["available"].as_u64().unwrap())
}

on_both! {
    async fn stock_is_told_by_machine(database: Database) {
        let app = TestApp::start(database).await;
        let told = json!({"quantity": 12, "variant_of": "TEE"});
        assert_eq!(stock(&app, "TEE-L", told.clone()).await.0, StatusCode::CREATED);
        let (status, body) = stock(&app, "TEE-L", told).await;
        assert_eq!((status, &body["available"]), (StatusCode::OK, &json!(12)));
        let (status, problem) = stock(&app, "TEE-L", json!({"quantity": -1, "price": "1"})).await;
        assert_eq!((status, problem["errors"].as_array().unwrap().len()), (StatusCode::UNPROCESSABLE_ENTITY, 2), "{problem}");
        let (_, problem) = stock(&app, "TEE-L", json!({"quantity": "many"})).await;
        assert_eq!(problem["errors"][0]["field"], "quantity", "{problem}");
        assert_eq!(app.get("/stock/HZ1/NOTHING").await.0, StatusCode::NOT_FOUND);
        let reader = add_key(&app.services, "reader", Scope::Read).await;
        let refused = app.client.put(format!("{}/api/v1/stock/HZ1/X", app.base)).bearer_auth(reader).json(&json!({"quantity": 1})).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    }
}

on_both! {
    async fn an_exchange_shows_its_difference_and_is_held_until_called_off(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        variants(&app, 1).await;
        // 89.00 was paid for one: 99.00, and 20.00 off two. What is cheaper has as much off by its price, what is dearer no more than that.
        for (sku, expected, due) in [("TEE-BLK-L", "8.99", "0.00"), ("TEE-RED-M", "0.00", "10.00"), ("TEE-WHT-M", "35.96", "0.00")] {
            let (status, quote) = app.post("/returns/quote", &exchange(sku, 1)).await;
            assert_eq!((status, quote["expected"]["amount"].as_str()), (StatusCode::OK, Some(expected)), "{quote}");
            assert_eq!(quote["due"]["amount"], due, "{sku}: {quote}");
        }
        let (status, problem) = app.post("/returns", &exchange("TEE-BLK-L", 2)).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/sold-out")), "{problem}");
        assert_eq!(app.post("/returns", &exchange("LAMP-9", 1)).await.0, StatusCode::UNPROCESSABLE_ENTITY);

        let (status, opened) = app.post("/returns", &exchange("TEE-BLK-L", 1)).await;
        assert_eq!((status, opened["status"].as_str()), (StatusCode::CREATED, Some("approved")), "{opened}");
        assert_eq!(opened["lines"][0]["exchange_sku"], "TEE-BLK-L");
        assert_eq!(reserved(&app, "TEE-BLK-L").await, (1, 0), "P6");
        let (status, problem) = app.post("/returns", &exchange("TEE-BLK-L", 1)).await;
        assert_eq!(status, StatusCode::CONFLICT, "{problem}");
        // What the shop tells afterwards leaves what is held alone.
        stock(&app, "TEE-BLK-L", json!({"quantity": 3, "variant_of": "TEE"})).await;
        assert_eq!(reserved(&app, "TEE-BLK-L").await, (1, 2));

        let rma = opened["rma"].as_str().unwrap();
        let (status, _) = app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(reserved(&app, "TEE-BLK-L").await, (0, 3));
        app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        assert_eq!(reserved(&app, "TEE-BLK-L").await, (0, 3), "let go of once");
    }
}

on_both! {
    async fn the_last_one_goes_to_one_of_many(database: Database) {
        let app = TestApp::start(database).await;
        variants(&app, 1).await;
        for number in 1..=20 {
            app.put_order(&order(&number.to_string())).await;
        }
        let send = |number: u32| {
            let mut body = exchange("TEE-BLK-L", 1);
            body["orders"] = json!([number.to_string()]);
            app.api("POST", "/returns").json(&body).send()
        };
        let answers = futures::future::join_all((1..=20).map(send)).await;
        let won = answers.iter().filter(|answer| answer.as_ref().unwrap().status() == StatusCode::CREATED).count();
        let lost = answers.iter().filter(|answer| answer.as_ref().unwrap().status() == StatusCode::CONFLICT).count();
        assert_eq!((won, lost), (1, 19));
        assert_eq!(reserved(&app, "TEE-BLK-L").await, (1, 0));
        let (_, list) = app.get("/returns").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "nothing half done");
    }
}

on_both! {
    async fn a_customer_s_tier_of_today_counts(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let quote = json!({"orders": ["1"], "lines": [{"line": "2", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}]});
        let methods = |body: &Value| body["methods"].as_array().unwrap().iter().map(|method| (method["method"].clone(), method["price"]["amount"].clone())).collect::<Vec<_>>();
        let before = methods(&app.post("/returns/quote", &quote).await.1);
        let put = app.api("PUT", "/customers/c-1").json(&json!({"tier": "diamond", "name": "王小明"})).send().await.unwrap();
        assert_eq!(put.status(), StatusCode::CREATED);
        let after = methods(&app.post("/returns/quote", &quote).await.1);
        assert_ne!(before, after);
        assert!(after.contains(&(json!("pickup"), json!("0.00"))), "a Diamond member is collected from for nothing (C48): {after:?}");
        let put = app.api("PUT", "/customers/c-1").json(&json!({"email": "nonsense"})).send().await.unwrap();
        assert_eq!(put.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

on_both! {
    async fn an_exchange_whose_price_is_not_known_in_the_order_s_currency_goes_to_a_person(database: Database) {
        let app = TestApp::start(database).await;
        variants(&app, 5).await;
        for (sku, more) in [("TEE-GRN-M", json!({})), ("TEE-BLU-M", json!({"price": "12.00", "currency": "EUR"}))] {
            let mut told = json!({"quantity": 5, "variant_of": "TEE", "variant": sku});
            told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            assert!(stock(&app, sku, told).await.0.is_success());
        }
        for (sku, status) in [("TEE-BLK-L", "approved"), ("TEE-GRN-M", "in_review"), ("TEE-BLU-M", "in_review")] {
            app.put_order(&order("1")).await;
            let (_, opened) = app.post("/returns", &exchange(sku, 1)).await;
            assert_eq!(opened["status"], status, "{sku}: {opened}");
            let rma = opened["rma"].as_str().unwrap();
            let (_, story) = app.get(&format!("/returns/{rma}/timeline")).await;
            let review = story["events"].as_array().unwrap().iter().find(|event| event["event"] == "sent_to_review");
            let ground = review.map(|event| event["facts"]["ground"].as_str().unwrap());
            assert_eq!(ground, (status == "in_review").then_some("amount_unknown"), "{sku}: {story}");
            assert_eq!(app.post(&format!("/returns/{rma}/cancel"), &json!({})).await.0, StatusCode::OK);
        }
    }
}
