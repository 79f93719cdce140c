//! Mails about a return: one kind for each occasion.

use app::messages::Occasion;
use async_trait::async_trait;

use super::job::{Job, JobError, Means, Terms};
use super::mail::{about_return, reminds, terms};
use crate::store::OutboxRow;

pub(super) struct MailAboutReturn(pub Occasion);

#[async_trait]
impl Job for MailAboutReturn {
    fn terms(&self) -> Terms {
        Terms { planned: reminds(self.0), ..terms(self.0.mail_job()) }
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        about_return(means, row, self.0).await
    }
}
