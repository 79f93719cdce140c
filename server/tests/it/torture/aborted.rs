//! Visitors who go away: at any moment of a request, with a word or without. Nothing of them stays, and nothing is done by half.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::Value;
use sqlx::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::books;
use super::killed::no_file_is_without_its_owner;
use super::load::{Customer, Load, Visit, customer, heard};
use super::serving::{Serving, complaints, key};
use super::shopper::Shopper;
use super::{bought, mail_of, picture, rounds};
use crate::databases::{Database, on_both};

/// Requests, of which a quarter only warms the server up.
const REQUESTS: usize = 4_000;
const PARTS: usize = 4;
const AT_ONCE: usize = 24;
const SHOPPERS: usize = 6;
/// Memory that may be taken beside what a second load of the same size took: caches are still filling, SQLite's to 16 MiB a connection.
/// So what leaks shows at 32 KiB a request here, at 6 KiB where 20,000 go away.
const SLACK: u64 = 64 << 20;
/// How long what nobody waits for may still take.
const SETTLED: Duration = Duration::from_secs(20);

on_both! {
    async fn who_goes_away_leaves_nothing_behind(database: Database) {
        let key = key(&database).await;
        let settings = [
            // Some of them guess, and are not to be counted as one who guesses a lot.
            ("HOMEBOUND_LIMITS__LOOKUPS_PER_ADDRESS", "1000000"),
            ("HOMEBOUND_LIMITS__LOOKUPS_PER_ORDER", "1000000"),
            // What was freed is given back at once, so that it is not counted.
            ("MIMALLOC_PURGE_DELAY", "0"),
        ];
        let serving = Serving::with(&database, &settings);
        serving.ready().await;
        let customer = customer(&serving.base, &key);
        let address: SocketAddr = serving.base.trim_start_matches("http://").parse().unwrap();
        let mut asks = Vec::new();
        for place in 0..SHOPPERS {
            asks.extend(asks_of(&customer, &name_of(place)).await);
        }
        let (asks, found) = (Arc::new(asks), Arc::new(AtomicUsize::new(0)));
        let (sessions, drafts) = (count(&database, "sessions").await, count(&database, "drafts").await);

        let (began, each) = (Instant::now(), rounds(REQUESTS) / PARTS);
        let (mut before, mut memory) = (None, Vec::new());
        for part in 0..PARTS {
            go_away(address, &asks, &found, each).await;
            let open = settled(&serving, &customer, before).await;
            before = before.or(open);
            memory.extend(resident(&serving));
            println!(
                "{}: {} requests dropped, {} s, {open:?} files open, {:?} MB",
                database.store.kind(), each * (part + 1), began.elapsed().as_secs(), memory.last().map(|bytes| bytes >> 20)
            );
        }
        if let [_, second, .., last] = memory[..] {
            assert!(last < second + SLACK, "memory grows: {memory:?}");
        }

        nothing_is_held(&database).await;
        what_was_begun_ends_once(&customer).await;
        everything_works_at_once(&customer).await;
        let found = u64::try_from(found.load(Ordering::Relaxed)).unwrap();
        let more = count(&database, "sessions").await - sessions;
        assert!(more <= found + WORKING, "{more} sessions, {found} asked for");
        let more = count(&database, "drafts").await - drafts;
        assert!(more <= found + WORKING, "{more} drafts, {found} asked for");
        books::are_right(&database).await;
        serving.kill();
        no_file_is_without_its_owner(&database).await;
        let complaints = complaints(&database);
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

fn name_of(shopper: usize) -> String {
    format!("gone-{shopper}")
}

/// Orders of which each request may be the first.
fn orders_of(shopper: &str) -> impl Iterator<Item = String> {
    (0..6).map(move |place| format!("{shopper}-{place}"))
}

/// A request as it goes over the wire.
struct Ask {
    head: usize,
    bytes: Vec<u8>,
    /// Whoever sends it whole may get a session and a draft.
    finds: bool,
}

/// All that a shopper and their shop can ask.
async fn asks_of(customer: &Customer, number: &str) -> Vec<Ask> {
    let mut visit = Visit { number: number.to_owned(), ..Visit::default() };
    for number in [number, &format!("{number}-sent")] {
        let (status, body) = heard(customer.call("PUT", &format!("/orders/{number}")).json(&bought(number))).await.unwrap();
        assert!(status.is_success(), "{body}");
    }
    let mut shopper = Shopper::default();
    shopper.fill_in(customer, &mut visit).await.unwrap();
    let sent = Visit { number: format!("{number}-sent"), ..Visit::default() };
    let (status, opened) = heard(customer.open(&sent)).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    let rma = opened["rma"].as_str().unwrap();
    let recognised = shopper.post(customer, "/find-return", &[("rma", rma), ("rma_contact", &mail_of(&sent.number))]).await.unwrap();
    assert_eq!(recognised, format!("/returns/{rma}"));
    let draft = shopper.draft.clone().unwrap();
    let form = [("line", format!("{number}|2")), ("name", "large.jpg".to_owned()), ("size", "900000".to_owned())];
    let (_, begun) = heard(shopper.call(customer, "POST", &format!("{draft}/uploads")).form(&form)).await.unwrap();
    let upload = begun["id"].as_str().unwrap();

    let session = format!("cookie: __Host-homebound={}; lang=en\r\n", shopper.session.as_deref().unwrap());
    let machine = format!("authorization: Bearer {}\r\n", customer.key);
    let mut asks = Vec::new();
    for path in ["/", "/policy", "/account", "/nothing"] {
        asks.push(ask("GET", path, "", b""));
    }
    for step in ["items", "why", "show", "wish", "send", "check", "elsewhere"] {
        asks.push(ask("GET", &format!("{draft}/{step}"), &session, b""));
    }
    for page in ["", "/done", "/method", "/cancel", "/photos", "/label.pdf", "/live?after=0", "/live?after=0", "/live?after=9"] {
        asks.push(ask("GET", &format!("/returns/{rma}{page}"), &session, b""));
    }
    let form = |path: &str, fields: &[(&str, &str)]| {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        ask("POST", path, &format!("{session}content-type: application/x-www-form-urlencoded\r\n"), body.as_bytes())
    };
    for (path, contact) in [("/", mail_of(number)), ("/", "nobody@example.com".to_owned())] {
        asks.push(Ask { finds: true, ..form(path, &[("number", number), ("contact", &contact)]) });
    }
    let field = |name: &str| format!("{name}|{number}|2");
    asks.extend([
        form(&format!("{draft}/items"), &[(&field("units"), "1")]),
        form(&format!("{draft}/why"), &[(&field("reason"), "damaged_in_transit"), (&field("condition"), "opened")]),
        form(&format!("{draft}/preview/why"), &[(&field("reason"), "damaged_in_transit"), (&field("condition"), "opened")]),
        form(&format!("{draft}/wish"), &[(&field("wish"), "refund")]),
        form(&format!("{draft}/send"), &[("method", "drop_off")]),
        form(&format!("{draft}/uploads"), &[("line", &format!("{number}|2")), ("name", "x.jpg"), ("size", "1000")]),
        form(&format!("/returns/{rma}/method"), &[("method", "drop_off")]),
        form(&format!("/returns/{rma}/method"), &[("method", "self_ship")]),
        form(&format!("/returns/{rma}/label"), &[]),
    ]);
    let piece = format!("{draft}/uploads/{upload}?offset=0");
    asks.push(ask("PUT", &piece, &session, &[7; 200_000]));
    asks.push(file(&format!("{draft}/show"), &session, &format!("files|{number}|2")));
    asks.push(file(&format!("/returns/{rma}/photos"), &session, &format!("files|{number}-sent|1")));
    asks.push(file(&format!("/api/v1/evidence?order={number}"), &machine, "file"));
    asks.push(file(&format!("/api/v1/returns/{rma}/evidence"), &machine, "file"));
    let json = |method: &str, path: &str, more: &str, body: &Value| {
        let head = format!("{machine}{more}content-type: application/json\r\n");
        ask(method, &format!("/api/v1{path}"), &head, body.to_string().as_bytes())
    };
    // Each is an order and a return of its own, opened by whichever of its requests comes first.
    for number in orders_of(number) {
        let wanted = Visit { number: number.clone(), ..Visit::default() }.wanted();
        asks.push(json("PUT", &format!("/orders/{number}"), "", &bought(&number)));
        asks.push(json("POST", "/returns/quote", "", &wanted));
        asks.push(json("POST", "/returns", &format!("idempotency-key: open-{number}\r\n"), &wanted));
    }
    for path in ["/returns", &format!("/returns/{rma}"), &format!("/returns/{rma}/timeline")] {
        asks.push(ask("GET", &format!("/api/v1{path}"), &machine, b""));
    }
    asks
}

fn ask(method: &str, target: &str, head: &str, body: &[u8]) -> Ask {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nhost: x\r\n{head}content-length: {}\r\n\r\n", body.len()).into_bytes();
    let head = bytes.len();
    bytes.extend_from_slice(body);
    Ask { head, bytes, finds: false }
}

fn file(target: &str, head: &str, field: &str) -> Ask {
    let open = format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"f.jpg\"\r\n\r\n");
    let body = [open.as_bytes(), &picture(), b"\r\n--edge--\r\n"].concat();
    ask("POST", target, &format!("{head}content-type: multipart/form-data; boundary=edge\r\n"), &body)
}

/// So many requests, each dropped at some moment.
async fn go_away(address: SocketAddr, asks: &Arc<Vec<Ask>>, found: &Arc<AtomicUsize>, requests: usize) {
    let left = Arc::new(AtomicUsize::new(requests));
    let visitors = (0..AT_ONCE).map(|_| {
        let (asks, found, left) = (asks.clone(), found.clone(), left.clone());
        tokio::spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let ask = &asks[rand::random_range(0..asks.len())];
                if ask.finds {
                    found.fetch_add(1, Ordering::Relaxed);
                }
                drop_it(address, ask).await;
            }
        })
    });
    futures::future::join_all(visitors).await.into_iter().for_each(|visitor| visitor.unwrap());
}

