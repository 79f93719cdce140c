//! Tells a customer of what was given on top, that it ends soon, or that it was taken back: one kind for each occasion.

use app::messages::{MessageChannel, Occasion, TemplateOf};
use async_trait::async_trait;
use domain::compensation::GiftState;
use domain::words::Locale;

use super::job::{Job, JobError, Means, Terms, payload};
use super::mail::{deliver, terms};
use crate::desks::gift_view;
use crate::mailer;
use crate::services::{AboutCompensation, state_at};
use crate::store::{CompensationRow, InboxSubject, OutboxRow};

pub(super) struct MailCompensation(pub Occasion);

impl MailCompensation {
    pub(super) const OCCASIONS: [Occasion; 3] =
        [Occasion::CompensationGiven, Occasion::CompensationEnding, Occasion::CompensationWithdrawn];

    /// What was taken back before anybody heard of it is told by nobody; of what was used there is nothing to remind.
    fn is_still_so(&self, row: &CompensationRow, state: GiftState) -> bool {
        match self.0 {
            Occasion::CompensationWithdrawn => state == GiftState::Withdrawn && row.told_at.is_some(),
            Occasion::CompensationEnding => state == GiftState::Given,
            _ => state != GiftState::Withdrawn,
        }
    }
}

#[async_trait]
impl Job for MailCompensation {
    fn terms(&self) -> Terms {
        terms(self.0.mail_job())
    }

    /// A customer without a mail address gets no mail.
    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let AboutCompensation { id } = payload(row)?;
        let services = &means.services;
        // What was erased since is told no more.
        let Some((gift, order)) = services.compensation(&id).await? else { return Ok(()) };
        let (now, order) = (services.clock.now(), order.order);
        if !self.is_still_so(&gift, state_at(&gift, now)) {
            return Ok(());
        }
        services.note_compensation_told(&id).await?;
        let reached = services.reached(&order, None).await?;
        let subject = InboxSubject::Gift { rma: gift.rma, gift: id };
        services.note_message(row, self.0, subject, now, reached.number.is_some()).await?;
        if !reached.by_mail {
            return Ok(());
        }
        let Some(email) = &order.customer.email else { return Ok(()) };
        let zone = services.shop_zone();
        let view = gift_view(gift, &zone, now);
        let locale = reached.locale.or(order.customer.locale).unwrap_or(Locale::En);
        let texts = services.texts(TemplateOf { occasion: self.0, locale, channel: MessageChannel::Mail }, now).await?;
        let letter = mailer::compensation_told((self.0, &texts), &view, &order, locale, &services.config, zone, now);
        let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
        deliver(means, row, email, order.customer.name.as_deref(), &letter, None).await
    }
}
