//! What must be true of a case for a rule to fire: typed tests over typed facts, all of which must hold.

use std::fmt;

use super::facts::{ConditionDocument, FactKind, Wish};
use super::kinds::{OneCode, Wants};
use super::known::Known;
use crate::ids::Code;

/// One test of a compiled condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Fact(Wish),
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
}

/// A condition compiled to the tests it names, in the order of the document's fields.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Condition {
    pub(super) tests: Vec<Test>,
}

impl From<ConditionDocument> for Condition {
    fn from(mut document: ConditionDocument) -> Self {
        let compiled = |conditions: Vec<ConditionDocument>| conditions.into_iter().map(Self::from).collect();
        let facts = document.take_wishes().into_iter().map(Test::Fact);
        let any = document.any.map(|conditions| Test::Any(compiled(conditions)));
        let all = document.all.map(|conditions| Test::All(compiled(conditions)));
        let not = document.not.map(|condition| Test::Not(Box::new(Self::from(*condition))));
        Self { tests: facts.chain(any).chain(all).chain(not).collect() }
    }
}

impl Condition {
    /// The first test that does not hold; nothing where all do.
    pub(super) fn first_miss(&self, known: &Known<'_>) -> Option<usize> {
        self.tests.iter().position(|test| !test.holds(known))
    }

    /// Whether every test holds.
    pub fn holds(&self, known: &Known<'_>) -> bool {
        self.first_miss(known).is_none()
    }

    /// Whether something else might come of it if what is lacking were known.
    pub(super) fn hangs_on(&self, lack: Lack, known: &Known<'_>) -> bool {
        if !self.any_wish(&mut |wish| lack.of(wish, known)) {
            return false;
        }
        let (surely, perhaps) = self.bounds(lack, known);
        surely != perhaps
    }

    /// Whether it holds whatever is lacking, and whether it may hold.
    fn bounds(&self, lack: Lack, known: &Known<'_>) -> (bool, bool) {
        self.tests.iter().map(|test| test.bounds(lack, known)).fold((true, true), |all, one| (all.0 && one.0, all.1 && one.1))
    }

    /// What it still asks of those who have that tier (`none`: of who has none); nothing where it can never hold for them.
    pub(super) fn for_tier(&self, tier: &Code) -> Option<Self> {
        let mut tests = Vec::new();
        for test in &self.tests {
            match test.for_tier(tier) {
                Left::Never => return None,
                Left::Always => {}
                Left::Asks(test) => tests.push(test),
            }
        }
        Some(Self { tests })
    }

    /// Whether it asks for nothing.
    pub fn is_always(&self) -> bool {
        self.tests.is_empty()
    }

    /// Whether it reads that fact, also inside `any`, `all` and `not`.
    pub fn reads(&self, fact: FactKind) -> bool {
        self.any_wish(&mut |wish| wish.fact() == fact)
    }

    /// Calls `look` with every code it compares a fact with, also inside `any`, `all` and `not`.
    pub(super) fn each_code(&self, look: &mut impl FnMut(FactKind, &Code)) {
        self.any_wish(&mut |wish| {
            wish.codes().iter().for_each(|code| look(wish.fact(), code));
            false
        });
    }

    /// What it wants, test by test.
    pub fn clauses(&self) -> Vec<Clause> {
        self.tests.iter().map(Test::clause).collect()
    }

    fn any_wish(&self, is: &mut dyn FnMut(&Wish) -> bool) -> bool {
        self.tests.iter().any(|test| match test {
            Test::Fact(wish) => is(wish),
            Test::Any(conditions) | Test::All(conditions) => conditions.iter().any(|condition| condition.any_wish(is)),
            Test::Not(condition) => condition.any_wish(is),
        })
    }
}

/// What may be lacking where a condition is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// An amount in the order's currency.
    Amount,
    /// The state the item is in.
    Condition,
}

impl Lack {
    fn of(self, wish: &Wish, known: &Known<'_>) -> bool {
        match self {
            Self::Amount => !wish.names(known.order.currency),
            Self::Condition => known.asked.condition.is_none() && matches!(wish.fact(), FactKind::Condition | FactKind::Opened),
        }
    }
}

/// What is left of a test where one fact is known.
enum Left {
    Never,
    Always,
    Asks(Test),
}

