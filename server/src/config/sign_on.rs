//! Settings of the way in through a provider that the shop's people sign in to anyway.

use std::collections::BTreeMap;

use domain::staff::Roles;
use domain::words::Words;
use serde::Deserialize;
use url::Url;

use super::host::is_safe;
use super::secret::SecretText;

/// Sign-on by OpenID Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignOn {
    /// Who says who somebody is; without one the way is closed.
    pub issuer: Option<String>,
    /// What it knows this portal by.
    pub client_id: String,
    /// What this portal shows that it is by; a provider may do without.
    pub client_secret: Option<SecretText>,
    /// What the button calls it.
    pub label: Words,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Whether somebody whom the provider names gets an account.
    pub create_accounts: bool,
    /// The claim whose values mean roles; names of objects within each other have dots between.
    pub roles_claim: Option<String>,
    /// What its values mean: `support,finance`.
    pub roles: BTreeMap<String, String>,
}

impl Default for SignOn {
    fn default() -> Self {
        Self {
            issuer: None,
            client_id: "homebound".into(),
            client_secret: None,
            label: Words::default(),
            scopes: ["email", "profile"].map(str::to_owned).to_vec(),
            create_accounts: false,
            roles_claim: None,
            roles: BTreeMap::new(),
        }
    }
}

impl SignOn {
    /// What values of the claim mean, together.
    pub fn roles_of<'v>(&self, values: impl IntoIterator<Item = &'v str>) -> Roles {
        let meant = values.into_iter().filter_map(|value| self.roles.get(value)).filter_map(|text| Roles::parse(text));
        Roles::new(meant.flat_map(|roles| roles.iter().collect::<Vec<_>>()))
    }

    /// Which setting cannot be used, and what it should be.
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        let wrong = |name: &str, problem| Err((format!("sign_on.{name}"), problem));
        if let Some((value, _)) = self.roles.iter().find(|(_, text)| Roles::parse(text).is_none_or(|roles| roles.is_empty())) {
            return wrong(&format!("roles.{value}"), "names roles, with commas between: support, warehouse, workshop, finance, admin");
        }
        let Some(issuer) = &self.issuer else { return Ok(()) };
        if !issuer.parse::<Url>().is_ok_and(|url| is_safe(&url)) {
            return wrong("issuer", "is an address that starts with https://");
        }
        if self.client_id.trim().is_empty() {
            return wrong("client_id", "is what the provider knows this portal by");
        }
        if self.create_accounts && (self.roles_claim.is_none() || self.roles.is_empty()) {
            return wrong("create_accounts", "needs roles_claim and roles: an account without a role can do nothing");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_used_is_named() {
        let set = |issuer: &str| SignOn { issuer: Some(issuer.to_owned()), ..SignOn::default() };
        let roles = |text: &str| BTreeMap::from([("returns".to_owned(), text.to_owned())]);
        for issuer in ["https://login.shop.example/realms/shop", "http://127.0.0.1:3001", "http://localhost:3001", "http://[::1]:3001"] {
            assert_eq!(set(issuer).check(), Ok(()), "{issuer}");
        }
        for (wrong, named) in [
            (set("login.shop.example"), "sign_on.issuer"),
            (set("http://login.shop.example"), "sign_on.issuer"),
            (SignOn { client_id: " ".into(), ..set("https://login.shop.example") }, "sign_on.client_id"),
            (SignOn { create_accounts: true, ..set("https://login.shop.example") }, "sign_on.create_accounts"),
            (SignOn { roles: roles("boss"), ..SignOn::default() }, "sign_on.roles.returns"),
            (SignOn { roles: roles(""), ..SignOn::default() }, "sign_on.roles.returns"),
        ] {
            assert_eq!(wrong.check().map_err(|(name, _)| name), Err(named.to_owned()));
        }
        let told = SignOn { roles: roles("support,finance"), ..SignOn::default() };
        assert_eq!(told.roles_of(["everybody", "returns"]).to_string(), "support,finance");
        assert!(told.roles_of(["everybody"]).is_empty());
    }
}
