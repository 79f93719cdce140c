//! Credit in the shop (P16): a ledger that is never negative, spent and given back once by each reference, and shown to whom it belongs.

use domain::compensation::PointsKind;
use domain::credit::CreditKind;
use domain::money::Money;
use domain::rma::RmaNumber;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::compose;
use server::store::{self, Booked, CreditEntry, PointsEntry, Scope, StoreError};

use crate::app::{TestApp, add_key, order, request};
use crate::command_line::{homebound, text};
use crate::databases::on_both;
use crate::dock_rules::publish;
use crate::entry::mailed_code;
use crate::pages::Visitor;
use crate::review::Machine;
use crate::talk::last_mail;

fn yuan(minor: i64) -> Money {
    Money::new(minor, "CNY".parse().unwrap())
}

/// Somebody who showed that a mail address is theirs.
pub async fn code_of(app: &TestApp, visitor: &mut Visitor<'_>, email: &str) {
    visitor.post("/account/code", &[("email", email)]).await;
    app.run_jobs().await;
    let code = mailed_code(app);
    visitor.post("/account/enter", &[("code", &code)]).await;
}

fn rma() -> RmaNumber {
    RmaNumber::from_random(1).unwrap()
}

/// Books credit, as a payment does.
async fn book(app: &TestApp, holder: &str, kind: CreditKind, minor: i64, cause: &str) -> Booked {
    let entry = CreditEntry {
        order: Some("1".into()),
        rma: cause.starts_with("R-").then(rma),
        ..CreditEntry::new(holder, kind, yuan(minor), cause, Timestamp::now())
    };
    let written = app.services.store.write(move |mut conn| Box::pin(async move { store::book_credit(&mut conn, &entry).await }));
    written.await.map_err(|error: StoreError| error).unwrap()
}

async fn balances(machine: &Machine<'_>, holder: &str) -> Value {
    machine.get(&format!("/customers/{holder}/credit")).await["balances"].clone()
}

fn spend(amount: &str, reference: &str) -> Value {
    json!({"amount": amount, "currency": "CNY", "reference": reference})
}

