//! Pages: how many a second, what they weigh, and how soon an event is on all of them that are open.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::clients::pace_of;
use crate::row;
use crate::shop::Shop;

const CLIENTS: usize = 32;
const LISTENERS: usize = 1_000;

/// A session that was recognised for orders, with a draft of one and a return of the next.
pub struct Visit {
    pub cookie: String,
    pub draft: String,
    pub track: String,
}

impl Visit {
    /// As a shopper does it: orders `{prefix}{number}` and the next.
    pub async fn make(shop: &Shop, prefix: &str, number: usize) -> Self {
        let (cookie, draft) = find(shop, &format!("{prefix}{number}"), None).await;
        fill(shop, &cookie, &draft, &format!("{prefix}{number}")).await;
        let next = format!("{prefix}{}", number + 1);
        let (cookie, second) = find(shop, &next, Some(cookie)).await;
        fill(shop, &cookie, &second, &next).await;
        let done = send(shop, &format!("{second}/check"), Some(&cookie), &[]).await;
        let track = place(&done).trim_end_matches("/done").to_owned();
        Self { cookie, draft, track }
    }
}

/// Finds an order; the session's cookie, and the draft.
pub async fn find(shop: &Shop, number: &str, cookie: Option<String>) -> (String, String) {
    let contact = format!("c{number}@example.com");
    let found = send(shop, "/", cookie.as_deref(), &[("number", number), ("contact", &contact)]).await;
    let cookie = found.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    (cookie, place(&found).trim_end_matches("/items").to_owned())
}

async fn fill(shop: &Shop, cookie: &str, draft: &str, number: &str) {
    let of = |name: &str| format!("{name}|{number}|2");
    let send = |step: &str, fields: Vec<(String, &'static str)>| {
        let request = shop.client.post(format!("{}{draft}/{step}", shop.base)).header("cookie", cookie).form(&fields);
        async move { assert!(request.send().await.unwrap().status().is_redirection()) }
    };
    send("items", vec![(of("units"), "1")]).await;
    send("why", vec![(of("reason"), "dislike"), (of("condition"), "opened")]).await;
    send("wish", vec![(of("wish"), "refund")]).await;
    send("send", vec![("method".to_owned(), "self_ship")]).await;
}

async fn send(shop: &Shop, path: &str, cookie: Option<&str>, fields: &[(&str, &str)]) -> reqwest::Response {
    let request = shop.client.post(format!("{}{path}", shop.base)).form(fields);
    cookie.iter().fold(request, |request, cookie| request.header("cookie", *cookie)).send().await.unwrap()
}

fn place(answer: &reqwest::Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}

fn shown(visit: &Visit) -> [(&'static str, String); 6] {
    let of = |step: &str| format!("{}/{step}", visit.draft);
    [
        ("find", "/".into()),
        ("choose", of("items")),
        ("why", of("why")),
        ("check", of("check")),
        ("timeline", visit.track.clone()),
        ("policy", "/policy".into()),
    ]
}

pub async fn rendering(shop: &Shop, visit: &Visit) {
    for (name, path) in shown(visit) {
        let (client, url, cookie) = (shop.client.clone(), format!("{}{path}", shop.base), visit.cookie.clone());
        let (pace, each) = pace_of(shop.process(), CLIENTS, Duration::from_secs(2), move |_| {
            let request = client.get(&url).header("cookie", cookie.clone());
            async move {
                let answer = request.send().await.unwrap();
                assert!(answer.status().is_success());
                black_box(answer.bytes().await.unwrap());
            }
        })
        .await;
        row(
            &format!("page `{name}`, {CLIENTS} clients"),
            format!("{:.0}/s; {each:.0} µs of processor", pace.rate),
            "client on the same two cores",
        );
    }
}

pub async fn weights(shop: &Shop, visit: &Visit) {
    let get = |path: &str| shop.client.get(format!("{}{path}", shop.base)).header("cookie", &visit.cookie);
    for (name, path) in shown(visit) {
        let packed = async |path: &str| get(path).header("accept-encoding", "br").send().await.unwrap().bytes().await.unwrap().len();
        let page = packed(&path).await;
        let plain = get(&path).send().await.unwrap().text().await.unwrap();
        let (mut style, mut script) = (0, 0);
        for address in plain.split('"').filter(|part| part.starts_with("/assets/")).collect::<std::collections::BTreeSet<_>>() {
            *if address.ends_with(".css") { &mut style } else { &mut script } += packed(address).await;
        }
        let kb = |bytes: usize| bytes as f64 / 1000.0;
        row(
            &format!("weight of page `{name}`, packed"),
            format!("HTML {:.1}, CSS {:.1}, JS and wasm {:.1} kB", kb(page), kb(style), kb(script)),
            "budget: 14, 12, 120 kB",
        );
    }
}

pub async fn listening(shop: &Shop, visit: &Visit) {
    let before = shop.resident();
    let heard = Arc::new(AtomicUsize::new(0));
    let last = Arc::new(Mutex::new(Instant::now()));
    let ready = Arc::new(AtomicUsize::new(0));
    for _ in 0..LISTENERS {
        let request = shop.client.get(format!("{}{}/live?after=3", shop.base, visit.track)).header("cookie", &visit.cookie);
        let (heard, last, ready) = (heard.clone(), last.clone(), ready.clone());
        tokio::spawn(async move {
            let mut stream = request.send().await.unwrap();
            ready.fetch_add(1, Ordering::SeqCst);
            while let Ok(Some(chunk)) = stream.chunk().await {
                if String::from_utf8_lossy(&chunk).contains("data:") {
                    heard.fetch_add(1, Ordering::SeqCst);
                    *last.lock().unwrap() = Instant::now();
                    return;
                }
            }
        });
    }
    while ready.load(Ordering::SeqCst) < LISTENERS {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let each = (shop.resident() - before) * 1024.0 / LISTENERS as f64;
    let rma = visit.track.trim_start_matches("/returns/");
    let told = Instant::now();
    let cancelled = shop.client.post(format!("{}/api/v1/returns/{rma}/cancel", shop.base)).bearer_auth(&shop.key).send().await.unwrap();
    assert!(cancelled.status().is_success());
    while heard.load(Ordering::SeqCst) < LISTENERS && told.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = last.lock().unwrap().duration_since(told);
    row(
        &format!("an event reaches {} of {LISTENERS} open timelines", heard.load(Ordering::SeqCst)),
        format!("{:.0} ms", took.as_secs_f64() * 1000.0),
        "aim: 1 s",
    );
    row("memory per open timeline", format!("{each:.0} kB"), "");
}
