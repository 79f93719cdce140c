//! Somebody at work opens a return for a customer who called, wrote or stands at the counter (C2), also without the order's number.

use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;

use crate::app::{TestApp, order};
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::pages::Visitor;
use crate::review::{Machine, kinds};
use crate::staff::{Browser, free, hire};

/// The address of a draft that is written for a customer.
async fn opened(browser: &mut Browser<'_>, number: &str, channel: &str) -> String {
    let items = browser.post("/staff/open", &[("order", number), ("channel", channel), ("proof", "receipt")]).await;
    items.strip_suffix("/items").unwrap_or_else(|| panic!("{items}")).to_owned()
}

on_both! {
    async fn a_return_is_opened_for_a_customer_by_phone(database: Database) {
        let app = TestApp::start(database).await;
        let mut bought = order("10248");
        bought["payments"][0] = json!({"id": "pi_1", "method": "card", "card_ending": "4242", "amount": "457.00"});
        bought["lines"][1]["serials"] = json!(["LMP-0042-77"]);
        app.put_order(&bought).await;
        let mut other = order("10249");
        other["customer"] = json!({"id": "c-2", "name": "王小红", "email": "hong@example.com"});
        app.put_order(&other).await;
        let (_, _, mut mei) = hire(&app, "Mei", "support", free()).await;
        let (_, _, mut jan) = hire(&app, "Jan", "support", free()).await;
        let (_, _, mut dock) = hire(&app, "Bo", "warehouse", free()).await;
        // The order is found by what a customer has at hand.
        for sought in ["10248", "4242", "王小明", "小明", "wang@example.com", "0001", "LMP-0042-77"] {
            let page = mei.get(&format!("/staff/search?q={sought}")).await.1;
            assert!(page.contains("value=\"10248\"") && page.contains("action=\"/staff/open\""), "{sought}: {page}");
            assert!(!page.contains("value=\"10249\""), "{sought}");
        }
        assert!(!dock.get("/staff/search?q=10248").await.1.contains("/staff/open"), "that is not for the warehouse");
        dock.post("/staff/open", &[("order", "10248"), ("channel", "phone")]).await;
        dock.says("/staff/search", "This is for Support").await;
        for wrong in [[("order", "nothing"), ("channel", "phone")], [("order", "10248"), ("channel", "pigeon")]] {
            assert_eq!(mei.post("/staff/open", &wrong).await, "/staff/search");
            mei.says("/staff/search", "errors-title").await;
        }

        let draft = opened(&mut mei, "10248", "phone").await;
        mei.says(&format!("{draft}/items"), "You fill this in for the customer").await;
        // Nobody else has it: not a colleague, not the customer, nobody who was told its address.
        for somebody in [&mut jan, &mut dock, &mut Browser::new(&app)] {
            let page = somebody.get(&format!("{draft}/items")).await.1;
            assert!(!page.contains("黄铜台灯"), "{page}");
            somebody.post(&format!("{draft}/items"), &[("units|10248|2", "1"), ("count|10248|2", "1")]).await;
        }
        let mut customer = Visitor::new(&app);
        let own = customer.post("/", &[("number", "10248"), ("contact", "wang@example.com")]).await;
        assert!(!own.starts_with(&draft), "the customer's own is another");
        assert!(!customer.text(&format!("{draft}/items")).await.contains("黄铜台灯"));

        assert_eq!(mei.post(&format!("{draft}/items"), &[("units|10248|1", "1"), ("count|10248|1", "1")]).await, format!("{draft}/why"));
        let why = [("reason|10248|1", "dislike"), ("condition|10248|1", "opened")];
        assert_eq!(mei.post(&format!("{draft}/why"), &why).await, format!("{draft}/wish"));
        assert_eq!(mei.post(&format!("{draft}/wish"), &[("wish|10248|1", "refund")]).await, format!("{draft}/send"));
        assert_eq!(mei.post(&format!("{draft}/send"), &[("method", "drop_off")]).await, format!("{draft}/check"));
        let done = mei.post(&format!("{draft}/check"), &[]).await;
        let rma = done.strip_prefix("/staff/returns/").unwrap_or_else(|| panic!("{done}")).to_owned();
        assert_eq!(mei.post(&format!("{draft}/check"), &[]).await, done, "sent twice, opened once");
        assert_eq!(mei.get(&done).await.0, 200);

        let (_, told) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!((told["channel"].as_str(), told["status"].as_str()), (Some("phone"), Some("approved")), "{told}");
        let (_, timeline) = app.get(&format!("/returns/{rma}/timeline")).await;
        assert_eq!(timeline["events"][0]["actor"], json!({"kind": "staff", "name": "Mei"}), "{timeline}");
        // The customer hears of it in their language, and sees it among their returns.
        app.run_jobs().await;
        let mail = app.mails().pop().unwrap();
        let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert!(mail.body_text(0).unwrap().contains("您"), "{:?}", mail.body_text(0));
        assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("wang@example.com"));
        let seen = customer.post("/find-return", &[("rma", &rma), ("rma_contact", "wang@example.com")]).await;
        assert!(customer.text(&seen).await.contains(&rma));
        // Who is out at work has none of it any more.
        let draft = opened(&mut mei, "10249", "counter").await;
        mei.post("/staff/sign-out", &[]).await;
        assert!(!mei.get(&format!("{draft}/items")).await.1.contains("黄铜台灯"));
        let trail = app.database.texts("SELECT what FROM audit WHERE what = 'write_for_customer'").await;
        assert_eq!(trail.len(), 2);
    }
}

