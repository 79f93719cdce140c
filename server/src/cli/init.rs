//! `homebound init`: a shop's first settings, its database and its first key.

use std::fs::File;
use std::io::{IsTerminal, Write, stdin};
use std::path::{Path, PathBuf};

use clap::Args;
use server::care::{self, Examination};
use server::compose::{self, StartError};
use server::config::{Chosen, Config, written};
use server::store::Scope;

use super::failure::Failure;
use super::keys;
use super::say::{say, warn};

#[derive(Args)]
pub struct Arguments {
    /// The settings file to write. One that is there is never changed.
    #[arg(default_value = "homebound.toml")]
    file: PathBuf,
    /// The shop's name.
    #[arg(long)]
    name: Option<String>,
    /// Its name on Chinese pages, where it is another.
    #[arg(long)]
    name_zh: Option<String>,
    /// Mail for customers' questions.
    #[arg(long)]
    email: Option<String>,
    /// Phone for customers' questions.
    #[arg(long)]
    phone: Option<String>,
    /// Where returns go: whose name stands on the parcel.
    #[arg(long)]
    recipient: Option<String>,
    /// Street and number.
    #[arg(long)]
    street: Option<String>,
    /// Postal code.
    #[arg(long)]
    postal_code: Option<String>,
    /// City.
    #[arg(long)]
    city: Option<String>,
    /// Province or state, where addresses name one.
    #[arg(long)]
    region: Option<String>,
    /// Country: two letters (ISO 3166-1).
    #[arg(long)]
    country: Option<String>,
    /// Where the shop's days begin and end (IANA name, such as Europe/Berlin).
    #[arg(long)]
    zone: Option<String>,
    /// The address that shoppers use.
    #[arg(long)]
    public_url: Option<String>,
    /// The mail server: smtps://user:password@host. Without one mails are written into files.
    #[arg(long)]
    smtp_url: Option<String>,
    /// Sender of mails: `Shop <returns@shop.example>`.
    #[arg(long)]
    mail_from: Option<String>,
    /// Where files live.
    #[arg(long)]
    data_dir: Option<String>,
    /// postgres://user:password@host/database; a file in the data folder where left out.
    #[arg(long)]
    database_url: Option<String>,
}

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let file = arguments.file.clone();
    if file.exists() {
        return Err(Failure::Other(format!("{} is there, and is not changed: name another file, or edit that one", file.display())));
    }
    let text = settings(arguments)?;
    write_own(&file, &text).map_err(|error| Failure::File(file.clone(), error))?;
    say(format_args!("{}: your settings, all others beside them with their defaults", file.display()))?;
    let config = Config::load_file(&file).map_err(StartError::from)?;
    let services = compose::services(config.clone()).await?;
    let secret = keys::add(&services, "shop".to_owned(), Scope::Write, None).await?;
    services.store.close().await;
    say(format_args!("the {} database is ready, and has its first policy", services.store.kind()))?;
    say(format_args!("the shop's key for the API (scope write), shown this once: {secret}"))?;
    for finding in care::examine(config, Examination { fix: true, public: false }).await?.iter().filter(|finding| !finding.mended) {
        warn(format_args!("{}: {}\n    -> {}", finding.code, finding.text, finding.mend));
    }
    let file = file.canonicalize().unwrap_or(file);
    let file = file.display();
    say("Next:")?;
    say(format_args!(
        "  1. HOMEBOUND_CONFIG={file} homebound import orders FILE --format json|csv|shopify-csv|shopify-json|woocommerce-json"
    ))?;
    say(format_args!("  2. HOMEBOUND_CONFIG={file} homebound serve; from elsewhere, HOMEBOUND_CONFIG={file} homebound doctor --public"))?;
    say(format_args!("  3. every night: HOMEBOUND_CONFIG={file} homebound backup /elsewhere/homebound-$(date +%F).tar.gz"))
}

