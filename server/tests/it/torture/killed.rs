//! A server that is killed at any moment, again and again: what it acknowledged is there, whole, once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use futures::{StreamExt, stream};
use mail_parser::MessageParser;
use reqwest::StatusCode;

use super::books;
use super::load::{Customer, Load, Visit, customer, heard};
use super::rounds;
use super::serving::{Serving, complaints, key};
use super::shopper::Shopper;
use crate::databases::{Database, on_both};
use crate::evidence::shown;

const ROUNDS: usize = 100;
const CUSTOMERS: usize = 8;
/// Labels drawn in each round: drawing takes longer than all else.
const LABELS: usize = 2;
/// How many visits are looked at side by side.
const SIDE_BY_SIDE: usize = 8;

on_both! {
    async fn nothing_that_was_acknowledged_is_lost(database: Database) {
        let key = key(&database).await;
        let (began, rounds, mut told) = (Instant::now(), rounds(ROUNDS), 0);
        let mut visits = Vec::new();
        for round in 0..=rounds {
            let serving = Serving::start(&database);
            serving.ready().await;
            let customer = customer(&serving.base, &key);
            // What was told before the last kill stands before the next.
            stand(&customer, &visits).await;
            if round < rounds {
                let load = Load::begin(CUSTOMERS, &customer);
                tokio::time::sleep(Duration::from_millis(rand::random_range(5..500))).await;
                serving.kill();
                visits = load.end().await;
            }
            told += visits.iter().filter(|visit| visit.rma.is_some()).count();
            // It may be killed while it starts, too.
            if round % 4 == 3 {
                let starting = Serving::start(&database);
                tokio::time::sleep(Duration::from_millis(rand::random_range(0..400))).await;
                starting.kill();
            }
            mails_are_whole(&database).await;
            if (round + 1) % 250 == 0 || round == rounds {
                books::are_right(&database).await;
            }
            if (round + 1) % 25 == 0 || round == rounds {
                println!("{}: {round} of {rounds} rounds, {told} returns acknowledged, {} s", database.store.kind(), began.elapsed().as_secs());
            }
        }
        assert!(told > rounds, "only {told} returns were acknowledged");
        no_file_is_without_its_owner(&database).await;
        every_mail_leaves_once(&database).await;
        let complaints = complaints(&database);
        assert!(complaints.is_empty(), "{complaints:#?}");
        println!("{}: all in {} s", database.store.kind(), began.elapsed().as_secs());
    }
}

/// What all of them were told still holds.
pub async fn stand(customer: &Customer, visits: &[Visit]) {
    let looked = visits.iter().enumerate().map(|(place, visit)| async move {
        match &visit.shopper {
            _ if !visit.ordered => {}
            None => stands(customer, visit, place < LABELS).await,
            Some(shopper) => shopper_stands(customer, visit, shopper.clone()).await,
        }
    });
    stream::iter(looked).buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
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
        assert_eq!((status, again["rma"].as_str()), (StatusCode::OK, Some(rma)), "{again}");
        // It tells what it told, whatever has become of the return since.
        assert!(again["version"].as_u64().is_some_and(|then| then <= version), "{rma}: {again}");
        let (_, after) = crate::app::answer(customer.call("GET", &format!("/returns/{rma}")).send().await.unwrap()).await;
        assert_eq!(after["version"], now["version"], "{rma}: the key adds nothing twice");
    }
    if draw && !cancelled {
        let label = customer.call("GET", &format!("/returns/{rma}/label.pdf")).send().await.unwrap();
        assert_eq!(label.status(), StatusCode::OK, "{rma}");
        assert!(label.bytes().await.unwrap().starts_with(b"%PDF-"), "{rma}");
    }
    are_kept(customer, &visit.shown).await;
}

