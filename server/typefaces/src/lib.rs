//! Typefaces for documents: shipped as WOFF, decoded when a letter first needs them, chosen by the letters they have.

use std::cell::OnceCell;
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
    data: Data,
    index: u32,
    letters: Vec<u32>,
}

impl Face {
    /// Nothing where `data` is no font.
    fn read(data: Vec<u8>, index: u32) -> Option<Arc<Self>> {
        let mut letters = letters_of(&ttf_parser::Face::parse(&data, index).ok()?);
        letters.sort_unstable();
        letters.dedup();
        let data = Data::from(data);
        Some(Arc::new(Self { font: Font::new(data.clone(), index)?, data, index, letters }))
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

/// One shipped file in both weights.
struct Shipped {
    files: [&'static [u8]; 2],
    decoded: [OnceLock<Option<Arc<Face>>>; 2],
}

impl Shipped {
    const fn new(regular: &'static [u8], bold: &'static [u8]) -> Self {
        Self { files: [regular, bold], decoded: [OnceLock::new(), OnceLock::new()] }
    }

    fn face(&self, weight: Weight) -> Option<&Arc<Face>> {
        let place = weight as usize;
        self.decoded[place].get_or_init(|| Face::read(wuff::decompress_woff1(self.files[place]).ok()?, 0)).as_ref()
    }
}

macro_rules! shipped {
    ($($name:literal),*) => {
        [$(Shipped::new(
            include_bytes!(concat!("../../../public/fonts/", $name, "-400-normal.woff")),
            include_bytes!(concat!("../../../public/fonts/", $name, "-700-normal.woff")),
        )),*]
    };
}

/// Chinese comes last: it also has Latin, Greek and Cyrillic letters, but of another design.
static SHIPPED: [Shipped; 6] = shipped!(
    "noto-sans-latin",
    "noto-sans-latin-ext",
    "noto-sans-cyrillic",
    "noto-sans-greek",
    "noto-sans-vietnamese",
    "noto-sans-sc-chinese-simplified"
);

/// The shipped Chinese typeface (it has Latin letters too), for documents that name theirs and do not bring it.
pub fn chinese_typeface(bold: bool) -> Option<Data> {
    let weight = if bold { Weight::Bold } else { Weight::Regular };
    SHIPPED.last()?.face(weight).map(|face| face.data.clone())
}

/// Where Debian's `fonts-noto-cjk` puts the whole of Chinese, Japanese and Korean.
const SYSTEM: [&str; 2] = ["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"];
const SYSTEM_NAME: &str = "Noto Sans CJK SC";

/// Stands for a letter that no typeface has (U+FFFD, in the Latin file).
pub const UNKNOWN: char = '\u{fffd}';

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
        let shipped = SHIPPED.iter().filter_map(|file| file.face(weight)).find(|face| face.has(letter));
        let system = || if is_east_asian(letter) { self.system(weight) } else { None };
        shipped.or_else(|| system().filter(|face| face.has(letter))).cloned()
    }

    fn system(&self, weight: Weight) -> Option<&Arc<Face>> {
        let place = weight as usize;
        self.system[place].get_or_init(|| from_system(Path::new(SYSTEM[place]))).as_ref()
    }
}

/// Full-width in Chinese and narrow in Latin: quotes, dash, ellipsis, middle dot; and the space between words.
fn follows(letter: char) -> bool {
    matches!(letter, ' ' | '“' | '”' | '‘' | '’' | '—' | '…' | '·')
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
    Face::read(data, index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_typeface_can_be_read_in_both_weights() {
        for (file, letter) in SHIPPED.iter().zip(['A', 'ł', 'Ж', 'Ω', 'ơ', '杭']) {
            for weight in [Weight::Regular, Weight::Bold] {
                assert!(file.face(weight).unwrap().has(letter), "{letter}");
            }
        }
        assert!(SHIPPED[0].face(Weight::Regular).unwrap().has(UNKNOWN));
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
