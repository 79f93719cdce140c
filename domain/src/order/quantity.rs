//! How much of something: units, or a measure.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Units of a line as a document tells them: whole for pieces, a decimal for what is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(pub Decimal);

impl Quantity {
    /// The number of pieces, where it is one.
    pub fn whole(self) -> Option<i64> {
        let plain = self.0.normalize();
        if plain.scale() == 0 { plain.to_i64() } else { None }
    }
}

impl From<i64> for Quantity {
    fn from(pieces: i64) -> Self {
        Self(Decimal::from(pieces))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.normalize())
    }
}

impl schemars::JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number"})
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.whole(), self.0.to_f64()) {
            (Some(pieces), _) => serializer.serialize_i64(pieces),
            (None, Some(measure)) => serializer.serialize_f64(measure),
            (None, None) => serializer.collect_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Quantity;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number of units")
            }
            fn visit_i64<E: de::Error>(self, pieces: i64) -> Result<Quantity, E> {
                Ok(Quantity::from(pieces))
            }
            fn visit_u64<E: de::Error>(self, pieces: u64) -> Result<Quantity, E> {
                Ok(Quantity(Decimal::from(pieces)))
            }
            fn visit_f64<E: de::Error>(self, measure: f64) -> Result<Quantity, E> {
                Decimal::from_f64(measure).map(Quantity).ok_or_else(|| E::invalid_value(de::Unexpected::Float(measure), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
