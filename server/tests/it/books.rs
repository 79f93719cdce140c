//! An order's books by machine: whatever way returns came, changed and were called off, what stands is worth what it is worth.

use mail_parser::MessageParser;
use serde_json::{Value, json};

use crate::app::{TestApp, days_ago};
use crate::databases::on_both;

fn order(number: &str, more: Value) -> Value {
    let mut order = json!({"number": number, "placed_at": days_ago(4), "currency": "CNY", "customer": {"email": "a@b.org"},
        "ship_to": {"country": "CN"}, "deliveries": [{"delivered_at": days_ago(2)}],
        "lines": [{"id": "a", "sku": "a", "name": "Coat", "quantity": 1, "unit_price": "150.00"},
            {"id": "b", "sku": "b", "name": "Scarf", "quantity": 1, "unit_price": "50.00"}],
        "discounts": [{"code": "50 off 200", "amount": "50.00", "minimum_spend": "200.00"}]});
    for (key, value) in more.as_object().unwrap() {
        order[key] = value.clone();
    }
    order
}

/// Sent free of freight, as something was wrong with it.
fn faulty(order: &str, line: &str, units: u32) -> Value {
    json!({"orders": [order], "method": "self_ship",
        "lines": [{"line": line, "quantity": units, "reason": "quality", "sub_reason": "cosmetic_flaw", "condition": "opened", "resolution": "refund"}]})
}

