//! Clerks and machines promise, pay and take note of what became of it, several at the same return, everything sent twice, against a gateway that loses
//! answers, fails before and after it did what it was asked, tells late, doubled and out of order, on a server that is killed at any moment: no money
//! leaves twice, none more than was captured, and at the end of each round the gateway's books are ours.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::money::Amount;
use domain::returns::{Event, PaidTo, Return};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::compose;
use server::services::refund_name;
use server::store::{self, Scope};

use super::load::{Customer, CutOff, customer, heard};
use super::serving::{Serving, complaints};
use super::{bought, in_shops, rounds};
use crate::app::{TestApp, add_key, request};
use crate::databases::{Database, on_both};
use crate::fake_stripe::{Fake, KEY, SECRET, Turn, shop_with_stripe};

const ROUNDS: usize = 12;
/// Returns that are new in each round, of so many units; and those of before that are worked on again.
const NEW: usize = 3;
const UNITS: u32 = 4;
const OLD: usize = 5;
/// What the card brought of each order, in minor units; the rest was the shop's credit.
const BY_CARD: i64 = 7_000;
const IN_ALL: i64 = 10_000;
/// How the gateway may take a call; most it takes as it should.
const TURNS: [Turn; 7] = [Turn::Lost, Turn::Down, Turn::DownAfter, Turn::Busy, Turn::Limited, Turn::Pending, Turn::Failed];

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Messages of the gateway: signature and body.
type Messages = Vec<(String, String)>;

/// A return whose goods came.
async fn came(at: &Customer, fake: &Fake) -> Result<(String, String), CutOff> {
    let number = format!("money-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut order = bought(&number);
    order["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": UNITS, "unit_price": "25.00"}]);
    order["shipping"] = json!("0.00");
    let intent = format!("pi_{}", number.replace('-', ""));
    fake.captured(&intent, BY_CARD, "cny");
    order["payments"] =
        json!([{"id": intent, "method": "card", "amount": "70.00"}, {"id": "credit", "method": "store_credit", "amount": "30.00"}]);
    heard(at.call("PUT", &format!("/orders/{number}")).json(&order)).await?;
    let (status, opened) = heard(at.call("POST", "/returns").json(&request(&number, "1", UNITS))).await?;
    assert_eq!((status, opened["status"].as_str()), (StatusCode::CREATED, Some("approved")), "{opened}");
    let rma = opened["rma"].as_str().unwrap().to_owned();
    let (status, received) = heard(at.call("POST", &format!("/returns/{rma}/receive")).json(&json!({}))).await?;
    assert_eq!(status, StatusCode::OK, "{received}");
    Ok((number, rma))
}

