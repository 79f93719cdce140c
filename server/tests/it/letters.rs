//! Letters that a database refuses, and texts that are too long: in every text that comes in, on both databases, nothing breaks, and what is good
//! goes in.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::{TestApp, answer, days_ago, order, request};
use crate::databases::on_both;
use crate::pages::Visitor;

/// Places of all texts in a document.
fn texts(value: &Value, at: &str, places: &mut Vec<String>) {
    match value {
        Value::String(_) => places.push(at.to_owned()),
        Value::Array(items) => items.iter().enumerate().for_each(|(place, item)| texts(item, &format!("{at}/{place}"), places)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| texts(field, &format!("{at}/{name}"), places)),
        _ => {}
    }
}

/// The texts that are tried, as JSON has them.
fn tried() -> [(&'static str, String); 5] {
    [
        ("NUL", r#""a\u0000b\u0000""#.to_owned()),
        ("only NUL", r#""\u0000""#.to_owned()),
        ("half a letter", r#""a\ud800b""#.to_owned()),
        ("controls", r#""a\u0001\u001b\u007f\u0085\u2028\ufffe\uffffb""#.to_owned()),
        // The names of things are in indexes, of which databases take some thousand bytes. What does not pack well.
        ("long", format!("\"{}\"", (0..40_000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect::<String>())),
    ]
}

/// The document with each of its texts replaced by each that is tried.
fn broken(document: &Value) -> Vec<(String, String)> {
    let mut places = Vec::new();
    texts(document, "", &mut places);
    let mut all = Vec::new();
    for place in places {
        for (what, text) in tried() {
            let mut changed = document.clone();
            *changed.pointer_mut(&place).unwrap() = json!("\u{1F512}here\u{1F512}");
            let json = changed.to_string().replace("\"\u{1F512}here\u{1F512}\"", &text);
            all.push((format!("{place}: {what}"), json));
        }
    }
    all
}

/// An order that says all that can be said.
fn full(number: &str) -> Value {
    let mut order = order(number);
    order["discounts"] = json!([{"code": "WELCOME", "amount": "1.00", "minimum_spend": "10.00"}]);
    order["payments"][0]["currency"] = json!("CNY");
    order["refunds"] = json!([{"id": "r1", "at": days_ago(1), "payment": "pi_1", "amount": "1.00", "lines": [{"id": "2", "quantity": 1, "amount": "1.00"}], "reference": "x"}]);
    order["customer"]["tier"] = json!("gold");
    order["ship_to"]["name"] = json!("王");
    order["ship_to"]["line2"] = json!("3 楼");
    for (field, value) in [
        ("tags", json!(["sale"])),
        ("bundle", json!("b")),
        ("batch", json!("B7")),
        ("serials", json!(["S1"])),
        ("image", json!("https://cdn.example/a.jpg")),
    ] {
        order["lines"][0][field] = value;
    }
    order["lines"][1]["gift_with"] = json!("1");
    for (field, value) in [
        ("lines", json!([{"id": "1", "quantity": 2}])),
        ("warehouse", json!("HZ1")),
        ("picker", json!("p")),
        ("packer", json!("k")),
        ("carrier", json!("sf")),
        ("tracking_number", json!("SF1")),
    ] {
        order["deliveries"][0][field] = value;
    }
    order
}

on_both! {
    async fn no_letter_breaks_a_call(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&full("1")).await;
        let mut wanted = request("1", "1", 1);
        wanted["customer"] = json!({"email": "wang@example.com", "phone": "+8613800000001"});
        wanted["channel"] = json!("phone");
        wanted["locale"] = json!("en");
        wanted["proof"] = json!("receipt");
        wanted["lines"][0]["comment"] = json!("too blue");
        wanted["lines"][0]["sub_reason"] = json!("colour");
        wanted["lines"][0]["evidence"] = json!(["ev_1"]);
        wanted["from"] = json!({"name": "Wang", "country": "CN", "region": "x", "city": "x", "postal_code": "1", "line1": "x", "line2": "y"});
        wanted["pickup"] = json!({"date": "2026-12-01", "slot": "09-12"});
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let exchange = json!({"exchange_sku": "TEE-BLK-L"});
        wanted["lines"][0]["exchange_sku"] = exchange["exchange_sku"].clone();

        let calls = [
            ("PUT", "/orders/1".to_owned(), full("1")),
            ("PUT", "/stock/HZ1/TEE-BLK-L".to_owned(), json!({"quantity": 9, "variant_of": "TEE", "name": "T", "variant": "L", "price": "99.00", "currency": "CNY", "image": "https://x.example/a"})),
            ("PUT", "/customers/c-1".to_owned(), json!({"id": "c-1", "name": "W", "email": "w@example.com", "phone": "13800000001", "tier": "gold", "locale": "en"})),
            ("POST", "/returns/quote".to_owned(), wanted.clone()),
            ("POST", "/returns".to_owned(), wanted.clone()),
            ("POST", format!("/returns/{rma}/cancel"), json!({"reason": "x", "lines": [{"id": "1", "order": "1", "line": "1"}]})),
            ("POST", format!("/returns/{rma}/lines"), json!({"lines": [{"order": "1", "line": "1", "reason": "dislike", "condition": "opened"}]})),
            ("POST", format!("/returns/{rma}/method"), json!({"method": "pickup", "pickup": {"date": "2026-12-01", "slot": "09-12"}})),
            ("POST", format!("/returns/{rma}/offer"), json!({"offer": "o1", "appeal": "it was new"})),
            ("POST", format!("/returns/{rma}/appeal"), json!({"text": "it was new", "lines": [{"id": "1", "order": "1", "line": "1"}]})),
            ("POST", format!("/returns/{rma}/answers"), json!({"text": "when does it come?"})),
        ];
        let mut wrong = Vec::new();
        for (method, path, document) in calls {
            for (what, json) in broken(&document) {
                let sent = app.api(method, &path).header("content-type", "application/json").body(json).send().await.unwrap();
                let (status, said) = answer(sent).await;
                if status.is_server_error() {
                    wrong.push(format!("{method} {path} {what}: {status} {said}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

on_both! {
    async fn one_bad_row_costs_no_good_one(database: Database) {
        let app = TestApp::start(database).await;
        let bad = broken(&full("bad"));
        let good = bad.len();
        let rows: Vec<String> = bad.into_iter().enumerate().flat_map(|(place, (_, bad))| [full(&format!("G{place}")).to_string(), bad]).collect();
        for chunk in rows.chunks(40) {
            let sent = app.api("POST", "/orders/import?format=json").header("content-type", "application/json").body(chunk.join("\n"));
            let (status, report) = answer(sent.send().await.unwrap()).await;
            assert_eq!(status, StatusCode::OK, "{report}");
            let rows = chunk.len() as u64;
            assert_eq!(report["rows"], json!(rows), "{report}");
        }
        let numbers = app.database.texts("SELECT number_key FROM orders").await;
        let missing: Vec<usize> = (0..good).filter(|place| !numbers.contains(&format!("G{place}"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

on_both! {
    async fn no_letter_breaks_a_page(database: Database) {
        let app = TestApp::with(database, |config| {
            config.limits.lookups_per_address = 100_000;
            config.limits.lookups_per_order = 100_000;
        })
        .await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "2", 1)).await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let mut visitor = Visitor::new(&app);
        let items = visitor.post("/", &[("number", "1\0"), ("contact", "\0wang@example.com")]).await;
        assert!(items.ends_with("/items"), "{items}");
        let draft = items.trim_end_matches("/items").to_owned();
        for (door, fields) in [
            ("/".to_owned(), vec!["number", "contact"]),
            ("/find-return".to_owned(), vec!["rma", "rma_contact"]),
            ("/account/code".to_owned(), vec!["email"]),
            ("/account/enter".to_owned(), vec!["code"]),
            ("/account/return".to_owned(), vec!["order"]),
            (format!("/returns/{rma}/verify"), vec!["contact"]),
            (format!("{draft}/items"), vec!["units|1|1", "units|1|\0"]),
            (format!("{draft}/orders"), vec!["order", "number", "contact"]),
            (format!("{draft}/why"), vec!["reason|1|1", "sub|1|1", "comment|1|1", "condition|1|1"]),
            (format!("{draft}/wish"), vec!["wish|1|1", "exchange|1|1", "exchange_text|1|1"]),
            (format!("{draft}/send"), vec!["method", "date", "slot"]),
        ] {
            for text in ["a\0b", "\0", "\u{1}\u{1b}\u{85}", "\u{ffff}", &"字".repeat(30_000)] {
                let form: Vec<(&str, &str)> = fields.iter().map(|field| (*field, text)).collect();
                let sent = visitor.with_cookies(app.client.post(format!("{}{door}", app.base)).form(&form)).send().await.unwrap();
                assert!(!sent.status().is_server_error(), "{door} {:?}", text.chars().take(5).collect::<String>());
            }
        }
        for address in ["/%00", "/return/%00/items", "/returns/%00", "/r/a%00", "/start?ticket=%00", "/api/v1/orders/%00", "/api/v1/orders/1%00", "/api/v1/returns?status=%00", "/api/v1/returns?cursor=%00", "/api/v1/stock/%00/%00", "/evidence/%00", "/start?ticket=a%00b"] {
            let status = app.client.get(format!("{}{address}", app.base)).bearer_auth(&app.key).send().await.unwrap().status();
            assert!(status.is_client_error(), "{address}: {status}");
        }
    }
}
