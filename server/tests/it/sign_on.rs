//! In by a provider (OpenID Connect): who comes in, and which of its answers are not believed. The provider is one of our own, which lies on demand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use reqwest::{StatusCode, header};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use server::config::Config;
use server::secrets;

use crate::app::TestApp;
use crate::databases::{Database, on_both};
use crate::staff::{Browser, audit, free, hire};

const CLIENT_SECRET: &str = "what the provider knows this portal by";
const DOOR: &str = "/staff/sign-in";

/// How an answer is signed.
#[derive(Clone, Copy, PartialEq)]
enum Signed {
    /// As it should.
    Well,
    /// By a key of somebody else.
    ByAnother,
    /// Not at all.
    Not,
    /// With the client's secret.
    ByPassword,
    /// And changed since.
    Changed,
}

struct Told {
    base: String,
    keys: [EcdsaKeyPair; 2],
    /// By code: the challenge that it is bound to, and what is told then.
    codes: HashMap<String, (String, Value, Signed)>,
    /// What is told beside it.
    more: Value,
}

/// The provider.
#[derive(Clone)]
struct Peer(Arc<Mutex<Told>>);

impl Peer {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let random = SystemRandom::new();
        let key = || {
            let bytes = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes.as_ref(), &random).unwrap()
        };
        let peer = Self(Arc::new(Mutex::new(Told { base, keys: [key(), key()], codes: HashMap::new(), more: Value::Null })));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(says_of_itself))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/me", get(more))
            .with_state(peer.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        peer
    }

    fn base(&self) -> String {
        self.0.lock().unwrap().base.clone()
    }

    fn set(&self, config: &mut Config) {
        config.sign_on.issuer = Some(self.base());
        config.sign_on.client_secret = Some(CLIENT_SECRET.into());
        config.sign_on.label = [(domain::words::Locale::En, "Linden ID".to_owned())].into_iter().collect();
    }

    /// Somebody has said at the provider who they are: where it sends them back to, with an answer that is as it should be but for `change`.
    fn sends_back(&self, address: &str, subject: &str, signed: Signed, change: impl FnOnce(&mut Value)) -> String {
        let asked: HashMap<String, String> = address.parse::<url::Url>().unwrap().query_pairs().into_owned().collect();
        assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"), "{}", asked["scope"]);
        let now = Timestamp::now().as_second();
        let mut claims = json!({
            "iss": self.base(), "aud": asked["client_id"], "sub": subject, "nonce": asked["nonce"], "iat": now, "exp": now + 60,
            "email": "mei@shop.example", "email_verified": true, "name": "Mei Chen",
        });
        change(&mut claims);
        let code = secrets::token();
        self.0.lock().unwrap().codes.insert(code.clone(), (asked["code_challenge"].clone(), claims, signed));
        let back = asked["redirect_uri"].strip_prefix("https://returns.example").expect("to the public address");
        format!("{back}?code={code}&state={}&iss={}", asked["state"], self.base())
    }
}

async fn says_of_itself(State(peer): State<Peer>) -> Json<Value> {
    let base = peer.base();
    Json(json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"), "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"), "userinfo_endpoint": format!("{base}/me"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    }))
}

async fn keys(State(peer): State<Peer>) -> Json<Value> {
    let told = peer.0.lock().unwrap();
    let (x, y) = told.keys[0].public_key().as_ref()[1..].split_at(32);
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "1", "x": part(x), "y": part(y) }] }))
}

