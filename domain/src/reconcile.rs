//! What a gateway says that it gave back, held against what we say: each difference is somebody's task.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::money::Money;
use crate::returns::PaymentState;

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// They gave money back that we know nothing of.
    Unknown,
    /// We say that they gave money back, and they do not.
    Missing,
    /// It is another amount there.
    Amount,
    /// It is of another currency there.
    Currency,
    /// It stands otherwise there.
    State,
    /// They gave it back more than once.
    Twice,
    /// They told something of a payment of ours that cannot be so.
    Odd,
    /// A customer's bank took a payment back, or may.
    Dispute,
    /// Money went back by somebody's hand at the gateway, not by ours.
    OutsideRefund,
}

coded!(DifferenceKind {
    Unknown => "unknown",
    Missing => "missing",
    Amount => "amount",
    Currency => "currency",
    State => "state",
    Twice => "twice",
    Odd => "odd",
    Dispute => "dispute",
    OutsideRefund => "outside_refund",
});

/// How a difference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceState {
    /// Somebody has to look.
    Open,
    /// Somebody did, or a later report agreed.
    Settled,
}

coded!(DifferenceState { Open => "open", Settled => "settled" });

/// How a refund stands by a gateway's report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// The report says no more than that it left: it may still be on its way to the customer.
    Left,
    Pending,
    Succeeded,
    /// It did not leave, came back, or was called off.
    Failed,
}

impl Stands {
    /// As words of reports have it; nothing where a word is not known.
    pub fn of(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "" => Some(Self::Left),
            "pending" | "requires_action" => Some(Self::Pending),
            "succeeded" | "available" | "paid" => Some(Self::Succeeded),
            "failed" | "canceled" | "cancelled" => Some(Self::Failed),
            _ => None,
        }
    }

    /// Whether a payment that stands so with us may stand so there.
    fn fits(self, ours: PaymentState) -> bool {
        match self {
            Self::Left => ours.holds(),
            // What left may be told late, and what is on its way there is not confirmed here.
            Self::Pending => ours == PaymentState::Pending,
            Self::Succeeded => ours == PaymentState::Paid,
            Self::Failed => !ours.holds(),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A refund in a gateway's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    /// The line it stands in, the first if it stands in several.
    pub line: u64,
    /// Their name for it.
    pub reference: String,
    /// Our name for it, where they know that.
    pub name: Option<String>,
    /// What was given back: above 0.
    pub amount: Money,
    pub stands: Stands,
    pub at: Option<Timestamp>,
    /// How often the report has it.
    pub times: u32,
}

/// A refund as we have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// Our name for it: `R-7KQ4-M2XD-p1`.
    pub name: String,
    /// Theirs, where they said it.
    pub reference: Option<String>,
    pub amount: Money,
    pub state: PaymentState,
    /// When it was begun.
    pub at: Timestamp,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub kind: DifferenceKind,
    /// What it is of, the same in every report: our name, else theirs.
    pub about: String,
    /// Our name for the refund, and theirs.
    pub name: Option<String>,
    pub reference: Option<String>,
    pub ours: Option<Money>,
    pub theirs: Option<Money>,
    /// How it stands here and there, in the words of machines.
    pub said: String,
}

/// What came of holding a report against our books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub differences: Vec<Difference>,
    /// What fits, by the names that a difference could be about.
    pub agreed: HashSet<String>,
    /// How many refunds fit.
    pub fit: u64,
}

