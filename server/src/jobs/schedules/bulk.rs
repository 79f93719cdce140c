//! Forgets what was done to many cases at once: what became of each stands with the case.

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::store;

pub(super) struct Bulk;

const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

#[async_trait]
impl Schedule for Bulk {
    fn times(&self) -> Times {
        Times::hourly("sweep.bulk")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let before = (means.services.clock.now() - KEPT).as_millisecond();
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_bulk(&mut conn, before, most).await })).await
    }
}
