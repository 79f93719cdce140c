//! What inspection found becomes money: offered, promised and paid, from the order's books alone (A6, A10, B34, N8, P3, P20, P21).

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::review::{Machine, kinds};
use crate::talk::last_mail;

/// A return of `units` of something at 100.00 each, booked in and found so.
async fn found(app: &TestApp, desk: &Machine<'_>, number: &str, units: u32, resolution: &str, results: &Value) -> String {
    let rma = opened(app, number, units, resolution).await;
    let (status, received) = desk.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
    assert_eq!(status, StatusCode::OK, "{received}");
    let (status, looked) = desk.post(&format!("/returns/{rma}/inspect"), &json!({"lines": results})).await;
    assert_eq!(status, StatusCode::OK, "{looked}");
    rma
}

async fn opened(app: &TestApp, number: &str, units: u32, resolution: &str) -> String {
    let mut bought = order(number);
    bought["customer"] = json!({"id": format!("c-{number}"), "email": format!("c{number}@example.com"), "locale": "en"});
    bought["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": 5, "unit_price": "100.00"}]);
    bought["shipping"] = json!("0.00");
    bought["payments"] = json!([{"id": format!("pi_{number}"), "method": "card", "amount": "500.00"}]);
    app.put_order(&bought).await;
    let mut asked = request(number, "1", units);
    asked["lines"][0]["resolution"] = json!(resolution);
    let (_, opened) = app.post("/returns", &asked).await;
    assert_eq!(opened["status"], "approved", "{opened}");
    opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned()
}

fn accepted() -> Value {
    json!([{"line": "1", "result": "accepted", "disposition": "restock"}])
}

async fn events(app: &TestApp, rma: &str) -> Vec<String> {
    let timeline = app.get(&format!("/returns/{rma}/timeline")).await.1;
    timeline
        .as_array()
        .or_else(|| timeline["entries"].as_array())
        .unwrap_or_else(|| panic!("{timeline}"))
        .iter()
        .map(ToString::to_string)
        .collect()
}

