//! What returns and orders are found by: terms that are kept, and what typed words may mean. Both are made here, so that what was kept in one form
//! is found however it is typed.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::coded::coded;
use crate::written::{digit_of, is_invisible};

/// Letters of a search that are read.
pub const LONGEST_SEARCH: usize = 100;
/// Words of a search that are looked for.
pub const MOST_WORDS: usize = 6;
/// Bytes of a term; what is longer is found by its beginning.
const LONGEST_TERM: usize = 60;
/// Words of a name that are kept.
const MOST_NAMES: usize = 6;
/// Digits of a phone number's end by which it is found.
pub const LEAST_DIGITS: usize = 4;

/// What a term is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TermKind {
    /// A word of the customer's name.
    Name,
    /// A phone number's digits, the last one first: it is found by its end.
    Phone,
    Sku,
    Serial,
    /// A parcel's number.
    Parcel,
    /// The last digits of a card that was paid with.
    Card,
}

coded!(TermKind { Name => "name", Phone => "phone", Sku => "sku", Serial => "serial", Parcel => "parcel", Card => "card" });

/// In the form in which texts are compared: compatible forms (NFKC), digits of any script, lower case, no accents, nothing that nobody sees.
fn folded(text: &str) -> String {
    let accent = |letter: &char| matches!(letter, '\u{300}'..='\u{36F}');
    let lower =
        text.chars().nfkd().filter(|letter| !is_invisible(*letter)).flat_map(|letter| digit_of(letter).unwrap_or(letter).to_lowercase());
    lower.nfkd().filter(|letter| !accent(letter)).nfc().collect::<String>().replace('ß', "ss")
}

fn cut(mut term: String) -> String {
    let mut end = LONGEST_TERM.min(term.len());
    while !term.is_char_boundary(end) {
        end -= 1;
    }
    term.truncate(end);
    term
}

/// A number or code as it is kept and looked for: its letters and digits alone.
pub fn code(text: &str) -> String {
    cut(folded(text).chars().filter(|letter| letter.is_alphanumeric()).collect())
}

/// The words of a name.
fn words(text: &str) -> Vec<String> {
    let folded = folded(text);
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(|word| cut(word.to_owned())).collect()
}

/// Terms of a name: its words; of a Chinese name, which is written as one, what stands behind the family name as well.
pub fn names(name: &str) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for word in words(name).into_iter().take(MOST_NAMES) {
        let letters: Vec<char> = word.chars().collect();
        if (2..=4).contains(&letters.len()) && letters.iter().all(|letter| is_han(*letter)) {
            // Four letters are a family name of two, as 欧阳 is.
            let family = if letters.len() == 4 { 2 } else { 1 };
            terms.insert(letters[family..].iter().collect());
        }
        terms.insert(word);
    }
    terms
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{3134F}')
}

/// The term of a phone number's digits.
pub fn phone(digits: &str) -> String {
    cut(digits.chars().rev().collect())
}

/// What was typed into the one box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// All of it, as one number or code.
    pub whole: Word,
    /// Word by word; each of them is to be found.
    pub words: Vec<Word>,
}

/// A word that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Without spaces around it.
    pub typed: String,
    /// As [`code`] has it; empty where there is no letter or digit in it.
    pub code: String,
    /// Words of a name that it may be: more than one where it is written with a dash, say.
    pub names: Vec<String>,
    /// Its digits, where it is nothing but digits and what is written between those of a phone number, and long enough.
    pub digits: Option<String>,
}

impl Sought {
    /// Reads as much of what was typed as is looked for; nothing where there is no letter or digit in it.
    pub fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().take(LONGEST_SEARCH).collect();
        let seen: String = text.nfkc().filter(|letter| !is_invisible(*letter)).collect();
        let whole = Word::of(&seen);
        let words: Vec<Word> = seen.split_whitespace().map(Word::of).filter(|word| !word.code.is_empty()).take(MOST_WORDS).collect();
        (!whole.code.is_empty()).then_some(Self { whole, words })
    }
}

