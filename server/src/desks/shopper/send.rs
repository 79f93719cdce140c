//! How does it come back?

use app::forms::Fields;
use app::ports::{DeskError, Noted, SendPage};
use app::start_return::WayBack;
use domain::order::Address;
use domain::policy::Method;
use domain::returns::{Pickup, Return};
use domain::rma::RmaNumber;
use domain::settlement::Settlement;

use super::{Desk, Next, freight_is_free, seen, travels};
use crate::desks::failed;
use crate::services::{Assessment, Calls, Draft};

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
        let page = self.ways(&assessment, chosen, draft.pickup.clone(), None).await?;
        Ok(SendPage { draft: Some(id.to_owned()), seen: Some(draft.seen("send")), mistakes: draft.mistakes_of("send"), ..page })
    }

    pub(super) async fn other_way(&self, rma: &str) -> Result<SendPage, DeskError> {
        self.way_from(rma, false).await
    }

    /// `typed`: from the door that was typed last, also where nobody calls there.
    async fn way_from(&self, rma: &str, typed: bool) -> Result<SendPage, DeskError> {
        let request = self.own_return(rma).await?;
        let back = || DeskError::Moved(format!("/returns/{}", request.rma));
        if request.check_changeable().is_err() {
            return Err(back());
        }
        let assessment = self.services.ways_back(&request).await.map_err(|error| failed(&error))?.ok_or_else(back)?;
        // A door that was typed waits for a time.
        let request = Return { from: self.typed_door(request.rma, typed).or(request.from.clone()), ..request };
        let page = self.ways(&assessment, Some(request.method), request.pickup.clone(), Some(&request)).await?;
        let from = request.from.clone().or(page.from);
        Ok(SendPage { rma: Some(request.rma), mistakes: self.change_mistakes(request.rma), from, ..page })
    }

    /// As [`Desk::other_way`], of what is collected: elsewhere.
    pub(super) async fn other_door(&self, rma: &str) -> Result<SendPage, DeskError> {
        let page = self.way_from(rma, true).await?;
        match page.chosen {
            Some(Method::Pickup) => Ok(page),
            _ => Err(DeskError::Moved(format!("/returns/{rma}/method"))),
        }
    }

    /// The door that was typed for it and waits for a time; `all`: or that cannot be.
    pub(super) fn typed_door(&self, rma: RmaNumber, all: bool) -> Option<Address> {
        let door = self.visitor.session.data.door.as_ref();
        door.filter(|(of, _, waits)| *of == rma && (all || *waits)).map(|(_, from, _)| from.clone())
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
        let page = self.ways(&self.assess(id, draft, false).await?, None, None, None).await?;
        let (way, mistakes) = WayBack::parse(fields).among(&page);
        (draft.method, draft.pickup) = (way.method, way.pickup);
        Ok(mistakes)
    }

    /// Ways back, with the days and hours of a pickup; of a return that is changed, from where that is.
    async fn ways(
        &self,
        assessment: &Assessment,
        chosen: Option<Method>,
        pickup: Option<Pickup>,
        changed: Option<&Return>,
    ) -> Result<SendPage, DeskError> {
        let ordered = assessment.parts.first().and_then(|part| part.row.order.ship_to.clone());
        let from = changed.and_then(|request| request.from.clone()).or_else(|| ordered.clone());
        let offered = assessment.methods.iter().any(|offered| offered.method == Method::Pickup);
        let calls = match offered {
            true => self.services.pickup_calls(from.as_ref(), changed.map(|request| request.rma)).await.map_err(|error| failed(&error))?,
            false => Calls::default(),
        };
        let here = |method: Method| method != Method::Pickup || !calls.nowhere;
        Ok(SendPage {
            draft: None,
            seen: None,
            rma: None,
            free: freight_is_free(assessment),
            worth: assessment.parts.iter().map(|part| before_freight(&part.settlement)).sum(),
            methods: assessment
                .methods
                .iter()
                .filter(|offered| here(offered.method))
                .map(|offered| (offered.method, offered.price))
                .collect(),
            chosen,
            from: ordered,
            days: calls.days,
            slots: calls.slots,
            full: calls.full,
            nowhere: calls.nowhere,
            pickup,
            label_until: assessment.promises.label,
            mistakes: Vec::new(),
        })
    }
}
