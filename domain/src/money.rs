//! Money in integer minor units of one currency, and splits that lose nothing.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Amounts above this many minor units are refused on entry, so that sums and products stay inside `i64` and `i128`.
pub const LARGEST_MINOR: i64 = 1_000_000_000_000_000;

/// Marks that are used beside those of the standard's table.
const MARKS: &[(&str, &str)] = &[
    ("CHF", "fr"),
    ("CHF", "sfr"),
    ("CNY", "元"),
    ("CNY", "rmb"),
    ("HKD", "$"),
    ("INR", "rs"),
    ("JPY", "円"),
    ("RON", "lei"),
    ("RUB", "руб"),
    ("SGD", "$"),
];

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The three-letter code, `CNY`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Whether an amount with this mark beside it is one of this currency: `EUR`, `€`; `$` and `CA$` of a dollar, `¥` of yen and yuan. Blanks,
    /// dots and case aside.
    pub fn is_written(self, mark: &str) -> bool {
        let bare = |text: &str| text.replace('￥', "¥").replace('￡', "£").replace(['.', ' '], "").to_lowercase();
        let (mark, code, symbol) = (bare(mark), self.code().to_lowercase(), bare(&self.0.symbol().symbol));
        let of_country =
            || mark.strip_suffix('$').is_some_and(|country| !country.is_empty() && symbol.ends_with('$') && code.starts_with(country));
        mark == code || mark == symbol || of_country() || MARKS.contains(&(self.code(), mark.as_str()))
    }

    /// How many decimals the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn decimals(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }
}

/// The text is not a currency code of ISO 4217.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a currency code of ISO 4217, such as CNY or EUR")]
pub struct UnknownCurrency(String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        iso_currency::Currency::from_code(&text.trim().to_ascii_uppercase())
            .map(Self)
            .ok_or_else(|| UnknownCurrency(text.chars().take(12).collect()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::from_text::from_text(deserializer)
    }
}

/// An amount of money: whole minor units (cents, fen) of its currency. May be negative (a deduction).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// The currency they are units of.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount as a plain decimal with all its decimals: `12.50`, `-3`, `1250` (JPY). This is the machine form.
    pub fn decimal(self) -> String {
        decimal_text(self.minor, self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl schemars::JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"description": "A decimal in the currency of its document: \"12.50\"", "type": ["string", "number"],
            "pattern": r"^[0-9]{1,13}(\.[0-9]{1,20})?$", "minimum": 0, "maximum": 10_000_000_000_000_i64})
    }
}

/// Minor units as a plain decimal string in `currency`'s own number of decimals.
pub fn decimal_text(minor: i64, currency: Currency) -> String {
    Decimals { minor, currency }.to_string()
}

/// Minor units, written as a plain decimal with all decimals of the currency: `12.50`. Serializes as that text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decimals {
    pub minor: i64,
    pub currency: Currency,
}

impl fmt::Display for Decimals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let units = self.minor.unsigned_abs();
        match self.currency.decimals() {
            0 => write!(f, "{sign}{units}"),
            decimals => {
                let one = 10_u64.pow(decimals);
                write!(f, "{sign}{}.{:0width$}", units / one, units % one, width = decimals as usize)
            }
        }
    }
}

impl Serialize for Decimals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A decimal amount that has not met its currency yet: what a document says before we know how many decimals are allowed.
/// Accepts `"99.00"` and, because real feeds send it, the JSON number `99`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, PartialOrd, Ord)]
pub struct Amount(pub Decimal);

/// Why an amount was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a decimal number.
    #[error("`{0}` is not an amount such as 12.50")]
    NotANumber(String),
    /// More decimals than the currency has.
    #[error("{amount} has more decimals than {currency} ({decimals}) has")]
    TooFine {
        amount: String,
        /// Of the order or rule.
        currency: Currency,
        /// How many it may have.
        decimals: u32,
    },
    /// Beyond [`LARGEST_MINOR`].
    #[error("{0} is larger than any amount we take")]
    TooLarge(String),
}

impl Amount {
    /// The amount in minor units of `currency`; more decimals than the currency has are refused, not rounded.
    pub fn minor(self, currency: Currency) -> Result<i64, AmountError> {
        let decimals = currency.decimals();
        let normal = self.0.normalize();
        if normal.scale() > decimals {
            return Err(AmountError::TooFine { amount: normal.to_string(), currency, decimals });
        }
        self.rounded_minor(currency)
    }

