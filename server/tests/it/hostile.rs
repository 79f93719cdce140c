//! What hostile visitors type, ask for and wait for.
//! Long because each trick has its case.

use std::time::Duration;

use regex::Regex;
use reqwest::{StatusCode, Url, header};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::{TestApp, answer, order, request};
use crate::databases::{on_both, sqlite};
use crate::pages::Visitor;

/// Breaks out of text, of attributes, of statements.
const HOSTILE: &str =
    "\" onfocus=\"alert(3)\" </title></textarea><script>alert(1)</script><img src=x onerror=alert(2)>' '); DROP TABLE returns; --";

/// Whether a page holds none of it in a form that a browser would run.
fn is_harmless(page: &str) -> bool {
    // A quotation mark means something within a tag only.
    let runs = Regex::new(r#"<script>alert|<img src=x|</title></textarea>|<[a-z][^<>]*" onfocus="alert"#).unwrap();
    let found = runs.find(page);
    if let Some(found) = found {
        println!("it would run: …{}", page[found.start()..].chars().take(300).collect::<String>());
    }
    found.is_none()
}

/// A request as it is written, without a client that tidies it.
async fn raw(app: &TestApp, target: &str, more: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(format!("GET {target} HTTP/1.1\r\nhost: x\r\n{more}connection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

on_both! {
    async fn what_is_typed_is_shown_and_never_run(database: Database) {
        let app = TestApp::start(database).await;
        let mut hostile = order("A<b>\"'1");
        hostile["customer"]["name"] = json!(HOSTILE);
        hostile["customer"]["locale"] = json!("en");
        for field in ["line1", "city", "region"] {
            hostile["ship_to"][field] = json!(HOSTILE);
        }
        for field in ["name", "variant"] {
            hostile["lines"][0][field] = json!(HOSTILE);
        }
        let number = "A%3Cb%3E%22%271";
        let (status, put) = answer(app.api("PUT", &format!("/orders/{number}")).json(&hostile).send().await.unwrap()).await;
        assert!(status.is_success(), "{put}");
        let exchange = json!({"quantity": 9, "variant_of": "TEE", "name": HOSTILE, "variant": HOSTILE, "price": "99.00", "currency": "CNY"});
        for sku in ["TEE-BLK-M", "TEE-X"] {
            app.api("PUT", &format!("/stock/HZ1/{sku}")).json(&exchange).send().await.unwrap();
        }

        let mut visitor = Visitor::new(&app);
        // At every door, where it is shown again.
        for (door, page, fields) in [
            ("/", "/", &[("number", HOSTILE), ("contact", HOSTILE)][..]),
            ("/", "/", &[("number", HOSTILE), ("contact", "x@example.com")]),
            ("/find-return", "/", &[("rma", HOSTILE), ("rma_contact", HOSTILE)]),
            ("/account/code", "/account", &[("email", HOSTILE)]),
        ] {
            assert_eq!(visitor.post(door, fields).await, page);
            assert!(is_harmless(&visitor.text(page).await), "{door}");
        }
        for path in ["/nothing/%3Cscript%3Ealert(1)%3C/script%3E", "/failed/%3Cscript%3Ealert(1)", "/returns/%3Cscript%3Ealert(1)", "/return/%3Cscript%3Ealert(1)/items", "/?lang=%3Cscript%3Ealert(1)"] {
            assert!(is_harmless(&visitor.text(path).await), "{path}");
        }

        let items = visitor.post("/", &[("number", "a<b>\"'1"), ("contact", "wang@example.com")]).await;
        let draft = items.strip_suffix("/items").unwrap().to_owned();
        let page = visitor.text(&items).await;
        assert!(is_harmless(&page) && page.contains("&lt;script&gt;alert(1)"), "{page}");
        let key = "A<b>\"'1|1";
        assert_eq!(visitor.post(&items, &[(&format!("units|{key}"), "1"), (&format!("count|{key}"), "1")]).await, format!("{draft}/why"));
        let why = [
            (format!("reason|{key}"), "size"), (format!("sub_reason|{key}|size"), "too_small"), (format!("condition|{key}"), "opened"),
            (format!("fit|{key}"), HOSTILE), (format!("comment|{key}"), HOSTILE),
        ];
        let why: Vec<(&str, &str)> = why.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let preview = app.client.post(format!("{}{draft}/preview/why", app.base)).form(&why);
        let preview = preview.header("cookie", format!("__Host-homebound={}", visitor.cookie("__Host-homebound").unwrap())).send().await.unwrap();
        assert!(is_harmless(&preview.text().await.unwrap()));
        assert_eq!(visitor.post(&format!("{draft}/why"), &why).await, format!("{draft}/wish"));
        assert!(is_harmless(&visitor.text(&format!("{draft}/why")).await));
        let page = visitor.text(&format!("{draft}/wish")).await;
        assert!(is_harmless(&page), "{page}");
        visitor.post(&format!("{draft}/wish"), &[(&format!("wish|{key}"), "exchange"), (&format!("exchange|{key}"), HOSTILE)]).await;
        assert!(is_harmless(&visitor.text(&format!("{draft}/wish")).await));
        assert_eq!(visitor.post(&format!("{draft}/wish"), &[(&format!("wish|{key}"), "exchange"), (&format!("exchange|{key}"), "TEE-X")]).await, format!("{draft}/send"));
        assert!(is_harmless(&visitor.text(&format!("{draft}/send")).await));
        assert_eq!(visitor.post(&format!("{draft}/send"), &[("method", "drop_off"), ("pickup_slot", HOSTILE)]).await, format!("{draft}/check"));
        let page = visitor.text(&format!("{draft}/check")).await;
        assert!(is_harmless(&page) && page.contains("&lt;script&gt;"), "{page}");
        assert!(is_harmless(&visitor.text(&format!("{draft}/elsewhere")).await));
        let done = visitor.post(&format!("{draft}/check"), &[]).await;
        let rma = done.trim_start_matches("/returns/").trim_end_matches("/done").to_owned();
        for page in ["/done", "", "/method", "/cancel"] {
            assert!(is_harmless(&visitor.text(&format!("/returns/{rma}{page}")).await), "{page}");
        }
        for size in ["a6", "a4", "large"] {
            let label = visitor.get(&format!("/returns/{rma}/label.pdf?size={size}")).await;
            assert_eq!(label.status(), StatusCode::OK, "a label bears any name");
        }
        let (status, _) = app.post(&format!("/returns/{rma}/cancel"), &json!({"reason": HOSTILE})).await;
        assert_eq!(status, StatusCode::OK);
        assert!(is_harmless(&visitor.text(&format!("/returns/{rma}")).await), "the timeline");
        let (_, story) = app.get(&format!("/returns/{rma}/timeline")).await;
        assert!(story.to_string().contains("DROP TABLE"), "what was said is kept as it was said");
        let (_, kept) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!(kept["lines"][0]["comment"].as_str().unwrap_or(HOSTILE), HOSTILE);

        app.run_jobs().await;
        let mails = app.mails();
        assert_eq!(mails.len(), 2);
        for mail in &mails {
            let mail = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
            let html = mail.body_html(0).unwrap();
            assert!(is_harmless(&html) && html.contains("&lt;script&gt;") | html.contains("&#60;script&#62;"), "{html}");
            assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("wang@example.com"));
            assert!(mail.headers().iter().all(|header| header.name() != "onfocus"));
        }
    }
}

on_both! {
    async fn line_breaks_and_endless_texts_do_no_harm(database: Database) {
        let app = TestApp::with(database, |config| config.limits.lookups_per_order = 100).await;
        let long = "长".repeat(3_000);
        let names = ["Li\r\nBcc: everybody@example.com", "\"Li\" <li@elsewhere.example>, all", "\u{0}\u{1b}[31m\u{202e}Li\u{fffd}", "李 ☕ =?utf-8?q?x?=", &long];
        for (number, name) in names.iter().enumerate() {
            let mut bought = order(&number.to_string());
            bought["customer"]["name"] = json!(name);
            app.put_order(&bought).await;
            let (_, opened) = app.post("/returns", &request(&number.to_string(), "1", 1)).await;
            assert!(opened["rma"].is_string(), "{opened}");
        }
        app.run_jobs().await;
        let mails = app.mails();
        assert_eq!(mails.len(), names.len(), "each is sent, and keeps no other");
        for mail in &mails {
            let headers = mail.split("\r\n\r\n").next().unwrap().to_lowercase();
            assert!(!headers.contains("\nbcc:"), "{headers}");
            let mail = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
            let to: Vec<_> = mail.to().unwrap().iter().filter_map(|to| to.address()).collect();
            assert_eq!(to, ["wang@example.com"]);
        }

        // A novel in every field is answered, and not kept.
        let novel = "x".repeat(200_000);
        let mut visitor = Visitor::new(&app);
        visitor.post("/", &[("number", &novel), ("contact", &format!("{novel}@example.com"))]).await;
        visitor.post("/find-return", &[("rma", &novel), ("rma_contact", &novel)]).await;
        visitor.post("/account/code", &[("email", &format!("{novel}@example.com"))]).await;
        assert!(visitor.text("/").await.len() < 100_000);
        for (what, longest) in [("SELECT data FROM sessions", 4_000), ("SELECT subject FROM attempts", 400)] {
            for kept in app.database.texts(what).await {
                assert!(kept.len() <= longest, "{what}: {} bytes", kept.len());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_way_leads_to_another_site() {
    let app = TestApp::with(sqlite().await, |config| config.demo = true).await;
    let here = Url::parse("https://returns.example/somewhere").unwrap();
    let stays = |location: &str| here.join(location).is_ok_and(|url| url.host() == here.host() && url.scheme() == "https");
    for path in [
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/%5cevil.example",
        "/%2f%2fevil.example",
        "/%09/evil.example",
        "///evil.example",
        "/@evil.example",
    ] {
        let answer = raw(&app, &format!("{path}?lang=en"), "").await;
        let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
        assert!(location.is_none_or(stays), "{path}: {location:?}");
        // Nor does a link of the page that says that there is none.
        let page = raw(&app, path, "").await;
        for link in page.split(" href=\"").skip(1).chain(page.split(" action=\"").skip(1)) {
            let link = link.split('"').next().unwrap();
            assert!(stays(link) || link.starts_with("mailto:") || link.starts_with("tel:"), "{path}: {link}");
        }
    }
    for next in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\r/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%09/evil.example",
        "/\u{0}/evil.example",
    ] {
        let moved = app.client.post(format!("{}/demo/clock", app.base)).form(&[("days", "0"), ("next", next)]).send().await.unwrap();
        let location = moved.headers()[header::LOCATION].to_str().unwrap();
        assert!(stays(location), "{next:?}: {location:?}");
    }
    let back = app.client.post(format!("{}/demo/clock", app.base)).form(&[("days", "0"), ("next", "/policy")]).send().await.unwrap();
    assert_eq!(back.headers()[header::LOCATION], "/policy");
    for query in ["next=https://evil.example", "next=//evil.example", "token=a.b.c&redirect=//evil.example"] {
        assert!(Visitor::new(&app).follow(&format!("/start?{query}")).await.starts_with("/start/"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_files_that_we_ship_are_served() {
    let app = TestApp::with(sqlite().await, |config| config.demo = true).await;
    for path in [
        "/assets/../Cargo.toml",
        "/assets/../../../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fetc/passwd",
        "/demo/..%5c..%5cetc%5cpasswd",
        "/demo//etc/passwd",
        "/demo/%2fetc%2fpasswd",
        "/assets/style.css%00.svg",
        "/../etc/passwd",
        "//etc/passwd",
        "/logo/../etc/passwd",
        "/icon.svg/../../data/test.db",
    ] {
        let answer = raw(&app, path, "").await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {}", answer.lines().next().unwrap_or_default());
        assert!(!["root:", "[workspace]", "SQLite format"].iter().any(|inside| answer.contains(inside)), "{path}");
    }
    assert!(raw(&app, "/icon.svg", "").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_refused_calmly() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("1")).await;
    for path in [
        "/returns/%0d%0aset-cookie:%20a=b/label.pdf",
        "/returns/%0d%0aa/pickup.ics",
        "/returns/%ff/label.pdf",
        "/returns/%E9/pickup.ics",
        "/returns/%0d%0a",
        "/returns/R-0000-0000/live?after=x",
        "/returns/R-0000-0000/label.pdf?size=%00",
        "/return/%00/items",
        "/return/%ff/items",
        "/continue/%0d%0a",
        "/r/%ff",
        "/start?token=%ff%00",
        "/?lang=%ff",
        "/api/v1/returns?cursor=%ff",
        "/api/v1/orders/%00",
        "/failed/%0d%0a",
    ] {
        for more in [
            "",
            "cookie: __Host-homebound=\u{e9}; tz=../../../etc/passwd; lang=<b>\r\n",
            "accept-language: ,;,q=,,zh;q=x;;;,\r\nx-request-id: <script>\r\n",
        ] {
            let answer = raw(&app, path, more).await;
            let status: u16 = answer[9..12].parse().unwrap();
            assert!(status < 500 || path.starts_with("/failed/"), "{path}: {answer}");
            assert!(!answer.contains("\nset-cookie: a=b") && !answer.contains("x-request-id: <"), "{path}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_key_is_limited_like_everybody() {
    let app = TestApp::with(sqlite().await, |config| (config.limits.requests_per_second, config.limits.burst) = (1, 5)).await;
    // Whatever a call would have answered, and whatever kind of word they bring.
    for (path, word) in [
        ("/v1/returns", "Bearer hb_guessed"),
        ("/openapi.json", "Bearer hb_guessed"),
        ("/v1/nothing", "Bearer hb_guessed"),
        ("/v1/returns", "Basic aGI6aGI="),
        ("/openapi.json", "x"),
    ] {
        let mut answers = Vec::new();
        for _ in 0..12 {
            let asked = app.client.get(format!("{}/api{path}", app.base)).header("authorization", word).send().await.unwrap();
            answers.push(asked.status());
        }
        let limited = answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count();
        assert!(limited >= 4, "{path}: {answers:?}");
        // A key that is known is not.
        for _ in 0..12 {
            assert_eq!(app.get("/returns").await.0, StatusCode::OK);
        }
    }
}

on_both! {
    async fn every_no_says_the_same_and_is_held_back_alike(database: Database) {
        let app = TestApp::with(database, |config| {
            (config.limits.lookups_per_address, config.limits.lookups_per_order, config.limits.codes_per_address) = (100_000, 100_000, 100_000);
        })
        .await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let there = opened["rma"].as_str().unwrap().to_owned();
        let never = domain::rma::RmaNumber::from_random(7).unwrap().to_string();
        assert_ne!(there, never);
        let stranger = "mallory@example.com";
        let doors = [
            ("/".to_owned(), [("number", "1"), ("contact", stranger)], "/".to_owned(), [("number", "404"), ("contact", stranger)]),
            ("/find-return".to_owned(), [("rma", there.as_str()), ("rma_contact", stranger)], "/find-return".to_owned(), [("rma", &never), ("rma_contact", stranger)]),
            (format!("/returns/{there}/verify"), [("contact", stranger), ("", "")], format!("/returns/{never}/verify"), [("contact", stranger), ("", "")]),
        ];
        for (door, of_one, other_door, of_none) in &doors {
            let mut pages = Vec::new();
            for (door, fields) in [(door, of_one), (other_door, of_none)] {
                let mut visitor = Visitor::new(&app);
                let before = app.services.clock.held_back();
                let led = visitor.post(door, fields).await;
                assert_eq!(app.services.clock.held_back() - before, 1, "{door}: its time tells nothing");
                let page = visitor.text(&led).await;
                let nonce = page.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-").to_owned();
                pages.push(page.replace(&nonce, "").replace(&there, "RMA").replace(&never, "RMA").replace("value=\"404\"", "value=\"1\""));
            }
            assert_eq!(pages[0], pages[1], "{door}");
        }
    }
}

/// A connection on which that was sent, and no more.
async fn opened(app: &TestApp, text: &str) -> tokio::net::TcpStream {
    let mut stream = tokio::net::TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// What still comes on a connection until the server ends it. A minute is many times its patience.
async fn until_ended(stream: &mut tokio::net::TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes)).await;
    // A reset ends it as well.
    let _ = ended.expect("the server keeps a connection on which nothing moves");
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_slow_is_not_waited_for() {
    let app = TestApp::with(sqlite().await, |config| config.limits.patience_seconds = 2).await;
    app.put_order(&order("1")).await;
    let (_, opened_return) = app.post("/returns", &request("1", "1", 1)).await;
    let rma = opened_return["rma"].as_str().unwrap().to_owned();
    let mut visitor = Visitor::new(&app);
    visitor.post("/find-return", &[("rma", &rma), ("rma_contact", "wang@example.com")]).await;
    let cookie = format!("cookie: __Host-homebound={}\r\n", visitor.cookie("__Host-homebound").unwrap());
    let key = format!("authorization: Bearer {}\r\n", app.key);

    let form =
        "content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000\r\n\r\n--x\r\ncontent-disposition: form-data; name=\"file";
    let mut slow = Vec::new();
    for text in [
        // Nothing at all, a piece of the head, a request and then nothing.
        String::new(),
        "GET /polic".to_owned(),
        "GET / HTTP/1.1\r\nhost: x\r\nx-a: ".to_owned(),
        "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        // A piece of the body: a form, one with files, a part of an upload, a call, an import.
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nnumber=".to_owned(),
        "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n7\r\nnum".to_owned(),
        format!("POST /returns/{rma}/photos HTTP/1.1\r\nhost: x\r\n{cookie}{form}"),
        format!("PUT /returns/{rma}/uploads/up_x?offset=0 HTTP/1.1\r\nhost: x\r\n{cookie}content-length: 1000\r\n\r\nabc"),
        format!("POST /api/v1/evidence?order=1&line=1 HTTP/1.1\r\nhost: x\r\n{key}{form}"),
        format!("PUT /api/v1/orders/1 HTTP/1.1\r\nhost: x\r\n{key}content-length: 1000\r\n\r\n{{\"numb"),
        format!("POST /api/v1/orders/import HTTP/1.1\r\nhost: x\r\n{key}content-length: 100000\r\n\r\n{{\"numb"),
    ] {
        // More of each than are worked on at once.
        for _ in 0..20 {
            slow.push((text.clone(), opened(&app, &text).await));
        }
    }
    // Who asks for much and reads nothing.
    let much = 400;
    let asks = "GET /api/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(much);
    let mut unread = opened(&app, &asks).await;
    // A byte of the head now and then is no head.
    let mut trickle = opened(&app, "GET / HTTP/1.1\r\n").await;
    let trickled = tokio::spawn(async move {
        for _ in 0..600 {
            if trickle.write_all(b"a").await.is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    });
    // Who listens is not slow, though nothing is to be heard.
    let mut live = visitor.get(&format!("/returns/{rma}/live?after={}", opened_return["version"])).await;
    assert_eq!(live.status(), StatusCode::OK);

    for _ in 0..20 {
        let asked = tokio::time::timeout(Duration::from_secs(20), app.get(&format!("/returns/{rma}"))).await;
        assert_eq!(asked.expect("others are served meanwhile").0, StatusCode::OK);
    }
    for (text, mut stream) in slow {
        let answer = String::from_utf8_lossy(&until_ended(&mut stream).await).into_owned();
        let status = answer.get(9..12).unwrap_or("408");
        let asked = text.lines().next().unwrap_or_default();
        assert!(status.starts_with('4') || asked.starts_with("GET /healthz"), "{asked}: {answer}");
    }
    assert!(trickled.await.unwrap(), "a head has to come whole");
    let whole = app.client.get(format!("{}/api/openapi.json", app.base)).send().await.unwrap().bytes().await.unwrap().len();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let read = until_ended(&mut unread).await.len();
    assert!(read < whole * much, "{read} of {} bytes were kept for somebody who does not read", whole * much);
    let (status, _) = app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
    assert_eq!(status, StatusCode::OK);
    let heard = tokio::time::timeout(Duration::from_secs(20), live.chunk()).await.expect("who listens hears");
    assert!(heard.unwrap().is_some(), "a stream without news stays open");
}
