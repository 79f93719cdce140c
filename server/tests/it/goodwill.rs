//! Money that is given back although nothing comes back (P25): goodwill, and the difference to a lower price. Whatever comes back before, after or
//! at the same moment, an order's books are right to the cent.

use domain::money::Currency;
use domain::staff::StaffLimits;
use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::{self, Scope};

use crate::app::{TestApp, add_key, answer, days_ago};
use crate::databases::on_both;
use crate::staff::{free, hire};

/// Two coats of 50.00.
fn coats(number: &str) -> Value {
    json!({"number": number, "placed_at": days_ago(4), "currency": "CNY", "customer": {"email": "a@b.org", "name": "Anna", "locale": "en"},
        "ship_to": {"country": "CN"}, "deliveries": [{"delivered_at": days_ago(2)}],
        "lines": [{"id": "a", "sku": "a", "name": "Coat", "quantity": 2, "unit_price": "50.00"}]})
}

fn faulty(units: u32) -> Value {
    json!({"orders": ["1"], "method": "self_ship",
        "lines": [{"line": "a", "quantity": units, "reason": "quality", "sub_reason": "cosmetic_flaw", "condition": "opened", "resolution": "refund"}]})
}

fn present(amount: &str) -> Value {
    json!({"amount": amount, "currency": "CNY", "reason": "Sorry that it came late.", "note": "second time"})
}

fn lower(units: u32, price: &str) -> Value {
    json!({"line": "a", "quantity": units, "price": price, "reason": "It is on sale since yesterday."})
}

struct Shop {
    app: TestApp,
    key: String,
}

impl Shop {
    async fn open(database: crate::databases::Database) -> Self {
        let app = TestApp::start(database).await;
        app.put_order(&coats("1")).await;
        let key = add_key(&app.services, "support", Scope::Staff).await;
        Self { app, key }
    }

    async fn send(&self, key: &str, name: Option<&str>, body: &Value) -> (StatusCode, Value) {
        let sent = self.app.client.post(format!("{}/api/v1/orders/1/goodwill", self.app.base)).bearer_auth(key).json(body);
        let sent = match name {
            Some(name) => sent.header("idempotency-key", name),
            None => sent,
        };
        answer(sent.send().await.unwrap()).await
    }

    /// What was given.
    async fn give(&self, body: &Value) -> String {
        let (status, given) = self.send(&self.key, None, body).await;
        assert_eq!(status, StatusCode::CREATED, "{given}");
        given["amount"]["amount"].as_str().unwrap().to_owned()
    }

    async fn refused(&self, body: &Value) -> (u16, String) {
        let (status, problem) = self.send(&self.key, None, body).await;
        (status.as_u16(), problem["detail"].as_str().unwrap().to_owned())
    }

    async fn back(&self, units: u32) -> (String, String) {
        let (status, opened) = self.app.post("/returns", &faulty(units)).await;
        assert_eq!(status, 201, "{opened}");
        (opened["rma"].as_str().unwrap().to_owned(), opened["expected"]["amount"].as_str().unwrap().to_owned())
    }

    async fn expected(&self, rma: &str) -> String {
        self.app.get(&format!("/returns/{rma}")).await.1["expected"]["amount"].as_str().unwrap().to_owned()
    }

    async fn books(&self) -> Value {
        let (status, books) = self.app.get("/orders/1/books").await;
        assert_eq!(status, 200, "{books}");
        books
    }

    /// Granted, of it goodwill, and expected.
    async fn stands(&self) -> [String; 3] {
        let books = self.books().await;
        ["granted", "goodwill", "expected"].map(|name| books[name].as_str().unwrap().to_owned())
    }
}

