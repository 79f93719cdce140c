//! What came in exchange comes back in the place of what was bought, and what the shop tells of it brings no money of its own (P7, P21).

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, days_ago, order, request};
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::pages::Visitor;
use crate::review::Machine;

/// Two tees that brought 89.00 each are exchanged for red ones, which cost 10.00 more; that is paid, and they are owed.
async fn owed(app: &TestApp, desk: &Machine<'_>, units: u32) -> String {
    publish(
        app,
        &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 30}}],
            "resolution": [{"id": "all", "then": {"offer": ["refund", "exchange", "keep_refund"], "keep_share": "50"}}]}),
    )
    .await;
    let mut bought = order("1");
    bought["customer"]["locale"] = json!("en");
    app.put_order(&bought).await;
    for (sku, variant, price) in [("TEE-BLK-M", "black M", "99.00"), ("TEE-RED-M", "red M", "109.00")] {
        let told =
            json!({"quantity": 5, "variant_of": "TEE", "name": "Organic tee", "variant": variant, "price": price, "currency": "CNY"});
        assert!(app.api("PUT", &format!("/stock/HZ1/{sku}")).json(&told).send().await.unwrap().status().is_success());
    }
    let (status, opened) = app
        .post(
            "/returns",
            &json!({"orders": ["1"], "method": "self_ship", "lines": [{"line": "1", "quantity": units, "reason": "size", "sub_reason": "too_small",
                "condition": "unopened", "resolution": "exchange", "exchange_sku": "TEE-RED-M"}]}),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    let rma = opened["rma"].as_str().unwrap().to_owned();
    arrives(desk, &rma).await;
    let (status, owed) = desk.post(&format!("/returns/{rma}/grant"), &json!({})).await;
    assert_eq!((status, owed["remedies"][0]["state"].as_str()), (StatusCode::OK, Some("due")), "{owed}");
    let (status, paid) = desk.post(&format!("/returns/{rma}/collect"), &json!({"reference": format!("till {rma}")})).await;
    assert_eq!(status, StatusCode::OK, "{paid}");
    rma
}

/// It came, and is as said.
async fn arrives(desk: &Machine<'_>, rma: &str) {
    let path = format!("/returns/{rma}");
    desk.post(&format!("{path}/receive"), &json!({"warehouse": "HZ1"})).await;
    let (status, looked) =
        desk.post(&format!("{path}/inspect"), &json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]})).await;
    assert_eq!(status, StatusCode::OK, "{looked}");
}

fn row<'a>(found: &'a Value, line: &str) -> &'a Value {
    let rows = found["returnable"].as_array().unwrap();
    rows.iter().find(|row| row["line"] == line).unwrap_or_else(|| panic!("no {line} in {rows:?}"))
}

