//! How many segments a text takes: 160 letters of the default alphabet, or 153 of each of several; 70 or 67 units of UCS-2 where it has others
//! (3GPP TS 23.038, 6.2.1; TS 23.040, 9.2.3.24.1).

/// How a text is written on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Gsm7,
    Ucs2,
}

/// What a text takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    pub encoding: Encoding,
    /// Of the alphabet, extensions as two; or of UCS-2.
    pub units: usize,
    pub count: usize,
}

/// The default alphabet.
const BASIC: &str =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Letters that take two of it.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Counts.
pub fn segments(text: &str) -> Segments {
    let seven = |letter: char| if BASIC.contains(letter) { Some(1) } else { EXTENSION.contains(letter).then_some(2) };
    let (encoding, sizes, one, several): (_, Vec<usize>, usize, usize) = match text.chars().map(seven).collect::<Option<Vec<_>>>() {
        Some(sizes) => (Encoding::Gsm7, sizes, 160, 153),
        None => (Encoding::Ucs2, text.chars().map(char::len_utf16).collect(), 70, 67),
    };
    let units: usize = sizes.iter().sum();
    let count = if units <= one {
        usize::from(units > 0)
    } else {
        // No letter is cut in two.
        let (count, _) =
            sizes.iter().fold((1, 0), |(count, full), size| if full + size > several { (count + 1, *size) } else { (count, full + size) });
        count
    };
    Segments { encoding, units, count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_as_phones_count_them() {
        let cases = [
            (String::new(), Encoding::Gsm7, 0, 0),
            ("a".repeat(160), Encoding::Gsm7, 160, 1),
            ("a".repeat(161), Encoding::Gsm7, 161, 2),
            ("a".repeat(306), Encoding::Gsm7, 306, 2),
            ("a".repeat(307), Encoding::Gsm7, 307, 3),
            ("€".repeat(80), Encoding::Gsm7, 160, 1),
            // 76 of them in each segment: the 77th would be cut in two.
            ("€".repeat(153), Encoding::Gsm7, 306, 3),
            ("退".repeat(70), Encoding::Ucs2, 70, 1),
            ("退".repeat(71), Encoding::Ucs2, 71, 2),
            ("退".repeat(135), Encoding::Ucs2, 135, 3),
            // A pair of surrogates stays together.
            (format!("{}😀", "退".repeat(69)), Encoding::Ucs2, 71, 2),
            ("😀".repeat(67), Encoding::Ucs2, 134, 3),
            ("Grüße, Ça va".to_owned(), Encoding::Gsm7, 12, 1),
            ("ça va".to_owned(), Encoding::Ucs2, 5, 1),
        ];
        for (text, encoding, units, count) in cases {
            assert_eq!(segments(&text), Segments { encoding, units, count }, "{text}");
        }
        assert_eq!(BASIC.chars().count(), 127, "all of the table but the escape");
    }
}
