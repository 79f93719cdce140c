//! Claims (P27): what the shop asks of a supplier for goods that went back, or of a carrier for what was lost, damaged, short or late.

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::money::{Currency, Money};

/// Whom a claim is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Whoever sold the goods to the shop.
    Supplier,
    /// Whoever carried a parcel.
    Carrier,
}

coded!(Against { Supplier => "supplier", Carrier => "carrier" });

/// Why it is made. Each ground is of one kind of claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimGround {
    /// The parcel never came.
    Lost,
    /// It came damaged.
    Damaged,
    /// It came, and some of its contents did not.
    Short,
    /// It came after the agreed day.
    Late,
    Defective,
    /// Not what was ordered.
    WrongGoods,
    NotAsDescribed,
    /// The maker or an authority took the product back.
    Recalled,
}

coded!(ClaimGround {
    Lost => "lost",
    Damaged => "damaged",
    Short => "short",
    Late => "late",
    Defective => "defective",
    WrongGoods => "wrong_goods",
    NotAsDescribed => "not_as_described",
    Recalled => "recalled",
});

/// Days after delivery within which damage and shortage that were not to be seen at once are told to the carrier: CMR art. 30(1), which leaves out Sundays
/// and holidays and so ends no earlier; German HGB § 438(2).
pub const DAMAGE_DAYS: i64 = 7;
/// Days after delivery within which a carrier is told that it came late: CMR art. 30(3), German HGB § 438(3).
pub const DELAY_DAYS: i64 = 21;

impl ClaimGround {
    pub const fn against(self) -> Against {
        match self {
            Self::Lost | Self::Damaged | Self::Short | Self::Late => Against::Carrier,
            Self::Defective | Self::WrongGoods | Self::NotAsDescribed | Self::Recalled => Against::Supplier,
        }
    }

    /// The last day for it where nobody names another. `since`: the day of delivery; of what was lost the day on which it should have been delivered.
    /// Nothing: suppliers' terms are their contract's.
    ///
    /// What is lost is sued for within one year: CMR art. 32(1), German HGB § 439(1). The year is counted as § 439(2) has it; art. 32(1)(b) has it begin
    /// thirty or sixty days later.
    pub fn default_due(self, since: Date) -> Option<Date> {
        let span = match self {
            Self::Damaged | Self::Short => Span::new().days(DAMAGE_DAYS),
            Self::Late => Span::new().days(DELAY_DAYS),
            Self::Lost => Span::new().years(1),
            _ => return None,
        };
        Some(since.saturating_add(span))
    }
}

/// How a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Still to be sent to them.
    Open,
    /// They have it.
    Filed,
    /// They will pay.
    Agreed,
    /// They paid; the end.
    Settled,
    /// They will not pay; it may be filed again, as an objection.
    Declined,
    /// Given up; the end.
    Dropped,
}

coded!(ClaimState {
    Open => "open",
    Filed => "filed",
    Agreed => "agreed",
    Settled => "settled",
    Declined => "declined",
    Dropped => "dropped",
});

/// What is done with a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStep {
    File,
    Agree,
    Settle,
    Decline,
    Drop,
}

coded!(ClaimStep { File => "file", Agree => "agree", Settle => "settle", Decline => "decline", Drop => "drop" });

/// The answer to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    To(ClaimState),
    /// It stands so; nothing happens.
    Already,
    /// The state does not allow it.
    Refused,
}

impl ClaimState {
    pub fn step(self, step: ClaimStep) -> Answered {
        use ClaimStep::{Agree, Decline, Drop, File, Settle};
        match (self, step) {
            (Self::Filed, File) | (Self::Agreed, Agree) | (Self::Settled, Settle) | (Self::Declined, Decline) | (Self::Dropped, Drop) => {
                Answered::Already
            }
            (Self::Open | Self::Declined, File) => Answered::To(Self::Filed),
            (Self::Filed, Agree) => Answered::To(Self::Agreed),
            (Self::Agreed, Settle) => Answered::To(Self::Settled),
            // Who agreed may think again.
            (Self::Filed | Self::Agreed, Decline) => Answered::To(Self::Declined),
            (Self::Open | Self::Filed | Self::Agreed | Self::Declined, Drop) => Answered::To(Self::Dropped),
            _ => Answered::Refused,
        }
    }

    /// What can be done with a claim that stands so.
    pub fn possible(self) -> impl Iterator<Item = ClaimStep> {
        ClaimStep::ALL.iter().copied().filter(move |step| matches!(self.step(*step), Answered::To(_)))
    }

    pub const fn is_end(self) -> bool {
        matches!(self, Self::Settled | Self::Dropped)
    }
}

