//! Changes to a return while its goods are with the customer: items, way back, label (N10).

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::{TestApp, answer, order, request};
use crate::databases::on_both;
use crate::pages::Visitor;

fn line(id: &str, units: u32) -> Value {
    json!({"line": id, "quantity": units, "reason": "dislike", "condition": "opened", "resolution": "refund"})
}

async fn open(app: &TestApp, body: &Value) -> (String, Value) {
    let (status, opened) = app.post("/returns", body).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    (opened["rma"].as_str().unwrap().to_owned(), opened)
}

async fn kinds(app: &TestApp, rma: &str) -> Vec<String> {
    let (_, story) = app.get(&format!("/returns/{rma}/timeline")).await;
    story["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_forgotten_item_joins_the_same_return(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (rma, first) = open(&app, &request("1", "1", 1)).await;
        // All at once, by another shop's order of the same goods: what joining must come to.
        app.put_order(&order("2")).await;
        let mut both = request("2", "1", 1);
        both["lines"].as_array_mut().unwrap().push(line("2", 1));
        let (_, together) = app.post("/returns/quote", &both).await;

        let path = format!("/returns/{rma}/lines");
        let send = || app.api("POST", &path).header("Idempotency-Key", "add-1").json(&json!({"lines": [line("2", 1)]})).send();
        let (status, changed) = answer(send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        assert_eq!(changed["expected"], together["expected"], "the money of both together, however they were asked for (P3)");
        assert_eq!(changed["lines"].as_array().unwrap().len(), 2);
        assert_eq!(changed["parcels"], first["parcels"], "one parcel, the same label");
        let (_, again) = answer(send().await.unwrap()).await;
        assert_eq!(again, changed, "the same key adds nothing");
        assert_eq!(kinds(&app, &rma).await, ["opened", "approved", "label_issued", "lines_added", "approved"]);
        let (_, seen) = app.get("/orders/1").await;
        assert_eq!((&seen["returnable"][1]["available"], seen["returnable"][1]["in_returns"][0].as_str()), (&json!(0), Some(&rma[..])));

        // The second unit of the first line, with the same story; then there is none left.
        let (status, changed) = app.post(&path, &json!({"lines": [line("1", 1)]})).await;
        assert_eq!((status, &changed["lines"][0]["quantity"]), (StatusCode::OK, &json!(2)), "{changed}");
        let (status, problem) = app.post(&path, &json!({"lines": [line("1", 1)]})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{problem}");
        app.run_jobs().await;
        assert_eq!(app.mails().len(), 3, "one mail for each change");

        let (status, _) = app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        assert_eq!(status, StatusCode::OK);
        let (status, problem) = app.post(&path, &json!({"lines": [line("2", 1)]})).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/not-possible")), "{problem}");
    }
}

on_both! {
    async fn what_cannot_join_is_refused_and_nothing_changes(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (rma, _) = open(&app, &request("1", "1", 1)).await;
        let path = format!("/returns/{rma}/lines");
        let before = app.get(&format!("/returns/{rma}")).await.1;
        let mut foreign = order("9");
        foreign["customer"] = json!({"email": "other@example.com"});
        app.put_order(&foreign).await;
        let mut of_other = line("1", 1);
        of_other["order"] = json!("9");
        for (lines, field, status) in [
            (json!([]), "lines", StatusCode::UNPROCESSABLE_ENTITY),
            (json!([line("9", 1)]), "lines[0].line", StatusCode::UNPROCESSABLE_ENTITY),
            (json!([of_other]), "lines[0].order", StatusCode::UNPROCESSABLE_ENTITY),
        ] {
            let (code, problem) = app.post(&path, &json!({"lines": lines})).await;
            assert_eq!((code, problem["errors"][0]["field"].as_str()), (status, Some(field)), "{problem}");
        }
        let mut unsold = order("3");
        unsold["lines"][1]["final_sale"] = json!(true);
        unsold["consumer"] = json!(false);
        app.put_order(&unsold).await;
        let mut final_sale = line("2", 1);
        final_sale["order"] = json!("3");
        let (status, problem) = app.post(&path, &json!({"lines": [final_sale]})).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/declined")), "{problem}");
        let (_, quoted) = app.post("/returns/quote", &json!({"lines": [final_sale]})).await;
        let why = json!([{"field": "lines[0]", "problem": quoted["lines"][0]["why"][0]["text"]}]);
        assert_eq!(problem["errors"], why, "in words: {problem}");
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1, before);
        assert_eq!(app.post("/returns/R-0000-0000/lines", &json!({"lines": [line("1", 1)]})).await.0, StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn what_cannot_come_the_way_the_return_does_is_told_so_on_the_last_page(database: Database) {
        let app = TestApp::start(database).await;
        let mut bought = order("1");
        bought["lines"][1]["category"] = json!("furniture");
        app.put_order(&bought).await;
        let mut by_drop_off = request("1", "1", 1);
        by_drop_off["method"] = json!("drop_off");
        let (rma, _) = open(&app, &by_drop_off).await;
        let mut visitor = Visitor::new(&app);
        visitor.post("/find-return", &[("rma", &rma), ("rma_contact", "wang@example.com")]).await;
        let items = visitor.post(&format!("/returns/{rma}/add"), &[]).await;
        let draft = items.strip_suffix("/items").unwrap().to_owned();
        visitor.post(&items, &[("units|1|2", "1")]).await;
        visitor.post(&format!("{draft}/why"), &[("reason|1|2", "dislike"), ("condition|1|2", "opened")]).await;
        let check = format!("{draft}/check");
        assert_eq!(visitor.post(&format!("{draft}/wish"), &[("wish|1|2", "refund")]).await, check);
        assert_eq!(visitor.post(&check, &[]).await, check, "not back to the items without a reason");
        let (_, quoted) = app.post(&format!("/returns/{rma}/lines"), &json!({"lines": [line("2", 1)]})).await;
        let why = quoted["errors"][0]["problem"].as_str().unwrap();
        assert!(!why.is_empty() && visitor.text(&check).await.contains(why), "{why}");
    }
}

on_both! {
    async fn another_order_of_the_same_customer_joins(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        app.put_order(&order("2")).await;
        let (rma, _) = open(&app, &request("1", "1", 1)).await;
        let mut other = line("2", 1);
        other["order"] = json!("2");
        let (status, changed) = app.post(&format!("/returns/{rma}/lines"), &json!({"lines": [other]})).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        let (_, seen) = app.get("/orders/2").await;
        assert_eq!(seen["returnable"][1]["in_returns"][0].as_str(), Some(&rma[..]), "P9");
    }
}

on_both! {
    async fn the_way_back_is_switched(database: Database) {
        let app = TestApp::start(database).await;
        let mut bought = order("1");
        bought["customer"]["tier"] = json!("diamond");
        app.put_order(&bought).await;
        let (rma, opened) = open(&app, &request("1", "1", 1)).await;
        let path = format!("/returns/{rma}/method");
        let day = (jiff::Timestamp::now() + SignedDuration::from_hours(48)).strftime("%Y-%m-%d").to_string();
        let (status, problem) = app.post(&path, &json!({"method": "pickup", "pickup": {"date": day, "slot": "03-04"}})).await;
        assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("pickup")), "{problem}");
        let (status, _) = app.post(&path, &json!({"method": "balloon"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let (status, changed) = app.post(&path, &json!({"method": "pickup", "pickup": {"date": day, "slot": "09-12"}})).await;
        assert_eq!((status, changed["method"].as_str()), (StatusCode::OK, Some("pickup")), "{changed}");
        assert_eq!(changed["parcels"], opened["parcels"], "the label stays");
        let (_, again) = app.post(&path, &json!({"method": "pickup", "pickup": {"date": day, "slot": "09-12"}})).await;
        assert_eq!(again["version"], changed["version"]);
        assert_eq!(kinds(&app, &rma).await, ["opened", "approved", "label_issued", "method_changed"]);
    }
}

on_both! {
    async fn an_expired_label_is_made_anew(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (rma, opened) = open(&app, &request("1", "1", 1)).await;
        let path = format!("/returns/{rma}/label");
        let (_, same) = app.post(&path, &json!({})).await;
        assert_eq!(same["parcels"], opened["parcels"], "a label this young is not replaced: pressing twice makes one");
        app.services.clock.advance(SignedDuration::from_hours(24 * 60));
        let (status, changed) = app.post(&path, &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        let parcels = changed["parcels"].as_array().unwrap();
        assert_eq!(parcels.len(), 2);
        assert_ne!(parcels[0]["tracking_number"], parcels[1]["tracking_number"]);
        assert!(parcels[1]["label_expires_at"].as_str() > parcels[0]["label_expires_at"].as_str());
        assert_eq!(changed["expected"], opened["expected"], "and the money is what was promised");
        let (_, twice) = app.post(&path, &json!({})).await;
        assert_eq!(twice["parcels"].as_array().unwrap().len(), 2);
        let pdf = app.api("GET", &format!("/returns/{rma}/label.pdf")).send().await.unwrap();
        assert_eq!(pdf.status(), StatusCode::OK);
    }
}

on_both! {
    async fn a_key_names_one_command_on_one_return_by_one_caller_and_is_answered_as_it_was(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        app.put_order(&order("2")).await;
        let named = |path: String, name: &str, body: Value| app.api("POST", &path).header("Idempotency-Key", name).json(&body).send();
        let opened = answer(named("/returns".into(), "open", request("1", "1", 1)).await.unwrap()).await;
        let rma = opened.1["rma"].as_str().unwrap().to_owned();
        let (other, _) = open(&app, &request("2", "1", 1)).await;

        // The same key and body for another return, or for another thing to be done, is another request.
        let adding = json!({"lines": [line("2", 1)]});
        let added = answer(named(format!("/returns/{rma}/lines"), "k", adding.clone()).await.unwrap()).await;
        assert_eq!(added.0, StatusCode::OK, "{}", added.1);
        let (status, problem) = answer(named(format!("/returns/{other}/lines"), "k", adding.clone()).await.unwrap()).await;
        let reused = (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/idempotency-key-reused"));
        assert_eq!((status, problem["type"].as_str()), reused, "{problem}");
        assert_eq!(app.get(&format!("/returns/{other}")).await.1["lines"].as_array().unwrap().len(), 1);
        let label = |name: &'static str| app.api("POST", &format!("/returns/{rma}/label")).header("Idempotency-Key", name).send();
        let (status, problem) = answer(label("k").await.unwrap()).await;
        assert_eq!((status, problem["type"].as_str()), reused, "{problem}");

        // Every command takes one, and tells what it told, whatever has become of the return since.
        let switch = || named(format!("/returns/{rma}/method"), "switch", json!({"method": "drop_off"}));
        let switched = answer(switch().await.unwrap()).await;
        assert_eq!((switched.0, switched.1["method"].as_str()), (StatusCode::OK, Some("drop_off")), "{}", switched.1);
        let relabelled = answer(label("label").await.unwrap()).await;
        let cancel = || named(format!("/returns/{rma}/cancel"), "cancel", json!({}));
        let cancelled = answer(cancel().await.unwrap()).await;
        assert_eq!(cancelled.1["status"], "cancelled");
        for (again, before) in [
            (named("/returns".into(), "open", request("1", "1", 1)).await.unwrap(), &opened),
            (named(format!("/returns/{rma}/lines"), "k", adding).await.unwrap(), &added),
            (switch().await.unwrap(), &switched),
            (label("label").await.unwrap(), &relabelled),
            (cancel().await.unwrap(), &cancelled),
        ] {
            assert_eq!(&answer(again).await, before);
        }

        // What the state refuses is not kept: it may be possible later.
        let late = || named(format!("/returns/{rma}/method"), "late", json!({"method": "self_ship"}));
        for _ in 0..2 {
            assert_eq!(answer(late().await.unwrap()).await.0, StatusCode::CONFLICT);
        }
        app.run_jobs().await;
        assert_eq!(app.mails().len(), 5, "two opened, one added, one switched, one cancelled");
    }
}
