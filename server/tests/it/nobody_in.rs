//! Nobody in (P13): every route that is served, asked by everybody it is not for. A new route without a row fails.

use std::collections::BTreeSet;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use server::http::api;
use server::secrets;
use server::store::Scope;

use crate::app::{TestApp, add_key, answer, order, request};
use crate::databases::on_both;
use crate::entry::{SECRET, another, sign};
use crate::evidence::photo;
use crate::routes::served;

/// What a route answers somebody whom it does not concern.
#[derive(Clone, Copy, Debug)]
enum Says {
    /// This status, and nothing of anybody's.
    Status(u16),
    /// 303 to this path; `{rma}` is the one asked for.
    To(&'static str),
    /// "Is this your return?"
    Asks,
    /// As `To`; but who is known for an account of their own is told that there is no such thing.
    ToUnlessKnown(&'static str),
}

use Says::{Asks, Status, To, ToUnlessKnown};

/// Whether it shows or changes something of a customer's, so that its owner gets another answer than everybody else.
#[derive(Clone, Copy, PartialEq)]
enum Whose {
    Anybodys,
    Owners,
}

use Whose::{Anybodys, Owners};

/// Pages, forms and files. Add a row where you add a route.
const PAGES: &[(&str, &str, Says, Whose)] = &[
    ("GET", "/", Status(200), Anybodys),
    ("POST", "/", To("/"), Anybodys),
    ("POST", "/find-return", To("/"), Anybodys),
    ("GET", "/policy", Status(200), Anybodys),
    ("GET", "/start", To("/start/again"), Anybodys),
    ("GET", "/start/again", Status(410), Anybodys),
    ("GET", "/start/by-number", Status(200), Anybodys),
    ("GET", "/continue/{link}", To("/link-over"), Anybodys),
    ("GET", "/r/{link}", To("/link-over"), Anybodys),
    ("GET", "/link-over", Status(410), Anybodys),
    ("GET", "/gone", Status(410), Anybodys),
    ("GET", "/busy", Status(429), Anybodys),
    ("GET", "/updating", Status(503), Anybodys),
    ("GET", "/failed/{reference}", Status(500), Anybodys),
    ("GET", "/account", Status(200), Anybodys),
    ("POST", "/account/code", To("/account"), Anybodys),
    ("POST", "/account/enter", To("/account"), Anybodys),
    ("POST", "/account/return", ToUnlessKnown("/account"), Anybodys),
    ("GET", "/return/{draft}/items", Status(410), Owners),
    ("POST", "/return/{draft}/items", To("/gone"), Owners),
    ("POST", "/return/{draft}/orders", To("/gone"), Owners),
    ("GET", "/return/{draft}/why", Status(410), Owners),
    ("POST", "/return/{draft}/why", To("/gone"), Owners),
    ("GET", "/return/{draft}/wish", Status(410), Owners),
    ("POST", "/return/{draft}/wish", To("/gone"), Owners),
    ("GET", "/return/{draft}/send", Status(410), Owners),
    ("POST", "/return/{draft}/send", To("/gone"), Owners),
    ("POST", "/return/{draft}/preview/{step}", Status(204), Owners),
    ("GET", "/return/{draft}/show", Status(410), Owners),
    ("POST", "/return/{draft}/show", To("/gone"), Owners),
    ("POST", "/return/{draft}/uploads", Status(404), Owners),
    ("GET", "/return/{draft}/uploads/{id}", Status(404), Owners),
    ("PUT", "/return/{draft}/uploads/{id}", Status(404), Owners),
    ("DELETE", "/return/{draft}/uploads/{id}", Status(404), Owners),
    ("DELETE", "/return/{draft}/evidence/{id}", Status(404), Owners),
    ("GET", "/return/{draft}/check", Status(410), Owners),
    ("POST", "/return/{draft}/check", To("/gone"), Owners),
    ("GET", "/return/{draft}/elsewhere", Status(410), Owners),
    ("GET", "/returns/{rma}", Asks, Owners),
    ("GET", "/returns/{rma}/done", Asks, Owners),
    ("GET", "/returns/{rma}/cancel", Asks, Owners),
    ("GET", "/returns/{rma}/method", Asks, Owners),
    ("GET", "/returns/{rma}/live", Status(403), Owners),
    ("GET", "/returns/{rma}/label.pdf", To("/returns/{rma}"), Owners),
    ("GET", "/returns/{rma}/pickup.ics", To("/returns/{rma}"), Owners),
    ("GET", "/returns/{rma}/photos", Asks, Owners),
    ("POST", "/returns/{rma}/photos", To("/returns/{rma}"), Anybodys),
    ("POST", "/returns/{rma}/uploads", Status(404), Anybodys),
    ("GET", "/returns/{rma}/uploads/{id}", Status(404), Anybodys),
    ("PUT", "/returns/{rma}/uploads/{id}", Status(404), Anybodys),
    ("DELETE", "/returns/{rma}/uploads/{id}", Status(404), Anybodys),
    ("GET", "/evidence/{id}", Status(404), Owners),
    ("GET", "/evidence/{id}/preview", Status(404), Owners),
    ("POST", "/returns/{rma}/verify", To("/returns/{rma}"), Anybodys),
    ("POST", "/returns/{rma}/add", To("/returns/{rma}"), Owners),
    ("POST", "/returns/{rma}/method", To("/returns/{rma}"), Anybodys),
    ("POST", "/returns/{rma}/label", To("/returns/{rma}"), Anybodys),
    ("POST", "/returns/{rma}/cancel", To("/returns/{rma}"), Anybodys),
    ("POST", "/demo/clock", Status(404), Anybodys),
    ("GET", "/demo/{*path}", Status(404), Anybodys),
    ("GET", "/assets/{*path}", Status(404), Anybodys),
    ("GET", "/logo", Status(404), Anybodys),
    ("GET", "/icon.svg", Status(200), Anybodys),
    ("GET", "/robots.txt", Status(200), Anybodys),
    ("GET", "/healthz", Status(200), Anybodys),
    ("GET", "/readyz", Status(200), Anybodys),
    ("GET", "/metrics", Status(401), Anybodys),
    ("GET", "/api/openapi.json", Status(200), Anybodys),
    // Last: from here on nobody is known any more.
    ("POST", "/account/leave", To("/account"), Anybodys),
];

/// Calls by machine, and the least a key must be good for.
const CALLS: &[(&str, &str, Scope)] = &[
    ("PUT", "/api/v1/orders/{number}", Scope::Write),
    ("GET", "/api/v1/orders/{number}", Scope::Read),
    ("GET", "/api/v1/orders/{number}/books", Scope::Read),
    ("POST", "/api/v1/orders/import", Scope::Write),
    ("PUT", "/api/v1/stock/{warehouse}/{sku}", Scope::Write),
    ("GET", "/api/v1/stock/{warehouse}/{sku}", Scope::Read),
    ("PUT", "/api/v1/customers/{id}", Scope::Write),
    ("POST", "/api/v1/returns/quote", Scope::Read),
    ("POST", "/api/v1/returns", Scope::Write),
    ("GET", "/api/v1/returns", Scope::Read),
    ("GET", "/api/v1/returns/{rma}", Scope::Read),
    ("GET", "/api/v1/returns/{rma}/timeline", Scope::Read),
    ("GET", "/api/v1/returns/{rma}/label.pdf", Scope::Read),
    ("POST", "/api/v1/evidence", Scope::Write),
    ("GET", "/api/v1/evidence/{id}", Scope::Read),
    ("POST", "/api/v1/returns/{rma}/evidence", Scope::Write),
    ("POST", "/api/v1/returns/{rma}/cancel", Scope::Write),
    ("POST", "/api/v1/returns/{rma}/lines", Scope::Write),
    ("POST", "/api/v1/returns/{rma}/method", Scope::Write),
    ("POST", "/api/v1/returns/{rma}/label", Scope::Write),
];

/// What only the owner may read, wherever it could turn up.
const PRIVATE: [&str; 9] = ["王小明", "wang@example.com", "138000", "浙江省", "文三路", "黄铜台灯", "有机棉", "TEE-BLK-M", "LAMP"];

/// An order with a draft and a return, and everybody whom they do not concern.
struct Shop {
    app: TestApp,
    rma: String,
    /// A photo in the return.
    photo: String,
    draft: String,
    /// A photo in the draft, and one that is still on its way.
    shown: String,
    upload: String,
}

impl Shop {
    async fn open(database: crate::databases::Database) -> Self {
        let app = TestApp::with(database, |config| {
            config.start.secrets = [SECRET.into()].into_iter().collect();
            (config.limits.lookups_per_address, config.limits.lookups_per_order) = (100_000, 100_000);
            config.limits.codes_per_address = 100_000;
        })
        .await;
        app.put_order(&order("10248")).await;
        let mut foreign = another("3");
        (foreign["lines"][0]["name"], foreign["lines"][1]["name"]) = ("mug".into(), "plate".into());
        app.put_order(&foreign).await;
        let (status, opened) = app.post("/returns", &request("10248", "1", 1)).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        let rma = opened["rma"].as_str().unwrap().to_owned();
        let form = Form::new().part("file", Part::bytes(photo(1)).file_name("lamp.jpg")).text("line", "1");
        let (status, kept) = answer(app.api("POST", &format!("/returns/{rma}/evidence")).multipart(form).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::CREATED, "{kept}");
        let kept = kept["id"].as_str().unwrap().to_owned();

        let mut shop = Self { app, rma, photo: kept, draft: String::new(), shown: String::new(), upload: String::new() };
        let (cookie, items) = shop.led("/", &[("number", "10248"), ("contact", "wang@example.com")], None).await;
        shop.draft = items.split('/').nth(2).unwrap().to_owned();
        shop.led(&items, &[("units|10248|2", "1")], Some(&cookie)).await;
        let why = [("reason|10248|2", "damaged_in_transit"), ("condition|10248|2", "opened")];
        shop.led(&items.replace("/items", "/why"), &why, Some(&cookie)).await;
        let (uploads, size) = (format!("{}{}", shop.app.base, items.replace("/items", "/uploads")), photo(2).len().to_string());
        let mut begun = Vec::new();
        for _ in 0..2 {
            let announced = shop.app.client.post(&uploads).form(&[("line", "10248|2"), ("name", "photo.jpg"), ("size", &size)]);
            let (_, upload) = answer(with(announced, Some(&cookie)).send().await.unwrap()).await;
            begun.push(upload["id"].as_str().unwrap_or_else(|| panic!("{upload}")).to_owned());
        }
        let whole = shop.app.client.put(format!("{uploads}/{}?offset=0", begun[0])).body(photo(2));
        let (_, upload) = answer(with(whole, Some(&cookie)).send().await.unwrap()).await;
        shop.shown = upload["evidence"]["id"].as_str().unwrap_or_else(|| panic!("{upload}")).to_owned();
        shop.upload = begun.remove(1);
        shop
    }

    /// Sends a form; the session it gives, and where it leads.
    async fn led(&self, path: &str, fields: &[(&str, &str)], cookie: Option<&str>) -> (String, String) {
        let sent = with(self.app.client.post(format!("{}{path}", self.app.base)).form(fields), cookie).send().await.unwrap();
        let session = sent.headers().get(header::SET_COOKIE).map_or("", |cookie| cookie.to_str().unwrap());
        (session.split(';').next().unwrap().to_owned(), sent.headers()[header::LOCATION].to_str().unwrap().to_owned())
    }

    /// The customer, who has the draft and the return.
    async fn owner(&self) -> String {
        let (cookie, _) = self.led("/find-return", &[("rma", &self.rma), ("rma_contact", "wang@example.com")], None).await;
        let (cookie, items) = self.led("/", &[("number", "10248"), ("contact", "wang@example.com")], Some(&cookie)).await;
        let draft = items.split('/').nth(2).unwrap();
        // Their own draft is a new one in a new session; the one that is asked for is handed over by a link.
        assert_ne!(draft, self.draft);
        let link = self.app.services.sign_link(server::services::Purpose::Draft, &self.draft);
        let carried = with(self.app.client.get(format!("{}/continue/{link}", self.app.base)), Some(&cookie)).send().await.unwrap();
        carried.headers().get(header::SET_COOKIE).map_or(cookie, |cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
    }

    /// Everybody else: who they are, their cookie, and whether they are known for an account.
    async fn others(&self) -> Vec<(&'static str, Option<String>, bool)> {
        let (shopper, _) = self.led("/", &[("number", "3"), ("contact", "li@example.com")], None).await;
        let now = self.app.services.clock.now().as_second();
        let ticket =
            sign(&serde_json::json!({"alg": "HS256"}), &serde_json::json!({"iat": now, "exp": now + 300, "customer": "c-2"}), SECRET);
        let account = self.app.client.get(format!("{}/start?token={ticket}", self.app.base)).send().await.unwrap();
        let account = account.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let expired = self.owner().await;
        let digest = secrets::digest(expired.split_once('=').unwrap().1);
        self.app.database.meddle(&format!("UPDATE sessions SET expires_at = 1 WHERE digest = '{digest}'")).await;
        let left = self.owner().await;
        self.led("/account/leave", &[], Some(&left)).await;
        let stolen = secrets::digest(self.owner().await.split_once('=').unwrap().1);
        vec![
            ("a stranger", None, false),
            ("a shopper with another order", Some(shopper), false),
            ("a customer with an account of their own", Some(account), true),
            ("the owner, too late", Some(expired), false),
            ("the owner, after leaving", Some(left), false),
            ("a forger", Some(format!("__Host-homebound={}", secrets::token())), false),
            ("an injector", Some("__Host-homebound=' OR '1'='1".to_owned()), false),
            ("who read the database", Some(format!("__Host-homebound={stolen}")), false),
        ]
    }

    fn fill(&self, path: &str) -> String {
        let forged = format!("{}.7fffffff.{}", "Ui0wMDAwLTAwMDA", "AAAAAAAAAAAAAAAAAAAAAA");
        let path = path.replace("{draft}", &self.draft).replace("{rma}", &self.rma).replace("{step}", "why").replace("{link}", &forged);
        let path = path.replace("{reference}", "abc").replace("{number}", "10248").replace("{*path}", "..%2f..%2fCargo.toml");
        let path = path.replace("{warehouse}", "HZ1").replace("{sku}", "TEE-BLK-M");
        let id = match path.split('/').rev().find(|part| ["uploads", "evidence", "customers"].contains(part)) {
            Some("uploads") => &self.upload,
            Some("evidence") if path.starts_with("/return/") => &self.shown,
            Some("evidence") => &self.photo,
            _ => "c-1",
        };
        let path = path.replace("{id}", id);
        assert!(!path.contains('{'), "fill in what is new: {path}");
        if path == "/start" {
            format!("/start?token={}", sign(&serde_json::json!({"alg": "HS256"}), &serde_json::json!({}), "not it"))
        } else {
            path
        }
    }

    /// What everybody sends along: all that any form asks for.
    fn ask(&self, method: &str, path: &str) -> RequestBuilder {
        let fields = [
            ("number", "10248"),
            ("contact", "mallory@example.com"),
            ("rma", &self.rma),
            ("rma_contact", "mallory@example.com"),
            ("email", "mallory@example.com"),
            ("code", "000000"),
            ("order", "10248"),
            ("known", "10248"),
            ("units|10248|2", "1"),
            ("reason|10248|2", "dislike"),
            ("wish|10248|2", "refund"),
            ("method", "drop_off"),
            ("days", "30"),
            ("next", "//evil.example"),
            ("line", "10248|2"),
            ("name", "mine.jpg"),
            ("size", "100"),
        ];
        let place = if method == "PUT" { "?offset=0" } else { "" };
        let asked = self.app.client.request(method.parse().unwrap(), format!("{}{}{place}", self.app.base, self.fill(path)));
        match method {
            "POST" if path.ends_with("/show") || path.ends_with("/photos") => {
                let files = Part::bytes(photo(3)).file_name("mine.jpg");
                asked.multipart(Form::new().part("files|10248|2", files))
            }
            "POST" => asked.form(&fields),
            "PUT" => asked.body(photo(2)),
            _ => asked,
        }
    }

    /// All that a command could have changed.
    async fn kept(&self) -> Vec<String> {
        let mut kept = Vec::new();
        for (table, columns) in [
            ("returns", "rma || state"),
            ("return_events", "rma || event"),
            ("return_orders", "rma || order_key"),
            ("orders", "number_key || document"),
            ("drafts", "id || data"),
            ("outbox", "id || payload"),
            ("stock", "sku || warehouse"),
            ("reservations", "rma || sku"),
            ("customers", "id || document"),
            ("idempotency", "key || answer"),
            ("api_keys", "name || scope"),
            ("evidence", "id || holder_id"),
            ("uploads", "id || holder_id || received"),
        ] {
            kept.extend(self.app.database.texts(&format!("SELECT {columns} FROM {table} ORDER BY 1")).await);
        }
        kept
    }
}

fn with(request: RequestBuilder, cookie: Option<&str>) -> RequestBuilder {
    match cookie {
        Some(cookie) => request.header(header::COOKIE, format!("lang=en; {cookie}")),
        None => request.header(header::COOKIE, "lang=en"),
    }
}

/// Status, where it leads, and everything that was said.
async fn heard(answer: Response) -> (u16, String, String) {
    let status = answer.status().as_u16();
    guarded(&answer);
    let header = |name| answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let to = header(header::LOCATION);
    let stream = header(header::CONTENT_TYPE).starts_with("text/event-stream");
    let text = if stream { String::new() } else { String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned() };
    (status, to, text)
}

/// Headers that every answer has; nothing but what is in the binary is kept by anybody on the way.
fn guarded(answer: &Response) {
    let (path, headers) = (answer.url().path(), answer.headers());
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(headers.get(name).map(header::HeaderValue::as_bytes), Some(value.as_bytes()), "{path}: {name}");
    }
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"),
        "{path}: {policy}"
    );
    let shipped = ["/assets/", "/demo/", "/logo", "/icon.svg", "/robots.txt"].iter().any(|place| path.starts_with(place))
        && answer.status() == StatusCode::OK;
    let caching = headers["cache-control"].to_str().unwrap();
    assert!(if shipped { caching.starts_with("public") } else { caching.contains("no-store") }, "{path}: {caching}");
    for cookie in headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        let flags = ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"];
        assert!(
            cookie.starts_with("lang=") || cookie.starts_with("__Host-") && flags.iter().all(|flag| cookie.contains(flag)),
            "{path}: {cookie}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_has_a_row() {
    let app = TestApp::start(crate::databases::sqlite().await).await;
    let pages = PAGES.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned()));
    let calls = CALLS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()));
    let rows: BTreeSet<(String, String)> = pages.chain(calls.clone()).collect();
    let (routes, none) = (served(&app), Vec::<&(String, String)>::new());
    assert_eq!(routes.difference(&rows).collect::<Vec<_>>(), none, "routes without a row");
    assert_eq!(rows.difference(&routes).collect::<Vec<_>>(), none, "rows without a route");

    let document = api::openapi();
    let described = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), format!("/api{path}"))));
    assert_eq!(described.collect::<BTreeSet<_>>(), calls.collect::<BTreeSet<_>>(), "calls as they are described");
}

