//! What goes out dearer is paid first, and once; what was given ahead of goods that never come is asked back (P20, P21, B32).
//! Long because each way that money can come, and each in which it can be lost on the way, has its case.

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::compose;
use server::store::Scope;

use crate::app::{TestApp, answer, order, request};
use crate::databases::{Database, on_both};
use crate::dock_rules::publish;
use crate::fake_stripe::{Fake, Turn, shop_with_stripe};
use crate::pages::Visitor;
use crate::review::{Machine, kinds};
use crate::talk::last_mail;

/// A shop with Stripe that exchanges.
async fn shop(database: Database) -> (TestApp, Arc<Fake>) {
    let (app, fake) = shop_with_stripe(database).await;
    fake.captured("pi_1", 45_700, "cny");
    publish(&app, &policy(json!([]))).await;
    (app, fake)
}

fn policy(payout: Value) -> Value {
    json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 30}}],
        "resolution": [{"id": "all", "then": {"offer": ["exchange", "replacement", "refund"]}}], "payout": payout})
}

/// An exchange of a tee, which brought 89.00, for the red one, which costs 10.00 more.
async fn asked(app: &TestApp) -> String {
    let mut bought = order("1");
    bought["customer"]["locale"] = json!("en");
    app.put_order(&bought).await;
    for (sku, price) in [("TEE-BLK-M", "99.00"), ("TEE-RED-M", "109.00")] {
        let told = json!({"quantity": 5, "variant_of": "TEE", "variant": sku, "price": price, "currency": "CNY"});
        assert!(app.api("PUT", &format!("/stock/HZ1/{sku}")).json(&told).send().await.unwrap().status().is_success());
    }
    let (status, opened) = app
        .post(
            "/returns",
            &json!({"orders": ["1"], "method": "self_ship", "lines": [{"line": "1", "quantity": 1, "reason": "size", "sub_reason": "too_small",
                "condition": "unopened", "resolution": "exchange", "exchange_sku": "TEE-RED-M"}]}),
        )
        .await;
    assert_eq!(
        (status, opened["status"].as_str(), opened["due"]["amount"].as_str()),
        (StatusCode::CREATED, Some("approved"), Some("10.00")),
        "{opened}"
    );
    opened["rma"].as_str().unwrap().to_owned()
}

/// It came and is as said, and the red one is owed.
async fn owed(app: &TestApp, desk: &Machine<'_>) -> String {
    let rma = asked(app).await;
    let path = format!("/returns/{rma}");
    desk.post(&format!("{path}/receive"), &json!({"warehouse": "HZ1"})).await;
    desk.post(&format!("{path}/inspect"), &json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]})).await;
    let (status, owed) = desk.post(&format!("{path}/grant"), &json!({})).await;
    assert_eq!((status, owed["remedies"][0]["state"].as_str()), (StatusCode::OK, Some("due")), "{owed}");
    rma
}

/// Who showed that the return is theirs.
async fn owner<'a>(app: &'a TestApp, rma: &str) -> Visitor<'a> {
    let mut visitor = Visitor::new(app);
    visitor.post("/find-return", &[("rma", rma), ("rma_contact", "wang@example.com")]).await;
    visitor
}

/// Where "Pay the difference" leads: to the gateway's page, or back to the return's.
async fn pays(visitor: &Visitor<'_>, rma: &str) -> String {
    let form = visitor.client.post(format!("{}/returns/{rma}/pay", visitor.app.base)).form(&[("order", "1")]);
    let response = visitor.with_cookies(form).send().await.unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    match header("refresh") {
        Some(refresh) => refresh.strip_prefix("0;url=").unwrap().to_owned(),
        None => header("location").unwrap(),
    }
}

async fn tell(app: &TestApp, (signature, body): (String, String)) -> StatusCode {
    let sent = app.client.post(format!("{}/hooks/stripe", app.base)).header("stripe-signature", signature).body(body);
    sent.send().await.unwrap().status()
}

async fn sweeps(app: &TestApp) {
    compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
}

