//! What the forms of a repair order send.

use std::collections::BTreeMap;

use domain::item::LONGEST_COMMENT;
use domain::money::{Amount, Currency};
use domain::plain::{one_line, several_lines};
use domain::repair::{DONE_TO, GIVEN_UP_TO, MOST_COST, MOST_PARTS, MOST_PIECES, Part, RepairState};
use domain::returns::Disposition;
use domain::scrap::ScrapGround;
use jiff::Span;
use jiff::civil::Date;

use crate::forms::{Fields, noted};
use crate::ports::{Mistake, Noted};

/// Letters of a part's name, or a parcel's number.
const LONGEST: usize = 200;
/// Days ahead that can be promised, at the most.
const MOST_DAYS: i64 = 365;

/// What every form of an order says with it: the state of it that was looked at.
pub struct RepairForm;

impl RepairForm {
    pub(super) const VERSION: &'static str = "version";

    #[must_use]
    pub fn seen(fields: &Fields) -> Option<i64> {
        fields.get(Self::VERSION).parse().ok()
    }

    /// What was typed, to be shown again.
    #[must_use]
    pub fn typed(fields: &Fields) -> BTreeMap<String, String> {
        let short = |(name, value): &(String, String)| (name.clone(), value.chars().take(LONGEST_COMMENT).collect());
        fields.0.iter().filter(|(name, value)| name != Self::VERSION && !value.is_empty()).take(4 * MOST_PARTS).map(short).collect()
    }
}

/// Who repairs it.
pub struct RepairTakeForm;

impl RepairTakeForm {
    pub(super) const WHO: &'static str = "technician";

    #[must_use]
    pub fn parse(fields: &Fields) -> Option<String> {
        fields.maybe(Self::WHO).map(|id| id.chars().take(100).collect())
    }
}

/// What is new of a repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairProgressForm {
    /// Nothing: it stays as it is.
    pub to: Option<RepairState>,
    pub parts: Vec<Part>,
    /// The last day on which it is done.
    pub due: Option<Date>,
    pub note: Option<String>,
}

impl RepairProgressForm {
    pub(super) const STATE: &'static str = "state";
    pub(super) const WHAT: &'static str = "what";
    pub(super) const QUANTITY: &'static str = "quantity";
    pub(super) const COST: &'static str = "cost";
    pub(super) const DUE: &'static str = "until";
    pub(super) const NOTE: &'static str = "note";

    #[must_use]
    pub fn field(name: &str, place: usize) -> String {
        format!("{name}|{place}")
    }

    /// What was sent on that day, of an order whose parts are paid in that currency; every mistake at its field.
    pub fn parse(fields: &Fields, currency: Currency, today: Date) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let known = [RepairState::InWork, RepairState::AwaitsParts];
        let to = fields.get(Self::STATE).parse().ok().filter(|to| known.contains(to));
        let mut parts = Vec::new();
        for place in 0..MOST_PARTS {
            let get = |name: &str| fields.maybe(&Self::field(name, place));
            let what = get(Self::WHAT).map(|what| one_line(&what, LONGEST)).filter(|what| !what.is_empty());
            let quantity = get(Self::QUANTITY).map(|text| text.parse::<u32>().ok().filter(|pieces| (1..=MOST_PIECES).contains(pieces)));
            let cost = get(Self::COST).map(|text| {
                let amount = text.replace(',', ".").parse::<Amount>().ok()?;
                amount.minor(currency).ok().filter(|minor| (0..=MOST_COST).contains(minor))
            });
            if quantity == Some(None) {
                mistakes.push(noted(Self::field(Self::QUANTITY, place), Mistake::DockCount { most: MOST_PIECES }));
            }
            if cost == Some(None) {
                mistakes.push(noted(Self::field(Self::COST, place), Mistake::RepairCost));
            }
            match what {
                Some(what) => parts.push(Part { what, quantity: quantity.flatten().unwrap_or(1), cost: cost.flatten() }),
                None if cost.is_some() => mistakes.push(noted(Self::field(Self::WHAT, place), Mistake::RepairPart)),
                None => {}
            }
        }
        let most = today.saturating_add(Span::new().days(MOST_DAYS));
        let due: Option<Option<Date>> = fields.maybe(Self::DUE).map(|text| text.parse().ok().filter(|day| *day <= most));
        if due == Some(None) {
            mistakes.push(noted(Self::DUE, Mistake::StaffDay { least: today, most }));
        }
        let note = words(fields, Self::NOTE).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        if mistakes.is_empty() { Ok(Self { to, parts, due: due.flatten(), note }) } else { Err(mistakes) }
    }
}

/// Where it goes, repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairDoneForm {
    pub to: Disposition,
    pub tracking_number: Option<String>,
}

impl RepairDoneForm {
    pub(super) const TO: &'static str = "done_to";
    pub(super) const NUMBER: &'static str = "tracking";

    pub fn parse(fields: &Fields) -> Result<Self, Vec<Noted>> {
        let to = place(fields.get(Self::TO), &DONE_TO).ok_or_else(|| vec![noted(Self::TO, Mistake::DockNowhere)])?;
        let number = fields.maybe(Self::NUMBER).map(|number| one_line(&number, LONGEST));
        Ok(Self { to, tracking_number: number.filter(|number| !number.is_empty()) })
    }
}

/// Where it goes, not repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairGiveUpForm {
    pub to: Disposition,
    pub ground: Option<ScrapGround>,
    pub reason: String,
}

impl RepairGiveUpForm {
    pub(super) const TO: &'static str = "given_up_to";
    pub const GROUND: &'static str = "ground";
    pub(super) const REASON: &'static str = "reason";

    pub fn parse(fields: &Fields) -> Result<Self, Vec<Noted>> {
        let mut mistakes = Vec::new();
        let to = place(fields.get(Self::TO), &GIVEN_UP_TO);
        if to.is_none() {
            mistakes.push(noted(Self::TO, Mistake::DockNowhere));
        }
        let ground = fields.get(Self::GROUND).parse().ok().filter(|_| to.is_some_and(Disposition::destroys));
        let reason = words(fields, Self::REASON).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        if reason.is_none() && mistakes.iter().all(|mistake| mistake.field != Self::REASON) {
            mistakes.push(noted(Self::REASON, Mistake::StaffWordsMissing));
        }
        match (to, reason) {
            (Some(to), Some(reason)) if mistakes.is_empty() => Ok(Self { to, ground, reason }),
            _ => Err(mistakes),
        }
    }
}

fn place(text: &str, list: &[(&str, Disposition)]) -> Option<Disposition> {
    list.iter().find(|(name, _)| *name == text).map(|(_, to)| *to)
}

/// What was said in words, or nothing.
fn words(fields: &Fields, field: &str) -> Result<Option<String>, Noted> {
    let words = fields.maybe(field).map(|words| several_lines(&words)).filter(|words| !words.is_empty());
    let long = words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_COMMENT);
    if long { Err(noted(field, Mistake::CommentLong { most: LONGEST_COMMENT as u32 })) } else { Ok(words) }
}
