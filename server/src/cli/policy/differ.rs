//! `homebound policy diff`: what a merchant's customers would notice.

use std::path::Path;
use std::sync::Arc;

use app::format::Format;
use app::read_policy::differences;
use app::say::Say;
use clap::Args;
use domain::policy::{Policy, read_for};
use domain::words::Locale;
use server::compose;
use server::config::Config;
use server::services::Services;
use server::store::Conn;

use super::super::failure::Failure;
use super::super::say::say;
use super::document::{locale, no_version, tell, text_of};

#[derive(Args)]
pub struct Arguments {
    /// A version's number or a file. Alone: what it says otherwise than the version that new orders follow.
    first: String,
    /// What `second` says otherwise than `first`.
    second: Option<String>,
    /// In this language; in each of the shop's, where left out.
    #[arg(long, value_parser = locale)]
    locale: Option<Locale>,
}

pub async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    let mut read = services.store.read().await?;
    let now = services.clock.now();
    let (before, after) = match &arguments.second {
        None => {
            let (_, current) = services.policies.current(&mut read.conn(), now).await?;
            (current, policy(&services, &mut read.conn(), &arguments.first).await?)
        }
        Some(second) => {
            let first = policy(&services, &mut read.conn(), &arguments.first).await?;
            (first, policy(&services, &mut read.conn(), second).await?)
        }
    };
    let one = arguments.locale.map(|locale| [locale]);
    for locale in one.as_ref().map_or(services.policy_shop().languages, |one| &one[..]) {
        let words = Say::new(Format::new(*locale, services.shop_zone(), now));
        let lines = differences(&words, services.reasons.all(), &before, &after);
        let same = lines.is_empty().then(|| words.m.policy_differs_not().to_owned());
        for line in lines.into_iter().chain(same) {
            say(line)?;
        }
    }
    Ok(())
}

/// A version by its number, or a document that has no mistakes.
async fn policy(services: &Services, conn: &mut Conn<'_>, named: &str) -> Result<Arc<Policy>, Failure> {
    let file = Path::new(named);
    match named.parse::<i64>() {
        Ok(version) if !file.exists() => {
            let found = services.policies.version(conn, version).await?;
            found.ok_or_else(|| no_version(version))
        }
        _ => match read_for(&text_of(file)?, services.policy_shop()) {
            Ok(checked) => Ok(Arc::new(checked.policy)),
            Err(problems) => tell(file, &problems),
        },
    }
}
