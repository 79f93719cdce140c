//! Goods on their way out (P23): held back, called back, refused at the door, not received. Each is a return that everybody at work and the customer
//! see, and that ends in the same books.

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::{self, Scope};

use crate::app::{TestApp, add_key, answer, days_ago, order};
use crate::databases::on_both;
use crate::pages::Visitor;
use crate::review::{Machine, kinds};
use crate::staff::{free, hire};
use crate::talk::{last_mail, shopper};

/// An order of three things by a customer who reads English, with these deliveries: 457.00 in all.
fn bought(number: &str, deliveries: Value) -> Value {
    let mut order = order(number);
    order["customer"] = json!({"email": format!("c{number}@example.com"), "name": "Anna", "locale": "en"});
    order["deliveries"] = deliveries;
    order
}

fn sent() -> Value {
    json!([{"id": "d1", "carrier": "SF Express", "tracking_number": "SF1", "shipped_at": days_ago(2)}])
}

async fn open(staff: &Machine<'_>, number: &str, body: Value) -> (String, Value) {
    let (status, opened) = staff.post(&format!("/orders/{number}/outbound"), &body).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    (opened["rma"].as_str().unwrap().to_owned(), opened)
}

async fn say(staff: &Machine<'_>, rma: &str, body: Value) -> Value {
    let (status, said) = staff.post(&format!("/returns/{rma}/outbound"), &body).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    said
}

