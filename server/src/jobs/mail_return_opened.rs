//! "We have your return."

use async_trait::async_trait;

use super::mail::about_return;
use super::{Job, JobError, MAIL, Means, Terms};
use crate::mailer;
use crate::services::JobKind;
use crate::store::OutboxRow;

pub(super) struct MailReturnOpened;

#[async_trait]
impl Job for MailReturnOpened {
    fn terms(&self) -> Terms {
        Terms::of(JobKind::MailReturnOpened.code(), MAIL)
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        about_return(means, row, |told| mailer::opened(told.request, told.events, told.config, told.zone, told.now, told.link)).await
    }
}
