//! Forgets one-click tickets that have expired: from then on they open nothing anyhow.

use async_trait::async_trait;

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::store;

pub(super) struct Tickets;

#[async_trait]
impl Schedule for Tickets {
    fn times(&self) -> Times {
        Times::hourly("sweep.tickets")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let now = means.services.clock.millis();
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_tickets(&mut conn, now, most).await })).await
    }
}
