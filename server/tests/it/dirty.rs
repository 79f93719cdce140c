//! What shops' systems and files really hold: one bad row costs no good one, amounts keep their currency, an order without any contact is one.

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::import::{self, Format, Mapping, Options, Report, Source};
use server::store::{self, Store};

use crate::app::{TestApp, answer, days_ago, order, request};
use crate::databases::on_both;
use crate::entry::{SECRET, sign};
use crate::pages::Visitor;

async fn take(store: &Store, format: Format, bytes: impl Into<Vec<u8>>) -> Report {
    let mapping = (format == Format::Csv).then(|| Mapping::parse(MAPPING).unwrap());
    let options = Options { mapping, ..Options::new(format) };
    import::run(store, 1_790_000_000_000, Source::bytes(bytes.into()), options, &mut |_| {}).await.unwrap()
}

const MAPPING: &str = r#"
[order]
number = "{number}"
placed_at = "2026-11-02T09:30:00Z"
currency = "EUR"
customer_id = "{customer}"
customer_name = "{name}"
email = "{email}"
phone = "{phone}"
tier = "{tier}"
locale = "{locale}"
channel = "{channel}"
city = "{city}"
discount = "1.00"
discount_code = "{code}"
[line]
id = "{line}"
sku = "{sku}"
name = "{item}"
variant = "{variant}"
category = "{category}"
tags = "{tags}"
bundle = "{bundle}"
batch = "{batch}"
serials = "{serials}"
image = "{image}"
quantity = 2
unit = "{unit}"
unit_price = "5.00"
[payment]
id = "{payment}"
method = "{method}"
amount = "9.00"
[delivery]
id = "{parcel}"
shipped_at = "2026-11-03"
warehouse = "{warehouse}"
picker = "{picker}"
carrier = "{carrier}"
tracking_number = "{tracking}"
[credit]
order = "{credited}"
note = "{note}"
[[rows]]
when = { is = "credit" }
as = "credit"
"#;

/// A NUL, half of a pair (as JSON writes it), other controls, a megabyte.
const BAD: [&str; 4] = ["a\\u0000b", "a\\ud800b", "a\\u0001\\u001b\\u007f\\u0085b", "MEGABYTE"];

fn written(bad: &str) -> String {
    if bad == "MEGABYTE" { "x".repeat(1 << 20) } else { bad.to_owned() }
}

/// Paths of every text in a document.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(list) => list.iter().enumerate().for_each(|(place, value)| texts(value, &format!("{at}/{place}"), found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| texts(value, &format!("{at}/{name}"), found)),
        _ => {}
    }
}

/// Orders of which each has one bad text, every other one good; the good ones' numbers.
fn feed(whole: &Value, name: &str) -> (String, Vec<String>) {
    let mut paths = Vec::new();
    texts(whole, "", &mut paths);
    assert!(paths.len() > 12, "{paths:?}");
    let (mut lines, mut good) = (Vec::new(), Vec::new());
    let numbered = |value: &Value, number: String| {
        let mut value = value.clone();
        value[name] = json!(number);
        value.to_string()
    };
    for path in &paths {
        for bad in BAD {
            let mut value = whole.clone();
            *value.pointer_mut(path).unwrap() = json!("BAD TEXT");
            let number = format!("B{}", lines.len());
            let line = if path == &format!("/{name}") { value.to_string() } else { numbered(&value, number) };
            lines.push(line.replace("BAD TEXT", &written(bad)));
            let number = format!("G{}", lines.len());
            lines.push(numbered(whole, number.clone()));
            good.push(number);
        }
    }
    (lines.join("\n"), good)
}

async fn all_good_are_in(store: &Store, report: &Report, good: &[String]) {
    assert_eq!((report.rows, &report.broken_off), (report.orders() + report.refused, &None), "{report}");
    let mut read = store.read().await.unwrap();
    for number in good {
        assert!(store::find_order(&mut read.conn(), number).await.unwrap().is_some(), "{number}: {:?}", report.refusals);
    }
    // What was taken of the others can be read.
    for number in 0..good.len() * 2 {
        let _ = store::find_order(&mut read.conn(), &format!("B{number}")).await.unwrap();
    }
}