/// Holds a report against our books. `ours`: all that the report names, and all that was begun `within` (first and last moment). `known`: their names of
/// refunds that are booked already as given by somebody else's hand.
pub fn compare(theirs: &[Theirs], ours: &[Ours], known: &HashSet<String>, within: Option<(Timestamp, Timestamp)>) -> Compared {
    let by_reference: HashMap<&str, &Ours> = ours.iter().filter_map(|ours| Some((ours.reference.as_deref()?, ours))).collect();
    let by_name: HashMap<&str, &Ours> = ours.iter().map(|ours| (ours.name.as_str(), ours)).collect();
    let mut found: HashMap<&str, u32> = HashMap::new();
    let mut compared = Compared::default();
    for told in theirs {
        let matched = by_reference.get(told.reference.as_str()).or_else(|| by_name.get(told.name.as_deref()?)).copied();
        let Some(ours) = matched else {
            if known.contains(&told.reference) {
                compared.fit += 1;
                compared.agreed.insert(told.reference.clone());
            } else {
                compared.differences.push(Difference {
                    kind: DifferenceKind::Unknown,
                    about: told.reference.clone(),
                    name: told.name.clone(),
                    reference: Some(told.reference.clone()),
                    ours: None,
                    theirs: Some(told.amount),
                    said: told.stands.word().to_owned(),
                });
            }
            continue;
        };
        let times = found.entry(ours.name.as_str()).or_default();
        // What failed there took nobody's money: another in its place is none too many.
        *times += if told.stands == Stands::Failed { 0 } else { told.times };
        let difference = |kind| Difference {
            kind,
            about: ours.name.clone(),
            name: Some(ours.name.clone()),
            reference: Some(told.reference.clone()),
            ours: Some(ours.amount),
            theirs: Some(told.amount),
            said: format!("{} / {}", ours.state, told.stands.word()),
        };
        let mut kinds = Vec::new();
        if told.amount.currency != ours.amount.currency {
            kinds.push(DifferenceKind::Currency);
        } else if told.amount.minor != ours.amount.minor {
            kinds.push(DifferenceKind::Amount);
        }
        // Of two by one name the one that is ours is known by its reference; the other may have failed.
        let other = ours.reference.as_ref().is_some_and(|reference| *reference != told.reference);
        let fits = told.stands.fits(ours.state) || other && told.stands == Stands::Failed;
        if !fits {
            kinds.push(DifferenceKind::State);
        }
        if *times > 1 {
            kinds.push(DifferenceKind::Twice);
        }
        if kinds.is_empty() {
            compared.fit += 1;
            compared.agreed.extend([ours.name.clone(), told.reference.clone()]);
        }
        compared.differences.extend(kinds.into_iter().map(difference));
    }
    let covers = |at: Timestamp| within.is_some_and(|(first, last)| (first..=last).contains(&at));
    let missing = |ours: &&Ours| ours.state == PaymentState::Paid && covers(ours.at) && !found.contains_key(ours.name.as_str());
    for ours in ours.iter().filter(missing) {
        compared.differences.push(Difference {
            kind: DifferenceKind::Missing,
            about: ours.name.clone(),
            name: Some(ours.name.clone()),
            reference: ours.reference.clone(),
            ours: Some(ours.amount),
            theirs: None,
            said: ours.state.to_string(),
        });
    }
    // What fits in one line and not in another does not fit.
    for difference in &compared.differences {
        compared.agreed.remove(&difference.about);
        difference.reference.iter().for_each(|reference| {
            compared.agreed.remove(reference);
        });
    }
    compared
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn euros(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap())
    }

    fn ours(n: i64) -> Ours {
        Ours { name: format!("R-{n}-p1"), reference: Some(format!("re_{n}")), amount: euros(100 + n), state: PaymentState::Paid, at: at(n) }
    }

    fn theirs(n: i64) -> Theirs {
        let (reference, name) = (format!("re_{n}"), Some(format!("R-{n}-p1")));
        Theirs { line: 1, reference, name, amount: euros(100 + n), stands: Stands::Succeeded, at: Some(at(n)), times: 1 }
    }

    fn kinds(compared: &Compared) -> String {
        compared.differences.iter().map(|difference| difference.kind.code()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        let all = Some((at(0), at(100)));
        let one = |change: &dyn Fn(&mut Ours, &mut Theirs)| {
            let (mut here, mut there) = (ours(1), theirs(1));
            change(&mut here, &mut there);
            kinds(&compare(&[there], &[here], &HashSet::new(), all))
        };
        for (change, kinds) in [
            ((&|_: &mut Ours, _: &mut Theirs| {}) as &dyn Fn(&mut Ours, &mut Theirs), ""),
            (&|_, there| there.amount.minor += 1, "amount"),
            (&|_, there| there.amount.currency = "USD".parse().unwrap(), "currency"),
            (&|_, there| there.stands = Stands::Failed, "state"),
            (&|_, there| there.stands = Stands::Pending, "state"),
            (&|_, there| there.stands = Stands::Left, ""),
            (&|here, there| (here.state, there.stands) = (PaymentState::Pending, Stands::Pending), ""),
            (&|here, there| (here.state, there.stands) = (PaymentState::Reversed, Stands::Failed), ""),
            (&|here, _| here.state = PaymentState::Failed, "state"),
            (&|_, there| there.times = 2, "twice"),
            (&|here, _| here.reference = None, ""),
            (&|_, there| there.name = None, ""),
            (&|here, there| (here.reference, there.name) = (None, None), "unknown missing"),
            (&|_, there| (there.amount.minor, there.stands) = (1, Stands::Failed), "amount state"),
        ] {
            assert_eq!(one(change), kinds);
        }
        let by_hand: HashSet<String> = ["re_9".to_owned()].into();
        let compared = compare(&[theirs(9)], &[], &by_hand, all);
        assert_eq!((kinds(&compared).as_str(), compared.fit), ("", 1));
        assert!(compared.agreed.contains("re_9"), "what is booked since is unknown no more");
        // Outside of what the report is of nothing is missing; nor is what never left.
        assert_eq!(kinds(&compare(&[], &[ours(1)], &by_hand, Some((at(2), at(9))))), "");
        assert_eq!(kinds(&compare(&[], &[ours(1)], &by_hand, None)), "");
        assert_eq!(kinds(&compare(&[], &[Ours { state: PaymentState::Failed, ..ours(1) }], &by_hand, all)), "");
        assert_eq!(kinds(&compare(&[], &[ours(1)], &by_hand, all)), "missing");
        // Two that bear our name are one too many, unless one of them failed.
        let second = Theirs { reference: "re_x".into(), ..theirs(1) };
        assert_eq!(kinds(&compare(&[theirs(1), second.clone()], &[ours(1)], &by_hand, all)), "twice");
        let failed = Theirs { stands: Stands::Failed, ..second };
        assert_eq!(kinds(&compare(&[failed, theirs(1)], &[ours(1)], &by_hand, all)), "");
    }

    proptest! {
        /// Whatever is planted is found, and nothing else.
        #[test]
        fn what_is_planted_is_found(plants in proptest::collection::vec(0..8_u8, 1..60)) {
            let (mut here, mut there, mut expected) = (Vec::new(), Vec::new(), Vec::new());
            for (plant, n) in plants.iter().zip(1..) {
                let (mut mine, mut told) = (Some(ours(n)), Some(theirs(n)));
                let kind = match plant {
                    0 => { mine = None; Some(DifferenceKind::Unknown) }
                    1 => { told = None; Some(DifferenceKind::Missing) }
                    2 => { told.as_mut().unwrap().amount.minor -= 1; Some(DifferenceKind::Amount) }
                    3 => { told.as_mut().unwrap().amount.currency = "CNY".parse().unwrap(); Some(DifferenceKind::Currency) }
                    4 => { told.as_mut().unwrap().stands = Stands::Failed; Some(DifferenceKind::State) }
                    5 => { told.as_mut().unwrap().times = 2; Some(DifferenceKind::Twice) }
                    _ => None,
                };
                let about = if kind == Some(DifferenceKind::Unknown) { format!("re_{n}") } else { format!("R-{n}-p1") };
                expected.extend(kind.map(|kind| (kind, about)));
                here.extend(mine);
                there.extend(told);
            }
            let compared = compare(&there, &here, &HashSet::new(), Some((at(0), at(1_000))));
            let mut found: Vec<_> = compared.differences.iter().map(|difference| (difference.kind, difference.about.clone())).collect();
            found.sort();
            expected.sort();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(compared.fit as usize, plants.iter().filter(|plant| **plant > 5).count());
        }
    }
}
