//! "Your return was called off."

use async_trait::async_trait;

use super::mail::about_return;
use super::{Job, JobError, MAIL, Means, Terms};
use crate::mailer;
use crate::services::JobKind;
use crate::store::OutboxRow;

pub(super) struct MailReturnCancelled;

#[async_trait]
impl Job for MailReturnCancelled {
    fn terms(&self) -> Terms {
        Terms::of(JobKind::MailReturnCancelled.code(), MAIL)
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        about_return(means, row, |told| mailer::cancelled(told.request, told.config, told.zone, told.now, told.link)).await
    }
}
