//! `homebound withdrawals`: those that wait for a person, until there are pages for it.

use clap::{Args, Subcommand};
use domain::rma::RmaNumber;
use domain::withdrawal::WaitsFor;
use jiff::Timestamp;
use server::compose;
use server::config::Config;
use server::services::Services;
use server::store::{self, Withdrawal, WithdrawalPage};

use super::failure::Failure;
use super::say::{say, warn};

#[derive(Subcommand)]
pub enum Command {
    /// What waits for a person, the most urgent first: number, by when it is answered, why, the order as it was named, who, and where they are
    /// reached, with tabs between.
    #[command(after_help = "Example: homebound withdrawals list")]
    List(List),
    /// All there is of one: the sentence, when it was received, how it stands.
    #[command(after_help = "Example: homebound withdrawals show W-7KQ4-M2XD")]
    Show {
        /// Its number.
        id: String,
    },
    /// It is seen to, perhaps with a return that was opened for it: it waits no more.
    #[command(after_help = "Example: homebound withdrawals settle W-7KQ4-M2XD --return R-7KQ4-M2XD")]
    Settle {
        /// Its number.
        id: String,
        /// The return that was opened for it.
        #[arg(long = "return", value_parser = |text: &str| text.parse::<RmaNumber>())]
        rma: Option<RmaNumber>,
    },
}

#[derive(Args)]
pub struct List {
    /// All of them, the latest first, with those that are done.
    #[arg(long)]
    all: bool,
    /// How many at most.
    #[arg(long, default_value_t = 200)]
    limit: u32,
}

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    match command {
        Command::List(asked) => list(&services, asked).await,
        Command::Show { id } => {
            let found = services.withdrawal(&id).await?;
            show(
                &services,
                &found.ok_or_else(|| Failure::Other(format!("there is no withdrawal `{id}`; homebound withdrawals list shows them")))?,
            )
        }
        Command::Settle { id, rma } => {
            let (settled, now) = (id.clone(), services.clock.millis());
            let write = services
                .store
                .write(move |mut conn| Box::pin(async move { store::settle_withdrawal(&mut conn, &settled, rma, now).await }));
            if !write.await? {
                return Err(Failure::Other(format!("no withdrawal `{id}` waits; homebound withdrawals list shows those that do")));
            }
            say(format_args!("{id} is settled"))
        }
    }
}

async fn list(services: &Services, asked: List) -> Result<(), Failure> {
    let mut read = services.store.read().await?;
    let page = WithdrawalPage { waiting: !asked.all, after: None, limit: i64::from(asked.limit) };
    let found = store::list_withdrawals(&mut read.conn(), &page).await?;
    let now = services.clock.now();
    for withdrawal in &found {
        let Withdrawal { id, statement, .. } = withdrawal;
        let due = local(services, withdrawal.due_at);
        say(format_args!("{id}\t{due}\t{}\t{}\t{}\t{}", standing(withdrawal, now), statement.order, statement.name, statement.email))?;
    }
    if found.len() >= asked.limit as usize {
        warn("perhaps there is more: --limit");
    }
    Ok(())
}

fn standing(withdrawal: &Withdrawal, now: Timestamp) -> String {
    match (withdrawal.settled_at, withdrawal.waits_for, withdrawal.rma) {
        (None, Some(WaitsFor::ToOpen), _) => "its return is being opened".into(),
        (None, Some(waits_for), _) if withdrawal.due_at < now => format!("{waits_for}, overdue"),
        (None, Some(waits_for), _) => waits_for.to_string(),
        (_, _, Some(rma)) => rma.to_string(),
        (..) => "settled".into(),
    }
}

fn show(services: &Services, withdrawal: &Withdrawal) -> Result<(), Failure> {
    say(services.acknowledgement(withdrawal))?;
    say(format_args!("\n{}, to be answered by {}", standing(withdrawal, services.clock.now()), local(services, withdrawal.due_at)))?;
    match (&withdrawal.order, withdrawal.known_by) {
        (Some(order), Some(known_by)) => say(format_args!("order {order}, known by {known_by} to be theirs")),
        (Some(order), None) => say(format_args!("order {order} is perhaps meant; nobody has shown that it is theirs")),
        (None, _) => say("no order is written like that"),
    }
}

fn local(services: &Services, at: Timestamp) -> String {
    at.to_zoned(services.shop_zone()).strftime("%Y-%m-%d %H:%M").to_string()
}