on_both! {
    async fn what_was_booked_is_spent_and_given_back_once(database: Database) {
        let app = TestApp::start(database).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        assert_eq!(finance.get("/customers/c-1/credit").await, json!({"balances": [], "entries": []}));
        assert_eq!(book(&app, "c-1", CreditKind::Refund, 10_000, &format!("{}-p1", rma())).await, Booked::New);
        assert_eq!(book(&app, "c-1", CreditKind::Refund, 10_000, &format!("{}-p1", rma())).await, Booked::Known, "pressed twice");
        assert_eq!(book(&app, "c-1", CreditKind::Bonus, 500, &format!("{}-p1-bonus", rma())).await, Booked::New);
        assert_eq!(balances(&finance, "c-1").await, json!([{"amount": "105.00", "currency": "CNY"}]));

        let redeem = "/customers/c-1/credit/redeem";
        let mut asked = spend("40.00", "checkout-1");
        asked["order"] = json!("77");
        let (status, first) = finance.post(redeem, &asked).await;
        assert_eq!((status, &first["amount"]), (StatusCode::OK, &json!({"amount": "-40.00", "currency": "CNY"})), "{first}");
        assert_eq!((first["kind"].as_str(), first["order"].as_str(), first["reference"].as_str()), (Some("redeem"), Some("77"), Some("checkout-1")));
        assert_eq!(finance.post(redeem, &asked).await, (StatusCode::OK, first), "sent again, spent once");
        for other in [spend("41.00", "checkout-1"), spend("40.00", "checkout-1"), json!({"amount": "40.00", "currency": "EUR", "reference": "checkout-1", "order": "77"})] {
            let (status, refused) = finance.post(redeem, &other).await;
            assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/reference-used")), "{refused}");
        }
        let (status, refused) = finance.post(redeem, &spend("65.01", "checkout-2")).await;
        assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/too-little-credit")));
        assert_eq!(refused["detail"], "there is not so much; 65.00 CNY is left");
        let (_, refused) = finance.post(redeem, &json!({"amount": "1.00", "currency": "EUR", "reference": "checkout-3"})).await;
        assert_eq!(refused["detail"], "there is not so much; 0.00 EUR is left");
        for wrong in [spend("0.00", "a"), spend("-1.00", "a"), spend("1.001", "a"), spend("1.00", ""), spend("1.00", "a b"), spend("1.00", &"a".repeat(101)), json!({"amount": "1.00", "currency": "zz", "reference": "a"}), json!({"currency": "CNY", "reference": "a"})] {
            assert_eq!(finance.post(redeem, &wrong).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }

        let release = "/customers/c-1/credit/release";
        let (status, back) = finance.post(release, &json!({"reference": "checkout-1"})).await;
        assert_eq!((status, back["kind"].as_str(), &back["amount"]["amount"]), (StatusCode::OK, Some("release"), &json!("40.00")), "{back}");
        assert_eq!(finance.post(release, &json!({"reference": "checkout-1"})).await, (StatusCode::OK, back), "once");
        let (status, refused) = finance.post(redeem, &asked).await;
        assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/released")), "nobody thinks that it is spent");
        // By that reference somebody else spent nothing.
        for (path, reference) in [(release, "checkout-9"), ("/customers/c-2/credit/release", "checkout-1")] {
            assert_eq!(finance.post(path, &json!({"reference": reference})).await.0, StatusCode::NOT_FOUND);
        }

        let told = finance.get("/customers/c-1/credit").await;
        let kinds: Vec<&str> = told["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!((kinds, &told["balances"][0]["amount"]), (vec!["release", "redeem", "bonus", "refund"], &json!("105.00")));
        assert_eq!(told["entries"][3]["rma"], rma().to_string());
        let before = told["entries"][1]["id"].as_str().unwrap();
        let page = finance.get(&format!("/customers/c-1/credit?before={before}&limit=1")).await;
        assert_eq!((page["entries"].as_array().unwrap().len(), &page["entries"][0]["kind"]), (1, &json!("bonus")));
        let audit = app.database.texts("SELECT what || ' ' || actor FROM audit WHERE what LIKE '%credit' ORDER BY what").await;
        assert_eq!(audit, ["redeem_credit key:finance", "release_credit key:finance"]);
    }
}

/// A return paid as credit by rule: 100.00 of an order that went there.
async fn paid_as_credit(app: &TestApp, desk: &Machine<'_>, number: &str, country: &str) {
    let mut bought = order(number);
    bought["customer"] = json!({"id": format!("c-{number}"), "email": format!("c{number}@example.com"), "locale": "en"});
    bought["ship_to"]["country"] = json!(country);
    bought["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": 1, "unit_price": "100.00"}]);
    bought["shipping"] = json!("0.00");
    bought["payments"] = json!([{"id": format!("pi_{number}"), "method": "card", "amount": "100.00"}]);
    app.put_order(&bought).await;
    let mut asked = request(number, "1", 1);
    asked["lines"][0]["resolution"] = json!("store_credit");
    let (_, opened) = app.post("/returns", &asked).await;
    let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}"));
    desk.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
    let (status, looked) = desk
        .post(&format!("/returns/{rma}/inspect"), &json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock"}]}))
        .await;
    assert_eq!(status, StatusCode::OK, "{looked}");
}

