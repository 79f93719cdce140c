//! What an import did: counted, with every refusal explained.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// How far an import is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Rows (JSON: orders) read and dealt with.
    pub rows: u64,
    /// Orders taken.
    pub orders: u64,
    /// Orders refused.
    pub refused: u64,
    /// Rows per second since the start.
    pub rows_per_second: f64,
    /// Between 0 and 1, where the size of the file is known.
    pub share: Option<f64>,
}

/// An order, or a row, that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportRefusal)]
pub struct Refusal {
    /// Where it starts in the file, from 1.
    pub line: u64,
    /// Its number, where that could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Why, in English.
    pub reason: String,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub struct Report {
    /// Rows (JSON: orders) read.
    pub rows: u64,
    /// Orders that are new.
    pub created: u64,
    /// Orders that replaced an earlier document.
    pub replaced: u64,
    /// Orders that said what was known already.
    pub unchanged: u64,
    /// Orders refused.
    pub refused: u64,
    /// Of the orders taken, those of which something was left out or changed.
    pub noted: u64,
    /// Lines of the orders taken.
    pub order_lines: u64,
    /// Refusals by kind of reason.
    pub refused_by_reason: BTreeMap<String, u64>,
    /// What was left out or changed, by kind.
    pub noted_by_reason: BTreeMap<String, u64>,
    /// Rows that are no goods, by class: carriage, discounts, charges, credits.
    pub recognised: BTreeMap<String, u64>,
    /// Rows left out on purpose, by class.
    pub skipped: BTreeMap<String, u64>,
    /// Units and money given back outside.
    pub credits: CreditCounts,
    /// The first refusals, where they are not in a file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// What was left out of orders that were taken, or changed in them: the first of it, where it is not in a file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Refusal>,
    /// The file with the refusals and what was left out or changed, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refusals_file: Option<PathBuf>,
    /// Why the source could not be read to its end: what follows is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_off: Option<String>,
    /// How long it took.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    #[schema(value_type = f64)]
    pub elapsed: Duration,
}

/// Units and money given back outside of this product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditCounts {
    /// Refunds that came with their order.
    pub refunds: u64,
    /// Units of those.
    pub refund_units: u64,
    /// Credit-note rows whose units were all found among earlier purchases.
    pub matched: u64,
    /// Units found.
    pub matched_units: u64,
    /// Credit-note rows of which no unit, or not every one, was found.
    pub unmatched: u64,
    /// Units not found.
    pub unmatched_units: u64,
    /// Rows not found, by kind of reason.
    pub unmatched_by_reason: BTreeMap<String, u64>,
}

impl Report {
    /// Orders taken.
    pub fn orders(&self) -> u64 {
        self.created + self.replaced + self.unchanged
    }

    /// Whether everything is in: no order was refused, and every credit note found its purchase.
    pub fn is_whole(&self) -> bool {
        self.refused + self.credits.unmatched == 0 && self.broken_off.is_none()
    }

    /// Order lines taken per second.
    pub fn lines_per_second(&self) -> f64 {
        self.order_lines as f64 / self.elapsed.as_secs_f64().max(0.001)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>10}  rows read", self.rows)?;
        writeln!(
            f,
            "{:>10}  orders taken ({} new, {} replaced, {} unchanged)",
            self.orders(),
            self.created,
            self.replaced,
            self.unchanged
        )?;
        writeln!(f, "{:>10}  order lines, {:.0} a second", self.order_lines, self.lines_per_second())?;
        let CreditCounts { refunds, refund_units, matched, matched_units, unmatched, unmatched_units, unmatched_by_reason } = &self.credits;
        if *refunds > 0 {
            writeln!(f, "{refunds:>10}  refunds came with their orders ({refund_units} units)")?;
        }
        if matched + unmatched > 0 {
            writeln!(f, "{matched:>10}  credit-note rows matched to purchases ({matched_units} units)")?;
            writeln!(f, "{unmatched:>10}  credit-note rows not, or not wholly, matched ({unmatched_units} units)")?;
            counted(f, unmatched_by_reason)?;
        }
        let recognised: u64 = self.recognised.values().sum();
        if recognised > 0 {
            writeln!(f, "{recognised:>10}  rows that are no goods")?;
            counted(f, &self.recognised)?;
        }
        let skipped: u64 = self.skipped.values().sum();
        if skipped > 0 {
            writeln!(f, "{skipped:>10}  rows left out on purpose")?;
            counted(f, &self.skipped)?;
        }
        if self.noted > 0 {
            writeln!(f, "{:>10}  orders taken of which something was left out or changed", self.noted)?;
            counted(f, &self.noted_by_reason)?;
        }
        writeln!(f, "{:>10}  orders refused", self.refused)?;
        counted(f, &self.refused_by_reason)?;
        if let Some(file) = &self.refusals_file {
            writeln!(f, "Refusals with line numbers and reasons: {}", file.display())?;
        }
        if let Some(reason) = &self.broken_off {
            writeln!(f, "Broken off: {reason}")?;
        }
        Ok(())
    }
}

fn counted(f: &mut fmt::Formatter<'_>, counts: &BTreeMap<String, u64>) -> fmt::Result {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by(|a, b| b.1.cmp(a.1));
    counts.iter().try_for_each(|(label, count)| writeln!(f, "{count:>14}  {label}"))
}

fn seconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0)
}

/// The kind of a reason: of several the first, without indexes, quoted values and numbers, so that like refusals are counted together.
pub(super) fn kind(reason: &str) -> String {
    let first = reason.split("; ").next().unwrap_or(reason);
    let mut kind = String::with_capacity(first.len());
    let mut letters = first.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '`' => {
                letters.by_ref().find(|letter| *letter == '`');
                kind.push('…');
            }
            '[' if letters.peek().is_some_and(char::is_ascii_digit) => {
                letters.by_ref().find(|letter| *letter == ']');
            }
            '0'..='9' => {
                while letters.next_if(|letter| letter.is_ascii_digit() || matches!(letter, '.')).is_some() {}
                kind.push('…');
            }
            _ => kind.push(letter),
        }
    }
    kind.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_reasons_are_of_one_kind() {
        for (reason, expected) in [
            ("lines[3].quantity: is not between 1 and 1000000", "lines.quantity: is not between … and …"),
            ("lines: has no lines; customer.email: is empty", "lines: has no lines"),
            ("currency: `RMB` is not a currency code", "currency: … is not a currency code"),
            ("line 78, UnitPrice: `x` is not an amount", "line …, UnitPrice: … is not an amount"),
        ] {
            assert_eq!(kind(reason), expected);
        }
    }
}
