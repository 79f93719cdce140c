//! What a rule does when it fires, one type per table.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::condition::Amounts;
use super::resolution::{Method, Resolution};
use crate::ids::Code;
use crate::money::Amount;

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

/// What starts a window's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockStart {
    /// The day the customer received the item (sent or ordered, where the feed names no delivery).
    #[default]
    Delivery,
    /// The day of the order.
    Order,
    /// The day the item was sent (ordered, where the feed does not say).
    Shipment,
}

/// How long the item can come back. The start day is day 0: 7 days from 5 November end with 12 November.
/// With a number of days (or months) and a date, the later of both counts.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WindowEffect {
    /// Calendar days.
    pub days: Option<u32>,
    /// Calendar months.
    pub months: Option<u32>,
    /// What day 0 is.
    pub from: ClockStart,
    /// A fixed last day; with `days` or `months`: the later of both.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub until: Option<Date>,
    /// As long as the item's own guarantee (`warranty_months` from delivery); with others: the later.
    pub warranty: bool,
    /// No last day.
    pub unlimited: bool,
    /// Not at all.
    pub closed: bool,
}

impl WindowEffect {
    pub(super) fn problem(&self) -> Option<&'static str> {
        let timed = self.days.is_some() || self.months.is_some() || self.until.is_some() || self.warranty;
        match (self.closed, self.unlimited, timed) {
            (true, false, false) | (false, true, false) => None,
            (false, false, true) if self.days.is_some() && self.months.is_some() => Some("gives both days and months; give one"),
            (false, false, true) => None,
            (false, false, false) => Some("needs `days`, `months`, `until`, `warranty`, `unlimited` or `closed`"),
            _ => Some("mixes `closed`, `unlimited` and a length; give one"),
        }
    }
}

/// Why an item is excluded, in words everybody knows. A rule's own `say` is shown instead where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ExclusionGround {
    FinalSale,
    SpecialPrice,
    Hygiene,
    Personalised,
    Perishable,
    Digital,
    GiftCard,
    Opened,
    Used,
    Incomplete,
    Service,
    #[default]
    Policy,
}

/// Everything, or some resolutions.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExclusionEffect {
    /// Resolutions that are not possible; left out: none is.
    #[serde(default)]
    pub refuse: Option<Vec<Resolution>>,
    /// Why.
    #[serde(default)]
    pub because: ExclusionGround,
}

/// What a fee is called on the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum FeeKind {
    #[default]
    Restocking,
    Depreciation,
    Processing,
    Handling,
}

/// What a flat fee is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeePer {
    /// Each unit that comes back.
    #[default]
    Unit,
    /// The line, however many units.
    Line,
}

/// A deduction: a percentage of what was paid for the goods (discounts off, without tax on top), an amount, or both. An empty
/// effect means no fee (a waiver).
#[derive(Clone, Debug, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FeeEffect {
    /// Of the goods' paid share.
    pub percent: BasisPoints,
    /// Per unit or line.
    pub flat: Option<Amounts>,
    /// What `flat` is counted by.
    pub per: FeePer,
    /// Name on the receipt.
    pub kind: FeeKind,
}

impl FeeEffect {
    /// No fee at all.
    pub fn is_free(&self) -> bool {
        self.percent.0 == 0 && self.flat.is_none()
    }
}

/// Who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// The shop.
    Merchant,
    /// The customer.
    Customer,
}

/// Who pays the return freight (C41), and how much where it is a fixed amount.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreightEffect {
    /// Who.
    pub payer: Payer,
    /// Deducted from the refund, once per return, where the customer pays; left out: the price of the chosen method.
    #[serde(default)]
    pub flat: Option<Amounts>,
}

/// When the outbound shipping the customer paid comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutboundRefund {
    /// Never.
    Never,
    /// When the last unit of the order comes back.
    WhenAllReturned,
    /// At once.
    Always,
}

/// What happens to the outbound shipping.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutboundEffect {
    /// When it comes back.
    pub refund: OutboundRefund,
}

/// What the customer may choose from, in the order it is offered.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolutionEffect {
    /// Offered.
    pub offer: Vec<Resolution>,
    /// Store credit is worth this much more.
    #[serde(default)]
    pub store_credit_bonus: BasisPoints,
    /// Share of the price for keeping the item; needed where `keep_refund` is offered.
    #[serde(default)]
    pub keep_share: BasisPoints,
}

/// A way to send goods back, and what it costs a customer who pays the freight.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodOffer {
    /// The way.
    pub method: Method,
    /// Price to the customer; left out: nothing is deducted (they pay the carrier themselves, or walk in).
    #[serde(default)]
    pub price: Option<Amounts>,
}

/// The ways offered, in the order they are shown.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodEffect {
    /// Offered.
    pub offer: Vec<MethodOffer>,
}

/// What kind of evidence is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Pictures.
    Photo,
    /// A test report or certificate, PDF or picture (C27).
    TestReport,
}

impl EvidenceKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Photo, Self::TestReport];
}

/// What the evidence should show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum EvidenceOf {
    #[default]
    Item,
    Damage,
    Packaging,
    ShippingLabel,
    SerialNumber,
    Fault,
}

