//! `homebound outbox`: what is to be done outside, and what was given up.

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use server::compose;
use server::config::Config;
use server::services::Services;
use server::store::{self, ListedJob, OutboxState};

use super::failure::Failure;
use super::say::{say, warn};

#[derive(Subcommand)]
pub enum Command {
    /// What waits, is under way or is parked, the oldest first: name, state, kind, tries, age, and why it failed last.
    #[command(after_help = "Example: homebound outbox list --state parked --kind mail")]
    List(List),
    /// Have what is parked tried again, with all of its tries anew. Do it once what was wrong is put right.
    #[command(
        after_help = "Example: homebound outbox retry 0199e9c4-8a1f-7cc0-8d9b-3f4e0f6f0a11; homebound outbox retry --all --kind mail"
    )]
    Retry(Retry),
}

#[derive(Args)]
pub struct List {
    /// Only what stands so; all but what is done, where left out.
    #[arg(long)]
    state: Option<State>,
    /// Only of this kind (`mail.return_opened`) or queue (`mail`, `label`).
    #[arg(long)]
    kind: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 200)]
    limit: u32,
}

#[derive(Args)]
pub struct Retry {
    /// Names, as `list` prints them.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<String>,
    /// All that is parked.
    #[arg(long)]
    all: bool,
    /// With `--all`: only of this kind or queue.
    #[arg(long, requires = "all")]
    kind: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    Waiting,
    UnderWay,
    Parked,
    Done,
}

impl From<State> for OutboxState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::UnderWay => Self::UnderWay,
            State::Parked => Self::Parked,
            State::Done => Self::Done,
        }
    }
}

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    match command {
        Command::List(asked) => list(&services, asked).await,
        Command::Retry(asked) => retry(&services, asked).await,
    }
}

async fn list(services: &Services, asked: List) -> Result<(), Failure> {
    let mut read = services.store.read().await?;
    let state = asked.state.map(OutboxState::from);
    let found = store::list_outbox(&mut read.conn(), state, asked.kind.as_deref(), i64::from(asked.limit)).await?;
    let (now, clock) = (Timestamp::now().as_millisecond(), services.clock.millis());
    for job in &found {
        say(line(job, now, clock))?;
    }
    if found.len() >= asked.limit as usize {
        warn("perhaps there is more: --limit");
    }
    Ok(())
}

fn line(job: &ListedJob, now: i64, clock: i64) -> String {
    let ListedJob { id, kind, state, attempts, run_at, last_error, is_emptied } = job;
    let age = store::put_in_at(id).map_or_else(|| "?".to_owned(), |at| span(now - at));
    let due = match state {
        OutboxState::Waiting if *run_at > clock => format!("due in {}", span(run_at - clock)),
        OutboxState::Waiting => "due".to_owned(),
        _ => String::new(),
    };
    let emptied = if *is_emptied && *state == OutboxState::Parked { "; its text is gone, so it cannot be tried again" } else { "" };
    // A mail server's answer may have several lines.
    let error = last_error.as_deref().unwrap_or_default().replace(|letter: char| letter.is_control(), " ");
    let line = format!("{id}  {:<9}  {kind:<24}  {attempts:>3} tries  {age:>6} old  {due}  {error}{emptied}", state.name());
    line.trim_end().to_owned()
}

async fn retry(services: &Services, asked: Retry) -> Result<(), Failure> {
    let now = services.clock.millis();
    let Retry { ids, all, kind } = asked;
    let again = move |id: Option<String>, kind: Option<String>| {
        services
            .store
            .write(move |mut conn| Box::pin(async move { store::retry_parked(&mut conn, id.as_deref(), kind.as_deref(), now).await }))
    };
    if all {
        return say(format_args!("{} tried again", again(None, kind).await?));
    }
    let mut failed = false;
    for id in ids {
        match again(Some(id.clone()), None).await? {
            0 => {
                warn(format_args!("{id}: nothing of that name is parked, or its text is gone"));
                failed = true;
            }
            _ => say(format_args!("{id}: tried again"))?,
        }
    }
    if failed { Err(Failure::Said) } else { Ok(()) }
}

/// `3 d`, `5 h`, `12 min`, `40 s`.
fn span(millis: i64) -> String {
    let seconds = millis.max(0) / 1_000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
