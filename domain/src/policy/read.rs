//! From a policy's text to a [`Policy`]: every mistake is told with its line and column and what was meant.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::condition::{Clause, Condition};
use super::document::{Policy, PolicyDocument, Table};
use super::facts::FactKind;
use super::source::{PolicyProblem, Source};
use crate::item::CONDITIONS;
use crate::reason::ReasonTree;
use crate::words::nearest;

/// Reads and checks a policy. The text is JSON (comments and trailing commas allowed), or TOML where it does not start with `{`.
/// Reasons are checked against the shop's own tree.
pub fn read(text: &str, reasons: &ReasonTree) -> Result<Policy, Vec<PolicyProblem>> {
    checked(text, reasons).map_err(|mut problems| {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    })
}

fn checked(text: &str, reasons: &ReasonTree) -> Result<Policy, Vec<PolicyProblem>> {
    let source = Source::of(text).map_err(|problem| vec![problem])?;
    let mut problems = misshapen(&source);
    if !problems.is_empty() {
        return Err(problems);
    }
    let document: PolicyDocument = match serde_path_to_error::deserialize(&source.value) {
        Ok(document) => document,
        Err(error) => return Err(vec![source.problem(&error.path().to_string(), &readable(&error.inner().to_string()))]),
    };
    let time_zone = TimeZone::get(&document.time_zone).unwrap_or_else(|_| {
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        let meant = nearest(&document.time_zone, known.iter().map(String::as_str));
        problems.push(
            source
                .problem("time_zone", &format!("`{}` is not a time zone of the IANA database{}", document.time_zone, did_you_mean(meant))),
        );
        TimeZone::UTC
    });
    if document.homebound_policy != 1 {
        problems.push(source.problem("homebound_policy", "this program reads version 1"));
    }
    let policy = Policy::compile(document, time_zone);
    check(&policy, &source, reasons, &mut problems);
    if problems.is_empty() { Ok(policy) } else { Err(problems) }
}

/// Reads a policy that was checked when it was published, without checking it against today's reasons.
pub fn reload(text: &str) -> Result<Policy, PolicyProblem> {
    let source = Source::of(text)?;
    let document: PolicyDocument = serde_path_to_error::deserialize(&source.value)
        .map_err(|error| source.problem(&error.path().to_string(), &error.inner().to_string()))?;
    let time_zone = TimeZone::get(&document.time_zone).map_err(|error| source.problem("time_zone", &error.to_string()))?;
    Ok(Policy::compile(document, time_zone))
}

/// Decodes every rule by itself, so that one mistake does not hide the next.
fn misshapen(source: &Source) -> Vec<PolicyProblem> {
    let mut problems = Vec::new();
    let Some(object) = source.value.as_object() else {
        return vec![source.problem("", "a policy is an object of rule tables")];
    };
    for (name, table) in object {
        let Some(rules) = table.as_array() else { continue };
        for (index, rule) in rules.iter().enumerate() {
            // A document of this one rule alone: the same types decode it, so that nothing is described twice.
            let probe = serde_json::json!({"homebound_policy": 1, "time_zone": "UTC", name.as_str(): [rule]});
            if let Err(error) = serde_path_to_error::deserialize::<_, PolicyDocument>(&probe) {
                let path = error.path().to_string();
                if !path.starts_with(name.as_str()) {
                    continue;
                }
                let here = path.replacen("[0]", &format!("[{index}]"), 1);
                problems.push(source.problem(&here, &readable(&error.inner().to_string())));
            }
        }
    }
    problems
}

/// What serde says, with the nearest known name where a field or variant is unknown.
fn readable(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    if !unknown || parts.len() < 4 {
        return message.to_owned();
    }
    let known: Vec<&str> = parts.iter().skip(3).step_by(2).copied().collect();
    let what = if message.starts_with("unknown field") { "field" } else { "value" };
    match nearest(parts[1], known.iter().copied()) {
        Some(meant) => format!("there is no {what} `{}`; did you mean `{meant}`?", parts[1]),
        None => format!("there is no {what} `{}`; there are {}", parts[1], known.join(", ")),
    }
}

