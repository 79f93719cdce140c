//! What a shop has to give in exchange: products in a warehouse, as the shop tells them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::Sku;
use crate::money::{Amount, Currency, Money};
use crate::order::FieldProblem;

/// What a shop tells of one product in one warehouse, version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "StockCount")]
pub struct StockDocument {
    /// Units that can be sold, those held for exchanges included.
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub quantity: i64,
    /// The product it is a variant of; what a shopper holds can be exchanged for others of the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200), regex(pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$"))]
    pub variant_of: Option<String>,
    /// Name of the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200), regex(pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$"))]
    pub name: Option<String>,
    /// Size, colour: what tells it from the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200), regex(pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$"))]
    pub variant: Option<String>,
    /// Price of one; left out: exchanged without a difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Amount>,
    /// Currency of the price, ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Za-z]{3}$"))]
    pub currency: Option<String>,
}

/// A product in a warehouse.
#[derive(Clone, Debug, PartialEq)]
pub struct StockItem {
    pub sku: Sku,
    /// Units that can be sold, those held for exchanges included.
    pub quantity: u32,
    /// The product it is a variant of.
    pub variant_of: Option<String>,
    /// Name of the product.
    pub name: Option<String>,
    /// Size, colour.
    pub variant: Option<String>,
    /// Price of one.
    pub price: Option<Money>,
}

impl StockItem {
    /// Checks what was told of `sku`; on refusal every problem found is listed.
    pub fn parse(sku: &str, document: &StockDocument) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, problem: String| problems.push(FieldProblem::new(field, problem));
        let sku = Sku::from_str(sku).map_err(|error| wrong("sku", error.to_string())).ok();
        let quantity = u32::try_from(document.quantity).ok().filter(|units| *units <= 1_000_000_000);
        if quantity.is_none() {
            wrong("quantity", format!("{} is not a number of units from 0 to 1000000000", document.quantity));
        }
        let mut text = |field: &str, text: &Option<String>| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
            if text.chars().count() > 200 || text.chars().any(char::is_control) {
                wrong(field, "has more than 200 characters, or control characters".into());
            }
            Some(text.to_owned())
        };
        let variant_of = text("variant_of", &document.variant_of);
        let (name, variant) = (text("name", &document.name), text("variant", &document.variant));
        let currency = match (&document.price, &document.currency) {
            (_, Some(code)) => Currency::from_str(code).map_err(|error| wrong("currency", error.to_string())).ok(),
            (Some(_), None) => {
                wrong("currency", "is missing: a price needs one".into());
                None
            }
            (None, None) => None,
        };
        let price = document.price.zip(currency).and_then(|(price, currency)| match price.minor(currency) {
            Ok(minor) if minor >= 0 => Some(Money::new(minor, currency)),
            Ok(_) => {
                wrong("price", "is below zero".into());
                None
            }
            Err(error) => {
                wrong("price", error.to_string());
                None
            }
        });
        match (sku, quantity) {
            (Some(sku), Some(quantity)) if problems.is_empty() => Ok(Self { sku, quantity, variant_of, name, variant, price }),
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: serde_json::Value) -> Result<StockItem, Vec<String>> {
        let document = serde_json::from_value(value).unwrap();
        StockItem::parse("TEE-L", &document).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_is_told_is_checked_whole() {
        let item =
            parse(json!({"quantity": 3, "variant_of": " TEE ", "variant": "black / L", "price": "99.00", "currency": "CNY"})).unwrap();
        assert_eq!((item.variant_of.as_deref(), item.price.map(|price| price.minor)), (Some("TEE"), Some(9_900)));
        assert_eq!(parse(json!({"quantity": 0})).unwrap().price, None);
        let wrong = parse(json!({"quantity": -1, "price": "9.999", "currency": "CNY"})).unwrap_err();
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert_eq!(parse(json!({"quantity": 1, "price": "9"})).unwrap_err(), ["currency: is missing: a price needs one"]);
        assert!(parse(json!({"quantity": 1, "name": "x".repeat(201)})).is_err());
    }
}
