//! Settings of texts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::host::{VENDORS, is_vendors};
use super::secret::SecretText;

/// Texts to phones.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// Who takes a text, by how the number begins (E.164); the longest beginning counts. Without one no texts are sent.
    pub routes: BTreeMap<String, TextsBy>,
    /// Texts wait for the morning from this hour on, by the reader's clock, until the other; the same twice: never.
    pub quiet: Quiet,
    /// Texts in a minute, over all servers; 0: no limit.
    pub per_minute: u32,
    pub twilio: Twilio,
    pub aliyun: Aliyun,
}

/// Who takes texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextsBy {
    Twilio,
    Aliyun,
    /// They are noted in the log, and nobody gets one.
    Log,
}

/// Hours of a day, 0 to 23.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quiet {
    pub from: i8,
    pub until: i8,
}

impl Default for Quiet {
    fn default() -> Self {
        Self { from: 21, until: 8 }
    }
}

/// Twilio.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Twilio {
    /// `AC…`.
    pub account_sid: Option<String>,
    pub auth_token: Option<SecretText>,
    /// A number of the shop's, its name in letters, or a messaging service (`MG…`).
    pub from: Option<String>,
    /// Where it answers.
    pub url: String,
}

impl Default for Twilio {
    fn default() -> Self {
        Self { account_sid: None, auth_token: None, from: None, url: "https://api.twilio.com".into() }
    }
}

/// Aliyun.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Aliyun {
    pub access_key_id: Option<String>,
    pub access_key_secret: Option<SecretText>,
    /// The signature that the platform knows the shop by.
    pub sign_name: Option<String>,
    /// The end of the address at which it says whether texts arrived: `/hooks/aliyun/…`.
    pub report_secret: Option<SecretText>,
    /// Where it answers.
    pub url: String,
    /// By occasion and language: the platform's template.
    pub templates: BTreeMap<String, BTreeMap<String, TextTemplate>>,
}

impl Default for Aliyun {
    fn default() -> Self {
        Self {
            access_key_id: None,
            access_key_secret: None,
            sign_name: None,
            report_secret: None,
            url: "https://dysmsapi.aliyuncs.com".into(),
            templates: BTreeMap::new(),
        }
    }
}

/// A template of the platform's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextTemplate {
    /// `SMS_…`.
    pub code: String,
    /// Names of its places, of `rma`, `date`, `amount`, `shop`, `link`.
    #[serde(default)]
    pub places: Vec<String>,
}

/// What stands at the end of an address and nobody guesses.
const SHORTEST_SECRET: usize = 20;

/// What a template's places may be called.
pub const TEXT_PLACES: [&str; 5] = ["rma", "date", "amount", "shop", "link"];

