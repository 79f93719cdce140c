//! What an event makes necessary in the world outside: one arm each.

use app::messages::Occasion;
use domain::policy::{Method, Resolution};
use domain::returns::{
    Actor, Because, DUE_REMINDED_AFTER, Event, GrantCause, Inspection, LotNo, OutboundKind, OutboundOutcome, PaidTo, Reception, Recorded,
    Remedy, RemedyKind, RemedyNo, RemedyState, Return, ScanStatus, Status,
};
use domain::settlement::Concession;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::json;

use super::later::{AboutConcession, AboutReturn, JobKind};
use crate::config::LEAST_ASK_DAYS;
use crate::store::{ConcessionRow, NewJob};

/// Nobody is told that something is missing before it is so late.
const MISSED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Nobody is asked how it went before money has had time to arrive.
const FEEDBACK_AFTER: SignedDuration = SignedDuration::from_hours(LEAST_ASK_DAYS as i64 * 24);

/// What is to be done because of an event, with the return as it is after it.
pub(super) fn reactions(recorded: &Recorded, after: &Return) -> Vec<NewJob> {
    let mail = |occasion: Occasion| Some(occasion.mail_job());
    let told = |occasion: Occasion| AboutReturn::job(occasion.mail_job(), after.rma, recorded.seq, recorded.at);
    let missing = || {
        let then = after.promises.sent.max(recorded.at) + MISSED_AFTER;
        AboutReturn::job(Occasion::GoodsMissing.mail_job(), after.rma, recorded.seq, then)
    };
    let by_somebody = recorded.actor != Actor::System;
    let labels_to_void = || after.labels_to_void().next().is_some().then_some(JobKind::LabelVoid.code());
    let (first, second) = match &recorded.event {
        // What it is about says the letter of what it is.
        Event::Opened { .. } => (mail(Occasion::ReturnOpened).filter(|_| after.outbound.is_none()), None),
        Event::OutboundOpened { outbound } => {
            let occasion = match outbound.kind {
                OutboundKind::Cancel => Occasion::OutboundCancel,
                OutboundKind::Intercept => Occasion::OutboundIntercept,
                OutboundKind::Refused => Occasion::OutboundRefused,
                OutboundKind::NotReceived => Occasion::OutboundNotReceived,
            };
            (mail(occasion), None)
        }
        // Of what was refused at the door the first letter says so.
        Event::OutboundAnswered { .. } if by_nobody_else(recorded, after) => (None, None),
        Event::OutboundAnswered { outcome, .. } => {
            let occasion = match outcome {
                OutboundOutcome::Stopped => Occasion::OutboundStopped,
                OutboundOutcome::TooLate => Occasion::OutboundTooLate,
                OutboundOutcome::ComingBack => Occasion::OutboundComingBack,
                OutboundOutcome::Delivered => Occasion::OutboundDelivered,
                OutboundOutcome::Lost => Occasion::OutboundLost,
            };
            (mail(occasion), None)
        }
        Event::OutboundPursued { .. } => (mail(Occasion::PromiseMoved), None),
        Event::Approved { .. } | Event::Declined { .. } if after.outbound.is_some() => (None, labels_to_void()),
        Event::LinesAdded { .. } | Event::MethodChanged { .. } => (mail(Occasion::ReturnChanged), None),
        Event::LabelWanted { .. } => (Some(JobKind::LabelBuy.code()), None),
        // The first label that is made at once goes with the letter that says what else is new.
        Event::LabelIssued { parcel, promises } => {
            let by_itself = promises.is_some() || parcel.reference.is_some();
            (mail(Occasion::ReturnChanged).filter(|_| by_itself), labels_to_void())
        }
        Event::Cancelled { .. } if after.status() == Status::Cancelled => (mail(Occasion::ReturnCancelled), labels_to_void()),
        Event::Cancelled { .. } => (mail(Occasion::ReturnChanged), labels_to_void()),
        // What policy answered at once is in the letter about the request.
        Event::Approved { .. } => (mail(Occasion::ReturnApproved).filter(|_| by_somebody), None),
        Event::Declined { .. } => (mail(Occasion::ReturnDeclined).filter(|_| by_somebody), labels_to_void()),
        Event::EvidenceAsked { .. } => (mail(Occasion::EvidenceAsked), None),
        Event::ShopWrote { .. } => (mail(Occasion::ShopWrote), None),
        Event::Appealed { .. } => (mail(Occasion::AppealReceived), None),
        Event::Lapsed { .. } => (None, labels_to_void()),
        Event::Received { receipt } if receipt.items.is_empty() => (mail(Occasion::GoodsBeside), None),
        Event::Received { receipt } => {
            (mail(if receipt.is_complete() { Occasion::GoodsReceived } else { Occasion::GoodsReceivedPartly }), None)
        }
        // Told once: when all that came was looked at.
        Event::Inspected { .. } => {
            let here = || after.lots().filter(|(_, lot)| lot.state.reception == Reception::Received && lot.state.is_live());
            let done = here().all(|(_, lot)| lot.state.inspection != Inspection::Pending);
            let as_said = here().all(|(_, lot)| lot.state.inspection == Inspection::Accepted);
            (mail(if as_said { Occasion::GoodsInspected } else { Occasion::GoodsFoundOtherwise }).filter(|_| done), None)
        }
        // What its own change comes to is in the letter about that.
        Event::ExpectedChanged {
            because:
                Because::ItemsCancelled | Because::ItemsDeclined | Because::ItemsApproved | Because::ItemsAppealed | Because::CustomerPaid,
            ..
        } => (None, None),
        Event::ExpectedChanged { .. } => (mail(Occasion::AmountChanged), None),
        Event::Offered { offer } => {
            let lapse = JobKind::OfferLapse.code();
            let later = (!offer.is_agreed() && !after.withdrawal).then(|| AboutReturn::job(lapse, after.rma, recorded.seq, offer.until));
            let said = mail(if offer.is_agreed() { Occasion::OfferSettled } else { Occasion::OfferMade });
            let said = said.map(|code| AboutReturn::job(code, after.rma, recorded.seq, recorded.at));
            return said.into_iter().chain(later).collect();
        }
        // They have more time, and are asked again after it.
        Event::Extended { .. } if !after.given_ahead(false).is_empty() => {
            return [told(Occasion::DeadlineExtended), missing()].into();
        }
        // What was given ahead is asked for when it should be under way.
        Event::Granted { grant } if grant.cause == GrantCause::Early && grant.amount > 0 => {
            return [told(Occasion::MoneyGranted), missing()].into();
        }
        Event::RemedyMoved { to: RemedyState::Shipped, .. } if !after.given_ahead(false).is_empty() => {
            return [told(Occasion::ItemSent), missing()].into();
        }
        Event::Extended { .. } => (mail(Occasion::DeadlineExtended), None),
        // A promise of nothing is none to write of.
        Event::Granted { grant } if grant.amount + grant.bonus == 0 => (None, None),
        Event::Granted { .. } => (mail(Occasion::MoneyGranted), None),
        Event::PaymentMade { payment, .. } => {
            let paid = after.payments.iter().find(|known| known.id == *payment);
            let credit = paid.is_some_and(|paid| paid.to == PaidTo::StoreCredit);
            (mail(if credit { Occasion::CreditPaid } else { Occasion::MoneyPaid }), None)
        }
        Event::RemedyDue { remedy } if remedy.kind == RemedyKind::Repair => (mail(Occasion::RepairPromised), None),
        // Paid first: they are asked, and reminded.
        Event::RemedyDue { remedy } if after.awaited_for(remedy).is_some() => {
            let asked = AboutReturn::job(Occasion::PaymentAsked.mail_job(), after.rma, recorded.seq, recorded.at);
            let again = recorded.at + DUE_REMINDED_AFTER;
            return vec![asked, AboutReturn::job(Occasion::PaymentReminder.mail_job(), after.rma, recorded.seq, again)];
        }
        // In the place of a repair that failed.
        Event::RemedyDue { remedy } if instead_of_repair(after, remedy) => (mail(Occasion::ItemInstead), None),
        Event::RemedyDue { remedy } => {
            let ahead = remedy.lots.iter().any(|lot| after.lot(*lot).is_some_and(|(_, lot)| lot.state.inspection == Inspection::Pending));
            (mail(if ahead { Occasion::ItemAhead } else { Occasion::ItemPromised }), None)
        }
        Event::RemedyMoved { to: RemedyState::Shipped, .. } => (mail(Occasion::ItemSent), None),
        // What stands in its place is told once that is settled.
        Event::RemedyMoved { remedy, to: RemedyState::CalledOff, .. } if is_repair(after, *remedy) => (mail(Occasion::RepairFailed), None),
        Event::RemedyMoved { to: RemedyState::CalledOff, .. } => (mail(Occasion::ItemCalledOff), None),
        // What was paid by hand, or within the shop, has been paid.
        Event::PaymentStarted { payment } => (payment.to.is_by_gateway().then_some(JobKind::RefundPay.code()), None),
        Event::Collected { .. } => (mail(Occasion::PaymentTaken), None),
        Event::PaymentFailed { .. } | Event::PaymentReversed { .. } => (mail(Occasion::MoneyFailed), None),
        Event::Scanned { tracking_number, .. } => (mail(Occasion::ParcelOnItsWay).filter(|_| sets_out(after, tracking_number)), None),
        Event::LabelRefused { .. }
        | Event::LabelVoided { .. }
        | Event::SentToReview { .. }
        | Event::EvidenceAdded { .. }
        | Event::Flagged { .. }
        | Event::Disposed { .. }
        | Event::SentBack { .. }
        | Event::OfferAnswered { .. }
        | Event::OfferLapsed { .. }
        | Event::RemedyMoved { .. }
        | Event::Held { .. }
        | Event::Released { .. }
        | Event::Waived { .. }
        | Event::Noted { .. }
        | Event::CustomerWrote { .. }
        | Event::TalkSettled
        | Event::FeedbackGiven { .. }
        | Event::Awaited { .. }
        | Event::Promised { .. }
        | Event::TakenBack { .. } => (None, None),
    };
    let job = |code| AboutReturn::job(code, after.rma, recorded.seq, recorded.at);
    first.into_iter().chain(second).map(job).collect()
}