async fn token(State(peer): State<Peer>, headers: HeaderMap, Form(sent): Form<HashMap<String, String>>) -> Response {
    let mut told = peer.0.lock().unwrap();
    // Names and secrets are form-encoded before they are put together (RFC 6749, 2.3.1).
    let secret: String = form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    assert_eq!(headers["authorization"].to_str().unwrap(), format!("Basic {}", STANDARD.encode(format!("homebound:{secret}"))));
    assert_eq!(sent["redirect_uri"], "https://returns.example/staff/sign-on/back");
    let Some((challenge, claims, signed)) = told.codes.remove(&sent["code"]) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    assert_eq!(secrets::digest(&sent["code_verifier"]), challenge, "the code is ours");
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let algorithm = match signed {
        Signed::Not => "none",
        Signed::ByPassword => "HS256",
        _ => "ES256",
    };
    let mut text = format!("{}.{}", part(&json!({ "alg": algorithm, "kid": "1" })), part(&claims));
    let by = |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec();
    let signature = match signed {
        Signed::Well | Signed::Changed => by(&told.keys[0]),
        Signed::ByAnother => by(&told.keys[1]),
        Signed::Not => Vec::new(),
        Signed::ByPassword => {
            use hmac::Mac;
            secrets::keyed(CLIENT_SECRET.as_bytes()).chain_update(&text).finalize().into_bytes().to_vec()
        }
    };
    if signed == Signed::Changed {
        let mut claims = claims;
        claims["sub"] = json!("somebody else");
        text = format!("{}.{}", text.split('.').next().unwrap(), part(&claims));
    }
    let id_token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature));
    Json(json!({ "access_token": "opens-me", "token_type": "Bearer", "expires_in": 60, "id_token": id_token })).into_response()
}

async fn more(State(peer): State<Peer>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers["authorization"], "Bearer opens-me");
    Json(peer.0.lock().unwrap().more.clone())
}

/// The button: where the browser is led.
async fn begins(browser: &mut Browser<'_>, next: &str) -> String {
    let asked = browser.app.client.post(format!("{}/staff/sign-on", browser.app.base)).form(&[("next", next)]);
    let answer = asked.header(header::COOKIE, browser.cookie()).send().await.unwrap();
    browser.keep(&answer);
    assert_eq!(answer.status(), StatusCode::OK);
    answer.headers()["refresh"].to_str().unwrap().strip_prefix("0;url=").unwrap().to_owned()
}

fn is_in(browser: &Browser<'_>) -> bool {
    browser.cookies.iter().any(|(name, _)| name.ends_with("-staff"))
}

async fn shop(database: Database) -> (Peer, TestApp) {
    let peer = Peer::start().await;
    let app = TestApp::with(database, |config| peer.set(config)).await;
    (peer, app)
}

on_both! {
    async fn whoever_works_here_comes_in_by_the_provider(database: Database) {
        let (peer, app) = shop(database).await;
        let (member, ..) = hire(&app, "Mei", "support", free()).await;
        let mut browser = Browser::new(&app);
        browser.says(DOOR, "Sign in with Linden ID").await;
        let address = begins(&mut browser, "/staff/me").await;
        assert!(address.starts_with(&format!("{}/authorize?", peer.base())), "{address}");
        let back = peer.sends_back(&address, "s-1", Signed::Well, |_| {});
        assert_eq!(browser.get(&back).await, (303, "/staff/me".to_owned()));
        browser.says("/staff/me", "mei@shop.example").await;
        // The same once more opens nothing, and neither does its code by another way.
        let mut again = Browser { app: &app, cookies: browser.cookies.clone() };
        again.cookies.retain(|(name, _)| !name.ends_with("-staff"));
        assert_eq!(again.get(&back).await.1, DOOR);
        again.says(DOOR, "took too long, or began in another browser").await;
        let other = begins(&mut again, "").await;
        let state = other.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
        assert_eq!(again.get(&format!("/staff/sign-on/back?code={code}&state={state}")).await.1, DOOR);
        again.says(DOOR, "could not be trusted").await;
        assert!(!is_in(&again));
        // Known by their name there from now on, whatever their address is.
        let mut later = Browser::new(&app);
        let address = begins(&mut later, "//evil.example").await;
        let back = peer.sends_back(&address, "s-1", Signed::Well, |claims| claims["email"] = json!("chen@shop.example"));
        assert_eq!(later.get(&back).await.1, "/staff");
        assert_eq!(later.post("/staff/sign-out", &[]).await, DOOR);
        assert_eq!(later.get("/staff").await.0, 303);
        // And nobody else is them by their address.
        let mut thief = Browser::new(&app);
        let address = begins(&mut thief, "").await;
        assert_eq!(thief.get(&peer.sends_back(&address, "s-2", Signed::Well, |_| {})).await.1, DOOR);
        thief.says(DOOR, "already linked to another account").await;
        assert!(!is_in(&thief));
        let trail = audit(&app).await;
        let count = |what: &str| trail.iter().filter(|(done, subject)| done == what && *subject == format!("staff:{}", member.id)).count();
        assert_eq!((count("link_sign_on"), count("sign_on"), count("sign_on_refused")), (1, 2, 1), "{trail:?}");
        // A new link by an admin forgets who they were there.
        app.services.reset_person(None, &member.id).await.unwrap();
        let address = begins(&mut thief, "").await;
        assert_eq!(thief.get(&peer.sends_back(&address, "s-2", Signed::Well, |_| {})).await.1, "/staff");
        // Without a password of ours there is none to change.
        assert_eq!(thief.get("/staff/me/password").await.1, "/staff/me");
        // Whoever left stays out.
        hire(&app, "Ravi", "admin", free()).await;
        app.services.end_person(None, &member.id).await.unwrap();
        let mut left = Browser::new(&app);
        let address = begins(&mut left, "").await;
        assert_eq!(left.get(&peer.sends_back(&address, "s-2", Signed::Well, |_| {})).await.1, DOOR);
        left.says(DOOR, "Nobody with this email address works here").await;
    }
}

