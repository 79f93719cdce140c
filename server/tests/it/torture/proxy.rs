//! A proxy that sends each request to the next of two servers, and to the other one where nobody answers. It knows when a server is
//! killed: a request may only fail if it was with that server then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use reqwest::{Client, redirect};

use super::serving::Serving;

/// Where the proxy listens, and what it has seen. Cheap to clone.
#[derive(Clone)]
pub struct Proxy {
    pub base: String,
    places: Arc<[Place; 2]>,
    next: Arc<AtomicUsize>,
    faults: Arc<Mutex<Vec<String>>>,
    client: Client,
}

/// One of the two.
#[derive(Default)]
struct Place {
    base: Mutex<String>,
    /// How many requests it answered.
    answered: AtomicUsize,
    /// How often it was killed, twice over; odd while it is dying.
    kills: AtomicUsize,
}

/// Said of one connection, not of what it carries.
const HOP: [HeaderName; 3] = [header::CONNECTION, header::TRANSFER_ENCODING, header::HOST];
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
const LARGEST: usize = 4 << 20;

impl Proxy {
    /// In front of two servers.
    pub async fn start(servers: [&Serving; 2]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            places: Arc::default(),
            next: Arc::default(),
            faults: Arc::default(),
            // No connection is kept: one that is open already may be to a server that is gone.
            client: Client::builder().redirect(redirect::Policy::none()).pool_max_idle_per_host(0).build().unwrap(),
        };
        servers.iter().enumerate().for_each(|(place, server)| proxy.point(place, server));
        let app = Router::new().fallback(pass_on).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        proxy
    }

    /// Another server takes that place.
    pub fn point(&self, place: usize, server: &Serving) {
        self.places[place].base.lock().unwrap().clone_from(&server.base);
    }

    /// Kills the server of that place.
    pub fn kill(&self, place: usize, server: Serving) {
        self.places[place].kills.fetch_add(1, Ordering::SeqCst);
        server.kill();
        self.places[place].kills.fetch_add(1, Ordering::SeqCst);
    }

    /// How many requests each has answered.
    pub fn answered(&self) -> [usize; 2] {
        [0, 1].map(|place: usize| self.places[place].answered.load(Ordering::SeqCst))
    }

    /// Requests that failed though nobody was killed.
    pub fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap().clone()
    }

    /// Notes a failure, unless the server was killed since `kills`.
    fn failed(&self, place: usize, kills: usize, what: String) {
        let now = self.places[place].kills.load(Ordering::SeqCst);
        if now == kills && now.is_multiple_of(2) {
            self.faults.lock().unwrap().push(what);
        }
    }

    async fn send(&self, place: usize, parts: &Parts, body: Bytes) -> reqwest::Result<reqwest::Response> {
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let address = format!("{}{target}", self.places[place].base.lock().unwrap());
        let mut request = self.client.request(parts.method.clone(), address).headers(parts.headers.clone());
        if !parts.headers.contains_key(FORWARDED) {
            request = request.header(FORWARDED, HeaderValue::from_static("127.0.0.1"));
        }
        request.body(body).send().await
    }
}

async fn pass_on(State(proxy): State<Proxy>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::BAD_REQUEST.into_response() };
    HOP.iter().for_each(|name| drop(parts.headers.remove(name)));
    let first = proxy.next.fetch_add(1, Ordering::SeqCst) % 2;
    for place in [first, 1 - first] {
        let kills = proxy.places[place].kills.load(Ordering::SeqCst);
        match proxy.send(place, &parts, body.clone()).await {
            Ok(answer) => {
                proxy.places[place].answered.fetch_add(1, Ordering::SeqCst);
                return relay(proxy, place, kills, answer);
            }
            // Nobody is there: nothing was sent yet.
            Err(error) if error.is_connect() => {}
            Err(error) => {
                proxy.failed(place, kills, format!("{} {}: {error:?}", parts.method, parts.uri));
                return StatusCode::BAD_GATEWAY.into_response();
            }
        }
    }
    proxy.faults.lock().unwrap().push(format!("{} {}: nobody is there", parts.method, parts.uri));
    StatusCode::BAD_GATEWAY.into_response()
}

fn relay(proxy: Proxy, place: usize, kills: usize, mut answer: reqwest::Response) -> Response {
    let (status, mut headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    HOP.iter().for_each(|name| drop(headers.remove(name)));
    let rest = stream::unfold((answer, proxy), move |(mut answer, proxy)| async move {
        let chunk = answer.chunk().await.transpose()?;
        if let Err(error) = &chunk {
            proxy.failed(place, kills, format!("an answer broke off: {error:?}"));
        }
        Some((chunk, (answer, proxy)))
    });
    let mut response = (status, Body::from_stream(rest)).into_response();
    *response.headers_mut() = headers;
    response
}
