//! Who comes first, of many at the same moment: one, or all in a row; the others are told clearly.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sqlx::Connection;

use super::{at_once, books, bought, mail_of, rounds};
use crate::app::{TestApp, answer, request};
use crate::databases::{on_both, postgres};

const MANY: usize = 50;
const ROUNDS: usize = 2;

fn line(id: &str, units: u32) -> Value {
    json!({"line": id, "quantity": units, "reason": "dislike", "condition": "opened", "resolution": "refund"})
}

/// How many of the answers have this status; any that has neither it nor the other is a fault.
fn count(answers: &[(StatusCode, Value)], won: StatusCode, lost: StatusCode) -> usize {
    for (status, body) in answers {
        assert!(*status == won || *status == lost, "{status} {body}");
        assert!(*status == won || body["type"].as_str().is_some_and(|kind| kind.starts_with("/problems/")), "{body}");
    }
    answers.iter().filter(|(status, _)| *status == won).count()
}

async fn answered(asked: RequestBuilder) -> (StatusCode, Value) {
    answer(asked.send().await.unwrap()).await
}

async fn open(app: &TestApp, body: &Value) -> String {
    let (status, opened) = app.post("/returns", body).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    opened["rma"].as_str().unwrap().to_owned()
}

on_both! {
    async fn one_unit_is_returned_once(database: Database) {
        let app = TestApp::start(database).await;
        for round in 0..rounds(ROUNDS) {
            let number = round.to_string();
            app.put_order(&bought(&number)).await;
            let asked = (0..MANY).map(|_| app.api("POST", "/returns").json(&request(&number, "2", 1))).collect();
            assert_eq!(count(&at_once(asked).await, StatusCode::CREATED, StatusCode::CONFLICT), 1);
            // Two units, of which everybody wants one or both.
            let asked = (0..MANY).map(|place| app.api("POST", "/returns").json(&request(&number, "1", 1 + (place % 2) as u32))).collect();
            let won = count(&at_once(asked).await, StatusCode::CREATED, StatusCode::CONFLICT);
            assert!((1..=2).contains(&won), "{won}");
        }
        books::are_right(&app.database).await;
    }
}

on_both! {
    async fn one_key_opens_one_return(database: Database) {
        let app = TestApp::start(database).await;
        for round in 0..rounds(ROUNDS) {
            let number = round.to_string();
            app.put_order(&bought(&number)).await;
            let ask = |body: &Value| app.api("POST", "/returns").header("idempotency-key", &number).json(body);
            let answers = at_once((0..MANY).map(|_| ask(&request(&number, "1", 1))).collect()).await;
            assert_eq!(count(&answers, StatusCode::CREATED, StatusCode::CONFLICT), MANY);
            assert!(answers.iter().all(|(_, body)| body["rma"] == answers[0].1["rma"]), "one key, one answer");
            // One key for two different requests, also of different orders: the first decides.
            let other = format!("{round}-b");
            app.put_order(&bought(&other)).await;
            let key = format!("{round}-key");
            let ask = |number: &str| app.api("POST", "/returns").header("idempotency-key", &key).json(&request(number, "2", 1));
            let answers = at_once((0..MANY).map(|place: usize| ask(if place.is_multiple_of(2) { &number } else { &other })).collect()).await;
            let won: Vec<_> = answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).collect();
            assert!(!won.is_empty() && won.iter().all(|(_, body)| body["rma"] == won[0].1["rma"]), "{won:?}");
            for (status, body) in &answers {
                assert!(*status == StatusCode::CREATED || body["type"] == "/problems/idempotency-key-reused", "{status} {body}");
            }
        }
        books::are_right(&app.database).await;
    }
}

on_both! {
    async fn one_draft_becomes_one_return(database: Database) {
        let app = TestApp::start(database).await;
        for round in 0..rounds(ROUNDS) {
            let number = round.to_string();
            app.put_order(&bought(&number)).await;
            let mut visitor = crate::pages::Visitor::new(&app);
            let items = visitor.post("/", &[("number", &number), ("contact", &mail_of(&number))]).await;
            let draft = items.strip_suffix("/items").unwrap().to_owned();
            let field = |name: &str| format!("{name}|{number}|1");
            visitor.post(&items, &[(&field("units"), "1"), (&field("count"), "1")]).await;
            visitor.post(&format!("{draft}/why"), &[(&field("reason"), "dislike"), (&field("condition"), "opened")]).await;
            visitor.post(&format!("{draft}/wish"), &[(&field("wish"), "refund")]).await;
            assert_eq!(visitor.post(&format!("{draft}/send"), &[("method", "drop_off")]).await, format!("{draft}/check"));
            let cookie = format!("__Host-homebound={}", visitor.cookie("__Host-homebound").unwrap());
            let press = || app.client.post(format!("{}{draft}/check", app.base)).header("cookie", &cookie).send();
            let led = futures::future::join_all((0..MANY).map(|_| press())).await;
            let led: Vec<String> = led.into_iter().map(|answer| answer.unwrap().headers()["location"].to_str().unwrap().to_owned()).collect();
            assert!(led[0].starts_with("/returns/R-") && led[0].ends_with("/done") && led.iter().all(|path| *path == led[0]), "{led:?}");
        }
        let (_, list) = app.get("/returns?limit=200").await;
        assert_eq!(list["items"].as_array().unwrap().len(), rounds(ROUNDS).min(200));
        books::are_right(&app.database).await;
    }
}

