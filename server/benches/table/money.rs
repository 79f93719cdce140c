//! From goods that come to money that leaves, by machine, beside the floor; and the books of an order with many returns.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::order::{Order, OrderDocument};
use domain::policy::{GiftRule, Resolution};
use domain::settlement::{Claim, Part, Terms, books};
use serde_json::{Value, json};

use crate::clients::pace;
use crate::floor::Floor;
use crate::returns::inserts;
use crate::row;
use crate::shop::{Shop, wanted};

const CLIENTS: usize = 32;
const SPAN: Duration = Duration::from_secs(4);
/// Returns that wait to be received.
pub const WAITING: usize = 4_000;
/// What is said of each: received, looked at, promised, paid.
const STEPS: [(&str, &str); 4] = [
    ("receive", "{}"),
    ("inspect", r#"{"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]}"#),
    ("grant", "{}"),
    ("pay", r#"{"method": "manual", "reference": "bench"}"#),
];

/// Takes returns of the orders `M…` from their parcel to their money.
pub async fn measure(shop: &Shop, floor: &Floor) {
    let waiting = Arc::new(opened(shop).await);
    let next = Arc::new(AtomicUsize::new(0));
    for clients in [1, CLIENTS] {
        let base = inserts(floor, clients).await;
        let (client, key, at, waiting, next) = (shop.client.clone(), shop.admin.clone(), shop.base.clone(), waiting.clone(), next.clone());
        let chain = pace(clients, SPAN, move |_| {
            let (client, key, at, waiting) = (client.clone(), key.clone(), at.clone(), waiting.clone());
            let place = next.fetch_add(1, Ordering::Relaxed);
            async move {
                let rma = waiting.get(place).expect("more returns are needed");
                for (step, body) in STEPS {
                    let request = client.post(format!("{at}/api/v1/returns/{rma}/{step}")).bearer_auth(&key);
                    let answer = request.header("content-type", "application/json").body(body).send().await.unwrap();
                    assert_eq!(answer.status().as_u16(), 200, "{step}");
                }
            }
        })
        .await;
        let again = inserts(floor, clients).await;
        let least = (base.rate + again.rate) / 2.0 / STEPS.len() as f64;
        row(
            &format!("receive → inspect → grant → pay, {}, {clients} client{}", shop.kind(), if clients == 1 { "" } else { "s" }),
            format!("{:.0}/s; p50 {:.2}, p99 {:.2} ms", chain.rate, chain.p50(), chain.p99()),
            format!("{:.2} of the floor, four durable inserts ({least:.0}/s)", chain.rate / least),
        );
    }
}

/// Opens the returns; answers their numbers.
async fn opened(shop: &Shop) -> Vec<String> {
    let mut opened = Vec::with_capacity(WAITING);
    for start in (0..WAITING).step_by(CLIENTS) {
        let asked = (start..WAITING.min(start + CLIENTS)).map(|number| {
            let request = shop.client.post(format!("{}/api/v1/returns", shop.base)).bearer_auth(&shop.key);
            async move {
                let answer: Value = request.json(&wanted(&format!("M{number}"))).send().await.unwrap().json().await.unwrap();
                assert_eq!(answer["status"], "approved", "{answer}");
                answer["rma"].as_str().unwrap().to_owned()
            }
        });
        opened.extend(futures::future::join_all(asked).await);
    }
    opened
}

/// How long the books of an order take that has two hundred returns.
pub fn books_of_many() {
    let lines: Vec<Value> = (0..200)
        .map(|line| json!({"id": line.to_string(), "sku": "s", "name": "n", "quantity": 1, "unit_price": format!("{}.50", 10 + line)}))
        .collect();
    let document = json!({"number": "1", "placed_at": "2026-01-01T00:00:00Z", "currency": "EUR", "customer": {"email": "a@b.org"},
        "lines": lines, "discounts": [{"amount": "50.00", "minimum_spend": "900.00"}], "shipping": "9.90"});
    let order = Order::parse(&OrderDocument::from_json(document.to_string().as_bytes()).unwrap()).unwrap();
    for (name, resolution) in
        [("refunds", Resolution::Refund), ("store credit", Resolution::StoreCredit), ("exchanges", Resolution::Exchange)]
    {
        let claim = |id: &domain::ids::LineId| Claim { price: Some(2_000), ..Claim::of(id.clone(), 1, resolution, Terms::OUTSIDE) };
        let parts: Vec<Part> = order.lines.iter().map(|line| Part { claims: vec![claim(&line.id)], ..Part::default() }).collect();
        let once = |_| {
            let begun = Instant::now();
            std::hint::black_box(books(&order, GiftRule::Keep, &[], &parts));
            begun.elapsed().as_secs_f64() * 1_000.0
        };
        let mut times: Vec<f64> = (0..201).map(once).collect();
        times.sort_by(f64::total_cmp);
        row(
            &format!("books of an order with 200 returns, {name}"),
            format!("p50 {:.3}, p99 {:.3} ms", times[100], times[198]),
            "aim: 1 ms",
        );
    }
}