impl Word {
    fn of(text: &str) -> Self {
        let typed = text.trim();
        let mut digits = String::new();
        let phone = typed.chars().all(|letter| {
            let digit = digit_of(letter);
            digits.extend(digit);
            digit.is_some() || letter.is_whitespace() || matches!(letter, '+' | '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}')
        });
        Self {
            typed: typed.to_owned(),
            code: code(typed),
            names: words(typed),
            digits: Some(digits).filter(|digits| phone && digits.len() >= LEAST_DIGITS),
        }
    }
}

/// The first term that does not begin so any more: terms that do lie between the two, byte by byte.
pub fn beyond(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Vec<String> {
        names(name).into_iter().collect()
    }

    #[test]
    fn names_are_kept_as_they_are_looked_for() {
        assert_eq!(named("Anna-Lena  Müller"), ["anna", "lena", "muller"]);
        assert_eq!(named("ＷＡＮＧ Xiǎo\u{200B}míng"), ["wang", "xiaoming"]);
        assert_eq!(named("Groß"), ["gross"]);
        assert_eq!(named("王小明"), ["小明", "王小明"]);
        assert_eq!(named("王明"), ["明", "王明"]);
        assert_eq!(named("欧阳小明"), ["小明", "欧阳小明"]);
        assert_eq!(named("アンナ ミュラー"), ["アンナ", "ミュラー"]);
        assert_eq!(named(" -- "), [""; 0]);
        assert_eq!(names(&"a b c d e f g h i".repeat(9)).len(), 6, "bounded");
        assert_eq!(named(&"ü汉".repeat(500))[0].len(), 60);
    }

    #[test]
    fn codes_are_one_however_they_are_written() {
        for typed in ["SF 1234-5678", "sf12345678", "ＳＦ１２３４５６７８", "sf.1234.5678\u{200B}"] {
            assert_eq!(code(typed), "sf12345678", "{typed}");
        }
        assert_eq!(code("TEE-BLK/M"), "teeblkm");
        assert_eq!(phone("13800000001"), "10000000831");
        assert!("teeblkm" >= "teeb" && *"teeblkm" < *beyond("teeb") && *"teec" > *beyond("teeb"));
        assert!(*"王小明" < *beyond("王") && *"王\u{10FFFE}" < *beyond("王"));
    }

    #[test]
    fn what_is_typed_is_read_word_by_word_and_as_a_whole() {
        let read = |text: &str| Sought::read(text).unwrap();
        let two = read("  Anna\u{3000}Müller ");
        assert_eq!(two.words.iter().map(|word| word.names.join("+")).collect::<Vec<_>>(), ["anna", "muller"]);
        assert_eq!(read("Jean-Luc").words[0].names, ["jean", "luc"]);
        assert_eq!(read("+86 138 0000 0001").whole.digits.as_deref(), Some("8613800000001"));
        assert_eq!(read("(020) 7946-0018").whole.digits.as_deref(), Some("02079460018"));
        assert_eq!(read("٠٠٠١").whole.digits.as_deref(), Some("0001"));
        assert_eq!((read("001").whole.digits, read("SF0001").whole.digits), (None, None));
        assert_eq!(Sought::read("  -- . "), None);
        assert_eq!(Sought::read(""), None);
        let long = read(&"a ".repeat(5_000));
        assert_eq!((long.words.len(), long.whole.code.len()), (MOST_WORDS, 50));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_kept_is_found_by_each_beginning(name in "\\PC{0,30}", letters in 1usize..30) {
            for term in names(&name) {
                let beginning: String = term.chars().take(letters).collect();
                proptest::prop_assert!(term.as_str() >= beginning.as_str() && term < beyond(&beginning));
            }
            for word in words(&name).into_iter().take(MOST_NAMES) {
                proptest::prop_assert!(names(&name).contains(&word));
                proptest::prop_assert_eq!(words(&word), [word.as_str()], "typed as it is kept");
            }
        }
    }
}
