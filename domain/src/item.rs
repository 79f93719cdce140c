//! What a shopper says of an item: the state it is in, how it fits, a comment.

use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::Code;

/// States of an item as customers tell them, from best to worst; policies test them as `condition`.
pub const CONDITIONS: [&str; 8] = [UNOPENED, "opened", "used", "damaged", "incomplete", "dirty", "altered", "assembled"];

/// Nobody has opened it: the only state in which it is not `opened`.
pub const UNOPENED: &str = "unopened";

/// The states that are told apart wherever a state is asked for at all; others only where a rule names one.
pub const ALWAYS_ASKED: [&str; 3] = [UNOPENED, "opened", "used"];

/// How it fits (C28).
pub const FITS: [&str; 3] = ["small", "true", "large"];

/// How the packaging looked when it came (C13).
pub const PACKAGINGS: [&str; 3] = ["intact", "damaged", "opened"];

/// The longest comment, in characters.
pub const LONGEST_COMMENT: usize = 2_000;

/// What a customer says of an item, beside why it comes back and what they would like: the same in drafts, calls by machine, requests and
/// stored events. To ask for more: a field here and its line in [`ItemSaid::read`], a question on the page `why`, and its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemSaid {
    /// In the customer's words; at most 2,000 characters.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// `unopened`, `opened`, `used`, `damaged`, `incomplete`, `dirty`, `altered`, `assembled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub condition: Option<Code>,
    /// `small`, `true`, `large`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub fit: Option<Code>,
    /// How the packaging looked when it came: `intact`, `damaged`, `opened`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub packaging: Option<Code>,
    /// Whether they broke the seal that it came with; to open the parcel breaks none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal_broken: Option<bool>,
    /// The day on which they learned that something is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub known: Option<Date>,
}

impl ItemSaid {
    /// Name of the field, in forms and calls.
    pub const COMMENT: &str = "comment";
    /// Likewise.
    pub const CONDITION: &str = "condition";
    /// Likewise.
    pub const FIT: &str = "fit";
    /// Likewise.
    pub const PACKAGING: &str = "packaging";
    /// Likewise.
    pub const SEAL_BROKEN: &str = "seal_broken";
    /// Likewise.
    pub const KNOWN: &str = "known";

    /// Reads answers by their names. What cannot be taken is told and left out; of what is too long the beginning is kept.
    pub fn read(answer: impl Fn(&str) -> Result<Option<String>, NotTaken>) -> (Self, Vec<(&'static str, NotTaken)>) {
        let mut answers = Answers { answer, not_taken: Vec::new() };
        let said = Self {
            comment: answers.text(Self::COMMENT, LONGEST_COMMENT),
            condition: answers.one_of(Self::CONDITION, &CONDITIONS),
            fit: answers.one_of(Self::FIT, &FITS),
            packaging: answers.one_of(Self::PACKAGING, &PACKAGINGS),
            seal_broken: answers.one_of(Self::SEAL_BROKEN, &["true", "false"]).map(|answer| answer.as_str() == "true"),
            known: answers.day(Self::KNOWN),
        };
        (said, answers.not_taken)
    }

    /// Its fields as properties of a JSON Schema.
    pub fn properties() -> serde_json::Map<String, serde_json::Value> {
        let schema = schemars::schema_for!(Self).to_value();
        schema.get("properties").and_then(|properties| properties.as_object()).cloned().unwrap_or_default()
    }
}

/// Why an answer is not taken. `Display` is for developers; pages have their own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Something else than text.
    NoText,
    /// No day that can be meant.
    NoDay(String),
    /// Text of more characters than this.
    LongerThan(usize),
    /// None of the choices.
    NoneOf {
        /// What was given.
        given: String,
        /// The choices.
        known: &'static [&'static str],
    },
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoText => f.write_str("is not a text"),
            Self::NoDay(given) => write!(f, "`{given}` is not a day such as 2026-11-20"),
            Self::LongerThan(most) => write!(f, "is longer than {most} characters"),
            Self::NoneOf { given, known } => write!(f, "`{given}` is not one of {}", known.join(", ")),
        }
    }
}

struct Answers<A> {
    answer: A,
    not_taken: Vec<(&'static str, NotTaken)>,
}

impl<A: Fn(&str) -> Result<Option<String>, NotTaken>> Answers<A> {
    fn given(&mut self, name: &'static str) -> Option<String> {
        (self.answer)(name).map_err(|why| self.not_taken.push((name, why))).ok().flatten()
    }

    fn text(&mut self, name: &'static str, most: usize) -> Option<String> {
        let given = self.given(name)?;
        let given = given.trim();
        if given.chars().count() > most {
            self.not_taken.push((name, NotTaken::LongerThan(most)));
        }
        let kept: String = given.chars().filter(|letter| !letter.is_control() || *letter == '\n').take(most).collect();
        (!kept.is_empty()).then_some(kept)
    }

    fn day(&mut self, name: &'static str) -> Option<Date> {
        let given = self.given(name)?;
        let day = given.trim().parse::<Date>().ok().filter(|day| (1990..2100).contains(&day.year()));
        if day.is_none() {
            self.not_taken.push((name, NotTaken::NoDay(given)));
        }
        day
    }

    fn one_of(&mut self, name: &'static str, known: &'static [&'static str]) -> Option<Code> {
        let given = self.given(name)?;
        let choice = known.iter().find(|choice| **choice == given).and_then(|choice| choice.parse().ok());
        if choice.is_none() {
            self.not_taken.push((name, NotTaken::NoneOf { given, known }));
        }
        choice
    }
}

/// Drafts of before wrote an empty text where nothing was said.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answers: &[(&str, &str)]) -> (ItemSaid, Vec<(&'static str, NotTaken)>) {
        ItemSaid::read(|name| Ok(answers.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())))
    }

    #[test]
    fn what_is_no_answer_is_told_and_left_out() {
        let (said, wrong) = read(&[("comment", "  a\u{7}\nb "), ("condition", "new"), ("fit", "small")]);
        assert_eq!(said, ItemSaid { comment: Some("a\nb".into()), fit: "small".parse().ok(), ..ItemSaid::default() });
        let [(name, why)] = wrong.as_slice() else { panic!("{wrong:?}") };
        assert_eq!((*name, why.to_string().starts_with("`new` is not one of unopened, opened")), ("condition", true));
        let long = "字".repeat(LONGEST_COMMENT + 1);
        let (said, wrong) = read(&[("comment", &long)]);
        assert_eq!(said.comment.map(|kept| kept.chars().count()), Some(LONGEST_COMMENT));
        assert_eq!(wrong, [("comment", NotTaken::LongerThan(LONGEST_COMMENT))]);
    }

    #[test]
    fn each_field_is_read_by_the_name_it_is_kept_under() {
        let mut names: Vec<String> = ItemSaid::properties().into_iter().map(|(name, _)| name).collect();
        names.sort();
        let asked = std::cell::RefCell::new(Vec::new());
        let _ = ItemSaid::read(|name| {
            asked.borrow_mut().push(name.to_owned());
            Ok(None)
        });
        let mut asked = asked.into_inner();
        asked.sort();
        assert_eq!(asked, names);
    }

    #[test]
    fn what_was_kept_before_is_read() {
        let said: ItemSaid = serde_json::from_str(r#"{"comment": "", "condition": null, "fit": "large"}"#).unwrap();
        assert_eq!(said, ItemSaid { fit: "large".parse().ok(), ..ItemSaid::default() });
        assert_eq!(serde_json::to_string(&said).unwrap(), r#"{"fit":"large"}"#);
    }
}
