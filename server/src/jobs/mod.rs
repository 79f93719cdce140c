//! Jobs: what the outbox holds, each done until it has worked, and what is done again and again. A file per kind, a file per schedule.

mod held;
mod mail;
mod mail_login_code;
mod mail_return_cancelled;
mod mail_return_changed;
mod mail_return_opened;
pub mod schedules;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;

pub use worker::{Pace, Worker};

use crate::mailer::Mailer;
use crate::services::Services;
use crate::store::{OutboxRow, StoreError};

/// Every kind of job that this server does. Rows of other kinds wait for a server that knows them.
pub fn all() -> Vec<Arc<dyn Job>> {
    vec![
        Arc::new(mail_login_code::MailLoginCode),
        Arc::new(mail_return_opened::MailReturnOpened),
        Arc::new(mail_return_changed::MailReturnChanged),
        Arc::new(mail_return_cancelled::MailReturnCancelled),
    ]
}

/// Mails.
pub const MAIL: Queue = Queue { name: "mail", at_once: 4 };

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
}

impl Terms {
    /// Tried ten times within two days, a minute each.
    pub const fn of(kind: &'static str, queue: Queue) -> Self {
        Self { kind, queue, waits: &WAITS, patience: Duration::from_secs(60), secret: false }
    }

    /// How long to wait after so many tries; nothing where it has been tried enough.
    pub fn retry_after(&self, attempts: i64) -> Option<SignedDuration> {
        usize::try_from(attempts - 1).ok().and_then(|tries| self.waits.get(tries)).copied()
    }
}

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

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What a row was told.
fn payload<'r, T: serde::Deserialize<'r>>(row: &'r OutboxRow) -> Result<T, JobError> {
    serde_json::from_str(&row.payload).map_err(|error| JobError::Permanent(format!("payload: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::JobKind;
    use crate::store::queue_of;

    #[test]
    fn what_stories_ask_for_is_done_once_and_waits_in_its_queue() {
        let jobs = all();
        for kind in JobKind::ALL {
            let known = jobs.iter().filter(|job| job.terms().kind == kind.code()).count();
            assert_eq!(known, 1, "{}", kind.code());
        }
        for terms in jobs.iter().map(|job| job.terms()) {
            assert_eq!(queue_of(terms.kind), terms.queue.name, "{}", terms.kind);
        }
    }
}
