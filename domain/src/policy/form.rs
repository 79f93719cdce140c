//! What whoever looks at goods is asked: a form that the merchant defines by category (P28), and what its answers mean.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::effects::Effect;
use super::seen::{Found, Grade};
use crate::coded::coded;
use crate::ids::Code;
use crate::plain::one_line;
use crate::words::Words;

/// Questions of one form, at the most.
pub const MOST_QUESTIONS: usize = 20;
/// Answers to choose from, at the most.
const MOST_CHOICES: usize = 20;
/// Characters of an answer, at the most.
pub const LONGEST_ANSWER: usize = 500;

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// `yes` or `no`.
    YesNo,
    /// One of `choices`.
    Choice,
    /// A whole number.
    Number,
    /// In words.
    Text,
    /// The production batch; compared with the order's.
    Batch,
    /// Serial numbers, one for each unit; compared with the order's.
    Serial,
}

coded!(QuestionKind {
    YesNo => "yes_no",
    Choice => "choice",
    Number => "number",
    Text => "text",
    Batch => "batch",
    Serial => "serial",
});

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Unique in its question.
    pub id: Code,
    /// What it is called.
    pub name: Words,
}

/// What an answer means. The worst grade and result that the answers of a form mean stand where nobody says another.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// `yes`, `no`, or the id of a choice.
    #[serde(default)]
    pub answer: Option<Code>,
    /// A number from here on.
    #[serde(default)]
    pub min: Option<i64>,
    /// A number up to here.
    #[serde(default)]
    pub max: Option<i64>,
    /// Goods are no better than that.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// And this is what was found.
    #[serde(default)]
    pub result: Option<Found>,
}

/// A question of a form.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique in its form; names the answer.
    pub id: Code,
    /// The question.
    pub ask: Words,
    /// How it is answered.
    pub kind: QuestionKind,
    /// Whether it must be answered.
    #[serde(default)]
    pub required: bool,
    /// With `choice`: the answers.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// What answers mean.
    #[serde(default)]
    pub means: Vec<Meaning>,
}

/// What whoever looks at goods is asked.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InspectionEffect {
    /// In the order in which they are asked.
    pub questions: Vec<Question>,
}

impl Effect for InspectionEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let none = self.questions.is_empty().then_some(("questions", "asks nothing"));
        let many = (self.questions.len() > MOST_QUESTIONS).then_some(("questions", "asks more than 20 questions"));
        none.into_iter().chain(many).collect()
    }
}

/// Why an answer is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It must be answered.
    #[error("must be answered")]
    Missing,
    /// Not one of those.
    #[error("is not one of {}", .0.join(", "))]
    NotOne(Vec<String>),
    #[error("is not a whole number")]
    NoNumber,
    #[error("has more than {LONGEST_ANSWER} characters")]
    Long,
    /// A serial number for each unit.
    #[error("names {given} serial numbers for {units} units")]
    Count { given: usize, units: u32 },
    #[error("names `{0}` twice")]
    Twice(String),
    /// What is at hand is not what was sold, and nobody says why it is taken all the same.
    #[error("`{0}` was not sold on this line: it is another article (`rejected`), or say why it is taken all the same")]
    NotSold(String),
}

/// What was sold of a line, as the order tells it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sold<'o> {
    pub serials: &'o [String],
    pub batch: Option<&'o str>,
}

impl Question {
    /// An answer as it is kept; nothing where there is none and need not be.
    pub fn answer(&self, given: &str, units: u32) -> Result<Option<String>, NoAnswer> {
        let given = one_line(given, LONGEST_ANSWER + 1);
        if given.is_empty() {
            return if self.required { Err(NoAnswer::Missing) } else { Ok(None) };
        }
        if given.chars().count() > LONGEST_ANSWER {
            return Err(NoAnswer::Long);
        }
        match self.kind {
            QuestionKind::YesNo | QuestionKind::Choice => {
                let known = self.answers();
                if known.contains(&given.as_str()) {
                    Ok(Some(given))
                } else {
                    Err(NoAnswer::NotOne(known.into_iter().map(str::to_owned).collect()))
                }
            }
            QuestionKind::Number => given.parse::<i64>().map(|number| Some(number.to_string())).map_err(|_| NoAnswer::NoNumber),
            QuestionKind::Text | QuestionKind::Batch => Ok(Some(given)),
            QuestionKind::Serial => {
                let serials = serials_of(&given);
                let mut seen = HashSet::new();
                if let Some(twice) = serials.iter().find(|serial| !seen.insert(serial.to_uppercase())) {
                    return Err(NoAnswer::Twice((*twice).to_owned()));
                }
                if serials.len() != units as usize {
                    return Err(NoAnswer::Count { given: serials.len(), units });
                }
                Ok(Some(serials.join(", ")))
            }
        }
    }

