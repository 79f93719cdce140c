//! `homebound key`.

use clap::Subcommand;
use jiff::Timestamp;
use server::compose;
use server::config::Config;
use server::http::TEST_KEY;
use server::secrets;
use server::services::Services;
use server::store::{self, ApiKey, Scope, StoreError};

use super::failure::Failure;
use super::say::say;

#[derive(Subcommand)]
pub enum Command {
    /// Make a key and print it, once. A key of the same name is replaced.
    #[command(after_help = "Example: homebound key add --name shop --scope write")]
    Add {
        /// Its name, for logs and timelines.
        #[arg(long)]
        name: String,
        /// What it may do: metrics; read; write (orders, and returns as a shopper may), staff (decide, book in, look at) or finance (promise and
        /// pay), each with read; admin, everything.
        #[arg(long, value_parser = |text: &str| text.parse::<Scope>())]
        scope: Scope,
        /// For how many days it works; without, until it is removed.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: Option<u16>,
        /// Of the test shop, which has data of its own; such keys begin with `hb_test_`. A server that runs opens it when it starts next.
        #[arg(long)]
        test: bool,
    },
    /// All keys: name, scope, when they were made, end and were last used (to the hour), with tabs between.
    #[command(after_help = "Example: homebound key list")]
    List {
        /// Those of the test shop.
        #[arg(long)]
        test: bool,
    },
    /// Remove a key: two seconds later at most nothing opens with it.
    #[command(after_help = "Example: homebound key remove --name shop")]
    Remove {
        /// Its name.
        #[arg(long)]
        name: String,
        /// Of the test shop.
        #[arg(long)]
        test: bool,
    },
}

/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let (Command::Add { test, .. } | Command::List { test } | Command::Remove { test, .. }) = command;
    let services = compose::services(if test { config.test_shop() } else { config }).await?;
    match command {
        Command::Add { name, scope, days, .. } => {
            say(add(&services, name, scope, days).await?)?;
        }
        Command::List { .. } => {
            let mut read = services.store.read().await?;
            let day =
                |time: i64| Timestamp::from_millisecond(time).map(|time| time.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
            let or = |time: Option<i64>, never: &str| time.map_or(never.to_owned(), day);
            for (name, scope, life) in store::list_api_keys(&mut read.conn()).await? {
                let (ends, used) = (or(life.expires_at, "never ends"), or(life.used_at, "never used"));
                say(format_args!("{name}\t{scope}\t{}\t{ends}\t{used}", day(life.created_at)))?;
            }
        }
        Command::Remove { name, .. } => {
            let removed = name.clone();
            let found = services.store.write(move |mut conn| Box::pin(async move { store::remove_api_key(&mut conn, &removed).await }));
            if !found.await? {
                return Err(Failure::Other(format!("there is no key `{name}`; homebound key list shows all")));
            }
            say(format_args!("the key `{name}` is removed"))?;
        }
    }
    Ok(())
}

/// Adds a key that works for so many days, or until it is removed, and tells it: nobody can read it again.
pub(super) async fn add(services: &Services, name: String, scope: Scope, days: Option<u16>) -> Result<String, StoreError> {
    let secret = format!("{}{}", if services.config.is_test { TEST_KEY } else { "hb_" }, secrets::token());
    let key = ApiKey { digest: secrets::digest(&secret), name, scope };
    let now = services.clock.millis();
    let ends = days.map(|days| now + i64::from(days) * DAY);
    services.store.write(move |mut conn| Box::pin(async move { store::add_api_key(&mut conn, &key, ends, now).await })).await?;
    Ok(secret)
}
