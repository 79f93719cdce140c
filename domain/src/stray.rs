//! Parcels that came and of which nobody knows whose they are, and what came in a return's parcel beside what was announced (P22): what can be read of
//! one, and what of it fits a return or an order.

use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::search::{LEAST_DIGITS, code, names};

/// Codes of things that are noted of one parcel, at the most.
pub const MOST_CODES: usize = 20;
/// Days that it is kept where nobody says how long.
pub const KEPT_DAYS: i64 = 14;
/// And at the most.
pub const MOST_KEPT_DAYS: i64 = 365;
/// Of what was weighed and what was bought, so many hundredths of the larger may differ: what it is packed in weighs, too.
const WEIGHT_DIFFERS: u64 = 25;

/// What can be read of a parcel that nobody knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Clues {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    /// The name on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// A phone number, or its last digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Codes of what is in it: products or serial numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<u32>,
}

impl Clues {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Each of them as it is looked for; a weight or a place alone finds nothing.
    pub fn sought(&self) -> Vec<&str> {
        let texts = [&self.tracking_number, &self.sender, &self.phone].into_iter().flatten();
        texts.chain(&self.codes).map(String::as_str).collect()
    }
}

/// What is known of a return, or of an order, that it may be of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Of labels, and of the parcels it was sent in.
    pub tracking_numbers: Vec<String>,
    pub names: Vec<String>,
    pub phones: Vec<String>,
    pub postal_codes: Vec<String>,
    pub skus: Vec<String>,
    pub serials: Vec<String>,
    /// What all of it weighs, where that is known.
    pub weight_grams: Option<u32>,
    /// Something of it is waited for.
    pub awaited: bool,
    /// It came in a parcel of that return.
    pub came_with: bool,
}

/// What of a parcel fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// It came in the parcel of that return.
    CameWith,
    TrackingNumber,
    Serial,
    Phone,
    Sender,
    Sku,
    PostalCode,
    Weight,
}

coded!(Fit {
    CameWith => "came_with",
    TrackingNumber => "tracking_number",
    Serial => "serial",
    Phone => "phone",
    Sender => "sender",
    Sku => "sku",
    PostalCode => "postal_code",
    Weight => "weight",
});

impl Fit {
    /// How much it says: what only one can have outweighs all that many may.
    pub fn says(self) -> u32 {
        match self {
            Self::CameWith => 2_000,
            Self::TrackingNumber => 1_000,
            Self::Serial => 500,
            Self::Phone => 60,
            Self::Sender => 50,
            Self::Sku => 30,
            Self::PostalCode => 20,
            Self::Weight => 10,
        }
    }
}

/// What of a parcel fits what is known, what says most first.
pub fn fits(clues: &Clues, known: &Known) -> Vec<Fit> {
    let same = |text: &str, of: &[String]| {
        let code = code(text);
        !code.is_empty() && of.iter().any(|known| self::code(known) == code)
    };
    let any = |texts: &[String], of: &[String]| texts.iter().any(|text| same(text, of));
    let one = |text: &Option<String>, of: &[String]| text.as_ref().is_some_and(|text| same(text, of));
    let phone = clues.phone.as_ref().map(|phone| digits(phone)).filter(|phone| phone.len() >= LEAST_DIGITS);
    let ends = |known: &String| {
        let known = digits(known);
        phone.as_ref().is_some_and(|phone| known.ends_with(phone.as_str()) || (known.len() >= LEAST_DIGITS && phone.ends_with(&known)))
    };
    let weight = clues.weight_grams.zip(known.weight_grams).is_some_and(|(weighed, bought)| {
        let (more, less) = (u64::from(weighed.max(bought)), u64::from(weighed.min(bought)));
        (more - less) * 100 <= more * WEIGHT_DIFFERS
    });
    let is = |fit: Fit| match fit {
        Fit::CameWith => known.came_with,
        Fit::TrackingNumber => one(&clues.tracking_number, &known.tracking_numbers),
        Fit::Serial => any(&clues.codes, &known.serials),
        Fit::Phone => known.phones.iter().any(ends),
        Fit::Sender => clues.sender.as_ref().is_some_and(|sender| known.names.iter().any(|name| is_named(sender, name))),
        Fit::Sku => any(&clues.codes, &known.skus),
        Fit::PostalCode => one(&clues.postal_code, &known.postal_codes),
        Fit::Weight => weight,
    };
    Fit::ALL.iter().copied().filter(|fit| is(*fit)).collect()
}

/// How well it fits in all.
pub fn says(fits: &[Fit]) -> u32 {
    fits.iter().map(|fit| fit.says()).sum()
}