fn settings(arguments: Arguments) -> Result<String, Failure> {
    let terminal = stdin().is_terminal();
    let mut missing = Vec::new();
    let mut answer = |flag: &'static str, asked: &str, said: Option<String>, otherwise: Option<&str>| match said {
        Some(said) => Ok(said),
        None if terminal => ask(asked, otherwise),
        None => {
            if otherwise.is_none() {
                missing.push(flag);
            }
            Ok(otherwise.unwrap_or_default().to_owned())
        }
    };
    let name = answer("--name", "The shop's name", arguments.name, None)?;
    let name_zh = answer("--name-zh", "Its name on Chinese pages", arguments.name_zh, Some(&name))?;
    let email = answer("--email", "Mail for customers' questions", arguments.email, None)?;
    let phone = answer("--phone", "Phone for customers' questions", arguments.phone, Some(""))?;
    let recipient = answer("--recipient", "Returns go to (name on the parcel)", arguments.recipient, Some(&name))?;
    let street = answer("--street", "  street and number", arguments.street, None)?;
    let postal_code = answer("--postal-code", "  postal code", arguments.postal_code, None)?;
    let city = answer("--city", "  city", arguments.city, None)?;
    let region = answer("--region", "  province or state", arguments.region, Some(""))?;
    let country = answer("--country", "  country (two letters)", arguments.country, None)?;
    let zone = answer("--zone", "Time zone (such as Europe/Berlin)", arguments.zone, None)?;
    let public_url = answer("--public-url", "The address shoppers will use (https://…)", arguments.public_url, None)?;
    let smtp_url = answer("--smtp-url", "Mail server (smtps://user:password@host; none: into files)", arguments.smtp_url, Some(""))?;
    let sender = format!("{} <{email}>", quoted(&name));
    let mail_from = answer("--mail-from", "Sender of mails", arguments.mail_from, Some(&sender))?;
    let data_dir = answer("--data-dir", "Folder for files", arguments.data_dir, Some("data"))?;
    let database_url = answer("--database-url", "PostgreSQL (postgres://…; none: SQLite, a file there)", arguments.database_url, Some(""))?;
    if !missing.is_empty() {
        return Err(Failure::Other(format!("nobody can be asked here, so these are needed: {}", missing.join(", "))));
    }
    let text = |text: String| toml::Value::String(text);
    let names = toml::Table::from_iter([("zh-CN".to_owned(), text(name_zh)), ("en".to_owned(), text(name))]);
    let mut chosen: Vec<Chosen<'_>> = vec![
        ("shop", "name", toml::Value::Table(names)),
        // A shop that has none must not show that of the demo.
        ("shop", "phone", text(phone)),
    ];
    for (table, name, value) in [
        ("shop", "email", email),
        ("shop.address", "name", recipient),
        ("shop.address", "line1", street),
        ("shop.address", "postal_code", postal_code),
        ("shop.address", "city", city),
        ("shop.address", "region", region),
        ("shop.address", "country", country),
        ("shop", "zone", zone),
        ("", "public_url", public_url),
        ("", "smtp_url", smtp_url),
        ("mail", "from", mail_from),
        ("", "data_dir", data_dir),
        ("", "database_url", database_url),
    ] {
        if !value.is_empty() {
            chosen.push((table, name, text(value)));
        }
    }
    Ok(written(&chosen).map_err(StartError::from)?)
}

/// A name before an address in a mail (RFC 5322, 3.2.4).
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Asks until there is an answer; an empty one is what is taken otherwise.
fn ask(question: &str, otherwise: Option<&str>) -> Result<String, Failure> {
    let failed = |error| Failure::Other(format!("standard input: {error}"));
    loop {
        let mut out = std::io::stdout().lock();
        let shown = otherwise.filter(|otherwise| !otherwise.is_empty()).map(|otherwise| format!(" [{otherwise}]")).unwrap_or_default();
        write!(out, "{question}{shown}: ").and_then(|()| out.flush()).map_err(failed)?;
        let mut line = String::new();
        if stdin().read_line(&mut line).map_err(failed)? == 0 {
            return Err(Failure::Other("standard input ended before all was answered; nothing was written".into()));
        }
        match (line.trim(), otherwise) {
            ("", Some(otherwise)) => return Ok(otherwise.to_owned()),
            ("", None) => {}
            (said, _) => return Ok(said.to_owned()),
        }
    }
}

/// A new file, which only its owner reads: passwords stand in it.
fn write_own(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(file)?;
    written.write_all(text.as_bytes()).and_then(|()| written.sync_all())
}
