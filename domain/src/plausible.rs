//! Times that can be meant: one gate for dates that come in from outside.
//!
//! A year of two digits read as one of four (`26`), a spreadsheet's zero (1899-12-30, 1904-01-01), a computer's zero (1970-01-01) and a slip of
//! the keyboard (`20226`) are times to a computer. No shop had them; periods would be counted from them.

use jiff::Timestamp;

/// Nothing was bought online before.
const EARLIEST: Timestamp = Timestamp::constant(631_152_000, 0);
/// 2100-01-01.
const LATEST: Timestamp = Timestamp::constant(4_102_444_800, 0);

/// A time that nobody can mean.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not between 1990 and 2100: two digits of a year, a zero or a slip?")]
pub struct Implausible(Timestamp);

/// The time, where it can be meant: from 1990 until 2100, UTC.
pub fn plausible(time: Timestamp) -> Result<Timestamp, Implausible> {
    if (EARLIEST..LATEST).contains(&time) { Ok(time) } else { Err(Implausible(time)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_nobody_can_mean_is_refused() {
        for (time, fits) in [
            ("-009998-01-01T00:00:00Z", false),
            ("0026-11-21T00:00:00Z", false),
            ("1899-12-30T00:00:00Z", false),
            ("1970-01-01T00:00:00Z", false),
            ("1989-12-31T23:59:59Z", false),
            ("1990-01-01T00:00:00Z", true),
            ("2026-11-21T00:00:00Z", true),
            ("2099-12-31T23:59:59Z", true),
            ("2100-01-01T00:00:00Z", false),
            ("9998-12-31T00:00:00Z", false),
        ] {
            let read: Timestamp = time.parse().unwrap();
            assert_eq!(plausible(read), if fits { Ok(read) } else { Err(Implausible(read)) }, "{time}");
        }
    }
}