/// Codes of a timeline.
async fn story(staff: &Machine<'_>, rma: &str) -> String {
    let told = staff.get(&format!("/returns/{rma}/timeline")).await;
    let done = told["entries"].as_array().unwrap().iter().filter(|entry| entry["state"] == "done");
    done.map(|entry| entry["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
}

on_both! {
    async fn what_has_not_left_is_held_back_by_the_warehouse_and_its_money_goes_back(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&bought("1", json!([]))).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let (rma, opened) = open(&staff, "1", json!({"kind": "cancel", "words": "Ordered twice.", "note": "calls daily"})).await;
        assert_eq!((&opened["status"], &opened["outbound"]["kind"], &opened["expected"]["amount"]), (&json!("in_review"), &json!("cancel"), &json!("457.00")), "{opened}");
        assert_eq!((&opened["method"], &opened["parcels"]), (&json!("none"), &json!([])), "no label");
        let seen = staff.get(&format!("/returns/{rma}")).await;
        assert_eq!(kinds(&seen["tasks"]), ["stop_parcel"]);
        assert_eq!(seen["tasks"][0]["role"], "warehouse");
        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert!(subject.contains("hold back") && text.contains("You hear from us by") && !text.contains("calls daily"), "{subject}: {text}");

        // What is on its way out is no question of policy.
        let (status, refused) = staff.review(&rma, json!({"decision": "approve"})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{refused}");
        let (status, refused) = staff.post(&format!("/returns/{rma}/outbound"), &json!({"reference": "C-1"})).await;
        assert_eq!(status, StatusCode::CONFLICT, "nobody carries it: {refused}");
        let stopped = say(&staff, &rma, json!({"outcome": "stopped"})).await;
        assert_eq!((&stopped["status"], &stopped["outbound"]["outcome"]), (&json!("approved"), &json!("stopped")), "{stopped}");
        let again = say(&staff, &rma, json!({"outcome": "stopped"})).await;
        assert_eq!(again["version"], stopped["version"], "said before");
        assert_eq!(kinds(&staff.get(&format!("/returns/{rma}")).await["tasks"]), ["settle"], "nothing is waited for");
        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert!(subject.contains("held back") && text.contains("457.00"), "{subject}: {text}");
        assert_eq!(story(&staff, &rma).await, "outbound_opened outbound_answered");
        let mut read = app.services.store.read().await.unwrap();
        let rows = store::audit_of(&mut read.conn(), &format!("return:{rma}"), 10).await.unwrap();
        let mut noted: Vec<_> = rows.into_iter().map(|row| (row.note.actor, row.note.what)).collect();
        noted.sort();
        let by = |what: &str| ("key:staff".to_owned(), what.to_owned());
        assert_eq!(noted, [by("answer_outbound"), by("open_outbound")]);
    }
}

on_both! {
    async fn what_was_not_received_is_looked_for_and_the_clock_brings_it_back_to_somebody(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&bought("1", sent())).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let (rma, opened) = open(&staff, "1", json!({"kind": "not_received", "reported_by": "customer"})).await;
        let told = &opened["outbound"];
        assert_eq!((&told["carrier"], &told["tracking_number"], &told["asked"]), (&json!("SF Express"), &json!("SF1"), &json!(false)), "{told}");
        let tasks = async |staff: &Machine<'_>| staff.get(&format!("/returns/{rma}")).await["tasks"].clone();
        assert_eq!(kinds(&tasks(&staff).await), ["trace_outbound"]);
        let listed = async |staff: &Machine<'_>| {
            store::keep_projections(&app.services.store, app.services.clock.now()).await.unwrap();
            staff.get("/tasks?kind=trace_outbound").await["items"].as_array().unwrap().len()
        };
        assert_eq!(listed(&staff).await, 1);

        let day = (jiff::Zoned::now().date() + jiff::ToSpan::days(5)).to_string();
        let asked = say(&staff, &rma, json!({"reference": "Inquiry 4711", "until": day})).await;
        assert_eq!(asked["outbound"]["asked"], true, "{asked}");
        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert!(subject.contains("a new date") && text.contains("asked the carrier") && !text.contains("4711"), "{subject}: {text}");
        let again = say(&staff, &rma, json!({"reference": "Inquiry 4711", "until": day})).await;
        assert_eq!(again["version"], asked["version"], "said before");
        assert_eq!(kinds(&tasks(&staff).await), Vec::<&str>::new(), "whoever was asked is waited for");
        assert_eq!(listed(&staff).await, 0);
        app.services.clock.advance(SignedDuration::from_hours(24 * 7));
        assert_eq!(kinds(&tasks(&staff).await), ["trace_outbound"], "no answer came");
        assert_eq!(listed(&staff).await, 1);

        let (status, silent) = staff.post(&format!("/returns/{rma}/outbound"), &json!({"outcome": "delivered"})).await;
        assert_eq!((status.as_u16(), &silent["errors"][0]["field"]), (422, &json!("reason")), "{silent}");
        let found = say(&staff, &rma, json!({"outcome": "delivered", "reason": "Your neighbour Li has it.", "note": "signed by Li"})).await;
        assert_eq!(found["status"], "declined", "{found}");
        app.run_jobs().await;
        let (subject, text, _) = last_mail(&app);
        assert!(subject.contains("was delivered") && text.contains("Your neighbour Li has it.") && !text.contains("signed by Li"), "{subject}: {text}");

        let customer = shopper(&app, &rma, "1").await;
        let page = customer.text(&format!("/returns/{rma}")).await;
        for words in ["Your parcel did not reach you", "The carrier has been asked", "Your parcel was delivered", "Your neighbour Li has it."] {
            assert!(page.contains(words), "{words}: {page}");
        }
        for inside in ["4711", "signed by Li", "label.pdf"] {
            assert!(!page.contains(inside), "{inside}: {page}");
        }
        // The customer says that this is wrong, and a person looks again.
        let (status, appealed) = app.post(&format!("/returns/{rma}/appeal"), &json!({"text": "He has not."})).await;
        assert_eq!((status, &appealed["status"]), (StatusCode::OK, &json!("in_review")), "{appealed}");
        assert_eq!(kinds(&tasks(&staff).await), ["review"]);
        let lost = say(&staff, &rma, json!({"outcome": "lost"})).await;
        assert_eq!((&lost["status"], &lost["expected"]["amount"]), (&json!("approved"), &json!("457.00")), "{lost}");
        assert_eq!(kinds(&tasks(&staff).await), ["settle"]);
        app.run_jobs().await;
        assert!(last_mail(&app).0.contains("cannot be found"));
    }
}

