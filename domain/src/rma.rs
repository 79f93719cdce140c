//! RMA numbers: short enough to read over the phone, with a check character that catches a slip.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::written::{digit_of, half_width, is_invisible};

/// Crockford's base 32: no I, L, O or U, so nothing is mistaken when written by hand.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PAYLOAD: u32 = 7;

/// A return's number, written `R-7KQ4-M2XD`: seven symbols of Crockford base 32 (35 random bits) and the check symbol
/// (value mod 37, Crockford's rule). Values whose check symbol would be one of the five punctuation marks are not used,
/// so every number is letters and digits only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RmaNumber(u64);

/// Why a text is no return number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RmaError {
    /// Not eight symbols.
    #[error("a return number has eight letters and digits, such as R-7KQ4-M2XD")]
    Length,
    /// A symbol outside the alphabet.
    #[error("a return number has only letters and digits, such as R-7KQ4-M2XD")]
    Symbol,
    /// The check symbol does not fit: a slip of the pen.
    #[error("this is not a return number: one of its letters or digits is wrong")]
    Check,
}

impl RmaNumber {
    /// Makes a number from 64 random bits, or nothing where these bits must not be used (5 of 37): draw again.
    pub fn from_random(bits: u64) -> Option<Self> {
        let value = bits & ((1 << (5 * PAYLOAD)) - 1);
        (value % 37 < 32).then_some(Self(value))
    }

    /// The eight symbols without `R-` and dash.
    pub fn symbols(self) -> String {
        let mut symbols: String = (0..PAYLOAD).rev().map(|place| char::from(ALPHABET[(self.0 >> (5 * place)) as usize & 31])).collect();
        symbols.push(char::from(ALPHABET[(self.0 % 37) as usize]));
        symbols
    }
}

impl FromStr for RmaNumber {
    type Err = RmaError;

    /// Forgiving: case, spaces, dashes, quotes, a full stop, what nobody sees, full-width forms, digits of any script, a missing `R-`, and I, L, O as the digits they look like.
    fn from_str(text: &str) -> Result<Self, RmaError> {
        let mut symbols = Vec::with_capacity(9);
        for letter in text.chars() {
            let letter = digit_of(letter).unwrap_or(half_width(letter).to_ascii_uppercase());
            match letter {
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '.' | '。' | ',' | '#' | '"' | '“' | '”' | '(' | ')' => {}
                letter if letter.is_whitespace() || is_invisible(letter) => {}
                'I' | 'L' => symbols.push('1'),
                'O' => symbols.push('0'),
                _ => symbols.push(letter),
            }
            if symbols.len() > 9 {
                return Err(RmaError::Length);
            }
        }
        if symbols.len() == 9 && symbols[0] == 'R' {
            symbols.remove(0);
        }
        if symbols.len() != 8 {
            return Err(RmaError::Length);
        }
        let mut value = 0_u64;
        let mut check = 0_u64;
        for (place, letter) in symbols.into_iter().enumerate() {
            let digit = ALPHABET.iter().position(|&symbol| char::from(symbol) == letter).ok_or(RmaError::Symbol)? as u64;
            if place < PAYLOAD as usize {
                value = value << 5 | digit;
            } else {
                check = digit;
            }
        }
        if value % 37 == check { Ok(Self(value)) } else { Err(RmaError::Check) }
    }
}

impl fmt::Display for RmaNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbols = self.symbols();
        write!(f, "R-{}-{}", &symbols[..4], &symbols[4..])
    }
}

impl fmt::Debug for RmaNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RmaNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RmaNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::from_text::from_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_read_however_it_is_written_down() {
        let rma = (0..).find_map(|bits| RmaNumber::from_random(0x0003_1415_9265 + bits)).unwrap();
        let shown = rma.to_string();
        assert_eq!((shown.len(), &shown[..2], &shown[6..7]), (11, "R-", "-"));
        let wide: String =
            shown.chars().map(|c| if c.is_ascii_alphanumeric() { char::from_u32(c as u32 + 0xFEE0).unwrap() } else { c }).collect();
        for written in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', " "),
            rma.symbols(),
            format!("  r {}", rma.symbols()),
            shown.replace('0', "o"),
            wide,
        ] {
            assert_eq!(written.parse(), Ok(rma), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        assert_eq!("R-123".parse::<RmaNumber>(), Err(RmaError::Length));
        assert_eq!("".parse::<RmaNumber>(), Err(RmaError::Length));
        assert_eq!("R-12345-6789A".parse::<RmaNumber>(), Err(RmaError::Length));
        assert_eq!("R-12U4-5678".parse::<RmaNumber>(), Err(RmaError::Symbol));
    }

    proptest! {
        #[test]
        fn every_number_survives_being_written(bits: u64) {
            if let Some(rma) = RmaNumber::from_random(bits) {
                prop_assert_eq!(rma.to_string().parse(), Ok(rma));
            }
        }

        #[test]
        fn one_wrong_symbol_is_always_caught(bits: u64, place in 0usize..8, other in 0usize..32) {
            if let Some(rma) = RmaNumber::from_random(bits) {
                let mut symbols = rma.symbols().into_bytes();
                prop_assume!(symbols[place] != ALPHABET[other]);
                symbols[place] = ALPHABET[other];
                prop_assert_eq!(String::from_utf8(symbols).unwrap().parse::<RmaNumber>(), Err(RmaError::Check));
            }
        }

        #[test]
        fn two_neighbours_swapped_are_always_caught(bits: u64, place in 0usize..7) {
            if let Some(rma) = RmaNumber::from_random(bits) {
                let mut symbols = rma.symbols().into_bytes();
                prop_assume!(symbols[place] != symbols[place + 1]);
                symbols.swap(place, place + 1);
                prop_assert_eq!(String::from_utf8(symbols).unwrap().parse::<RmaNumber>(), Err(RmaError::Check));
            }
        }
    }
}
