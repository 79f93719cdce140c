//! The command line.

mod audit;
mod backup;
mod doctor;
mod failure;
mod files;
mod import;
mod init;
mod keys;
mod migrate;
mod outbox;
mod policy;
mod rebuild;
mod say;
mod serve;
mod systemd;
mod users;
mod withdrawals;

use std::net::TcpListener;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use server::compose::{self, StartError};
use server::config::Config;
use server::evidence::{EvidenceLimits, read_apart};
use server::http::api;
use server::{kept, log};

use failure::Failure;
use say::{say, warn};

/// Homebound: a returns portal.
#[derive(Parser)]
#[command(
    name = "homebound",
    version,
    about,
    after_help = "Settings: server/config.default.toml describes them all; HOMEBOUND_CONFIG names your file, HOMEBOUND_… wins over it."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Begin a shop: ask for what it needs (or take it from flags), write the settings file, make database and first key.
    #[command(after_help = "Example: homebound init /etc/homebound/homebound.toml")]
    Init(Box<init::Arguments>),
    /// Run the portal (and, unless `worker = false`, its jobs).
    #[command(after_help = "Example: HOMEBOUND_LISTEN=0.0.0.0:3000 HOMEBOUND_PUBLIC_URL=https://returns.shop.example homebound serve")]
    Serve,
    /// Do the jobs of the outbox (mails), and what is done again and again (sweeps).
    #[command(after_help = "Example: HOMEBOUND_SMTP_URL=smtp://localhost:1025 homebound worker")]
    Worker,
    /// Bring the database up to date, then stop. `serve` does it by itself.
    #[command(after_help = "Example: HOMEBOUND_DATABASE_URL=postgres://homebound@localhost/homebound homebound migrate")]
    Migrate(migrate::Arguments),
    /// Fill an empty database.
    #[command(subcommand)]
    Seed(Seed),
    /// Take in what a shop exported.
    #[command(subcommand)]
    Import(import::Command),
    /// Keys for machines.
    #[command(subcommand)]
    Key(keys::Command),
    /// People at work.
    #[command(subcommand)]
    User(users::Command),
    /// Who did what: list it, and prove that it is as it was written.
    #[command(subcommand)]
    Audit(audit::Command),
    /// What is to be done outside (mails, labels): what waits, and what was given up.
    #[command(subcommand)]
    Outbox(outbox::Command),
    /// Withdrawals: what waits for a person.
    #[command(subcommand)]
    Withdrawals(withdrawals::Command),
    /// Policies: check a document, try it on an order, put it in force, see what was and what differs.
    #[command(subcommand)]
    Policy(policy::Command),
    /// Say what is wrong with this shop, each with what mends it; 1 where there are warnings, 2 where there are errors.
    #[command(after_help = "Example: homebound doctor --public; homebound doctor --fix; homebound doctor --json")]
    Doctor(doctor::Arguments),
    /// Write all that belongs to the shop into one file: database, photos, mails, secret, settings. Servers may go on meanwhile.
    #[command(after_help = "Example: homebound backup /var/backups/homebound-$(date +%F).tar.gz")]
    Backup(backup::Backup),
    /// Put a backup in the place of an empty shop; or only see whether that would work.
    #[command(after_help = "Example: homebound restore homebound-2026-11-26.tar.gz --verify")]
    Restore(backup::Restore),
    /// Make what is derived from events anew: states, lines, tasks, parcels, money. Servers may go on meanwhile.
    #[command(after_help = "Example: homebound rebuild tasks; homebound rebuild --check")]
    Rebuild(rebuild::Arguments),
    /// Read one upload from standard input: what the portal starts for each of them, in a process that may be ended.
    #[command(hide = true)]
    ReadUpload {
        /// The limits of uploads, as JSON.
        #[arg(value_parser = limits)]
        limits: EvidenceLimits,
    },
    /// Print the OpenAPI document.
    #[command(after_help = "Example: homebound openapi > openapi.json")]
    Openapi,
}

#[derive(Subcommand)]
enum Seed {
    /// The demo shop: orders dated relative to now, each showing a rule.
    #[command(after_help = "Example: homebound seed demo")]
    Demo,
}

fn limits(text: &str) -> Result<EvidenceLimits, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Runs the command that was asked for.
pub fn run() -> ExitCode {
    kept::for_owner_alone();
    let command = match Cli::parse().command {
        // Before any thread, and any setting: it has neither.
        Command::ReadUpload { limits } => return read_upload(&limits),
        command => command,
    };
    let handed = systemd::socket();
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run_command(command, handed)),
        Err(error) => {
            warn(format_args!("homebound: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn read_upload(limits: &EvidenceLimits) -> ExitCode {
    match read_apart(limits) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warn(format_args!("homebound: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run_command(command: Command, handed: Result<Option<TcpListener>, Failure>) -> ExitCode {
    match perform(command, handed).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Said) => ExitCode::FAILURE,
        Err(Failure::Found(status)) => ExitCode::from(status),
        Err(failure) => {
            let mut text = failure.to_string();
            let mut source = std::error::Error::source(&failure);
            while let Some(cause) = source {
                let cause_text = cause.to_string();
                if !text.contains(&cause_text) {
                    text = format!("{text}: {cause_text}");
                }
                source = cause.source();
            }
            warn(format_args!("homebound: {text}"));
            ExitCode::FAILURE
        }
    }
}

async fn perform(command: Command, handed: Result<Option<TcpListener>, Failure>) -> Result<(), Failure> {
    if let Command::Openapi = command {
        return say(serde_json::to_string_pretty(&api::openapi()).unwrap_or_default());
    }
    if let Command::Init(arguments) = command {
        return init::run(*arguments).await;
    }
    let config = Config::load().map_err(StartError::from)?;
    let _log = log::begin(&config);
    match command {
        Command::Serve => serve::serve(config, handed?).await,
        Command::Worker => serve::work(config).await,
        Command::Migrate(arguments) => migrate::run(config, arguments).await,
        Command::Seed(Seed::Demo) => {
            let services = compose::services(config).await?;
            let seeded = server::demo::seed(&services).await.map_err(|error| Failure::Other(error.to_string()))?;
            say(format_args!("the demo shop has {seeded} orders"))
        }
        Command::Import(command) => import::run(config, command).await,
        Command::Key(command) => keys::run(config, command).await,
        Command::User(command) => users::run(config, command).await,
        Command::Audit(command) => audit::run(config, command).await,
        Command::Outbox(command) => outbox::run(config, command).await,
        Command::Withdrawals(command) => withdrawals::run(config, command).await,
        Command::Policy(command) => policy::run(config, command).await,
        Command::Doctor(arguments) => doctor::run(config, arguments).await,
        Command::Backup(arguments) => backup::back_up(config, arguments).await,
        Command::Restore(arguments) => backup::restore(config, arguments).await,
        Command::Rebuild(arguments) => rebuild::run(config, arguments).await,
        Command::Openapi | Command::Init(_) | Command::ReadUpload { .. } => Ok(()),
    }
}
