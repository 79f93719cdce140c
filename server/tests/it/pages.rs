//! Pages and forms over plain HTTP: what keeps them safe, and a whole journey as a browser without JavaScript sends it.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::returns::Return;
use reqwest::{Client, Response, StatusCode, header, redirect};
use serde_json::json;
use server::store::{self, StoreError};
use tokio::io::AsyncWriteExt;

use crate::app::{TestApp, order};
use crate::databases::{on_both, sqlite};

/// A browser: keeps its cookies by hand, because the session's belongs to https.
pub struct Visitor<'a> {
    pub app: &'a TestApp,
    pub client: Client,
    cookies: BTreeMap<String, String>,
}

impl<'a> Visitor<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        let cookies = BTreeMap::from([("lang".to_owned(), "en".to_owned())]);
        Self { app, client: Client::builder().redirect(redirect::Policy::none()).build().unwrap(), cookies }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.with_cookies(self.client.get(format!("{}{path}", self.app.base))).send().await.unwrap()
    }

    pub async fn text(&self, path: &str) -> String {
        self.get(path).await.text().await.unwrap()
    }

    /// Sends a form and answers where it leads.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let response = self.with_cookies(self.client.post(format!("{}{path}", self.app.base)).form(fields)).send().await.unwrap();
        self.led(path, response)
    }

    /// Opens a link and answers where it leads.
    pub async fn follow(&mut self, path: &str) -> String {
        let response = self.get(path).await;
        self.led(path, response)
    }

    /// As if an answer had set it before.
    pub fn keep_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    fn led(&mut self, path: &str, response: Response) -> String {
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    pub fn with_cookies(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header(header::COOKIE, cookies.join("; "))
    }
}

on_both! {
    async fn a_return_is_asked_for_with_plain_forms(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let items = visitor.post("/", &[("number", "#10248"), ("contact", "138 0000 0001")]).await;
        let draft = items.strip_suffix("/items").unwrap().to_owned();
        assert!(visitor.text(&items).await.contains("黄铜台灯"));
        assert_eq!(visitor.post(&items, &[("units|10248|1", "1"), ("count|10248|1", "2")]).await, format!("{draft}/why"));
        let why = [("reason|10248|1", "size"), ("sub_reason|10248|1|size", "too_small"), ("condition|10248|1", "opened"), ("fit|10248|1", "small"), ("comment|10248|1", "  zu klein\u{7} ")];
        assert_eq!(visitor.post(&format!("{draft}/why"), &why).await, format!("{draft}/wish"));
        assert!(visitor.text(&format!("{draft}/wish")).await.contains("178.00"));
        assert_eq!(visitor.post(&format!("{draft}/wish"), &[("wish|10248|1", "refund")]).await, format!("{draft}/send"));
        assert_eq!(visitor.post(&format!("{draft}/send"), &[("method", "drop_off")]).await, format!("{draft}/check"));
        let check = visitor.text(&format!("{draft}/check")).await;
        assert!(check.contains("−8.00") && check.contains("170.00"), "the receipt");
        let done = visitor.post(&format!("{draft}/check"), &[]).await;
        let rma = done.trim_start_matches("/returns/").trim_end_matches("/done").to_owned();
        assert_eq!(visitor.post(&format!("{draft}/check"), &[]).await, done, "sent twice, opened once");
        assert!(visitor.text(&done).await.contains(&rma));
        let label = visitor.get(&format!("/returns/{rma}/label.pdf?size=a4")).await;
        assert_eq!(label.headers()[header::CONTENT_TYPE], "application/pdf");
        assert!(label.bytes().await.unwrap().starts_with(b"%PDF-"));
        assert_eq!(visitor.post(&format!("/returns/{rma}/cancel"), &[]).await, format!("/returns/{rma}"));

        let mut read = app.services.store.read().await.unwrap();
        let number = rma.parse().unwrap();
        let kept = store::find_return(&mut read.conn(), number).await.unwrap().unwrap();
        let events = store::events_of(&mut read.conn(), number).await.unwrap();
        assert_eq!(Return::replay(&events), Some(kept.clone()), "the state is the sum of its events");
        assert_eq!(kept.lines[0].asked.said.comment.as_deref(), Some("zu klein"));
        assert_eq!(kept.lines[0].asked.said.fit.as_ref().map(|fit| fit.as_str()), Some("small"));
        drop(read);
        let (_, told) = app.get(&format!("/returns/{rma}")).await;
        let said = ["comment", "condition", "fit"].map(|name| told["lines"][0][name].as_str().unwrap_or_default().to_owned());
        assert_eq!(said, ["zu klein", "opened", "small"], "machines hear what was said");
    }
}

