//! The order document, version 1: what shops send and what is stored. Parsed into an [`Order`](super::Order) by
//! [`Order::parse`](super::Order::parse). Unknown fields are ignored; numbers are taken where texts are meant.
//! Long because each field says what it takes.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::described::{MAIL, MaybeMoment, PLAIN, Text};
use super::quantity::Quantity;
use crate::money::Amount;

/// An order as a shop sends it. Amounts are decimals in the order's currency; times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
// `lines` may be missing where an order is stored; sent without any it is refused.
#[schemars(rename = "Order", extend("required" = ["number", "placed_at", "currency", "customer", "lines"]))]
pub struct OrderDocument {
    /// The number the customer knows.
    #[serde(deserialize_with = "text")]
    #[schemars(with = "Text", extend("minLength" = 1, "maxLength" = 80, "pattern" = PLAIN))]
    pub number: String,
    /// When the order was placed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub placed_at: Timestamp,
    /// ISO 4217.
    #[schemars(extend("pattern" = "^[A-Za-z]{3}$"))]
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
    #[schemars(length(min = 1, max = 5_000))]
    pub lines: Vec<LineDocument>,
    /// Discounts on the whole order.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<DiscountDocument>>")]
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
    #[schemars(with = "Option<Vec<PaymentDocument>>")]
    pub payments: Vec<PaymentDocument>,
    /// Money that the shop, or anybody but us, gave back on it; told again, a refund is corrected by its `id`.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<RefundDocument>>")]
    pub refunds: Vec<RefundDocument>,
    /// What was sent, and when it arrived.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<DeliveryDocument>>")]
    pub deliveries: Vec<DeliveryDocument>,
    /// How the contract came about: `online`, `distance` (telephone, mail), `off_premises` (at the door), `premises` (in the shop). Left out:
    /// by `channel`, else `online`. The law looks at it.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("enum" = ["online", "distance", "off_premises", "premises", null]))]
    pub concluded: Option<String>,
    /// A consumer bought it, not a business; left out: so it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<bool>,
    /// Whether the customer was told of the right to withdraw before the contract: `true`, `false`, or the day (`2026-11-20`) on which they were
    /// told later. Left out: `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub informed_of_withdrawal: Option<Told>,
    /// Whether they were told that the way back is theirs to pay; left out: as `informed_of_withdrawal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub informed_of_return_cost: Option<bool>,
    /// Whether the shop's return policy was shown before the purchase (some countries ask); left out: `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_displayed: Option<bool>,
    /// Whether the customer got a copy of the contract: `true`, `false`, or the day of it (some countries ask); left out: `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_copy: Option<Told>,
    /// What had to be said before the contract was missing or wrong (some countries ask).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosure_defective: Option<bool>,
    /// The whole order was cancelled before it was sent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    #[schemars(with = "Option<bool>")]
    pub cancelled: bool,
    /// It goes out in exchange, as a replacement, or repaired, for goods of another order: that return's number and its remedy's name,
    /// `R-7KQ4-M2XD/m1`. It brings no money of its own; told by itself (`PUT`), its deliveries say how far the remedy is. What came comes back
    /// as what was bought would.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>", extend("maxLength" = 80))]
    pub remedy: Option<String>,
    /// Bought from somebody else: written here and never told by a shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub elsewhere: Option<ElsewhereDocument>,
}

/// Goods that were bought elsewhere, as somebody at work wrote them down for a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElsewhereDocument {
    /// Where, in the customer's words.
    pub shop: String,
    /// Who wrote it down: their name in the house's books.
    pub by: String,
}

impl OrderDocument {
    /// An order of which nothing else is told.
    pub fn bare(number: String, placed_at: Timestamp, currency: String) -> Self {
        Self {
            number,
            placed_at,
            currency,
            prices_include_tax: yes(),
            channel: None,
            customer: CustomerDocument::default(),
            ship_to: None,
            lines: Vec::new(),
            discounts: Vec::new(),
            shipping: None,
            shipping_standard: None,
            duties: None,
            payments: Vec::new(),
            refunds: Vec::new(),
            deliveries: Vec::new(),
            concluded: None,
            consumer: None,
            informed_of_withdrawal: None,
            informed_of_return_cost: None,
            policy_displayed: None,
            contract_copy: None,
            disclosure_defective: None,
            remedy: None,
            cancelled: false,
            elsewhere: None,
        }
    }
}

