//! Forgets accounts that money went to, or was to go to, by bank transfer.

use async_trait::async_trait;

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::store;

pub(super) struct Accounts;

#[async_trait]
impl Schedule for Accounts {
    fn times(&self) -> Times {
        Times::hourly("sweep.accounts")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let now = means.services.clock.millis();
        sweep(means, move |mut conn, most| Box::pin(async move { store::forget_accounts(&mut conn, now, most).await })).await
    }
}