on_both! {
    async fn what_was_accepted_is_promised_and_paid_once(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = found(&app, &desk, "1", 2, "refund", &accepted()).await;
        let (finance, path) = (Machine::with(&app, Scope::Finance).await, format!("/returns/{rma}"));
        assert_eq!(kinds(&desk.get(&path).await["tasks"]), ["settle"]);

        // Nothing is promised: nothing can be paid.
        let (status, early) = finance.post(&format!("{path}/pay"), &json!({"method": "manual"})).await;
        assert_eq!((status, early["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/not-possible")), "{early}");

        let (status, granted) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{granted}");
        assert_eq!((&granted["granted"]["amount"], granted["status"].as_str()), (&json!("200.00"), Some("granted")), "{granted}");
        let sum: f64 = granted["grants"][0]["receipt"].as_array().unwrap().iter().map(|row| row["amount"].as_str().unwrap().parse::<f64>().unwrap()).sum();
        assert!((sum - 200.0).abs() < 0.001, "{granted}");
        let (status, again) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &granted["version"]), "once");
        app.run_jobs().await;
        assert!(last_mail(&app).1.contains("200.00"), "{}", last_mail(&app).1);

        // No gateway is set up here.
        let (status, refused) = finance.post(&format!("{path}/pay"), &json!({"method": "gateway"})).await;
        assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("method")), "{refused}");
        let (status, refused) = finance.post(&format!("{path}/pay"), &json!({"method": "store_credit"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");

        let manual = json!({"method": "manual", "reference": "SEPA 14"});
        let (status, paid) = finance.post(&format!("{path}/pay"), &manual).await;
        assert_eq!(status, StatusCode::OK, "{paid}");
        assert_eq!((&paid["paid"]["amount"], &paid["status"], &paid["ended"]), (&json!("200.00"), &json!("completed"), &json!("paid")), "{paid}");
        assert_eq!(paid["payments"][0]["reference"], "SEPA 14");
        let (status, again) = finance.post(&format!("{path}/pay"), &manual).await;
        assert_eq!((status, &again["version"], again["payments"].as_array().unwrap().len()), (StatusCode::OK, &paid["version"], 1));
        app.run_jobs().await;
        assert!(last_mail(&app).1.contains("200.00"), "{}", last_mail(&app).1);
        let books = finance.get("/orders/1/books").await;
        assert_eq!((&books["granted"], &books["paid"], &books["expected"]), (&json!("200.00"), &json!("200.00"), &json!("0.00")), "{books}");

        // It came back from the bank: it is promised still, and paid again.
        let (status, back) = finance.post(&format!("{path}/payments/p1"), &json!({"state": "reversed", "reason": "The account is closed."})).await;
        assert_eq!((status, &back["paid"]["amount"]), (StatusCode::OK, &json!("0.00")), "{back}");
        assert_eq!(kinds(&desk.get(&path).await["tasks"]), ["pay"]);
        let (status, paid) = finance.post(&format!("{path}/pay"), &json!({"method": "manual", "reference": "SEPA 15"})).await;
        assert_eq!((status, &paid["paid"]["amount"]), (StatusCode::OK, &json!("200.00")), "{paid}");
        assert!(!events(&app, &rma).await.iter().any(|entry| entry.contains("The account is closed")), "that is for people at work");
    }
}

on_both! {
    async fn less_is_offered_first_and_the_answer_decides(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let (finance, staff) = (Machine::with(&app, Scope::Finance).await, Machine::with(&app, Scope::Staff).await);
        let worn = json!([{"line": "1", "result": "downgraded", "grade": "C", "deduct": {"percent": "30"}}]);

        // Accepted.
        let rma = found(&app, &desk, "1", 1, "refund", &worn).await;
        let path = format!("/returns/{rma}");
        let (status, early) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!(status, StatusCode::CONFLICT, "they are asked first: {early}");
        let (status, offered) = staff.post(&format!("{path}/offers"), &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{offered}");
        let offer = &offered["offers"][0];
        assert_eq!((&offer["expected"]["amount"], &offer["amount"]["amount"]), (&json!("100.00"), &json!("70.00")), "{offered}");
        app.run_jobs().await;
        assert!(last_mail(&app).1.contains("70.00") && last_mail(&app).1.contains("100.00"), "{}", last_mail(&app).1);
        let (status, again) = staff.post(&format!("{path}/offers"), &json!({})).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &offered["version"]), "{again}");
        let (status, yes) = app.post(&format!("{path}/offer"), &json!({"accept": true})).await;
        assert_eq!((status, &yes["settlements"][0]["expected"]), (StatusCode::OK, &json!("70.00")), "{yes}");
        let (status, granted) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!((status, &granted["granted"]["amount"]), (StatusCode::OK, &json!("70.00")), "{granted}");
        // What an appeal adds afterwards is at most what was taken off.
        let (status, much) = finance.post(&format!("{path}/grant"), &json!({"lines": [{"line": "1"}], "amount": "30.01"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{much}");
        let (status, more) = finance.post(&format!("{path}/grant"), &json!({"lines": [{"line": "1"}], "amount": "10.00"})).await;
        assert_eq!((status, &more["granted"]["amount"]), (StatusCode::OK, &json!("80.00")), "{more}");
        let books = finance.get("/orders/1/books").await;
        assert_eq!((&books["expected"], &books["offsets"]), (&json!("0.00"), &json!("0.00")), "{books}");

        // Another comes back whole: it brings what it is worth, whatever was taken off the first.
        let second = staff.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(second.0, StatusCode::FORBIDDEN, "staff keys open none");
        let (_, second) = app.post("/returns", &request("1", "1", 1)).await;
        let second = second["rma"].as_str().unwrap().to_owned();
        staff.post(&format!("/returns/{second}/receive"), &json!({})).await;
        staff.post(&format!("/returns/{second}/inspect"), &json!({"lines": accepted()})).await;
        let (_, whole) = finance.post(&format!("/returns/{second}/grant"), &json!({})).await;
        assert_eq!(whole["granted"]["amount"], "100.00", "{whole}");

        // They say that it is wrong, and a person agrees.
        let rma = found(&app, &desk, "2", 1, "refund", &worn).await;
        let path = format!("/returns/{rma}");
        staff.post(&format!("{path}/offers"), &json!({"lines": [{"line": "1"}], "amount": "55.50"})).await;
        let (_, no) = app.post(&format!("{path}/offer"), &json!({"appeal": "It was like that."})).await;
        assert_eq!(no["offers"][0]["state"], "appealed", "{no}");
        let (status, all) = staff.post(&format!("{path}/offers"), &json!({"lines": [{"line": "1"}], "amount": "100.00"})).await;
        assert_eq!((status, &all["offers"][1]["state"]), (StatusCode::OK, &json!("accepted")), "{all}");
        app.run_jobs().await;
        assert!(last_mail(&app).1.contains("nothing is taken off"), "{}", last_mail(&app).1);
        let (_, granted) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!(granted["granted"]["amount"], "100.00", "{granted}");

        // They want it back: no money, and the next one on the order is as if it had never come.
        let rma = found(&app, &desk, "3", 1, "refund", &worn).await;
        let path = format!("/returns/{rma}");
        staff.post(&format!("{path}/offers"), &json!({})).await;
        app.post(&format!("{path}/offer"), &json!({"send_back": true})).await;
        let (status, none) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{none}");
        let (_, sent) = staff.post(&format!("{path}/send-back"), &json!({})).await;
        assert_eq!(sent["status"], "sent_back", "{sent}");
        assert_eq!(finance.get("/orders/3/books").await["expected"], "0.00");
    }
}

on_both! {
    async fn rules_pay_out_what_they_may_and_leave_the_rest(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 30}}],
            "resolution": [{"id": "all", "then": {"offer": ["refund", "store_credit"]}}],
            "grade": [{"id": "all", "then": {"C": 30}}],
            "payout": [
                {"id": "small", "when": {"result": ["accepted", "downgraded"]}, "then": {"by": "rules", "up_to": {"CNY": "250.00"}}}
            ]})).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        let rma = found(&app, &desk, "1", 2, "refund", &accepted()).await;
        let small = desk.get(&format!("/returns/{rma}")).await;
        assert_eq!((&small["granted"]["amount"], kinds(&small["tasks"])), (&json!("200.00"), vec!["pay"]), "no gateway: a person pays: {small}");
        let rma = found(&app, &desk, "2", 3, "refund", &accepted()).await;
        let large = desk.get(&format!("/returns/{rma}")).await;
        assert_eq!((&large["granted"]["amount"], kinds(&large["tasks"])), (&json!("0.00"), vec!["settle"]), "{large}");
        // Credit needs nobody's hand.
        let rma = found(&app, &desk, "3", 2, "store_credit", &accepted()).await;
        let credit = finance.get(&format!("/returns/{rma}")).await;
        assert_eq!((&credit["paid"]["amount"], credit["status"].as_str()), (&json!("200.00"), Some("completed")), "{credit}");
        // Less is offered by itself, and granted once they agree.
        let rma = found(&app, &desk, "4", 1, "refund", &json!([{"line": "1", "result": "downgraded", "grade": "C"}])).await;
        let path = format!("/returns/{rma}");
        let less = finance.get(&path).await;
        assert_eq!((&less["offers"][0]["amount"]["amount"], less["status"].as_str()), (&json!("70.00"), Some("offered")), "{less}");
        let (_, yes) = app.post(&format!("{path}/offer"), &json!({"accept": true})).await;
        assert_eq!(yes["granted"]["amount"], "70.00", "{yes}");
    }
}

