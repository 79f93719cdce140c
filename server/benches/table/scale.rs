//! What a page takes in a shop with ten thousand orders and returns, and in one with a million.

use std::time::{Duration, Instant};

use domain::rma::RmaNumber;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::clients::{Pace, pace};
use crate::shop::{Shop, wanted};
use crate::{database, pages, row};

const SMALL: usize = 10_000;
/// Orders put in at once.
const CHUNK: usize = 20_000;
/// Two visitors at a time, so that nobody waits for a core.
const CLIENTS: usize = 2;
const SPAN: Duration = Duration::from_secs(6);
const SHOWN: [&str; 5] = ["find an order", "page `choose`", "find a return", "page `timeline`", "`GET` return by API"];

/// How many the large shop has.
fn large() -> usize {
    std::env::var("BENCH_ORDERS").ok().and_then(|orders| orders.parse().ok()).unwrap_or(1_000_000)
}

pub async fn measure(root: &str) {
    let folder = tempfile::tempdir().unwrap();
    let address = database(root, folder.path(), "scale").await;
    let mut before: Option<Vec<Pace>> = None;
    let mut there = 0;
    for orders in [SMALL, large()] {
        let shop = Shop::start(folder.path(), &address, false).await;
        let begun = Instant::now();
        fill(&shop, there..orders).await;
        let (kind, filled) = (shop.kind(), begun.elapsed());
        shop.stop();
        there = orders;
        // Started anew on what is there by now.
        let shop = Shop::start(folder.path(), &address, false).await;
        let paces = visits(&shop, orders).await;
        if let Some(before) = before {
            row(
                &format!("start to ready with {orders} orders and returns, {kind}"),
                format!("{:.0} ms", shop.started.as_secs_f64() * 1000.0),
                format!("aim: 1 s (filled in {:.0} s)", filled.as_secs_f64()),
            );
            for ((what, small), large) in SHOWN.iter().zip(&before).zip(&paces) {
                row(
                    &format!("{what}, {kind}, p99 with {orders} orders and returns"),
                    format!("{:.2} ms (p50 {:.2})", large.p99(), large.p50()),
                    format!("{:.2} × that with {SMALL} ({:.2} ms, p50 {:.2})", large.p99() / small.p99(), small.p99(), small.p50()),
                );
            }
            row(&format!("resident memory after that, {kind}"), format!("{:.0} MB", shop.resident()), "aim: 250 MB");
        }
        before = Some(paces);
        shop.stop();
    }
}

/// The number of the return of an order: always the same, scattered as those that are drawn.
fn rma(order: usize) -> RmaNumber {
    // An odd factor visits every value below a power of two once; of 37 values 32 are numbers.
    let scattered = (order as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) & ((1 << 34) - 1);
    RmaNumber::from_random(scattered / 32 * 37 + scattered % 32).unwrap()
}

/// Orders, and for each of them a return: copies of one that was really opened.
async fn fill(shop: &Shop, numbers: std::ops::Range<usize>) {
    shop.import("MODEL", numbers.start..numbers.start + 1).await;
    let model = format!("MODEL{}", numbers.start);
    let opened = shop.client.post(format!("{}/api/v1/returns", shop.base)).bearer_auth(&shop.key).json(&wanted(&model)).send().await;
    let opened: Value = opened.unwrap().json().await.unwrap();
    let opened = opened["rma"].as_str().unwrap();
    let database = Behind::open(&shop.database).await;
    let state = database.texts(&format!("SELECT state FROM returns WHERE rma = '{opened}'")).await.remove(0);
    let events = database.texts(&format!("SELECT event FROM return_events WHERE rma = '{opened}' ORDER BY seq")).await;
    let (at, mut next) = (jiff::Timestamp::now().as_millisecond(), numbers.start);
    while next < numbers.end {
        let chunk = next..(next + CHUNK).min(numbers.end);
        next = chunk.end;
        shop.import("S", chunk.clone()).await;
        let anew = |text: &str, number: usize| text.replace(&model, &format!("S{number}")).replace(opened, &rma(number).to_string());
        let mut returns = Vec::with_capacity(CHUNK);
        let mut orders = Vec::with_capacity(CHUNK);
        let mut happened = Vec::with_capacity(CHUNK * events.len());
        for number in chunk {
            let rma = rma(number);
            let at = at - (number as i64) * 1000;
            returns.push(json!([rma, at, format!("cs{number}@example.com"), anew(&state, number), events.len()]));
            orders.push(json!([format!("S{number}"), rma]));
            for (place, event) in events.iter().enumerate() {
                happened.push(json!([rma, place + 1, at, anew(event, number)]));
            }
        }
        database.put("returns (rma, status, opened_at, email_key, state, version)", "0t, 'approved', 1n, 2t, 3t, 4n", returns).await;
        database.put("return_orders (order_key, rma)", "0t, 1t", orders).await;
        database.put("return_events (rma, seq, at, actor, event)", "0t, 1n, 2n, '{\"kind\":\"customer\"}', 3t", happened).await;
    }
    database.tidy().await;
}

