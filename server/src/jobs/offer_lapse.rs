//! Takes silence for an answer once an offer has ended.

use async_trait::async_trait;

use super::job::{Job, JobError, Means, RULE, Terms, payload};
use crate::services::{AboutReturn, JobKind};
use crate::store::OutboxRow;

pub(super) struct OfferLapse;

#[async_trait]
impl Job for OfferLapse {
    fn terms(&self) -> Terms {
        Terms { planned: true, ..Terms::of(JobKind::OfferLapse.code(), RULE) }
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let AboutReturn { rma, event } = payload(row)?;
        let event = event.ok_or_else(|| JobError::Permanent("payload: no event".to_owned()))?;
        means.services.silence_is_yes(rma, event).await.map_err(|error| JobError::passing(&error))
    }
}
