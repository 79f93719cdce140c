//! Jobs: what the outbox holds, done one by one, each until it has worked.

mod mail;
mod worker;

pub use worker::{Worker, retry_after};

use crate::services::JobKind;

/// The kind of a row.
fn kind_of(code: &str) -> Option<JobKind> {
    JobKind::ALL.iter().copied().find(|kind| kind.code() == code)
}

/// Whether its payload holds what nobody should read once it is over.
fn is_secret(kind: JobKind) -> bool {
    matches!(kind, JobKind::MailLoginCode)
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
