//! Makes drawn letters of a text: each in a typeface that has it, placed beside the one before.

use std::ops::Range;
use std::sync::Arc;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_normalization::UnicodeNormalization;

use typefaces::{Face, Fonts, UNKNOWN, Weight};

/// Longer texts are cut: no label has room for them, and none shall be slow because of them.
const LONGEST: usize = 600;

/// Keeps together what is beside it.
const NO_BREAK: char = '\u{a0}';

/// A letter, or several drawn as one; lengths in its size (em).
#[derive(Clone)]
pub(super) struct Letter {
    pub face: Arc<Face>,
    pub glyph: KrillaGlyph,
    /// A space.
    pub blank: bool,
}

/// Bytes of a text in one typeface.
struct Stretch {
    face: Arc<Face>,
    range: Range<usize>,
}

/// The text as it is drawn, and its letters: composed, with single spaces. What no typeface has becomes one replacement sign for
/// each run of it; control characters become spaces, formatting characters vanish.
pub(super) fn letters_of(fonts: &Fonts, raw: &str, weight: Weight) -> (String, Vec<Letter>) {
    let mut text = String::new();
    let mut stretches: Vec<Stretch> = Vec::new();
    for letter in raw.nfc().filter(|letter| !is_formatting(*letter)).take(LONGEST) {
        let letter = if letter != NO_BREAK && (letter.is_whitespace() || letter.is_control()) { ' ' } else { letter };
        if letter == ' ' && (text.is_empty() || text.ends_with(' ')) {
            continue;
        }
        let before = stretches.last().map(|stretch| &stretch.face);
        let found = if is_private(letter) { None } else { fonts.pick(letter, weight, before) };
        let (letter, face) = match found {
            Some(face) => (letter, face),
            None if text.ends_with(UNKNOWN) => continue,
            None => match fonts.pick(UNKNOWN, weight, before) {
                Some(face) => (UNKNOWN, face),
                None => continue,
            },
        };
        let start = text.len();
        text.push(letter);
        match stretches.last_mut() {
            Some(last) if Arc::ptr_eq(&last.face, &face) => last.range.end = text.len(),
            _ => stretches.push(Stretch { face, range: start..text.len() }),
        }
    }
    let letters = stretches.iter().flat_map(|stretch| shape(stretch, &text)).collect();
    (text, letters)
}

/// Says how to show other letters and shows nothing: joiners, directions, variation selectors, tags, soft hyphens.
fn is_formatting(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// PDF/UA has no letters without a meaning.
fn is_private(letter: char) -> bool {
    matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

/// All letters we have typefaces for run from left to right.
fn shape(Stretch { face, range }: &Stretch, text: &str) -> Vec<Letter> {
    let Some(shaper) = face.shaper() else { return Vec::new() };
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text[range.clone()]);
    buffer.guess_segment_properties();
    buffer.set_direction(Direction::LeftToRight);
    let shaped = rustybuzz::shape(&shaper, &[], buffer);
    let em = face.font.units_per_em();
    let starts: Vec<usize> = shaped.glyph_infos().iter().map(|info| range.start + info.cluster as usize).collect();
    let glyphs = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
    glyphs
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
            Letter { face: face.clone(), glyph, blank: &text[start..end] == " " }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> String {
        letters_of(&Fonts::default(), text, Weight::Regular).0
    }

    #[test]
    fn letters_nobody_can_draw_become_one_sign_and_formatting_vanishes() {
        assert_eq!(drawn("王😀👍🏽小明"), "王\u{fffd}小明");
        assert_eq!(drawn("a\u{200d}\u{202e}\u{fe0f}b\u{7}\t\n c\u{e000}"), "ab c\u{fffd}");
        assert_eq!(drawn(" \u{0} "), "");
        assert_eq!(drawn(&"王".repeat(9_000)).chars().count(), LONGEST);
    }

    #[test]
    fn marks_join_their_letters() {
        assert_eq!(drawn("e\u{301}"), "é");
        let letters = letters_of(&Fonts::default(), "x\u{301}", Weight::Regular).1;
        assert_eq!(letters.iter().filter(|letter| letter.glyph.x_advance > 0.0).count(), 1, "the mark has no width of its own");
    }

    #[test]
    fn letters_stand_as_close_as_their_shapes_allow() {
        let width =
            |text: &str| letters_of(&Fonts::default(), text, Weight::Bold).1.iter().map(|letter| letter.glyph.x_advance).sum::<f32>();
        assert!(width("AV") < width("A") + width("V"));
    }
}