impl Test {
    fn for_tier(&self, tier: &Code) -> Left {
        let sure = |holds| if holds { Left::Always } else { Left::Never };
        match self {
            Self::Fact(Wish::Tier(wanted)) => sure(OneCode::holds(wanted, Some(tier))),
            Self::Fact(_) => Left::Asks(self.clone()),
            Self::Any(conditions) => {
                let left: Vec<Condition> = conditions.iter().filter_map(|condition| condition.for_tier(tier)).collect();
                match left.as_slice() {
                    [] => Left::Never,
                    left if left.iter().any(Condition::is_always) => Left::Always,
                    _ => Left::Asks(Self::Any(left)),
                }
            }
            Self::All(conditions) => match conditions.iter().map(|condition| condition.for_tier(tier)).collect::<Option<Vec<_>>>() {
                None => Left::Never,
                Some(left) if left.iter().all(Condition::is_always) => Left::Always,
                Some(left) => Left::Asks(Self::All(left.into_iter().filter(|condition| !condition.is_always()).collect())),
            },
            Self::Not(condition) => match condition.for_tier(tier) {
                None => Left::Always,
                Some(left) if left.is_always() => Left::Never,
                Some(left) => Left::Asks(Self::Not(Box::new(left))),
            },
        }
    }

    fn bounds(&self, lack: Lack, known: &Known<'_>) -> (bool, bool) {
        match self {
            Self::Fact(wish) if lack.of(wish, known) => (false, true),
            Self::Fact(wish) => {
                let holds = wish.holds(known);
                (holds, holds)
            }
            Self::Any(conditions) => {
                conditions.iter().map(|one| one.bounds(lack, known)).fold((false, false), |any, one| (any.0 || one.0, any.1 || one.1))
            }
            Self::All(conditions) => {
                conditions.iter().map(|one| one.bounds(lack, known)).fold((true, true), |all, one| (all.0 && one.0, all.1 && one.1))
            }
            Self::Not(condition) => {
                let (surely, perhaps) = condition.bounds(lack, known);
                (!perhaps, !surely)
            }
        }
    }

    pub(super) fn holds(&self, known: &Known<'_>) -> bool {
        match self {
            Self::Fact(wish) => wish.holds(known),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(known)),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(known)),
            Self::Not(condition) => !condition.holds(known),
        }
    }

    pub(super) fn clause(&self) -> Clause {
        let each = |conditions: &[Condition]| conditions.iter().map(Condition::clauses).collect();
        match self {
            Self::Fact(wish) => Clause::Fact(wish.fact(), wish.wants()),
            Self::Any(conditions) => Clause::Any(each(conditions)),
            Self::All(conditions) => Clause::All(each(conditions)),
            Self::Not(condition) => Clause::Not(condition.clauses()),
        }
    }
}

/// A test as values: for those who put conditions into words.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    /// What is wanted of a fact.
    Fact(FactKind, Wants),
    /// One of these holds.
    Any(Vec<Vec<Clause>>),
    /// All of these hold.
    All(Vec<Vec<Clause>>),
    /// These do not hold together.
    Not(Vec<Clause>),
}

impl Clause {
    /// The fact it is about.
    pub fn fact(&self) -> FactKind {
        match self {
            Self::Fact(fact, _) => *fact,
            Self::Any(_) => FactKind::Any,
            Self::All(_) => FactKind::All,
            Self::Not(_) => FactKind::Not,
        }
    }
}

impl fmt::Display for Clause {
    /// In the notation of a policy document's reader: `≤ 7`, `(category shoes ∧ tier gold)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn named(clause: &Clause) -> String {
            match clause {
                Clause::Any(_) | Clause::All(_) => format!("({clause})"),
                Clause::Not(_) => format!("¬({clause})"),
                Clause::Fact(fact, wants) => format!("{} {wants}", fact.name()),
            }
        }
        fn group(clauses: &[Clause]) -> String {
            clauses.iter().map(named).collect::<Vec<_>>().join(" ∧ ")
        }
        match self {
            Self::Fact(_, wants) => wants.fmt(f),
            Self::Any(groups) => f.write_str(&groups.iter().map(|clauses| group(clauses)).collect::<Vec<_>>().join(" ∨ ")),
            Self::All(groups) => f.write_str(&groups.iter().map(|clauses| group(clauses)).collect::<Vec<_>>().join(" ∧ ")),
            Self::Not(clauses) => f.write_str(&group(clauses)),
        }
    }
}
