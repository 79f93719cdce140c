//! Databases that versions before this one filled: they open, show the same returns and timelines, and the shop goes on.
//! `before/README.md` says what is in them and how they were made.

use std::io::Read;

use domain::returns::Return;
use flate2::read::GzDecoder;
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use server::store::{self, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::app::{TestApp, answer};
use crate::databases::{self, Database, on_both};
use crate::evidence::photo;
use crate::pages::Visitor;

/// A version's database of each kind, and what that version answered on it.
struct Filled {
    /// Its last migration.
    version: &'static str,
    sqlite: [&'static [u8]; 2],
    postgres: [&'static [u8]; 2],
}

macro_rules! filled {
    ($version:literal) => {
        Filled {
            version: $version,
            sqlite: [
                include_bytes!(concat!("before/", $version, "/sqlite.sql.gz")),
                include_bytes!(concat!("before/", $version, "/sqlite.answers.json.gz")),
            ],
            postgres: [
                include_bytes!(concat!("before/", $version, "/postgres.sql.gz")),
                include_bytes!(concat!("before/", $version, "/postgres.answers.json.gz")),
            ],
        }
    };
}

/// Every version that left one, the oldest first.
const VERSIONS: [Filled; 1] = [filled!("0012")];

/// What answers called otherwise then: old name, new name.
const RENAMED: &[(&str, &str)] = &[];

/// What may be said otherwise: sentences (`text`), and what an event holds inside (`facts`), of which timelines tell what matters.
const SAID_OTHERWISE: &[&str] = &["text", "facts"];

fn unpacked(packed: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text
}

/// The shop of a version, opened by this one at the moment it was left; and what was answered then.
async fn opened(filled: &Filled, beside: Database) -> (TestApp, Value) {
    opened_after(filled, beside, "").await
}

/// Likewise, after `more` had happened to it.
async fn opened_after(filled: &Filled, beside: Database, more: &str) -> (TestApp, Value) {
    let [dump, answers] = if beside.store.kind() == "sqlite" { filled.sqlite } else { filled.postgres };
    let dump = AssertSqlSafe(format!("{}\n{more}", unpacked(dump)));
    let address = if beside.store.kind() == "sqlite" {
        let path = beside.folder.path().join(format!("before-{}.db", filled.version));
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut conn = options.connect().await.unwrap();
        sqlx::raw_sql(dump).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        format!("sqlite://{}", path.display())
    } else {
        let address = databases::empty_postgres().await;
        let mut conn = sqlx::PgConnection::connect(&address).await.unwrap();
        sqlx::raw_sql(dump).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        address
    };
    let store = Store::open(&address).await.unwrap();
    let app = TestApp::start(Database { store, address, folder: beside.folder }).await;
    let answers: Value = serde_json::from_str(&unpacked(answers)).unwrap();
    // Windows and sessions are as open as they were then, whenever this runs.
    let left: Timestamp = answers["at"].as_str().unwrap().parse().unwrap();
    app.services.clock.set_ahead(left.duration_since(Timestamp::now()));
    // It was a rehearsal, whose sessions go on for longer than this shop takes any clock's word for.
    let soon = left.as_millisecond() + 3_600_000;
    app.database.meddle(&format!("UPDATE sessions SET expires_at = {soon} WHERE expires_at > {soon}")).await;
    (app, answers)
}

/// Where `new` does not say what `old` said; whatever it says beside that is welcome.
fn differences(old: &Value, new: &Value, at: &str, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old.iter().filter(|(name, _)| !SAID_OTHERWISE.contains(&name.as_str())) {
                let renamed = RENAMED.iter().find(|(before, _)| before == name).map_or(name.as_str(), |(_, now)| now);
                match new.get(renamed) {
                    Some(now) => differences(value, now, &format!("{at}.{renamed}"), found),
                    None => found.push(format!("{at}.{renamed} is gone, it was {value}")),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (place, (old, new)) in old.iter().zip(new).enumerate() {
                differences(old, new, &format!("{at}[{place}]"), found);
            }
        }
        (old, new) if old == new => {}
        (old, new) => found.push(format!("{at} is {new}, it was {old}")),
    }
}

/// What was told of who decided was wrong: a rule's answers were given to whoever had asked.
fn as_decided(timeline: &Value) -> Value {
    let mut timeline = timeline.clone();
    for event in timeline["events"].as_array_mut().into_iter().flatten() {
        if ["approved", "sent_to_review", "declined"].contains(&event["event"].as_str().unwrap_or_default()) {
            event["actor"] = json!({"kind": "system"});
        }
    }
    timeline
}

/// What comes next as it was told before a step could be late, be the customer's payment, or be that a repaired thing goes back: what waits for a late
/// step has no day any more.
fn as_foreseen(timeline: Value, new: &Value) -> Value {
    let mut timeline = timeline;
    let none = Vec::new();
    let now = new["entries"].as_array().unwrap_or(&none);
    let Some(entries) = timeline["entries"].as_array_mut() else { return timeline };
    for added in ["due", "repair_sent"] {
        let told = entries.iter().any(|entry| entry["code"] == added);
        let place = now.iter().position(|entry| entry["code"] == added);
        if let Some(place) = place.filter(|place| !told && *place <= entries.len()) {
            entries.insert(place, now[place].clone());
        }
    }
    if let Some(late) = now.iter().position(|entry| entry["late"].is_string()) {
        for waiting in entries.iter_mut().skip(late + 1) {
            waiting.as_object_mut().map(|entry| entry.remove("promised_by"));
        }
    }
    timeline
}

/// What was told of an order before the law was looked at: what may come back, if something is wrong with it, for longer now.
fn by_law(old: &Value, new: &Value) -> Value {
    let mut told = old.clone();
    let lines = told["returnable"].as_array_mut().into_iter().flatten().zip(new["returnable"].as_array().into_iter().flatten());
    for (before, now) in lines {
        if before["until_if_faulty"].as_str() < now["until_if_faulty"].as_str() {
            before["until_if_faulty"] = now["until_if_faulty"].clone();
        }
    }
    told
}

fn is_within(old: &Value, new: &Value) -> bool {
    let mut found = Vec::new();
    differences(old, new, "", &mut found);
    found.is_empty()
}

#[test]
fn what_is_said_beside_is_welcome_and_what_is_not_said_any_more_is_not() {
    let old = json!({"status": "approved", "lines": [{"line": "1", "quantity": 2, "text": "Yes."}]});
    assert!(is_within(&old, &old));
    assert!(is_within(
        &old,
        &json!({"status": "approved", "lots": [], "lines": [{"line": "1", "quantity": 2, "id": "l1", "text": "Sure."}]})
    ));
    for wrong in [
        json!({"lines": [{"line": "1", "quantity": 2}]}),
        json!({"status": "approved", "lines": [{"line": "1", "quantity": 1}]}),
        json!({"status": "approved", "lines": []}),
        json!({"status": "approved", "lines": [{"line": "1", "quantity": 2}, {"line": "2", "quantity": 1}]}),
    ] {
        assert!(!is_within(&old, &wrong), "{wrong}");
    }
}

/// The amounts of money in a text.
fn amounts(text: &str) -> Vec<&str> {
    let amount = regex::Regex::new(r"\d[\d,]*\.\d{2}\b").unwrap();
    amount.find_iter(text).map(|found| found.as_str()).collect()
}

on_both! {
    async fn returns_of_versions_before_are_shown_as_they_were(database: Database) {
        for filled in &VERSIONS {
            let beside = if database.store.kind() == "sqlite" { databases::sqlite().await } else { databases::postgres().await };
            let (app, answers) = opened(filled, beside).await;
            let mut found = Vec::new();
            for (rma, old) in answers["returns"].as_object().unwrap() {
                let (status, new) = app.get(&format!("/returns/{rma}")).await;
                assert_eq!(status, StatusCode::OK, "{rma} {new}");
                differences(old, &new, rma, &mut found);
                let (status, new) = app.get(&format!("/returns/{rma}/timeline")).await;
                assert_eq!(status, StatusCode::OK, "{rma} {new}");
                differences(&as_foreseen(as_decided(&answers["timelines"][rma]), &new), &new, &format!("{rma} timeline"), &mut found);

                let number = rma.parse().unwrap();
                let mut read = app.services.store.read().await.unwrap();
                let kept = store::find_return(&mut read.conn(), number).await.unwrap();
                let events = store::events_of(&mut read.conn(), number).await.unwrap();
                assert_eq!(Return::replay(&events), kept, "{rma}: the state is the sum of its events");
            }
            for (number, old) in answers["orders"].as_object().unwrap() {
                let (status, new) = app.get(&format!("/orders/{}", number.replace('#', "%23"))).await;
                assert_eq!(status, StatusCode::OK, "{number} {new}");
                differences(&by_law(old, &new), &new, &format!("order {number}"), &mut found);
            }
            let (_, page) = app.get("/returns?limit=200").await;
            let listed: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|item| &item["rma"]).collect();
            assert_eq!(json!(listed), answers["listed"], "the list has the same order");
            assert!(found.is_empty(), "{} of version {}:\n{}", found.len(), filled.version, found.join("\n"));

            for (name, old) in answers["pages"].as_object().unwrap() {
                let rma = answers["names"][name].as_str().unwrap();
                let mut visitor = Visitor::new(&app);
                visitor.keep_cookie("lang", old["language"].as_str().unwrap());
                let path = visitor.post("/find-return", &[("rma", rma), ("rma_contact", old["contact"].as_str().unwrap())]).await;
                let page = visitor.text(&path).await;
                for line in old["text"].as_array().unwrap() {
                    for amount in amounts(line.as_str().unwrap()) {
                        assert!(page.contains(amount), "{name} ({rma}) showed {amount}: {line}");
                    }
                }
            }
        }
    }
}

on_both! {
    /// Orders were kept by a form of their numbers that different numbers share.
    async fn numbers_that_were_written_in_other_ways_stay_with_their_returns(database: Database) {
        let filled = &VERSIONS[0];
        // Of 10249 the shop has told anew, in another writing, since things of it came back. 10255 was always written so.
        let more = r##"
            UPDATE orders SET document = REPLACE(document, '"number":"10249"', '"number":"# 10249 "') WHERE number_key = '10249';
            UPDATE orders SET document = REPLACE(document, '"number":"10255"', '"number":"#10255"') WHERE number_key = '10255';
            UPDATE returns SET state = REPLACE(state, '"10255"', '"#10255"');
            UPDATE return_events SET event = REPLACE(event, '"10255"', '"#10255"');"##;
        let (app, answers) = opened_after(filled, database, more).await;
        for (typed, number, photos) in [("10249", "10249", 1), ("10255", "#10255", 6), ("2001", "#2001", 0), ("10250", "10250", 0)] {
            let (status, order) = app.get(&format!("/orders/{typed}")).await;
            assert_eq!((status, &order["order"]["number"]), (StatusCode::OK, &json!(number)), "{typed}");
            let before = if typed == "2001" { "#2001" } else { typed };
            let mut found = Vec::new();
            differences(&answers["orders"][before]["returnable"], &order["returnable"], typed, &mut found);
            assert!(found.is_empty(), "{found:?}");
            let rows = format!("SELECT order_key FROM evidence WHERE order_key = '{number}'");
            assert_eq!(app.database.texts(&rows).await.len(), photos, "{number}");
            let mut told = order["order"].clone();
            told["channel"] = json!("told again");
            app.put_order(&told).await;
        }
        // Each is still one order, and what came back of it is.
        let numbers = app.database.texts("SELECT number_key FROM orders WHERE document LIKE '%told again%' ORDER BY number_key").await;
        assert_eq!(numbers, ["#10255", "#2001", "10249", "10250"]);
        let strays = "SELECT order_key FROM return_orders WHERE order_key NOT IN (SELECT number_key FROM orders)";
        assert!(app.database.texts(strays).await.is_empty());
        let least = app.database.texts("SELECT CAST(least AS TEXT) FROM compatibility").await;
        assert_eq!(least, ["20"], "a version before would write them a second time");
    }
}

on_both! {
    async fn a_shop_of_the_first_version_goes_on(database: Database) {
        let (app, answers) = opened(&VERSIONS[0], database).await;
        let rma = |name: &str| answers["names"][name].as_str().unwrap().to_owned();
        let post = async |name: &str, call: &str, body: Value| {
            let (status, answer) = app.post(&format!("/returns/{}/{call}", rma(name)), &body).await;
            assert_eq!(status, StatusCode::OK, "{name} {call}: {answer}");
            answer
        };

        // Called off: one of an order that has others, and one for which something is held.
        assert_eq!(post("surplus", "cancel", json!({"reason": "kept after all"})).await["status"], "cancelled");
        let held = async || app.get("/stock/HZ1/TEE-WHT-L").await.1["reserved"].clone();
        assert_eq!(held().await, 1);
        assert_eq!(post("exchange_dearer", "cancel", json!({})).await["status"], "cancelled");
        assert_eq!(held().await, 0, "what was held for the exchange is free");
        assert_eq!(post("sofa_review", "cancel", json!({})).await["status"], "cancelled", "what waits for a person, too");

        // Units of a line that is in, and a line more.
        let asked = |line: &str, units: u32| json!({"line": line, "quantity": units, "reason": "dislike", "condition": "opened", "resolution": "refund"});
        let added = post("switched", "lines", json!({"lines": [asked("1", 1), asked("3", 2)]})).await;
        let units: Vec<(&Value, &Value)> = added["lines"].as_array().unwrap().iter().map(|line| (&line["line"], &line["quantity"])).collect();
        assert_eq!(json!(units), json!([["1", 2], ["3", 2]]));
        assert_eq!(added["expected"]["amount"], "68.00", "two pots and two lids, the way back at our cost");

        // Another way, of one and of two orders; a label in place of one that has expired, and of one with a GS1 number.
        assert_eq!(post("switched", "method", json!({"method": "self_ship"})).await["method"], "self_ship");
        let two = post("two_orders", "method", json!({"method": "self_ship"})).await;
        assert_eq!(two["method"], "self_ship");
        assert_ne!(two["expected"], answers["returns"][rma("two_orders")]["expected"], "the freight is not taken off any more");
        for name in ["web_zh", "mail_busy"] {
            let before = answers["returns"][rma(name)]["parcels"].as_array().unwrap().len();
            let parcels = post(name, "label", json!(null)).await["parcels"].clone();
            assert_eq!(parcels.as_array().unwrap().len(), before + 1, "{parcels}");
        }

        // Another return on orders that have some, open and called off.
        for (order, line) in [("20001", "1"), ("20015", "1"), ("40002", "2")] {
            let (_, before) = app.get(&format!("/orders/{order}")).await;
            let request = json!({"orders": [order], "lines": [asked(line, 1)], "method": "self_ship"});
            let (status, opened) = app.post("/returns", &request).await;
            assert_eq!((status, &opened["status"]), (StatusCode::CREATED, &json!("approved")), "{opened}");
            let (_, after) = app.get(&format!("/orders/{order}")).await;
            let left = |order: &Value| {
                let lines = order["returnable"].as_array().unwrap();
                lines.iter().find(|known| known["line"] == line).unwrap()["available"].as_u64().unwrap()
            };
            assert_eq!(left(&after), left(&before) - 1);
        }

        // A photo for what waits for a person.
        let form = Form::new().part("file", Part::bytes(photo(1)).file_name("plate.jpg"));
        let path = format!("/returns/{}/evidence", rma("waits_for_photos"));
        let (status, held) = answer(app.api("POST", &path).multipart(form).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::CREATED, "{held}");

        // An order told once more as it was.
        let told = app.get("/orders/10248").await.1["order"].clone();
        let (_, put) = answer(app.api("PUT", "/orders/10248").json(&told).send().await.unwrap()).await;
        assert_eq!(put["outcome"], "unchanged");

        // A visitor goes on with what they had begun.
        let mut visitor = Visitor::new(&app);
        visitor.keep_cookie("__Host-homebound", answers["session"]["cookie"].as_str().unwrap());
        let draft = answers["session"]["draft"].as_str().unwrap();
        assert_eq!(visitor.post(&format!("{draft}/wish"), &[("wish|10253|1", "refund"), ("wish|10253|2", "refund")]).await, format!("{draft}/send"));
        assert_eq!(visitor.post(&format!("{draft}/send"), &[("method", "self_ship")]).await, format!("{draft}/check"));
        let done = visitor.post(&format!("{draft}/check"), &[]).await;
        let begun = done.trim_start_matches("/returns/").trim_end_matches("/done");
        // What state it is in was not asked then of what a gift came with: a person asks.
        assert_eq!(app.get(&format!("/returns/{begun}")).await.1["status"], "in_review", "{done}");

        // Mails that waited then and since go out; one that a server held when it was killed is taken again once its lease is over.
        app.services.clock.advance(SignedDuration::from_mins(3));
        app.run_jobs().await;
        let mails = app.mails();
        assert!(mails.iter().any(|mail| mail.contains("slow@example.com")) && mails.iter().any(|mail| mail.contains("busy@example.com")));
        let waiting = app.database.texts("SELECT id FROM outbox WHERE done_at IS NULL AND dead_at IS NULL").await;
        assert!(waiting.is_empty(), "{waiting:?}");

        for rma in answers["returns"].as_object().unwrap().keys() {
            assert_eq!(app.get(&format!("/returns/{rma}/timeline")).await.0, StatusCode::OK, "{rma}");
            assert_eq!(app.get(&format!("/returns/{rma}")).await.0, StatusCode::OK, "{rma}");
        }
    }
}
