//! Breaks texts into lines by the Unicode line breaking algorithm (UAX 14), and puts each line's letters in the order they stand (UAX 9).

use std::ops::RangeInclusive;
use std::rc::Rc;
use std::sync::Arc;

use krilla::text::KrillaGlyph;
use unicode_bidi::{BidiInfo, Level};
use unicode_linebreak::linebreaks;

use super::letters::{Drawn, letters_of};
use super::shaping::Letter;
use typefaces::{Face, Fonts, Weight};

/// Distance of lines, in their size: Chinese needs more air than Latin.
pub(super) const LEADING: f32 = 1.32;

/// From the top of a line to its base line, in its size: half of what it has more than Latin letters need, and their height.
pub(super) const ABOVE: f32 = (LEADING - 1.0) / 2.0 + 0.88;

/// A text, its letters placed one beside the other; lengths in its size (em).
pub(super) struct Text {
    text: Rc<str>,
    letters: Vec<Letter>,
    /// Where it begins; nothing where none of its letters has a direction.
    pub from_right: Option<bool>,
    /// Bytes before which a line may begin.
    breaks: Vec<usize>,
    weight: Weight,
}

/// A line of a text.
pub(super) struct Line {
    /// In the order they are read.
    pub runs: Vec<Run>,
    /// Without the space at its end, in em.
    pub width: f32,
    /// How much higher than others its base line is, in em: below zero, it is lower. Room for what is deeper or taller than Latin.
    pub rise: f32,
}

/// Letters of one typeface and direction beside each other, from left to right.
pub(super) struct Run {
    pub face: Arc<Face>,
    /// What the glyphs' ranges are of.
    pub text: Rc<str>,
    pub glyphs: Vec<KrillaGlyph>,
    /// What stands on or under them, each at its distance from the run's left end.
    pub marks: Vec<(f32, KrillaGlyph)>,
    /// From the line's left end, in the text's size (em).
    pub left: f32,
    /// In the text's size (em).
    pub width: f32,
    level: Level,
}

impl Run {
    /// The first byte it draws.
    fn start(&self) -> usize {
        self.glyphs.iter().map(|glyph| glyph.text_range.start).min().unwrap_or_default()
    }
}

impl Text {
    /// `unknown` stands for what nobody can draw or spell, see [`letters_of`].
    pub fn new(fonts: &Fonts, text: &str, weight: Weight, unknown: &str) -> Self {
        let Drawn { text, letters, from_right } = letters_of(fonts, text, weight, unknown);
        let breaks = linebreaks(&text).map(|(place, _)| place).collect();
        Self { text: text.into(), letters, from_right, breaks, weight }
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
        let ellipsis = Text::new(fonts, "…", self.weight, "");
        let mut to = to;
        let fits = |to| width_of(&self.letters[from..to]) + width_of(&ellipsis.letters) <= measure;
        while to > from && !(self.is_seam(to) && !self.letters[to - 1].blank && fits(to)) {
            to -= 1;
        }
        let last = self.letters[from..to].to_vec();
        lines.push(self.line(last, Some(&ellipsis)));
        lines
    }

    /// Ranges of letters.
    fn wrap(&self, measure: f32) -> Vec<(usize, usize)> {
        let (mut lines, mut start, mut width, mut chance, mut seam) = (Vec::new(), 0, 0.0, None, 0);
        for (place, letter) in self.letters.iter().enumerate() {
            let advance = letter.advance();
            if place > start && self.is_seam(place) {
                seam = place;
                if self.breaks.binary_search(&letter.glyph.text_range.start).is_ok() {
                    chance = Some(place);
                }
            }
            while width + advance > measure && advance > 0.0 && !letter.blank && place > start {
                // A word longer than the line is broken where the line ends, at a seam if it has one.
                let end = chance.take().unwrap_or(if seam > start { seam } else { place });
                lines.push((start, end));
                start = end;
                width = self.letters[start..place].iter().map(Letter::advance).sum();
            }
            width += advance;
        }
        if start < self.letters.len() {
            lines.push((start, self.letters.len()));
        }
        lines
    }

    /// Whether what is before `place` can stand without what is after: not within a letter of several signs, nor where Thai and Lao
    /// write a vowel before or after its consonant.
    fn is_seam(&self, place: usize) -> bool {
        let start = |place: usize| self.letters.get(place).map_or(self.text.len(), |letter| letter.glyph.text_range.start);
        let at = start(place);
        let before = || self.text[..at].chars().next_back();
        let after = || self.text[at..].chars().next();
        place == 0 || at != start(place - 1) && !before().is_some_and(leads) && !after().is_some_and(trails)
    }

