//! Customers are erased on a server that is killed in the middle: all of one is gone or nothing is, what was acknowledged is gone, and files and mails go
//! once it is up again. The server writes everything to its log that it can, and nobody is in it afterwards.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use server::store::Scope;

use super::serving::{Serving, key_for};
use super::{picture, rounds};
use crate::app::{answer, order, request};
use crate::databases::{Database, on_both};
use crate::erasure::{left_in, rows_of};

const ROUNDS: usize = 16;
/// Where each customer's values stand until they are erased.
const CORE: [&str; 6] = ["orders", "customers", "returns", "return_events", "search_terms", "evidence"];

/// What names the customer of a round, and nobody else.
struct Marks {
    order: String,
    id: String,
    mail: String,
    all: Vec<String>,
}

impl Marks {
    fn of(round: usize) -> Self {
        let marked = |before: &str, after: &str| format!("{before}{round:03}{after}");
        let (id, mail) = (marked("zebra", "quagga"), marked("zeb", "quill@example.com"));
        let all = vec![id.clone(), mail.clone(), marked("quill", "feather"), marked("quitten", "gasse"), marked("qq", "comment")];
        Self { order: format!("o-{round}"), id, mail, all }
    }

    fn values(&self) -> Vec<&str> {
        self.all.iter().map(String::as_str).collect()
    }
}

/// The core tables in which any of these values stands.
async fn stands_in(database: &Database, marks: &Marks) -> BTreeSet<&'static str> {
    let rows = rows_of(database).await;
    let holds = |table: &&&str| {
        rows.iter().any(|row| {
            let row = row.to_lowercase();
            row.starts_with(&format!("{table}: ")) && marks.all.iter().any(|value| row.contains(value))
        })
    };
    CORE.iter().filter(holds).copied().collect()
}

/// Somebody who bought, wrote, showed a photo, and called it off.
async fn tell(client: &Client, base: &str, key: &str, marks: &Marks) -> String {
    let call = |method: &str, path: &str| client.request(method.parse().unwrap(), format!("{base}/api/v1{path}")).bearer_auth(key);
    let done = async |sent: reqwest::RequestBuilder| -> Value {
        let (status, told) = answer(sent.send().await.unwrap()).await;
        assert!(status.is_success(), "{status} {told}");
        told
    };
    let number = &marks.order;
    let mut bought = order(number);
    bought["customer"] = json!({"id": marks.id, "name": format!("Zebedia {}", marks.all[2]), "email": marks.mail, "locale": "en"});
    bought["ship_to"]["line1"] = json!(marks.all[3]);
    done(call("PUT", &format!("/orders/{number}")).json(&bought)).await;
    done(call("PUT", &format!("/customers/{}", marks.id)).json(&json!({"name": marks.all[2], "email": marks.mail}))).await;
    let mut asked = request(number, "1", 1);
    asked["lines"][0]["comment"] = json!(marks.all[4]);
    let rma = done(call("POST", "/returns").json(&asked)).await["rma"].as_str().unwrap().to_owned();
    let file = Form::new().part("file", Part::bytes(picture()).file_name(format!("{}.jpg", marks.all[2]))).text("line", "1");
    done(call("POST", &format!("/returns/{rma}/evidence")).multipart(file)).await;
    done(call("POST", &format!("/returns/{rma}/cancel")).json(&json!({"reason": marks.all[4]}))).await;
    rma
}

on_both! {
    async fn who_is_erased_is_gone_as_a_whole_whenever_the_server_is_killed(database: Database) {
        let key = key_for(&database, "privacy", Scope::Admin).await;
        let (client, rounds, began) = (Client::new(), rounds(ROUNDS), Instant::now());
        let settings = [("HOMEBOUND_LOG_FILTER", "debug")];
        // About as long as it takes.
        let within = if database.store.kind() == "sqlite" { 40_000 } else { 200_000 };
        let (mut gone, mut whole, mut acknowledged) = (0, 0, 0);
        for round in 0..rounds {
            let marks = Marks::of(round);
            let serving = Serving::with(&database, &settings);
            serving.ready().await;
            tell(&client, &serving.base, &key, &marks).await;
            let before = stands_in(&database, &marks).await;
            assert!(before.len() > 4, "{before:?}");
            let name = if round % 2 == 0 { &marks.id } else { &marks.mail };
            let erase = |base: &str| client.post(format!("{base}/api/v1/customers/{name}/erase")).bearer_auth(&key).json(&json!({})).send();
            let sent = tokio::spawn(erase(&serving.base));
            tokio::time::sleep(Duration::from_micros(rand::random_range(0..within))).await;
            serving.kill();
            let told = sent.await.unwrap().is_ok_and(|answer| answer.status() == StatusCode::OK);
            let after = stands_in(&database, &marks).await;
            assert!(after.is_empty() || after == before, "half of it: {before:?}, then {after:?}");
            assert!(after.is_empty() || !told, "it was told that all is gone: {after:?}");
            if after.is_empty() { gone += 1 } else { whole += 1 }
            acknowledged += usize::from(told);

            // Up again, it goes on with files and mails; asked again it answers once all of that is gone, too.
            let serving = Serving::with(&database, &settings);
            serving.ready().await;
            let asked = Instant::now();
            loop {
                let (status, told) = answer(erase(&serving.base).await.unwrap()).await;
                assert_eq!(status, StatusCode::OK, "{told}");
                if told["files_gone_at"].is_string() {
                    break;
                }
                assert!(asked.elapsed() < Duration::from_secs(60), "files are still there: {told}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                // Whoever had the job was killed: its lease ends by itself, and how long that takes says nothing of what is gone.
                database.meddle("UPDATE outbox SET leased_until = NULL, run_at = 0 WHERE done_at IS NULL AND kind = 'erase.files'").await;
            }
            serving.kill();
            assert_eq!(left_in(&database, &marks.values()).await, Vec::<String>::new(), "in a table, a file, a mail or the log");
        }
        println!(
            "{}: {rounds} rounds, {gone} gone and {whole} whole when the server died, {acknowledged} acknowledged, {} s",
            database.store.kind(), began.elapsed().as_secs()
        );
    }
}
