//! `homebound migrate`.

use clap::Args;
use server::compose::{self, StartError};
use server::config::Config;
use server::store::{self, DatabaseKind};

use super::failure::Failure;
use super::say::say;

#[derive(Args)]
pub struct Arguments {
    /// Change nothing: say what would be done, what waits meanwhile, and whether servers of the version before may go on.
    #[arg(long)]
    plan: bool,
}

pub async fn run(config: Config, Arguments { plan: only_plan }: Arguments) -> Result<(), Failure> {
    if only_plan {
        return plan(&config).await;
    }
    let services = compose::services(config).await?;
    let filled = store::keep_projections(&services.store, services.clock.now()).await?;
    if filled > 0 {
        say(format_args!("{filled} returns brought up to date"))?;
    }
    say(format_args!("the {} database is up to date", services.store.kind()))
}

async fn plan(config: &Config) -> Result<(), Failure> {
    let plan = store::plan(&config.database_url()).await.map_err(StartError::Store)?;
    if plan.pending.is_empty() {
        return say(format_args!("nothing is to be done: migration {} was the last", plan.newest));
    }
    for migration in &plan.pending {
        say(format_args!("{:04} {}", migration.number, migration.what))?;
        for statement in &migration.statements {
            say(format_args!("    {statement}"))?;
            let lock = if plan.database == DatabaseKind::Postgres { store::lock_of(statement) } else { None };
            if let Some((table, lock)) = lock.filter(|_| plan.newest > 0) {
                say(format_args!("        locks {table}, {lock}"))?;
            }
        }
    }
    if plan.newest == 0 {
        return say("There is no database yet: all of it is made.");
    }
    if plan.database == DatabaseKind::Sqlite {
        say("Each migration is one transaction; whoever writes waits for it (up to 20 s).")?;
    }
    say("Before it: homebound backup FILE")?;
    match plan.beside {
        true => say("Servers of the version before may go on meanwhile and afterwards."),
        false => say("Stop the servers of the version before first: they may not work on what comes of it."),
    }
}
