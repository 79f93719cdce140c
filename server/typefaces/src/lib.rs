//! Typefaces for documents: shipped as WOFF, decoded when a letter first needs them, chosen by the letters they have.

use std::cell::OnceCell;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use krilla::Data;
use krilla::text::Font;
use rustybuzz::ttf_parser;

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// A typeface ready for use, and the letters it has.
pub struct Face {
    pub font: Font,
    /// Its script gives letters a shape by their neighbours, or stacks them higher and deeper than Latin.
    pub shaped: bool,
    /// How large it is drawn beside Latin (1), so that its tallest letters and its deepest ones keep off the lines around theirs.
    pub scale: f32,
    data: Data,
    index: u32,
    letters: Vec<u32>,
}

impl Face {
    /// Nothing where `data` is no font.
    fn read(data: Vec<u8>, index: u32) -> Option<Self> {
        let mut letters = letters_of(&ttf_parser::Face::parse(&data, index).ok()?);
        letters.sort_unstable();
        letters.dedup();
        let data = Data::from(data);
        Some(Self { font: Font::new(data.clone(), index)?, shaped: false, scale: 1.0, data, index, letters })
    }

    /// Whether it can draw `letter`.
    pub fn has(&self, letter: char) -> bool {
        self.letters.binary_search(&u32::from(letter)).is_ok()
    }

    /// What places its letters beside each other.
    pub fn shaper(&self) -> Option<rustybuzz::Face<'_>> {
        rustybuzz::Face::from_slice(self.data.as_ref(), self.index)
    }
}

fn letters_of(face: &ttf_parser::Face<'_>) -> Vec<u32> {
    let mut letters = Vec::new();
    for table in face.tables().cmap.iter().flat_map(|cmap| cmap.subtables).filter(ttf_parser::cmap::Subtable::is_unicode) {
        table.codepoints(|letter| {
            if char::from_u32(letter).and_then(|letter| face.glyph_index(letter)).is_some_and(|glyph| glyph.0 != 0) {
                letters.push(letter);
            }
        });
    }
    letters
}

/// One shipped typeface.
struct Shipped {
    /// The letters it is opened for, where its name says them; else it is asked for all.
    script: &'static [RangeInclusive<char>],
    scale: f32,
    /// Regular, and bold where there is one.
    files: &'static [&'static [u8]],
    decoded: [OnceLock<Option<Arc<Face>>>; 2],
}

