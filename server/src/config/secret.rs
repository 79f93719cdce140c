//! Settings that must not be shown.

use std::fmt;

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
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(SecretText),
            Several(Vec<SecretText>),
        }
        let written = Written::deserialize(deserializer).map_err(|_| serde::de::Error::custom("expected a list of texts: [\"…\"]"))?;
        Ok(match written {
            Written::One(secret) if secret.expose().is_empty() => Self::default(),
            Written::One(secret) => Self(vec![secret]),
            Written::Several(secrets) => Self(secrets),
        })
    }
}
