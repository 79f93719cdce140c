//! Whose is it? What somebody typed as their mail address or phone number, beside what the shop has of a customer.

use domain::ids::{CountryCode, EmailAddress, PhoneNumber};
use domain::order::Customer;
use domain::written::{digit_of, is_invisible};
use phonenumber::country::Id;

/// Fewer digits are no phone number.
const FEWEST: usize = 5;
/// Digits that are enough to know a number by when nothing says which country it is of.
const ENOUGH: usize = 7;
/// What is dialled before a number abroad, where it is not `+` (ITU-T Operational Bulletin, "Dialling procedures"): most of the world, North America,
/// Australia, Japan.
const ABROAD: [&str; 4] = ["00", "011", "0011", "010"];

/// Whether what somebody typed is this customer's mail address or phone number. `country`: where a number without its country's code is dialled.
pub fn is_contact_of(customer: &Customer, country: Option<CountryCode>, typed: &str) -> bool {
    if typed.contains(['@', '＠']) { is_email_of(customer, typed) } else { is_phone_of(customer, country, typed) }
}

fn is_email_of(customer: &Customer, typed: &str) -> bool {
    // As it comes when copied: `mailto:li@example.com`, `Li <li@example.com>`, with the sentence's full stop.
    let bare = typed.rsplit_once('<').map_or(typed, |(_, within)| within);
    let around = |letter: char| letter.is_whitespace() || is_invisible(letter) || ".,;:<>()\"'。，；：".contains(letter);
    let bare = bare.trim_matches(around);
    let bare = bare.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:")).map_or(bare, |_| &bare[7..]);
    match (&customer.email, bare.parse::<EmailAddress>()) {
        (Some(known), Ok(typed)) => known.key() == typed.key(),
        _ => false,
    }
}

/// Whether what somebody typed is this customer's phone number: the same number when dialled, however it is written.
pub fn is_phone_of(customer: &Customer, country: Option<CountryCode>, typed: &str) -> bool {
    let Some(known) = &customer.phone else { return false };
    let (known, typed) = (Written::read(known.as_str()), Written::read(typed));
    if known.digits.len() < FEWEST || typed.digits.len() < FEWEST {
        return false;
    }
    if known.digits == typed.digits {
        return true;
    }
    let country = country.and_then(|country| country.as_str().parse().ok());
    let dialled = known.dialled(country);
    let typed = typed.dialled(country);
    if typed.iter().any(|number| dialled.contains(number)) {
        return true;
    }
    // A number that is none in the order's country is one of another, which the shop did not note.
    let bare = known.digits.trim_start_matches('0');
    let somewhere = known.abroad.is_none() && !dialled.iter().any(|number| number.exists) && bare.len() >= ENOUGH;
    somewhere && typed.iter().any(|number| number.exists && number.national.to_string() == bare)
}

/// A phone number's digits as they are written, without its extension. Reading numbering plans takes its time after a start, which orders that come
/// in need not wait for.
pub fn phone_key(phone: &PhoneNumber) -> String {
    Written::read(phone.as_str()).digits
}

/// A phone number as it is dialled from anywhere (E.164: `+4930123456`), where there is such a number. `country`: where one without its country's code is
/// dialled.
pub fn to_dial(phone: &PhoneNumber, country: Option<CountryCode>) -> Option<String> {
    let country = country.and_then(|country| country.as_str().parse().ok());
    let number = Written::read(phone.as_str()).dialled(country).into_iter().find(|number| number.exists)?;
    Some(format!("+{}{}", number.code, number.national))
}

/// The end that every writing of a typed number has in common with it: its digits without those of a country or of dialling.
pub fn phone_end(typed: &str) -> String {
    let written = Written::read(typed);
    let mut ends = vec![written.digits.clone()];
    if written.digits.len() >= ENOUGH {
        ends.push(written.digits.trim_start_matches('0').to_owned());
        ends.extend(written.dialled(None).into_iter().map(|number| number.national.to_string()));
    }
    ends.into_iter().filter(|end| written.digits.ends_with(end.as_str())).min_by_key(String::len).unwrap_or_default()
}

/// A phone number as it is written, without its extension.
struct Written {
    /// `+`, where it begins with that.
    abroad: Option<char>,
    digits: String,
}

