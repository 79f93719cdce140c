//! Fields of platforms' JSON as plugins and old versions really send them: numbers as texts, `[]` for an empty object, `null` anywhere.

use std::fmt;
use std::marker::PhantomData;

use rust_decimal::Decimal;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text or number, trimmed; anything else, and an empty text, is nothing.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(&Value::deserialize(deserializer)?))
}

/// See [`text`].
pub(super) fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A decimal as number or text; nothing where nothing is said.
pub(super) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let Some(text) = text_of(&value) else { return Ok(None) };
    let plain = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&text));
    plain.map(Some).map_err(|_| Error::custom(format!("`{}` is not an amount such as 12.50", text.chars().take(24).collect::<String>())))
}

/// A whole number, also written as `2.0` or in quotes.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let Some(decimal) = decimal(deserializer)? else { return Ok(None) };
    let whole = decimal.normalize();
    if whole.scale() > 0 {
        return Err(Error::custom(format!("{whole} is not a whole number")));
    }
    i64::try_from(whole).map(Some).map_err(|_| Error::custom(format!("{whole} is too large")))
}

/// True where it says so in any usual way.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => flag,
        Value::Number(number) => number.as_i64().is_some_and(|number| number != 0),
        Value::String(text) => matches!(text.trim().to_lowercase().as_str(), "true" | "yes" | "1"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    })
}

/// An object; nothing where there is none, or an empty list in its place.
pub(super) fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    match Value::deserialize(deserializer)? {
        object @ Value::Object(_) => serde_json::from_value(object).map(Some).map_err(Error::custom),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Ok(None),
    }
}

/// A list; an object in its place is taken for the list of its values, anything else for an empty one.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Lists<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Lists<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = elements.next_element()? {
                list.push(element);
            }
            Ok(list)
        }
        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some((IgnoredAny, element)) = fields.next_entry()? {
                list.push(element);
            }
            Ok(list)
        }
        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }
        fn visit_bool<E>(self, _: bool) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }
        fn visit_str<E>(self, _: &str) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }
    }
    deserializer.deserialize_any(Lists(PhantomData))
}

/// The fields an object has, in its own order of names: what it seems to be, where it is not what was expected.
pub(super) fn field_names(json: &[u8]) -> Vec<String> {
    match serde_json::from_slice(json) {
        Ok(Value::Object(fields)) => fields.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Sample {
        #[serde(deserialize_with = "text")]
        text: Option<String>,
        #[serde(deserialize_with = "decimal")]
        amount: Option<Decimal>,
        #[serde(deserialize_with = "whole")]
        count: Option<i64>,
        #[serde(deserialize_with = "flag")]
        flag: bool,
        #[serde(deserialize_with = "object")]
        inner: Option<Box<Sample>>,
        #[serde(deserialize_with = "list")]
        list: Vec<Sample>,
    }

    fn read(json: &str) -> Result<Sample, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_are_read_however_they_are_written() {
        for json in [
            r#"{"text":12,"amount":"1.50","count":"2.0","flag":"yes","inner":{"count":3},"list":[{"count":4}]}"#,
            r#"{"text":" 12 ","amount":1.5,"count":2,"flag":1,"inner":{"count":"3"},"list":{"7":{"count":4}}}"#,
        ] {
            let sample = read(json).unwrap();
            assert_eq!((sample.text.as_deref(), sample.amount, sample.count), (Some("12"), Some(Decimal::new(15, 1)), Some(2)));
            assert_eq!((sample.flag, sample.inner.unwrap().count, sample.list[0].count), (true, Some(3), Some(4)));
        }
        let nothing = read(r#"{"text":{},"amount":"","count":null,"flag":null,"inner":[],"list":null}"#).unwrap();
        assert!(nothing.text.is_none() && nothing.amount.is_none() && nothing.inner.is_none() && nothing.list.is_empty());
    }

    #[test]
    fn what_is_no_number_is_said() {
        assert!(read(r#"{"amount":"twelve"}"#).unwrap_err().starts_with("`twelve` is not an amount"));
        assert!(read(r#"{"count":1.5}"#).unwrap_err().starts_with("1.5 is not a whole number"));
    }
}