/// An order of whoever bought another one.
fn of_one(number: &str, first: &str) -> Value {
    let mut of_one = bought(first);
    of_one["number"] = number.into();
    of_one
}

async fn stock(app: &TestApp, sku: &str, quantity: usize) {
    let told = json!({"quantity": quantity, "variant_of": "ALL", "price": "99.00", "currency": "CNY"});
    let put = app.api("PUT", &format!("/stock/HZ1/{sku}")).json(&told).send().await.unwrap();
    assert!(put.status().is_success());
}

fn exchange(line: &str, sku: &str) -> Value {
    json!({"line": line, "quantity": 1, "reason": "size", "sub_reason": "too_small", "condition": "unopened", "resolution": "exchange", "exchange_sku": sku})
}

on_both! {
    async fn the_last_one_in_stock_is_promised_once(database: Database) {
        let app = TestApp::start(database).await;
        for sku in ["TEE-BLK-M", "LAMP"] {
            stock(&app, sku, 0).await;
        }
        for round in 0..rounds(ROUNDS) {
            let (left, right) = (format!("LEFT-{round}"), format!("RIGHT-{round}"));
            stock(&app, &left, 1).await;
            for place in 0..MANY {
                app.put_order(&bought(&format!("{round}-{place}"))).await;
            }
            let ask = |place: usize, lines: Value| app.api("POST", "/returns").json(&json!({"orders": [format!("{round}-{place}")], "method": "self_ship", "lines": lines}));
            let answers = at_once((0..MANY).map(|place| ask(place, json!([exchange("1", &left)]))).collect()).await;
            assert_eq!(count(&answers, StatusCode::CREATED, StatusCode::CONFLICT), 1);
            // Two products, wanted in both orders: nobody waits for anybody in a circle.
            stock(&app, &left, 11).await;
            stock(&app, &right, 10).await;
            let both = |place: usize| if place.is_multiple_of(2) { json!([exchange("1", &left), exchange("2", &right)]) } else { json!([exchange("1", &right), exchange("2", &left)]) };
            let answers = at_once((0..MANY).map(|place| ask(place, both(place))).collect()).await;
            let lost = answers.iter().filter(|(status, _)| *status == StatusCode::CONFLICT).count();
            let won: Vec<&str> = answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).filter_map(|(_, body)| body["rma"].as_str()).collect();
            // The lamp's units are one each; a tee of each order may be in a return by then.
            assert!(won.len() == 10 && won.len() + lost == MANY, "{} won: {answers:?}", won.len());
            books::are_right(&app.database).await;
            // All let go of at once, while others take.
            let cancel = won.iter().map(|rma| app.api("POST", &format!("/returns/{rma}/cancel")).json(&json!({})));
            let take = (0..MANY).map(|place| ask(place, json!([exchange("2", &right)])));
            let answers = at_once(cancel.chain(take).collect()).await;
            let served = [StatusCode::OK, StatusCode::CREATED, StatusCode::CONFLICT];
            let odd = answers.iter().filter(|(status, _)| !served.contains(status)).collect::<Vec<_>>();
            assert!(odd.is_empty(), "{odd:?}");
        }
        books::are_right(&app.database).await;
    }
}

