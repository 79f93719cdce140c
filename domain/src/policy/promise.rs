//! Promised dates: by when each step is done.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::document::Policy;
use super::spans::Span;
use super::verdict::Decision;
use crate::days::{local_day, plus_days, plus_working_days};

/// By when what happens, as told to the customer when the return is opened. Moments are the end of a day in the shop's zone,
/// or exact where the promise is in hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromisedDates {
    /// A person has decided; only where one must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Timestamp>,
    /// The customer has sent the parcel, or it was collected.
    pub sent: Timestamp,
    /// The label works until then.
    pub label: Timestamp,
    pub arrived: Timestamp,
    /// It has been inspected.
    pub inspected: Timestamp,
    /// The money has left.
    pub refunded: Timestamp,
}

/// The dates promised for a request opened at `now` and decided so. Who sends it is taken to do so on the last day; a pickup
/// happens on its day. Where nothing `travels`, the money does not wait for anything.
pub fn promised(policy: &Policy, decision: Decision, travels: bool, pickup: Option<Date>, now: Timestamp) -> PromisedDates {
    let decided = (decision == Decision::InReview).then(|| after(policy, now, policy.promises.review));
    if !travels {
        let at = decided.unwrap_or(now);
        let refunded = after(policy, at, policy.promises.refund);
        return PromisedDates { decided, sent: at, label: at, arrived: at, inspected: at, refunded };
    }
    let label = after(policy, decided.unwrap_or(now), policy.promises.send_back);
    let sent = pickup.map_or(label, |day| end_of(policy, day, label));
    from_sending(policy, decided, label, sent)
}

/// What is promised where it may be sent until the end of another day.
pub fn extended(policy: &Policy, promises: &PromisedDates, until: Date) -> PromisedDates {
    let sent = end_of(policy, until, promises.sent);
    from_sending(policy, promises.decided, sent, sent)
}

/// What is promised where it is known by `until` whether the money goes back, and nothing has to come back for it.
pub fn waiting(policy: &Policy, until: Timestamp) -> PromisedDates {
    let refunded = after(policy, until, policy.promises.refund);
    PromisedDates { decided: Some(until), sent: until, label: until, arrived: until, inspected: until, refunded }
}

/// What is promised where a carrier brings goods back that never reached the customer.
pub fn coming_back(policy: &Policy, now: Timestamp) -> PromisedDates {
    let arrived = after(policy, now, policy.promises.investigation);
    let inspected = after(policy, arrived, policy.promises.inspection);
    let refunded = after(policy, inspected, policy.promises.refund);
    PromisedDates { decided: None, sent: now, label: now, arrived, inspected, refunded }
}

fn from_sending(policy: &Policy, decided: Option<Timestamp>, label: Timestamp, sent: Timestamp) -> PromisedDates {
    let arrived = after(policy, sent, policy.promises.transit);
    let inspected = after(policy, arrived, policy.promises.inspection);
    let refunded = after(policy, inspected, policy.promises.refund);
    PromisedDates { decided, sent, label, arrived, inspected, refunded }
}

/// The moment `span` after `start`: hours exactly, days to the last second of the day.
pub fn after(policy: &Policy, start: Timestamp, span: Span) -> Timestamp {
    let day = local_day(start, &policy.time_zone);
    let last = match span {
        Span::Hours(hours) => return start + jiff::SignedDuration::from_hours(i64::from(hours)),
        Span::Days(days) => plus_days(day, i64::from(days)),
        Span::WorkingDays(days) => plus_working_days(day, days),
    };
    end_of(policy, last, start)
}

impl Policy {
    /// The last second of a day in the shop's zone.
    pub fn end_of(&self, day: Date) -> Option<Timestamp> {
        self.time_zone.to_timestamp(day.at(23, 59, 59, 0)).ok()
    }
}

fn end_of(policy: &Policy, day: Date, otherwise: Timestamp) -> Timestamp {
    policy.end_of(day).unwrap_or(otherwise)
}
