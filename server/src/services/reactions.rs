//! What an event makes necessary in the world outside: one arm each.

use domain::returns::{Event, Recorded, Return, Status};

use crate::jobs::JobKind;
use crate::store::NewJob;

/// What is to be done because of an event, with the return as it is after it.
pub(super) fn reactions(recorded: &Recorded, after: &Return) -> Vec<NewJob> {
    let mail = match &recorded.event {
        Event::Opened { .. } => JobKind::MailReturnOpened,
        Event::LinesAdded { .. } | Event::MethodChanged { .. } => JobKind::MailReturnChanged,
        // The first label goes with the letter that says what else is new.
        Event::LabelIssued { promises: Some(_), .. } => JobKind::MailReturnChanged,
        Event::Cancelled { .. } if after.status() == Status::Cancelled => JobKind::MailReturnCancelled,
        Event::Cancelled { .. } => JobKind::MailReturnChanged,
        Event::LabelIssued { promises: None, .. }
        | Event::Approved { .. }
        | Event::SentToReview { .. }
        | Event::Declined { .. }
        | Event::EvidenceAsked { .. }
        | Event::EvidenceAdded { .. }
        | Event::ExpectedChanged { .. }
        | Event::Flagged { .. }
        | Event::Lapsed { .. }
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
        | Event::RemedyMoved { .. } => return Vec::new(),
    };
    vec![mail.about(after.rma, recorded.seq, recorded.at)]
}
