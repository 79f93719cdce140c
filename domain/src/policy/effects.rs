//! What a rule does when it fires, one type per table.
//! Long because each table has its type, with what its type alone cannot say.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::amounts::{Amounts, BasisPoints};
use super::resolution::{Method, Resolution};
use super::whom::Whom;
use crate::coded::coded;
use crate::ids::Code;
use crate::money::Money;
use crate::order::Customer;

/// What a rule does when it fires.
pub trait Effect {
    /// What its type alone cannot say: the field (empty: all of it) and what is wrong there.
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }
}

fn has_twice<T: Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> bool {
    let mut seen = std::collections::HashSet::new();
    !values.into_iter().all(|value| seen.insert(value))
}

/// What starts a window's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockStart {
    /// The day the customer received the item. While no delivery is told of, the day it should have arrived; when a window counted from
    /// that is over, a person looks (for a year; no parcel is under way for longer): what has not arrived cannot be too late.
    #[default]
    Delivery,
    /// The day of the order.
    Order,
    /// The day the item was sent; while that is not told, likewise from the day of the order.
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

/// What the law calls goods, by what the shop calls them.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindRule {
    /// `perishable`, `sealed_hygiene`, … as an order's lines name them.
    pub kind: Code,
    /// Goods of these categories.
    #[serde(default)]
    pub categories: Vec<Code>,
    /// Goods with one of these tags.
    #[serde(default)]
    pub tags: Vec<Code>,
}

impl Effect for WindowEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let timed = self.days.is_some() || self.months.is_some() || self.until.is_some() || self.warranty;
        let problem = match (self.closed, self.unlimited, timed) {
            (true, false, false) | (false, true, false) => None,
            (false, false, true) if self.days.is_some() && self.months.is_some() => Some("gives both days and months; give one"),
            (false, false, true) => None,
            (false, false, false) => Some("says no length: give one of `days`, `months`, `until`, `warranty`, `unlimited`, `closed`"),
            _ => Some("mixes `closed`, `unlimited` and a length; give one"),
        };
        problem.map(|problem| ("", problem)).into_iter().collect()
    }
}

/// Why an item is excluded, in words everybody knows. A rule's own `say` is shown instead where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
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

impl Effect for ExclusionEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let nothing = self.refuse.as_ref().is_some_and(Vec::is_empty);
        nothing.then_some(("refuse", "refuses nothing; leave it out to refuse everything")).into_iter().collect()
    }
}

/// What a fee is called on the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
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

impl Effect for FeeEffect {}

impl FeeEffect {
    /// No fee at all.
    pub fn is_free(&self) -> bool {
        self.percent.0 == 0 && self.flat.is_none()
    }
}

/// Who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// The shop.
    Merchant,
    /// The customer.
    Customer,
}

coded!(Payer { Merchant => "merchant", Customer => "customer" });

/// Who pays the return freight (C41), and how much where it is a fixed amount.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreightEffect {
    /// Who.
    pub payer: Payer,
    /// Deducted from the refund, once per return and whatever the method, where the customer pays; left out: the price of the chosen method.
    #[serde(default)]
    pub flat: Option<Amounts>,
}

impl Effect for FreightEffect {}

/// When the outbound shipping the customer paid comes back, from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutboundRefund {
    /// Never.
    Never,
    /// When the last unit of the order comes back.
    WhenAllReturned,
    /// At once.
    Always,
}

coded!(OutboundRefund { Never => "never", WhenAllReturned => "when_all_returned", Always => "always" });

/// What happens to the outbound shipping.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutboundEffect {
    /// When it comes back.
    pub refund: OutboundRefund,
}

impl Effect for OutboundEffect {}

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

impl Effect for ResolutionEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let nothing = self.offer.is_empty().then_some(("offer", "offers nothing; use an exclusion to refuse"));
        let half = self.offer.contains(&Resolution::KeepRefund) != (self.keep_share.0 > 0);
        let half = half.then_some(("", "`keep_refund` and `keep_share` go together"));
        let twice = has_twice(self.offer.iter()).then_some(("offer", "offers one thing twice"));
        nothing.into_iter().chain(half).chain(twice).collect()
    }
}

/// A way to send goods back, and what it costs a customer who pays the freight.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodOffer {
    /// The way.
    pub method: Method,
    /// Price to the customer, where no rule of `freight` names an amount of its own; left out: nothing is deducted (they pay the carrier
    /// themselves, or walk in).
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