fn did_you_mean(meant: Option<String>) -> String {
    meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}

/// What the types alone cannot say: unique ids, complete effects, reasons and campaigns that exist.
fn check(policy: &Policy, source: &Source, reasons: &ReasonTree, problems: &mut Vec<PolicyProblem>) {
    let mut seen = HashMap::new();
    for table in Table::ALL {
        for (index, rule) in policy.heads(*table).into_iter().enumerate() {
            let path = format!("{}[{index}]", table.name());
            if let Some(first) = seen.insert(rule.id.as_str().to_owned(), path.clone()) {
                problems.push(source.problem(&format!("{path}.id"), &format!("`{}` is already the id of {first}", rule.id)));
            }
            check_codes(policy, source, &path, rule.when, reasons, problems);
            if rule.when.clauses().iter().any(never) {
                problems.push(source.problem(&format!("{path}.when"), "can never fire: it excludes everything, or names no alternative"));
            }
            if !rule.say.is_empty() && !rule.say.is_complete() {
                problems.push(source.problem(&format!("{path}.say"), "say it in both zh-CN and en, or leave it out"));
            }
        }
        for (index, effect) in policy.effects(*table).into_iter().enumerate() {
            let path = format!("{}[{index}].then", table.name());
            for (field, problem) in effect.problems() {
                let path = if field.is_empty() { path.clone() } else { format!("{path}.{field}") };
                problems.push(source.problem(&path, problem));
            }
        }
        problems.extend(unreachable_rule(policy, *table, source));
    }
    for (index, campaign) in policy.campaigns.iter().enumerate() {
        if campaign.to < campaign.from {
            problems.push(source.problem(&format!("campaigns[{index}].to"), "is before `from`"));
        }
        if !campaign.name.is_complete() {
            problems.push(source.problem(&format!("campaigns[{index}]"), "needs a `name` in zh-CN and en"));
        }
    }
}

/// Whether a wish can never come true: `not` of what always holds, `any` of nothing.
fn never(clause: &Clause) -> bool {
    let possible = |clauses: &Vec<Clause>| !clauses.iter().any(never);
    match clause {
        Clause::Not(clauses) => clauses.is_empty(),
        Clause::Any(groups) => !groups.iter().any(possible),
        Clause::All(groups) => !groups.iter().all(possible),
        Clause::Fact(..) => false,
    }
}

/// A rule after one that always fires can never fire itself, where the first one wins.
fn unreachable_rule(policy: &Policy, table: Table, source: &Source) -> Option<PolicyProblem> {
    let rules = policy.heads(table);
    let always = rules.iter().position(|rule| rule.when.is_always()).filter(|_| table.first_wins())?;
    let path = format!("{}[{}]", table.name(), always + 1);
    let problem = || format!("can never fire: `{}` above it always does; move it up", rules[always].id);
    (always + 1 < rules.len()).then(|| source.problem(&path, &problem()))
}

fn check_codes(
    policy: &Policy,
    source: &Source,
    path: &str,
    condition: &Condition,
    reasons: &ReasonTree,
    problems: &mut Vec<PolicyProblem>,
) {
    const PROOFS: [&str; 4] = ["order", "receipt", "gift_receipt", "none"];
    let tops = || reasons.all().iter().map(|reason| reason.code.as_str());
    let subs = || reasons.all().iter().flat_map(|reason| &reason.sub_reasons).map(|reason| reason.code.as_str());
    condition.each_code(&mut |kind, code| {
        let code = code.as_str();
        let known: Vec<&str> = match kind {
            FactKind::Reason => tops().collect(),
            FactKind::SubReason => subs().collect(),
            FactKind::Condition => CONDITIONS.to_vec(),
            FactKind::Proof => PROOFS.to_vec(),
            FactKind::Campaign => policy.campaigns.iter().map(|campaign| campaign.id.as_str()).collect(),
            _ => return,
        };
        if !known.contains(&code) {
            let name = kind.name();
            let meant = did_you_mean(nearest(code, known.iter().copied()));
            problems.push(source.problem(&format!("{path}.when.{name}"), &format!("there is no {name} `{code}`{meant}")));
        }
    });
}