on_both! {
    async fn one_bad_row_of_a_document_costs_no_good_one(database: Database) {
        let document = json!({"number": "1", "placed_at": "2026-11-02T09:30:00Z", "currency": "EUR", "channel": "web",
            "customer": {"id": "c", "name": "n", "email": "a@example.com", "phone": "+8613800000000", "tier": "gold", "locale": "en"},
            "ship_to": {"name": "n", "country": "DE", "region": "r", "city": "c", "postal_code": "p", "line1": "l", "line2": "l"},
            "lines": [{"id": "1", "sku": "A", "name": "A", "variant": "v", "category": "c", "tags": ["t"], "quantity": 1, "unit": "m", "unit_price": "9.00",
                "gift_with": null, "bundle": "b", "batch": "b", "serials": ["s"], "image": "https://shop.example/a.jpg"}],
            "discounts": [{"code": "c", "amount": "1.00"}], "payments": [{"id": "p", "method": "card", "currency": "EUR", "amount": "8.00"}],
            "refunds": [{"id": "r", "currency": "EUR", "payment": "p", "amount": "1.00", "reference": "x", "lines": [{"id": "1", "quantity": 1}]}],
            "deliveries": [{"id": "d", "shipped_at": "2026-11-03T09:30:00Z", "warehouse": "w", "picker": "p", "packer": "p", "carrier": "c", "tracking_number": "t"}]});
        let (feed, good) = feed(&document, "number");
        let report = take(&database.store, Format::Json, feed).await;
        all_good_are_in(&database.store, &report, &good).await;
    }
}

on_both! {
    async fn one_bad_row_of_a_platform_costs_no_good_one(database: Database) {
        let shopify = json!({"name": "1", "created_at": "2026-11-02T09:30:00Z", "currency": "EUR", "source_name": "web", "email": "a@example.com", "phone": "+8613800000000",
            "customer_locale": "en", "financial_status": "paid", "customer": {"id": "c", "first_name": "f", "last_name": "l"},
            "shipping_address": {"name": "n", "address1": "a", "city": "c", "zip": "z", "province": "p", "country_code": "DE"},
            "line_items": [{"id": "1", "sku": "A", "title": "A", "variant_title": "v", "quantity": 1, "price": "9.00"}],
            "discount_codes": [{"code": "c", "amount": "0.00"}],
            "transactions": [{"id": "t", "kind": "sale", "status": "success", "gateway": "card", "amount": "9.00", "currency": "EUR"}],
            "fulfillments": [{"id": "f", "name": "f", "created_at": "2026-11-03T09:30:00Z", "location_id": "l", "tracking_company": "c", "tracking_number": "t",
                "line_items": [{"id": "1", "quantity": 1}]}],
            "refunds": [{"id": "r", "refund_line_items": [{"line_item_id": "1", "quantity": 1, "subtotal": "1.00"}], "transactions": [{"id": "x", "kind": "refund", "amount": "1.00"}]}]});
        let (orders, good) = feed(&shopify, "name");
        let report = take(&database.store, Format::ShopifyJson, orders).await;
        all_good_are_in(&database.store, &report, &good).await;
        let woocommerce = json!({"number": "1", "status": "completed", "currency": "EUR", "date_created_gmt": "2026-03-22T15:28:02", "date_completed_gmt": "2026-03-24T08:00:00",
            "created_via": "checkout", "customer_id": "7", "payment_method": "paypal", "transaction_id": "T", "total": "9.00",
            "billing": {"first_name": "f", "last_name": "l", "email": "a@example.com", "phone": "0170 1234567", "country": "DE"},
            "shipping": {"first_name": "f", "address_1": "a", "city": "c", "state": "s", "postcode": "p", "country": "DE"},
            "line_items": [{"id": "1", "name": "A", "sku": "A", "variation_id": "2", "quantity": 1, "total": "9.00", "meta_data": [{"key": "size", "value": "M"}]}],
            "fee_lines": [{"name": "Loyal", "total": "-1.00"}], "refunds": [{"id": "r", "total": "-1.00"}]});
        let (orders, good) = feed(&woocommerce, "number");
        let report = take(&database.store, Format::WoocommerceJson, orders).await;
        all_good_are_in(&database.store, &report, &good).await;
    }
}

