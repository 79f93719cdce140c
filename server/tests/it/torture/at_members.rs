//! Customers who book, move and give up pickups, couriers who call at doors, desks that find goods faulty, and checkouts that take coupons and points: all of it
//! twice and at the same moment, at two servers where the database allows, which are killed at any moment. No slot has more doors than room, no cause is made
//! good twice, nobody gets more in a month than the rule says, no coupon and no point is used twice, and how it went is asked once (C34, C35, C48, A13).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::ToSpan;
use jiff::civil::Date;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use super::load::{Customer, CutOff, customer, heard};
use super::rounds;
use super::serving::{Serving, complaints};
use crate::app::{TestApp, add_key, order, request};
use crate::databases::on_both;
use crate::dock_rules::publish;

const ROUNDS: usize = 8;
/// Returns of a round, of one customer; in how many of a month something is given; doors of each of two slots.
const RETURNS: usize = 5;
const CAP: usize = 3;
const ROOM: usize = 2;
const POINTS: i64 = 50;
const SLOTS: [&str; 2] = ["09-12", "13-18"];

/// What is known of the returns of a round as soon as a server has said it.
#[derive(Clone, Debug)]
struct Round {
    name: String,
    day: Date,
    /// The numbers that each of its orders got, in their order.
    numbers: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Round {
    fn number(&self, place: usize) -> String {
        format!("m-{}-{place}", self.name)
    }

    fn customer(&self) -> String {
        format!("c-m-{}", self.name)
    }
}

/// The default policy with one more rule: a coupon and points for what is the shop's fault.
fn policy() -> Value {
    let mut policy: Value = serde_json::from_str(domain::policy::DEFAULT).unwrap();
    let then = json!({"coupon": {"CNY": "20.00"}, "points": POINTS, "per_month": CAP});
    policy["compensation"] = json!([{"id": "ours", "when": {"fault": "merchant"}, "then": then}]);
    policy
}

fn bought(round: &Round, place: usize) -> Value {
    let mut bought = order(&round.number(place));
    let email = format!("{}@example.com", round.customer());
    bought["customer"] = json!({"id": round.customer(), "email": email, "name": "Li Wei", "locale": "en", "tier": "diamond"});
    bought["ship_to"]["postal_code"] = json!(round.name);
    bought["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": 1, "unit_price": "100.00"}]);
    bought["shipping"] = json!("0.00");
    bought["payments"] = json!([{"id": format!("pi_{}", round.number(place)), "method": "card", "amount": "100.00"}]);
    bought
}

fn asking(round: &Round, place: usize) -> Value {
    let mut asked = request(&round.number(place), "1", 1);
    (asked["lines"][0]["reason"], asked["lines"][0]["sub_reason"]) = (json!("quality"), json!("functional_fault"));
    (asked["method"], asked["pickup"]) = (json!("pickup"), time(round));
    asked
}

/// One of two slots: there is less room in both together than there are returns.
fn time(round: &Round) -> Value {
    json!({"date": round.day, "slot": SLOTS[rand::random_range(0..SLOTS.len())]})
}

/// One thing that somebody does about a return of the round. How many were taken.
async fn act(at: &Customer, round: &Round) -> Result<usize, CutOff> {
    let place = rand::random_range(0..RETURNS);
    let last = round.numbers.lock().unwrap()[place].last().cloned();
    let told = match &last {
        Some(rma) => heard(at.call("GET", &format!("/returns/{rma}"))).await?.1,
        None => Value::Null,
    };
    let Some(rma) = last.filter(|_| told["status"] != "cancelled") else {
        // Twice at the same moment: one unit comes back once.
        let (one, other) = (asking(round, place), asking(round, place));
        let open = |asked: Value| heard(at.call("POST", "/returns").json(&asked));
        let (one, other) = tokio::join!(open(one), open(other));
        let opened = [one, other].into_iter().filter_map(Result::ok).filter(|(status, _)| *status == StatusCode::CREATED);
        let opened: Vec<String> = opened.map(|(_, opened)| opened["rma"].as_str().unwrap().to_owned()).collect();
        assert!(opened.len() <= 1, "one unit is in two returns: {opened:?}");
        let count = opened.len();
        round.numbers.lock().unwrap()[place].extend(opened);
        return Ok(count);
    };
    let post = |path: String, body: Value| heard(at.call("POST", &path).json(&body));
    let all = |path: &str| format!("/returns/{rma}/{path}");
    let (status, _) = match rand::random_range(0..10) {
        0..3 => {
            let mut body = json!({"method": "pickup", "pickup": time(round)});
            if rand::random_range(0..3) == 0 {
                body["from"] = json!({"country": "CN", "line1": format!("{place} Lake Road"), "postal_code": round.name});
            }
            post(all("method"), body).await?
        }
        3 => post(all("method"), json!({"method": "drop_off"})).await?,
        4 if rand::random_range(0..3) == 0 => post(all("cancel"), json!({})).await?,
        4 | 5 => post(all("receive"), json!({"warehouse": "HZ1"})).await?,
        6 => {
            let look = || post(all("inspect"), json!({"lines": [{"line": "1", "result": "accepted", "disposition": "scrap"}]}));
            let (one, other) = tokio::join!(look(), look());
            other?;
            one?
        }
        7 => {
            post(all("grant"), json!({})).await?;
            post(all("pay"), json!({"method": "manual", "reference": &rma})).await?
        }
        8 => {
            // Twice at once, for two orders.
            let codes = told["compensations"].as_array().into_iter().flatten().filter_map(|one| one["code"].as_str());
            let Some(code) = codes.map(str::to_owned).next() else { return Ok(0) };
            let redeem = |number: usize| {
                let body = json!({"order": round.number(number), "amount": "20.00", "currency": "CNY"});
                post(format!("/coupons/{code}/redeem"), body)
            };
            let (one, other) = tokio::join!(redeem(0), redeem(1));
            return Ok([one?, other?].iter().filter(|(status, _)| *status == StatusCode::OK).count());
        }
        _ => {
            let body = json!({"points": POINTS, "reference": format!("p-{}-{place}", round.name)});
            let spend = || post(format!("/customers/{}/points/redeem", round.customer()), body.clone());
            let (one, other) = tokio::join!(spend(), spend());
            other?;
            one?
        }
    };
    assert!(!status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE, "{status}");
    Ok(usize::from(status == StatusCode::OK))
}