on_both! {
    async fn how_the_packaging_looked_is_asked_for_what_happened_on_the_way(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let items = visitor.post("/", &[("number", "10248"), ("contact", "wang@example.com")]).await;
        let why = items.replace("/items", "/why");
        visitor.post(&items, &[("units|10248|2", "1")]).await;
        assert!(visitor.text(&why).await.contains("How did the packaging look when it came?"));
        let packaging = ("packaging|10248|2|damaged_in_transit", "damaged");
        visitor.post(&why, &[("reason|10248|2", "damaged_in_transit"), ("condition|10248|2", "opened"), packaging]).await;
        let kept = async || app.database.texts("SELECT data FROM drafts").await;
        assert!(kept().await[0].contains(r#""packaging":"damaged""#));
        visitor.post(&why, &[("reason|10248|2", "dislike"), ("condition|10248|2", "opened"), packaging]).await;
        assert!(!kept().await[0].contains("packaging"), "it came well: nobody asks");

        let asked = |packaging: &str| {
            let line = json!({"line": "2", "quantity": 1, "reason": "damaged_in_transit", "condition": "opened", "packaging": packaging});
            json!({"orders": ["10248"], "method": "self_ship", "lines": [line]})
        };
        let (status, refused) = app.post("/returns", &asked("wet")).await;
        assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("lines[0].packaging")));
        let (_, opened) = app.post("/returns", &asked("intact")).await;
        assert_eq!(opened["lines"][0]["packaging"], "intact", "{opened}");
    }
}

