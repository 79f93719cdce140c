//! What is wrong with a document, gathered while it is read.

use std::fmt;
use std::str::FromStr;

use crate::ids::IdError;
use crate::json::NotRead;
use crate::money::{Amount, AmountError, Currency};

/// One thing wrong with a document: where, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Path of the field: `lines[0].unit_price`.
    pub field: String,
    /// What is wrong and what is expected, in English (for developers and import reports).
    pub problem: String,
}

impl FieldProblem {
    /// `problem` at `field`.
    pub fn new(field: impl Into<String>, problem: impl fmt::Display) -> Self {
        Self { field: field.into(), problem: problem.to_string() }
    }

    /// JSON that is something else than was meant.
    pub fn not_read(NotRead { field, why }: NotRead) -> Self {
        Self::new(field, why)
    }
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { f.write_str(&self.problem) } else { write!(f, "{}: {}", self.field, self.problem) }
    }
}

pub(super) struct Problems(pub Vec<FieldProblem>);

impl Problems {
    pub(super) fn add(&mut self, field: impl Into<String>, problem: impl fmt::Display) {
        self.0.push(FieldProblem::new(field, problem));
    }

    pub(super) fn keep<T, E: fmt::Display>(&mut self, field: impl Into<String>, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error)).ok()
    }
}

pub(super) fn parsed<T: FromStr<Err = IdError>>(text: &str) -> Result<T, IdError> {
    text.parse()
}

pub(super) struct Amounts<'p> {
    pub currency: Currency,
    pub problems: &'p mut Problems,
}

impl Amounts<'_> {
    /// The amount in minor units, not negative; nothing given is 0.
    pub(super) fn positive(&mut self, field: &str, amount: Option<Amount>) -> i64 {
        let Some(amount) = amount else { return 0 };
        match amount.minor(self.currency) {
            Ok(minor) if minor >= 0 => return minor,
            Ok(_) => self.problems.add(field, "is negative"),
            Err(error @ (AmountError::TooFine { .. } | AmountError::TooLarge(_) | AmountError::NotANumber(_))) => {
                self.problems.add(field, error)
            }
        }
        0
    }
}