/// Who bought. With neither `email` nor `phone` (bought at the counter, or at a marketplace) an order is found by its ticket, by staff and by
/// its gift code only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "Customer")]
pub struct CustomerDocument {
    /// The shop's name for this customer.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub id: Option<String>,
    /// Full name.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub name: Option<String>,
    /// Mail address.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("maxLength" = 254, "pattern" = MAIL))]
    pub email: Option<String>,
    /// Phone number, best in international form.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>", extend("maxLength" = 40, "minimum" = 10_000))]
    pub phone: Option<String>,
    /// Membership: `diamond`, `gold`, … as the policy names them.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub tier: Option<String>,
    /// Language, BCP 47: mails and labels are in it, where it is Chinese, English, German or French.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub locale: Option<String>,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "Address")]
pub struct AddressDocument {
    /// Who receives, where it is not the customer.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub name: Option<String>,
    /// ISO 3166-1, two letters.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("pattern" = "^([A-Za-z]{2})?$"))]
    pub country: Option<String>,
    /// Province, state: name or code.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub region: Option<String>,
    /// City.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub postal_code: Option<String>,
    /// Street and number.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub line1: Option<String>,
    /// Further line.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub line2: Option<String>,
}

/// A line: some units of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OrderLine")]
pub struct LineDocument {
    /// Its name within the order. Where none is told, or that of an earlier line, the line gets one.
    #[serde(default, deserialize_with = "text_or_nothing")]
    #[schemars(with = "Option<Text>", extend("maxLength" = 80, "pattern" = r"^[^\u0000-\u001f\u007f-\u009f]*$"))]
    pub id: String,
    /// Stock keeping unit.
    #[serde(deserialize_with = "text")]
    #[schemars(with = "Text", extend("minLength" = 1, "maxLength" = 120, "pattern" = PLAIN))]
    pub sku: String,
    /// What the customer knows it as.
    #[serde(deserialize_with = "text")]
    #[schemars(with = "Text", extend("minLength" = 1, "pattern" = PLAIN))]
    pub name: String,
    /// `black / M`.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub variant: Option<String>,
    /// Product category; policies and reasons go by it.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub category: Option<String>,
    /// Free tags; policies go by them.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<String>>")]
    pub tags: Vec<String>,
    /// Units bought; a decimal where it is measured (1.5 m of cloth), which is one piece. 0: nothing was bought after all.
    #[schemars(extend("maximum" = 1_000_000))]
    pub quantity: Quantity,
    /// What a measured quantity counts: `m`, `kg`.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
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
    #[schemars(with = "Option<bool>")]
    pub final_sale: bool,
    /// The line this one came with as a gift.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>", extend("maxLength" = 80, "pattern" = r"^[^\u0000-\u001f\u007f-\u009f]*$"))]
    pub gift_with: Option<String>,
    /// Lines of one bundle share this name.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub bundle: Option<String>,
    /// Production batch.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub batch: Option<String>,
    /// Serial numbers of the units.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<String>>")]
    pub serials: Vec<String>,
    /// Of one unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<i64>,
    /// Guarantee in months from delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warranty_months: Option<i64>,
    /// What it is, as law and carriers look at it: `personalised`, `perishable`, `sealed_hygiene`, `sealed_media`, `digital`, `mattress`, `newspaper`,
    /// `dated_service`, `grocery_delivery`, `apparel`, `hazmat:lithium`, … or an exception's code.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<String>>")]
    pub kinds: Vec<String>,
    /// Whether it was sealed when it arrived; left out: where its kind says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_on_delivery: Option<bool>,
    /// Digital content: what was begun and agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digital: Option<DigitalDocument>,
    /// The customer agreed, for this purchase, that it does not come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusion_confirmed: Option<bool>,
    /// Address of a picture, by https; others are not shown.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub image: Option<String>,
}

impl LineDocument {
    /// A line of which nothing else is told.
    pub fn bare(id: String, sku: String, name: String, quantity: Quantity, unit_price: Amount) -> Self {
        Self {
            id,
            sku,
            name,
            variant: None,
            category: None,
            tags: Vec::new(),
            quantity,
            unit: None,
            unit_price,
            discount: None,
            tax: None,
            final_sale: false,
            gift_with: None,
            bundle: None,
            batch: None,
            serials: Vec::new(),
            weight_grams: None,
            warranty_months: None,
            kinds: Vec::new(),
            sealed_on_delivery: None,
            digital: None,
            exclusion_confirmed: None,
            image: None,
        }
    }
}

/// Whether somebody was told something: yes, no, or since that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Told")]
pub enum Told {
    /// In time, or never.
    Yes(bool),
    /// Since that day.
    On(#[schemars(with = "String", extend("format" = "date"))] Date),
}

/// What was done with digital content. All three must hold for the right to withdraw to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "Digital")]
pub struct DigitalDocument {
    /// Supply has begun.
    #[serde(deserialize_with = "or_default")]
    #[schemars(with = "Option<bool>")]
    pub started: bool,
    /// The customer had agreed to that, knowing that the right ends.
    #[serde(deserialize_with = "or_default")]
    #[schemars(with = "Option<bool>")]
    pub consented: bool,
    /// That was confirmed to them.
    #[serde(deserialize_with = "or_default")]
    #[schemars(with = "Option<bool>")]
    pub confirmed: bool,
}

/// A discount on the whole order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "OrderDiscount")]
pub struct DiscountDocument {
    /// Its name, shown on receipts.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub code: Option<String>,
    /// Taken off the order.
    pub amount: Option<Amount>,
    /// The goods' value it needed (after line discounts): kept goods below it lose the discount (P4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_spend: Option<Amount>,
}

/// A payment that was captured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OrderPayment")]
pub struct PaymentDocument {
    /// The gateway's name for it.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub id: Option<String>,
    /// `card`, `alipay`, `gift_card`, …
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub method: Option<String>,
    /// ISO 4217; left out: the order's. What was paid in another is kept and never added.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("pattern" = "^([A-Za-z]{3})?$"))]
    pub currency: Option<String>,
    /// Captured.
    pub amount: Amount,
    /// Of a card: the last four digits of its number, however the rest is hidden. No more of it is kept.
    #[serde(default, deserialize_with = "maybe_ending", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub card_ending: Option<String>,
}

/// Money given back elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OrderRefund")]
pub struct RefundDocument {
    /// Whoever gave it calls it so.
    #[serde(deserialize_with = "text")]
    #[schemars(with = "Text")]
    pub id: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "MaybeMoment")]
    pub at: Option<Timestamp>,
    /// The payment it went back to, by its `id`.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub payment: Option<String>,
    /// ISO 4217; left out: the order's. What went back in another is kept and never added.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// In all.
    pub amount: Amount,
    /// What came back for it.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<RefundedLine>>")]
    pub lines: Vec<RefundedLine>,
    /// The gateway's reference.
    #[serde(default, deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub reference: Option<String>,
}

