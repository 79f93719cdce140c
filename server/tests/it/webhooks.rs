//! The shop's own servers are told of what happens: signed, in order, once each as far as they take it, and only where messages may go (B41).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode as Status};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::Scope;
use sha2::Sha256;

use crate::app::{TestApp, answer, order, request};
use crate::databases::{Database, on_both, sqlite};
use crate::review::Machine;

/// What a server of the shop was sent.
#[derive(Clone, Debug)]
struct Sent {
    id: String,
    seconds: String,
    signatures: Vec<String>,
    body: String,
}

impl Sent {
    fn told(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Checked as the specification says, by nothing of ours.
    fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.seconds, self.body).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.signatures.contains(&expected)
    }
}

/// A server of the shop: answers as it is told to, else takes everything.
#[derive(Clone, Default)]
struct Server {
    sent: Arc<Mutex<Vec<Sent>>>,
    answers: Arc<Mutex<VecDeque<Status>>>,
    /// Always, to what is about that return.
    always: Arc<Mutex<HashMap<String, Status>>>,
}

impl Server {
    async fn start() -> (Self, String) {
        let server = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/hooks", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (server, base)
    }

    fn next(&self, answers: &[u16]) {
        self.answers.lock().unwrap().extend(answers.iter().map(|code| Status::from_u16(*code).unwrap()));
    }

