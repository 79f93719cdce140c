//! What must be true of a case for a rule to fire: typed tests over typed facts, all of which must hold.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};

use super::facts::Facts;
use super::resolution::{Method, Resolution};
use crate::ids::{Code, CountryCode};
use crate::money::{Amount, AmountError, Currency, Money, decimal_text};
use crate::reason::Fault;

/// One value or a list of them: `"apparel"` or `["apparel", "shoes"]`. The test holds where the fact is one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct OneOf<T>(pub Vec<T>);

impl<T: PartialEq> OneOf<T> {
    fn has(&self, value: &T) -> bool {
        self.0.contains(value)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> de::Visitor<'de> for Visitor<T> {
            type Value = OneOf<T>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("one value or a list of values")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOf<T>, E> {
                T::deserialize(de::value::StrDeserializer::new(text)).map(|value| OneOf(vec![value]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<OneOf<T>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = items.next_element()? {
                    values.push(value);
                }
                if values.is_empty() {
                    Err(de::Error::custom("an empty list matches nothing; name at least one value"))
                } else {
                    Ok(OneOf(values))
                }
            }
        }
        deserializer.deserialize_any(Visitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OneOf<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOf_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})
    }
}

/// Whole numbers from `min` to `max`, both included; either may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// At least.
    #[serde(default)]
    pub min: Option<i64>,
    /// At most.
    #[serde(default)]
    pub max: Option<i64>,
}

impl Range {
    fn has(self, value: i64) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

/// Days from `from` to `to`, both included, in the shop's time zone; either may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DateRange {
    /// First day.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub from: Option<Date>,
    /// Last day.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub to: Option<Date>,
}

impl DateRange {
    /// Whether `date` is within.
    pub fn has(self, date: Date) -> bool {
        self.from.is_none_or(|from| date >= from) && self.to.is_none_or(|to| date <= to)
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

/// A price band per currency: `{"CNY": {"min": "500.00"}}`. Orders in other currencies are outside every band.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<Currency, BandDocument>")]
pub struct Band(Vec<(Currency, Range)>);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BandDocument {
    #[serde(default)]
    min: Option<Amount>,
    #[serde(default)]
    max: Option<Amount>,
}

impl TryFrom<BTreeMap<Currency, BandDocument>> for Band {
    type Error = String;

    fn try_from(bands: BTreeMap<Currency, BandDocument>) -> Result<Self, String> {
        let mut checked = Vec::new();
        for (currency, band) in bands {
            let minor = |amount: Option<Amount>| amount.map(|amount| amount.minor(currency)).transpose().map_err(|error| error.to_string());
            checked.push((currency, Range { min: minor(band.min)?, max: minor(band.max)? }));
        }
        Ok(Self(checked))
    }
}

impl Band {
    fn has(&self, currency: Currency, minor: i64) -> bool {
        self.0.iter().any(|(known, range)| *known == currency && range.has(minor))
    }
}

impl JsonSchema for Band {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Band".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let amount = generator.subschema_for::<Amount>();
        let band = json_schema!({"type": "object", "properties": {"min": amount, "max": amount}, "additionalProperties": false});
        json_schema!({"type": "object", "minProperties": 1, "propertyNames": {"pattern": "^[A-Z]{3}$"}, "additionalProperties": band})
    }
}

/// A SKU, or the start of one followed by `*`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SkuPattern(String);

impl fmt::Display for SkuPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SkuPattern {
    fn fits(&self, sku: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(start) => sku.starts_with(start),
            None => sku == self.0,
        }
    }
}

