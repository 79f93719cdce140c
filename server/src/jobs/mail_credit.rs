//! "Your credit ends soon", to whom it belongs.

use app::messages::{MessageChannel, Occasion, TemplateOf};
use async_trait::async_trait;
use domain::words::Locale;

use super::job::{Job, JobError, Means, Terms, payload};
use super::mail::{deliver, terms};
use crate::mailer;
use crate::services::AboutCredit;
use crate::store::{self, InboxSubject, OutboxRow};

pub(super) struct MailCreditEnding;

#[async_trait]
impl Job for MailCreditEnding {
    fn terms(&self) -> Terms {
        terms(Occasion::CreditEnding.mail_job())
    }

    /// Whoever has spent it since is told nothing; a customer without a mail address gets no mail.
    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let AboutCredit { entry } = payload(row)?;
        let services = &means.services;
        let Some(soon) = services.credit_that_ends(&entry).await? else { return Ok(()) };
        let mut read = services.store.read().await?;
        let order = store::find_order(&mut read.conn(), &soon.order).await?;
        drop(read);
        let Some(order) = order.map(|row| row.order) else { return Ok(()) };
        let (reached, now) = (services.reached(&order, None).await?, services.clock.now());
        let subject = InboxSubject::Credit { order: order.number.to_string(), entry, left: soon.left.minor };
        services.note_message(row, Occasion::CreditEnding, subject, now, reached.number.is_some()).await?;
        let Some(email) = order.customer.email.as_ref().filter(|_| reached.by_mail) else { return Ok(()) };
        let locale = reached.locale.or(order.customer.locale).unwrap_or(Locale::En);
        let of = TemplateOf { occasion: Occasion::CreditEnding, locale, channel: MessageChannel::Mail };
        let texts = services.texts(of, now).await?;
        let letter = mailer::credit_ending(&soon, &order, locale, &texts, &services.config, services.shop_zone(), now);
        let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
        deliver(means, row, email, order.customer.name.as_deref(), &letter, None).await
    }
}
