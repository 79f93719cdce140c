//! What a scanner read, in the forms in which it may have been written down.

/// AI of a logistic unit (GS1 General Specifications, 3.2): `00`, before the 18 digits of its number.
const LOGISTIC_UNIT: &str = "00";
/// Digits of such a number (SSCC), its check digit among them.
const SSCC: usize = 18;

/// The forms in which what was read may be known, the likeliest first: without the mark that a scanner puts before it (`]C1`, ISO/IEC 15424) and
/// without the frame of a link; the number of a logistic unit with and without the `00` before it.
#[must_use]
pub fn forms(read: &str) -> Vec<String> {
    let read: String = read.chars().filter(|letter| !letter.is_control()).collect();
    let code = unmarked(read.trim()).trim();
    // A slip's QR code is a link to the return.
    let code = code.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let digits: Option<String> =
        code.chars().filter(|letter| !matches!(letter, ' ' | '(' | ')')).map(|letter| letter.is_ascii_digit().then_some(letter)).collect();
    let number = digits.as_deref().and_then(sscc);
    let mut forms = vec![code.to_owned()];
    for form in number.into_iter().flat_map(|number| [number.to_owned(), format!("{LOGISTIC_UNIT}{number}")]) {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// Without the mark of what kind of code it was: a bracket, a letter and a digit.
fn unmarked(read: &str) -> &str {
    match read.as_bytes() {
        [b']', kind, more, ..] if kind.is_ascii_alphabetic() && more.is_ascii_alphanumeric() => &read[3..],
        _ => read,
    }
}

/// The number of a logistic unit in these digits.
fn sscc(digits: &str) -> Option<&str> {
    let number = if digits.len() == SSCC { digits } else { digits.strip_prefix(LOGISTIC_UNIT)? };
    (number.len() == SSCC && is_checked(number)).then_some(number)
}

/// Whether the last digit is the check digit of those before it (GS1 General Specifications, 7.9): weighed 3 and 1 in turn from the right.
fn is_checked(number: &str) -> bool {
    let weighed = number.bytes().rev().zip([1_u32, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight);
    weighed.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_scanner_reads_is_known_in_the_forms_it_may_have() {
        // The number is the example of the GS1 General Specifications, 2.6.
        for (read, known) in [
            ("R-7KQ4-M2XD", &["R-7KQ4-M2XD"][..]),
            (" SF1234567890\r\n", &["SF1234567890"]),
            ("https://shop.example/returns/R-7KQ4-M2XD", &["R-7KQ4-M2XD"]),
            ("https://shop.example/returns/R-7KQ4-M2XD/", &["R-7KQ4-M2XD"]),
            ("]C100106141412345678908", &["00106141412345678908", "106141412345678908"]),
            ("(00) 1 0614141 234567890 8", &["(00) 1 0614141 234567890 8", "106141412345678908", "00106141412345678908"]),
            ("106141412345678908", &["106141412345678908", "00106141412345678908"]),
            ("106141412345678907", &["106141412345678907"]),
            ("]E04006381333931", &["4006381333931"]),
            ("]", &["]"]),
            ("", &[""]),
        ] {
            assert_eq!(forms(read), known, "{read:?}");
        }
    }
}