on_both! {
    async fn nobody_gets_anything_from_a_page_or_form_that_is_not_theirs(database: Database) {
        let shop = Shop::open(database).await;
        let before = shop.kept().await;
        let others = shop.others().await;
        // Those have begun drafts of their own on the way.
        let started: Vec<String> = shop.kept().await.into_iter().filter(|row| !before.contains(row)).collect();
        for (method, path, says, _) in PAGES {
            for (who, cookie, known) in &others {
                let (status, to, text) = heard(with(shop.ask(method, path), cookie.as_deref()).send().await.unwrap()).await;
                let at = format!("{method} {path} by {who}: {status} {to}");
                match says {
                    Status(expected) => assert_eq!((status, to.as_str()), (*expected, ""), "{at}"),
                    Asks => assert!(status == 200 && text.contains("Is this your return?") || status == 422, "{at}"),
                    ToUnlessKnown(_) if *known => assert_eq!((status, to.as_str()), (303, "/not-found"), "{at}"),
                    To(place) | ToUnlessKnown(place) => assert_eq!((status, to), (303, place.replace("{rma}", &shop.rma)), "{at}"),
                }
                // The examples of the machine interface are told to everybody.
                let told = PRIVATE.iter().find(|private| text.contains(**private) && *path != "/api/openapi.json");
                assert_eq!(told, None, "{at}");
            }
        }
        let after: Vec<String> = shop.kept().await.into_iter().filter(|row| !started.contains(row)).collect();
        assert_eq!(after, before, "nothing happened");
    }
}

