//! Nobody in (P13): every route that is served, asked by everybody it is not for. What each should answer follows from its row in the table of routes.
//! Long because every route has a row that says how it is asked.

use std::collections::BTreeSet;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use server::http::{Kind, Row, Who, api, table};
use server::secrets;
use server::store::Scope;

use crate::app::{TestApp, add_key, answer, order, request};
use crate::databases::on_both;
use crate::entry::{SECRET, another, sign};
use crate::evidence::photo;

/// What a route answers somebody whom it does not concern.
#[derive(Clone, Copy, Debug)]
enum Says {
    /// This status, and nothing of anybody's.
    Status(u16),
    /// 303 to this path; `{rma}` is the one asked for.
    To(&'static str),
    /// "Is this your return?"
    Asks,
    /// 303 to what was begun there, of which nobody but who began it knows the name: the path before that, and after it.
    Begins(&'static str, &'static str),
    /// As `To`; but who is known for an account of their own is told that there is no such thing.
    ToUnlessKnown(&'static str),
}

use Says::{Asks, Begins, Status, To, ToUnlessKnown};

/// What is for anybody, and what answers otherwise than others of its kind.
const SAYS: &[(&str, &str, Says)] = &[
    ("POST", "/", To("/")),
    ("POST", "/find-return", To("/")),
    ("GET", "/start", To("/start/again")),
    ("GET", "/start/again", Status(410)),
    ("GET", "/continue/{link}", To("/link-over")),
    ("GET", "/r/{link}", To("/link-over")),
    ("GET", "/r/{link}/{stars}", To("/link-over")),
    ("GET", "/link-over", Status(410)),
    ("GET", "/gone", Status(410)),
    ("GET", "/busy", Status(429)),
    ("GET", "/updating", Status(503)),
    ("GET", "/failed/{reference}", Status(500)),
    ("POST", "/account/code", To("/account")),
    ("POST", "/account/enter", To("/account")),
    ("POST", "/account/return", ToUnlessKnown("/account")),
    ("POST", "/account/leave", To("/account")),
    ("POST", "/account/reach", To("/account/reach")),
    ("POST", "/account/erase", To("/account/erase")),
    ("GET", "/account/data/export", To("/account")),
    ("GET", "/account/inbox/live", Status(204)),
    ("POST", "/account/stay", To("/account")),
    ("POST", "/account/switch", To("/account")),
    ("POST", "/return/{draft}/preview/{step}", Status(204)),
    ("GET", "/returns/{rma}/live", Status(403)),
    ("POST", "/demo/clock", Status(404)),
    ("GET", "/demo/{*path}", Status(404)),
    ("GET", "/assets/{*path}", Status(404)),
    ("POST", "/withdraw", Begins("/withdraw/", "/change")),
    ("GET", "/withdraw/{link}", Status(404)),
    ("POST", "/withdraw/{link}", To("/not-found")),
    ("GET", "/withdraw/{link}/change", Status(404)),
    ("POST", "/withdraw/{link}/change", To("/not-found")),
    ("POST", "/withdraw/{link}/again", To("/not-found")),
    ("GET", "/withdraw/{link}/receipt.pdf", To("/not-found")),
    ("GET", "/round/{link}", Status(404)),
    ("POST", "/round/{link}/{rma}", To("/not-found")),
    ("POST", "/staff/sign-in", To("/staff/sign-in")),
    ("POST", "/staff/sign-on", To("/staff/sign-in")),
    ("GET", "/staff/sign-on/back", To("/staff/sign-in")),
    ("POST", "/staff/pair", To("/staff/pair")),
    ("POST", "/staff/sign-out", To("/staff/sign-in")),
    ("GET", "/staff/welcome/{link}", Status(410)),
    ("POST", "/staff/welcome/{link}", Begins("/staff/welcome/", "")),
    ("GET", "/logo", Status(404)),
    ("GET", "/metrics", Status(401)),
    ("POST", "/hooks/stripe", Status(404)),
    ("POST", "/hooks/twilio/status", Status(404)),
    ("POST", "/hooks/aliyun/{secret}", Status(404)),
];

/// What its holder is told as everybody is: the form leads to the return's page, or what is named is not of this return.
const ALIKE: &[(&str, &str)] = &[
    ("POST", "/returns/{rma}/photos"),
    ("POST", "/returns/{rma}/uploads"),
    ("GET", "/returns/{rma}/uploads/{id}"),
    ("PUT", "/returns/{rma}/uploads/{id}"),
    ("DELETE", "/returns/{rma}/uploads/{id}"),
    ("POST", "/returns/{rma}/verify"),
    ("POST", "/returns/{rma}/method"),
    ("POST", "/returns/{rma}/door"),
    ("POST", "/returns/{rma}/label"),
    ("POST", "/returns/{rma}/pay"),
    ("POST", "/returns/{rma}/cancel"),
    ("GET", "/returns/{rma}/credit-notes/{number}/credit-note.pdf"),
];

/// Pages, forms and files. Sent off, a draft is none any more; from leaving on nobody is known: these come last.
fn pages() -> Vec<Row> {
    let mut rows: Vec<Row> = table().into_iter().filter(|row| !matches!(row.who, Who::Key(_))).collect();
    rows.sort_by_key(|row| (row.path == "/account/leave", (row.method, row.path.as_str()) == ("POST", "/return/{draft}/check")));
    rows
}

/// Calls by machine, and the least a key must be good for.
fn calls() -> Vec<(Row, Scope)> {
    let scope = |row: Row| match row.who {
        Who::Key(scope) => Some((row, scope)),
        _ => None,
    };
    table().into_iter().filter_map(scope).collect()
}

fn says(row: &Row) -> Says {
    let named = SAYS.iter().find(|(method, path, _)| (*method, *path) == (row.method, row.path.as_str()));
    let of_return = row.path.starts_with("/returns/");
    match (named, row.who, row.kind) {
        (Some((.., says)), ..) => *says,
        (None, Who::Holder, Kind::Page) if of_return => Asks,
        (None, Who::Holder, Kind::Page) => Status(410),
        (None, Who::Holder, Kind::Form) if of_return => To("/returns/{rma}"),
        (None, Who::Holder, Kind::Form) => To("/gone"),
        (None, Who::Holder, Kind::Data) => Status(404),
        (None, Who::Staff, Kind::Page) => Begins("/staff/sign-in?next=", ""),
        (None, Who::Staff, Kind::Form) => To("/staff/sign-in"),
        (None, Who::Staff, Kind::Data) => Status(401),
        (None, Who::Anybody, _) => Status(200),
        (None, Who::Key(_), _) => Status(401),
    }
}

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
        assert!(items.starts_with("/return/"), "{items}");
        // Their own draft may be done with; the one that is asked for is handed over by a link.
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
        let path = path
            .replace("{warehouse}", "HZ1")
            .replace("{sku}", "TEE-BLK-M")
            .replace("{lot}", "1.1")
            .replace("{payment}", "p1")
            .replace("{grant}", "g1")
            .replace("{remedy}", "m1")
            .replace("{batch}", "T1")
            .replace("{place}", "1")
            .replace("{difference}", "D1")
            .replace("{claim}", "C1")
            .replace("{occasion}", "shop_wrote")
            .replace("{secret}", "guessed")
            .replace("{stars}", "4")
            .replace("{area}", "berlin")
            .replace("{state}", "collected")
            .replace("{code}", "7KQ4-M2XD-09HZ-T3WA")
            .replace("{what}", "give")
            .replace("{name}", "shop")
            .replace("{file}", "credit-note.pdf");
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
            ("condition|10248|2", "opened"),
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
            ("withdrawals", "id || statement"),
            ("concessions", "id || reason"),
            ("withdrawal_standing", "id || due_at"),
            ("staff", "id || roles"),
            ("staff_links", "digest || factor"),
            ("staff_sessions", "digest || staff"),
            ("shared", "id || document"),
            ("bulk_runs", "id || act"),
            ("staff_subjects", "subject || staff"),
            ("staff_devices", "id || name"),
            ("staff_pairings", "id || name"),
            ("staff_sign_ons", "digest || browser"),
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

#[test]
fn each_route_is_one_row_and_calls_are_described() {
    let named = |row: &Row| (row.method.to_owned(), row.path.clone());
    let rows = table();
    let routes: BTreeSet<(String, String)> = rows.iter().map(named).collect();
    assert_eq!(rows.len(), routes.len(), "a route has two rows");
    let odd = SAYS.iter().map(|(method, path, _)| (method, path)).chain(ALIKE.iter().map(|(method, path)| (method, path)));
    let gone: Vec<_> = odd.filter(|(method, path)| !routes.contains(&((**method).to_owned(), (**path).to_owned()))).collect();
    assert!(gone.is_empty(), "what is said of a route that is not there: {gone:?}");

    let document = api::openapi();
    let described = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), format!("/api{path}"))));
    assert_eq!(described.collect::<BTreeSet<_>>(), calls().iter().map(|(row, _)| named(row)).collect::<BTreeSet<_>>());
}

