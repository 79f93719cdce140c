//! "You get money back", of an order of which nothing comes back: one kind for each occasion.

use app::messages::{MessageChannel, Occasion, TemplateOf};
use async_trait::async_trait;
use domain::words::Locale;

use super::job::{Job, JobError, Means, Terms, payload};
use super::mail::{deliver, terms};
use crate::mailer;
use crate::services::AboutConcession;
use crate::store::{self, InboxSubject, OutboxRow};

pub(super) struct MailConcession(pub Occasion);

impl MailConcession {
    pub(super) const OCCASIONS: [Occasion; 2] = [Occasion::GoodwillGiven, Occasion::PriceLowered];
}

#[async_trait]
impl Job for MailConcession {
    fn terms(&self) -> Terms {
        terms(self.0.mail_job())
    }

    /// A customer without a mail address gets no mail.
    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let AboutConcession { id } = payload(row)?;
        let services = &means.services;
        let mut read = services.store.read().await?;
        let made = store::find_concession(&mut read.conn(), &id).await?;
        let made = made.ok_or_else(|| JobError::Permanent(format!("there is no concession {id}")))?;
        let order = store::find_order(&mut read.conn(), made.order.as_str()).await?;
        drop(read);
        let Some(order) = order.map(|row| row.order) else { return Ok(()) };
        let reached = services.reached(&order, None).await?;
        let subject = InboxSubject::Concession { order: order.number.to_string(), id };
        services.note_message(row, self.0, subject, made.at, reached.number.is_some()).await?;
        if !reached.by_mail {
            return Ok(());
        }
        let Some(email) = &order.customer.email else { return Ok(()) };
        let locale = reached.locale.or(order.customer.locale).unwrap_or(Locale::En);
        let texts = services.texts(TemplateOf { occasion: self.0, locale, channel: MessageChannel::Mail }, made.at).await?;
        let letter = mailer::concession_made(&texts, &made, &order, locale, &services.config, services.shop_zone());
        let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
        deliver(means, row, email, order.customer.name.as_deref(), &letter, None).await
    }
}
