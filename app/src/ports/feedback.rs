//! The page of what customers say of how their returns went (A13, C37, C38).

use domain::returns::Feedback;
use domain::rma::RmaNumber;
use jiff::civil::Date;

use super::{Noted, Rail};

/// What is asked of `/staff/reports/feedback`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedbackAsked {
    /// The first and the last day; nothing: the last ninety days.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Only what bears this tag.
    pub tag: Option<String>,
    /// The day on which something changed: what came before is held against what came since.
    pub since: Option<Date>,
}

/// Ratings together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    pub count: u64,
    /// Stars, all together.
    pub stars: u64,
    /// Of one or two stars.
    pub low: u64,
}

impl Score {
    /// Stars on average, in tenths; nothing where nobody said anything.
    #[must_use]
    pub fn tenths(&self) -> Option<u64> {
        (self.count > 0).then(|| (self.stars * 20 / self.count).div_ceil(2))
    }
}

/// What ratings are looked at by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    Reason,
    Carrier,
    Warehouse,
    Product,
    Tag,
}

impl Facet {
    pub const ALL: [Self; 5] = [Self::Reason, Self::Carrier, Self::Warehouse, Self::Product, Self::Tag];

    /// As stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Carrier => "carrier",
            Self::Warehouse => "warehouse",
            Self::Product => "product",
            Self::Tag => "tag",
        }
    }
}

/// A value of a facet, what it is called, and its score.
pub type Scored = (String, String, Score);

/// A time, what was said in it, and how long money took that was paid in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Date,
    /// The last day.
    pub to: Date,
    pub score: Score,
    /// Hours from request to money, of the return in the middle (C38).
    pub hours: Option<u64>,
}

/// `/staff/reports/feedback`
#[derive(Clone, Debug)]
pub struct FeedbackPage {
    pub rail: Rail,
    pub asked: FeedbackAsked,
    /// All of it.
    pub whole: Span,
    /// Mondays, the oldest first, of weeks in which something was said.
    pub weeks: Vec<(Date, Score)>,
    /// By facet; those with the most ratings first.
    pub by: Vec<(Facet, Vec<Scored>)>,
    /// Before and since the day on which something changed.
    pub changed: Option<(Span, Span)>,
    /// The newest first.
    pub said: Vec<SaidView>,
    /// There are more.
    pub more: bool,
    pub today: Date,
    pub mistakes: Vec<Noted>,
    /// Of which return tags were typed that cannot be, and what was.
    pub typed: Option<(String, String)>,
}

/// What a customer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidView {
    pub rma: RmaNumber,
    pub feedback: Feedback,
    pub tags: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_rounded_to_the_nearest_tenth() {
        for (count, stars, tenths) in
            [(0, 0, None), (1, 4, Some(40)), (3, 10, Some(33)), (3, 11, Some(37)), (4, 13, Some(33)), (2, 9, Some(45))]
        {
            assert_eq!(Score { count, stars, low: 0 }.tenths(), tenths, "{stars} of {count}");
        }
    }
}