    fn line(&self, mut letters: Vec<Letter>, ellipsis: Option<&Text>) -> Line {
        let (width, more) = (width_of(&letters), ellipsis.map_or(0.0, |ellipsis| width_of(&ellipsis.letters)));
        let rise = rise_of(&letters);
        let from_right = self.from_right == Some(true);
        let two_ways = letters.iter().any(|letter| letter.level != Level::ltr());
        if two_ways {
            letters = as_they_stand(letters, if from_right { Level::rtl() } else { Level::ltr() });
        }
        let (start, end) = if from_right { (more, 0.0) } else { (0.0, width) };
        let mut runs = runs_of(&self.text, letters, start);
        if two_ways {
            runs.sort_by_key(Run::start);
        }
        if let Some(ellipsis) = ellipsis {
            runs.extend(runs_of(&ellipsis.text, ellipsis.letters.clone(), end));
        }
        Line { runs, width: width + more, rise }
    }
}

/// Thai and Lao vowels written before the consonant after which they are spoken.
fn leads(letter: char) -> bool {
    matches!(letter, '\u{e40}'..='\u{e44}' | '\u{ec0}'..='\u{ec4}')
}

/// Thai and Lao vowels and signs that never begin a line.
fn trails(letter: char) -> bool {
    matches!(
        letter,
        '\u{e2f}' | '\u{e30}' | '\u{e32}' | '\u{e33}' | '\u{e45}' | '\u{e46}' | '\u{eaf}' | '\u{eb0}' | '\u{eb2}' | '\u{eb3}' | '\u{ec6}'
    )
}

/// A line's letters from left to right. The space at its end has no width: it would push the others away where they end.
fn as_they_stand(mut letters: Vec<Letter>, base: Level) -> Vec<Letter> {
    for letter in letters.iter_mut().rev().take_while(|letter| letter.blank) {
        letter.level = base;
        letter.glyph.x_advance = 0.0;
    }
    let levels: Vec<Level> = letters.iter().map(|letter| letter.level).collect();
    BidiInfo::reorder_visual(&levels).into_iter().map(|place| letters[place].clone()).collect()
}

/// How far a line's base line is moved, for its letters to stay between its neighbours.
fn rise_of(letters: &[Letter]) -> f32 {
    let (height, depth) =
        letters.iter().fold((0.0, 0.0), |(height, depth): (f32, f32), letter| (height.max(letter.height), depth.max(letter.depth)));
    let (room, needed) = (ABOVE - height, depth - (LEADING - ABOVE));
    if room < 0.0 { room } else { needed.clamp(0.0, room) }
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
    letters[..shown].iter().map(Letter::advance).sum()
}

