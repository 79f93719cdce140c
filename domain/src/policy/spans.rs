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
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            review: Span::WorkingDays(1),
            send_back: Span::Days(14),
            transit: Span::Days(5),
            inspection: Span::WorkingDays(2),
            refund: Span::WorkingDays(2),
        }
    }
}