/// Units that came back elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RefundedLine {
    /// Line.
    #[serde(deserialize_with = "text")]
    #[schemars(with = "Text", extend("minLength" = 1, "maxLength" = 80, "pattern" = PLAIN))]
    pub id: String,
    /// Units.
    #[schemars(extend("minimum" = 0, "maximum" = 4_294_967_295_i64))]
    pub quantity: Quantity,
    /// Given for them, of the refund's amount.
    #[serde(default)]
    pub amount: Option<Amount>,
}

/// A parcel that was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "OrderDelivery")]
pub struct DeliveryDocument {
    /// Its name within the order.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub id: Option<String>,
    /// What was in it; empty: the whole order.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<DeliveredLine>>")]
    pub lines: Vec<DeliveredLine>,
    /// When it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "MaybeMoment")]
    pub shipped_at: Option<Timestamp>,
    /// When the customer received it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "MaybeMoment")]
    pub delivered_at: Option<Timestamp>,
    /// Sent from.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub warehouse: Option<String>,
    /// Who picked it.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub picker: Option<String>,
    /// Who packed it.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub packer: Option<String>,
    /// Who carried it.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub carrier: Option<String>,
    /// The carrier's number.
    #[serde(deserialize_with = "maybe_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Text>")]
    pub tracking_number: Option<String>,
}

/// Units of a line in a parcel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveredLine {
    /// Line.
    #[serde(deserialize_with = "text")]
    #[schemars(with = "Text")]
    pub id: String,
    /// Units.
    #[schemars(extend("minimum" = 0, "maximum" = 1_000_000))]
    pub quantity: Quantity,
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

/// The last four digits of a card's number as gateways show it: `•••• •••• •••• 4242`, `XXXX-XXXX-XXXX-4242`, `4242`. Nothing where there are fewer.
pub fn card_ending(shown: &str) -> Option<String> {
    let shown = shown.trim_end();
    let four = shown.get(shown.len().checked_sub(4)?..)?;
    four.bytes().all(|digit| digit.is_ascii_digit()).then(|| four.to_owned())
}

/// What of a card's number may be kept; of what it was shown as, nothing else.
fn maybe_ending<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    maybe_text(deserializer).map(|shown| shown.as_deref().and_then(card_ending))
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
