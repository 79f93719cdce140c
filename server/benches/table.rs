//! `make bench`: one table of figures, all of one run, each beside what it is to be compared with.
//!
//! Durable figures mean something only beside the floor of the same run: disks and neighbours differ by a factor of ten.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement stops where it cannot measure")]

use std::hint::black_box;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::order::{Order, OrderDocument};
use domain::policy::{Case, CaseLine, History, judge, read};
use domain::reason::ReasonTree;
use serde_json::{Value, json};
use server::import::{self, Format, Options, Source};
use server::store::Store;

const CLIENTS: usize = 32;

#[tokio::main]
async fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!("| what | figure | beside |\n|---|---|---|");
    judging();
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(folder.path()).await;
    idle(&shop);
    opening(&shop).await;
    rendering(&shop).await;
    weights(&shop).await;
    listening(&shop).await;
    shop.stop();
}

fn row(what: &str, figure: impl std::fmt::Display, beside: impl std::fmt::Display) {
    println!("| {what} | {figure} | {beside} |");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The default policy with rules added before its last of each table until there are fifty that are all looked at.
fn fifty_rules() -> Value {
    let mut policy: Value = serde_json::from_str(domain::policy::DEFAULT).unwrap();
    let count = |policy: &Value| {
        policy.as_object().unwrap().values().filter_map(Value::as_array).flatten().filter(|rule| rule.get("then").is_some()).count()
    };
    let mut number = 0;
    while count(&policy) < 50 {
        number += 1;
        let rule = json!({"id": format!("extra-{number}"), "when": {"category": ["a", "b"], "tier": "x", "days_since_delivery": {"max": 3}}, "then": {"refuse": ["repair"]}});
        policy["exclusion"].as_array_mut().unwrap().insert(0, rule);
    }
    policy
}

fn judging() {
    let tree = ReasonTree::default();
    let policy = read(&fifty_rules().to_string(), &tree).unwrap();
    let document: OrderDocument = serde_json::from_value(order("1", 3)).unwrap();
    let order = Order::parse(&document).unwrap();
    let history = History::default();
    let lines = [CaseLine {
        line: order.lines[0].id.clone(),
        quantity: 1,
        reason: Some(tree.choose("dislike", None, order.lines[0].category.as_ref()).unwrap()),
        condition: Some("opened".parse().unwrap()),
        resolution: None,
        evidence: Vec::new(),
    }];
    let case = Case { order: &order, history: &history, lines: &lines, method: None, withdrawal: false, return_region: None, proof: None };
    let now = jiff::Timestamp::now();
    let looked = judge(&policy, &case, now).lines[0].trace.len();
    let times = (0..15).map(|_| {
        let begun = Instant::now();
        for _ in 0..20_000 {
            black_box(judge(black_box(&policy), black_box(&case), now));
        }
        begun.elapsed().as_secs_f64() / 20_000.0 * 1e6
    });
    row(
        &format!("`judge`, one line, {} rules ({looked} looked at)", policy.rules()),
        format!("{:.2} µs", median(times.collect())),
        "aim: 5 µs",
    );
}

fn days_ago(days: i64) -> String {
    (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(days * 24)).to_string()
}

fn order(number: &str, lines: usize) -> Value {
    let lines: Vec<Value> = (1..=lines)
        .map(|line| json!({"id": line.to_string(), "sku": format!("SKU-{line}"), "name": "Organic tee", "variant": "black / M", "category": "apparel", "quantity": 2, "unit_price": "99.00", "discount": "20.00"}))
        .collect();
    json!({"number": number, "placed_at": days_ago(6), "currency": "CNY", "customer": {"id": number, "email": format!("c{number}@example.com")},
        "ship_to": {"country": "CN", "city": "杭州市", "line1": "文三路 90 号"}, "lines": lines, "deliveries": [{"shipped_at": days_ago(5), "delivered_at": days_ago(3)}]})
}

/// The release binary, serving.
struct Shop {
    child: Child,
    base: String,
    key: String,
    folder: PathBuf,
    client: reqwest::Client,
    started: Duration,
}

impl Shop {
    async fn start(folder: &Path) -> Self {
        let program = env!("CARGO_BIN_EXE_homebound");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let command = || {
            let mut command = Command::new(program);
            command
                .env("HOMEBOUND_DATA_DIR", folder)
                .env("HOMEBOUND_LISTEN", address.to_string())
                .env("HOMEBOUND_PUBLIC_URL", format!("http://{address}"))
                .env("HOMEBOUND_DEMO", "true")
                .env("HOMEBOUND_WORKER", "false")
                .env("HOMEBOUND_LIMITS__REQUESTS_PER_SECOND", "4000000000")
                .env("HOMEBOUND_LIMITS__BURST", "4000000000")
                .stderr(Stdio::null());
            command
        };
        let key = command().args(["key", "add", "--name", "bench", "--scope", "write"]).output().unwrap().stdout;
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let begun = Instant::now();
        let child = command().arg("serve").stdout(Stdio::null()).spawn().unwrap();
        let base = format!("http://{address}");
        while !client.get(format!("{base}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert!(begun.elapsed() < Duration::from_secs(30), "the server did not start");
        }
        Self {
            child,
            base,
            key: String::from_utf8(key).unwrap().trim().to_owned(),
            folder: folder.to_owned(),
            client,
            started: begun.elapsed(),
        }
    }

    fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0 kB");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }

    fn stop(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn idle(shop: &Shop) {
    row("start to ready, database migrated, demo shop seeded", format!("{:.0} ms", shop.started.as_secs_f64() * 1000.0), "aim: 1 s");
    row("resident memory, idle", format!("{:.0} MB", shop.resident()), "aim: 60 MB");
}

/// Runs `work` from many clients for a while; how often a second it was done.
async fn rate<F, W>(clients: usize, span: Duration, work: W) -> f64
where
    W: Fn(usize) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let work = Arc::new(work);
    let done = Arc::new(AtomicUsize::new(0));
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let tasks = (0..clients).map(|_| {
        let (work, done, next) = (work.clone(), done.clone(), next.clone());
        tokio::spawn(async move {
            while begun.elapsed() < span {
                work(next.fetch_add(1, Ordering::Relaxed)).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// The floor: one durable insert per request through axum, commits one by one, on the same disk.
async fn floor(folder: &Path) -> f64 {
    let database = Store::open(&format!("sqlite://{}", folder.join("floor.db").display())).await.unwrap();
    drop(database);
    let options: sqlx::sqlite::SqliteConnectOptions = format!("sqlite://{}", folder.join("floor.db").display()).parse().unwrap();
    let conn = sqlx::ConnectOptions::connect(
        &options.journal_mode(sqlx::sqlite::SqliteJournalMode::Wal).synchronous(sqlx::sqlite::SqliteSynchronous::Full),
    )
    .await
    .unwrap();
    let conn = Arc::new(tokio::sync::Mutex::new(conn));
    let app = axum::Router::new().route(
        "/",
        axum::routing::post(move |body: String| {
            let conn = conn.clone();
            async move {
                let mut conn = conn.lock().await;
                sqlx::query("INSERT INTO outbox (id, kind, payload, run_at) VALUES ($1, 'floor', $2, 0)")
                    .bind(uuid::Uuid::now_v7().to_string())
                    .bind(body)
                    .execute(&mut *conn)
                    .await
                    .unwrap();
                "done"
            }
        }),
    );
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = reqwest::Client::new();
    let body = "x".repeat(2_000);
    rate(CLIENTS, Duration::from_secs(4), move |_| {
        let request = client.post(&base).body(body.clone());
        async move {
            assert!(request.send().await.unwrap().status().is_success());
        }
    })
    .await
}

async fn opening(shop: &Shop) {
    let base = shop.base.clone();
    // Orders to return, put in beforehand.
    let orders: u64 = 30_000;
    let store = Store::open(&format!("sqlite://{}", shop.folder.join("homebound.db").display())).await.unwrap();
    let feed: Vec<String> = (0..orders).map(|number| order(&format!("B{number}"), 2).to_string()).collect();
    let report = import::run(&store, 0, Source::bytes(feed.join("\n")), Options::new(Format::Json), &mut |_| {}).await.unwrap();
    assert_eq!(report.created, orders);
    row("import, order documents of two lines, SQLite", format!("{:.0} lines/s", report.lines_per_second()), "aim: 20,000 lines/s");
    store.close().await;
    let floor = floor(&shop.folder).await;
    let (client, key) = (shop.client.clone(), shop.key.clone());
    let rate = rate(CLIENTS, Duration::from_secs(6), move |number| {
        let body = json!({"orders": [format!("B{}", number as u64 % orders)], "lines": [{"line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}], "method": "self_ship"});
        let request = client.post(format!("{base}/api/v1/returns")).bearer_auth(&key).json(&body);
        async move {
            let status = request.send().await.unwrap().status();
            assert_eq!(status.as_u16(), 201);
        }
    })
    .await;
    row(
        &format!("`POST /api/v1/returns`, {CLIENTS} clients, SQLite"),
        format!("{rate:.0}/s"),
        format!("{:.2} of the floor (one durable insert a request: {floor:.0}/s)", rate / floor),
    );
    row("resident memory, after that", format!("{:.0} MB", shop.resident()), "");
}

/// A session that was recognised for an order, with a draft and a return of it.
async fn visit(shop: &Shop, number: &str) -> (String, String, String) {
    let send = |path: String, cookie: Option<String>, fields: Vec<(String, String)>| {
        let request = shop.client.post(format!("{}{path}", shop.base)).form(&fields);
        let request = match cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        async move { request.send().await.unwrap() }
    };
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let found = send("/".into(), None, vec![field("number", number), field("contact", &format!("c{number}@example.com"))]).await;
    let cookie = found.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let items = found.headers()["location"].to_str().unwrap().to_owned();
    let draft = items.trim_end_matches("/items").to_owned();
    let key = format!("{number}|2");
    send(items, Some(cookie.clone()), vec![field(&format!("units|{key}"), "1")]).await;
    send(
        format!("{draft}/why"),
        Some(cookie.clone()),
        vec![field(&format!("reason|{key}"), "dislike"), field(&format!("condition|{key}"), "opened")],
    )
    .await;
    send(format!("{draft}/wish"), Some(cookie.clone()), vec![field(&format!("wish|{key}"), "refund")]).await;
    send(format!("{draft}/send"), Some(cookie.clone()), vec![field("method", "self_ship")]).await;
    // A second draft is sent off, so that there is a return to look at.
    let other = format!("B{}", number.trim_start_matches('B').parse::<u32>().unwrap() + 1);
    let found =
        send("/".into(), Some(cookie.clone()), vec![field("number", &other), field("contact", &format!("c{other}@example.com"))]).await;
    let cookie = found.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let second = found.headers()["location"].to_str().unwrap().trim_end_matches("/items").to_owned();
    let key = format!("{other}|2");
    send(format!("{second}/items"), Some(cookie.clone()), vec![field(&format!("units|{key}"), "1")]).await;
    send(
        format!("{second}/why"),
        Some(cookie.clone()),
        vec![field(&format!("reason|{key}"), "dislike"), field(&format!("condition|{key}"), "opened")],
    )
    .await;
    send(format!("{second}/wish"), Some(cookie.clone()), vec![field(&format!("wish|{key}"), "refund")]).await;
    send(format!("{second}/send"), Some(cookie.clone()), vec![field("method", "self_ship")]).await;
    let done = send(format!("{second}/check"), Some(cookie.clone()), vec![]).await;
    let track = done.headers()["location"].to_str().unwrap().trim_end_matches("/done").to_owned();
    (cookie, draft, track)
}

async fn rendering(shop: &Shop) {
    let (cookie, draft, track) = visit(shop, "B29000").await;
    for (name, path) in [
        ("find", "/".to_owned()),
        ("items", format!("{draft}/items")),
        ("check", format!("{draft}/check")),
        ("return", track),
        ("policy", "/policy".into()),
    ] {
        let (client, base, cookie) = (shop.client.clone(), shop.base.clone(), cookie.clone());
        let rate = rate(CLIENTS, Duration::from_secs(2), move |_| {
            let request = client.get(format!("{base}{path}")).header("cookie", cookie.clone());
            async move {
                let answer = request.send().await.unwrap();
                assert!(answer.status().is_success());
                black_box(answer.bytes().await.unwrap());
            }
        })
        .await;
        row(&format!("page `{name}`, {CLIENTS} clients"), format!("{rate:.0}/s"), "client on the same two cores");
    }
}

async fn weights(shop: &Shop) {
    let (cookie, draft, track) = visit(shop, "B29100").await;
    let get = |path: String| {
        shop.client.get(format!("{}{path}", shop.base)).header("cookie", cookie.clone()).header("accept-encoding", "br").send()
    };
    for (name, path) in [
        ("find", "/".to_owned()),
        ("items", format!("{draft}/items")),
        ("why", format!("{draft}/why")),
        ("check", format!("{draft}/check")),
        ("return", track),
        ("policy", "/policy".into()),
    ] {
        let page = get(path.clone()).await.unwrap().bytes().await.unwrap().len();
        let plain =
            shop.client.get(format!("{}{path}", shop.base)).header("cookie", cookie.clone()).send().await.unwrap().text().await.unwrap();
        let (mut style, mut script) = (0, 0);
        for address in plain.split('"').filter(|part| part.starts_with("/assets/")).collect::<std::collections::BTreeSet<_>>() {
            let size = get(address.to_owned()).await.unwrap().bytes().await.unwrap().len();
            if address.ends_with(".css") { style += size } else { script += size }
        }
        let kb = |bytes: usize| bytes as f64 / 1000.0;
        row(
            &format!("weight of page `{name}`, packed"),
            format!("HTML {:.1}, CSS {:.1}, JS and wasm {:.1} kB", kb(page), kb(style), kb(script)),
            "budget: 14, 12, 120 kB",
        );
    }
}

async fn listening(shop: &Shop) {
    let listeners = 1_000;
    let (cookie, _, track) = visit(shop, "B29200").await;
    let before = shop.resident();
    let heard = Arc::new(AtomicUsize::new(0));
    let last = Arc::new(std::sync::Mutex::new(Instant::now()));
    let ready = Arc::new(AtomicUsize::new(0));
    for _ in 0..listeners {
        let request = shop.client.get(format!("{}{track}/live?after=3", shop.base)).header("cookie", cookie.clone());
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
    while ready.load(Ordering::SeqCst) < listeners {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let each = (shop.resident() - before) * 1024.0 / listeners as f64;
    let rma = track.trim_start_matches("/returns/");
    let told = Instant::now();
    let cancelled = shop.client.post(format!("{}/api/v1/returns/{rma}/cancel", shop.base)).bearer_auth(&shop.key).send().await.unwrap();
    assert!(cancelled.status().is_success());
    while heard.load(Ordering::SeqCst) < listeners && told.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = last.lock().unwrap().duration_since(told);
    row(
        &format!("an event reaches {} of {listeners} open timelines", heard.load(Ordering::SeqCst)),
        format!("{:.0} ms", took.as_secs_f64() * 1000.0),
        "aim: 1 s",
    );
    row("memory per open timeline", format!("{each:.0} kB"), "");
}
