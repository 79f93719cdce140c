//! A mapping: what the columns of a table mean. Written in TOML; `server/mappings/README.md` describes it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::template::Template;
use crate::import::ImportError;

/// Mappings that are part of this program, by name.
pub const SHIPPED_MAPPINGS: &[(&str, &str)] = &[
    ("olist", include_str!("../../../mappings/olist.toml")),
    ("shopify-dbt", include_str!("../../../mappings/shopify-dbt.toml")),
    ("uci-online-retail", include_str!("../../../mappings/uci-online-retail.toml")),
];

/// Rows of one order may be so many other orders apart where a mapping says nothing.
const OPEN_ORDERS: usize = 16;

/// A mapping that cannot be read, or does not fit the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mapping does not fit: {place}: {problem}")]
pub struct MappingError {
    /// Where in the mapping, or in which file.
    pub place: String,
    /// What is wrong.
    pub problem: String,
}

impl MappingError {
    pub(super) fn new(place: impl Into<String>, problem: impl ToString) -> Self {
        Self { place: place.into(), problem: problem.to_string() }
    }
}

/// What the columns of a table mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Of times that name none; UTC where nothing is said.
    pub(super) time_zone: Option<String>,
    #[serde(default)]
    pub(super) date_formats: Vec<String>,
    pub(super) delimiter: Option<char>,
    pub(super) decimal: Option<char>,
    pub(super) encoding: Option<String>,
    pub(super) group_by: Option<Template>,
    pub(super) open_orders: Option<usize>,
    pub(super) lines_from: Option<String>,
    pub(super) payments_from: Option<String>,
    #[serde(default)]
    pub(super) joins: Vec<JoinFile>,
    #[serde(default)]
    pub(super) tables: BTreeMap<String, HashMap<String, String>>,
    pub(super) order: OrderFields<Template>,
    pub(super) line: LineFields<Template>,
    pub(super) payment: Option<PaymentFields<Template>>,
    pub(super) delivery: Option<DeliveryFields<Template>>,
    #[serde(default)]
    pub(super) credit: CreditFields<Template>,
    #[serde(default)]
    pub(super) rows: Vec<RowClass>,
}

/// A further file: rows of it are found by their key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinFile {
    pub name: String,
    pub file: String,
    /// What to look for.
    pub key: Template,
    /// The column it is looked for in.
    pub on: String,
    /// Only rows for which all of these hold, by columns of the further file.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// Whether several rows may have one key.
    #[serde(default)]
    pub many: bool,
}

/// Rows that are recognised by their cells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowClass {
    /// All of them must hold.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    #[serde(rename = "as")]
    pub kind: RowKind,
    pub label: Option<String>,
    /// Instead of quantity × unit price.
    pub amount: Option<Template>,
    /// Instead of what `[line]` says.
    #[serde(default)]
    pub set: LineFields<Template>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RowKind {
    /// Goods that were bought.
    Line,
    /// Goods that came back.
    Credit,
    /// Carriage the customer paid.
    Shipping,
    /// Taken off the order.
    Discount,
    /// Paid by the customer, but neither goods nor carriage: it cannot come back.
    Charge,
    /// None of the customer's business.
    Skip,
}

impl RowKind {
    fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Credit => "credit",
            Self::Shipping => "shipping",
            Self::Discount => "discount",
            Self::Charge => "charge",
            Self::Skip => "skip",
        }
    }
}

impl RowClass {
    /// What the report calls these rows.
    pub fn label(&self) -> String {
        self.label.clone().unwrap_or_else(|| self.kind.name().to_owned())
    }
}

/// A table of the mapping: its fields as written, and (`T` is another type) as bound to columns.
macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(default, deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
        pub(super) struct $name<T> {
            $(pub $field: Option<T>,)*
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self { $($field: None,)* }
            }
        }

        impl<T: Clone> $name<T> {
            /// Each field that is set, made into something else.
            pub fn bind<U, E>(&self, mut bind: impl FnMut(&'static str, &T) -> Result<U, E>) -> Result<$name<U>, E> {
                Ok($name { $($field: self.$field.as_ref().map(|field| bind(stringify!($field), field)).transpose()?,)* })
            }

            /// These fields, and those of `other` where these say nothing.
            #[allow(dead_code, reason = "only lines are overridden")]
            pub fn or(&self, other: &Self) -> Self {
                Self { $($field: self.$field.clone().or_else(|| other.$field.clone()),)* }
            }
        }
    };
}

