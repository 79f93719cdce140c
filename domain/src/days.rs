//! Calendar days as policies and laws count them.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// The calendar day of a moment in a time zone.
pub fn local_day(time: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(time).date()
}

pub(crate) fn plus_days(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days.clamp(-100_000, 100_000)))
}

pub(crate) fn plus_months(date: Date, months: u32) -> Date {
    date.saturating_add(jiff::Span::new().months(i64::from(months.min(12_000))))
}

/// Whole calendar days from `start` to `end`; negative where `end` is earlier.
pub fn days_between(start: Date, end: Date) -> i64 {
    start.until(end).map(|span| i64::from(span.get_days())).unwrap_or(0)
}

/// So many days later, of those from Monday to Friday.
pub(crate) fn plus_working_days(mut day: Date, days: u32) -> Date {
    for _ in 0..days.min(3_650) {
        day = plus_days(day, 1);
        while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            day = plus_days(day, 1);
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn working_days_skip_the_weekend() {
        for (start, days, end) in [
            (date(2026, 11, 20), 1, date(2026, 11, 23)),
            (date(2026, 11, 21), 1, date(2026, 11, 23)),
            (date(2026, 11, 23), 2, date(2026, 11, 25)),
            (date(2026, 11, 23), 5, date(2026, 11, 30)),
            (date(2026, 11, 21), 0, date(2026, 11, 21)),
        ] {
            assert_eq!(plus_working_days(start, days), end, "{start} + {days}");
        }
    }
}