/// The day before a door is called at, whose it is are told.
pub(super) fn pickup_reaction(recorded: &Recorded, after: &Return) -> Option<NewJob> {
    let anew = matches!(recorded.event, Event::Opened { .. } | Event::MethodChanged { .. }) && after.method == Method::Pickup;
    let before = after.pickup.as_ref().filter(|_| anew)?.date.yesterday().ok()?;
    let begins = before.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(AboutReturn::job(Occasion::PickupTomorrow.mail_job(), after.rma, recorded.seq, begins.max(recorded.at)))
}

/// Whatever a return ends by, which stood at `before`: how it went is asked some days later.
pub(super) fn ended_reaction(recorded: &Recorded, before: Status, after: &Return) -> Option<NewJob> {
    let ends = before != after.status() && matches!(after.status(), Status::Completed | Status::SentBack) && after.feedback.is_none();
    ends.then(|| AboutReturn::job(Occasion::FeedbackAsked.mail_job(), after.rma, recorded.seq, recorded.at + FEEDBACK_AFTER))
}

/// Whether a parcel is with its carrier since just now.
fn sets_out(request: &Return, tracking_number: &str) -> bool {
    let Some(parcel) = request.parcels.iter().find(|parcel| parcel.tracking_number == tracking_number) else { return false };
    matches!(parcel.scans.as_slice(), [scan] if matches!(scan.status, ScanStatus::Accepted | ScanStatus::InTransit))
}

fn is_repair(request: &Return, remedy: RemedyNo) -> bool {
    request.remedies.iter().any(|known| known.id == remedy && known.kind == RemedyKind::Repair)
}

/// Whether something else is owed where a repair was asked for.
fn instead_of_repair(request: &Return, remedy: &Remedy) -> bool {
    let asked = |lot: &LotNo| request.line(lot.line).is_some_and(|line| line.asked.resolution == Resolution::Repair);
    remedy.kind == RemedyKind::Replacement && remedy.lots.iter().all(asked)
}

/// Whether it follows from what a return of goods on their way out is.
fn by_nobody_else(recorded: &Recorded, after: &Return) -> bool {
    after.outbound.as_ref().is_some_and(|outbound| outbound.kind.is_certain()) && recorded.at == after.opened_at
}

/// Likewise of money that was given although nothing came back: the customer hears at once.
pub(super) fn concession_reaction(made: &ConcessionRow) -> NewJob {
    let occasion = match made.what {
        Concession::Goodwill { .. } => Occasion::GoodwillGiven,
        Concession::LowerPrice(_) => Occasion::PriceLowered,
    };
    NewJob::new(occasion.mail_job(), &json!(AboutConcession { id: made.id.clone() }), made.at.as_millisecond())
}
