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

#[cfg(test)]
mod tests {
    use app::format::Format;
    use app::say::Say;
    use domain::order::Address;
    use domain::policy::Method;
    use domain::rma::RmaNumber;
    use domain::words::Locale;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::label::Content;
    use crate::letters::tests::NAMES;

    #[test]
    fn names_of_every_script_make_an_accessible_label() {
        for (name, size) in NAMES.into_iter().zip(LabelSize::ALL.into_iter().cycle()) {
            let text = Some(name.to_owned());
            let address = Address { name: text.clone(), line1: text.clone(), city: text.clone(), ..Address::default() };
            let label = Label {
                say: Say::new(Format::new(Locale::En, TimeZone::UTC, Timestamp::UNIX_EPOCH)),
                shop: name.into(),
                phone: None,
                to: address.clone(),
                to_latin: Some(address.clone()),
                from: Some(address),
                rma: RmaNumber::from_random(7).unwrap(),
                tracking_number: "HB1".into(),
                sscc: false,
                method: Method::DropOff,
                pickup: None,
                expires_at: Timestamp::UNIX_EPOCH,
                contents: vec![Content { name: name.into(), variant: text, units: 1 }],
                address: "https://returns.example".into(),
            };
            // PDF/UA has no empty boxes, and no letter without its meaning.
            label_pdf(&label, size).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