/// One thing about a return's money, sent twice by the same name.
async fn act(at: &Customer, rma: &str) -> Result<usize, CutOff> {
    let (_, now) = heard(at.call("GET", &format!("/returns/{rma}"))).await?;
    let name = format!("money-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let by_hand =
        now["payments"].as_array().into_iter().flatten().find(|payment| payment["to"]["kind"] == "manual" && payment["state"] == "paid");
    let (path, mut body) = match (rand::random_range(0..12), by_hand) {
        (0..4, _) => {
            let found = ["accepted", "accepted", "downgraded"][rand::random_range(0..3)];
            let mut line = json!({"line": "1", "quantity": rand::random_range(1..3), "result": found, "disposition": "restock"});
            if found == "downgraded" {
                (line["grade"], line["deduct"]) = (json!("B"), json!({"percent": 20}));
            }
            ("inspect".to_owned(), json!({"lines": [line]}))
        }
        (4..6, _) => ("grant".to_owned(), json!({})),
        (6, _) => ("offers".to_owned(), json!({})),
        (7, _) => ("offer".to_owned(), [json!({"accept": true}), json!({"appeal": "It was as new"})][rand::random_range(0..2)].clone()),
        (8, Some(payment)) => {
            let state = ["failed", "reversed"][rand::random_range(0..2)];
            (format!("payments/{}", payment["id"].as_str().unwrap()), json!({"state": state, "reason": "came back"}))
        }
        (_, _) => {
            let by = [
                json!({}),
                json!({"method": "gateway"}),
                json!({"method": "gateway"}),
                json!({"method": "store_credit"}),
                json!({"method": "manual", "reference": "SEPA"}),
            ];
            ("pay".to_owned(), by[rand::random_range(0..5)].clone())
        }
    };
    if rand::random_range(0..3) == 0 && !path.starts_with("payments/") {
        body["version"] = now["version"].clone();
    }
    let call = || at.call("POST", &format!("/returns/{rma}/{path}")).header("idempotency-key", &name).json(&body);
    let (status, first) = heard(call()).await?;
    let expected = [StatusCode::OK, StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY];
    assert!(expected.contains(&status), "{path} {body}: {status} {first}");
    if status != StatusCode::OK {
        return Ok(0);
    }
    let (status, again) = heard(call()).await?;
    assert_eq!((status, &again), (StatusCode::OK, &first), "said again, it is answered the same");
    Ok(1)
}

/// Tells the server what the gateway has to tell: each message at least once, some twice, in any order.
async fn tell(at: &Customer, messages: &Messages) -> Result<(), CutOff> {
    let mut order: Vec<(u32, usize)> = (0..messages.len() * 3 / 2).map(|place| (rand::random(), place % messages.len())).collect();
    order.sort_unstable();
    for (_, place) in order {
        let (signature, body) = &messages[place];
        let sent = at.client.post(format!("{}/hooks/stripe", at.base)).header("stripe-signature", signature).body(body.clone());
        let (status, answer) = heard(sent).await?;
        assert!(status.is_success() || status == StatusCode::SERVICE_UNAVAILABLE, "{status} {answer}");
    }
    Ok(())
}

/// Everything that was begun comes to its end: the gateway is well again, and remembers no key.
async fn settle(app: &TestApp, fake: &Fake, messages: &Messages) {
    fake.calms();
    fake.forgets_keys();
    let worker = compose::worker(&app.services).unwrap();
    for _ in 0..30 {
        app.database.meddle("UPDATE outbox SET run_at = 0, leased_until = NULL WHERE done_at IS NULL AND dead_at IS NULL").await;
        while worker.once().await.unwrap() > 0 {}
        let open = app.database.texts("SELECT kind FROM outbox WHERE done_at IS NULL AND dead_at IS NULL AND kind = 'refund.pay'").await;
        if open.is_empty() {
            break;
        }
    }
    tell(&customer(&app.base, ""), messages).await.unwrap();
    while worker.once().await.unwrap() > 0 {}
}

fn minor(books: &Value, field: &str) -> i64 {
    books[field].as_str().unwrap_or_else(|| panic!("{books}")).parse::<Amount>().unwrap().minor("CNY".parse().unwrap()).unwrap()
}

/// The gateway's books are ours, credit is what was paid as credit, and no order gave back more than it brought.
async fn holds(app: &TestApp, fake: &Fake, returns: &[(String, String)]) {
    let mut theirs: BTreeMap<String, i64> = BTreeMap::new();
    for (payment, amount, name, state) in fake.given() {
        if ["succeeded", "pending"].contains(&state.as_str()) {
            assert_eq!(theirs.insert(name.clone(), amount), None, "{payment}: {name} left twice");
        }
    }
    let mut ours: BTreeMap<String, i64> = BTreeMap::new();
    let mut notes = 0;
    for (number, rma) in returns {
        let mut read = app.services.store.read().await.unwrap();
        let history = store::history_of(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(Return::replay(&history.events).as_ref(), Some(&history.request), "{rma}");
        let stored = store::find_return(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(stored, history.request, "{rma}: what is kept is what its events say");
        let mut as_credit = 0;
        for payment in &stored.payments {
            match (&payment.to, payment.state.holds()) {
                (PaidTo::Payment { place: 0 }, true) => drop(ours.insert(refund_name(stored.rma, payment.id), payment.amount)),
                (PaidTo::Payment { .. } | PaidTo::StoreCredit, true) => as_credit += payment.amount,
                _ => {}
            }
        }
        // A payment has its note, and one that came back a note that takes it back.
        let noted = |event: &Event| matches!(event, Event::PaymentMade { .. } | Event::PaymentReversed { .. });
        notes += history.events.iter().filter(|recorded| noted(&recorded.event)).count();
        for grant in &stored.grants {
            let sent: i64 = stored
                .payments
                .iter()
                .filter(|payment| payment.grant == grant.id && payment.state.holds())
                .map(|payment| payment.amount)
                .sum();
            assert!(sent <= grant.amount, "{rma}: {sent} of {} left", grant.amount);
        }
        let holder = format!("c-{number}");
        let credit: i64 = store::credit_balances(&mut read.conn(), &holder).await.unwrap().iter().map(|money| money.minor).sum();
        assert_eq!(credit, as_credit, "{rma}: credit is what was paid as credit");
        drop(read);
        let (_, books) = app.get(&format!("/orders/{number}/books")).await;
        let (captured, granted, paid) = (minor(&books, "captured"), minor(&books, "granted"), minor(&books, "paid"));
        assert!(captured == IN_ALL && granted <= captured && paid <= granted, "{number}: {books}");
    }
    assert_eq!(ours, theirs, "the gateway's books are ours");
    let numbers =
        app.database.texts("SELECT CAST(COUNT(*) AS TEXT) || ' ' || CAST(COALESCE(MAX(number), 0) AS TEXT) FROM credit_notes").await;
    let (count, last) = numbers[0].split_once(' ').unwrap();
    assert_eq!(count, last, "credit notes have no gap in their numbers");
    assert!(count.parse::<usize>().unwrap() <= notes, "{count} notes for {notes} payments and reversals");
}

on_both! {
    async fn no_money_leaves_twice_whatever_breaks(database: Database) {
        in_shops(database, rounds(ROUNDS), a_shop).await;
    }
}

async fn a_shop(database: Database, turns: usize) -> (Database, usize) {
    let (app, fake) = shop_with_stripe(database).await;
    let machine = add_key(&app.services, "all", Scope::Admin).await;
    let settings = [
        ("HOMEBOUND_STRIPE__URL", fake.base.as_str()),
        ("HOMEBOUND_STRIPE__SECRET_KEY", KEY),
        ("HOMEBOUND_STRIPE__WEBHOOK_SECRET", SECRET),
    ];
    let (mut returns, mut done): (Vec<(String, String)>, usize) = (Vec::new(), 0);
    for round in 0..turns {
        let serving = Serving::with(&app.database, &settings);
        serving.ready().await;
        let at = customer(&serving.base, &machine);
        for _ in 0..NEW {
            returns.push(came(&at, &fake).await.unwrap());
        }
        let open: Arc<Vec<String>> = Arc::new(returns.iter().rev().take(OLD).map(|(_, rma)| rma.clone()).collect());
        let stop = Arc::new(AtomicBool::new(false));
        let clerks = (0..3).map(|_| {
            let (at, open, stop) = (at.clone(), open.clone(), stop.clone());
            tokio::spawn(async move {
                let mut done = 0;
                while !stop.load(Ordering::Relaxed) {
                    match act(&at, &open[rand::random_range(0..open.len())]).await {
                        Ok(one) => done += one,
                        Err(CutOff) => tokio::time::sleep(Duration::from_millis(5)).await,
                    }
                }
                done
            })
        });
        let clerks: Vec<_> = clerks.collect();
        let gateway = {
            let (at, fake, stop) = (at.clone(), fake.clone(), stop.clone());
            tokio::spawn(async move {
                let mut messages = Messages::new();
                while !stop.load(Ordering::Relaxed) {
                    fake.will([TURNS[rand::random_range(0..TURNS.len())]]);
                    tokio::time::sleep(Duration::from_millis(rand::random_range(5..60))).await;
                    let kind = ["refund.created", "refund.updated", "charge.refund.updated", "charge.refunded"][rand::random_range(0..4)];
                    if !fake.given().is_empty() {
                        messages.push(fake.message(kind));
                    }
                    if rand::random_range(0..4) == 0 {
                        messages.extend(fake.fails_late(rand::random_range(0..8)));
                    }
                    let _ = tell(&at, &messages).await;
                }
                messages
            })
        };
        tokio::time::sleep(Duration::from_millis(rand::random_range(100..900))).await;
        // In half of the rounds it dies between what the gateway did and what it could write down of it.
        if round % 2 == 0 {
            fake.calms();
            fake.will([Turn::Slow]);
            let _ = tokio::time::timeout(Duration::from_millis(400), fake.begun.acquire()).await.map(|begun| begun.unwrap().forget());
        }
        serving.kill();
        stop.store(true, Ordering::Relaxed);
        fake.go.add_permits(8);
        for clerk in clerks {
            done += clerk.await.unwrap();
        }
        let messages = gateway.await.unwrap();
        settle(&app, &fake, &messages).await;
        holds(&app, &fake, &returns).await;
    }
    let panics: Vec<String> = complaints(&app.database).into_iter().filter(|line| line.contains("panic")).collect();
    assert_eq!(panics, [""; 0]);
    (app.end(), done)
}
