//! How people write: digits of all scripts, letters nobody sees, and the many writings of one order number.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The digit that a letter stands for in any script (Unicode's decimal digits, general category Nd): `٣`, `३`, `３` and `3` are 3.
pub fn digit_of(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return letter.is_ascii_digit().then_some(letter);
    }
    // In each script they follow each other, from zero on.
    let code = letter as u32;
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last()?;
    char::from_digit(code.checked_sub(*zero).filter(|digit| *digit < 10)?, 10)
}

/// The zeros of all scripts but ASCII's (Unicode 15, general category Nd).
const ZEROS: [u32; 65] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0,
    0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50,
    0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];

/// Letters that nobody sees, and that come along when a text is copied: soft hyphens, zero-width letters, direction and order marks.
pub fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
    )
}

/// A text as it is compared: composed (NFC), without what nobody sees.
pub(crate) fn seen(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|letter| !is_invisible(*letter)).nfc().collect())
}

/// The ASCII form of a full-width letter, digit or sign (`１` → `1`, `＃` → `#`, `　` → space); other characters unchanged.
pub fn half_width(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(letter as u32 - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

/// The form that writings of one order number share, for looking it up only: two numbers of a shop may share one. Without spaces, `#` and what
/// nobody sees, half-width, its digits from any script, upper case.
pub fn loose_number(text: &str) -> String {
    let plain = |letter: &char| !letter.is_whitespace() && *letter != '#' && !is_invisible(*letter) && !letter.is_control();
    let upper = text.chars().nfkc().map(|letter| digit_of(letter).unwrap_or(letter)).filter(plain).flat_map(char::to_uppercase);
    // What was left out may have stood between two letters that are one together.
    upper.collect::<String>().nfc().collect()
}

/// What people write before a number, as [`loose_number`] has it; the longer ones first.
const BEFORE_NUMBERS: [&str; 24] = [
    "ORDERNUMBER",
    "ORDERNO",
    "ORDERNR",
    "ORDERID",
    "ORDER",
    "NUMBER",
    "NUMMER",
    "BESTELLNUMMER",
    "BESTELLUNG",
    "PEDIDO",
    "COMMANDE",
    "NO",
    "NR",
    "Nº",
    "N°",
    "订单编号",
    "订单号",
    "订单",
    "訂單編號",
    "訂單",
    "单号",
    "單號",
    "编号",
    "注文番号",
];

/// Forms, as [`loose_number`] makes them, under which a typed order number may be known: as typed, and without what people write around it ("No.",
/// "订单", quotes, a full stop at the end).
pub fn typed_numbers(text: &str) -> Vec<String> {
    let typed = loose_number(text);
    let around = |letter: char| !letter.is_alphanumeric();
    let mut bare = typed.trim_matches(around);
    while let Some(rest) = BEFORE_NUMBERS.iter().find_map(|before| bare.strip_prefix(before)) {
        bare = rest.trim_start_matches(around);
    }
    let bare = if bare.is_empty() { typed.trim_matches(around).to_owned() } else { bare.to_owned() };
    let mut forms = vec![typed];
    if !bare.is_empty() && bare != forms[0] {
        forms.push(bare);
    }
    forms
}

/// Forms that a slip of the fingers or the eyes may have meant: a letter `O` for a zero, `I` or `l` for a one. Nothing where there is none.
pub fn slipped_numbers(text: &str) -> Vec<String> {
    let mend = |form: &String| form.replace('O', "0").replace(['I', 'L'], "1");
    let typed = typed_numbers(text);
    let mut mended: Vec<String> =
        typed.iter().flat_map(|form| [form.replace('O', "0"), mend(form)]).filter(|form| !typed.contains(form)).collect();
    mended.sort();
    mended.dedup();
    mended
}

/// The number of something that is called by a letter and a number, as `P12` is: with the letter in either case, or without it.
pub fn numbered(letter: char, text: &str) -> Option<i64> {
    let digits = text.strip_prefix([letter.to_ascii_uppercase(), letter.to_ascii_lowercase()]).unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_and_a_number_are_read_with_and_without_the_letter() {
        for text in ["P12", "p12", "12"] {
            assert_eq!(numbered('P', text), Some(12), "{text}");
        }
        for text in ["", "P", "PP12", "R12", "P-12", "P12x", "99999999999999999999", "+12"] {
            assert_eq!(numbered('P', text), None, "{text}");
        }
    }

    #[test]
    fn an_order_number_is_found_however_it_is_typed() {
        for typed in [
            "#1001",
            " 1001",
            "＃１００１",
            "# 10 01",
            "No. 1001",
            "no1001.",
            "Nr.: 1001",
            "№ 1001",
            "Order #1001",
            "ORDER NO. 1001",
            "订单1001",
            "订单号：1001",
            "“1001”",
            "(1001)",
            "1001。",
            "١٠٠١",
            "१००१",
            "\u{feff}1001\u{200b}",
            "10\u{ad}01",
            "\u{2068}1001\u{2069}",
            "1001;",
        ] {
            assert!(typed_numbers(typed).contains(&"1001".to_owned()), "{typed}: {:?}", typed_numbers(typed));
        }
        assert_eq!(typed_numbers("eu-77a"), ["EU-77A"]);
        assert_eq!(typed_numbers("No"), ["NO"], "there may be an order of that number");
        assert_eq!(typed_numbers("ORDER-5"), ["ORDER-5", "5"]);
        assert!(typed_numbers(" ... ").iter().all(|form| form == "..."));
        assert_eq!(slipped_numbers("1OO1"), ["1001"]);
        assert_eq!(slipped_numbers("lO01"), ["1001", "L001"]);
        assert!(slipped_numbers("1001").is_empty());
    }

    #[test]
    fn digits_of_all_scripts_are_digits() {
        assert!(ZEROS.is_sorted());
        for (text, digits) in [
            ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
            ("۰۱۲۳۴۵۶۷۸۹", "0123456789"),
            ("०१२३४५६७८९", "0123456789"),
            ("๐๑๒๙", "0129"),
            ("１０", "10"),
            ("a１x", "1"),
        ] {
            assert_eq!(text.chars().filter_map(digit_of).collect::<String>(), digits);
        }
        for zero in ZEROS {
            let letter = char::from_u32(zero).unwrap();
            assert!(letter.is_numeric() && char::from_u32(zero - 1).is_none_or(|before| digit_of(before) != Some('0')), "{zero:x}");
        }
        assert_eq!(digit_of('½'), None);
        assert_eq!(digit_of('一'), None);
    }
}