/// Rows of two columns, as text.
async fn pairs(app: &TestApp, sql: &str) -> Vec<(String, String)> {
    let rows = app.database.texts(sql).await;
    rows.iter().map(|row| row.split_once('|').map(|(one, other)| (one.to_owned(), other.to_owned())).unwrap()).collect()
}

/// What must be so, whatever was acknowledged and whoever was killed.
async fn holds(app: &TestApp, round: &Round) {
    let texts = async |sql: &str| app.database.texts(sql).await;
    // Doors: no slot has more than its room, and each return has the one that it says it has.
    let booked = pairs(app, "SELECT slot || '|' || rma FROM pickup_bookings WHERE state = 'booked'").await;
    let mut of_return: BTreeMap<String, String> = BTreeMap::new();
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (slot, rma) in booked {
        of_return.insert(rma, slot);
    }
    for place in 0..RETURNS {
        let all = texts(&format!("SELECT rma FROM return_orders WHERE LOWER(order_key) LIKE 'm%{}%{place}'", round.name)).await;
        let mut live = 0;
        for rma in &all {
            let told = app.get(&format!("/returns/{rma}")).await.1;
            live += usize::from(told["status"] != "cancelled");
            let waits = told["method"] == "pickup" && ["approved", "in_review"].iter().any(|status| told["status"] == *status);
            let door = of_return.get(rma);
            assert_eq!(door.map(String::as_str), told["pickup"]["slot"].as_str().filter(|_| waits), "{rma}: {told}");
            if let Some(slot) = door {
                *taken.entry(slot.clone()).or_default() += 1;
            }
        }
        assert!(live <= 1, "one unit is in two returns: {all:?}");
    }
    assert!(taken.values().all(|doors| *doors <= ROOM), "{taken:?}");
    // What was given: once for each cause, and in a month no more often than the rule says.
    let causes = texts("SELECT order_key || '/' || line || '/' || fault FROM compensation_causes").await;
    assert_eq!(causes.len(), causes.iter().collect::<BTreeSet<_>>().len(), "an item of one unit is made good once: {causes:?}");
    let given = format!(
        "SELECT firing || '|' || kind FROM compensations WHERE holder = '{}' AND state NOT IN ('capped', 'withdrawn', 'refused')",
        round.customer()
    );
    let given = pairs(app, &given).await;
    let firings: BTreeSet<&String> = given.iter().map(|(firing, _)| firing).collect();
    assert!(firings.len() <= CAP, "{firings:?}");
    assert_eq!(given.len(), given.iter().collect::<BTreeSet<_>>().len(), "a firing gives each thing once: {given:?}");
    // Coupons: none is in use twice.
    let uses = texts("SELECT compensation FROM coupon_uses WHERE released_at IS NULL").await;
    assert_eq!(uses.len(), uses.iter().collect::<BTreeSet<_>>().len(), "{uses:?}");
    // Points: the balance is what the ledger comes to, and every reference took them once.
    let balances = pairs(app, "SELECT holder || '|' || CAST(balance AS TEXT) FROM points_balances ORDER BY holder").await;
    let ledger = pairs(app, "SELECT holder || '|' || CAST(SUM(amount) AS TEXT) FROM points_entries GROUP BY holder ORDER BY holder").await;
    assert_eq!(balances, ledger);
    let spent = texts("SELECT holder || reference FROM points_entries WHERE kind = 'redeem'").await;
    assert_eq!(spent.len(), spent.iter().collect::<BTreeSet<_>>().len(), "{spent:?}");
    // How it went is asked once of each return that has ended.
    let asked = texts("SELECT payload FROM outbox WHERE kind LIKE '%feedback_asked%'").await;
    let of: Vec<String> = asked.iter().map(|payload| serde_json::from_str::<Value>(payload).unwrap()["rma"].to_string()).collect();
    assert_eq!(of.len(), of.iter().collect::<BTreeSet<_>>().len(), "{of:?}");
}

