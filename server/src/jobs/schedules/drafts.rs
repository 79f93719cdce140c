//! Forgets drafts that nobody has touched for long.

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::store;

pub(super) struct Drafts;

const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

#[async_trait]
impl Schedule for Drafts {
    fn times(&self) -> Times {
        Times::hourly("sweep.drafts")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let before = (means.services.clock.now() - KEPT).as_millisecond();
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_drafts(&mut conn, before, most).await })).await
    }
}
