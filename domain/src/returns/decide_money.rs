//! Guards of offers, grants, payments and items owed: never twice, never more than there is.

use jiff::Timestamp;

use super::command::CommandKind;
use super::event::Event;
use super::grant::{Grant, GrantCause, PaidTo, Payment, PaymentState};
use super::inspection::Inspection;
use super::line::ReturnLine;
use super::lot::{Authorization, Disposition, Lot, Reception};
use super::moves::{Move, Step};
use super::number::{GrantNo, LotNo, OfferNo, PaymentNo, RemedyNo};
use super::offer::{OfferAnswer, OfferState};
use super::refused::{Facts, Refused, check_amount, said, unknown};
use super::remedy::{Remedy, RemedyKind, RemedyState};
use super::request::Return;
use crate::ids::OrderNumber;
use crate::money::Currency;
use crate::policy::Resolution;

impl Return {
    pub(super) fn check_lots(
        &self,
        kind: CommandKind,
        order: &OrderNumber,
        currency: Currency,
        lots: &[LotNo],
        may: impl Fn(&ReturnLine, &Lot) -> bool,
    ) -> Result<(), Refused> {
        let part = self.orders.iter().find(|part| part.number == *order).ok_or_else(|| unknown("order", order))?;
        if part.settlement.currency != currency {
            return Err(Refused::Senseless("an order's money has the order's currency"));
        }
        if lots.is_empty() || lots.iter().enumerate().any(|(place, lot)| lots[..place].contains(lot)) {
            return Err(Refused::Senseless("lots are named, and each once"));
        }
        for id in lots {
            let (line, lot) = self.lot(*id).ok_or_else(|| unknown("lot", id))?;
            if line.asked.order != *order {
                return Err(Refused::Senseless("money is for lots of one order"));
            }
            if !may(line, lot) {
                return Err(self.refused(kind).into());
            }
        }
        Ok(())
    }

    /// Looked at, and nothing is settled of it.
    pub(super) fn can_offer(&self, line: &ReturnLine, lot: &Lot) -> bool {
        let less = matches!(lot.state.inspection, Inspection::Downgraded | Inspection::Rejected);
        let looked_at = less && lot.state.authorization == Authorization::Approved;
        let going_back = matches!(lot.state.disposition, Disposition::SendBack | Disposition::SentBack);
        looked_at && !going_back && line.asked.resolution.pays() && !self.standing(lot.id).settled
    }

    pub(super) fn answer_offer(&self, id: OfferNo, answer: &OfferAnswer) -> Result<Vec<Event>, Refused> {
        let offer = self.offers.iter().find(|offer| offer.id == id).ok_or_else(|| unknown("offer", id))?;
        if let OfferAnswer::Appeal(words) = answer {
            said(words)?;
        }
        match (&offer.state, answer) {
            (OfferState::Accepted, OfferAnswer::Accept) | (OfferState::SendBack, OfferAnswer::SendBack) => return Ok(Vec::new()),
            (OfferState::Appealed { words }, OfferAnswer::Appeal(again)) if words == again => return Ok(Vec::new()),
            (OfferState::Made, OfferAnswer::SendBack) => {
                // Who withdraws is paid, not sent the goods; and what is partly paid stays.
                let goes = |id: &LotNo| {
                    self.lot(*id).is_some_and(|(_, lot)| self.step(lot, Move::Dispose(Disposition::SendBack)) != Step::Refused)
                };
                if self.withdrawal || !offer.lots.iter().all(goes) {
                    return Err(self.refused(CommandKind::AnswerOffer).into());
                }
            }
            (OfferState::Made, _) => {}
            // After an appeal a person may still be told yes.
            (OfferState::Appealed { .. }, OfferAnswer::Accept) => {}
            _ => return Err(self.refused(CommandKind::AnswerOffer).into()),
        }
        Ok(vec![Event::OfferAnswered { offer: id, answer: answer.clone() }])
    }

