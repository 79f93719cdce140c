//! The fields of Shopify's REST orders that matter here. Those nobody reads (line-item properties, note attributes) may be of any form.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::import::lenient::{decimal, flag, list, object, text};

/// `order`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Order {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub order_number: Option<String>,
    #[serde(deserialize_with = "text")]
    pub created_at: Option<String>,
    #[serde(deserialize_with = "text")]
    pub processed_at: Option<String>,
    #[serde(deserialize_with = "text")]
    pub cancelled_at: Option<String>,
    #[serde(deserialize_with = "text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "flag")]
    pub taxes_included: bool,
    #[serde(deserialize_with = "text")]
    pub financial_status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub fulfillment_status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub source_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub email: Option<String>,
    #[serde(deserialize_with = "text")]
    pub contact_email: Option<String>,
    #[serde(deserialize_with = "text")]
    pub phone: Option<String>,
    #[serde(deserialize_with = "text")]
    pub customer_locale: Option<String>,
    #[serde(deserialize_with = "object")]
    pub customer: Option<Customer>,
    #[serde(deserialize_with = "object")]
    pub shipping_address: Option<Address>,
    #[serde(deserialize_with = "object")]
    pub billing_address: Option<Address>,
    #[serde(deserialize_with = "list")]
    pub line_items: Vec<LineItem>,
    #[serde(rename = "lineItems")]
    pub graphql_line_items: Option<IgnoredAny>,
    #[serde(deserialize_with = "list")]
    pub shipping_lines: Vec<ShippingLine>,
    #[serde(deserialize_with = "list")]
    pub discount_codes: Vec<DiscountCode>,
    #[serde(deserialize_with = "decimal")]
    pub total_discounts: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub total_tax: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub total_price: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub total_outstanding: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub total_tip_received: Option<Decimal>,
    #[serde(deserialize_with = "object")]
    pub total_price_set: Option<MoneySet>,
    #[serde(deserialize_with = "object")]
    pub original_total_duties_set: Option<MoneySet>,
    #[serde(deserialize_with = "text")]
    pub gateway: Option<String>,
    #[serde(deserialize_with = "list")]
    pub payment_gateway_names: Vec<Value>,
    #[serde(deserialize_with = "object")]
    pub payment_terms: Option<Value>,
    #[serde(deserialize_with = "object")]
    pub payment_details: Option<PaymentDetails>,
    #[serde(deserialize_with = "list")]
    pub transactions: Vec<Transaction>,
    #[serde(deserialize_with = "list")]
    pub fulfillments: Vec<Fulfillment>,
    #[serde(deserialize_with = "list")]
    pub refunds: Vec<Refund>,
}

/// `customer`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Customer {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub first_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub last_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub email: Option<String>,
    #[serde(deserialize_with = "text")]
    pub phone: Option<String>,
}

/// `shipping_address`, `billing_address`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Address {
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub first_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub last_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub address1: Option<String>,
    #[serde(deserialize_with = "text")]
    pub address2: Option<String>,
    #[serde(deserialize_with = "text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "text")]
    pub zip: Option<String>,
    #[serde(deserialize_with = "text")]
    pub province: Option<String>,
    #[serde(deserialize_with = "text")]
    pub country_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub country: Option<String>,
    #[serde(deserialize_with = "text")]
    pub phone: Option<String>,
}

/// `line_items`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LineItem {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub sku: Option<String>,
    #[serde(deserialize_with = "text")]
    pub title: Option<String>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub variant_title: Option<String>,
    #[serde(deserialize_with = "text")]
    pub variant_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub product_id: Option<String>,
    /// Whole at Shopify; systems that write in its form measure, too.
    #[serde(deserialize_with = "decimal")]
    pub quantity: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub price: Option<Decimal>,
    #[serde(deserialize_with = "object")]
    pub price_set: Option<MoneySet>,
    #[serde(deserialize_with = "decimal")]
    pub total_discount: Option<Decimal>,
    #[serde(deserialize_with = "list")]
    pub discount_allocations: Vec<Allocation>,
    #[serde(deserialize_with = "list")]
    pub tax_lines: Vec<TaxLine>,
    pub taxable: Option<Value>,
    #[serde(deserialize_with = "flag")]
    pub gift_card: bool,
    #[serde(deserialize_with = "decimal")]
    pub grams: Option<Decimal>,
}

/// A share of a discount.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Allocation {
    #[serde(deserialize_with = "decimal")]
    pub amount: Option<Decimal>,
}

/// A tax.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TaxLine {
    #[serde(deserialize_with = "decimal")]
    pub price: Option<Decimal>,
}

/// `shipping_lines`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShippingLine {
    #[serde(deserialize_with = "decimal")]
    pub price: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub discounted_price: Option<Decimal>,
    #[serde(deserialize_with = "list")]
    pub discount_allocations: Vec<Allocation>,
    #[serde(deserialize_with = "list")]
    pub tax_lines: Vec<TaxLine>,
}

/// `discount_codes`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DiscountCode {
    #[serde(deserialize_with = "text")]
    pub code: Option<String>,
    #[serde(deserialize_with = "decimal")]
    pub amount: Option<Decimal>,
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: Option<String>,
}

/// An amount in the shop's and the shopper's currency.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MoneySet {
    #[serde(deserialize_with = "object")]
    pub shop_money: Option<Money>,
}

/// An amount with its currency.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Money {
    #[serde(deserialize_with = "decimal")]
    pub amount: Option<Decimal>,
    #[serde(deserialize_with = "text")]
    pub currency_code: Option<String>,
}

/// `transactions`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Transaction {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub gateway: Option<String>,
    #[serde(deserialize_with = "decimal")]
    pub amount: Option<Decimal>,
    /// What the shopper paid in, which need not be the shop's.
    #[serde(deserialize_with = "text")]
    pub currency: Option<String>,
    #[serde(deserialize_with = "object")]
    pub payment_details: Option<PaymentDetails>,
}

/// `payment_details`, of an order and of each transaction.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PaymentDetails {
    /// `•••• •••• •••• 4242`
    #[serde(deserialize_with = "text")]
    pub credit_card_number: Option<String>,
}

/// `fulfillments`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fulfillment {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub shipment_status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub created_at: Option<String>,
    #[serde(deserialize_with = "text")]
    pub updated_at: Option<String>,
    #[serde(deserialize_with = "text")]
    pub location_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub tracking_company: Option<String>,
    #[serde(deserialize_with = "text")]
    pub tracking_number: Option<String>,
    #[serde(deserialize_with = "list")]
    pub line_items: Vec<LineItem>,
}

/// `refunds`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refund {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "list")]
    pub refund_line_items: Vec<RefundLineItem>,
    /// Absent in short forms; empty where no money went back.
    pub transactions: Option<Vec<Transaction>>,
}

/// `refund_line_items`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RefundLineItem {
    #[serde(deserialize_with = "text")]
    pub line_item_id: Option<String>,
    #[serde(deserialize_with = "decimal")]
    pub quantity: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub subtotal: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub total_tax: Option<Decimal>,
}
