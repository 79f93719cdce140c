//! "We have received your withdrawal", and that to the order's own contact where it came from another.

use async_trait::async_trait;
use domain::words::Locale;

use super::job::{Job, JobError, Means, Terms, payload};
use super::mail::{deliver, terms};
use crate::mailer::{self, Attached};
use crate::services::{AboutWithdrawal, JobKind};
use crate::store::{self, OutboxRow, Withdrawal};

pub(super) struct MailWithdrawalReceived;

#[async_trait]
impl Job for MailWithdrawalReceived {
    fn terms(&self) -> Terms {
        terms(JobKind::MailWithdrawalReceived.code())
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let withdrawal = found(means, row).await?;
        let services = &means.services;
        let letter = mailer::withdrawal_received(&withdrawal, &services.config);
        let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
        // One that cannot be drawn must not keep the mail, which says the same.
        let attached = match services.withdrawal_pdf(&withdrawal).await {
            Ok(pdf) => Some(Attached { name: "withdrawal.pdf", pdf }),
            Err(error) => {
                tracing::error!(%error, withdrawal = withdrawal.id, "a receipt could not be drawn; its mail goes without");
                None
            }
        };
        let statement = &withdrawal.statement;
        deliver(means, row, &statement.email, Some(&statement.name), &letter, attached).await
    }
}

pub(super) struct MailWithdrawalTold;

#[async_trait]
impl Job for MailWithdrawalTold {
    fn terms(&self) -> Terms {
        terms(JobKind::MailWithdrawalTold.code())
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let withdrawal = found(means, row).await?;
        let Some(number) = &withdrawal.order else { return Ok(()) };
        let mut read = means.services.store.read().await?;
        let order = store::find_order(&mut read.conn(), number).await?;
        drop(read);
        let Some(customer) = order.map(|row| row.order.customer) else { return Ok(()) };
        let Some(email) = &customer.email else { return Ok(()) };
        let (name, locale) = (customer.name.as_deref(), customer.locale.unwrap_or(Locale::En));
        let letter = mailer::withdrawal_told(&withdrawal, number, name, locale, &means.services.config);
        let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
        deliver(means, row, email, name, &letter, None).await
    }
}

async fn found(means: &Means, row: &OutboxRow) -> Result<Withdrawal, JobError> {
    let AboutWithdrawal { id } = payload(row)?;
    let found = means.services.withdrawal(&id).await?;
    found.ok_or_else(|| JobError::Permanent(format!("there is no withdrawal {id}")))
}
