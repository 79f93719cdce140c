//! Settings that must not be shown.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A secret. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Several secrets; one may be written without brackets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretTexts(Vec<SecretText>);

impl SecretTexts {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &SecretText> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<SecretText> for SecretTexts {
    fn from_iter<I: IntoIterator<Item = SecretText>>(secrets: I) -> Self {
        Self(secrets.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for SecretTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;

        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = SecretTexts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            // In a file of its own each stands on a line.
            fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretTexts, E> {
                Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(SecretText::from).collect())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<SecretTexts, A::Error> {
                let mut secrets = Vec::new();
                while let Some(secret) = texts.next_element()? {
                    secrets.push(secret);
                }
                Ok(SecretTexts(secrets))
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}