/// Whether a claim's last day still matters: until it is filed. What is sued for within a time is so again once it is declined: a claim in writing stops
/// the time until then (CMR art. 32(2), HGB § 439(3)). How long it was stopped is left out, so that the day is rather too early.
pub fn deadline_runs(ground: ClaimGround, state: ClaimState) -> bool {
    state == ClaimState::Open || (state == ClaimState::Declined && ground == ClaimGround::Lost)
}

/// Why a claim is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefused {
    #[error("a claim that is {0} does not allow that")]
    State(ClaimState),
    #[error("what they paid is above 0")]
    Nothing,
    /// What was expected is in another.
    #[error("what they paid is in {0}, as what was expected")]
    Currency(Currency),
}

/// What they paid, held against what was expected of them: less, more or as much, in the same currency.
pub fn check_settled(expected: Option<Money>, paid: Money) -> Result<(), ClaimRefused> {
    match expected {
        _ if paid.minor <= 0 => Err(ClaimRefused::Nothing),
        Some(expected) if expected.currency != paid.currency => Err(ClaimRefused::Currency(expected.currency)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row per state, one column per step: the new state, `=` already, `x` refused.
    #[test]
    fn every_step_from_every_state_answers_as_this_table_says() {
        use ClaimState as S;
        for (from, expected) in [
            (S::Open, "filed x x x dropped"),
            (S::Filed, "= agreed x declined dropped"),
            (S::Agreed, "x = settled declined dropped"),
            (S::Settled, "x x = x x"),
            (S::Declined, "filed x x = dropped"),
            (S::Dropped, "x x x x ="),
        ] {
            let letter = |step: &ClaimStep| match from.step(*step) {
                Answered::To(state) => state.code(),
                Answered::Already => "=",
                Answered::Refused => "x",
            };
            assert_eq!(ClaimStep::ALL.iter().map(letter).collect::<Vec<_>>().join(" "), expected, "{from}");
            assert_eq!(from.possible().next().is_none(), from.is_end(), "{from}: only an end allows nothing");
        }
        for step in ClaimStep::ALL {
            for state in S::ALL {
                if let Answered::To(next) = state.step(*step) {
                    assert_eq!(next.step(*step), Answered::Already, "{state} {step}: twice is once");
                }
            }
        }
    }

    #[test]
    fn carriers_have_days_by_law_and_suppliers_none() {
        let since: Date = "2026-02-28".parse().unwrap();
        for (ground, against, due) in [
            (ClaimGround::Damaged, Against::Carrier, Some("2026-03-07")),
            (ClaimGround::Short, Against::Carrier, Some("2026-03-07")),
            (ClaimGround::Late, Against::Carrier, Some("2026-03-21")),
            (ClaimGround::Lost, Against::Carrier, Some("2027-02-28")),
            (ClaimGround::Defective, Against::Supplier, None),
            (ClaimGround::WrongGoods, Against::Supplier, None),
            (ClaimGround::NotAsDescribed, Against::Supplier, None),
            (ClaimGround::Recalled, Against::Supplier, None),
        ] {
            let due = due.map(|day| day.parse().unwrap());
            assert_eq!((ground.against(), ground.default_due(since)), (against, due), "{ground}");
        }
        assert_eq!(ClaimGround::Late.default_due(Date::MAX), Some(Date::MAX));
        let leap: Date = "2028-02-29".parse().unwrap();
        assert_eq!(ClaimGround::Lost.default_due(leap), Some("2029-02-28".parse().unwrap()));
    }

    #[test]
    fn a_day_matters_until_it_is_filed_and_to_sue_again_once_it_is_declined() {
        for state in ClaimState::ALL {
            let (told, sued) = (deadline_runs(ClaimGround::Damaged, *state), deadline_runs(ClaimGround::Lost, *state));
            assert_eq!((told, sued), (*state == ClaimState::Open, matches!(state, ClaimState::Open | ClaimState::Declined)), "{state}");
        }
    }

    #[test]
    fn what_they_pay_may_be_less_or_more_and_never_nothing() {
        let eur = |minor| Money::new(minor, "EUR".parse().unwrap());
        let cny = Money::new(1, "CNY".parse().unwrap());
        for (expected, paid, answer) in [
            (Some(eur(1_000)), eur(1), Ok(())),
            (Some(eur(1_000)), eur(2_000), Ok(())),
            (None, cny, Ok(())),
            (Some(eur(1_000)), eur(0), Err(ClaimRefused::Nothing)),
            (None, eur(-1), Err(ClaimRefused::Nothing)),
            (Some(eur(1_000)), cny, Err(ClaimRefused::Currency(eur(0).currency))),
        ] {
            assert_eq!(check_settled(expected, paid), answer, "{paid}");
        }
    }
}
