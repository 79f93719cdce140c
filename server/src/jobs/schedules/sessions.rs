//! Forgets sessions that have ended.

use async_trait::async_trait;

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::store;

pub(super) struct Sessions;

#[async_trait]
impl Schedule for Sessions {
    fn times(&self) -> Times {
        Times::hourly("sweep.sessions")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let now = means.services.clock.millis();
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_sessions(&mut conn, now, most).await })).await?;
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_staff_sessions(&mut conn, now, most).await })).await?;
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_sign_ons(&mut conn, now, most).await })).await
    }
}
