//! `homebound rebuild`: what is derived from events, made anew from them.

use clap::Args;
use server::compose;
use server::config::Config;
use server::store::{self, Mended, Table};

use super::Failure;
use super::say::{say, warn};

#[derive(Args)]
pub struct Arguments {
    /// Only these tables; all where none is named.
    #[arg(value_parser = table, value_name = "TABLE")]
    tables: Vec<Table>,
    /// Change nothing: print what is not as the events say, and fail where there is any.
    #[arg(long)]
    check: bool,
}

fn table(name: &str) -> Result<Table, String> {
    let known = || Table::ALL.map(Table::name).join(", ");
    Table::ALL.into_iter().find(|table| table.name() == name).ok_or_else(|| format!("it is derived: {}", known()))
}

pub async fn run(config: Config, Arguments { mut tables, check }: Arguments) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    if tables.is_empty() {
        tables = Table::ALL.to_vec();
    }
    let now = services.clock.now();
    let mended = match check {
        true => store::check_projections(&services.store, &tables, now).await?,
        false => store::rebuild_projections(&services.store, &tables, now).await?,
    };
    say(format_args!("{:>9}  returns read", mended.returns))?;
    if mended.newer > 0 {
        say(format_args!("{:>9}  of them left alone: a newer version of this server wrote them", mended.newer))?;
    }
    let said = if check { "not as the events say" } else { "put right" };
    for table in &tables {
        let count = mended.counts.get(table).unwrap_or(&0);
        say(format_args!("{count:>9}  {} {said}", table.name()))?;
    }
    if !check || mended.count() == 0 {
        return Ok(());
    }
    mended.differences.iter().for_each(warn);
    if mended.count() > Mended::SHOWN as u64 {
        warn(format_args!("… and more: {} in all", mended.count()));
    }
    Err(Failure::Said)
}
