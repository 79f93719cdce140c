//! A server that is killed at any moment, again and again: what it acknowledged is there, whole, once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use reqwest::StatusCode;

use super::books;
use super::load::{Customer, Load, Visit, customer};
use super::rounds;
use super::serving::{Serving, key};
use crate::databases::{Database, on_both};

const ROUNDS: usize = 16;
const CUSTOMERS: usize = 8;
/// Labels drawn in each round: drawing takes longer than all else.
const LABELS: usize = 3;

on_both! {
    async fn nothing_that_was_acknowledged_is_lost(database: Database) {
        let key = key(&database).await;
        let (began, rounds, mut told) = (Instant::now(), rounds(ROUNDS), 0);
        for round in 0..rounds {
            let serving = Serving::start(&database);
            serving.ready().await;
            let load = Load::begin(CUSTOMERS, &customer(&serving.base, &key));
            tokio::time::sleep(Duration::from_millis(rand::random_range(5..500))).await;
            serving.kill();
            let visits = load.end().await;
            told += visits.iter().filter(|visit| visit.rma.is_some()).count();
            // It may be killed while it starts, too.
            if round % 4 == 3 {
                let starting = Serving::start(&database);
                tokio::time::sleep(Duration::from_millis(rand::random_range(0..400))).await;
                starting.kill();
            }
            let serving = Serving::start(&database);
            serving.ready().await;
            let customer = customer(&serving.base, &key);
            for (place, visit) in visits.iter().enumerate() {
                stands(&customer, visit, place < LABELS).await;
            }
            // Killed in the middle of its mails.
            serving.kill();
            mails_are_whole(&database).await;
            if (round + 1) % 25 == 0 || round + 1 == rounds {
                books::are_right(&database).await;
                println!("{}: {} of {rounds} rounds, {told} returns acknowledged, {} s", database.store.kind(), round + 1, began.elapsed().as_secs());
            }
        }
        assert!(told > rounds, "only {told} returns were acknowledged");
        every_mail_leaves_once(&database).await;
    }
}

/// What the customer was told still holds, and asking again changes nothing.
async fn stands(customer: &Customer, visit: &Visit, draw: bool) {
    if !visit.ordered {
        return;
    }
    // Whether or not it was acknowledged, the same key leads to one return, now and later.
    let (status, opened) = crate::app::answer(customer.open(visit).send().await.unwrap()).await;
    assert_eq!(status, StatusCode::CREATED, "{}: {opened}", visit.number);
    let rma = opened["rma"].as_str().unwrap();
    assert!(visit.rma.as_deref().is_none_or(|told| told == rma), "{}: {:?} was told, and is {rma} now", visit.number, visit.rma);
    let (status, now) = crate::app::answer(customer.call("GET", &format!("/returns/{rma}")).send().await.unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{now}");
    let version = now["version"].as_u64().unwrap();
    assert!(version >= visit.version, "{rma}: version {} was told, and is {version} now", visit.version);
    let parcels: Vec<&str> = now["parcels"].as_array().unwrap().iter().filter_map(|parcel| parcel["tracking_number"].as_str()).collect();
    assert!(visit.parcels.iter().all(|told| parcels.contains(&told.as_str())), "{rma}: {:?} were told: {parcels:?}", visit.parcels);
    let cancelled = now["status"] == "cancelled";
    assert!(cancelled || !visit.cancelled, "{rma} was called off: {now}");
    assert!(!cancelled || visit.cancelling, "{rma} was not called off: {now}");
    let held = |line: &str| now["lines"].as_array().unwrap().iter().any(|held| held["line"] == line);
    assert!(held("1") && (held("2") || !visit.added) && (!held("2") || visit.adding), "{rma}: {now}");
    if held("2") {
        let (status, again) = crate::app::answer(customer.add(visit, rma).send().await.unwrap()).await;
        assert_eq!((status, &again["version"]), (StatusCode::OK, &now["version"]), "{rma}: the key adds nothing twice: {again}");
    }
    if draw && !cancelled {
        let label = customer.call("GET", &format!("/returns/{rma}/label.pdf")).send().await.unwrap();
        assert_eq!(label.status(), StatusCode::OK, "{rma}");
        assert!(label.bytes().await.unwrap().starts_with(b"%PDF-"), "{rma}");
    }
}

/// Every mail that is noted as sent is there as a whole, to whom it is for.
async fn mails_are_whole(database: &Database) {
    for id in database.texts("SELECT id FROM outbox WHERE done_at IS NOT NULL ORDER BY id DESC LIMIT 200").await {
        let path = database.folder.path().join("mail").join(format!("{id}.eml"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{id} is noted as sent: {error}"));
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert!(mail.message_id().is_some_and(|named| named.starts_with(&id)), "{id}");
        assert!(mail.body_text(0).is_some_and(|text| text.len() > 100) && bytes.ends_with(b"--\r\n"), "{id} is cut off");
        assert!(mail.to().unwrap().first().unwrap().address().is_some_and(|to| to.ends_with("@example.com")), "{id}");
    }
}

/// Once the leases of the killed are over, every mail leaves, under one name each.
async fn every_mail_leaves_once(database: &Database) {
    database.meddle("UPDATE outbox SET leased_until = NULL").await;
    let serving = Serving::start(database);
    serving.ready().await;
    let due = database.texts("SELECT id FROM outbox").await.len();
    let patience = Duration::from_secs(60) + Duration::from_millis(300) * u32::try_from(due).unwrap();
    let begun = Instant::now();
    while !database.texts("SELECT id FROM outbox WHERE done_at IS NULL").await.is_empty() {
        assert!(begun.elapsed() < patience, "mails are still waiting");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    serving.kill();
    let sent = std::fs::read_dir(database.folder.path().join("mail")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let rows = database.texts("SELECT id || '.eml' FROM outbox").await;
    assert_eq!(sent.collect::<BTreeSet<_>>(), rows.into_iter().collect::<BTreeSet<_>>());
    books::are_right(database).await;
}
