//! Pages of claims against suppliers and carriers (P27).

use std::collections::BTreeMap;

use domain::claim::{Against, ClaimGround, ClaimState, ClaimStep};
use domain::ids::OrderNumber;
use domain::money::Money;
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Noted, Rail};

/// Which claims a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClaimsShown {
    /// Those that are not at their end.
    #[default]
    Going,
    State(ClaimState),
    All,
}

/// What is asked of `/staff/claims`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsAsked {
    pub against: Option<Against>,
    pub shown: ClaimsShown,
    /// The return that led here: its form is filled in with what is known of that.
    pub rma: Option<RmaNumber>,
}

/// `/staff/claims`
#[derive(Clone, Debug)]
pub struct ClaimsPage {
    pub rail: Rail,
    pub asked: ClaimsAsked,
    /// Those whose day is first before the rest.
    pub rows: Vec<ClaimView>,
    /// There are more.
    pub more: bool,
    /// Names the form.
    pub key: String,
    /// What was typed, or is known of the return that led here, by field.
    pub typed: BTreeMap<String, String>,
    pub mistakes: Vec<Noted>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimView {
    pub number: i64,
    pub opened_at: Timestamp,
    /// What colleagues call whoever opened it.
    pub who: String,
    pub party: String,
    pub ground: ClaimGround,
    pub state: ClaimState,
    pub rma: Option<RmaNumber>,
    /// The parcel's number.
    pub tracking: Option<String>,
    pub order: Option<OrderNumber>,
    /// The batch by which the goods went back.
    pub batch: Option<i64>,
    pub expected: Option<Money>,
    /// The last day for it.
    pub due: Option<Date>,
    /// That day matters still, and is over.
    pub late: bool,
    pub filed_at: Option<Timestamp>,
    /// Their name for it.
    pub reference: Option<String>,
    pub settled: Option<(Money, Timestamp)>,
    pub note: Option<String>,
    pub version: i64,
}

/// `/staff/claims/{number}`
#[derive(Clone, Debug)]
pub struct ClaimPage {
    pub rail: Rail,
    pub claim: ClaimView,
    /// Where its order is shown.
    pub order_path: Option<String>,
    /// The oldest first.
    pub steps: Vec<ClaimStepView>,
    /// They may say what was paid.
    pub may_settle: bool,
    /// What was typed, by field.
    pub typed: BTreeMap<String, String>,
    pub mistakes: Vec<Noted>,
}

/// Something that was done with a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimStepView {
    pub at: Timestamp,
    pub who: String,
    pub step: ClaimStep,
    /// Their name for it, or why; of what they paid the claim has it.
    pub said: Option<String>,
}
