//! The demo shop: orders dated relative to now, each showing a rule.

mod orders;
mod policy;

use app::ports::DemoOrder;
use domain::order::{Order, OrderDocument};
use domain::words::{Locale, Words};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::services::{PublishError, Services};
use crate::store::{self, OrderToPut, StoreError};

/// Why the demo shop could not be seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// One of its orders is none.
    #[error("demo order {0}: {1}")]
    Order(String, String),
    /// Its policy has mistakes.
    #[error("the demo policy could not be published")]
    Policy(#[from] PublishError),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// An order of the demo shop, and what it shows.
struct Demo {
    number: &'static str,
    contact: &'static str,
    zh: &'static str,
    en: &'static str,
    order: Value,
}

/// What the front page of a demo shop offers to try.
pub fn orders_to_try() -> Vec<DemoOrder> {
    let shows = |demo: &Demo| [(Locale::ZhCn, demo.zh.to_owned()), (Locale::En, demo.en.to_owned())].into_iter().collect::<Words>();
    let tried = orders::all(Timestamp::UNIX_EPOCH);
    tried.iter().map(|demo| DemoOrder { number: demo.number.to_owned(), contact: demo.contact.to_owned(), shows: shows(demo) }).collect()
}

/// Puts the demo shop's orders in, where its first is not there yet. Answers how many there are.
pub async fn seed(services: &Services) -> Result<usize, SeedError> {
    let now = services.clock.now();
    let demos = orders::all(now);
    let mut orders = Vec::with_capacity(demos.len());
    for demo in demos {
        let document: OrderDocument =
            serde_json::from_value(demo.order).map_err(|error| SeedError::Order(demo.number.into(), error.to_string()))?;
        let order = Order::parse(&document).map_err(|problems| SeedError::Order(demo.number.into(), problems[0].to_string()))?;
        orders.push(OrderToPut::new(&order, &document)?);
    }
    let count = orders.len();
    let mut read = services.store.read().await?;
    let first = orders.first().map(|order| order.key.clone()).unwrap_or_default();
    if store::find_order(&mut read.conn(), &first).await?.is_some() {
        return Ok(count);
    }
    drop(read);
    let document = policy::document(now);
    services.policies.publish(&services.store, &document, &services.reasons, Timestamp::UNIX_EPOCH, now).await?;
    services
        .store
        .write(move |mut conn| Box::pin(async move { store::put_orders(&mut conn, &orders, now.as_millisecond()).await }))
        .await?;
    Ok(count)
}

/// So many days (and hours) ago.
fn ago(now: Timestamp, days: i64, hours: i64) -> String {
    (now - SignedDuration::from_hours(days * 24 + hours)).to_string()
}

/// A customer of the demo shop.
fn customer(id: &str, name: &str, email: &str, phone: &str, tier: Option<&str>, locale: &str) -> Value {
    json!({"id": id, "name": name, "email": email, "phone": phone, "tier": tier, "locale": locale})
}
