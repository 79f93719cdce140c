//! Conditions on cells, by which rows are told apart.

use std::cmp::Ordering;

use regex::Regex;
use rust_decimal::Decimal;

use crate::import::numbers;

/// What a cell must be.
pub(super) enum Test {
    /// The whole cell fits it.
    Pattern(Regex),
    /// It is a number that compares so with this one.
    Number(Comparison, Decimal),
}

type Comparison = fn(Ordering) -> bool;

impl Test {
    /// `< 0`, `= 12.5`, or a regular expression for the whole cell.
    pub fn parse(text: &str) -> Result<Self, String> {
        let comparisons: [(&str, Comparison); 6] = [
            ("<=", Ordering::is_le),
            (">=", Ordering::is_ge),
            ("!=", Ordering::is_ne),
            ("<", Ordering::is_lt),
            (">", Ordering::is_gt),
            ("=", Ordering::is_eq),
        ];
        for (sign, compares) in comparisons {
            if let Some(number) = text.trim().strip_prefix(sign)
                && let Ok(number) = number.trim().parse()
            {
                return Ok(Self::Number(compares, number));
            }
        }
        Regex::new(&format!("^(?:{text})$")).map(Self::Pattern).map_err(|error| error.to_string())
    }

    /// Whether the cell is so, numbers written with this decimal sign. One that is no number is neither above nor below nor unequal to another.
    pub fn holds(&self, text: &str, decimal: char) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.is_match(text),
            Self::Number(compares, number) => numbers::number(text, decimal).is_some_and(|value| compares(value.cmp(number))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_pattern_for_the_whole_cell_or_a_comparison() {
        for (test, cell, holds) in [
            ("POST|DOT", "POST", true),
            ("POST|DOT", "POSTER", false),
            ("C.*", "C536379", true),
            ("", "", true),
            ("", "x", false),
            ("(?i)d", "D", true),
            ("< 0", "-12", true),
            ("< 0", "0", false),
            ("= 0", "0.00", true),
            ("!= 0", "0.001", true),
            (">= 2.5", "2.5", true),
            ("<= 1", "", false),
            ("> 1", "many", false),
        ] {
            assert_eq!(Test::parse(test).unwrap().holds(cell, '.'), holds, "{cell} {test}");
        }
        for (test, cell, holds) in [("< 0", "-1,5", true), ("= 1234.5", "1.234,50", true), ("> 1", "0,5", false)] {
            assert_eq!(Test::parse(test).unwrap().holds(cell, ','), holds, "{cell} {test}");
        }
        assert!(Test::parse("(").is_err());
    }
}
