//! Customers who open returns, add to them, switch, call off, reprint and read, as fast as they are answered; and remember what they
//! were told, so that they can be asked afterwards.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::bought;
use crate::app::request;

/// Many customers at a server.
pub struct Load {
    customers: Vec<JoinHandle<Vec<Visit>>>,
}

/// What one of them asked for, and was told.
#[derive(Default)]
pub struct Visit {
    pub number: String,
    /// The order was taken.
    pub ordered: bool,
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
struct CutOff;

impl Load {
    /// So many customers, from here on.
    pub fn begin(customers: usize, customer: &Customer) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let visits = |_| {
            let customer = customer.clone();
            tokio::spawn(async move {
                let mut visits = Vec::new();
                loop {
                    let mut visit = Visit { number: NEXT.fetch_add(1, Ordering::Relaxed).to_string(), ..Visit::default() };
                    let done = customer.visit(&mut visit).await;
                    visits.push(visit);
                    if done.is_err() {
                        return visits;
                    }
                }
            })
        };
        Self { customers: (0..customers).map(visits).collect() }
    }

    /// What all of them were told, once the server is gone.
    pub async fn end(self) -> Vec<Visit> {
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
        self.call("POST", "/returns").header("idempotency-key", format!("open-{}", visit.number)).json(&request(&visit.number, "1", 1))
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
        let (status, body) = heard(self.open(visit)).await?;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let rma = body["rma"].as_str().unwrap().to_owned();
        visit.rma = Some(rma.clone());
        visit.told(&body);
        for _ in 0..rand::random_range(0..6) {
            let step = rand::random_range(0..6);
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
                _ => heard(self.call("GET", &format!("/returns/{rma}"))).await?,
            };
            // What was called off is not changed any more.
            assert!(status == StatusCode::OK || visit.cancelled && status == StatusCode::CONFLICT, "step {step}: {status} {body}");
            if status == StatusCode::OK {
                visit.added |= step == 0 && visit.adding && !visit.cancelled;
                visit.cancelled |= step == 3;
                visit.told(&body);
            }
        }
        Ok(())
    }
}

impl Visit {
    fn told(&mut self, body: &Value) {
        self.version = self.version.max(body["version"].as_u64().unwrap_or(0));
        let parcels = body["parcels"].as_array().into_iter().flatten();
        self.parcels.extend(parcels.filter_map(|parcel| parcel["tracking_number"].as_str()).map(str::to_owned));
    }
}

async fn heard(asked: RequestBuilder) -> Result<(StatusCode, Value), CutOff> {
    let answer = asked.send().await.map_err(|_| CutOff)?;
    let status = answer.status();
    // Only an answer that came whole was told.
    let text = answer.text().await.map_err(|_| CutOff)?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// For any number of customers who all are the same shop.
pub fn customer(base: &str, key: &str) -> Customer {
    Customer { client: Client::new(), base: base.to_owned(), key: key.to_owned() }
}