fn disliked(order: &str, line: &str) -> Value {
    json!({"orders": [order], "method": "self_ship",
        "lines": [{"line": line, "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}]})
}

async fn open(app: &TestApp, request: Value) -> (String, String) {
    let (status, opened) = app.post("/returns", &request).await;
    assert_eq!(status, 201, "{opened}");
    (opened["rma"].as_str().unwrap().to_owned(), opened["expected"]["amount"].as_str().unwrap().to_owned())
}

async fn expected(app: &TestApp, rma: &str) -> String {
    let (_, body) = app.get(&format!("/returns/{rma}")).await;
    body["expected"]["amount"].as_str().unwrap().to_owned()
}

async fn books(app: &TestApp, number: &str) -> Value {
    let (status, body) = app.get(&format!("/orders/{number}/books")).await;
    assert_eq!(status, 200, "{body}");
    body
}

on_both! {
    async fn calling_off_one_return_settles_the_other_anew_and_says_why(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1", json!({}))).await;
        let (scarf, worth) = open(&app, faulty("1", "b", 1)).await;
        assert_eq!(worth, "0.00", "the discount needs both");
        let (coat, worth) = open(&app, faulty("1", "a", 1)).await;
        assert_eq!(worth, "150.00");
        let (_, cancelled) = app.post(&format!("/returns/{scarf}/cancel"), &json!({})).await;
        assert_eq!(cancelled["status"], "cancelled");
        assert_eq!(expected(&app, &coat).await, "100.00", "the scarf is kept, and costs its 50.00");
        let (_, timeline) = app.get(&format!("/returns/{coat}/timeline")).await;
        let entries = timeline["entries"].as_array().unwrap();
        let changed = entries.iter().find(|entry| entry["code"] == "expected_changed").unwrap_or_else(|| panic!("{timeline}"));
        assert_eq!(changed["because"], "return_cancelled");
        app.run_jobs().await;
        let mails = app.mails();
        assert_eq!(mails.len(), 4, "two opened, one called off, and one of another amount");
        let mails: Vec<_> = mails.iter().map(|mail| MessageParser::default().parse(mail.as_bytes()).unwrap()).collect();
        let told = mails.iter().find(|mail| mail.subject() == Some(&format!("The amount of your return {coat} is different now"))).unwrap();
        assert!(told.body_text(0).unwrap().contains("100.00"), "{:?}", told.body_text(0));
        let books = books(&app, "1").await;
        assert_eq!((&books["captured"], &books["expected"], &books["due"]), (&json!("150.00"), &json!("100.00"), &json!("0.00")));
    }
}

on_both! {
    async fn no_payment_is_promised_more_than_it_brought_whatever_was_called_off(database: Database) {
        let app = TestApp::start(database).await;
        let four = json!({"lines": [{"id": "a", "sku": "a", "name": "Cup", "quantity": 4, "unit_price": "25.00"}], "discounts": [],
            "payments": [{"id": "gift", "method": "gift_card", "amount": "30.00"}, {"id": "pi", "method": "card", "amount": "70.00"}]});
        app.put_order(&order("1", four)).await;
        let (first, _) = open(&app, faulty("1", "a", 1)).await;
        open(&app, faulty("1", "a", 2)).await;
        app.post(&format!("/returns/{first}/cancel"), &json!({})).await;
        open(&app, faulty("1", "a", 1)).await;
        open(&app, faulty("1", "a", 1)).await;
        let books = books(&app, "1").await;
        let back: Vec<&str> = books["payments"].as_array().unwrap().iter().map(|payment| payment["expected"].as_str().unwrap()).collect();
        assert_eq!(back, ["30.00", "70.00"], "{books}");
    }
}

on_both! {
    async fn what_the_shop_gave_back_itself_is_not_given_again(database: Database) {
        let app = TestApp::start(database).await;
        let one = json!({"lines": [{"id": "a", "sku": "a", "name": "Lamp", "quantity": 1, "unit_price": "85.00"}], "discounts": [],
            "payments": [{"id": "pi", "method": "card", "amount": "85.00"}]});
        app.put_order(&order("1", one.clone())).await;
        let (rma, worth) = open(&app, faulty("1", "a", 1)).await;
        assert_eq!(worth, "85.00");
        let mut told = order("1", one);
        told["refunds"] = json!([{"id": "r1", "payment": "pi", "amount": "40.00"}]);
        app.put_order(&told).await;
        assert_eq!(expected(&app, &rma).await, "45.00");
        let answer = books(&app, "1").await;
        assert_eq!((&answer["outside"], &answer["payments"][0]["outside"]), (&json!("40.00"), &json!("40.00")), "{answer}");
        told["refunds"] = json!([{"id": "r1", "payment": "pi", "amount": "85.00"}]);
        app.put_order(&told).await;
        assert_eq!(expected(&app, &rma).await, "0.00");
    }
}

on_both! {
    async fn an_order_told_anew_promises_no_more_than_at_first(database: Database) {
        let app = TestApp::start(database).await;
        let one = |price: &str| json!({"lines": [{"id": "a", "sku": "a", "name": "Lamp", "quantity": 2, "unit_price": price}], "discounts": []});
        app.put_order(&order("1", one("50.00"))).await;
        let (rma, worth) = open(&app, faulty("1", "a", 1)).await;
        assert_eq!(worth, "50.00");
        app.put_order(&order("1", one("500.00"))).await;
        let (status, _) = app.post(&format!("/returns/{rma}/method"), &json!({"method": "drop_off"})).await;
        assert_eq!(status, 200);
        assert_eq!(expected(&app, &rma).await, "50.00");
        assert_eq!(open(&app, faulty("1", "a", 1)).await.1, "50.00");
        let answer = books(&app, "1").await;
        assert_eq!((&answer["told_anew"], &answer["captured"]), (&json!(true), &json!("100.00")), "{answer}");
        let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
        assert!(timeline["entries"].as_array().unwrap().iter().any(|entry| entry["code"] == "flagged"), "a person looks: {timeline}");
        // Less was paid after all: no more than that goes back.
        let mut told = order("1", one("50.00"));
        told["payments"] = json!([{"amount": "30.00"}]);
        app.put_order(&told).await;
        assert_eq!(books(&app, "1").await["expected"], "30.00");
    }
}

on_both! {
    async fn what_is_quoted_without_a_way_back_is_what_is_opened(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1", json!({"discounts": []}))).await;
        let request = json!({"orders": ["1"],
            "lines": [{"line": "a", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}]});
        let (_, quoted) = app.post("/returns/quote", &request).await;
        let (_, opened) = app.post("/returns", &request).await;
        assert_eq!((&quoted["expected"], &quoted["settlement"]), (&opened["expected"], &opened["settlement"]));
        assert_eq!(quoted["granted"]["amount"], "0.00", "nothing is granted by asking");
    }
}

on_both! {
    async fn freight_beyond_what_orders_are_worth_is_shared_or_due(database: Database) {
        let app = TestApp::start(database).await;
        let small = |price: &str| json!({"lines": [{"id": "a", "sku": "a", "name": "Pen", "quantity": 1, "unit_price": price}], "discounts": []});
        app.put_order(&order("1", small("5.00"))).await;
        app.put_order(&order("2", small("4.00"))).await;
        let line = |order: &str| json!({"order": order, "line": "a", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"});
        let request = json!({"orders": ["1", "2"], "method": "drop_off", "lines": [line("1"), line("2")]});
        let (_, quoted) = app.post("/returns/quote", &request).await;
        let (_, alone) = app.post("/returns/quote", &json!({"orders": ["2"], "method": "drop_off", "lines": [line("2")]})).await;
        let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
        let freight = -number(alone["settlement"].as_array().unwrap().iter().find(|row| row["kind"] == "freight").map_or(&json!("0"), |row| &row["amount"]));
        assert!(freight > 4.0, "the freight is dearer than the pen: {alone}");
        let owed = number(&alone["due"]["amount"]);
        assert!((owed - (freight - 4.0)).abs() < 0.001, "{alone}");
        let together = number(&quoted["expected"]["amount"]) - number(&quoted["due"]["amount"]);
        assert!((together - (9.0 - freight)).abs() < 0.001, "one freight for both: {quoted}");
    }
}

on_both! {
    async fn an_item_whose_gift_is_called_off_goes_to_a_person(database: Database) {
        let app = TestApp::start(database).await;
        let gift = json!({"discounts": [], "lines": [{"id": "a", "sku": "a", "name": "Doll", "quantity": 1, "unit_price": "100.00"},
            {"id": "g", "sku": "g", "name": "Pram", "quantity": 1, "unit_price": "20.00", "discount": "20.00", "gift_with": "a"}]});
        app.put_order(&order("1", gift)).await;
        let (gift, worth) = open(&app, faulty("1", "g", 1)).await;
        assert_eq!(worth, "0.00");
        let (item, worth) = open(&app, faulty("1", "a", 1)).await;
        assert_eq!(worth, "100.00");
        app.post(&format!("/returns/{gift}/cancel"), &json!({})).await;
        let (_, body) = app.get(&format!("/returns/{item}")).await;
        assert_eq!((&body["status"], &body["expected"]["amount"]), (&json!("in_review"), &json!("80.00")), "{body}");
        let kept = json!({"orders": ["1"], "method": "self_ship", "lines": [
            {"line": "a", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"},
            {"line": "g", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "keep_refund"}]});
        app.post(&format!("/returns/{item}/cancel"), &json!({})).await;
        let (_, quoted) = app.post("/returns/quote", &kept).await;
        assert_eq!(quoted["lines"][0]["verdict"], "declined", "a gift that is named and not sent is left behind: {quoted}");
    }
}

async fn events(app: &TestApp, rma: &str, kind: &str) -> Vec<Value> {
    let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
    timeline["events"].as_array().unwrap().iter().filter(|event| event["event"] == kind).cloned().collect()
}

on_both! {
    async fn a_telling_is_compared_with_the_one_before_it(database: Database) {
        let app = TestApp::start(database).await;
        let told = |price: &str, paid: &str, refunded: Option<&str>, channel: &str| {
            let refunds: Vec<Value> = refunded.iter().map(|amount| json!({"id": "r1", "payment": "pi", "amount": amount})).collect();
            order("1", json!({"lines": [{"id": "a", "sku": "a", "name": "Lamp", "quantity": 1, "unit_price": price}], "discounts": [],
                "channel": channel, "refunds": refunds, "payments": [{"id": "pi", "method": "card", "amount": paid}]}))
        };
        app.put_order(&told("85.00", "85.00", None, "web")).await;
        let (rma, _) = open(&app, faulty("1", "a", 1)).await;
        for (telling, flags, worth, because) in [
            (told("85.00", "85.00", Some("40.00"), "web"), 0, "45.00", vec!["credited_outside"]),
            (told("85.00", "60.00", Some("40.00"), "web"), 1, "20.00", vec!["credited_outside", "order_told_anew"]),
            // Told again with nothing new in its money.
            (told("85.00", "60.00", Some("40.00"), "phone"), 1, "20.00", vec!["credited_outside", "order_told_anew"]),
            (told("85.00", "60.00", Some("50.00"), "phone"), 1, "10.00", vec!["credited_outside", "order_told_anew", "credited_outside"]),
            // Another price, which changes no promise: a person looks all the same.
            (told("90.00", "60.00", Some("50.00"), "phone"), 2, "10.00", vec!["credited_outside", "order_told_anew", "credited_outside"]),
        ] {
            app.put_order(&telling).await;
            assert_eq!((events(&app, &rma, "flagged").await.len(), expected(&app, &rma).await.as_str()), (flags, worth), "{telling}");
            let changes = events(&app, &rma, "expected_changed").await;
            let why: Vec<&str> = changes.iter().map(|event| event["facts"]["because"].as_str().unwrap()).collect();
            assert_eq!(why, because, "{telling}");
        }
    }
}

on_both! {
    async fn who_is_sent_to_a_person_is_told_of_no_other_amount_where_there_is_none(database: Database) {
        let app = TestApp::start(database).await;
        let sample = json!({"discounts": [], "lines": [{"id": "a", "sku": "a", "name": "Doll", "quantity": 1, "unit_price": "100.00"},
            {"id": "g", "sku": "g", "name": "Sticker", "quantity": 1, "unit_price": "0.00", "gift_with": "a"}]});
        app.put_order(&order("1", sample)).await;
        let (gift, _) = open(&app, disliked("1", "g")).await;
        let (item, worth) = open(&app, disliked("1", "a")).await;
        assert_eq!(events(&app, &item, "approved").await.len(), 1);
        app.post(&format!("/returns/{gift}/cancel"), &json!({})).await;
        assert_eq!(expected(&app, &item).await, worth);
        assert_eq!(events(&app, &item, "sent_to_review").await.len(), 1);
        assert!(events(&app, &item, "expected_changed").await.is_empty());
    }
}

on_both! {
    async fn switching_the_way_back_keeps_a_return_s_place_among_the_order_s(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1", json!({}))).await;
        let (scarf, first) = open(&app, faulty("1", "b", 1)).await;
        let (coat, second) = open(&app, faulty("1", "a", 1)).await;
        assert_eq!((first.as_str(), second.as_str()), ("0.00", "150.00"), "the first loses the discount");
        let (status, switched) = app.post(&format!("/returns/{scarf}/method"), &json!({"method": "drop_off"})).await;
        assert_eq!((status.as_u16(), &switched["method"]), (200, &json!("drop_off")), "{switched}");
        assert_eq!((expected(&app, &scarf).await, expected(&app, &coat).await), (first, second));
        assert_eq!(books(&app, "1").await["expected"], "150.00");
        assert!(events(&app, &coat, "expected_changed").await.is_empty());
    }
}

on_both! {
    async fn what_was_paid_in_another_currency_is_told_back_never_added_and_goes_to_a_person(database: Database) {
        let app = TestApp::start(database).await;
        let abroad = json!({"id": "pi", "method": "card", "currency": "EUR", "amount": "26.00"});
        let lamp = json!({"lines": [{"id": "a", "sku": "a", "name": "Lamp", "quantity": 1, "unit_price": "200.00"}], "discounts": [],
            "shipping": "25.00", "shipping_standard": "10.00", "payments": [abroad]});
        app.put_order(&order("1", lamp)).await;
        let (_, told) = app.get("/orders/1").await;
        assert_eq!((&told["order"]["payments"][0]["currency"], &told["order"]["shipping_standard"]), (&json!("EUR"), &json!("10.00")), "{told}");
        let (rma, worth) = open(&app, disliked("1", "a")).await;
        assert_eq!(worth, "0.00");
        assert_eq!(events(&app, &rma, "sent_to_review").await[0]["facts"]["ground"], "unexplained");
        assert_eq!(books(&app, "1").await["captured"], "0.00");
    }
}
