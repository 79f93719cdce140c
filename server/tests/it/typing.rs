//! What shoppers type to find what is theirs: numbers and contacts in all the ways people write them, through the form.

use serde_json::{Value, json};

use crate::app::{TestApp, days_ago, request};
use crate::databases::on_both;
use crate::pages::Visitor;

/// What there is: number, country, mail address, phone.
const ORDERS: [(&str, &str, &str, &str); 17] = [
    ("1001", "CN", "wang@example.com", "13800138000"),
    ("#2001", "DE", "li@bücher.example", "+49 (0) 30 901820"),
    ("A 1", "GB", "first@example.com", "+44 20 7946 0018"),
    ("A1", "GB", "second@example.com", "020 7946 0019"),
    ("1001#1", "FR", "third@example.com", "06 12 34 56 78"),
    ("10011", "FR", "fourth@example.com", "06 12 34 56 79"),
    ("77#1", "US", "both@example.com", "+1 (212) 555-0123 ext. 89"),
    ("771", "US", "both@example.com", "212-555-0123"),
    ("No. 5", "HK", "hk@example.com", "51234567"),
    ("ORDER-6", "SG", "sg@example.com", "+65 8123 4567"),
    ("DK7", "DK", "dk@example.com", "32 12 34 56"),
    ("NO8", "NO", "no@example.com", "+47 406 12 345"),
    ("EE9", "EE", "ee@example.com", "51234567"),
    ("LT-10", "LT", "lt@example.com", "8 612 34567"),
    ("CR.11", "CR", "cr@example.com", "8312 3456"),
    ("١٢", "SA", "sa@example.com", "٠٥٠١٢٣٤٥٦٧"),
    ("Çelik-13", "TR", "gül@köşe.example", "0532 123 45 67"),
];

