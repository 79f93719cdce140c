//! What customers are given on top because the shop or the carrier was at fault (C34, C35): how it stands, and the code of a coupon, which nobody guesses.

use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::coded::coded;
use crate::credit::CreditKind;
use crate::money::{Currency, Money};
use crate::policy::{BasisPoints, Gift};
use crate::written::{digit_of, half_width, is_invisible};

/// What is given, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GiftKind {
    /// A coupon of a share of what is bought.
    Percent,
    /// A coupon of an amount.
    Amount,
    /// A coupon for free shipping.
    FreeShipping,
    Points,
    /// Credit in the shop.
    Credit,
}

coded!(GiftKind {
    Percent => "percent",
    Amount => "amount",
    FreeShipping => "free_shipping",
    Points => "points",
    Credit => "credit",
});

impl GiftKind {
    pub const fn of(gift: Gift) -> Self {
        match gift {
            Gift::Percent { .. } => Self::Percent,
            Gift::Amount(_) => Self::Amount,
            Gift::FreeShipping => Self::FreeShipping,
            Gift::Points(_) => Self::Points,
            Gift::Credit(_) => Self::Credit,
        }
    }

    /// Whether it has a code.
    pub const fn is_coupon(self) -> bool {
        matches!(self, Self::Percent | Self::Amount | Self::FreeShipping)
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GiftState {
    /// A person decides first.
    Waiting,
    Given,
    /// The coupon was used.
    Redeemed,
    /// It was unused when its time was over; of points and credit the ledgers say it.
    Expired,
    /// It was taken back: it turned out otherwise.
    Withdrawn,
    /// A person said no.
    Refused,
    /// The customer had as much as one gets in a month.
    Capped,
}

coded!(GiftState {
    Waiting => "waiting",
    Given => "given",
    Redeemed => "redeemed",
    Expired => "expired",
    Withdrawn => "withdrawn",
    Refused => "refused",
    Capped => "capped",
});

impl GiftState {
    /// Whether customers hear of it: what waits, was refused or would have been too much was never theirs.
    pub const fn is_told(self) -> bool {
        matches!(self, Self::Given | Self::Redeemed | Self::Expired | Self::Withdrawn)
    }

    /// Whether it may still be taken back.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Given | Self::Capped)
    }
}

/// A gift as it is told: what it is, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GiftSaid {
    pub kind: GiftKind,
    /// Hundredths of a percent, minor units, or points; nothing of free shipping.
    pub value: i64,
    pub currency: Currency,
    /// The most that a share comes to, minor units.
    pub up_to: Option<i64>,
}

impl GiftSaid {
    /// How much, as machines read it: `10` of a percentage, `5.00`, points; nothing of free shipping.
    pub fn value(self) -> Option<String> {
        match self.kind {
            GiftKind::Percent => Some(BasisPoints(self.value).percent()),
            GiftKind::Amount | GiftKind::Credit => Some(Money::new(self.value, self.currency).decimal()),
            GiftKind::Points => Some(self.value.to_string()),
            GiftKind::FreeShipping => None,
        }
    }
}

impl Serialize for GiftSaid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut said = serializer.serialize_struct("GiftSaid", 4)?;
        said.serialize_field("kind", self.kind.code())?;
        said.serialize_field("value", &self.value())?;
        said.serialize_field("currency", &self.currency)?;
        said.serialize_field("up_to", &self.up_to.map(|most| Money::new(most, self.currency).decimal()))?;
        said.end()
    }
}

/// Why points came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PointsKind {
    Give,
    /// They were spent.
    Redeem,
    /// What was to be spent was not.
    Release,
    /// It turned out otherwise.
    Withdraw,
    /// Their time was over.
    Expire,
}

coded!(PointsKind {
    Give => "give",
    Redeem => "redeem",
    Release => "release",
    Withdraw => "withdraw",
    Expire => "expire",
});

impl PointsKind {
    /// As what it counts where what is left of each entry is reckoned, as of credit.
    pub const fn as_credit(self) -> CreditKind {
        match self {
            Self::Give => CreditKind::Bonus,
            Self::Redeem => CreditKind::Redeem,
            Self::Release => CreditKind::Release,
            Self::Withdraw => CreditKind::Adjust,
            Self::Expire => CreditKind::Expire,
        }
    }
}

