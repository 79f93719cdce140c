//! The files of `domain/law`, each read when somebody first asks for it.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::calendar::Place;
use super::data::{Labels, Law};
use super::regions::subdivision;
use crate::ids::CountryCode;

/// A file, and its law once it was asked for.
struct Edition {
    jurisdiction: &'static str,
    law: LazyLock<Law>,
}

/// The files by name, editions of one jurisdiction with the latest first.
macro_rules! editions {
    ($($name:literal),+ $(,)?) => {
        static EDITIONS: [Edition; [$($name),+].len()] = [$(Edition {
            jurisdiction: $name,
            law: LazyLock::new(|| {
                let text = include_str!(concat!("../../law/", $name, ".json"));
                serde_json::from_str(text).unwrap_or_else(|error| panic!("domain/law/{}.json: {error}", $name))
            }),
        }),+];
    };
}

editions!(
    "AE", "AT", "AU", "BE", "BR", "CA", "CA-AB", "CA-BC", "CA-ON", "CA-QC", "CH", "CN", "CZ", "DE", "DK", "ES", "EU", "FI", "FR", "GB",
    "HK", "IE", "IN", "IT", "JP", "KR", "MX", "NL", "NO", "NZ", "PL", "PT", "SA", "SE", "SG", "TR", "TW", "US", "US-CA", "US-CT", "US-FL",
    "US-HI", "US-MA", "US-NJ", "US-NY", "US-RI", "US-VA", "ZA",
);

/// Members of the union and of the economic area whose own acts are not compiled: the directives are their floor.
const LIKE_THE_UNION: [&str; 15] = ["BG", "CY", "EE", "GR", "HR", "HU", "IS", "LI", "LT", "LU", "LV", "MT", "RO", "SI", "SK"];

/// Members of the union.
const UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL",
    "PT", "RO", "SE", "SI", "SK",
];

/// Whether a country is a member of the union; the economic area around it is not.
pub fn is_in_the_union(country: CountryCode) -> bool {
    UNION.contains(&country.as_str())
}

/// Where a consumer lives.
#[derive(Clone, Copy, Debug)]
pub struct Residence<'a> {
    pub country: CountryCode,
    /// Subdivision, by name or code.
    pub region: Option<&'a str>,
}

/// The law that a contract of that day follows, by where the consumer lives; nothing where none was compiled.
pub fn law_of(residence: Residence<'_>, contract: Date) -> Option<&'static Law> {
    let country = residence.country.as_str();
    let of_region = residence.region.and_then(|region| subdivision(country, region)).and_then(|code| edition(code, contract));
    of_region.or_else(|| edition(country, contract)).or_else(|| {
        let like_the_union = LIKE_THE_UNION.contains(&country);
        like_the_union.then(|| edition("EU", contract)).flatten()
    })
}

fn edition(jurisdiction: &str, contract: Date) -> Option<&'static Law> {
    let first = EDITIONS.partition_point(|edition| edition.jurisdiction < jurisdiction);
    let editions = EDITIONS[first..].iter().take_while(|edition| edition.jurisdiction == jurisdiction);
    editions.map(|edition| &*edition.law).find(|law| law.applies_to_contracts_from.is_none_or(|from| from <= contract))
}

/// So many days later of those on which people work where somebody is, the day itself not counted; of those from Monday to Friday where the
/// holidays of the country are not known. What only some regions keep counts where the region is known.
pub fn plus_working_days(of: Option<Residence<'_>>, day: Date, days: u32) -> Date {
    match of.and_then(|of| Some((law_of(of, day)?, of.region))) {
        Some((law, region)) => law.calendar.plus_working(day, days, law.place(region).unwrap_or(Place::Country)),
        None => crate::days::plus_working_days(day, days),
    }
}

/// The files, in their order.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    EDITIONS.iter().map(|edition| edition.jurisdiction)
}

/// Every law there is.
#[cfg(test)]
pub fn all() -> impl Iterator<Item = &'static Law> {
    EDITIONS.iter().map(|edition| &*edition.law)
}

/// What the two controls of the withdrawal are called in `language` (BCP 47): as the law of the contract wants it, else as the directive's
/// version in that language has it; nothing in languages that it does not speak.
pub fn labels(law: Option<&'static Law>, language: &str) -> Option<&'static Labels> {
    let primary = language.split('-').next().unwrap_or(language);
    let of = |law: &'static Law| law.withdrawal_function.labels.iter().find(|labels| labels.lang.eq_ignore_ascii_case(primary));
    law.and_then(of).or_else(|| edition("EU", Date::MAX).and_then(of))
}
