//! That a statement was received, on paper: what was said, and when. As many pages as it takes: nothing of it is cut.

use app::say::Say;
use krilla::tagging::{Tag, TagKind};
use typefaces::Weight;

use super::error::LabelError;
use super::sheet::{Align, Area, Paper, Sheet, heading, leading};

/// Everything on a receipt.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Language.
    pub say: Say,
    /// The shop's name in that language.
    pub shop: String,
    pub title: String,
    /// The sentence that was confirmed.
    pub sentence: String,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    /// Below all else, each a paragraph.
    pub notes: Vec<String>,
}

/// Where texts stand, in mm.
const PAGE: Area = Area::new(25.0, 24.0, 160.0, 249.0);
/// Between paragraphs, in lines of the first.
const GAP: f32 = 0.5;

/// A paragraph, its size in pt.
struct Paragraph {
    tag: TagKind,
    text: String,
    weight: Weight,
    size: f32,
}

impl Receipt {
    fn paragraphs(&self) -> Vec<Paragraph> {
        let of = |tag: TagKind, text: &str, weight, size| Paragraph { tag, text: text.to_owned(), weight, size };
        let mut all = vec![
            of(Tag::P.into(), &self.shop, Weight::Bold, 12.0),
            of(heading(1, &self.title), &self.title, Weight::Bold, 20.0),
            of(Tag::P.into(), &self.sentence, Weight::Regular, 14.0),
        ];
        for (name, value) in &self.facts {
            all.push(of(heading(2, name), name, Weight::Regular, 9.0));
            all.push(of(Tag::P.into(), value, Weight::Bold, 11.5));
        }
        all.extend(self.notes.iter().map(|note| of(Tag::P.into(), note, Weight::Regular, 11.0)));
        all.retain(|paragraph| !paragraph.text.trim().is_empty());
        all
    }
}

/// The PDF of a receipt: tagged, in its language, real text (PDF/UA-1). Takes some milliseconds of computing: not for an async task.
pub fn receipt_pdf(receipt: &Receipt) -> Result<Vec<u8>, LabelError> {
    let mut paper = Paper::new(receipt.say.m.locale);
    let paragraphs = receipt.paragraphs();
    let mut next = (0, 0);
    while next.0 < paragraphs.len() {
        next = paper.page(Paper::A4, |sheet| page(sheet, &paragraphs, next))?;
    }
    paper.finish(&format!("{} · {}", receipt.title, receipt.shop))
}

/// Draws paragraphs from a line of one on, as long as there is room. Where the next page begins.
fn page(sheet: &mut Sheet<'_>, paragraphs: &[Paragraph], from: (usize, usize)) -> (usize, usize) {
    let (mut place, mut line) = from;
    let mut area = PAGE;
    while let Some(paragraph) = paragraphs.get(place) {
        let lines = sheet.lines(&paragraph.text, paragraph.weight, paragraph.size, area.width, usize::MAX);
        let left = &lines[line.min(lines.len())..];
        let room = (area.height / leading(paragraph.size) + 0.01).max(0.0) as usize;
        let fits = left.len().min(room);
        // A page takes a line at least, or it would never end.
        let fits = if area.top <= PAGE.top { fits.max(1).min(left.len()) } else { fits };
        if fits > 0 {
            let below = sheet.text(paragraph.tag.clone(), &left[..fits], area, paragraph.size, Align::Left);
            let small = paragraph.size < 10.0;
            area = area.below(below + if small { 0.0 } else { leading(paragraph.size) * GAP });
        }
        if fits < left.len() {
            return (place, line + fits);
        }
        (place, line) = (place + 1, 0);
    }
    (place, line)
}

#[cfg(test)]
mod tests {
    use app::format::Format;
    use domain::words::Locale;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::letters::tests::NAMES;

    #[test]
    fn a_receipt_holds_what_anybody_writes_however_long() {
        for name in NAMES.into_iter().chain(["", " ", "a", "字"]) {
            for times in [1, 400] {
                let text = vec![name; times].join(" ");
                let receipt = Receipt {
                    say: Say::new(Format::new(Locale::En, TimeZone::UTC, Timestamp::UNIX_EPOCH)),
                    shop: name.into(),
                    title: "Receipt".into(),
                    sentence: text.clone(),
                    facts: vec![("Name".into(), text)],
                    notes: vec!["Kept".into()],
                };
                receipt_pdf(&receipt).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }
}
