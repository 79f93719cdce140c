//! What followed by a rule of the shop's, and what was answered to its questions: kept with what happened, as it was then.

use serde::{Deserialize, Serialize};

use super::lot::Disposition;
use crate::ids::Code;
use crate::policy::{FactRead, Fired, Found, GoesTo, Rule};

/// The rule of a policy that something follows from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByRule {
    /// Version of the policy.
    pub policy: i64,
    /// Id in its table.
    pub rule: Code,
    /// What it read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<ReadThen>,
}

/// A fact that a rule read, as a policy document writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadThen {
    pub fact: String,
    /// Nothing where it was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    pub wants: String,
}

impl ByRule {
    /// The rule that fired, of that version of the policy.
    pub fn of<E>(policy: i64, fired: &Fired<'_, E>) -> Self {
        let read =
            |fact: &FactRead| ReadThen { fact: fact.fact.name().to_owned(), value: fact.value.clone(), wants: fact.wants.to_string() };
        Self { read: fired.read.iter().map(read).collect(), ..Self::named(policy, fired.rule) }
    }

    /// The rule alone.
    pub fn named<E>(policy: i64, rule: &Rule<E>) -> Self {
        Self { policy, rule: rule.id.clone(), read: Vec::new() }
    }
}

/// Where a rule says that goods go, and what was made of that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposed {
    pub to: Disposition,
    pub by: ByRule,
    /// Why they go elsewhere, in the words of who decided so; nothing where they go there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
}

/// What was answered to a form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// The form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<ByRule>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Answered>,
}

impl Answers {
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }
}

/// An answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Id of the question in its form.
    pub question: Code,
    /// `yes`, a choice's id, a number, or words.
    pub answer: String,
    /// Why it is taken although it is not what was sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl From<GoesTo> for Disposition {
    fn from(to: GoesTo) -> Self {
        match to {
            GoesTo::Restock => Self::Restock,
            GoesTo::Refurbish => Self::Refurbish,
            GoesTo::Repair => Self::Repair,
            GoesTo::Resell => Self::Resell,
            GoesTo::Quarantine => Self::Quarantine,
            GoesTo::Donate => Self::Donate,
            GoesTo::Recycle => Self::Recycle,
            GoesTo::Scrap => Self::Scrap,
            GoesTo::SendBack => Self::SendBack,
        }
    }
}

impl From<Found> for super::inspection::Inspection {
    fn from(found: Found) -> Self {
        match found {
            Found::Accepted => Self::Accepted,
            Found::Downgraded => Self::Downgraded,
            Found::Rejected => Self::Rejected,
        }
    }
}

impl super::inspection::Inspection {
    /// What was found, where somebody has looked.
    pub fn found(self) -> Option<Found> {
        match self {
            Self::Pending => None,
            Self::Accepted => Some(Found::Accepted),
            Self::Downgraded => Some(Found::Downgraded),
            Self::Rejected => Some(Found::Rejected),
        }
    }
}
