//! Ways in: one click from the shop, a code by mail, a link to another device, a link in a mail.
//! Long because each way in has its cases, and each way to come in by it that must fail.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::words::Locale;
use hmac::Mac;
use jiff::SignedDuration;
use mail_parser::MessageParser;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::desks::{Desk, Session, Visitor as AtDesk};
use server::secrets;
use server::store;

use app::ports::DeskError;

use crate::app::{TestApp, order, request};
use crate::databases::{self, Database, on_both};
use crate::pages::Visitor;

pub const SECRET: &str = "the shop and the portal share this secret";
const NEXT_SECRET: &str = "and from next month on they share this one";

/// A portal that the shop can open.
async fn opened_by_shop(database: Database) -> TestApp {
    TestApp::with(database, |config| {
        config.start.secrets = [NEXT_SECRET.into(), SECRET.into()].into_iter().collect();
        config.limits.lookups_per_address = 1_000;
    })
    .await
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token as a shop makes it, by hand.
pub fn sign(header: &Value, claims: &Value, secret: &str) -> String {
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = secrets::keyed(secret.as_bytes()).chain_update(&signed).finalize().into_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn token(claims: &Value) -> String {
    sign(&json!({"alg": "HS256", "typ": "JWT"}), claims, SECRET)
}

/// Claims that hold for five minutes.
fn claims(app: &TestApp, more: Value) -> Value {
    let now = app.services.clock.now().as_second();
    let mut claims = json!({"iss": "shop", "iat": now, "exp": now + 300});
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

/// Another customer's order.
pub fn another(number: &str) -> Value {
    let mut other = order(number);
    other["customer"] = json!({"id": "c-2", "name": "Li", "email": "li@example.com", "phone": "+8613900000002", "locale": "en"});
    other
}

/// What a table holds, looked at behind the server's back.
async fn kept(app: &TestApp, columns: &str, table: &str) -> String {
    let rows = app.database.texts(&format!("SELECT {columns} FROM {table}")).await;
    assert!(!rows.is_empty(), "{table} is empty");
    rows.join("\n")
}

on_both! {
    async fn one_click_leads_to_the_items_of_the_order(database: Database) {
        let app = opened_by_shop(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let items = visitor.follow(&format!("/start?token={}", token(&claims(&app, json!({"order": "10248", "sku": "LAMP", "locale": "zh-CN"}))))).await;
        assert!(items.starts_with("/return/") && items.ends_with("/items"), "the token does not stay in the address: {items}");
        assert_eq!(visitor.cookie("__Host-lang"), Some("zh-CN"));
        let page = visitor.text(&items).await;
        assert!(page.contains("要退回哪些商品"), "in the language the shop says");
        let chosen: Vec<&str> = page.split("<input").filter(|input| input.contains("checked")).collect();
        assert!(chosen.len() == 1 && chosen[0].contains("10248|2"), "{chosen:?}");
        // With the other of the two secrets, and again for the same draft.
        let rotated = sign(&json!({"alg": "HS256"}), &claims(&app, json!({"order": "# 10248"})), NEXT_SECRET);
        assert_eq!(visitor.follow(&format!("/start?token={rotated}")).await, items);
    }
}

on_both! {
    async fn whatever_is_wrong_with_a_ticket_the_answer_is_the_same(database: Database) {
        let app = opened_by_shop(database).await;
        app.put_order(&order("1")).await;
        let good = claims(&app, json!({"order": "1"}));
        let now = app.services.clock.now().as_second();
        let hs = json!({"alg": "HS256"});
        let changed = |more| claims(&app, more);
        let (head, rest) = token(&good).split_once('.').map(|(head, rest)| (head.to_owned(), rest.to_owned())).unwrap();
        let wrong = [
            token(&changed(json!({"order": "1", "exp": now - 31}))),
            token(&changed(json!({"order": "1", "exp": now + 3_600}))),
            token(&changed(json!({"order": "404"}))),
            token(&changed(json!({"order": "1", "aud": "https://elsewhere.example"}))),
            token(&json!({"order": "1"})),
            token(&changed(json!({}))),
            sign(&hs, &good, "a secret that the portal has never heard of"),
            sign(&json!({"alg": "none"}), &good, SECRET),
            format!("{}.{}.", part(&json!({"alg": "none"})), part(&good)),
            sign(&json!({"alg": "RS256"}), &good, SECRET),
            sign(&json!({"alg": "HS512"}), &good, SECRET),
            sign(&json!({"alg": "HS256", "crit": ["b64"], "b64": false}), &good, SECRET),
            format!("{head}.{}.{}", part(&changed(json!({"order": "2"}))), rest.split_once('.').unwrap().1),
            format!("{head}.{rest}A"),
            "a.b.c".to_owned(),
            "x".repeat(5_000),
        ];
        for token in wrong {
            let mut visitor = Visitor::new(&app);
            assert_eq!(visitor.follow(&format!("/start?token={token}")).await, "/start/again", "{token}");
            assert_eq!(visitor.cookie("__Host-homebound"), None);
        }
        let page = Visitor::new(&app).get("/start/again").await;
        assert_eq!(page.status(), StatusCode::GONE);
        assert!(page.text().await.unwrap().contains("Go back to the shop and tap there again."));
        assert!(Visitor::new(&app).follow(&format!("/start?token={}", token(&good))).await.ends_with("/items"), "the good one is good");
    }
}

on_both! {
    async fn a_ticket_with_a_name_opens_once_however_many_come_at_once(database: Database) {
        let app = opened_by_shop(database).await;
        app.put_order(&order("1")).await;
        let link = format!("/start?token={}", token(&claims(&app, json!({"order": "1", "jti": "t-1"}))));
        // Who only looks ahead uses nothing up.
        assert_eq!(app.client.head(format!("{}{link}", app.base)).send().await.unwrap().status(), StatusCode::NO_CONTENT);
        let ahead = app.client.get(format!("{}{link}", app.base)).header("sec-purpose", "prefetch;prerender");
        assert_eq!(ahead.send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        let races = (0..20).map(|_| {
            let mut visitor = Visitor::new(&app);
            let link = link.clone();
            async move { visitor.follow(&link).await }
        });
        let led = futures::future::join_all(races).await;
        assert_eq!(led.iter().filter(|path| path.ends_with("/items")).count(), 1, "{led:?}");
        assert_eq!(led.iter().filter(|path| *path == "/start/again").count(), 19, "{led:?}");
        // An order that comes in a moment later has not used its ticket up.
        let early = format!("/start?token={}", token(&claims(&app, json!({"order": "2", "jti": "t-2"}))));
        assert_eq!(Visitor::new(&app).follow(&early).await, "/start/again");
        app.put_order(&order("2")).await;
        assert!(Visitor::new(&app).follow(&early).await.ends_with("/items"));
        // Forgotten once it has expired, when it would not open anyway.
        let now = app.services.clock.millis() + 400_000;
        let forget = app.services.store.write(move |mut conn| Box::pin(async move { store::delete_old_tickets(&mut conn, now, 100).await }));
        assert_eq!(forget.await.unwrap(), 2);
    }
}

on_both! {
    async fn a_customer_s_ticket_shows_their_orders_and_no_other_s(database: Database) {
        let app = opened_by_shop(database).await;
        for order in [order("1"), order("2"), another("3")] {
            app.put_order(&order).await;
        }
        let (_, opened) = app.post("/returns", &request("1", "2", 1)).await;
        let (_, foreign) = app.post("/returns", &request("3", "2", 1)).await;
        let (rma, foreign) = (opened["rma"].as_str().unwrap(), foreign["rma"].as_str().unwrap());
        for subject in [json!({"customer": "c-1"}), json!({"email": "Wang@Example.com"})] {
            let mut visitor = Visitor::new(&app);
            assert_eq!(visitor.follow(&format!("/start?token={}", token(&claims(&app, subject)))).await, "/account");
            let page = visitor.text("/account").await;
            assert!(page.contains("Order 1") && page.contains("Order 2") && !page.contains("Order 3"), "{page}");
            assert!(page.contains(rma) && page.contains("Ready to send"), "{page}");
            assert!(visitor.text(&format!("/returns/{rma}")).await.contains("How it stands"));
            assert!(visitor.text(&format!("/returns/{foreign}")).await.contains("Is this your return?"));
            assert_eq!(app.client.get(format!("{}/returns/{foreign}/live", app.base)).send().await.unwrap().status(), StatusCode::FORBIDDEN);
            assert!(visitor.post("/account/return", &[("order", "2")]).await.ends_with("/items"));
            assert_eq!(visitor.post("/account/return", &[("order", "3")]).await, "/not-found");
            assert_eq!(visitor.post("/account/return", &[("order", "404")]).await, "/not-found");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_secret_or_a_ticket_the_order_is_found_by_number() {
    let closed = TestApp::start(databases::sqlite().await).await;
    let claims_of_closed = claims(&closed, json!({"order": "1"}));
    for link in ["/start".to_owned(), format!("/start?token={}", token(&claims_of_closed))] {
        assert_eq!(Visitor::new(&closed).follow(&link).await, "/start/by-number");
    }
    let page = Visitor::new(&closed).get("/start/by-number").await;
    assert_eq!(page.status(), StatusCode::OK);
    let open = opened_by_shop(databases::sqlite().await).await;
    assert_eq!(Visitor::new(&open).follow("/start").await, "/start/by-number");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_tickets_are_limited_like_guesses() {
    let app = TestApp::with(databases::sqlite().await, |config| {
        config.start.secrets = [SECRET.into()].into_iter().collect();
        config.limits.lookups_per_address = 3;
    })
    .await;
    for _ in 0..3 {
        assert_eq!(Visitor::new(&app).follow("/start?token=a.b.c").await, "/start/again");
    }
    assert_eq!(Visitor::new(&app).follow("/start?token=a.b.c").await, "/busy");
}

/// The code in the last mail.
pub fn mailed_code(app: &TestApp) -> String {
    let mails = app.mails();
    let mail = MessageParser::default().parse(mails.last().unwrap().as_bytes()).unwrap();
    let text = mail.body_text(0).unwrap().into_owned();
    let code = text.lines().find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
    code.unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// A code that is not this one.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

on_both! {
    async fn a_code_by_mail_opens_all_orders_of_the_address(database: Database) {
        let app = TestApp::start(database).await;
        for order in [order("1"), order("2"), another("3")] {
            app.put_order(&order).await;
        }
        let mut visitor = Visitor::new(&app);
        assert!(visitor.text("/").await.contains("href=\"/account\""));
        assert!(visitor.text("/account").await.contains("action=\"/account/code\""));
        assert_eq!(visitor.post("/account/code", &[("email", "wang at example")]).await, "/account");
        assert!(visitor.text("/account").await.contains("Enter a full email address"));
        assert_eq!(visitor.post("/account/code", &[("email", " WANG@example.com ")]).await, "/account");
        let before = visitor.cookie("__Host-homebound").unwrap().to_owned();
        assert!(visitor.text("/account").await.contains("WANG@example.com, a code of six digits"));
        app.run_jobs().await;
        let mails = app.mails();
        let mail = MessageParser::default().parse(mails[0].as_bytes()).unwrap();
        assert_eq!(mail.subject(), Some("Your code for Linden & Co."));
        assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("wang@example.com"), "to the address the order has");
        let code = mailed_code(&app);
        assert!(mail.body_html(0).unwrap().contains(&code));
        assert!(!kept(&app, "payload", "outbox").await.contains(&code), "it is gone from the outbox");
        let codes = kept(&app, "subject || ' ' || digest", "login_codes").await;
        assert!(!codes.contains(&code) && !codes.contains("wang"), "{codes}");

        visitor.post("/account/code", &[("email", "wang@example.com")]).await;
        let page = visitor.text("/account").await;
        assert!(page.contains("Wait a minute") && page.contains("action=\"/account/enter\""), "{page}");
        // Somebody else who asks for the same address gets a code of their own, and can enter no other.
        let mut other = Visitor::new(&app);
        other.post("/account/code", &[("email", "wang@example.com")]).await;
        other.post("/account/enter", &[("code", &code)]).await;
        let page = other.text("/account").await;
        assert!(page.contains("You can try 4 more times.") && !page.contains("Order 1"), "{page}");

        assert_eq!(visitor.post("/account/enter", &[("code", "12345")]).await, "/account");
        assert!(visitor.text("/account").await.contains("Enter the six digits from the email"));
        visitor.post("/account/enter", &[("code", &wrong(&code))]).await;
        assert!(visitor.text("/account").await.contains("You can try 4 more times."));
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        assert_eq!(visitor.post("/account/enter", &[("code", &spaced)]).await, "/account");
        assert_ne!(visitor.cookie("__Host-homebound").unwrap(), before, "who is recognised gets a new token");
        let page = visitor.text("/account").await;
        assert!(page.contains("Order 1") && page.contains("Order 2") && !page.contains("Order 3"), "{page}");
        let items = visitor.post("/account/return", &[("order", "1")]).await;
        assert!(visitor.text(&items).await.contains("黄铜台灯"));

        // Used up: another browser cannot use it again.
        let mut second = Visitor::new(&app);
        app.services.clock.advance(SignedDuration::from_secs(61));
        second.post("/account/code", &[("email", "wang@example.com")]).await;
        second.post("/account/enter", &[("code", &code)]).await;
        assert!(!second.text("/account").await.contains("Order 1"));

        let token = visitor.cookie("__Host-homebound").unwrap().to_owned();
        assert_eq!(visitor.post("/account/leave", &[]).await, "/account");
        assert_eq!(visitor.cookie("__Host-homebound"), None);
        assert!(visitor.text("/account").await.contains("action=\"/account/code\""));
        let old = app.client.get(format!("{}/account", app.base)).header("cookie", format!("__Host-homebound={token}"));
        assert!(!old.send().await.unwrap().text().await.unwrap().contains("Order 1"), "the old token is worth nothing");
    }
}

on_both! {
    async fn a_code_is_tried_five_times_and_works_ten_minutes(database: Database) {
        let app = TestApp::with(database, |config| config.limits.lookups_per_address = 1_000).await;
        app.put_order(&order("1")).await;
        let mut visitor = Visitor::new(&app);
        visitor.post("/account/code", &[("email", "wang@example.com")]).await;
        app.run_jobs().await;
        let code = mailed_code(&app);
        for left in [4, 3, 2, 1] {
            visitor.post("/account/enter", &[("code", &wrong(&code))]).await;
            assert!(visitor.text("/account").await.contains(&format!("You can try {left} more time")));
        }
        visitor.post("/account/enter", &[("code", &wrong(&code))]).await;
        assert!(visitor.text("/account").await.contains("This code does not work any more."));
        visitor.post("/account/enter", &[("code", &code)]).await;
        assert!(!visitor.text("/account").await.contains("Order 1"), "not even the right one");

        // A new code: many guesses at once are not more tries.
        app.services.clock.advance(SignedDuration::from_secs(61));
        visitor.post("/account/code", &[("email", "wang@example.com")]).await;
        app.run_jobs().await;
        let email = "wang@example.com".parse().unwrap();
        let services = &app.services;
        let session = Session::find(services, visitor.cookie("__Host-homebound").unwrap()).await.unwrap();
        let asked_by = session.data.login.asked_by;
        let typed: Vec<String> = (0..20).map(|_| "none".to_owned()).collect();
        let guesses = futures::future::join_all(typed.iter().map(|typed| services.enter_login_code(&email, &asked_by, typed))).await;
        let wrong = guesses.iter().filter(|answer| matches!(answer, Ok(server::services::CodeEntered::Wrong(_)))).count();
        assert_eq!(wrong, 4, "{guesses:?}");

        // And one that comes too late.
        app.services.clock.advance(SignedDuration::from_secs(61));
        visitor.post("/account/code", &[("email", "wang@example.com")]).await;
        app.run_jobs().await;
        let code = mailed_code(&app);
        app.services.clock.advance(SignedDuration::from_mins(10));
        visitor.post("/account/enter", &[("code", &code)]).await;
        assert!(visitor.text("/account").await.contains("This code does not work any more."));
    }
}

on_both! {
    async fn an_address_without_orders_gets_the_same_answers_held_back_alike_and_no_mail(database: Database) {
        let app = TestApp::with(database, |config| config.limits.lookups_per_address = 1_000).await;
        app.put_order(&order("1")).await;
        let mut answers = Vec::new();
        for email in ["wang@example.com", "none@example.com"] {
            let mut visitor = Visitor::new(&app);
            let mut pages = Vec::new();
            let before = app.services.clock.held_back();
            visitor.post("/account/code", &[("email", email)]).await;
            assert_eq!(app.services.clock.held_back() - before, 1, "its time tells nothing");
            pages.push(visitor.text("/account").await);
            visitor.post("/account/code", &[("email", email)]).await;
            pages.push(visitor.text("/account").await);
            for _ in 0..6 {
                visitor.post("/account/enter", &[("code", "000000")]).await;
                pages.push(visitor.text("/account").await);
            }
            let same = |page: String| {
                let nonce = page.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-").to_owned();
                page.replace(&nonce, "").replace(email, "EMAIL")
            };
            answers.push(pages.into_iter().map(same).collect::<Vec<_>>());
        }
        assert_eq!(answers[0], answers[1]);
        assert!(answers[0][1].contains("Wait a minute before you ask for another."));
        app.run_jobs().await;
        assert_eq!(app.mails().len(), 1);
    }
}

on_both! {
    async fn codes_are_limited_by_address_and_by_visitor(database: Database) {
        let app = TestApp::with(database, |config| config.limits.codes_per_address = 7).await;
        app.put_order(&order("1")).await;
        let mut visitor = Visitor::new(&app);
        for _ in 0..5 {
            visitor.post("/account/code", &[("email", "wang@example.com")]).await;
            assert!(visitor.text("/account").await.contains("a code of six digits is on its way"));
            app.services.clock.advance(SignedDuration::from_secs(61));
        }
        visitor.post("/account/code", &[("email", "wang@example.com")]).await;
        assert!(visitor.text("/account").await.contains("That was a lot of codes for this address."));
        app.run_jobs().await;
        assert_eq!(app.mails().len(), 5);
        // From elsewhere the owner can still ask.
        app.services.send_login_code(&"wang@example.com".parse().unwrap(), "elsewhere", Locale::En, [192, 0, 2, 1].into()).await.unwrap();
        for email in ["a@example.com", "b@example.com"] {
            assert_eq!(visitor.post("/account/code", &[("email", email)]).await, "/account");
        }
        assert_eq!(visitor.post("/account/code", &[("email", "c@example.com")]).await, "/busy");
        app.services.clock.advance(SignedDuration::from_hours(1));
        visitor.post("/account/code", &[("email", "wang@example.com")]).await;
        assert!(visitor.text("/account").await.contains("a code of six digits is on its way"));
    }
}

on_both! {
    async fn a_link_is_opened_by_somebody_who_goes_there(database: Database) {
        let app = opened_by_shop(database).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "2", 1)).await;
        let link = app.services.sign_link(server::services::Purpose::Return, opened["rma"].as_str().unwrap());
        let ticket = token(&claims(&app, json!({"order": "1"})));
        for path in [format!("/start?token={ticket}"), format!("/r/{link}"), "/continue/x".to_owned()] {
            for (place, status) in [("iframe", 403), ("image", 403), ("empty", 403), ("document", 303)] {
                let asked = Visitor::new(&app).client.get(format!("{}{path}", app.base)).header("sec-fetch-dest", place);
                assert_eq!(asked.send().await.unwrap().status(), status, "{path} {place}");
            }
        }
    }
}

on_both! {
    async fn a_session_that_ended_is_not_brought_back(database: Database) {
        let app = TestApp::start(database).await;
        for order in [order("1"), another("3")] {
            app.put_order(&order).await;
        }
        let mut visitor = Visitor::new(&app);
        visitor.post("/", &[("number", "1"), ("contact", "wang@example.com")]).await;
        let first = visitor.cookie("__Host-homebound").unwrap().to_owned();
        // What was under way when it ended.
        let session = Session::find(&app.services, &first).await.unwrap();
        let address = [192, 0, 2, 1].into();
        let mut desk = Desk::new(app.services.clone(), AtDesk { session, locale: Locale::En, zone: None, address, at_work: None });
        let shows_order = async |token: &str| {
            let data = Session::find(&app.services, token).await.unwrap().data;
            (data.knows_order("1"), data.knows_order("3"))
        };
        assert_eq!(shows_order(&first).await, (true, false));
        // Recognised once more: the token before is over at once.
        visitor.post("/", &[("number", "3"), ("contact", "li@example.com")]).await;
        let second = visitor.cookie("__Host-homebound").unwrap().to_owned();
        assert_eq!((shows_order(&first).await, shows_order(&second).await), ((false, false), (true, true)));
        // A form that only keeps something is told; nothing of the session comes back.
        let fields = |pairs: &[(&str, &str)]| app::forms::Fields(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
        let mut late = desk.clone();
        assert!(matches!(late.find_order(&fields(&[("number", "nothing"), ("contact", "x")])).await, Err(DeskError::Gone)));
        assert_eq!(shows_order(&first).await, (false, false));
        // One that proves something begins a session with that, and with nothing of what ended.
        desk.find_order(&fields(&[("number", "3"), ("contact", "li@example.com")])).await.unwrap();
        let third = desk.visitor.session.token.clone().unwrap();
        assert_eq!((shows_order(&first).await, shows_order(&third).await), ((false, false), (false, true)));
        // By the foot of whatever page they are on.
        for page in ["/", "/policy", "/nothing-here"] {
            assert!(visitor.text(page).await.contains(r#"action="/account/leave""#), "{page}");
            assert!(!Visitor::new(&app).text(page).await.contains("/account/leave"), "{page}: nobody is remembered");
        }
        visitor.post("/account/leave", &[]).await;
        assert_eq!(shows_order(&second).await, (false, false));
        let kept = app.database.texts("SELECT digest FROM sessions").await;
        assert_eq!(kept, [secrets::digest(&third)], "nothing is left of the others");
    }
}

on_both! {
    async fn a_session_lasts_twelve_hours_however_much_it_is_used(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut visitor = Visitor::new(&app);
        let items = visitor.post("/", &[("number", "1"), ("contact", "wang@example.com")]).await;
        for _ in 0..11 {
            app.services.clock.advance(SignedDuration::from_mins(65));
            // Each keeps the session, and some renew it.
            assert_eq!(visitor.post("/", &[("number", "1"), ("contact", "wang@example.com")]).await, items);
            assert!(visitor.text(&items).await.contains("黄铜台灯"));
        }
        app.services.clock.advance(SignedDuration::from_mins(6));
        assert!(!visitor.text(&items).await.contains("黄铜台灯"));
    }
}

on_both! {
    async fn a_ticket_never_takes_the_place_of_an_account_unasked(database: Database) {
        let app = opened_by_shop(database).await;
        for order in [order("1"), another("3")] {
            app.put_order(&order).await;
        }
        let ticket = |subject: &str| format!("/start?token={}", token(&claims(&app, json!({"email": subject}))));
        let mut visitor = Visitor::new(&app);
        visitor.follow(&ticket("wang@example.com")).await;
        let before = visitor.cookie("__Host-homebound").unwrap().to_owned();
        assert_eq!(visitor.follow(&ticket("li@example.com")).await, "/account");
        let page = visitor.text("/account").await;
        assert!(page.contains("Whose orders would you like to see?") && !page.contains("Order 1") && !page.contains("Order 3"), "{page}");
        assert_eq!(visitor.post("/account/stay", &[]).await, "/account");
        assert!(visitor.text("/account").await.contains("Order 1"));
        // Nothing is open any more to be answered.
        assert_eq!(visitor.post("/account/switch", &[]).await, "/account");
        assert!(visitor.text("/account").await.contains("Order 1"));
        visitor.follow(&ticket("li@example.com")).await;
        visitor.post("/account/switch", &[]).await;
        let page = visitor.text("/account").await;
        assert!(page.contains("Order 3") && !page.contains("Order 1"), "{page}");
        assert_eq!(Session::find(&app.services, &before).await.unwrap().token, None, "the other one's session is over");
    }
}

on_both! {
    async fn a_code_that_cannot_be_mailed_in_time_is_forgotten(database: Database) {
        // Nobody listens there.
        let app = TestApp::with(database, |config| config.smtp_url = Some("smtp://127.0.0.1:9".into())).await;
        app.put_order(&order("1")).await;
        Visitor::new(&app).post("/account/code", &[("email", "wang@example.com")]).await;
        app.run_jobs().await;
        assert!(kept(&app, "payload", "outbox").await.contains("wang@example.com"), "it is tried again");
        app.services.clock.advance(SignedDuration::from_mins(16));
        app.run_jobs().await;
        assert!(!kept(&app, "payload", "outbox").await.contains("wang@example.com"));
        let mut read = app.services.store.read().await.unwrap();
        let waiting = store::outbox_figures(&mut read.conn(), 0).await.unwrap();
        assert_eq!((waiting.pending, waiting.parked), (0, 0));
    }
}

/// The link on a draft's "other device" page.
async fn link_of(visitor: &Visitor<'_>, items: &str) -> String {
    let page = visitor.text(&items.replace("/items", "/elsewhere")).await;
    let link =
        page.split("value=\"https://returns.example").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("{page}"));
    link.to_owned()
}

on_both! {
    async fn a_draft_is_continued_on_another_device(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut laptop = Visitor::new(&app);
        let items = laptop.post("/", &[("number", "1"), ("contact", "wang@example.com")]).await;
        assert!(laptop.text(&items).await.contains(&items.replace("/items", "/elsewhere")));
        laptop.post(&items, &[("units|1|2", "1")]).await;
        let link = link_of(&laptop, &items).await;
        let mut phone = Visitor::new(&app);
        assert_eq!(phone.get(&items).await.status(), StatusCode::GONE);
        assert_eq!(phone.get(&items.replace("/items", "/elsewhere")).await.status(), StatusCode::GONE, "only who sees the draft gets a link");
        let why = items.replace("/items", "/why");
        assert_eq!(phone.follow(&link).await, why, "to the first open question");
        assert!(phone.text(&why).await.contains("黄铜台灯"));
        // A server of the same database made the link's secret; one of another did not.
        let elsewhere = TestApp::start(databases::sqlite().await).await;
        assert_eq!(Visitor::new(&elsewhere).follow(&link).await, "/link-over");
        assert_eq!(Visitor::new(&app).follow(&link.replace("/continue/", "/r/")).await, "/link-over", "for one purpose");
        let forged = format!("{}A", &link[..link.len() - 1]);
        if forged != link {
            assert_eq!(Visitor::new(&app).follow(&forged).await, "/link-over");
        }
        app.services.clock.advance(SignedDuration::from_mins(31));
        assert_eq!(Visitor::new(&app).follow(&link).await, "/link-over");
        assert_eq!(Visitor::new(&app).get("/link-over").await.status(), StatusCode::GONE);
    }
}

on_both! {
    async fn the_link_in_the_mail_shows_the_return_without_asking(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap().to_owned();
        app.run_jobs().await;
        let mail = MessageParser::default().parse(app.mails()[0].as_bytes()).unwrap().body_text(0).unwrap().into_owned();
        let link = mail.split("https://returns.example").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        assert!(link.starts_with("/r/"), "{link}");
        assert!(!kept(&app, "payload", "outbox").await.contains(&link), "it is in the mail only");
        // A scanner that opens every link changes nothing.
        let (_, before) = app.get(&format!("/returns/{rma}")).await;
        for _ in 0..3 {
            Visitor::new(&app).follow(&link).await;
        }
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1, before);
        let mut visitor = Visitor::new(&app);
        assert_eq!(visitor.follow(&link).await, format!("/returns/{rma}"));
        assert!(visitor.text(&format!("/returns/{rma}")).await.contains("How it stands"));
        app.services.clock.advance(SignedDuration::from_hours(24 * 90 + 1));
        let mut late = Visitor::new(&app);
        assert_eq!(late.follow(&link).await, format!("/returns/{rma}"));
        assert!(late.text(&format!("/returns/{rma}")).await.contains("Is this your return?"), "a link that is over asks");
    }
}

on_both! {
    async fn servers_on_one_database_share_their_secret_unless_it_is_set(database: Database) {
        let (address, folder) = (database.address.clone(), database.folder.path().to_owned());
        let first = TestApp::start(database).await;
        let link = first.services.sign_link(server::services::Purpose::Return, "R-0000-0000");
        let with = |secrets: &[&'static str]| {
            let config = server::config::Config {
                database_url: Some(address.clone()),
                data_dir: folder.clone(),
                secret: secrets.iter().copied().map(Into::into).collect(),
                ..server::config::Config::default()
            };
            async { server::compose::services(config).await }
        };
        let opens = |services: &server::services::Services| services.open_link(server::services::Purpose::Return, &link).is_ok();
        assert!(opens(&with(&[]).await.unwrap()));
        let kept = std::fs::read_to_string(folder.join("secret")).unwrap();
        let in_database = first.database.texts("SELECT value FROM server_secrets").await.join(" ");
        assert!(!in_database.contains(&kept), "who reads the database, or its backup, can make no link");
        // A server with another one is told how to get it, instead of making links that the others do not open.
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join("secret"), secrets::token()).unwrap();
        let stranger = server::config::Config {
            database_url: Some(address.clone()),
            data_dir: elsewhere.path().to_owned(),
            ..server::config::Config::default()
        };
        let refused = server::compose::services(stranger).await.err().unwrap().to_string();
        assert!(refused.contains("copy that file") && refused.contains("HOMEBOUND_SECRET"), "{refused}");
        // Another one that is set on purpose counts.
        let other = with(&[SECRET]).await.unwrap();
        assert!(!opens(&other));
        assert!(with(&[]).await.is_ok(), "a command that was given another changes nothing");
        server::kept::adopt(&other.secret, &other.store).await.unwrap();
        assert!(with(&[]).await.is_err(), "once a server serves with it, the others are told");
        // One follows another: what was signed before still opens, what is signed now is the new one's.
        std::fs::write(folder.join("secret"), format!("{SECRET}\n{kept}\n")).unwrap();
        let following = with(&[]).await.unwrap();
        let fresh = following.sign_link(server::services::Purpose::Return, "R-0000-0000");
        assert!(opens(&following) && other.open_link(server::services::Purpose::Return, &fresh).is_ok());
        assert!(first.services.open_link(server::services::Purpose::Return, &fresh).is_err());
        assert!(with(&[]).await.is_ok() && with(&[SECRET]).await.is_ok(), "either is one of theirs");
    }
}

on_both! {
    async fn the_secret_that_a_version_before_kept_in_the_database_goes_on(database: Database) {
        let (address, folder) = (database.address.clone(), database.folder.path().to_owned());
        let before = secrets::token();
        database.meddle(&format!("INSERT INTO server_secrets (name, value, created_at) VALUES ('seal', '{before}', 0)")).await;
        let config = || server::config::Config {
            database_url: Some(address.clone()),
            data_dir: folder.clone(),
            ..server::config::Config::default()
        };
        let first = server::compose::services(config()).await.unwrap();
        let link = first.sign_link(server::services::Purpose::Return, "R-0000-0000");
        assert_eq!(std::fs::read_to_string(folder.join("secret")).unwrap(), before);
        // Several servers of the version before may still ask the database for it.
        let left = database.texts("SELECT value FROM server_secrets WHERE name = 'seal'").await;
        assert_eq!(left.len(), usize::from(first.store.kind() == "postgres"));
        let again = server::compose::services(config()).await.unwrap();
        assert!(again.open_link(server::services::Purpose::Return, &link).is_ok());
    }
}
