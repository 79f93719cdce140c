//! Below the fold, or on the next page: what to do, and what belongs into the parcel.

use domain::policy::Method;
use krilla::tagging::{ListNumbering, Node, Tag, TagGroup};

use super::error::LabelError;
use super::label::{Content, Label};
use super::sheet::{Align, Area, Paper, Sheet, heading, leading};
use super::typeset::Line;
use typefaces::Weight;

/// Where the two lists stand, in mm, and how large they are, in pt.
pub(super) struct Lists {
    steps: Area,
    contents: Area,
    /// For contents that have no room on the first page.
    further: Area,
    /// From the largest: the first in which all has room, so that the paper is used; else the last, and it goes on over the page.
    types: &'static [Type],
}

/// How large a list is, in pt.
#[derive(Clone, Copy)]
struct Type {
    heading: f32,
    text: f32,
    small: f32,
}

impl Type {
    const fn new(heading: f32, text: f32, small: f32) -> Self {
        Self { heading, text, small }
    }

    /// From one point of a list to the next, in mm beside its lines.
    fn gap(self) -> f32 {
        leading(self.text) * 0.45
    }

    fn indent(self) -> f32 {
        leading(self.text) * 1.4
    }
}

impl Lists {
    /// The lower half of a sheet of A4: side by side.
    pub const A4: Lists = Lists {
        steps: Area::new(14.0, 159.0, 86.0, 126.0),
        contents: Area::new(110.0, 159.0, 86.0, 126.0),
        further: Area::new(14.0, 14.0, 182.0, 269.0),
        types: &[Type::new(22.0, 17.0, 14.5), Type::new(20.0, 15.0, 13.0), Type::new(18.0, 13.0, 11.5), Type::new(15.0, 11.5, 10.0)],
    };

    /// A page of large print: one below the other.
    pub const LARGE: Lists = Lists {
        steps: Area::new(15.0, 15.0, 180.0, 267.0),
        contents: Area::new(15.0, 15.0, 180.0, 267.0),
        further: Area::new(15.0, 15.0, 180.0, 267.0),
        types: &[Type::new(34.0, 28.0, 24.0), Type::new(30.0, 24.0, 20.0), Type::new(26.0, 20.0, 18.0)],
    };
}

impl Lists {
    fn side_by_side(&self) -> bool {
        self.contents.left > self.steps.left
    }

    /// The largest type in which both lists have room on this page.
    fn fitting(&self, sheet: &Sheet<'_>, label: &Label, folded: bool) -> Type {
        let smallest = self.types[self.types.len() - 1];
        let fits = |of: &Type| {
            let steps =
                title_height(*of) + steps_of(label, folded).iter().map(|step| step_height(sheet, step, *of, self.steps)).sum::<f32>();
            let contents = title_height(*of)
                + label.contents.iter().map(|content| Lines::of(sheet, content, *of, self.contents).height(*of) + of.gap()).sum::<f32>();
            match self.side_by_side() {
                true => steps <= self.steps.height && contents <= self.contents.height,
                false => steps + leading(of.heading) + contents <= self.steps.height,
            }
        };
        self.types.iter().copied().find(fits).unwrap_or(smallest)
    }
}

fn title_height(of: Type) -> f32 {
    leading(of.heading) + leading(of.text) * 0.4
}

fn step_height(sheet: &Sheet<'_>, step: &str, of: Type, area: Area) -> f32 {
    let lines = sheet.lines(step, Weight::Regular, of.text, indented(area, of.indent()).width, usize::MAX).len();
    leading(of.text) * lines as f32 + of.gap()
}

/// Draws both lists. How many contents found room; the others belong on [`further_pages`].
pub(super) fn draw(sheet: &mut Sheet<'_>, label: &Label, lists: &Lists, folded: bool) -> usize {
    let of = lists.fitting(sheet, label, folded);
    let below = steps(sheet, label, of, lists.steps, folded);
    let area = if lists.side_by_side() { lists.contents } else { lists.contents.below(below + leading(of.heading)) };
    let first = label.contents.first().map_or(0.0, |content| Lines::of(sheet, content, of, area).height(of));
    if title_height(of) + first > area.height { 0 } else { contents(sheet, label, of, area, 0) }
}

