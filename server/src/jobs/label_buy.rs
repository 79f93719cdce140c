//! Buys a label that is wanted. Whatever stops it, it is asked for again by the same name, and the same label comes back.

use std::time::Duration;

use async_trait::async_trait;
use domain::rma::RmaNumber;

use super::job::{Job, JobError, LABEL, Means, Terms, payload};
use crate::carriers::{Bought, BoughtPort, Carrier, CarrierError, Consignment};
use crate::services::{AboutReturn, JobKind, LabelDue, Services, label_key};
use crate::store::OutboxRow;

/// A carrier is waited for so long: less than a try may take, so that the last one can still say that it was.
const WAIT: Duration = Duration::from_secs(45);

pub(super) struct LabelBuy;

#[async_trait]
impl Job for LabelBuy {
    fn terms(&self) -> Terms {
        Terms::of(JobKind::LabelBuy.code(), LABEL)
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let services = &means.services;
        let AboutReturn { rma, event } = payload(row)?;
        let event = event.ok_or_else(|| JobError::Permanent("payload: no event".to_owned()))?;
        let Carrier::Bought(carrier) = &services.carrier else {
            return give_up(services, rma, event, "labels are bought of nobody any more".to_owned()).await;
        };
        let key = label_key(rma, event);
        match services.label_due_of(rma, event).await? {
            LabelDue::Made => Ok(()),
            // It may have been bought, and the answer lost.
            LabelDue::Gone => Ok(void_stray(carrier.as_ref(), &key).await?),
            LabelDue::Wanted(consignment) => match buy(carrier.as_ref(), &consignment, &key).await {
                Ok(bought) => {
                    let reference = bought.reference.clone();
                    let made = services.label_bought(rma, event, bought).await.map_err(|error| JobError::passing(&error))?;
                    // Called off meanwhile: nobody has seen it.
                    if !made {
                        carrier.void(&reference).await?;
                    }
                    Ok(())
                }
                Err(CarrierError::Passing(why)) if self.terms().retry_after(row.tries).is_some() => Err(JobError::Passing(why)),
                Err(error) => {
                    let left = give_up(services, rma, event, error.to_string()).await;
                    match (left, void_stray(carrier.as_ref(), &key).await) {
                        (Err(JobError::Permanent(why)), Err(error)) => Err(JobError::Permanent(format!("{why}; nor called off: {error}"))),
                        (left, _) => left,
                    }
                }
            },
        }
    }
}

/// Leaves it to a person.
async fn give_up(services: &Services, rma: RmaNumber, event: u64, why: String) -> Result<(), JobError> {
    let told = services.label_refused(rma, event, why.clone()).await;
    told.map_err(|error| JobError::passing(&error))?;
    Err(JobError::Permanent(why))
}

async fn buy(carrier: &dyn BoughtPort, consignment: &Consignment, key: &str) -> Result<Bought, CarrierError> {
    let late = |_| CarrierError::Passing(format!("no answer within {} s", WAIT.as_secs()));
    let bought = tokio::time::timeout(WAIT, carrier.buy(consignment, key)).await.map_err(late)??;
    if bought.label.starts_with(b"%PDF-") { Ok(bought) } else { Err(CarrierError::Passing("its label is no PDF".to_owned())) }
}

/// Calls off what was bought by a name, where anything was.
async fn void_stray(carrier: &dyn BoughtPort, key: &str) -> Result<(), CarrierError> {
    match carrier.find(key).await? {
        Some(bought) => carrier.void(&bought.reference).await,
        None => Ok(()),
    }
}
