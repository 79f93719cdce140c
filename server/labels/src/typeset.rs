//! Breaks texts into lines by the Unicode line breaking algorithm (UAX 14).

use std::ops::RangeInclusive;
use std::rc::Rc;
use std::sync::Arc;

use krilla::text::KrillaGlyph;
use unicode_linebreak::linebreaks;

use super::letters::{Letter, letters_of};
use typefaces::{Face, Fonts, Weight};

/// Distance of lines, in their size: Chinese needs more air than Latin.
pub(super) const LEADING: f32 = 1.32;

/// A text, its letters placed one beside the other; lengths in its size (em).
pub(super) struct Text {
    text: Rc<str>,
    letters: Vec<Letter>,
    /// Bytes before which a line may begin.
    breaks: Vec<usize>,
    weight: Weight,
}

/// A line of a text.
pub(super) struct Line {
    pub runs: Vec<Run>,
    /// Without the space at its end, in em.
    pub width: f32,
}

/// Letters of one typeface beside each other.
pub(super) struct Run {
    pub face: Arc<Face>,
    /// What the glyphs' ranges are of.
    pub text: Rc<str>,
    pub glyphs: Vec<KrillaGlyph>,
    pub width: f32,
}

impl Text {
    /// See [`letters_of`] for what becomes of letters that cannot be drawn.
    pub fn new(fonts: &Fonts, text: &str, weight: Weight) -> Self {
        let (text, letters) = letters_of(fonts, text, weight);
        let breaks = linebreaks(&text).map(|(place, _)| place).collect();
        Self { text: text.into(), letters, breaks, weight }
    }

    /// Its lines where they may be `measure` em wide, at most `most`: the last one ends in an ellipsis where there is more.
    pub fn lines(&self, fonts: &Fonts, measure: f32, most: usize) -> Vec<Line> {
        let mut ranges = self.wrap(measure);
        if ranges.len() <= most {
            return ranges.into_iter().map(|(from, to)| self.line(self.letters[from..to].to_vec(), None)).collect();
        }
        ranges.truncate(most);
        let Some((from, to)) = ranges.pop() else { return Vec::new() };
        let mut lines: Vec<Line> = ranges.into_iter().map(|(from, to)| self.line(self.letters[from..to].to_vec(), None)).collect();
        let ellipsis = Text::new(fonts, "…", self.weight);
        let mut last = self.letters[from..to].to_vec();
        while last.last().is_some_and(|letter| letter.blank || width_of(&last) + width_of(&ellipsis.letters) > measure) {
            last.pop();
        }
        lines.push(self.line(last, Some(&ellipsis)));
        lines
    }

    /// Ranges of letters.
    fn wrap(&self, measure: f32) -> Vec<(usize, usize)> {
        let (mut lines, mut start, mut width, mut chance) = (Vec::new(), 0, 0.0, None);
        for (place, letter) in self.letters.iter().enumerate() {
            let advance = letter.glyph.x_advance;
            if place > start && self.breaks.binary_search(&letter.glyph.text_range.start).is_ok() {
                chance = Some(place);
            }
            while width + advance > measure && !letter.blank && place > start {
                // A word longer than the line is broken where the line ends.
                let end = chance.take().unwrap_or(place);
                lines.push((start, end));
                start = end;
                width = self.letters[start..place].iter().map(|letter| letter.glyph.x_advance).sum();
            }
            width += advance;
        }
        if start < self.letters.len() {
            lines.push((start, self.letters.len()));
        }
        lines
    }

    fn line(&self, letters: Vec<Letter>, ellipsis: Option<&Text>) -> Line {
        let width = width_of(&letters) + ellipsis.map_or(0.0, |ellipsis| width_of(&ellipsis.letters));
        let mut runs = runs_of(&self.text, letters);
        if let Some(ellipsis) = ellipsis {
            runs.extend(runs_of(&ellipsis.text, ellipsis.letters.clone()));
        }
        Line { runs, width }
    }
}

