//! The timeline: what was done, what is now, what comes next and by when. A view of the events, so that everybody reads the
//! same story (A8, B16, B17).

use jiff::Timestamp;
use serde::Serialize;

use super::event::{Actor, Because, Event, Recorded};
use super::request::{Pickup, Return};
use super::status::Status;
use crate::money::Currency;
use crate::policy::{Method, Resolution, ReviewGround};

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// What.
    #[serde(flatten)]
    pub moment: Moment,
    /// Done, now, or next.
    pub state: EntryState,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// By when it is promised to have happened (for the customer's own steps: by when they should).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_by: Option<Timestamp>,
}

/// Whether it has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Yes.
    Done,
    /// This is where we are.
    Now,
    /// Not yet.
    Next,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Moment {
    /// The customer asked; `at_once`: and was approved in the same moment.
    Requested {
        /// Approved at once.
        at_once: bool,
        /// By whom it was entered, where not by the customer.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A person approved.
    Approved,
    /// Some lines were declined.
    Declined {
        /// Of how many.
        lines: usize,
    },
    /// A person decides.
    Decision,
    /// Items were added.
    Added {
        /// What they are called.
        names: Vec<String>,
    },
    /// It comes back another way.
    MethodChanged {
        /// How.
        method: Method,
        /// When the door is called at.
        #[serde(skip_serializing_if = "Option::is_none")]
        pickup: Option<Pickup>,
    },
    /// Photos or documents were added.
    EvidenceAdded {
        /// How many.
        files: usize,
    },
    /// The label is there.
    Label {
        /// Who carries it.
        carrier: String,
        /// Their number.
        tracking_number: String,
    },
    /// The customer sends it.
    Send {
        /// How.
        method: Method,
        /// When the door is called at.
        #[serde(skip_serializing_if = "Option::is_none")]
        pickup: Option<Pickup>,
    },
    /// It arrives and is checked.
    Checked,
    /// The money goes back.
    Refund {
        /// Minor units per currency.
        amounts: Vec<(Currency, i64)>,
        /// As store credit.
        credit: bool,
    },
    /// The other item goes out.
    ExchangeSent,
    /// What comes back is another amount now.
    ExpectedChanged {
        /// Minor units in the return's currency; negative: what the customer pays.
        amount: Option<(Currency, i64)>,
        /// Why.
        because: Because,
    },
    /// A person looks at the money.
    Flagged {
        /// Why.
        ground: ReviewGround,
    },
    /// Called off.
    Cancelled {
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

/// The timeline of a return from its events.
pub fn timeline(request: &Return, events: &[Recorded]) -> Vec<Entry> {
    let mut entries = done(events);
    entries.extend(ahead(request));
    entries
}

fn done(events: &[Recorded]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let opened = events.first().map(|first| first.at);
    for recorded in events {
        let moment = match &recorded.event {
            Event::Opened { .. } => {
                let in_the_same_moment = |event: &Recorded| Some(event.at) == opened && matches!(event.event, Event::Approved { .. });
                // What was approved with a gift that is called off later was approved at once all the same.
                let asks =
                    |event: &Recorded| matches!(&event.event, Event::SentToReview { ground, .. } if *ground != ReviewGround::LeftBehind);
                let waits = events.iter().any(asks);
                let by = match &recorded.actor {
                    Actor::Staff { name } => Some(name.clone()),
                    Actor::Api { key } => Some(key.clone()),
                    Actor::Customer | Actor::System => None,
                };
                Moment::Requested { at_once: events.iter().any(in_the_same_moment) && !waits, by }
            }
            Event::Approved { .. } if Some(recorded.at) == opened => continue,
            // Added and approved in the same moment: one entry.
            Event::Approved { .. }
                if events.iter().any(|other| other.at == recorded.at && matches!(other.event, Event::LinesAdded { .. })) =>
            {
                continue;
            }
            Event::Approved { .. } => Moment::Approved,
            Event::SentToReview { .. } => continue,
            Event::Declined { lines } => Moment::Declined { lines: lines.len() },
            Event::LinesAdded { lines, .. } => Moment::Added { names: lines.iter().map(|line| line.name.clone()).collect() },
            Event::MethodChanged { method, pickup, .. } => Moment::MethodChanged { method: *method, pickup: pickup.clone() },
            Event::EvidenceAdded { evidence, .. } => Moment::EvidenceAdded { files: evidence.len() },
            Event::LabelIssued { parcel, .. } => {
                Moment::Label { carrier: parcel.carrier.clone(), tracking_number: parcel.tracking_number.clone() }
            }
            Event::ExpectedChanged { orders, because } => {
                let amount = orders.iter().map(|settled| settled.settlement.expected - settled.settlement.due).sum();
                let currency = orders.first().map(|settled| settled.settlement.currency);
                Moment::ExpectedChanged { amount: currency.map(|currency| (currency, amount)), because: *because }
            }
            Event::Flagged { ground } => Moment::Flagged { ground: *ground },
            Event::Cancelled { reason, .. } => Moment::Cancelled { reason: reason.clone() },
        };
        // Several photos in a row are one entry: each file that is sent by itself is an event of its own.
        if let (Moment::EvidenceAdded { files }, Some(Entry { moment: Moment::EvidenceAdded { files: before }, at, .. })) =
            (&moment, entries.last_mut())
        {
            *before += files;
            *at = Some(recorded.at);
            continue;
        }
        entries.push(Entry { moment, state: EntryState::Done, at: Some(recorded.at), promised_by: None });
    }
    entries
}

/// The steps that are left, the first of them now.
fn ahead(request: &Return) -> Vec<Entry> {
    let status = request.status();
    let promises = request.promises;
    let mut steps: Vec<(Moment, Timestamp)> = Vec::new();
    if matches!(status, Status::Declined | Status::Cancelled | Status::Completed) {
        return Vec::new();
    }
    if status == Status::InReview {
        steps.push((Moment::Decision, promises.decided.unwrap_or(promises.sent)));
    }
    let travels = request.live_lines().any(|line| line.asked.sends_back());
    if travels && status <= Status::Approved {
        steps.push((Moment::Send { method: request.method, pickup: request.pickup.clone() }, promises.sent));
    }
    if travels && status <= Status::Received {
        steps.push((Moment::Checked, promises.inspected));
    }
    if request.live_lines().any(|line| line.asked.resolution.pays()) {
        let credit =
            request.live_lines().filter(|line| line.asked.resolution.pays()).all(|line| line.asked.resolution == Resolution::StoreCredit);
        steps.push((Moment::Refund { amounts: request.expected(), credit }, promises.refunded));
    }
    if request.live_lines().any(|line| matches!(line.asked.resolution, Resolution::Exchange | Resolution::Replacement)) {
        steps.push((Moment::ExchangeSent, promises.refunded));
    }
    let state = |index: usize| if index == 0 { EntryState::Now } else { EntryState::Next };
    let entry =
        |(index, (moment, by)): (usize, (Moment, Timestamp))| Entry { moment, state: state(index), at: None, promised_by: Some(by) };
    steps.into_iter().enumerate().map(entry).collect()
}
