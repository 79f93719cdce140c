//! Opening has two ways: in one text without waiting, and with the orders locked. Whatever is asked, both leave the same rows.

use domain::item::ItemSaid;
use domain::returns::Actor;
use serde_json::{Value, json};
use server::services::{Carried, IdempotencyKey, LineRequest, OpenError, ReturnRequest, Shown};

use crate::app::{TestApp, days_ago};
use crate::databases::{Database, postgres, sqlite};

/// The same numbers every time: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }
}

fn requests() -> usize {
    if std::env::var_os("HOMEBOUND_TEST_SHORT").is_some() { 200 } else { 1_000 }
}

fn order(number: usize, random: &mut Random) -> Value {
    let lines: Vec<Value> = (0..=random.below(3))
        .map(|line| {
            let (sku, category, price) =
                random.one(&[("TEE-BLK-M", "apparel", "99.00"), ("LAMP", "home", "269.00"), ("BREAD", "food", "3.30")]);
            json!({"id": (line + 1).to_string(), "sku": sku, "name": sku, "category": category, "quantity": 1 + random.below(2), "unit_price": price})
        })
        .collect();
    let customer = random.below(40);
    json!({
        "number": format!("B-{number}"), "placed_at": days_ago(2 + random.below(38) as i64), "currency": "CNY", "channel": "web",
        "customer": {"id": format!("c-{customer}"), "name": "王小明", "email": format!("c{customer}@example.com")},
        "ship_to": {"country": "CN", "region": "浙江省", "city": "杭州市", "postal_code": "310012", "line1": "文三路 90 号"},
        "lines": lines, "payments": [{"id": "p", "method": "alipay", "amount": "1000.00"}],
        "deliveries": [{"id": "d1", "shipped_at": days_ago(2), "delivered_at": days_ago(1)}],
    })
}

fn wanted(orders: usize, random: &mut Random) -> ReturnRequest {
    let number = random.below(orders);
    let line = |random: &mut Random| LineRequest {
        order: format!("B-{}", if random.percent(90) { number } else { random.below(orders) }).parse().unwrap(),
        line: (1 + random.below(3)).to_string().parse().unwrap(),
        quantity: 1 + random.below(2) as u32,
        reason: Some(random.one(&["dislike", "quality", "wrong_item", "late"]).to_owned()),
        sub_reason: None,
        said: ItemSaid {
            comment: random.percent(20).then(|| "很喜欢".to_owned()),
            condition: random.one(&["unopened", "opened", "used"]).parse().ok(),
            ..ItemSaid::default()
        },
        resolution: random
            .one(&[None, Some("refund"), Some("store_credit"), Some("exchange"), Some("replacement"), Some("keep_refund")])
            .map(|resolution| resolution.parse().unwrap()),
        basis: None,
        exchange_sku: random.percent(30).then(|| "TEE-BLK-L".parse().unwrap()),
        evidence: Shown::Nothing,
        agreed: None,
    };
    ReturnRequest {
        lines: (0..random.one(&[1, 1, 1, 2])).map(|_| line(random)).collect(),
        email: None,
        phone: None,
        channel: "api".parse().unwrap(),
        locale: None,
        method: random.one(&[None, Some("self_ship"), Some("drop_off")]).map(|method| method.parse().unwrap()),
        pickup: None,
        withdrawal: random.percent(10),
        from: None,
        proof: None,
        within: None,
        beside: 0,
        declared_at: None,
    }
}

/// Every row of every table, with what differs from one server to the next (numbers of returns, names, times) put aside.
async fn rows(database: &Database, returns: &[Option<String>]) -> Vec<String> {
    let lite = database.address.starts_with("sqlite");
    let tables = if lite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    } else {
        "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = 'public'"
    };
    let mut all = Vec::new();
    for table in database.texts(tables).await {
        if table.contains("migrations") || ["api_keys", "server_secrets"].contains(&table.as_str()) {
            continue;
        }
        let whole = if lite {
            let columns = database.texts(&format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let named: Vec<String> = columns.iter().map(|column| format!("'{column}', \"{column}\"")).collect();
            format!("JSON_OBJECT({})", named.join(", "))
        } else {
            "ROW_TO_JSON(t)::TEXT".to_owned()
        };
        all.extend(database.texts(&format!("SELECT {whole} FROM {table} AS t")).await.into_iter().map(|row| format!("{table} {row}")));
    }
    let (uuid, time, millis) = (
        regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}").unwrap(),
        regex::Regex::new(r"\d{4}-\d\d-\d\dT[0-9:.]+Z").unwrap(),
        regex::Regex::new(r"\b1[789]\d{11}\b").unwrap(),
    );
    let even = |row: String| {
        let mut row = row;
        for (place, rma) in returns.iter().enumerate() {
            let Some(rma) = rma else { continue };
            row = row.replace(rma.as_str(), &format!("return {place}"));
            // As a label's number has it.
            row = row.replace(&rma.trim_start_matches("R-").replace('-', ""), &format!("return {place}"));
        }
        let row = uuid.replace_all(&row, "name").into_owned();
        let row = time.replace_all(&row, "then").into_owned();
        millis.replace_all(&row, "then").into_owned()
    };
    let mut all: Vec<String> = all.into_iter().map(even).collect();
    all.sort();
    all
}

fn outcome(opened: Result<Carried, OpenError>) -> Result<String, String> {
    let number = regex::Regex::new("R-[0-9A-Z]{4}-[0-9A-Z]{4}").unwrap();
    let even = |error: OpenError| number.replace_all(&error.to_string(), "another").into_owned();
    opened.map(|opened| opened.request.rma.to_string()).map_err(even)
}

async fn both_ways(fast: Database, locked: Database) {
    let (fast, locked) = (TestApp::start(fast).await, TestApp::start(locked).await);
    let mut random = Random(11);
    let orders = requests() * 7 / 10;
    for number in 0..orders {
        let document = order(number, &mut random).to_string();
        for app in [&fast, &locked] {
            app.services.put_order(&format!("B-{number}"), document.as_bytes()).await.unwrap();
        }
    }
    let (mut of_fast, mut of_locked) = (Vec::new(), Vec::new());
    for place in 0..requests() {
        let request = wanted(orders, &mut random);
        let key = random.percent(50).then(|| IdempotencyKey {
            scope: "test".into(),
            key: place.to_string(),
            digest: "d".into(),
            request: Some("r".into()),
            answer: None,
        });
        let first = outcome(fast.services.open_return(request.clone(), Actor::Customer, key.clone()).await);
        let second = outcome(locked.services.open_locked(request.clone(), Actor::Customer, key).await);
        assert_eq!(first.as_ref().err(), second.as_ref().err(), "{request:?}");
        of_fast.push(first.ok());
        of_locked.push(second.ok());
    }
    let opened = of_fast.iter().flatten().count();
    assert!(opened > requests() / 5 && opened < requests(), "{opened} were opened");
    let (of_fast, of_locked) = (rows(&fast.database, &of_fast).await, rows(&locked.database, &of_locked).await);
    for (first, second) in of_fast.iter().zip(&of_locked) {
        assert_eq!(first, second);
    }
    assert_eq!(of_fast.len(), of_locked.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways_of_opening_leave_the_same_rows_on_sqlite() {
    both_ways(sqlite().await, sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways_of_opening_leave_the_same_rows_on_postgres() {
    both_ways(postgres().await, postgres().await).await;
}
