//! Where is my return, and what comes next?

use app::ports::{DeskError, HandIn, Noted, ReturnPage, Told};
use domain::credit_note::{CreditNote, CreditNoteNo};
use domain::money::Money;
use domain::policy::{Method, Promises, Span};
use domain::reason::Reason;
use domain::returns::{History, Return, Status, timeline};
use domain::rma::RmaNumber;

use super::Desk;
use super::show::given;
use crate::desks::{failed, gift_view};
use crate::services::Services;
use crate::store::Holder;

impl Desk {
    pub(super) async fn track(&self, rma: &str) -> Result<ReturnPage, DeskError> {
        let page = self.as_it_stands(rma).await?;
        Ok(ReturnPage { told: self.just_told(page.request.rma).await?, ..page })
    }

    /// A return as it stands, for a page that is open: what is said once is left for the page that comes next.
    pub async fn as_it_stands(&self, rma: &str) -> Result<ReturnPage, DeskError> {
        let History { request, events } = self.own_history(rma).await?;
        let shows = request.lines.iter().any(|line| !line.asked.evidence.is_empty());
        let held = if shows { self.services.evidence_held(&Holder::Return(request.rma)).await? } else { Vec::new() };
        let mut entries = timeline(&request, &events, self.services.clock.now());
        self.services.tell_repairs(&mut entries, &request).await?;
        let gifts = self.services.tell_gifts(&mut entries, request.rma).await?;
        let (zone, now) = (self.services.shop_zone(), self.services.clock.now());
        Ok(ReturnPage {
            entries,
            given: held.iter().map(given).collect(),
            label: request.has_label(),
            hand_in: self.hand_in(&request),
            tracking: request.parcel().and_then(|parcel| self.services.config.tracking_link(parcel)),
            label_expired: request.parcel().is_some_and(|parcel| parcel.expires_at < self.services.clock.now())
                && request.status() == Status::Approved,
            can_change: !request.newer && request.check_changeable().is_ok(),
            can_show: !request.newer && request.lines.iter().any(|line| request.takes_evidence(line.id)),
            appealable: if request.newer { Vec::new() } else { self.services.appealable(&request).await? },
            mistakes: self.change_mistakes(request.rma),
            can_cancel: !request.newer && request.can_cancel(),
            told: None,
            after_arrival: self.after_arrival(&request).await?,
            reasons: self.reasons_of(&request),
            account: self.services.account_asked(&request).await?,
            pays_online: !request.newer && self.services.gateway.is_some(),
            gifts: gifts.into_iter().map(|row| gift_view(row, &zone, now)).collect(),
            credit_notes: credit_notes(&self.services, &request).await?,
            request,
        })
    }

    /// What was just done to it: said once.
    async fn just_told(&self, rma: RmaNumber) -> Result<Option<Told>, DeskError> {
        let Some((_, told)) = self.visitor.session.data.told.filter(|(of, _)| *of == rma) else { return Ok(None) };
        let mut session = self.visitor.session.clone();
        session.data.told = None;
        self.kept_if_it_lives(session).await?;
        Ok(Some(told))
    }

    /// How long the money takes after the arrival, by the policy that the return follows.
    async fn after_arrival(&self, request: &Return) -> Result<Span, DeskError> {
        let mut read = self.services.store.read().await?;
        let version = request.orders.first().map_or(0, |part| part.policy_version);
        let policy = self.services.policies.version(&mut read.conn(), version).await?;
        Ok(policy.map_or_else(Promises::default, |policy| policy.promises).after_arrival())
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

    /// A credit note of a return, where it is of that.
    pub async fn credit_note(&self, rma: &str, number: &str) -> Result<CreditNote, DeskError> {
        let request = self.own_return(rma).await?;
        of_return(&self.services, &request, number).await
    }

    /// The return whose label is wanted, where there is one.
    pub async fn label(&self, rma: &str) -> Result<domain::returns::Return, DeskError> {
        let request = self.own_return(rma).await?;
        if request.has_label() { Ok(request) } else { Err(DeskError::NotFound) }
    }
}

/// Numbers of a return's credit notes, with what each is of. Before any payment nothing is read.
pub(in crate::desks) async fn credit_notes(services: &Services, request: &Return) -> Result<Vec<(CreditNoteNo, Money)>, DeskError> {
    if request.payments.is_empty() {
        return Ok(Vec::new());
    }
    let notes = services.credit_notes_of(request.rma).await.map_err(|error| failed(&error))?;
    // What takes one back is owed the other way.
    let total = |note: &CreditNote| if note.corrects.is_some() { -note.total } else { note.total };
    Ok(notes.into_iter().map(|note| (note.number, Money::new(total(&note), note.currency))).collect())
}

/// A credit note by its number, where it is of this return.
pub(in crate::desks) async fn of_return(services: &Services, request: &Return, number: &str) -> Result<CreditNote, DeskError> {
    let number: CreditNoteNo = number.parse().map_err(|()| DeskError::NotFound)?;
    let note = services.credit_note(number).await.map_err(|error| failed(&error))?;
    note.filter(|note| note.rma == request.rma).ok_or(DeskError::NotFound)
}
