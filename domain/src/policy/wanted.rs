//! How a policy writes what it wants of a fact: one value or several, a range, a pattern.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};

use crate::money::{Amount, Currency, Money};

/// One value or a list of them: `"apparel"` or `["apparel", "shoes"]`. The test holds where the fact is one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct OneOf<T>(pub Vec<T>);

impl<T: PartialEq> OneOf<T> {
    pub(super) fn has(&self, value: &T) -> bool {
        self.0.contains(value)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> de::Visitor<'de> for Visitor<T> {
            type Value = OneOf<T>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("one value or a list of values")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOf<T>, E> {
                T::deserialize(de::value::StrDeserializer::new(text)).map(|value| OneOf(vec![value]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<OneOf<T>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = items.next_element()? {
                    values.push(value);
                }
                if values.is_empty() {
                    Err(de::Error::custom("an empty list matches nothing; name at least one value"))
                } else {
                    Ok(OneOf(values))
                }
            }
        }
        deserializer.deserialize_any(Visitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OneOf<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOf_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})
    }
}

/// Whole numbers from `min` to `max`, both included; either may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    #[serde(default)]
    pub min: Option<i64>,
    #[serde(default)]
    pub max: Option<i64>,
}

impl Range {
    pub(super) fn has(self, value: i64) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

/// Days from `from` to `to`, both included, in the shop's time zone; either may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DateRange {
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub from: Option<Date>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub to: Option<Date>,
}

impl DateRange {
    pub(super) fn has(self, date: Date) -> bool {
        self.from.is_none_or(|from| date >= from) && self.to.is_none_or(|to| date <= to)
    }
}

/// A price band per currency: `{"CNY": {"min": "500.00"}}`. Orders in other currencies are outside every band.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<Currency, BandDocument>")]
pub struct Band(pub(super) Vec<(Currency, Range)>);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BandDocument {
    #[serde(default)]
    min: Option<Amount>,
    #[serde(default)]
    max: Option<Amount>,
}

impl TryFrom<BTreeMap<Currency, BandDocument>> for Band {
    type Error = String;

    fn try_from(bands: BTreeMap<Currency, BandDocument>) -> Result<Self, String> {
        let mut checked = Vec::new();
        for (currency, band) in bands {
            let minor = |amount: Option<Amount>| amount.map(|amount| amount.minor(currency)).transpose().map_err(|error| error.to_string());
            checked.push((currency, Range { min: minor(band.min)?, max: minor(band.max)? }));
        }
        Ok(Self(checked))
    }
}

impl Band {
    pub(super) fn names(&self, currency: Currency) -> bool {
        self.0.iter().any(|(known, _)| *known == currency)
    }

    pub(super) fn has(&self, amount: Money) -> bool {
        self.0.iter().any(|(known, range)| *known == amount.currency && range.has(amount.minor))
    }
}

impl JsonSchema for Band {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Band".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let amount = generator.subschema_for::<Amount>();
        let band = json_schema!({"type": "object", "properties": {"min": amount, "max": amount}, "additionalProperties": false});
        json_schema!({"type": "object", "minProperties": 1, "propertyNames": {"pattern": "^[A-Z]{3}$"}, "additionalProperties": band})
    }
}

/// A SKU, or the start of one followed by `*`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SkuPattern(String);

impl fmt::Display for SkuPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SkuPattern {
    /// What is wrong with a pattern.
    pub(super) fn problem(text: &str) -> Option<String> {
        match text.find('*') {
            _ if text.trim().is_empty() => Some("an article number is missing".into()),
            Some(place) if place + 1 < text.len() => {
                Some(format!("`{text}` fits nothing: a `*` stands at the end, for all that begin so (`{}*`)", &text[..place]))
            }
            _ => None,
        }
    }

    pub(super) fn fits(&self, sku: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(start) => sku.starts_with(start),
            None => sku == self.0,
        }
    }
}
