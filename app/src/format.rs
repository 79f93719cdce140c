//! Dates, money and addresses in the reader's form.

use domain::money::Money;
use domain::order::Address;
use domain::words::Locale;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// How one reader wants things written.
#[derive(Clone, Debug)]
pub struct Format {
    pub locale: Locale,
    /// Time zone: the reader's where their browser told it, else the shop's.
    pub zone: TimeZone,
    /// The reader's today: other years are written out.
    pub today: Date,
}

impl Format {
    /// For a reader of `locale` in `zone`, now.
    #[must_use]
    pub fn new(locale: Locale, zone: TimeZone, now: Timestamp) -> Self {
        let today = zone.to_datetime(now).date();
        Self { locale, zone, today }
    }

    /// The day of a moment.
    #[must_use]
    pub fn day(&self, time: Timestamp) -> Date {
        self.zone.to_datetime(time).date()
    }

    /// A day as people say it: `Friday 27 November`, `11月27日（周五）`; with the year where it is not this one.
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        let year = date.year() != self.today.year();
        match self.locale {
            Locale::En if year => format!("{} {} {}", date.day(), MONTHS[month(date)], date.year()),
            Locale::En => format!("{} {} {}", WEEKDAYS[weekday(date)], date.day(), MONTHS[month(date)]),
            Locale::ZhCn if year => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Locale::ZhCn => format!("{}月{}日（周{}）", date.month(), date.day(), ZH_WEEKDAYS[weekday(date)]),
        }
    }

    /// A day without its weekday, for small print: `27 November`, `11月27日`.
    #[must_use]
    pub fn short_date(&self, date: Date) -> String {
        let year = date.year() != self.today.year();
        match self.locale {
            Locale::En if year => format!("{} {} {}", date.day(), MONTHS[month(date)], date.year()),
            Locale::En => format!("{} {}", date.day(), MONTHS[month(date)]),
            Locale::ZhCn if year => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Locale::ZhCn => format!("{}月{}日", date.month(), date.day()),
        }
    }

    /// The day of a promise, as [`Format::date`].
    #[must_use]
    pub fn by(&self, time: Timestamp) -> String {
        self.date(self.day(time))
    }

    /// A moment: `Sat 21 November, 09:14`, `11月21日（周六）09:14`.
    #[must_use]
    pub fn moment(&self, time: Timestamp) -> String {
        let local = self.zone.to_datetime(time);
        let clock = format!("{:02}:{:02}", local.hour(), local.minute());
        match self.locale {
            Locale::En => {
                let date = local.date();
                let year = if date.year() == self.today.year() { String::new() } else { format!(" {}", date.year()) };
                format!("{} {} {}{year}, {clock}", &WEEKDAYS[weekday(date)][..3], date.day(), MONTHS[month(date)])
            }
            Locale::ZhCn => format!("{}{clock}", self.date(local.date())),
        }
    }

    /// An amount with its currency: `€ 24.50`, `¥ 89.00`, `SEK 500.00`; thousands are set apart.
    #[must_use]
    pub fn money(&self, money: Money) -> String {
        let (sign, plain) = match money.decimal().strip_prefix('-') {
            Some(plain) => ("−", plain.to_owned()),
            None => ("", money.decimal()),
        };
        format!("{sign}{}\u{a0}{}", self.symbol(money.currency.code()), grouped(&plain))
    }

    /// An amount without its currency, for columns: `−10.00`.
    #[must_use]
    pub fn amount(&self, money: Money) -> String {
        match money.decimal().strip_prefix('-') {
            Some(plain) => format!("−{}", grouped(plain)),
            None => grouped(&money.decimal()),
        }
    }

    /// Unambiguous to this reader: `¥` is the yuan in Chinese, and neither in English.
    fn symbol<'c>(&self, code: &'c str) -> &'c str {
        match (self.locale, code) {
            (_, "EUR") => "€",
            (_, "GBP") => "£",
            (Locale::En, "USD") => "$",
            (Locale::ZhCn, "USD") => "US$",
            (Locale::ZhCn, "CNY") => "¥",
            (Locale::En, "CNY") => "CN¥",
            (Locale::ZhCn, "JPY") => "JP¥",
            (Locale::En, "JPY") => "JP¥",
            (_, "BRL") => "R$",
            (_, code) => code,
        }
    }

    /// An address in lines, the way its country writes it.
    #[must_use]
    pub fn address(&self, address: &Address) -> Vec<String> {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let joined =
            |parts: &[&str], between: &str| parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between);
        let (line1, line2, city) = (text(&address.line1), text(&address.line2), text(&address.city));
        let (region, code, name) = (text(&address.region), text(&address.postal_code), text(&address.name));
        let country = address.country.map(|country| country.to_string()).unwrap_or_default();
        let asian = line1.chars().chain(city.chars()).any(|letter| ('\u{3040}'..='\u{9fff}').contains(&letter));
        let lines = match country.as_str() {
            // From the large to the small, as the post of these countries wants it.
            "CN" | "TW" | "JP" | "KR" if asian => vec![
                joined(&[&code, &joined(&[&region, if city == region { "" } else { &city }], "")], " "),
                joined(&[&line1, &line2], " "),
                name,
            ],
            "US" | "CA" | "AU" => vec![name, line1, line2, joined(&[&city, &joined(&[&region, &code], " ")], ", "), country],
            "GB" | "IE" => vec![name, line1, line2, city, code, country],
            _ => vec![name, line1, line2, joined(&[&code, &city, &region], " "), country],
        };
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    }
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const ZH_WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

fn month(date: Date) -> usize {
    usize::try_from(date.month() - 1).unwrap_or(0)
}

fn weekday(date: Date) -> usize {
    match date.weekday() {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

fn grouped(plain: &str) -> String {
    let (whole, part) = plain.split_once('.').map_or((plain, None), |(whole, part)| (whole, Some(part)));
    let mut shown = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if let Some(part) = part {
        shown.push('.');
        shown.push_str(part);
    }
    shown
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
        assert_eq!(en.moment("2026-11-21T01:14:00Z".parse().unwrap()), "Sat 21 November, 09:14");
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
    }
}
