//! Where money goes that leaves by bank transfer: whose account, and whether its number can be one.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::plain::one_line;

/// Letters of a holder's name: ISO 20022 has 140, SEPA takes 70 (EPC132-08, AT-21).
pub const LONGEST_HOLDER: usize = 70;
/// Letters of a bank's name.
pub const LONGEST_BANK: usize = 100;
/// Digits of an account that has no IBAN.
pub const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 6..=34;
/// Days for which an account is known at the most where nothing is paid to it.
pub const KEPT_UNPAID_DAYS: i64 = 180;
/// Days for which it is known after the money has left: as long as a transfer may come back.
pub const KEPT_PAID_DAYS: i64 = 30;

/// Characters of IBANs by country (ISO 13616, the registry of SWIFT), of those in SEPA; others are held to their check digits alone.
const LENGTHS: [(&str, usize); 41] = [
    ("AD", 24),
    ("AL", 28),
    ("AT", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GI", 23),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IS", 26),
    ("IT", 27),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("RS", 22),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
];

/// An international account number (ISO 13616), as machines write it: capitals and digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iban(String);

/// It is no account's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no IBAN: its check digits do not fit")]
pub struct NoIban;

impl Iban {
    /// As machines write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Country and last four digits: what may be shown to those who need to know which, and no more.
    pub fn hinted(&self) -> String {
        format!("{}…{}", &self.0[..2], &self.0[self.0.len() - 4..])
    }
}

impl std::str::FromStr for Iban {
    type Err = NoIban;

    /// However it is grouped; its check digits must fit (ISO 7064, MOD 97-10), and its length where its country's is known.
    fn from_str(text: &str) -> Result<Self, NoIban> {
        let parts = |letter: &char| letter.is_whitespace() || matches!(letter, '-' | '.');
        let iban: String = text.nfkc().filter(|letter| !parts(letter)).take(35).collect::<String>().to_uppercase();
        let bytes = iban.as_bytes();
        let shaped = (15..=34).contains(&bytes.len())
            && bytes.iter().all(u8::is_ascii_alphanumeric)
            && bytes[..2].iter().all(u8::is_ascii_uppercase)
            && bytes[2..4].iter().all(u8::is_ascii_digit);
        if !shaped || LENGTHS.iter().any(|(country, length)| iban.starts_with(country) && iban.len() != *length) {
            return Err(NoIban);
        }
        let digits = bytes[4..].iter().chain(&bytes[..4]).map(|byte| u32::from(*byte));
        let rest = digits.fold(0, |rest, byte| match byte {
            48..=57 => (rest * 10 + byte - 48) % 97,
            _ => (rest * 100 + byte - 55) % 97,
        });
        if rest == 1 { Ok(Self(iban)) } else { Err(NoIban) }
    }
}

impl TryFrom<String> for Iban {
    type Error = NoIban;

    fn try_from(text: String) -> Result<Self, NoIban> {
        text.parse()
    }
}

impl From<Iban> for String {
    fn from(iban: Iban) -> Self {
        iban.0
    }
}

/// Logs name no accounts.
impl std::fmt::Debug for Iban {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Iban(…)")
    }
}

/// An account, by its number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Account {
    Iban {
        iban: Iban,
    },
    /// Where accounts have no such number, as in China: digits, and which bank.
    Number {
        number: String,
        bank: String,
    },
}

impl Account {
    /// What may be shown of it: the last four digits.
    pub fn hinted(&self) -> String {
        match self {
            Self::Iban { iban } => iban.hinted(),
            Self::Number { number, bank } => format!("{bank} …{}", &number[number.len().saturating_sub(4)..]),
        }
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(…)")
    }
}

/// Who gets money, and where.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// Whose account it is.
    pub holder: String,
    pub account: Account,
}

impl std::fmt::Debug for Payee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payee(…)")
    }
}

/// What is wrong with what was said of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayeeWrong {
    /// Nobody is named, or in more than 70 letters.
    Holder,
    Iban,
    /// Neither an IBAN nor a number was given, or both were.
    Number,
    /// Which bank, in at most 100 letters.
    Bank,
}

impl Payee {
    /// What was said: an IBAN, or a number with its bank.
    pub fn read(holder: &str, iban: &str, number: &str, bank: &str) -> Result<Self, Vec<PayeeWrong>> {
        let mut wrong = Vec::new();
        let name = one_line(holder, LONGEST_HOLDER + 1);
        if name.is_empty() || name.chars().count() > LONGEST_HOLDER {
            wrong.push(PayeeWrong::Holder);
        }
        let account = match (iban.trim().is_empty(), number.trim().is_empty()) {
            (false, true) => iban.parse().map(|iban| Account::Iban { iban }).map_err(|NoIban| wrong.push(PayeeWrong::Iban)).ok(),
            (true, false) => {
                let digits: String = number.nfkc().filter(|letter| !letter.is_whitespace() && *letter != '-').take(40).collect();
                let bank = one_line(bank, LONGEST_BANK + 1);
                let fits = ACCOUNT_DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
                if !fits {
                    wrong.push(PayeeWrong::Number);
                }
                if bank.is_empty() || bank.chars().count() > LONGEST_BANK {
                    wrong.push(PayeeWrong::Bank);
                }
                Some(Account::Number { number: digits, bank })
            }
            _ => {
                wrong.push(if number.trim().is_empty() { PayeeWrong::Iban } else { PayeeWrong::Number });
                None
            }
        };
        match account.filter(|_| wrong.is_empty()) {
            Some(account) => Ok(Self { holder: name, account }),
            None => Err(wrong),
        }
    }
}