fields! {
    /// `[order]`
    OrderFields {
        number, placed_at, currency, prices_include_tax, channel, shipping, duties, discount, discount_code, cancelled,
        customer_id, customer_name, email, phone, tier, locale, recipient, country, region, city, postal_code, line1, line2,
        concluded, consumer, informed_of_withdrawal, informed_of_return_cost, policy_displayed, contract_copy, disclosure_defective,
    }
}

fields! {
    /// `[line]`
    LineFields {
        id, sku, name, variant, category, tags, quantity, unit, unit_price, subtotal, discount, tax, shipping, final_sale, gift_with, bundle, batch,
        serials, weight_grams, warranty_months, image, kinds, sealed_on_delivery, exclusion_confirmed, digital_started, digital_consented,
        digital_confirmed,
    }
}

fields! {
    /// `[payment]`
    PaymentFields { id, method, amount, currency, card_ending }
}

fields! {
    /// `[delivery]`
    DeliveryFields { id, shipped_at, delivered_at, warehouse, picker, packer, carrier, tracking_number }
}

fields! {
    /// `[credit]`
    CreditFields { note, order, customer, at, sku, line, quantity, amount }
}

impl Mapping {
    /// Reads a mapping from its text.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            MappingError::new(format!("line {line}"), error.message())
        })?;
        mapping.check()?;
        Ok(mapping)
    }

    /// The mapping in the file of that path, or the one of that name that is part of this program.
    pub fn find(name: &Path) -> Result<Self, ImportError> {
        let shipped = SHIPPED_MAPPINGS.iter().find(|(shipped, _)| Path::new(shipped) == name);
        if let Some((_, text)) = shipped.filter(|_| !name.exists()) {
            return Ok(Self::parse(text)?);
        }
        let text = std::fs::read_to_string(name).map_err(|source| ImportError::File { path: name.to_owned(), source })?;
        Ok(Self::parse(&text)?)
    }

    /// What can be wrong before there is a file.
    fn check(&self) -> Result<(), MappingError> {
        self.zone()?;
        self.encoding()?;
        let needed = [
            ("[order] number", &self.order.number),
            ("[order] placed_at", &self.order.placed_at),
            ("[order] currency", &self.order.currency),
            ("[line] sku", &self.line.sku),
            ("[line] quantity", &self.line.quantity),
        ];
        if let Some((place, _)) = needed.iter().find(|(_, field)| field.is_none()) {
            return Err(MappingError::new(*place, "is missing"));
        }
        if self.line.unit_price.is_some() == self.line.subtotal.is_some() {
            return Err(MappingError::new("[line]", "needs one of `unit_price` (of one unit) and `subtotal` (of the whole line)"));
        }
        for format in &self.date_formats {
            let example = jiff::Zoned::new(jiff::Timestamp::UNIX_EPOCH, TimeZone::UTC);
            jiff::fmt::strtime::format(format, &example).map_err(|error| MappingError::new(format!("date_formats `{format}`"), error))?;
        }
        if let Some((one, other)) = self.ambiguous() {
            let problem = format!("`{one}` and `{other}` read the same text as different days; only one of them can be meant");
            return Err(MappingError::new("date_formats", problem));
        }
        if let Some(separator) = [self.delimiter, self.decimal].into_iter().flatten().find(|separator| !separator.is_ascii()) {
            return Err(MappingError::new("delimiter, decimal", format!("`{separator}` is not one ASCII character")));
        }
        for (place, name) in [("lines_from", &self.lines_from), ("payments_from", &self.payments_from)] {
            let Some(name) = name else { continue };
            if !self.joins.iter().any(|join| join.name == *name && join.many) {
                return Err(MappingError::new(place, format!("there is no join `{name}` with `many = true`")));
            }
        }
        Ok(())
    }

    /// Two formats of which both read what the other writes, as another day.
    fn ambiguous(&self) -> Option<(&str, &str)> {
        let day = jiff::civil::date(2026, 2, 1).at(3, 4, 5, 0).to_zoned(TimeZone::UTC).ok()?;
        let differs = |one: &str, other: &str| {
            let Ok(text) = jiff::fmt::strtime::format(one, &day) else { return false };
            let read = jiff::fmt::strtime::parse(other, &text).and_then(|time| time.to_date());
            read.is_ok_and(|read| read.year() > 1_990 && read != day.date())
        };
        let pairs =
            self.date_formats.iter().enumerate().flat_map(|(at, one)| self.date_formats[at + 1..].iter().map(move |other| (one, other)));
        pairs.map(|(one, other)| (one.as_str(), other.as_str())).find(|(one, other)| differs(one, other) || differs(other, one))
    }

    /// The zone of times that name none.
    pub(super) fn zone(&self) -> Result<TimeZone, MappingError> {
        let Some(name) = &self.time_zone else { return Ok(TimeZone::UTC) };
        TimeZone::get(name).map_err(|_| MappingError::new("time_zone", format!("there is no zone `{name}`, such as Europe/London")))
    }

    /// What stands before the decimals.
    pub(super) fn decimal(&self) -> char {
        self.decimal.unwrap_or('.')
    }

    /// How letters are written down.
    pub(super) fn encoding(&self) -> Result<&'static encoding_rs::Encoding, MappingError> {
        let Some(name) = &self.encoding else { return Ok(encoding_rs::UTF_8) };
        let encoding = encoding_rs::Encoding::for_label(name.as_bytes());
        encoding.ok_or_else(|| MappingError::new("encoding", format!("there is no encoding `{name}`, such as windows-1252 or gbk")))
    }

    /// Whether orders are told apart by something else than their number.
    pub(super) fn is_keyed(&self) -> bool {
        self.group_by.is_some() && self.group_by != self.order.number
    }

    /// How many orders may be open at once.
    pub(super) fn open_orders(&self) -> usize {
        self.open_orders.unwrap_or(OPEN_ORDERS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
[order]
number = "{Order}"
placed_at = "{Date}"
currency = "EUR"
email = "{Mail}"
[line]
sku = "{Sku}"
quantity = 1
unit_price = "{Price}"
"#;

    fn wrong(mapping: &str) -> String {
        let MappingError { place, problem } = Mapping::parse(mapping).unwrap_err();
        format!("{place}: {problem}")
    }

    #[test]
    fn what_is_wrong_with_a_mapping_is_said_with_its_place() {
        Mapping::parse(SMALL).unwrap();
        assert!(wrong(&SMALL.replace("sku =", "skew =")).starts_with("line 8: unknown field `skew`, expected one of `id`, `sku`"));
        assert!(wrong(&SMALL.replace("{Mail}", "{Mail|capitals}")).starts_with("line 6: there is no filter `capitals`"));
        assert_eq!(wrong(&SMALL.replace("quantity = 1", "")), "[line] quantity: is missing");
        assert!(wrong(&SMALL.replace("unit_price = \"{Price}\"", "")).starts_with("[line]: needs one of `unit_price`"));
        assert!(wrong(&format!("time_zone = \"Europe/Londen\"{SMALL}")).starts_with("time_zone: there is no zone"));
        assert!(wrong(&format!("encoding = \"latin-17\"{SMALL}")).starts_with("encoding: "));
        assert!(wrong(&format!("date_formats = [\"%&\"]{SMALL}")).starts_with("date_formats `%&`: "));
        for (formats, fit) in [
            (r#""%d/%m/%Y", "%m/%d/%Y""#, false),
            (r#""%d/%m/%y", "%m/%d/%Y", "%m/%d/%y""#, false),
            (r#""%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y %H:%M""#, true),
        ] {
            assert_eq!(Mapping::parse(&format!("date_formats = [{formats}]{SMALL}")).is_ok(), fit, "{formats}");
        }
        Mapping::parse(&SMALL.replace("email = \"{Mail}\"", "")).unwrap();
        assert!(wrong(&format!("lines_from = \"items\"{SMALL}")).starts_with("lines_from: there is no join `items`"));
        assert!(wrong("order = 1").starts_with("line 1: "));
    }

    #[test]
    fn the_mappings_shipped_can_be_read() {
        for (name, _) in SHIPPED_MAPPINGS {
            Mapping::find(Path::new(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        assert!(matches!(Mapping::find(Path::new("nowhere")), Err(ImportError::File { .. })));
    }
}
