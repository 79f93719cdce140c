//! The shape of `domain/law/*.json`: what is read of it. What stands there for people (notes, doubts, penalties) is not.
//! Long because each part of a law has its shape here.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

use super::calendar::{Calendar, Place};
use super::regions::land_of;

/// The law of one jurisdiction, for contracts from a day on.
#[derive(Debug, Deserialize)]
pub struct Law {
    /// ISO 3166: a country, a subdivision (`CA-QC`), or `EU` for its members without a file of their own.
    pub jurisdiction: String,
    /// When it was compiled: its version.
    pub as_of: Date,
    /// Contracts concluded before follow another edition, where there is one.
    #[serde(default)]
    pub applies_to_contracts_from: Option<Date>,
    pub legal_basis: Vec<String>,
    /// The article that says it, by group of facts.
    #[serde(default)]
    pub articles: BTreeMap<String, String>,
    pub withdrawal: WithdrawalLaw,
    pub return_shipment: ReturnShipmentLaw,
    pub refund: RefundLaw,
    pub diminished_value: DiminishedValueLaw,
    pub exceptions: Vec<ExceptionLaw>,
    pub partial_and_gifts: PartialAndGifts,
    pub withdrawal_function: WithdrawalFunction,
    pub conformity: ConformityLaw,
    #[serde(default)]
    pub three_guarantees: Vec<ThreeGuarantees>,
    pub sources: Vec<Source>,
    pub sourced_facts: HashMap<String, Vec<usize>>,
    #[serde(default)]
    pub(super) time_zones: Zones,
    #[serde(flatten)]
    pub(super) calendar: Calendar,
}

/// Where a fact was read.
#[derive(Clone, Debug, Deserialize)]
pub struct Source {
    /// An address or a repository; nothing: general knowledge, not checked.
    #[serde(rename = "ref")]
    pub address: Option<String>,
}

/// Whether there is a right to withdraw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    Mandatory,
    /// Only where no policy of the shop's was displayed.
    WaivableByDisclosedPolicy,
    /// Only where the shop failed a duty.
    ConditionalOnBreach,
    None,
    Unclear,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayType {
    #[default]
    Calendar,
    Business,
}

