//! Jobs: what the outbox holds, done one by one, each until it has worked.

mod mail;
mod worker;

pub use worker::{Worker, retry_after};

/// What can be in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Mail: we have your return.
    MailReturnOpened,
    /// Mail: it was changed, or has a new label.
    MailReturnChanged,
    /// Mail: it was called off.
    MailReturnCancelled,
}

impl JobKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::MailReturnOpened, Self::MailReturnChanged, Self::MailReturnCancelled];

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::MailReturnOpened => "mail.return_opened",
            Self::MailReturnChanged => "mail.return_changed",
            Self::MailReturnCancelled => "mail.return_cancelled",
        }
    }
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
