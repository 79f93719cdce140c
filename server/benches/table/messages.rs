//! What telling people and systems costs the command that it is about, and how fast what waits is told.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::clients::pace;
use crate::row;
use crate::shop::{Shop, wanted};

/// Orders `N…` to return.
pub const ORDERS: usize = 40_000;
const CLIENTS: usize = 8;
const SPAN: Duration = Duration::from_secs(4);
/// After so long every server knows which webhooks there are.
const KNOWN: Duration = Duration::from_secs(3);
const HOOKS: [&str; 2] = ["one", "other"];

/// A mail server that takes everything, and counts.
struct Sink {
    port: u16,
    taken: Arc<AtomicUsize>,
}

impl Sink {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, taken) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counted = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, counted.clone()));
            }
        });
        Self { port, taken }
    }

    fn count(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

async fn take(stream: TcpStream, taken: Arc<AtomicUsize>) {
    let mut stream = BufReader::new(stream);
    let (mut said, mut data) = (String::new(), false);
    let mut answer = "220 sink";
    loop {
        if !answer.is_empty() && stream.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        said.clear();
        if !stream.read_line(&mut said).await.is_ok_and(|read| read > 0) {
            return;
        }
        answer = match said.trim_end() {
            "." if data => {
                data = false;
                taken.fetch_add(1, Ordering::Relaxed);
                "250 taken"
            }
            _ if data => "",
            "DATA" => {
                data = true;
                "354 go on"
            }
            _ => "250 ok",
        };
    }
}

/// Servers that do what waits, and nothing else.
struct Workers(Vec<Child>);

impl Workers {
    fn start(shop: &Shop, sink: &Sink, many: usize) -> Self {
        let one = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_homebound"));
            command
                .arg("worker")
                .env("HOMEBOUND_DATA_DIR", &shop.folder)
                .env("HOMEBOUND_DATABASE_URL", &shop.database)
                .env("HOMEBOUND_PUBLIC_URL", &shop.base)
                .env("HOMEBOUND_SMTP_URL", format!("smtp://127.0.0.1:{}", sink.port))
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command.spawn().unwrap()
        };
        Self((0..many).map(|_| one()).collect())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

/// Opens returns of the orders `N…`; how many a second.
async fn opening(shop: &Shop, next: &Arc<AtomicUsize>, span: Duration) -> f64 {
    let (client, key, base, next) = (shop.client.clone(), shop.key.clone(), shop.base.clone(), next.clone());
    let pace = pace(CLIENTS, span, move |_| {
        let number = next.fetch_add(1, Ordering::Relaxed);
        assert!(number < ORDERS, "more orders are needed");
        let opened = client.post(format!("{base}/api/v1/returns")).bearer_auth(&key).json(&wanted(&format!("N{number}"))).send();
        async move { assert_eq!(opened.await.unwrap().status().as_u16(), 201) }
    })
    .await;
    pace.rate
}

async fn hooks(shop: &Shop, there: bool) {
    for name in HOOKS {
        let at = format!("{}/api/v1/webhooks/{name}", shop.base);
        let request = if there {
            shop.client.put(at).json(&json!({"url": format!("http://127.0.0.1:9/{name}"), "events": ["*"]}))
        } else {
            shop.client.delete(at)
        };
        let answer = request.bearer_auth(&shop.admin).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
    tokio::time::sleep(KNOWN).await;
}

/// What waits comes from returns of the orders `N…`, which it opens.
pub async fn measure(shop: &Shop) {
    let (kind, next) = (shop.kind(), Arc::new(AtomicUsize::new(0)));
    opening(shop, &next, SPAN / 4).await;
    let before = opening(shop, &next, SPAN).await;
    hooks(shop, true).await;
    let told = opening(shop, &next, SPAN).await;
    hooks(shop, false).await;
    let after = opening(shop, &next, SPAN).await;
    let without = (before + after) / 2.0;
    row(
        &format!("opening a return that two webhooks are told of, besides the mail, {kind}, {CLIENTS} clients"),
        format!("{told:.0}/s"),
        format!("{:.2} of one that none is told of ({before:.0} before, {after:.0} after); aim: 0.9", told / without),
    );
    let sink = Sink::start().await;
    let mut one = None;
    // One server on SQLite: it is that server's own.
    for many in if kind == "SQLite" { 1..=1 } else { 1..=2 } {
        let rate = draining(shop, &sink, many).await;
        row(
            &format!("mails sent, {kind}, {many} worker{}", if many == 1 { "" } else { "s" }),
            format!("{rate:.0}/s"),
            one.map_or_else(String::new, |one: f64| format!("{:.2} of one worker", rate / one)),
        );
        one = Some(rate);
    }
}

/// Mails a second, once workers are under way.
async fn draining(shop: &Shop, sink: &Sink, many: usize) -> f64 {
    let workers = Workers::start(shop, sink, many);
    let (before, patience) = (sink.count(), Instant::now());
    while sink.count() < before + 50 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(patience.elapsed() < Duration::from_secs(60), "nothing is sent");
    }
    let (from, begun) = (sink.count(), Instant::now());
    tokio::time::sleep(SPAN * 2).await;
    let rate = (sink.count() - from) as f64 / begun.elapsed().as_secs_f64();
    drop(workers);
    rate
}

/// Commands while a long row of mails is sent, beside commands while nobody sends them: by a worker of its own, or, as a shop on SQLite does, by the
/// server itself.
pub async fn beside_a_backlog(shop: Shop, waiting: usize) -> Shop {
    let (kind, next) = (shop.kind(), Arc::new(AtomicUsize::new(0)));
    shop.import("N", 0..ORDERS).await;
    opening(&shop, &next, SPAN / 4).await;
    let before = opening(&shop, &next, SPAN).await;
    let sink = Sink::start().await;
    let (folder, database, itself) = (shop.folder.clone(), shop.database.clone(), kind == "SQLite");
    let shop = if itself {
        shop.stop();
        Shop::sending(&folder, &database, sink.port).await
    } else {
        shop
    };
    let workers = (!itself).then(|| Workers::start(&shop, &sink, 1));
    while sink.count() < 50 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    opening(&shop, &next, SPAN / 4).await;
    let (from, begun) = (sink.count(), Instant::now());
    let beside = opening(&shop, &next, SPAN).await;
    let rate = (sink.count() - from) as f64 / begun.elapsed().as_secs_f64();
    drop(workers);
    let shop = if itself {
        shop.stop();
        Shop::start(&folder, &database, false).await
    } else {
        shop
    };
    opening(&shop, &next, SPAN / 4).await;
    let after = opening(&shop, &next, SPAN).await;
    row(
        &format!("opening returns while {waiting} mails wait and are sent, {kind}, {CLIENTS} clients"),
        format!("{beside:.0}/s, and {rate:.0} mails/s"),
        format!("{:.2} of that while nobody sends them; aim: 0.8", beside / ((before + after) / 2.0)),
    );
    shop
}
