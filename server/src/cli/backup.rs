//! `homebound backup` and `homebound restore`.

use std::path::PathBuf;

use clap::Args;
use server::care;
use server::config::Config;

use super::failure::Failure;
use super::say::{say, warn};

#[derive(Args)]
pub struct Backup {
    /// Where to: one file, outside of the data folder. It is there once it is whole.
    file: PathBuf,
    /// Take the place of a file of that name.
    #[arg(long)]
    overwrite: bool,
}

#[derive(Args)]
pub struct Restore {
    /// A file that `homebound backup` wrote.
    file: PathBuf,
    /// Change nothing: read all of it, bring its database up in a place of its own, and say whether it is whole.
    #[arg(long, conflicts_with = "overwrite")]
    verify: bool,
    /// Take the place of what is there: the database (on PostgreSQL all tables of its schema) and files of the same name. Stop the servers first.
    #[arg(long)]
    overwrite: bool,
}

pub async fn back_up(config: Config, Backup { file, overwrite }: Backup) -> Result<(), Failure> {
    let made = care::back_up(&config, &file, overwrite).await?;
    let manifest = &made.manifest;
    say(format_args!("{:>9}  rows", manifest.rows()))?;
    say(format_args!("{:>9}  files, {} kB in all", manifest.members.len(), manifest.bytes().div_ceil(1_000)))?;
    say(format_args!("{}: {} kB, all that was acknowledged before {}", file.display(), made.bytes.div_ceil(1_000), manifest.begun_at))?;
    for name in &manifest.missing {
        warn(format_args!("{name} was deleted meanwhile, or is missing: `homebound doctor` says which"));
    }
    for what in &manifest.left_out {
        warn(format_args!("not in it, keep it elsewhere: {what}"));
    }
    Ok(())
}

pub async fn restore(config: Config, Restore { file, verify, overwrite }: Restore) -> Result<(), Failure> {
    if verify {
        let verified = care::verify(&config, &file).await?;
        say(format_args!("{:>9}  files as they were written", verified.manifest.members.len()))?;
        say(format_args!("{:>9}  rows in {} tables", verified.manifest.rows(), verified.manifest.copied.tables.len()))?;
        say(format_args!("{:>9}  returns as their events say", verified.returns))?;
        if verified.faults.is_empty() {
            return say(format_args!(
                "{} can be restored: all that was acknowledged before {}",
                file.display(),
                verified.manifest.begun_at
            ));
        }
        verified.faults.iter().for_each(warn);
        return Err(Failure::Said);
    }
    let restored = care::restore(&config, &file, overwrite).await?;
    say(format_args!("{:>9}  rows", restored.manifest.rows()))?;
    say(format_args!("{:>9}  files", restored.manifest.members.len()))?;
    say(format_args!("restored: all that was acknowledged before {}", restored.manifest.begun_at))?;
    for what in &restored.manifest.left_out {
        warn(format_args!("it was not in the backup, set it as it was: {what}"));
    }
    say("Next: homebound doctor, then homebound serve")
}
