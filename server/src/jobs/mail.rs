//! Mails about returns.

use domain::returns::Return;
use domain::rma::RmaNumber;
use serde::Deserialize;

use super::{JobError, JobKind};
use crate::labels::LabelSize;
use crate::mailer::{self, Letter, Mailer};
use crate::services::{NoLabel, Services};
use crate::store::{self, OutboxRow, StoreError};

#[derive(Deserialize)]
struct About {
    rma: RmaNumber,
}

/// Sends the mail of an outbox row. A return without a mail address gets none.
pub(super) async fn send(services: &Services, mailer: &Mailer, kind: JobKind, row: &OutboxRow) -> Result<(), JobError> {
    let about: About = serde_json::from_str(&row.payload).map_err(|error| JobError::Permanent(format!("payload: {error}")))?;
    let passing = |error: StoreError| JobError::Passing(chain(&error));
    let mut read = services.store.read().await.map_err(passing)?;
    let found = store::find_return(&mut read.conn(), about.rma).await.map_err(passing)?;
    let request = found.ok_or_else(|| JobError::Permanent(format!("there is no return {}", about.rma)))?;
    let events = store::events_of(&mut read.conn(), about.rma).await.map_err(passing)?;
    let zone = {
        let placed = request.orders.first().map_or(request.opened_at, |part| part.placed_at);
        services.policies.for_order(&mut read.conn(), placed).await.map_err(passing)?.1.time_zone.clone()
    };
    drop(read);
    let Some(address) = request.contact.email.clone() else { return Ok(()) };

    let now = services.clock.now();
    let letter = match kind {
        JobKind::MailReturnOpened => mailer::opened(&request, &events, &services.config, zone, now),
        JobKind::MailReturnChanged => mailer::changed(&request, &events, &services.config, zone, now),
        JobKind::MailReturnCancelled => mailer::cancelled(&request, &services.config, zone, now),
    };
    let letter = letter.map_err(|error| JobError::Permanent(error.to_string()))?;
    let label = label(services, &request, &letter).await?;
    let sent = mailer.send(&row.id, address.as_str(), request.contact.name.as_deref(), &letter, label).await;
    sent.map_err(|error| if error.is_permanent() { JobError::Permanent(chain(&error)) } else { JobError::Passing(chain(&error)) })
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
