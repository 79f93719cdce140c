//! What an event makes necessary in the world outside: one arm each.

use domain::returns::{Event, Recorded, Return, Status};

use super::later::JobKind;
use crate::store::NewJob;

/// What is to be done because of an event, with the return as it is after it.
pub(super) fn reactions(recorded: &Recorded, after: &Return) -> Vec<NewJob> {
    let labels_to_void = || after.labels_to_void().next().is_some().then_some(JobKind::LabelVoid);
    let (first, second) = match &recorded.event {
        Event::Opened { .. } => (Some(JobKind::MailReturnOpened), None),
        Event::LinesAdded { .. } | Event::MethodChanged { .. } => (Some(JobKind::MailReturnChanged), None),
        Event::LabelWanted { .. } => (Some(JobKind::LabelBuy), None),
        // The first label that is made at once goes with the letter that says what else is new.
        Event::LabelIssued { parcel, promises } => {
            let by_itself = promises.is_some() || parcel.reference.is_some();
            (by_itself.then_some(JobKind::MailReturnChanged), labels_to_void())
        }
        Event::Cancelled { .. } if after.status() == Status::Cancelled => (Some(JobKind::MailReturnCancelled), labels_to_void()),
        Event::Cancelled { .. } => (Some(JobKind::MailReturnChanged), labels_to_void()),
        Event::Declined { .. } | Event::Lapsed { .. } => (None, labels_to_void()),
        Event::LabelRefused { .. }
        | Event::LabelVoided { .. }
        | Event::Approved { .. }
        | Event::SentToReview { .. }
        | Event::EvidenceAsked { .. }
        | Event::EvidenceAdded { .. }
        | Event::ExpectedChanged { .. }
        | Event::Flagged { .. }
        | Event::Scanned { .. }
        | Event::Received { .. }
        | Event::Inspected { .. }
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
        | Event::RemedyMoved { .. } => (None, None),
    };
    let job = |kind: JobKind| kind.about(after.rma, recorded.seq, recorded.at);
    first.into_iter().chain(second).map(job).collect()
}
