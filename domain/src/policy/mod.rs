//! Policies: a merchant's rules as a document, and [`judge`], which applies them.

/// The policy the product starts with: C5 and C39–C49 at work.
pub const DEFAULT: &str = include_str!("../../policies/default.json");

mod condition;
mod counterfactual;
mod document;
mod effects;
mod facts;
mod judge;
mod promise;
mod read;
mod request;
mod resolution;
mod sentence;
mod verdict;

#[cfg(test)]
mod tests;

pub use condition::{Amounts, Clause, Condition, ConditionDocument, DateRange, FactKind};
pub use counterfactual::{Change, Counterfactual, counterfactuals};
pub use document::{Policy, PolicyDocument, Rule, Table, json_schema};
pub use effects::{
    BasisPoints, BundleRule, Campaign, ClockStart, CompensationEffect, EvidenceEffect, EvidenceKind, EvidenceOf, ExclusionEffect,
    ExclusionGround, FeeEffect, FeeKind, FeePer, FreightEffect, GiftRule, MethodEffect, MethodOffer, OutboundEffect, OutboundRefund, Payer,
    Promises, ResolutionEffect, ReviewEffect, ReviewGround, Reviewer, Span, WindowEffect, still_wanted,
};
pub use facts::{days_between, local_day};
pub use judge::{conditions_that_matter, gifts_kept, judge};
pub use promise::{PromisedDates, after, promised};
pub use read::{PolicyProblem, read, reload};
pub use request::{Case, CaseLine, History};
pub(crate) use resolution::coded;
pub use resolution::{Method, Resolution};
pub use sentence::{MoneyText, Sentence};
pub use verdict::{Decision, FactRead, LineVerdict, Offer, Refusal, RuleLook, Trace, Verdict, Window, WindowState};