on_both! {
    async fn answers_that_do_not_hold_open_nothing(database: Database) {
        let (peer, app) = shop(database).await;
        hire(&app, "Mei", "support", free()).await;
        let untrusted = "could not be trusted";
        let unverified = "has not confirmed your email address";
        type Change = fn(&mut Value);
        let lies: [(&str, Signed, Change, &str); 16] = [
            ("another's nonce", Signed::Well, |claims| claims["nonce"] = json!(secrets::token()), untrusted),
            ("no nonce", Signed::Well, |claims| { claims.as_object_mut().unwrap().remove("nonce"); }, untrusted),
            ("for another", Signed::Well, |claims| claims["aud"] = json!("another shop"), untrusted),
            ("for us and another", Signed::Well, |claims| claims["aud"] = json!(["homebound", "another shop"]), untrusted),
            ("made for another", Signed::Well, |claims| claims["azp"] = json!("another shop"), untrusted),
            ("of another provider", Signed::Well, |claims| claims["iss"] = json!("https://evil.example"), untrusted),
            ("signed by another", Signed::ByAnother, |_| {}, untrusted),
            ("not signed", Signed::Not, |_| {}, untrusted),
            ("signed by the password", Signed::ByPassword, |_| {}, untrusted),
            ("changed", Signed::Changed, |_| {}, untrusted),
            ("expired", Signed::Well, |claims| claims["exp"] = json!(Timestamp::now().as_second() - 1), untrusted),
            ("no time", Signed::Well, |claims| { claims.as_object_mut().unwrap().remove("exp"); }, untrusted),
            ("not verified", Signed::Well, |claims| claims["email_verified"] = json!(false), unverified),
            ("not said to be verified", Signed::Well, |claims| { claims.as_object_mut().unwrap().remove("email_verified"); }, unverified),
            ("no address", Signed::Well, |claims| claims["email"] = json!("mei"), unverified),
            ("nobody's", Signed::Well, |claims| claims["email"] = json!("nobody@shop.example"), "Nobody with this email address works here"),
        ];
        for (what, signed, change, says) in lies {
            let mut browser = Browser::new(&app);
            let address = begins(&mut browser, "").await;
            let back = peer.sends_back(&address, "s-1", signed, change);
            assert_eq!(browser.get(&back).await, (303, DOOR.to_owned()), "{what}");
            let page = browser.get(DOOR).await.1;
            assert!(page.contains(says), "{what} says `{says}`: {page}");
            assert!(!is_in(&browser), "{what}");
        }
        // Somebody else's way, one that is over, none, and a refusal.
        let (mut mine, mut theirs) = (Browser::new(&app), Browser::new(&app));
        let (address, _) = (begins(&mut mine, "").await, begins(&mut theirs, "").await);
        let back = peer.sends_back(&address, "s-1", Signed::Well, |_| {});
        for browser in [&mut theirs, &mut Browser::new(&app)] {
            assert_eq!(browser.get(&back).await.1, DOOR);
            browser.says(DOOR, "began in another browser").await;
            assert!(!is_in(browser));
        }
        let evil = back.replace(&format!("iss={}", peer.base()), "iss=https://evil.example");
        assert_eq!(mine.get(&evil).await.1, DOOR, "said to be of another provider");
        for (query, says) in [("", "began in another browser"), ("?error=access_denied&state=STATE", "was not finished there"), ("?state=STATE", "was not finished there")] {
            let address = begins(&mut mine, "").await;
            let state = address.split("state=").nth(1).unwrap().split('&').next().unwrap();
            assert_eq!(mine.get(&format!("/staff/sign-on/back{}", query.replace("STATE", state))).await.1, DOOR);
            mine.says(DOOR, says).await;
        }
        let address = begins(&mut mine, "").await;
        app.services.clock.advance(SignedDuration::from_mins(11));
        assert_eq!(mine.get(&peer.sends_back(&address, "s-1", Signed::Well, |_| {})).await.1, DOOR);
        mine.says(DOOR, "took too long").await;
        assert_eq!(app.database.texts("SELECT subject FROM staff_subjects").await, Vec::<String>::new(), "nobody was linked");
    }
}

