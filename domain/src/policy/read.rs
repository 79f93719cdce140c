//! From a policy's text to a [`Policy`]: every mistake is told with its line and column and what was meant.

use std::collections::HashMap;
use std::fmt;

use jiff::tz::TimeZone;
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use serde_json::Value;

use super::condition::{Clause, FactKind};
use super::document::{Policy, PolicyDocument, Rule};
use super::resolution::{Method, Resolution};
use crate::reason::ReasonTree;
use crate::words::nearest;

/// One mistake in a policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// Line in the text, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// Where in the document: `fee[2].then.percent`.
    pub path: String,
    /// What is wrong, and what was meant where that can be guessed.
    pub problem: String,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.problem)
    }
}

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
    let mut each = |table: &str, index: usize, id: &str, condition: &super::Condition, problems: &mut Vec<PolicyProblem>| {
        let path = format!("{table}[{index}]");
        if let Some(first) = seen.insert(id.to_owned(), path.clone()) {
            problems.push(source.problem(&format!("{path}.id"), &format!("`{id}` is already the id of {first}")));
        }
        check_codes(policy, source, &path, condition, reasons, problems);
        if condition.clauses().iter().any(never) {
            problems.push(source.problem(&format!("{path}.when"), "can never fire: it excludes everything, or names no alternative"));
        }
    };
    macro_rules! tables {
        ($($table:ident),+) => {
            $(for (index, rule) in policy.$table.iter().enumerate() {
                each(stringify!($table), index, rule.id.as_str(), &rule.when, problems);
                if !rule.say.is_empty() && !rule.say.is_complete() {
                    problems.push(source.problem(&format!("{}[{index}].say", stringify!($table)), "say it in both zh-CN and en, or leave it out"));
                }
            })+
        };
    }
    tables!(window, exclusion, fee, freight, outbound, resolution, method, evidence, review, compensation);
    for (index, rule) in policy.window.iter().enumerate() {
        if let Some(problem) = rule.then.problem() {
            problems.push(source.problem(&format!("window[{index}].then"), problem));
        }
    }
    for (index, rule) in policy.resolution.iter().enumerate() {
        let path = format!("resolution[{index}].then");
        if rule.then.offer.is_empty() {
            problems.push(source.problem(&format!("{path}.offer"), "offers nothing; use an exclusion to refuse"));
        }
        if rule.then.offer.contains(&Resolution::KeepRefund) != (rule.then.keep_share.0 > 0) {
            problems.push(source.problem(&path, "`keep_refund` and `keep_share` go together"));
        }
    }
    for (index, rule) in policy.method.iter().enumerate() {
        if rule.then.offer.is_empty() || rule.then.offer.iter().any(|offer| offer.method == Method::None) {
            problems
                .push(source.problem(&format!("method[{index}].then.offer"), "names at least one of pickup, drop_off, self_ship, counter"));
        }
    }
    for (index, rule) in policy.evidence.iter().enumerate() {
        if !(1..=10).contains(&rule.then.at_least) {
            problems.push(source.problem(&format!("evidence[{index}].then.at_least"), "is between 1 and 10"));
        }
    }
    for (index, campaign) in policy.campaigns.iter().enumerate() {
        if campaign.to < campaign.from {
            problems.push(source.problem(&format!("campaigns[{index}].to"), "is before `from`"));
        }
        if !campaign.name.is_complete() {
            problems.push(source.problem(&format!("campaigns[{index}]"), "needs a `name` in zh-CN and en"));
        }
    }
    unreachable_rules(policy, source, problems);
}

/// Whether a wish can never come true: `not` of what always holds, `any` of nothing.
fn never(clause: &Clause) -> bool {
    let possible = |clauses: &Vec<Clause>| !clauses.iter().any(never);
    match clause {
        Clause::Not(clauses) => clauses.is_empty(),
        Clause::Any(groups) => !groups.iter().any(possible),
        Clause::All(groups) => !groups.iter().all(possible),
        _ => false,
    }
}

/// Rules after one that always fires can never fire themselves.
fn unreachable_rules(policy: &Policy, source: &Source, problems: &mut Vec<PolicyProblem>) {
    fn after_always<E>(rules: &[Rule<E>]) -> Option<(usize, &Rule<E>)> {
        let always = rules.iter().position(|rule| rule.when.is_always())?;
        (always + 1 < rules.len()).then(|| (always + 1, &rules[always]))
    }
    macro_rules! first_wins {
        ($($table:ident),+) => {
            $(if let Some((index, always)) = after_always(&policy.$table) {
                let path = format!("{}[{index}]", stringify!($table));
                problems.push(source.problem(&path, &format!("can never fire: `{}` above it always does; move it up", always.id)));
            })+
        };
    }
    first_wins!(window, fee, freight, outbound, resolution, method, review, compensation);
}