on_both! {
    async fn a_return_whose_answer_never_came_is_found_by_pressing_again(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let items = visitor.post("/", &[("number", "10248"), ("contact", "wang@example.com")]).await;
        let draft = items.strip_suffix("/items").unwrap().to_owned();
        visitor.post(&items, &[("units|10248|2", "1")]).await;
        visitor.post(&format!("{draft}/why"), &[("reason|10248|2", "dislike"), ("condition|10248|2", "opened")]).await;
        visitor.post(&format!("{draft}/wish"), &[("wish|10248|2", "refund")]).await;
        visitor.post(&format!("{draft}/send"), &[("method", "drop_off")]).await;
        let mut kept = Vec::new();
        for table in ["drafts", "sessions"] {
            kept.push((table, app.database.texts(&format!("SELECT data FROM {table}")).await.pop().unwrap()));
        }
        let done = visitor.post(&format!("{draft}/check"), &[]).await;
        assert!(done.ends_with("/done"), "{done}");
        // The server was killed before it noted in the draft and the session what had become of it.
        for (table, data) in kept {
            app.database.meddle(&format!("UPDATE {table} SET data = '{data}'")).await;
        }
        // Weeks later: what the draft became is known as long as the draft is.
        let sweep = |drafts_before: i64| {
            let now = app.services.clock.millis();
            app.services.store.write(move |mut conn| {
                Box::pin(async move {
                    store::delete_old_drafts(&mut conn, drafts_before, 100).await?;
                    store::delete_old_answers(&mut conn, now + 1, 100).await
                })
            })
        };
        assert_eq!(sweep(0).await.map_err(|error: StoreError| error).unwrap(), 0);
        assert_eq!(visitor.post(&format!("{draft}/check"), &[]).await, done);
        assert_eq!(visitor.get(&format!("{draft}/check")).await.headers()[header::LOCATION], done.trim_end_matches("/done"));
        assert_eq!(sweep(app.services.clock.millis() + 1).await.unwrap(), 1, "and no longer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_has_the_headers_that_keep_it_safe() {
    let app = TestApp::start(sqlite().await).await;
    let visitor = Visitor::new(&app);
    for path in ["/", "/policy", "/nothing", "/returns/R-0000-0000", "/healthz", "/api/v1/returns", "/robots.txt"] {
        let response = visitor.get(path).await;
        let headers = response.headers().clone();
        for (name, value) in [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "same-origin")] {
            assert_eq!(headers[name], value, "{path}");
        }
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(headers.contains_key("x-request-id"), "{path}");
        let body = response.text().await.unwrap();
        if let Some(nonce) = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()) {
            for script in body.split("<script").skip(1) {
                assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{path}: a script without the nonce");
            }
            assert!(!body.contains(" style=\""), "{path}: an inline style");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_shop_shows_its_orders_and_pictures() {
    let app = TestApp::with(sqlite().await, |config| config.demo = true).await;
    server::demo::seed(&app.services).await.unwrap();
    let mut visitor = Visitor::new(&app);
    let front = visitor.get("/").await.text().await.unwrap();
    let shop = server::demo::orders_to_try();
    for order in shop.iter().flat_map(|department| &department.orders) {
        let times = if order.highlight { 2 } else { 1 };
        assert_eq!(front.matches(&format!("name=\"number\" value=\"{}\"", order.number)).count(), times, "{}", order.number);
    }
    let packed = app.client.get(format!("{}/", app.base)).header("accept-encoding", "gzip").send().await.unwrap().bytes().await.unwrap();
    assert!(packed.len() < 14 << 10, "the front page has {} bytes packed", packed.len());

    let items = visitor.post("/", &[("number", "10248"), ("contact", "wang@example.com")]).await;
    assert!(visitor.text(&items).await.contains("src=\"/demo/tee.svg\""));
    let picture = visitor.get("/demo/tee.svg").await;
    assert_eq!(
        (picture.status(), &picture.headers()[header::CONTENT_TYPE]),
        (StatusCode::OK, &"image/svg+xml; charset=utf-8".parse().unwrap())
    );
    assert_eq!(picture.headers()[header::CACHE_CONTROL], "public, max-age=3600");
    assert_eq!(visitor.get("/demo/nothing.svg").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_from_elsewhere_is_not_taken() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("1")).await;
    let form = || app.client.post(format!("{}/", app.base)).form(&[("number", "1"), ("contact", "wang@example.com")]);
    assert_eq!(form().header("sec-fetch-site", "cross-site").send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(form().header("origin", "https://evil.example").send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(form().header("sec-fetch-site", "same-origin").send().await.unwrap().status(), StatusCode::SEE_OTHER);
    let large = "x".repeat(2 << 20);
    let refused = app.client.post(format!("{}/", app.base)).form(&[("number", &large)]).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_session_belongs_to_this_host_and_to_no_script() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("1")).await;
    let found = app.client.post(format!("{}/", app.base)).form(&[("number", "1"), ("contact", "wang@example.com")]).send().await.unwrap();
    let cookie = found.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-homebound="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    // Being recognised gives a new token: a planted one is worth nothing.
    let planted = "__Host-homebound=planted";
    let again = app
        .client
        .post(format!("{}/", app.base))
        .header("cookie", planted)
        .form(&[("number", "1"), ("contact", "wang@example.com")])
        .send()
        .await
        .unwrap();
    assert!(!again.headers()[header::SET_COOKIE].to_str().unwrap().contains("planted"));
}

on_both! {
    async fn unknown_and_mismatched_answer_the_same_and_are_held_back_alike(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let mut pages = Vec::new();
        for number in ["1", "404"] {
            let mut visitor = Visitor::new(&app);
            let before = app.services.clock.held_back();
            assert_eq!(visitor.post("/", &[("number", number), ("contact", "stranger@example.com")]).await, "/");
            assert_eq!(app.services.clock.held_back() - before, 1, "its time tells nothing");
            let page = visitor.text("/").await;
            let scripts = page.find("<script").map_or("", |start| &page[start..start + 60]).to_owned();
            let nonce = scripts.split('"').nth(1).unwrap_or("-").to_owned();
            pages.push(page.replace(&nonce, "").replace(&format!("value=\"{number}\""), "value"));
        }
        assert_eq!(pages[0], pages[1]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_requests_are_asked_to_wait() {
    let app = TestApp::with(sqlite().await, |config| {
        config.limits.requests_per_second = 1;
        config.limits.burst = 5;
    })
    .await;
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(app.client.get(format!("{}/policy", app.base)).send().await.unwrap().status());
    }
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::OK).count(), 5);
    assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(app.client.get(format!("{}/healthz", app.base)).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_goes_away_harms_nothing() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("1")).await;
    let address = app.base.trim_start_matches("http://");
    for round in 0..200 {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let path = ["/", "/policy", "/nothing", "/returns/R-0000-0000"][round % 4];
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\naccept-language: zh\r\n\r\n").as_bytes()).await.unwrap();
        if round % 3 == 0 {
            tokio::time::sleep(Duration::from_micros(300 * (round as u64 % 7))).await;
        }
        drop(stream);
    }
    let visitor = Visitor::new(&app);
    assert_eq!(visitor.get("/").await.status(), StatusCode::OK);
    let figures = app.client.get(format!("{}/metrics", app.base)).bearer_auth(&app.key).send().await.unwrap().text().await.unwrap();
    assert!(!figures.contains("route=\"/\",status=\"500\""), "no page failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_browsers_fetch_comes_packed_and_for_good() {
    let app = TestApp::start(sqlite().await).await;
    let page = Visitor::new(&app).text("/").await;
    let style = page.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let sheet = app.client.get(format!("{}{style}", app.base)).header("accept-encoding", "br").send().await.unwrap();
    assert_eq!(sheet.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
    // A sheet whose name changes with its content is kept for ever; without the built site there is only the plain one.
    if style != "/assets/style.css" {
        assert_eq!(sheet.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(sheet.headers()[header::CONTENT_ENCODING], "br");
    }
    assert_eq!(app.client.get(format!("{}/assets/../Cargo.toml", app.base)).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(app.client.get(format!("{}/assets/none.js", app.base)).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}