/// A condition as written. Every field given must hold; `any`, `all` and `not` combine conditions. An empty condition always holds.
/// A fact that is not known makes its test fail.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConditionDocument {
    /// The item's category.
    pub category: Option<OneOf<Code>>,
    /// The item's SKU; `TEE-*` means all that start so.
    pub sku: Option<OneOf<SkuPattern>>,
    /// The item has one of these tags.
    pub tag: Option<OneOf<Code>>,
    /// List price of one unit.
    pub price: Option<Band>,
    /// What the customer paid for the units that come back, discounts taken off.
    pub paid: Option<Band>,
    /// Units that come back.
    pub quantity: Option<Range>,
    /// Sold as final.
    pub final_sale: Option<bool>,
    /// The item was a gift that came with another.
    pub gift: Option<bool>,
    /// The item is part of a bundle.
    pub bundle: Option<bool>,
    /// Within its own guarantee (`warranty_months` from delivery).
    pub warranty: Option<bool>,
    /// Reason given.
    pub reason: Option<OneOf<Code>>,
    /// Sub-reason given.
    pub sub_reason: Option<OneOf<Code>>,
    /// Whose fault the reason is.
    pub fault: Option<OneOf<Fault>>,
    /// State of the item as the customer tells it: `unopened`, `opened`, `used`, `damaged`, `incomplete`, `dirty`, `altered`, `assembled`.
    pub condition: Option<OneOf<Code>>,
    /// Whether the item was opened; known as soon as its condition is.
    pub opened: Option<bool>,
    /// What the customer would get.
    pub resolution: Option<OneOf<Resolution>>,
    /// How it would come back.
    pub method: Option<OneOf<Method>>,
    /// Declared as a statutory withdrawal.
    pub withdrawal: Option<bool>,
    /// Calendar days since the item was delivered (0: today); where the feed names no delivery, since it was sent, or ordered.
    pub days_since_delivery: Option<Range>,
    /// Calendar days since the order.
    pub days_since_order: Option<Range>,
    /// Calendar days since the item was sent.
    pub days_since_shipment: Option<Range>,
    /// The day of the order.
    pub ordered: Option<DateRange>,
    /// The day of delivery.
    pub delivered: Option<DateRange>,
    /// The day of the request.
    pub requested: Option<DateRange>,
    /// Ordered during one of these campaigns.
    pub campaign: Option<OneOf<Code>>,
    /// Membership tier; `none` for those who have none.
    pub tier: Option<OneOf<Code>>,
    /// Country the order went to.
    pub country: Option<OneOf<CountryCode>>,
    /// Province or state the order went to, as the order names it.
    pub region: Option<OneOf<String>>,
    /// Province or state it comes back from; the same as `region` where not said otherwise.
    pub return_region: Option<OneOf<String>>,
    /// Where the order was placed: `web`, `store`, ….
    pub channel: Option<OneOf<Code>>,
    /// One of the order's payments was made so: `card`, `gift_card`, ….
    pub payment: Option<OneOf<Code>>,
    /// Proof of purchase: `order` (found in the shop's records), `receipt`, `gift_receipt`, `none`.
    pub proof: Option<OneOf<Code>>,
    /// Returns by the same customer in the last 365 days.
    pub prior_returns: Option<Range>,
    /// Goods value of the order, discounts taken off.
    pub order_value: Option<Band>,
    /// The order has a line with this SKU.
    pub order_has_sku: Option<OneOf<SkuPattern>>,
    /// The order has a line with this tag.
    pub order_has_tag: Option<OneOf<Code>>,
    /// At least one of these holds.
    pub any: Option<Vec<ConditionDocument>>,
    /// All of these hold.
    pub all: Option<Vec<ConditionDocument>>,
    /// This does not hold.
    pub not: Option<Box<ConditionDocument>>,
}

/// A fact a test reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are those of `ConditionDocument`, documented there")]
pub enum FactKind {
    Category,
    Sku,
    Tag,
    Price,
    Paid,
    Quantity,
    FinalSale,
    Gift,
    Bundle,
    Warranty,
    Reason,
    SubReason,
    Fault,
    Condition,
    Opened,
    Resolution,
    Method,
    Withdrawal,
    DaysSinceDelivery,
    DaysSinceOrder,
    DaysSinceShipment,
    Ordered,
    Delivered,
    Requested,
    Campaign,
    Tier,
    Country,
    Region,
    ReturnRegion,
    Channel,
    Payment,
    Proof,
    PriorReturns,
    OrderValue,
    OrderHasSku,
    OrderHasTag,
    Any,
    All,
    Not,
}

impl FactKind {
    /// As written in a policy document.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// One test of a compiled condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Code(FactKind, OneOf<Code>),
    Text(FactKind, OneOf<String>),
    Sku(FactKind, OneOf<SkuPattern>),
    Flag(FactKind, bool),
    Number(FactKind, Range),
    Date(FactKind, DateRange),
    Band(FactKind, Band),
    Fault(OneOf<Fault>),
    Resolution(OneOf<Resolution>),
    Method(OneOf<Method>),
    Country(OneOf<CountryCode>),
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
}

