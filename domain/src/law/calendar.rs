//! Working days of a jurisdiction.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Deserializer};

/// Which days nobody works on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Calendar {
    weekend: Weekend,
    holidays: Vec<Holiday>,
    /// Of subdivisions, by their code without the country, beside those of all.
    holidays_regional: BTreeMap<String, Vec<Holiday>>,
}

/// Whose holidays count beside those of the whole country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// Nobody's: there are no others, or nobody said where.
    Country,
    /// Those of a subdivision, by its code without the country.
    Region(&'a str),
    /// Those of every subdivision.
    Anywhere,
}

#[derive(Debug)]
struct Weekend(Vec<Weekday>);

impl Default for Weekend {
    fn default() -> Self {
        Self(vec![Weekday::Saturday, Weekday::Sunday])
    }
}

/// A day off: `12-25`, `2026-02-17`, `easter+1`, `1 monday 05` (the first in May), `-1 monday 05` (the last); `workday 2026-02-14` is none.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Holiday {
    Yearly {
        month: i8,
        day: i8,
    },
    Once(Date),
    Easter {
        orthodox: bool,
        days: i32,
    },
    Nth {
        nth: i8,
        weekday: Weekday,
        month: i8,
    },
    /// Worked on, though it is a weekend's.
    Worked(Date),
}

impl Calendar {
    /// Whether people work there on that day.
    pub fn is_working(&self, day: Date, place: Place<'_>) -> bool {
        if self.holidays.contains(&Holiday::Worked(day)) {
            return true;
        }
        let off = |holidays: &Vec<Holiday>| holidays.iter().any(|holiday| holiday.falls_on(day));
        let off_there = || match place {
            Place::Country => false,
            Place::Region(code) => self.holidays_regional.get(code).is_some_and(off),
            Place::Anywhere => self.holidays_regional.values().any(off),
        };
        !self.weekend.0.contains(&day.weekday()) && !off(&self.holidays) && !off_there()
    }

    /// That day, or the next on which people work there.
    pub fn roll(&self, day: Date, place: Place<'_>) -> Date {
        next(day, |day| self.is_working(day, place))
    }

    /// So many working days later; the day itself is not counted.
    pub fn plus_working(&self, mut day: Date, days: u32, place: Place<'_>) -> Date {
        for _ in 0..days.min(1_000) {
            let Ok(tomorrow) = day.tomorrow() else { return day };
            day = self.roll(tomorrow, place);
        }
        day
    }

    /// Whether some subdivisions have holidays of their own.
    pub fn has_regions(&self) -> bool {
        !self.holidays_regional.is_empty()
    }
}

/// The first day from `day` on that `fits`; no holidays last longer than a month.
fn next(mut day: Date, fits: impl Fn(Date) -> bool) -> Date {
    for _ in 0..40 {
        if fits(day) {
            return day;
        }
        let Ok(tomorrow) = day.tomorrow() else { return day };
        day = tomorrow;
    }
    day
}

impl Holiday {
    fn falls_on(self, day: Date) -> bool {
        match self {
            Self::Yearly { month, day: of_month } => (day.month(), day.day()) == (month, of_month),
            Self::Once(once) => day == once,
            // From carnival to Whitsun, whichever Easter: it is not looked for in the rest of the year.
            Self::Easter { .. } if !(2..=7).contains(&day.month()) => false,
            Self::Easter { orthodox, days } => {
                let easter = if orthodox { orthodox_easter(day.year()) } else { easter(day.year()) };
                easter.is_some_and(|easter| easter.checked_add(jiff::Span::new().days(days)).is_ok_and(|holiday| holiday == day))
            }
            Self::Nth { nth, weekday, month } => {
                day.month() == month && day.first_of_month().nth_weekday_of_month(nth, weekday).is_ok_and(|holiday| holiday == day)
            }
            Self::Worked(_) => false,
        }
    }

    fn read(text: &str) -> Option<Self> {
        if let Some(day) = text.strip_prefix("workday ") {
            return day.parse().ok().map(Self::Worked);
        }
        for (name, orthodox) in [("orthodox_easter", true), ("easter", false)] {
            if let Some(days) = text.strip_prefix(name) {
                let days = if days.is_empty() { 0 } else { days.parse().ok()? };
                return Some(Self::Easter { orthodox, days });
            }
        }
        let words: Vec<&str> = text.split(' ').collect();
        if let [nth, weekday, month] = words[..] {
            return Some(Self::Nth { nth: nth.parse().ok()?, weekday: weekday_of(weekday)?, month: month.parse().ok()? });
        }
        if let Ok(date) = text.parse() {
            return Some(Self::Once(date));
        }
        let (month, day) = text.split_once('-')?;
        Some(Self::Yearly { month: month.parse().ok()?, day: day.parse().ok()? })
    }
}

