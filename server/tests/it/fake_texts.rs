//! Those who take texts, as their documentation says they answer: Twilio's messages and Aliyun's dysmsapi, on one port. Strict: who is not signed in, signs
//! otherwise than they do, or sends what they do not take, is refused.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub by: &'static str,
    pub to: String,
    /// Words, or the template with its values.
    pub said: String,
    pub out_id: String,
}

/// What goes wrong with the next one.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// It is taken, and the answer is lost.
    Lost,
    Busy,
    /// This number is not written to.
    Number,
}

#[derive(Clone, Default)]
pub struct Fake {
    pub taken: Arc<Mutex<Vec<Taken>>>,
    pub troubles: Arc<Mutex<VecDeque<Trouble>>>,
    /// Places of those that did not arrive.
    pub undelivered: Arc<Mutex<Vec<usize>>>,
}

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "12345";
pub const KEY: &str = "LTAI0000";
pub const SECRET: &str = "hushhush";

impl Fake {
    /// Where it answers.
    pub async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new()
            .route(&format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json"), get(twilio_list).post(twilio_send))
            .route("/", post(aliyun))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        url
    }

    pub fn all(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    fn trouble(&self) -> Option<Trouble> {
        self.troubles.lock().unwrap().pop_front()
    }

    fn take(&self, taken: Taken) -> usize {
        let mut all = self.taken.lock().unwrap();
        all.push(taken);
        all.len()
    }
}

fn fields(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn answer(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

fn is_twilios(headers: &HeaderMap) -> bool {
    let basic = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")));
    headers.get("authorization").is_some_and(|given| given == basic.as_str())
}

async fn twilio_send(State(fake): State<Fake>, headers: HeaderMap, body: String) -> Response {
    if !is_twilios(&headers) {
        return answer(401, json!({"code": 20003, "message": "Authenticate", "status": 401}));
    }
    let form = fields(&body);
    let (to, said) = (form.get("To").cloned().unwrap_or_default(), form.get("Body").cloned().unwrap_or_default());
    if !to.starts_with('+') || to.len() < 8 {
        return answer(400, json!({"code": 21211, "message": format!("The 'To' number {to} is not a valid phone number."), "status": 400}));
    }
    if !form.contains_key("From") && !form.contains_key("MessagingServiceSid") || said.is_empty() || said.chars().count() > 1_600 {
        return answer(400, json!({"code": 21603, "message": "A 'From' phone number is required.", "status": 400}));
    }
    let trouble = fake.trouble();
    match trouble {
        Some(Trouble::Busy) => return answer(429, json!({"code": 20429, "message": "Too Many Requests", "status": 429})),
        Some(Trouble::Number) => {
            return answer(
                400,
                json!({"code": 21610, "message": format!("Attempt to send to unsubscribed recipient {to}"), "status": 400}),
            );
        }
        _ => {}
    }
    let nth = fake.take(Taken { by: "twilio", to: to.clone(), said: said.clone(), out_id: String::new() });
    if matches!(trouble, Some(Trouble::Lost)) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    answer(201, json!({"sid": format!("SM{nth}"), "status": "queued", "to": to, "body": said, "direction": "outbound-api"}))
}

async fn twilio_list(State(fake): State<Fake>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if !is_twilios(&headers) {
        return answer(401, json!({"code": 20003, "message": "Authenticate", "status": 401}));
    }
    let asked = fields(&query.unwrap_or_default());
    let to = asked.get("To").cloned().unwrap_or_default();
    let found: Vec<Value> = (1_usize..)
        .zip(fake.all())
        .filter(|(_, taken)| taken.by == "twilio" && taken.to == to)
        .map(|(nth, taken)| {
            let status = if fake.undelivered.lock().unwrap().contains(&nth) { "undelivered" } else { "delivered" };
            json!({"sid": format!("SM{nth}"), "status": status, "to": taken.to, "body": taken.said})
        })
        .collect();
    answer(200, json!({"messages": found, "page": 0, "next_page_uri": null}))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As "V3版本请求体&签名机制" has it, from the request as it came.
fn is_signed(headers: &HeaderMap, query: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let authorization = text("authorization");
    let part = |name: &str| {
        let found = authorization.split_once(' ').map(|(_, rest)| rest).unwrap_or_default();
        found.split(',').find_map(|part| part.strip_prefix(&format!("{name}="))).unwrap_or_default().to_owned()
    };
    let names = part("SignedHeaders");
    let listed: String = names.split(';').map(|name| format!("{name}:{}\n", text(name).trim())).collect();
    // Signed is what RFC 3986 writes, however it came.
    let encoded = |text: &str| utf8_percent_encode(text, KEPT).to_string();
    let pairs: Vec<String> = fields(query).iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let body = text("x-acs-content-sha256");
    let canonical = format!("POST\n/\n{}\n{listed}\n{names}\n{body}", pairs.join("&"));
    let mut keyed = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    keyed.update(format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(canonical.as_bytes()))).as_bytes());
    part("Credential") == KEY && part("Signature") == hex(&keyed.finalize().into_bytes()) && text("x-acs-version") == "2017-05-25"
}

async fn aliyun(State(fake): State<Fake>, headers: HeaderMap, RawQuery(query): RawQuery, body: String) -> Response {
    let query = query.unwrap_or_default();
    if !is_signed(&headers, &query) {
        return answer(400, json!({"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched", "RequestId": "R0"}));
    }
    let asked = fields(&format!("{query}&{body}"));
    let field = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let refused = |code: &str| answer(200, json!({"Code": code, "Message": code, "RequestId": "R1"}));
    match headers.get("x-acs-action").and_then(|action| action.to_str().ok()) {
        Some("SendSms") => {
            let places: Result<BTreeMap<String, String>, _> = serde_json::from_str(&field("TemplateParam"));
            if places.is_err() || !field("TemplateCode").starts_with("SMS_") || field("SignName").is_empty() {
                return refused("isv.INVALID_PARAMETERS");
            }
            if field("PhoneNumbers").is_empty() || field("PhoneNumbers").starts_with('+') {
                return refused("isv.MOBILE_NUMBER_ILLEGAL");
            }
            let trouble = fake.trouble();
            match trouble {
                Some(Trouble::Busy) => return refused("isv.BUSINESS_LIMIT_CONTROL"),
                Some(Trouble::Number) => return refused("isv.BLACK_KEY_CONTROL_LIMIT"),
                _ => {}
            }
            let said = format!("{} {}", field("TemplateCode"), field("TemplateParam"));
            let nth = fake.take(Taken { by: "aliyun", to: field("PhoneNumbers"), said, out_id: field("OutId") });
            if matches!(trouble, Some(Trouble::Lost)) {
                return StatusCode::BAD_GATEWAY.into_response();
            }
            answer(200, json!({"Code": "OK", "Message": "OK", "BizId": format!("B{nth}"), "RequestId": "R2"}))
        }
        Some("QuerySendDetails") => {
            let found: Vec<Value> = fake
                .all()
                .iter()
                .filter(|taken| taken.by == "aliyun" && taken.to == field("PhoneNumber"))
                .map(|taken| json!({"OutId": taken.out_id, "PhoneNum": taken.to, "SendStatus": 3, "TemplateCode": "SMS_1"}))
                .collect();
            let count = found.len();
            answer(
                200,
                json!({"Code": "OK", "Message": "OK", "TotalCount": count, "SmsSendDetailDTOs": {"SmsSendDetailDTO": found}, "RequestId": "R3"}),
            )
        }
        _ => refused("InvalidAction.NotFound"),
    }
}
