//! What a policy's rules say of goods at the dock: a percentage by grade, the merchant's own form, and where goods go (C18-C20, P2, P28).

use domain::returns::{Actor, ByRule, Deduction, Disposition, Event, History, Looked, Proposed};
use domain::rma::RmaNumber;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::{self, Scope};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::review::{Machine, kinds};
use crate::staff::{free, hire};

/// The example of "Rules for the dock" in README.
fn example() -> Value {
    let readme = std::fs::read_to_string("../README.md").unwrap();
    let chapter = readme.split("### Rules for the dock").nth(1).unwrap();
    serde_json::from_str(chapter.split("```json").nth(1).unwrap().split("```").next().unwrap()).unwrap()
}

/// In force for all orders.
pub async fn publish(app: &TestApp, policy: &Value) {
    let services = &app.services;
    let now = services.clock.now();
    let from = now - SignedDuration::from_hours(24 * 400);
    let shop = services.policy_shop();
    services.policies.publish(&services.store, &policy.to_string(), shop, from, now, true).await.unwrap();
}

/// A return of five players whose serial numbers the order tells, booked in.
async fn players(app: &TestApp, number: &str, staff: &Machine<'_>) -> String {
    let mut bought = order(number);
    bought["customer"] = json!({"email": format!("c{number}@example.com"), "locale": "en"});
    bought["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Player", "category": "electronics", "quantity": 5, "unit_price": "99.00",
        "serials": ["SN1", "SN2", "SN3", "SN4", "SN5"]}]);
    bought["payments"] = json!([]);
    app.put_order(&bought).await;
    let (_, opened) = app.post("/returns", &request(number, "1", 5)).await;
    assert_eq!(opened["status"], "approved", "{opened}");
    let rma = opened["rma"].as_str().unwrap().to_owned();
    let (status, received) = staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
    assert_eq!(status, StatusCode::OK, "{received}");
    rma
}

async fn history(app: &TestApp, rma: &str) -> History {
    let rma: RmaNumber = rma.parse().unwrap();
    let mut read = app.services.store.read().await.unwrap();
    store::history_of(&mut read.conn(), rma).await.unwrap().unwrap()
}

/// The last things that were looked at, and the last that were put somewhere, with who put them there.
fn last(history: &History) -> (Looked, Option<(Actor, Disposition, Option<Proposed>)>) {
    let looked = history.events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::Inspected { items } => items.last().cloned().map(|item| (recorded.command_id.clone(), item)),
        _ => None,
    });
    let (command, looked) = looked.unwrap();
    let put = history.events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::Disposed { to, proposed, .. } if recorded.command_id == command => Some((recorded.actor.clone(), *to, proposed.clone())),
        _ => None,
    });
    (looked, put)
}

async fn stock(machine: &Machine<'_>) -> [i64; 5] {
    let told = machine.get("/stock/HZ1/TEE").await;
    ["sellable", "quarantine", "defective", "in_repair", "promotion"].map(|state| told[state].as_i64().unwrap_or_else(|| panic!("{told}")))
}