on_both! {
    async fn what_comes_back_is_booked_in_and_looked_at_with_no_label(database: Database) {
        let app = TestApp::start(database).await;
        for number in ["1", "2"] {
            app.put_order(&bought(number, sent())).await;
        }
        let staff = Machine::with(&app, Scope::Staff).await;
        let (refused, opened) = open(&staff, "1", json!({"kind": "refused", "reported_by": "carrier", "lines": [{"line": "2", "quantity": 1}]})).await;
        assert_eq!((&opened["status"], &opened["outbound"]["outcome"]), (&json!("in_transit"), &json!("coming_back")), "{opened}");
        assert_eq!(opened["parcels"], json!([]));
        app.run_jobs().await;
        let mails = app.mails().len();
        assert!(last_mail(&app).0.contains("coming back"));
        assert_eq!(mails, 1, "one letter says it");
        let (called, opened) = open(&staff, "2", json!({"kind": "intercept"})).await;
        assert_eq!(opened["status"], "in_review");
        let coming = say(&staff, &called, json!({"outcome": "coming_back"})).await;
        assert_eq!(coming["status"], "in_transit", "{coming}");
        let (status, late) = app.get(&format!("/returns/{called}/label")).await;
        assert!(status.is_client_error(), "{late}");
        for rma in [&refused, &called] {
            let (status, received) = staff.post(&format!("/returns/{rma}/receive"), &json!({})).await;
            assert_eq!((status, &received["status"]), (StatusCode::OK, &json!("received")), "{received}");
            let (status, wrong) = staff.post(&format!("/returns/{rma}/outbound"), &json!({"outcome": "lost"})).await;
            assert_eq!(status, StatusCode::CONFLICT, "it is here: {wrong}");
        }
        let (status, looked) = staff.post(&format!("/returns/{refused}/inspect"), &json!({"lines": [{"line": "2", "quantity": 1, "grade": "A", "result": "accepted", "disposition": "restock"}]})).await;
        assert_eq!((status, &looked["status"]), (StatusCode::OK, &json!("inspected")), "{looked}");
        assert_eq!(kinds(&staff.get(&format!("/returns/{refused}")).await["tasks"]), ["settle"]);
        assert_eq!(story(&staff, &called).await, "outbound_opened outbound_answered received");
    }
}

on_both! {
    async fn what_cannot_be_asked_is_refused_and_says_why(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&bought("1", sent())).await;
        app.put_order(&bought("2", json!([{"delivered_at": days_ago(1)}]))).await;
        app.put_order(&bought("3", json!([{"id": "p", "warehouse": "HZ1"}]))).await;
        let mut off = bought("4", json!([]));
        off["cancelled"] = json!(true);
        app.put_order(&off).await;
        let two = json!([
            {"id": "a", "shipped_at": days_ago(2), "lines": [{"id": "1", "quantity": 2}]},
            {"id": "b", "shipped_at": days_ago(1), "lines": [{"id": "2", "quantity": 1}]}
        ]);
        app.put_order(&bought("5", two)).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        for (number, body, status, says) in [
            ("1", json!({"kind": "cancel"}), 409, "it has left"),
            ("2", json!({"kind": "intercept"}), 409, "it was delivered"),
            ("3", json!({"kind": "not_received"}), 409, "has not left yet"),
            ("4", json!({"kind": "cancel"}), 409, "was cancelled"),
            ("5", json!({"kind": "not_received"}), 422, "several deliveries"),
            ("5", json!({"kind": "not_received", "delivery": 3}), 422, "no such delivery"),
            ("5", json!({"kind": "not_received", "delivery": 0}), 422, "counted from 1"),
            ("5", json!({"kind": "not_received", "delivery": 2, "lines": [{"line": "1", "quantity": 1}]}), 422, "no line `1`"),
            ("1", json!({"kind": "teleport"}), 422, "is one of cancel"),
            ("1", json!({"kind": "refused", "resolution": "replacement"}), 422, "cannot be had"),
            ("1", json!({"kind": "refused", "lines": [{"line": "1", "quantity": 3}]}), 422, "2 of it are there"),
            ("1", json!({"kind": "refused", "lines": [{"line": "1", "quantity": 0}]}), 422, "2 of it are there"),
            ("1", json!({"kind": "refused", "until": "2020-01-01"}), 422, "the day is one from"),
            ("1", json!({"kind": "refused", "words": "x".repeat(2_001)}), 422, "longer than"),
            ("404", json!({"kind": "cancel"}), 404, "404"),
        ] {
            let (refused, problem) = staff.post(&format!("/orders/{number}/outbound"), &body).await;
            assert!(refused.as_u16() == status && problem["detail"].as_str().unwrap().contains(says), "{number} {body}: {refused} {problem}");
        }
        for (scope, status) in [(Scope::Read, 403), (Scope::Write, 403), (Scope::Finance, 403), (Scope::Admin, 201)] {
            let key = add_key(&app.services, &format!("{scope:?}"), scope).await;
            let sent = app.client.post(format!("{}/api/v1/orders/1/outbound", app.base)).bearer_auth(key).json(&json!({"kind": "refused", "lines": [{"line": "1", "quantity": 1}]}));
            let (said, body) = answer(sent.send().await.unwrap()).await;
            assert_eq!(said.as_u16(), status, "{scope:?}: {body}");
        }
        // The same units are asked about once, and are in no other return meanwhile.
        let (rma, _) = open(&staff, "1", json!({"kind": "not_received"})).await;
        let (status, taken) = staff.post("/orders/1/outbound", &json!({"kind": "refused"})).await;
        assert!(status == StatusCode::CONFLICT && taken["detail"].as_str().unwrap().contains(&rma), "{taken}");
        let (status, taken) = app.post("/returns", &crate::app::request("1", "2", 1)).await;
        assert_eq!((status, &taken["type"]), (StatusCode::CONFLICT, &json!("/problems/units-taken")), "{taken}");
        // What was found is the customer's again.
        say(&staff, &rma, json!({"outcome": "delivered", "reason": "The neighbour has it."})).await;
        let (status, opened) = app.post("/returns", &crate::app::request("1", "2", 1)).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
    }
}