/// A text in the letters that banks in SEPA take (EPC217-08): others by what they are made of, else as a full stop.
pub fn latin(text: &str, most: usize) -> String {
    let mut written = String::new();
    for letter in text.chars() {
        let spelt = match letter {
            'ä' => "ae",
            'ö' => "oe",
            'ü' => "ue",
            'Ä' => "Ae",
            'Ö' => "Oe",
            'Ü' => "Ue",
            'ß' => "ss",
            'æ' => "ae",
            'Æ' => "AE",
            'ø' => "o",
            'Ø' => "O",
            'œ' => "oe",
            'Œ' => "OE",
            'ł' => "l",
            'Ł' => "L",
            'đ' => "d",
            'Đ' => "D",
            '&' => "+",
            _ => "",
        };
        if !spelt.is_empty() {
            written.push_str(spelt);
            continue;
        }
        for part in letter.nfkd().filter(|part| !matches!(part, '\u{300}'..='\u{36F}')) {
            written.push(if part.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(part) { part } else { '.' });
        }
    }
    // No line of theirs begins or ends with a stroke, nor has two in a row.
    let mut line = String::new();
    for letter in written.trim().trim_matches('/').chars().take(most) {
        if !(letter == '/' && line.ends_with('/')) {
            line.push(letter);
        }
    }
    line.truncate(line.trim_end_matches([' ', '/']).len());
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Examples of the registry.
    const KNOWN: [&str; 6] = [
        "DE89 3704 0044 0532 0130 00",
        "FR14 2004 1010 0505 0001 3M02 606",
        "GB29 NWBK 6016 1331 9268 19",
        "NO93 8601 1117 947",
        "MT84MALT011000012345MTLCAST001S",
        "SA03 8000 0000 6080 1016 7519",
    ];

    #[test]
    fn check_digits_and_lengths_are_held_to() {
        for known in KNOWN {
            let iban: Iban = known.to_lowercase().parse().unwrap();
            assert_eq!(iban.as_str(), known.replace(' ', ""));
            assert_eq!(iban.as_str().parse::<Iban>().as_ref(), Ok(&iban));
        }
        for wrong in [
            "",
            "DE",
            "DE89370400440532013001",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "89DE370400440532013000",
            "DE89 3704 0044 0532 0130 0é",
        ] {
            assert_eq!(wrong.parse::<Iban>(), Err(NoIban), "{wrong}");
        }
        let iban: Iban = KNOWN[0].parse().unwrap();
        assert_eq!(iban.hinted(), "DE…3000");
        let payee = Payee { holder: "Anna Müller".into(), account: Account::Iban { iban } };
        assert!(!format!("{payee:?}{:?}", payee.account).contains("3704"), "logs name no accounts");
    }

    #[test]
    fn either_an_iban_or_a_number_with_its_bank_is_told() {
        let read = |iban: &str, number: &str, bank: &str| Payee::read("Li Lei", iban, number, bank).map(|payee| payee.account.hinted());
        assert_eq!(read("DE89370400440532013000", "", ""), Ok("DE…3000".into()));
        assert_eq!(read("", "6222 0212 3456 7890", "工商银行"), Ok("工商银行 …7890".into()));
        assert_eq!(read("", "", ""), Err(vec![PayeeWrong::Iban]));
        assert_eq!(read("DE89370400440532013000", "123456", "x"), Err(vec![PayeeWrong::Number]));
        assert_eq!(read("DE88370400440532013000", "", ""), Err(vec![PayeeWrong::Iban]));
        assert_eq!(read("", "12a456", ""), Err(vec![PayeeWrong::Number, PayeeWrong::Bank]));
        assert_eq!(Payee::read(&"x".repeat(71), "DE89370400440532013000", "", ""), Err(vec![PayeeWrong::Holder]));
    }

    #[test]
    fn names_are_written_in_letters_that_banks_take() {
        for (text, written) in [
            ("Jürgen Groß", "Juergen Gross"),
            ("Zoë Łukasz", "Zoe Lukasz"),
            ("A & B // GmbH/", "A + B / GmbH"),
            ("王芳", ".."),
            ("/x/", "x"),
        ] {
            assert_eq!(latin(text, 70), written);
        }
        assert_eq!(latin("abc def", 4), "abc");
    }

    proptest! {
        /// MOD 97-10 finds each digit that is mistyped, and each two that changed places.
        #[test]
        fn one_slip_is_found(which in 0..KNOWN.len(), place in 4_usize..14, other in 0..10_u8) {
            let right = KNOWN[which].replace(' ', "");
            let mut slip = right.clone().into_bytes();
            slip[place] = b'0' + other;
            let slip = String::from_utf8(slip).unwrap();
            prop_assert_eq!(slip.parse::<Iban>().is_ok(), slip == right);
            let mut turned = right.clone().into_bytes();
            turned.swap(place, place + 1);
            let turned = String::from_utf8(turned).unwrap();
            prop_assert_eq!(turned.parse::<Iban>().is_ok(), turned == right);
        }

        #[test]
        fn whatever_is_written_fits(text in "\\PC{0,200}") {
            let line = latin(&text, 70);
            prop_assert!(line.len() <= 70 && line.chars().all(|letter| letter.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(letter)));
            let _ = Payee::read(&text, &text, "", "");
            let _ = Payee::read(&text, "", &text, &text);
        }
    }
}
