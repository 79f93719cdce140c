//! Has money given back by a gateway. Whatever stops it, it is asked how things stand before it is asked again, by the same name, and pays once.

use async_trait::async_trait;

use super::job::{Job, JobError, Means, REFUND, Terms, payload};
use crate::gateways::{Gateway, GatewayError, RefundAsk, Refunded};
use crate::services::{AboutReturn, ChangeError, Heard, JobKind, RefundDue};
use crate::store::OutboxRow;

pub(super) struct RefundPay;

#[async_trait]
impl Job for RefundPay {
    fn terms(&self) -> Terms {
        Terms::of(JobKind::RefundPay.code(), REFUND)
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let services = &means.services;
        let AboutReturn { rma, event } = payload(row)?;
        let event = event.ok_or_else(|| JobError::Permanent("payload: no event".to_owned()))?;
        let give_up = async |payment, why: String| {
            services.refund_given_up(rma, payment, &why).await.map_err(|error| JobError::passing(&error))?;
            Err(JobError::Permanent(why))
        };
        let (payment, ask) = match services.refund_due_of(rma, event).await? {
            RefundDue::Over => return Ok(()),
            RefundDue::Impossible(payment, why) => return give_up(payment, why).await,
            // It stays pending: whoever mends the settings hears how it went.
            RefundDue::Stuck(why) => return Err(JobError::Permanent(why)),
            RefundDue::Wanted(payment, ask) => (payment, ask),
        };
        let Some(gateway) = &services.gateway else { return give_up(payment, "no gateway is set".to_owned()).await };
        // Written before it is asked: whoever comes after a crash knows that it may have paid.
        let first = services.refund_asked(rma, payment).await?;
        let is_last = self.terms().retry_after(row.tries).is_none();
        match pay(gateway.as_ref(), &ask, first).await {
            Paid::Yes(refunded) => said(services.refund_said(rma, payment, refunded).await),
            Paid::No(why) => give_up(payment, why).await,
            Paid::Unknown(why) if is_last => {
                // Its answer may still be on the way: the schedule asks once more, later.
                services.refund_unheard(rma, payment).await?;
                Err(JobError::Permanent(why))
            }
            Paid::Unknown(why) => Err(JobError::Passing(why)),
        }
    }
}

/// Whether a gateway pays.
enum Paid {
    /// It has it; how it stands is said with it.
    Yes(Refunded),
    /// It never will, and has not: why.
    No(String),
    /// Nobody knows: why.
    Unknown(String),
}

async fn pay(gateway: &dyn Gateway, ask: &RefundAsk, first: bool) -> Paid {
    if !first {
        // Its own memory of our key ends after a day.
        match gateway.find(ask).await {
            Ok(Some(refunded)) => return Paid::Yes(refunded),
            Err(GatewayError::Passing(why)) => return Paid::Unknown(why),
            // There is nothing that it would have paid back to.
            Err(error @ GatewayError::Permanent { .. }) => return Paid::No(error.to_string()),
            Ok(None) => {}
        }
    }
    match gateway.refund(ask).await {
        Ok(refunded) => Paid::Yes(refunded),
        Err(GatewayError::Passing(why)) => Paid::Unknown(why),
        // Perhaps because it has paid it.
        Err(error @ GatewayError::Permanent { .. }) => match gateway.find(ask).await {
            Ok(Some(refunded)) => Paid::Yes(refunded),
            Ok(None) | Err(GatewayError::Permanent { .. }) => Paid::No(error.to_string()),
            Err(GatewayError::Passing(why)) => Paid::Unknown(format!("{error}; and whether it paid before it does not say: {why}")),
        },
    }
}

/// What a try comes to when its gateway was heard.
pub(super) fn said(heard: Result<Heard, ChangeError>) -> Result<(), JobError> {
    match heard {
        Ok(Heard::Odd(why)) => Err(JobError::Permanent(why)),
        Ok(Heard::Done | Heard::NotOurs | Heard::NotYet) => Ok(()),
        Err(error) => Err(JobError::passing(&error)),
    }
}
