//! "This is on its way to you" (B20), to whoever works in the warehouse.

use async_trait::async_trait;

use super::job::{Job, JobError, Means, Terms, payload};
use super::mail::{deliver, terms};
use crate::mailer;
use crate::services::{GoodsComing, JobKind};
use crate::store::OutboxRow;

pub(super) struct MailGoodsComing;

#[async_trait]
impl Job for MailGoodsComing {
    fn terms(&self) -> Terms {
        terms(JobKind::MailGoodsComing.code())
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let services = &means.services;
        let coming: GoodsComing = payload(row)?;
        let locale = services.own_languages.first().copied().unwrap_or(domain::words::Locale::En);
        let letter = mailer::goods_coming(&coming, locale, &services.config).map_err(|error| JobError::Permanent(error.to_string()))?;
        deliver(means, row, &coming.to, Some(&coming.name), &letter, None).await
    }
}