/// A condition compiled to the tests it names, in the order of the document's fields.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Condition {
    pub(super) tests: Vec<Test>,
}

impl Condition {
    /// The first test that does not hold; nothing where all do.
    pub(super) fn first_miss(&self, facts: &Facts<'_>) -> Option<usize> {
        self.tests.iter().position(|test| !test.holds(facts))
    }

    /// Whether every test holds.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        self.first_miss(facts).is_none()
    }

    /// Always true.
    pub fn is_always(&self) -> bool {
        self.tests.is_empty()
    }

    /// Every fact it reads, also inside `any`, `all` and `not`.
    pub fn reads(&self) -> Vec<FactKind> {
        let mut facts = Vec::new();
        self.collect_reads(&mut facts);
        facts
    }

    /// Calls `look` with every code it compares a fact with, also inside `any`, `all` and `not`.
    pub(super) fn each_code(&self, look: &mut impl FnMut(FactKind, &Code)) {
        for test in &self.tests {
            match test {
                Test::Code(kind, wanted) => wanted.0.iter().for_each(|code| look(*kind, code)),
                Test::Any(conditions) | Test::All(conditions) => conditions.iter().for_each(|condition| condition.each_code(look)),
                Test::Not(condition) => condition.each_code(look),
                _ => {}
            }
        }
    }

    fn collect_reads(&self, facts: &mut Vec<FactKind>) {
        for test in &self.tests {
            match test {
                Test::Any(conditions) | Test::All(conditions) => conditions.iter().for_each(|condition| condition.collect_reads(facts)),
                Test::Not(condition) => condition.collect_reads(facts),
                _ => facts.push(test.kind()),
            }
        }
    }
}

impl Test {
    pub(super) fn kind(&self) -> FactKind {
        match self {
            Self::Code(kind, _) | Self::Text(kind, _) | Self::Sku(kind, _) | Self::Flag(kind, _) => *kind,
            Self::Number(kind, _) | Self::Date(kind, _) | Self::Band(kind, _) => *kind,
            Self::Fault(_) => FactKind::Fault,
            Self::Resolution(_) => FactKind::Resolution,
            Self::Method(_) => FactKind::Method,
            Self::Country(_) => FactKind::Country,
            Self::Any(_) => FactKind::Any,
            Self::All(_) => FactKind::All,
            Self::Not(_) => FactKind::Not,
        }
    }

    pub(super) fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Code(kind, wanted) => facts.any_code(*kind, |code| wanted.has(code)),
            Self::Text(kind, wanted) => {
                facts.text(*kind).is_some_and(|text| wanted.0.iter().any(|wanted| wanted.eq_ignore_ascii_case(text)))
            }
            Self::Sku(kind, wanted) => facts.any_sku(*kind, |sku| wanted.0.iter().any(|pattern| pattern.fits(sku))),
            Self::Flag(kind, wanted) => facts.flag(*kind) == Some(*wanted),
            Self::Number(kind, wanted) => facts.number(*kind).is_some_and(|number| wanted.has(number)),
            Self::Date(kind, wanted) => facts.date(*kind).is_some_and(|date| wanted.has(date)),
            Self::Band(kind, wanted) => facts.amount(*kind).is_some_and(|minor| wanted.has(facts.currency(), minor)),
            Self::Fault(wanted) => facts.fault.is_some_and(|fault| wanted.has(&fault)),
            Self::Resolution(wanted) => facts.resolution.is_some_and(|resolution| wanted.has(&resolution)),
            Self::Method(wanted) => facts.method.is_some_and(|method| wanted.has(&method)),
            Self::Country(wanted) => facts.country().is_some_and(|country| wanted.has(&country)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(facts)),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(facts)),
            Self::Not(condition) => !condition.holds(facts),
        }
    }
}

