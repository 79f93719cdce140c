//! Calendar days as policies and laws count them.

use jiff::Timestamp;
use jiff::civil::Date;
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