on_both! {
    async fn what_is_sent_twice_is_one_case(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&bought("1", sent())).await;
        let key = add_key(&app.services, "support", Scope::Staff).await;
        let ask = async |name: &'static str, kind: &'static str| {
            let sent = app.client.post(format!("{}/api/v1/orders/1/outbound", app.base)).bearer_auth(&key).header("idempotency-key", name).json(&json!({"kind": kind}));
            answer(sent.send().await.unwrap()).await
        };
        let (first, again) = tokio::join!(ask("k1", "not_received"), ask("k1", "not_received"));
        assert_eq!((first.0.as_u16(), again.0.as_u16(), &first.1), (201, 201, &again.1), "{again:?}");
        assert_eq!(ask("k1", "refused").await.0, StatusCode::UNPROCESSABLE_ENTITY, "another under the same name");
        assert_eq!(ask("k2", "not_received").await.0, StatusCode::CONFLICT);
    }
}

on_both! {
    async fn people_ask_and_answer_on_their_pages_by_their_roles_and_limits(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&bought("1", sent())).await;
        let cny: domain::money::Currency = "CNY".parse().unwrap();
        let limits = domain::staff::StaffLimits { refund_up_to: Some(vec![(cny, 10_000)]), ..free() };
        let (_, _, mut mei) = hire(&app, "Mei", "support", limits).await;
        let (page, form) = ("/staff/orders/1", "/staff/orders/1/outbound");
        let shown = mei.get(page).await.1;
        assert!(shown.contains("Something about the delivery") && shown.contains("SF1"), "{shown}");
        let key = shown.split("name=\"key\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let wrong = [("key", key.as_str()), ("outbound-kind", "cancel"), ("outbound-words", "Please stop it.")];
        assert_eq!(mei.post(form, &wrong).await, page);
        let shown = mei.get(page).await.1;
        assert!(shown.contains("It has left already") && shown.contains("Please stop it."), "what was typed stands there: {shown}");
        let good = [("key", key.as_str()), ("outbound-kind", "intercept"), ("outbound-by", "customer"), ("outbound-units-1", "2"), ("outbound-note", "no answer by phone")];
        let case = mei.post(form, &good).await;
        assert!(case.starts_with("/staff/returns/R-"), "{case}");
        assert_eq!(mei.post(form, &good).await, case, "pressed twice, it is one case");
        let rma = case.rsplit('/').next().unwrap().to_owned();
        let seen = mei.get(&case).await.1;
        for words in ["On its way out", "Call back on its way", "SF Express", "no answer by phone", "Find out about a delivery", "first finds out where the parcel is"] {
            assert!(seen.contains(words), "{words}: {seen}");
        }
        assert!(!seen.contains("id=\"do-approve\""), "no policy is asked: {seen}");
        let version = async || app.get(&format!("/returns/{rma}")).await.1["version"].to_string();
        let (to, now) = (format!("{case}/outbound"), version().await);
        let pursue = |now: &str| vec![("outbound-do".to_owned(), "pursue_outbound".to_owned()), ("outbound-reference".to_owned(), "C-77".to_owned()), ("version".to_owned(), now.to_owned())];
        let sent: Vec<(String, String)> = pursue(&now);
        let fields: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(mei.post(&to, &fields).await, case);
        mei.says(&case, "C-77").await;
        assert_eq!(mei.post(&to, &fields).await, case);
        mei.says(&case, "was changed in another window").await;
        let now = version().await;
        let answer = [("outbound-do", "answer_outbound"), ("outbound-outcome", "coming_back"), ("version", now.as_str())];
        mei.post(&to, &answer).await;
        mei.says(&case, "more than you may approve").await;
        let silent = [("outbound-do", "answer_outbound"), ("outbound-outcome", "delivered"), ("version", now.as_str())];
        mei.post(&to, &silent).await;
        mei.says(&case, "the customer reads it").await;
        let (_, _, mut fin) = hire(&app, "Fin", "finance", free()).await;
        fin.post(&to, &answer).await;
        fin.says(&case, "This is for").await;
        assert!(!fin.get(page).await.1.contains("outbound-kind"), "finance asks nobody");
        let (_, _, mut lu) = hire(&app, "Lu", "warehouse", free()).await;
        lu.post(&to, &answer).await;
        let seen = lu.get(&case).await.1;
        assert!(seen.contains("The customer has been told what became of it") && seen.contains("Coming back"), "{seen}");
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["status"], "in_transit");
        let (_, _, mut stranger) = hire(&app, "Yu", "support", free()).await;
        assert_eq!(stranger.post("/staff/returns/R-0000-0000/outbound", &answer).await, "/not-found");
    }
}