on_both! {
    async fn credit_ends_only_where_that_is_lawful_once_and_after_its_holder_was_told(database: Database) {
        let app = TestApp::with(database, |config| {
            config.credit.ends_after_months = 12;
            config.credit.ends_in = vec!["DE".parse().unwrap()];
        })
        .await;
        let (desk, finance) = (Machine::with(&app, Scope::Admin).await, Machine::with(&app, Scope::Finance).await);
        publish(&app, &json!({"homebound_policy": 1, "time_zone": "Asia/Shanghai", "window": [{"id": "all", "then": {"days": 365}}],
            "resolution": [{"id": "all", "then": {"offer": ["store_credit"]}}], "payout": [{"id": "all", "then": {"by": "rules"}}]})).await;
        paid_as_credit(&app, &desk, "1", "DE").await;
        paid_as_credit(&app, &desk, "2", "CN").await;
        let entries = async |holder: &str| finance.get(&format!("/customers/{holder}/credit")).await["entries"].as_array().unwrap().clone();
        assert_eq!(entries("c-2").await[0].get("expires_at"), None, "with a holder's name it has no end there");
        let first = entries("c-1").await.remove(0);
        let ends: Timestamp = first["expires_at"].as_str().unwrap_or_else(|| panic!("{first}")).parse().unwrap();
        let now = app.services.clock.now();
        let zone = app.services.shop_zone();
        let (given, end) = (now.to_zoned(zone.clone()), ends.to_zoned(zone));
        assert_eq!((end.year(), end.month(), end.day(), end.hour()), (given.year() + 4, 1, 1, 0), "the law asks for more than a year");

        let redeem = |amount: &'static str, reference: &'static str| finance.post("/customers/c-1/credit/redeem", Box::leak(Box::new(spend(amount, reference))));
        assert_eq!(redeem("30.00", "r1").await.0, StatusCode::OK);
        let sweeps = async || compose::worker(&app.services).unwrap().keep_time_once().await.unwrap();
        let kinds = async |holder: &str| entries(holder).await.iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let about = || app.mails().iter().filter(|mail| MessageParser::default().parse(mail.as_bytes()).unwrap().subject().unwrap().starts_with("Your credit of")).count();
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        app.services.clock.advance(ends.duration_since(now) - days(31));
        sweeps().await;
        app.run_jobs().await;
        assert_eq!(about(), 0, "not before");
        app.services.clock.advance(days(2));
        for _ in 0..2 {
            sweeps().await;
            app.services.clock.advance(SignedDuration::from_hours(2));
            app.run_jobs().await;
        }
        assert_eq!(about(), 1, "told once");
        let (subject, text, _) = last_mail(&app);
        assert!(subject.contains("70.00") && text.contains("December"), "{subject}: {text}");
        assert_eq!(kinds("c-1").await, ["redeem", "refund"], "it can still be spent");

        app.services.clock.advance(days(30));
        for _ in 0..2 {
            sweeps().await;
            app.services.clock.advance(SignedDuration::from_hours(2));
        }
        let ended = entries("c-1").await.remove(0);
        assert_eq!((ended["kind"].as_str(), &ended["amount"]["amount"], ended["order"].as_str()), (Some("expire"), &json!("-70.00"), Some("1")), "{ended}");
        assert_eq!((kinds("c-1").await.len(), balances(&finance, "c-1").await), (3, json!([])), "once");
        assert_eq!(balances(&finance, "c-2").await, json!([{"amount": "100.00", "currency": "CNY"}]));
        assert_eq!(redeem("1.00", "r2").await.0, StatusCode::CONFLICT);
        // What was spent in time and came to nothing stands again, without end.
        let (status, back) = finance.post("/customers/c-1/credit/release", &json!({"reference": "r1"})).await;
        assert_eq!(status, StatusCode::OK, "{back}");
        sweeps().await;
        assert_eq!(balances(&finance, "c-1").await, json!([{"amount": "30.00", "currency": "CNY"}]));
        let mut visitor = Visitor::new(&app);
        code_of(&app, &mut visitor, "c1@example.com").await;
        let page = visitor.text("/account/credit").await;
        assert!(page.contains("ended: its time was over"), "{page}");
        // What was said then stands, though all of it is over.
        let inbox = visitor.text("/account/inbox").await;
        assert_eq!(inbox.matches("Your credit of").count(), 1, "{inbox}");
        assert!(inbox.contains("70.00"), "{inbox}");
    }
}

