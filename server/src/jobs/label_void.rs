//! Calls labels off that were bought, where others replaced them or nothing comes any more.

use async_trait::async_trait;
use domain::returns::Parcel;

use super::job::{Job, JobError, LABEL, Means, Terms, payload};
use crate::carriers::{Carrier, CarrierError};
use crate::services::{AboutReturn, JobKind};
use crate::store::OutboxRow;

pub(super) struct LabelVoid;

#[async_trait]
impl Job for LabelVoid {
    fn terms(&self) -> Terms {
        Terms::of(JobKind::LabelVoid.code(), LABEL)
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let services = &means.services;
        let AboutReturn { rma, .. } = payload(row)?;
        let mut stays = Ok(());
        for parcel in services.labels_to_void(rma).await? {
            match void(&services.carrier, &parcel).await {
                Ok(()) => services.label_voided(rma, &parcel).await.map_err(|error| JobError::passing(&error))?,
                Err(CarrierError::Passing(why)) => return Err(JobError::Passing(why)),
                // It stays visible; the others are called off all the same.
                Err(CarrierError::Permanent(why)) => {
                    stays = Err(JobError::Permanent(format!("{} of {rma}: {why}", parcel.tracking_number)));
                }
            }
        }
        stays
    }
}

async fn void(carrier: &Carrier, parcel: &Parcel) -> Result<(), CarrierError> {
    match (carrier, &parcel.reference) {
        (Carrier::Bought(bought), Some(reference)) if bought.code() == parcel.carrier => bought.void(reference).await,
        _ => Err(CarrierError::Permanent(format!("labels are bought of {} no more", parcel.carrier))),
    }
}