/// The contents from place `next` on.
pub(super) fn further_pages(paper: &mut Paper, label: &Label, lists: &Lists, mut next: usize) -> Result<(), LabelError> {
    let smallest = lists.types[lists.types.len() - 1];
    while next < label.contents.len() {
        next = paper.page(Paper::A4, |sheet| contents(sheet, label, smallest, lists.further, next))?;
    }
    Ok(())
}

/// Where the list ends, in mm.
fn steps(sheet: &mut Sheet<'_>, label: &Label, of: Type, area: Area, folded: bool) -> f32 {
    let mut area = title(sheet, label.say.m.label_instructions(), of, area);
    let mut items = Vec::new();
    for (place, step) in steps_of(label, folded).iter().enumerate() {
        let number = sheet.lines(&(place + 1).to_string(), Weight::Bold, of.text, area.width, 1);
        let number = sheet.spans(&number, area, of.text, Align::Left);
        let beside = indented(area, of.indent());
        let lines = sheet.lines(step, Weight::Regular, of.text, beside.width, usize::MAX);
        let words = sheet.spans(&lines, beside, of.text, Align::Left);
        items.push(item(number, words));
        area = area.below(area.top + leading(of.text) * lines.len() as f32 + of.gap());
    }
    sheet.say(Tag::L(ListNumbering::Decimal), items);
    area.top
}

fn steps_of(label: &Label, folded: bool) -> Vec<String> {
    let m = label.say.m;
    let last = match (label.method, &label.pickup) {
        (Method::Pickup, Some(pickup)) => m.label_step_pickup(label.say.f.full_date(pickup.date), label.say.slot(&pickup.slot)),
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
fn contents(sheet: &mut Sheet<'_>, label: &Label, of: Type, area: Area, first: usize) -> usize {
    let mut area = title(sheet, label.say.m.label_contents(), of, area);
    let mut items = Vec::new();
    let mut next = first;
    for content in &label.contents[first.min(label.contents.len())..] {
        let beside = indented(area, of.indent());
        let lines = Lines::of(sheet, content, of, area);
        let height = lines.height(of);
        // A page takes one at least, or the list would never end.
        if height > area.height && next > first {
            break;
        }
        tick_box(sheet, area, of.text);
        let mut words = sheet.spans(&lines.name, beside, of.text, Align::Left);
        let below = beside.below(beside.top + leading(of.text) * lines.name.len() as f32);
        words.extend(sheet.spans(&lines.variant, below, of.small, Align::Left));
        items.push(item(Vec::new(), words));
        area = area.below(area.top + height + of.gap());
        next += 1;
    }
    sheet.say(Tag::L(ListNumbering::None), items);
    next
}

/// Most lines of a product's name, and of its variant: the longest that an order takes (500 letters), and no more than a page holds.
const MOST_LINES: [usize; 2] = [14, 10];

/// What a product is called, in lines beside its box.
struct Lines {
    name: Vec<Line>,
    variant: Vec<Line>,
}

impl Lines {
    fn of(sheet: &Sheet<'_>, content: &Content, of: Type, area: Area) -> Self {
        let width = indented(area, of.indent()).width;
        let lines = |text: &str, size, most| sheet.lines(text, Weight::Regular, size, width, most);
        let [name, variant] = MOST_LINES;
        Self {
            name: lines(&counted(content), of.text, name),
            variant: lines(content.variant.as_deref().unwrap_or_default(), of.small, variant),
        }
    }

    fn height(&self, of: Type) -> f32 {
        leading(of.text) * self.name.len() as f32 + leading(of.small) * self.variant.len() as f32
    }
}

fn counted(content: &Content) -> String {
    format!("{} × {}", content.units, content.name)
}

fn title(sheet: &mut Sheet<'_>, text: &str, of: Type, area: Area) -> Area {
    let lines = sheet.lines(text, Weight::Bold, of.heading, area.width, 1);
    sheet.text(heading(2, text), &lines, area, of.heading, Align::Left);
    area.below(area.top + title_height(of))
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
