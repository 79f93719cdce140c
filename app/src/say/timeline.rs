//! What happened to a return, in words.

use domain::money::Money;
use domain::policy::Method;
use domain::returns::{Because, CollectedFor, CommandKind, Moment, OutboundKind, OutboundOutcome, RemedyKind};

use super::Say;

impl Say {
    /// A moment of a timeline.
    #[must_use]
    pub fn moment(&self, moment: &Moment) -> String {
        let m = self.m;
        match moment {
            Moment::Requested { by: Some(by), .. } => m.moment_requested_by(by),
            Moment::Requested { at_once: true, by: None } => m.moment_requested_at_once().into(),
            Moment::Requested { at_once: false, by: None } => m.moment_requested().into(),
            Moment::Approved => m.moment_approved().into(),
            Moment::Declined { lines, reason } => {
                let declined = m.moment_declined_some(*lines as u64);
                reason.as_ref().map_or_else(|| declined.clone(), |reason| m.format_pair(&declined, reason))
            }
            Moment::Decision => m.moment_decision().into(),
            Moment::Added { names } => m.moment_added(m.list(names)),
            Moment::MethodChanged { method, pickup } => {
                let when = pickup.as_ref().map(|pickup| format!(" {} {}", self.f.date(pickup.date), self.slot(&pickup.slot)));
                m.moment_method_changed(format!("{}{}", self.method(*method), when.unwrap_or_default()))
            }
            Moment::EvidenceAdded { files } => m.moment_evidence_added(*files as u64),
            Moment::Label { .. } => m.moment_label().into(),
            Moment::LabelWanted => m.moment_label_wanted().into(),
            Moment::LabelRefused => m.moment_label_refused().into(),
            Moment::LabelVoided { .. } => m.moment_label_voided().into(),
            Moment::Send { method: Method::Pickup, pickup: Some(pickup) } => {
                m.moment_send_pickup_when(self.f.date(pickup.date), self.slot(&pickup.slot))
            }
            Moment::Send { method, .. } => match method {
                Method::Pickup => m.moment_send_pickup(),
                Method::DropOff => m.moment_send_drop_off(),
                Method::Counter => m.moment_send_counter(),
                Method::Arranged => m.moment_send_arranged(),
                Method::SelfShip | Method::None => m.moment_send_self_ship(),
            }
            .into(),
            Moment::Checked => m.moment_checked().into(),
            Moment::Refund { amounts, credit } => {
                let sums: Vec<String> = amounts.iter().map(|(currency, minor)| self.f.money(Money::new(*minor, *currency))).collect();
                match (sums.is_empty(), credit) {
                    (true, _) => m.moment_refund_plain().into(),
                    (false, true) => m.moment_refund_credit(m.list(&sums)),
                    (false, false) => m.moment_refund(m.list(&sums)),
                }
            }
            Moment::Due { amounts } => {
                let sums: Vec<String> = amounts.iter().map(|amount| self.minor(*amount)).collect();
                m.moment_due(m.list(&sums))
            }
            Moment::ExchangeSent => m.moment_exchange_sent().into(),
            Moment::RepairSent => m.repair_moment_sent().into(),
            Moment::InWorkshop => m.repair_moment_workshop().into(),
            Moment::RepairBegun => m.repair_moment_begun().into(),
            Moment::RepairAwaitsParts => m.repair_moment_parts().into(),
            // Nothing of it is decided.
            Moment::ExpectedChanged { amount: Some(amount), because: Because::ItemsAppealed } if amount.1 >= 0 => {
                m.moment_expected_if(self.minor(*amount))
            }
            Moment::ExpectedChanged { amount, because } => {
                let because = self.because(*because);
                match amount {
                    Some((currency, minor)) if *minor < 0 => m.moment_expected_due(self.f.money(Money::new(-minor, *currency)), because),
                    Some((currency, minor)) => m.moment_expected_changed(self.f.money(Money::new(*minor, *currency)), because),
                    None => because.to_owned(),
                }
            }
            Moment::Flagged { .. } => m.moment_flagged().into(),
            Moment::Cancelled { names, .. } if !names.is_empty() => m.moment_cancelled_some(m.list(names)),
            Moment::Cancelled { .. } => m.moment_cancelled().into(),
            Moment::EvidenceAsked { note } => m.moment_evidence_asked(note),
            Moment::Lapsed => m.moment_lapsed().into(),
            Moment::OnItsWay => m.moment_on_its_way().into(),
            Moment::Delivered => m.moment_delivered().into(),
            Moment::Lost => m.moment_lost().into(),
            Moment::Received { complete: true, beside: false } => m.moment_received().into(),
            Moment::Received { complete: false, beside: false } => m.moment_received_partly().into(),
            Moment::Received { complete: true, beside: true } => m.moment_received_beside().into(),
            Moment::Received { complete: false, beside: true } => m.moment_received_partly_beside().into(),
            Moment::CameBeside => m.moment_came_beside().into(),
            Moment::Inspected { as_said: true } => m.moment_inspected().into(),
            Moment::Inspected { as_said: false } => m.moment_inspected_otherwise().into(),
            Moment::Offered { amount, until } => m.moment_offered(self.minor(*amount), self.f.by(*until)),
            Moment::OfferAccepted => m.moment_offer_accepted().into(),
            Moment::OfferAppealed => m.moment_offer_appealed().into(),
            Moment::OfferSendBack => m.moment_offer_send_back().into(),
            Moment::OfferLapsed => m.moment_offer_lapsed().into(),
            Moment::SentBack => m.moment_sent_back().into(),
            Moment::Granted { amount } => m.moment_granted(self.minor(*amount)),
            Moment::Paid { amount, credit: false } => m.moment_paid(self.minor(*amount)),
            Moment::Paid { amount, credit: true } => m.moment_paid_credit(self.minor(*amount)),
            Moment::PaymentFailed => m.moment_payment_failed().into(),
            Moment::RemedySent { remedy } => match remedy {
                RemedyKind::Exchange => m.moment_exchange_sent_now(),
                RemedyKind::Replacement => m.moment_replacement_sent(),
                RemedyKind::Repair => m.moment_repair_sent(),
            }
            .into(),
            Moment::RemedyDelivered { remedy } => match remedy {
                RemedyKind::Exchange => m.moment_exchange_arrived(),
                RemedyKind::Replacement => m.moment_replacement_arrived(),
                RemedyKind::Repair => m.moment_repair_arrived(),
            }
            .into(),
            Moment::ShopWrote { .. } => m.moment_shop_wrote().into(),
            Moment::Show => m.moment_show().into(),
            Moment::OutboundOpened { kind, .. } => match kind {
                OutboundKind::Cancel => m.outbound_began_cancel(),
                OutboundKind::Intercept => m.outbound_began_intercept(),
                OutboundKind::Refused => m.outbound_began_refused(),
                OutboundKind::NotReceived => m.outbound_began_not_received(),
            }
            .into(),
            Moment::OutboundPursued { until } => m.outbound_pursued(self.f.by(*until)),
            Moment::OutboundAnswered { outcome, .. } => match outcome {
                OutboundOutcome::Stopped => m.outbound_was_stopped(),
                OutboundOutcome::TooLate => m.outbound_was_too_late(),
                OutboundOutcome::ComingBack => m.outbound_was_coming_back(),
                OutboundOutcome::Delivered => m.outbound_was_delivered(),
                OutboundOutcome::Lost => m.outbound_was_lost(),
            }
            .into(),
            Moment::Compensated { gift, fault } => m.moment_compensated(self.gift_fault(*fault), self.gift(gift)),
            Moment::CompensationEnded { gift, how } => m.format_pair(self.gift(gift), self.gift_state(*how)),
            Moment::Collected { amount, cause: CollectedFor::Due } => m.moment_collected_due(self.minor(*amount)),
            Moment::Collected { amount, cause: CollectedFor::Back } => m.moment_collected_back(self.minor(*amount)),
            Moment::Waived => m.moment_waived().into(),
            Moment::TakenBack => m.moment_taken_back().into(),
            Moment::Extended { until, .. } => m.moment_extended(self.f.date(*until)),
            Moment::Appealed { .. } => m.moment_appealed().into(),
            Moment::CustomerWrote { .. } => m.moment_customer_wrote().into(),
            Moment::FeedbackGiven { stars, .. } => m.moment_feedback(self.stars(*stars)),
            Moment::RemedyCalledOff { remedy } => match remedy {
                RemedyKind::Exchange => m.moment_exchange_off(),
                RemedyKind::Replacement => m.moment_replacement_off(),
                RemedyKind::Repair => m.moment_repair_off(),
            }
            .into(),
        }
    }

