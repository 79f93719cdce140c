//! The demo shop: orders dated relative to now, each showing a rule.

mod error;
mod orders;
mod people;
mod policy;
mod returns;
pub mod stock;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use error::SeedError;
pub use people::logins;

use app::ports::{DemoDepartment, DemoOrder};
use domain::order::Order;
use domain::words::{Locale, Words};

use crate::services::{PublishError, Services};
use crate::store::{self, OrderToPut};

/// What the front page of a demo shop offers to try: the same for everybody.
pub fn orders_to_try() -> Vec<DemoDepartment> {
    static SHOWN: LazyLock<Vec<DemoDepartment>> = LazyLock::new(shown);
    SHOWN.clone()
}

fn shown() -> Vec<DemoDepartment> {
    let both = |zh: &str, en: &str| [(Locale::ZhCn, zh.to_owned()), (Locale::En, en.to_owned())].into_iter().collect::<Words>();
    let to_try = |demo: &orders::Demo| DemoOrder {
        number: demo.number.to_owned(),
        contact: demo.contact().to_owned(),
        shows: both(demo.zh, demo.en),
        highlight: demo.highlight,
    };
    let shown = orders::departments();
    shown.iter().map(|part| DemoDepartment { name: both(part.zh, part.en), orders: part.demos.iter().map(to_try).collect() }).collect()
}

/// Puts the demo shop's orders in, where its first is not there yet. Answers how many there are.
pub async fn seed(services: &Services) -> Result<usize, SeedError> {
    let now = services.clock.now();
    let mut orders = Vec::new();
    for demo in orders::departments().into_iter().flat_map(|part| part.demos) {
        let number = demo.number;
        let document = demo.document(now).map_err(|error| SeedError::Order(number.into(), error.to_string()))?;
        let order = Order::parse(&document).map_err(|problems| SeedError::Order(number.into(), problems[0].to_string()))?;
        orders.push(OrderToPut::new(&order, &document)?);
    }
    let mut shelves = Vec::new();
    for stocked in stock::all() {
        let item = stocked.item().map_err(|problems| SeedError::Stock(stocked.sku.into(), problems[0].to_string()))?;
        shelves.push((stocked.warehouse, item));
    }
    people::seed(services).await?;
    let count = orders.len();
    let mut read = services.store.read().await?;
    let first = orders.first().map(|order| order.key.clone()).unwrap_or_default();
    if store::find_order(&mut read.conn(), &first).await?.is_some() {
        drop(read);
        return returns::seed(services).await.map(|()| count);
    }
    drop(read);
    let document = policy::document(now);
    domain::policy::read(&document, &services.reasons).map_err(PublishError::Problems)?;
    services
        .store
        .write(move |mut conn| {
            Box::pin(async move {
                // Of several servers that start at once, one does it.
                if store::next_number(&mut conn, "demo").await? > 1 {
                    return Ok(());
                }
                store::publish_policy(&mut conn, &document, 0, now.as_millisecond()).await?;
                for (warehouse, item) in &shelves {
                    store::put_stock(&mut conn, warehouse, item, now.as_millisecond()).await?;
                }
                store::put_orders(&mut conn, &orders, now.as_millisecond()).await.map(|_| ())
            })
        })
        .await?;
    services.policies.look_again();
    returns::seed(services).await?;
    Ok(count)
}
