//! Names of things, parsed once at the edge: order numbers, codes, mail addresses, phones, countries.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::written::{digit_of, half_width, seen};

/// Why a text was refused as a name of something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("is empty")]
    Empty,
    #[error("is longer than {0} characters")]
    TooLong(usize),
    #[error("holds control characters")]
    Control,
    /// Not of the form it should have.
    #[error("is not {0}")]
    Form(&'static str),
}

fn bounded(text: &str, most: usize) -> Result<&str, IdError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        Err(IdError::Empty)
    } else if trimmed.len() > most && trimmed.chars().count() > most {
        Err(IdError::TooLong(most))
    } else if trimmed.chars().any(char::is_control) {
        Err(IdError::Control)
    } else {
        Ok(trimmed)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $most:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                bounded(&seen(text), $most).map(|text| Self(text.to_owned()))
            }
        }

        display_and_serde!($name);
    };
}

macro_rules! display_and_serde {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::from_text::from_text(deserializer)
            }
        }
    };
}

text_id!(
    /// An order's number as the shop writes it: `10248`, `#1001`.
    OrderNumber,
    80
);
text_id!(
    /// A line's name within its order.
    LineId,
    80
);
impl LineId {
    /// One that we made ourselves.
    pub(crate) fn made(text: String) -> Self {
        Self(text)
    }
}

text_id!(
    /// A stock keeping unit.
    Sku,
    120
);

/// A line of an order, as forms name it: `10248|2`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LineKey {
    /// The order.
    pub order: OrderNumber,
    /// Its line.
    pub line: LineId,
}

impl fmt::Display for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.order, self.line)
    }
}

impl FromStr for LineKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (order, line) = text.rsplit_once('|').ok_or(IdError::Form("an order and its line: 10248|2"))?;
        Ok(Self { order: order.parse()?, line: line.parse()? })
    }
}

/// A short machine name: lower-case letters, digits, `_`, `-`, `.`; starts with a letter or digit. Reasons, rules, categories, tiers.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(String);

impl Code {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A code out of free text: lower case, anything else becomes `-`. Nothing where no letter or digit is left.
    pub fn from_words(text: &str) -> Option<Self> {
        let mut code = String::new();
        for letter in text.trim().chars().map(half_width).flat_map(char::to_lowercase) {
            if letter.is_alphanumeric() || matches!(letter, '_' | '.') {
                code.push(letter);
            } else if !code.is_empty() && !code.ends_with('-') {
                code.push('-');
            }
            if code.len() > 80 {
                break;
            }
        }
        let code = code.trim_end_matches('-').trim_start_matches(['_', '.']);
        (!code.is_empty()).then(|| Self(code.to_owned()))
    }
}

impl FromStr for Code {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = bounded(text, 100)?;
        let fits = |letter: char| (letter.is_alphanumeric() && !letter.is_uppercase()) || matches!(letter, '_' | '-' | '.');
        if text.chars().all(fits) && text.starts_with(char::is_alphanumeric) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::Form("a code of lower-case letters, digits, `_`, `-` and `.`"))
        }
    }
}

impl schemars::JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[^\\sA-Z]+$"})
    }
}

display_and_serde!(Code);

/// A mail address: one `@`, a dotted domain, no spaces. Compared without regard to case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form two writings of one mailbox share: lower case, the domain as mail servers write it (`xn--…`; RFC 5891).
    pub fn key(&self) -> String {
        match self.0.rsplit_once('@') {
            Some((mailbox, host)) if !self.0.is_ascii() => {
                let host = idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_lowercase());
                format!("{}@{host}", mailbox.to_lowercase())
            }
            _ => self.0.to_lowercase(),
        }
    }

    /// `w…g@example.com`: enough for its owner to know it, too little for another.
    pub fn masked(&self) -> String {
        let (mailbox, host) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let first: String = mailbox.chars().take(1).collect();
        let last = if mailbox.chars().count() > 3 { mailbox.chars().last() } else { None };
        format!("{first}…{}@{host}", last.map(String::from).unwrap_or_default())
    }
}

impl FromStr for EmailAddress {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let text: String =
            bounded(&seen(text), 254)?.chars().map(half_width).map(|letter| if letter == '。' { '.' } else { letter }).collect();
        let refused = Err(IdError::Form("a mail address such as name@example.com"));
        let Some((mailbox, host)) = text.rsplit_once('@') else { return refused };
        let host_fits = host.contains('.')
            && host
                .split('.')
                .all(|label| !label.is_empty() && label.len() <= 63 && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
        let mailbox_fits =
            !mailbox.is_empty() && mailbox.len() <= 64 && !mailbox.chars().any(|c| c.is_whitespace() || "@<>(),;:\\\"[]".contains(c));
        if host_fits && mailbox_fits { Ok(Self(text)) } else { refused }
    }
}