on_both! {
    async fn goodwill_stands_beside_returns_and_leaves_no_more_than_was_captured(database: Database) {
        let shop = Shop::open(database).await;
        assert_eq!(shop.give(&present("30.00")).await, "30.00");
        assert_eq!(shop.stands().await, ["30.00", "30.00", "0.00"]);
        let (rma, first) = shop.back(1).await;
        assert_eq!(first, "50.00", "it is not taken off what comes back");
        let (_, second) = shop.back(1).await;
        assert_eq!(second, "20.00", "but no more goes back than was paid");
        assert_eq!(shop.stands().await, ["30.00", "30.00", "70.00"]);
        // What is given while a return is open leaves it less, and its customer is told.
        assert_eq!(shop.give(&present("60.00")).await, "60.00");
        assert_eq!(shop.stands().await, ["90.00", "90.00", "10.00"]);
        let (_, timeline) = shop.app.get(&format!("/returns/{rma}/timeline")).await;
        let entries = timeline["entries"].as_array().unwrap();
        assert!(entries.iter().any(|entry| entry["code"] == "expected_changed" && entry["because"] == "credited_outside"), "{timeline}");
        assert_eq!(shop.refused(&present("10.01")).await, (409, "10.00 CNY is left of what was captured".into()));
        let books = shop.books().await;
        assert_eq!(books["concessions"].as_array().unwrap().len(), 2, "{books}");
        assert!(!books.to_string().contains("second time"), "notes are for people at work: {books}");
    }
}

on_both! {
    async fn a_lower_price_is_refunded_once_and_goes_when_its_unit_comes_back(database: Database) {
        let shop = Shop::open(database).await;
        assert_eq!(shop.give(&lower(2, "40.00")).await, "20.00");
        assert_eq!(shop.refused(&lower(2, "40.00")).await.0, 409, "twice");
        let (rma, first) = shop.back(1).await;
        assert_eq!(first, "40.00", "10.00 of its 50.00 were given");
        let (_, opened) = shop.app.get(&format!("/returns/{rma}")).await;
        let row = opened["settlement"].as_array().unwrap().iter().find(|row| row["kind"] == "price_protection").unwrap_or_else(|| panic!("{opened}"));
        assert_eq!(row["amount"]["amount"].as_str().or(row["amount"].as_str()), Some("-10.00"), "{opened}");
        assert_eq!(shop.refused(&lower(2, "30.00")).await, (422, "quantity: 1 units of it are in no return".into()));
        assert_eq!(shop.give(&lower(1, "30.00")).await, "10.00", "what stays costs less still");
        assert_eq!(shop.expected(&rma).await, "40.00");
        shop.app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        let (_, both) = shop.back(2).await;
        assert_eq!(both, "70.00");
        assert_eq!(shop.stands().await, ["30.00", "0.00", "70.00"]);
    }
}

on_both! {
    async fn a_lower_price_after_a_return_is_for_what_stays(database: Database) {
        let shop = Shop::open(database).await;
        let (rma, first) = shop.back(1).await;
        assert_eq!((first.as_str(), shop.give(&lower(1, "45.00")).await.as_str()), ("50.00", "5.00"));
        assert_eq!(shop.expected(&rma).await, "50.00");
        let (_, second) = shop.back(1).await;
        assert_eq!((second.as_str(), shop.stands().await), ("45.00", ["5.00".into(), "0.00".into(), "95.00".into()]));
    }
}

on_both! {
    async fn the_customer_hears_at_once_in_their_words_and_colleagues_find_who_gave_it(database: Database) {
        let shop = Shop::open(database).await;
        shop.give(&present("10.00")).await;
        shop.give(&lower(1, "45.00")).await;
        shop.app.run_jobs().await;
        let mails = shop.app.mails();
        let mails: Vec<_> = mails.iter().map(|mail| MessageParser::default().parse(mail.as_bytes()).unwrap()).collect();
        let texts: Vec<String> = mails.iter().map(|mail| mail.body_text(0).unwrap().into_owned()).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        let told = |words: &str| texts.iter().find(|text| text.contains(words)).unwrap_or_else(|| panic!("{texts:?}"));
        assert!(told("Sorry that it came late.").contains("10.00") && told("on sale since yesterday").contains("Coat"), "{texts:?}");
        assert!(!texts.concat().contains("second time"), "{texts:?}");
        let mut read = shop.app.services.store.read().await.unwrap();
        let rows = store::audit_of(&mut read.conn(), "order:1", 10).await.unwrap();
        let mut noted: Vec<_> = rows.into_iter().map(|row| (row.note.actor, row.note.what, row.note.after.unwrap())).collect();
        noted.sort();
        let by = |what: &str, after: &str| ("key:support".to_owned(), what.to_owned(), after.to_owned());
        assert_eq!(noted, [by("goodwill", "10.00 CNY"), by("price_protection", "5.00 CNY")]);
    }
}

