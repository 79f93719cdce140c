//! A real shop's half year of credit notes, brought back by machine: opened at their own moments, decided, booked in, looked at and put away with a mix
//! of outcomes. Units are conserved, the ledger is what an independent count says, and what is derived is what the events say.

use std::collections::BTreeMap;
use std::io::Read;

use domain::money::Amount;
use domain::returns::Return;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::import::{Format, Mapping, Options, Source};
use server::store::{self, Scope, Table};

use crate::app::{TestApp, answer};
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::import::{data, import_with};
use crate::review::Machine;

/// Codes that are no goods: carriage, discounts, fees.
const NO_GOODS: [&str; 6] = ["POST", "DOT", "C2", "D", "M", "S"];

/// A credit note's line that an independent linking matched to its purchase at the same price.
struct Came {
    order: String,
    sku: String,
    units: u32,
    /// What was given back for one, in pence.
    price: i64,
    at: Timestamp,
}

/// An amount of pounds, as a file or an answer has it, in pence.
fn pence(text: &str) -> i64 {
    text.parse::<Amount>().unwrap_or_else(|error| panic!("{text}: {error}")).minor("GBP".parse().unwrap()).unwrap()
}

/// The credit notes over goods, in the order of time.
fn credits() -> Option<Vec<Came>> {
    let linked = data("uci-online-retail/dev/derived_returns_linked.csv.gz")?;
    let mut rows = csv::Reader::from_reader(flate2::read::GzDecoder::new(std::fs::File::open(linked).unwrap()));
    let came = |row: csv::StringRecord| {
        let sku = row[1].to_uppercase();
        let fits = &row[12] == "exact_price" && !NO_GOODS.contains(&sku.as_str());
        let at: DateTime = row[4].parse().unwrap();
        fits.then(|| Came {
            order: row[7].to_owned(),
            sku,
            units: row[2].parse().unwrap(),
            price: pence(&row[3]),
            at: at.to_zoned(TimeZone::UTC).unwrap().timestamp(),
        })
    };
    let mut all: Vec<Came> = rows.records().map(Result::unwrap).filter_map(came).collect();
    all.sort_by_key(|came| came.at);
    Some(all)
}

/// The purchases alone: what the shop gave back is what is brought back here.
fn purchases() -> Option<String> {
    let path = data("uci-online-retail/dev/online_retail_2010-12_2011-06.csv.gz")?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    Some(text.lines().filter(|line| !line.starts_with('C')).collect::<Vec<_>>().join("\n"))
}

/// How units lie, as this test counts them: sellable, quarantine, defective, in repair, promotion, scrapped.
type Counted = BTreeMap<String, [i64; 6]>;