on_both! {
    async fn what_members_get_they_get_once(database: Database) {
        let app = TestApp::start(database).await;
        publish(&app, &policy()).await;
        let machine = add_key(&app.services, "all", Scope::Admin).await;
        // SQLite is one server's.
        let servers = if app.database.store.kind() == "postgres" { 2 } else { 1 };
        let (began, rounds) = (Instant::now(), rounds(ROUNDS));
        let (mut done, gifts) = (0, AtomicUsize::new(0));
        for round in 0..rounds {
            let serving: Vec<Serving> = (0..servers).map(|_| Serving::start(&app.database)).collect();
            for server in &serving {
                server.ready().await;
            }
            let at: Vec<Customer> = serving.iter().map(|server| customer(&server.base, &machine)).collect();
            let day = jiff::Timestamp::now().to_zoned(app.services.shop_zone()).date().saturating_add(2.days());
            let round = Arc::new(Round { name: format!("{round:06}"), day, numbers: Arc::new(Mutex::new(vec![Vec::new(); RETURNS])) });
            let slots: Vec<Value> = SLOTS.iter().map(|slot| json!({"slot": slot, "room": ROOM})).collect();
            let area = json!({"name": "Lake", "country": "CN", "prefixes": [round.name], "weekdays": [1, 2, 3, 4, 5, 6, 7], "slots": slots});
            let path = format!("/pickup-areas/a{}", round.name);
            assert_eq!(heard(at[0].call("PUT", &path).json(&area)).await.unwrap().0, StatusCode::OK);
            for place in 0..RETURNS {
                let put = at[0].call("PUT", &format!("/orders/{}", round.number(place))).json(&bought(&round, place));
                assert!(heard(put).await.unwrap().0.is_success());
            }
            let stop = Arc::new(AtomicBool::new(false));
            let people: Vec<_> = (0..6)
                .map(|place| {
                    let (at, round, stop) = (at[place % at.len()].clone(), round.clone(), stop.clone());
                    tokio::spawn(async move {
                        let mut done = 0;
                        while !stop.load(Ordering::Relaxed) {
                            match act(&at, &round).await {
                                Ok(one) => done += one,
                                Err(CutOff) => tokio::time::sleep(Duration::from_millis(5)).await,
                            }
                        }
                        done
                    })
                })
                .collect();
            tokio::time::sleep(Duration::from_millis(rand::random_range(500..2_500))).await;
            let mut serving = serving.into_iter();
            // One dies first, and the other goes on for a moment.
            serving.next().unwrap().kill();
            if let Some(other) = serving.next() {
                tokio::time::sleep(Duration::from_millis(rand::random_range(50..400))).await;
                other.kill();
            }
            stop.store(true, Ordering::Relaxed);
            for one in people {
                done += one.await.unwrap();
            }
            holds(&app, &round).await;
            let given = app.database.texts(&format!("SELECT id FROM compensations WHERE holder = '{}' AND state = 'given'", round.customer())).await;
            gifts.fetch_add(given.len(), Ordering::Relaxed);
            app.database.meddle(&format!("DELETE FROM pickup_areas WHERE id = 'a{}'", round.name)).await;
        }
        assert!(done > rounds, "only {done} were acknowledged");
        let panics: Vec<String> = complaints(&app.database).into_iter().filter(|line| line.contains("panic")).collect();
        assert_eq!(panics, [""; 0]);
        let count = async |sql: &str| app.database.texts(sql).await[0].clone();
        println!(
            "{}: {rounds} rounds, {servers} at once, {done} acknowledged, {} given, {} coupon uses, {} points entries, {} doors, {} s",
            app.database.store.kind(),
            gifts.load(Ordering::Relaxed),
            count("SELECT CAST(COUNT(*) AS TEXT) FROM coupon_uses").await,
            count("SELECT CAST(COUNT(*) AS TEXT) FROM points_entries").await,
            count("SELECT CAST(COUNT(*) AS TEXT) FROM pickup_bookings").await,
            began.elapsed().as_secs()
        );
    }
}
