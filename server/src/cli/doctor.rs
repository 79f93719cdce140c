//! `homebound doctor`.

use clap::Args;
use server::care::{self, Examination, Severity};
use server::config::Config;

use super::failure::Failure;
use super::say::say;

#[derive(Args)]
pub struct Arguments {
    /// As JSON: a list of findings.
    #[arg(long)]
    json: bool,
    /// Mend what is harmless to mend: rights of files, and what is derived from events.
    #[arg(long)]
    fix: bool,
    /// Ask for a page by the public address, too.
    #[arg(long)]
    public: bool,
}

/// Fails with 1 where there are warnings, and with 2 where there are errors, that were not mended.
pub async fn run(config: Config, Arguments { json, fix, public }: Arguments) -> Result<(), Failure> {
    let findings = care::examine(config, Examination { fix, public }).await?;
    if json {
        say(serde_json::to_string_pretty(&findings).map_err(|error| Failure::Other(error.to_string()))?)?;
    } else {
        for finding in &findings {
            let severity = match finding.severity {
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            let mend = if finding.mended { "mended" } else { finding.mend.as_str() };
            // What others wrote may have several lines.
            let text = finding.text.replace(|letter: char| letter.is_control(), " ");
            say(format_args!("{severity:<7}  {:<16}  {text}\n{:>27}{mend}", finding.code, "-> "))?;
        }
        if findings.is_empty() {
            say("nothing is wrong")?;
        }
    }
    match findings.iter().filter(|finding| !finding.mended).map(|finding| finding.severity).max() {
        None => Ok(()),
        Some(Severity::Warning) => Err(Failure::Found(1)),
        Some(Severity::Error) => Err(Failure::Found(2)),
    }
}
