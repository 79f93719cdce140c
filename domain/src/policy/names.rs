//! Names that merchants write otherwise than the standards do: countries (ISO 3166-1), currencies (ISO 4217), time zones (IANA).

use iso_country::data::all;
use jiff::tz::TimeZone;

use crate::money::Currency;
use crate::words::nearest;

/// Codes that the standard reserves and people write, and Kosovo, which has none and is delivered to.
const COUNTRIES_CALLED: [(&str, &str); 6] = [("UK", "GB"), ("EN", "GB"), ("ENGLAND", "GB"), ("EL", "GR"), ("USA", "US"), ("GERMANY", "DE")];
const WITHOUT_CODE: &str = "XK";

const CURRENCIES_CALLED: [(&str, &str); 9] = [
    ("RMB", "CNY"),
    ("YUAN", "CNY"),
    ("CNH", "CNY"),
    ("YEN", "JPY"),
    ("EURO", "EUR"),
    ("STG", "GBP"),
    ("NTD", "TWD"),
    ("SFR", "CHF"),
    ("US", "USD"),
];

/// Abbreviations of which the database makes a fixed distance from UTC (or nothing at all), with where their clocks go on changing.
const ZONES_CALLED: [(&str, &str); 22] = [
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("HST", "Pacific/Honolulu"),
    ("GMT", "Europe/London"),
    ("BST", "Europe/London"),
    ("CEST", "Europe/Berlin"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("SGT", "Asia/Singapore"),
    ("HKT", "Asia/Hong_Kong"),
    ("IST", "Asia/Kolkata"),
    ("AEST", "Australia/Sydney"),
    ("BEIJING", "Asia/Shanghai"),
    ("ASIA/BEIJING", "Asia/Shanghai"),
    ("CHINA", "Asia/Shanghai"),
    ("北京", "Asia/Shanghai"),
];

fn called<'n>(names: &[(&str, &'n str)], typed: &str) -> Option<&'n str> {
    let typed = typed.trim().to_uppercase();
    names.iter().find(|(name, _)| *name == typed).map(|(_, meant)| *meant)
}

/// What is wrong with a country, with what was meant where that can be guessed.
pub(super) fn country_problem(typed: &str) -> Option<String> {
    let code = typed.trim().to_ascii_uppercase();
    let known = all();
    if code == WITHOUT_CODE || known.iter().any(|country| country.alpha2 == code) {
        return None;
    }
    let by_name = || known.iter().find(|country| country.alpha3 == code || country.name.eq_ignore_ascii_case(typed.trim()));
    let meant = called(&COUNTRIES_CALLED, typed).map(str::to_owned).or_else(|| by_name().map(|country| country.alpha2.to_owned()));
    let problem = format!("there is no country `{typed}`");
    Some(told(&problem, meant.as_deref(), "a country is two letters of ISO 3166, such as CN, DE or GB"))
}

/// What is wrong with a currency, likewise.
pub(super) fn currency_problem(typed: &str) -> Option<String> {
    if typed.parse::<Currency>().is_ok() {
        return None;
    }
    let problem = format!("there is no currency `{typed}`");
    Some(told(&problem, called(&CURRENCIES_CALLED, typed), "a currency is three letters of ISO 4217, such as CNY, EUR or USD"))
}

/// What is wrong with a time zone, likewise. One that never changes its clocks by law is none of a shop's: only UTC is.
pub(super) fn zone_problem(typed: &str) -> Option<String> {
    const SUCH_AS: &str = "a time zone is named after a city, such as Asia/Shanghai or Europe/Berlin";
    let fixed = called(&ZONES_CALLED, typed);
    let found = TimeZone::get(typed).is_ok();
    let distance = ["Etc/GMT", "GMT"].iter().any(|start| typed.strip_prefix(start).is_some_and(|rest| rest.starts_with(['+', '-', '0'])));
    if found && (fixed.is_some() || distance) {
        return Some(told(&format!("`{typed}` is a fixed distance from UTC and knows no summer time"), fixed, SUCH_AS));
    }
    if found {
        return None;
    }
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    let meant = fixed.map(str::to_owned).or_else(|| nearest(typed, known.iter().map(String::as_str)));
    Some(told(&format!("there is no time zone `{typed}`"), meant.as_deref(), SUCH_AS))
}

/// A problem with what was meant, where that can be guessed, and what there is.
pub(super) fn told(problem: &str, meant: Option<&str>, there: &str) -> String {
    let Some(meant) = meant else { return if there.is_empty() { problem.to_owned() } else { format!("{problem}; {there}") } };
    let mut letters = there.chars();
    let there = letters.next().map(|first| format!(" {}{}", first.to_uppercase(), letters.as_str())).unwrap_or_default();
    format!("{problem}; did you mean `{meant}`?{there}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_standards_are_known_and_others_are_answered_with_them() {
        for country in ["CN", "gb", "XK", "TW", "SS"] {
            assert_eq!(country_problem(country), None, "{country}");
        }
        for (typed, meant) in [("UK", "GB"), ("DEU", "DE"), ("France", "FR"), ("USA", "US")] {
            assert!(country_problem(typed).unwrap().contains(&format!("did you mean `{meant}`")), "{typed}");
        }
        assert_eq!(currency_problem("jpy"), None);
        assert!(currency_problem("RMB").unwrap().contains("did you mean `CNY`"));
        for zone in ["UTC", "Asia/Shanghai", "PRC", "Japan", "America/Argentina/Buenos_Aires"] {
            assert_eq!(zone_problem(zone), None, "{zone}");
        }
        for (typed, meant) in [("EST", "America/New_York"), ("PST", "America/Los_Angeles"), ("Asia/Beijing", "Asia/Shanghai")] {
            assert!(zone_problem(typed).unwrap().contains(&format!("did you mean `{meant}`")), "{typed}");
        }
        assert!(zone_problem("Etc/GMT+8").unwrap().contains("no summer time"));
        // Whatever is guessed is known.
        assert!(COUNTRIES_CALLED.iter().all(|(_, meant)| country_problem(meant).is_none()));
        assert!(CURRENCIES_CALLED.iter().all(|(_, meant)| currency_problem(meant).is_none()));
        assert!(ZONES_CALLED.iter().all(|(_, meant)| zone_problem(meant).is_none()));
    }
}
