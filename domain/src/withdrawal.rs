//! A statutory withdrawal: what a customer declares, in words that stay as they were confirmed (Directive 2011/83/EU, art. 11a).

use jiff::Timestamp;
use jiff::civil::time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::days::local_day;
use crate::ids::{Code, CountryCode, EmailAddress, LineId};
use crate::law::{Residence, plus_working_days};
use crate::words::Locale;

/// Letters of what somebody writes instead of an order number ("the lamp, in October").
pub const LONGEST_ORDER: usize = 200;
/// Letters of what somebody writes of the items they mean.
pub const LONGEST_ITEMS: usize = 500;
/// More lines are not named in a statement.
pub const MOST_LINES: usize = 200;

/// A declaration of withdrawal as it was made. Nothing of it is looked up later: what the customer confirmed stands in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Who declares it.
    pub name: String,
    /// The order's number, or what was written in its place.
    pub order: String,
    pub items: Items,
    /// Where its receipt is acknowledged.
    pub email: EmailAddress,
    /// The language it was made in.
    pub locale: Locale,
    /// `web`, `api`, …
    pub channel: Code,
    /// The sentence that was confirmed.
    pub sentence: String,
}

/// What somebody withdraws from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Items {
    /// The whole order.
    Whole,
    /// Units of lines of the order.
    Lines(Vec<Withdrawn>),
    /// In their own words.
    Words(String),
}

/// Units of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub line: LineId,
    /// The product, where the order was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// So many; all of them, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
}

/// How a withdrawal is known to be of whoever ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// They were recognised for the order: by the shop's signature, or by its number and contact.
    Session,
    /// Its receipt goes to the order's own mail address.
    Email,
}

coded!(KnownBy { Session => "session", Email => "email" });

/// What keeps a withdrawal from being done without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitsFor {
    /// Its return is opened in a moment.
    ToOpen,
    /// No order, or more than one, is written like that.
    OrderUnknown,
    /// The order is there, and its contact is another: nobody has shown that it is theirs.
    OtherContact,
    /// It is not clear which items are meant.
    ItemsUnclear,
    /// No return could be opened for it: none of it is left, or a rule stands against it.
    NotOpened,
    /// A return was opened, and a rule stands against part of it.
    PartDeclined,
}

coded!(WaitsFor {
    ToOpen => "to_open",
    OrderUnknown => "order_unknown",
    OtherContact => "other_contact",
    ItemsUnclear => "items_unclear",
    NotOpened => "not_opened",
    PartDeclined => "part_declined",
});

/// Working days within which somebody answers a withdrawal that waits for a person.
const ANSWERED_WITHIN: u32 = 2;

/// By when a person answers: the end of the second day after the one it was received on of those on which people work where the shop is
/// (Monday to Friday, without the holidays of its country), by its clock.
pub fn answer_due(received: Timestamp, shop: Option<Residence<'_>>, clock: &TimeZone) -> Timestamp {
    let day = plus_working_days(shop, local_day(received, clock), ANSWERED_WITHIN);
    day.to_datetime(time(23, 59, 59, 0)).to_zoned(clock.clone()).map_or(received, |end| end.timestamp())
}

/// The time zone (IANA) that all of a country lives in, or nearly all of its people; nothing where there are several. To tell a moment in: the law
/// reckons by the clock that is last (`law::Law::zone`).
pub fn zone_of(country: CountryCode) -> Option<&'static str> {
    ZONES.iter().find(|(code, _)| *code == country.as_str()).map(|(_, zone)| *zone)
}

