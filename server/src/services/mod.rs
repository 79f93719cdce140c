//! Stories: one a file, one transaction each.

mod assess;
mod cancel_return;
mod open_return;
mod orders;
mod policies;
mod request;

use std::sync::Arc;

use domain::reason::ReasonTree;
use tokio::sync::Notify;

pub use assess::{Assessment, LineAssessment, MethodPrice, OfferAmount, Part, Taken, history_of, units_taken};
pub use cancel_return::CancelError;
pub use open_return::{IdempotencyKey, OpenError, Opened};
pub use orders::{OrderProblem, PutOutcome};
pub use policies::{Policies, PublishError};
pub use request::{LineRequest, RequestProblem, ReturnRequest, Wrong};

use crate::carriers::Carrier;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;

/// What every story needs. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Arc<Config>,
    /// The shop's reasons.
    pub reasons: Arc<ReasonTree>,
    /// Policy versions.
    pub policies: Policies,
    /// Who carries returns.
    pub carrier: Arc<dyn Carrier>,
    /// Rung when the outbox has something new.
    pub wake: Arc<Notify>,
}