/// The runs of letters that stand beside each other from `left` on.
fn runs_of(text: &Rc<str>, letters: Vec<Letter>, mut left: f32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for letter in letters {
        let advance = letter.advance();
        let Letter { face, glyph, level, mark, .. } = letter;
        if !runs.last().is_some_and(|run| Arc::ptr_eq(&run.face, &face) && run.level == level) {
            runs.push(Run { face, text: text.clone(), glyphs: Vec::new(), marks: Vec::new(), left, width: 0.0, level });
        }
        if let Some(run) = runs.last_mut() {
            if mark {
                run.marks.push((run.width, glyph))
            } else {
                run.glyphs.push(glyph)
            }
            run.width += advance;
        }
        left += advance;
    }
    runs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::letters::tests::NAMES;

    fn wrapped(text: &str, measure: f32, most: usize) -> Vec<String> {
        let fonts = Fonts::default();
        let lines = Text::new(&fonts, text, Weight::Regular, "").lines(&fonts, measure, most);
        lines.iter().map(|line| said([line])).collect()
    }

    /// As it is read.
    fn said<'l>(lines: impl IntoIterator<Item = &'l Line>) -> String {
        let runs = lines.into_iter().flat_map(|line| &line.runs);
        let mut parts: Vec<_> = runs
            .flat_map(|run| run.glyphs.iter().map(|glyph| (&*run.text == "…", glyph.text_range.start, &run.text[glyph.text_range.clone()])))
            .collect();
        parts.sort_unstable();
        parts.dedup();
        parts.into_iter().map(|(_, _, part)| part).collect()
    }

    /// As it stands, from left to right.
    fn seen(text: &str) -> String {
        let fonts = Fonts::default();
        let mut runs: Vec<_> =
            Text::new(&fonts, text, Weight::Regular, "").lines(&fonts, 99.0, 1).into_iter().flat_map(|line| line.runs).collect();
        assert!(runs.is_sorted_by_key(Run::start), "in the order it is read");
        runs.sort_by(|one, other| one.left.total_cmp(&other.left));
        runs.iter().flat_map(|run| run.glyphs.iter().map(|glyph| &run.text[glyph.text_range.clone()])).collect()
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
            Text::new(&fonts, text, Weight::Regular, "").lines(&fonts, 99.0, 1).iter().any(Line::is_chinese)
        };
        assert!(chinese("310051 杭州") && !chinese("Linden & Co.") && !chinese("東京のカフェ"));
    }

    #[test]
    fn what_runs_from_the_right_stands_so_and_numbers_and_latin_in_it_do_not() {
        assert_eq!(seen("רחוב הרצל 12, Tel Aviv 6688"), "Tel Aviv 6688 ,12 לצרה בוחר");
        assert_eq!(seen("Azrieli (מרכז 3) Tower"), "Azrieli (3 זכרמ) Tower");
        assert_eq!(seen("דירה 5B"), "5B הריד");
        assert_eq!(seen("+20 2 2391 0150"), "+20 2 2391 0150");
        // Of the letters that join, each keeps its own sign.
        assert_eq!(seen("12 ,دار"), "راد, 12", "a number first, then Arabic: it begins at the right");
        assert_eq!(seen("Dar دار 12"), "Dar 12 راد");
    }

    #[test]
    fn lines_from_the_right_end_at_the_left() {
        let fonts = Fonts::default();
        let text = Text::new(&fonts, "רחוב הרצל מספר", Weight::Regular, "");
        let lines = text.lines(&fonts, 5.0, 9);
        let first = &lines[0];
        let drawn: f32 = first.runs.iter().map(|run| run.width).sum();
        assert!(lines.len() > 1 && (drawn - first.width).abs() < 0.001, "the space at the end takes no room: {drawn} {}", first.width);
        let cut = text.lines(&fonts, 4.0, 1);
        let [shown, ellipsis] = &cut[0].runs[..] else { panic!("two runs") };
        assert_eq!((&*ellipsis.text, ellipsis.left), ("…", 0.0));
        assert!(cut[0].width <= 4.0 && shown.left == ellipsis.width && (shown.left + shown.width - cut[0].width).abs() < 0.001);
    }

    #[test]
    fn thai_is_broken_at_spaces_and_a_longer_word_not_between_a_vowel_and_its_consonant() {
        assert_eq!(wrapped("แขวงจตุจักร เขตจตุจักร", 7.0, 9), ["แขวงจตุจักร ", "เขตจตุจักร"]);
        for measure in 4..40 {
            let lines = wrapped("เมืองไทยแห่งน้ำใจและเสาะหาโชคชะตาเก้าแสนไมล์ๆ", measure as f32 / 2.0, 99);
            let torn = |line: &String| line.ends_with(['เ', 'แ', 'ใ', 'โ', 'ไ']) || line.starts_with(['ะ', 'า', 'ำ', 'ๆ']);
            assert!(!lines.iter().any(torn), "{lines:?}");
        }
    }

    #[test]
    fn a_letter_of_several_signs_is_said_once_and_never_torn() {
        let fonts = Fonts::default();
        let [run] = &Text::new(&fonts, "بن", Weight::Regular, "").lines(&fonts, 9.0, 1)[0].runs[..] else { panic!("one run") };
        assert_eq!((run.glyphs.len(), run.marks.len()), (2, 2), "letters, and their dots as shapes");
        for name in NAMES {
            for measure in 3..9 {
                let lines = Text::new(&fonts, name, Weight::Regular, "").lines(&fonts, measure as f32, 99);
                assert_eq!(lines.iter().map(|line| said([line])).collect::<String>(), said(&lines), "{name} in {measure}");
            }
        }
    }

    #[test]
    fn no_letter_reaches_into_the_lines_around_its_own() {
        for name in NAMES {
            let letters = letters_of(&Fonts::default(), name, Weight::Regular, "").letters;
            let rise = rise_of(&letters);
            for letter in letters {
                let (above, below) = (ABOVE - letter.height - rise, LEADING - ABOVE - letter.depth + rise);
                assert!(above > -0.001 && below > -0.001, "{name}: {above} above, {below} below");
            }
        }
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_measure_and_no_letter_is_lost(
            text in "[a-zA-Z0-9 ,.（），。“”浙江省杭州市西湖区文三路号·—אבגמحمدسلاชี่ที่เใาक्षिरेবংীமொ്ഴഉ\u{200c}\u{200d}\u{301}]{0,80}",
            measure in 1.2f32..30.0,
        ) {
            let fonts = Fonts::default();
            let set = Text::new(&fonts, &text, Weight::Bold, "");
            let lines = set.lines(&fonts, measure, usize::MAX);
            prop_assert_eq!(said(&lines), &*set.text);
            // A dash of two letters is one glyph, which no line can part.
            let fits = |line: &Line| line.width <= measure + 0.001 || line.runs.iter().flat_map(|run| &run.glyphs).filter(|glyph| glyph.x_advance > 0.0).count() == 1;
            for line in lines.iter().chain(&set.lines(&fonts, measure, 2)) {
                prop_assert!(fits(line), "{:?} is {} wide", said([line]), line.width);
            }
        }
    }
}