on_both! {
    async fn nobody_gets_anything_from_a_page_or_form_that_is_not_theirs(database: Database) {
        let shop = Shop::open(database).await;
        let before = shop.kept().await;
        let others = shop.others().await;
        // Those have begun drafts of their own on the way.
        let started: Vec<String> = shop.kept().await.into_iter().filter(|row| !before.contains(row)).collect();
        for row in &pages() {
            let (method, path, says) = (row.method, row.path.as_str(), says(row));
            for (who, cookie, known) in &others {
                // Theirs is a stream of their own messages, which does not end, and a file of what is held of them.
                if *known && ["/account/inbox/live", "/account/data/export"].contains(&path) {
                    continue;
                }
                let (status, to, text) = heard(with(shop.ask(method, path), cookie.as_deref()).send().await.unwrap()).await;
                let at = format!("{method} {path} by {who}: {status} {to}");
                match says {
                    Begins(before, after) => assert!(status == 303 && to.starts_with(before) && to.ends_with(after), "{at}"),
                    Status(expected) => assert_eq!((status, to.as_str()), (expected, ""), "{at}"),
                    Asks => assert!(status == 200 && text.contains("Is this your return?") || status == 422, "{at}"),
                    ToUnlessKnown(_) if *known => assert_eq!((status, to.as_str()), (303, "/not-found"), "{at}"),
                    To(place) | ToUnlessKnown(place) => assert_eq!((status, to), (303, place.replace("{rma}", &shop.rma)), "{at}"),
                }
                // The examples of the machine interface are told to everybody.
                let told = PRIVATE.iter().find(|private| text.contains(**private) && path != "/api/openapi.json");
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
        for row in pages().iter().filter(|row| row.who == Who::Holder && !ALIKE.contains(&(row.method, row.path.as_str()))) {
            let (method, path, says) = (row.method, row.path.as_str(), says(row));
            let cookie = shop.owner().await;
            let (status, to, text) = heard(with(shop.ask(method, path), Some(&cookie)).send().await.unwrap()).await;
            let at = format!("{method} {path}: {status} {to}");
            match says {
                Status(refused) => assert_ne!(status, refused, "{at}"),
                Asks => assert!(status == 200 && !text.contains("Is this your return?") || status == 302, "{at}"),
                // A return without a pickup has none for the calendar.
                _ if path.ends_with(".ics") => assert_eq!(status, 404, "{at}"),
                Begins(..) => {}
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
        // What servers send is signed, and no browser's word counts there.
        for row in pages().iter().filter(|row| row.method != "GET" && !row.path.starts_with("/hooks/")) {
            let (method, path) = (row.method, row.path.as_str());
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
        let mut keys = Vec::new();
        for scope in [Scope::Metrics, Scope::Read, Scope::Staff, Scope::Finance] {
            keys.push((scope, add_key(&shop.app.services, scope.code(), scope).await));
        }
        let cookie = shop.owner().await;
        let before = shop.kept().await;
        let digest = secrets::digest(&shop.app.key);
        let wrong = [String::new(), "Bearer ".to_owned(), "Bearer hb_unknown".to_owned(), format!("Basic {}", shop.app.key), format!("Bearer {digest}"), format!("Bearer {}x", shop.app.key), "Bearer ' OR '1'='1".to_owned()];
        let client = Client::new();
        for (row, scope) in calls() {
            let (method, path) = (row.method, row.path.as_str());
            let ask = || client.request(method.parse().unwrap(), format!("{}{}", shop.app.base, shop.fill(path))).header("content-type", "application/json").body("{}");
            for key in &wrong {
                let asked = if key.is_empty() { with(ask(), Some(&cookie)) } else { ask().header("authorization", key) };
                let (status, _, text) = heard(asked.send().await.unwrap()).await;
                assert_eq!(status, 401, "{method} {path} with `{key}`: {text}");
                assert!(text.contains("/problems/key-") && !PRIVATE.iter().any(|private| text.contains(private)), "{text}");
            }
            for (of, key) in keys.iter().filter(|(of, _)| *of == Scope::Read || !of.allows(scope)) {
                let (status, _, text) = heard(ask().bearer_auth(key).send().await.unwrap()).await;
                assert_eq!(status == 403, !of.allows(scope), "{method} {path} by {}: {status} {text}", of.code());
                assert!(status < 500, "{method} {path}: {status}");
            }
        }
        assert_eq!(shop.kept().await, before, "nothing happened");
    }
}
