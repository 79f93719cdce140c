//! What a kind of job is.

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::carriers::CarrierError;
use crate::log::chain;
use crate::mailer::Mailer;
use crate::services::Services;
use crate::store::{OutboxRow, StoreError};

/// Mails. Two at once: one that is drawn a label for takes a core, and visitors need the others.
pub const MAIL: Queue = Queue { name: "mail", at_once: 2 };

/// Texts. Those who take them answer in a second or two.
pub const SMS: Queue = Queue { name: "sms", at_once: 4 };

/// What carriers are asked for. They answer in seconds, and cost this machine nothing.
pub const LABEL: Queue = Queue { name: "label", at_once: 4 };

/// What gateways are asked for. They answer in a second or two, and cost this machine nothing.
pub const REFUND: Queue = Queue { name: "refund", at_once: 4 };

/// The shop's own servers. They answer when they like, and cost this machine nothing.
pub const WEBHOOK: Queue = Queue { name: "webhook", at_once: 16 };

/// Returns that are opened for withdrawals: each is judged, which takes a core for a moment.
pub const WITHDRAWAL: Queue = Queue { name: "withdrawal", at_once: 2 };

/// What somebody at work does to many cases: commands, which wait for the database and nothing else.
pub const BULK: Queue = Queue { name: "bulk", at_once: 4 };

/// What rules do when its time has come: commands, likewise.
pub const RULE: Queue = Queue { name: "rule", at_once: 2 };

/// What an erasure leaves to be deleted.
pub const ERASE: Queue = Queue { name: "erase", at_once: 1 };

/// A queue: jobs that hang in it take its places, and nobody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Kinds that wait in it begin with this name and a dot.
    pub name: &'static str,
    /// How many of its jobs a server does at the same time.
    pub at_once: usize,
}

/// What a kind of job asks for.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// As stored.
    pub kind: &'static str,
    /// Where it waits.
    pub queue: Queue,
    /// Waits before the second, third, … try; after the last it is dead and stays visible.
    pub waits: &'static [SignedDuration],
    /// A try that takes longer is cut off, and made again.
    pub patience: Duration,
    /// Its payload holds what nobody should read once it is over.
    pub secret: bool,
    /// It is for a later day from the beginning, however far that is.
    pub planned: bool,
}

impl Terms {
    /// Tried ten times within two days, a minute each.
    pub const fn of(kind: &'static str, queue: Queue) -> Self {
        Self { kind, queue, waits: &WAITS, patience: Duration::from_secs(60), secret: false, planned: false }
    }

    /// How long to wait after so many tries; nothing where it has been tried enough.
    pub fn retry_after(&self, tries: i64) -> Option<SignedDuration> {
        usize::try_from(tries - 1).ok().and_then(|tries| self.waits.get(tries)).copied()
    }
}

/// No job waits for longer before it is tried again: what is due later, and not planned so, was put off by a clock that was set back since.
pub(super) const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

const WAITS: [SignedDuration; 9] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
    SignedDuration::from_hours(24),
];

/// What jobs work with.
pub struct Means {
    /// The stories, and all they need.
    pub services: Services,
    /// Sends mails.
    pub mailer: Mailer,
}

/// A kind of job.
#[async_trait]
pub trait Job: Send + Sync {
    /// What it asks for.
    fn terms(&self) -> Terms;

    /// Does it. Where a worker dies it is done again, and must come to the same: the row's `id` is the effect's idempotency key.
    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError>;
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It will never work.
    #[error("{0}")]
    Permanent(String),
    /// It may work later.
    #[error("{0}")]
    Passing(String),
    /// Its turn has not come: this was no try.
    #[error("its turn has not come")]
    Later(SignedDuration),
}

impl JobError {
    /// It may work later; with its causes.
    pub fn passing(error: &dyn std::error::Error) -> Self {
        Self::Passing(chain(error))
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::passing(&error)
    }
}

impl From<CarrierError> for JobError {
    fn from(error: CarrierError) -> Self {
        match error {
            CarrierError::Passing(why) => Self::Passing(why),
            CarrierError::Permanent(why) => Self::Permanent(why),
        }
    }
}

/// What a row was told.
pub(super) fn payload<'r, T: serde::Deserialize<'r>>(row: &'r OutboxRow) -> Result<T, JobError> {
    serde_json::from_str(&row.payload).map_err(|error| JobError::Permanent(format!("payload: {error}")))
}
