//! Jobs: what the outbox holds, done one by one, each until it has worked.

mod mail;
mod worker;

use domain::rma::RmaNumber;
use jiff::Timestamp;
use serde_json::json;

pub use worker::{Worker, retry_after};

use crate::store::NewJob;

/// What can be in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Mail: we have your return.
    MailReturnOpened,
    /// Mail: it was changed, or has a new label.
    MailReturnChanged,
    /// Mail: it was called off.
    MailReturnCancelled,
    /// Mail: a code that opens all orders.
    MailLoginCode,
}

impl JobKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::MailReturnOpened, Self::MailReturnChanged, Self::MailReturnCancelled, Self::MailLoginCode];

    /// The kind of a row.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::MailReturnOpened => "mail.return_opened",
            Self::MailReturnChanged => "mail.return_changed",
            Self::MailReturnCancelled => "mail.return_cancelled",
            Self::MailLoginCode => "mail.login_code",
        }
    }

    /// What is to be done about a return because of its event number `event`, from `now` on.
    pub fn about(self, rma: RmaNumber, event: u64, now: Timestamp) -> NewJob {
        NewJob::new(self.code(), &json!({ "rma": rma, "event": event }), now.as_millisecond())
    }

    /// Whether its payload holds what nobody should read once it is over.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::MailLoginCode)
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
