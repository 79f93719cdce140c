//! Does to one of many cases what somebody at work has chosen for all of them.

use async_trait::async_trait;

use super::job::{BULK, Job, JobError, Means, Terms, payload};
use crate::services::JobKind;
use crate::store::OutboxRow;

pub(super) struct BulkOne;

#[async_trait]
impl Job for BulkOne {
    fn terms(&self) -> Terms {
        Terms::of(JobKind::BulkOne.code(), BULK)
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let one = payload(row)?;
        means.services.do_one_of_many(one).await.map_err(|error| JobError::passing(&error))
    }
}
