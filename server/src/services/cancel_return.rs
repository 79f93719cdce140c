//! Calling a return off.

use domain::returns::{Actor, Because, CommandRefused, Return};
use domain::rma::RmaNumber;

use super::Services;
use super::change_return::{record, take_return};
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
        let services = self.clone();
        let (cancelled, others) = self
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    let mut request = take_return(&mut conn, rma, &[]).await?.ok_or(CancelError::Unknown)?;
                    let events = request.cancel(reason)?;
                    if events.is_empty() {
                        return Ok((request, Vec::new()));
                    }
                    record(&mut conn, &mut request, events, &actor, now).await?;
                    store::release(&mut conn, rma).await?;
                    store::enqueue(&mut conn, &JobKind::MailReturnCancelled.about(rma, now)).await?;
                    let orders: Vec<String> = request.orders.iter().map(|part| part.number.key()).collect();
                    let others = services.settle_others(&mut conn, &orders, Some(rma), Because::ReturnCancelled, now).await?;
                    Ok::<_, CancelError>((request, others))
                })
            })
            .await?;
        self.done(cancelled.rma);
        self.done_to(&others);
        Ok(cancelled)
    }
}