/// What is dialled.
struct Dialled {
    code: u16,
    /// With the zeros that belong to it.
    national: u64,
    /// There are such numbers.
    exists: bool,
}

impl PartialEq for Dialled {
    fn eq(&self, other: &Self) -> bool {
        (self.code, self.national) == (other.code, other.national)
    }
}

impl Written {
    fn read(text: &str) -> Self {
        let mut written = Self { abroad: None, digits: String::new() };
        let letters: Vec<char> = text.chars().filter(|letter| !is_invisible(*letter) && !letter.is_whitespace()).collect();
        let mut place = 0;
        while let Some(letter) = letters.get(place) {
            let trunk =
                matches!(letters.get(place..place + 3), Some(['(' | '（' | '[', zero, ')' | '）' | ']']) if digit_of(*zero) == Some('0'));
            if trunk && !written.digits.is_empty() {
                // `+49 (0) 30`: dialled within the country only.
                place += 2;
            } else if let Some(digit) = digit_of(*letter) {
                written.digits.push(digit);
            } else if matches!(letter, '+' | '＋') && written.digits.is_empty() {
                written.abroad = Some('+');
            } else if written.digits.len() >= FEWEST && (letter.is_alphabetic() || matches!(letter, '#' | '＃' | ';' | ',' | '*')) {
                // `ext. 89`, `x89`, `转 89`.
                break;
            }
            place += 1;
        }
        written
    }

    /// What it may be when dialled; where it does not say its country, that of the order first.
    fn dialled(&self, country: Option<Id>) -> Vec<Dialled> {
        let international = |digits: &str| dial(None, &format!("+{digits}"));
        if self.abroad.is_some() {
            return international(&self.digits).into_iter().collect();
        }
        let at_home = country.and_then(|country| dial(Some(country), &self.digits));
        let from_abroad = ABROAD.iter().filter_map(|before| international(self.digits.strip_prefix(before)?));
        // The country's code without its sign.
        let with_code = international(&self.digits);
        let others = from_abroad.chain(with_code).filter(|number| number.exists);
        at_home.into_iter().chain(others).collect()
    }
}

