//! Opening and reading returns by machine, beside the floor.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::clients::{Pace, pace, pace_of};
use crate::floor::{BYTES, Floor};
use crate::row;
use crate::shop::{Shop, wanted};

const CLIENTS: usize = 32;
const SPAN: Duration = Duration::from_secs(4);
/// Orders there are to return.
pub const ORDERS: usize = 60_000;

pub async fn measure(shop: &Shop, floor: &Floor) {
    let opened = writing(shop, floor, "").await;
    reading(shop, floor, &opened).await;
    row(&format!("resident memory after that, {}", shop.kind()), format!("{:.0} MB", shop.resident()), "aim: 250 MB");
}

/// Opens returns; answers one of them.
pub async fn writing(shop: &Shop, floor: &Floor, disk: &str) -> Value {
    let (kind, next) = (shop.kind(), Arc::new(AtomicUsize::new(0)));
    let mut one = Value::Null;
    for clients in [1, CLIENTS] {
        let base = inserts(floor, clients).await;
        let (opened, answered) = opening(shop, clients, &next).await;
        let again = inserts(floor, clients).await;
        let least = (base.rate + again.rate) / 2.0;
        row(
            &format!("`POST /api/v1/returns`, {kind}{disk}, {clients} client{}", if clients == 1 { "" } else { "s" }),
            format!("{:.0}/s; p50 {:.2}, p99 {:.2} ms", opened.rate, opened.p50(), opened.p99()),
            format!("{:.2} of the floor ({least:.0}/s); p99 {:.1} × p50", opened.rate / least, opened.p99() / opened.p50()),
        );
        one = answered;
    }
    one
}

/// As many inserts as the floor makes.
pub async fn inserts(floor: &Floor, clients: usize) -> Pace {
    let (client, base, body) = (reqwest::Client::new(), floor.base.clone(), "x".repeat(BYTES));
    pace(clients, SPAN / 2, move |_| {
        let request = client.post(&base).body(body.clone());
        async move { assert!(request.send().await.unwrap().status().is_success()) }
    })
    .await
}

/// Opens returns of orders nobody has opened one of; answers how fast, and one of them.
async fn opening(shop: &Shop, clients: usize, next: &Arc<AtomicUsize>) -> (Pace, Value) {
    let (client, key, base, next) = (shop.client.clone(), shop.key.clone(), shop.base.clone(), next.clone());
    let open = move || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        assert!(number < ORDERS, "more orders are needed");
        client.post(format!("{base}/api/v1/returns")).bearer_auth(&key).json(&wanted(&format!("B{number}"))).send()
    };
    let opened: Value = open().await.unwrap().json().await.unwrap();
    let pace = pace(clients, SPAN, move |_| {
        let opened = open();
        async move { assert_eq!(opened.await.unwrap().status().as_u16(), 201) }
    })
    .await;
    (pace, opened)
}

async fn reading(shop: &Shop, floor: &Floor, opened: &Value) {
    let rma = opened["rma"].as_str().unwrap();
    let asked = |process: u32, url: String| {
        let (client, key) = (shop.client.clone(), shop.key.clone());
        pace_of(process, CLIENTS, SPAN / 2, move |_| {
            let request = client.get(&url).bearer_auth(&key);
            async move {
                let answer = request.send().await.unwrap();
                assert!(answer.status().is_success());
                answer.bytes().await.unwrap();
            }
        })
    };
    let (hello, least) = asked(floor.process(), format!("{}/hello", floor.base)).await;
    let (row_read, least_read) = asked(floor.process(), format!("{}/row", floor.base)).await;
    row(
        &format!("one row by its key, an axum on {}, {CLIENTS} clients", shop.kind()),
        format!("{:.0}/s; {least_read:.0} µs of processor", row_read.rate),
        format!("{:.2} of an axum that says hello ({:.0}/s; {least:.0} µs)", row_read.rate / hello.rate, hello.rate),
    );
    for (what, path) in [
        ("`GET /healthz`", "/healthz".to_owned()),
        ("`GET` order by API", "/api/v1/orders/B0".to_owned()),
        ("`GET` return by API", format!("/api/v1/returns/{rma}")),
        ("`GET` timeline by API", format!("/api/v1/returns/{rma}/timeline")),
    ] {
        let (read, each) = asked(shop.process(), format!("{}{path}", shop.base)).await;
        row(
            &format!("{what}, {}, {CLIENTS} clients", shop.kind()),
            format!("{:.0}/s; {each:.0} µs of processor", read.rate),
            format!(
                "{:.2} of hello, {:.2} of that row; processor {:.2}, {:.2}",
                read.rate / hello.rate,
                read.rate / row_read.rate,
                least / each,
                least_read / each
            ),
        );
    }
}