on_both! {
    async fn one_bad_row_of_a_table_costs_no_good_one(database: Database) {
        let columns = ["is", "number", "customer", "name", "email", "phone", "tier", "locale", "channel", "city", "code", "line", "sku", "item", "variant", "category",
            "tags", "bundle", "batch", "serials", "image", "unit", "payment", "method", "parcel", "warehouse", "picker", "carrier", "tracking", "credited", "note"];
        let usual = |column: &str| match column {
            "is" | "credited" | "note" => String::new(),
            "email" => "a@example.com".to_owned(),
            "phone" => "+8613800000000".to_owned(),
            _ => "x".to_owned(),
        };
        let mut table = columns.join(",").into_bytes();
        let mut good = Vec::new();
        let mut row = |number: &str, bad: Option<(&str, &[u8])>| {
            table.push(b'\n');
            for column in columns {
                let cell = if column == "number" { number.to_owned() } else { usual(column) };
                match bad {
                    Some((at, bytes)) if at == column => table.extend(bytes),
                    _ => table.extend(cell.as_bytes()),
                }
                table.push(b',');
            }
        };
        let megabyte = "x".repeat(1 << 20);
        for column in columns.into_iter().filter(|column| *column != "is") {
            // Half of a pair is no UTF-8.
            for bad in [b"a\0b".as_slice(), b"a\xed\xa0\x80b", b"a\x01\x1b\x7f\xc2\x85b", megabyte.as_bytes()] {
                row(&format!("B{}", good.len() * 2), Some((column, bad)));
                let number = format!("G{}", good.len() * 2 + 1);
                row(&number, None);
                good.push(number);
            }
        }
        let credit = |bad: &str, at: &str| columns.map(|column| match column { "is" => "credit", "number" => "C1", _ if column == at => bad, _ => "" }.to_owned()).join(",");
        for at in ["credited", "note", "customer", "sku"] {
            for bad in ["a\0b", "a\u{1}\u{1b}b", &megabyte] {
                table.extend(format!("\n{}", credit(bad, at)).into_bytes());
            }
        }
        let report = take(&database.store, Format::Csv, table).await;
        assert_eq!(report.broken_off, None);
        let mut read = database.store.read().await.unwrap();
        for number in &good {
            assert!(store::find_order(&mut read.conn(), number).await.unwrap().is_some(), "{number}");
        }
        assert_eq!(report.credits.unmatched + report.credits.matched, 12, "{report}");
    }
}

on_both! {
    async fn what_only_the_database_refuses_costs_no_other_order(database: Database) {
        if database.address.starts_with("sqlite") {
            database.meddle("CREATE TRIGGER no BEFORE INSERT ON orders WHEN NEW.document LIKE '%FORBIDDEN%' BEGIN SELECT RAISE(ABORT, 'not here'); END").await;
        } else {
            database
                .meddle("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.document LIKE '%FORBIDDEN%' THEN RAISE EXCEPTION 'not here' USING ERRCODE = '22021'; END IF; RETURN NEW; END $$")
                .await;
            database.meddle("CREATE TRIGGER no BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION no()").await;
        }
        let feed: Vec<String> = (0..60)
            .map(|number| {
                let sku = if number == 20 { "FORBIDDEN" } else { "TEE" };
                let lines = json!([{"id": 1, "title": "A", "sku": sku, "quantity": 1, "price": "9.00"}]);
                let refunds = json!([{"id": format!("r{number}"), "transactions": [{"kind": "refund", "amount": "1.00"}]}]);
                json!({"id": number, "name": format!("N{number}"), "created_at": "2026-11-02T09:30:00Z", "currency": "EUR", "line_items": lines, "refunds": refunds}).to_string()
            })
            .collect();
        for again in [false, true] {
            let report = take(&database.store, Format::ShopifyJson, feed.join("\n")).await;
            assert_eq!((report.orders(), report.refused, report.order_lines, report.credits.refunds), (59, 1, 59, 59), "{report}");
            assert_eq!(report.unchanged, if again { 59 } else { 0 });
            let refused = &report.refusals[0];
            assert_eq!((refused.line, refused.order.as_deref()), (21, Some("N20")));
            assert!(refused.reason.starts_with("the database does not take it") && refused.reason.contains("not here"), "{}", refused.reason);
            let mut read = database.store.read().await.unwrap();
            for number in [0, 19, 21, 59] {
                let row = store::find_order(&mut read.conn(), &format!("N{number}")).await.unwrap().unwrap();
                assert_eq!(row.credits.len(), 1);
            }
        }
    }
}