impl Shipped {
    const fn new(script: &'static [RangeInclusive<char>], scale: f32, files: &'static [&'static [u8]]) -> Self {
        Self { script, scale, files, decoded: [OnceLock::new(), OnceLock::new()] }
    }

    fn is_for(&self, letter: char) -> bool {
        self.script.is_empty() || self.script.iter().any(|letters| letters.contains(&letter))
    }

    fn face(&self, weight: Weight) -> Option<&Arc<Face>> {
        let place = (weight as usize).min(self.files.len() - 1);
        self.decoded[place]
            .get_or_init(|| {
                let face = Face::read(wuff::decompress_woff1(self.files[place]).ok()?, 0)?;
                Some(Arc::new(Face { shaped: !self.script.is_empty(), scale: self.scale, ..face }))
            })
            .as_ref()
    }
}

macro_rules! file {
    ($name:literal, $weight:literal) => {
        include_bytes!(concat!("../../../public/fonts/", $name, "-", $weight, "-normal.woff"))
    };
}

/// Typefaces in both weights.
macro_rules! weights {
    ($name:literal) => {
        Shipped::new(&[], 1.0, &[file!($name, "400"), file!($name, "700")])
    };
}

/// Typefaces of one script, in one weight: names in it are rarely bold, and bold would double its files.
macro_rules! script {
    ($name:literal, $scale:literal, $($letters:expr),+) => {
        Shipped::new(&[$($letters),+], $scale, &[file!($name, "400")])
    };
}

/// Chinese comes last: it also has Latin, Greek and Cyrillic letters, but of another design.
static SHIPPED: [Shipped; 26] = [
    weights!("noto-sans-latin"),
    weights!("noto-sans-latin-ext"),
    weights!("noto-sans-cyrillic"),
    weights!("noto-sans-cyrillic-ext"),
    weights!("noto-sans-greek"),
    weights!("noto-sans-greek-ext"),
    weights!("noto-sans-vietnamese"),
    script!("noto-sans-armenian", 1.0, '\u{530}'..='\u{58f}', '\u{fb13}'..='\u{fb17}'),
    script!("noto-sans-hebrew", 1.0, '\u{590}'..='\u{5ff}', '\u{fb1d}'..='\u{fb4f}'),
    script!(
        "noto-sans-arabic",
        1.0,
        '\u{600}'..='\u{6ff}',
        '\u{750}'..='\u{77f}',
        '\u{870}'..='\u{8ff}',
        '\u{fb50}'..='\u{fdff}',
        '\u{fe70}'..='\u{fefc}'
    ),
    script!("noto-sans-devanagari", 1.0, '\u{900}'..='\u{97f}', '\u{a8e0}'..='\u{a8ff}'),
    script!("noto-sans-bengali", 1.0, '\u{980}'..='\u{9ff}'),
    script!("noto-sans-gurmukhi", 1.0, '\u{a00}'..='\u{a7f}'),
    script!("noto-sans-gujarati", 1.0, '\u{a80}'..='\u{aff}'),
    script!("noto-sans-oriya", 1.0, '\u{b00}'..='\u{b7f}'),
    script!("noto-sans-tamil", 1.0, '\u{b80}'..='\u{bff}'),
    script!("noto-sans-telugu", 1.0, '\u{c00}'..='\u{c7f}'),
    script!("noto-sans-kannada", 0.95, '\u{c80}'..='\u{cff}'),
    script!("noto-sans-malayalam", 1.0, '\u{d00}'..='\u{d7f}'),
    script!("noto-sans-sinhala", 1.0, '\u{d80}'..='\u{dff}'),
    script!("noto-sans-thai", 1.0, '\u{e00}'..='\u{e7f}'),
    script!("noto-sans-lao", 1.0, '\u{e80}'..='\u{eff}'),
    script!("noto-sans-myanmar", 0.85, '\u{1000}'..='\u{109f}', '\u{a9e0}'..='\u{a9ff}', '\u{aa60}'..='\u{aa7f}'),
    script!("noto-sans-georgian", 1.0, '\u{10a0}'..='\u{10ff}', '\u{1c90}'..='\u{1cbf}', '\u{2d00}'..='\u{2d2f}'),
    script!("noto-sans-khmer", 0.88, '\u{1780}'..='\u{17ff}', '\u{19e0}'..='\u{19ff}'),
    weights!("noto-sans-sc-chinese-simplified"),
];

/// The shipped Chinese typeface (it has Latin letters too), for documents that name theirs and do not bring it.
pub fn chinese_typeface(bold: bool) -> Option<Data> {
    let weight = if bold { Weight::Bold } else { Weight::Regular };
    SHIPPED.last()?.face(weight).map(|face| face.data.clone())
}

/// Where Debian's `fonts-noto-cjk` puts the whole of Chinese, Japanese and Korean.
const SYSTEM: [&str; 2] = ["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"];
const SYSTEM_NAME: &str = "Noto Sans CJK SC";

/// The typefaces of one document. The shipped ones stay decoded for the next one; those of the system are some 20 MB each and
/// rarely needed, so they are given back with it.
#[derive(Default)]
pub struct Fonts {
    system: [OnceCell<Option<Arc<Face>>>; 2],
}

impl Fonts {
    /// The typeface for `letter`, where any has it. `before` is that of the letter before: marks that both scripts use follow it.
    pub fn pick(&self, letter: char, weight: Weight, before: Option<&Arc<Face>>) -> Option<Arc<Face>> {
        if let Some(before) = before.filter(|before| follows(letter) && before.has(letter)) {
            return Some(before.clone());
        }
        let mut files = SHIPPED.iter().filter(|file| file.is_for(letter));
        let shipped = files.find_map(|file| file.face(weight).filter(|face| face.has(letter)));
        let system = || if is_east_asian(letter) { self.system(weight) } else { None };
        shipped.or_else(|| system().filter(|face| face.has(letter))).cloned()
    }