on_both! {
    async fn rules_pay_by_how_many_returns_the_customer_opened_before(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 3650}}],
            "payout": [{"id": "seldom", "when": {"prior_returns": {"max": 1}}, "then": {"by": "rules", "early": "submission"}}]})).await;
        let granted = async |rma: &str| desk.get(&format!("/returns/{rma}")).await["granted"]["amount"].clone();
        let open = async || {
            app.services.clock.advance(SignedDuration::from_hours(1));
            let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
            opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned()
        };
        let first = opened(&app, "1", 1, "refund").await;
        assert_eq!(granted(&first).await, "100.00", "none before: at once");
        assert_eq!(granted(&open().await).await, "100.00", "one before");
        let third = open().await;
        assert_eq!(granted(&third).await, "0.00", "two before: a person decides");
        // Those that come after it change nothing for one that was opened before.
        desk.post(&format!("/returns/{third}/receive"), &json!({"warehouse": "HZ1"})).await;
        desk.post(&format!("/returns/{third}/inspect"), &json!({"lines": accepted()})).await;
        assert_eq!(granted(&third).await, "0.00");
        // A year later they are forgotten.
        app.services.clock.advance(SignedDuration::from_hours(24 * 366));
        assert_eq!(granted(&open().await).await, "100.00");
    }
}

