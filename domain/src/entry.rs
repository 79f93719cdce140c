//! Ways in: what a shop's one-click ticket says, and whose orders a visitor may see.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{EmailAddress, LineId, OrderNumber, Sku};
use crate::json::without_nul;
use crate::order::Customer;
use crate::words::Locale;

/// Clocks of shop and portal may differ by so much.
pub const LEEWAY: SignedDuration = SignedDuration::from_secs(30);

/// Whose orders, all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Of a mail address, in the form of [`EmailAddress::key`].
    Email(String),
    /// Of a customer, by the shop's name for them.
    Customer(String),
}

impl Account {
    /// Whether an order of this customer belongs to it.
    pub fn owns(&self, customer: &Customer) -> bool {
        match self {
            Self::Email(key) => customer.email.as_ref().is_some_and(|email| email.key() == *key),
            Self::Customer(id) => customer.id.as_ref() == Some(id),
        }
    }
}

/// What a ticket opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opens {
    Order(OrderNumber),
    /// All orders of somebody.
    Account(Account),
}

/// What is meant to come back, of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Line(LineId),
    Sku(Sku),
}

/// A shop's word, signed, that a visitor may come in: the claims of a JSON Web Token (RFC 7519).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub opens: Opens,
    /// It ends then, and its `once` need not be remembered longer.
    pub expires_at: Timestamp,
    /// Its own name (`jti`): such a ticket opens once.
    pub once: Option<String>,
    pub locale: Option<Locale>,
    /// Chosen beforehand.
    pub wanted: Option<Wanted>,
    /// It leads to the withdrawal from the contract, not to a return.
    pub withdraws: bool,
}

/// Why a ticket does not open. For operators; visitors get one answer to all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// A claim is missing or of the wrong form.
    #[error("claim `{0}` {1}")]
    Claim(&'static str, &'static str),
    #[error("it expired at {0}")]
    Expired(Timestamp),
    /// It is not valid yet.
    #[error("it begins at {0} only")]
    Early(Timestamp),
    /// It would be valid for too long.
    #[error("it would be valid for more than {0} minutes")]
    Long(i64),
    /// It is meant for somebody else.
    #[error("its audience is another")]
    Audience,
}

impl Ticket {
    /// Reads claims whose signature was found good. A ticket is valid for `longest` at most, and where it names an audience (`aud`),
    /// that must be `audience`.
    pub fn read(claims: &[u8], audience: &str, longest: SignedDuration, now: Timestamp) -> Result<Self, TicketError> {
        let claims: Map<String, Value> =
            serde_json::from_slice(&without_nul(claims)).map_err(|_| TicketError::Claim("*", "are no JSON object"))?;
        let expires_at = time(&claims, "exp")?.ok_or(TicketError::Claim("exp", "is missing"))?;
        let issued_at = time(&claims, "iat")?;
        if expires_at + LEEWAY <= now {
            return Err(TicketError::Expired(expires_at));
        }
        for begins in [issued_at, time(&claims, "nbf")?].into_iter().flatten() {
            if begins > now + LEEWAY {
                return Err(TicketError::Early(begins));
            }
        }
        if expires_at.duration_since(issued_at.unwrap_or(now)) > longest + LEEWAY {
            return Err(TicketError::Long(longest.as_mins()));
        }
        if !claims.get("aud").is_none_or(|named| is_for(named, audience)) {
            return Err(TicketError::Audience);
        }
        Ok(Self {
            opens: opens(&claims)?,
            expires_at,
            once: text(&claims, "jti")?,
            locale: text(&claims, "locale")?.and_then(|tag| tag.parse().ok()),
            withdraws: text(&claims, "page")?.is_some_and(|page| page == "withdraw"),
            // What cannot be read is not chosen: the visitor can still choose.
            wanted: match (text(&claims, "line")?, text(&claims, "sku")?) {
                (Some(line), _) => line.parse().ok().map(Wanted::Line),
                (None, Some(sku)) => sku.parse().ok().map(Wanted::Sku),
                (None, None) => None,
            },
        })
    }
}

fn opens(claims: &Map<String, Value>) -> Result<Opens, TicketError> {
    match (text(claims, "order")?, text(claims, "customer")?, text(claims, "email")?) {
        (Some(order), None, None) => order.parse().map(Opens::Order).map_err(|_| TicketError::Claim("order", "is no order number")),
        (None, Some(customer), None) => Ok(Opens::Account(Account::Customer(customer))),
        (None, None, Some(email)) => {
            let email: EmailAddress = email.parse().map_err(|_| TicketError::Claim("email", "is no mail address"))?;
            Ok(Opens::Account(Account::Email(email.key())))
        }
        (None, None, None) => Err(TicketError::Claim("order", "is missing, and so are `customer` and `email`")),
        _ => Err(TicketError::Claim("order", "comes with another of `order`, `customer`, `email`; there is to be one")),
    }
}

/// A text, or a number as shops write their names for things.
fn text(claims: &Map<String, Value>, name: &'static str) -> Result<Option<String>, TicketError> {
    const MOST: usize = 300;
    let text = match claims.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(TicketError::Claim(name, "is no text")),
    };
    match text.chars().count() {
        0 => Err(TicketError::Claim(name, "is empty")),
        1..=MOST => Ok(Some(text)),
        _ => Err(TicketError::Claim(name, "is too long")),
    }
}

