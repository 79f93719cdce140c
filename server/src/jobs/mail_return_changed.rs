//! "Your return was changed", or has a new label.

use async_trait::async_trait;

use super::mail::about_return;
use super::{Job, JobError, MAIL, Means, Terms};
use crate::mailer;
use crate::services::JobKind;
use crate::store::OutboxRow;

pub(super) struct MailReturnChanged;

#[async_trait]
impl Job for MailReturnChanged {
    fn terms(&self) -> Terms {
        Terms::of(JobKind::MailReturnChanged.code(), MAIL)
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        about_return(means, row, |told| mailer::changed(told.request, told.events, told.config, told.zone, told.now, told.link)).await
    }
}