display_and_serde!(EmailAddress);

/// A phone number as written, with at least five digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = seen(text);
        let text = bounded(&text, 40)?;
        let digits = text.chars().filter_map(digit_of).count();
        if digits >= 5 { Ok(Self(text.to_owned())) } else { Err(IdError::Form("a phone number of at least five digits")) }
    }
}

display_and_serde!(PhoneNumber);

/// An ISO 3166-1 country: two letters, upper case. Whether the country exists is not checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("ZZ")
    }

    /// Its short name in English, as ISO 3166-1 has it; its code where the standard knows none.
    pub fn name(&self) -> &str {
        match self.as_str() {
            // Reserved for users of the standard; carriers and the EU mean this one.
            "XK" => "Kosovo",
            code => code.parse::<iso_country::Country>().map_or(code, |country| country.name().split('[').next().unwrap_or(code)),
        }
    }
}

impl FromStr for CountryCode {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.trim().as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()])),
            _ => Err(IdError::Form("a two-letter country code such as CN")),
        }
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CountryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::from_text::from_text(deserializer)
    }
}

impl schemars::JsonSchema for CountryCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CountryCode".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[A-Za-z]{2}$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_exactly() {
        for (one, other) in [("1001#1", "10011"), ("A 1", "A1"), ("77#1", "771"), ("#1001", "1001"), ("a1", "A1"), ("1001.", "1001")] {
            assert_ne!(one.parse::<OrderNumber>().unwrap(), other.parse::<OrderNumber>().unwrap());
        }
        for (one, same) in [(" 1001", "1001"), ("10\u{200b}01", "1001"), ("Mu\u{308}1", "M\u{fc}1")] {
            assert_eq!(one.parse::<OrderNumber>().unwrap(), same.parse::<OrderNumber>().unwrap());
        }
    }

    #[test]
    fn a_country_is_named_by_its_standard() {
        let name = |code: &str| code.parse::<CountryCode>().unwrap().name().to_owned();
        for (code, english) in [("CN", "China"), ("DE", "Germany"), ("XK", "Kosovo"), ("TW", "Taiwan, Province of China"), ("QQ", "QQ")] {
            assert_eq!(name(code), english);
        }
        let known = iso_country::data::all();
        assert!(known.iter().filter(|country| country.alpha2.len() == 2).all(|country| name(country.alpha2) != country.alpha2));
    }

    #[test]
    fn one_mailbox_has_one_key() {
        let key = |text: &str| text.parse::<EmailAddress>().unwrap().key();
        for (one, other) in [
            ("li@bücher.example", "li@xn--bcher-kva.example"),
            ("li@bu\u{308}cher.example", "Li@Bücher.Example"),
            ("li\u{200b}@example.com", "li@example.com"),
            ("li＠ｅｘａｍｐｌｅ。com", "li@example.com"),
        ] {
            assert_eq!(key(one), key(other));
        }
        assert_ne!(key("li@bücher.example"), key("li@bucher.example"));
    }

    #[test]
    fn mail_addresses_are_checked_for_form_and_masked_for_show() {
        for good in ["wang@example.com", "a.b+c@mail.example.co.uk", "王@例子.公司", " x@y.org ", "a＠example.com"] {
            assert!(good.parse::<EmailAddress>().is_ok(), "{good}");
        }
        for bad in ["", "wang", "@example.com", "a@b", "a b@example.com", "a@exa mple.com", "a@.com", "a@b..c", "a<b@example.com"] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
        assert_eq!("xiaoming@example.com".parse::<EmailAddress>().unwrap().masked(), "x…g@example.com");
        assert_eq!("li@example.com".parse::<EmailAddress>().unwrap().masked(), "l…@example.com");
    }

    #[test]
    fn codes_come_from_words() {
        assert_eq!(Code::from_words("Home & Garden / Lamps ").unwrap().as_str(), "home-garden-lamps");
        assert_eq!(Code::from_words("服装 鞋包").unwrap().as_str(), "服装-鞋包");
        assert_eq!(Code::from_words(" — "), None);
        assert!("Not a code".parse::<Code>().is_err());
        assert!("final_sale".parse::<Code>().is_ok());
    }
}