    /// Whether money can be granted for a lot; `Some(false)`: it was, for that cause.
    pub(super) fn can_grant(&self, line: &ReturnLine, lot: &Lot, cause: GrantCause) -> Option<bool> {
        if self.grants_of(lot.id).any(|grant| grant.cause == cause) {
            return Some(false);
        }
        // Whatever becomes of the goods.
        if cause == GrantCause::PaidBack {
            return self.was_paid_for_nothing(lot.id).then_some(true);
        }
        let approved = lot.state.authorization == Authorization::Approved;
        let settled = self.grants_of(lot.id).any(|grant| grant.cause.settles());
        let stays = !matches!(lot.state.disposition, Disposition::SendBack | Disposition::SentBack);
        let sound = matches!(lot.state.inspection, Inspection::Accepted | Inspection::Downgraded) && stays;
        // What the shop kept it pays for, whatever was found.
        let kept = stays && !matches!(lot.state.disposition, Disposition::None | Disposition::Quarantine);
        let done = sound || kept || lot.state.reception == Reception::Lost || !line.asked.sends_back();
        // Money is for who asked for money, or in place of what cannot come; an exchange for less has a rest.
        let pays = line.asked.resolution.pays()
            || line.asked.resolution == Resolution::Exchange
            || (self.remedy_of(lot.id).is_none() && self.was_called_off(lot.id, |_| true));
        let offer = self.open_offer(lot.id);
        // What was rejected and is neither sent back nor taken by the customer for what it is worth may be offered something all the same.
        let agreed = self
            .offers
            .iter()
            .any(|offer| offer.lots.contains(&lot.id) && matches!(offer.state, OfferState::Accepted | OfferState::Lapsed))
            && stays;
        let may = approved
            && match cause {
                GrantCause::Settled => stays && (done || agreed) && pays && !settled && offer.is_none(),
                GrantCause::Early => {
                    let on_its_way = matches!(lot.state.reception, Reception::Awaiting | Reception::InTransit);
                    on_its_way && line.asked.resolution.pays() && !settled
                }
                GrantCause::Undisputed => self.withdrawal && offer.is_some() && !settled,
                GrantCause::PaidBack => false,
                GrantCause::Appeal => settled && self.offers.iter().any(|offer| offer.lots.contains(&lot.id)),
            };
        may.then_some(true)
    }

    pub(super) fn grant(&self, grant: Grant, facts: &Facts) -> Result<Vec<Event>, Refused> {
        let (kind, cause) = (CommandKind::Grant, grant.cause);
        self.check_lots(kind, &grant.order, grant.currency, &grant.lots, |line, lot| self.can_grant(line, lot, cause).is_some())?;
        let fresh = |id: &&LotNo| self.lot(**id).is_some_and(|(line, lot)| self.can_grant(line, lot, cause) == Some(true));
        match grant.lots.iter().filter(fresh).count() {
            0 => return Ok(Vec::new()),
            count if count < grant.lots.len() => return Err(self.refused(kind).into()),
            _ => {}
        }
        let sum: i128 = grant.receipt.iter().map(|row| i128::from(row.amount)).sum();
        if sum != i128::from(grant.amount) {
            return Err(Refused::Senseless("a grant's receipt adds up to it"));
        }
        check_amount(grant.currency, grant.amount, 0, facts.room(&grant.order))?;
        Ok(vec![Event::Granted { grant }])
    }

    /// What of a grant has not left and is not on its way.
    pub(super) fn left_of(&self, id: GrantNo) -> i64 {
        self.grants.iter().find(|grant| grant.id == id).map_or(0, |grant| grant.amount - self.sent_of(id))
    }

    pub(super) fn grant_of(&self, id: GrantNo) -> Result<&Grant, Refused> {
        self.grants.iter().find(|grant| grant.id == id).ok_or_else(|| unknown("grant", id))
    }

    pub(super) fn payment(&self, id: PaymentNo) -> Result<&Payment, Refused> {
        self.payments.iter().find(|payment| payment.id == id).ok_or_else(|| unknown("payment", id))
    }

