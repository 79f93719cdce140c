//! Orders as JSON: documents of our own, and what is common to the platforms' exports.

mod cursor;
mod values;

use std::io::BufRead;

use domain::order::{FieldProblem, OrderDocument};
use serde::de::DeserializeOwned;

pub(super) use values::{Value, Values};

use super::ImportError;
use super::intake::Intake;
use super::platform::Told;

/// Order documents, version 1.
pub(super) fn read(text: Box<dyn BufRead + Send>, intake: &mut Intake) -> Result<(), ImportError> {
    read_each(text, &["orders"], intake, |value, intake| match document(value) {
        Ok(document) => intake.order(value.line, Told::only(document)),
        Err(problem) => intake.refuse(value.line, number_of(&value.text).as_deref(), &[problem]),
    })
}

/// Calls `take` for every order in `text`: one a line, in an array, one after the other, or in a wrapper of one of these names.
pub(super) fn read_each(
    text: Box<dyn BufRead + Send>,
    wrappers: &'static [&'static str],
    intake: &mut Intake,
    mut take: impl FnMut(&Value, &mut Intake) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut values = Values::new(text, wrappers);
    let mut value = Value::default();
    loop {
        match values.next(&mut value) {
            Ok(true) => {
                intake.count(1);
                match &value.problem {
                    None => take(&value, intake)?,
                    Some(problem) => intake.refuse(value.line, None, &[FieldProblem::new("", problem)])?,
                }
            }
            Ok(false) => return Ok(()),
            Err(error) => {
                intake.break_off(format!("line {}: {error}", values.line()));
                return Ok(());
            }
        }
    }
}

/// The value as a document of ours, read as one that comes by itself.
fn document(value: &Value) -> Result<OrderDocument, FieldProblem> {
    domain::json::read(&value.text).map_err(|wrong| FieldProblem::new(wrong.field, placed(&wrong.why, value.line)))
}

/// The value as a `T` of a platform's (which may write `[]` for an empty object, as PHP does), or the first field that does not fit, with its place in the file.
pub(super) fn parsed<T: DeserializeOwned>(value: &Value) -> Result<T, FieldProblem> {
    let mut json = serde_json::Deserializer::from_slice(&value.text);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        FieldProblem::new(if matches!(path.as_str(), "." | "?") { String::new() } else { path }, placed(error.inner(), value.line))
    })?;
    json.end().map_err(|error| FieldProblem::new("", placed(&error, value.line)))?;
    Ok(parsed)
}

/// The error with its line in the file, not in the order.
fn placed(error: &serde_json::Error, start: u64) -> String {
    let text = error.to_string();
    let said = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&said) {
        Some(text) if error.line() > 1 => format!("{text} (line {})", start + error.line() as u64 - 1),
        Some(text) => text.to_owned(),
        None => text,
    }
}

/// The order's number, where at least that can be read.
fn number_of(text: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Number {
        #[serde(default, deserialize_with = "super::lenient::text")]
        number: Option<String>,
    }
    serde_json::from_slice::<Number>(text).ok()?.number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_named_with_its_line_in_the_file() {
        let text = b"{\"number\": \"7\",\n \"placed_at\": \"yesterday\"}".to_vec();
        let value = Value { line: 11, text, problem: None, wrapper: None };
        let problem = document(&value).unwrap_err().to_string();
        assert!(problem.starts_with("placed_at: ") && problem.ends_with("(line 12)"), "{problem}");
        assert_eq!(number_of(&value.text).as_deref(), Some("7"));
        let wrong = Value { line: 3, text: b"{\"number\":}".to_vec(), problem: None, wrapper: None };
        assert_eq!(document(&wrong).unwrap_err().to_string(), "number: expected value");
    }
}