    fn all(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// What was told of a return, in the order in which it came.
    fn told_of(&self, rma: &str) -> Vec<String> {
        let of = |told: &Value| told["data"]["rma"] == rma;
        self.all().iter().map(Sent::told).filter(of).map(|told| told["type"].as_str().unwrap().to_owned()).collect()
    }
}

async fn take(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> (Status, [(&'static str, &'static str); 1]) {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(text("content-type"), "application/json");
    let signatures = text("webhook-signature").split(' ').map(str::to_owned).collect();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let sent = Sent { id: text("webhook-id"), seconds: text("webhook-timestamp"), signatures, body };
    let rma = sent.told()["data"]["rma"].as_str().unwrap_or_default().to_owned();
    server.sent.lock().unwrap().push(sent);
    let always = server.always.lock().unwrap().get(&rma).copied();
    let status = always.or_else(|| server.answers.lock().unwrap().pop_front()).unwrap_or(Status::NO_CONTENT);
    (status, [("location", "http://127.0.0.1:1/elsewhere")])
}

async fn shop(database: Database) -> TestApp {
    TestApp::with(database, |config| config.webhooks.allow_private = true).await
}

/// Whatever is due or soon due is done.
async fn deliver(app: &TestApp) {
    for _ in 0..12 {
        app.run_jobs().await;
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

/// What was not taken is tried again now.
async fn sooner(app: &TestApp) {
    app.database.meddle("UPDATE outbox SET run_at = 0 WHERE hook IS NOT NULL AND done_at IS NULL AND dead_at IS NULL").await;
    deliver(app).await;
}

async fn put(admin: &Machine<'_>, name: &str, url: &str, events: &[&str]) -> Value {
    let (status, hook) = admin.send("PUT", &format!("/webhooks/{name}"), None, &json!({"url": url, "events": events})).await;
    assert!(status.is_success(), "{status} {hook}");
    hook
}

async fn delete(admin: &Machine<'_>, path: &str) -> StatusCode {
    admin.send("DELETE", path, None, &json!({})).await.0
}

async fn opened(app: &TestApp, number: &str) -> String {
    app.put_order(&order(number)).await;
    let (status, told) = app.post("/returns", &request(number, "1", 1)).await;
    assert_eq!(status, StatusCode::CREATED, "{told}");
    told["rma"].as_str().unwrap().to_owned()
}

on_both! {
    async fn who_is_told_is_named_by_admins_alone(database: Database) {
        let app = TestApp::start(database).await;
        for scope in [Scope::Read, Scope::Write, Scope::Staff, Scope::Finance] {
            let other = Machine::with(&app, scope).await;
            let (status, refused) = other.send("PUT", "/webhooks/a", None, &json!({"url": "https://shop.example/", "events": ["*"]})).await;
            assert_eq!((status, refused["type"].as_str()), (StatusCode::FORBIDDEN, Some("/problems/scope")), "{scope:?} {refused}");
        }
        let admin = Machine::with(&app, Scope::Admin).await;
        let hook = json!({"url": "https://shop.example/hooks?token=hush", "events": ["return.opened", "stock.changed", "return.opened"]});
        let (status, made) = admin.send("PUT", "/webhooks/shop-1", None, &hook).await;
        assert_eq!((status, &made["events"]), (StatusCode::CREATED, &json!(["return.opened", "stock.changed"])), "{made}");
        let secret = made["secret"].as_str().unwrap();
        assert_eq!(STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap().len(), 32);
        let (status, again) = admin.send("PUT", "/webhooks/shop-1", None, &hook).await;
        assert_eq!((status, &again), (StatusCode::OK, &made), "the same said again changes nothing");
        let (_, other) = admin.send("PUT", "/webhooks/shop-1", None, &json!({"url": "https://shop.example/hooks?token=hush", "events": ["*"]})).await;
        assert_eq!((&other["secret"], &other["events"]), (&made["secret"], &json!(["*"])), "{other}");
        let listed = admin.get("/webhooks").await;
        assert_eq!((listed[0]["name"].as_str(), listed[0].get("secret")), (Some("shop-1"), None), "{listed}");
        assert_eq!(admin.get("/webhooks/shop-1").await["secret"], made["secret"]);
        // Nothing that would sign or open its address is readable in the database, nor said in the audit trail.
        let rows = app.database.texts("SELECT secret FROM webhooks").await;
        assert!(rows.iter().all(|row| !row.contains(&secret[6..20])), "{rows:?}");
        let noted = app.database.texts("SELECT COALESCE(after, '') FROM audit WHERE subject = 'webhook:shop-1'").await;
        assert!(noted.len() == 2 && noted.iter().all(|note| note.starts_with("shop.example, ") && !note.contains("hush")), "{noted:?}");

        for (url, events, field) in [
            ("http://shop.example/", json!(["*"]), "url"),
            ("https://127.0.0.1/", json!(["*"]), "url"),
            ("https://[::1]:8443/", json!(["*"]), "url"),
            ("https://169.254.169.254/latest", json!(["*"]), "url"),
            ("https://me:word@shop.example/", json!(["*"]), "url"),
            ("nowhere", json!(["*"]), "url"),
            ("https://shop.example/", json!([]), "events"),
            ("https://shop.example/", json!(["return.opened", "return.vanished"]), "events[1]"),
            ("https://shop.example/", json!(["return.noted"]), "events[0]"),
        ] {
            let (status, refused) = admin.send("PUT", "/webhooks/b", None, &json!({"url": url, "events": events})).await;
            let told = (status, refused["errors"][0]["field"].as_str());
            assert_eq!(told, (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{url} {events}: {refused}");
        }
        let (status, _) = admin.send("PUT", "/webhooks/Not%20a%20name", None, &hook).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        for n in 2..=20 {
            put(&admin, &format!("shop-{n}"), "https://shop.example/", &["*"]).await;
        }
        let (status, refused) = admin.send("PUT", "/webhooks/shop-21", None, &hook).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/too-many-webhooks")), "{refused}");
        let gone = delete(&admin, "/webhooks/shop-2").await;
        assert_eq!((gone, delete(&admin, "/webhooks/shop-2").await), (StatusCode::NO_CONTENT, StatusCode::NOT_FOUND));
    }
}

on_both! {
    async fn what_happens_is_told_signed_and_in_its_order(database: Database) {
        let app = shop(database).await;
        let admin = Machine::with(&app, Scope::Admin).await;
        let (server, url) = Server::start().await;
        let (other, elsewhere) = Server::start().await;
        let hook = put(&admin, "all", &url, &["*"]).await;
        put(&admin, "some", &elsewhere, &["return.cancelled"]).await;
        let secret = hook["secret"].as_str().unwrap();
        let rma = opened(&app, "1").await;
        deliver(&app).await;
        let told = server.told_of(&rma);
        assert_eq!((told.first().map(String::as_str), told.len() > 1), (Some("return.opened"), true), "{told:?}");
        let events = app.get(&format!("/returns/{rma}/timeline")).await.1;
        let names = events["events"].as_array().unwrap().iter().map(|event| format!("return.{}", event["event"].as_str().unwrap()));
        assert_eq!(told, names.collect::<Vec<_>>(), "as the timeline has it");
        let first = &server.all()[0];
        assert!(first.is_signed_with(secret) && first.id.starts_with("msg_"), "{first:?}");
        let body = first.told();
        assert_eq!((body["data"]["orders"][0].as_str(), body["data"]["seq"].as_u64()), (Some("1"), Some(1)), "{body}");
        assert!(body["timestamp"].is_string() && body["data"]["status"].is_string(), "{body}");
        // Nobody's name, address or words go out.
        let text = server.all().iter().map(|sent| sent.body.clone()).collect::<String>();
        assert!(!text.contains('@') && !text.to_lowercase().contains("müller"), "{text}");
        // An event that is sent again is none.
        let before = server.all().len();
        assert_eq!(app.post(&format!("/returns/{rma}/cancel"), &json!({})).await.0, StatusCode::OK);
        assert_eq!(app.post(&format!("/returns/{rma}/cancel"), &json!({})).await.0, StatusCode::OK);
        deliver(&app).await;
        assert_eq!(other.told_of(&rma), ["return.cancelled"]);
        let since = &server.told_of(&rma)[before..];
        assert_eq!(since.iter().filter(|event| *event == "return.cancelled").count(), 1, "{since:?}");

        // What was not taken holds back what comes after it of the same return, and of no other.
        server.next(&[503]);
        let (one, two) = (opened(&app, "2").await, String::new());
        deliver(&app).await;
        assert_eq!(server.told_of(&one), ["return.opened"], "{two}");
        let two = opened(&app, "3").await;
        deliver(&app).await;
        assert!(server.told_of(&two).len() > 1, "{:?}", server.told_of(&two));
        let waiting = admin.get("/webhooks/all/deliveries?state=waiting").await;
        let tried = waiting["items"].as_array().unwrap().last().unwrap();
        assert_eq!((tried["attempts"].as_i64(), tried["type"].as_str()), (Some(1), Some("return.opened")), "{waiting}");
        assert!(tried["error"].as_str().unwrap().starts_with("503"), "{tried}");
        sooner(&app).await;
        sooner(&app).await;
        let told = server.told_of(&one);
        assert_eq!((&told[0], &told[1]), (&"return.opened".to_owned(), &"return.opened".to_owned()));
        assert!(told.len() > 2 && told[2] != "return.opened", "{told:?}");
        let ids: Vec<String> = server.all().iter().filter(|sent| sent.told()["data"]["rma"] == one.as_str()).map(|sent| sent.id.clone()).collect();
        assert_eq!(ids[0], ids[1], "the same message has the same name");
    }
}

on_both! {
    async fn who_does_not_answer_is_asked_again_and_who_is_gone_is_not(database: Database) {
        let app = shop(database).await;
        let admin = Machine::with(&app, Scope::Admin).await;
        let (server, url) = Server::start().await;
        put(&admin, "shop", &url, &["return.opened"]).await;
        // Elsewhere is not followed, and refusals are tried again.
        server.next(&[302, 400, 500]);
        let rma = opened(&app, "1").await;
        deliver(&app).await;
        for _ in 0..3 {
            sooner(&app).await;
        }
        assert_eq!(server.told_of(&rma).len(), 4);
        let told = admin.get("/webhooks/shop/deliveries").await;
        assert_eq!((told["items"][0]["state"].as_str(), told["items"][0]["attempts"].as_i64()), (Some("delivered"), Some(4)), "{told}");

        // Given up after ten tries; sent again when somebody says so, under the same name.
        let lost = opened(&app, "2").await;
        server.always.lock().unwrap().insert(lost.clone(), Status::BAD_GATEWAY);
        deliver(&app).await;
        for _ in 0..9 {
            sooner(&app).await;
        }
        assert_eq!(server.told_of(&lost).len(), 10);
        let failed = admin.get("/webhooks/shop/deliveries?state=failed").await;
        assert_eq!(failed["items"].as_array().unwrap().len(), 1, "{failed}");
        server.always.lock().unwrap().clear();
        let (status, again) = admin.post("/webhooks/shop/replay", &json!({})).await;
        assert_eq!((status, &again["count"]), (StatusCode::OK, &json!(1)), "{again}");
        deliver(&app).await;
        assert_eq!(server.told_of(&lost).len(), 11);
        let id = failed["items"][0]["id"].clone();
        let (_, again) = admin.post("/webhooks/shop/replay", &json!({"ids": [id]})).await;
        assert_eq!(again["count"], 1, "{again}");
        let (_, again) = admin.post("/webhooks/shop/replay", &json!({"since": "2020-01-01T00:00:00Z"})).await;
        assert_eq!(again["count"], 1, "what waits is not sent twice: {again}");
        deliver(&app).await;
        assert_eq!((server.told_of(&lost).len(), server.told_of(&rma).len()), (12, 5));
        let (status, refused) = admin.post("/webhooks/shop/replay", &json!({"ids": ["msg_1"]})).await;
        assert_eq!((status, refused["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("ids[0]")), "{refused}");

        // Gone: switched off, told nothing, until it is put again.
        server.next(&[410]);
        let gone = opened(&app, "3").await;
        deliver(&app).await;
        let hook = admin.get("/webhooks/shop").await;
        assert_eq!((hook["enabled"].as_bool(), hook["disabled_because"].is_string()), (Some(false), true), "{hook}");
        let untold = opened(&app, "4").await;
        deliver(&app).await;
        assert!(server.told_of(&untold).is_empty());
        put(&admin, "shop", &url, &["return.opened"]).await;
        assert_eq!(admin.get("/webhooks/shop").await["enabled"], true);
        admin.post("/webhooks/shop/replay", &json!({})).await;
        deliver(&app).await;
        assert_eq!(server.told_of(&gone).len(), 2);

        // Both secrets sign for a day.
        let before = admin.get("/webhooks/shop").await;
        let (_, after) = admin.post("/webhooks/shop/rotate", &json!({})).await;
        assert_eq!(after["old_secret"], before["secret"], "{after}");
        let (status, tried) = admin.post("/webhooks/shop/test", &json!({})).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{tried}");
        deliver(&app).await;
        let last = server.all().pop().unwrap();
        assert_eq!((last.told()["type"].as_str(), Some(last.id.as_str())), (Some("webhook.test"), tried["id"].as_str()));
        assert!([&before, &after].iter().all(|hook| last.is_signed_with(hook["secret"].as_str().unwrap())), "{last:?}");
        app.database.meddle("UPDATE webhooks SET old_until = 1").await;
        admin.post("/webhooks/shop/test", &json!({})).await;
        deliver(&app).await;
        let last = server.all().pop().unwrap();
        assert!(!last.is_signed_with(before["secret"].as_str().unwrap()) && last.signatures.len() == 1);

        // Taken away: nothing of it is left to be told.
        server.next(&[500]);
        let late = opened(&app, "5").await;
        deliver(&app).await;
        assert_eq!(delete(&admin, "/webhooks/shop").await, StatusCode::NO_CONTENT);
        sooner(&app).await;
        assert_eq!(server.told_of(&late).len(), 1);
    }
}

on_both! {
    async fn a_shop_hears_of_its_stock_as_the_ledger_has_it(database: Database) {
        let app = shop(database).await;
        let admin = Machine::with(&app, Scope::Admin).await;
        let staff = Machine::with(&app, Scope::Staff).await;
        let (server, url) = Server::start().await;
        put(&admin, "stock", &url, &["stock.*"]).await;
        let rma = opened(&app, "1").await;
        deliver(&app).await;
        assert!(server.told_of(&rma).is_empty(), "nothing has moved");
        staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
        staff.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await;
        let looked = json!({"lines": [{"line": "1", "grade": "A", "result": "accepted", "disposition": "restock"}]});
        let (status, told) = staff.post(&format!("/returns/{rma}/inspect"), &looked).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        deliver(&app).await;
        let moves: Vec<Value> = server.all().iter().flat_map(|sent| sent.told()["data"]["moves"].as_array().unwrap().clone()).collect();
        let ledger = app.get("/stock-moves").await.1;
        let as_told = |entry: &Value| {
            json!({"warehouse": entry["warehouse"], "sku": entry["sku"], "quantity": entry["quantity"],
                "from": entry.get("from").cloned().unwrap_or_default(), "to": entry.get("to").cloned().unwrap_or_default(), "lot": entry["lot"]})
        };
        assert_eq!(moves, ledger.as_array().unwrap().iter().map(as_told).collect::<Vec<_>>(), "{ledger}");
        assert!(moves.len() == 2 && moves[1]["to"] == "sellable", "{moves:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_do_not_leave_for_private_networks_though_a_name_leads_there() {
    // Named while it was allowed; since then it is not.
    let database = sqlite().await;
    let (server, url) = Server::start().await;
    let app = shop(database).await;
    let admin = Machine::with(&app, Scope::Admin).await;
    put(&admin, "near", &url, &["*"]).await;
    put(&admin, "named", &url.replace("127.0.0.1", "localhost"), &["*"]).await;
    let key = admin.key().to_owned();
    let strict = TestApp::with_key(app.database, "second").await;
    let rma = opened(&strict, "1").await;
    deliver(&strict).await;
    assert!(server.told_of(&rma).is_empty());
    let asked = strict.client.get(format!("{}/api/v1/webhooks/near/deliveries", strict.base)).bearer_auth(key).send().await.unwrap();
    let (_, told) = answer(asked).await;
    let error = told["items"].as_array().unwrap().last().unwrap()["error"].as_str().unwrap();
    assert_eq!(error, "its address begins with https://", "{told}");
}

/// `HOMEBOUND_TEST_HOOKS` names commands, with a line break between, that are given a secret, the three headers and the body of a message, and say
/// `verified` where Standard Webhooks' own libraries do (`python webhooks_client.py`, `node webhooks_client.mjs`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_standards_own_libraries_take_what_is_signed() {
    let Ok(commands) = std::env::var("HOMEBOUND_TEST_HOOKS") else {
        println!("skipped: HOMEBOUND_TEST_HOOKS names no commands");
        return;
    };
    let app = shop(crate::databases::sqlite().await).await;
    let (server, url) = Server::start().await;
    let admin = Machine::with(&app, Scope::Admin).await;
    let made = put(&admin, "shop", &url, &["return.*"]).await;
    opened(&app, "1").await;
    deliver(&app).await;
    let sent = server.all().pop().unwrap();
    let secret = made["secret"].as_str().unwrap();
    for command in commands.lines() {
        let (program, script) = command.split_once(' ').unwrap();
        let mut told = tokio::process::Command::new(program);
        told.arg(script).arg(secret).args([&sent.id, &sent.seconds, &sent.signatures.join(" "), &sent.body]);
        let output = told.output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("verified"), "{command}: {said}");
    }
}
