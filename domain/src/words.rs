//! Texts a merchant gives, per locale, and guessing what a mistyped word was meant to be.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language the product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Locale {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The BCP 47 tag, as `lang` in HTML wants it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Locale {
    type Err = ();

    /// By the language alone: `zh`, `zh-Hans-CN`, `zh_CN` are Chinese; `en-GB` is English; others are not ours.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "zh" => Ok(Self::ZhCn),
            "en" => Ok(Self::En),
            _ => Err(()),
        }
    }
}

/// One text in several languages, `{"zh-CN": "…", "en": "…"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Words(BTreeMap<Locale, String>);

impl Words {
    /// The text in `locale`, or in the other one where this is missing.
    pub fn get(&self, locale: Locale) -> Option<&str> {
        self.0.get(&locale).or_else(|| self.0.values().next()).map(String::as_str)
    }

    /// Nothing said in any language.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first of these languages in which nothing is said.
    pub fn lacks(&self, languages: &[Locale]) -> Option<Locale> {
        languages.iter().copied().find(|locale| self.0.get(locale).is_none_or(|text| text.trim().is_empty()))
    }

    /// The languages in which something is said.
    pub fn languages(&self) -> &'static [Locale] {
        let said = |locale: Locale| self.lacks(&[locale]).is_none();
        match (said(Locale::ZhCn), said(Locale::En)) {
            (true, true) => &Locale::ALL,
            (true, false) => &[Locale::ZhCn],
            (false, true) => &[Locale::En],
            (false, false) => &[],
        }
    }
}

impl FromIterator<(Locale, String)> for Words {
    fn from_iter<I: IntoIterator<Item = (Locale, String)>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

/// The candidate that was most likely meant by `typed`, if any is near.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let letters = typed.chars().count();
    let near = |candidate: &str| 1 + candidate.chars().count().min(letters) / 4;
    candidates
        .into_iter()
        // No text is nearer than their lengths are. To compare takes time and memory by the product of both, and what is typed may be long.
        .filter(|candidate| candidate.chars().count().abs_diff(letters) <= near(candidate))
        .map(|candidate| (strsim::damerau_levenshtein(typed, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= near(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_known_by_their_language() {
        for tag in ["zh", "zh-CN", "zh_Hans", "ZH-tw"] {
            assert_eq!(tag.parse(), Ok(Locale::ZhCn), "{tag}");
        }
        assert_eq!("en-GB".parse(), Ok(Locale::En));
        assert_eq!("fr".parse::<Locale>(), Err(()));
    }

    #[test]
    fn what_was_meant_is_guessed_only_when_near() {
        let tables = ["window", "exclusion", "fee"];
        assert_eq!(nearest("windw", tables).as_deref(), Some("window"));
        assert_eq!(nearest("exclusions", tables).as_deref(), Some("exclusion"));
        assert_eq!(nearest("banana", tables), None);
        // To compare a novel with each of these would take hours.
        let novel = "window ".repeat(1_000_000);
        assert_eq!(nearest(&novel, vec!["window"; 100_000]), None);
    }
}
