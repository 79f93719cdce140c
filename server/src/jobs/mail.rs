//! What mails have in common.

use app::messages::Occasion;
use domain::ids::EmailAddress;
use domain::returns::Return;

use super::job::{JobError, Means, chain, payload};
use crate::labels::LabelSize;
use crate::mailer::{self, Letter};
use crate::services::{AboutReturn, NoLabel, Purpose, Services};
use crate::store::{self, OutboxRow};

/// Sends a mail about a return. One without a mail address gets no mail.
pub(super) async fn about_return(means: &Means, row: &OutboxRow, occasion: Occasion) -> Result<(), JobError> {
    let services = &means.services;
    let AboutReturn { rma, .. } = payload(row)?;
    let mut read = services.store.read().await?;
    let found = store::find_return(&mut read.conn(), rma).await?;
    let request = found.ok_or_else(|| JobError::Permanent(format!("there is no return {rma}")))?;
    let events = store::events_of(&mut read.conn(), rma).await?;
    drop(read);
    let Some(address) = request.contact.email.clone() else { return Ok(()) };

    let (now, zone) = (services.clock.now(), services.shop_zone());
    // Made now and kept nowhere: who has the mail sees the return, who has the database does not.
    let link = format!("{}/r/{}", services.config.public_url, services.sign_link(Purpose::Return, &request.rma.to_string()));
    let letter = mailer::about_return(occasion, &request, &events, &services.config, zone, now, &link);
    let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
    let label = label(services, &request, &letter).await?;
    deliver(means, row, &address, request.contact.name.as_deref(), &letter, label).await
}

pub(super) async fn deliver(
    means: &Means,
    row: &OutboxRow,
    to: &EmailAddress,
    name: Option<&str>,
    letter: &Letter,
    label: Option<Vec<u8>>,
) -> Result<(), JobError> {
    let sent = means.mailer.send(&row.id, to.as_str(), name, letter, label).await;
    sent.map_err(|error| {
        // Mail servers like to repeat whom they refuse; logs and dead letters need not know.
        let why = chain(&error).replace(to.as_str(), &to.masked());
        if error.is_permanent() { JobError::Permanent(why) } else { JobError::Passing(why) }
    })
}

async fn label(services: &Services, request: &Return, letter: &Letter) -> Result<Option<Vec<u8>>, JobError> {
    if !letter.with_label {
        return Ok(None);
    }
    // A label that cannot be drawn must not keep the mail: the page says what to do.
    match services.label_pdf(request, request.locale, LabelSize::A6).await {
        Ok(pdf) => Ok(Some(pdf)),
        Err(NoLabel::Drawing(error)) => {
            tracing::error!(%error, rma = %request.rma, "a label could not be drawn; its mail goes without");
            Ok(None)
        }
        Err(error) => Err(JobError::passing(&error)),
    }
}