impl Sms {
    /// Which setting cannot be used, and what it should be. `occasions`: those that there are.
    pub(super) fn check(&self, occasions: &[&str]) -> Result<(), (String, String)> {
        let wrong = |name: &str, problem: &str| Err((format!("sms.{name}"), problem.to_owned()));
        for (name, url) in [("twilio.url", &self.twilio.url), ("aliyun.url", &self.aliyun.url)] {
            if !is_vendors(url) {
                return wrong(name, VENDORS);
            }
        }
        if !(0..24).contains(&self.quiet.from) || !(0..24).contains(&self.quiet.until) {
            return wrong("quiet", "has hours from 0 to 23");
        }
        for (beginning, by) in &self.routes {
            if !beginning.strip_prefix('+').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
                return wrong(&format!("routes.{beginning}"), "begins with + and goes on with digits");
            }
            let missing = match by {
                TextsBy::Twilio => {
                    let of = &self.twilio;
                    [("account_sid", of.account_sid.is_some()), ("auth_token", of.auth_token.is_some()), ("from", of.from.is_some())]
                        .into_iter()
                        .find(|(_, there)| !there)
                        .map(|(name, _)| format!("twilio.{name}"))
                }
                TextsBy::Aliyun => {
                    let of = &self.aliyun;
                    [
                        ("access_key_id", of.access_key_id.is_some()),
                        ("access_key_secret", of.access_key_secret.is_some()),
                        ("sign_name", of.sign_name.is_some()),
                    ]
                    .into_iter()
                    .find(|(_, there)| !there)
                    .map(|(name, _)| format!("aliyun.{name}"))
                }
                TextsBy::Log => None,
            };
            if let Some(missing) = missing {
                return wrong(&missing, "is needed, as sms.routes names who it is for");
            }
        }
        if self.aliyun.report_secret.as_ref().is_some_and(|secret| secret.expose().len() < SHORTEST_SECRET) {
            return wrong("aliyun.report_secret", &format!("has {SHORTEST_SECRET} letters or more"));
        }
        let fits = |sid: &String| {
            sid.strip_prefix("AC").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        if self.twilio.account_sid.as_ref().is_some_and(|sid| !fits(sid)) {
            return wrong("twilio.account_sid", "begins with AC");
        }
        for (occasion, by_language) in &self.aliyun.templates {
            if !occasions.contains(&occasion.as_str()) {
                return wrong(&format!("aliyun.templates.{occasion}"), &format!("is one of {}", occasions.join(", ")));
            }
            for (language, template) in by_language {
                if language.parse::<domain::words::Locale>().is_err() {
                    return wrong(&format!("aliyun.templates.{occasion}.{language}"), "is a language: zh-CN, en, de, fr");
                }
                if let Some(unknown) = template.places.iter().find(|place| !TEXT_PLACES.contains(&place.as_str())) {
                    let known = format!("has places of {}; `{unknown}` is none", TEXT_PLACES.join(", "));
                    return wrong(&format!("aliyun.templates.{occasion}.{language}"), &known);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twilio() -> Twilio {
        Twilio { account_sid: Some("AC1".into()), auth_token: Some("hush".into()), from: Some("+15550000".into()), ..Twilio::default() }
    }

    #[test]
    fn what_could_not_be_used_is_named() {
        let routed = |beginning: &str, by| Sms { routes: BTreeMap::from([(beginning.to_owned(), by)]), ..Sms::default() };
        let template = |occasion: &str, language: &str, place: &str| Sms {
            aliyun: Aliyun {
                templates: BTreeMap::from([(
                    occasion.to_owned(),
                    BTreeMap::from([(language.to_owned(), TextTemplate { code: "SMS_1".into(), places: vec![place.to_owned()] })]),
                )]),
                ..Aliyun::default()
            },
            ..Sms::default()
        };
        let known = ["return_opened"];
        for fine in [
            Sms::default(),
            routed("+", TextsBy::Log),
            Sms { twilio: twilio(), ..routed("+49", TextsBy::Twilio) },
            template("return_opened", "zh-CN", "rma"),
        ] {
            assert_eq!(fine.check(&known), Ok(()), "{fine:?}");
        }
        for (wrong, named) in [
            (routed("49", TextsBy::Log), "sms.routes.49"),
            (routed("+49", TextsBy::Twilio), "sms.twilio.account_sid"),
            (Sms { twilio: Twilio { from: None, ..twilio() }, ..routed("+49", TextsBy::Twilio) }, "sms.twilio.from"),
            (routed("+86", TextsBy::Aliyun), "sms.aliyun.access_key_id"),
            (Sms { twilio: Twilio { account_sid: Some("XX/..".into()), ..twilio() }, ..Sms::default() }, "sms.twilio.account_sid"),
            (Sms { twilio: Twilio { url: "http://api.twilio.example".into(), ..twilio() }, ..Sms::default() }, "sms.twilio.url"),
            (Sms { quiet: Quiet { from: 24, until: 8 }, ..Sms::default() }, "sms.quiet"),
            (template("opened", "en", "rma"), "sms.aliyun.templates.opened"),
            (template("return_opened", "xx", "rma"), "sms.aliyun.templates.return_opened.xx"),
            (template("return_opened", "en", "name"), "sms.aliyun.templates.return_opened.en"),
        ] {
            assert_eq!(wrong.check(&known).map_err(|(name, _)| name), Err(named.to_owned()), "{wrong:?}");
        }
        assert!(!format!("{:?}", Sms { twilio: twilio(), ..Sms::default() }).contains("hush"));
    }
}
