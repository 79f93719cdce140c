//! What people at work do to a case in one press, by itself or to many at once.

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};
use crate::returns::CommandKind;
use crate::words::{Locale, Words};

/// What is decided in one press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    Approve,
    /// The words say why.
    Decline,
    /// The words say for what.
    Ask,
}

impl Ruling {
    pub const ALL: [Self; 3] = [Self::Approve, Self::Decline, Self::Ask];

    pub fn kind(self) -> CommandKind {
        match self {
            Self::Approve => CommandKind::Approve,
            Self::Decline => CommandKind::Decline,
            Self::Ask => CommandKind::AskEvidence,
        }
    }

    pub fn needs_words(self) -> bool {
        self != Self::Approve
    }
}

/// Who has the tasks of a return from then on, or until when nobody need look at them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    Me,
    Nobody,
    /// By their account's name.
    Colleague(String),
    /// For so many days, or till there is news.
    Days(i64),
    News,
}

impl Hand {
    /// Days to sleep that can be chosen.
    pub const DAYS: [i64; 3] = [1, 3, 7];

    /// As forms send it.
    pub fn code(&self) -> String {
        match self {
            Self::Me => "me".to_owned(),
            Self::Nobody => "nobody".to_owned(),
            Self::Colleague(id) => id.clone(),
            Self::Days(days) => format!("days-{days}"),
            Self::News => "news".to_owned(),
        }
    }

    pub fn named(code: &str) -> Option<Self> {
        match code {
            "me" => Some(Self::Me),
            "nobody" => Some(Self::Nobody),
            "news" => Some(Self::News),
            id if id.starts_with("s_") && id.len() <= 64 => Some(Self::Colleague(id.to_owned())),
            days => days.strip_prefix("days-")?.parse().ok().filter(|days| Self::DAYS.contains(days)).map(Self::Days),
        }
    }
}

/// What is chosen to be done: a saved reply is named, and read when it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand: Option<Hand>,
}

impl Deed {
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What it is with the text of its reply.
    pub fn with(self, words: Words) -> Act {
        Act { words, ruling: self.ruling, hand: self.hand }
    }
}

/// What is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Act {
    /// What the customer reads, with its places; empty: nothing is said.
    pub words: Words,
    pub ruling: Option<Ruling>,
    pub hand: Option<Hand>,
}

impl Act {
    /// Nothing is said or decided: only who has it changes.
    pub fn only_hands(&self) -> bool {
        self.words.is_empty() && self.ruling.is_none()
    }

    /// Commands that it gives.
    pub fn commands(&self) -> impl Iterator<Item = CommandKind> {
        let says = !self.words.is_empty() && self.ruling.is_none_or(|ruling| !ruling.needs_words());
        self.ruling.map(Ruling::kind).into_iter().chain(says.then_some(CommandKind::Write))
    }
}

/// A way to look at the queue that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedView {
    /// Codes of kinds of tasks; none: all that whoever looks does.
    pub kinds: Vec<String>,
    /// As the list's own ways to look are called.
    pub sight: String,
}

/// To whom tasks are given: what is said of a task must be so; what is not said is no matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Which is asked first.
    pub place: i64,
    /// Codes of kinds of tasks.
    pub kinds: Vec<String>,
    /// At least this is at stake, in minor units.
    pub least: Option<(Currency, i64)>,
    /// Where it comes from, ISO 3166-1.
    pub countries: Vec<String>,
    /// What the customer reads.
    pub languages: Vec<Locale>,
    /// To whom, in turn, by the names of their accounts.
    pub people: Vec<String>,
}

/// What rules know of a task.
#[derive(Clone, Debug)]
pub struct Task<'t> {
    pub kind: &'t str,
    pub value: Option<Money>,
    pub country: Option<&'t str>,
    pub language: Locale,
}

impl Rule {
    /// Whether tasks of that kind can be meant.
    pub fn is_of(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|code| code == kind)
    }

    /// Whether this task is meant.
    pub fn means(&self, task: &Task<'_>) -> bool {
        let worth = |(currency, least): (Currency, i64)| task.value.is_some_and(|value| value.currency == currency && value.minor >= least);
        self.is_of(task.kind)
            && self.least.is_none_or(worth)
            && (self.countries.is_empty() || task.country.is_some_and(|country| self.countries.iter().any(|code| code == country)))
            && (self.languages.is_empty() || self.languages.contains(&task.language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_are_read_as_they_are_written() {
        let all = [Hand::Me, Hand::Nobody, Hand::News, Hand::Days(3), Hand::Colleague("s_1".into())];
        for hand in all {
            assert_eq!(Hand::named(&hand.code()), Some(hand));
        }
        for none in ["", "days-2", "days-", "key:shop", "Me"] {
            assert_eq!(Hand::named(none), None, "{none}");
        }
    }

    #[test]
    fn a_rule_means_what_it_says_and_all_of_it() {
        let euro = |minor| Money::new(minor, "EUR".parse().unwrap());
        let task = Task { kind: "review", value: Some(euro(5_000)), country: Some("DE"), language: Locale::De };
        let rule = |change: fn(&mut Rule)| {
            let mut rule = Rule::default();
            change(&mut rule);
            rule.means(&task)
        };
        assert!(rule(|_| {}), "nothing is said");
        assert!(rule(|rule| rule.kinds = vec!["pay".into(), "review".into()]) && !rule(|rule| rule.kinds = vec!["pay".into()]));
        assert!(rule(|rule| rule.least = Some(("EUR".parse().unwrap(), 5_000))));
        assert!(!rule(|rule| rule.least = Some(("EUR".parse().unwrap(), 5_001))));
        assert!(!rule(|rule| rule.least = Some(("CNY".parse().unwrap(), 1))));
        assert!(rule(|rule| rule.countries = vec!["FR".into(), "DE".into()]) && !rule(|rule| rule.countries = vec!["FR".into()]));
        assert!(rule(|rule| rule.languages = vec![Locale::De]) && !rule(|rule| rule.languages = vec![Locale::Fr]));
        assert!(!rule(|rule| (rule.kinds, rule.countries) = (vec!["review".into()], vec!["FR".into()])));
    }

    #[test]
    fn words_are_the_reason_or_a_message_beside_it() {
        let words: Words = [(crate::words::Locale::En, "Hello".to_owned())].into_iter().collect();
        let commands = |ruling| Act { words: words.clone(), ruling, hand: None }.commands().map(CommandKind::code).collect::<Vec<_>>();
        assert_eq!(commands(None), ["write"]);
        assert_eq!(commands(Some(Ruling::Approve)), ["approve", "write"]);
        assert_eq!(commands(Some(Ruling::Decline)), ["decline"]);
        assert!(Act { hand: Some(Hand::Me), ..Act::default() }.only_hands());
    }
}