impl Effect for MethodEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let none = self.offer.is_empty() || self.offer.iter().any(|offer| matches!(offer.method, Method::Arranged | Method::None));
        let none = none.then_some(("offer", "names at least one of pickup, drop_off, self_ship, counter, and nothing else"));
        let twice = has_twice(self.offer.iter().map(|offer| &offer.method)).then_some(("offer", "offers one way twice"));
        none.into_iter().chain(twice).collect()
    }
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
    /// Nobody has told when it arrived, and the time would be up.
    ArrivalUnknown,
    /// What state it is in was not said, and the answer hangs on it.
    ConditionUnknown,
    /// The law may give more than the policy, and a person must find out.
    LawUnsettled,
    /// It may not travel with a plain label, so a person says how it does (N22).
    DangerousGoods,
    /// It has not reached the customer, and a person finds out where it is (P23).
    Outbound,
    /// It was bought elsewhere, and no rule takes it (P24).
    Elsewhere,
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
    /// To whom it goes; left out: whoever takes it.
    #[serde(default)]
    pub to: Option<Whom>,
}

impl Effect for ReviewEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let rules =
            (self.by == Reviewer::Rules && self.to.is_some()).then_some(("to", "is for what a person decides: say `\"by\": \"person\"`"));
        let nobody = self.to.as_ref().and_then(Whom::problem).map(|problem| ("to", problem));
        rules.into_iter().chain(nobody).collect()
    }
}

/// Goods that were bought elsewhere and are taken all the same (P24): what the customer may have for them, which is never money.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElsewhereEffect {
    /// Offered, in this order: `store_credit`, `exchange`, `repair`.
    pub offer: Vec<Resolution>,
    /// The most that was paid for what comes back; what is more is left to a person, and what is in another currency.
    #[serde(default)]
    pub up_to: Option<Amounts>,
    /// A photo of the receipt is asked for; left out: it is.
    #[serde(default = "yes")]
    pub receipt: bool,
}

fn yes() -> bool {
    true
}

impl ElsewhereEffect {
    /// What may be had for goods that were bought elsewhere: their money is with whoever sold them.
    pub const OFFERED: [Resolution; 3] = [Resolution::StoreCredit, Resolution::Exchange, Resolution::Repair];

    /// Whether a rule takes what cost so much.
    pub fn allows(&self, paid: Money) -> bool {
        self.up_to.as_ref().is_none_or(|most| most.cover(paid))
    }
}

impl Effect for ElsewhereEffect {
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let nothing =
            self.offer.is_empty().then_some(("offer", "offers nothing; use an exclusion with `\"channel\": \"elsewhere\"` to refuse"));
        let money = self.offer.iter().any(|one| !Self::OFFERED.contains(one));
        let money = money.then_some((
            "offer",
            "names store_credit, exchange or repair, and nothing else: what was paid for goods bought elsewhere is not with this shop",
        ));
        let twice = has_twice(self.offer.iter()).then_some(("offer", "offers one thing twice"));
        nothing.into_iter().chain(money).chain(twice).collect()
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

/// Which of two tiers counts, where a customer's is another now than when they ordered (C47).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TierCounts {
    /// That which stands higher in `tier_ranking`; of two that it does not name, today's.
    #[default]
    Better,
    /// That of the order.
    AtOrder,
    /// That of the day on which something comes back.
    AtReturn,
}

/// How that is decided.
#[derive(Clone, Copy, Debug)]
pub struct TierRule<'a> {
    pub(super) counts: TierCounts,
    /// From the lowest to the highest.
    pub(super) ranking: &'a [Code],
}

impl TierRule<'_> {
    /// The tier that counts, where there is one.
    pub(super) fn of<'c>(&self, customer: &'c Customer) -> Option<&'c Code> {
        let (today, Some(then)) = (customer.tier.as_ref(), customer.tier_then.as_ref()) else { return customer.tier.as_ref() };
        let rank = |tier: Option<&Code>| tier.and_then(|tier| self.ranking.iter().position(|known| known == tier));
        match self.counts {
            TierCounts::AtReturn => today,
            TierCounts::AtOrder => Some(then),
            TierCounts::Better if rank(Some(then)) > rank(today) => Some(then),
            TierCounts::Better => today,
        }
    }
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

impl Campaign {
    /// Whether an order of that day belongs to it.
    pub fn holds(&self, ordered: Date) -> bool {
        (self.from..=self.to).contains(&ordered)
    }
}
