//! The face of a label: who sends it, where it goes, its number as bars, the return's number and QR code.

use super::codes::{Bars, Qr};
use super::error::LabelError;
use super::label::Label;
use super::layout::Layout;
use super::sheet::{Align, Area, Paper, Sheet, heading, leading, millimetres};
use typefaces::Weight;

/// A label's codes, known to fit its layout.
pub(super) struct Codes {
    pub bars: Bars,
    pub module: f32,
    pub qr: Qr,
}

impl Codes {
    /// The codes of a label.
    pub fn of(label: &Label, layout: &Layout) -> Result<Self, LabelError> {
        let bars = label.bars()?;
        let module = bars.module(layout.bars.width, layout.modules);
        let module = module.ok_or_else(|| LabelError::TrackingNumber(label.tracking_number.clone()))?;
        Ok(Self { bars, module, qr: Qr::new(&label.address, layout.qr.width)? })
    }
}

/// Draws a label's face.
pub(super) fn draw(sheet: &mut Sheet<'_>, label: &Label, layout: &Layout, codes: &Codes) {
    header(sheet, label, layout);
    from(sheet, label, layout);
    to(sheet, label, layout);
    bars(sheet, &label.say.m.label_bars_alt(&label.tracking_number), &codes.bars, codes.module, layout.bars, layout.number);
    qr(sheet, &label.say.m.label_qr_alt(&label.address), &codes.qr, layout.qr);
    ticket(sheet, label, layout);
    facts(sheet, label, layout);
    sheet.ornament(layout.rules.iter().copied());
}

/// A dashed line across the middle of a sheet of A4, where the label above it ends.
pub(super) fn fold(sheet: &mut Sheet<'_>, label: &Label) {
    let middle = Paper::A4.1 / 2.0;
    sheet.ornament((0..52).map(|dash| Area::new(2.0 + dash as f32 * 4.0, middle - 0.1, 2.0, 0.2)));
    let text = sheet.set(label.say.m.label_fold(), Weight::Regular);
    sheet.put(&[text], Area::new(14.0, middle + 0.8, 182.0, 5.0), &[Layout::A4.caption], Align::Left);
}

fn header(sheet: &mut Sheet<'_>, label: &Label, layout: &Layout) {
    let title = label.say.m.label_title();
    let lines = sheet.lines(title, Weight::Regular, layout.shop, layout.header.width / 2.0, 1);
    sheet.text(heading(1, title), &lines, layout.header, layout.shop, Align::Right);
    // The title is ours and short in every language; the shop's name has what it leaves, smaller where it is long.
    let taken = lines.iter().map(|line| millimetres(line.width * layout.shop)).fold(0.0, f32::max);
    let beside = Area { width: layout.header.width - taken - 3.0, ..layout.header };
    let shop = sheet.set(&label.shop, Weight::Bold);
    sheet.put(&[shop], beside, layout.shop_name, Align::Left);
}

fn from(sheet: &mut Sheet<'_>, label: &Label, layout: &Layout) {
    let Some((name, place)) = label.sender_lines() else { return };
    let area = caption(sheet, label.say.m.label_from(), layout.from, layout.caption);
    let texts = [name, place].map(|lines| sheet.set(&one_line(&lines), Weight::Regular));
    sheet.put(&texts, area, layout.sender, Align::start(&texts));
}

fn to(sheet: &mut Sheet<'_>, label: &Label, layout: &Layout) {
    let area = caption(sheet, label.say.m.label_to(), layout.to, layout.caption);
    // The name stands out from the place, first or last as the country has it.
    let names = [Some(&label.to), label.to_latin.as_ref()].map(|to| to.and_then(|to| to.name.as_ref()));
    let weight = |line: &String| if names.contains(&Some(line)) { Weight::Bold } else { Weight::Regular };
    let texts: Vec<_> = label.to_lines().iter().map(|line| sheet.set(line, weight(line))).collect();
    let home = label.to_at_home().map(|lines| one_line(&lines));
    let below: Vec<_> = home.as_ref().into_iter().chain(&label.phone).collect();
    // In the smallest print of the label: as many lines as it takes there are kept for it.
    let small = layout.sender.last().copied().unwrap_or(layout.caption).max(layout.small * 0.8);
    let lines = |text: &&String| sheet.lines(text, Weight::Regular, small, area.width, 2).len();
    let needed = leading(small) * below.iter().map(lines).sum::<usize>() as f32;
    let below: Vec<_> = below.into_iter().map(|text| sheet.set(text, Weight::Regular)).collect();
    let start = Align::start(&texts);
    let end = sheet.put(&texts, Area { height: area.height - needed, ..area }, layout.address, start);
    sheet.put(&below, area.below(end), &[layout.small, small], Align::start(&below));
}