impl Line {
    /// Whether it is Chinese: it has its characters and no Japanese or Korean ones.
    pub fn is_chinese(&self) -> bool {
        let parts = || self.runs.iter().flat_map(|run| run.glyphs.iter().map(|glyph| &run.text[glyph.text_range.clone()]));
        let any = |range: RangeInclusive<char>| parts().flat_map(str::chars).any(|letter| range.contains(&letter));
        any('\u{3400}'..='\u{9fff}') && !any('\u{3040}'..='\u{30ff}') && !any('\u{ac00}'..='\u{d7af}')
    }
}

fn width_of(letters: &[Letter]) -> f32 {
    let shown = letters.iter().rposition(|letter| !letter.blank).map_or(0, |last| last + 1);
    letters[..shown].iter().map(|letter| letter.glyph.x_advance).sum()
}

fn runs_of(text: &Rc<str>, letters: Vec<Letter>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for Letter { face, glyph, .. } in letters {
        match runs.last_mut() {
            Some(run) if Arc::ptr_eq(&run.face, &face) => {
                run.width += glyph.x_advance;
                run.glyphs.push(glyph);
            }
            _ => runs.push(Run { face, text: text.clone(), width: glyph.x_advance, glyphs: vec![glyph] }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(text: &str, measure: f32, most: usize) -> Vec<String> {
        let fonts = Fonts::default();
        let lines = Text::new(&fonts, text, Weight::Regular).lines(&fonts, measure, most);
        lines.iter().map(said).collect()
    }

    fn said(line: &Line) -> String {
        line.runs.iter().flat_map(|run| run.glyphs.iter().map(|glyph| &run.text[glyph.text_range.clone()])).collect()
    }

    #[test]
    fn latin_is_broken_at_spaces_and_chinese_anywhere_but_before_closing_signs() {
        assert_eq!(wrapped("Invalidenstraße 116, Hinterhaus", 9.0, 9), ["Invalidenstraße ", "116, Hinterhaus"]);
        assert_eq!(wrapped("浙江省杭州市西湖区", 4.1, 9), ["浙江省杭", "州市西湖", "区"]);
        assert_eq!(wrapped("一二三四，五六（七八）", 4.1, 9), ["一二三", "四，五六", "（七八）"]);
        assert_eq!(wrapped("文三路90号", 3.5, 9), ["文三路", "90号"], "a number stays whole");
    }

    #[test]
    fn what_was_tied_together_stays_together() {
        assert_eq!(wrapped("Kilo\u{a0}· Lima\u{a0}· Mike", 5.5, 9), ["Kilo\u{a0}· Lima\u{a0}· ", "Mike"]);
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken_and_a_text_longer_than_its_lines_is_cut() {
        assert_eq!(wrapped("WWWWWWWWWW", 4.0, 9), ["WWWW", "WWWW", "WW"]);
        assert_eq!(wrapped("浙江省杭州市西湖区文三路", 4.1, 2), ["浙江省杭", "州市西…"]);
        assert_eq!(wrapped("Linden & Co. Returns", 6.0, 1), ["Linden & C…"]);
        assert_eq!(wrapped("浙江省", 4.0, 0), [""; 0]);
    }

    #[test]
    fn chinese_is_told_from_its_neighbours() {
        let chinese = |text: &str| {
            let fonts = Fonts::default();
            Text::new(&fonts, text, Weight::Regular).lines(&fonts, 99.0, 1).iter().any(Line::is_chinese)
        };
        assert!(chinese("310051 杭州") && !chinese("Linden & Co.") && !chinese("東京のカフェ"));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_measure_and_no_letter_is_lost(text in "[a-zA-Z0-9 ,.（），。“”浙江省杭州市西湖区文三路号·—]{0,80}", measure in 1.2f32..30.0) {
            let fonts = Fonts::default();
            let set = Text::new(&fonts, &text, Weight::Bold);
            let lines = set.lines(&fonts, measure, usize::MAX);
            prop_assert_eq!(lines.iter().map(said).collect::<String>(), &*set.text);
            // A dash of two letters is one glyph, which no line can part.
            let fits = |line: &Line| line.width <= measure + 0.001 || line.runs.iter().map(|run| run.glyphs.len()).sum::<usize>() == 1;
            for line in lines.iter().chain(&set.lines(&fonts, measure, 2)) {
                prop_assert!(fits(line), "{:?} is {} wide", said(line), line.width);
            }
        }
    }
}
