//! What can be done with a return now.

use super::command::CommandKind;
use super::grant::{GrantCause, PaymentState};
use super::lot::{Authorization, Lot};
use super::moves::{Move, Step};
use super::offer::{Offer, OfferState};
use super::refused::CommandRefused;
use super::request::Return;
use super::talk::MOST_UNANSWERED;

impl Return {
    /// Whether items, the way back, the label or evidence can still be changed: everything live is with the customer.
    pub fn check_changeable(&self) -> Result<(), CommandRefused> {
        if self.is_changeable() { Ok(()) } else { Err(self.refused(CommandKind::SwitchMethod)) }
    }

    pub(super) fn is_changeable(&self) -> bool {
        let live = || self.lots().filter(|(line, lot)| self.ended(line, lot).is_none());
        self.outbound.is_none() && live().next().is_some() && live().all(|(_, lot)| self.step(lot, Move::Change) == Step::Already)
    }

    /// Whether it can still be called off.
    pub fn can_cancel(&self) -> bool {
        self.moved(CommandKind::Cancel, &None, Move::Cancel).is_ok_and(|lots| !lots.is_empty())
    }

    /// What could be done now, by somebody.
    pub fn possible(&self) -> Vec<CommandKind> {
        CommandKind::TABLE.iter().map(|row| row.kind).filter(|kind| self.is_possible(*kind)).collect()
    }

    pub(super) fn is_possible(&self, kind: CommandKind) -> bool {
        let moves = |wanted: &dyn Fn(Move) -> bool| {
            self.lots().any(|(_, lot)| Move::all().filter(|to_do| wanted(*to_do)).any(|to_do| matches!(self.step(lot, to_do), Step::To(_))))
        };
        let payment = |states: &[PaymentState]| self.payments.iter().any(|payment| states.contains(&payment.state));
        match kind {
            // What is on its way out is answered as what became of it.
            CommandKind::Approve | CommandKind::SendToReview | CommandKind::Decline if self.outbound.is_some() => false,
            CommandKind::Approve => moves(&|to_do| to_do == Move::Approve),
            CommandKind::SendToReview => moves(&|to_do| to_do == Move::SendToReview),
            CommandKind::Decline => moves(&|to_do| to_do == Move::Decline),
            CommandKind::AskEvidence => self.lots().any(|(_, lot)| lot.state.authorization == Authorization::InReview),
            CommandKind::Cancel => moves(&|to_do| to_do == Move::Cancel),
            CommandKind::Lapse => moves(&|to_do| to_do == Move::Lapse),
            CommandKind::AddLines | CommandKind::SwitchMethod => self.is_changeable(),
            CommandKind::AddEvidence => self.lines.iter().any(|line| self.takes_evidence(line.id)),
            CommandKind::IssueLabel => self.is_changeable() || self.wanted.is_some(),
            CommandKind::WantLabel => self.awaits_parcel() && self.wanted.as_ref().is_none_or(|wanted| wanted.refused.is_some()),
            CommandKind::RefuseLabel => self.wanted.as_ref().is_some_and(|wanted| wanted.refused.is_none()),
            CommandKind::VoidLabel => self.parcels.iter().any(|parcel| parcel.reference.is_some() && !parcel.voided),
            CommandKind::Settle | CommandKind::Flag => !self.status().is_end(),
            CommandKind::Scan => !self.parcels.is_empty() && moves(&|to_do| matches!(to_do, Move::Ship | Move::Lose)),
            CommandKind::Receive => moves(&|to_do| matches!(to_do, Move::Receive | Move::ReceiveShort | Move::ReceiveWrong)),
            CommandKind::Inspect => moves(&|to_do| matches!(to_do, Move::Accept | Move::Downgrade | Move::Reject)),
            CommandKind::Dispose => moves(&|to_do| matches!(to_do, Move::Dispose(_))),
            CommandKind::SendBack => moves(&|to_do| to_do == Move::SendBack),
            CommandKind::Offer => self.lots().any(|(line, lot)| self.can_offer(line, lot)),
            CommandKind::AnswerOffer => self.offers.iter().any(Offer::is_open),
            CommandKind::LapseOffer => !self.withdrawal && self.offers.iter().any(|offer| offer.state == OfferState::Made),
            CommandKind::Grant => {
                self.lots().any(|(line, lot)| GrantCause::ALL.iter().any(|cause| self.can_grant(line, lot, *cause).is_some()))
            }
            CommandKind::Hold => self.grants.iter().any(|grant| self.can_hold(grant.id)),
            CommandKind::Release => !self.holds.is_empty(),
            CommandKind::Pay => self.grants.iter().any(|grant| self.left_of(grant.id) > 0 && self.held(grant.id).is_none()),
            CommandKind::ConfirmPayment => {
                payment(&[PaymentState::Pending])
                    || self
                        .payments
                        .iter()
                        .any(|payment| payment.state == PaymentState::Failed && self.left_of(payment.grant) >= payment.amount)
            }
            CommandKind::FailPayment => payment(&[PaymentState::Pending]),
            CommandKind::ReversePayment => payment(&[PaymentState::Paid]),
            CommandKind::OweRemedy => self.lots().any(|(line, lot)| self.can_owe(line, lot)),
            CommandKind::MoveRemedy => self.remedies.iter().any(|remedy| remedy.state.is_open()),
            CommandKind::Collect => !self.collectable().is_empty(),
            CommandKind::Waive => !self.given_ahead(false).is_empty(),
            CommandKind::Note | CommandKind::Write => true,
            // The return does not know who did what, and whether it took effect.
            CommandKind::TakeBack => false,
            CommandKind::Answer => self.talk.unanswered < MOST_UNANSWERED,
            CommandKind::SettleTalk => self.talk.unanswered > 0,
            CommandKind::Rate => self.is_rateable(),
            CommandKind::Extend => self.can_extend(),
            CommandKind::PursueOutbound => self.can_pursue_outbound(),
            CommandKind::AnswerOutbound => self.can_answer_outbound(),
            CommandKind::Appeal => self.lots().any(|(_, lot)| lot.state.authorization == Authorization::Declined),
        }
    }

    pub(super) fn refused(&self, command: CommandKind) -> CommandRefused {
        CommandRefused { command, status: self.status(), possible: self.possible() }
    }

    pub(super) fn step(&self, lot: &Lot, to_do: Move) -> Step {
        lot.state.step(to_do, self.standing(lot.id))
    }
}