on_both! {
    async fn what_is_sent_again_is_given_once_and_two_at_once_give_no_more_than_there_is(database: Database) {
        let shop = Shop::open(database).await;
        let (small, large, both) = (present("30.00"), present("60.00"), faulty(2));
        let (first, again) = tokio::join!(shop.send(&shop.key, Some("g1"), &small), shop.send(&shop.key, Some("g1"), &small));
        assert_eq!((first.0.as_u16(), &first.1), (201, &again.1), "{again:?}");
        assert_eq!(shop.stands().await[0], "30.00");
        assert_eq!(shop.send(&shop.key, Some("g1"), &present("31.00")).await.0, StatusCode::UNPROCESSABLE_ENTITY, "another under the same name");
        let (one, two, returned) = tokio::join!(shop.send(&shop.key, None, &large), shop.send(&shop.key, None, &large), shop.app.post("/returns", &both));
        let mut statuses = [one.0.as_u16(), two.0.as_u16()];
        statuses.sort_unstable();
        assert_eq!((statuses, returned.0.as_u16()), ([201, 409], 201));
        assert_eq!(shop.stands().await, ["90.00", "90.00", "10.00"]);
        shop.app.run_jobs().await;
    }
}

on_both! {
    async fn what_cannot_be_given_is_refused_and_says_why(database: Database) {
        let shop = Shop::open(database).await;
        for (body, status, says) in [
            (json!({"reason": "x"}), 422, "either `amount` and `currency`"),
            (json!({"amount": "1.00", "currency": "CNY", "line": "a", "reason": "x"}), 422, "either `amount`"),
            (json!({"amount": "1.00", "reason": "x"}), 422, "currency: is missing"),
            (json!({"amount": "1.00", "currency": "EUR", "reason": "x"}), 422, "currency is CNY"),
            (json!({"amount": "1.001", "currency": "CNY", "reason": "x"}), 422, "amount"),
            (json!({"amount": "0.00", "currency": "CNY", "reason": "x"}), 422, "above nothing"),
            (json!({"amount": "-1.00", "currency": "CNY", "reason": "x"}), 422, "above nothing"),
            (json!({"amount": "1.00", "currency": "CNY", "reason": " "}), 422, "reason"),
            (json!({"line": "a", "quantity": 1, "reason": "x"}), 422, "price: is missing"),
            (json!({"line": "b", "quantity": 1, "price": "1.00", "reason": "x"}), 422, "not in this order"),
            (json!({"line": "a", "quantity": 0, "price": "1.00", "reason": "x"}), 422, "quantity"),
            (json!({"line": "a", "quantity": 3, "price": "1.00", "reason": "x"}), 422, "2 units"),
            (json!({"line": "a", "quantity": 1, "price": "50.00", "reason": "x"}), 409, "not less"),
            (present("100.01"), 409, "100.00 CNY is left"),
        ] {
            let (refused, detail) = shop.refused(&body).await;
            assert!(refused == status && detail.contains(says), "{body}: {refused} {detail}");
        }
        for (scope, status) in [(Scope::Read, 403), (Scope::Write, 403), (Scope::Finance, 201), (Scope::Admin, 201)] {
            let key = add_key(&shop.app.services, &format!("{scope:?}"), scope).await;
            assert_eq!(shop.send(&key, None, &present("1.00")).await.0.as_u16(), status, "{scope:?}");
        }
        assert_eq!(shop.stands().await[0], "2.00");
    }
}

