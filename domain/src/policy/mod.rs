//! Policies: a merchant's rules as a document, and [`judge`], which applies them.

/// The policy the product starts with: C5 and C39–C49 at work.
pub const DEFAULT: &str = include_str!("../../policies/default.json");

mod amounts;
mod check;
mod compensation;
mod condition;
mod counterfactual;
mod declare;
mod dock;
mod document;
mod effects;
mod evidence;
mod facts;
mod floor;
mod form;
mod goods;
mod judge;
mod kinds;
mod known;
mod law_facts;
mod law_trace;
mod names;
mod people;
mod perks;
mod promise;
mod read;
mod request;
mod resolution;
mod seen;
mod sentence;
mod shape;
mod source;
mod spans;
mod states;
mod syntax;
mod verdict;
mod wanted;
mod ways;
mod whom;

#[cfg(test)]
mod never_worse;
#[cfg(test)]
mod tests;

pub use crate::days::{days_between, local_day};
pub use amounts::{Amounts, BasisPoints};
pub use check::{PROOFS, Shop};
pub use compensation::{CompensationEffect, Gift, GivenAt};
pub use condition::{Clause, Condition};
pub use counterfactual::{Change, Counterfactual, counterfactuals};
pub use dock::{DispositionEffect, EarlyAt, FailedRepairEffect, GoesTo, GradeEffect, Instead, PaidBy, PayoutEffect, ShipsAt};
pub use document::{Policy, PolicyDocument, Rule, RuleHead, Table, json_schema};
pub use effects::{
    BundleRule, Campaign, ClockStart, ElsewhereEffect, ExclusionEffect, ExclusionGround, FeeEffect, FeeKind, FeePer, FreightEffect,
    GiftRule, KindRule, MethodEffect, MethodOffer, OutboundEffect, OutboundRefund, Payer, ResolutionEffect, ReviewEffect, ReviewGround,
    Reviewer, WindowEffect,
};
pub use evidence::{EvidenceEffect, EvidenceKind, EvidenceOf, EvidenceSlot, EvidenceSlots, Piece, Shows, still_wanted};
pub use facts::{ConditionDocument, FactKind};
pub use form::{Choice, InspectionEffect, LONGEST_ANSWER, MOST_QUESTIONS, Meaning, NoAnswer, Question, QuestionKind, Sold};
pub use goods::{AtHand, Failed, Fired, Graded};
pub use judge::{gifts_kept, judge};
pub use kinds::Wants;
pub use people::{EscalationEffect, MOST_HOURS, TASKS};
pub use perks::Perk;
pub use promise::{PromisedDates, after, coming_back, extended, promised, waiting};
pub use read::{Checked, read, read_for, reload};
pub use request::{Basis, Case, CaseLine, History, SaidOfLaw};
pub use resolution::{Method, Resolution};
pub use seen::{Found, Grade, Seen};
pub use sentence::{MoneyText, Sentence};
pub use source::PolicyProblem;
pub use spans::{Promises, Span};
pub use states::{InState, conditions_that_matter, could_come_back, states_that_help};
pub use verdict::{
    ByLaw, Changed, Decision, FactRead, LawFact, LawLook, LineVerdict, Offer, Refusal, RuleLook, Trace, Verdict, Window, WindowState,
};
pub use whom::{Whom, WorkRole};