on_both! {
    async fn credit_is_finances_to_spend(database: Database) {
        let app = TestApp::start(database).await;
        book(&app, "c-1", CreditKind::Refund, 10_000, "a").await;
        for (scope, reads) in [(Scope::Read, true), (Scope::Write, true), (Scope::Staff, true), (Scope::Metrics, false)] {
            let key = add_key(&app.services, scope.code(), scope).await;
            let asked = |method: &str, path: &str| app.client.request(method.parse().unwrap(), format!("{}/api/v1/customers/c-1/credit{path}", app.base)).bearer_auth(&key);
            assert_eq!(asked("GET", "").send().await.unwrap().status().is_success(), reads, "{scope:?}");
            for (path, body) in [("/redeem", spend("1.00", "a")), ("/release", json!({"reference": "a"}))] {
                assert_eq!(asked("POST", path).json(&body).send().await.unwrap().status(), StatusCode::FORBIDDEN, "{scope:?} {path}");
            }
        }
        assert_eq!(app.database.texts("SELECT kind FROM credit_entries").await, ["refund"]);
    }
}

on_both! {
    async fn twenty_at_once_spend_no_more_than_there_is(database: Database) {
        let app = TestApp::start(database).await;
        let finance = Machine::with(&app, Scope::Finance).await;
        book(&app, "c-1", CreditKind::Refund, 5_500, "a").await;
        let asked = (0..20).map(|number| {
            let finance = &finance;
            async move { finance.post("/customers/c-1/credit/redeem", &spend("10.00", &format!("r{number}"))).await.0 }
        });
        let answers = join_all(asked).await;
        let spent = answers.iter().filter(|status| **status == StatusCode::OK).count();
        assert_eq!((spent, answers.iter().filter(|status| **status == StatusCode::CONFLICT).count()), (5, 15), "{answers:?}");
        assert_eq!(balances(&finance, "c-1").await, json!([{"amount": "5.00", "currency": "CNY"}]));
        // The same, twenty times: spent once. Given back twenty times: once.
        for path in ["redeem", "release"] {
            let asked = (0..20).map(|_| {
                let finance = &finance;
                async move {
                    let body = if path == "redeem" { spend("5.00", "same") } else { json!({"reference": "same"}) };
                    finance.post(&format!("/customers/c-1/credit/{path}"), &body).await
                }
            });
            let answers = join_all(asked).await;
            assert!(answers.iter().all(|(status, told)| *status == StatusCode::OK && told["id"] == answers[0].1["id"]), "{answers:?}");
        }
        assert_eq!(balances(&finance, "c-1").await, json!([{"amount": "5.00", "currency": "CNY"}]));
        let sums = "SELECT CAST(SUM(amount) AS TEXT) FROM credit_entries";
        assert_eq!(app.database.texts(sums).await, ["500"]);
    }
}

on_both! {
    async fn shoppers_see_their_own_and_nobody_elses(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut other = order("2");
        other["customer"] = json!({"id": "c-2", "email": "li@example.com", "locale": "en"});
        app.put_order(&other).await;
        // Of who has no name with the shop, and of somebody whose addresses are two people's.
        let mut guest = order("3");
        guest["customer"] = json!({"email": "wang@example.com"});
        app.put_order(&guest).await;
        for (number, email) in [("4", "wang@example.com"), ("5", "li@example.com")] {
            let mut shared = order(number);
            shared["customer"] = json!({"id": "c-both", "email": email});
            app.put_order(&shared).await;
        }
        book(&app, "c-1", CreditKind::Refund, 8_900, &format!("{}-p1", rma())).await;
        book(&app, "c-1", CreditKind::Bonus, 445, &format!("{}-p1-bonus", rma())).await;
        book(&app, "c-2", CreditKind::Refund, 77_777, "b").await;
        book(&app, "c-both", CreditKind::Refund, 55_555, "c").await;
        book(&app, "wang@example.com", CreditKind::Refund, 1_000, "d").await;
        let finance = Machine::with(&app, Scope::Finance).await;
        finance.post("/customers/c-1/credit/redeem", &spend("3.45", "checkout-1")).await;

        let mut visitor = Visitor::new(&app);
        let page = visitor.text("/account/credit").await;
        assert!(page.contains("href=\"/account\"") && !page.contains("89.00"), "{page}");
        code_of(&app, &mut visitor, "wang@example.com").await;
        let orders = visitor.text("/account").await;
        assert!(orders.contains("href=\"/account/credit\"") && orders.contains("100.00"), "{orders}");
        let page = visitor.text("/account/credit").await;
        for part in ["100.00", "89.00", "4.45", "−CN¥\u{a0}3.45", "On top of the refund", &rma().to_string()] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("777.77") && !page.contains("555.55"), "{page}");
        for (language, words) in [("zh-CN", "购物金"), ("de", "Guthaben"), ("fr", "Bon d’achat")] {
            visitor.follow(&format!("/account/credit?lang={language}")).await;
            let page = visitor.text("/account/credit").await;
            assert!(page.to_lowercase().contains(&words.to_lowercase()) && page.contains("100"), "{page}");
        }
        let mut other = Visitor::new(&app);
        code_of(&app, &mut other, "li@example.com").await;
        let page = other.text("/account/credit").await;
        assert!(page.contains("777.77") && !page.contains("100.00") && !page.contains("555.55"), "{page}");
    }
}