on_both! {
    async fn a_shopper_says_that_something_did_not_arrive_and_nobody_else_sees_it(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&bought("1", sent())).await;
        app.put_order(&bought("2", json!([]))).await;
        let mut anna = Visitor::new(&app);
        let items = anna.post("/", &[("number", "1"), ("contact", "c1@example.com")]).await;
        let shown = anna.text(&items).await;
        assert!(shown.contains("Something did not arrive?"), "{shown}");
        let form = items.replace("/items", "/missing");
        assert_eq!(anna.post(&form, &[("order", "1"), ("delivery", "7")]).await, items);
        assert!(anna.text(&items).await.contains("no such delivery"));
        let said = [("order", "1"), ("delivery", "0"), ("missing-wish", "replacement"), ("missing-words", "I looked everywhere.")];
        assert_eq!(anna.post(&form, &[("order", "2"), ("delivery", "0")]).await, "/not-found", "only of what the draft is about");
        let page = anna.post(&form, &said).await;
        assert!(page.starts_with("/returns/R-"), "{page}");
        let seen = anna.text(&page).await;
        assert!(seen.contains("Your parcel did not reach you"), "{seen}");
        assert_eq!(anna.post(&form, &said).await, page, "pressed twice, it is one case");
        let rma = page.rsplit('/').next().unwrap();
        let (_, opened) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!((&opened["lines"][0]["resolution"], &opened["outbound"]["reported_by"]), (&json!("replacement"), &json!("customer")), "{opened}");
        app.run_jobs().await;
        assert!(last_mail(&app).0.contains("looking for your parcel"));

        let mut mallory = Visitor::new(&app);
        let other = mallory.post("/", &[("number", "2"), ("contact", "c2@example.com")]).await;
        assert!(!mallory.text(&other).await.contains("Something did not arrive?"), "nothing has left");
        let foreign = mallory.post(&other.replace("/items", "/missing"), &said).await;
        assert_eq!(foreign, "/not-found");
        assert!(!mallory.text(&page).await.contains("I looked everywhere."));
        assert!(!mallory.post(&form, &said).await.starts_with("/returns/R-"), "somebody else's draft");
        // It turned up.
        anna.post(&format!("{page}/cancel"), &[]).await;
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["status"], "cancelled");
    }
}
