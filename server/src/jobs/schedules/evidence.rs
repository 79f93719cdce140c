//! Forgets evidence that no return will have: of drafts that are gone, and what machines uploaded and never named.

use async_trait::async_trait;

use super::{MOST, Schedule, Times};
use crate::jobs::{JobError, Means};

pub(super) struct Evidence;

#[async_trait]
impl Schedule for Evidence {
    fn times(&self) -> Times {
        Times::hourly("sweep.evidence")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let forget = || means.services.forget_abandoned(MOST);
        while forget().await.map_err(|error| JobError::passing(&error))? == MOST as usize {}
        Ok(())
    }
}
