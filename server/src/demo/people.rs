//! Who works in the demo shop.

use app::ports::DemoLogin;
use domain::returns::Role;
use domain::staff::{Member, Roles, StaffLimits};

use super::error::SeedError;
use crate::services::{Factor, Services};
use crate::store::{self, StaffRow, StoreError};

/// Who can sign in to a demo shop: one for each role.
pub(super) const PEOPLE: [(&str, &str, Role); 5] = [
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

pub(super) fn address_of(mailbox: &str) -> String {
    format!("{mailbox}@demo.example")
}

pub(super) fn id_of(mailbox: &str) -> String {
    format!("s_demo_{mailbox}")
}

/// Lets the people of the demo shop in, where nobody works there yet.
pub(super) async fn seed(services: &Services) -> Result<(), SeedError> {
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