/// Random visitors, one after the other.
async fn visits(shop: &Shop, orders: usize) -> Vec<Pace> {
    let ask = |what: usize, span: Duration| {
        let (client, base, key) = (shop.client.clone(), shop.base.clone(), shop.key.clone());
        pace(CLIENTS, span, move |_| {
            let number = rand::random_range(0..orders);
            let (client, base, key) = (client.clone(), base.clone(), key.clone());
            async move {
                let rma = rma(number);
                let contact = format!("cS{number}@example.com");
                let request = match what {
                    0 => client.post(&base).form(&[("number", format!("S{number}")), ("contact", contact)]),
                    2 => client.post(format!("{base}/find-return")).form(&[("rma", rma.to_string()), ("rma_contact", contact)]),
                    _ => client.get(format!("{base}/api/v1/returns/{rma}")).bearer_auth(key),
                };
                let answer = request.send().await.unwrap();
                assert!(answer.status().is_success() || answer.headers().contains_key("location"), "{}", answer.status());
                answer.bytes().await.unwrap();
            }
        })
    };
    let mut paces = Vec::new();
    for what in 0..SHOWN.len() {
        paces.push(match what {
            1 | 3 => looks(shop, orders, what == 3).await,
            _ => {
                ask(what, SPAN / 6).await;
                ask(what, SPAN).await
            }
        });
    }
    paces
}

/// Pages of visitors who were recognised before.
async fn looks(shop: &Shop, orders: usize, returns: bool) -> Pace {
    let mut known = Vec::new();
    for _ in 0..1_000 {
        let number = rand::random_range(0..orders);
        let (cookie, path) = if returns {
            let fields = [("rma", rma(number).to_string()), ("rma_contact", format!("cS{number}@example.com"))];
            let found = shop.client.post(format!("{}/find-return", shop.base)).form(&fields).send().await.unwrap();
            let cookie = found.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
            (cookie, format!("/returns/{}", rma(number)))
        } else {
            let (cookie, draft) = pages::find(shop, &format!("S{number}"), None).await;
            (cookie, format!("{draft}/items"))
        };
        known.push((cookie, format!("{}{path}", shop.base)));
    }
    let client = shop.client.clone();
    pace(CLIENTS, SPAN, move |number| {
        let (cookie, url) = &known[number % known.len()];
        let request = client.get(url).header("cookie", cookie);
        async move {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success());
            answer.bytes().await.unwrap();
        }
    })
    .await
}

/// The database behind the server's back.
enum Behind {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Behind {
    async fn open(address: &str) -> Self {
        if address.starts_with("sqlite") {
            Self::Sqlite(SqlitePool::connect(address).await.unwrap())
        } else {
            Self::Postgres(PgPool::connect(address).await.unwrap())
        }
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let rows: Vec<(String,)> = match self {
            Self::Sqlite(pool) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
            Self::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
        };
        rows.into_iter().map(|(text,)| text).collect()
    }

    /// Inserts rows; `columns`: places in a row, as text (`t`) or number (`n`), or values.
    async fn put(&self, table: &str, columns: &str, rows: Vec<Value>) {
        let column = |column: &str| match (self, column.strip_suffix('t'), column.strip_suffix('n')) {
            (Self::Sqlite(_), Some(place), _) | (Self::Sqlite(_), _, Some(place)) => format!("value ->> {place}"),
            (Self::Postgres(_), Some(place), _) => format!("value ->> {place}"),
            (Self::Postgres(_), _, Some(place)) => format!("(value ->> {place})::BIGINT"),
            _ => column.to_owned(),
        };
        let columns: Vec<String> = columns.split(", ").map(column).collect();
        let from = if matches!(self, Self::Sqlite(_)) { "json_each($1)" } else { "json_array_elements($1::JSON)" };
        let sql = AssertSqlSafe(format!("INSERT INTO {table} SELECT {} FROM {from}", columns.join(", ")));
        let rows = Value::Array(rows).to_string();
        match self {
            Self::Sqlite(pool) => sqlx::query(sql).bind(rows).execute(pool).await.map(|_| ()).unwrap(),
            Self::Postgres(pool) => sqlx::query(sql).bind(rows).execute(pool).await.map(|_| ()).unwrap(),
        }
    }

    /// As a database is that has been running for a while.
    async fn tidy(self) {
        match self {
            Self::Sqlite(pool) => {
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await.unwrap();
                pool.close().await;
            }
            Self::Postgres(pool) => {
                sqlx::query("VACUUM ANALYZE").execute(&pool).await.unwrap();
                pool.close().await;
            }
        }
    }
}