/// Whether a name on a parcel is this one: each word of the shorter is in the longer.
fn is_named(sender: &str, name: &str) -> bool {
    let (sender, name) = (names(sender), names(name));
    let (less, more) = if sender.len() <= name.len() { (sender, name) } else { (name, sender) };
    !less.is_empty() && less.is_subset(&more)
}

fn digits(text: &str) -> String {
    text.chars().filter_map(crate::written::digit_of).collect()
}

/// How it stands with a parcel that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrayState {
    /// It lies on its shelf.
    Waiting,
    /// It is of a return.
    Linked,
    /// It went back to where it came from.
    SentBack,
    /// It was given away.
    GivenAway,
    /// It was thrown away.
    Destroyed,
}

coded!(StrayState {
    Waiting => "waiting",
    Linked => "linked",
    SentBack => "sent_back",
    GivenAway => "given_away",
    Destroyed => "destroyed",
});

impl StrayState {
    /// Ends of what is of no return.
    pub const ENDS: [Self; 3] = [Self::SentBack, Self::GivenAway, Self::Destroyed];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        Known {
            tracking_numbers: texts(&["SF1234567890"]),
            names: texts(&["Anna-Lena Müller"]),
            phones: texts(&["+49 30 1234567"]),
            postal_codes: texts(&["SW1A 1AA"]),
            skus: texts(&["TEE-BLK-M"]),
            serials: texts(&["SN 0001"]),
            weight_grams: Some(1_000),
            awaited: true,
            came_with: false,
        }
    }

    fn fit(clues: Clues) -> String {
        fits(&clues, &known()).iter().map(|fit| fit.code()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_clue_fits_however_it_is_written() {
        let text = |text: &str| Some(text.to_owned());
        let table: [(Clues, &str); 14] = [
            (Clues { tracking_number: text("sf 1234-567890"), ..Clues::default() }, "tracking_number"),
            (Clues { tracking_number: text("SF123456789"), ..Clues::default() }, ""),
            (Clues { sender: text("Muller, Anna Lena"), ..Clues::default() }, "sender"),
            (Clues { sender: text("MÜLLER"), ..Clues::default() }, "sender"),
            (Clues { sender: text("Mull"), ..Clues::default() }, ""),
            (Clues { sender: text("Anna Schmidt"), ..Clues::default() }, ""),
            (Clues { phone: text("…4567"), ..Clues::default() }, "phone"),
            (Clues { phone: text("030 1234567"), ..Clues::default() }, ""),
            (Clues { phone: text("567"), ..Clues::default() }, ""),
            (Clues { postal_code: text("sw1a1aa"), ..Clues::default() }, "postal_code"),
            (Clues { codes: vec!["tee blk m".into(), "sn0001".into()], ..Clues::default() }, "serial sku"),
            (Clues { weight_grams: Some(1_250), ..Clues::default() }, "weight"),
            (Clues { weight_grams: Some(1_400), ..Clues::default() }, ""),
            (Clues { sender: text("--"), codes: vec![" ".into()], ..Clues::default() }, ""),
        ];
        for (clues, expected) in table {
            assert_eq!(fit(clues.clone()), expected, "{clues:?}");
        }
        assert!(fits(&Clues::default(), &Known::default()).is_empty());
    }

    #[test]
    fn what_only_one_can_have_outweighs_all_that_many_may() {
        let shared = [Fit::Phone, Fit::Sender, Fit::Sku, Fit::PostalCode, Fit::Weight];
        assert!(Fit::Serial.says() > says(&shared) && Fit::TrackingNumber.says() > says(&shared) + Fit::Serial.says());
        assert!(Fit::CameWith.says() > says(&Fit::ALL[1..]), "whose parcel it came in is asked first, whatever else fits another");
        let order: Vec<u32> = Fit::ALL.iter().map(|fit| fit.says()).collect();
        assert!(order.is_sorted_by(|one, next| one > next), "{order:?}");
    }

    #[test]
    fn what_came_in_the_parcel_of_a_return_fits_it_whatever_can_be_read() {
        let with = Known { came_with: true, ..known() };
        assert_eq!(fits(&Clues::default(), &with), [Fit::CameWith]);
        let clues = Clues { codes: vec!["SN 0001".into()], ..Clues::default() };
        assert_eq!(fits(&clues, &with), [Fit::CameWith, Fit::Serial]);
        assert_eq!(fits(&clues, &known()), [Fit::Serial]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_typed_is_too_much(text in "\\PC{0,60}", weight in proptest::option::of(proptest::prelude::any::<u32>())) {
            let one = Some(text.clone());
            let clues = Clues { tracking_number: one.clone(), sender: one.clone(), phone: one.clone(), postal_code: one, codes: vec![text], weight_grams: weight };
            let all = fits(&clues, &known());
            proptest::prop_assert!(all.is_sorted());
        }
    }
}
