//! What an event makes necessary in the world outside: one arm each.

use app::messages::Occasion;
use domain::returns::{Actor, Because, Event, Inspection, Outcome, Reception, Recorded, Return, Status};
use domain::settlement::Concession;
use serde_json::json;

use super::later::{AboutConcession, AboutReturn, JobKind};
use crate::store::{ConcessionRow, NewJob};

/// What is to be done because of an event, with the return as it is after it.
pub(super) fn reactions(recorded: &Recorded, after: &Return) -> Vec<NewJob> {
    let mail = |occasion: Occasion| Some(occasion.mail_job());
    let by_somebody = recorded.actor != Actor::System;
    let labels_to_void = || after.labels_to_void().next().is_some().then_some(JobKind::LabelVoid.code());
    let (first, second) = match &recorded.event {
        Event::Opened { .. } => (mail(Occasion::ReturnOpened), None),
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
        Event::Extended { .. } => (mail(Occasion::DeadlineExtended), None),
        Event::Lapsed { .. } => (None, labels_to_void()),
        Event::Received { receipt } if receipt.items.is_empty() => (None, None),
        Event::Received { receipt } => {
            let complete = receipt.items.iter().all(|item| item.outcome == Outcome::Received);
            (mail(if complete { Occasion::GoodsReceived } else { Occasion::GoodsReceivedPartly }), None)
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
            because: Because::ItemsCancelled | Because::ItemsDeclined | Because::ItemsApproved | Because::ItemsAppealed,
            ..
        } => (None, None),
        Event::ExpectedChanged { .. } => (mail(Occasion::AmountChanged), None),
        Event::LabelRefused { .. }
        | Event::LabelVoided { .. }
        | Event::SentToReview { .. }
        | Event::EvidenceAdded { .. }
        | Event::Flagged { .. }
        | Event::Scanned { .. }
        | Event::Disposed { .. }
        | Event::SentBack { .. }
        | Event::Offered { .. }
        | Event::OfferAnswered { .. }
        | Event::OfferLapsed { .. }
        | Event::Granted { .. }
        | Event::PaymentStarted { .. }
        | Event::PaymentMade { .. }
        | Event::PaymentFailed { .. }
        | Event::PaymentReversed { .. }
        | Event::RemedyDue { .. }
        | Event::RemedyMoved { .. }
        | Event::Noted { .. }
        | Event::CustomerWrote { .. }
        | Event::TalkSettled
        | Event::Awaited { .. }
        | Event::Promised { .. }
        | Event::TakenBack { .. } => (None, None),
    };
    let job = |code| AboutReturn::job(code, after.rma, recorded.seq, recorded.at);
    first.into_iter().chain(second).map(job).collect()
}

/// Likewise of money that was given although nothing came back: the customer hears at once.
pub(super) fn concession_reaction(made: &ConcessionRow) -> NewJob {
    let occasion = match made.what {
        Concession::Goodwill { .. } => Occasion::GoodwillGiven,
        Concession::LowerPrice(_) => Occasion::PriceLowered,
    };
    NewJob::new(occasion.mail_job(), &json!(AboutConcession { id: made.id.clone() }), made.at.as_millisecond())
}
