//! For how long credit in the shop stands by law, and where a shop may let it end at all. What is not known here ends nowhere.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::days::plus_months;
use crate::ids::CountryCode;

/// The longest that a shop may say, months: a hundred years.
pub const MOST_MONTHS: u32 = 1_200;

/// A place where credit may end, once the law's time is over: `DE`, `US-NY`. The shop names it, and answers for having looked at what else stands in
/// the law there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndsIn {
    /// Not before the claim is barred: three years (§ 195 BGB) from the end of the year in which it arose (§ 199 (1) BGB). What a shop's own terms make
    /// shorter has not stood in court.
    Germany,
    /// Not before five years from when it was issued or last loaded (15 U.S.C. § 1693l-1(c)(2), CARD Act of 2009). States may ask for more: one by one.
    State([u8; 2]),
}

/// Why credit may not end in a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NeverEnds {
    /// What has a holder's name has no end: 单用途商业预付卡管理办法（试行）, 商务部令2012年第9号, art. 19.
    #[error("is a place where credit with a holder's name may not end (单用途商业预付卡管理办法 art. 19)")]
    China,
    /// Cal. Civ. Code § 1749.5(a)(1).
    #[error("is a place where it is unlawful to let it end (California Civil Code § 1749.5)")]
    California,
    #[error("is the United States as a whole, whose states have laws of their own: name each, such as US-NY")]
    WhichState,
    #[error("is no place of which it is known here for how long credit stands by law; there are DE and US- with a state, such as US-NY")]
    Unknown,
}

impl FromStr for EndsIn {
    type Err = NeverEnds;

    fn from_str(text: &str) -> Result<Self, NeverEnds> {
        match text {
            "DE" => Ok(Self::Germany),
            "CN" => Err(NeverEnds::China),
            "US" => Err(NeverEnds::WhichState),
            "US-CA" => Err(NeverEnds::California),
            text => {
                let state = text.strip_prefix("US-").map(str::as_bytes).filter(|state| state.iter().all(u8::is_ascii_uppercase));
                state.and_then(|state| state.try_into().ok()).map(Self::State).ok_or(NeverEnds::Unknown)
            }
        }
    }
}

impl<'de> Deserialize<'de> for EndsIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("`{text}` {error}")))
    }
}

impl fmt::Display for EndsIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Germany => f.write_str("DE"),
            Self::State(state) => write!(f, "US-{}", String::from_utf8_lossy(state)),
        }
    }
}

impl EndsIn {
    /// Whether what went to such a place is under its law. A state that is told otherwise than by its two letters is not known: nothing ends then.
    fn is_of(self, country: CountryCode, region: Option<&str>) -> bool {
        match self {
            Self::Germany => country.as_str() == "DE",
            Self::State(state) => {
                let told = region.map(|region| region.trim().trim_start_matches("US-").as_bytes());
                country.as_str() == "US" && told.is_some_and(|told| told.eq_ignore_ascii_case(&state))
            }
        }
    }

    /// The last day on which credit of that day must still be good.
    fn least(self, from: Date) -> Date {
        match self {
            Self::Germany => Date::new(from.year().saturating_add(3), 12, 31).unwrap_or(Date::MAX),
            Self::State(_) => plus_months(from, 60),
        }
    }
}

/// The last day on which credit of that day can be spent, where an order that went there brought it: what the shop says, and never less than the
/// law. Nothing: it has no end.
pub fn last_day(places: &[EndsIn], months: u32, country: Option<CountryCode>, region: Option<&str>, from: Date) -> Option<Date> {
    let country = country.filter(|_| (1..=MOST_MONTHS).contains(&months))?;
    let place = places.iter().find(|place| place.is_of(country, region))?;
    Some(plus_months(from, months).max(place.least(from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_ends_where_the_shop_says_so_and_the_law_lets_it_and_never_before() {
        let places: Vec<EndsIn> = ["DE", "US-NY"].map(|place| place.parse().unwrap()).to_vec();
        for (country, region, months, expected) in [
            (Some("DE"), None, 12, Some("2029-12-31")),
            (Some("DE"), Some("Bayern"), 48, Some("2030-02-14")),
            (Some("US"), Some("NY"), 12, Some("2031-02-14")),
            (Some("US"), Some("us-ny"), 72, None),
            (Some("US"), Some("US-NY"), 72, Some("2032-02-14")),
            (Some("US"), Some("CA"), 12, None),
            (Some("US"), Some("New York"), 12, None),
            (Some("US"), None, 12, None),
            (Some("FR"), None, 12, None),
            (Some("CN"), None, 12, None),
            (None, None, 12, None),
            (Some("DE"), None, 0, None),
        ] {
            let day = last_day(&places, months, country.map(|code| code.parse().unwrap()), region, "2026-02-14".parse().unwrap());
            assert_eq!(day.map(|day| day.to_string()).as_deref(), expected, "{country:?} {region:?} {months}");
        }
        assert_eq!(places.iter().map(ToString::to_string).collect::<Vec<_>>(), ["DE", "US-NY"]);
        let first = "2026-01-01".parse().unwrap();
        assert_eq!(
            last_day(&places, 1, Some("DE".parse().unwrap()), None, first),
            Some("2029-12-31".parse().unwrap()),
            "three whole years"
        );
    }

    #[test]
    fn where_it_may_not_end_is_said_with_the_law() {
        for (place, why) in [
            ("CN", NeverEnds::China),
            ("US-CA", NeverEnds::California),
            ("US", NeverEnds::WhichState),
            ("FR", NeverEnds::Unknown),
            ("US-new", NeverEnds::Unknown),
            ("", NeverEnds::Unknown),
        ] {
            assert_eq!(place.parse::<EndsIn>(), Err(why), "{place}");
        }
    }
}
