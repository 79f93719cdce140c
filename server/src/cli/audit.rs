//! `homebound audit`: who did what.

use clap::Subcommand;
use jiff::Timestamp;
use server::compose;
use server::config::Config;
use server::store::{self, AuditRow};

use super::failure::Failure;
use super::say::say;

#[derive(Subcommand)]
pub enum Command {
    /// Read the whole trail and say whether it is as it was written. The hash at its end, kept elsewhere, shows later that nothing was cut off.
    #[command(after_help = "Example: homebound audit verify --upto 1204 --hash K3n…")]
    Verify {
        /// A row whose hash was kept.
        #[arg(long, requires = "hash")]
        upto: Option<i64>,
        /// The hash that it had.
        #[arg(long, requires = "upto")]
        hash: Option<String>,
    },
    /// What was done, in order: row, time, who, what, to what, how it stood before and after, with tabs between.
    #[command(after_help = "Example: homebound audit list --after 1200")]
    List {
        /// From the row after this one.
        #[arg(long, default_value_t = 0)]
        after: i64,
        #[arg(long, default_value_t = 1_000)]
        most: i64,
    },
}

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    let mut read = services.store.read().await?;
    match command {
        Command::Verify { upto, hash } => {
            let found = store::verify_audit(&mut read.conn()).await?;
            for fault in &found.faults {
                say(fault)?;
            }
            let mut wrong = !found.faults.is_empty();
            if let (Some(upto), Some(hash)) = (upto, hash) {
                let row = store::audit_after(&mut read.conn(), upto - 1, 1).await?.pop().filter(|row| row.seq == Some(upto));
                if row.and_then(|row| row.hash).as_deref() != Some(hash.as_str()) {
                    wrong = true;
                    say(format_args!("row {upto} has not that hash: another trail is in its place, or its end was cut off"))?;
                }
            }
            let (rows, erased, waiting) = (found.rows, found.erased, found.waiting);
            say(format_args!("{rows} rows, {erased} of them with erased values, {waiting} waiting for their place"))?;
            if let Some(last) = found.last {
                say(format_args!("the last has the hash {last}"))?;
            }
            if wrong { Err(Failure::Found(2)) } else { Ok(()) }
        }
        Command::List { after, most } => {
            for AuditRow { note, seq, .. } in store::audit_after(&mut read.conn(), after, most.clamp(1, 100_000)).await? {
                let at = Timestamp::from_millisecond(note.at).map(|at| at.to_string()).unwrap_or_default();
                let or = |value: Option<String>| value.unwrap_or_else(|| "-".into());
                let (before, after) = (or(note.before), or(note.after));
                say(format_args!("{}\t{at}\t{}\t{}\t{}\t{before}\t{after}", seq.unwrap_or_default(), note.actor, note.what, note.subject))?;
            }
            Ok(())
        }
    }
}