on_both! {
    async fn an_order_told_anew_keeps_the_money_of_when_something_was_given(database: Database) {
        let shop = Shop::open(database).await;
        shop.give(&present("60.00")).await;
        shop.give(&lower(2, "45.00")).await;
        let mut told = coats("1");
        told["lines"][0]["unit_price"] = json!("500.00");
        shop.app.put_order(&told).await;
        let books = shop.books().await;
        assert_eq!((&books["captured"], &books["told_anew"], &books["granted"]), (&json!("100.00"), &json!(true), &json!("70.00")), "{books}");
        let (_, both) = shop.back(2).await;
        assert_eq!(both, "30.00");
    }
}

on_both! {
    async fn people_look_at_an_amount_before_they_give_it_within_their_limits(database: Database) {
        let shop = Shop::open(database).await;
        let cny: Currency = "CNY".parse().unwrap();
        let limits = StaffLimits { refund_up_to: Some(vec![(cny, 2_500)]), ..free() };
        let (_, _, mut mei) = hire(&shop.app, "Mei", "support", limits).await;
        let (page, form) = ("/staff/orders/1", "/staff/orders/1/goodwill");
        let found = mei.get("/staff/search?q=1").await.1;
        assert!(found.contains("href=\"/staff/orders/1\""), "{found}");
        let shown = mei.get(page).await.1;
        let key = shown.split("name=\"key\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        for (amount, reason, says) in [
            ("", "Sorry", "Write an amount above 0"),
            ("ten", "Sorry", "Write an amount above 0"),
            ("1,000", "Sorry", "Write an amount above 0"),
            ("1.000", "Sorry", "Write an amount above 0"),
            ("1,000.00", "Sorry", "Write an amount above 0"),
            ("10.00", "", "the customer reads it"),
            ("25.01", "Sorry", "more than you may approve"),
            ("100.01", "Sorry", "more than is left"),
        ] {
            let to = mei.post(form, &[("what", "goodwill"), ("key", &key), ("amount", amount), ("goodwill-reason", reason)]).await;
            assert_eq!(to, page);
            mei.says(page, says).await;
        }
        assert_eq!(shop.stands().await[0], "0.00", "looking gives nothing");
        let good = [("what", "goodwill"), ("key", &key), ("amount", "10,00"), ("goodwill-reason", "Sorry!"), ("goodwill-note", "calls daily")];
        mei.post(form, &good).await;
        let looked = mei.get(page).await.1;
        assert!(looked.contains("will be given back") && looked.contains("name=\"seen\" value=\"1000\""), "{looked}");
        // Another amount than the one that was seen is looked at first.
        let other = [good[0], good[1], ("amount", "11.00"), good[3], ("seen", "1000")];
        mei.post(form, &other).await;
        assert_eq!(shop.stands().await[0], "0.00");
        let given: Vec<(&str, &str)> = good.into_iter().chain([("seen", "1000")]).collect();
        for _ in 0..2 {
            assert_eq!(mei.post(form, &given).await, page);
            mei.says(page, "Order 1: ").await;
            assert_eq!(shop.stands().await[0], "10.00", "once, however often it is pressed");
        }
        let price = [("what", "price"), ("key", &key[..8]), ("line", "a"), ("units", "2"), ("now", "45.00"), ("price-reason", "On sale"), ("seen", "1000")];
        mei.post(form, &price).await;
        let shown = mei.get(page).await.1;
        for words in ["Price of 2 × Coat lowered", "calls daily", "Sorry!", "On sale", "Goodwill"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert_eq!(shop.stands().await[0], "20.00");
        // In how many pieces it is given is no matter.
        let more = [("what", "goodwill"), ("key", "another"), ("amount", "5.01"), ("goodwill-reason", "Sorry"), ("seen", "501")];
        assert_eq!(mei.post(form, &more).await, page);
        mei.says(page, "more than you may approve").await;
        assert_eq!(shop.stands().await[0], "20.00");
        let (rma, _) = shop.back(1).await;
        assert!(mei.get(&format!("/staff/returns/{rma}")).await.1.contains("href=\"/staff/orders/1\""));
        let (_, _, mut lu) = hire(&shop.app, "Lu", "warehouse", free()).await;
        assert!(!lu.get(page).await.1.contains("name=\"what\""), "the warehouse gives nothing away");
        lu.post(form, &given).await;
        assert_eq!(shop.stands().await[0], "20.00");
    }
}