async fn drop_it(address: SocketAddr, ask: &Ask) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let whole = ask.bytes.len();
    let cut = match rand::random_range(0..10) {
        0 | 1 => rand::random_range(0..ask.head),
        2 | 3 => rand::random_range(ask.head..=whole),
        _ => whole,
    };
    // The server may have answered, and closed, before it has heard everything.
    let _ = stream.write_all(&ask.bytes[..cut]).await;
    let moment = Duration::from_micros(rand::random_range(0..40_000));
    match rand::random_range(0..4) {
        0 => {}
        1 => tokio::time::sleep(moment).await,
        2 => {
            let mut some = vec![0; rand::random_range(1..4_000)];
            let _ = tokio::time::timeout(moment * 10, stream.read(&mut some)).await;
        }
        _ => {
            // Says that nothing more will come, and listens a while.
            let _ = stream.shutdown().await;
            tokio::time::sleep(moment).await;
        }
    }
    if rand::random_range(0..2) == 0 {
        let _ = stream.set_zero_linger();
    }
}

/// Waits until nobody is listening and no more files are open than before; answers how many are.
async fn settled(serving: &Serving, customer: &Customer, before: Option<usize>) -> Option<usize> {
    let began = Instant::now();
    loop {
        let figures = customer.client.get(format!("{}/metrics", customer.base)).bearer_auth(&customer.key);
        let (_, figures) = heard(figures).await.unwrap();
        let quiet = figures.as_str().unwrap().lines().any(|line| line == "live_listeners 0");
        let open = open_files(serving);
        // The pools may hold a few connections more than the first load needed.
        let few = before.zip(open).is_none_or(|(before, open)| open <= before + 16);
        if quiet && few && began.elapsed() > Duration::from_secs(1) {
            return open;
        }
        assert!(began.elapsed() < SETTLED, "{open:?} files are open, {before:?} were; nobody listens: {quiet}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Where the system tells.
fn open_files(serving: &Serving) -> Option<usize> {
    std::fs::read_dir(format!("/proc/{}/fd", serving.process())).ok().map(Iterator::count)
}

fn resident(serving: &Serving) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.process())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10)
}