/// What becomes of units: what is sent, and where this test says that they lie then. Nothing: the shop does not have them.
const OUTCOMES: [(&str, &str, Option<usize>); 9] = [
    ("received", r#"{"grade": "A", "result": "accepted", "disposition": "restock"}"#, Some(0)),
    ("received", r#"{"grade": "D", "result": "accepted"}"#, Some(2)),
    ("received", r#"{"grade": "B", "result": "accepted", "disposition": "resell"}"#, Some(4)),
    ("received", r#"{"grade": "C", "result": "downgraded", "deduct": {"percent": 30}, "disposition": "quarantine"}"#, Some(1)),
    ("received", r#"{"result": "accepted", "disposition": "repair"}"#, Some(3)),
    ("received", r#"{"grade": "D", "result": "accepted", "disposition": "scrap"}"#, Some(5)),
    ("received", r#"{"result": "rejected", "disposition": "send_back"}"#, None),
    ("short", "", None),
    ("wrong_item", "", None),
];

on_both! {
    async fn a_real_shops_returns_are_booked_in_to_the_unit(database: Database) {
        let (Some(purchases), Some(credits)) = (purchases(), credits()) else { return };
        let app = TestApp::start(database).await;
        let options = Options { mapping: Some(Mapping::find("uci-online-retail".as_ref()).unwrap()), ..Options::new(Format::Csv) };
        import_with(&app.services.store, Source::bytes(purchases), options).await.unwrap();
        let (staff, admin) = (Machine::with(&app, Scope::Staff).await, Machine::with(&app, Scope::Admin).await);
        let most = if std::env::var_os("HOMEBOUND_TEST_SHORT").is_some() { 100 } else { 3_000 };
        let (mut counted, mut done, mut not): (Counted, usize, BTreeMap<String, usize>) = (Counted::new(), 0, BTreeMap::new());
        let mut rmas = Vec::new();
        for (nth, came) in credits.iter().enumerate() {
            if done == most {
                break;
            }
            app.services.clock.set_ahead(came.at.duration_since(Timestamp::now()));
            let order = store::find_order(&mut app.services.store.read().await.unwrap().conn(), &came.order).await.unwrap();
            let line = order.and_then(|row| row.order.lines.iter().find(|line| line.sku.as_str() == came.sku && line.quantity >= came.units).map(|line| line.id.to_string()));
            let Some(line) = line else {
                *not.entry("no such line".into()).or_default() += 1;
                continue;
            };
            let ask = json!({"orders": [came.order], "lines": [{"line": line, "quantity": came.units, "reason": "quality", "sub_reason": "functional_fault", "condition": "unopened", "resolution": "refund"}]});
            let (status, opened) = answer(app.api("POST", "/returns").json(&ask).send().await.unwrap()).await;
            if status != StatusCode::CREATED {
                *not.entry(opened["type"].to_string()).or_default() += 1;
                continue;
            }
            let rma = opened["rma"].as_str().unwrap().to_owned();
            let path = format!("/returns/{rma}");
            if opened["status"] != "approved" {
                // By whoever may overrule the policy.
                let (status, approved) = admin.post(&format!("{path}/review"), &json!({"decision": "approve", "note": "replayed"})).await;
                assert_eq!(status, StatusCode::OK, "{approved}");
            }
            let sent = opened["lines"][0]["lots"][0]["units"].as_u64().unwrap();
            assert_eq!(sent, u64::from(came.units));
            // Two outcomes share the units, where there are two.
            let (one, two) = (OUTCOMES[nth % 9], OUTCOMES[(nth * 7 + 3) % 9]);
            let first = came.units.div_ceil(2);
            let parts: Vec<_> = [(one, first), (two, came.units - first)].into_iter().filter(|(_, units)| *units > 0).collect();
            let booked: Vec<Value> = parts.iter().map(|((outcome, ..), units)| json!({"line": line, "quantity": units, "outcome": outcome})).collect();
            let (status, received) = staff.post(&format!("{path}/receive"), &json!({"lines": booked})).await;
            assert_eq!(status, StatusCode::OK, "{received}");
            let looked: Vec<Value> = parts
                .iter()
                .filter(|((outcome, ..), _)| *outcome == "received")
                .map(|((_, found, _), units)| {
                    let mut found: Value = serde_json::from_str(found).unwrap();
                    (found["line"], found["quantity"]) = (json!(line), json!(units));
                    found
                })
                .collect();
            if !looked.is_empty() {
                let (status, inspected) = staff.post(&format!("{path}/inspect"), &json!({"lines": looked})).await;
                assert_eq!(status, StatusCode::OK, "{inspected} {looked:?}");
                if looked.iter().any(|found| found["disposition"] == "send_back") {
                    let (status, left) = staff.post(&format!("{path}/send-back"), &json!({})).await;
                    assert_eq!(status, StatusCode::OK, "{left}");
                }
            }
            let (_, now) = app.get(&path).await;
            let units: u64 = now["lines"][0]["lots"].as_array().unwrap().iter().map(|lot| lot["units"].as_u64().unwrap()).sum();
            assert_eq!(units, u64::from(came.units), "units are conserved: {now}");
            for ((_, _, lies), units) in parts {
                if let Some(lies) = lies {
                    counted.entry(came.sku.clone()).or_default()[lies] += i64::from(units);
                }
            }
            rmas.push(rma);
            done += 1;
        }
        println!("{}: {done} returns; not opened: {not:?}", app.services.store.kind());
        assert_eq!(done, most, "{not:?}");
        for (sku, expected) in &counted {
            let told = staff.get(&format!("/stock/main/{sku}")).await;
            let lies = ["sellable", "quarantine", "defective", "in_repair", "promotion", "scrapped"].map(|state| told[state].as_i64().unwrap_or_default());
            assert_eq!(lies, *expected, "{sku}: {told}");
        }
        let mut read = app.services.store.read().await.unwrap();
        assert_eq!(store::unbalanced_ledger(&mut read.conn(), 10).await.unwrap(), []);
        for rma in &rmas {
            let history = store::history_of(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap();
            let stored = store::find_return(&mut read.conn(), rma.parse().unwrap()).await.unwrap().unwrap();
            assert_eq!(Return::replay(&history.events), Some(stored), "{rma}");
        }
        drop(read);
        let differ = store::check_projections(&app.services.store, &Table::ALL, app.services.clock.now()).await.unwrap();
        assert_eq!(differ.count(), 0, "{:?}", differ.differences);
    }
}

/// Everything comes back that was ever bought, the shop bears the way, and no shipping is given back: as this shop did it.
fn as_the_shop_did() -> Value {
    json!({"homebound_policy": 1, "time_zone": "Europe/London", "window": [{"id": "all", "then": {"unlimited": true}}],
        "freight": [{"id": "ours", "then": {"payer": "merchant"}}], "outbound": [{"id": "never", "then": {"refund": "never"}}]})
}

on_both! {
    async fn a_real_shops_credit_notes_are_paid_to_the_penny(database: Database) {
        let (Some(purchases), Some(credits)) = (purchases(), credits()) else { return };
        let app = TestApp::start(database).await;
        // Before its first order.
        let began: Timestamp = "2010-11-01T00:00:00Z".parse().unwrap();
        app.services.clock.set_ahead(began.duration_since(Timestamp::now()));
        publish(&app, &as_the_shop_did()).await;
        let options = Options { mapping: Some(Mapping::find("uci-online-retail".as_ref()).unwrap()), ..Options::new(Format::Csv) };
        import_with(&app.services.store, Source::bytes(purchases), options).await.unwrap();
        let admin = Machine::with(&app, Scope::Admin).await;
        let most = match (std::env::var_os("HOMEBOUND_LONG"), std::env::var_os("HOMEBOUND_TEST_SHORT")) {
            (Some(_), _) => usize::MAX,
            (None, Some(_)) => 60,
            (None, None) => 500,
        };
        let mut not: BTreeMap<String, usize> = BTreeMap::new();
        let mut differ: BTreeMap<String, (usize, i64)> = BTreeMap::new();
        let (mut done, mut penny, mut given): (usize, usize, i64) = (0, 0, 0);
        let mut paid_of: BTreeMap<String, i64> = BTreeMap::new();
        for came in &credits {
            if done == most {
                break;
            }
            app.services.clock.set_ahead(came.at.duration_since(Timestamp::now()));
            let order = store::find_order(&mut app.services.store.read().await.unwrap().conn(), &came.order).await.unwrap();
            let line = order.and_then(|row| {
                let fits = |line: &&domain::order::OrderLine| line.sku.as_str() == came.sku && line.quantity >= came.units && line.unit_price == came.price;
                row.order.lines.iter().find(fits).map(|line| line.id.to_string())
            });
            let Some(line) = line else {
                *not.entry("the order has no line of so many at that price".into()).or_default() += 1;
                continue;
            };
            let ask = json!({"orders": [came.order], "lines": [{"line": line, "quantity": came.units, "reason": "other", "condition": "unopened", "resolution": "refund"}]});
            let (status, opened) = answer(app.api("POST", "/returns").json(&ask).send().await.unwrap()).await;
            if status != StatusCode::CREATED {
                *not.entry(format!("{} {}", opened["type"], opened["errors"][0]["field"])).or_default() += 1;
                continue;
            }
            let path = format!("/returns/{}", opened["rma"].as_str().unwrap());
            if opened["status"] != "approved" {
                let (status, approved) = admin.post(&format!("{path}/review"), &json!({"decision": "approve", "note": "replayed"})).await;
                assert_eq!(status, StatusCode::OK, "{approved}");
            }
            let found = json!({"lines": [{"line": line, "result": "accepted", "disposition": "restock"}]});
            for (step, body) in [("receive", json!({})), ("inspect", found), ("grant", json!({})), ("pay", json!({"method": "manual", "reference": "replayed"}))] {
                let (status, told) = admin.post(&format!("{path}/{step}"), &body).await;
                assert_eq!(status, StatusCode::OK, "{step}: {told}");
            }
            let now = admin.get(&path).await;
            assert_eq!(now["status"], "completed", "{now}");
            let (paid, owed) = (pence(now["paid"]["amount"].as_str().unwrap()), came.price * i64::from(came.units));
            given += paid;
            *paid_of.entry(came.order.clone()).or_default() += paid;
            if paid == owed {
                penny += 1;
            } else {
                // What on its receipt is no goods is the reason; there is none without.
                let rows = now["grants"][0]["receipt"].as_array().unwrap();
                let mut beside: Vec<&str> = rows.iter().filter_map(|row| row["kind"].as_str()).filter(|kind| *kind != "goods").collect();
                beside.dedup();
                assert!(!beside.is_empty(), "{} {}: {paid} for {owed}, and nothing says why: {now}", came.order, came.sku);
                let of = differ.entry(beside.join(", ")).or_default();
                *of = (of.0 + 1, of.1 + paid - owed);
            }
            done += 1;
        }
        let kind = app.services.store.kind();
        println!("{kind}: {done} returns paid, {penny} to the penny of their credit note, {given} pence in all; not opened: {not:?}; different, with pence: {differ:?}");
        assert!(done > 0 && penny * 100 >= done * 99, "{penny} of {done}: {differ:?}");
        for (number, paid) in paid_of {
            let books = admin.get(&format!("/orders/{number}/books")).await;
            let of = |field: &str| pence(books[field].as_str().unwrap_or_else(|| panic!("{books}")));
            assert!(paid == of("paid") && paid <= of("granted") && of("granted") <= of("captured"), "{number}: {paid}: {books}");
        }
    }
}
