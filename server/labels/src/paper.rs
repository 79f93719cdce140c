//! A paper with amounts, such as a credit note: from whom, to whom, what of, rows with what each comes to, and the sum. As many pages as it takes.

use app::say::Say;
use krilla::tagging::{Tag, TagKind};
use typefaces::Weight;

use super::error::LabelError;
use super::sheet::{Align, Area, Paper as Sheets, Sheet, heading, leading};

/// Everything on it.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Language.
    pub say: Say,
    /// Who issues it: the name first.
    pub from: Vec<String>,
    /// Whom it is for, likewise.
    pub to: Vec<String>,
    pub title: String,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    pub rows: Vec<PaperRow>,
    /// Below the rows.
    pub sums: Vec<(String, String)>,
    pub total: (String, String),
    /// Below all else, each a paragraph.
    pub notes: Vec<String>,
}

/// A row of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperRow {
    pub text: String,
    /// What is said of it, such as its tax.
    pub beside: String,
    pub amount: String,
}

/// Where texts stand, in mm.
const PAGE: Area = Area::new(20.0, 20.0, 170.0, 257.0);
/// Of it, the width of what is said beside a row, and of its amount.
const BESIDE: f32 = 22.0;
const AMOUNT: f32 = 36.0;
/// Lines of a row's text at most: a name has few letters.
const MOST_LINES: usize = 20;
/// Between blocks, in mm.
const GAP: f32 = 4.0;

/// What stands together on a page.
struct Block {
    tag: TagKind,
    text: String,
    beside: String,
    amount: String,
    weight: Weight,
    /// In pt.
    size: f32,
    /// Room above it, in mm, and a rule in that.
    above: f32,
    rule: bool,
}

impl Paper {
    fn blocks(&self) -> Vec<Block> {
        let plain = |text: &str, weight, size, above| Block {
            tag: Tag::P.into(),
            text: text.to_owned(),
            beside: String::new(),
            amount: String::new(),
            weight,
            size,
            above,
            rule: false,
        };
        let mut all = Vec::new();
        for (place, text) in self.from.iter().enumerate() {
            all.push(plain(text, if place == 0 { Weight::Bold } else { Weight::Regular }, if place == 0 { 12.0 } else { 9.5 }, 0.0));
        }
        for (place, text) in self.to.iter().enumerate() {
            all.push(plain(text, Weight::Regular, 11.0, if place == 0 { 3.0 * GAP } else { 0.0 }));
        }
        all.push(Block { tag: heading(1, &self.title), ..plain(&self.title, Weight::Bold, 20.0, 3.0 * GAP) });
        for (place, (name, value)) in self.facts.iter().enumerate() {
            all.push(plain(&self.say.m.format_pair(name, value), Weight::Regular, 10.0, if place == 0 { GAP } else { 0.0 }));
        }
        for (place, row) in self.rows.iter().enumerate() {
            let above = if place == 0 { 2.0 * GAP } else { GAP / 2.0 };
            let (beside, amount) = (row.beside.clone(), row.amount.clone());
            all.push(Block { beside, amount, rule: place == 0, ..plain(&row.text, Weight::Regular, 10.5, above) });
        }
        for (place, (name, value)) in self.sums.iter().enumerate() {
            let above = if place == 0 { GAP } else { 0.0 };
            all.push(Block { amount: value.clone(), rule: place == 0, ..plain(name, Weight::Regular, 9.5, above) });
        }
        let (name, value) = &self.total;
        all.push(Block { amount: value.clone(), rule: true, ..plain(name, Weight::Bold, 13.0, GAP) });
        for (place, note) in self.notes.iter().enumerate() {
            all.push(plain(note, Weight::Regular, 10.0, if place == 0 { 2.0 * GAP } else { GAP / 2.0 }));
        }
        all.retain(|block| !block.text.trim().is_empty());
        all
    }
}

/// The PDF of such a paper, A4: tagged, in its language, real text (PDF/UA-1). Takes some milliseconds of computing: not for an async task.
pub fn paper_pdf(paper: &Paper) -> Result<Vec<u8>, LabelError> {
    let mut sheets = Sheets::new(paper.say.m.locale);
    let blocks = paper.blocks();
    let mut next = 0;
    while next < blocks.len() {
        next = sheets.page(Sheets::A4, |sheet| page(sheet, &blocks, next))?;
    }
    let from = paper.from.first().map(String::as_str).unwrap_or_default();
    sheets.finish(&format!("{} · {from}", paper.title))
}

/// Draws blocks from one on, as long as there is room. Which the next page begins with: one further at the least.
fn page(sheet: &mut Sheet<'_>, blocks: &[Block], from: usize) -> usize {
    let mut top = PAGE.top;
    for (place, block) in blocks.iter().enumerate().skip(from) {
        let beside = if block.amount.is_empty() { 0.0 } else { AMOUNT + BESIDE };
        let lines = sheet.lines(&block.text, block.weight, block.size, PAGE.width - beside, MOST_LINES);
        let above = if place == from { 0.0 } else { block.above };
        if place > from && top + above + leading(block.size) * lines.len() as f32 > PAGE.bottom() {
            return place;
        }
        if block.rule && place > from {
            sheet.ornament([Area::new(PAGE.left, top + above / 2.0, PAGE.width, 0.25)]);
        }
        top += above;
        let area = Area { top, height: PAGE.bottom() - top, width: PAGE.width - beside, ..PAGE };
        let end = sheet.text(block.tag.clone(), &lines, area, block.size, Align::Left);
        let mut right = |text: &str, left: f32, width: f32| {
            if !text.trim().is_empty() {
                let lines = sheet.lines(text, block.weight, block.size, width, 2);
                sheet.text(Tag::P, &lines, Area { left, width, ..area }, block.size, Align::Right);
            }
        };
        right(&block.beside, PAGE.left + PAGE.width - AMOUNT - BESIDE, BESIDE);
        right(&block.amount, PAGE.left + PAGE.width - AMOUNT, AMOUNT);
        top = end;
    }
    blocks.len()
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
    fn a_paper_holds_what_anybody_is_called_however_much_there_is() {
        for name in NAMES {
            for rows in [1, 90] {
                let row = PaperRow { text: name.into(), beside: "19%".into(), amount: "€ 1,234.00".into() };
                let paper = Paper {
                    say: Say::new(Format::new(Locale::En, TimeZone::UTC, Timestamp::UNIX_EPOCH)),
                    from: vec![name.into(), name.into()],
                    to: vec![name.into(), " ".into()],
                    title: "Credit note".into(),
                    facts: vec![("Number".into(), name.into())],
                    rows: vec![row; rows],
                    sums: vec![("Net".into(), "€ 1.00".into())],
                    total: ("Total".into(), "€ 1.00".into()),
                    notes: vec![name.into()],
                };
                paper_pdf(&paper).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }
}
