//! The order document, version 1: what shops send and what is stored. Parsed into an [`Order`](super::Order) by
//! [`Order::parse`](super::Order::parse). Unknown fields are ignored; numbers are taken where texts are meant.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::quantity::Quantity;
use crate::money::Amount;

/// An order as a shop sends it. Amounts are decimals in the order's currency; times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderDocument {
    /// The number the customer knows.
    #[serde(deserialize_with = "text")]
    pub number: String,
    /// When the order was placed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub placed_at: Timestamp,
    /// ISO 4217.
    pub currency: String,
    /// Whether `unit_price` contains `tax` (as in the EU and China) or it comes on top (as in the USA).
    #[serde(default = "yes")]
    pub prices_include_tax: bool,
    /// `web`, `store`, `phone`, a marketplace's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Who bought.
    #[serde(default, deserialize_with = "or_default")]
    pub customer: CustomerDocument,
    /// Where it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<AddressDocument>,
    /// What was bought.
    #[serde(default)]
    pub lines: Vec<LineDocument>,
    /// Discounts on the whole order.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountDocument>,
    /// Outbound shipping paid by the customer, tax included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Amount>,
    /// What the cheapest way that was offered would have cost: of a dearer one no more comes back when all goods do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_standard: Option<Amount>,
    /// Import duties paid by the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duties: Option<Amount>,
    /// What was captured, in the order it was paid. Empty: the computed total was paid.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<PaymentDocument>,
    /// Money that the shop, or anybody but us, gave back on it; told again, a refund is corrected by its `id`.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<RefundDocument>,
    /// What was sent, and when it arrived.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<DeliveryDocument>,
    /// The whole order was cancelled before it was sent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
}

/// Who bought. With neither `email` nor `phone` (bought at the counter, or at a marketplace) an order is found by its ticket, by staff and by
/// its gift code only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CustomerDocument {
    /// The shop's name for this customer.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Full name.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Mail address.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone number, best in international form.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Membership: `diamond`, `gold`, … as the policy names them.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Language, BCP 47.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AddressDocument {
    /// Who receives, where it is not the customer.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// ISO 3166-1, two letters.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Province, state: name or code.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// City.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Street and number.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Further line.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
}

/// A line: some units of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineDocument {
    /// Its name within the order. Where none is told, or that of an earlier line, the line gets one.
    #[serde(default, deserialize_with = "text_or_nothing")]
    pub id: String,
    /// Stock keeping unit.
    #[serde(deserialize_with = "text")]
    pub sku: String,
    /// What the customer knows it as.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// `black / M`.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Product category; policies and reasons go by it.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Free tags; policies go by them.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Units bought; a decimal where it is measured (1.5 m of cloth), which is one piece. 0: nothing was bought after all.
    pub quantity: Quantity,
    /// What a measured quantity counts: `m`, `kg`.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// List price of one unit. Below 0, or with a quantity below 0, the line is a discount on the order.
    pub unit_price: Amount,
    /// Discount on the whole line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Amount>,
    /// Tax on the whole line, after discounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Amount>,
    /// Sold as final.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub final_sale: bool,
    /// The line this one came with as a gift.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub gift_with: Option<String>,
    /// Lines of one bundle share this name.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// Production batch.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// Serial numbers of the units.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<String>,
    /// Of one unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<i64>,
    /// Guarantee in months from delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warranty_months: Option<i64>,
    /// Address of a picture, by https; others are not shown.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// A discount on the whole order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DiscountDocument {
    /// Its name, shown on receipts.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Taken off the order.
    pub amount: Option<Amount>,
    /// The goods' value it needed (after line discounts): kept goods below it lose the discount (P4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_spend: Option<Amount>,
}

/// A payment that was captured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentDocument {
    /// The gateway's name for it.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `card`, `alipay`, `gift_card`, …
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// ISO 4217; left out: the order's. What was paid in another is kept and never added.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Captured.
    pub amount: Amount,
}

/// Money given back elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RefundDocument {
    /// Whoever gave it calls it so.
    #[serde(deserialize_with = "text")]
    pub id: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// The payment it went back to, by its `id`.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// ISO 4217; left out: the order's. What went back in another is kept and never added.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// In all.
    pub amount: Amount,
    /// What came back for it.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<RefundedLine>,
    /// The gateway's reference.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Units that came back elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RefundedLine {
    /// Line.
    #[serde(deserialize_with = "text")]
    pub id: String,
    /// Units.
    pub quantity: Quantity,
    /// Given for them, of the refund's amount.
    #[serde(default)]
    pub amount: Option<Amount>,
}

/// A parcel that was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeliveryDocument {
    /// Its name within the order.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was in it; empty: the whole order.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<DeliveredLine>,
    /// When it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub shipped_at: Option<Timestamp>,
    /// When the customer received it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub delivered_at: Option<Timestamp>,
    /// Sent from.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// Who picked it.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub picker: Option<String>,
    /// Who packed it.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub packer: Option<String>,
    /// Who carried it.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's number.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
}

/// Units of a line in a parcel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveredLine {
    /// Line.
    #[serde(deserialize_with = "text")]
    pub id: String,
    /// Units.
    pub quantity: Quantity,
}

/// The JSON Schema (draft 2020-12) of [`OrderDocument`].
pub fn json_schema() -> serde_json::Value {
    schemars::SchemaGenerator::default().into_root_schema_for::<OrderDocument>().to_value()
}

fn yes() -> bool {
    true
}

/// `null` means the default.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = String;
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.trim().to_owned())
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

/// As [`maybe_text`]; nothing is an empty text.
fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    maybe_text(deserializer).map(Option::unwrap_or_default)
}

/// A text, a number, `null` or nothing; an empty text is nothing.
fn maybe_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Maybe;
    impl<'de> de::Visitor<'de> for Maybe {
        type Value = Option<String>;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a text or null")
        }
        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            text(deserializer).map(|text| (!text.is_empty()).then_some(text))
        }
    }
    deserializer.deserialize_option(Maybe)
}
