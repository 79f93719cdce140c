//! A worker that is killed while it tells customers and the shop's servers what happened: everything is told, of each return in its order, and what is told
//! twice is the same message. A server of the shop that takes its time holds up no mail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode as Status};
use mail_parser::MessageParser;
use serde_json::{Value, json};
use server::store::Scope;

use super::load::{Load, customer};
use super::rounds;
use super::serving::{Serving, complaints, key, key_for};
use crate::databases::on_both;
use crate::mails::smtp;

const ROUNDS: usize = 16;
const CUSTOMERS: usize = 4;
/// How long the slow one of the shop's servers thinks of each message.
const SLOW: Duration = Duration::from_secs(5);
/// Until everything that waits has gone.
const PATIENCE: Duration = Duration::from_secs(240);

/// What a server of the shop was told: name of the message, return, and the event's number, in the order in which it came.
type Told = Arc<Mutex<Vec<(String, String, u64)>>>;

async fn take(State((told, wait)): State<(Told, Duration)>, headers: HeaderMap, body: Bytes) -> Status {
    let message: Value = serde_json::from_slice(&body).unwrap();
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    tokio::time::sleep(wait).await;
    if let (Some(rma), Some(seq)) = (message["data"]["rma"].as_str(), message["data"]["seq"].as_u64()) {
        told.lock().unwrap().push((id, rma.to_owned(), seq));
    }
    Status::NO_CONTENT
}

async fn hook(wait: Duration) -> (Told, String) {
    let told = Told::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let router = Router::new().fallback(take).with_state((told.clone(), wait));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (told, url)
}

on_both! {
    async fn everything_is_told_in_its_order_though_the_worker_is_killed(database: Database) {
        let (began, rounds) = (Instant::now(), rounds(ROUNDS));
        let (write, admin) = (key(&database).await, key_for(&database, "hooks", Scope::Admin).await);
        let (port, mails) = smtp(&[]).await;
        let (told, url) = hook(Duration::ZERO).await;
        let (_, slow) = hook(SLOW).await;
        let server = format!("smtp://127.0.0.1:{port}");
        let settings = [("HOMEBOUND_SMTP_URL", server.as_str()), ("HOMEBOUND_WEBHOOKS__ALLOW_PRIVATE", "true")];
        let serving = Serving::with(&database, &settings);
        serving.ready().await;
        for (name, url, events) in [("all", &url, json!(["return.*"])), ("slow", &slow, json!(["return.opened"]))] {
            let put = customer(&serving.base, &admin).call("PUT", &format!("/webhooks/{name}")).json(&json!({"url": url, "events": events}));
            let put = put.send().await.unwrap();
            assert!(put.status().is_success(), "{} {}", put.status(), put.text().await.unwrap());
        }
        serving.kill();
        let mut visits = Vec::new();
        for _ in 0..rounds {
            let serving = Serving::with(&database, &settings);
            serving.ready().await;
            let load = Load::begin(CUSTOMERS, &customer(&serving.base, &write));
            tokio::time::sleep(Duration::from_millis(rand::random_range(100..900))).await;
            serving.kill();
            visits.extend(load.end().await);
        }
        let serving = Serving::with(&database, &settings);
        serving.ready().await;
        // Leases of the killed end by themselves; how long that takes says nothing of what is told.
        database.meddle("UPDATE outbox SET leased_until = NULL, run_at = 0 WHERE done_at IS NULL AND dead_at IS NULL").await;
        let waits = "SELECT kind FROM outbox WHERE done_at IS NULL AND (hook IS NULL OR hook <> 'slow') AND queue IN ('mail', 'webhook')";
        let since = Instant::now();
        while !database.texts(waits).await.is_empty() {
            assert!(since.elapsed() < PATIENCE, "still waiting: {:?}", database.texts(waits).await);
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        // The slow one was asked all the while and is not through yet: nobody waited for it.
        let given_up = database.texts("SELECT kind || ' ' || last_error FROM outbox WHERE dead_at IS NOT NULL").await;
        assert!(given_up.is_empty(), "{given_up:?}");
        serving.kill();

        let told = told.lock().unwrap().clone();
        let rmas: BTreeSet<String> = database.texts("SELECT rma FROM returns").await.into_iter().collect();
        let events = database.texts("SELECT rma || ' ' || seq FROM return_events").await;
        let of_hook: BTreeMap<(String, u64), BTreeSet<String>> = told.iter().fold(BTreeMap::new(), |mut all, (id, rma, seq)| {
            all.entry((rma.clone(), *seq)).or_default().insert(id.clone());
            all
        });
        // Doubles have one name.
        assert!(of_hook.values().all(|names| names.len() == 1), "{of_hook:?}");
        for rma in &rmas {
            let mut first = Vec::new();
            told.iter().filter(|(_, of, _)| of == rma).for_each(|(_, _, seq)| {
                if !first.contains(seq) {
                    first.push(*seq);
                }
            });
            assert!(first.is_sorted() && !first.is_empty(), "{rma}: {first:?}");
        }
        let acknowledged = visits.iter().filter_map(|visit| visit.rma.clone()).collect::<BTreeSet<_>>();
        assert!(acknowledged.is_subset(&rmas) && acknowledged.len() > rounds / 2, "only {} were acknowledged", acknowledged.len());

        // Each mail's name once for each person, however often it was sent; and for each return at least that it is booked.
        let mails = mails.lock().unwrap().clone();
        let read: Vec<(String, String, String)> = mails
            .iter()
            .map(|mail| {
                let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
                let to = mail.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned();
                (mail.message_id().unwrap().to_owned(), to, mail.subject().unwrap_or_default().to_owned())
            })
            .collect();
        let names: BTreeSet<&str> = read.iter().map(|(id, ..)| id.as_str()).collect();
        let different: BTreeSet<&(String, String, String)> = read.iter().collect();
        assert_eq!(names.len(), different.len(), "the same name is the same mail");
        let sent = database.texts("SELECT COUNT(*) || '' FROM outbox WHERE queue = 'mail' AND done_at IS NOT NULL").await;
        for rma in &rmas {
            assert!(read.iter().any(|(.., subject)| subject.contains(rma.as_str())), "nobody was told of {rma}");
        }
        assert_eq!(complaints(&database).into_iter().filter(|line| line.contains("panic")).collect::<Vec<_>>(), Vec::<String>::new());
        println!(
            "{}: {rounds} rounds, {} returns, {} events, {} webhook messages for {}, {} mails for {sent:?}, {} s",
            database.store.kind(),
            rmas.len(),
            events.len(),
            told.len(),
            of_hook.len(),
            read.len(),
            began.elapsed().as_secs()
        );
    }
}
