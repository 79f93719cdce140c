//! What happens between a label and the end is told, too: the carrier has the parcel, it is repaired, money did not get through (issue 19); each once, and not
//! where it is over when it would go out.

use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::json;
use server::store::Scope;

use crate::app::{TestApp, order};
use crate::databases::on_both;
use crate::review::{Machine, approved};

/// How many mails have a subject that says so.
fn told(app: &TestApp, words: &str) -> usize {
    let says = |mail: &&String| MessageParser::default().parse(mail.as_bytes()).unwrap().subject().unwrap().contains(words);
    app.mails().iter().filter(says).count()
}

async fn ok(machine: &Machine<'_>, path: &str, body: serde_json::Value) -> serde_json::Value {
    let (status, answer) = machine.post(path, &body).await;
    assert_eq!(status, StatusCode::OK, "{path}: {answer}");
    answer
}

on_both! {
    async fn a_parcel_that_sets_out_is_told_once(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let words = "is on its way";
        for (number, statuses, expected) in
            [("1", &["accepted", "in_transit", "in_transit"][..], 1), ("2", &["in_transit"][..], 1), ("3", &["delivered"][..], 0), ("4", &["exception", "in_transit"][..], 0)]
        {
            let before = told(&app, words);
            let opened = approved(&app, number).await;
            app.run_jobs().await;
            let (_, now) = app.get(&format!("/returns/{}", opened["rma"].as_str().unwrap())).await;
            let parcel = now["parcels"][0]["tracking_number"].as_str().unwrap().to_owned();
            for status in statuses {
                app.services.clock.advance(jiff::SignedDuration::from_mins(1));
                let at = app.services.clock.now().to_string();
                ok(&staff, &format!("/returns/{}/scans", opened["rma"].as_str().unwrap()), json!({"tracking_number": parcel, "status": status, "at": at})).await;
                app.run_jobs().await;
            }
            assert_eq!(told(&app, words) - before, expected, "{statuses:?}");
        }
        // What is here by the time it would be told is not told of.
        let opened = approved(&app, "5").await;
        app.run_jobs().await;
        let rma = opened["rma"].as_str().unwrap();
        let (_, now) = app.get(&format!("/returns/{rma}")).await;
        let before = told(&app, words);
        ok(&staff, &format!("/returns/{rma}/scans"), json!({"tracking_number": now["parcels"][0]["tracking_number"], "status": "in_transit", "at": app.services.clock.now().to_string()})).await;
        ok(&staff, &format!("/returns/{rma}/receive"), json!({"warehouse": "HZ1"})).await;
        app.run_jobs().await;
        assert_eq!((told(&app, words) - before, told(&app, "has arrived")), (0, 1));
        // Nor what was handed over by then.
        let opened = approved(&app, "6").await;
        app.run_jobs().await;
        let rma = opened["rma"].as_str().unwrap();
        let (_, now) = app.get(&format!("/returns/{rma}")).await;
        for status in ["in_transit", "delivered"] {
            app.services.clock.advance(jiff::SignedDuration::from_mins(1));
            ok(&staff, &format!("/returns/{rma}/scans"), json!({"tracking_number": now["parcels"][0]["tracking_number"], "status": status, "at": app.services.clock.now().to_string()})).await;
        }
        app.run_jobs().await;
        assert_eq!(told(&app, words) - before, 0);
    }
}

on_both! {
    async fn money_that_did_not_get_through_is_told_unless_it_was_sent_again(database: Database) {
        let app = TestApp::start(database).await;
        let (staff, finance) = (Machine::with(&app, Scope::Staff).await, Machine::with(&app, Scope::Finance).await);
        let opened = approved(&app, "1").await;
        app.run_jobs().await;
        let path = format!("/returns/{}", opened["rma"].as_str().unwrap());
        ok(&staff, &format!("{path}/receive"), json!({"warehouse": "HZ1"})).await;
        ok(&staff, &format!("{path}/inspect"), json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]})).await;
        let granted = ok(&finance, &format!("{path}/grant"), json!({})).await;
        let amount = granted["granted"]["amount"].as_str().unwrap().to_owned();
        ok(&finance, &format!("{path}/pay"), json!({"method": "manual", "reference": "SEPA 1"})).await;
        app.run_jobs().await;
        let words = "did not get through";
        let failed = json!({"state": "reversed", "reason": "account closed"});
        for _ in 0..2 {
            ok(&finance, &format!("{path}/payments/p1"), failed.clone()).await;
            app.run_jobs().await;
        }
        assert_eq!(told(&app, words), 1);
        let mail = app.mails().into_iter().find(|mail| MessageParser::default().parse(mail.as_bytes()).unwrap().subject().unwrap().contains(words)).unwrap();
        let mail = MessageParser::default().parse(mail.as_bytes()).unwrap().body_text(0).unwrap().into_owned();
        assert!(mail.contains(&amount) && !mail.contains("account closed"), "{mail}");
        // The second time it is sent again before anybody is told.
        ok(&finance, &format!("{path}/pay"), json!({"method": "manual", "reference": "SEPA 2"})).await;
        app.run_jobs().await;
        ok(&finance, &format!("{path}/payments/p2"), failed).await;
        ok(&finance, &format!("{path}/pay"), json!({"method": "manual", "reference": "SEPA 3"})).await;
        app.run_jobs().await;
        assert_eq!(told(&app, words), 1);
    }
}

on_both! {
    async fn that_it_is_repaired_is_told_while_it_is(database: Database) {
        let app = TestApp::start(database).await;
        let (staff, finance) = (Machine::with(&app, Scope::Staff).await, Machine::with(&app, Scope::Finance).await);
        let words = "we repair it";
        for (number, ready, expected) in [("1", false, 1), ("2", true, 1)] {
            let mut bought = order(number);
            bought["customer"] = json!({"email": format!("c{number}@example.com"), "locale": "en"});
            app.put_order(&bought).await;
            let lamp = json!({"line": "2", "quantity": 1, "reason": "quality", "condition": "used", "resolution": "repair"});
            let (_, opened) = app.post("/returns", &json!({"orders": [number], "lines": [lamp], "method": "self_ship"})).await;
            let path = format!("/returns/{}", opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")));
            if opened["status"] == "in_review" {
                ok(&staff, &format!("{path}/review"), json!({"decision": "approve"})).await;
            }
            app.run_jobs().await;
            ok(&staff, &format!("{path}/receive"), json!({"warehouse": "HZ1"})).await;
            ok(&staff, &format!("{path}/inspect"), json!({"lines": [{"line": "2", "result": "accepted", "disposition": "repair"}]})).await;
            ok(&finance, &format!("{path}/grant"), json!({})).await;
            if ready {
                ok(&staff, "/repairs/R2/done", json!({"to": "send_back", "tracking_number": "SF9"})).await;
            }
            app.run_jobs().await;
            assert_eq!(told(&app, words), expected, "{number}");
        }
        assert_eq!(told(&app, "Your item for return"), 1, "what has left says so");
    }
}
