//! The kinds that facts are of: what a rule may want of one, whether that holds, and how both are shown.

use std::fmt;

use jiff::civil::Date;

use super::resolution::{Method, Resolution};
use super::seen::{Found, Grade};
use super::wanted::{Band, DateRange, OneOf, Range, SkuPattern};
use crate::ids::{Code, CountryCode, Sku};
use crate::money::{Currency, Money, decimal_text};
use crate::reason::Fault;

/// A type of facts: what a rule may want of such a fact. Each also has `holds`, whether a value is what is wanted (one that is not
/// known never is), and `shown`, the value for a trace: codes joined by commas, dates and numbers as written in a policy.
pub trait Kind {
    /// As a policy writes it.
    type Wanted;

    /// The same as plain values.
    fn wants(wanted: &Self::Wanted) -> Wants;

    /// The codes among what is wanted.
    fn codes(_: &Self::Wanted) -> &[Code] {
        &[]
    }

    /// Whether an amount of that currency can be compared with what is wanted.
    fn names(_: &Self::Wanted, _: Currency) -> bool {
        true
    }
}

/// What a test wants, as values: for those who put conditions into words.
#[derive(Clone, Debug, PartialEq)]
pub enum Wants {
    /// One of these codes or texts.
    OneOf(Vec<String>),
    /// Yes or no.
    Is(bool),
    /// A number from the first to the second.
    Number(Option<i64>, Option<i64>),
    /// A day from the first to the second.
    Dates(Option<Date>, Option<Date>),
    /// An amount from the first to the second, in minor units, in one of these currencies.
    Band(Vec<(Currency, Option<i64>, Option<i64>)>),
    /// Somebody's fault.
    Faults(Vec<Fault>),
    /// One of these resolutions.
    Resolutions(Vec<Resolution>),
    /// One of these methods.
    Methods(Vec<Method>),
}

