//! Parcels of a return, and their labels: made at once, or wanted of a carrier.

use domain::policy::PromisedDates;
use domain::returns::{Command, Event, Parcel, Return};
use jiff::Timestamp;

use super::Services;
use crate::carriers::{Carrier, Shipment};
use crate::store::{Conn, StoreError};

impl Services {
    /// The label of a return that needs its first.
    pub(super) async fn label_due(&self, conn: &mut Conn<'_>, request: &Return, now: Timestamp) -> Result<Option<Event>, StoreError> {
        if !request.needs_label() {
            return Ok(None);
        }
        Ok(Some(match &self.carrier {
            Carrier::Own(own) => {
                let number = own.issue(conn, &shipment(request)).await?;
                Event::LabelIssued { parcel: self.parcel_of(number, request.promises.label, now), promises: None }
            }
            Carrier::Bought(_) => self.wanted(),
        }))
    }

    /// The first label of a return, where nothing has to be asked for it: its number follows from the return's, or it is bought later.
    pub(super) fn label_at_once(&self, request: &Return, now: Timestamp) -> Option<Event> {
        match &self.carrier {
            Carrier::Own(own) => {
                let number = own.number(&shipment(request))?;
                Some(Event::LabelIssued { parcel: self.parcel_of(number, request.promises.label, now), promises: None })
            }
            Carrier::Bought(_) => Some(self.wanted()),
        }
    }

    /// A label in place of the last, with what is promised from now on.
    pub(super) async fn label_anew(
        &self,
        conn: &mut Conn<'_>,
        request: &Return,
        promises: PromisedDates,
        now: Timestamp,
    ) -> Result<Command, StoreError> {
        let promised = Some(promises);
        Ok(match &self.carrier {
            Carrier::Own(own) => {
                let number = own.issue(conn, &shipment(request)).await?;
                Command::IssueLabel { parcel: self.parcel_of(number, promises.label, now), promises: promised }
            }
            Carrier::Bought(_) => Command::WantLabel { carrier: self.carrier.code().to_owned(), promises: promised },
        })
    }

    fn wanted(&self) -> Event {
        Event::LabelWanted { carrier: self.carrier.code().to_owned(), promises: None }
    }

    fn parcel_of(&self, tracking_number: String, expires_at: Timestamp, now: Timestamp) -> Parcel {
        Parcel {
            carrier: self.carrier.code().to_owned(),
            tracking_number,
            reference: None,
            file: None,
            voided: false,
            issued_at: now,
            expires_at,
            contents: Vec::new(),
            scans: Vec::new(),
        }
    }
}

/// The next parcel of a return.
pub(super) fn shipment(request: &Return) -> Shipment {
    Shipment { rma: request.rma, parcel: request.parcels.len() + 1 }
}
