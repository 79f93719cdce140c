//! Mails about returns, and with codes.

use domain::ids::EmailAddress;
use domain::returns::Return;
use serde::Deserialize;

use super::JobError;
use crate::labels::LabelSize;
use crate::mailer::{self, Letter, Mailer};
use crate::services::{AboutReturn, CODE_LIFE, JobKind, LoginCode, NoLabel, Purpose, Services};
use crate::store::{self, OutboxRow, StoreError};

/// Sends the mail of an outbox row.
pub(super) async fn send(services: &Services, mailer: &Mailer, kind: JobKind, row: &OutboxRow) -> Result<(), JobError> {
    match kind {
        JobKind::MailReturnOpened | JobKind::MailReturnChanged | JobKind::MailReturnCancelled => {
            about_return(services, mailer, kind, row).await
        }
        JobKind::MailLoginCode => login_code(services, mailer, row).await,
    }
}

fn payload<'r, T: Deserialize<'r>>(row: &'r OutboxRow) -> Result<T, JobError> {
    serde_json::from_str(&row.payload).map_err(|error| JobError::Permanent(format!("payload: {error}")))
}

/// A code that is over by the time the mail server takes it would only confuse: it is not sent.
async fn login_code(services: &Services, mailer: &Mailer, row: &OutboxRow) -> Result<(), JobError> {
    let LoginCode { to, code, locale, until } = payload(row)?;
    if until <= services.clock.millis() {
        return Ok(());
    }
    let letter = mailer::login_code(&code, CODE_LIFE, locale, &services.config).map_err(|error| JobError::Permanent(error.to_string()))?;
    deliver(mailer, row, &to, None, &letter, None).await
}

async fn deliver(
    mailer: &Mailer,
    row: &OutboxRow,
    to: &EmailAddress,
    name: Option<&str>,
    letter: &Letter,
    label: Option<Vec<u8>>,
) -> Result<(), JobError> {
    let sent = mailer.send(&row.id, to.as_str(), name, letter, label).await;
    sent.map_err(|error| {
        // Mail servers like to repeat whom they refuse; logs and dead letters need not know.
        let why = chain(&error).replace(to.as_str(), &to.masked());
        if error.is_permanent() { JobError::Permanent(why) } else { JobError::Passing(why) }
    })
}

/// A return was opened, changed or called off. One without a mail address gets no mail.
async fn about_return(services: &Services, mailer: &Mailer, kind: JobKind, row: &OutboxRow) -> Result<(), JobError> {
    let about: AboutReturn = payload(row)?;
    let passing = |error: StoreError| JobError::Passing(chain(&error));
    let mut read = services.store.read().await.map_err(passing)?;
    let found = store::find_return(&mut read.conn(), about.rma).await.map_err(passing)?;
    let request = found.ok_or_else(|| JobError::Permanent(format!("there is no return {}", about.rma)))?;
    let events = store::events_of(&mut read.conn(), about.rma).await.map_err(passing)?;
    drop(read);
    let Some(address) = request.contact.email.clone() else { return Ok(()) };

    let (now, zone) = (services.clock.now(), services.shop_zone());
    // Made now and kept nowhere: who has the mail sees the return, who has the database does not.
    let link = format!("{}/r/{}", services.config.public_url, services.sign_link(Purpose::Return, &request.rma.to_string()));
    let letter = match kind {
        JobKind::MailReturnOpened => mailer::opened(&request, &events, &services.config, zone, now, &link),
        JobKind::MailReturnChanged => mailer::changed(&request, &events, &services.config, zone, now, &link),
        _ => mailer::cancelled(&request, &services.config, zone, now, &link),
    };
    let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
    let label = label(services, &request, &letter).await?;
    deliver(mailer, row, &address, request.contact.name.as_deref(), &letter, label).await
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
        Err(error) => Err(JobError::Passing(chain(&error))),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