on_both! {
    async fn what_is_left_out_or_changed_is_told_to_whoever_sends_it(database: Database) {
        let app = TestApp::start(database).await;
        let mut told = order("1");
        told["lines"].as_array_mut().unwrap().extend([
            json!({"id": "3", "sku": "CLOTH", "name": "Cloth", "quantity": 1.5, "unit": "m", "unit_price": "20.00"}),
            json!({"id": "4", "sku": "GONE", "name": "Gone", "quantity": 0, "unit_price": "9.00"}),
            json!({"sku": "OFF", "name": "Loyal", "quantity": 1, "unit_price": "-5.00"}),
            json!({"id": "1", "sku": "MUG", "name": "Mug", "quantity": 1, "unit_price": "8.00"}),
        ]);
        for status in [StatusCode::CREATED, StatusCode::OK] {
            let (answered, body) = answer(app.api("PUT", "/orders/1").json(&told).send().await.unwrap()).await;
            assert_eq!(answered, status, "the same again changes nothing: {body}");
            let fields: Vec<_> = body["notes"].as_array().unwrap().iter().map(|note| note["field"].as_str().unwrap()).collect();
            assert_eq!(fields, ["lines[4].id", "lines[5].id", "lines[2]", "lines[3]", "lines[4]"], "{body}");
        }
        let (_, kept) = app.get("/orders/1").await;
        let lines: Vec<_> = kept["returnable"].as_array().unwrap().iter().map(|line| (line["line"].as_str().unwrap(), line["quantity"].as_u64().unwrap())).collect();
        assert_eq!(lines, [("1", 2), ("2", 1), ("3", 1), ("1-2", 1)], "{kept}");
        let (_, plain) = answer(app.api("PUT", "/orders/2").json(&order("2")).send().await.unwrap()).await;
        assert_eq!(plain.get("notes"), None);
        let report = take(&app.services.store, Format::Json, format!("{told}\n{}", order("3"))).await;
        assert_eq!((report.noted, report.notes.len(), report.notes[0].order.as_deref(), report.refused), (1, 1, Some("1"), 0));
        assert!(report.is_whole() && report.to_string().contains("1  orders taken of which something was left out or changed"), "{report}");
    }
}

on_both! {
    async fn a_time_nobody_can_mean_comes_in_by_no_door(database: Database) {
        let app = TestApp::start(database).await;
        for (path, time) in [("/placed_at", "0026-11-21T00:00:00Z"), ("/deliveries/0/shipped_at", "-009998-01-01T00:00:00Z"), ("/deliveries/0/delivered_at", "9999-01-01T00:00:00Z")] {
            let mut told = order("1");
            *told.pointer_mut(path).unwrap() = json!(time);
            let (status, body) = answer(app.api("PUT", "/orders/1").json(&told).send().await.unwrap()).await;
            assert_eq!((status, body["errors"][0]["problem"].as_str().unwrap().contains("is not between 1990 and 2100")), (StatusCode::UNPROCESSABLE_ENTITY, true), "{body}");
            let report = take(&app.services.store, Format::Json, told.to_string()).await;
            assert_eq!((report.refused, report.orders()), (1, 0));
        }
    }
}

