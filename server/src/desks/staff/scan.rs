//! What was scanned, and where it leads.

use app::ports::{DeskError, ScanAsked, ScanPage};
use app::staff::{PARCEL_CODE, SCANNED, STOPPED};
use domain::scanned::forms;
use domain::staff::Room;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::StaffDesk;
use super::coming::listed;
use crate::desks::failed;
use crate::services::Head;

impl StaffDesk {
    /// The one return that a code is of (the only one, or the only one that has not ended) is opened; of several, one is chosen.
    pub(super) async fn scan(&self, asked: ScanAsked) -> Result<ScanPage, DeskError> {
        let found = match asked.code.trim() {
            "" => Vec::new(),
            code => self.services.identify(&self.at_work()?, code).await.map_err(|error| failed(&error))?.returns,
        };
        let place = if asked.at_dock { "/staff/dock" } else { "/staff/returns" };
        let open: Vec<&Head> = found.iter().filter(|head| !head.status.is_end()).collect();
        match (open.as_slice(), found.as_slice()) {
            ([one], _) => return Err(DeskError::Moved(format!("{place}/{}#{SCANNED}", one.rma))),
            (_, [one]) => return Err(DeskError::Moved(format!("{place}/{}#{STOPPED}", one.rma))),
            _ => {}
        }
        let kept = self.take_kept("/staff/scan").await?;
        let rail = self.rail(kept.told).await?;
        let nothing = found.is_empty() && Room::Parcels.is_for(rail.roles.iter());
        let code = forms(&asked.code).into_iter().next().filter(|code| nothing && !code.is_empty());
        let shelve = code.map(|code| format!("/staff/parcels?{PARCEL_CODE}={}", utf8_percent_encode(&code, NON_ALPHANUMERIC)));
        Ok(ScanPage { rail, shelve, code: asked.code, at_dock: asked.at_dock, found: found.into_iter().map(listed).collect() })
    }
}
