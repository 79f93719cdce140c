//! What a page takes in a shop with ten thousand orders and returns, and in one with a million; a tenth of them wait for a person.

use std::time::{Duration, Instant};

use domain::returns::{Role, TaskKind};
use domain::rma::RmaNumber;
use domain::search;
use serde_json::{Value, json};
use server::compose;
use server::config::Config;
use server::services::AtWork;
use server::store::{QueueView, Whose};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::clients::{Pace, pace};
use crate::shop::{Shop, wanted};
use crate::{database, messages, pages, row};

const SMALL: usize = 10_000;
/// Orders put in at once.
const CHUNK: usize = 20_000;
/// Two visitors at a time, so that nobody waits for a core.
const CLIENTS: usize = 2;
const SPAN: Duration = Duration::from_secs(6);
const SHOWN: [&str; 8] = [
    "find an order",
    "page `choose`",
    "find a return",
    "page `timeline`",
    "`GET` return by API",
    "the queue's first 50 by API",
    "the queue as staff see it: 50 rows, counts, what is next",
    "search by API",
];
/// Of so many returns one is open.
const OPEN: usize = 10;
const SURNAMES: [&str; 16] =
    ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "Smith", "Müller", "García", "Rossi", "Dubois", "Novák", "Nguyen", "Kim"];

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
        let shop = if let Some(before) = before {
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
            let shop = messages::beside_a_backlog(shop, orders).await;
            row(&format!("resident memory after that, {kind}"), format!("{:.0} MB", shop.resident()), "aim: 250 MB");
            shop
        } else {
            shop
        };
        shop.stop();
        before = Some(paces);
    }
}

/// The number of the return of an order: always the same, scattered as those that are drawn.
fn rma(order: usize) -> RmaNumber {
    // An odd factor visits every value below a power of two once; of 37 values 32 are numbers.
    let scattered = (order as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) & ((1 << 34) - 1);
    RmaNumber::from_random(scattered / 32 * 37 + scattered % 32).unwrap()
}

/// Tasks of support.
const KINDS: [TaskKind; 4] = [TaskKind::Review, TaskKind::RenewLabel, TaskKind::TraceParcel, TaskKind::Resolve];

fn surname(number: usize) -> &'static str {
    SURNAMES[number * 31 % SURNAMES.len()]
}

/// Every hundredth of a surname has the same.
fn given(number: usize) -> String {
    format!("given{}", number * 7_919 % 100_003)
}

fn phone(number: usize) -> String {
    format!("86138{:08}", number as u64 * 48_271 % 100_000_000)
}

/// What a return is found by.
fn terms(number: usize) -> Vec<(&'static str, String)> {
    let mut terms: Vec<(&str, String)> =
        search::names(&format!("{} {}", surname(number), given(number))).into_iter().map(|name| ("name", name)).collect();
    terms.push(("phone", search::phone(&phone(number))));
    terms.push(("sku", search::code("SKU-1")));
    terms
}

