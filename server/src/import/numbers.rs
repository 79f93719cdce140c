//! Numbers as people and spreadsheet programs write them: `€ 1.234,50`, `1’234.50`, `(5.00)`.

use domain::money::Currency;
use domain::written::half_width;
use rust_decimal::Decimal;

/// An amount of `currency` with this decimal sign. One that is written in another currency is none.
pub(super) fn amount(text: &str, decimal: char, currency: Currency) -> Result<Decimal, String> {
    let (number, mark) = apart(text);
    if !mark.is_empty() && !currency.is_written(&mark) {
        return Err(format!("`{}` is not in {currency}", short(text)));
    }
    parsed(&number, decimal).ok_or_else(|| format!("`{}` is not an amount such as 12{decimal}50", short(text)))
}

/// Digits and their signs. A number in powers of ten is what a spreadsheet program left of a longer one.
fn parsed(number: &str, decimal: char) -> Option<Decimal> {
    let plain = plain(number, decimal);
    plain.parse().ok().filter(|_| !plain.contains(|letter: char| letter.is_alphabetic()))
}

/// A number with this decimal sign.
pub(super) fn number(text: &str, decimal: char) -> Option<Decimal> {
    let (number, mark) = apart(text);
    if mark.is_empty() { parsed(&number, decimal) } else { None }
}

/// An amount of which nobody says how it is written, as far as it can only mean one thing: `19,90` and `1.234,50` do, `1,234` does not.
pub(super) fn guessed(text: &str) -> Result<Decimal, String> {
    let wrong = || format!("`{}` is not an amount such as 12.50", short(text));
    let (number, mark) = apart(text);
    if !mark.is_empty() {
        return Err(wrong());
    }
    let last = number.rfind(['.', ',']);
    let behind = last.map_or(0, |at| number[at + 1..].chars().filter(char::is_ascii_digit).count());
    match last {
        None => parsed(&number, '.').ok_or_else(wrong),
        Some(_) if behind == 3 && number.contains(',') != number.contains('.') && number.contains(',') => Err(wrong()),
        Some(at) => parsed(&number, if number[at..].starts_with(',') { ',' } else { '.' }).ok_or_else(wrong),
    }
}

/// What of a text is a number, with its sign before it, and what else stands around it: a currency's sign or code.
fn apart(text: &str) -> (String, String) {
    let text: String = text.chars().map(|letter| if matches!(letter, '−' | '–' | '﹣') { '-' } else { half_width(letter) }).collect();
    let is_blank = |letter: char| letter.is_whitespace() || matches!(letter, '\u{FEFF}' | '\u{200B}' | '\u{200E}' | '\u{200F}');
    let text = text.trim_matches(is_blank);
    // As accountants write what is less than nothing.
    let (text, bracketed) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let Some(first) = text.find(|letter: char| letter.is_ascii_digit()) else { return (text.to_owned(), String::new()) };
    // `.50` begins with its sign, `Fr.50` does not.
    let start = text[..first].char_indices().next_back().filter(|(at, letter)| {
        let before = text[..*at].chars().next_back();
        matches!(letter, '.' | ',') && before.is_none_or(|before| is_blank(before) || before == '-' || before == '+')
    });
    let start = start.map_or(first, |(at, _)| at);
    let end = text.rfind(|letter: char| letter.is_ascii_digit()).map_or(text.len(), |at| at + 1);
    let (before, after) = (&text[..start], &text[end..]);
    // `19.-` has no cents; `5.00-` is less than nothing.
    let (after, no_cents) = match after.strip_prefix(".-").or_else(|| after.strip_prefix(",-")) {
        Some(rest) => (rest, true),
        None => (after, false),
    };
    let minus = bracketed || before.contains('-') || (after.contains('-') && !no_cents);
    let mark: String = format!("{before}{after}").chars().filter(|letter| !is_blank(*letter) && !matches!(letter, '-' | '+')).collect();
    let mark = if mark.trim_matches(['.', ',']).is_empty() { String::new() } else { mark };
    (format!("{}{}", if minus { "-" } else { "" }, &text[start..end]), mark)
}

/// A number as computers write it: `1.234,50` with a decimal comma is `1234.50`. Thousands are only read as such where they are grouped as
/// such: `12,50` under a decimal point stays, and is refused, for it cannot be told from a price that is a hundred times as high.
fn plain(text: &str, decimal: char) -> String {
    let grouping = if decimal == ',' { '.' } else { ',' };
    let marks = |letter: &char| letter.is_whitespace() || matches!(letter, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '˙' | '٬');
    let dense: String = text.chars().filter(|letter| !marks(letter)).collect();
    let (whole, part) = dense.split_once(decimal).map_or((dense.as_str(), None), |(whole, part)| (whole, Some(part)));
    let mut groups = whole.split(grouping).rev().peekable();
    let mut grouped = whole.contains(grouping) && groups.next().is_some_and(|last| last.len() == 3);
    while let Some(group) = groups.next() {
        let digits = group.trim_start_matches(['-', '+']).len();
        grouped &= if groups.peek().is_some() { matches!(digits, 2 | 3) } else { matches!(digits, 1..=3) };
    }
    let whole = if grouped { whole.replace(grouping, "") } else { whole.to_owned() };
    part.map_or(whole.clone(), |part| format!("{whole}.{part}"))
}

