//! `homebound user`: people at work.

use clap::Subcommand;
use domain::ids::EmailAddress;
use domain::money::{Amount, Currency};
use domain::staff::{Roles, StaffLimits};
use server::compose;
use server::config::Config;
use server::services::{PersonTold, Services};
use server::store::StaffRow;

use super::failure::Failure;
use super::say::say;

#[derive(Subcommand)]
pub enum Command {
    /// Let somebody work here, and print a link by which they choose their password and second factor. It works once, for two days.
    #[command(
        after_help = "Example: homebound user add --name \"Mei Chen\" --email mei@shop.example --roles support,finance --refund-up-to 500EUR"
    )]
    Add {
        /// As colleagues and timelines call them.
        #[arg(long)]
        name: String,
        /// They sign in with it.
        #[arg(long)]
        email: EmailAddress,
        /// support, warehouse, workshop, finance, admin; several with commas between.
        #[arg(long, value_parser = roles)]
        roles: Roles,
        #[command(flatten)]
        limits: Limits,
    },
    /// Everybody who works here or did: name, address, roles, how they stand, with tabs between.
    #[command(after_help = "Example: homebound user list")]
    List,
    /// Say anew what somebody may.
    #[command(after_help = "Example: homebound user change --email mei@shop.example --roles support --overrides")]
    Change {
        #[arg(long)]
        email: EmailAddress,
        /// support, warehouse, workshop, finance, admin; several with commas between.
        #[arg(long, value_parser = roles)]
        roles: Roles,
        #[command(flatten)]
        limits: Limits,
    },
    /// Take password and second factor away (a phone was lost, say), end all sessions, and print a link to choose new ones by.
    #[command(after_help = "Example: homebound user reset --email mei@shop.example")]
    Reset {
        #[arg(long)]
        email: EmailAddress,
        /// Only the password was forgotten: the app that they have goes on showing codes, and one is asked for with the new password.
        #[arg(long)]
        keep_code_app: bool,
    },
    /// End all sessions of somebody, or of everybody, shoppers too: whoever was in is asked anew who they are.
    #[command(after_help = "Example: homebound user sign-out --email mei@shop.example")]
    SignOut {
        #[arg(long, required_unless_present = "all", conflicts_with = "all")]
        email: Option<EmailAddress>,
        /// Of everybody.
        #[arg(long)]
        all: bool,
    },
    /// Somebody does not work here any more: nothing opens for them from now on.
    #[command(after_help = "Example: homebound user remove --email mei@shop.example")]
    Remove {
        #[arg(long)]
        email: EmailAddress,
    },
}

#[derive(clap::Args)]
pub struct Limits {
    /// The most that they may promise or pay at once, for each currency: `500EUR`; of others nothing. Without it there is no limit.
    #[arg(long, value_parser = amount, value_delimiter = ',')]
    refund_up_to: Vec<(Currency, i64)>,
    /// They may decide otherwise than policy does, with a reason.
    #[arg(long)]
    overrides: bool,
    /// Where they book in and look at goods; without it everywhere.
    #[arg(long, value_delimiter = ',')]
    warehouses: Vec<String>,
}

impl From<Limits> for StaffLimits {
    fn from(told: Limits) -> Self {
        let refund_up_to = (!told.refund_up_to.is_empty()).then_some(told.refund_up_to);
        Self { refund_up_to, overrides: told.overrides, warehouses: told.warehouses }
    }
}

fn roles(text: &str) -> Result<Roles, String> {
    let known = || Roles::ALL.map(domain::returns::Role::code).join(", ");
    Roles::parse(text).filter(|roles| !roles.is_empty()).ok_or_else(|| format!("`{text}` names no roles; there are {}", known()))
}

fn amount(text: &str) -> Result<(Currency, i64), String> {
    let refused = || format!("`{text}` is no amount with its currency, such as 500EUR");
    let (number, code) = text.trim().split_at_checked(text.trim().len().saturating_sub(3)).ok_or_else(refused)?;
    let currency: Currency = code.parse().map_err(|_| refused())?;
    let minor = number.trim().parse::<Amount>().ok().and_then(|amount| amount.minor(currency).ok());
    minor.filter(|minor| *minor >= 0).map(|minor| (currency, minor)).ok_or_else(refused)
}

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    let link = |path: &str| format!("{}{path}", services.config.public_url);
    let failed = |error: server::services::PeopleError| Failure::Other(error.to_string());
    match command {
        Command::Add { name, email, roles, limits } => {
            let told = PersonTold { name, email, roles, limits: limits.into() };
            let made = services.add_person(None, told).await.map_err(failed)?;
            say(link(&made.path))
        }
        Command::List => {
            for row in services.people().await? {
                let stands = match (&row.ended_at, &row.password) {
                    (Some(_), _) => "left",
                    (None, Some(_)) => "works here",
                    (None, None) => "has not chosen a password yet",
                };
                say(format_args!("{}\t{}\t{}\t{stands}", row.member.name, row.member.email, row.member.roles))?;
            }
            Ok(())
        }
        Command::Change { email, roles, limits } => {
            let row = named(&services, &email).await?;
            let member = services.change_person(None, &row.member.id, roles, limits.into()).await.map_err(failed)?;
            say(format_args!("{} is there for {} now", member.name, member.roles))
        }
        Command::Reset { email, keep_code_app } => {
            let row = named(&services, &email).await?;
            let reset = async {
                match keep_code_app {
                    true => services.reset_password(None, &row.member.id).await,
                    false => services.reset_person(None, &row.member.id).await,
                }
            };
            say(link(&reset.await.map_err(failed)?.path))
        }
        Command::SignOut { email: Some(email), .. } => {
            let row = named(&services, &email).await?;
            let member = services.sign_out_person(None, &row.member.id).await.map_err(failed)?;
            say(format_args!("{} is signed out everywhere", member.name))
        }
        Command::SignOut { email: None, .. } => {
            let (staff, shoppers) = services.sign_out_everybody().await?;
            say(format_args!("ended {staff} sessions of people at work and {shoppers} of shoppers"))
        }
        Command::Remove { email } => {
            let row = named(&services, &email).await?;
            let member = services.end_person(None, &row.member.id).await.map_err(failed)?;
            say(format_args!("nothing opens for {} any more", member.name))
        }
    }
}

async fn named(services: &Services, email: &EmailAddress) -> Result<StaffRow, Failure> {
    let found = services.people().await?.into_iter().find(|row| row.member.email.key() == email.key() && row.ended_at.is_none());
    found.ok_or_else(|| Failure::Other(format!("nobody of {email} works here; homebound user list shows all")))
}
