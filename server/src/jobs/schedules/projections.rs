//! Brings projections up to date: what a server without them wrote, and tasks that have changed by now. Wakes those that have slept long enough.

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{Schedule, Times};
use crate::jobs::{JobError, Means};
use crate::store;

pub(super) struct Projections;

#[async_trait]
impl Schedule for Projections {
    fn times(&self) -> Times {
        // The first run on a large shop of before takes minutes; what it has done stays done.
        Times { name: "projections".into(), every: SignedDuration::from_mins(1), patience: Duration::from_secs(3_600) }
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let services = &means.services;
        let returns = store::keep_projections(&services.store, services.clock.now()).await?;
        if returns > 0 {
            tracing::info!(returns, "projections were brought up to date");
        }
        store::wake_due_tasks(&services.store, services.clock.millis()).await?;
        Ok(())
    }
}
