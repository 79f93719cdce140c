//! How does it come back?

use app::forms::Fields;
use app::ports::{DeskError, Noted, SendPage};
use app::start_return::WayBack;
use domain::policy::{Method, local_day};
use domain::returns::Pickup;
use domain::settlement::Settlement;

use super::{Desk, Next, freight_is_free, seen, travels};
use crate::desks::failed;
use crate::services::{Assessment, Draft};

/// What comes back of an order's part before the way back is paid for, minor units.
fn before_freight(settlement: &Settlement) -> i64 {
    settlement.expected - settlement.due + settlement.freight()
}

impl Desk {
    pub(super) async fn send(&self, id: &str) -> Result<SendPage, DeskError> {
        let (mut draft, _) = self.own_draft(id).await?;
        let chosen = draft.method.take();
        let assessment = self.assess(id, &draft, false).await?;
        if !travels(&assessment) || draft.joins.is_some() {
            return Err(DeskError::Moved(format!("/return/{id}/check")));
        }
        let page = self.ways(&assessment, chosen, draft.pickup.clone());
        Ok(SendPage { draft: Some(id.to_owned()), seen: Some(draft.seen("send")), mistakes: draft.mistakes_of("send"), ..page })
    }

    pub(super) async fn other_way(&self, rma: &str) -> Result<SendPage, DeskError> {
        let request = self.own_return(rma).await?;
        let back = || DeskError::Moved(format!("/returns/{}", request.rma));
        if request.check_changeable().is_err() {
            return Err(back());
        }
        let assessment = self.services.ways_back(&request).await.map_err(|error| failed(&error))?.ok_or_else(back)?;
        let page = self.ways(&assessment, Some(request.method), request.pickup.clone());
        let from = request.from.clone().or(page.from);
        Ok(SendPage { rma: Some(request.rma), mistakes: self.change_mistakes(request.rma), from, ..page })
    }

    /// "How does it come back?"
    pub async fn choose_method(&mut self, id: &str, fields: &Fields) -> Result<Next, DeskError> {
        self.on_draft(id, move |desk, mut draft, version| async move {
            if draft.still_as("send", seen(fields).as_deref()) {
                let mistakes = desk.take_method(id, &mut draft, fields).await?;
                desk.kept(id, "send", draft, version, mistakes, "check").await
            } else {
                desk.overtaken(id, "send", draft, version, Vec::new()).await
            }
        })
        .await
    }

    pub(super) async fn take_method(&self, id: &str, draft: &mut Draft, fields: &Fields) -> Result<Vec<Noted>, DeskError> {
        draft.method = None;
        let page = self.ways(&self.assess(id, draft, false).await?, None, None);
        let (way, mistakes) = WayBack::parse(fields).among(&page);
        (draft.method, draft.pickup) = (way.method, way.pickup);
        Ok(mistakes)
    }

    /// Ways back, with the days and hours of a pickup.
    fn ways(&self, assessment: &Assessment, chosen: Option<Method>, pickup: Option<Pickup>) -> SendPage {
        let today = local_day(self.services.clock.now(), &self.services.shop_zone());
        let ahead = 1..=i64::from(self.services.config.pickup.days_ahead);
        let days = ahead.filter_map(|ahead| today.checked_add(jiff::Span::new().days(ahead)).ok()).collect();
        SendPage {
            draft: None,
            seen: None,
            rma: None,
            free: freight_is_free(assessment),
            worth: assessment.parts.iter().map(|part| before_freight(&part.settlement)).sum(),
            methods: assessment.methods.iter().map(|offered| (offered.method, offered.price)).collect(),
            chosen,
            from: assessment.parts.first().and_then(|part| part.row.order.ship_to.clone()),
            days,
            slots: self.services.config.pickup.slots.clone(),
            pickup,
            label_until: assessment.promises.label,
            mistakes: Vec::new(),
        }
    }
}
