//! Opens the return of a withdrawal, where the one who declared it is known to have ordered.

use async_trait::async_trait;

use super::job::{Job, JobError, Means, Terms, WITHDRAWAL, payload};
use crate::services::{AboutWithdrawal, JobKind};
use crate::store::OutboxRow;

pub(super) struct WithdrawalOpen;

#[async_trait]
impl Job for WithdrawalOpen {
    fn terms(&self) -> Terms {
        Terms::of(JobKind::WithdrawalOpen.code(), WITHDRAWAL)
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let AboutWithdrawal { id } = payload(row)?;
        Ok(means.services.open_withdrawn(&id).await?)
    }
}