/// A kettle that another shop sold, as somebody at work writes it down.
fn kettle<'f>(key: &'f str, price: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("channel", "counter"),
        ("name", "Anna Berg"),
        ("email", "anna@example.com"),
        ("shop", "Teehaus am Markt"),
        ("bought", "2026-10-05"),
        ("item", "Kettle"),
        ("sku", "KTL-1"),
        ("category", "kitchen"),
        ("units", "2"),
        ("currency", "eur"),
        ("price", price),
        ("key", key),
    ]
}

/// Goes on with what was written down, to the return that it becomes.
async fn sent_in(mei: &mut Browser<'_>, items: &str, wish: &str) -> String {
    let draft = items.strip_suffix("/items").unwrap_or_else(|| panic!("{items}")).to_owned();
    let number = number_on(&mei.get(items).await.1);
    let of = |question: &str| format!("{question}|{number}|1");
    assert_eq!(mei.post(items, &[(&of("units"), "2"), (&of("count"), "2")]).await, format!("{draft}/why"));
    let mut next = mei.post(&format!("{draft}/why"), &[(&of("reason"), "dislike"), (&of("condition"), "opened")]).await;
    if next.ends_with("/show") {
        next = mei.show_nothing(&next).await;
    }
    assert_eq!(next, format!("{draft}/wish"));
    assert_eq!(mei.post(&next, &[(&of("wish"), wish)]).await, format!("{draft}/send"), "{wish}");
    assert_eq!(mei.post(&format!("{draft}/send"), &[("method", "self_ship")]).await, format!("{draft}/check"));
    let done = mei.post(&format!("{draft}/check"), &[]).await;
    done.strip_prefix("/staff/returns/").unwrap_or_else(|| panic!("{done}")).to_owned()
}

/// The number that what was written down got.
fn number_on(page: &str) -> String {
    let at = page.find("units|E-").unwrap_or_else(|| panic!("{page}"));
    page[at + "units|".len()..].split('|').next().unwrap().to_owned()
}

