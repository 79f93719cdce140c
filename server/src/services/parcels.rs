//! Parcels of a return, and their labels.

use domain::returns::{Event, Parcel, Return};
use jiff::Timestamp;

use super::Services;
use crate::carriers::Shipment;
use crate::store::{Conn, StoreError};

impl Services {
    /// The label of a return that needs its first.
    pub(super) async fn label_due(&self, conn: &mut Conn<'_>, request: &Return, now: Timestamp) -> Result<Option<Event>, StoreError> {
        if !request.needs_label() {
            return Ok(None);
        }
        let parcel = self.parcel(conn, request, request.promises.label, now).await?;
        Ok(Some(Event::LabelIssued { parcel, promises: None }))
    }

    /// A label for the next parcel of a return.
    pub(super) async fn parcel(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Parcel, StoreError> {
        let shipment = Shipment { rma: request.rma, parcel: request.parcels.len() + 1 };
        let number = self.carrier.issue(conn, &shipment).await?;
        Ok(self.parcel_of(number, expires_at, now))
    }

    /// The first label of a return, where its number follows from the return's.
    pub(super) fn label_at_once(&self, request: &Return, now: Timestamp) -> Option<Event> {
        let number = self.carrier.number(&Shipment { rma: request.rma, parcel: request.parcels.len() + 1 })?;
        Some(Event::LabelIssued { parcel: self.parcel_of(number, request.promises.label, now), promises: None })
    }

    fn parcel_of(&self, tracking_number: String, expires_at: Timestamp, now: Timestamp) -> Parcel {
        Parcel {
            carrier: self.carrier.code().to_owned(),
            tracking_number,
            issued_at: now,
            expires_at,
            contents: Vec::new(),
            scans: Vec::new(),
        }
    }
}