/// What a period starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartEvent {
    Receipt,
    ReceiptLastItem,
    ReceiptOrContractLater,
    ContractDocumentOrReceiptLater,
    ContractConclusion,
    ContractConclusionAndInformation,
    ContractConclusionOrCopyReceived,
    ContractCopyReceived,
    AgreementCopyReceived,
    AgreedDeliveryDate,
    ShipmentDueDate,
    Knowledge,
    #[serde(other)]
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountFrom {
    /// The day of the event is day 0.
    DayAfterEvent,
    /// It is day 1.
    EventDay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rollover {
    /// A last day on which nobody works moves to the next on which people do.
    NextWorkingDay,
    /// Whether it does was not found.
    Unknown,
}

#[derive(Debug, Deserialize)]
pub struct WithdrawalLaw {
    pub nature: Nature,
    pub days: Option<u32>,
    pub day_type: Option<DayType>,
    pub start_event: Option<StartEvent>,
    pub count_from: Option<CountFrom>,
    pub last_day_rollover: Rollover,
    pub extended_if_not_informed: Extended,
    pub special_windows: Vec<SpecialWindow>,
    /// Whether it holds for what was bought online; nothing: as the nature says.
    #[serde(default)]
    pub applies_online: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Extended {
    pub extra_months: Option<u32>,
    pub extra_days: Option<u32>,
    pub max_months_from_start: Option<u32>,
    pub days_after_late_information: Option<u32>,
}

/// Another period, for a way of selling or a breach.
#[derive(Debug, Deserialize)]
pub struct SpecialWindow {
    pub code: String,
    pub days: Option<u32>,
    #[serde(default)]
    pub months: Option<u32>,
    pub day_type: Option<DayType>,
    pub start_event: Option<StartEvent>,
}

/// Who pays the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freight {
    Consumer,
    Trader,
    ConsumerIfInformedElseTrader,
    ConsumerUnlessAgreed,
    AsAgreed,
    NotApplicable,
    Unsettled,
}

#[derive(Debug, Deserialize)]
pub struct ReturnShipmentLaw {
    pub consumer_deadline_days: Option<u32>,
    pub day_type: Option<DayType>,
    /// `withdrawal_notice_sent`, `cancellation`, …
    pub deadline_from: Option<String>,
    pub freight_payer: Option<Freight>,
    pub freight_payer_if_not_informed: Option<Freight>,
    pub freight_payer_if_defective_or_wrong: Option<Freight>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFrom {
    WithdrawalNoticeReceived,
    Cancellation,
    GoodsReceived,
    GoodsReceivedIntact,
    GoodsCollectedOrReceived,
    GoodsReceivedOrProofOfDispatchEarlier,
    #[serde(other)]
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    Required,
    NotRequired,
    Unsettled,
    NotStated,
}

#[derive(Debug, Deserialize)]
pub struct RefundLaw {
    pub deadline_days: Option<u32>,
    pub day_type: Option<DayType>,
    pub deadline_from: Option<RefundFrom>,
    pub outbound_standard_shipping: Option<Duty>,
}

#[derive(Debug, Deserialize)]
pub struct DiminishedValueLaw {
    /// Whether who withdraws bears what the goods lost in value by more than trying them out.
    pub deduction_allowed: Option<bool>,
    /// Whether a customer who was not told of the right bears none of it.
    pub lost_if_not_informed: Option<bool>,
    pub intact_required: Option<bool>,
}

/// What holds where not all of an order goes back.
#[derive(Debug, Deserialize)]
pub struct PartialAndGifts {
    pub partial_return: Option<String>,
    pub free_gift_return: Option<String>,
}

impl PartialAndGifts {
    /// Whether a shop may insist that a gift comes back with what it came with.
    pub fn gift_must_follow(&self) -> bool {
        self.free_gift_return.as_deref() == Some("must_return_or_pay_marked_price")
    }

    /// Whether a shop may insist that a set comes back whole.
    pub fn whole_or_nothing(&self) -> bool {
        self.partial_return.as_deref() == Some("trader_may_offer")
    }
}

/// How an exception works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionEffect {
    /// No right from the start.
    Excluded,
    /// The right ends by an act, such as breaking a seal.
    RightLost,
    /// The shop said so before.
    ExcludableWithNotice,
    /// The customer agreed to it for this purchase.
    ExcludableWithConfirmation,
    /// The customer agreed in writing, apart from the rest.
    ExcludableWithConsent,
    None,
}

#[derive(Debug, Deserialize)]
pub struct ExceptionLaw {
    pub code: String,
    pub effect: ExceptionEffect,
    #[serde(rename = "ref")]
    pub article: Option<String>,
}

/// What a consumer may ask for where goods are not as they should be, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hierarchy {
    RepairOrReplacementThenPriceReductionOrTermination,
    ShortTermRejectThenRepairOrReplacementThenPriceReductionOrFinalReject,
    RefundWithinDaysThenReplaceThenRepair,
    ConsumerChoiceRescissionOrReductionOrReplacement,
    ConsumerChoiceRepairReplaceOrRefund,
    #[serde(rename = "repair_within_30_days_then_consumer_choice")]
    RepairWithin30DaysThenConsumerChoice,
    RepairThenReplacementThenRefund,
    RejectWithinReasonableTimeElseDamages,
    MajorFailureConsumerChoiceMinorFailureTraderChoice,
    SubstantialFailureConsumerChoiceMinorFailureTraderRepair,
    RefundOrReplacementForDefectiveNotAsDescribedOrLate,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub struct ConformityLaw {
    pub liability_months: Option<u32>,
    #[serde(default)]
    pub liability_is_reasonable_time: Option<bool>,
    /// Where the act counts in days.
    #[serde(default)]
    pub liability_days: Option<LiabilityDays>,
    pub hierarchy: Option<Hierarchy>,
    pub short_term_reject_days: Option<u32>,
    #[serde(default)]
    pub extension_after_repair: Option<AfterRepair>,
}

/// Days for which a shop answers, by how long goods last.
#[derive(Debug, Deserialize)]
pub struct LiabilityDays {
    pub durable: Option<u32>,
    pub non_durable: Option<u32>,
}

/// How much longer the shop answers for goods that were repaired once.
#[derive(Debug, Deserialize)]
pub struct AfterRepair {
    pub months: Option<u32>,
    #[serde(default)]
    pub applies_to_contracts_from: Option<Date>,
}

/// Terms of some goods in China (三包).
#[derive(Debug, Deserialize)]
pub struct ThreeGuarantees {
    /// What kind of goods: `mobile_phone`.
    pub goods: String,
    pub refund_days: Option<u32>,
    pub replace_days: Option<u32>,
    pub warranty_months: Option<u32>,
    /// Repairs after which what still does not work is replaced for nothing (国经贸〔1995〕458号 art. 11: two).
    #[serde(default)]
    pub replace_after_failed_repairs: Option<u32>,
}

/// The withdrawal function that a shop must have (Directive 2011/83/EU art. 11a).
#[derive(Debug, Deserialize)]
pub struct WithdrawalFunction {
    pub labels: Vec<Labels>,
}

/// What its two controls must be called.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Labels {
    /// BCP 47.
    pub lang: String,
    /// On the way in.
    pub withdraw: String,
    /// On the button that does it.
    pub confirm: String,
}

