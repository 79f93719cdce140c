//! What a return is made of: lines with names of their own, lots below them, events that say who decided and by which command.

use domain::returns::Return;
use jiff::Timestamp;
use reqwest::StatusCode;
use serde_json::{Value, json};

use server::store::{Store, StoreError};

use crate::app::{TestApp, days_ago};
use crate::databases::on_both;
use crate::pages::Visitor;

fn order(number: &str) -> Value {
    json!({"number": number, "placed_at": days_ago(4), "currency": "CNY", "customer": {"email": "a@b.org"},
        "ship_to": {"country": "CN"}, "deliveries": [{"delivered_at": days_ago(2)}],
        "lines": [{"id": "a", "sku": "a", "name": "Coat", "quantity": 1, "unit_price": "150.00"},
            {"id": "b", "sku": "b", "name": "Scarf", "quantity": 3, "unit_price": "50.00"}],
        "discounts": [{"code": "50 off 200", "amount": "50.00", "minimum_spend": "200.00"}]})
}

fn line(line: &str, units: u32, reason: &str) -> Value {
    let sub = if reason == "quality" { json!("cosmetic_flaw") } else { Value::Null };
    json!({"line": line, "quantity": units, "reason": reason, "sub_reason": sub, "condition": "opened", "resolution": "refund"})
}

fn request(number: &str, lines: &[Value]) -> Value {
    json!({"orders": [number], "method": "self_ship", "lines": lines})
}

async fn open(app: &TestApp, lines: &[Value]) -> Value {
    let (status, opened) = app.post("/returns", &request("1", lines)).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    opened
}

fn told(opened: &Value) -> Vec<Value> {
    let line =
        |line: &Value| json!([line["id"], line["line"], line["quantity"], line["reason"], line["lots"][0]["id"], line["lots"][0]["units"]]);
    opened["lines"].as_array().unwrap().iter().map(line).collect()
}

async fn available(app: &TestApp, line: &str) -> Value {
    let (_, order) = app.get("/orders/1").await;
    order["returnable"].as_array().unwrap().iter().find(|known| known["line"] == line).unwrap()["available"].clone()
}

on_both! {
    async fn two_reasons_for_one_order_line_are_two_lines(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let lines = [line("b", 1, "dislike"), line("b", 2, "quality")];
        let (status, quote) = app.post("/returns/quote", &request("1", &lines)).await;
        assert_eq!(status, StatusCode::OK, "{quote}");
        let opened = open(&app, &lines).await;
        assert_eq!(opened["expected"], quote["expected"], "what is quoted is opened");
        assert_eq!(told(&opened), [json!(["1", "b", 1, "dislike", "1.1", 1]), json!(["2", "b", 2, "quality", "2.1", 2])]);
        assert_eq!(available(&app, "b").await, 0);

        let (status, taken) = app.post("/returns", &request("1", &[line("b", 1, "dislike")])).await;
        assert_eq!(status, StatusCode::CONFLICT, "{taken}");
        let rma = opened["rma"].as_str().unwrap();
        let (status, cancelled) = app.post(&format!("/returns/{rma}/cancel"), &json!({"lines": [{"id": "2"}]})).await;
        assert_eq!(status, StatusCode::OK, "{cancelled}");
        assert_eq!(available(&app, "b").await, 2);
    }
}

on_both! {
    async fn the_units_of_one_order_line_are_counted_together(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        for call in ["/returns/quote", "/returns"] {
            let (status, problem) = app.post(call, &request("1", &[line("b", 2, "dislike"), line("b", 2, "quality")])).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{call}: {problem}");
            assert_eq!(problem["errors"][0]["field"], "lines[1].quantity", "{problem}");
        }
    }
}

