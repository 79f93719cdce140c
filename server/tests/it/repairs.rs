//! Repair orders: opened for what comes to the workshop, carried on there, and ended where the goods go (C23, C24).

use domain::returns::{CommandKind, Disposition};
use domain::staff::StaffLimits;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::services::{Access, ChangeError, PutAway};
use server::store::Scope;

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::review::{Machine, kinds};
use crate::staff::{audit, free, hire};
use crate::talk::last_mail;

/// A return of two of one thing that came and were accepted: one is sold again, the other lies in the workshop.
async fn one_of_two(app: &TestApp, staff: &Machine<'_>, number: &str) -> String {
    let mut bought = order(number);
    bought["customer"] = json!({"email": format!("c{number}@example.com"), "locale": "en"});
    bought["lines"][0]["sku"] = json!("TEE");
    bought["lines"][0]["name"] = json!("Tee");
    bought["payments"] = json!([]);
    app.put_order(&bought).await;
    let (_, opened) = app.post("/returns", &request(number, "1", 2)).await;
    let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
    app.run_jobs().await;
    staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
    let found = json!({"lines": [
        {"line": "1", "quantity": 1, "result": "accepted", "disposition": "restock"},
        {"line": "1", "quantity": 1, "result": "accepted", "grade": "C", "disposition": "repair"}]});
    let (status, looked) = staff.post(&format!("/returns/{rma}/inspect"), &found).await;
    assert_eq!(status, StatusCode::OK, "{looked}");
    rma
}

/// A lamp that its customer wants repaired; it came, and lies in the workshop.
async fn theirs(app: &TestApp, staff: &Machine<'_>, number: &str) -> String {
    theirs_of(app, staff, number, json!({})).await
}

/// The same, of an order of which that is told, too.
async fn theirs_of(app: &TestApp, staff: &Machine<'_>, number: &str, told: Value) -> String {
    let mut bought = order(number);
    bought["customer"] = json!({"email": format!("c{number}@example.com"), "locale": "en"});
    bought["payments"] = json!([]);
    told.as_object().into_iter().flatten().for_each(|(field, value)| bought[field] = value.clone());
    app.put_order(&bought).await;
    let lamp = json!({"line": "2", "quantity": 1, "reason": "quality", "condition": "used", "resolution": "repair"});
    let (_, opened) = app.post("/returns", &json!({"orders": [number], "lines": [lamp], "method": "self_ship"})).await;
    let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
    if opened["status"] == "in_review" {
        let (status, approved) = staff.review(&rma, json!({"decision": "approve"})).await;
        assert_eq!(status, StatusCode::OK, "{approved}");
    }
    app.run_jobs().await;
    staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
    let found = json!({"lines": [{"order": number, "line": "2", "result": "accepted", "disposition": "repair"}]});
    let (status, looked) = staff.post(&format!("/returns/{rma}/inspect"), &found).await;
    assert_eq!(status, StatusCode::OK, "{looked}");
    rma
}

async fn stock(staff: &Machine<'_>, sku: &str) -> [i64; 4] {
    let told = staff.get(&format!("/stock/HZ1/{sku}")).await;
    ["sellable", "quarantine", "in_repair", "scrapped"].map(|state| told[state].as_i64().unwrap_or_else(|| panic!("{told}")))
}

/// Orders that go on: name and state.
async fn open(staff: &Machine<'_>) -> Vec<(String, String)> {
    let page = staff.get("/repairs").await;
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_else(|| panic!("{one}")).to_owned();
    page["items"].as_array().unwrap_or_else(|| panic!("{page}")).iter().map(|one| (text(one, "id"), text(one, "state"))).collect()
}

fn steps(order: &Value) -> Vec<&str> {
    order["steps"].as_array().unwrap_or_else(|| panic!("{order}")).iter().map(|step| step["step"].as_str().unwrap()).collect()
}

