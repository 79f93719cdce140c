//! Customers who open returns, add to them, show photos, switch, call off, reprint and read, as fast as they are answered; by machine, or
//! by the forms of the pages. They remember what they were told, so that they can be asked afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::shopper::Shopper;
use super::{bought, picture};
use crate::app::request;

/// How often a server on a busy machine is asked again.
const TRIES: u32 = 30;

/// Many customers at a server.
pub struct Load {
    customers: Vec<JoinHandle<Vec<Visit>>>,
    stop: Arc<AtomicBool>,
    opened: Arc<AtomicUsize>,
}

/// What one of them asked for, and was told.
#[derive(Default)]
pub struct Visit {
    pub number: String,
    /// The order was taken.
    pub ordered: bool,
    /// By the forms of the pages; else by machine.
    pub shopper: Option<Shopper>,
    /// A photo that was uploaded ahead, and is named when the return is opened.
    pub named: Option<String>,
    /// Every photo that was told to be kept.
    pub shown: Vec<String>,
    /// Number of the return, once it was told.
    pub rma: Option<String>,
    /// The latest version of it that was told.
    pub version: u64,
    /// Every parcel number that was told.
    pub parcels: Vec<String>,
    /// Adding an item was asked for; and it was told that it worked.
    pub adding: bool,
    pub added: bool,
    /// Calling off was asked for; and it was told that it worked.
    pub cancelling: bool,
    pub cancelled: bool,
}

/// Somebody at a server.
#[derive(Clone)]
pub struct Customer {
    pub client: Client,
    pub base: String,
    pub key: String,
}

/// The server went away in the middle of it.
#[derive(Debug)]
pub struct CutOff;

impl Load {
    /// So many customers, from here on.
    pub fn begin(customers: usize, customer: &Customer) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let (stop, opened) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let visits = |place: usize| {
            let (customer, stop, opened) = (customer.clone(), stop.clone(), opened.clone());
            tokio::spawn(async move {
                let mut visits = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let mut visit = Visit { number: NEXT.fetch_add(1, Ordering::Relaxed).to_string(), ..Visit::default() };
                    if place.is_multiple_of(2) {
                        visit.shopper = Some(Shopper::default());
                    }
                    let done = customer.visit(&mut visit).await;
                    opened.fetch_add(usize::from(visit.rma.is_some()), Ordering::Relaxed);
                    visits.push(visit);
                    if done.is_err() {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
                visits
            })
        };
        Self { customers: (0..customers).map(visits).collect(), stop, opened }
    }

    /// How many visits have opened a return.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    /// What all of them were told, once they have left.
    pub async fn end(self) -> Vec<Visit> {
        self.stop.store(true, Ordering::Relaxed);
        let mut visits = Vec::new();
        for customer in self.customers {
            visits.extend(customer.await.unwrap());
        }
        visits
    }
}