fn weekday_of(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

/// Easter Sunday (Meeus, Jones, Butcher).
fn easter(year: i16) -> Option<Date> {
    let year_of = i32::from(year);
    let (a, b, c) = (year_of % 19, year_of / 100, year_of % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let of_month = h + l - 7 * m + 114;
    Date::new(year, (of_month / 31) as i8, (of_month % 31 + 1) as i8).ok()
}

/// Easter Sunday of the eastern churches, in the Gregorian calendar (Meeus; the calendars are 13 days apart from 1900 to 2099).
fn orthodox_easter(year: i16) -> Option<Date> {
    let year_of = i32::from(year);
    let (a, b, c) = (year_of % 4, year_of % 7, year_of % 19);
    let d = (19 * c + 15) % 30;
    let e = (2 * a + 4 * b - d + 34) % 7;
    let of_month = d + e + 114;
    let julian = Date::new(year, (of_month / 31) as i8, (of_month % 31 + 1) as i8).ok()?;
    julian.checked_add(jiff::Span::new().days(13)).ok()
}

impl<'de> Deserialize<'de> for Holiday {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| serde::de::Error::custom(Unread(text)))
    }
}

impl<'de> Deserialize<'de> for Weekend {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let day = |name: String| weekday_of(&name).ok_or_else(|| serde::de::Error::custom(Unread(name)));
        names.into_iter().map(day).collect::<Result<_, _>>().map(Self)
    }
}

struct Unread(String);

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` names no day", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_written_in_several_ways() {
        for (text, day) in [
            ("12-25", date(2026, 12, 25)),
            ("2026-02-17", date(2026, 2, 17)),
            ("easter+1", date(2026, 4, 6)),
            ("easter-2", date(2026, 4, 3)),
            ("easter+1", date(2027, 3, 29)),
            ("orthodox_easter", date(2026, 4, 12)),
            ("orthodox_easter+1", date(2027, 5, 3)),
            ("1 monday 05", date(2026, 5, 4)),
            ("-1 monday 05", date(2026, 5, 25)),
        ] {
            let holiday = Holiday::read(text).unwrap();
            assert!(holiday.falls_on(day), "{text}");
            assert!(!holiday.falls_on(day.yesterday().unwrap()), "{text}");
        }
        for text in ["", "christmas", "1 moonday 05", "13"] {
            assert_eq!(Holiday::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_last_day_moves_over_weekends_and_holidays() {
        let calendar: Calendar = serde_json::from_str(r#"{"holidays":["12-25","12-26","easter+1","workday 2026-11-28"]}"#).unwrap();
        for (day, rolled) in [
            (date(2026, 11, 22), date(2026, 11, 23)),
            (date(2026, 12, 25), date(2026, 12, 28)),
            (date(2026, 11, 28), date(2026, 11, 28)),
            (date(2026, 11, 24), date(2026, 11, 24)),
        ] {
            assert_eq!(calendar.roll(day, Place::Country), rolled, "{day}");
        }
        assert_eq!(calendar.plus_working(date(2026, 12, 24), 3, Place::Country), date(2026, 12, 30));
        let friday: Calendar = serde_json::from_str(r#"{"weekend":["friday","saturday"]}"#).unwrap();
        assert_eq!(friday.roll(date(2026, 11, 20), Place::Country), date(2026, 11, 22));
    }

    #[test]
    fn a_holiday_of_one_region_is_none_of_another() {
        let calendar: Calendar =
            serde_json::from_str(r#"{"holidays":["12-25"],"holidays_regional":{"BY":["01-06"],"BB":["10-31"]}}"#).unwrap();
        let (epiphany, next) = (date(2027, 1, 6), date(2027, 1, 7));
        for (place, rolled) in
            [(Place::Country, epiphany), (Place::Region("BY"), next), (Place::Region("BB"), epiphany), (Place::Anywhere, next)]
        {
            assert_eq!(calendar.roll(epiphany, place), rolled, "{place:?}");
            assert_eq!(calendar.roll(date(2026, 12, 25), place), date(2026, 12, 28), "{place:?}");
        }
    }
}
