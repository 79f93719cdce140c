//! What is wrong with a shop, each with the command that mends it. Nothing is changed, unless that is asked for and harmless.

mod books;
mod files;
mod finding;
mod outside;
mod sender;
mod settings;

use jiff::Timestamp;

pub use finding::{Finding, Severity};

use super::error::CareError;
use crate::compose;
use crate::config::Config;
use crate::log::chain;
use crate::services::Services;
use crate::store::{self, Plan, StoreError};

/// What to look at, and what to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Examination {
    /// Mend what is harmless to mend: rights of files, and what is derived from events.
    pub fix: bool,
    /// Ask for a page by the public address, too: only this way shows whether a visitor comes through.
    pub public: bool,
}

/// Looks at everything; what is not as it should be, in the order in which to see to it.
pub async fn examine(config: Config, examination: Examination) -> Result<Vec<Finding>, CareError> {
    let mut findings = settings::look(&config);
    findings.extend(files::rights(&config, examination.fix));
    findings.extend(outside::mail(&config).await);
    findings.extend(sender::look(&config).await);
    match store::plan(&config.database_url()).await {
        Err(error) => findings.push(unreadable(&error)),
        Ok(Plan { newest: 0, .. }) => {
            findings.push(Finding::warning("database_absent", "there is no database yet", "homebound migrate"));
        }
        Ok(plan) if !plan.pending.is_empty() => {
            let text = format!("the database is behind: migration {} is done, {} are not", plan.newest, plan.pending.len());
            findings.push(Finding::error("database_behind", text, "homebound migrate --plan, then homebound migrate"));
        }
        Ok(_) => match compose::services(config).await {
            Ok(services) => {
                findings.extend(within(&services, examination).await?);
                services.store.close().await;
            }
            Err(error) => findings.push(Finding::error("start", chain(&error), "put that right; a server does not start either")),
        },
    }
    Ok(findings)
}

async fn within(services: &Services, examination: Examination) -> Result<Vec<Finding>, CareError> {
    let mut findings = Vec::new();
    let mut read = services.store.read().await?;
    for fault in store::database_faults(&mut read.conn()).await? {
        findings.push(Finding::error("database_damaged", fault, "homebound restore FILE, of the last good backup"));
    }
    drop(read);
    findings.extend(books::derived(services, examination.fix).await?);
    findings.extend(books::units(services).await?);
    findings.extend(books::ledger(services, examination.fix).await?);
    findings.extend(books::credit(services, examination.fix).await?);
    findings.extend(books::points(services, examination.fix).await?);
    findings.extend(books::outbox(services).await?);
    findings.extend(clock(services).await?);
    findings.extend(files::evidence(services).await?);
    if examination.public {
        findings.extend(outside::public_address(services).await?);
    }
    Ok(findings)
}

fn unreadable(error: &StoreError) -> Finding {
    match error {
        StoreError::TooOld { .. } => Finding::error("database_newer", error.to_string(), "start the version that made it"),
        error => Finding::error("database", format!("it does not answer: {}", chain(error)), "see to database_url, and to whoever runs it"),
    }
}

/// Clocks that do not agree: leases follow the database's, all else this machine's.
async fn clock(services: &Services) -> Result<Option<Finding>, StoreError> {
    /// Half of a lease would be over.
    const APART: i64 = 30_000;
    let mut read = services.store.read().await?;
    let (theirs, newest) = store::clocks(&mut read.conn()).await?;
    let apart = (Timestamp::now().as_millisecond() - theirs) / 1_000;
    let ahead = newest.map_or(0, |newest| (newest - services.clock.millis()) / 1_000);
    let mend = "timedatectl set-ntp true, on each machine";
    Ok(if apart.abs() * 1_000 > APART {
        Some(Finding::error("clock", format!("this machine's clock and the database's are {} s apart", apart.abs()), mend))
    } else if ahead * 1_000 > APART {
        Some(Finding::error("clock", format!("the newest return is from {ahead} s ahead of now: this clock was ahead, or is behind"), mend))
    } else {
        None
    })
}