on_both! {
    async fn what_goes_out_instead_is_followed_to_the_end_or_becomes_money(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 30}}],
            "resolution": [{"id": "all", "then": {"offer": ["replacement", "refund"]}}]})).await;
        let (finance, staff) = (Machine::with(&app, Scope::Finance).await, Machine::with(&app, Scope::Staff).await);
        for (number, steps) in [("1", vec!["ordered", "shipped", "delivered"]), ("2", vec!["called_off"])] {
            let rma = found(&app, &desk, number, 1, "replacement", &accepted()).await;
            let path = format!("/returns/{rma}");
            let (status, owed) = finance.post(&format!("{path}/grant"), &json!({})).await;
            assert_eq!((status, &owed["remedies"][0]["state"]), (StatusCode::OK, &json!("due")), "{owed}");
            assert_eq!(owed["granted"]["amount"], "0.00", "{owed}");
            for step in steps {
                let (status, moved) = staff.post(&format!("{path}/remedies/m1"), &json!({"state": step, "reference": "OUT-1"})).await;
                assert_eq!((status, &moved["remedies"][0]["state"]), (StatusCode::OK, &json!(step)), "{moved}");
            }
            let (status, back) = staff.post(&format!("{path}/remedies/m1"), &json!({"state": "reserved"})).await;
            assert_eq!(status, StatusCode::CONFLICT, "{back}");
            let now = finance.get(&path).await;
            if number == "1" {
                assert_eq!((now["status"].as_str(), now["ended"].as_str()), (Some("completed"), Some("replaced")), "{now}");
            } else {
                let (_, granted) = finance.post(&format!("{path}/grant"), &json!({})).await;
                assert_eq!(granted["granted"]["amount"], "100.00", "{granted}");
            }
        }
    }
}

on_both! {
    async fn bad_input_is_said_field_by_field_and_changes_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let rma = found(&app, &desk, "1", 1, "refund", &accepted()).await;
        let (finance, staff) = (Machine::with(&app, Scope::Finance).await, Machine::with(&app, Scope::Staff).await);
        let path = format!("/returns/{rma}");
        finance.post(&format!("{path}/grant"), &json!({})).await;
        let version = finance.get(&path).await["version"].clone();
        for (call, body, field) in [
            ("pay", json!({"method": "cheque"}), "method"),
            ("pay", json!({"method": "gateway", "reference": "x"}), "reference"),
            ("pay", json!({"method": "manual", "reference": " "}), "reference"),
            ("pay", json!({"method": "manual", "grant": "7"}), "grant"),
            ("grant", json!({"amount": "1.00"}), "lines"),
            ("grant", json!({"lines": []}), "lines"),
            ("grant", json!({"lines": [{"line": "9"}]}), "lines[0]"),
        ] {
            let (status, problem) = finance.post(&format!("{path}/{call}"), &body).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{call} {body}: {problem}");
        }
        for (call, body, expected) in [
            ("pay", json!({"method": "manual", "grant": "g9"}), StatusCode::NOT_FOUND),
            ("payments/p9", json!({"state": "paid"}), StatusCode::NOT_FOUND),
            ("pay", json!({"method": "manual", "version": 1}), StatusCode::CONFLICT),
        ] {
            let (status, problem) = finance.post(&format!("{path}/{call}"), &body).await;
            assert_eq!(status, expected, "{call} {body}: {problem}");
        }
        for call in ["grant", "pay", "payments/p1"] {
            let (status, problem) = staff.post(&format!("{path}/{call}"), &json!({"state": "paid"})).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{call}: {problem}");
        }
        for call in ["offers", "remedies/m1"] {
            let (status, problem) = finance.post(&format!("{path}/{call}"), &json!({"state": "shipped"})).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{call}: {problem}");
        }
        assert_eq!(finance.get(&path).await["version"], version);
    }
}