/// Evidence the customer is asked for. All that match are asked for together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceEffect {
    /// Kind.
    pub ask: EvidenceKind,
    /// Of what.
    #[serde(default)]
    pub of: EvidenceOf,
    /// How many at least.
    #[serde(default = "one")]
    pub at_least: u32,
}

fn one() -> u32 {
    1
}

/// How many of each kind are still missing. Photos beyond those asked for do for test reports, which come as pictures too.
pub fn still_wanted<'e>(asked: impl IntoIterator<Item = &'e EvidenceEffect>, given: &[EvidenceKind]) -> Vec<(EvidenceKind, u32)> {
    let (mut photos, mut reports) = (0_u32, 0_u32);
    for effect in asked {
        match effect.ask {
            EvidenceKind::Photo => photos += effect.at_least,
            EvidenceKind::TestReport => reports += effect.at_least,
        }
    }
    let given = |kind: EvidenceKind| given.iter().filter(|given| **given == kind).count() as u32;
    let spare = given(EvidenceKind::Photo).saturating_sub(photos);
    let missing = [
        (EvidenceKind::Photo, photos.saturating_sub(given(EvidenceKind::Photo))),
        (EvidenceKind::TestReport, reports.saturating_sub(given(EvidenceKind::TestReport) + spare)),
    ];
    missing.into_iter().filter(|(_, missing)| *missing > 0).collect()
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reviewer {
    /// The rules alone (A10).
    Rules,
    /// A member of staff.
    Person,
}

/// Why a person looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ReviewGround {
    HighValue,
    Evidence,
    SerialReturner,
    UnclearReason,
    AmountUnknown,
    /// A gift or the rest of a bundle stays behind after all.
    LeftBehind,
    /// The shop told the order anew, with other money in it.
    OrderToldAnew,
    /// More was paid than the order explains.
    Unexplained,
    #[default]
    Policy,
}

/// Who decides, and why a person where one does.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewEffect {
    /// Who.
    pub by: Reviewer,
    /// Why.
    #[serde(default)]
    pub because: ReviewGround,
}

/// What the customer gets because the shop or the carrier was at fault (C34, C35).
#[derive(Clone, Debug, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CompensationEffect {
    /// A coupon of this amount.
    pub coupon: Option<Amounts>,
    /// Points.
    pub points: u32,
}

/// A span of time for a promise: exactly one of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Hours on the clock.
    Hours(u32),
    /// Calendar days, to the end of the day.
    Days(u32),
    /// Mondays to Fridays, to the end of the day.
    WorkingDays(u32),
}

/// How long each step takes at most; from these the promised dates are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Promises {
    /// From the request to a person's decision.
    pub review: Span,
    /// From the approval until the customer has sent the parcel; then the label expires.
    pub send_back: Span,
    /// From sending to arrival.
    pub transit: Span,
    /// From arrival to the inspection's result.
    pub inspection: Span,
    /// From the result to the money.
    pub refund: Span,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            review: Span::WorkingDays(1),
            send_back: Span::Days(14),
            transit: Span::Days(5),
            inspection: Span::WorkingDays(2),
            refund: Span::WorkingDays(2),
        }
    }
}

/// What happens when the thing that came with an item stays behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GiftRule {
    /// The gift must come back too (C45).
    #[default]
    Together,
    /// It may stay; its price is taken off.
    Deduct,
    /// It may stay.
    Keep,
}

/// What happens when only part of a bundle comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BundleRule {
    /// Parts may come back alone.
    #[default]
    Apart,
    /// All of it or nothing.
    Together,
}

/// A campaign: a named period of orders (C46).
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Named by conditions.
    pub id: Code,
    /// Shown to customers.
    #[serde(default)]
    pub name: crate::words::Words,
    /// First day of orders.
    #[schemars(with = "String", extend("format" = "date"))]
    pub from: Date,
    /// Last day of orders.
    #[schemars(with = "String", extend("format" = "date"))]
    pub to: Date,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_to_spare_do_for_a_report_but_a_report_is_no_photo() {
        use EvidenceKind::{Photo, TestReport};
        let ask = |ask, at_least| EvidenceEffect { ask, of: EvidenceOf::Fault, at_least };
        let (photos, both) = (vec![ask(Photo, 1), ask(Photo, 1)], vec![ask(Photo, 1), ask(TestReport, 1)]);
        for (asked, given, missing) in [
            (&photos, vec![], vec![(Photo, 2)]),
            (&photos, vec![Photo], vec![(Photo, 1)]),
            (&photos, vec![Photo, TestReport], vec![(Photo, 1)]),
            (&photos, vec![Photo, Photo], vec![]),
            (&both, vec![Photo], vec![(TestReport, 1)]),
            (&both, vec![TestReport], vec![(Photo, 1)]),
            (&both, vec![Photo, TestReport], vec![]),
            (&both, vec![Photo, Photo], vec![]),
        ] {
            assert_eq!(still_wanted(asked, &given), missing, "{given:?}");
        }
    }
}
