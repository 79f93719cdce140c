//! Guessing at orders, returns, codes and tickets: so often and no more, and nobody is locked out of what is theirs.

use reqwest::{RequestBuilder, StatusCode, header};

use crate::app::{TestApp, order, request};
use crate::databases::on_both;
use crate::entry::{SECRET, mailed_code};
use crate::pages::Visitor;

/// Asks once more.
type Asks<'a> = Box<dyn Fn() -> RequestBuilder + Sync + 'a>;

on_both! {
    async fn guesses_are_limited_by_address_and_by_order(database: Database) {
        let app = TestApp::with(database, |config| {
            config.client_address_header = Some("x-forwarded-for".into());
            config.limits.lookups_per_address = 4;
            config.limits.lookups_per_order = 6;
        })
        .await;
        app.put_order(&order("1")).await;
        let guess = |address: &str, number: &str, contact: &str| {
            let request = app.client.post(format!("{}/", app.base)).header("x-forwarded-for", address.to_owned());
            let request = request.form(&[("number", number), ("contact", contact)]);
            async move { request.send().await.unwrap().headers()[header::LOCATION].to_str().unwrap().to_owned() }
        };
        for _ in 0..4 {
            assert_eq!(guess("10.0.0.1", "1", "x@example.com").await, "/");
        }
        assert_eq!(guess("10.0.0.1", "1", "x@example.com").await, "/busy");
        assert_eq!(guess("10.0.0.1", "2", "x@example.com").await, "/busy", "the address is limited for every order");
        assert_eq!(guess("10.0.0.2", "1", "x@example.com").await, "/");
        assert_eq!(guess("10.0.0.3", "1", "x@example.com").await, "/");
        assert_eq!(guess("10.0.0.4", "1", "wang@example.com").await, "/account", "the order is guarded from every address");
        let busy = app.client.get(format!("{}/busy", app.base)).send().await.unwrap();
        assert_eq!(busy.status(), StatusCode::TOO_MANY_REQUESTS);
    }
}

on_both! {
    async fn strangers_do_not_lock_an_owner_out(database: Database) {
        let app = TestApp::with(database, |config| {
            config.client_address_header = Some("x-forwarded-for".into());
            config.limits.lookups_per_order = 3;
        })
        .await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let verify = format!("/returns/{rma}/verify");
        for stranger in 0..3 {
            for (door, fields) in [
                ("/", vec![("number", "1"), ("contact", "x@example.com")]),
                ("/", vec![("number", "none"), ("contact", "x@example.com")]),
                ("/find-return", vec![("rma", rma.as_str()), ("rma_contact", "x@example.com")]),
            ] {
                let asked = app.client.post(format!("{}{door}", app.base)).header("x-forwarded-for", format!("198.51.100.{stranger}"));
                assert_eq!(asked.form(&fields).send().await.unwrap().headers()[header::LOCATION], "/", "{door}");
            }
        }
        // Whether there is such a thing, and whether what was typed is right, is not told.
        let mut pages = Vec::new();
        for (door, fields) in [
            ("/", vec![("number", "1"), ("contact", "wang@example.com")]),
            ("/", vec![("number", "none"), ("contact", "wang@example.com")]),
            ("/find-return", vec![("rma", rma.as_str()), ("rma_contact", "wang@example.com")]),
            (verify.as_str(), vec![("contact", "wang@example.com")]),
        ] {
            let mut visitor = Visitor::new(&app);
            assert_eq!(visitor.post(door, &fields).await, "/account", "{door}");
            let page = visitor.text("/account").await;
            assert!(page.contains("To keep what is yours safe we send you a code") && page.contains("value=\"wang@example.com\""), "{page}");
            assert!(!page.contains("class=\"errors\""), "it is no mistake of theirs: {page}");
            let nonce = page.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-").to_owned();
            pages.push(page.replace(&nonce, ""));
        }
        assert!(pages.iter().all(|page| *page == pages[0]));
        let mut owner = Visitor::new(&app);
        owner.post("/", &[("number", "1"), ("contact", "wang@example.com")]).await;
        owner.post("/account/code", &[("email", "wang@example.com")]).await;
        app.run_jobs().await;
        let code = mailed_code(&app);
        owner.post("/account/enter", &[("code", &code)]).await;
        let page = owner.text("/account").await;
        assert!(page.contains("Order 1") && page.contains(&rma), "{page}");
        let items = owner.post("/account/return", &[("order", "1")]).await;
        assert!(items.ends_with("/items"), "{items}");
        assert_eq!(owner.get(&format!("/returns/{rma}")).await.status(), StatusCode::OK);
    }
}

on_both! {
    async fn many_guesses_at_once_are_no_more_than_one_after_another(database: Database) {
        let app = TestApp::with(database, |config| {
            config.client_address_header = Some("x-forwarded-for".into());
            config.start.secrets = [SECRET.into()].into_iter().collect();
            (config.limits.lookups_per_address, config.limits.lookups_per_order) = (10, 1_000);
        })
        .await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let mut waiting = Visitor::new(&app);
        waiting.post("/account/code", &[("email", "wang@example.com")]).await;
        let waiting = format!("__Host-homebound={}", waiting.cookie("__Host-homebound").unwrap());
        let post = |path: &str, fields: Vec<(&str, &str)>| app.client.post(format!("{}{path}", app.base)).form(&fields);
        let doors: [(&str, Asks<'_>); 4] = [
            ("/", Box::new(|| post("/", vec![("number", "1"), ("contact", "x@example.com")]))),
            ("/", Box::new(|| post("/find-return", vec![("rma", &rma), ("rma_contact", "x@example.com")]))),
            ("/account", Box::new(|| post("/account/enter", vec![("code", "000000")]).header("cookie", &waiting))),
            ("/start/again", Box::new(|| app.client.get(format!("{}/start?token=a.b.c", app.base)))),
        ];
        for (number, (tried, door)) in doors.iter().enumerate() {
            let guesses = (0..60).map(|_| door().header("x-forwarded-for", format!("192.0.2.{number}")).send());
            let answers = futures::future::join_all(guesses).await;
            let led: Vec<String> = answers.into_iter().map(|answer| answer.unwrap().headers()[header::LOCATION].to_str().unwrap().to_owned()).collect();
            let count = |place: &str| led.iter().filter(|led| *led == place).count();
            assert_eq!((count(tried), count("/busy")), (10, 50), "{number}: {led:?}");
        }
        // Who is right has not guessed.
        for _ in 0..25 {
            let found = post("/", vec![("number", "1"), ("contact", "wang@example.com")]).header("x-forwarded-for", "192.0.2.99");
            let led = found.send().await.unwrap().headers()[header::LOCATION].to_str().unwrap().to_owned();
            assert!(led.ends_with("/items"), "{led}");
            let shown = post("/find-return", vec![("rma", &rma), ("rma_contact", "wang@example.com")]).header("x-forwarded-for", "192.0.2.99");
            assert_eq!(shown.send().await.unwrap().headers()[header::LOCATION], format!("/returns/{rma}"));
        }
    }
}