/// After `zone1970.tab` of the tz database; of Spain, Portugal and New Zealand the mainland.
const ZONES: [(&str, &str); 58] = [
    ("AE", "Asia/Dubai"),
    ("AL", "Europe/Tirane"),
    ("AR", "America/Argentina/Buenos_Aires"),
    ("AT", "Europe/Vienna"),
    ("BA", "Europe/Sarajevo"),
    ("BE", "Europe/Brussels"),
    ("BG", "Europe/Sofia"),
    ("CH", "Europe/Zurich"),
    ("CN", "Asia/Shanghai"),
    ("CO", "America/Bogota"),
    ("CY", "Asia/Nicosia"),
    ("CZ", "Europe/Prague"),
    ("DE", "Europe/Berlin"),
    ("DK", "Europe/Copenhagen"),
    ("EE", "Europe/Tallinn"),
    ("ES", "Europe/Madrid"),
    ("FI", "Europe/Helsinki"),
    ("FR", "Europe/Paris"),
    ("GB", "Europe/London"),
    ("GR", "Europe/Athens"),
    ("HK", "Asia/Hong_Kong"),
    ("HR", "Europe/Zagreb"),
    ("HU", "Europe/Budapest"),
    ("IE", "Europe/Dublin"),
    ("IL", "Asia/Jerusalem"),
    ("IN", "Asia/Kolkata"),
    ("IS", "Atlantic/Reykjavik"),
    ("IT", "Europe/Rome"),
    ("JP", "Asia/Tokyo"),
    ("KR", "Asia/Seoul"),
    ("LI", "Europe/Vaduz"),
    ("LT", "Europe/Vilnius"),
    ("LU", "Europe/Luxembourg"),
    ("LV", "Europe/Riga"),
    ("MO", "Asia/Macau"),
    ("MT", "Europe/Malta"),
    ("MY", "Asia/Kuala_Lumpur"),
    ("NL", "Europe/Amsterdam"),
    ("NO", "Europe/Oslo"),
    ("NZ", "Pacific/Auckland"),
    ("PE", "America/Lima"),
    ("PH", "Asia/Manila"),
    ("PL", "Europe/Warsaw"),
    ("PT", "Europe/Lisbon"),
    ("RO", "Europe/Bucharest"),
    ("RS", "Europe/Belgrade"),
    ("SA", "Asia/Riyadh"),
    ("SE", "Europe/Stockholm"),
    ("SG", "Asia/Singapore"),
    ("SI", "Europe/Ljubljana"),
    ("SK", "Europe/Bratislava"),
    ("TH", "Asia/Bangkok"),
    ("TR", "Europe/Istanbul"),
    ("TW", "Asia/Taipei"),
    ("UA", "Europe/Kyiv"),
    ("VN", "Asia/Ho_Chi_Minh"),
    ("XK", "Europe/Belgrade"),
    ("ZA", "Africa/Johannesburg"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_answers_by_the_end_of_the_second_working_day() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for (received, due) in [
            // A Thursday; 23:30 of that day in Berlin; a Friday, a Saturday, a Sunday.
            ("2026-11-26T10:15:00Z", "2026-11-30T22:59:59Z"),
            ("2026-11-26T22:30:00Z", "2026-11-30T22:59:59Z"),
            ("2026-11-26T23:30:00Z", "2026-12-01T22:59:59Z"),
            ("2026-11-28T10:00:00Z", "2026-12-01T22:59:59Z"),
            ("2026-11-29T10:00:00Z", "2026-12-01T22:59:59Z"),
            // Over the change of the clocks.
            ("2026-10-23T10:00:00Z", "2026-10-27T22:59:59Z"),
            // Christmas Eve: two holidays and a Sunday later.
            ("2026-12-24T10:00:00Z", "2026-12-29T22:59:59Z"),
        ] {
            let (received, due): (Timestamp, Timestamp) = (received.parse().unwrap(), due.parse().unwrap());
            assert_eq!(answer_due(received, shop(None), &berlin), due, "{received}");
        }
        let (received, bavaria): (Timestamp, Timestamp) =
            ("2027-01-05T10:00:00Z".parse().unwrap(), "2027-01-08T22:59:59Z".parse().unwrap());
        assert_eq!(answer_due(received, shop(Some("BY")), &berlin), bavaria, "Epiphany");
        let elsewhere: Timestamp = "2027-01-07T22:59:59Z".parse().unwrap();
        assert_eq!(answer_due(received, shop(Some("Hamburg")), &berlin), elsewhere);
        assert_eq!(answer_due(received, None, &berlin), elsewhere, "a country whose holidays are not known");
    }

    fn shop(region: Option<&str>) -> Option<Residence<'_>> {
        Some(Residence { country: "DE".parse().unwrap(), region })
    }

    #[test]
    fn every_country_s_zone_is_one() {
        assert!(ZONES.is_sorted());
        for (country, zone) in ZONES {
            assert_eq!(zone_of(country.parse().unwrap()), Some(zone));
            TimeZone::get(zone).unwrap_or_else(|error| panic!("{country}: {error}"));
        }
        assert_eq!(zone_of("US".parse().unwrap()), None, "there are several");
    }

    #[test]
    fn a_statement_is_read_back_as_it_was_written() {
        let text = r#"{"name":"Anna Berg","order":"10248","items":{"lines":[{"line":"1","name":"Tee","quantity":2},{"line":"2"}]},"email":"anna@example.com","locale":"en","channel":"web","sentence":"I withdraw."}"#;
        let read: Statement = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let whole: Statement =
            serde_json::from_str(&text.replace(r#"{"lines":[{"line":"1","name":"Tee","quantity":2},{"line":"2"}]}"#, "\"whole\"")).unwrap();
        assert_eq!(whole.items, Items::Whole);
    }
}
