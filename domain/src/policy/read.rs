//! From a policy's text to a [`Policy`]: every mistake is told with its place, in the words of whoever wrote it, with what was meant and
//! what there is.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::check::{self, Shop};
use super::document::{Policy, PolicyDocument};
use super::shape::misshapen;
use super::source::{PolicyProblem, Source};
use crate::reason::ReasonTree;

/// A policy without mistakes, with what is worth a second look: allowed, and seldom meant.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Compiled.
    pub policy: Policy,
    /// By their places.
    pub notes: Vec<PolicyProblem>,
}

/// Reads and checks a policy. The text is JSON (comments and trailing commas allowed), or TOML where it does not begin like JSON.
/// Reasons are checked against the shop's own tree.
pub fn read(text: &str, reasons: &ReasonTree) -> Result<Policy, Vec<PolicyProblem>> {
    read_for(text, Shop::of(reasons)).map(|checked| checked.policy)
}

/// As [`read`], for a shop, with what is worth a second look.
pub fn read_for(text: &str, shop: Shop<'_>) -> Result<Checked, Vec<PolicyProblem>> {
    let sorted = |mut problems: Vec<PolicyProblem>| {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems.dedup();
        problems
    };
    let (policy, found) = checked(text, shop).map_err(sorted)?;
    let mistakes = sorted(found.mistakes);
    if mistakes.is_empty() { Ok(Checked { policy, notes: sorted(found.notes) }) } else { Err(mistakes) }
}

fn checked(text: &str, shop: Shop<'_>) -> Result<(Policy, check::Found), Vec<PolicyProblem>> {
    let source = Source::of(text).map_err(|problem| vec![problem])?;
    // Another version may have another shape.
    if source.value.get("homebound_policy").and_then(Value::as_i64).is_some_and(|version| version != 1) {
        return Err(vec![source.problem("homebound_policy", "this program reads version 1")]);
    }
    let misshapen = misshapen(&source);
    if !misshapen.is_empty() {
        return Err(misshapen);
    }
    let document: PolicyDocument = serde_path_to_error::deserialize(&source.value)
        .map_err(|error| vec![source.problem(&error.path().to_string(), &plain(&error.inner().to_string()))])?;
    let time_zone = TimeZone::get(&document.time_zone).unwrap_or(TimeZone::UTC);
    let policy = Policy::compile(document, time_zone);
    let found = check::found(&policy, &source, shop);
    Ok((policy, found))
}

/// What its reader says of a value that has the right shape and is none all the same.
fn plain(said: &str) -> String {
    let ours = !["invalid ", "missing ", "unknown ", "duplicate ", "expected "].iter().any(|start| said.starts_with(start));
    if ours { said.to_owned() } else { "is nothing that can be used here".to_owned() }
}

/// Reads a policy that was checked when it was published, without checking it against today's reasons.
pub fn reload(text: &str) -> Result<Policy, PolicyProblem> {
    let source = Source::of(text)?;
    let document: PolicyDocument = serde_path_to_error::deserialize(&source.value)
        .map_err(|error| source.problem(&error.path().to_string(), &error.inner().to_string()))?;
    let time_zone = TimeZone::get(&document.time_zone).map_err(|error| source.problem("time_zone", &error.to_string()))?;
    Ok(Policy::compile(document, time_zone))
}