/// A bar code in the middle of an area, its modules so wide (mm), with its text of `size` pt below.
pub(super) fn bars(sheet: &mut Sheet<'_>, alt: &str, bars: &Bars, module: f32, area: Area, size: f32) {
    const GAP: f32 = 0.5;
    let width = bars.dark.len() as f32 * module;
    let left = area.left + (area.width - width) / 2.0;
    let frame = Area::new(left, area.top, width, area.height - leading(size) - GAP);
    let bar = |(start, length)| Area { left: left + start as f32 * module, width: length as f32 * module, ..frame };
    sheet.figure(alt, frame, bars.bars().into_iter().map(bar));
    let number = sheet.set(&bars.text, Weight::Bold);
    sheet.put(&[number], area.below(frame.bottom() + GAP), &[size, size * 0.75], Align::Centre);
}

/// A QR code from an area's upper left corner on.
pub(super) fn qr(sheet: &mut Sheet<'_>, alt: &str, qr: &Qr, area: Area) {
    let Qr { module, .. } = *qr;
    let Area { left, top, .. } = area;
    let stretch = |(column, row, length): (usize, usize, usize)| {
        Area::new(left + column as f32 * module, top + row as f32 * module, length as f32 * module, module)
    };
    let frame = Area::new(left, top, qr.side(), qr.side());
    sheet.figure(alt, frame, qr.stretches().into_iter().map(stretch));
}

/// The return's number: to read, and to read out (N11).
fn ticket(sheet: &mut Sheet<'_>, label: &Label, layout: &Layout) {
    let area = caption(sheet, label.say.m.label_return_number(), layout.ticket, layout.caption);
    let number = sheet.set(&label.rma.to_string(), Weight::Bold);
    let below = sheet.put(&[number], area, &[layout.rma, layout.rma * 0.85, layout.rma * 0.7], Align::Left);
    let Some(spelled) = label.say.spelled(label.rma) else { return };
    let spelled = spelled.replace(" ·", "\u{a0}·").replace(" —", "\u{a0}—");
    let one_line = sheet.lines(&spelled, Weight::Regular, layout.small, area.width, 2).len() == 1;
    // A group of four on each line, where not both fit on one.
    let lines = if one_line { vec![spelled.as_str()] } else { spelled.split_inclusive("— ").collect() };
    let texts: Vec<_> = lines.into_iter().map(|line| sheet.set(line, Weight::Regular)).collect();
    sheet.put(&texts, area.below(below), &[layout.small, layout.caption], Align::Left);
}

fn facts(sheet: &mut Sheet<'_>, label: &Label, layout: &Layout) {
    let m = label.say.m;
    // A label lies about: the year is on it.
    let f = &label.say.f;
    let until = f.full_date(f.day(label.expires_at));
    let facts = [(m.label_method(), label.say.method(label.method)), (m.label_until(), until.as_str())];
    for ((name, value), area) in facts.into_iter().zip(layout.facts) {
        let area = caption(sheet, name, area, layout.caption);
        let value = sheet.set(value, Weight::Bold);
        sheet.put(&[value], area, &[layout.small, layout.caption], Align::Left);
    }
}

/// A small heading above what it names; the area that is left for that.
fn caption(sheet: &mut Sheet<'_>, text: &str, area: Area, size: f32) -> Area {
    let lines = sheet.lines(text, Weight::Regular, size, area.width, 1);
    area.below(sheet.text(heading(2, text), &lines, area, size, Align::Left))
}

/// An address in one line: Chinese needs no commas.
fn one_line(lines: &[String]) -> String {
    let chinese = lines.iter().flat_map(|line| line.chars()).any(|letter| ('\u{3400}'..='\u{9fff}').contains(&letter));
    lines.join(if chinese { " " } else { ", " })
}
