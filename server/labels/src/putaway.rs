//! What is stuck on goods that were looked at, to carry them to where they go: the place in large letters, what they are, and the return as a code.

use app::say::Say;
use domain::returns::LotNo;
use domain::rma::RmaNumber;
use typefaces::Weight;

use super::codes::{Bars, Qr};
use super::error::LabelError;
use super::face;
use super::sheet::{Align, Area, Paper, heading};

/// Everything on it.
#[derive(Clone, Debug)]
pub struct Putaway {
    /// Language.
    pub say: Say,
    /// The return, which a scanner reads.
    pub rma: RmaNumber,
    /// Units of it that share a fate.
    pub lot: LotNo,
    /// Where they go, in words.
    pub place: String,
    /// What they are, with size or colour, and how many.
    pub name: String,
    /// Names and values: product, grade, warehouse, …
    pub facts: Vec<(String, String)>,
    /// The return's page for people at work, for the QR code.
    pub address: String,
}

// Where things stand on 105 × 74 mm, in mm.
const NUMBER: Area = Area::new(5.0, 4.0, 95.0, 5.5);
const PLACE: Area = Area::new(5.0, 10.0, 95.0, 12.0);
const NAME: Area = Area::new(5.0, 23.0, 66.0, 11.5);
const FACTS: Area = Area::new(5.0, 35.5, 66.0, 18.0);
const QR: Area = Area::new(75.0, 25.5, 24.0, 24.0);
const BARS: Area = Area::new(4.0, 54.5, 97.0, 16.5);
const RULES: [Area; 2] = [Area::new(5.0, 9.6, 95.0, 0.25), Area::new(5.0, 22.2, 95.0, 0.25)];
/// Widths of a bar's module that a printer draws well, in mm.
const MODULES: &[f32] = &[0.5, 0.375, 0.25];

/// The PDF of such a label, 105 × 74 mm: tagged, in its language, real text (PDF/UA-1). Takes some milliseconds of computing: not for an async task.
pub fn putaway_pdf(label: &Putaway) -> Result<Vec<u8>, LabelError> {
    let mut paper = Paper::new(label.say.m.locale);
    let m = label.say.m;
    let number = label.rma.to_string();
    let bars = Bars::code_128(&number)?;
    let module = bars.module(BARS.width, MODULES).ok_or_else(|| LabelError::TrackingNumber(number.clone()))?;
    let qr = Qr::new(&label.address, QR.width)?;
    let title = m.putaway_lot(label.lot, &number);
    paper.page(Paper::A7_WIDE, |sheet| {
        let lines = sheet.lines(&title, Weight::Regular, 10.0, NUMBER.width, 1);
        sheet.text(heading(1, &title), &lines, NUMBER, 10.0, Align::Left);
        let place = sheet.set(&label.place, Weight::Bold);
        sheet.put(&[place], PLACE, &[24.0, 20.0, 17.0, 14.0, 12.0, 10.0], Align::Left);
        let name = sheet.set(&label.name, Weight::Bold);
        sheet.put(&[name], NAME, &[13.0, 11.0, 9.5, 8.0], Align::Left);
        let facts: Vec<_> = label.facts.iter().map(|(name, value)| sheet.set(&m.format_pair(name, value), Weight::Regular)).collect();
        sheet.put(&facts, FACTS, &[10.0, 9.0, 8.0, 7.0], Align::Left);
        face::qr(sheet, &m.label_qr_alt(&label.address), &qr, QR);
        face::bars(sheet, &m.putaway_bars_alt(&number), &bars, module, BARS, 10.0);
        sheet.ornament(RULES);
    })?;
    paper.finish(&title)
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
    fn names_of_every_script_make_an_accessible_label() {
        for name in NAMES {
            let label = Putaway {
                say: Say::new(Format::new(Locale::En, TimeZone::UTC, Timestamp::UNIX_EPOCH)),
                rma: RmaNumber::from_random(7).unwrap(),
                lot: "1.2".parse().unwrap(),
                place: name.into(),
                name: name.into(),
                facts: vec![(name.into(), name.into()); 6],
                address: "https://returns.example/staff/returns/R-7KQ4-M2XD".into(),
            };
            putaway_pdf(&label).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
