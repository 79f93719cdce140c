//! Calling a return off.

use domain::returns::{Actor, CommandRefused, Recorded, Return};
use domain::rma::RmaNumber;
use serde_json::json;

use super::Services;
use crate::jobs::JobKind;
use crate::store::{self, StoreError};

/// Why a return was not called off.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// There is none of that number.
    #[error("there is no such return")]
    Unknown,
    /// It is too late for that.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// Calls a return off; its units can be returned again. Nothing happens where it has been called off before.
    pub async fn cancel_return(&self, rma: RmaNumber, actor: Actor, reason: Option<String>) -> Result<Return, CancelError> {
        let now = self.clock.now();
        let cancelled = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    let found = store::find_return(&mut conn, rma).await?.ok_or(CancelError::Unknown)?;
                    // Locked, so that the units are free or taken for whoever asks for them at the same time.
                    for part in &found.orders {
                        store::lock_order(&mut conn, &part.number.key()).await?;
                    }
                    let mut request = store::find_return(&mut conn, rma).await?.ok_or(CancelError::Unknown)?;
                    let before = request.version;
                    let events = request.cancel(reason)?;
                    if events.is_empty() {
                        return Ok(request);
                    }
                    let mut recorded = Vec::new();
                    for event in events {
                        request.apply(&event);
                        recorded.push(Recorded { seq: request.version, at: now, actor: actor.clone(), event });
                    }
                    store::save_events(&mut conn, &request, before, &recorded).await?;
                    store::release(&mut conn, rma).await?;
                    let payload = json!({ "rma": rma }).to_string();
                    store::enqueue(&mut conn, JobKind::MailReturnCancelled.code(), &payload, now.as_millisecond()).await?;
                    Ok::<_, CancelError>(request)
                })
            })
            .await?;
        self.done(cancelled.rma);
        Ok(cancelled)
    }
}
