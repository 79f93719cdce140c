//! Forgets uploads that were not taken up again, with their pieces.

use async_trait::async_trait;

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::services::UPLOAD_LIFE;
use crate::store;

pub(super) struct Uploads;

#[async_trait]
impl Schedule for Uploads {
    fn times(&self) -> Times {
        Times::hourly("sweep.uploads")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let now = means.services.clock.millis();
        let latest = now + 2 * UPLOAD_LIFE;
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_uploads(&mut conn, now, latest, most).await })).await
    }
}