/// The same for one who came by the pages: the session, the draft, its photos and its uploads are there, and the button leads to one return.
async fn shopper_stands(customer: &Customer, visit: &Visit, mut shopper: Shopper) {
    let Some(draft) = shopper.draft.clone() else { return };
    if !shopper.complete {
        let mut shown_now = Vec::new();
        if shopper.kept > 0 {
            let (status, page) = heard(shopper.call(customer, "GET", &format!("{draft}/show"))).await.unwrap();
            assert_eq!(status, StatusCode::OK, "{draft}");
            shown_now = shown(page.as_str().unwrap());
            assert!(shown_now.len() >= shopper.kept && visit.shown.iter().all(|told| shown_now.contains(told)), "{draft}: {shown_now:?}");
        }
        shown_now.extend(shopper.carry_on(customer).await);
        for id in shown_now {
            let file = shopper.call(customer, "GET", &format!("/evidence/{id}")).send().await.unwrap();
            assert!(file.bytes().await.unwrap().starts_with(b"\xff\xd8"), "{id}");
        }
        return;
    }
    let rma = shopper.press(customer).await.unwrap();
    assert!(visit.rma.as_deref().is_none_or(|told| told == rma), "{}: {:?} was told, and is {rma} now", visit.number, visit.rma);
    let (status, page) = heard(shopper.call(customer, "GET", &format!("/returns/{rma}"))).await.unwrap();
    assert!(status == StatusCode::OK && page.as_str().unwrap().contains(&rma), "{rma}: {status}");
    // What was shown to a return that is not called off can be carried on with.
    let mut told = visit.shown.clone();
    if shopper.upload.as_ref().is_some_and(|upload| upload.of.starts_with("/returns/")) {
        told.extend(shopper.carry_on(customer).await);
    }
    told.sort();
    told.dedup();
    let (_, now) = heard(customer.call("GET", &format!("/returns/{rma}"))).await.unwrap();
    let held: Vec<String> = serde_json::from_value(now["lines"][0]["evidence"].clone()).unwrap();
    let (kept, sent) = (shopper.kept + told.len(), shopper.sent + told.len());
    assert!((kept..=sent).contains(&held.len()) && told.iter().all(|id| held.contains(id)), "{rma}: {held:?}");
    let cancelled = now["status"] == "cancelled";
    assert!((cancelled || !visit.cancelled) && (!cancelled || visit.cancelling), "{rma}: {now}");
    are_kept(customer, &held).await;
}

/// Photos that can be looked at.
async fn are_kept(customer: &Customer, ids: &[String]) {
    for id in ids {
        let file = customer.call("GET", &format!("/evidence/{id}")).send().await.unwrap();
        assert_eq!(file.status(), StatusCode::OK, "{id}");
        assert!(file.bytes().await.unwrap().starts_with(b"\xff\xd8"), "{id}");
    }
}

/// Once it is late enough to sweep, the files there are, are those of the evidence there is. The sweep is killed, too.
pub async fn no_file_is_without_its_owner(database: &Database) {
    let age = || {
        let yesterday = SystemTime::now() - Duration::from_secs(48 * 3600);
        for file in books::files(database) {
            std::fs::File::open(file).unwrap().set_modified(yesterday).unwrap();
        }
    };
    age();
    database.meddle("UPDATE drafts SET updated_at = 0").await;
    database.meddle("UPDATE uploads SET expires_at = 0").await;
    database.meddle("UPDATE attempts SET since = 0").await;
    // Whoever had a turn is gone.
    let due = "UPDATE schedules SET next_at = 0, leased_until = NULL";
    let before = books::files(database).len();
    for _ in 0..5 {
        database.meddle(due).await;
        let serving = Serving::start(database);
        tokio::time::sleep(Duration::from_millis(rand::random_range(50..400))).await;
        serving.kill();
    }
    age();
    database.meddle(due).await;
    let serving = Serving::start(database);
    serving.ready().await;
    let begun = Instant::now();
    while let Err(why) = all_swept(database).await {
        assert!(begun.elapsed() < Duration::from_secs(60), "{why}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        // Evidence of drafts goes once they are gone.
        database.meddle("UPDATE schedules SET next_at = 0").await;
    }
    serving.kill();
    println!("{}: {before} files before the sweep, {} after it", database.store.kind(), books::files(database).len());
}

async fn all_swept(database: &Database) -> Result<(), String> {
    books::files_are_owned(database).await?;
    let drafts = "SELECT id FROM evidence WHERE holder = 'draft'";
    for left in [drafts, "SELECT id FROM uploads", "SELECT upload FROM upload_parts", "SELECT subject FROM attempts"] {
        let found = database.texts(left).await;
        if !found.is_empty() {
            return Err(format!("{left}: {found:?}"));
        }
    }
    Ok(())
}

/// Every mail that is noted as sent is there as a whole, to whom it is for.
async fn mails_are_whole(database: &Database) {
    for id in database.texts("SELECT id FROM outbox WHERE done_at IS NOT NULL ORDER BY id DESC LIMIT 60").await {
        let path = database.folder.path().join("mail").join(format!("{id}.eml"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{id} is noted as sent: {error}"));
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert!(mail.message_id().is_some_and(|named| named.starts_with(&id)), "{id}");
        assert!(mail.body_text(0).is_some_and(|text| text.len() > 100) && bytes.ends_with(b"--\r\n"), "{id} is cut off");
        assert!(mail.to().unwrap().first().unwrap().address().is_some_and(|to| to.ends_with("@example.com")), "{id}");
    }
}

/// Once the leases of the killed are over, every mail leaves, under one name each.
pub async fn every_mail_leaves_once(database: &Database) {
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
