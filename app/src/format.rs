//! Dates, money and addresses in the reader's form.

use domain::money::{Currency, Money};
use domain::order::Address;
use domain::words::Locale;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::messages::Messages;

/// How one reader wants things written.
#[derive(Clone, Debug)]
pub struct Format {
    pub locale: Locale,
    /// Time zone: the reader's where their browser told it, else the shop's.
    pub zone: TimeZone,
    pub now: Timestamp,
    /// The reader's today: other years are written out.
    pub today: Date,
    /// What is worth the same in several currencies is said in this one alone.
    pub currency: Option<Currency>,
}

impl Format {
    /// For a reader of `locale` in `zone`, now.
    #[must_use]
    pub fn new(locale: Locale, zone: TimeZone, now: Timestamp) -> Self {
        let today = zone.to_datetime(now).date();
        Self { locale, zone, now, today, currency: None }
    }

    /// The day of a moment.
    #[must_use]
    pub fn day(&self, time: Timestamp) -> Date {
        self.zone.to_datetime(time).date()
    }

    /// A day as people say it: `Friday 27 November`, `11月27日（周五）`; with the year where it is not this one.
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        let m = self.m();
        match date.year() == self.today.year() {
            true => m.format_date(self.day_of_month(date), self.month(date), weekday(m.format_weekdays(), date)),
            false => m.format_date_year(self.day_of_month(date), self.month(date), date.year()),
        }
    }

    /// A day with weekday and year however near it is, for what is kept on paper: `Friday 27 November 2026`, `2026年11月27日（周五）`.
    #[must_use]
    pub fn full_date(&self, date: Date) -> String {
        let m = self.m();
        m.format_full_date(self.day_of_month(date), self.month(date), weekday(m.format_weekdays(), date), date.year())
    }

    /// A day without its weekday, for small print: `27 November`, `11月27日`.
    #[must_use]
    pub fn short_date(&self, date: Date) -> String {
        let m = self.m();
        match date.year() == self.today.year() {
            true => m.format_short_date(self.day_of_month(date), self.month(date)),
            false => m.format_date_year(self.day_of_month(date), self.month(date), date.year()),
        }
    }

    /// A day as a calendar's leaf shows it: weekday, day, month.
    #[must_use]
    pub fn day_parts(&self, date: Date) -> (&'static str, String, String) {
        let m = self.m();
        (weekday(m.format_weekdays_short(), date), date.day().to_string(), m.format_month(self.month(date)))
    }

    /// The day of a promise, as [`Format::date`].
    #[must_use]
    pub fn by(&self, time: Timestamp) -> String {
        self.date(self.day(time))
    }

    /// A moment: `Sat 21 November, 09:14`, `11月21日（周六）09:14`.
    #[must_use]
    pub fn moment(&self, time: Timestamp) -> String {
        let m = self.m();
        let local = self.zone.to_datetime(time);
        let (date, clock) = (local.date(), format!("{:02}:{:02}", local.hour(), local.minute()));
        let (day, month, weekday) = (self.day_of_month(date), self.month(date), weekday(m.format_weekdays_short(), date));
        match date.year() == self.today.year() {
            true => m.format_moment(clock, day, month, weekday),
            false => m.format_moment_year(clock, day, month, weekday, date.year()),
        }
    }

    /// An amount with its currency: `€ 24.50`, `24,50 €`, `SEK 500.00`; thousands are set apart.
    #[must_use]
    pub fn money(&self, money: Money) -> String {
        self.price(&money.decimal(), money.currency)
    }

    /// As [`Format::money`], of an amount written in decimals.
    #[must_use]
    pub fn price(&self, amount: &str, currency: Currency) -> String {
        let (sign, plain) = signed(amount);
        let symbol = self.m().currency(currency.code()).unwrap_or(currency.code());
        format!("{sign}{}", self.m().format_money(self.grouped(plain), symbol))
    }

    /// An amount without its currency, for columns: `−10.00`.
    #[must_use]
    pub fn amount(&self, money: Money) -> String {
        self.number(money.decimal())
    }

    /// A number that is written in decimals with a point: `7.5`, `7,5`.
    #[must_use]
    pub fn number(&self, number: impl std::fmt::Display) -> String {
        let number = number.to_string();
        let (sign, plain) = signed(&number);
        format!("{sign}{}", self.grouped(plain))
    }

    fn m(&self) -> Messages {
        Messages::new(self.locale)
    }

    fn day_of_month(&self, date: Date) -> String {
        if date.day() == 1 { self.m().format_first_day().to_owned() } else { date.day().to_string() }
    }

    fn month(&self, date: Date) -> &'static str {
        nth(self.m().format_months(), date.month())
    }

    fn grouped(&self, plain: &str) -> String {
        let (whole, part) = plain.split_once('.').map_or((plain, None), |(whole, part)| (whole, Some(part)));
        let mut shown = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                shown.push_str(self.m().format_thousands());
            }
            shown.push(digit);
        }
        if let Some(part) = part {
            shown.push_str(self.m().format_decimals());
            shown.push_str(part);
        }
        shown
    }

    /// An address in lines, the way its country writes it.
    #[must_use]
    pub fn address(&self, address: &Address) -> Vec<String> {
        let country = address.country.filter(|_| !from_large_to_small(address)).map(|country| country.to_string());
        self.address_within(address).into_iter().chain(country).collect()
    }

    /// Likewise without its country, for post that stays within it, or names it as post abroad wants it.
    #[must_use]
    pub fn address_within(&self, address: &Address) -> Vec<String> {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let joined =
            |parts: &[&str], between: &str| parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between);
        let (line1, line2, city) = (text(&address.line1), text(&address.line2), text(&address.city));
        let (region, code, name) = (text(&address.region), text(&address.postal_code), text(&address.name));
        let lines = match address.country.as_ref().map_or("", |country| country.as_str()) {
            _ if from_large_to_small(address) => vec![
                joined(&[&code, &joined(&[&region, if city == region { "" } else { &city }], "")], " "),
                joined(&[&line1, &line2], " "),
                name,
            ],
            "US" | "CA" | "AU" => vec![name, line1, line2, joined(&[&city, &joined(&[&region, &code], " ")], ", ")],
            "GB" | "IE" => vec![name, line1, line2, city, code],
            _ => vec![name, line1, line2, joined(&[&code, &city, &region], " ")],
        };
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    }
}