on_both! {
    async fn an_order_without_any_contact_is_found_by_ticket_and_by_machine_and_by_no_guess(database: Database) {
        let app = TestApp::with(database, |config| {
            config.start.secrets = [SECRET.into()].into_iter().collect();
            config.limits.lookups_per_order = 100;
        })
        .await;
        for (number, customer) in [("1", json!({})), ("2", json!({"id": "c-9"})), ("3", Value::Null)] {
            let mut told = order(number);
            told["customer"] = customer;
            app.put_order(&told).await;
        }
        let mut visitor = Visitor::new(&app);
        for contact in ["", " ", "-", "wang@example.com", "+8613800000001", "null", "c-9"] {
            assert_eq!(visitor.post("/", &[("number", "1"), ("contact", contact)]).await, "/", "{contact:?}");
        }
        let now = app.services.clock.now().as_second();
        let token = sign(&json!({"alg": "HS256", "typ": "JWT"}), &json!({"iss": "shop", "iat": now, "exp": now + 300, "order": "1"}), SECRET);
        let items = visitor.follow(&format!("/start?token={token}")).await;
        assert!(items.starts_with("/return/") && items.ends_with("/items"), "{items}");
        assert!(visitor.text(&items).await.contains("LAMP") || visitor.text(&items).await.contains("黄铜台灯"));
        for number in ["1", "2", "3"] {
            let (status, opened) = app.post("/returns", &request(number, "1", 1)).await;
            assert_eq!(status, StatusCode::CREATED, "{opened}");
            let rma = opened["rma"].as_str().unwrap();
            assert_eq!(app.get(&format!("/returns/{rma}")).await.0, StatusCode::OK);
        }
        app.run_jobs().await;
        assert!(app.mails().is_empty(), "nobody to write to");
    }
}

on_both! {
    async fn what_was_paid_or_given_back_in_another_currency_waits_for_a_person(database: Database) {
        let app = TestApp::start(database).await;
        let paid = |currency: &str, amount: &str| json!([{"id": 5, "kind": "sale", "status": "success", "amount": amount, "currency": currency, "gateway": "card"}]);
        let refunds = json!([{"id": 9, "refund_line_items": [], "transactions": [{"id": 6, "kind": "refund", "status": "success", "amount": "812", "currency": "JPY"}]}]);
        let told = |name: &str, transactions: Value, refunds: Value| {
            json!({"id": name, "name": name, "created_at": days_ago(6), "currency": "CNY", "email": "wang@example.com", "total_price": "100.00", "financial_status": "paid",
                "fulfillment_status": "fulfilled", "line_items": [{"id": 1, "sku": "A", "title": "A", "quantity": 1, "price": "100.00"}], "transactions": transactions, "refunds": refunds,
                "fulfillments": [{"created_at": days_ago(5), "updated_at": days_ago(4), "shipment_status": "delivered", "line_items": [{"id": 1, "quantity": 1}]}]})
            .to_string()
        };
        let feed = [told("Y", paid("JPY", "16250"), json!([])), told("R", paid("CNY", "100.00"), refunds), told("E", paid("CNY", "100.00"), json!([]))].join("\n");
        let report = take(&app.services.store, Format::ShopifyJson, feed).await;
        assert_eq!((report.created, report.refused), (3, 0), "{report}");
        for (number, captured, outside, status) in [("Y", "0.00", "0.00", "in_review"), ("R", "100.00", "0.00", "in_review"), ("E", "100.00", "0.00", "approved")] {
            let (_, opened) = app.post("/returns", &request(number, "1", 1)).await;
            assert_eq!(opened["status"], status, "{number}: {opened}");
            let (_, books) = app.get(&format!("/orders/{number}/books")).await;
            assert_eq!((&books["captured"], &books["outside"], &books["currency"]), (&json!(captured), &json!(outside), &json!("CNY")), "{books}");
            assert!(!books.to_string().contains("16250") && !books.to_string().contains("812"), "{books}");
        }
        let mut far = order("F");
        far["payments"] = json!([{"id": "p", "method": "card", "amount": "500000.00"}]);
        app.put_order(&far).await;
        let mut all = request("F", "1", 2);
        all["lines"].as_array_mut().unwrap().push(json!({"line": "2", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}));
        let (_, opened) = app.post("/returns", &all).await;
        assert_eq!((&opened["status"], opened["granted"]["amount"].as_str().map(str::len).is_some_and(|length| length < 8)), (&json!("in_review"), true), "{opened}");
    }
}