/// What people read of a return, in a row.
async fn told(app: &TestApp, rma: &str) -> Vec<String> {
    let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
    timeline["entries"].as_array().unwrap().iter().map(|entry| entry["code"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn what_comes_to_the_workshop_has_an_order_and_is_sold_again_once_it_is_done(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rma = one_of_two(&app, &staff, "1").await;
        assert_eq!(stock(&staff, "TEE").await, [1, 0, 1, 0]);
        assert_eq!(open(&staff).await, [("R1".into(), "waiting".into())]);
        assert!(kinds(&staff.get(&format!("/returns/{rma}")).await["tasks"]).contains(&"repair"));
        let order = staff.get("/repairs/R1").await;
        assert_eq!(
            (order["serves"].as_str(), order["units"].as_i64(), order["sku"].as_str(), order["warehouse"].as_str(), order["currency"].as_str(), order["late"].as_bool()),
            (Some("stock"), Some(1), Some("TEE"), Some("HZ1"), Some("CNY"), Some(false)),
            "{order}"
        );

        // Taken, and taken again: once. Colleagues that are not there take nothing.
        let (status, taken) = staff.post("/repairs/R1/take", &json!({})).await;
        assert_eq!((status, taken["state"].as_str(), taken["technician"].as_str()), (StatusCode::OK, Some("in_work"), Some("key:staff")), "{taken}");
        assert_eq!(staff.post("/repairs/R1/take", &json!({})).await.1["version"], taken["version"]);
        assert_eq!(staff.post("/repairs/R1/take", &json!({"technician": "nobody"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);

        let progress = json!({"state": "waiting_for_parts", "parts": [{"what": "ZIP-1", "quantity": 2, "cost": "4.50"}, {"what": "thread"}], "note": "zip ordered", "version": taken["version"]});
        let (status, waits) = staff.post("/repairs/R1/progress", &progress).await;
        assert_eq!((status, waits["state"].as_str()), (StatusCode::OK, Some("waiting_for_parts")), "{waits}");
        assert_eq!(waits["parts"], json!([{"what": "ZIP-1", "quantity": 2, "cost": "4.50"}, {"what": "thread", "quantity": 1}]));
        let (status, again) = staff.post("/repairs/R1/progress", &progress).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &waits["version"]), "said twice: {again}");
        let (status, stale) = staff.post("/repairs/R1/progress", &json!({"state": "in_work", "version": 1})).await;
        assert_eq!((status, stale["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/version")), "{stale}");
        for (body, field) in [
            (json!({"state": "done"}), "state"),
            (json!({"due": "soon"}), "due"),
            (json!({"parts": [{"what": " "}]}), "parts[0].what"),
            (json!({"parts": [{"what": "x", "quantity": 0}]}), "parts[0].quantity"),
            (json!({"parts": [{"what": "x", "cost": "-1"}]}), "parts[0].cost"),
            (json!({"parts": [{"what": "x", "cost": "0.001"}]}), "parts[0].cost"),
        ] {
            let (status, wrong) = staff.post("/repairs/R1/progress", &body).await;
            assert_eq!((status, wrong["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{body}: {wrong}");
        }

        let (status, done) = staff.post("/repairs/R1/done", &json!({"to": "restock"})).await;
        assert_eq!((status, done["state"].as_str(), done["to"].as_str()), (StatusCode::OK, Some("done"), Some("restock")), "{done}");
        assert_eq!(steps(&done), ["opened", "taken", "moved", "moved", "parts_used", "noted", "done"]);
        assert_eq!(stock(&staff, "TEE").await, [2, 0, 0, 0]);
        let (status, same) = staff.post("/repairs/R1/done", &json!({"to": "restock"})).await;
        assert_eq!((status, &same["version"]), (StatusCode::OK, &done["version"]), "{same}");
        assert_eq!(stock(&staff, "TEE").await, [2, 0, 0, 0], "once (P5)");
        let (status, over) = staff.post("/repairs/R1/give-up", &json!({"to": "scrap", "reason": "no"})).await;
        assert_eq!((status, over["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/repair")), "{over}");
        assert_eq!(open(&staff).await, []);
        assert_eq!(staff.get("/repairs?state=ended").await["items"].as_array().unwrap().len(), 1);
        assert!(!kinds(&staff.get(&format!("/returns/{rma}")).await["tasks"]).contains(&"repair"));

        // The customer reads nothing of what the shop repairs for itself.
        let story = told(&app, &rma).await;
        assert!(story.iter().all(|code| !code.contains("repair") && !code.contains("workshop")), "{story:?}");
        let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
        assert!(!timeline.to_string().contains("zip"), "{timeline}");
        let trail = audit(&app).await;
        for what in ["open_repair", "take_repair", "progress_repair", "finish_repair"] {
            assert_eq!(trail.iter().filter(|(known, subject)| known == what && subject == "repair:R1").count(), 1, "{what}: {trail:?}");
        }
    }
}

on_both! {
    async fn what_cannot_be_repaired_goes_elsewhere_and_what_leaves_by_itself_closes_its_order(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        one_of_two(&app, &staff, "1").await;
        let second = one_of_two(&app, &staff, "2").await;
        for (body, field) in [
            (json!({"to": "restock", "reason": "no"}), "to"),
            (json!({"to": "scrap", "reason": " "}), "reason"),
            (json!({"to": "donate", "scrap_ground": "beyond_repair", "reason": "no"}), "scrap_ground"),
        ] {
            let (status, wrong) = staff.post("/repairs/R1/give-up", &body).await;
            assert_eq!((status, wrong["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{body}: {wrong}");
        }
        let drop = json!({"to": "scrap", "scrap_ground": "beyond_repair", "reason": "torn"});
        for _ in 0..2 {
            let (status, given_up) = staff.post("/repairs/R1/give-up", &drop).await;
            assert_eq!((status, given_up["state"].as_str(), given_up["to"].as_str()), (StatusCode::OK, Some("given_up"), Some("scrap")), "{given_up}");
        }
        assert_eq!(stock(&staff, "TEE").await, [2, 0, 1, 1]);
        // Nothing of the shop's own goes back to a customer who was accepted.
        let (status, refused) = staff.post("/repairs/R2/done", &json!({"to": "send_back"})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{refused}");
        assert_eq!(open(&staff).await, [("R2".into(), "waiting".into())], "nothing happened");
        // Somebody put it away without the workshop.
        let (li, ..) = hire(&app, "Li", "warehouse", free()).await;
        let access = Access::of_staff(&li, second.parse().unwrap(), CommandKind::Dispose, String::new()).unwrap();
        let put = app.services.put_away(access, None, |request| {
            let lies = request.lots().filter(|(_, lot)| lot.state.disposition == Disposition::Repair);
            Ok::<_, ChangeError>(lies.map(|(_, lot)| PutAway { lot: lot.id, to: Disposition::Resell, ground: None, why: None }).collect())
        });
        put.await.unwrap();
        let left = staff.get("/repairs/R2").await;
        assert_eq!((left["state"].as_str(), steps(&left)), (Some("left"), vec!["opened", "left"]), "{left}");
        assert_eq!(open(&staff).await, []);
    }
}

on_both! {
    async fn what_was_done_on_a_page_is_taken_back_with_its_order(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rma = one_of_two(&app, &staff, "1").await;
        let (.., mut wei) = hire(&app, "Wei", "workshop", free()).await;
        let page = format!("/staff/returns/{rma}");
        wei.says("/staff/repairs", "R1").await;
        wei.says("/staff/repairs", "Tee").await;
        wei.says(&page, "/staff/repairs/R1").await;
        assert_eq!(wei.post("/staff/repairs/R1/take", &[]).await, "/staff/repairs/R1");
        wei.says("/staff/repairs/R1", "Taken by Wei").await;
        let wrong = [("what|0", ""), ("cost|0", "much"), ("note", "typed before"), ("version", "2")];
        assert_eq!(wei.post("/staff/repairs/R1/progress", &wrong).await, "/staff/repairs/R1");
        let (_, shown) = wei.get("/staff/repairs/R1").await;
        assert!(shown.contains("Enter a cost such as 4.50") && shown.contains("typed before"), "{shown}");
        let form = [("state", "waiting_for_parts"), ("what|0", "ZIP-1"), ("quantity|0", "2"), ("cost|0", "4,50"), ("note", "zip ordered"), ("version", "2")];
        for _ in 0..2 {
            assert_eq!(wei.post("/staff/repairs/R1/progress", &form).await, "/staff/repairs/R1");
        }
        let order = staff.get("/repairs/R1").await;
        assert_eq!((order["version"].as_i64(), order["parts"][0]["cost"].as_str()), (Some(3), Some("4.50")), "pressed twice: {order}");
        wei.says("/staff/repairs/R1", "zip ordered").await;

        assert_eq!(wei.post("/staff/repairs/R1/done", &[("done_to", "restock"), ("version", "3")]).await, "/staff/repairs/R1");
        assert_eq!(stock(&staff, "TEE").await, [2, 0, 0, 0]);
        let command = last_command(&staff, &rma).await;
        wei.post(&format!("{page}/take-back"), &[("command", &command)]).await;
        assert_eq!(stock(&staff, "TEE").await, [1, 0, 1, 0]);
        assert_eq!(open(&staff).await, [("R1".into(), "waiting_for_parts".into())], "it goes on as it stood");
        wei.says("/staff/repairs/R1", "Taken back: it goes on").await;
        wei.post("/staff/repairs/R1/give-up", &[("given_up_to", "quarantine"), ("version", "5")]).await;
        wei.says("/staff/repairs/R1", "Give up").await;
        assert_eq!(open(&staff).await.len(), 1, "nobody said why");
        wei.post("/staff/repairs/R1/give-up", &[("given_up_to", "quarantine"), ("reason", "torn"), ("version", "5")]).await;
        assert_eq!(stock(&staff, "TEE").await, [1, 1, 0, 0]);
        wei.post("/staff/repairs/R1/take", &[]).await;
        wei.says("/staff/repairs/R1", "This repair order is over already").await;

        // Put there by mistake: its order is closed, and another is opened when it comes again.
        let (.., mut li) = hire(&app, "Li", "warehouse", free()).await;
        let lot = staff.get(&format!("/returns/{rma}")).await["lines"][0]["lots"].as_array().unwrap().iter()
            .find(|lot| lot["disposition"] == "quarantine").unwrap()["id"].as_str().unwrap().to_owned();
        let to = format!("to|{lot}");
        for expected in ["R2", "R3"] {
            let seen = staff.get(&format!("/returns/{rma}")).await["version"].to_string();
            li.post(&format!("{page}/put"), &[(&to, "repair"), ("version", &seen)]).await;
            assert_eq!(open(&staff).await, [(expected.to_owned(), "waiting".to_owned())]);
            if expected == "R2" {
                let command = last_command(&staff, &rma).await;
                li.post(&format!("{page}/take-back"), &[("command", &command)]).await;
                assert_eq!(open(&staff).await, []);
                assert_eq!(staff.get("/repairs/R2").await["state"], "left");
            }
        }
    }
}

on_both! {
    async fn what_is_the_customers_goes_back_and_they_read_how_far_it_is(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rma = theirs(&app, &staff, "1").await;
        let order = staff.get("/repairs/R1").await;
        assert_eq!((order["serves"].as_str(), order["state"].as_str()), (Some("customer"), Some("waiting")), "{order}");
        assert_eq!(stock(&staff, "LAMP").await, [0, 0, 1, 0]);
        let story = told(&app, &rma).await;
        assert!(story.ends_with(&["in_workshop".into(), "compensated".into(), "repair_sent".into()]), "{story:?}");

        staff.post("/repairs/R1/take", &json!({})).await;
        let note = json!({"state": "waiting_for_parts", "note": "socket ordered", "parts": [{"what": "E27"}], "due": "2099-01-01T00:00:00Z"});
        staff.post("/repairs/R1/progress", &note).await;
        let story = told(&app, &rma).await;
        let since = ["in_workshop", "compensated", "repair_begun", "repair_awaits_parts", "repair_sent"].map(str::to_owned);
        assert!(story.ends_with(&since), "{story:?}");
        let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
        let last = timeline["entries"].as_array().unwrap().last().unwrap();
        assert_eq!(last["promised_by"], "2099-01-01T00:00:00Z", "what the workshop says of it: {last}");
        for internal in ["socket", "E27", "key:staff"] {
            assert!(!timeline["entries"].to_string().contains(internal), "{internal}: {timeline}");
        }

        let (status, refused) = staff.post("/repairs/R1/done", &json!({"to": "restock"})).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/repair")), "it is theirs: {refused}");
        for _ in 0..2 {
            let (status, done) = staff.post("/repairs/R1/done", &json!({"to": "send_back", "tracking_number": "SF9"})).await;
            assert_eq!((status, done["state"].as_str()), (StatusCode::OK, Some("done")), "{done}");
        }
        assert_eq!(stock(&staff, "LAMP").await, [0, 0, 0, 0], "it lies here no more");
        assert_eq!(open(&staff).await, []);
        let story = told(&app, &rma).await;
        assert_eq!(story.iter().filter(|code| *code == "remedy_sent").count(), 1, "{story:?}");
        assert!(!kinds(&staff.get(&format!("/returns/{rma}")).await["tasks"]).contains(&"repair"));

        // Where it cannot be repaired and stays here, money takes its place.
        let other = theirs(&app, &staff, "2").await;
        let (status, dropped) = staff.post("/repairs/R2/give-up", &json!({"to": "quarantine", "reason": "burnt"})).await;
        assert_eq!(status, StatusCode::OK, "{dropped}");
        let story = told(&app, &other).await;
        assert!(story.contains(&"remedy_called_off".to_owned()), "{story:?}");
        assert!(kinds(&staff.get(&format!("/returns/{other}")).await["tasks"]).contains(&"settle"));
        let (_, timeline) = app.get(&format!("/returns/{other}/timeline")).await;
        assert!(!timeline.to_string().contains("burnt"), "{timeline}");
    }
}

on_both! {
    async fn a_repair_that_fails_becomes_what_the_policy_says(database: Database) {
        let app = TestApp::start(database).await;
        let (desk, staff) = (Machine::with(&app, Scope::Admin).await, Machine::with(&app, Scope::Staff).await);
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 3650}}],
            "resolution": [{"id": "twice", "when": {"repairs": {"min": 1}}, "then": {"offer": ["replacement"]}}, {"id": "all", "then": {"offer": ["repair"]}}],
            "failed_repair": [
                {"id": "new", "when": {"order_value": {"CNY": {"min": "0"}}, "prior_returns": {"max": 0}}, "then": {"becomes": "replacement"}},
                {"id": "money", "then": {"becomes": "refund"}}
            ]})).await;
        let seen = async |rma: &str| {
            let request = desk.get(&format!("/returns/{rma}")).await;
            let remedies: Vec<String> = request["remedies"].as_array().into_iter().flatten().map(|remedy| format!("{} {}", remedy["kind"].as_str().unwrap(), remedy["state"].as_str().unwrap())).collect();
            (remedies, request["granted"]["amount"].clone(), request)
        };
        let give_up = json!({"to": "quarantine", "reason": "burnt"});
        let first = theirs_of(&app, &staff, "1", json!({"consumer": false})).await;
        for _ in 0..2 {
            let (status, dropped) = staff.post("/repairs/R1/give-up", &give_up).await;
            assert_eq!(status, StatusCode::OK, "{dropped}");
        }
        let (remedies, granted, request) = seen(&first).await;
        assert_eq!((remedies, granted), (vec!["repair called_off".into(), "replacement due".into()], json!("0.00")), "{request}");
        assert!(!kinds(&request["tasks"]).contains(&"settle"), "{request}");
        app.run_jobs().await;
        let mail = last_mail(&app);
        assert!(mail.0.contains("a new one instead of the repair"), "{mail:?}");
        assert!(told(&app, &first).await.contains(&"remedy_called_off".to_owned()));
        // Somebody who sent something back before: by the other rule money.
        app.services.clock.advance(SignedDuration::from_hours(1));
        let second = theirs_of(&app, &staff, "1b", json!({"consumer": false, "customer": {"email": "c1@example.com", "locale": "en"}})).await;
        staff.post("/repairs/R2/give-up", &give_up).await;
        let (remedies, granted, request) = seen(&second).await;
        assert_eq!((remedies, granted != "0.00"), (vec!["repair called_off".into()], true), "{request}");
        assert!(kinds(&request["tasks"]).contains(&"pay"), "{request}");
        // What goes back as it was is neither.
        let third = theirs_of(&app, &staff, "3", json!({"consumer": false})).await;
        staff.post("/repairs/R3/give-up", &json!({"to": "send_back", "reason": "burnt"})).await;
        let (remedies, granted, request) = seen(&third).await;
        assert_eq!((remedies.iter().filter(|remedy| remedy.starts_with("replacement")).count(), granted), (0, json!("0.00")), "{request}");
        // A consumer may choose money by law once a repair failed: a person asks them.
        let fourth = theirs_of(&app, &staff, "4", json!({"ship_to": {"country": "DE"}})).await;
        staff.post("/repairs/R4/give-up", &give_up).await;
        let (remedies, granted, request) = seen(&fourth).await;
        assert_eq!((remedies, granted), (vec!["repair called_off".into()], json!("0.00")), "{request}");
        assert!(kinds(&request["tasks"]).contains(&"settle"), "{request}");
        // They would rather have a new one.
        for _ in 0..2 {
            let (status, owed) = staff.post(&format!("/returns/{fourth}/remedies"), &json!({})).await;
            assert_eq!(status, StatusCode::OK, "{owed}");
        }
        let (remedies, granted, request) = seen(&fourth).await;
        assert_eq!((remedies, granted), (vec!["repair called_off".into(), "replacement due".into()], json!("0.00")), "{request}");
        assert!(!kinds(&request["tasks"]).contains(&"settle"), "{request}");
        app.run_jobs().await;
        assert!(last_mail(&app).0.contains("a new one instead of the repair"), "{:?}", last_mail(&app));
        // Not where money is promised, and not where nothing failed.
        for rma in [&second, &third] {
            let (status, refused) = staff.post(&format!("/returns/{rma}/remedies"), &json!({})).await;
            assert_eq!(status, StatusCode::CONFLICT, "{refused}");
        }
    }
}

on_both! {
    async fn the_workshop_works_the_warehouse_reads_and_others_see_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let rma = one_of_two(&app, &staff, "1").await;
        for scope in [Scope::Read, Scope::Write, Scope::Finance] {
            let other = Machine::with(&app, scope).await;
            assert_eq!(other.get("/repairs").await["status"], 403, "{scope:?}");
            assert_eq!(other.post("/repairs/R1/take", &json!({})).await.0, StatusCode::FORBIDDEN, "{scope:?}");
        }
        for nobody in ["/repairs/R99", "/repairs/x", "/repairs/R"] {
            assert_eq!(staff.get(nobody).await["status"], 404, "{nobody}");
        }
        let (.., mut li) = hire(&app, "Li", "warehouse", free()).await;
        li.says("/staff/repairs", "R1").await;
        let (_, read) = li.get("/staff/repairs/R1").await;
        assert!(read.contains("Tee") && !read.contains("/staff/repairs/R1/done"), "{read}");
        li.post("/staff/repairs/R1/take", &[]).await;
        let (.., mut mei) = hire(&app, "Mei", "support", free()).await;
        let (_, none) = mei.get("/staff/repairs").await;
        assert!(!none.contains("R1"), "{none}");
        mei.post("/staff/repairs/R1/done", &[("done_to", "restock")]).await;
        assert!(!mei.get(&format!("/staff/returns/{rma}")).await.1.contains("/staff/repairs"), "no link that leads nowhere");
        let limits = StaffLimits { warehouses: vec!["SH1".into()], ..StaffLimits::default() };
        let (.., mut far) = hire(&app, "Fang", "workshop", limits).await;
        far.post("/staff/repairs/R1/take", &[]).await;
        far.says("/staff/repairs/R1", "You do not work in that warehouse").await;
        assert_eq!(open(&staff).await, [("R1".into(), "waiting".into())], "nobody took it");
    }
}

/// The command of the last event of a return.
async fn last_command(staff: &Machine<'_>, rma: &str) -> String {
    let timeline = staff.get(&format!("/returns/{rma}/timeline")).await;
    timeline["events"].as_array().unwrap().last().unwrap()["command_id"].as_str().unwrap_or_else(|| panic!("{timeline}")).to_owned()
}