on_both! {
    async fn calling_off_one_line_settles_what_stays_and_says_why(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let opened = open(&app, &[line("a", 1, "dislike"), line("b", 3, "dislike")]).await;
        assert_eq!(opened["expected"]["amount"], "250.00");
        let rma = opened["rma"].as_str().unwrap();
        for _ in 0..2 {
            let (status, cancelled) =
                app.post(&format!("/returns/{rma}/cancel"), &json!({"lines": [{"order": "1", "line": "a"}], "reason": "it fits"})).await;
            assert_eq!(status, StatusCode::OK, "{cancelled}");
            assert_eq!(cancelled["lines"][0]["authorization"], "cancelled");
            assert_eq!(cancelled["lines"][1]["authorization"], "approved");
            assert_eq!((&cancelled["status"], &cancelled["expected"]["amount"]), (&json!("approved"), &json!("100.00")), "the coat costs 150.00");
        }
        let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
        let codes: Vec<&str> = timeline["entries"].as_array().unwrap().iter().filter_map(|entry| entry["code"].as_str()).collect();
        assert_eq!(codes.iter().filter(|code| **code == "cancelled").count(), 1, "twice is once: {codes:?}");
        let entries = timeline["entries"].as_array().unwrap();
        let off = entries.iter().find(|entry| entry["code"] == "cancelled").unwrap();
        assert_eq!((&off["names"], &off["text"]), (&json!(["Coat"]), &json!("Coat: cancelled")));
        let changed = entries.iter().find(|entry| entry["code"] == "expected_changed").unwrap();
        assert_eq!(changed["because"], "items_cancelled");

        let (status, unknown) = app.post(&format!("/returns/{rma}/cancel"), &json!({"lines": [{"id": "7"}, {}]})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{unknown}");
        let (_, over) = app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        assert_eq!((&over["status"], &over["ended"], &over["expected"]["amount"]), (&json!("cancelled"), &json!("cancelled"), &json!("0.00")));
    }
}

on_both! {
    async fn what_is_added_for_another_reason_is_a_line_of_its_own(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let opened = open(&app, &[line("b", 1, "dislike")]).await;
        let path = format!("/returns/{}/lines", opened["rma"].as_str().unwrap());
        let (status, added) = app.post(&path, &json!({"lines": [line("b", 1, "dislike"), line("b", 1, "quality")]})).await;
        assert_eq!(status, StatusCode::OK, "{added}");
        assert_eq!(told(&added), [json!(["1", "b", 2, "dislike", "1.1", 2]), json!(["2", "b", 1, "quality", "2.1", 1])]);
        assert_eq!(available(&app, "b").await, 0);
    }
}

on_both! {
    async fn an_event_says_who_decided_and_by_which_command(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let opened = open(&app, &[line("a", 1, "dislike")]).await;
        let other = open(&app, &[line("b", 3, "dislike")]).await;
        let rma = opened["rma"].as_str().unwrap();
        let events = async |rma: &str| app.get(&format!("/returns/{rma}/timeline")).await.1["events"].as_array().unwrap().clone();
        let first = events(rma).await;
        let by = |event: &str| first.iter().find(|known| known["event"] == event).unwrap().clone();
        assert_eq!(by("opened")["actor"]["kind"], "api");
        assert_eq!(by("approved")["actor"]["kind"], "system", "a rule did");
        assert!(first.iter().all(|event| event["command_id"] == first[0]["command_id"]), "{first:?}");

        app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        let cancelled = events(rma).await.pop().unwrap();
        assert_ne!(cancelled["command_id"], first[0]["command_id"]);
        let changed = events(other["rma"].as_str().unwrap()).await.pop().unwrap();
        assert_eq!((&changed["event"], &changed["actor"]["kind"]), (&json!("expected_changed"), &json!("system")));
        assert_eq!(changed["command_id"], cancelled["command_id"], "what came of it elsewhere bears its name");
    }
}

on_both! {
    async fn what_a_newer_version_changed_is_read_and_not_changed(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let other = open(&app, &[line("b", 3, "dislike")]).await;
        let opened = open(&app, &[line("a", 1, "dislike")]).await;
        let rma = opened["rma"].as_str().unwrap();
        let seq = opened["version"].as_u64().unwrap() + 1;
        let at = Timestamp::now().as_millisecond();
        app.database
            .meddle(&format!(
                r#"INSERT INTO return_events (rma, seq, at, actor, event)
                   VALUES ('{rma}', {seq}, {at}, '{{"kind":"system"}}', '{{"kind":"beamed_up","schema":3,"command_id":"x","to":"ship"}}')"#
            ))
            .await;
        app.database
            .meddle(&format!(
                r#"UPDATE returns SET version = {seq}, state = REPLACE(state, '"schema":{now}', '"schema":99') WHERE rma = '{rma}'"#,
                now = Return::SCHEMA
            ))
            .await;

        let (status, shown) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!((status, &shown["status"], &shown["version"]), (StatusCode::OK, &json!("approved"), &json!(seq)), "{shown}");
        let (status, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
        assert_eq!(status, StatusCode::OK, "{timeline}");
        for (call, body) in [("cancel", json!({})), ("method", json!({"method": "drop_off"})), ("label", json!({}))] {
            let (status, problem) = app.post(&format!("/returns/{rma}/{call}"), &body).await;
            assert_eq!((status, &problem["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/newer-version")), "{call}: {problem}");
        }
        // What would settle it anew does not happen by half.
        let path = format!("/returns/{}", other["rma"].as_str().unwrap());
        let (status, problem) = app.post(&format!("{path}/cancel"), &json!({})).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{problem}");
        assert_eq!(app.get(&path).await.1["status"], "approved");

        let mut visitor = Visitor::new(&app);
        let page = visitor.post("/find-return", &[("rma", rma), ("rma_contact", "a@b.org")]).await;
        assert!(visitor.text(&page).await.contains(rma));
        let stays = visitor.post(&format!("/returns/{rma}/cancel"), &[]).await;
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["status"], "approved", "{stays}");
    }
}

on_both! {
    async fn a_state_of_an_older_shape_is_made_anew_from_its_events(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let opened = open(&app, &[line("a", 1, "dislike"), line("b", 2, "quality")]).await;
        let rma = opened["rma"].as_str().unwrap();
        let (_, before) = app.get(&format!("/returns/{rma}")).await;
        app.database.meddle(&format!(r#"UPDATE returns SET state = '{{"rma":"{rma}","lines":[]}}' WHERE rma = '{rma}'"#)).await;
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1, before);
        assert_eq!(app.get("/returns").await.1["items"][0], before);
        assert_eq!(available(&app, "b").await, 1);
        app.post(&format!("/returns/{rma}/cancel"), &json!({"lines": [{"id": "2"}]})).await;
        let state = app.database.texts(&format!("SELECT state FROM returns WHERE rma = '{rma}'")).await.remove(0);
        assert!(state.contains(&format!(r#""schema":{}"#, Return::SCHEMA)), "it is kept in today's shape once it changes: {state}");
    }
}

on_both! {
    async fn a_server_starts_on_newer_tables_unless_they_say_that_it_is_too_old(database: Database) {
        let checksum = if database.store.kind() == "sqlite" { "X'00'" } else { "'\\x00'::BYTEA" };
        database
            .meddle(&format!(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9000, 'of a newer version', TRUE, {checksum}, 1)"
            ))
            .await;
        database.meddle("ALTER TABLE returns ADD COLUMN of_a_newer_version TEXT").await;
        Store::open(&database.address).await.unwrap().close().await;
        database.meddle("UPDATE compatibility SET least = 9000").await;
        let refused = Store::open(&database.address).await.err();
        assert!(matches!(refused, Some(StoreError::TooOld { needs: 9000, .. })), "{refused:?}");
    }
}

on_both! {
    async fn a_policy_of_a_newer_version_is_told_in_words(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (status, _) = app.post("/returns/quote", &request("1", &[line("a", 1, "dislike")])).await;
        assert_eq!(status, StatusCode::OK);
        app.database.meddle("UPDATE policies SET document = REPLACE(document, '\"window\"', '\"weather\": [], \"window\"')").await;
        let app = TestApp::with_key(app.database, "newer").await;
        let (status, problem) = app.post("/returns/quote", &request("1", &[line("a", 1, "dislike")])).await;
        assert_eq!((status, &problem["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/newer-version")), "{problem}");
        let visitor = Visitor::new(&app);
        assert!(visitor.text("/policy").await.contains("updating"));
    }
}

on_both! {
    async fn what_only_a_receipt_explains_goes_to_a_person_when_it_changes(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let scarves = open(&app, &[line("b", 3, "dislike")]).await;
        let coat = open(&app, &[line("a", 1, "dislike")]).await;
        let (scarves, coat) = (scarves["rma"].as_str().unwrap(), coat["rma"].as_str().unwrap());
        // As it was before terms were kept; and its policy would say no now.
        let [state, event] = match app.database.store.kind() {
            "sqlite" => ["JSON_REMOVE(state, '$.lines[0].asked.terms')", "JSON_REMOVE(event, '$.opening.lines[0].terms')"],
            _ => ["(state::JSONB #- '{lines,0,asked,terms}')::TEXT", "(event::JSONB #- '{opening,lines,0,terms}')::TEXT"],
        };
        app.database.meddle(&format!("UPDATE returns SET state = {state} WHERE rma = '{coat}'")).await;
        app.database.meddle(&format!("UPDATE return_events SET event = {event} WHERE rma = '{coat}' AND seq = 1")).await;
        app.database
            .meddle(r#"UPDATE policies SET document = REPLACE(document, '"id": "no-reason", "then": { "days": 7 }', '"id": "no-reason", "then": { "closed": true }')"#)
            .await;
        let app = TestApp::with_key(app.database, "later").await;
        let told = async || app.get(&format!("/returns/{coat}")).await.1["expected"]["amount"].clone();
        assert_eq!(told().await, "150.00", "it says what it said");
        app.post(&format!("/returns/{scarves}/cancel"), &json!({})).await;
        assert_eq!(told().await, "100.00");
        let (_, timeline) = app.get(&format!("/returns/{coat}/timeline")).await;
        let last: Vec<&Value> = timeline["events"].as_array().unwrap().iter().rev().take(2).map(|event| &event["event"]).collect();
        assert_eq!(json!(last), json!(["flagged", "expected_changed"]), "{timeline}");
    }
}

on_both! {
    async fn who_is_left_in_a_parcel_bears_its_freight(database: Database) {
        let app = TestApp::start(database).await;
        for number in ["1", "2"] {
            app.put_order(&order(number)).await;
        }
        let of = |number: &str| {
            let mut asked = line("a", 1, "dislike");
            asked["order"] = json!(number);
            asked
        };
        let (status, opened) = app.post("/returns", &json!({"orders": ["1", "2"], "method": "drop_off", "lines": [of("1"), of("2")]})).await;
        assert_eq!((status, &opened["expected"]["amount"]), (StatusCode::CREATED, &json!("192.00")), "{opened}");
        let rma = opened["rma"].as_str().unwrap();
        let (status, left) = app.post(&format!("/returns/{rma}/cancel"), &json!({"lines": [{"order": "2", "line": "a"}]})).await;
        assert_eq!((status, &left["expected"]["amount"]), (StatusCode::OK, &json!("92.00")), "{left}");
    }
}