/// Crockford's base 32: no I, L, O or U, so that nothing is mistaken when written by hand.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols before the check symbol.
const PAYLOAD: u32 = 15;

/// A coupon's code, written `7KQ4-M2XD-09HZ-T3WA`: 75 random bits, and the check symbol of Crockford's rule (value mod 37; values whose check symbol
/// would be a punctuation mark are not used). Whoever has it may use it, so it is drawn by a generator for secrets and logged nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CouponCode(u128);

/// Why a text is no coupon's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a coupon's code has sixteen letters and digits, such as 7KQ4-M2XD-09HZ-T3W6; one of these is wrong or missing")]
pub struct NoCoupon;

impl CouponCode {
    /// Of random bits, or nothing where these must not be used (5 of 37): draw again.
    pub fn from_random(bits: u128) -> Option<Self> {
        let value = bits & ((1 << (5 * PAYLOAD)) - 1);
        (value % 37 < 32).then_some(Self(value))
    }
}

impl FromStr for CouponCode {
    type Err = NoCoupon;

    /// Forgiving: case, spaces, dashes, full-width forms, digits of any script, what nobody sees, and I, L, O as the digits they look like.
    fn from_str(text: &str) -> Result<Self, NoCoupon> {
        let (mut value, mut places) = (0_u128, 0);
        let mut check = None;
        for letter in text.chars() {
            let letter = match digit_of(letter).unwrap_or(half_width(letter).to_ascii_uppercase()) {
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => continue,
                letter if letter.is_whitespace() || is_invisible(letter) => continue,
                'I' | 'L' => '1',
                'O' => '0',
                letter => letter,
            };
            let digit = ALPHABET.iter().position(|symbol| char::from(*symbol) == letter).ok_or(NoCoupon)? as u128;
            match places {
                place if place < PAYLOAD => value = value << 5 | digit,
                PAYLOAD => check = Some(digit),
                _ => return Err(NoCoupon),
            }
            places += 1;
        }
        if check == Some(value % 37) { Ok(Self(value)) } else { Err(NoCoupon) }
    }
}

impl fmt::Display for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbol = |digit: u128| char::from(ALPHABET[(digit & 31) as usize]);
        for place in (0..PAYLOAD).rev() {
            write!(f, "{}", symbol(self.0 >> (5 * place)))?;
            if place % 4 == 3 {
                f.write_str("-")?;
            }
        }
        write!(f, "{}", symbol(self.0 % 37))
    }
}

/// Nobody reads it in a log.
impl fmt::Debug for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CouponCode(…)")
    }
}

impl Serialize for CouponCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CouponCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::from_text::from_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_written_and_one_wrong_letter_is_seen() {
        let code = (0..).find_map(|more| CouponCode::from_random(0x0123_4567_89AB_CDEF_0123_4567_u128 + more)).unwrap();
        let written = code.to_string();
        assert_eq!((written.len(), written.matches('-').count()), (19, 3), "{written}");
        for other in
            [written.to_lowercase(), written.replace('-', " "), written.replace('-', ""), written.replace('0', "o").replace('1', "l")]
        {
            assert_eq!(other.parse(), Ok(code), "{other}");
        }
        let mut slips = 0;
        for (place, letter) in written.char_indices().filter(|(_, letter)| *letter != '-') {
            for symbol in ALPHABET.iter().map(|symbol| char::from(*symbol)).filter(|symbol| *symbol != letter) {
                let mut other = written.clone();
                other.replace_range(place..=place, &symbol.to_string());
                slips += usize::from(other.parse::<CouponCode>().is_err());
            }
        }
        assert_eq!(slips, 16 * 31);
        for none in ["", "R-7KQ4-M2XD", "7KQ4-M2XD-09HZ-T3WA-1", "7KQ4-M2XD-09HZ-U3WA", &written[..18]] {
            assert_eq!(none.parse::<CouponCode>(), Err(NoCoupon), "{none}");
        }
        assert!(!format!("{code:?}").contains(&written[..4]));
    }
}