on_both! {
    async fn what_was_bought_elsewhere_brings_credit_by_rule_and_never_money(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut mei) = hire(&app, "Mei", "support", free()).await;
        let (_, _, mut dock) = hire(&app, "Bo", "warehouse", free()).await;
        let desk = Machine::with(&app, Scope::Admin).await;
        assert_eq!(dock.post("/staff/elsewhere", &kettle("k0", "49.00")).await, "/staff/search");
        dock.says("/staff/search", "This is for Support").await;
        mei.says("/staff/search", "Bought elsewhere?").await;
        for (field, wrong) in [("email", "anna"), ("bought", "2126-01-01"), ("units", "0"), ("price", "much"), ("currency", "XXY"), ("item", "")] {
            let mut form = kettle("k0", "49.00");
            form.iter_mut().filter(|(name, _)| *name == field).for_each(|(_, value)| *value = wrong);
            assert_eq!(mei.post("/staff/elsewhere", &form).await, "/staff/search", "{field}");
            let page = mei.get("/staff/search").await.1;
            assert!(page.contains("errors-title") && page.contains("value=\"Teehaus am Markt\""), "{field}: {page}");
        }

        // No rule takes it: a person decides, and what may be had is no money.
        let items = mei.post("/staff/elsewhere", &kettle("k1", "49.00")).await;
        let number = number_on(&mei.get(&items).await.1);
        let again = mei.post("/staff/elsewhere", &kettle("k1", "49.00")).await;
        assert_eq!(number_on(&mei.get(&again).await.1), number, "sent twice, written down once");
        assert_eq!(mei.post("/staff/elsewhere", &kettle("k1", "4900.00")).await, "/staff/search", "and not otherwise");
        let mut overwritten = order(&number);
        overwritten["number"] = json!(number);
        let (status, _) = desk.send("PUT", &format!("/orders/{number}"), None, &overwritten).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "no shop tells it otherwise");
        let quote = json!({"orders": [number], "lines": [{"line": "1", "quantity": 2, "reason": "dislike", "condition": "opened"}]});
        let (_, quoted) = app.post("/returns/quote", &quote).await;
        let offered: Vec<&Value> = quoted["lines"][0]["resolutions"].as_array().unwrap_or_else(|| panic!("{quoted}")).iter().map(|one| &one["resolution"]).collect();
        assert_eq!(offered, ["store_credit", "exchange", "repair"], "{quoted}");
        let rma = sent_in(&mut mei, &items, "store_credit").await;
        let told = desk.get(&format!("/returns/{rma}")).await;
        assert_eq!((told["status"].as_str(), kinds(&told["tasks"])), (Some("in_review"), vec!["review"]), "{told}");

        // By rule: up to so much, of these goods, with a receipt where it is asked for.
        let policy = json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "none", "then": {"closed": true}}], "elsewhere": [
            {"id": "kettles", "when": {"category": "kitchen", "days_since_order": {"max": 3650}}, "then": {"offer": ["store_credit"], "up_to": {"EUR": "120.00"}, "receipt": false}},
            {"id": "rest", "then": {"offer": ["repair"]}}]});
        publish(&app, &policy).await;
        let items = mei.post("/staff/elsewhere", &kettle("k2", "149.00")).await;
        let dear = sent_in(&mut mei, &items, "store_credit").await;
        assert_eq!(desk.get(&format!("/returns/{dear}")).await["status"], "in_review", "298.00 is more than 120.00");
        let items = mei.post("/staff/elsewhere", &kettle("k3", "49.00")).await;
        let number = number_on(&mei.get(&items).await.1);
        let rma = sent_in(&mut mei, &items, "store_credit").await;
        let path = format!("/returns/{rma}");
        let told = desk.get(&path).await;
        assert_eq!((told["status"].as_str(), told["channel"].as_str()), (Some("approved"), Some("counter")), "{told}");
        let mut lamp = kettle("k4", "49.00");
        lamp.iter_mut().filter(|(name, _)| *name == "category").for_each(|(_, value)| *value = "lamps");
        let items = mei.post("/staff/elsewhere", &lamp).await;
        let lamp = sent_in(&mut mei, &items, "repair").await;
        assert_eq!(desk.get(&format!("/returns/{lamp}")).await["status"], "in_review", "nobody has shown a receipt");

        // It is credit alone that leaves, and there is no credit note of another shop's sale.
        let (status, _) = desk.post(&format!("{path}/receive"), &json!({})).await;
        assert_eq!(status, StatusCode::OK);
        let (status, looked) = desk.post(&format!("{path}/inspect"), &json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]})).await;
        assert_eq!(status, StatusCode::OK, "{looked}");
        let (status, granted) = desk.post(&format!("{path}/grant"), &json!({})).await;
        assert_eq!((status, &granted["granted"]["amount"]), (StatusCode::OK, &json!("98.00")), "{granted}");
        let (status, refused) = desk.post(&format!("{path}/pay"), &json!({"method": "manual", "reference": "till"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        let (status, paid) = desk.post(&format!("{path}/pay"), &json!({"method": "store_credit"})).await;
        assert_eq!((status, &paid["paid"]["amount"]), (StatusCode::OK, &json!("98.00")), "{paid}");
        assert_eq!(desk.get(&format!("{path}/credit-notes")).await, json!([]));
        let credit = desk.get("/customers/anna%40example.com/credit").await;
        assert_eq!(credit["balances"], json!([{"amount": "98.00", "currency": "EUR"}]), "{credit}");
        let books = desk.get(&format!("/orders/{number}/books")).await;
        assert_eq!((&books["captured"], &books["granted"], &books["paid"], &books["due"]), (&json!("98.00"), &json!("98.00"), &json!("98.00"), &json!("0.00")), "{books}");
        let (status, refused) = desk.post(&format!("/orders/{number}/goodwill"), &json!({"amount": "1.00", "currency": "EUR", "reason": "Sorry"})).await;
        assert!(status.is_client_error(), "no present of what another shop was paid: {refused}");
        let trail = app.database.texts("SELECT what FROM audit WHERE what = 'bought_elsewhere'").await;
        assert_eq!(trail.len(), 4);
    }
}

on_both! {
    async fn what_was_bought_elsewhere_is_taken_back_by_machine_by_the_same_rules(database: Database) {
        let app = TestApp::start(database).await;
        let desk = Machine::with(&app, Scope::Staff).await;
        let path = "/returns/elsewhere";
        let today = jiff::Timestamp::now().to_zoned(app.services.shop_zone()).date();
        let kettle = json!({
            "bought": {"shop": "Teehaus am Markt", "on": "2026-10-05", "item": "Kettle", "category": "kitchen", "quantity": 2, "unit_price": "49.00", "currency": "EUR"},
            "customer": {"name": "Anna Berg", "email": "anna@example.com"}, "channel": "counter", "method": "self_ship",
            "lines": [{"line": "1", "quantity": 2, "reason": "dislike", "condition": "opened", "resolution": "store_credit"}],
        });
        let with = |at: &str, value: Value| {
            let mut body = kettle.clone();
            *body.pointer_mut(at).unwrap() = value;
            body
        };
        for scope in [Scope::Read, Scope::Write, Scope::Finance] {
            assert_eq!(Machine::with(&app, scope).await.post(path, &kettle).await.0, StatusCode::FORBIDDEN, "{scope:?}");
        }
        // What is wrong is told at its field, all at once, and nothing is written down.
        for (at, value, field) in [
            ("/bought/shop", json!(" "), "bought.shop"),
            ("/bought/item", json!("x".repeat(201)), "bought.item"),
            ("/bought/on", json!("2126-01-01"), "bought.on"),
            ("/bought/on", json!(today.tomorrow().unwrap().to_string()), "bought.on"),
            ("/bought/quantity", json!(0), "bought.quantity"),
            ("/bought/quantity", json!(101), "bought.quantity"),
            ("/bought/currency", json!("XXY"), "bought.currency"),
            ("/bought/unit_price", json!("49.005"), "bought.unit_price"),
            ("/bought/unit_price", json!("-1"), "bought.unit_price"),
            ("/customer/name", json!(""), "customer.name"),
            ("/customer/email", json!("anna"), "customer.email"),
            ("/lines/0/resolution", json!("gold"), "lines[0].resolution"),
            ("/method", json!("pigeon"), "method"),
        ] {
            let (status, told) = desk.send("POST", path, Some("k-0"), &with(at, value)).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{at}: {told}");
            let fields: Vec<&str> = told["errors"].as_array().unwrap_or_else(|| panic!("{told}")).iter().map(|one| one["field"].as_str().unwrap()).collect();
            assert!(fields.contains(&field), "{at}: {told}");
        }
        let several = json!({"bought": {"shop": "", "on": "x", "item": "Kettle", "quantity": 1, "unit_price": "1", "currency": "EUR"}, "customer": {"name": "A", "email": "a"}, "lines": []});
        assert_eq!(desk.post(path, &several).await.1["errors"].as_array().unwrap().len(), 3);
        assert_eq!(app.database.texts("SELECT what FROM audit WHERE what = 'bought_elsewhere'").await, Vec::<String>::new());

        // No rule takes it: a person decides. Sent twice by one name, it is one purchase and one return.
        let (status, opened) = desk.send("POST", path, Some("k-1"), &kettle).await;
        assert_eq!((status, opened["status"].as_str(), opened["channel"].as_str()), (StatusCode::CREATED, Some("in_review"), Some("counter")), "{opened}");
        let (status, again) = desk.send("POST", path, Some("k-1"), &kettle).await;
        assert_eq!((status, &again["rma"]), (StatusCode::CREATED, &opened["rma"]), "{again}");
        let (status, other) = desk.send("POST", path, Some("k-1"), &with("/bought/unit_price", json!("4900.00"))).await;
        assert_eq!((status, other["type"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/idempotency-key-reused")), "{other}");
        let number = opened["lines"][0]["order"].as_str().unwrap_or_else(|| panic!("{opened}"));
        assert!(number.starts_with("E-"), "{number}");
        let found = desk.get(&format!("/orders/{number}")).await;
        assert_eq!((&found["order"]["elsewhere"]["by"], &found["returnable"][0]["available"]), (&json!("key:staff"), &json!(0)), "{found}");
        // No money comes of it.
        let (status, refused) = desk.post(path, &with("/lines/0/resolution", json!("refund"))).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");

        // By rule, as at the counter; without a name each is another purchase.
        let policy = json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "none", "then": {"closed": true}}], "elsewhere": [
            {"id": "kettles", "when": {"category": "kitchen", "days_since_order": {"max": 3650}}, "then": {"offer": ["store_credit"], "up_to": {"EUR": "120.00"}, "receipt": false}},
            {"id": "rest", "then": {"offer": ["store_credit"]}}]});
        publish(&app, &policy).await;
        let mut shown = kettle.clone();
        shown["proof"] = json!("receipt");
        let mut opened = Vec::new();
        for _ in 0..2 {
            let (status, told) = desk.post(path, &shown).await;
            assert_eq!((status, told["status"].as_str()), (StatusCode::CREATED, Some("approved")), "{told}");
            opened.push(told["rma"].clone());
        }
        assert_ne!(opened[0], opened[1]);
        let (_, unshown) = desk.post(path, &with("/bought/category", json!("lamps"))).await;
        assert_eq!(unshown["status"], "in_review", "nobody has shown a receipt: {unshown}");
        assert_eq!(unshown["lines"][0]["evidence_wanted"][0]["of"], "receipt", "{unshown}");
        let (_, dear) = desk.post(path, &{ let mut dear = shown.clone(); dear["bought"]["unit_price"] = json!("149.00"); dear }).await;
        assert_eq!(dear["status"], "in_review", "298.00 is more than 120.00: {dear}");
        // Bought today, it is the same an hour later.
        let new = with("/bought/on", json!(today.to_string()));
        let (_, first) = desk.send("POST", path, Some("k-2"), &new).await;
        app.services.clock.set_ahead(jiff::SignedDuration::from_secs(5));
        let (status, then) = desk.send("POST", path, Some("k-2"), &new).await;
        assert_eq!((status, &then["rma"]), (StatusCode::CREATED, &first["rma"]), "{then}");
        // The customer hears of it.
        app.run_jobs().await;
        let mail = app.mails().pop().unwrap();
        assert_eq!(MessageParser::default().parse(mail.as_bytes()).unwrap().to().unwrap().first().unwrap().address(), Some("anna@example.com"));
    }
}
