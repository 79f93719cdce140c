//! How long each step takes at most.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A span of time for a promise: exactly one of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Hours on the clock.
    Hours(u32),
    /// Calendar days, to the end of the day.
    Days(u32),
    /// Mondays to Fridays, to the end of the day.
    WorkingDays(u32),
}

/// How long each step takes at most; from these the promised dates are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Promises {
    /// From the request to a person's decision.
    pub review: Span,
    /// From the approval until the customer has sent the parcel; then the label expires.
    pub send_back: Span,
    /// From sending to arrival.
    pub transit: Span,
    /// From arrival to the inspection's result.
    pub inspection: Span,
    /// From the result to the money.
    pub refund: Span,
    /// From the wish to hold an order back until somebody knows whether it has left.
    pub stop: Span,
    /// From asking a carrier about a parcel on its way out until a person decides without an answer; and how long one takes to come back.
    pub investigation: Span,
    /// From the offer of less money until silence counts as a yes, where the law lets it.
    pub answer: Span,
}

impl Promises {
    /// How long after the goods have arrived the money, or the other item, has left: both steps together. Where they are told in different
    /// units, in calendar days, rounded up.
    pub fn after_arrival(&self) -> Span {
        match (self.inspection, self.refund) {
            (Span::Hours(a), Span::Hours(b)) => Span::Hours(a.saturating_add(b)),
            (Span::WorkingDays(a), Span::WorkingDays(b)) => Span::WorkingDays(a.saturating_add(b)),
            (a, b) => Span::Days(a.at_most_days().saturating_add(b.at_most_days())),
        }
    }
}

impl Span {
    /// Calendar days that it never exceeds: each five working days have two days off beside them.
    fn at_most_days(self) -> u32 {
        match self {
            Self::Hours(hours) => hours.div_ceil(24),
            Self::Days(days) => days,
            Self::WorkingDays(days) => days.saturating_add(days.div_ceil(5).saturating_mul(2)),
        }
    }
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            review: Span::WorkingDays(1),
            send_back: Span::Days(14),
            transit: Span::Days(5),
            inspection: Span::WorkingDays(2),
            refund: Span::WorkingDays(2),
            stop: Span::WorkingDays(1),
            investigation: Span::Days(14),
            answer: Span::Days(14),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_arrival_is_told_in_one_span() {
        let told = |inspection, refund| Promises { inspection, refund, ..Promises::default() }.after_arrival();
        assert_eq!(Promises::default().after_arrival(), Span::WorkingDays(4));
        assert_eq!(told(Span::Hours(24), Span::Hours(12)), Span::Hours(36));
        assert_eq!(told(Span::Days(3), Span::Days(2)), Span::Days(5));
        // From a Friday on, two working days are over on Tuesday.
        assert_eq!(told(Span::WorkingDays(2), Span::Hours(25)), Span::Days(6));
    }
}
