//! A courier's round: nobody but who was given its link is let in, to its doors alone, and to nothing else (C48).

use app::courier::StopForm;
use app::ports::{DeskError, RoundPage};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::Desk;
use crate::desks::{door_view, failed};
use crate::services::{AtRound, ChangeError, RoundOver};
use crate::store::StoreError;

impl Desk {
    async fn at_round(&self, link: &str) -> Result<AtRound, DeskError> {
        let found = AtRound::of_link(&self.services, link).await.map_err(|error| failed(&error))?;
        found.map_err(|over| match over {
            RoundOver::Unknown => DeskError::NotFound,
            RoundOver::Over => DeskError::Gone,
        })
    }

    pub(super) async fn round(&self, link: &str) -> Result<RoundPage, DeskError> {
        let at = self.at_round(link).await?;
        let stops = self.services.stops(&at).await.map_err(|error| failed(&error))?;
        let areas = self.services.pickup_areas().await.map_err(|error| failed(&error))?;
        let called = |id: &str| areas.iter().find(|area| area.id.as_str() == id).map_or_else(|| id.to_owned(), |area| area.name.clone());
        Ok(RoundPage {
            link: link.to_owned(),
            area: called(at.area()),
            day: at.day(),
            can_say: self.services.has_come(&at),
            until: Timestamp::from_millisecond(at.until()).unwrap_or(Timestamp::MAX),
            stops: stops.into_iter().map(|door| door_view(door, called)).collect(),
        })
    }

    /// "Collected", "Nobody at home". False: the door is not on the round any more.
    pub async fn say_at_door(&self, link: &str, rma: &str, form: &StopForm) -> Result<bool, DeskError> {
        let at = self.at_round(link).await?;
        let (Ok(rma), Some(what)) = (rma.parse::<RmaNumber>(), form.what) else { return Ok(false) };
        match self.services.say_at_door(&at, rma, what, form.note.clone(), form.when).await {
            Ok(done) => Ok(done),
            Err(ChangeError::Refused(_)) => Ok(false),
            Err(ChangeError::Store(StoreError::Newer)) => Err(DeskError::Updating),
            Err(error) => Err(failed(&error)),
        }
    }
}