/// What somebody types into the one box: each way to find something in turn.
fn typed(what: usize, number: usize) -> String {
    match what % 8 {
        0 => rma(number).to_string(),
        1 => format!("S{number}"),
        2 => format!("cs{number}@example.com"),
        3 => phone(number).split_at(5).1.to_owned(),
        4 => phone(number).split_at(9).1.to_owned(),
        5 => format!("{} {}", surname(number), given(number)),
        // As many as there are begin so.
        6 => surname(number).to_owned(),
        _ => format!("{} SKU-1", given(number)),
    }
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
        let (mut tasks, mut found_by, mut mails) = (Vec::new(), Vec::with_capacity(CHUNK * 4), Vec::with_capacity(CHUNK));
        for number in chunk {
            let rma = rma(number);
            let at = at - (number as i64) * 1000;
            let open = number.is_multiple_of(OPEN);
            for (kind, term) in terms(number) {
                found_by.push(json!([rma, kind, term, i64::from(!open), at]));
            }
            if open {
                // Promises end with a day: many are due together.
                let (due, value) = (at - at % 86_400_000 + 3 * 86_400_000, 1_000 + (number as i64).wrapping_mul(7_919) % 90_000);
                let whose = (!number.is_multiple_of(OPEN * 4)).then(|| format!("staff-{}", number / OPEN / 4 % 20));
                tasks.push(json!([rma, KINDS[number / OPEN % KINDS.len()].code(), due, value, whose]));
            }
            returns.push(json!([rma, at, format!("cs{number}@example.com"), anew(&state, number), events.len()]));
            orders.push(json!([format!("S{number}"), rma]));
            // Nobody has sent its letter yet.
            mails.push(json!([uuid::Uuid::now_v7().to_string(), json!({"rma": rma, "event": 1}).to_string(), at, rma]));
            for (place, event) in events.iter().enumerate() {
                happened.push(json!([rma, place + 1, at, anew(event, number)]));
            }
        }
        let returns_of = "returns (rma, status, opened_at, email_key, state, version, projected, projected_27)";
        database.put(returns_of, "0t, 'approved', 1n, 2t, 3t, 4n, 4n, 4n", returns).await;
        let tasks_of = "tasks (subject_kind, subject, kind, role, due, value, currency, weight, assignee)";
        database.put(tasks_of, "'return', 0t, 1t, 'support', 2n, 3n, 'CNY', -3n, 4t", tasks).await;
        database.put("search_terms (rma, kind, term, ended, opened_at)", "0t, 1t, 2t, 3n, 4n", found_by).await;
        database.put("return_orders (order_key, rma)", "0t, 1t", orders).await;
        database.put("outbox (id, kind, payload, run_at, about)", "0t, 'mail.return_opened', 1t, 2n, 3t", mails).await;
        database.put("return_events (rma, seq, at, actor, event)", "0t, 1n, 2n, '{\"kind\":\"customer\"}', 3t", happened).await;
    }
    database.tidy().await;
}

/// Random visitors, one after the other.
async fn visits(shop: &Shop, orders: usize) -> Vec<Pace> {
    let ask = |what: usize, span: Duration| {
        let (client, base, key, staff) = (shop.client.clone(), shop.base.clone(), shop.key.clone(), shop.staff.clone());
        pace(CLIENTS, span, move |request| {
            let number = rand::random_range(0..orders);
            let (client, base, key, staff) = (client.clone(), base.clone(), key.clone(), staff.clone());
            async move {
                let rma = rma(number);
                let contact = format!("cS{number}@example.com");
                let request = match what {
                    0 => client.post(&base).form(&[("number", format!("S{number}")), ("contact", contact)]),
                    5 => client.get(format!("{base}/api/v1/tasks?role=support&limit=50")).bearer_auth(staff),
                    7 => {
                        let mut url: reqwest::Url = format!("{base}/api/v1/search").parse().unwrap();
                        url.query_pairs_mut().append_pair("q", &typed(request, number));
                        client.get(url).bearer_auth(staff)
                    }
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
            6 => queue(shop).await,
            _ => {
                ask(what, SPAN / 6).await;
                ask(what, SPAN).await
            }
        });
    }
    paces
}

/// What a page of the queue reads, by its services: the rows, the counts of the rail, and what is next.
async fn queue(shop: &Shop) -> Pace {
    let config = Config { database_url: Some(shop.database.clone()), data_dir: shop.folder.clone(), ..Config::default() };
    let services = compose::services(config).await.unwrap();
    let paced = services.clone();
    let pace = pace(CLIENTS, SPAN, move |request| {
        let services = paced.clone();
        async move {
            let who = AtWork::of_staff(&format!("staff-{}", request % 20), &[Role::Support]);
            let whose = match request % 3 {
                0 => Whose::Anybodys,
                1 => Whose::Nobodys,
                _ => Whose::Of(who.id().to_owned()),
            };
            let view = QueueView { whose, ..QueueView::of(who.kinds()) };
            let rows = services.queue(&view, None, 50).await.unwrap();
            let last = rows.last().unwrap().task.position();
            assert!(services.queue_counts(&who).await.unwrap().all > 0);
            services.next_in_queue(&view, Some(&last)).await.unwrap().unwrap();
            services.place_in_queue(&view, &last).await.unwrap();
        }
    })
    .await;
    services.store.close().await;
    pace
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
            (_, _, Some(place)) if place.starts_with('-') => {
                let number = if matches!(self, Self::Sqlite(_)) { "INTEGER" } else { "BIGINT" };
                format!("-CAST(value ->> {} AS {number})", &place[1..])
            }
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
