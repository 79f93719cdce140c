//! The release binary, serving a shop.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use server::import::{self, Format, Options, Report, Source};
use server::store::Store;

/// A running server with a database of its own.
pub struct Shop {
    child: Child,
    pub base: String,
    pub key: String,
    /// A key of people at work.
    pub staff: String,
    /// A key that may do everything.
    pub admin: String,
    /// Its files.
    pub folder: PathBuf,
    pub database: String,
    pub client: reqwest::Client,
    /// From its start until it was ready.
    pub started: Duration,
}

impl Shop {
    /// Starts one on the database at `address`, its files in `folder`.
    pub async fn start(folder: &Path, address: &str, demo: bool) -> Self {
        Self::with(folder, address, demo, None).await
    }

    /// One that sends its mails itself, to a mail server at a port of this machine.
    pub async fn sending(folder: &Path, address: &str, to: u16) -> Self {
        Self::with(folder, address, false, Some(to)).await
    }

    async fn with(folder: &Path, address: &str, demo: bool, sends: Option<u16>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        drop(listener);
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_homebound"));
            command
                .env("HOMEBOUND_DATA_DIR", folder)
                .env("HOMEBOUND_DATABASE_URL", address)
                .env("HOMEBOUND_LISTEN", at.to_string())
                .env("HOMEBOUND_PUBLIC_URL", format!("http://{at}"))
                .env("HOMEBOUND_DEMO", demo.to_string())
                .env("HOMEBOUND_WORKER", sends.is_some().to_string())
                .env("HOMEBOUND_WEBHOOKS__ALLOW_PRIVATE", "true")
                .env("HOMEBOUND_LIMITS__REQUESTS_PER_SECOND", "4000000000")
                .env("HOMEBOUND_LIMITS__BURST", "4000000000")
                .stderr(Stdio::null());
            if let Some(port) = sends {
                command.env("HOMEBOUND_SMTP_URL", format!("smtp://127.0.0.1:{port}"));
            }
            command
        };
        let key = |name: &str, scope: &str| {
            let key = command().args(["key", "add", "--name", name, "--scope", scope]).output().unwrap().stdout;
            String::from_utf8(key).unwrap().trim().to_owned()
        };
        let (key, staff, admin) = (key("bench", "write"), key("people", "staff"), key("all", "admin"));
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let begun = Instant::now();
        let child = command().arg("serve").stdout(Stdio::null()).spawn().unwrap();
        let base = format!("http://{at}");
        while !client.get(format!("{base}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert!(begun.elapsed() < Duration::from_secs(60), "the server did not start");
        }
        let started = begun.elapsed();
        Self { child, base, key, staff, admin, folder: folder.to_owned(), database: address.to_owned(), client, started }
    }

    /// Number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, MB.
    pub fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0 kB");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }

    /// `sqlite` or `PostgreSQL`.
    pub fn kind(&self) -> &'static str {
        if self.database.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" }
    }

    /// Puts in orders behind its back: `{prefix}{number}`, two lines each.
    pub async fn import(&self, prefix: &str, numbers: std::ops::Range<usize>) -> Report {
        let store = Store::open(&self.database).await.unwrap();
        let asked = numbers.len() as u64;
        let feed: String = numbers.map(|number| order(&format!("{prefix}{number}"), 2).to_string() + "\n").collect();
        let report = import::run(&store, 0, Source::bytes(feed), Options::new(Format::Json), &mut |_| {}).await.unwrap();
        assert_eq!(report.created, asked);
        store.close().await;
        report
    }

    pub fn stop(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn days_ago(days: i64) -> String {
    (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(days * 24)).to_string()
}

/// An order of a customer of its own, delivered three days ago.
pub fn order(number: &str, lines: usize) -> Value {
    let lines: Vec<Value> = (1..=lines)
        .map(|line| json!({"id": line.to_string(), "sku": format!("SKU-{line}"), "name": "Organic tee", "variant": "black / M", "category": "apparel", "quantity": 2, "unit_price": "99.00", "discount": "20.00"}))
        .collect();
    json!({"number": number, "placed_at": days_ago(6), "currency": "CNY", "customer": {"id": number, "email": format!("c{number}@example.com")},
        "ship_to": {"country": "CN", "city": "杭州市", "line1": "文三路 90 号"}, "lines": lines, "deliveries": [{"shipped_at": days_ago(5), "delivered_at": days_ago(3)}]})
}

/// A return of one unit of an order's first line.
pub fn wanted(number: &str) -> Value {
    json!({"orders": [number], "lines": [{"line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}], "method": "self_ship"})
}
