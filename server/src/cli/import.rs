//! `homebound import`.

use std::io::{IsTerminal, Write, stderr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use server::compose;
use server::config::Config;
use server::import::{self, Format, Mapping, Options, Progress, RefusalsTo, Source};
use server::store::PostgresLimits;

use super::failure::Failure;
use super::say::{say, warn};

#[derive(Subcommand)]
pub enum Command {
    /// Orders from a file. Each is taken whole or not at all; doing it again changes nothing.
    #[command(after_help = "Example:\n  \
        homebound import orders orders_export_1.csv --format shopify-csv\n  \
        homebound import orders online_retail_ii.csv.gz --format csv --mapping uci-online-retail\n  \
        zcat orders.ndjson.gz | homebound import orders - --format json\n\n\
        What a mapping is: server/mappings/README.md. What was refused, with line numbers and reasons, is in FILE.refused.csv.")]
    Orders(Orders),
}

#[derive(Args)]
pub struct Orders {
    /// The file, gzip or not; `-` reads standard input.
    file: PathBuf,
    /// How it is written.
    #[arg(long, value_enum)]
    format: Format,
    /// For `csv`: what its columns mean. A file, or the name of a mapping that comes along.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// Where the further files of the mapping are; beside FILE where left out.
    #[arg(long, value_name = "FOLDER")]
    joins_from: Option<PathBuf>,
    /// Of times that name no zone; a mapping names its own.
    #[arg(long, default_value = "UTC", value_parser = zone)]
    time_zone: TimeZone,
    /// Where refusals are written; FILE with `.refused.csv` behind it where left out.
    #[arg(long, value_name = "CSV")]
    refusals: Option<PathBuf>,
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("`{name}` is no time zone; write it as Asia/Shanghai"))
}

pub async fn run(mut config: Config, command: Command) -> Result<(), Failure> {
    let Command::Orders(asked) = command;
    let other = |error: import::ImportError| Failure::Other(error.to_string());
    let mapping = asked.mapping.as_deref().map(Mapping::find).transpose().map_err(other)?;
    let source = Source::file(&asked.file).map_err(other)?;
    let refusals = asked.refusals.unwrap_or_else(|| beside(&asked.file));
    let options = Options {
        format: asked.format,
        mapping,
        joins_from: asked.joins_from,
        time_zone: asked.time_zone,
        refusals: RefusalsTo::File(refusals),
    };
    // However long a file takes: whoever started it can see how it goes, and end it.
    config.limits.postgres = PostgresLimits::NONE;
    let services = compose::services(config).await?;
    let mut told = Told::new();
    let result = import::run(&services.store, services.clock.millis(), source, options, &mut |progress| told.tell(progress)).await;
    told.end();
    let report = result.map_err(other)?;
    say(report.to_string().trim_end())?;
    if report.broken_off.is_some() { Err(Failure::Said) } else { Ok(()) }
}

fn beside(file: &std::path::Path) -> PathBuf {
    let name = file.file_name().filter(|name| *name != "-").unwrap_or("orders".as_ref());
    let mut name = name.to_owned();
    name.push(".refused.csv");
    if file.as_os_str() == "-" { name.into() } else { file.with_file_name(name) }
}

/// Progress on standard error: one line that changes on a terminal, a line every ten seconds elsewhere.
struct Told {
    terminal: bool,
    last: Instant,
    open: bool,
}

impl Told {
    fn new() -> Self {
        Self { terminal: stderr().is_terminal(), last: Instant::now(), open: false }
    }

    fn tell(&mut self, progress: &Progress) {
        let pause = Duration::from_millis(if self.terminal { 200 } else { 10_000 });
        if self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        let share = progress.share.map(|share| format!("{:>3.0} %  ", share * 100.0)).unwrap_or_default();
        let Progress { rows, orders, refused, rows_per_second, .. } = progress;
        let line = format!("{share}{rows} rows, {orders} orders taken, {refused} refused, {rows_per_second:.0} rows a second");
        if self.terminal {
            let mut out = stderr().lock();
            let _ = write!(out, "\r{line}\x1b[K").and_then(|()| out.flush());
            self.open = true;
        } else {
            warn(line);
        }
    }

    fn end(&self) {
        if self.open {
            warn("");
        }
    }
}