#[tokio::test]
async fn the_example_of_the_readme_pays_by_rules() {
    let readme = std::fs::read_to_string("../README.md").unwrap();
    let chapter = readme.split("### Rules that pay").nth(1).unwrap();
    let example = chapter.split("```json").nth(1).unwrap().split("```").next().unwrap();
    let policy = domain::policy::reload(example).unwrap();
    assert_eq!(policy.payout.len(), 2);
    let allows = |minor: i64, currency: &str| policy.payout[1].then.allows(domain::money::Money::new(minor, currency.parse().unwrap()));
    assert_eq!([allows(25_000, "EUR"), allows(25_001, "EUR"), allows(100, "CNY")], [true, false, false], "another currency is a person's");
}

on_both! {
    async fn so_much_is_paid_once_two_people_looked(database: Database) {
        let app = TestApp::start(database).await;
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 30}}],
            "resolution": [{"id": "all", "then": {"offer": ["refund"]}}],
            "payout": [{"id": "large", "then": {"second_look_above": {"CNY": "150.00"}}}]})).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        let (finance, second) = (Machine::with(&app, Scope::Finance).await, Machine::named(&app, "till", Scope::Finance).await);
        let rma = found(&app, &desk, "1", 2, "refund", &json!([{"line": "1", "quantity": 1, "result": "accepted", "disposition": "restock"}])).await;
        let path = format!("/returns/{rma}");

        // A hundred is little, and two hundred in two pieces is not.
        let (_, little) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!((little["grants"][0]["hold"].as_str(), &little["granted"]["amount"]), (None, &json!("100.00")), "{little}");
        desk.post(&format!("{path}/inspect"), &json!({"lines": accepted()})).await;
        let (status, much) = finance.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!((status, much["grants"][1]["hold"].as_str()), (StatusCode::OK, Some("second_look")), "{much}");
        assert_eq!(kinds(&desk.get(&path).await["tasks"]), ["release", "pay"]);

        // What is not on hold is paid; the rest is refused, by name too.
        let manual = json!({"method": "manual", "reference": "SEPA 1"});
        let (_, paid) = finance.post(&format!("{path}/pay"), &manual).await;
        assert_eq!(paid["paid"]["amount"], "100.00", "{paid}");
        for again in [manual, json!({"method": "manual", "grant": "g2"})] {
            let (status, held) = finance.post(&format!("{path}/pay"), &again).await;
            assert_eq!((status, held["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/on-hold")), "{held}");
        }

        // Who promised it does not release it; somebody else does, once.
        let released = json!({"state": "released"});
        let (status, own) = finance.post(&format!("{path}/grants/g2"), &released).await;
        assert_eq!((status, own["type"].as_str()), (StatusCode::FORBIDDEN, Some("/problems/second-person")), "{own}");
        let (status, free) = second.post(&format!("{path}/grants/g2"), &released).await;
        assert_eq!((status, free["grants"][1]["hold"].as_str()), (StatusCode::OK, None), "{free}");
        let (_, again) = second.post(&format!("{path}/grants/g2"), &released).await;
        assert_eq!(again["version"], free["version"], "once");

        // Anybody stops it with a word for colleagues, and lets it go.
        let (status, held) = second.post(&format!("{path}/grants/g2"), &json!({"state": "held", "note": "The bank asks who they are."})).await;
        assert_eq!((status, held["grants"][1]["hold"].as_str()), (StatusCode::OK, Some("stopped")), "{held}");
        assert!(!app.get(&format!("{path}/timeline")).await.1.to_string().contains("The bank asks"), "that is for people at work");
        let (status, _) = second.post(&format!("{path}/pay"), &json!({"method": "manual", "reference": "SEPA 2"})).await;
        assert_eq!(status, StatusCode::CONFLICT);
        second.post(&format!("{path}/grants/g2"), &released).await;
        let (status, paid) = second.post(&format!("{path}/pay"), &json!({"method": "manual", "reference": "SEPA 2"})).await;
        assert_eq!((status, &paid["paid"]["amount"]), (StatusCode::OK, &json!("200.00")), "{paid}");
        let (status, late) = second.post(&format!("{path}/grants/g2"), &json!({"state": "held"})).await;
        assert_eq!((status, late["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/not-possible")), "it has left: {late}");
        let (status, none) = second.post(&format!("{path}/grants/g7"), &released).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{none}");
    }
}
