//! Templates: text with cells in it, `{customers.customer_id|lower}@customers.example`, as a mapping writes them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Alternatives, each text and cells; the first that is not empty stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(pub Vec<Vec<Part>>);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// As it stands.
    Text(String),
    /// `{column|filter|filter:argument}`
    Cell(Cell),
}

/// A cell of the row, or of a joined one, with what is done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub column: String,
    pub filters: Vec<Filter>,
}

/// What can be done to a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// `17850.0` is `17850`; what is no whole number stays.
    Int,
    Lower,
    Upper,
    /// `home_decor` is `home decor`, and several spaces are one.
    Words,
    /// Only the digits.
    Digits,
    /// Without these letters at both ends; without spaces where none are given.
    Trim(String),
    /// This, where the cell is empty.
    Default(String),
    /// This, where the cell is not empty.
    Then(String),
    /// With zeros before it, so many letters long.
    Pad(usize),
    /// Its first so many letters.
    First(usize),
    /// What stands before the first of these.
    Before(String),
    /// What stands after the first of these.
    After(String),
    /// What the table of this name has for it; nothing where it has nothing.
    Map(String),
}

/// Value tables of a mapping: `[tables.country]`.
pub(super) type Tables = BTreeMap<String, Arc<HashMap<String, String>>>;

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parts(text).map(|parts| Self(vec![parts]))
    }
}

impl FromStr for Cell {
    type Err = String;

    /// `column|filter|filter:argument`
    fn from_str(text: &str) -> Result<Self, String> {
        let mut pieces = text.split('|');
        let column = pieces.next().unwrap_or_default().trim().to_owned();
        if column.is_empty() {
            return Err(format!("`{{{text}}}` names no column"));
        }
        Ok(Self { column, filters: pieces.map(str::parse).collect::<Result<_, _>>()? })
    }
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(name, argument)| (name, Some(argument)));
        let needed = || argument.map(str::to_owned).ok_or_else(|| format!("filter `{name}` needs a value: `{name}:…`"));
        let count = || needed()?.trim().parse::<usize>().map_err(|_| format!("filter `{text}` needs a number"));
        Ok(match name.trim() {
            "int" => Self::Int,
            "lower" => Self::Lower,
            "upper" => Self::Upper,
            "words" => Self::Words,
            "digits" => Self::Digits,
            "trim" => Self::Trim(argument.unwrap_or_default().to_owned()),
            "default" => Self::Default(needed()?),
            "then" => Self::Then(needed()?),
            "pad" => Self::Pad(count()?),
            "first" => Self::First(count()?),
            "before" => Self::Before(needed()?),
            "after" => Self::After(needed()?),
            "map" => Self::Map(needed()?.trim().to_owned()),
            other => {
                let known = "int, lower, upper, words, digits, trim, default, then, pad, first, before, after, map";
                return Err(format!("there is no filter `{other}`; there are {known}"));
            }
        })
    }
}

fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix(brace) {
            // Doubled, it stands for itself.
            plain.push_str(brace);
            rest = after;
            continue;
        }
        let Some((cell, after)) = after.split_once('}').filter(|_| brace == "{") else {
            return Err(format!("`{text}` has a `{brace}` without its other half; write it twice to mean itself"));
        };
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        parts.push(Part::Cell(cell.parse()?));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

impl Filter {
    /// The value after this filter.
    pub fn apply(&self, value: &str, tables: &Tables) -> String {
        let owned = |text: &str| text.trim().to_owned();
        match self {
            Self::Int => whole(value).map_or_else(|| value.to_owned(), |whole| whole.to_string()),
            Self::Lower => value.to_lowercase(),
            Self::Upper => value.to_uppercase(),
            Self::Words => value.replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Digits => value.chars().filter(char::is_ascii_digit).collect(),
            Self::Trim(letters) => owned(value.trim_matches(|letter| letters.contains(letter))),
            Self::Default(text) => if value.is_empty() { text } else { value }.to_owned(),
            Self::Then(text) => if value.is_empty() { "" } else { text }.to_owned(),
            Self::Pad(_) if value.is_empty() => String::new(),
            Self::Pad(length) => format!("{value:0>length$}"),
            Self::First(length) => value.chars().take(*length).collect(),
            Self::Before(mark) => owned(value.split_once(mark.as_str()).map_or(value, |(before, _)| before)),
            Self::After(mark) => owned(value.split_once(mark.as_str()).map_or("", |(_, after)| after)),
            Self::Map(table) => tables.get(table).and_then(|table| table.get(value)).cloned().unwrap_or_default(),
        }
    }
}

/// The whole number that is written here, also with a decimal point and zeros.
fn whole(text: &str) -> Option<i64> {
    let decimal = text.parse::<Decimal>().ok()?.normalize();
    if decimal.scale() == 0 { i64::try_from(decimal).ok() } else { None }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Templates;
        impl<'de> Visitor<'de> for Templates {
            type Value = Template;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a template such as \"{Column}\", or a list of them")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Template, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Template, E> {
                Ok(Template(vec![vec![Part::Text(number.to_string())]]))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Template, E> {
                Ok(Template(vec![vec![Part::Text(number.to_string())]]))
            }
            fn visit_bool<E: Error>(self, flag: bool) -> Result<Template, E> {
                Ok(Template(vec![vec![Part::Text(flag.to_string())]]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Template, A::Error> {
                let mut alternatives = Vec::new();
                while let Some(text) = list.next_element::<String>()? {
                    alternatives.push(parts(&text).map_err(A::Error::custom)?);
                }
                Ok(Template(alternatives))
            }
        }
        deserializer.deserialize_any(Templates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(filters: &str, value: &str) -> String {
        let mut tables = Tables::new();
        tables.insert("country".into(), Arc::new([("EIRE".to_owned(), "IE".to_owned())].into_iter().collect()));
        let cell: Cell = format!("x|{filters}").parse().unwrap();
        cell.filters.iter().fold(value.to_owned(), |value, filter| filter.apply(&value, &tables))
    }

    #[test]
    fn filters_do_what_they_say() {
        for (filters, value, expected) in [
            ("int", "17850.0", "17850"),
            ("int", "C12", "C12"),
            ("lower", "ABC", "abc"),
            ("upper", "85123a", "85123A"),
            ("words", "home_decor  lamps", "home decor lamps"),
            ("digits", "+44 20-79", "442079"),
            ("trim:'", "'0123'", "0123"),
            ("default:none", "", "none"),
            ("then:true", "2020-09-11", "true"),
            ("then:true", "", ""),
            ("pad:5", "1234", "01234"),
            ("pad:5", "", ""),
            ("first:3", "abcdef", "abc"),
            ("before:/", "black / M", "black"),
            ("after:/", "black / M", "M"),
            ("map:country", "EIRE", "IE"),
            ("map:country|default:GB", "Narnia", "GB"),
        ] {
            assert_eq!(filtered(filters, value), expected, "{filters} of {value}");
        }
    }

    #[test]
    fn a_template_that_is_wrong_says_how() {
        let wrong = |text: &str| text.parse::<Template>().unwrap_err();
        assert!(wrong("{Name").contains("without its other half"));
        assert!(wrong("Name}").contains("without its other half"));
        assert_eq!(wrong("{|int}"), "`{|int}` names no column");
        assert!(wrong("{a|capitals}").starts_with("there is no filter `capitals`; there are int, "));
        assert_eq!(wrong("{a|pad}"), "filter `pad` needs a value: `pad:…`");
        assert_eq!("{{x}}".parse::<Template>().unwrap().0, [vec![Part::Text("{x}".into())]]);
    }
}
