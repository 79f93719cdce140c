//! Forgets what the outbox has done, and mails that were written into files. What is parked stays until somebody decides.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::store;

pub(super) struct Outbox;

/// Long enough to say whether somebody was told.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

#[async_trait]
impl Schedule for Outbox {
    fn times(&self) -> Times {
        Times::hourly("sweep.outbox")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let before = (means.services.clock.now() - KEPT).as_millisecond();
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_done(&mut conn, before, most).await })).await?;
        // By the computer's clock, as files are dated.
        means.mailer.delete_files(Timestamp::now() - KEPT).await.map_err(|error| JobError::passing(&error))
    }
}