on_both! {
    async fn a_balance_that_is_not_its_entries_is_found_and_mended(database: Database) {
        let app = TestApp::start(database).await;
        book(&app, "c-1", CreditKind::Refund, 5_000, "a").await;
        let doctor = |more: &[&str]| {
            let arguments = [&["doctor", "--json"], more].concat();
            let folder = app.database.folder.path();
            text(&homebound(folder, &arguments).env("HOMEBOUND_DATABASE_URL", &app.database.address).env("HOMEBOUND_DEMO", "true").output().unwrap().stdout)
        };
        assert!(!doctor(&[]).contains("\"credit\""));
        app.database.meddle("UPDATE credit_balances SET balance = 4999").await;
        let said = doctor(&[]);
        assert!(said.contains("\"credit\"") && !said.contains("c-1"), "{said}");
        doctor(&["--fix"]);
        assert!(!doctor(&[]).contains("\"credit\""));
        assert_eq!(app.database.texts("SELECT CAST(balance AS TEXT) FROM credit_balances").await, ["5000"]);
    }
}

on_both! {
    async fn so_is_a_balance_of_points_but_none_below_nothing(database: Database) {
        let app = TestApp::start(database).await;
        for (kind, points, cause) in [(PointsKind::Give, 300, "a"), (PointsKind::Redeem, -100, "b")] {
            let entry = PointsEntry::new("c-1", kind, points, cause, Timestamp::now());
            let written = app.services.store.write(move |mut conn| Box::pin(async move { store::book_points(&mut conn, &entry).await }));
            assert_eq!(written.await.map_err(|error: StoreError| error).unwrap(), Booked::New);
        }
        let doctor = |more: &[&str]| {
            let arguments = [&["doctor", "--json"], more].concat();
            let folder = app.database.folder.path();
            text(&homebound(folder, &arguments).env("HOMEBOUND_DATABASE_URL", &app.database.address).env("HOMEBOUND_DEMO", "true").output().unwrap().stdout)
        };
        assert!(!doctor(&[]).contains("\"points\""), "C35");
        app.database.meddle("UPDATE points_balances SET balance = 300").await;
        let said = doctor(&[]);
        assert!(said.contains("\"points\"") && said.contains("entries come to 200") && !said.contains("c-1"), "{said}");
        doctor(&["--fix"]);
        assert!(!doctor(&[]).contains("\"points\""));
        let balances = "SELECT CAST(balance AS TEXT) FROM points_balances";
        assert_eq!(app.database.texts(balances).await, ["200"]);
        // An entry is gone: what comes to less than nothing is for a person to see to.
        app.database.meddle("DELETE FROM points_entries WHERE cause = 'a'").await;
        assert!(doctor(&["--fix"]).contains("\"points\""));
        assert!(doctor(&[]).contains("\"points\""));
        assert_eq!(app.database.texts(balances).await, ["200"]);
    }
}