on_both! {
    async fn it_comes_back_for_what_it_cost_in_the_end_and_once(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = owed(&app, &desk, 2).await;
        let came = format!("{rma}/1");
        let (_, before) = app.get("/orders/1").await;
        assert_eq!((before["returnable"].as_array().unwrap().len(), &row(&before, "1")["available"]), (2, &json!(0)), "{before}");
        for state in ["shipped", "delivered"] {
            desk.post(&format!("/returns/{rma}/remedies/m1"), &json!({"state": state, "reference": "OUT-1"})).await;
        }
        let (_, found) = app.get("/orders/1").await;
        let of_it = row(&found, &came);
        assert_eq!([&of_it["sku"], &of_it["in_exchange_for"]], [&json!("TEE-RED-M"), &json!("1")], "{found}");
        assert_eq!((of_it["quantity"].clone(), of_it["available"].clone(), of_it["name"].clone()), (json!(2), json!(2), json!("Organic tee · red M")), "{found}");
        // From the day on which it came, not from that of the order.
        assert!(of_it["until"].as_str().unwrap() > row(&found, "2")["until"].as_str().unwrap(), "{found}");

        // By its own name; and by that of what was bought, of which there is none left.
        let mut expected = Vec::new();
        for name in [came.as_str(), "1"] {
            let (status, opened) = app.post("/returns", &request("1", name, 1)).await;
            assert_eq!(status, StatusCode::CREATED, "{name}: {opened}");
            let line = &opened["lines"][0];
            assert_eq!([&line["line"], &line["sku"], &line["order"], &line["in_exchange_for"]], [came.as_str(), "TEE-RED-M", "1", "1"], "{opened}");
            expected.push(opened["expected"]["amount"].as_str().unwrap().to_owned());
            let again = opened["rma"].as_str().unwrap().to_owned();
            arrives(&desk, &again).await;
            let (status, granted) = desk.post(&format!("/returns/{again}/grant"), &json!({})).await;
            assert_eq!((status, &granted["granted"]["amount"]), (StatusCode::OK, &opened["expected"]["amount"]), "{granted}");
            let (status, paid) = desk.post(&format!("/returns/{again}/pay"), &json!({"method": "manual", "reference": format!("bank {again}")})).await;
            assert_eq!(status, StatusCode::OK, "{paid}");
        }
        assert_eq!(expected, ["99.00", "99.00"]);
        for name in [came.as_str(), "1"] {
            let (status, taken) = app.post("/returns", &request("1", name, 1)).await;
            assert_eq!((status, taken["errors"][0]["field"].as_str()), (StatusCode::CONFLICT, Some("lines[0].quantity")), "{taken}");
        }
        let books = desk.get("/orders/1/books").await;
        assert_eq!([&books["captured"], &books["granted"], &books["expected"], &books["due"]], [&json!("477.00"), &json!("198.00"), &json!("0.00"), &json!("0.00")], "{books}");
        // The lamp brings the rest, and as all is back by then, the shipping.
        let (_, lamp) = app.post("/returns", &request("1", "2", 1)).await;
        assert_eq!(lamp["expected"]["amount"], "279.00", "{lamp}");
    }
}

on_both! {
    async fn it_can_be_exchanged_again_and_kept_for_part(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = owed(&app, &desk, 2).await;
        desk.post(&format!("/returns/{rma}/remedies/m1"), &json!({"state": "delivered"})).await;
        let came = format!("{rma}/1");
        let mut again = request("1", &came, 1);
        (again["lines"][0]["resolution"], again["lines"][0]["exchange_sku"]) = (json!("exchange"), json!("TEE-BLK-M"));
        let (status, back) = app.post("/returns", &again).await;
        assert_eq!((status, back["expected"]["amount"].as_str()), (StatusCode::CREATED, Some("10.00")), "back to the black one: {back}");
        let mut kept = request("1", &came, 1);
        kept["lines"][0]["resolution"] = json!("keep_refund");
        let (status, kept) = app.post("/returns", &kept).await;
        assert_eq!((status, kept["expected"]["amount"].as_str()), (StatusCode::CREATED, Some("49.50")), "half of what it cost: {kept}");
        let second = back["rma"].as_str().unwrap().to_owned();
        arrives(&desk, &second).await;
        desk.post(&format!("/returns/{second}/grant"), &json!({})).await;
        let (status, moved) = desk.post(&format!("/returns/{second}/remedies/m1"), &json!({"state": "delivered"})).await;
        assert_eq!(status, StatusCode::OK, "{moved}");
        let (status, third) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!((status, third["expected"]["amount"].as_str()), (StatusCode::CREATED, Some("89.00")), "as it was bought: {third}");
        assert_eq!(third["lines"][0]["line"].as_str(), Some(format!("{second}/1").as_str()), "{third}");
    }
}

/// What goes out, as the shop's system tells it.
fn outbound(rma: &str, deliveries: Value) -> Value {
    let mut told = order("EX-1");
    told["remedy"] = format!("{rma}/m1").into();
    told["customer"]["locale"] = json!("en");
    told["lines"] =
        json!([{"id": "1", "sku": "TEE-RED-M", "name": "Organic tee", "variant": "red M", "quantity": 1, "unit_price": "109.00"}]);
    told["payments"] = json!([{"id": "pi_9", "method": "alipay", "amount": "119.00"}]);
    told["deliveries"] = deliveries;
    told
}

