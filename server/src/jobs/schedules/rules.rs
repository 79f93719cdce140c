//! Gives tasks out by the shop's rules.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{Schedule, Times};
use crate::jobs::{JobError, Means};
use crate::store::TaskPosition;

#[derive(Default)]
pub(super) struct Rules {
    /// Where the last run ended, on this server.
    from: Mutex<Option<TaskPosition>>,
    /// Likewise, of what the policy says.
    from_late: Mutex<Option<TaskPosition>>,
}

#[async_trait]
impl Schedule for Rules {
    fn times(&self) -> Times {
        Times { name: "rules".into(), every: SignedDuration::from_secs(20), patience: Duration::from_secs(300) }
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let from = self.from.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (_, ended) = means.services.give_by_rules(from).await?;
        *self.from.lock().unwrap_or_else(PoisonError::into_inner) = ended;
        let from = self.from_late.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (_, ended) = means.services.give_by_policy(from).await?;
        *self.from_late.lock().unwrap_or_else(PoisonError::into_inner) = ended;
        Ok(())
    }
}
