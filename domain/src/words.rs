//! Texts a merchant gives, per locale, and guessing what a mistyped word was meant to be.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language the product speaks: a row here, and a file in `app/locales`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Locale {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// German.
    #[serde(rename = "de")]
    De,
    /// French.
    #[serde(rename = "fr")]
    Fr,
    /// English with accents, longer, in brackets: what is shown without them is not in the catalogue. Tests alone have it.
    #[cfg(debug_assertions)]
    #[serde(rename = "en-XA")]
    #[schemars(skip)]
    Pseudo,
}

impl Locale {
    /// All that a shop can have.
    pub const ALL: [Self; 4] = [Self::ZhCn, Self::En, Self::De, Self::Fr];

    /// The BCP 47 tag, as `lang` in HTML wants it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            #[cfg(debug_assertions)]
            Self::Pseudo => "en-XA",
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

    /// By the language alone: `zh`, `zh-Hans-CN`, `zh_CN` are Chinese; `de-AT` is German; others are not ours.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim();
        #[cfg(debug_assertions)]
        if text == Self::Pseudo.tag() {
            return Ok(Self::Pseudo);
        }
        let language = text.split(['-', '_']).next().unwrap_or_default();
        let is_language = |locale: &Self| locale.tag().split('-').next().is_some_and(|ours| ours.eq_ignore_ascii_case(language));
        Self::ALL.into_iter().find(is_language).ok_or(())
    }
}

/// A language as it is kept with returns and jobs, for `#[serde(flatten, with = "kept")]`. A server of before may run
/// beside this one and knows Chinese and English only: for it `locale` is English where `language` says another. What only a newer one knows is
/// English here.
pub mod kept {
    use super::{Deserialize, Locale, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Kept {
        locale: Locale,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
    }

    pub fn serialize<S: serde::Serializer>(locale: &Locale, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = match locale {
            Locale::ZhCn | Locale::En => Kept { locale: *locale, language: None },
            other => Kept { locale: Locale::En, language: Some(other.tag().to_owned()) },
        };
        kept.serialize(serializer)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Locale, D::Error> {
        let Kept { locale, language } = Kept::deserialize(deserializer)?;
        Ok(language.and_then(|tag| tag.parse().ok()).unwrap_or(locale))
    }
}

/// One text in several languages, `{"zh-CN": "…", "en": "…"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Words(BTreeMap<Locale, String>);

impl Words {
    /// The text in `locale`, else in English, else in whatever language there is.
    pub fn get(&self, locale: Locale) -> Option<&str> {
        let said = [locale, Locale::En].into_iter().find_map(|locale| self.0.get(&locale));
        said.or_else(|| self.0.values().next()).map(String::as_str)
    }

    /// The text in `locale` and in no other language.
    pub fn own(&self, locale: Locale) -> Option<&str> {
        self.0.get(&locale).map(String::as_str).filter(|text| !text.trim().is_empty())
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
    pub fn languages(&self) -> Vec<Locale> {
        self.0.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(locale, _)| *locale).collect()
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
        for (tag, locale) in [("en-GB", Locale::En), ("de-AT", Locale::De), ("DE_ch", Locale::De), (" fr-CA", Locale::Fr)] {
            assert_eq!(tag.parse(), Ok(locale), "{tag}");
        }
        for tag in ["nl", "", "-de", "den", "frr", "e"] {
            assert_eq!(tag.parse::<Locale>(), Err(()), "{tag}");
        }
    }

    #[test]
    fn words_fall_back_to_english_and_then_to_whatever_there_is() {
        let words = |said: &[Locale]| said.iter().map(|locale| (*locale, locale.to_string())).collect::<Words>();
        for (said, asked, told) in [
            (&[Locale::ZhCn, Locale::En, Locale::De][..], Locale::De, "de"),
            (&[Locale::ZhCn, Locale::En, Locale::De], Locale::Fr, "en"),
            (&[Locale::ZhCn, Locale::De], Locale::Fr, "zh-CN"),
            (&[Locale::Fr], Locale::ZhCn, "fr"),
        ] {
            assert_eq!(words(said).get(asked), Some(told), "{said:?}");
        }
        assert_eq!(words(&[Locale::Fr, Locale::ZhCn]).languages(), [Locale::ZhCn, Locale::Fr]);
        assert_eq!(Words::default().get(Locale::En), None);
    }

    #[test]
    fn a_kept_language_reads_as_english_where_it_is_not_known() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Letter {
            to: String,
            #[serde(flatten, with = "kept")]
            locale: Locale,
        }
        let letter = |locale| Letter { to: "a@example.com".into(), locale };
        for (locale, written) in [
            (Locale::ZhCn, r#"{"to":"a@example.com","locale":"zh-CN"}"#),
            (Locale::De, r#"{"to":"a@example.com","locale":"en","language":"de"}"#),
        ] {
            assert_eq!(serde_json::to_string(&letter(locale)).unwrap(), written);
            assert_eq!(serde_json::from_str::<Letter>(written).unwrap(), letter(locale));
        }
        let newer = r#"{"to":"a@example.com","locale":"en","language":"nl"}"#;
        assert_eq!(serde_json::from_str::<Letter>(newer).unwrap(), letter(Locale::En));
        assert!(serde_json::from_str::<Letter>(r#"{"to":"a@example.com"}"#).is_err());
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
