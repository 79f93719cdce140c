//! What customers were given on top because the shop or the carrier was at fault: on their pages, and for people at work.

use domain::compensation::{GiftSaid, GiftState, PointsKind};
use domain::money::{Currency, Money};
use domain::reason::Fault;
use domain::rma::RmaNumber;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Noted, Rail};

/// Something that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftView {
    pub id: String,
    pub gift: GiftSaid,
    pub state: GiftState,
    pub fault: Fault,
    /// A coupon's code.
    pub code: Option<String>,
    /// The last day on which it can be used.
    pub until: Option<Date>,
    /// The least that is bought with it.
    pub minimum: Option<Money>,
    /// Whoever has the code may use it.
    pub transferable: bool,
    pub rma: RmaNumber,
    pub order: String,
    pub at: Timestamp,
    /// Number of the order it was used on, and what it took off.
    pub used: Option<(String, Money)>,
}

/// `/account/gifts`
#[derive(Clone, Debug)]
pub enum GiftsPage {
    /// Whose?
    Unknown,
    Gifts {
        /// The newest first.
        coupons: Vec<GiftView>,
        points: i64,
        /// The newest first.
        entries: Vec<PointsRow>,
    },
}

/// Points that came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointsRow {
    pub day: Date,
    /// Negative where they went.
    pub points: i64,
    pub kind: PointsKind,
    pub rma: Option<RmaNumber>,
    /// To be spent until then.
    pub until: Option<Date>,
}

/// What is asked of `/staff/compensations`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompensationsAsked {
    pub from: Option<Date>,
    pub until: Option<Date>,
}

/// `/staff/compensations`
#[derive(Clone, Debug)]
pub struct CompensationsPage {
    pub rail: Rail,
    /// What waits for a yes or a no, the oldest first.
    pub waiting: Vec<GiftView>,
    /// The days that the figures are of.
    pub from: Date,
    pub until: Date,
    pub figures: Vec<GiftFigure>,
    /// What was given last.
    pub latest: Vec<GiftView>,
    pub mistakes: Vec<Noted>,
}

/// What a rule gave in a time, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftFigure {
    pub rule: String,
    pub kind: domain::compensation::GiftKind,
    pub currency: Currency,
    pub given: i64,
    /// What it was worth, as far as that is known.
    pub worth: Money,
    pub redeemed: i64,
    pub taken_off: Money,
    pub withdrawn: i64,
    pub expired: i64,
    /// Of how many the customer ordered again afterwards.
    pub bought_again: i64,
}