    /// What of an answer was not sold: a serial number or batch that the order names otherwise. Where the order names none there is nothing
    /// to compare it with.
    #[must_use]
    pub fn not_sold(&self, answer: &str, sold: Sold<'_>) -> Option<String> {
        let same = |a: &str, b: &str| a.trim().to_uppercase() == b.trim().to_uppercase();
        match self.kind {
            QuestionKind::Serial if !sold.serials.is_empty() => {
                let other = |serial: &&str| !sold.serials.iter().any(|known| same(known, serial));
                serials_of(answer).into_iter().find(other).map(str::to_owned)
            }
            QuestionKind::Batch => sold.batch.filter(|batch| !same(batch, answer)).map(|_| answer.to_owned()),
            _ => None,
        }
    }

    /// What may be answered, where that is a list.
    #[must_use]
    pub fn answers(&self) -> Vec<&str> {
        match self.kind {
            QuestionKind::YesNo => vec!["yes", "no"],
            QuestionKind::Choice => self.choices.iter().map(|choice| choice.id.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    /// What an answer means.
    pub fn meanings<'q>(&'q self, answer: &str) -> impl Iterator<Item = &'q Meaning> {
        let number = answer.parse::<i64>().ok().filter(|_| self.kind == QuestionKind::Number);
        let answer = answer.to_owned();
        self.means.iter().filter(move |meaning| match number {
            Some(number) => meaning.min.is_none_or(|min| number >= min) && meaning.max.is_none_or(|max| number <= max),
            None => meaning.answer.as_ref().is_some_and(|code| code.as_str() == answer),
        })
    }

    /// What is wrong with it beside its words: the field, and what.
    pub(super) fn slips(&self) -> Vec<(String, String)> {
        let mut slips = Vec::new();
        let mut tell = |field: String, problem: &str| slips.push((field, problem.to_owned()));
        let mut seen = HashSet::new();
        for (place, choice) in self.choices.iter().enumerate() {
            if !seen.insert(&choice.id) {
                tell(format!("choices[{place}].id"), "is the id of another choice of this question already");
            }
        }
        match (self.kind, self.choices.len()) {
            (QuestionKind::Choice, 0 | 1) => tell("choices".into(), "needs two answers at least to choose from"),
            (QuestionKind::Choice, many) if many > MOST_CHOICES => tell("choices".into(), "has more than 20 answers to choose from"),
            (QuestionKind::Choice, _) | (_, 0) => {}
            _ => tell("choices".into(), "goes with the kind `choice` alone"),
        }
        for (place, meaning) in self.means.iter().enumerate() {
            let at = |field: &str| format!("means[{place}]{field}");
            let ranged = meaning.min.is_some() || meaning.max.is_some();
            match self.kind {
                QuestionKind::YesNo | QuestionKind::Choice => {
                    let known = self.answers();
                    match &meaning.answer {
                        None => tell(at(""), "needs `answer`: what is answered where this is meant"),
                        Some(answer) if !known.contains(&answer.as_str()) => {
                            let meant = crate::words::nearest(answer.as_str(), known.iter().copied());
                            let problem = format!("`{answer}` is no answer to this question");
                            tell(
                                at(".answer"),
                                &super::names::told(&problem, meant.as_deref(), &format!("there are {}", known.join(", "))),
                            );
                        }
                        Some(_) if ranged => tell(at(""), "`min` and `max` go with the kind `number` alone"),
                        Some(_) => {}
                    }
                }
                QuestionKind::Number => {
                    if meaning.answer.is_some() {
                        tell(at(".answer"), "goes with the kinds `yes_no` and `choice`; of a number say `min` and `max`");
                    } else if !ranged {
                        tell(at(""), "needs `min` or `max`: which numbers mean this");
                    } else if let (Some(min), Some(max)) = (meaning.min, meaning.max)
                        && max < min
                    {
                        tell(at(".max"), &format!("no number fits: `min` ({min}) is above `max` ({max})"));
                    }
                }
                QuestionKind::Text | QuestionKind::Batch | QuestionKind::Serial => {
                    tell(at(""), "goes with the kinds `yes_no`, `choice` and `number` alone");
                }
            }
            if meaning.grade.is_none() && meaning.result.is_none() {
                tell(at(""), "means nothing: say a `grade`, a `result`, or both");
            }
        }
        slips
    }
}

fn serials_of(text: &str) -> Vec<&str> {
    text.split([',', ';', ' ', '，', '；', '、']).map(str::trim).filter(|serial| !serial.is_empty()).collect()
}

impl InspectionEffect {
    /// The question of that name.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id.as_str() == id)
    }

    /// The worst that answers mean: by question and answer.
    pub fn meant<'a>(&self, answers: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Option<Grade>, Option<Found>) {
        let (mut grade, mut found) = (None, None);
        for (id, answer) in answers {
            for meaning in self.question(id).into_iter().flat_map(|question| question.meanings(answer)) {
                grade = grade.max(meaning.grade);
                found = found.max(meaning.result);
            }
        }
        (grade, found)
    }
}
