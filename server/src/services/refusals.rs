//! Why a command was not carried out. Nothing has happened then.

use domain::money::{Currency, Money};
use domain::returns::{CommandRefused, Refused};

use super::assess::Assessment;
use super::request::RequestProblem;
use crate::store::StoreError;

/// More labels than this are a person's business.
pub(super) const MOST_LABELS: usize = 8;

/// Why no return was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The request is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems(Vec<RequestProblem>),
    /// Policy says no to all of it.
    #[error("nothing of it can come back")]
    NothingToReturn(Box<Assessment>),
    /// The key came with another request before.
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a return was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is none of that number.
    #[error("there is no such return")]
    Unknown,
    /// Its state or the caller's role does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// What was asked for is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems(Vec<RequestProblem>),
    /// Policy says no to everything that should be added.
    #[error("none of it can come back")]
    Declined(Box<Assessment>),
    /// What should be added cannot share a parcel, a day or a policy with what is there.
    #[error("this cannot join the return; open another one for it")]
    Apart,
    /// It has had as many labels as it gets.
    #[error("this return has had {MOST_LABELS} labels; a person must help")]
    TooManyLabels,
    /// So many photos were taken of its goods already.
    #[error("at most {0} photos are kept of one return's goods")]
    TooManyPhotos(usize),
    /// More than they may promise or pay at once.
    #[error("this is more than may be promised or paid at once")]
    OverLimit(Vec<(Currency, i64)>),
    /// No gateway that is set up here can take so much back to where it came from.
    #[error("{0} cannot go back by a gateway: pay it by hand, with `manual`")]
    ByHand(Money),
    /// All of it is promised as credit.
    #[error("this is promised as store credit: pay it with `store_credit`")]
    AsCredit,
    /// None of it is promised as credit.
    #[error("nothing of this is promised as store credit: pay it by `gateway` or `manual`")]
    NotCredit,
    /// Somebody's bank disputes what was paid for the order.
    #[error("a payment of this order is disputed: nothing more of it is paid until that is closed")]
    Disputed,
    /// It has no label to replace.
    #[error("this return has no label")]
    NoLabel,
    /// The key came with another request before.
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a job says of a return that is gone: there is nothing to do.
pub(super) fn or_gone<T>(done: Result<T, ChangeError>) -> Result<Option<T>, ChangeError> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(ChangeError::Unknown) => Ok(None),
        Err(error) => Err(error),
    }
}

impl From<CommandRefused> for ChangeError {
    fn from(refused: CommandRefused) -> Self {
        Self::Refused(refused.into())
    }
}

impl From<OpenError> for ChangeError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Problems(problems) => Self::Problems(problems),
            OpenError::NothingToReturn(assessment) => Self::Declined(assessment),
            OpenError::KeyReused => Self::KeyReused,
            OpenError::Store(error) => Self::Store(error),
        }
    }
}
