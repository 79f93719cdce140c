//! Amounts and shares as a policy writes them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::money::{Amount, AmountError, Currency, Money};

/// Hundredths of a percent: 10 % is 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(try_from = "Amount")]
pub struct BasisPoints(pub i64);

impl BasisPoints {
    /// This share of `minor`, rounded half up.
    pub fn of(self, minor: i64) -> i64 {
        let product = i128::from(minor) * i128::from(self.0);
        ((product + 5_000 * product.signum()) / 10_000) as i64
    }

    /// As people write it: `10`, `12.5`.
    pub fn percent(self) -> String {
        Decimal::new(self.0, 2).normalize().to_string()
    }
}

impl TryFrom<Amount> for BasisPoints {
    type Error = String;

    fn try_from(percent: Amount) -> Result<Self, String> {
        let points = percent.0 * Decimal::from(100);
        match points.normalize().to_i64() {
            Some(whole) if points.normalize().scale() == 0 && (0..=10_000).contains(&whole) => Ok(Self(whole)),
            _ => Err(format!("a percentage is between 0 and 100 with at most two decimals, not {}", percent.0)),
        }
    }
}

impl Serialize for BasisPoints {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.percent())
    }
}

impl JsonSchema for BasisPoints {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"description": "0 to 100, at most two decimals", "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 100},
            {"type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,2})?$"}
        ]})
    }
}

/// An amount per currency, `{"CNY": "12.00", "EUR": "1.50"}`. What is not named for an order's currency is not known, never 0.
#[derive(Clone, Debug, PartialEq, Default, Deserialize)]
#[serde(try_from = "BTreeMap<Currency, Amount>")]
pub struct Amounts(Vec<(Currency, i64)>);

impl Amounts {
    /// Each as money.
    pub fn iter(&self) -> impl Iterator<Item = Money> {
        self.0.iter().map(|(currency, minor)| Money::new(*minor, *currency))
    }

    /// In minor units of `currency`.
    pub fn in_currency(&self, currency: Currency) -> Option<i64> {
        self.0.iter().find(|(known, _)| *known == currency).map(|(_, minor)| *minor)
    }

    /// Whether an amount is at most what is named for its currency; one in another currency is not.
    pub fn cover(&self, amount: Money) -> bool {
        self.in_currency(amount.currency).is_some_and(|most| amount.minor <= most)
    }
}

impl TryFrom<BTreeMap<Currency, Amount>> for Amounts {
    type Error = String;

    fn try_from(amounts: BTreeMap<Currency, Amount>) -> Result<Self, String> {
        let checked = amounts.into_iter().map(|(currency, amount)| match amount.minor(currency) {
            Ok(minor) if minor >= 0 => Ok((currency, minor)),
            Ok(_) => Err(format!("an amount cannot be negative: {} {currency}", amount.0)),
            Err(error) => Err(AmountError::to_string(&error)),
        });
        checked.collect::<Result<Vec<_>, _>>().map(Self)
    }
}

impl JsonSchema for Amounts {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amounts".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let amount = generator.subschema_for::<Amount>();
        json_schema!({"type": "object", "minProperties": 1, "propertyNames": {"pattern": "^[A-Z]{3}$"}, "additionalProperties": amount})
    }
}
