//! A pickup for the calendar (RFC 5545).

use app::format::Format;
use app::ports::ShopperDesk;
use app::say::Say;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::policy::Method;
use domain::returns::{Pickup, Return};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::labels;
use super::state::AppState;
use crate::desks::{Desk, Visitor};

/// Letters of a value.
const LONGEST: usize = 1_000;

/// `GET /returns/{rma}/pickup.ics`
pub async fn pickup(State(state): State<AppState>, Extension(visitor): Extension<Visitor>, Path(rma): Path<String>) -> Response {
    let locale = visitor.locale;
    let desk = Desk::new(state.services.clone(), visitor);
    let Ok(page) = desk.return_page(&rma).await else { return labels::to_return(&rma) };
    let request = page.request;
    let Some(pickup) = request.pickup.as_ref().filter(|_| request.method == Method::Pickup) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let now = state.services.clock.now();
    let zone = state.services.shop_zone();
    let say = Say::new(Format::new(locale, zone.clone(), now));
    let Some(text) = event(&request, pickup, &zone, &say, &state.services.config.public_url, now) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{}.ics\"", request.rma)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn event(request: &Return, pickup: &Pickup, zone: &TimeZone, say: &Say, public_url: &str, now: Timestamp) -> Option<String> {
    let (from, to) = pickup.slot.split_once('-')?;
    let at = |hour: &str| -> Option<String> {
        let time = pickup.date.at(hour.parse().ok()?, 0, 0, 0);
        Some(utc(&zone.to_zoned(time).ok()?))
    };
    let where_ = request.from.as_ref().map(|from| say.f.address(from).join(", "));
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".into(),
        "PRODID:-//Homebound//Returns//EN".into(),
        "BEGIN:VEVENT".into(),
        // The same event when it is moved to another time: calendars replace it.
        format!("UID:{}@homebound", request.rma),
        format!("SEQUENCE:{}", request.version),
        format!("DTSTAMP:{}", utc(&now.to_zoned(TimeZone::UTC))),
        format!("DTSTART:{}", at(from)?),
        format!("DTEND:{}", at(to)?),
        format!("SUMMARY:{}", escaped(&say.m.done_calendar_title(request.rma))),
        format!("URL:{public_url}/returns/{}", request.rma),
    ];
    lines.extend(where_.map(|address| format!("LOCATION:{}", escaped(&address))));
    lines.extend(["END:VEVENT".into(), "END:VCALENDAR".into()]);
    Some(lines.iter().map(|line| folded(line)).collect())
}

fn utc(time: &Zoned) -> String {
    time.with_time_zone(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A TEXT value (RFC 5545, 3.3.11): of controls it may hold none, and a line break is told with letters.
fn escaped(text: &str) -> String {
    let text: String = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter(|letter| !letter.is_control() || *letter == '\n').take(LONGEST).collect();
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// A content line: at most 75 octets, continued after a space, never within a letter.
fn folded(line: &str) -> String {
    let (mut text, mut width) = (String::with_capacity(line.len() + 2), 0);
    for letter in line.chars() {
        if width + letter.len_utf8() > 75 {
            text.push_str("\r\n ");
            width = 1;
        }
        text.push(letter);
        width += letter.len_utf8();
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_letters() {
        let line = format!("SUMMARY:{}", "取件".repeat(30));
        let text = folded(&line);
        assert!(text.split("\r\n").all(|part| part.len() <= 75));
        assert_eq!(text.replace("\r\n ", "").trim_end(), line);
        assert_eq!(escaped("a,b;c\\d"), "a\\,b\\;c\\\\d");
    }

    #[test]
    fn nobody_ends_a_line_and_begins_another() {
        assert_eq!(escaped("a\r\nATTENDEE:x\rb\nc"), "a\\nATTENDEE:x\\nb\\nc");
        assert_eq!(escaped("a\0b\u{8}c\td\u{85}"), "abcd");
        assert_eq!(escaped(&"字".repeat(5_000)).chars().count(), LONGEST);
    }
}