    pub(super) fn pay(
        &self,
        id: GrantNo,
        to: &PaidTo,
        amount: i64,
        reference: Option<&String>,
        facts: &Facts,
    ) -> Result<Vec<Event>, Refused> {
        let grant = self.grant_of(id)?;
        let left = self.left_of(id);
        if left <= 0 {
            // Paid, or on its way: pressing twice pays once.
            return Ok(Vec::new());
        }
        if let Some(hold) = self.held(id) {
            return Err(Refused::Held { grant: id, ground: hold.ground });
        }
        check_amount(grant.currency, amount, 1, left)?;
        let payment = Payment {
            id: PaymentNo::after(self.payments.len()),
            grant: id,
            at: facts.now,
            to: to.clone(),
            amount,
            state: PaymentState::Pending,
            reference: reference.cloned(),
        };
        Ok(vec![Event::PaymentStarted { payment }])
    }

    /// Whether an item can be owed for a lot instead of money.
    pub(super) fn can_owe(&self, line: &ReturnLine, lot: &Lot) -> bool {
        let stays = !matches!(lot.state.disposition, Disposition::SendBack | Disposition::SentBack);
        let found = match lot.state.inspection {
            Inspection::Accepted => true,
            Inspection::Downgraded => self.open_offer(lot.id).is_none(),
            // At once, where policy says so: what goes out is not what comes back.
            Inspection::Pending => remedy_kind(line.asked.resolution) != Some(RemedyKind::Repair),
            Inspection::Rejected => false,
        };
        let approved = lot.state.authorization == Authorization::Approved && lot.state.reception != Reception::WrongItem;
        approved && found && stays && self.comes_as(line, lot).is_some() && !self.standing(lot.id).settled
    }

    /// Whether a remedy of such a kind was owed for a lot, and called off.
    pub(super) fn was_called_off(&self, lot: LotNo, kind: impl Fn(RemedyKind) -> bool) -> bool {
        self.remedies.iter().any(|remedy| remedy.lots.contains(&lot) && remedy.state == RemedyState::CalledOff && kind(remedy.kind))
    }

    /// The remedy that can be owed for a lot: what was asked for; in the place of a repair that failed the same new.
    fn comes_as(&self, line: &ReturnLine, lot: &Lot) -> Option<RemedyKind> {
        let failed = self.was_called_off(lot.id, |kind| kind == RemedyKind::Repair);
        remedy_kind(line.asked.resolution).map(|kind| if failed { RemedyKind::Replacement } else { kind })
    }

    pub(super) fn owe_remedy(&self, lots: &[LotNo], now: Timestamp) -> Result<Vec<Event>, Refused> {
        let kind = CommandKind::OweRemedy;
        let held: Vec<(&ReturnLine, &Lot)> =
            lots.iter().map(|id| self.lot(*id).ok_or_else(|| unknown("lot", id))).collect::<Result<_, _>>()?;
        let Some((line, _)) = held.first().copied() else { return Err(Refused::Senseless("lots are named")) };
        if held.iter().any(|(other, _)| other.id != line.id) {
            return Err(Refused::Senseless("a remedy is for lots of one line"));
        }
        if held.iter().all(|(_, lot)| self.remedy_of(lot.id).is_some()) {
            return Ok(Vec::new());
        }
        let what: Vec<RemedyKind> = held.iter().filter_map(|(line, lot)| self.comes_as(line, lot)).collect();
        let Some(&what) =
            what.first().filter(|first| what.iter().all(|kind| kind == *first) && held.iter().all(|(line, lot)| self.can_owe(line, lot)))
        else {
            return Err(self.refused(kind).into());
        };
        let remedy = Remedy {
            id: RemedyNo::after(self.remedies.len()),
            at: now,
            lots: lots.to_vec(),
            kind: what,
            sku: line.asked.exchange_sku.clone(),
            state: RemedyState::Due,
            reference: None,
            shipped_at: None,
            delivered_at: None,
        };
        Ok(vec![Event::RemedyDue { remedy }])
    }
}

fn remedy_kind(resolution: Resolution) -> Option<RemedyKind> {
    match resolution {
        Resolution::Exchange => Some(RemedyKind::Exchange),
        Resolution::Replacement => Some(RemedyKind::Replacement),
        Resolution::Repair => Some(RemedyKind::Repair),
        Resolution::Refund | Resolution::StoreCredit | Resolution::KeepRefund => None,
    }
}
