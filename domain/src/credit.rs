//! Credit in the shop: why it came and went, and what of each part of it is left.

use std::str::FromStr;

use jiff::Timestamp;

/// Why credit came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditKind {
    /// In place of money that was granted.
    Refund,
    /// What the shop adds to it.
    Bonus,
    /// It was spent.
    Redeem,
    /// What was to be spent was not.
    Release,
    /// A person put it right.
    Adjust,
    /// Its time was over.
    Expire,
}

impl CreditKind {
    pub const ALL: [Self; 6] = [Self::Refund, Self::Bonus, Self::Redeem, Self::Release, Self::Adjust, Self::Expire];

    /// As stored, and as machines read it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::Bonus => "bonus",
            Self::Redeem => "redeem",
            Self::Release => "release",
            Self::Adjust => "adjust",
            Self::Expire => "expire",
        }
    }
}

/// What is no kind of credit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of credit")]
pub struct NoSuchKind(String);

impl FromStr for CreditKind {
    type Err = NoSuchKind;

    fn from_str(text: &str) -> Result<Self, NoSuchKind> {
        Self::ALL.into_iter().find(|kind| kind.code() == text).ok_or_else(|| NoSuchKind(text.to_owned()))
    }
}

/// An entry of one holder's ledger in one currency, as far as it matters to what is left of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved<'e> {
    /// Minor units; negative where it went.
    pub amount: i64,
    pub kind: CreditKind,
    /// Until when it can be spent; nothing: without end.
    pub expires_at: Option<Timestamp>,
    /// The shop's name for what it was spent on: what is released is what was spent by the same.
    pub reference: Option<&'e str>,
    /// Of [`CreditKind::Expire`] and [`CreditKind::Adjust`]: the place of the entry whose time was over, or that was taken back.
    pub ends: Option<usize>,
}

/// What is left of each entry, minor units, at its place: of what went, nothing. Entries come the oldest first. What ends first is spent first, what has no
/// end last, so that nobody loses what they need not lose; what is released stands again where it was taken from. The sum is the ledger's, where
/// that was never below nothing.
pub fn left_of(ledger: &[Moved<'_>]) -> Vec<i64> {
    let mut left = vec![0_i64; ledger.len()];
    let mut taken: Vec<(&str, Vec<(usize, i64)>)> = Vec::new();
    for (place, moved) in ledger.iter().enumerate() {
        match (moved.kind, moved.amount) {
            (CreditKind::Release, amount) if amount > 0 => {
                let mut back = amount;
                let known = taken.iter_mut().find(|(reference, _)| Some(*reference) == moved.reference);
                for (from, part) in known.into_iter().flat_map(|(_, parts)| parts.drain(..)) {
                    left[from] += part.min(back);
                    back -= part.min(back);
                }
                // What it was taken from nobody knows any more.
                left[place] += back;
            }
            (_, amount) if amount >= 0 => left[place] += amount,
            (kind, amount) => {
                let mut wanted = -amount;
                let mut parts = Vec::new();
                let first = moved.ends.filter(|_| matches!(kind, CreditKind::Expire | CreditKind::Adjust));
                let mut order: Vec<usize> = (0..place).filter(|from| left[*from] > 0).collect();
                order.sort_by_key(|from| (Some(*from) != first, ledger[*from].expires_at.unwrap_or(Timestamp::MAX), *from));
                for from in order {
                    let part = left[from].min(wanted);
                    left[from] -= part;
                    wanted -= part;
                    parts.push((from, part));
                    if wanted == 0 {
                        break;
                    }
                }
                if let Some(reference) = moved.reference {
                    taken.push((reference, parts));
                }
            }
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn came(amount: i64, expires: Option<i64>) -> Moved<'static> {
        let expires_at = expires.map(|second| Timestamp::from_second(second).unwrap());
        Moved { amount, kind: CreditKind::Refund, expires_at, reference: None, ends: None }
    }

    fn went(kind: CreditKind, amount: i64, reference: &'static str) -> Moved<'static> {
        Moved { amount, kind, expires_at: None, reference: Some(reference), ends: None }
    }

    #[test]
    fn what_ends_first_is_spent_first_and_what_is_released_stands_where_it_was() {
        let mut ledger = vec![came(100, None), came(50, Some(200)), came(30, Some(100))];
        assert_eq!(left_of(&ledger), [100, 50, 30]);
        ledger.push(went(CreditKind::Redeem, -60, "a"));
        assert_eq!(left_of(&ledger), [100, 20, 0, 0]);
        ledger.push(went(CreditKind::Redeem, -40, "b"));
        assert_eq!(left_of(&ledger), [80, 0, 0, 0, 0]);
        ledger.push(went(CreditKind::Release, 60, "a"));
        assert_eq!(left_of(&ledger), [80, 30, 30, 0, 0, 0]);
        ledger.push(Moved { ends: Some(2), ..went(CreditKind::Expire, -30, "x") });
        assert_eq!(left_of(&ledger), [80, 30, 0, 0, 0, 0, 0]);
        // By a name that nobody knows: it stands by itself, without end.
        ledger.push(went(CreditKind::Release, 5, "z"));
        assert_eq!(left_of(&ledger).last(), Some(&5));
    }

    proptest! {
        #[test]
        fn what_is_left_of_all_is_what_the_ledger_comes_to(
            steps in prop::collection::vec((0usize..4, 1i64..500, prop::option::of(0i64..20)), 1..40)
        ) {
            let mut ledger: Vec<Moved<'static>> = Vec::new();
            const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
            let mut spent: Vec<(usize, i64)> = Vec::new();
            for (step, amount, expires) in steps {
                let balance: i64 = ledger.iter().map(|moved| moved.amount).sum();
                let left = left_of(&ledger);
                match step {
                    0 => ledger.push(came(amount, expires)),
                    1 if amount <= balance && spent.len() < NAMES.len() => {
                        ledger.push(went(CreditKind::Redeem, -amount, NAMES[spent.len()]));
                        spent.push((spent.len(), amount));
                    }
                    2 if !spent.is_empty() => {
                        let (name, amount) = spent[0];
                        if amount > 0 {
                            ledger.push(went(CreditKind::Release, amount, NAMES[name]));
                            spent[0].1 = 0;
                        }
                    }
                    _ => {
                        if let Some(place) = left.iter().position(|left| *left > 0) {
                            ledger.push(Moved { ends: Some(place), reference: None, ..went(CreditKind::Expire, -left[place], "x") });
                            prop_assert_eq!(left_of(&ledger)[place], 0, "it ended");
                        }
                    }
                }
                let (left, balance) = (left_of(&ledger), ledger.iter().map(|moved| moved.amount).sum::<i64>());
                prop_assert!(left.iter().all(|left| *left >= 0), "{:?} {:?}", ledger, left);
                prop_assert_eq!(left.iter().sum::<i64>(), balance);
            }
        }
    }
}