async fn count(database: &Database, table: &str) -> u64 {
    database.texts(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}")).await[0].parse().unwrap()
}

/// No transaction waits for somebody who is gone, and no reader keeps the log from being folded in.
async fn nothing_is_held(database: &Database) {
    if database.address.starts_with("sqlite") {
        let mut conn = sqlx::SqliteConnection::connect(&database.address).await.unwrap();
        let folded: (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut conn).await.unwrap();
        assert_eq!(folded, (0, 0, 0), "somebody still reads");
        return;
    }
    let idle = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    assert_eq!(database.texts(idle).await, [""; 0]);
    let locks = "SELECT l.locktype FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE a.datname = current_database() AND l.pid <> pg_backend_pid() AND l.locktype IN ('transactionid', 'tuple', 'advisory')";
    assert_eq!(database.texts(locks).await, [""; 0]);
}

/// Drafts and sessions that this makes, at most.
const WORKING: u64 = 500;

/// Whatever became of the requests that were dropped: the same key leads to one return.
async fn what_was_begun_ends_once(customer: &Customer) {
    for number in (0..SHOPPERS).flat_map(|shopper| orders_of(&name_of(shopper)).collect::<Vec<_>>()) {
        let (status, body) = heard(customer.call("PUT", &format!("/orders/{number}")).json(&bought(&number))).await.unwrap();
        assert!(status.is_success(), "{body}");
        let visit = Visit { number, ..Visit::default() };
        let (status, first) = heard(customer.open(&visit)).await.unwrap();
        let (_, again) = heard(customer.open(&visit)).await.unwrap();
        assert!(status == StatusCode::CREATED && first["rma"] == again["rma"], "{first} {again}");
    }
}

/// More at once than there are connections and places: none of them waits for one that never comes back.
async fn everything_works_at_once(customer: &Customer) {
    let began = Instant::now();
    let load = Load::begin(40, customer);
    while load.opened() < 40 {
        assert!(began.elapsed() < Duration::from_secs(60), "{} returns were opened", load.opened());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let visits = load.end().await;
    assert!(visits.iter().all(|visit| visit.rma.is_some()), "every one of them was served");
    println!("{} visits in {} ms afterwards", visits.len(), began.elapsed().as_millis());
}
