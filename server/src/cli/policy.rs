//! `homebound policy`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use domain::policy::{PolicyProblem, read};
use jiff::Timestamp;
use server::compose;
use server::compose::StartError;
use server::config::Config;
use server::services::PublishError;

use super::failure::Failure;
use super::say::{say, warn};

#[derive(Subcommand)]
pub enum Command {
    /// Say what is wrong with a policy document: line, column, and what was meant. JSON or TOML.
    #[command(after_help = "Example: homebound policy check my-policy.json")]
    Check {
        /// The document.
        file: PathBuf,
    },
    /// Put a policy in force. Orders placed before keep the policy they were placed under.
    #[command(after_help = "Example: homebound policy publish my-policy.json --from 2026-12-01T00:00:00+08:00")]
    Publish {
        /// The document.
        file: PathBuf,
        /// Orders placed from then on follow it; now, where left out.
        #[arg(long)]
        from: Option<Timestamp>,
    },
    /// Print the JSON Schema of policy documents.
    #[command(after_help = "Example: homebound policy schema > policy.schema.json")]
    Schema,
}

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Schema => say(serde_json::to_string_pretty(&domain::policy::json_schema()).unwrap_or_default()),
        Command::Check { file } => {
            let reasons = config.reason_tree().map_err(StartError::from)?;
            match read(&text_of(&file)?, &reasons) {
                Ok(policy) => say(format_args!("{}: no mistakes, {} rules", file.display(), policy.rules())),
                Err(problems) => tell(&file, &problems),
            }
        }
        Command::Publish { file, from } => {
            let text = text_of(&file)?;
            let services = compose::services(config).await?;
            let now = services.clock.now();
            let from = from.unwrap_or(now);
            match services.policies.publish(&services.store, &text, &services.reasons, from, now).await {
                Ok(version) => {
                    say(format_args!("{}: published as version {version}, in force for orders placed from {from}", file.display()))
                }
                Err(PublishError::Problems(problems)) => tell(&file, &problems),
                Err(PublishError::Store(error)) => Err(error.into()),
            }
        }
    }
}

fn text_of(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::File(file.to_owned(), error))
}

fn tell(file: &Path, problems: &[PolicyProblem]) -> Result<(), Failure> {
    for problem in problems {
        warn(format_args!("{}:{problem}", file.display()));
    }
    let plural = if problems.len() == 1 { "" } else { "s" };
    warn(format_args!("{} mistake{plural}; nothing was published", problems.len()));
    Err(Failure::Said)
}