fn placed((number, country, email, phone): (&str, &str, &str, &str)) -> Value {
    json!({
        "number": number, "placed_at": days_ago(6), "currency": "EUR", "customer": {"email": email, "phone": phone}, "ship_to": {"country": country},
        "lines": [{"id": "1", "sku": "TEE", "name": format!("Tee of {number}!"), "quantity": 2, "unit_price": "20.00"}],
        "payments": [{"id": "p", "method": "card", "amount": "40.00"}], "deliveries": [{"shipped_at": days_ago(5), "delivered_at": days_ago(3)}],
    })
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Comes {
    /// This order's page.
    Found(&'static str),
    /// "Did you mean …?"
    Meant(&'static str),
    /// "Several of your orders are written like this"
    Several,
    /// "We found no order with this number and this contact."
    NoMatch,
    /// "Enter a full email address, or a phone number"
    NoContact,
}

use Comes::{Found, Meant, NoContact, NoMatch, Several};

async fn typed(app: &TestApp, number: &str, contact: &str) -> Comes {
    let mut visitor = Visitor::new(app);
    let next = visitor.post("/", &[("number", number), ("contact", contact)]).await;
    let page = visitor.text(&next).await;
    if next != "/" {
        let found = ORDERS.iter().find(|(known, ..)| page.contains(&format!("Tee of {known}!")));
        return Found(found.unwrap_or_else(|| panic!("{number:?} {contact:?} leads to {next}: {page}")).0);
    }
    if page.contains("Several of your orders are written like this: 77#1 and 771") {
        return Several;
    }
    if let Some((known, ..)) = ORDERS.iter().find(|(known, ..)| page.contains(&format!("Did you mean {known}?"))) {
        return Meant(known);
    }
    match page.contains("We found no order with this number and this contact") {
        true => NoMatch,
        false => {
            assert!(page.contains("Enter a full email address"), "{number:?} {contact:?}: {page}");
            NoContact
        }
    }
}

/// Writings of one order's number.
const NUMBERS: [&str; 26] = [
    "1001",
    " 1001 ",
    "#1001",
    "# 1001",
    "＃１００１",
    "１００１",
    "10 01",
    "1001.",
    "1001。",
    "No. 1001",
    "no.1001",
    "No 1001",
    "Nr. 1001",
    "№ 1001",
    "№1001",
    "Order 1001",
    "order #1001",
    "Order no. 1001",
    "订单1001",
    "订单号：1001",
    "訂單 1001",
    "“1001”",
    "١٠٠١",
    "१००१",
    "10\u{200b}01",
    "\u{2068}1001\u{2069}",
];

/// Writings of its customer's contact.
const CONTACTS: [&str; 14] = [
    "wang@example.com",
    " Wang@Example.COM ",
    "wang＠example.com",
    "mailto:wang@example.com",
    "Wang <wang@example.com>",
    "wang@example.com.",
    "\u{feff}wang@example.com",
    "13800138000",
    "+86 138 0013 8000",
    "0086-138-0013-8000",
    "１３８００１３８０００",
    "138\u{ad}00138000",
    "tel:+8613800138000",
    "١٣٨٠٠١٣٨٠٠٠",
];

/// The others: number and contact as typed, and what comes of it.
const TYPED: &[(&str, &str, Comes)] = &[
    // Numbers that differ by what look-ups pass over are different orders.
    ("A 1", "first@example.com", Found("A 1")),
    ("A1", "second@example.com", Found("A1")),
    ("A1", "first@example.com", Found("A 1")),
    ("a 1", "second@example.com", Found("A1")),
    ("#a1", "020 7946 0018", Found("A 1")),
    ("#a1", "+44 20 7946 0019", Found("A1")),
    ("A1", "wang@example.com", NoMatch),
    ("1001#1", "third@example.com", Found("1001#1")),
    ("10011", "fourth@example.com", Found("10011")),
    ("10011", "third@example.com", Found("1001#1")),
    ("1001 1", "fourth@example.com", Found("10011")),
    ("1001#1", "0033 6 12 34 56 79", Found("10011")),
    ("1001", "third@example.com", NoMatch),
    ("77#1", "both@example.com", Found("77#1")),
    ("771", "both@example.com", Found("771")),
    ("77 1", "both@example.com", Several),
    ("#771", "+12125550123", Several),
    ("771", "212 555 0123 x89", Found("771")),
    // With and without `#`.
    ("#2001", "li@bücher.example", Found("#2001")),
    ("2001", "li@bücher.example", Found("#2001")),
    ("2001", "LI@xn--bcher-kva.example", Found("#2001")),
    ("２００１", "li@bu\u{308}cher.example", Found("#2001")),
    ("2001", "li@bucher.example", NoMatch),
    ("2001", "+49 30 901820", Found("#2001")),
    ("2001", "030/901820", Found("#2001")),
    ("2001", "030 901 820", Found("#2001")),
    ("2001", "0049 (0)30 901820", Found("#2001")),
    ("2001", "030 901821", NoMatch),
    // Words that are part of a number.
    ("No. 5", "5123 4567", Found("No. 5")),
    ("no.5", "+852 5123 4567", Found("No. 5")),
    ("5", "+852 5123 4567", NoMatch),
    ("ORDER-6", "8123 4567", Found("ORDER-6")),
    ("order 6", "81234567", NoMatch),
    ("Order - 6", "+6581234567", Found("ORDER-6")),
    ("NO8", "406 12 345", Found("NO8")),
    ("no 8", "004740612345", Found("NO8")),
    ("dk7", "+45 32123456", Found("DK7")),
    ("DK7", "32123456", Found("DK7")),
    ("ee9", "+372 5123 4567", Found("EE9")),
    ("EE9", "5123 4567", Found("EE9")),
    ("lt-10", "+370 612 34567", Found("LT-10")),
    ("LT-10", "861234567", Found("LT-10")),
    ("LT-10", "0 612 34567", Found("LT-10")),
    ("cr.11", "+506 8312 3456", Found("CR.11")),
    ("CR.11", "83123456", Found("CR.11")),
    ("١٢", "+966 50 123 4567", Found("١٢")),
    ("12", "0501234567", Found("١٢")),
    ("१२", "sa@example.com", Found("١٢")),
    ("Çelik-13", "gül@köşe.example", Found("Çelik-13")),
    ("C\u{327}elik-13", "gu\u{308}l@ko\u{308}s\u{327}e.example", Found("Çelik-13")),
    ("ÇELİK-13", "gül@köşe.example", NoMatch),
    ("çelik-13", "+90 532 123 45 67", Found("Çelik-13")),
    // Slips.
    ("1OO1", "wang@example.com", Meant("1001")),
    ("100l", "138 0013 8000", Meant("1001")),
    ("IO01", "wang@example.com", Meant("1001")),
    ("2OO1", "li@bücher.example", Meant("#2001")),
    ("1OO1", "li@bücher.example", NoMatch),
    ("CR.ll", "cr@example.com", Meant("CR.11")),
    // Others' contacts, and nobody's.
    ("1001", "13800138001", NoMatch),
    ("1001", "800138000", NoMatch),
    ("1001", "+852 13800138000", NoMatch),
    ("1001", "wang@example.con", NoMatch),
    ("1001", "wang@example.com.cn", NoMatch),
    ("1001", "w@example.com", NoMatch),
    ("1001", "@", NoMatch),
    ("1001", "1380", NoContact),
    ("1001", "王小明", NoContact),
    ("1001", "%", NoContact),
    ("1%", "wang@example.com", NoMatch),
    ("100_", "wang@example.com", NoMatch),
    ("1001' OR '1'='1", "wang@example.com", NoMatch),
    ("#", "wang@example.com", NoMatch),
    ("No.", "hk@example.com", NoMatch),
    ("订单", "wang@example.com", NoMatch),
    ("1001\u{0}", "wang@example.com", Found("1001")),
    ("1001", "wang@example.com\u{0}", Found("1001")),
    ("1001\u{7}", "wang@example.com", Found("1001")),
];

on_both! {
    async fn what_people_type_finds_what_is_theirs(database: Database) {
        let app = TestApp::with(database, |config| {
            config.limits.lookups_per_address = 100_000;
            config.limits.lookups_per_order = 100_000;
        })
        .await;
        for order in ORDERS {
            app.put_order(&placed(order)).await;
        }
        let all = NUMBERS.iter().flat_map(|number| CONTACTS.map(|contact| (*number, contact, Found("1001"))));
        let mut wrong = Vec::new();
        for (number, contact, expected) in all.chain(TYPED.iter().copied()) {
            let came = typed(&app, number, contact).await;
            if came != expected {
                wrong.push(format!("{number:?} with {contact:?}: {came:?}, not {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

on_both! {
    async fn machines_name_orders_as_they_like(database: Database) {
        let app = TestApp::start(database).await;
        for order in ORDERS {
            app.put_order(&placed(order)).await;
        }
        assert_eq!(app.get("/orders").await.0.as_u16() / 100, 4);
        for (asked, number) in [("2001", Some("#2001")), ("%232001", Some("#2001")), ("A%201", Some("A 1")), ("A1", Some("A1")), ("a1", None), ("771", Some("771")), ("77%201", None), ("9", None)] {
            let (status, body) = app.get(&format!("/orders/{asked}")).await;
            assert_eq!(status == 200, number.is_some(), "{asked}: {body}");
            assert_eq!(body["order"]["number"].as_str(), number, "{asked}: {body}");
        }
        for (asked, contact, number) in [("2001", None, Some("#2001")), ("a1", Some("first@example.com"), Some("A 1")), ("a1", Some("second@example.com"), Some("A1")), ("a1", None, None)] {
            let mut wanted = request(asked, "1", 1);
            wanted["customer"] = json!({"email": contact});
            let (_, quoted) = app.post("/returns/quote", &wanted).await;
            let (status, opened) = app.post("/returns", &wanted).await;
            assert_eq!(status == 201, number.is_some(), "{asked} {contact:?}: {opened}");
            assert_eq!(opened["lines"][0]["order"].as_str(), number, "{asked}");
            assert_eq!(quoted["lines"][0]["order"].as_str(), number, "{asked}: {quoted}");
            if number.is_some() {
                let rma = opened["rma"].as_str().unwrap();
                let (status, said) = app.post(&format!("/returns/{rma}/cancel"), &json!({"lines": [{"order": asked, "line": "1"}]})).await;
                assert_eq!(status, 200, "{said}");
            }
        }
        // The address may lose what it cannot hold; the document says it exactly.
        let (status, said) = crate::app::answer(app.api("PUT", "/orders/A1").json(&placed(("A 1", "GB", "first@example.com", "020 7946 0018"))).send().await.unwrap()).await;
        assert_eq!((status.as_u16(), said["number"].as_str()), (200, Some("A 1")), "known before: {said}");
        let (status, _) = crate::app::answer(app.api("PUT", "/orders/A2").json(&placed(ORDERS[2])).send().await.unwrap()).await;
        assert_eq!(status, 422);
    }
}
