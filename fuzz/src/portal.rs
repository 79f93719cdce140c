//! The whole portal, in this process, with everything begun that a request can be about.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use domain::staff::{Roles, StaffLimits};
use hmac::Mac;
use http::{Request, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::compose;
use server::config::Config;
use server::evidence::{Cleaned, clean};
use server::http::{AppState, router};
use server::reading::{ReadError, ReadingRoom};
use server::secrets;
use server::services::{PersonTold, Purpose, Services};
use server::store::{self, ApiKey, Scope, StaffSession, StoreError};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::evidence::LIMITS;

/// A portal that was asked by so many inputs is replaced: by then what was begun in it may have ended.
const INPUTS: usize = 200;
const SECRET: &str = "the shop and the portal share this secret";
const FORM: &str = "application/x-www-form-urlencoded";

thread_local! {
    static PORTAL: RefCell<Option<Portal>> = const { RefCell::new(None) };
}

/// Reads uploads where the fuzzer sees what becomes of them.
struct InThisProcess;

#[async_trait]
impl ReadingRoom for InThisProcess {
    async fn read(&self, upload: Bytes) -> Result<Cleaned, ReadError> {
        Ok(clean(&upload, &LIMITS)?)
    }
}

/// A portal, and what is filled into requests to it.
pub struct Portal {
    runtime: Runtime,
    app: App,
    filled: Vec<(&'static str, String)>,
    inputs: usize,
    _folder: TempDir,
}

/// Answers requests.
pub struct App(Router);

impl App {
    /// As it is asked from the address of this machine.
    pub async fn ask(&self, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        let answer: Result<_, Infallible> = self.0.clone().oneshot(request).await;
        answer.unwrap()
    }
}

/// Paths that are served.
#[must_use]
pub fn served() -> Vec<String> {
    server::http::table().into_iter().map(|row| row.path).collect()
}

/// Does something with a portal that is fit for it.
pub fn with<T>(what: impl FnOnce(&mut Portal) -> T) -> T {
    PORTAL.with_borrow_mut(|kept| {
        if kept.as_ref().is_some_and(|portal| portal.inputs >= INPUTS) {
            *kept = None;
        }
        let portal = kept.get_or_insert_with(Portal::open);
        portal.inputs += 1;
        what(portal)
    })
}

impl Portal {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().to_owned(), public_url: "https://returns.example".into(), ..Config::default() };
        config.start.secrets = [SECRET.into()].into_iter().collect();
        config.stripe.webhook_secret = ["whsec_fuzz".into()].into_iter().collect();
        config.limits.evidence = LIMITS;
        let often = 1_000_000;
        (config.limits.requests_per_second, config.limits.burst) = (often, often);
        let limits = &mut config.limits;
        (limits.lookups_per_address, limits.lookups_per_order, limits.codes_per_address) = (often.into(), often.into(), often.into());
        let (carrier, reading) = (compose::own_labels(&config), Arc::new(InThisProcess));
        let services = runtime.block_on(compose::services_with(config, carrier, reading)).unwrap();
        let app = App(router(AppState::new(services.clone(), compose::metrics())));
        let key = runtime.block_on(key(&services));
        let mut portal = Self { runtime, app, filled: vec![("key", key)], inputs: 0, _folder: folder };
        portal.begin(&services);
        portal
    }

    /// Runs something until it is done, and with it whatever else the portal does meanwhile.
    pub fn answer<T>(&self, what: impl AsyncFnOnce(&App) -> T) -> T {
        self.runtime.block_on(what(&self.app))
    }

    /// What stands for `{name}`.
    fn filled(&self, name: &str) -> &str {
        self.filled.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// Puts in everything that stands in braces.
    pub fn fill_in(&self, text: &[u8]) -> Vec<u8> {
        let mut rest = text;
        let mut whole = Vec::with_capacity(text.len() + 128);
        while let Some(at) = rest.iter().position(|byte| *byte == b'{') {
            whole.extend_from_slice(&rest[..at]);
            rest = &rest[at..];
            let found =
                self.filled.iter().find(|(name, _)| rest[1..].starts_with(name.as_bytes()) && rest.get(name.len() + 1) == Some(&b'}'));
            let (value, length) = found.map_or((&b"{"[..], 1), |(name, value)| (value.as_bytes(), name.len() + 2));
            whole.extend_from_slice(value);
            rest = &rest[length..];
        }
        whole.extend_from_slice(rest);
        whole
    }

    /// A request of the customer, who also has the key for machines.
    pub fn request(&self, method: &str, path: &str, kind: &str, body: impl Into<Body>) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind);
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.filled("key")));
        request.header(header::COOKIE, self.filled("cookie")).body(body.into()).unwrap()
    }

    fn machine(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = self.request(method, &format!("/api/v1{path}"), "application/json", body.to_string());
        let (status, answer) = self.answer(async |app| {
            let response = app.ask(request).await;
            (response.status(), axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap())
        });
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap_or_default()
    }

    /// Sends a form and answers where it leads.
    fn form(&mut self, path: &str, fields: &str) -> String {
        let request = self.request("POST", path, FORM, fields.to_owned());
        let response = self.answer(async |app| app.ask(request).await);
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        let text = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        if let Some(cookie) = text(header::SET_COOKIE) {
            self.filled.retain(|(name, _)| *name != "cookie");
            self.filled.push(("cookie", cookie.split(';').next().unwrap().to_owned()));
        }
        text(header::LOCATION).unwrap()
    }

    /// Begins a draft of an order and answers its name.
    fn draft(&mut self, order: &str) -> String {
        let items = self.form("/", &format!("number={order}&contact=wang%40example.com"));
        items.trim_start_matches("/return/").trim_end_matches("/items").to_owned()
    }

    /// Begins a withdrawal and answers its draft's name.
    fn statement(&mut self) -> String {
        let typed = "withdraw_name=Wang&withdraw_order=none&withdraw_email=wang%40example.com&withdraw_what=whole";
        self.form("/withdraw", typed).trim_start_matches("/withdraw/").to_owned()
    }

    /// Orders `A` (with a return), `B` (nothing chosen yet), `C` (before its photos) and `D` (before its last step).
    fn begin(&mut self, services: &Services) {
        for number in ["A", "B", "C", "D"] {
            self.machine("PUT", &format!("/orders/{number}"), &order(number));
        }
        self.machine(
            "PUT",
            "/stock/HZ1/TEE-BLK-L",
            &json!({"quantity": 9, "variant_of": "TEE-BLK-M", "name": "T", "variant": "L", "price": "99.00", "currency": "CNY"}),
        );
        for line in ["1", "2"] {
            let lines = json!([{"line": line, "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}]);
            let opened = self.machine("POST", "/returns", &json!({"orders": ["A"], "lines": lines, "method": "drop_off"}));
            self.filled.push((if line == "1" { "rma" } else { "second" }, opened["rma"].as_str().unwrap().to_owned()));
        }
        self.draft("A");
        let items = self.draft("B");
        let show = self.draft("C");
        let (units, why) = ("units%7CC%7C2=1", "reason%7CC%7C2=damaged_in_transit&condition%7CC%7C2=opened");
        self.form(&format!("/return/{show}/items"), units);
        assert!(self.form(&format!("/return/{show}/why"), why).ends_with("/show"));
        let check = self.draft("D");
        self.form(&format!("/return/{check}/items"), "units%7CD%7C1=1&count%7CD%7C1=1");
        self.form(&format!("/return/{check}/why"), "reason%7CD%7C1=dislike&condition%7CD%7C1=opened");
        self.form(&format!("/return/{check}/wish"), "wish%7CD%7C1=refund");
        assert!(self.form(&format!("/return/{check}/send"), "method=drop_off").ends_with("/check"));
        let announced = self.request("POST", &format!("/return/{show}/uploads"), FORM, "line=C%7C2&name=flaw.jpg&size=64");
        let announced = self.answer(async |app| axum::body::to_bytes(app.ask(announced).await.into_body(), usize::MAX).await.unwrap());
        let upload: Value = serde_json::from_slice(&announced).unwrap();
        let evidence = self.shown();
        let statement = self.statement();
        let received = self.statement();
        self.form(&format!("/withdraw/{received}"), "version=1");
        let told = json!({"name": "Wang", "order": "none", "email": "wang@example.com"});
        let withdrawal = self.machine("POST", "/withdrawals", &told)["id"].as_str().unwrap().to_owned();
        let now = services.clock.now().as_second();
        let claims =
            |what: &str| token(&json!({"iat": now, "exp": now + 600, what: if what == "order" { "B" } else { "wang@example.com" }}));
        let rma = self.filled("rma").to_owned();
        let (staff, person, invited) = self.runtime.block_on(at_work(services));
        self.filled.extend([
            ("staff", staff),
            ("person", person),
            ("invited", invited),
            ("upload", upload["id"].as_str().unwrap().to_owned()),
            ("evidence", evidence),
            ("statement", statement),
            ("received", received),
            ("withdrawal", withdrawal),
            ("link", services.sign_link(Purpose::Return, &rma)),
            ("carry_on", services.sign_link(Purpose::Draft, &items)),
            ("ticket", claims("order")),
            ("account", claims("email")),
            ("items", items),
            ("show", show),
            ("check", check),
        ]);
    }

    /// A photo by machine; answers its name.
    fn shown(&self) -> String {
        let mut photo = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(16, 12).write_to(&mut photo, image::ImageFormat::Jpeg).unwrap();
        let mut body = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n".to_vec();
        body.extend_from_slice(photo.get_ref());
        body.extend_from_slice(b"\r\n--x--\r\n");
        let request = self.request("POST", "/api/v1/evidence?order=C&line=2", "multipart/form-data; boundary=x", body);
        let answer = self.answer(async |app| axum::body::to_bytes(app.ask(request).await.into_body(), usize::MAX).await.unwrap());
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        answer["id"].as_str().unwrap().to_owned()
    }
}

/// A key for machines that may do everything.
async fn key(services: &Services) -> String {
    let secret = format!("hb_{}", secrets::token());
    let key = ApiKey { digest: secrets::digest(&secret), name: "fuzz".to_owned(), scope: Scope::Admin };
    let added = services.store.write(move |mut conn| Box::pin(async move { store::add_api_key(&mut conn, &key, None, 0).await }));
    added.await.map_err(|error: StoreError| error).unwrap();
    secret
}

/// An admin who is in: their session's cookie and their account's name; and a link that was not used yet.
async fn at_work(services: &Services) -> (String, String, String) {
    let told = PersonTold {
        name: "Mei".into(),
        email: "mei@shop.example".parse().unwrap(),
        roles: Roles::parse("admin").unwrap(),
        limits: StaffLimits::default(),
    };
    let made = services.add_person(None, told).await.unwrap();
    let (token, now) = (secrets::token(), services.clock.millis());
    let session = StaffSession {
        digest: secrets::digest(&token),
        began_at: now,
        used_at: now,
        expires_at: now + 3_600_000,
        address: "seal".into(),
        agent: "fuzz".into(),
        told: None,
        device: None,
    };
    let id = made.member.id.clone();
    let begun = services.store.write(move |mut conn| Box::pin(async move { store::begin_staff_session(&mut conn, &id, &session).await }));
    begun.await.map_err(|error: StoreError| error).unwrap();
    let link = made.path.rsplit('/').next().unwrap_or_default().to_owned();
    (format!("__Host-homebound-staff={token}"), made.member.id, link)
}

/// As the shop signs it.
fn token(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "HS256"})), part(claims));
    let signature = secrets::keyed(SECRET.as_bytes()).chain_update(&signed).finalize().into_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn order(number: &str) -> Value {
    let ago = |days: i64| (Timestamp::now() - SignedDuration::from_hours(days * 24)).to_string();
    json!({
        "number": number, "placed_at": ago(6), "currency": "CNY", "channel": "web",
        "customer": {"id": "c-1", "name": "王小明", "email": "wang@example.com", "phone": "+8613800000001", "locale": "en"},
        "ship_to": {"country": "CN", "region": "浙江省", "city": "杭州市", "postal_code": "310012", "line1": "文三路 90 号"},
        "lines": [
            {"id": "1", "sku": "TEE-BLK-M", "name": "有机棉 T 恤", "variant": "黑色 M", "category": "apparel", "quantity": 2, "unit_price": "99.00", "discount": "20.00"},
            {"id": "2", "sku": "LAMP", "name": "黄铜台灯", "category": "home", "quantity": 1, "unit_price": "269.00", "warranty_months": 12},
        ],
        "shipping": "10.00",
        "payments": [{"id": "pi_1", "method": "alipay", "amount": "457.00"}],
        "deliveries": [{"id": "d1", "shipped_at": ago(5), "delivered_at": ago(3)}],
    })
}