    fn system(&self, weight: Weight) -> Option<&Arc<Face>> {
        let place = weight as usize;
        self.system[place].get_or_init(|| from_system(Path::new(SYSTEM[place]))).as_ref()
    }
}

/// Full-width in Chinese and narrow in Latin: quotes, dash, ellipsis, middle dot; the space between words; what stands on, under or
/// after letters of more than one script: accents, joiners, Vedic signs, the end of an Indic sentence.
fn follows(letter: char) -> bool {
    matches!(letter,
        ' ' | '“' | '”' | '‘' | '’' | '—' | '…' | '·' | '\u{300}'..='\u{36f}' | '\u{951}' | '\u{952}' | '।' | '॥'
        | '\u{1cd0}'..='\u{1cff}' | '\u{200c}' | '\u{200d}' | '\u{25cc}')
}

/// Worth opening the system's typefaces for; emoji and other scripts are not in them.
fn is_east_asian(letter: char) -> bool {
    matches!(letter,
        '\u{1100}'..='\u{11ff}' | '\u{2460}'..='\u{27bf}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

fn from_system(path: &Path) -> Option<Arc<Face>> {
    let data = std::fs::read(path).ok()?;
    let named = |index: &u32| {
        ttf_parser::Face::parse(&data, *index)
            .is_ok_and(|face| face.names().into_iter().any(|name| name.to_string().is_some_and(|name| name == SYSTEM_NAME)))
    };
    let index = (0..ttf_parser::fonts_in_collection(&data)?).find(named)?;
    Face::read(data, index).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_typeface_can_be_read_in_both_weights() {
        let letters = "AłЖҚΩἀơԵשعदবਕકଓதతಕമසกລမქខ杭";
        assert_eq!(letters.chars().count(), SHIPPED.len());
        for (file, letter) in SHIPPED.iter().zip(letters.chars()) {
            for weight in [Weight::Regular, Weight::Bold] {
                assert!(file.is_for(letter) && file.face(weight).unwrap().has(letter), "{letter}");
            }
        }
    }

    #[test]
    fn a_mark_stands_in_the_typeface_of_its_letter() {
        let fonts = Fonts::default();
        for (letter, mark) in [('ẹ', '\u{301}'), ('ɛ', '\u{303}'), ('ক', '।'), ('ന', '\u{200d}')] {
            let face = fonts.pick(letter, Weight::Regular, None).unwrap();
            assert!(Arc::ptr_eq(&face, &fonts.pick(mark, Weight::Regular, Some(&face)).unwrap()), "{letter}{mark}");
        }
    }

    #[test]
    fn latin_letters_are_not_taken_from_the_chinese_typeface() {
        let fonts = Fonts::default();
        let pick = |letter, before| fonts.pick(letter, Weight::Regular, before).unwrap();
        let (latin, chinese) = (pick('A', None), pick('杭', None));
        assert!(chinese.has('A') && !latin.has('杭'));
        assert!(Arc::ptr_eq(&latin, &pick('B', Some(&chinese))));
        assert!(Arc::ptr_eq(&chinese, &pick('“', Some(&chinese))), "a quote follows what is before it");
        assert!(Arc::ptr_eq(&latin, &pick('“', Some(&latin))));
    }

    #[test]
    fn a_rare_name_is_looked_for_in_the_system_too() {
        let fonts = Fonts::default();
        let found = fonts.pick('䶮', Weight::Bold, None);
        assert_eq!(found.is_some(), Path::new(SYSTEM[1]).exists());
        assert!(fonts.pick('\u{10fffd}', Weight::Bold, None).is_none());
    }
}