/// Kinds of which a line has one value at most, which a rule wants to be one of some.
macro_rules! one_of {
    ($($(#[doc = $doc:literal])+ $kind:ident($value:ty) wants $wanted:ident => $wants:expr;)+) => { $(
        $(#[doc = $doc])+
        pub enum $kind {}

        impl Kind for $kind {
            type Wanted = OneOf<$value>;
            fn wants($wanted: &OneOf<$value>) -> Wants {
                $wants
            }
        }

        impl $kind {
            pub(super) fn holds(wanted: &OneOf<$value>, value: Option<$value>) -> bool {
                value.is_some_and(|value| wanted.has(&value))
            }
            pub(super) fn shown(value: Option<$value>) -> Option<String> {
                value.map(|value| value.to_string())
            }
        }
    )+ };
}

one_of! {
    /// Whose fault.
    FaultOf(Fault) wants wanted => Wants::Faults(wanted.0.clone());
    /// What the customer gets.
    ResolutionOf(Resolution) wants wanted => Wants::Resolutions(wanted.0.clone());
    /// How it comes back.
    MethodOf(Method) wants wanted => Wants::Methods(wanted.0.clone());
    /// How good goods are.
    GradeOf(Grade) wants wanted => Wants::OneOf(wanted.0.iter().map(ToString::to_string).collect());
    /// What was found of goods.
    FoundOf(Found) wants wanted => Wants::OneOf(wanted.0.iter().map(ToString::to_string).collect());
    /// A country.
    Country(CountryCode) wants wanted => Wants::OneOf(wanted.0.iter().map(ToString::to_string).collect());
}

/// Kinds of numbers, days and amounts, of which a rule wants a range.
macro_rules! within {
    ($($(#[doc = $doc:literal])+ $kind:ident($value:ty) in $range:ty, $wanted:ident => $wants:expr $(, $names:ident)?;)+) => { $(
        $(#[doc = $doc])+
        pub enum $kind {}

        impl Kind for $kind {
            type Wanted = $range;
            fn wants($wanted: &$range) -> Wants {
                $wants
            }
            $(fn names(wanted: &$range, currency: Currency) -> bool {
                wanted.$names(currency)
            })?
        }

        impl $kind {
            pub(super) fn holds(wanted: &$range, value: impl Into<Option<$value>>) -> bool {
                value.into().is_some_and(|value| wanted.has(value))
            }
            pub(super) fn shown(value: impl Into<Option<$value>>) -> Option<String> {
                value.into().map(|value| value.to_string())
            }
        }
    )+ };
}

within! {
    /// A whole number.
    Number(i64) in Range, wanted => Wants::Number(wanted.min, wanted.max);
    /// A calendar day in the shop's zone.
    Day(Date) in DateRange, wanted => Wants::Dates(wanted.from, wanted.to);
    /// An amount.
    Price(Money) in Band, wanted => Wants::Band(wanted.0.iter().map(|(currency, range)| (*currency, range.min, range.max)).collect()), names;
}

/// Yes or no.
pub enum Flag {}

impl Kind for Flag {
    type Wanted = bool;
    fn wants(wanted: &bool) -> Wants {
        Wants::Is(*wanted)
    }
}

impl Flag {
    pub(super) fn holds(wanted: &bool, value: impl Into<Option<bool>>) -> bool {
        value.into() == Some(*wanted)
    }
    pub(super) fn shown(value: impl Into<Option<bool>>) -> Option<String> {
        value.into().map(|value| value.to_string())
    }
}

/// One machine name at most.
pub enum OneCode {}

/// Any number of machine names; a rule wants at least one of some.
pub enum Codes {}

/// Any number of SKUs; a rule wants at least one to fit a pattern.
pub enum Skus {}

/// A text, compared without regard to capitals.
pub enum Text {}

impl Kind for OneCode {
    type Wanted = OneOf<Code>;
    fn wants(wanted: &OneOf<Code>) -> Wants {
        Codes::wants(wanted)
    }
    fn codes(wanted: &OneOf<Code>) -> &[Code] {
        &wanted.0
    }
}

impl OneCode {
    pub(super) fn holds(wanted: &OneOf<Code>, value: Option<&Code>) -> bool {
        value.is_some_and(|value| wanted.has(value))
    }
    pub(super) fn shown(value: Option<&Code>) -> Option<String> {
        value.map(|code| code.as_str().to_owned())
    }
}

impl Kind for Codes {
    type Wanted = OneOf<Code>;
    fn wants(wanted: &OneOf<Code>) -> Wants {
        Wants::OneOf(wanted.0.iter().map(|code| code.as_str().to_owned()).collect())
    }
    fn codes(wanted: &OneOf<Code>) -> &[Code] {
        &wanted.0
    }
}

impl Codes {
    pub(super) fn holds<'v>(wanted: &OneOf<Code>, mut values: impl Iterator<Item = &'v Code>) -> bool {
        values.any(|value| wanted.has(value))
    }
    pub(super) fn shown<'v>(values: impl Iterator<Item = &'v Code>) -> Option<String> {
        Some(values.map(Code::as_str).collect::<Vec<_>>().join(", "))
    }
}

impl Kind for Skus {
    type Wanted = OneOf<SkuPattern>;
    fn wants(wanted: &OneOf<SkuPattern>) -> Wants {
        Wants::OneOf(wanted.0.iter().map(ToString::to_string).collect())
    }
}

impl Skus {
    pub(super) fn holds<'v>(wanted: &OneOf<SkuPattern>, mut values: impl Iterator<Item = &'v Sku>) -> bool {
        values.any(|sku| wanted.0.iter().any(|pattern| pattern.fits(sku.as_str())))
    }
    pub(super) fn shown<'v>(values: impl Iterator<Item = &'v Sku>) -> Option<String> {
        Some(values.map(Sku::as_str).collect::<Vec<_>>().join(", "))
    }
}

impl Kind for Text {
    type Wanted = OneOf<String>;
    fn wants(wanted: &OneOf<String>) -> Wants {
        Wants::OneOf(wanted.0.clone())
    }
}

impl Text {
    pub(super) fn holds(wanted: &OneOf<String>, value: Option<&str>) -> bool {
        value.is_some_and(|value| wanted.0.iter().any(|wanted| wanted.eq_ignore_ascii_case(value)))
    }
    pub(super) fn shown(value: Option<&str>) -> Option<String> {
        value.map(str::to_owned)
    }
}

impl fmt::Display for Wants {
    /// In the notation of a policy document's reader: `merchant, carrier`, `≤ 7`.
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
        let text = match self {
            Self::OneOf(wanted) => wanted.join(", "),
            Self::Is(wanted) => wanted.to_string(),
            Self::Number(min, max) => range(min.as_ref(), max.as_ref()),
            Self::Dates(from, to) => range(from.as_ref(), to.as_ref()),
            Self::Band(bands) => {
                let band = |(currency, min, max): &(Currency, Option<i64>, Option<i64>)| {
                    let text = |minor: &Option<i64>| minor.map(|minor| decimal_text(minor, *currency));
                    format!("{} {currency}", range(text(min).as_ref(), text(max).as_ref()))
                };
                bands.iter().map(band).collect::<Vec<_>>().join(", ")
            }
            Self::Faults(wanted) => names(wanted),
            Self::Resolutions(wanted) => names(wanted),
            Self::Methods(wanted) => names(wanted),
        };
        f.write_str(&text)
    }
}