impl Customer {
    pub fn call(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}/api/v1{path}", self.base)).bearer_auth(&self.key)
    }

    /// Opens the visit's return, or is told of it again.
    pub fn open(&self, visit: &Visit) -> RequestBuilder {
        self.call("POST", "/returns").header("idempotency-key", format!("open-{}", visit.number)).json(&visit.wanted())
    }

    /// Adds to the visit's return, once.
    pub fn add(&self, visit: &Visit, rma: &str) -> RequestBuilder {
        let lines = json!([{"line": "2", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}]);
        let key = format!("add-{}", visit.number);
        self.call("POST", &format!("/returns/{rma}/lines")).header("idempotency-key", key).json(&json!({"lines": lines}))
    }

    async fn visit(&self, visit: &mut Visit) -> Result<(), CutOff> {
        let put = self.call("PUT", &format!("/orders/{}", visit.number)).json(&bought(&visit.number));
        let (status, body) = heard(put).await?;
        assert!(status.is_success(), "{status} {body}");
        visit.ordered = true;
        match visit.shopper.take() {
            None => self.visit_by_machine(visit).await,
            Some(mut shopper) => {
                let done = shopper.visit(self, visit).await;
                visit.shopper = Some(shopper);
                done
            }
        }
    }

    async fn visit_by_machine(&self, visit: &mut Visit) -> Result<(), CutOff> {
        if rand::random_range(0..3) == 0 {
            let (status, body) = heard(self.call("POST", &format!("/evidence?order={}", visit.number)).multipart(photo())).await?;
            assert_eq!(status, StatusCode::CREATED, "{body}");
            visit.named = Some(body["id"].as_str().unwrap().to_owned());
            visit.shown.extend(visit.named.clone());
        }
        let (status, body) = heard(self.open(visit)).await?;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let rma = body["rma"].as_str().unwrap().to_owned();
        visit.rma = Some(rma.clone());
        visit.told(&body);
        for _ in 0..rand::random_range(0..6) {
            let step = rand::random_range(0..7);
            let (status, body) = match step {
                0 if !visit.cancelling => {
                    visit.adding = true;
                    heard(self.add(visit, &rma)).await?
                }
                1 => {
                    let method = if visit.version.is_multiple_of(2) { "drop_off" } else { "self_ship" };
                    heard(self.call("POST", &format!("/returns/{rma}/method")).json(&json!({"method": method}))).await?
                }
                2 => heard(self.call("POST", &format!("/returns/{rma}/label"))).await?,
                3 => {
                    visit.cancelling = true;
                    heard(self.call("POST", &format!("/returns/{rma}/cancel"))).await?
                }
                4 => heard(self.call("GET", &format!("/returns/{rma}/timeline"))).await?,
                5 => heard(self.call("POST", &format!("/returns/{rma}/evidence")).multipart(photo().text("line", "1"))).await?,
                _ => heard(self.call("GET", &format!("/returns/{rma}"))).await?,
            };
            // What was called off is not changed any more.
            assert!(status.is_success() || visit.cancelled && status == StatusCode::CONFLICT, "step {step}: {status} {body}");
            if status.is_success() {
                visit.added |= step == 0 && visit.adding && !visit.cancelled;
                visit.cancelled |= step == 3;
                visit.shown.extend((step == 5).then(|| body["id"].as_str().unwrap().to_owned()));
                visit.told(&body);
            }
        }
        Ok(())
    }
}

impl Visit {
    /// What is asked for.
    pub fn wanted(&self) -> Value {
        let mut wanted = request(&self.number, "1", 1);
        wanted["lines"][0]["evidence"] = self.named.iter().cloned().collect();
        wanted
    }

    fn told(&mut self, body: &Value) {
        self.version = self.version.max(body["version"].as_u64().unwrap_or(0));
        let parcels = body["parcels"].as_array().into_iter().flatten();
        self.parcels.extend(parcels.filter_map(|parcel| parcel["tracking_number"].as_str()).map(str::to_owned));
    }
}

fn photo() -> Form {
    Form::new().part("file", Part::bytes(picture()).file_name("f.jpg"))
}

/// An answer that came; a proxy that found no server has none.
pub async fn sent(asked: RequestBuilder) -> Result<Response, CutOff> {
    let mut asked = Some(asked);
    for tries in 1.. {
        let request = asked.take().ok_or(CutOff)?;
        asked = request.try_clone();
        let answer = request.send().await.map_err(|_| CutOff)?;
        match answer.status() {
            StatusCode::BAD_GATEWAY => return Err(CutOff),
            // "Please try again in a minute": nothing was acknowledged.
            StatusCode::SERVICE_UNAVAILABLE if tries < TRIES => tokio::time::sleep(Duration::from_secs(2)).await,
            StatusCode::SERVICE_UNAVAILABLE => return Err(CutOff),
            _ => return Ok(answer),
        }
    }
    Err(CutOff)
}

/// Only an answer that came whole was told.
pub async fn heard(asked: RequestBuilder) -> Result<(StatusCode, Value), CutOff> {
    let answer = sent(asked).await?;
    let status = answer.status();
    let text = answer.text().await.map_err(|_| CutOff)?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// For any number of customers who all are the same shop.
pub fn customer(base: &str, key: &str) -> Customer {
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    Customer { client, base: base.to_owned(), key: key.to_owned() }
}
