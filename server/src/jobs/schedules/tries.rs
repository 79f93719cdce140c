//! Forgets tries that were counted for limits.

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::store;

pub(super) struct Tries;

/// No limit counts longer than an hour.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

#[async_trait]
impl Schedule for Tries {
    fn times(&self) -> Times {
        Times::hourly("sweep.tries")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let now = means.services.clock.now();
        let (before, after) = ((now - KEPT).as_millisecond(), (now + KEPT).as_millisecond());
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_attempts(&mut conn, before, after, most).await })).await
    }
}