    /// The amount in minor units, rounded half up where a feed is finer than the currency (tax computed to four decimals, say).
    pub fn rounded_minor(self, currency: Currency) -> Result<i64, AmountError> {
        let factor = Decimal::from(10_i64.pow(currency.decimals()));
        self.0
            .checked_mul(factor)
            .map(|scaled| scaled.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
            .and_then(|scaled| scaled.to_i64())
            .filter(|minor| minor.abs() <= LARGEST_MINOR)
            .ok_or_else(|| AmountError::TooLarge(self.0.to_string()))
    }

    /// From minor units.
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self(Decimal::new(minor, currency.decimals()))
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let trimmed = text.trim();
        let refused = || AmountError::NotANumber(trimmed.chars().take(24).collect());
        if trimmed.len() > 40 {
            return Err(refused());
        }
        Decimal::from_str(trimmed).or_else(|_| Decimal::from_scientific(trimmed)).map(Self).map_err(|_| refused())
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Amount;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a decimal amount such as \"12.50\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Amount, E> {
                Ok(Amount(Decimal::from(whole)))
            }
            fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Amount, E> {
                Ok(Amount(Decimal::from(whole)))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Amount, E> {
                // The shortest text of the float is what the sender wrote.
                number.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Splits `total` over `weights` in proportion, to the last minor unit: the parts sum to `total`, each is within one unit of
/// its exact share, and leftover units go to the largest remainders (first come first where equal).
/// All-zero or empty weights give the whole to the first part, or nothing where there is none.
pub fn split(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|&weight| i128::from(weight.max(0))).sum();
    if weights.is_empty() {
        return Vec::new();
    }
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        parts[0] = total;
        return parts;
    }
    let sign = total.signum();
    let whole = i128::from(total.unsigned_abs());
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given = 0_i128;
    for (index, &weight) in weights.iter().enumerate() {
        let exact = whole * i128::from(weight.max(0));
        let part = exact / sum;
        given += part;
        parts.push(part as i64);
        remainders.push((exact % sum, index));
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for &(_, index) in remainders.iter().take((whole - given) as usize) {
        parts[index] += 1;
    }
    parts.iter().map(|part| part * sign).collect()
}

/// `amount × part / whole`, rounded towards zero. The share of `part` units of a line of `whole`.
pub fn share(amount: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 { 0 } else { (i128::from(amount) * i128::from(part) / i128::from(whole)) as i64 }
}

/// As [`share`], but rounded away from zero: for what is taken off, so that partial refunds never exceed what was paid.
pub fn share_up(amount: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let (product, whole) = (i128::from(amount) * i128::from(part), i128::from(whole));
    let up = i128::from(product % whole != 0) * product.signum();
    (product / whole + up) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cny() -> Currency {
        "CNY".parse().unwrap()
    }

    #[test]
    fn amounts_are_read_as_written_and_never_rounded_silently() {
        for (text, currency, minor) in [
            ("99.00", "CNY", 9900),
            ("99", "CNY", 9900),
            ("-3.5", "EUR", -350),
            ("1250", "JPY", 1250),
            ("1.234", "KWD", 1234),
            ("5.100", "USD", 510),
            ("1e2", "USD", 10_000),
        ] {
            assert_eq!(text.parse::<Amount>().unwrap().minor(currency.parse().unwrap()), Ok(minor), "{text} {currency}");
        }
        assert!(matches!("1.005".parse::<Amount>().unwrap().minor(cny()), Err(AmountError::TooFine { decimals: 2, .. })));
        assert!(matches!("0.5".parse::<Amount>().unwrap().minor("JPY".parse().unwrap()), Err(AmountError::TooFine { decimals: 0, .. })));
        for text in ["", "12,50", "¥12", "NaN", "1.2.3", "99999999999999999999999999999999999999999999"] {
            assert!(matches!(text.parse::<Amount>(), Err(AmountError::NotANumber(_))), "{text}");
        }
        assert!(matches!("99999999999999999999".parse::<Amount>().unwrap().minor(cny()), Err(AmountError::TooLarge(_))));
    }

    #[test]
    fn amounts_print_with_the_decimals_of_their_currency() {
        assert_eq!(Money::new(-5, cny()).to_string(), "-0.05 CNY");
        assert_eq!(Money::new(123_456, cny()).decimal(), "1234.56");
        assert_eq!(Money::new(1250, "JPY".parse().unwrap()).to_string(), "1250 JPY");
    }

    #[test]
    fn a_currency_that_does_not_exist_is_named() {
        assert_eq!("RMB".parse::<Currency>(), Err(UnknownCurrency("RMB".into())));
        assert_eq!("cny".parse::<Currency>().unwrap(), cny());
    }

    #[test]
    fn leftover_units_go_to_the_largest_remainders() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(split(2000, &[9900, 9900]), [1000, 1000]);
        assert_eq!(split(5, &[0, 0]), [5, 0]);
        assert!(split(5, &[]).is_empty());
    }

    proptest! {
        #[test]
        fn a_split_loses_nothing_and_is_fair_to_a_unit(total in -10_000_000i64..10_000_000, weights in prop::collection::vec(0i64..1_000_000, 1..12)) {
            let parts = split(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let sum: i64 = weights.iter().sum();
            if sum > 0 {
                for (part, weight) in parts.iter().zip(&weights) {
                    let exact = total as f64 * *weight as f64 / sum as f64;
                    prop_assert!((*part as f64 - exact).abs() < 1.0 + 1e-6, "{} is not near {}", part, exact);
                }
            }
        }

        #[test]
        fn text_and_minor_units_agree(minor in -LARGEST_MINOR..LARGEST_MINOR) {
            for code in ["JPY", "CNY", "KWD"] {
                let currency: Currency = code.parse().unwrap();
                prop_assert_eq!(decimal_text(minor, currency).parse::<Amount>().unwrap().minor(currency), Ok(minor));
            }
        }
    }
}