on_both! {
    async fn goods_go_where_rules_say_and_elsewhere_for_a_reason(database: Database) {
        let app = TestApp::start(database).await;
        publish(&app, &example()).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rma = players(&app, "1", &staff).await;
        let path = format!("/returns/{rma}/inspect");
        let yes = || json!([{"question": "starts", "answer": "yes"}]);
        let one = |more: Value| {
            let mut line = json!({"line": "1", "quantity": 1, "answers": yes()});
            line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"lines": [line]})
        };

        // As new: back on the shelf, by itself (C19).
        let good = one(json!({"result": "accepted", "grade": "A"}));
        let (status, looked) = staff.post(&path, &good).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        assert_eq!(stock(&staff).await, [1, 4, 0, 0, 0]);
        let (seen, put) = last(&history(&app, &rma).await);
        let (actor, to, proposed) = put.unwrap();
        assert_eq!((actor, to), (Actor::System, Disposition::Restock), "by rule");
        let Proposed { to, by: ByRule { policy, rule, read }, otherwise } = proposed.unwrap();
        assert_eq!((to, policy, rule.as_str(), otherwise), (Disposition::Restock, 2, "as-new", None));
        let read: Vec<_> = read.iter().map(|read| (read.fact.as_str(), read.value.as_deref(), read.wants.as_str())).collect();
        assert_eq!(read, [("grade", Some("A"), "A"), ("result", Some("accepted"), "accepted")], "the trace is kept");
        assert_eq!((seen.answers.given.len(), seen.answers.form.unwrap().rule.as_str()), (1, "electronics"));

        // Not what was said: kept apart (C20). Found to be less by its answers alone: a percentage by grade, and nothing final before the offer.
        let (status, _) = staff.post(&path, &one(json!({"result": "rejected"}))).await;
        assert_eq!(status, StatusCode::OK);
        let (_, put) = last(&history(&app, &rma).await);
        assert_eq!(put.map(|(_, to, proposed)| (to, proposed.unwrap().by.rule.to_string())), Some((Disposition::Quarantine, "not-ours".into())));
        let scratched = json!([{"question": "starts", "answer": "yes"}, {"question": "screen", "answer": "scratched"}]);
        let (status, looked) = staff.post(&path, &json!({"lines": [{"line": "1", "quantity": 1, "answers": scratched}]})).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        let (seen, put) = last(&history(&app, &rma).await);
        assert_eq!((seen.found.found().unwrap().code(), seen.grade.unwrap().code()), ("downgraded", "C"));
        assert_eq!((seen.deduct, seen.deduct_rule.unwrap().rule.as_str()), (Some(Deduction::Percent(domain::policy::BasisPoints(3_000))), "all"));
        assert_eq!(put, None, "the customer may want it back");
        assert!(kinds(&staff.get(&format!("/returns/{rma}")).await["tasks"]).contains(&"put_away"));

        // Slight traces of trying it out are the law's, in China: a person says how much is taken off, if anything.
        let (_, looked) = staff.post(&path, &one(json!({"result": "downgraded", "grade": "B"}))).await;
        let (seen, _) = last(&history(&app, &rma).await);
        assert_eq!((seen.deduct, seen.deduct_rule), (None, None), "{looked}");

        // Elsewhere only for a reason, which is kept, and counted by who said so and rule.
        let elsewhere = json!({"result": "accepted", "grade": "A", "disposition": "resell"});
        let (status, refused) = staff.post(&path, &one(elsewhere.clone())).await;
        assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("lines[0].reason")), "{refused}");
        assert!(refused["errors"][0].to_string().contains("as-new"), "{refused}");
        let mut told = elsewhere;
        told["reason"] = json!("The box is torn.");
        let (status, looked) = staff.post(&path, &one(told)).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        let (_, put) = last(&history(&app, &rma).await);
        let (actor, to, proposed) = put.unwrap();
        assert!(matches!(actor, Actor::Api { .. }));
        assert_eq!((to, proposed.unwrap().otherwise.as_deref()), (Disposition::Resell, Some("The box is torn.")));
        assert_eq!(app.database.texts("SELECT rule FROM overrides").await, ["disposition:as-new"], "once");
        assert_eq!(stock(&staff).await, [1, 3, 0, 0, 1]);

        // The shopper reads of none of this.
        let timeline = app.get(&format!("/returns/{rma}/timeline")).await.1.to_string();
        assert!(!["as-new", "torn", "scratched", "SN1"].iter().any(|inside| timeline.contains(inside)), "{timeline}");
    }
}