/// What is held for a return comes in no order of its own: here, the other way round for one of two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_let_go_never_wait_for_each_other_in_a_circle() {
    let app = TestApp::start(postgres().await).await;
    let mut opened = Vec::new();
    stock(&app, "LEFT", 2).await;
    stock(&app, "RIGHT", 2).await;
    for (number, [one, other]) in [("a", ["LEFT", "RIGHT"]), ("b", ["RIGHT", "LEFT"])] {
        app.put_order(&bought(number)).await;
        let both = json!({"orders": [number], "method": "self_ship", "lines": [exchange("1", one), exchange("2", other)]});
        opened.push(open(&app, &both).await);
    }
    let turned = &opened[1];
    let left = format!("WITH left_one AS (DELETE FROM reservations WHERE sku = 'LEFT' AND rma = '{turned}' RETURNING *)");
    app.database.meddle(&format!("{left} INSERT INTO reservations SELECT * FROM left_one")).await;
    let mut other = sqlx::PgConnection::connect(&app.database.address).await.unwrap();
    let mut somebody = other.begin().await.unwrap();
    sqlx::query("UPDATE stock SET quantity = quantity WHERE sku = 'RIGHT'").execute(&mut *somebody).await.unwrap();
    let mut cancelled = Vec::new();
    // Each comes to wait behind the one before.
    for rma in opened.iter().rev() {
        cancelled.push(tokio::spawn(answered(app.api("POST", &format!("/returns/{rma}/cancel")).json(&json!({})))));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    somebody.rollback().await.unwrap();
    for led in cancelled {
        let (status, body) = led.await.unwrap();
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    books::are_right(&app.database).await;
}

on_both! {
    async fn one_label_is_made_anew(database: Database) {
        let app = TestApp::start(database).await;
        for round in 0..rounds(ROUNDS) {
            app.put_order(&bought(&round.to_string())).await;
            let rma = open(&app, &request(&round.to_string(), "1", 1)).await;
            app.services.clock.advance(SignedDuration::from_mins(3));
            let answers = at_once((0..MANY).map(|_| app.api("POST", &format!("/returns/{rma}/label"))).collect()).await;
            assert_eq!(count(&answers, StatusCode::OK, StatusCode::CONFLICT), MANY);
            assert!(answers.iter().all(|(_, body)| body["parcels"] == answers[0].1["parcels"]), "everybody has the same new label");
            assert_eq!(answers[0].1["parcels"].as_array().unwrap().len(), 2);
        }
        books::are_right(&app.database).await;
    }
}

on_both! {
    async fn calling_off_and_changing_come_one_after_the_other(database: Database) {
        let app = TestApp::start(database).await;
        for round in 0..rounds(ROUNDS * 3) {
            let (number, other) = (format!("{round}-a"), format!("{round}-b"));
            for of in [&number, &other] {
                app.put_order(&of_one(of, &number)).await;
            }
            let rma = open(&app, &request(&number, "1", 1)).await;
            app.services.clock.advance(SignedDuration::from_mins(3));
            let to = |what: &str, body: Value| -> RequestBuilder { app.api("POST", &format!("/returns/{rma}/{what}")).json(&body) };
            let add = |of: &str, id: &str| {
                let mut line = line(id, 1);
                line["order"] = json!(of);
                to("lines", json!({"lines": [line]}))
            };
            let mut asked = Vec::new();
            for _ in 0..6 {
                asked.extend([add(&number, "2"), add(&number, "1"), add(&other, "2")]);
                asked.push(to("method", json!({"method": "drop_off"})));
                asked.push(to("method", json!({"method": "self_ship"})));
                asked.push(to("label", json!({})));
            }
            asked.insert(round * 7 % asked.len(), to("cancel", json!({})));
            asked.push(app.api("POST", "/returns").json(&request(&other, "2", 1)));
            let answers = at_once(asked).await;
            for (status, body) in &answers {
                assert!([StatusCode::OK, StatusCode::CREATED, StatusCode::CONFLICT].contains(status), "{status} {body}");
            }
            let (_, now) = app.get(&format!("/returns/{rma}")).await;
            assert_eq!(now["status"], "cancelled", "called off is called off, whatever came before it: {now}");
            let (_, seen) = app.get(&format!("/orders/{number}")).await;
            assert!(seen["returnable"].as_array().unwrap().iter().all(|line| line["available"] == line["quantity"]), "{seen}");
        }
        books::are_right(&app.database).await;
    }
}

on_both! {
    async fn returns_of_several_orders_never_wait_for_each_other_in_a_circle(database: Database) {
        let app = TestApp::start(database).await;
        for round in 0..rounds(ROUNDS) {
            let numbers = ["a", "b", "c"].map(|name| format!("{round}-{name}"));
            for number in &numbers {
                app.put_order(&of_one(number, &numbers[0])).await;
            }
            let ask = |place: usize| {
                let mut lines = Vec::new();
                for step in 0..3 {
                    let mut line = line("1", 1);
                    line["order"] = json!(numbers[(place + step * (1 + place % 2)) % 3]);
                    lines.push(line);
                }
                app.api("POST", "/returns").json(&json!({"lines": lines, "method": "self_ship"}))
            };
            // The shop sends the orders anew meanwhile.
            let sent = numbers.iter().map(|number| app.api("PUT", &format!("/orders/{number}")).json(&of_one(number, &numbers[0])));
            let answers = at_once((0..MANY).map(ask).chain(sent).collect()).await;
            let won = answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
            assert_eq!(won, 2, "two units of each: {answers:?}");
            assert!(answers.iter().all(|(status, _)| [StatusCode::OK, StatusCode::CREATED, StatusCode::CONFLICT].contains(status)), "{answers:?}");
        }
        books::are_right(&app.database).await;
    }
}
