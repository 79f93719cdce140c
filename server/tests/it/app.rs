//! The whole server on a fresh database, reached over HTTP as others reach it; jobs are run by hand.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};
use server::carriers::{BoughtPort, Carrier};
use server::compose;
use server::config::Config;
use server::http::{AppState, Door, router, serve};
use server::reading::{OwnProcess, ReadingRoom};
use server::secrets;
use server::services::Services;
use server::store::{self, ApiKey, Scope, StoreError, Table};
use tokio::runtime::Handle;

use crate::databases::Database;

pub struct TestApp {
    // First: it looks before anything of the rest is gone.
    _looks: LooksAtTheEnd,
    pub services: Services,
    pub base: String,
    pub key: String,
    pub client: Client,
    pub database: Database,
}

impl TestApp {
    /// Ends it, looks at its end, and gives its database back.
    pub fn end(self) -> Database {
        self.database
    }

    pub async fn start(database: Database) -> Self {
        Self::with(database, |_| {}).await
    }

    pub async fn with(database: Database, adjust: impl FnOnce(&mut Config)) -> Self {
        Self::named(database, "test", adjust).await
    }

    /// A further server on a database, with a key of another name.
    pub async fn with_key(database: Database, name: &str) -> Self {
        Self::named(database, name, |_| {}).await
    }

    async fn named(database: Database, key: &str, adjust: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&database);
        adjust(&mut config);
        Self::serving(database, key, services(config).await).await
    }

    /// A server that buys its labels of `carrier`.
    pub async fn buying(database: Database, carrier: Arc<dyn BoughtPort>) -> Self {
        let config = config(&database);
        let reading = reading(&config);
        Self::serving(database, "test", compose::services_with(config, Carrier::Bought(carrier), reading).await.unwrap()).await
    }

    async fn serving(database: Database, key: &str, services: Services) -> Self {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = router(AppState::new(services.clone(), compose::metrics()));
        let door = Door::of(&services.config, usize::MAX);
        tokio::spawn(serve(listener, app, door, pending()));
        let key = add_key(&services, key, Scope::Write).await;
        let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        // As a server does when it starts.
        store::keep_projections(&services.store, services.clock.now()).await.unwrap();
        Self { _looks: LooksAtTheEnd(services.clone()), services, base, key, client, database }
    }

    pub fn api(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        self.client.request(method, format!("{}/api/v1{path}", self.base)).bearer_auth(&self.key)
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.api("GET", path).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        answer(self.api("POST", path).json(body).send().await.unwrap()).await
    }

    pub async fn put_order(&self, order: &Value) {
        let number = order["number"].as_str().unwrap().replace('#', "%23");
        let (status, body) = answer(self.api("PUT", &format!("/orders/{number}")).json(order).send().await.unwrap()).await;
        assert!(status.is_success(), "{status} {body}");
    }

    /// Does every job that is due; what waits for being taken back is not waited for.
    pub async fn run_jobs(&self) {
        self.database.meddle("UPDATE outbox SET run_at = run_at - 10000 WHERE command IS NOT NULL AND done_at IS NULL").await;
        let worker = compose::worker(&self.services).unwrap();
        while worker.once().await.unwrap() > 0 {}
    }

    /// Mails that were written, by file name.
    pub fn mails(&self) -> Vec<String> {
        let folder = self.database.folder.path().join("mail");
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }
}

/// Whatever a test did, projections are what the events say.
struct LooksAtTheEnd(Services);

impl Drop for LooksAtTheEnd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let looked = tokio::task::block_in_place(|| {
            let now = self.0.clock.now();
            Handle::current().block_on(store::check_projections(&self.0.store, &Table::ALL, now))
        });
        // A further server of the test has taken the database with it.
        if matches!(looked, Err(StoreError::Replaced)) {
            return;
        }
        let differences: Vec<String> = looked.unwrap().differences.iter().map(ToString::to_string).collect();
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

/// As a server's own, but that the program which reads uploads is not this one.
pub async fn services(config: Config) -> Services {
    let (carrier, reading) = (compose::own_labels(&config), reading(&config));
    compose::services_with(config, carrier, reading).await.unwrap()
}

fn reading(config: &Config) -> Arc<dyn ReadingRoom> {
    Arc::new(OwnProcess::of(env!("CARGO_BIN_EXE_homebound").into(), config.limits.evidence))
}

fn config(database: &Database) -> Config {
    let mut config = Config {
        database_url: Some(database.address.clone()),
        data_dir: database.folder.path().to_owned(),
        public_url: "https://returns.example".into(),
        ..Config::default()
    };
    // Tests are quicker than any visitor.
    config.limits.requests_per_second = 100_000;
    config.limits.burst = 100_000;
    config
}

pub async fn answer(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub async fn add_key(services: &Services, name: &str, scope: Scope) -> String {
    let secret = format!("hb_{}", secrets::token());
    let key = ApiKey { digest: secrets::digest(&secret), name: name.to_owned(), scope };
    services
        .store
        .write(move |mut conn| Box::pin(async move { store::add_api_key(&mut conn, &key, None, 0).await }))
        .await
        .map_err(|error: StoreError| error)
        .unwrap();
    secret
}

/// Days ago, as orders write it.
pub fn days_ago(days: i64) -> String {
    (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(days * 24)).to_string()
}

/// An order of two tees (99.00 each, 20.00 off) and a lamp (269.00), delivered three days ago.
pub fn order(number: &str) -> Value {
    json!({
        "number": number, "placed_at": days_ago(6), "currency": "CNY", "channel": "web",
        "customer": {"id": "c-1", "name": "王小明", "email": "wang@example.com", "phone": "+8613800000001", "locale": "zh-CN"},
        "ship_to": {"country": "CN", "region": "浙江省", "city": "杭州市", "postal_code": "310012", "line1": "文三路 90 号"},
        "lines": [
            {"id": "1", "sku": "TEE-BLK-M", "name": "有机棉 T 恤", "variant": "黑色 M", "category": "apparel", "quantity": 2, "unit_price": "99.00", "discount": "20.00"},
            {"id": "2", "sku": "LAMP", "name": "黄铜台灯", "category": "home", "quantity": 1, "unit_price": "269.00", "warranty_months": 12},
        ],
        "shipping": "10.00",
        "payments": [{"id": "pi_1", "method": "alipay", "amount": "457.00"}],
        "deliveries": [{"id": "d1", "shipped_at": days_ago(5), "delivered_at": days_ago(3)}],
    })
}

/// A request for one unit of a line of that order, because it does not please.
pub fn request(number: &str, line: &str, units: u32) -> Value {
    json!({"orders": [number], "lines": [{"line": line, "quantity": units, "reason": "dislike", "condition": "opened", "resolution": "refund"}], "method": "self_ship"})
}