    /// What a command does, as on a button.
    #[must_use]
    pub fn command(&self, command: CommandKind) -> &'static str {
        let m = self.m;
        match command {
            CommandKind::Approve => m.command_approve(),
            CommandKind::SendToReview => m.command_send_to_review(),
            CommandKind::Decline => m.command_decline(),
            CommandKind::AskEvidence => m.command_ask_evidence(),
            CommandKind::Cancel => m.command_cancel(),
            CommandKind::Lapse => m.command_lapse(),
            CommandKind::AddLines => m.command_add_lines(),
            CommandKind::SwitchMethod => m.command_switch_method(),
            CommandKind::AddEvidence => m.command_add_evidence(),
            CommandKind::IssueLabel => m.command_issue_label(),
            CommandKind::WantLabel => m.command_want_label(),
            CommandKind::RefuseLabel => m.command_refuse_label(),
            CommandKind::VoidLabel => m.command_void_label(),
            CommandKind::Settle => m.command_settle(),
            CommandKind::Flag => m.command_flag(),
            CommandKind::Scan => m.command_scan(),
            CommandKind::Receive => m.command_receive(),
            CommandKind::Inspect => m.command_inspect(),
            CommandKind::Dispose => m.command_dispose(),
            CommandKind::SendBack => m.command_send_back(),
            CommandKind::Offer => m.command_offer(),
            CommandKind::AnswerOffer => m.command_answer_offer(),
            CommandKind::LapseOffer => m.command_lapse_offer(),
            CommandKind::Grant => m.command_grant(),
            CommandKind::Hold => m.command_hold(),
            CommandKind::Release => m.command_release(),
            CommandKind::Pay => m.command_pay(),
            CommandKind::ConfirmPayment => m.command_confirm_payment(),
            CommandKind::FailPayment => m.command_fail_payment(),
            CommandKind::ReversePayment => m.command_reverse_payment(),
            CommandKind::OweRemedy => m.command_owe_remedy(),
            CommandKind::MoveRemedy => m.command_move_remedy(),
            CommandKind::Collect => m.command_collect(),
            CommandKind::Waive => m.command_waive(),
            CommandKind::Note => m.command_note(),
            CommandKind::Write => m.command_write(),
            CommandKind::Answer => m.command_answer(),
            CommandKind::SettleTalk => m.command_settle_talk(),
            CommandKind::Rate => m.command_rate(),
            CommandKind::Appeal => m.command_appeal(),
            CommandKind::Extend => m.command_extend(),
            CommandKind::PursueOutbound => m.command_pursue_outbound(),
            CommandKind::AnswerOutbound => m.command_answer_outbound(),
            CommandKind::TakeBack => m.command_take_back(),
        }
    }

    /// Why an amount changed.
    #[must_use]
    pub fn because(&self, because: Because) -> &'static str {
        let m = self.m;
        match because {
            Because::ReturnOpened => m.because_return_opened(),
            Because::ReturnChanged => m.because_return_changed(),
            Because::ReturnCancelled => m.because_return_cancelled(),
            Because::ReturnDeclined => m.because_return_declined(),
            Because::ItemsCancelled => self.m.because_items_cancelled(),
            Because::ItemsApproved => m.because_items_approved(),
            Because::ItemsAppealed => m.because_items_appealed(),
            Because::ItemsDeclined => self.m.because_items_declined(),
            Because::CreditedOutside => m.because_credited_outside(),
            Because::OrderToldAnew => m.because_order_told_anew(),
            Because::CustomerPaid => m.because_customer_paid(),
        }
    }
}