fn check_codes(
    policy: &Policy,
    source: &Source,
    path: &str,
    condition: &super::Condition,
    reasons: &ReasonTree,
    problems: &mut Vec<PolicyProblem>,
) {
    const CONDITIONS: [&str; 8] = ["unopened", "opened", "used", "damaged", "incomplete", "dirty", "altered", "assembled"];
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

/// A document's text and values, and where in the text each value stands.
struct Source {
    value: Value,
    positions: HashMap<String, (usize, usize)>,
}

impl Source {
    fn of(text: &str) -> Result<Self, PolicyProblem> {
        if text.trim_start().starts_with(['{', '/']) { Self::json(text) } else { Self::toml(text) }
    }

    fn json(text: &str) -> Result<Self, PolicyProblem> {
        let options = jsonc_parser::ParseOptions::default();
        let at = |offset: usize| line_and_column(text, offset);
        let parsed = jsonc_parser::parse_to_ast(text, &jsonc_parser::CollectOptions::default(), &options).map_err(|error| {
            let (line, column) = at(error.range().start);
            PolicyProblem { line, column, path: String::new(), problem: error.kind().to_string() }
        })?;
        let root = parsed.value.ok_or(PolicyProblem { line: 1, column: 1, path: String::new(), problem: "is empty".into() })?;
        let mut positions = HashMap::new();
        let value = json_value(&root, String::new(), &at, &mut positions)?;
        Ok(Self { value, positions })
    }

    fn toml(text: &str) -> Result<Self, PolicyProblem> {
        let at = |offset: usize| line_and_column(text, offset);
        let root = toml::de::DeTable::parse(text).map_err(|error| {
            let (line, column) = at(error.span().map_or(0, |span| span.start));
            PolicyProblem { line, column, path: String::new(), problem: error.message().to_owned() }
        })?;
        let mut positions = HashMap::new();
        let mut object = serde_json::Map::new();
        for (key, item) in root.get_ref() {
            let path = key.get_ref().to_string();
            object.insert(path.clone(), toml_value(item.get_ref(), item.span().start, path, &at, &mut positions));
        }
        Ok(Self { value: Value::Object(object), positions })
    }

    /// A problem at `path`, or at its nearest parent that stands in the text.
    fn problem(&self, path: &str, problem: &str) -> PolicyProblem {
        let path = if path == "." { "" } else { path };
        let mut here = path.to_owned();
        let (line, column) = loop {
            if let Some(position) = self.positions.get(&here) {
                break *position;
            }
            match here.rfind(['.', '[']) {
                Some(parent) => here.truncate(parent),
                None => break (1, 1),
            }
        };
        PolicyProblem { line, column, path: path.to_owned(), problem: problem.to_owned() }
    }
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

fn json_value(
    node: &ast::Value<'_>,
    path: String,
    at: &impl Fn(usize) -> (usize, usize),
    positions: &mut HashMap<String, (usize, usize)>,
) -> Result<Value, PolicyProblem> {
    // A field's mistake is shown at its name, which `insert` below has already noted.
    positions.entry(path.clone()).or_insert_with(|| at(node.range().start));
    Ok(match node {
        ast::Value::StringLit(text) => Value::String(text.value.to_string()),
        ast::Value::NumberLit(number) => serde_json::from_str(number.value).map_err(|_| {
            let (line, column) = at(number.range.start);
            PolicyProblem { line, column, path: path.clone(), problem: format!("`{}` is not a number", number.value) }
        })?,
        ast::Value::BooleanLit(flag) => Value::Bool(flag.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(array) => {
            let items = array.elements.iter().enumerate();
            Value::Array(items.map(|(index, item)| json_value(item, format!("{path}[{index}]"), at, positions)).collect::<Result<_, _>>()?)
        }
        ast::Value::Object(object) => {
            let mut fields = serde_json::Map::new();
            for property in &object.properties {
                let name = property.name.as_str();
                let here = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                let (line, column) = at(property.name.range().start);
                positions.insert(here.clone(), (line, column));
                let value = json_value(&property.value, here.clone(), at, positions)?;
                if fields.insert(name.to_owned(), value).is_some() {
                    return Err(PolicyProblem { line, column, path: here, problem: format!("`{name}` is given twice") });
                }
            }
            Value::Object(fields)
        }
    })
}

fn toml_value(
    value: &toml::de::DeValue<'_>,
    offset: usize,
    path: String,
    at: &impl Fn(usize) -> (usize, usize),
    positions: &mut HashMap<String, (usize, usize)>,
) -> Value {
    positions.insert(path.clone(), at(offset));
    match value {
        toml::de::DeValue::String(text) => Value::String(text.to_string()),
        toml::de::DeValue::Integer(number) => {
            serde_json::from_str(number.as_str()).unwrap_or_else(|_| Value::String(number.as_str().to_owned()))
        }
        toml::de::DeValue::Float(number) => {
            serde_json::from_str(number.as_str()).unwrap_or_else(|_| Value::String(number.as_str().to_owned()))
        }
        toml::de::DeValue::Boolean(flag) => Value::Bool(*flag),
        toml::de::DeValue::Datetime(time) => Value::String(time.to_string()),
        toml::de::DeValue::Array(items) => Value::Array(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| toml_value(item.get_ref(), item.span().start, format!("{path}[{index}]"), at, positions))
                .collect(),
        ),
        toml::de::DeValue::Table(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, item)| {
                    let name = key.get_ref().to_string();
                    let value = toml_value(item.get_ref(), item.span().start, format!("{path}.{name}"), at, positions);
                    (name, value)
                })
                .collect(),
        ),
    }
}