fn dial(country: Option<Id>, digits: &str) -> Option<Dialled> {
    let number = phonenumber::parse(country, digits).ok()?;
    Some(Dialled { code: number.code().value(), national: (*number.national()).into(), exists: number.is_valid() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dialled_from_anywhere() {
        for (written, country, dialled) in [
            ("138 0013 8000", "CN", Some("+8613800138000")),
            ("+86 138-0013-8000", "DE", Some("+8613800138000")),
            ("0030 (0) 30 901820", "DE", None),
            ("030 901820", "DE", Some("+4930901820")),
            ("0049 30 901820", "CN", Some("+4930901820")),
            ("030 901820", "", None),
            ("12345", "CN", None),
        ] {
            assert_eq!(to_dial(&written.parse().unwrap(), country.parse().ok()).as_deref(), dialled, "{written} {country}");
        }
    }

    fn knows(known: &str, country: &str, typed: &str) -> bool {
        let phone = known.parse().unwrap();
        let customer = Customer { id: None, name: None, email: None, phone: Some(phone), tier: None, tier_then: None, locale: None };
        is_contact_of(&customer, country.parse().ok(), typed)
    }

    #[test]
    fn one_phone_is_one_however_it_is_written() {
        for (known, country, writings) in [
            (
                "13800138000",
                "CN",
                vec![
                    "+86 138 0013 8000",
                    "0086-13800138000",
                    "86 13800138000",
                    "１３８ ００１３ ８０００",
                    "138-0013-8000",
                    "tel:+8613800138000",
                ],
            ),
            (
                "+44 20 7946 0018",
                "GB",
                vec!["020 7946 0018", "(020) 7946 0018", "0044 20 7946 0018", "+44 (0)20 7946 0018", "44 20 7946 0018"],
            ),
            ("51234567", "HK", vec!["+852 5123 4567", "00852 51234567", "852 5123 4567", "5123-4567"]),
            ("+852 5123 4567", "HK", vec!["51234567"]),
            ("81234567", "SG", vec!["+65 8123 4567", "8123 4567"]),
            ("+45 32 12 34 56", "DK", vec!["32123456", "0045 32123456"]),
            ("40612345", "NO", vec!["+47 406 12 345"]),
            ("+372 5123 4567", "EE", vec!["51234567", "5123 4567"]),
            ("8312 3456", "CR", vec!["+506 8312 3456"]),
            ("8 612 34567", "LT", vec!["+370 612 34567", "861234567", "0 612 34567"]),
            ("+1 (212) 555-0123 ext. 89", "US", vec!["212 555 0123", "1-212-555-0123", "+12125550123x89", "212-555-0123 #89"]),
            ("+49 (0) 30 901820", "DE", vec!["030 901820", "+49 30 901820", "0049 30 901820", "+49 (0)30/901820"]),
            ("٠٥٠١٢٣٤٥٦٧", "SA", vec!["+966 50 123 4567", "0501234567"]),
            ("+91 98765 43210", "IN", vec!["९८७६५४३२१०", "098765 43210"]),
            ("+39 06 6982", "IT", vec!["06 6982"]),
            ("+81 90-1234-5678", "JP", vec!["090-1234-5678", "０９０１２３４５６７８"]),
            ("13800138000\u{202c}", "CN", vec!["\u{202d}138 0013 8000\u{202c}", "138\u{ad}0013\u{200b}8000"]),
            ("010-62345678转89", "CN", vec!["+86 10 6234 5678", "01062345678"]),
            // Of another country than the order, which the shop did not note.
            ("51234567", "CN", vec!["+852 5123 4567"]),
            ("0612345678", "", vec!["+33 6 12 34 56 78"]),
        ] {
            for typed in writings.into_iter().chain([known]) {
                assert!(knows(known, country, typed), "{known} ({country}) typed {typed}");
            }
        }
    }

    #[test]
    fn a_number_is_found_by_its_end_however_it_is_dialled() {
        for (typed, end) in [
            ("+86 138 0000 0001", "13800000001"),
            ("0086 138 0000 0001", "13800000001"),
            ("8613800000001", "13800000001"),
            ("020 7946 0018", "2079460018"),
            ("+44 (0)20 7946 0018", "2079460018"),
            ("0001", "0001"),
            ("800 0001", "8000001"),
            ("+", ""),
        ] {
            assert_eq!(phone_end(typed), end, "{typed}");
        }
    }

    #[test]
    fn another_phone_is_another() {
        for (known, country, typed) in [
            ("51234567", "HK", "+47 51 23 45 67"),
            ("51234567", "NO", "+852 5123 4567"),
            ("13800138000", "CN", "800138000"),
            ("13800138000", "CN", "1380013800"),
            ("13800138000", "CN", "23800138000"),
            ("+44 20 7946 0018", "GB", "79460018"),
            ("+44 20 7946 0018", "GB", "+33 20 7946 0018"),
            ("+39 06 6982", "IT", "+39 6 6982"),
            ("212 555 0123", "US", "+44 212 555 0123"),
            ("13800138000", "CN", ""),
            ("13800138000", "CN", "+"),
            ("13800138000", "CN", "ext. 13800"),
            ("0612345678", "", "+33 6 12 34 56 7"),
        ] {
            assert!(!knows(known, country, typed), "{known} ({country}) typed {typed}");
        }
    }

    #[test]
    fn one_mailbox_is_one_however_it_is_copied() {
        let email = "li@bücher.example".parse().unwrap();
        let customer = Customer { id: None, name: None, email: Some(email), phone: None, tier: None, tier_then: None, locale: None };
        for typed in [
            "li@bücher.example",
            "LI@BÜCHER.EXAMPLE",
            "li@xn--bcher-kva.example",
            "li@bu\u{308}cher.example",
            "mailto:li@bücher.example",
            "Li Ming <li@bücher.example>",
            "li@bücher.example.",
            " li@bücher.example，",
            "li＠bücher。example",
            "\u{feff}li@bücher.example\u{200b}",
        ] {
            assert!(is_contact_of(&customer, None, typed), "{typed}");
        }
        for typed in ["li@bucher.example", "l@bücher.example", "li@bücher.example.org", "@", "li@", "<>@"] {
            assert!(!is_contact_of(&customer, None, typed), "{typed}");
        }
    }
}
