//! What an event makes necessary in the world outside: one arm each.

use app::messages::Occasion;
use domain::returns::{Because, Event, Recorded, Return, Status};

use super::later::AboutReturn;
use crate::store::NewJob;

/// What is to be done because of an event, with the return as it is after it.
pub(super) fn reactions(recorded: &Recorded, after: &Return) -> Vec<NewJob> {
    let occasion = match &recorded.event {
        Event::Opened { .. } => Occasion::ReturnOpened,
        Event::LinesAdded { .. } | Event::MethodChanged { .. } => Occasion::ReturnChanged,
        // The first label goes with the letter that says what else is new.
        Event::LabelIssued { promises: Some(_), .. } => Occasion::ReturnChanged,
        Event::Cancelled { .. } if after.status() == Status::Cancelled => Occasion::ReturnCancelled,
        Event::Cancelled { .. } => Occasion::ReturnChanged,
        // What its own change comes to is in the letter about that.
        Event::ExpectedChanged { because: Because::ItemsCancelled | Because::ItemsDeclined, .. } => return Vec::new(),
        Event::ExpectedChanged { .. } => Occasion::AmountChanged,
        Event::LabelIssued { promises: None, .. }
        | Event::Approved { .. }
        | Event::SentToReview { .. }
        | Event::Declined { .. }
        | Event::EvidenceAsked { .. }
        | Event::EvidenceAdded { .. }
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
    vec![AboutReturn::mail(occasion, after.rma, recorded.seq, recorded.at)]
}