on_both! {
    async fn what_the_shop_tells_moves_it_on_and_brings_no_money(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = owed(&app, &desk, 1).await;
        let path = format!("/returns/{rma}");
        let put = async |told: &Value| {
            let sent = app.api("PUT", "/orders/EX-1").json(told).send().await.unwrap();
            (sent.status(), sent.json::<Value>().await.unwrap())
        };
        for wrong in ["R-0000-0000/m1", &format!("{rma}/m7"), "m1", "10284"] {
            let mut told = outbound(&rma, json!([]));
            told["remedy"] = wrong.into();
            let (status, problem) = put(&told).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("remedy")), "{wrong}: {problem}");
        }
        let parcel = |delivered: Value| json!([{"id": "d1", "shipped_at": days_ago(1), "delivered_at": delivered, "tracking_number": "SF77"}]);
        for (deliveries, state, reference) in [
            (json!([]), "ordered", "EX-1"),
            (json!([]), "ordered", "EX-1"),
            (parcel(Value::Null), "shipped", "SF77"),
            (parcel(days_ago(0).into()), "delivered", "SF77"),
            // Told late.
            (parcel(Value::Null), "delivered", "SF77"),
        ] {
            let (status, said) = put(&outbound(&rma, deliveries)).await;
            assert!(status.is_success(), "{said}");
            let now = desk.get(&path).await;
            let remedy = &now["remedies"][0];
            assert_eq!((remedy["state"].as_str(), remedy["reference"].as_str()), (Some(state), Some(reference)), "{now}");
        }
        assert_eq!(desk.get(&path).await["ended"], "exchanged");
        let books = desk.get("/orders/EX-1/books").await;
        assert_eq!([&books["captured"], &books["expected"]], ["0.00", "0.00"], "{books}");

        // Asked of the one, it is asked of the other.
        let (status, opened) = app.post("/returns", &request("EX-1", "1", 1)).await;
        let line = &opened["lines"][0];
        assert_eq!((status, line["order"].as_str(), line["line"].as_str()), (StatusCode::CREATED, Some("1"), Some(format!("{rma}/1").as_str())), "{opened}");
        assert_eq!(opened["expected"]["amount"], "99.00", "{opened}");
    }
}

on_both! {
    async fn who_types_the_number_of_what_went_out_finds_what_was_bought(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = owed(&app, &desk, 1).await;
        let parcel = json!([{"id": "d1", "shipped_at": days_ago(1), "delivered_at": days_ago(0), "tracking_number": "SF77"}]);
        app.put_order(&outbound(&rma, parcel.clone())).await;
        let mut visitor = Visitor::new(&app);
        let page = visitor.post("/", &[("number", "ex-1"), ("contact", "wang@example.com")]).await;
        let items = visitor.text(&page).await;
        assert!(items.contains("Came in exchange for") && items.contains("Organic tee · red M") && items.contains("黄铜台灯"), "{items}");
        let draft = page.trim_end_matches("/items").to_owned();
        let tick = format!("1|{rma}/1");
        let next = visitor.post(&format!("{draft}/items"), &[(&format!("units|{tick}"), "1"), (&format!("count|{tick}"), "1")]).await;
        assert!(next.ends_with("/why"), "{next}");

        // Somebody else's is not shown by it.
        let mut another = outbound(&rma, parcel);
        (another["number"], another["customer"]) = ("EX-2".into(), json!({"id": "c-2", "email": "li@example.com", "locale": "en"}));
        app.put_order(&another).await;
        let mut other = Visitor::new(&app);
        let page = other.post("/", &[("number", "EX-2"), ("contact", "li@example.com")]).await;
        let items = other.text(&page).await;
        assert!(!items.contains("黄铜台灯"), "{items}");
    }
}
