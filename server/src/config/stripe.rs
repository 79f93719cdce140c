//! Settings of the gateway.

use serde::Deserialize;

use super::host::{VENDORS, is_vendors};
use super::secret::{SecretText, SecretTexts};

/// Stripe.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stripe {
    /// What this portal shows that it is by; without one no gateway gives money back.
    pub secret_key: Option<SecretText>,
    /// What it signs its messages with; several while one follows another. Without one none is taken.
    pub webhook_secret: SecretTexts,
    /// Where it answers.
    pub url: String,
}

impl Default for Stripe {
    fn default() -> Self {
        Self { secret_key: None, webhook_secret: SecretTexts::default(), url: "https://api.stripe.com".into() }
    }
}

impl Stripe {
    /// Each secret that signs messages; commas may stand between them.
    pub fn webhook_secrets(&self) -> impl Iterator<Item = &str> {
        self.webhook_secret.iter().flat_map(|secret| secret.expose().split(',')).map(str::trim).filter(|secret| !secret.is_empty())
    }

    /// Which setting cannot be used, and what it should be.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if !is_vendors(&self.url) {
            return Err(("stripe.url", VENDORS));
        }
        let fits = |key: &str| key.starts_with("sk_") || key.starts_with("rk_");
        if self
            .secret_key
            .as_ref()
            .is_some_and(|key| !fits(key.expose()) || key.expose().contains(|letter: char| !letter.is_ascii_graphic()))
        {
            return Err(("stripe.secret_key", "begins with sk_ or, of a key that may less, rk_"));
        }
        if self.webhook_secrets().any(|secret| secret.len() < "whsec_".len() + 4 || !secret.starts_with("whsec_")) {
            return Err(("stripe.webhook_secret", "begins with whsec_, each of several with a comma between"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(text: &str) -> SecretTexts {
        [text.into()].into_iter().collect()
    }

    #[test]
    fn what_could_not_be_used_is_named() {
        let at = |url: &str| Stripe { url: url.to_owned(), ..Stripe::default() };
        let key = |key: &str| Stripe { secret_key: Some(key.into()), ..Stripe::default() };
        let signs = |text: &str| Stripe { webhook_secret: secrets(text), ..Stripe::default() };
        for fine in
            [at("http://127.0.0.1:12111"), at("http://[::1]:1/"), key("sk_test_1"), key("rk_live_1"), signs("whsec_test,whsec_next")]
        {
            assert_eq!(fine.check(), Ok(()), "{fine:?}");
        }
        for (wrong, named) in [
            (at("http://api.stripe.example"), "stripe.url"),
            (at("https://api.stripe.com/v1"), "stripe.url"),
            (at("https://u@api.stripe.com"), "stripe.url"),
            (at("api.stripe.com"), "stripe.url"),
            (key("pk_test_1"), "stripe.secret_key"),
            (key("sk_test 1"), "stripe.secret_key"),
            (signs("whsec_test,sk_test_1"), "stripe.webhook_secret"),
            (signs("whsec_"), "stripe.webhook_secret"),
        ] {
            assert_eq!(wrong.check().map_err(|(name, _)| name), Err(named), "{wrong:?}");
        }
        assert_eq!(signs(" whsec_old1 ,whsec_new1,").webhook_secrets().collect::<Vec<_>>(), ["whsec_old1", "whsec_new1"]);
        assert!(!format!("{:?}{:?}", key("sk_test_1"), signs("whsec_test")).contains("test"));
    }
}
