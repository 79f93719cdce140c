//! "Here is your code."

use app::messages::{MessageChannel, Occasion, TemplateOf};
use async_trait::async_trait;

use super::job::{Job, JobError, Means, Terms, payload};
use super::mail::{deliver, terms};
use crate::mailer;
use crate::services::{CODE_LIFE, LoginCode};
use crate::store::OutboxRow;

pub(super) struct MailLoginCode;

#[async_trait]
impl Job for MailLoginCode {
    fn terms(&self) -> Terms {
        Terms { secret: true, ..terms(Occasion::LoginCode.mail_job()) }
    }

    /// A code that is over by the time the mail server takes it would only confuse: it is not sent.
    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let LoginCode { to, code, locale, until } = payload(row)?;
        if until <= means.services.clock.millis() {
            return Ok(());
        }
        let of = TemplateOf { occasion: Occasion::LoginCode, locale, channel: MessageChannel::Mail };
        let texts = means.services.texts(of, means.services.clock.now()).await?;
        let letter = mailer::login_code(&code, CODE_LIFE, locale, &texts, &means.services.config);
        let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
        deliver(means, row, &to, None, &letter, None).await
    }
}
