//! Two servers on one PostgreSQL: nobody notices which of them answers, and one that is killed takes nothing along.

use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use reqwest::{RequestBuilder, StatusCode, header};
use serde_json::json;

use super::killed::{every_mail_leaves_once, stand};
use super::load::{Customer, Load, Visit, customer, heard};
use super::proxy::Proxy;
use super::serving::{Serving, complaints, key};
use super::shopper::Shopper;
use super::{at_once, books, bought, mail_of, rounds};
use crate::app::request;
use crate::databases::{Database, postgres};
use crate::live::heard as heard_live;
use crate::mails::smtp;

const ROUNDS: usize = 8;
const CUSTOMERS: usize = 8;
const MANY: usize = 50;
const SOON: Duration = Duration::from_secs(10);

/// Of each of them: the proxy says who asks.
const SETTINGS: [(&str, &str); 1] = [("HOMEBOUND_CLIENT_ADDRESS_HEADER", "x-forwarded-for")];

/// Two servers and what is in front of them.
struct Both {
    database: Database,
    servers: [Serving; 2],
    proxy: Proxy,
    customer: Customer,
}

impl Both {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let settings: Vec<_> = SETTINGS.into_iter().chain(settings.iter().copied()).collect();
        Self::of(|database| [(); 2].map(|()| Serving::with(database, &settings))).await
    }

    async fn of(servers: impl FnOnce(&Database) -> [Serving; 2]) -> Self {
        let database = postgres().await;
        let key = key(&database).await;
        let servers = servers(&database);
        for server in &servers {
            server.ready().await;
        }
        let proxy = Proxy::start([&servers[0], &servers[1]]).await;
        let customer = customer(&proxy.base, &key);
        Self { database, servers, proxy, customer }
    }

    /// An order that was taken.
    async fn bought(&self, number: &str) {
        let put = self.customer.call("PUT", &format!("/orders/{number}")).json(&bought(number));
        let (status, body) = heard(put).await.unwrap();
        assert!(status.is_success(), "{body}");
    }

    async fn end(self) {
        assert_eq!(self.proxy.faults(), [""; 0]);
        books::are_right(&self.database).await;
        let complaints = complaints(&self.database);
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_start_at_once_make_one_shop() {
    for round in 0..rounds(4) {
        let database = postgres().await;
        // As nobody has ever seen it.
        database.meddle("DROP SCHEMA public CASCADE").await;
        database.meddle("CREATE SCHEMA public").await;
        let demo = if round % 2 == 0 { "false" } else { "true" };
        let servers = [(); 2].map(|()| Serving::with(&database, &[("HOMEBOUND_DEMO", demo)]));
        for server in &servers {
            server.ready().await;
        }
        let versions = database.texts("SELECT CAST(version AS TEXT) FROM policies ORDER BY version").await;
        assert_eq!(versions, if round % 2 == 0 { vec!["1"] } else { vec!["1", "2"] });
        assert_eq!(database.texts("SELECT name FROM server_secrets").await.len(), 1);
        assert_eq!(complaints(&database), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shopper_is_served_by_both_in_turn() {
    let both = Both::start(&[]).await;
    for place in 0..4 {
        let mut visit = Visit { number: format!("turn-{place}"), ..Visit::default() };
        both.bought(&visit.number).await;
        let before = both.proxy.answered();
        let mut shopper = Shopper::default();
        shopper.visit(&both.customer, &mut visit).await.unwrap();
        let [one, other] = [0, 1].map(|place: usize| both.proxy.answered()[place] - before[place]);
        assert!(one.abs_diff(other) <= 1 && one >= 5, "{one} and {other} answers: session, draft and uploads are everybody's");
    }
    let load = Load::begin(CUSTOMERS, &both.customer);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let visits = load.end().await;
    assert!(visits.iter().all(|visit| visit.rma.is_some()));
    stand(&both.customer, &visits).await;
    both.end().await;
}

/// While a shop is brought up to date its old server goes on beside the new one: each goes on with what the other began.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the program of the version before: make beside"]
async fn the_version_before_serves_beside_this_one() {
    let before = std::env::var_os("HOMEBOUND_TEST_BEFORE").expect("HOMEBOUND_TEST_BEFORE names the program of the version before");
    let both = Both::of(|database| [Serving::of(&before, database, &SETTINGS), Serving::with(database, &SETTINGS)]).await;
    for round in 0..rounds(8) {
        let mut visit = Visit { number: format!("beside-{round}"), ..Visit::default() };
        both.bought(&visit.number).await;
        let answered = both.proxy.answered();
        Shopper::default().visit(&both.customer, &mut visit).await.unwrap();
        let [old, new] = [0, 1].map(|place: usize| both.proxy.answered()[place] - answered[place]);
        assert!(old.abs_diff(new) <= 1 && old >= 5, "{old} and {new} answers");
        stand(&both.customer, &[visit]).await;
    }
    let load = Load::begin(CUSTOMERS, &both.customer);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let visits = load.end().await;
    assert!(visits.iter().all(|visit| visit.rma.is_some()));
    println!("{} returns by two versions", visits.len());
    stand(&both.customer, &visits).await;
    assert_eq!(both.proxy.faults(), [""; 0]);
    books::are_right(&both.database).await;
    // The version before may have put its secret there.
    let complaints = complaints(&both.database).into_iter().filter(|line| !line.contains("the secret of links still lies in the database"));
    assert_eq!(complaints.collect::<Vec<_>>(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tries_are_counted_by_both_together() {
    let both = Both::start(&[("HOMEBOUND_LIMITS__LOOKUPS_PER_ADDRESS", "4"), ("HOMEBOUND_LIMITS__LOOKUPS_PER_ORDER", "6")]).await;
    both.bought("1").await;
    let guess = async |address: &str, contact: &str| {
        let asked = both.customer.client.post(format!("{}/", both.proxy.base)).header("x-forwarded-for", address);
        let answer = asked.form(&[("number", "1"), ("contact", contact)]).send().await.unwrap();
        answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
    };
    for _ in 0..4 {
        assert_eq!(guess("10.0.0.1", "x@example.com").await, "/");
    }
    // On either of them.
    for _ in 0..2 {
        assert_eq!(guess("10.0.0.1", &mail_of("1")).await, "/busy");
        assert_eq!(guess("10.0.0.2", "x@example.com").await, "/");
    }
    for _ in 0..2 {
        assert_eq!(guess("10.0.0.3", &mail_of("1")).await, "/account", "the order is guarded from every address");
    }
    assert_eq!(both.proxy.faults(), [""; 0]);
    assert_eq!(complaints(&both.database), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_both_one_comes_first() {
    let both = Both::start(&[]).await;
    let open = |number: &str, line: &str| -> RequestBuilder { both.customer.call("POST", "/returns").json(&request(number, line, 1)) };
    for round in 0..rounds(2) {
        let number = round.to_string();
        both.bought(&number).await;
        let answers = at_once((0..MANY).map(|_| open(&number, "2")).collect()).await;
        assert_eq!(answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).count(), 1);
        assert!(answers.iter().all(|(status, _)| matches!(*status, StatusCode::CREATED | StatusCode::CONFLICT)), "{answers:?}");
        let answers = at_once((0..MANY).map(|_| open(&number, "1").header("idempotency-key", &number)).collect()).await;
        assert!(answers.iter().all(|(status, body)| *status == StatusCode::CREATED && body["rma"] == answers[0].1["rma"]), "{answers:?}");
        let mut visit = Visit { number: format!("draft-{round}"), ..Visit::default() };
        both.bought(&visit.number).await;
        let mut shopper = Shopper::default();
        shopper.fill_in(&both.customer, &mut visit).await.unwrap();
        let pressed = futures::future::join_all((0..MANY).map(|_| {
            let mut shopper = shopper.clone();
            let customer = both.customer.clone();
            async move { shopper.press(&customer).await.unwrap() }
        }));
        let pressed = pressed.await;
        assert!(pressed.iter().all(|rma| *rma == pressed[0]), "{pressed:?}");
    }
    both.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_is_heard_at_both_and_after_one_is_killed() {
    let both = Both::start(&[]).await;
    both.bought("1").await;
    let (_, opened) = heard(both.customer.call("POST", "/returns").json(&request("1", "1", 1))).await.unwrap();
    let rma = opened["rma"].as_str().unwrap();
    let mut shopper = Shopper::default();
    shopper.post(&both.customer, "/find-return", &[("rma", rma), ("rma_contact", &mail_of("1"))]).await.unwrap();
    let follow = async |after: &str| {
        let asked = shopper.call(&both.customer, "GET", &format!("/returns/{rma}/live?after={after}"));
        let stream = asked.send().await.unwrap();
        assert_eq!(stream.status(), StatusCode::OK);
        stream
    };
    let (version, mut streams) = (opened["version"].to_string(), Vec::new());
    for _ in 0..2 {
        let before = both.proxy.answered();
        let stream = follow(&version).await;
        streams.push((usize::from(both.proxy.answered()[1] > before[1]), stream));
    }
    streams.sort_by_key(|(place, _)| *place);
    let [(0, mut one), (1, mut other)] = <[_; 2]>::try_from(streams).unwrap() else { panic!("one is at each") };
    let change = async |method: &str| {
        let switch = both.customer.call("POST", &format!("/returns/{rma}/method")).json(&json!({"method": method}));
        assert_eq!(heard(switch).await.unwrap().0, StatusCode::OK);
    };
    change("drop_off").await;
    let (last, _) = heard_live(&mut one, SOON).await.unwrap();
    assert_eq!(heard_live(&mut other, SOON).await.unwrap().0, last);

    let [killed, _left] = both.servers;
    both.proxy.kill(0, killed);
    assert!(!matches!(one.chunk().await, Ok(Some(_))), "it ends at once");
    change("self_ship").await;
    let (next, _) = heard_live(&mut other, SOON).await.unwrap();
    assert_ne!(next, last);
    // Who was cut off comes back, to the one that is left.
    let mut again = follow(&last).await;
    assert_eq!(heard_live(&mut again, SOON).await.unwrap().0, next);
    assert_eq!(both.proxy.faults(), [""; 0]);
    books::are_right(&both.database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_send_every_mail_once() {
    let (port, taken) = smtp(&[]).await;
    let both = Both::start(&[("HOMEBOUND_SMTP_URL", &format!("smtp://127.0.0.1:{port}"))]).await;
    let load = Load::begin(CUSTOMERS, &both.customer);
    tokio::time::sleep(Duration::from_secs(3)).await;
    load.end().await;
    let began = Instant::now();
    while !both.database.texts("SELECT id FROM outbox WHERE done_at IS NULL").await.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(120), "mails are still waiting");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut sent: Vec<String> = taken.lock().unwrap().iter().map(|mail| name_of(mail)).collect();
    sent.sort();
    let mut due = both.database.texts("SELECT id FROM outbox").await;
    due.sort();
    assert_eq!(sent, due);
    // One that waited for an earlier one of its return, and was put off meanwhile, was not tried.
    let tries = both.database.texts("SELECT id || ': ' || COALESCE(last_error, '') FROM outbox WHERE attempts - tried_before <> 1").await;
    assert_eq!(tries, [""; 0], "tried once each");
    println!("{} mails by two workers", sent.len());
    both.end().await;
}

/// The outbox row that a mail is of.
fn name_of(mail: &str) -> String {
    let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
    mail.message_id().unwrap().split_once('@').unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_killed_and_the_other_carries_on() {
    let mut both = Both::start(&[]).await;
    let (began, rounds, mut told) = (Instant::now(), rounds(ROUNDS), 0);
    for round in 0..rounds {
        let load = Load::begin(CUSTOMERS, &both.customer);
        tokio::time::sleep(Duration::from_millis(rand::random_range(5..800))).await;
        let place = usize::from(rand::random::<bool>());
        let fresh = Serving::with(&both.database, &SETTINGS);
        both.proxy.kill(place, std::mem::replace(&mut both.servers[place], fresh));
        // Those who were not with it notice nothing.
        let (opened, killed) = (load.opened(), Instant::now());
        while load.opened() < opened + CUSTOMERS {
            assert!(killed.elapsed() < SOON, "{} returns were opened since", load.opened() - opened);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        both.servers[place].ready().await;
        both.proxy.point(place, &both.servers[place]);
        let visits = load.end().await;
        assert_eq!(both.proxy.faults(), [""; 0]);
        told += visits.iter().filter(|visit| visit.rma.is_some()).count();
        stand(&both.customer, &visits).await;
        if (round + 1) % 25 == 0 || round + 1 == rounds {
            println!("two servers: {} of {rounds} killed, {told} returns acknowledged, {} s", round + 1, began.elapsed().as_secs());
        }
    }
    let Both { database, servers, proxy, .. } = both;
    drop(servers);
    assert_eq!(proxy.faults(), [""; 0]);
    // What one of them was about to send is sent when its lease is over.
    every_mail_leaves_once(&database).await;
    let complaints = complaints(&database);
    assert!(complaints.is_empty(), "{complaints:#?}");
}