/// As the post of these countries wants it where it is written in their letters.
fn from_large_to_small(address: &Address) -> bool {
    let letters = || [&address.line1, &address.city].into_iter().flatten().flat_map(|part| part.chars());
    let asian = address.country.is_some_and(|country| matches!(country.as_str(), "CN" | "TW" | "JP" | "KR"));
    asian && letters().any(|letter| ('\u{3040}'..='\u{9fff}').contains(&letter) || ('\u{ac00}'..='\u{d7a3}').contains(&letter))
}

fn weekday(names: &'static [&'static str], date: Date) -> &'static str {
    nth(names, date.weekday().to_monday_one_offset())
}

/// Of names that are counted from 1.
fn nth(names: &'static [&'static str], place: i8) -> &'static str {
    usize::try_from(place - 1).ok().and_then(|place| names.get(place)).copied().unwrap_or_default()
}

/// A number's sign as it is printed, and the rest.
fn signed(plain: &str) -> (&'static str, &str) {
    plain.strip_prefix('-').map_or(("", plain), |plain| ("−", plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn reader(locale: Locale) -> Format {
        Format::new(locale, TimeZone::get("Asia/Shanghai").unwrap(), "2026-11-21T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn dates_are_written_as_people_say_them() {
        let (en, zh) = (reader(Locale::En), reader(Locale::ZhCn));
        let friday = date(2026, 11, 27);
        assert_eq!((en.date(friday), zh.date(friday)), ("Friday 27 November".into(), "11月27日（周五）".into()));
        assert_eq!((en.date(date(2027, 3, 1)), zh.date(date(2027, 3, 1))), ("1 March 2027".into(), "2027年3月1日".into()));
        // 17:00 UTC is already the next day in Shanghai.
        assert_eq!(en.by("2026-11-26T17:00:00Z".parse().unwrap()), "Friday 27 November");
        let (this_year, last_year) = ("2026-11-21T01:14:00Z".parse().unwrap(), "2025-12-01T01:14:00Z".parse().unwrap());
        assert_eq!((en.full_date(friday), zh.full_date(friday)), ("Friday 27 November 2026".into(), "2026年11月27日（周五）".into()));
        assert_eq!((en.moment(this_year), zh.moment(this_year)), ("Sat 21 November, 09:14".into(), "11月21日（周六）09:14".into()));
        assert_eq!(
            (en.moment(last_year), zh.moment(last_year)),
            ("Mon 1 December 2025, 09:14".into(), "2025年12月1日（周一）09:14".into())
        );
        let (de, fr) = (reader(Locale::De), reader(Locale::Fr));
        assert_eq!((de.date(friday), fr.date(friday)), ("Freitag, 27. November".into(), "vendredi 27 novembre".into()));
        assert_eq!((de.short_date(friday), fr.short_date(friday)), ("27. November".into(), "27 novembre".into()));
        assert_eq!((de.date(date(2027, 3, 1)), fr.date(date(2027, 3, 1))), ("1. März 2027".into(), "1er mars 2027".into()));
        assert_eq!(
            (de.moment(this_year), fr.moment(this_year)),
            ("Sa., 21. November, 09:14 Uhr".into(), "sam. 21 novembre à 09:14".into())
        );
    }

    #[test]
    fn money_shows_its_currency_without_doubt() {
        let money = |minor: i64, code: &str| Money::new(minor, code.parse().unwrap());
        let (en, zh) = (reader(Locale::En), reader(Locale::ZhCn));
        assert_eq!(zh.money(money(8_900, "CNY")), "¥\u{a0}89.00");
        assert_eq!(en.money(money(8_900, "CNY")), "CN¥\u{a0}89.00");
        assert_eq!(en.money(money(123_456_789, "EUR")), "€\u{a0}1,234,567.89");
        assert_eq!(en.money(money(-1_250, "JPY")), "−JP¥\u{a0}1,250");
        assert_eq!(en.money(money(50_000, "SEK")), "SEK\u{a0}500.00");
        assert_eq!(en.amount(money(-1_000, "EUR")), "−10.00");
        // As CLDR writes them: French sets thousands apart by a narrow space (U+202F), and German by a point.
        let (de, fr) = (reader(Locale::De), reader(Locale::Fr));
        assert_eq!(de.money(money(123_456_789, "EUR")), "1.234.567,89\u{a0}€");
        assert_eq!(fr.money(money(123_456_789, "EUR")), "1\u{202f}234\u{202f}567,89\u{a0}€");
        assert_eq!((de.money(money(-1_990, "EUR")), fr.amount(money(-1_990, "EUR"))), ("−19,90\u{a0}€".into(), "−19,90".into()));
        assert_eq!(
            (de.money(money(50_000, "SEK")), de.number("7.5"), en.number(1_000)),
            ("500,00\u{a0}SEK".into(), "7,5".into(), "1,000".into())
        );
    }

    #[test]
    fn addresses_follow_their_country() {
        let zh = reader(Locale::ZhCn);
        let text = |text: &str| Some(text.to_owned());
        let hangzhou = Address {
            name: text("王小明"),
            country: "CN".parse().ok(),
            region: text("浙江省"),
            city: text("杭州市"),
            postal_code: text("310000"),
            line1: text("文三路 90 号"),
            line2: None,
        };
        assert_eq!(zh.address(&hangzhou), ["310000 浙江省杭州市", "文三路 90 号", "王小明"]);
        let berlin = Address {
            name: text("Anna Berg"),
            country: "DE".parse().ok(),
            city: text("Berlin"),
            postal_code: text("10115"),
            line1: text("Invalidenstraße 1"),
            ..Address::default()
        };
        assert_eq!(zh.address(&berlin), ["Anna Berg", "Invalidenstraße 1", "10115 Berlin", "DE"]);
        assert_eq!(zh.address_within(&berlin), ["Anna Berg", "Invalidenstraße 1", "10115 Berlin"]);
        let seoul = Address {
            country: "KR".parse().ok(),
            city: text("서울"),
            line1: text("세종대로 1"),
            name: text("김민수"),
            ..Address::default()
        };
        assert_eq!(zh.address(&seoul), ["서울", "세종대로 1", "김민수"]);
    }
}
