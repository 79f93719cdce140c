//! The PDF of a label.

use serde::Deserialize;

use super::error::LabelError;
use super::face::{self, Codes};
use super::label::Label;
use super::layout::Layout;
use super::packing::{self, Lists};
use super::sheet::Paper;

/// How a label is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelSize {
    /// 105 × 148 mm: label printers, half of an A5 sticker sheet.
    A6,
    /// 210 × 297 mm: the label in the upper half, what to do and what to pack below the fold.
    A4,
    /// A4 with large type (N11): the label on the first page, what to do and what to pack on the next.
    Large,
}

impl LabelSize {
    /// All of them.
    pub const ALL: [LabelSize; 3] = [LabelSize::A6, LabelSize::A4, LabelSize::Large];
}

/// The PDF of a label: tagged, in its language, real text (PDF/UA-1). Takes some milliseconds of computing: not for an async task.
pub fn label_pdf(label: &Label, size: LabelSize) -> Result<Vec<u8>, LabelError> {
    let mut paper = Paper::new(label.say.m.locale);
    let layout = match size {
        LabelSize::A6 => &Layout::A6,
        LabelSize::A4 => &Layout::A4,
        LabelSize::Large => &Layout::LARGE,
    };
    let codes = Codes::of(label, layout)?;
    match size {
        LabelSize::A6 => paper.page(Paper::A6, |sheet| face::draw(sheet, label, layout, &codes))?,
        LabelSize::A4 => {
            let next = paper.page(Paper::A4, |sheet| {
                face::draw(sheet, label, layout, &codes);
                face::fold(sheet, label);
                packing::draw(sheet, label, &Lists::A4, true)
            })?;
            packing::further_pages(&mut paper, label, &Lists::A4, next)?;
        }
        LabelSize::Large => {
            paper.page(Paper::A4, |sheet| face::draw(sheet, label, layout, &codes))?;
            let next = paper.page(Paper::A4, |sheet| packing::draw(sheet, label, &Lists::LARGE, false))?;
            packing::further_pages(&mut paper, label, &Lists::LARGE, next)?;
        }
    }
    paper.finish(&format!("{} {} · {}", label.say.m.label_title(), label.rma, label.shop))
}
