//! Asks the gateway about money of which nobody has said for an hour how it went: messages get lost.

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{Schedule, Times};
use crate::gateways::{CheckoutState, Gateway, GatewayError};
use crate::jobs::{JobError, Means, said};
use crate::services::Heard;
use crate::store::GatewayState;

pub(super) struct Refunds;

/// So long nobody is asked again.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);
/// After that nothing of its job is under way any more, however it ended.
const OVER: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Asked about at once; the rest waits for the next time.
const MOST: i64 = 100;

#[async_trait]
impl Schedule for Refunds {
    fn times(&self) -> Times {
        Times { every: SignedDuration::from_mins(15), ..Times::hourly("ask.refunds") }
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let services = &means.services;
        let Some(gateway) = &services.gateway else { return Ok(()) };
        let now = services.clock.now();
        let mut stays = Ok(());
        for (row, ask) in services.refunds_open((now - PATIENCE).as_millisecond(), MOST).await? {
            let Some(ask) = ask else {
                services.refund_looked_at(&row.id).await?;
                continue;
            };
            match gateway.find(&ask).await {
                Ok(Some(refunded)) => {
                    let heard = said(services.refund_said(row.rma, row.payment, refunded).await);
                    if heard.is_err() {
                        services.refund_looked_at(&row.id).await?;
                        stays = heard;
                    }
                }
                Err(GatewayError::Passing(why)) => return Err(JobError::Passing(why)),
                // Whoever has it under way is left alone.
                none if row.state == GatewayState::Unheard || row.asked_at < (now - OVER).as_millisecond() => {
                    let why = none.err().map_or_else(|| "the gateway knows nothing of it".to_owned(), |error| error.to_string());
                    let given_up = services.refund_given_up(row.rma, row.payment, &why).await;
                    given_up.map_err(|error| JobError::passing(&error))?;
                    services.refund_looked_at(&row.id).await?;
                }
                _ => services.refund_looked_at(&row.id).await?,
            }
        }
        checkouts(means, gateway.as_ref(), (now - PATIENCE).as_millisecond()).await?;
        stays
    }
}

/// Asks about pages on which customers pay, and closes those that nobody need pay on any more.
async fn checkouts(means: &Means, gateway: &dyn Gateway, before: i64) -> Result<(), JobError> {
    let services = &means.services;
    for (row, wanted) in services.checkouts_open(before, MOST).await? {
        let Some(reference) = &row.reference else {
            services.checkout_looked_at(&row.id, true).await?;
            continue;
        };
        let stands = match gateway.checkout_of(reference).await {
            Ok(page) if page.state == CheckoutState::Open && !wanted => match gateway.end_checkout(reference).await {
                // It was paid in this moment.
                Err(GatewayError::Permanent { .. }) => gateway.checkout_of(reference).await,
                ended => ended,
            },
            stands => stands,
        };
        match stands {
            Ok(page) => {
                let heard = services.checkout_said(&row.id, page).await.map_err(|error| JobError::passing(&error))?;
                if let Heard::Odd(why) = heard {
                    tracing::error!(page = row.id, why, "what the gateway says of a payment does not fit");
                    services.checkout_looked_at(&row.id, false).await?;
                }
            }
            Err(GatewayError::Passing(why)) => return Err(JobError::Passing(why)),
            Err(error @ GatewayError::Permanent { .. }) => {
                tracing::error!(page = row.id, %error, "the gateway does not know a page of its own");
                services.checkout_looked_at(&row.id, false).await?;
            }
        }
    }
    Ok(())
}
