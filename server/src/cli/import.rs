//! `homebound import`.

use std::fs::File;
use std::io::{IsTerminal, Write, stderr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use server::compose;
use server::config::Config;
use server::import::{self, Format, Mapping, Options, Progress, RefusalsTo, Source};
use server::store::PostgresLimits;

use super::failure::Failure;
use super::say::{say, warn};

/// The exit status where something was not taken.
const PARTLY: u8 = 3;

#[derive(Subcommand)]
pub enum Command {
    /// Orders from a file. Each is taken whole or not at all; doing it again changes nothing.
    #[command(after_help = "Example:\n  \
        homebound import orders orders_export_1.csv --format shopify-csv\n  \
        homebound import orders online_retail_ii.csv.gz --format csv --mapping uci-online-retail\n  \
        zcat orders.ndjson.gz | homebound import orders - --format json\n\n\
        What a mapping is: server/mappings/README.md. What was refused, left out or changed, with line numbers and reasons, is in \
        FILE.refused.csv.\n\n\
        Exit status: 0 everything is in; 1 it could not be done, or not to the file's end; 2 it was not called as above; 3 the file is in, \
        but for orders that were refused or credit notes that found no purchase.")]
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
    /// Where refusals are written; where left out, FILE with `.refused.csv` behind it, or that name in this folder where nothing can be
    /// written beside FILE.
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
    let refusals = match asked.refusals {
        Some(told) => told,
        None => writable(&asked.file)?,
    };
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
    match (report.broken_off.is_some(), report.is_whole()) {
        (true, _) => Err(Failure::Said),
        (false, false) => Err(Failure::Found(PARTLY)),
        (false, true) => Ok(()),
    }
}

/// Where refusals can be written: beside the file, else here.
fn writable(file: &Path) -> Result<PathBuf, Failure> {
    let beside = beside(file);
    let here = beside.file_name().map(PathBuf::from);
    let can = |path: &PathBuf| File::options().append(true).create(true).open(path).is_ok();
    let places = [Some(beside), here].into_iter().flatten();
    let none = || Failure::Other("refusals can be written neither beside the file nor here: say where with --refusals CSV".to_owned());
    places.into_iter().find(can).ok_or_else(none)
}

fn beside(file: &Path) -> PathBuf {
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