on_both! {
    async fn the_provider_says_who_works_here_where_the_settings_let_it(database: Database) {
        let peer = Peer::start().await;
        let app = TestApp::with(database, |config| {
            peer.set(config);
            config.sign_on.create_accounts = true;
            config.sign_on.roles_claim = Some("realm.roles".into());
            config.sign_on.roles = [("returns", "support,warehouse"), ("money", "finance")].map(|(value, roles)| (value.to_owned(), roles.to_owned())).into();
        }).await;
        let mut browser = Browser::new(&app);
        let address = begins(&mut browser, "").await;
        let back = peer.sends_back(&address, "s-1", Signed::Well, |claims| claims["realm"] = json!({ "roles": ["everybody"] }));
        assert_eq!(browser.get(&back).await.1, DOOR, "no role, no account");
        // What is told for the asking only, and of the same person only.
        let bare = |claims: &mut Value| { claims.as_object_mut().unwrap().remove("email"); };
        let says = |subject: &str| json!({ "sub": subject, "email": "mei@shop.example", "email_verified": true, "realm": { "roles": ["returns", "money"] } });
        peer.0.lock().unwrap().more = says("s-2");
        let address = begins(&mut browser, "").await;
        assert_eq!(browser.get(&peer.sends_back(&address, "s-1", Signed::Well, bare)).await.1, DOOR);
        peer.0.lock().unwrap().more = says("s-1");
        let address = begins(&mut browser, "").await;
        assert_eq!(browser.get(&peer.sends_back(&address, "s-1", Signed::Well, bare)).await.1, "/staff");
        let people = app.services.people().await.unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!((people[0].member.name.as_str(), people[0].member.roles.to_string().as_str()), ("Mei Chen", "support,warehouse,finance"));
        assert!(audit(&app).await.iter().any(|(what, _)| what == "add_person"));
    }
}

on_both! {
    async fn a_provider_that_is_away_is_said_to_be(database: Database) {
        let app = TestApp::with(database, |config| config.sign_on.issuer = Some("http://127.0.0.1:9".into())).await;
        let mut browser = Browser::new(&app);
        browser.says(DOOR, "Sign in with your company account").await;
        assert_eq!(browser.post("/staff/sign-on", &[("next", "/staff/me")]).await, DOOR);
        browser.says(DOOR, "does not answer right now").await;
        browser.says(DOOR, "value=\"/staff/me\"").await;
    }
}
