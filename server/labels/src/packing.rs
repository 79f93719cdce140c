//! Below the fold, or on the next page: what to do, and what belongs into the parcel.

use domain::policy::Method;
use krilla::tagging::{ListNumbering, Node, Tag, TagGroup};

use super::error::LabelError;
use super::label::{Content, Label};
use super::sheet::{Align, Area, Paper, Sheet, heading, leading};
use typefaces::Weight;

/// Where the two lists stand, in mm, and how large they are, in pt.
pub(super) struct Lists {
    steps: Area,
    contents: Area,
    /// For contents that have no room on the first page.
    further: Area,
    heading: f32,
    text: f32,
    small: f32,
}

impl Lists {
    /// The lower half of a sheet of A4: side by side.
    pub const A4: Lists = Lists {
        steps: Area::new(14.0, 164.0, 84.0, 119.0),
        contents: Area::new(112.0, 164.0, 84.0, 119.0),
        further: Area::new(14.0, 14.0, 182.0, 269.0),
        heading: 15.0,
        text: 11.5,
        small: 10.0,
    };

    /// A page of large print: one below the other.
    pub const LARGE: Lists = Lists {
        steps: Area::new(15.0, 15.0, 180.0, 150.0),
        contents: Area::new(15.0, 15.0, 180.0, 267.0),
        further: Area::new(15.0, 15.0, 180.0, 267.0),
        heading: 26.0,
        text: 20.0,
        small: 18.0,
    };
}

/// Draws both lists. How many contents found room; the others belong on [`further_pages`].
pub(super) fn draw(sheet: &mut Sheet<'_>, label: &Label, lists: &Lists, folded: bool) -> usize {
    let below = steps(sheet, label, lists, folded);
    let side_by_side = lists.contents.left > lists.steps.left;
    let area = if side_by_side { lists.contents } else { lists.contents.below(below + leading(lists.heading)) };
    contents(sheet, label, lists, area, 0)
}

/// The contents from place `next` on.
pub(super) fn further_pages(paper: &mut Paper, label: &Label, lists: &Lists, mut next: usize) -> Result<(), LabelError> {
    while next < label.contents.len() {
        next = paper.page(Paper::A4, |sheet| contents(sheet, label, lists, lists.further, next))?;
    }
    Ok(())
}

/// Where the list ends, in mm.
fn steps(sheet: &mut Sheet<'_>, label: &Label, lists: &Lists, folded: bool) -> f32 {
    let mut area = title(sheet, label.say.m.label_instructions(), lists, lists.steps);
    let mut items = Vec::new();
    for (place, step) in steps_of(label, folded).iter().enumerate() {
        let number = sheet.lines(&(place + 1).to_string(), Weight::Bold, lists.text, area.width, 1);
        let number = sheet.spans(&number, area, lists.text, Align::Left);
        let beside = indented(area, leading(lists.text) * 1.4);
        let lines = sheet.lines(step, Weight::Regular, lists.text, beside.width, 6);
        let words = sheet.spans(&lines, beside, lists.text, Align::Left);
        items.push(item(number, words));
        area = area.below(area.top + leading(lists.text) * (lines.len() as f32 + 0.45));
    }
    sheet.say(Tag::L(ListNumbering::Decimal), items);
    area.top
}

fn steps_of(label: &Label, folded: bool) -> Vec<String> {
    let m = label.say.m;
    let last = match (label.method, &label.pickup) {
        (Method::Pickup, Some(pickup)) => m.label_step_pickup(label.say.f.date(pickup.date), label.say.slot(&pickup.slot)),
        (Method::Pickup, None) => m.label_step_pickup_plain().into(),
        (Method::DropOff, _) => m.label_step_drop_off().into(),
        (Method::SelfShip, _) => m.label_step_self_ship().into(),
        (Method::Counter | Method::Arranged | Method::None, _) => m.label_step_counter().into(),
    };
    let mut steps = vec![m.label_step_pack().to_owned()];
    if folded {
        steps.push(m.label_step_fold().into());
    }
    steps.extend([m.label_step_stick().into(), last]);
    steps
}

/// Draws contents from place `first` on as long as there is room. The place of the first without.
fn contents(sheet: &mut Sheet<'_>, label: &Label, lists: &Lists, area: Area, first: usize) -> usize {
    let mut area = title(sheet, label.say.m.label_contents(), lists, area);
    let mut items = Vec::new();
    let mut next = first;
    for content in &label.contents[first.min(label.contents.len())..] {
        let beside = indented(area, leading(lists.text) * 1.4);
        let name = sheet.lines(&counted(content), Weight::Regular, lists.text, beside.width, 2);
        let variant = content.variant.as_deref().unwrap_or_default();
        let variant = sheet.lines(variant, Weight::Regular, lists.small, beside.width, 1);
        let height = leading(lists.text) * name.len() as f32 + leading(lists.small) * variant.len() as f32;
        // A page takes one at least, or the list would never end.
        if height > area.height && next > first {
            break;
        }
        tick_box(sheet, area, lists.text);
        let mut words = sheet.spans(&name, beside, lists.text, Align::Left);
        let below = beside.below(beside.top + leading(lists.text) * name.len() as f32);
        words.extend(sheet.spans(&variant, below, lists.small, Align::Left));
        items.push(item(Vec::new(), words));
        area = area.below(area.top + height + leading(lists.text) * 0.45);
        next += 1;
    }
    sheet.say(Tag::L(ListNumbering::None), items);
    next
}

fn counted(content: &Content) -> String {
    format!("{} × {}", content.units, content.name)
}

fn title(sheet: &mut Sheet<'_>, text: &str, lists: &Lists, area: Area) -> Area {
    let lines = sheet.lines(text, Weight::Bold, lists.heading, area.width, 1);
    let below = sheet.text(heading(2, text), &lines, area, lists.heading, Align::Left);
    area.below(below + leading(lists.text) * 0.4)
}

fn indented(area: Area, by: f32) -> Area {
    Area { left: area.left + by, width: area.width - by, ..area }
}

/// To tick when it is in the parcel.
fn tick_box(sheet: &mut Sheet<'_>, area: Area, size: f32) {
    let (side, line) = (leading(size) * 0.66, leading(size) * 0.05);
    let (left, top) = (area.left, area.top + (leading(size) - side) / 2.0);
    let edge = side - line;
    sheet.ornament([
        Area::new(left, top, side, line),
        Area::new(left, top + edge, side, line),
        Area::new(left, top, line, side),
        Area::new(left + edge, top, line, side),
    ]);
}

fn item(number: Vec<Node>, words: Vec<Node>) -> Node {
    let mut item = TagGroup::new(Tag::LI);
    if !number.is_empty() {
        item.push(TagGroup::with_children(Tag::Lbl, number));
    }
    item.push(TagGroup::with_children(Tag::LBody, words));
    item.into()
}
