//! Forgets what was filled in to withdraw and left, or has become a withdrawal, and withdrawals that nobody can sue for any more.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::services::WITHDRAWALS_KEPT;
use crate::store;

pub(super) struct Withdrawals;

/// The name of a draft opens it, and stands in a browser's history: long enough to come back to, and no longer.
const DRAFTS_KEPT: SignedDuration = SignedDuration::from_hours(48);

#[async_trait]
impl Schedule for Withdrawals {
    fn times(&self) -> Times {
        Times::hourly("sweep.withdrawals")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let now = means.services.clock.now();
        let before = (now - DRAFTS_KEPT).as_millisecond();
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_withdrawal_drafts(&mut conn, before, most).await }))
            .await?;
        // By the true clock, as the database reckons, which lets none go too early, whatever a rehearsal says.
        let before = (now.min(Timestamp::now()) - WITHDRAWALS_KEPT).as_millisecond();
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_withdrawals(&mut conn, before, most).await })).await
    }
}