on_both! {
    async fn the_owner_gets_what_the_others_do_not(database: Database) {
        let shop = Shop::open(database).await;
        for (method, path, says, _) in PAGES.iter().filter(|row| row.3 == Owners) {
            let cookie = shop.owner().await;
            let (status, to, text) = heard(with(shop.ask(method, path), Some(&cookie)).send().await.unwrap()).await;
            let at = format!("{method} {path}: {status} {to}");
            match says {
                Status(refused) => assert_ne!(status, *refused, "{at}"),
                Asks => assert!(status == 200 && !text.contains("Is this your return?") || status == 302, "{at}"),
                // A return without a pickup has none for the calendar.
                _ if path.ends_with(".ics") => assert_eq!(status, 404, "{at}"),
                To(place) | ToUnlessKnown(place) => assert_ne!(to, place.replace("{rma}", &shop.rma), "{at}"),
            }
        }
        let cookie = shop.owner().await;
        let page = with(shop.app.client.get(format!("{}/returns/{}", shop.app.base, shop.rma)), Some(&cookie)).send().await.unwrap();
        let text = page.text().await.unwrap();
        assert!(text.contains("文三路") || text.contains("有机棉"), "the words looked for are those that are shown");
    }
}

on_both! {
    async fn no_form_is_taken_from_another_site(database: Database) {
        let shop = Shop::open(database).await;
        let cookie = shop.owner().await;
        let before = shop.kept().await;
        for (method, path, ..) in PAGES.iter().filter(|row| row.0 != "GET") {
            for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example"), ("origin", "null")] {
                let sent = with(shop.ask(method, path), Some(&cookie)).header(name, value).send().await.unwrap();
                assert_eq!(sent.status(), StatusCode::FORBIDDEN, "{method} {path}, {name}: {value}");
            }
        }
        assert_eq!(shop.kept().await, before, "nothing happened");
    }
}

