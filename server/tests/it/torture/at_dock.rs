//! Clerks book in, look at, put away and scrap, several at the same return, with the version they saw and without, everything sent twice, on a server that
//! is killed at any moment: no unit is booked in or looked at twice, what was acknowledged is there, and the stock is what its ledger says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::returns::{Event, Reception, Return, stock_here};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::{self, Scope};

use super::load::{Customer, CutOff, customer, heard};
use super::serving::{Serving, complaints};
use super::{bought, in_shops, rounds};
use crate::app::{TestApp, add_key, request};
use crate::databases::{Database, on_both};

const ROUNDS: usize = 24;
/// Returns that are new in each round, of so many units; and those of before that are worked on again.
const NEW: usize = 3;
const UNITS: u32 = 5;
const OLD: usize = 5;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Units that somebody was told are booked in, by return.
type Acknowledged = Vec<(String, u64)>;

/// A return on its way.
async fn coming(at: &Customer) -> Result<String, CutOff> {
    let number = format!("dock-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut order = bought(&number);
    order["lines"][0]["quantity"] = json!(UNITS);
    order["lines"][0]["sku"] = json!("TEE");
    order["payments"] = json!([]);
    heard(at.call("PUT", &format!("/orders/{number}")).json(&order)).await?;
    let (status, opened) = heard(at.call("POST", "/returns").json(&request(&number, "1", UNITS))).await?;
    assert_eq!((status, opened["status"].as_str()), (StatusCode::CREATED, Some("approved")), "{opened}");
    Ok(opened["rma"].as_str().unwrap().to_owned())
}

fn received(of: &Value) -> u64 {
    let lots = of["lines"][0]["lots"].as_array().unwrap_or_else(|| panic!("{of}"));
    lots.iter().filter(|lot| lot["reception"] == "received").map(|lot| lot["units"].as_u64().unwrap()).sum()
}

/// One thing at a return, sent twice by the same name.
async fn act(at: &Customer, rma: &str, acknowledged: &mut Acknowledged) -> Result<(), CutOff> {
    let (_, now) = heard(at.call("GET", &format!("/returns/{rma}"))).await?;
    let name = format!("dock-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let (path, mut body) = match rand::random_range(0..6) {
        0..3 => {
            let outcome = ["received", "received", "short"][rand::random_range(0..3)];
            let line = json!({"line": "1", "quantity": rand::random_range(1..3), "outcome": outcome});
            ("receive", json!({"warehouse": "HZ1", "lines": [line]}))
        }
        3..5 => {
            let found = [
                json!({"line": "1", "quantity": 1, "grade": "A", "result": "accepted", "disposition": "restock"}),
                json!({"line": "1", "quantity": 1, "grade": "D", "result": "accepted"}),
                json!({"line": "1", "quantity": 1, "result": "accepted", "disposition": "repair"}),
                json!({"line": "1", "quantity": 1, "result": "rejected", "disposition": "send_back"}),
            ];
            ("inspect", json!({"lines": [found[rand::random_range(0..4)].clone()]}))
        }
        _ => ("send-back", json!({})),
    };
    if rand::random_range(0..2) == 0 {
        body["version"] = now["version"].clone();
    }
    let call = || at.call("POST", &format!("/returns/{rma}/{path}")).header("idempotency-key", &name).json(&body);
    let (status, first) = heard(call()).await?;
    assert!(status == StatusCode::OK || status == StatusCode::CONFLICT, "{path}: {status} {first}");
    if status == StatusCode::OK {
        if path == "receive" {
            acknowledged.push((rma.to_owned(), received(&first)));
        }
        let (status, again) = heard(call()).await?;
        assert_eq!((status, &again), (StatusCode::OK, &first), "said again, it is answered the same");
    }
    Ok(())
}

/// No unit appears, vanishes or is booked in twice; stock and ledger agree with the returns themselves.
async fn holds(database: &Database, rmas: &[String], acknowledged: &Acknowledged) {
    let mut read = database.store.read().await.unwrap();
    let mut apart = 0;
    let mut sellable = 0;
    for rma in rmas {
        let history = store::history_of(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap();
        let (request, events) = (history.request, history.events);
        let stored = store::find_return(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(stored, request, "{rma}: what is kept is what its events say");
        assert_eq!(Return::replay(&events).as_ref(), Some(&request), "{rma}");
        assert_eq!(request.lots().map(|(_, lot)| lot.units).sum::<u32>(), UNITS, "{rma}: units are conserved");
        let booked: u32 = events
            .iter()
            .filter_map(|event| match &event.event {
                Event::Received { receipt } => Some(receipt.items.iter().filter(|item| item.outcome == domain::returns::Outcome::Received)),
                _ => None,
            })
            .flatten()
            .map(|item| item.units)
            .sum();
        let here: u32 = request.lots().filter(|(_, lot)| lot.state.reception == Reception::Received).map(|(_, lot)| lot.units).sum();
        assert_eq!(booked, here, "{rma}: each unit was booked in once");
        let told = acknowledged.iter().filter(|(of, _)| of == rma).map(|(_, units)| *units).max().unwrap_or_default();
        assert!(u64::from(here) >= told, "{rma}: {told} were acknowledged, {here} are here");
        for one in stock_here(&request) {
            if one.to == Some(domain::returns::StockState::Sellable) {
                sellable += i64::from(one.units)
            } else {
                apart += i64::from(one.units)
            }
        }
    }
    assert_eq!(store::unbalanced_ledger(&mut read.conn(), 5).await.unwrap(), []);
    let kept: i64 = store::stock_kept(&mut read.conn(), "HZ1", "TEE").await.unwrap().iter().map(|(_, units)| units).sum();
    assert_eq!(kept, apart, "what lies apart is what the returns say");
    let stock = store::stock_of(&mut read.conn(), "TEE").await.unwrap();
    assert_eq!(stock.iter().map(|row| i64::from(row.item.quantity)).sum::<i64>(), sellable, "restored exactly once");
}

on_both! {
    async fn what_is_booked_in_at_the_dock_is_booked_in_once(database: Database) {
        in_shops(database, rounds(ROUNDS), a_shop).await;
    }
}

async fn a_shop(database: Database, turns: usize) -> (Database, usize) {
    let app = TestApp::start(database).await;
    let machine = add_key(&app.services, "staff", Scope::Staff).await;
    let (mut rmas, mut acknowledged): (Vec<String>, Acknowledged) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        let serving = Serving::start(&app.database);
        serving.ready().await;
        let shop = customer(&serving.base, &app.key);
        for _ in 0..NEW {
            rmas.push(coming(&shop).await.unwrap());
        }
        let open: Arc<Vec<String>> = Arc::new(rmas.iter().rev().take(OLD).cloned().collect());
        let stop = Arc::new(AtomicBool::new(false));
        let working: Vec<_> = (0..3)
            .map(|_| {
                let (at, open, stop) = (customer(&serving.base, &machine), open.clone(), stop.clone());
                tokio::spawn(async move {
                    let mut acknowledged = Acknowledged::new();
                    while !stop.load(Ordering::Relaxed) {
                        let rma = &open[rand::random_range(0..open.len())];
                        if act(&at, rma, &mut acknowledged).await.is_err() {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(rand::random_range(50..700))).await;
        serving.kill();
        stop.store(true, Ordering::Relaxed);
        for one in working {
            acknowledged.extend(one.await.unwrap());
        }
        holds(&app.database, &rmas, &acknowledged).await;
    }
    assert_eq!(complaints(&app.database), [""; 0]);
    (app.end(), acknowledged.len())
}