on_both! {
    async fn what_is_dearer_leaves_once_it_is_paid_and_is_paid_once(database: Database) {
        let (app, fake) = shop(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = owed(&app, &desk).await;
        let path = format!("/returns/{rma}");
        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert!(subject.contains("10.00") && text.contains("costs"), "{subject}: {text}");
        assert_eq!(kinds(&desk.get(&path).await["tasks"]), [""; 0], "nobody sends it yet");
        let (status, early) = desk.post(&format!("{path}/remedies/m1"), &json!({"state": "shipped"})).await;
        assert_eq!((status, early["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/not-paid")), "{early}");
        let staff = Machine::with(&app, Scope::Staff).await;
        assert_eq!(staff.get("/remedies").await["items"], json!([]), "not on the list of what is sent");
        let waits = staff.get("/remedies?waiting=true").await;
        assert_eq!((&waits["items"][0]["rma"], &waits["items"][0]["due_first"]["amount"]), (&json!(rma), &json!("10.00")), "{waits}");

        let visitor = owner(&app, &rma).await;
        assert!(visitor.text(&path).await.contains("Pay the difference of"));
        fake.asked();
        let page = pays(&visitor, &rma).await;
        assert_eq!(page, "https://checkout.stripe.example/c/pay/cs_test_1");
        assert_eq!(fake.asked(), [format!("page {rma}-d1")]);
        // Pressed again, they are led to the same page.
        assert_eq!(pays(&visitor, &rma).await, page);
        assert_eq!(fake.asked(), ["look cs_test_1"]);
        fake.customer_pays(false);
        assert_eq!(tell(&app, fake.message_of_page("checkout.session.completed")).await, StatusCode::OK);
        assert_eq!(desk.get(&path).await["collected"], json!([]), "the money is on its way");
        assert_eq!(pays(&visitor, &rma).await, path, "and is not asked for again");
        fake.money_comes();
        for kind in ["async_payment_succeeded", "completed", "async_payment_succeeded"] {
            assert_eq!(tell(&app, fake.message_of_page(&format!("checkout.session.{kind}"))).await, StatusCode::OK);
        }
        let paid = desk.get(&path).await;
        assert_eq!((paid["collected"].as_array().unwrap().len(), &paid["collected"][0]["amount"]["amount"]), (1, &json!("10.00")), "{paid}");
        assert_eq!((&paid["collected"][0]["payment"], &paid["due"]["amount"]), (&json!("pi_due_1"), &json!("0.00")), "{paid}");
        let books = desk.get("/orders/1/books").await;
        assert_eq!([&books["captured"], &books["due"], &books["expected"]], [&json!("467.00"), &json!("0.00"), &json!("0.00")], "{books}");
        assert_eq!((&books["payments"][1]["id"], &books["payments"][1]["brought"]), (&json!("pi_due_1"), &json!("10.00")), "{books}");
        assert_eq!(kinds(&paid["tasks"]), ["send_item"]);
        app.run_jobs().await;
        assert!(last_mail(&app).1.contains("thank you"), "{}", last_mail(&app).1);
        assert!(!visitor.text(&path).await.contains("Pay the difference of"));
        assert_eq!(pays(&visitor, &rma).await, path);
        let (_, timeline) = app.get(&format!("{path}/timeline")).await;
        assert!(timeline["entries"].to_string().contains("You paid"), "{timeline}");

        // The shop's own system sends it.
        let ready = staff.get("/remedies").await;
        let item = &ready["items"][0];
        assert_eq!([&item["remedy"], &item["sku"], &item["order"], &item["kind"]], [&json!("m1"), &json!("TEE-RED-M"), &json!("1"), &json!("exchange")]);
        assert_eq!((&item["units"], &item["address"]["city"], &item["customer"]), (&json!(1), &json!("杭州市"), &json!("王小明")), "{item}");
        for state in ["ordered", "shipped", "delivered"] {
            let (status, moved) = staff.post(&format!("{path}/remedies/m1"), &json!({"state": state, "reference": "OUT-1"})).await;
            assert_eq!(status, StatusCode::OK, "{moved}");
        }
        assert_eq!(staff.get("/remedies").await["items"], json!([]));
        assert_eq!(staff.get("/remedies?state=delivered").await["items"][0]["reference"], "OUT-1");
        let done = desk.get(&path).await;
        assert_eq!((done["status"].as_str(), done["ended"].as_str()), (Some("completed"), Some("exchanged")), "{done}");
        // Told anew, the order keeps what was paid since.
        app.put_order(&order("1")).await;
        assert_eq!(desk.get("/orders/1/books").await["captured"], "467.00");
    }
}

on_both! {
    async fn what_is_lost_on_the_way_to_the_page_or_back_is_asked_about(database: Database) {
        let (app, fake) = shop(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = owed(&app, &desk).await;
        let path = format!("/returns/{rma}");
        let visitor = owner(&app, &rma).await;
        fake.asked();
        // Its answer broke off: the same name brings the same page.
        fake.will([Turn::Lost]);
        assert_eq!(pays(&visitor, &rma).await, path, "they are told to try again");
        assert!(visitor.text(&path).await.contains("cannot be opened right now"));
        let page = pays(&visitor, &rma).await;
        assert_eq!((fake.pages().len(), fake.asked()), (1, vec![format!("page {rma}-d1"), format!("page {rma}-d1")]));
        // Nobody told that it was paid: it is asked after an hour, and once.
        fake.customer_pays(true);
        app.services.clock.advance(SignedDuration::from_hours(2));
        sweeps(&app).await;
        sweeps(&app).await;
        let paid = desk.get(&path).await;
        assert_eq!(paid["collected"].as_array().unwrap().len(), 1, "{page}: {paid}");
        assert_eq!(tell(&app, fake.message_of_page("checkout.session.completed")).await, StatusCode::OK);
        assert_eq!(desk.get(&path).await["collected"].as_array().unwrap().len(), 1);
        // Somebody else's page, and one whose amount is not ours.
        let forged = fake.message_of_page("checkout.session.completed").1.replace(&format!("{rma}-d1"), &format!("{rma}-d9"));
        let at = jiff::Timestamp::now().as_second();
        assert_eq!(tell(&app, (crate::fake_stripe::sign(&forged, at), forged)).await, StatusCode::OK);
        assert_eq!(desk.get(&path).await["collected"].as_array().unwrap().len(), 1);
        let (signature, body) = fake.message_of_page("checkout.session.completed");
        assert_eq!(tell(&app, (signature.replace("v1=", "v1=00"), body)).await, StatusCode::BAD_REQUEST);
    }
}

on_both! {
    async fn a_page_that_nobody_need_pay_on_is_closed_and_what_was_paid_by_hand_is_not_paid_again(database: Database) {
        let (app, fake) = shop(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = owed(&app, &desk).await;
        let path = format!("/returns/{rma}");
        let visitor = owner(&app, &rma).await;
        pays(&visitor, &rma).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        for (body, field) in [
            (json!({"reference": " "}), "reference"),
            (json!({"reference": "bank 1", "for": "tip"}), "for"),
            (json!({"reference": "bank 1", "order": "77"}), "order"),
        ] {
            let (status, problem) = finance.post(&format!("{path}/collect"), &body).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{problem}");
        }
        let (status, much) = finance.post(&format!("{path}/collect"), &json!({"reference": "bank 1", "amount": "10.01"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{much}");
        for _ in 0..2 {
            let (status, paid) = finance.post(&format!("{path}/collect"), &json!({"reference": "bank 1"})).await;
            assert_eq!((status, paid["collected"].as_array().unwrap().len()), (StatusCode::OK, 1), "{paid}");
            assert_eq!((&paid["collected"][0]["reference"], &paid["due"]["amount"]), (&json!("bank 1"), &json!("0.00")), "{paid}");
        }
        let (status, none) = finance.post(&format!("{path}/collect"), &json!({"reference": "bank 2"})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{none}");
        let staff = Machine::with(&app, Scope::Staff).await;
        assert_eq!(staff.post(&format!("{path}/collect"), &json!({"reference": "x"})).await.0, StatusCode::FORBIDDEN);
        app.services.clock.advance(SignedDuration::from_hours(2));
        sweeps(&app).await;
        assert_eq!(fake.pages()[0].2, "expired", "nobody pays there any more");
        assert_eq!(desk.get("/orders/1/books").await["captured"], "467.00");
    }
}

on_both! {
    async fn what_was_paid_for_something_that_does_not_come_goes_back(database: Database) {
        let (app, fake) = shop(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        let rma = owed(&app, &desk).await;
        let path = format!("/returns/{rma}");
        let visitor = owner(&app, &rma).await;
        pays(&visitor, &rma).await;
        fake.customer_pays(true);
        tell(&app, fake.message_of_page("checkout.session.completed")).await;
        let (status, off) = desk.post(&format!("{path}/remedies/m1"), &json!({"state": "called_off"})).await;
        assert_eq!((status, &off["expected"]["amount"]), (StatusCode::OK, &json!("99.00")), "the tee, and what was paid for the red one: {off}");
        let (_, granted) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!(granted["granted"]["amount"], "99.00", "{granted}");
        let (_, paid) = finance.post(&format!("{path}/pay"), &json!({"method": "gateway"})).await;
        assert_eq!(paid["payments"][0]["state"], "pending", "{paid}");
        app.run_jobs().await;
        assert_eq!(fake.given().iter().map(|(_, amount, ..)| *amount).sum::<i64>(), 9_900);
        let done = desk.get(&path).await;
        assert_eq!((done["status"].as_str(), &done["paid"]["amount"]), (Some("completed"), &json!("99.00")), "{done}");
        let books = desk.get("/orders/1/books").await;
        assert_eq!([&books["captured"], &books["granted"], &books["expected"], &books["due"]], [&json!("467.00"), &json!("99.00"), &json!("0.00"), &json!("0.00")], "{books}");
    }
}

on_both! {
    async fn an_exchange_leaves_at_once_where_a_rule_says_so(database: Database) {
        let (app, fake) = shop(database).await;
        publish(&app, &policy(json!([{"id": "all", "then": {"by": "rules", "ships": "submission", "ships_up_to": {"CNY": "120.00"}}}]))).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        let rma = asked(&app).await;
        let path = format!("/returns/{rma}");
        let opened = desk.get(&path).await;
        assert_eq!((opened["remedies"][0]["state"].as_str(), opened["status"].as_str()), (Some("due"), Some("approved")), "{opened}");
        // Paid, then called off, and the return with it: nothing comes, and what was paid goes back by the payment that brought it.
        let visitor = owner(&app, &rma).await;
        pays(&visitor, &rma).await;
        fake.customer_pays(true);
        tell(&app, fake.message_of_page("checkout.session.completed")).await;
        desk.post(&format!("{path}/remedies/m1"), &json!({"state": "called_off"})).await;
        let (status, gone) = app.post(&format!("{path}/cancel"), &json!({})).await;
        assert_eq!((status, gone["status"].as_str()), (StatusCode::OK, Some("cancelled")), "{gone}");
        let back = desk.get(&path).await;
        assert_eq!(back["granted"]["amount"], "10.00", "rules promise it: {back}");
        assert_eq!(finance.get("/orders/1/books").await["expected"], "0.00");
        app.run_jobs().await;
        assert_eq!(fake.given().iter().map(|(of, amount, ..)| (of.as_str(), *amount)).collect::<Vec<_>>(), [("pi_due_1", 1_000)]);
        assert_eq!(desk.get(&path).await["paid"]["amount"], "10.00");

        // Dearer than the rule lets out: it waits for inspection.
        publish(&app, &policy(json!([{"id": "all", "then": {"by": "rules", "ships": "submission", "ships_up_to": {"CNY": "108.99"}}}]))).await;
        let waits = asked(&app).await;
        assert_eq!(desk.get(&format!("/returns/{waits}")).await["remedies"], json!([]));
    }
}

on_both! {
    async fn a_replacement_leaves_when_its_carrier_has_seen_what_comes_back_and_what_never_comes_is_asked_back(database: Database) {
        let app = TestApp::start(database).await;
        publish(&app, &policy(json!([{"id": "gold", "when": {"tier": ["gold"]}, "then": {"by": "rules", "ships": "submission"}},
            {"id": "all", "then": {"by": "rules", "ships": "first_scan", "ships_up_to": {"CNY": "100.00"}}}]))).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        for (number, tier) in [("1", "gold"), ("2", "silver")] {
            let mut bought = order(number);
            bought["customer"] = json!({"id": format!("c-{number}"), "email": format!("c{number}@example.com"), "locale": "en", "tier": tier});
            app.put_order(&bought).await;
        }
        let replace = |number: &str| {
            let mut asked = request(number, "1", 1);
            asked["lines"][0]["resolution"] = json!("replacement");
            asked
        };
        let (_, gold) = app.post("/returns", &replace("1")).await;
        assert_eq!(gold["remedies"][0]["state"], "due", "{gold}");
        app.run_jobs().await;
        assert!(last_mail(&app).1.contains("Nobody waits"), "{}", last_mail(&app).1);
        let (_, silver) = app.post("/returns", &replace("2")).await;
        assert_eq!(silver["remedies"], json!([]), "{silver}");
        let tracked = silver["parcels"][0]["tracking_number"].clone();
        let scan = json!({"tracking_number": tracked, "status": "in_transit", "at": app.services.clock.now()});
        let (status, moving) = staff.post(&format!("/returns/{}/scans", silver["rma"].as_str().unwrap()), &scan).await;
        assert_eq!((status, moving["remedies"][0]["state"].as_str()), (StatusCode::OK, Some("due")), "{moving}");

        // It left, and what should come back does not.
        let path = format!("/returns/{}", gold["rma"].as_str().unwrap());
        staff.post(&format!("{path}/remedies/m1"), &json!({"state": "shipped"})).await;
        app.run_jobs().await;
        let sent_by: jiff::Timestamp = gold["promises"]["sent_by"].as_str().unwrap().parse().unwrap();
        let arrived_by: jiff::Timestamp = gold["promises"]["arrived_by"].as_str().unwrap().parse().unwrap();
        let until = |moment: jiff::Timestamp| moment.duration_since(app.services.clock.now()) + SignedDuration::from_hours(25);
        app.services.clock.advance(until(sent_by));
        app.run_jobs().await;
        assert!(last_mail(&app).0.contains("we still wait for your parcel"), "{}", last_mail(&app).0);
        app.services.clock.advance(until(arrived_by));
        sweeps(&app).await;
        let late = desk.get(&path).await;
        assert!(kinds(&late["tasks"]).contains(&"claw_back"), "{late}");
        let page = answer(app.client.get(format!("{}/api/v1/tasks?role=support", app.base)).bearer_auth(crate::app::add_key(&app.services, "t", Scope::Staff).await).send().await.unwrap()).await.1;
        assert!(page.to_string().contains("claw_back"), "{page}");
        let (status, no) = staff.post(&format!("{path}/waive"), &json!({"reason": " "})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{no}");
        let (status, forbidden) = app.post(&format!("{path}/waive"), &json!({"reason": "no"})).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{forbidden}");
        for _ in 0..2 {
            let (status, waived) = staff.post(&format!("{path}/waive"), &json!({"reason": "They lost it in a move."})).await;
            assert_eq!(status, StatusCode::OK, "{waived}");
        }
        assert!(!kinds(&desk.get(&path).await["tasks"]).contains(&"claw_back"));
        let told = app.get(&format!("{path}/timeline")).await.1;
        assert!(!told.to_string().contains("They lost it"), "the reason is for people at work: {told}");
    }
}

on_both! {
    async fn money_that_was_paid_early_comes_back_when_nothing_does(database: Database) {
        let app = TestApp::start(database).await;
        publish(&app, &policy(json!([{"id": "all", "then": {"by": "rules", "early": "submission", "up_to": {"CNY": "200.00"}}}]))).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(opened["granted"]["amount"], "89.00", "at submission: {opened}");
        let path = format!("/returns/{}", opened["rma"].as_str().unwrap());
        finance.post(&format!("{path}/pay"), &json!({"method": "manual", "reference": "SEPA 1"})).await;
        let arrived_by: jiff::Timestamp = opened["promises"]["arrived_by"].as_str().unwrap().parse().unwrap();
        app.services.clock.advance(arrived_by.duration_since(app.services.clock.now()) + SignedDuration::from_hours(1));
        sweeps(&app).await;
        assert!(kinds(&desk.get(&path).await["tasks"]).contains(&"claw_back"));
        let (status, much) = finance.post(&format!("{path}/collect"), &json!({"for": "back", "reference": "till", "amount": "89.01"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{much}");
        let (status, back) = finance.post(&format!("{path}/collect"), &json!({"for": "back", "reference": "till"})).await;
        assert_eq!((status, &back["collected"][0]["amount"]["amount"]), (StatusCode::OK, &json!("89.00")), "{back}");
        assert!(!kinds(&desk.get(&path).await["tasks"]).contains(&"claw_back"));
        let books = desk.get("/orders/1/books").await;
        assert_eq!([&books["captured"], &books["granted"], &books["expected"], &books["due"]], [&json!("546.00"), &json!("89.00"), &json!("0.00"), &json!("0.00")], "{books}");
    }
}