impl From<ConditionDocument> for Condition {
    fn from(document: ConditionDocument) -> Self {
        use FactKind as Fact;
        let mut tests = Vec::new();
        let mut add = |test: Option<Test>| tests.extend(test);
        let code = |kind: FactKind, wanted: Option<OneOf<Code>>| wanted.map(|wanted| Test::Code(kind, wanted));
        let text = |kind: FactKind, wanted: Option<OneOf<String>>| wanted.map(|wanted| Test::Text(kind, wanted));
        let sku = |kind: FactKind, wanted: Option<OneOf<SkuPattern>>| wanted.map(|wanted| Test::Sku(kind, wanted));
        let flag = |kind: FactKind, wanted: Option<bool>| wanted.map(|wanted| Test::Flag(kind, wanted));
        let number = |kind: FactKind, wanted: Option<Range>| wanted.map(|wanted| Test::Number(kind, wanted));
        let date = |kind: FactKind, wanted: Option<DateRange>| wanted.map(|wanted| Test::Date(kind, wanted));
        let band = |kind: FactKind, wanted: Option<Band>| wanted.map(|wanted| Test::Band(kind, wanted));
        let compiled = |conditions: Vec<ConditionDocument>| conditions.into_iter().map(Condition::from).collect();
        add(code(Fact::Category, document.category));
        add(sku(Fact::Sku, document.sku));
        add(code(Fact::Tag, document.tag));
        add(band(Fact::Price, document.price));
        add(band(Fact::Paid, document.paid));
        add(number(Fact::Quantity, document.quantity));
        add(flag(Fact::FinalSale, document.final_sale));
        add(flag(Fact::Gift, document.gift));
        add(flag(Fact::Bundle, document.bundle));
        add(flag(Fact::Warranty, document.warranty));
        add(code(Fact::Reason, document.reason));
        add(code(Fact::SubReason, document.sub_reason));
        add(document.fault.map(Test::Fault));
        add(code(Fact::Condition, document.condition));
        add(flag(Fact::Opened, document.opened));
        add(document.resolution.map(Test::Resolution));
        add(document.method.map(Test::Method));
        add(flag(Fact::Withdrawal, document.withdrawal));
        add(number(Fact::DaysSinceDelivery, document.days_since_delivery));
        add(number(Fact::DaysSinceOrder, document.days_since_order));
        add(number(Fact::DaysSinceShipment, document.days_since_shipment));
        add(date(Fact::Ordered, document.ordered));
        add(date(Fact::Delivered, document.delivered));
        add(date(Fact::Requested, document.requested));
        add(code(Fact::Campaign, document.campaign));
        add(code(Fact::Tier, document.tier));
        add(document.country.map(Test::Country));
        add(text(Fact::Region, document.region));
        add(text(Fact::ReturnRegion, document.return_region));
        add(code(Fact::Channel, document.channel));
        add(code(Fact::Payment, document.payment));
        add(code(Fact::Proof, document.proof));
        add(number(Fact::PriorReturns, document.prior_returns));
        add(band(Fact::OrderValue, document.order_value));
        add(sku(Fact::OrderHasSku, document.order_has_sku));
        add(code(Fact::OrderHasTag, document.order_has_tag));
        add(document.any.map(|conditions| Test::Any(compiled(conditions))));
        add(document.all.map(|conditions| Test::All(compiled(conditions))));
        add(document.not.map(|condition| Test::Not(Box::new(Condition::from(*condition)))));
        Self { tests }
    }
}

/// What a test wants, as values: for those who put conditions into words.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    /// The fact is one of these codes or texts.
    OneOf(FactKind, Vec<String>),
    /// The fact is so.
    Is(FactKind, bool),
    /// The fact is a number from the first to the second.
    Number(FactKind, Option<i64>, Option<i64>),
    /// The fact is a day from the first to the second.
    Dates(FactKind, Option<Date>, Option<Date>),
    /// The fact is an amount from the first to the second, in one of these currencies.
    Band(FactKind, Vec<(Currency, Option<i64>, Option<i64>)>),
    /// The reason is somebody's fault.
    Faults(Vec<Fault>),
    /// One of these resolutions.
    Resolutions(Vec<Resolution>),
    /// One of these methods.
    Methods(Vec<Method>),
    /// One of these holds.
    Any(Vec<Vec<Clause>>),
    /// All of these hold.
    All(Vec<Vec<Clause>>),
    /// These do not hold together.
    Not(Vec<Clause>),
}

impl Condition {
    /// What it wants, test by test.
    pub fn clauses(&self) -> Vec<Clause> {
        self.tests.iter().map(Test::clause).collect()
    }
}