on_both! {
    async fn answers_are_checked_against_the_form_and_the_order(database: Database) {
        let app = TestApp::start(database).await;
        publish(&app, &example()).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rma = players(&app, "1", &staff).await;
        let path = format!("/returns/{rma}/inspect");
        let started = |more: &[(&str, &str)]| {
            let all = [&[("starts", "yes")], more].concat();
            all.iter().map(|(question, answer)| json!({"question": question, "answer": answer})).collect::<Vec<Value>>()
        };
        let say = |answers: Vec<Value>, units: u32, result: &str| {
            json!({"lines": [{"line": "1", "quantity": units, "result": result, "answers": answers}]})
        };
        let before = history(&app, &rma).await.request.version;
        let many: Vec<Value> = (0..21).map(|id| json!({"question": format!("q{id}"), "answer": "1"})).collect();
        for (body, field, says) in [
            (json!({"lines": [{"line": "1"}]}), "lines[0].result", "answers"),
            (say(Vec::new(), 1, "accepted"), "lines[0].answers.starts", "must be answered"),
            (say(started(&[("nope", "1")]), 1, "accepted"), "lines[0].answers.nope", "no question"),
            (say(started(&[("screen", "cracked")]), 1, "accepted"), "lines[0].answers.screen", "fine, scratched"),
            (say(started(&[("battery", "full")]), 1, "accepted"), "lines[0].answers.battery", "whole number"),
            (say(started(&[("serial", "SN1")]), 2, "accepted"), "lines[0].answers.serial", "1 serial numbers for 2 units"),
            (say(started(&[("serial", "SN9")]), 1, "accepted"), "lines[0].answers.serial", "`SN9` was not sold"),
            (say(started(&[("starts", "no")]), 1, "accepted"), "lines[0].answers[1].question", "answered already"),
            (say(started(&[("serial", &"x".repeat(501))]), 1, "accepted"), "lines[0].answers[1].answer", "500"),
            (say(started(&[("serial", "")]), 1, "accepted"), "lines[0].answers[1].answer", "500"),
            (say(many, 1, "accepted"), "lines[0].answers", "20"),
        ] {
            let (status, refused) = staff.post(&path, &body).await;
            assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{body}: {refused}");
            assert!(refused["errors"][0].to_string().contains(says), "{says}: {refused}");
        }
        assert_eq!(history(&app, &rma).await.request.version, before, "nothing happened");
        // Another article is what it is; or it is taken for a reason.
        assert_eq!(staff.post(&path, &say(started(&[("serial", "SN9")]), 1, "rejected")).await.0, StatusCode::OK);
        let mut taken = say(started(&[("serial", "sn1, SN8")]), 2, "accepted");
        taken["lines"][0]["answers"][1]["reason"] = json!("Replaced under guarantee.");
        taken["lines"][0]["grade"] = json!("A");
        let (status, looked) = staff.post(&path, &taken).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        let (seen, _) = last(&history(&app, &rma).await);
        let serial = seen.answers.given.iter().find(|one| one.question.as_str() == "serial").unwrap();
        assert_eq!((serial.answer.as_str(), serial.why.as_deref()), ("sn1, SN8", Some("Replaced under guarantee.")));
        // What was sold needs no reason, and keeps none.
        let mut sold = say(started(&[("serial", "SN2")]), 1, "accepted");
        sold["lines"][0]["answers"][1]["reason"] = json!("no need");
        assert_eq!(staff.post(&path, &sold).await.0, StatusCode::OK);
        let (seen, _) = last(&history(&app, &rma).await);
        assert!(seen.answers.given.iter().all(|one| one.why.is_none()), "{:?}", seen.answers);
    }
}

on_both! {
    async fn what_rules_are_published_later_never_reach_what_was_bought_before(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rma = players(&app, "1", &staff).await;
        let services = &app.services;
        let now = services.clock.now();
        services.policies.publish(&services.store, &example().to_string(), services.policy_shop(), now, now, false).await.unwrap();
        let found = json!({"lines": [{"line": "1", "quantity": 2, "result": "accepted", "grade": "A"}, {"line": "1", "quantity": 1, "result": "downgraded", "grade": "C"}]});
        let (status, looked) = staff.post(&format!("/returns/{rma}/inspect"), &found).await;
        assert_eq!(status, StatusCode::OK, "no answer is asked for: {looked}");
        let (seen, put) = last(&history(&app, &rma).await);
        assert_eq!((seen.deduct, put), (None, None), "a person decides, as before");
        assert_eq!(stock(&staff).await, [0, 5, 0, 0, 0]);
        let unknown = json!({"lines": [{"line": "1", "quantity": 1, "result": "accepted", "answers": [{"question": "starts", "answer": "yes"}]}]});
        let (status, refused) = staff.post(&format!("/returns/{rma}/inspect"), &unknown).await;
        assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("lines[0].answers.starts")), "{refused}");
    }
}

on_both! {
    async fn no_rule_destroys_what_only_a_lawful_ground_may(database: Database) {
        let app = TestApp::start(database).await;
        let mut policy = example();
        policy["disposition"] = json!([{"id": "worthless", "when": {"grade": "D"}, "then": {"to": "scrap"}}]);
        publish(&app, &policy).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        for (number, country, scrapped) in [("1", "DE", false), ("2", "CN", true)] {
            let mut bought = order(number);
            bought["ship_to"] = json!({"country": country});
            bought["customer"] = json!({"email": format!("c{number}@example.com"), "locale": "en"});
            app.put_order(&bought).await;
            let (_, opened) = app.post("/returns", &request(number, "1", 1)).await;
            let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
            staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
            let found = json!({"lines": [{"line": "1", "result": "accepted", "grade": "D"}]});
            let (status, looked) = staff.post(&format!("/returns/{rma}/inspect"), &found).await;
            assert_eq!(status, StatusCode::OK, "{looked}");
            let lot = &looked["lines"][0]["lots"][0];
            assert_eq!((lot["inspection"].as_str(), lot["disposition"] == "scrap"), (Some("accepted"), scrapped), "{country}: {looked}");
        }
    }
}

