//! What was given on top because the shop or the carrier was at fault, as pages and mails show it.

use app::ports::GiftView;
use domain::money::Money;
use domain::policy::local_day;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::services::state_at;
use crate::store::CompensationRow;

/// The last day before a moment: what ends with a day can be used on it.
pub(crate) fn last_day(end: Timestamp, zone: &TimeZone) -> Date {
    local_day(end - SignedDuration::from_millis(1), zone)
}

/// A gift as its customer sees it then.
pub(crate) fn gift_view(row: CompensationRow, zone: &TimeZone, now: Timestamp) -> GiftView {
    let money = |minor| Money::new(minor, row.currency);
    GiftView {
        gift: row.said(),
        state: state_at(&row, now),
        fault: row.fault(),
        code: row.code.map(|code| code.to_string()),
        until: row.expires_at.map(|end| last_day(end, zone)),
        minimum: row.minimum.map(money),
        transferable: row.transferable,
        rma: row.rma,
        at: row.given_at.unwrap_or(row.at),
        used: row.used_on.clone().zip(row.used.map(money)),
        order: row.order,
        id: row.id,
    }
}