fn short(text: &str) -> String {
    text.chars().take(24).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, decimal: char, currency: &str) -> Result<String, String> {
        amount(text, decimal, currency.parse().unwrap()).map(|amount| amount.to_string())
    }

    #[test]
    fn amounts_are_read_as_they_are_written_or_not_at_all() {
        for (text, decimal, currency, expected) in [
            ("1234.5", '.', "EUR", "1234.5"),
            ("1,234.50", '.', "EUR", "1234.50"),
            ("-1,234,567", '.', "EUR", "-1234567"),
            ("1,00,000.00", '.', "INR", "100000.00"),
            ("1.234,50", ',', "EUR", "1234.50"),
            ("1 234,50", ',', "EUR", "1234.50"),
            ("1\u{a0}234,50", ',', "EUR", "1234.50"),
            ("1\u{202f}234,50 €", ',', "EUR", "1234.50"),
            ("1'234.50", '.', "CHF", "1234.50"),
            ("1’234,50", ',', "CHF", "1234.50"),
            ("12,50", ',', "EUR", "12.50"),
            ("€ 19,90", ',', "EUR", "19.90"),
            ("19,90€", ',', "EUR", "19.90"),
            ("EUR 19.90", '.', "EUR", "19.90"),
            ("19.90 eur", '.', "EUR", "19.90"),
            ("-€5.00", '.', "EUR", "-5.00"),
            ("€-5.00", '.', "EUR", "-5.00"),
            ("−5,00 €", ',', "EUR", "-5.00"),
            ("5.00-", '.', "EUR", "-5.00"),
            ("($5.00)", '.', "USD", "-5.00"),
            ("$1,234.00", '.', "CAD", "1234.00"),
            ("CA$ 12.00", '.', "CAD", "12.00"),
            ("US$12", '.', "USD", "12"),
            ("¥1,234", '.', "JPY", "1234"),
            ("￥1,234", '.', "CNY", "1234"),
            ("1234円", '.', "JPY", "1234"),
            ("12.5元", '.', "CNY", "12.5"),
            ("R$ 10,50", ',', "BRL", "10.50"),
            ("CHF 19.-", '.', "CHF", "19"),
            ("Fr. 1'234.50", '.', "CHF", "1234.50"),
            ("129 kr.", ',', "DKK", "129"),
            ("129,00 kr", ',', "SEK", "129.00"),
            ("49,99 zł", ',', "PLN", "49.99"),
            ("12.50 лв.", '.', "BGN", "12.50"),
            ("１９．９０", '.', "EUR", "19.90"),
            (".50", '.', "EUR", "0.50"),
            ("\u{200e}12.50\u{feff}", '.', "EUR", "12.50"),
        ] {
            assert_eq!(read(text, decimal, currency).as_deref(), Ok(expected), "{text}");
        }
        for (text, decimal) in
            [("12,50", '.'), ("1,2345", '.'), ("1.2.3", ','), (",500", '.'), ("", '.'), ("free", '.'), ("1e5", '.'), ("1 2 x", '.')]
        {
            assert!(read(text, decimal, "EUR").is_err(), "{text}: {:?}", read(text, decimal, "EUR"));
        }
    }

    #[test]
    fn an_amount_that_says_another_currency_is_none_of_this_one() {
        for (text, currency) in [
            ("$ 19.90", "EUR"),
            ("€ 19.90", "USD"),
            ("¥ 1990", "EUR"),
            ("16250 JPY", "EUR"),
            ("USD 5", "CAD"),
            ("US$ 5", "CAD"),
            ("£5", "EUR"),
            ("R$5", "USD"),
            ("5 kr", "EUR"),
            ("5 円", "CNY"),
        ] {
            assert_eq!(read(text, '.', currency), Err(format!("`{text}` is not in {currency}")));
        }
    }

    #[test]
    fn what_can_mean_two_things_is_not_guessed() {
        for (text, expected) in [
            ("19.90", Some("19.90")),
            ("19,90", Some("19.90")),
            ("19,9", Some("19.9")),
            ("1.234,50", Some("1234.50")),
            ("1,234.50", Some("1234.50")),
            ("-5,00", Some("-5.00")),
            ("1250", Some("1250")),
            ("1.234", Some("1.234")),
            ("1,234", None),
            ("1,23E+05", None),
            ("x", None),
        ] {
            assert_eq!(guessed(text).ok().map(|amount| amount.to_string()).as_deref(), expected, "{text}");
        }
    }
}