impl Test {
    pub(super) fn clause(&self) -> Clause {
        let each = |conditions: &[Condition]| conditions.iter().map(Condition::clauses).collect();
        match self {
            Self::Code(kind, wanted) => Clause::OneOf(*kind, wanted.0.iter().map(|code| code.as_str().to_owned()).collect()),
            Self::Text(kind, wanted) => Clause::OneOf(*kind, wanted.0.clone()),
            Self::Sku(kind, wanted) => Clause::OneOf(*kind, wanted.0.iter().map(ToString::to_string).collect()),
            Self::Country(wanted) => Clause::OneOf(FactKind::Country, wanted.0.iter().map(ToString::to_string).collect()),
            Self::Flag(kind, wanted) => Clause::Is(*kind, *wanted),
            Self::Number(kind, wanted) => Clause::Number(*kind, wanted.min, wanted.max),
            Self::Date(kind, wanted) => Clause::Dates(*kind, wanted.from, wanted.to),
            Self::Band(kind, wanted) => {
                Clause::Band(*kind, wanted.0.iter().map(|(currency, range)| (*currency, range.min, range.max)).collect())
            }
            Self::Fault(wanted) => Clause::Faults(wanted.0.clone()),
            Self::Resolution(wanted) => Clause::Resolutions(wanted.0.clone()),
            Self::Method(wanted) => Clause::Methods(wanted.0.clone()),
            Self::Any(conditions) => Clause::Any(each(conditions)),
            Self::All(conditions) => Clause::All(each(conditions)),
            Self::Not(condition) => Clause::Not(condition.clauses()),
        }
    }
}

impl fmt::Display for Clause {
    /// In the notation of a policy document's reader: `merchant, carrier`, `≤ 7`, `(category shoes ∧ tier gold)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn range<T: fmt::Display>(min: Option<&T>, max: Option<&T>) -> String {
            match (min, max) {
                (Some(min), Some(max)) => format!("{min} – {max}"),
                (Some(min), None) => format!("≥ {min}"),
                (None, Some(max)) => format!("≤ {max}"),
                (None, None) => "…".into(),
            }
        }
        fn names<T: fmt::Display>(values: &[T]) -> String {
            values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        fn group(clauses: &[Clause]) -> String {
            clauses.iter().map(named).collect::<Vec<_>>().join(" ∧ ")
        }
        fn named(clause: &Clause) -> String {
            match clause.kind() {
                FactKind::Any | FactKind::All => format!("({clause})"),
                FactKind::Not => format!("¬({clause})"),
                kind => format!("{} {clause}", kind.name()),
            }
        }
        let text = match self {
            Self::OneOf(_, wanted) => wanted.join(", "),
            Self::Is(_, wanted) => wanted.to_string(),
            Self::Number(_, min, max) => range(min.as_ref(), max.as_ref()),
            Self::Dates(_, from, to) => range(from.as_ref(), to.as_ref()),
            Self::Band(_, bands) => {
                let band = |(currency, min, max): &(Currency, Option<i64>, Option<i64>)| {
                    let text = |minor: &Option<i64>| minor.map(|minor| decimal_text(minor, *currency));
                    format!("{} {currency}", range(text(min).as_ref(), text(max).as_ref()))
                };
                bands.iter().map(band).collect::<Vec<_>>().join(", ")
            }
            Self::Faults(wanted) => names(wanted),
            Self::Resolutions(wanted) => names(wanted),
            Self::Methods(wanted) => names(wanted),
            Self::Any(groups) => groups.iter().map(|clauses| group(clauses)).collect::<Vec<_>>().join(" ∨ "),
            Self::All(groups) => groups.iter().map(|clauses| group(clauses)).collect::<Vec<_>>().join(" ∧ "),
            Self::Not(clauses) => group(clauses),
        };
        f.write_str(&text)
    }
}

impl Clause {
    /// The fact it is about.
    pub fn kind(&self) -> FactKind {
        match self {
            Self::OneOf(kind, _) | Self::Is(kind, _) | Self::Number(kind, ..) | Self::Dates(kind, ..) | Self::Band(kind, _) => *kind,
            Self::Faults(_) => FactKind::Fault,
            Self::Resolutions(_) => FactKind::Resolution,
            Self::Methods(_) => FactKind::Method,
            Self::Any(_) => FactKind::Any,
            Self::All(_) => FactKind::All,
            Self::Not(_) => FactKind::Not,
        }
    }
}
