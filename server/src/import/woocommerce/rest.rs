//! The fields of WooCommerce's REST orders that matter here, as versions 1 to 3 and plugins write them.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::import::lenient::{decimal, list, object, text, whole};

/// An order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Order {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub number: Option<String>,
    #[serde(deserialize_with = "text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "text")]
    pub created_via: Option<String>,
    #[serde(deserialize_with = "text")]
    pub date_created: Option<String>,
    #[serde(deserialize_with = "text")]
    pub date_created_gmt: Option<String>,
    #[serde(deserialize_with = "text")]
    pub date_paid: Option<String>,
    #[serde(deserialize_with = "text")]
    pub date_paid_gmt: Option<String>,
    #[serde(deserialize_with = "text")]
    pub date_completed: Option<String>,
    #[serde(deserialize_with = "text")]
    pub date_completed_gmt: Option<String>,
    #[serde(deserialize_with = "decimal")]
    pub total: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub shipping_total: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub shipping_tax: Option<Decimal>,
    #[serde(deserialize_with = "text")]
    pub customer_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub payment_method: Option<String>,
    #[serde(deserialize_with = "text")]
    pub transaction_id: Option<String>,
    #[serde(deserialize_with = "object")]
    pub billing: Option<Address>,
    #[serde(deserialize_with = "object")]
    pub shipping: Option<Address>,
    #[serde(deserialize_with = "list")]
    pub line_items: Vec<LineItem>,
    #[serde(deserialize_with = "list")]
    pub fee_lines: Vec<FeeLine>,
    #[serde(deserialize_with = "list")]
    pub refunds: Vec<Refund>,
    #[serde(deserialize_with = "list")]
    pub meta_data: Vec<Meta>,
    /// The answer to one order of a batch that failed.
    #[serde(deserialize_with = "object")]
    pub error: Option<Failure>,
}

/// `billing`, `shipping`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Address {
    #[serde(deserialize_with = "text")]
    pub first_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub last_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub company: Option<String>,
    #[serde(deserialize_with = "text")]
    pub address_1: Option<String>,
    #[serde(deserialize_with = "text")]
    pub address_2: Option<String>,
    #[serde(deserialize_with = "text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
    #[serde(deserialize_with = "text")]
    pub postcode: Option<String>,
    #[serde(deserialize_with = "text")]
    pub country: Option<String>,
    #[serde(deserialize_with = "text")]
    pub email: Option<String>,
    #[serde(deserialize_with = "text")]
    pub phone: Option<String>,
}

/// `line_items`, of orders and of refunds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LineItem {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub sku: Option<String>,
    #[serde(deserialize_with = "text")]
    pub product_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub variation_id: Option<String>,
    /// Plugins sell by the metre.
    #[serde(deserialize_with = "decimal")]
    pub quantity: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub subtotal: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub total: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub total_tax: Option<Decimal>,
    /// Version 1 calls it `meta`.
    #[serde(alias = "meta", deserialize_with = "list")]
    pub meta_data: Vec<Meta>,
    #[serde(deserialize_with = "object")]
    pub image: Option<Image>,
}

/// A product's picture.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Image {
    #[serde(deserialize_with = "text")]
    pub src: Option<String>,
}

/// `fee_lines`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FeeLine {
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "decimal")]
    pub total: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub total_tax: Option<Decimal>,
}

/// `refunds`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refund {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "decimal")]
    pub total: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub amount: Option<Decimal>,
    #[serde(deserialize_with = "list")]
    pub line_items: Vec<LineItem>,
}

/// `meta_data`: values of any type.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    #[serde(deserialize_with = "text")]
    pub key: Option<String>,
    pub value: Value,
    pub display_value: Value,
}

/// One parcel in the field of the shipment-tracking plugin.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tracked {
    #[serde(deserialize_with = "text")]
    pub tracking_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub tracking_provider: Option<String>,
    #[serde(deserialize_with = "text")]
    pub custom_tracking_provider: Option<String>,
    #[serde(deserialize_with = "text")]
    pub tracking_number: Option<String>,
    /// Epoch seconds.
    #[serde(deserialize_with = "whole")]
    pub date_shipped: Option<i64>,
}

/// `error`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    #[serde(deserialize_with = "text")]
    pub code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub message: Option<String>,
}

impl Order {
    /// The number customers know.
    pub fn number(&self) -> Option<String> {
        self.number.clone().or_else(|| self.id.clone())
    }

    /// Whether it has nothing an order has.
    pub fn is_nothing(&self) -> bool {
        self.error.is_none() && self.currency.is_none() && self.number.is_none() && (self.line_items.is_empty() || self.status.is_none())
    }

    /// Whether `status` is one of these; a prefix that the database has is dropped.
    pub fn is_any(&self, statuses: &[&str]) -> bool {
        let status = self.status.as_deref().unwrap_or_default();
        statuses.contains(&status.strip_prefix("wc-").unwrap_or(status))
    }
}
