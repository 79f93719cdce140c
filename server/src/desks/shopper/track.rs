//! Where is my return, and what comes next?

use app::ports::{DeskError, HandIn, Noted, ReturnPage};
use domain::policy::Method;
use domain::reason::Reason;
use domain::returns::{History, Return, Status, timeline};
use domain::rma::RmaNumber;
use jiff::Timestamp;

use super::Desk;
use super::show::given;
use crate::store::Holder;

impl Desk {
    pub(super) async fn track(&self, rma: &str) -> Result<ReturnPage, DeskError> {
        let History { request, events } = self.own_history(rma).await?;
        let shows = request.lines.iter().any(|line| !line.asked.evidence.is_empty());
        let held = if shows { self.services.evidence_held(&Holder::Return(request.rma)).await? } else { Vec::new() };
        Ok(ReturnPage {
            entries: timeline(&request, &events),
            given: held.iter().map(given).collect(),
            label: request.has_label(),
            hand_in: self.hand_in(&request),
            tracking: request.parcel().and_then(|parcel| self.services.config.tracking_link(parcel)),
            label_expired: request.parcel().is_some_and(|parcel| parcel.expires_at < self.services.clock.now())
                && request.status() == Status::Approved,
            can_change: !request.newer && request.check_changeable().is_ok(),
            mistakes: self.change_mistakes(request.rma),
            can_cancel: !request.newer && request.can_cancel(),
            days_to_money: days(request.promises.arrived, request.promises.refunded),
            reasons: self.reasons_of(&request),
            request,
        })
    }

    /// Where its parcel can be handed in, near where it comes from, while that is what comes next.
    fn hand_in(&self, request: &Return) -> Vec<HandIn> {
        const MOST: usize = 5;
        let next = request.method == Method::DropOff && request.status() == Status::Approved && request.danger().is_none();
        let Some(from) = request.from.as_ref().filter(|_| next) else { return Vec::new() };
        let near = self.services.points.near(from, MOST).into_iter().map(|(point, km)| HandIn {
            name: point.name.clone(),
            carrier: point.carrier.clone(),
            address: point.address.clone(),
            hours: point.hours.clone(),
            km,
            spot: point.spot.map(|spot| (spot.latitude, spot.longitude)),
        });
        near.collect()
    }

    pub(super) fn change_mistakes(&self, rma: RmaNumber) -> Vec<Noted> {
        let change = self.visitor.session.data.change.as_ref();
        change.filter(|(of, _)| *of == rma).map(|(_, mistakes)| mistakes.clone()).unwrap_or_default()
    }

    /// The reasons that a return's lines name, the finer ones where they were told.
    fn reasons_of(&self, request: &Return) -> Vec<Reason> {
        let named = |reason: &&Reason| {
            let codes = request.lines.iter().map(|line| line.asked.sub_reason.as_ref().unwrap_or(&line.asked.reason));
            codes.into_iter().any(|code| *code == reason.code)
        };
        let tree = self.services.reasons.all();
        tree.iter().chain(tree.iter().flat_map(|reason| &reason.sub_reasons)).filter(named).cloned().collect()
    }

    /// The return whose label is wanted, where there is one.
    pub async fn label(&self, rma: &str) -> Result<domain::returns::Return, DeskError> {
        let request = self.own_return(rma).await?;
        if request.has_label() { Ok(request) } else { Err(DeskError::NotFound) }
    }
}

fn days(from: Timestamp, to: Timestamp) -> i64 {
    let seconds = to.as_second() - from.as_second();
    (seconds + 86_399) / 86_400
}