/// A NumericDate: seconds since 1970, fractions allowed (RFC 7519, 2).
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, TicketError> {
    let wrong = || TicketError::Claim(name, "is no time in seconds since 1970");
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_i64().or(value.as_f64().map(|seconds| seconds as i64)).ok_or_else(wrong)?;
    // Far from the ends of time, so that adding a leeway cannot pass them.
    if !(0..=4_102_444_800).contains(&seconds) {
        return Err(wrong());
    }
    Timestamp::from_second(seconds).map(Some).map_err(|_| wrong())
}

fn is_for(named: &Value, audience: &str) -> bool {
    match named {
        Value::String(one) => one.trim_end_matches('/') == audience,
        Value::Array(several) => several.iter().any(|one| is_for(one, audience)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_790_000_000;

    fn read(claims: Value) -> Result<Ticket, TicketError> {
        let now = Timestamp::from_second(NOW).unwrap();
        Ticket::read(claims.to_string().as_bytes(), "https://returns.example", SignedDuration::from_mins(15), now)
    }

    fn with(more: Value) -> Value {
        let mut claims = json!({"iat": NOW, "exp": NOW + 300, "order": "10248"});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    }

    #[test]
    fn a_ticket_opens_an_order_or_all_orders_of_somebody() {
        let order = |number: &str| Opens::Order(number.parse().unwrap());
        for (claims, opens) in [
            (json!({"exp": NOW + 300, "order": "#1001"}), order("#1001")),
            (json!({"exp": NOW + 300, "order": 1001}), order("1001")),
            (json!({"exp": NOW + 300, "customer": "c-1"}), Opens::Account(Account::Customer("c-1".into()))),
            (json!({"exp": NOW + 300, "customer": 17}), Opens::Account(Account::Customer("17".into()))),
            (json!({"exp": NOW as f64 + 300.5, "email": "Wang@Example.com"}), Opens::Account(Account::Email("wang@example.com".into()))),
        ] {
            assert_eq!(read(claims.clone()).unwrap().opens, opens, "{claims}");
        }
    }

    #[test]
    fn a_ticket_is_short_lived_and_says_what_it_is_for() {
        for claims in [
            with(json!({"exp": NOW - 29})),
            with(json!({"iat": NOW + 29})),
            with(json!({"exp": NOW + 15 * 60})),
            with(json!({"aud": "https://returns.example"})),
            with(json!({"aud": ["other", "https://returns.example/"]})),
            with(json!({"iss": "shop", "nbf": NOW - 1, "more": {"of": "this"}})),
        ] {
            assert!(read(claims.clone()).is_ok(), "{claims}");
        }
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        for (claims, error) in [
            (with(json!({"exp": NOW - 30})), TicketError::Expired(at(NOW - 30))),
            (with(json!({"iat": NOW + 31, "exp": NOW + 60})), TicketError::Early(at(NOW + 31))),
            (with(json!({"nbf": NOW + 31})), TicketError::Early(at(NOW + 31))),
            (with(json!({"exp": NOW + 15 * 60 + 31})), TicketError::Long(15)),
            (with(json!({"iat": NOW - 14 * 60, "exp": NOW + 120})), TicketError::Long(15)),
            (json!({"exp": NOW + 86_400, "order": "1"}), TicketError::Long(15)),
            (json!({"iat": 0, "exp": NOW + 300, "order": "1"}), TicketError::Long(15)),
            (with(json!({"aud": "https://evil.example"})), TicketError::Audience),
            (json!({"order": "1"}), TicketError::Claim("exp", "is missing")),
            (with(json!({"exp": "soon"})), TicketError::Claim("exp", "is no time in seconds since 1970")),
            (with(json!({"exp": i64::MAX})), TicketError::Claim("exp", "is no time in seconds since 1970")),
            (with(json!({"order": ""})), TicketError::Claim("order", "is empty")),
            (with(json!({"order": ["1"]})), TicketError::Claim("order", "is no text")),
            (json!({"exp": NOW + 300, "email": "nobody"}), TicketError::Claim("email", "is no mail address")),
        ] {
            assert_eq!(read(claims.clone()), Err(error), "{claims}");
        }
        for claims in
            [json!({"exp": NOW + 300}), with(json!({"email": "a@example.com"})), json!([1]), with(json!({"jti": "x".repeat(301)}))]
        {
            assert!(matches!(read(claims.clone()), Err(TicketError::Claim(..))), "{claims}");
        }
    }

    #[test]
    fn a_ticket_may_choose_language_and_item_and_open_once() {
        let ticket = read(with(json!({"jti": "t-1", "locale": "zh-CN", "sku": "TEE", "line": 2}))).unwrap();
        assert_eq!(ticket.once.as_deref(), Some("t-1"));
        assert_eq!(ticket.locale, Some(Locale::ZhCn));
        assert_eq!(ticket.wanted, Some(Wanted::Line("2".parse().unwrap())));
        assert!(!ticket.withdraws && read(with(json!({"page": "withdraw"}))).unwrap().withdraws);
        let other = read(with(json!({"locale": "nl", "sku": "TEE"}))).unwrap();
        assert_eq!((other.locale, other.wanted), (None, Some(Wanted::Sku("TEE".parse().unwrap()))));
    }
}
