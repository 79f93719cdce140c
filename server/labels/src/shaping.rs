//! Gives letters their shape and place. Joined letters, stacked ones and marks are the typefaces' own rules, carried out by `rustybuzz`;
//! which letters run from the right is said by UAX 9 (`unicode-bidi`), and each line then puts its own in order.

use std::ops::Range;
use std::sync::Arc;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{BufferFlags, Direction, GlyphPosition, UnicodeBuffer, ttf_parser};
use unicode_bidi::{BidiInfo, Level};

use typefaces::Face;

/// A sign of a typeface: a letter, a part of one, or several drawn as one; lengths in the text's size (em).
#[derive(Clone)]
pub(super) struct Letter {
    pub face: Arc<Face>,
    /// Its lengths are in its own size, which is the typeface's scale times the text's.
    pub glyph: KrillaGlyph,
    /// A space.
    pub blank: bool,
    /// Stands on or under another sign, which says what both mean.
    pub mark: bool,
    /// How deeply directions are nested (UAX 9): odd runs from the right.
    pub level: Level,
    /// How far its ink reaches above the base line.
    pub height: f32,
    /// How far its ink reaches below the base line.
    pub depth: f32,
}

impl Letter {
    /// From it to the next, in the text's size (em).
    pub fn advance(&self) -> f32 {
        self.glyph.x_advance * self.face.scale
    }
}

/// Letters of a word that are shaped together.
const LONGEST_WORD: usize = 100;

/// Bytes of a text in one typeface.
pub(super) struct Stretch {
    pub face: Arc<Face>,
    pub range: Range<usize>,
}

/// The letters of a text, in the order they are read.
pub(super) fn placed(stretches: &[Stretch], text: &str) -> Vec<Letter> {
    let stretches: Vec<Stretch> = stretches.iter().flat_map(|stretch| readable(stretch, text)).collect();
    let shaped = stretches.iter().filter(|stretch| stretch.face.shaped);
    let two_ways = shaped.into_iter().any(|stretch| text[stretch.range.clone()].chars().any(runs_left));
    if !two_ways {
        return stretches.iter().flat_map(|stretch| shape(stretch, Level::ltr(), text)).collect();
    }
    let levels = BidiInfo::new(text, None).levels;
    let parts = stretches.iter().flat_map(|stretch| parts_of(stretch, &levels));
    parts.flat_map(|(part, level)| shape(&part, level, text)).collect()
}

/// A stretch parted where letters follow each other endlessly: what is joined out of more than 255 signs, the rules of Indian scripts cannot count.
fn readable(Stretch { face, range }: &Stretch, text: &str) -> Vec<Stretch> {
    let (mut parts, mut start, mut run) = (Vec::new(), range.start, 0);
    for (place, letter) in text[range.clone()].char_indices().map(|(place, letter)| (range.start + place, letter)) {
        run = if letter.is_whitespace() { 0 } else { run + 1 };
        if run > LONGEST_WORD {
            parts.push(Stretch { face: face.clone(), range: start..place });
            (start, run) = (place, 1);
        }
    }
    parts.push(Stretch { face: face.clone(), range: start..range.end });
    parts
}

/// Hebrew and Arabic: all letters we have typefaces for that run from right to left.
fn runs_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// A stretch parted where its direction changes.
fn parts_of(stretch: &Stretch, levels: &[Level]) -> Vec<(Stretch, Level)> {
    let Stretch { face, range } = stretch;
    let mut start = range.start;
    let parts = levels[range.clone()].chunk_by(|a, b| a == b).map(|part| {
        let range = start..start + part.len();
        start = range.end;
        (Stretch { face: face.clone(), range }, part[0])
    });
    parts.collect()
}

/// The letters of a stretch, in the order they are read.
fn shape(Stretch { face, range }: &Stretch, level: Level, text: &str) -> Vec<Letter> {
    let Some(shaper) = face.shaper() else { return Vec::new() };
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text[range.clone()]);
    buffer.guess_segment_properties();
    buffer.set_direction(if level.is_rtl() { Direction::RightToLeft } else { Direction::LeftToRight });
    buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES);
    let shaped = rustybuzz::shape(&shaper, &[], buffer);
    let em = face.font.units_per_em();
    let mut glyphs: Vec<(_, &GlyphPosition)> = shaped.glyph_infos().iter().zip(shaped.glyph_positions()).collect();
    if level.is_rtl() {
        glyphs.reverse();
    }
    let starts: Vec<usize> = glyphs.iter().map(|(info, _)| range.start + info.cluster as usize).collect();
    glyphs
        .iter()
        .enumerate()
        .map(|(place, (info, position))| {
            let start = starts[place];
            let end = starts[place..].iter().copied().find(|next| *next > start).unwrap_or(range.end);
            let of = |units: i32| units as f32 / em;
            let glyph = KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                of(position.x_advance),
                of(position.x_offset),
                of(position.y_offset),
                of(position.y_advance),
                start..end,
                None,
            );
            // Latin stays within its line by itself.
            let (height, depth) = if face.shaped { ink(&shaper, info.glyph_id, position.y_offset) } else { (0, 0) };
            let (height, depth) = (of(height) * face.scale, of(depth) * face.scale);
            let bears = |(at, (_, other)): (usize, &(_, &GlyphPosition))| starts[at] == start && other.x_advance != 0;
            let mark = position.x_advance == 0 && glyphs.iter().enumerate().any(bears);
            Letter { face: face.clone(), glyph, blank: &text[start..end] == " ", mark, level, height, depth }
        })
        .collect()
}

/// How far a glyph reaches above and below the base line, in its typeface's units, `raised` by some of them.
fn ink(shaper: &ttf_parser::Face<'_>, glyph: u32, raised: i32) -> (i32, i32) {
    let glyph = u16::try_from(glyph).ok().map(ttf_parser::GlyphId);
    let bounds = glyph.and_then(|glyph| shaper.glyph_bounding_box(glyph));
    bounds.map_or((0, 0), |bounds| (i32::from(bounds.y_max) + raised, -i32::from(bounds.y_min) - raised))
}
