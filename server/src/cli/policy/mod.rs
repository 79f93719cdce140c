//! `homebound policy`.

mod differ;
mod document;
mod try_out;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use domain::policy::{Shop, read_for};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use server::compose;
use server::compose::StartError;
use server::config::Config;
use server::services::{Changed, PublishError, Published};

use super::failure::Failure;
use super::say::{say, warn};
use document::{no_version, tell, text_of};

#[derive(Subcommand)]
pub enum Command {
    /// Say what is wrong with a policy document: where, what, and what was meant. JSON or TOML.
    #[command(after_help = "Example: homebound policy check my-policy.json")]
    Check {
        /// The document.
        file: PathBuf,
    },
    /// Judge an order by a policy document, in words; nothing is kept, and no database is needed.
    #[command(
        after_help = "Example: homebound policy try my-policy.json --order order.json --at 2026-12-01T10:00:00+08:00 --reason size/too_small"
    )]
    Try(try_out::Arguments),
    /// Put a policy in force. Orders placed before keep the policy they were placed under.
    #[command(after_help = "Example: homebound policy publish my-policy.json --from 2026-12-01T00:00:00+08:00")]
    Publish {
        /// The document.
        file: PathBuf,
        /// Orders placed from then on follow it; now, where left out.
        #[arg(long)]
        from: Option<Timestamp>,
        /// Also where orders that are in already follow it then; they are named.
        #[arg(long)]
        backdate: bool,
    },
    /// The versions that were published, with the orders that follow them.
    #[command(after_help = "Example: homebound policy list")]
    List,
    /// Print a version as it was published; without a number the one that new orders follow.
    #[command(after_help = "Example: homebound policy show 2 > policy-2.json")]
    Show {
        /// Its number.
        version: Option<i64>,
    },
    /// What one policy says otherwise than another, in words.
    #[command(after_help = "Example: homebound policy diff my-policy.json; homebound policy diff 1 2")]
    Diff(differ::Arguments),
    /// Print the JSON Schema of policy documents.
    #[command(after_help = "Example: homebound policy schema > policy.schema.json")]
    Schema,
}

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Schema => say(serde_json::to_string_pretty(&domain::policy::json_schema()).unwrap_or_default()),
        Command::Check { file } => check(&config, &file),
        Command::Try(arguments) => try_out::run(&config, arguments),
        Command::Publish { file, from, backdate } => publish(config, &file, from, backdate).await,
        Command::List => list(config).await,
        Command::Show { version } => show(config, version).await,
        Command::Diff(arguments) => differ::run(config, arguments).await,
    }
}

fn check(config: &Config, file: &Path) -> Result<(), Failure> {
    let reasons = config.reason_tree().map_err(StartError::from)?;
    let today = Timestamp::now().to_zoned(config.shop.zone.clone()).date();
    let languages = config.shop.name.languages();
    let shop = Shop { reasons: &reasons, languages: &languages, today: Some(today) };
    match read_for(&text_of(file)?, shop) {
        Ok(checked) => {
            checked.notes.iter().for_each(|note| warn(format_args!("{}:{note} (allowed, and worth a second look)", file.display())));
            say(format_args!("{}: no mistakes, {} rules", file.display(), checked.policy.rules()))
        }
        Err(problems) => tell(file, &problems),
    }
}

async fn publish(config: Config, file: &Path, from: Option<Timestamp>, backdate: bool) -> Result<(), Failure> {
    let text = text_of(file)?;
    let services = compose::services(config).await?;
    let now = services.clock.now();
    let from = from.unwrap_or(now);
    match services.policies.publish(&services.store, &text, services.policy_shop(), from, now, backdate).await {
        Ok((version, changed)) => {
            name_orders(&changed, &services.shop_zone());
            say(format_args!("{}: published as version {version}, in force for orders placed from {from}", file.display()))
        }
        Err(PublishError::Problems(problems)) => tell(file, &problems),
        Err(PublishError::Retroactive(changed)) => {
            name_orders(&changed, &services.shop_zone());
            warn("These are in already and were promised another policy; nothing was published. With --backdate they follow this one.");
            Err(Failure::Said)
        }
        Err(PublishError::Store(error)) => Err(error.into()),
    }
}

fn name_orders(changed: &Changed, zone: &TimeZone) {
    for (number, placed) in &changed.orders {
        warn(format_args!("order {number}, placed {}", moment(*placed, zone)));
    }
    let named = i64::try_from(changed.orders.len()).unwrap_or(i64::MAX);
    if changed.count > named {
        warn(format_args!("and {} more", changed.count - named));
    }
}

async fn list(config: Config) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    let zone = services.shop_zone();
    let mut read = services.store.read().await?;
    for Published { row, name, rules, until, orders } in services.policies.published(&mut read.conn()).await? {
        let name = name.get(domain::words::Locale::En).unwrap_or("unnamed").to_owned();
        let rules = rules.map_or_else(|| "of a newer program".to_owned(), |rules| format!("{rules} rules"));
        let from = if row.effective_from <= 0 { "the beginning".to_owned() } else { moment(row.effective_from, &zone) };
        let until = until.map(|until| format!(" until {}", moment(until, &zone))).unwrap_or_default();
        say(format_args!(
            "{}\t{name}, {rules}; for orders placed from {from}{until}: {orders}; published {}",
            row.version,
            moment(row.published_at, &zone)
        ))?;
    }
    Ok(())
}

async fn show(config: Config, version: Option<i64>) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    let mut read = services.store.read().await?;
    let version = match version {
        Some(version) => version,
        None => services.policies.current(&mut read.conn(), services.clock.now()).await?.0.version,
    };
    match server::store::policy_document(&mut read.conn(), version).await? {
        Some(document) => say(document.trim_end()),
        None => Err(no_version(version)),
    }
}

fn moment(millisecond: i64, zone: &TimeZone) -> String {
    let time = Timestamp::from_millisecond(millisecond).unwrap_or_default().to_zoned(zone.clone());
    time.strftime("%Y-%m-%d %H:%M %Z").to_string()
}
