//! What did not arrive.

use app::forms::Fields;
use app::messages::Occasion;
use app::ports::{Channel, DeliveriesPage, DeskError, FailedView, StaffTold};
use app::staff::AgainForm;
use domain::staff::Room;

use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::AtDeliveries;
use crate::store::FailedJob;

const PAGE: &str = "/staff/settings/deliveries";
/// On one page.
const MOST: usize = 50;
/// Letters of a name.
const LONGEST: usize = 64;

fn channel_of(code: Option<&str>) -> Option<Channel> {
    Channel::ALL.into_iter().find(|channel| Some(channel.code()) == code)
}

impl StaffDesk {
    fn at_deliveries(&self) -> Result<AtDeliveries, DeskError> {
        let access = AtDeliveries::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: Room::Deliveries.who().to_vec() })
    }

    pub(super) async fn deliveries(&self, channel: Option<&str>, before: Option<&str>) -> Result<DeliveriesPage, DeskError> {
        let access = self.at_deliveries()?;
        let kept = self.take_kept(PAGE).await?;
        let channel = channel_of(channel);
        let before = before.filter(|id| id.len() <= LONGEST);
        let counted = self.services.channels(&access).await.map_err(|error| failed(&error))?;
        let count = |channel: Channel| {
            let found = counted.iter().find(|count| count.channel == channel.code());
            let whole = |count: i64| u64::try_from(count).unwrap_or_default();
            found.map_or((channel, 0, 0), |count| (channel, whole(count.waiting), whole(count.failed)))
        };
        let code = channel.map(Channel::code);
        let mut rows = self.services.failed_deliveries(&access, code, before, MOST as i64 + 1).await.map_err(|error| failed(&error))?;
        let more = rows.len() > MOST;
        rows.truncate(MOST);
        let older = rows.last().map(|row| row.id.clone()).filter(|_| more);
        let off = self.services.webhooks_off(&access).await.map_err(|error| failed(&error))?;
        Ok(DeliveriesPage {
            rail: self.rail(kept.told).await?,
            channels: Channel::ALL.map(count).to_vec(),
            channel,
            failed: rows.into_iter().map(view).collect(),
            older,
            off,
        })
    }

    /// "Send again", of one or of all.
    pub async fn send_again(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_deliveries()?;
        let id = fields.maybe(AgainForm::ID).filter(|id| id.len() <= LONGEST);
        let channel = channel_of(fields.maybe(AgainForm::CHANNEL).as_deref()).map(Channel::code);
        let count = self.services.send_again(access, id, channel).await.map_err(|error| failed(&error))?;
        self.told(StaffTold::SentAgain { count }, PAGE).await
    }
}

fn view(job: FailedJob) -> FailedView {
    let payload: serde_json::Value = serde_json::from_str(&job.payload).unwrap_or_default();
    let text = |name: &str| payload[name].as_str().map(str::to_owned);
    let kind = text("occasion").unwrap_or_else(|| job.kind.clone());
    let occasion = Occasion::ALL.iter().copied().find(|occasion| occasion.mail_job() == kind);
    let can_again = !job.is_emptied();
    FailedView {
        channel: channel_of(job.kind.split_once('.').map(|(queue, _)| queue)).unwrap_or(Channel::Mail),
        occasion,
        named: text("type").unwrap_or(kind),
        rma: job.about.as_deref().and_then(|about| about.parse().ok()),
        tries: u64::try_from(job.tries).unwrap_or_default(),
        at: jiff::Timestamp::from_millisecond(job.at).unwrap_or_default(),
        id: job.id,
        hook: job.hook,
        why: job.why,
        can_again,
    }
}
