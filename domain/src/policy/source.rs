//! A policy's text, JSON or TOML, as values that know where they stand.

use std::collections::HashMap;
use std::fmt;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use serde_json::Value;

use super::syntax;

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

/// A document's text and values, and where in the text each value stands.
pub(super) struct Source {
    pub(super) value: Value,
    positions: HashMap<String, (usize, usize)>,
}

impl Source {
    pub(super) fn of(text: &str) -> Result<Self, PolicyProblem> {
        // Windows puts a mark before the first letter, which is no part of the text.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let begins = text.trim_start();
        if begins.is_empty() {
            return Err(PolicyProblem { line: 1, column: 1, path: String::new(), problem: "the file is empty".into() });
        }
        // A list of JSON; a table of TOML begins with a bracket too, and a name.
        let list = begins.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', ']', '"']));
        if list || begins.starts_with(['{', '/']) { Self::json(text) } else { Self::toml(text) }
    }

    fn json(text: &str) -> Result<Self, PolicyProblem> {
        let options = jsonc_parser::ParseOptions::default();
        let at = |offset: usize| line_and_column(text, offset);
        let parsed = jsonc_parser::parse_to_ast(text, &jsonc_parser::CollectOptions::default(), &options).map_err(|error| {
            let (line, column) = at(error.range().start);
            let curly = text.get(error.range().start..).is_some_and(|rest| rest.starts_with(syntax::CURLY));
            let problem = if curly { syntax::CURLY_QUOTE } else { syntax::of_json(error.kind()) };
            PolicyProblem { line, column, path: String::new(), problem: problem.to_owned() }
        })?;
        let empty = || PolicyProblem { line: 1, column: 1, path: String::new(), problem: "the file is empty".into() };
        let root = parsed.value.ok_or_else(empty)?;
        let mut positions = HashMap::new();
        let value = json_value(&root, String::new(), &at, &mut positions)?;
        Ok(Self { value, positions })
    }

    fn toml(text: &str) -> Result<Self, PolicyProblem> {
        let at = |offset: usize| line_and_column(text, offset);
        let root = toml::de::DeTable::parse(text).map_err(|error| {
            let (line, column) = at(error.span().map_or(0, |span| span.start));
            let here = text.lines().nth(line - 1).unwrap_or_default();
            PolicyProblem { line, column, path: String::new(), problem: syntax::of_toml(error.message(), here) }
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
    pub(super) fn problem(&self, path: &str, problem: &str) -> PolicyProblem {
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
            PolicyProblem { line, column, path: path.clone(), problem: format!("`{}` is not a number such as 7 or 12.5", number.value) }
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
