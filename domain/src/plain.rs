//! Names, addresses and the like as they are shown, printed and mailed: one line of letters, of a length that fits.
//!
//! Taken as it is where it fits, made to fit where not, and never refused: an order is worth more than a stray line break, and what was stored
//! before must still be read.

/// Letters of a name, or of a line of an address.
pub const LONGEST_NAME: usize = 200;
/// Letters of a product's name or variant.
pub const LONGEST_PRODUCT: usize = 500;
/// Letters of an address on the web: browsers and servers in between take that many.
const LONGEST_LINK: usize = 2_048;

/// A text on one line, of `most` letters at most. Controls (C0, C1, and what turns the direction of writing or ends a line: Unicode 16, 23.2, 23.3)
/// count as a space.
pub fn one_line(text: &str, most: usize) -> String {
    let fits = |letter: char| !is_control(letter);
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || is_control(letter));
    // Nearly always.
    if text.len() <= most && text.chars().all(fits) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    let mut stood_in = false;
    for letter in text.chars().take(most) {
        match (fits(letter), line.ends_with(' ')) {
            // A space that stands for what was taken out is the space behind it, too.
            (true, true) if stood_in && letter == ' ' => {}
            (true, _) => {
                line.push(letter);
                stood_in = false;
            }
            (false, true) => {}
            (false, false) => {
                line.push(' ');
                stood_in = true;
            }
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// A text as it was typed in several lines: each ends with `\n`, other controls count as a space, and several empty lines in a row as one.
pub fn several_lines(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut letters = text.trim().chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                kept.truncate(kept.trim_end_matches(' ').len());
                if !kept.ends_with("\n\n") {
                    kept.push('\n');
                }
            }
            letter if is_control(letter) => kept.push(' '),
            letter => kept.push(letter),
        }
    }
    kept.trim().to_owned()
}

/// As [`one_line`], of what may be left out; nothing where nothing is left.
pub fn maybe_line(text: Option<&str>, most: usize) -> Option<String> {
    text.map(|text| one_line(text, most)).filter(|line| !line.is_empty())
}

/// A picture's address, where a page can show it: by https, or a path of the server's own. Others are left out.
pub fn picture(address: &str) -> Option<String> {
    let fits = address.chars().all(|letter| !letter.is_whitespace() && !is_control(letter)) && address.len() <= LONGEST_LINK;
    let scheme = address.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    let ours = address.starts_with('/') && !address[1..].starts_with(['/', '\\']);
    (fits && (scheme || ours)).then(|| address.to_owned())
}

fn is_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_lines_and_nothing_that_cannot_be_seen() {
        for (text, expected) in [
            ("One.\r\nTwo.\rThree.", "One.\nTwo.\nThree."),
            (" a  \n\n\n\n b\t\u{7}c \n", "a\n\n b  c"),
            ("a\u{2028}b\u{202e}c", "a\nb c"),
            ("\0\r\n \u{85}", ""),
            ("您好，\n👩‍🔧", "您好，\n👩‍🔧"),
        ] {
            assert_eq!(several_lines(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_is_one_line_and_fits() {
        for (text, expected) in [
            ("王小明", "王小明"),
            (" Müller \n", "Müller"),
            ("a\r\nBCC: b@c.example", "a BCC: b@c.example"),
            ("a\0b\u{7f}c\u{85}d", "a b c d"),
            ("\u{202e}gnp.exe", "gnp.exe"),
            ("a\u{2028}b", "a b"),
            ("\0\r\n", ""),
            ("👩‍🔧 Ana", "👩‍🔧 Ana"),
        ] {
            assert_eq!(one_line(text, 100), expected);
        }
        assert_eq!(one_line(&"字".repeat(300), LONGEST_NAME).chars().count(), LONGEST_NAME);
        assert_eq!(one_line("ab cd", 3), "ab");
        assert_eq!(maybe_line(Some(" \t"), 5), None);
    }

    #[test]
    fn pictures_come_by_https_or_from_us() {
        for (address, shown) in [
            ("https://cdn.example/a.jpg", true),
            ("HTTPS://cdn.example/a.jpg", true),
            ("/demo/lamp.svg", true),
            ("http://cdn.example/a.jpg", false),
            ("//cdn.example/a.jpg", false),
            ("/\\cdn.example/a.jpg", false),
            ("data:image/svg+xml,<svg/>", false),
            ("javascript:alert(1)", false),
            ("https://cdn.example/a b", false),
            ("https://cdn.example/\n", false),
            ("", false),
        ] {
            assert_eq!(picture(address).is_some(), shown, "{address}");
        }
        assert_eq!(picture(&format!("https://cdn.example/{}", "a".repeat(2_100))), None);
    }
}