on_both! {
    async fn at_the_dock_the_form_asks_and_the_proposal_is_said(database: Database) {
        let app = TestApp::start(database).await;
        publish(&app, &example()).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rma = players(&app, "1", &staff).await;
        let (.., mut li) = hire(&app, "Li", "warehouse", free()).await;
        let (.., mut ann) = hire(&app, "Ann", "admin", free()).await;
        let page = format!("/staff/returns/{rma}");
        let shown = li.get(&page).await.1;
        for says in ["Does it start?", "Serial number", "answer|battery|1", "as the rules say", "Sell for less (rule worn)", "Back on the shelf (rule as-new)", "C: 30%", "As the answers below say"] {
            assert!(shown.contains(says), "{says}: {shown}");
        }
        assert!(!shown.contains("B: 10%"), "what the law keeps from a rule is not promised by one");

        let version = async || app.get(&format!("/returns/{rma}")).await.1["version"].to_string();
        let seen = version().await;
        let base = [("line", "1"), ("version", seen.as_str()), ("units|1", "1")];
        for (fields, says) in [
            (&[("result|1", "accepted")][..], "Please answer this question"),
            (&[("result|1", "answers")][..], "Please answer this question"),
            (&[("result|1", "accepted"), ("answer|starts|1", "yes"), ("answer|battery|1", "lots")][..], "Enter a whole number"),
            (&[("result|1", "accepted"), ("answer|starts|1", "yes"), ("answer|serial|1", "SN9")][..], "SN9 was not sold with this order"),
            (&[("result|1", "accepted"), ("answer|starts|1", "yes"), ("grade|1", "A"), ("to|1", "donate")][..], "The rule as-new sends it to another place: Back on the shelf"),
        ] {
            assert_eq!(li.post(&format!("{page}/inspect"), &[&base[..], fields].concat()).await, page);
            let shown = li.get(&page).await.1;
            assert!(shown.contains(says), "{says}: {shown}");
        }
        assert_eq!(version().await, seen, "nothing happened");
        // By its answers alone: what is scratched is worth less, and waits to be put away with the rule's place chosen already.
        let fields = [("result|1", "answers"), ("answer|starts|1", "yes"), ("answer|screen|1", "scratched"), ("answer|serial|1", "SN3")];
        assert_eq!(li.post(&format!("{page}/inspect"), &[&base[..], &fields].concat()).await, page);
        let shown = li.get(&page).await.1;
        for says in ["Proposed: Sell for less (rule worn)", "30% taken off", "by rule all", "The screen", "SN3"] {
            assert!(shown.contains(says), "{says}: {shown}");
        }
        let put = shown.split("id=\"do-put\"").nth(1).unwrap();
        assert!(put.split("</form>").next().unwrap().contains("value=\"resell\" selected"), "{put}");

        let lot = history(&app, &rma).await.request.lots().find(|(_, lot)| lot.grade.is_some()).unwrap().1.id;
        let (to, why, seen) = (format!("to|{lot}"), format!("why|{lot}"), version().await);
        assert_eq!(li.post(&format!("{page}/put"), &[(to.as_str(), "repair"), ("version", &seen)]).await, page);
        li.says(&page, "The rule worn sends it to another place: Sell for less").await;
        assert_eq!(li.post(&format!("{page}/put"), &[(to.as_str(), "repair"), (why.as_str(), "A new screen is here."), ("version", &seen)]).await, page);
        assert_eq!(stock(&staff).await, [0, 4, 0, 1, 0]);
        let shown = li.get(&page).await.1;
        assert!(shown.contains("The rule worn said: Sell for less. A new screen is here."), "{shown}");
        assert!(ann.get("/staff/people").await.1.contains("rule worn"), "counted by person and rule");

        // Taken back at once it is not counted either.
        let command = shown.split("/take-back\"").nth(1).and_then(|form| form.split("value=\"").nth(1)?.split('"').next().map(str::to_owned)).unwrap();
        li.post(&format!("{page}/take-back"), &[("command", &command)]).await;
        assert_eq!(app.database.texts("SELECT rule FROM overrides").await, [""; 0]);
        // And what a rule did goes back with what somebody did before it.
        let seen = version().await;
        let fields = [("line", "1"), ("version", seen.as_str()), ("units|1", "1"), ("result|1", "accepted"), ("grade|1", "A"), ("answer|starts|1", "yes")];
        assert_eq!(li.post(&format!("{page}/inspect"), &fields).await, page);
        assert_eq!(stock(&staff).await, [1, 4, 0, 0, 0]);
        let shown = li.get(&page).await.1;
        let command = shown.split("/take-back\"").nth(1).and_then(|form| form.split("value=\"").nth(1)?.split('"').next().map(str::to_owned)).unwrap();
        li.post(&format!("{page}/take-back"), &[("command", &command)]).await;
        assert_eq!(stock(&staff).await, [0, 5, 0, 0, 0]);
    }
}