/// Whose clock a customer lives by.
#[derive(Debug)]
pub(super) struct Zones {
    pub default: TimeZone,
    pub regions: BTreeMap<String, TimeZone>,
}

impl Default for Zones {
    fn default() -> Self {
        Self { default: TimeZone::UTC, regions: BTreeMap::new() }
    }
}

impl<'de> Deserialize<'de> for Zones {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Named {
            default: String,
            #[serde(default)]
            regions: BTreeMap<String, String>,
        }
        let named = Named::deserialize(deserializer)?;
        let zone = |name: &str| TimeZone::get(name).map_err(serde::de::Error::custom);
        let regions = named.regions.into_iter().map(|(region, name)| Ok((region, zone(&name)?))).collect::<Result<_, D::Error>>()?;
        Ok(Self { default: zone(&named.default)?, regions })
    }
}

impl Law {
    /// The article that a group of facts stands in.
    pub fn article(&self, group: &str) -> &str {
        let whole = || group.split('.').next().and_then(|group| self.articles.get(group));
        self.articles.get(group).or_else(whole).or_else(|| self.legal_basis.first()).map_or("", String::as_str)
    }

    /// Where a fact was read; nothing: it is general knowledge, and unsettled.
    pub fn source(&self, fact: &str) -> Option<&str> {
        let places = self.sourced_facts.get(fact)?;
        places.iter().find_map(|place| self.sources.get(*place)?.address.as_deref())
    }

    pub(super) fn is_sourced(&self, facts: &[&str]) -> bool {
        facts.iter().all(|fact| self.source(fact).is_some())
    }

    /// Whether who withdraws bears by law, and not only perhaps, what the goods lost in value by more than trying them out.
    pub fn lets_take_off(&self) -> bool {
        self.diminished_value.deduction_allowed == Some(true) && self.is_sourced(&["diminished_value.deduction_allowed"])
    }

    /// Whether a customer who was not told of the right to withdraw bears none of that.
    pub fn takes_nothing_unless_told(&self) -> bool {
        self.diminished_value.lost_if_not_informed == Some(true)
    }

    /// Whether the right to withdraw hangs by law, and not only perhaps, on the goods being whole.
    pub fn asks_for_whole_goods(&self) -> bool {
        self.diminished_value.intact_required == Some(true) && self.is_sourced(&["diminished_value.intact_required"])
    }

    /// The clock of a customer who lives there.
    pub fn zone(&self, region: Option<&str>) -> &TimeZone {
        let region = region.map(|region| region.rsplit('-').next().unwrap_or(region));
        region.and_then(|region| self.time_zones.regions.get(region)).unwrap_or(&self.time_zones.default)
    }

    /// Whose holidays count for somebody who lives there; nothing: subdivisions differ, and it is not known which is theirs.
    pub(super) fn place(&self, region: Option<&str>) -> Option<Place<'static>> {
        match land_of(&self.jurisdiction, region) {
            _ if !self.calendar.has_regions() => Some(Place::Country),
            Some(code) => Some(Place::Region(code)),
            None => None,
        }
    }
}
