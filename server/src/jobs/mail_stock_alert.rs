//! "Too many lie so" (C25).

use async_trait::async_trait;

use super::job::{Job, JobError, Means, Terms, payload};
use super::mail::{deliver, terms};
use crate::mailer;
use crate::services::{JobKind, StockAlert};
use crate::store::OutboxRow;

pub(super) struct MailStockAlert;

#[async_trait]
impl Job for MailStockAlert {
    fn terms(&self) -> Terms {
        terms(JobKind::MailStockAlert.code())
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let services = &means.services;
        let alert: StockAlert = payload(row)?;
        if !services.config.mail.stock_alerts {
            return Ok(());
        }
        let locale = services.own_languages.first().copied().unwrap_or(domain::words::Locale::En);
        let letter = mailer::stock_alert(&alert, locale, &services.config).map_err(|error| JobError::Permanent(error.to_string()))?;
        deliver(means, row, &alert.to, Some(&alert.name), &letter, None).await
    }
}
