//! The demo shop: orders dated relative to now, each showing a rule.

mod orders;
mod policy;
mod returns;
pub mod stock;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use app::ports::{DemoDepartment, DemoLogin, DemoOrder};
use domain::order::Order;
use domain::returns::Role;
use domain::staff::{Member, Roles, StaffLimits};
use domain::words::{Locale, Words};

use crate::services::{Factor, PublishError, Services};
use crate::store::{self, OrderToPut, StaffRow, StoreError};

/// Why the demo shop could not be seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// One of its orders is none.
    #[error("demo order {0}: {1}")]
    Order(String, String),
    /// Something on its shelves is nothing.
    #[error("demo stock {0}: {1}")]
    Stock(String, String),
    /// One of its returns did not come about.
    #[error("the return of demo order {0}: {1}")]
    Return(String, String),
    /// Some of them.
    #[error("returns of the demo shop: {0}")]
    Returns(String),
    /// Its policy has mistakes.
    #[error("the demo policy could not be published")]
    Policy(#[from] PublishError),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

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

/// Who can sign in to a demo shop: one for each role.
const PEOPLE: [(&str, &str, Role); 5] = [
    ("Mei Chen", "support", Role::Support),
    ("Jonas Weber", "warehouse", Role::Warehouse),
    ("Ana Lima", "workshop", Role::Workshop),
    ("Ravi Menon", "finance", Role::Finance),
    ("Sofia Lind", "admin", Role::Admin),
];
/// The password of all of them. It opens nothing but a demo shop.
const PASSWORD: &str = "demo shop password";

/// Those who can sign in, with the code of now.
pub async fn logins(services: &Services) -> Result<Vec<DemoLogin>, StoreError> {
    let seconds = jiff::Timestamp::now().as_second();
    let login = |row: StaffRow| {
        let factor = Factor::unlocked(&services.secret, row.factor.as_deref()?)?;
        let email = row.member.email.to_string();
        PEOPLE.iter().any(|(_, mailbox, _)| email == address_of(mailbox)).then(|| DemoLogin {
            name: row.member.name,
            roles: row.member.roles,
            email,
            password: PASSWORD.to_owned(),
            // Each code works once.
            code: factor.code(if row.factor_step >= seconds / 30 { seconds + 30 } else { seconds }),
        })
    };
    Ok(services.people().await?.into_iter().filter(|row| row.ended_at.is_none()).filter_map(login).collect())
}

fn address_of(mailbox: &str) -> String {
    format!("{mailbox}@demo.example")
}

fn id_of(mailbox: &str) -> String {
    format!("s_demo_{mailbox}")
}

/// Lets the people of the demo shop in, where nobody works there yet.
async fn seed_people(services: &Services) -> Result<(), SeedError> {
    if !services.people().await?.is_empty() {
        return Ok(());
    }
    let (password, now) = (crate::services::hash_password(PASSWORD.to_owned()).await, services.clock.millis());
    let mut people = Vec::new();
    for (name, mailbox, role) in PEOPLE {
        let email = address_of(mailbox).parse().map_err(|_| SeedError::Order(mailbox.into(), "no address".into()))?;
        let limits = StaffLimits { overrides: true, ..StaffLimits::default() };
        let member = Member { id: id_of(mailbox), name: name.to_owned(), email, roles: Roles::new([role]), limits };
        people.push((member, Factor::new().locked(&services.secret)));
    }
    let seeded = services.store.write(move |mut conn| {
        Box::pin(async move {
            for (member, factor) in &people {
                if store::add_staff(&mut conn, member, now).await? {
                    store::set_credentials(&mut conn, &member.id, &password, factor, 0).await?;
                }
            }
            Ok::<_, StoreError>(())
        })
    });
    Ok(seeded.await?)
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
    seed_people(services).await?;
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