on_both! {
    async fn no_machine_does_more_than_its_key_is_good_for(database: Database) {
        let shop = Shop::open(database).await;
        let (reader, cookie) = (add_key(&shop.app.services, "reader", Scope::Read).await, shop.owner().await);
        let before = shop.kept().await;
        let digest = secrets::digest(&shop.app.key);
        let wrong = [String::new(), "Bearer ".to_owned(), "Bearer hb_unknown".to_owned(), format!("Basic {}", shop.app.key), format!("Bearer {digest}"), format!("Bearer {}x", shop.app.key), "Bearer ' OR '1'='1".to_owned()];
        let client = Client::new();
        for (method, path, scope) in CALLS {
            let ask = || client.request(method.parse().unwrap(), format!("{}{}", shop.app.base, shop.fill(path))).header("content-type", "application/json").body("{}");
            for key in &wrong {
                let asked = if key.is_empty() { with(ask(), Some(&cookie)) } else { ask().header("authorization", key) };
                let (status, _, text) = heard(asked.send().await.unwrap()).await;
                assert_eq!(status, 401, "{method} {path} with `{key}`: {text}");
                assert!(text.contains("/problems/key-") && !PRIVATE.iter().any(|private| text.contains(private)), "{text}");
            }
            let (status, _, text) = heard(ask().bearer_auth(&reader).send().await.unwrap()).await;
            assert_eq!(status == 403, *scope > Scope::Read, "{method} {path} by a reader: {status} {text}");
            assert!(status < 500, "{method} {path}: {status}");
        }
        assert_eq!(shop.kept().await, before, "nothing happened");
    }
}
