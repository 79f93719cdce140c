//! Pages measured in millimetres, with black drawn on white and all of it tagged in reading order.

use std::num::NonZeroU16;

use app::messages::Messages;
use domain::words::Locale;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, BBox, ContentTag, Node, Placement, SpanTag, Tag, TagGroup, TagKind, TagTree};
use krilla::{Document, SerializeSettings};

use super::error::LabelError;
use super::typeset::{ABOVE, LEADING, Line, Text};
use typefaces::{Fonts, Weight};

/// A rectangle on a page, in mm from its upper left corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    pub const fn new(left: f32, top: f32, width: f32, height: f32) -> Self {
        Self { left, top, width, height }
    }

    pub fn bottom(self) -> f32 {
        self.top + self.height
    }

    fn rect(self) -> Option<Rect> {
        Rect::from_xywh(points(self.left), points(self.top), points(self.width), points(self.height))
    }

    /// What is left of it from `top` on.
    pub fn below(self, top: f32) -> Self {
        Self { top, height: self.bottom() - top, ..self }
    }
}

/// Where lines stand in their width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

impl Align {
    /// Where texts begin that belong together: at the right, where the first letter that has a direction runs from there.
    pub fn start(texts: &[Text]) -> Self {
        if texts.iter().find_map(|text| text.from_right).unwrap_or(false) { Align::Right } else { Align::Left }
    }
}

/// The document, page by page.
pub(super) struct Paper {
    document: Document,
    pages: usize,
    fonts: Fonts,
    /// The structure of what was drawn, in reading order.
    said: Vec<Node>,
    locale: Locale,
}

impl Paper {
    /// 105 × 148 mm.
    pub const A6: (f32, f32) = (105.0, 148.0);
    /// 105 × 74 mm.
    pub const A7_WIDE: (f32, f32) = (105.0, 74.0);
    /// 210 × 297 mm.
    pub const A4: (f32, f32) = (210.0, 297.0);

    pub fn new(locale: Locale) -> Self {
        let accessible = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish().unwrap_or_default();
        let settings = SerializeSettings { configuration: accessible, ..SerializeSettings::default() };
        Self { document: Document::new_with(settings), pages: 0, fonts: Fonts::default(), said: Vec::new(), locale }
    }

    /// A new page of `width` × `height` mm.
    pub fn page<T>(&mut self, (width, height): (f32, f32), draw: impl FnOnce(&mut Sheet<'_>) -> T) -> Result<T, LabelError> {
        let settings =
            PageSettings::from_wh(points(width), points(height)).ok_or_else(|| LabelError::Pdf("a page without a size".into()))?;
        let mut page = self.document.start_page_with(settings);
        let mut sheet = Sheet { surface: page.surface(), page: self.pages, fonts: &self.fonts, said: &mut self.said, locale: self.locale };
        self.pages += 1;
        Ok(draw(&mut sheet))
    }

    /// The finished file.
    pub fn finish(mut self, title: &str) -> Result<Vec<u8>, LabelError> {
        let mut outline = Outline::new();
        outline.push_child(OutlineNode::new(title.to_owned(), XyzDestination::new(0, Point::from_xy(0.0, 0.0))));
        self.document.set_outline(outline);
        self.document.set_metadata(Metadata::new().title(title.to_owned()).language(self.locale.tag().to_owned()));
        self.document.set_tag_tree(TagTree::from(self.said).with_lang(Some(self.locale.tag().to_owned())));
        self.document.finish().map_err(|error| LabelError::Pdf(format!("{error:?}")))
    }
}

/// One page.
pub(super) struct Sheet<'p> {
    surface: Surface<'p>,
    /// Its place in the document, from 0.
    page: usize,
    fonts: &'p Fonts,
    said: &'p mut Vec<Node>,
    locale: Locale,
}

impl Sheet<'_> {
    /// A text ready to be broken into lines.
    pub fn set(&self, text: &str, weight: Weight) -> Text {
        Text::new(self.fonts, text, weight, Messages::new(self.locale).label_unprintable())
    }

    /// The lines of a text of `size` pt in `width` mm, at most `most`.
    pub fn lines(&self, text: &str, weight: Weight, size: f32, width: f32, most: usize) -> Vec<Line> {
        self.set(text, weight).lines(self.fonts, points(width) / size, most)
    }

    /// Draws texts below each other, each a paragraph, in the largest of `sizes` in which they fit. Where they end, in mm.
    pub fn put(&mut self, texts: &[Text], mut area: Area, sizes: &[f32], align: Align) -> f32 {
        let (size, blocks) = self.fit(texts, area, sizes);
        for lines in &blocks {
            area = area.below(self.text(Tag::P, lines, area, size, align));
        }
        area.top
    }

    /// The largest of `sizes` (falling) in which all texts fit into the area, and their lines in it. At the smallest, what does
    /// not fit is cut: each text keeps a line as long as there is one.
    fn fit(&self, texts: &[Text], area: Area, sizes: &[f32]) -> (f32, Vec<Vec<Line>>) {
        let room = |size: f32| (area.height / leading(size) + 0.01) as usize;
        let all = |size: f32| -> Vec<Vec<Line>> {
            texts.iter().map(|text| text.lines(self.fonts, points(area.width) / size, usize::MAX)).collect()
        };
        for &size in sizes {
            let lines = all(size);
            if lines.iter().map(Vec::len).sum::<usize>() <= room(size) {
                return (size, lines);
            }
        }
        let size = sizes.last().copied().unwrap_or(1.0);
        let mut free = room(size);
        let mut cut = Vec::new();
        for (place, text) in texts.iter().enumerate() {
            let most = free.saturating_sub(texts.len() - place - 1).max(1).min(free);
            let lines = if most == 0 { Vec::new() } else { text.lines(self.fonts, points(area.width) / size, most) };
            free -= lines.len();
            cut.push(lines);
        }
        (size, cut)
    }

    /// Draws lines below each other and says them as `tag`. Where the next line would begin, in mm.
    pub fn text(&mut self, tag: impl Into<TagKind>, lines: &[Line], area: Area, size: f32, align: Align) -> f32 {
        let spans = self.spans(lines, area, size, align);
        self.say(tag, spans);
        area.top + leading(size) * lines.len() as f32
    }

    /// Draws lines below each other; the caller says them.
    pub fn spans(&mut self, lines: &[Line], area: Area, size: f32, align: Align) -> Vec<Node> {
        let mut nodes = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            let spare = area.width - millimetres(line.width * size);
            let left = match align {
                Align::Left => area.left,
                Align::Centre => area.left + spare / 2.0,
                Align::Right => area.left + spare,
            };
            let baseline = area.top + leading(size) * place as f32 + millimetres(size) * (ABOVE - line.rise);
            let other = (self.locale != Locale::ZhCn && line.is_chinese()).then_some(Locale::ZhCn.tag());
            nodes.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty().with_lang(other))).into());
            for run in &line.runs {
                let place = |beside: f32| Point::from_xy(points(left) + (run.left + beside) * size, points(baseline));
                let size = size * run.face.scale;
                self.surface.draw_glyphs(place(0.0), &run.glyphs, run.face.font.clone(), &run.text, size, false);
                // As shapes: as text, what both mean would be read twice, or torn apart.
                for (beside, mark) in &run.marks {
                    self.surface.draw_glyphs(place(*beside), std::slice::from_ref(mark), run.face.font.clone(), &run.text, size, true);
                }
            }
            self.surface.end_tagged();
        }
        nodes
    }

    /// Says what was drawn, as `tag`.
    pub fn say(&mut self, tag: impl Into<TagKind>, nodes: Vec<Node>) {
        if !nodes.is_empty() {
            self.said.push(TagGroup::with_children(tag, nodes).into());
        }
    }

    /// A drawing of rectangles within `frame`; `alt` says it to who cannot see it.
    pub fn figure(&mut self, alt: &str, frame: Area, areas: impl IntoIterator<Item = Area>) {
        let drawing = self.surface.start_tagged(ContentTag::Other);
        self.fill(areas);
        self.surface.end_tagged();
        let frame = frame.rect().map(|rect| BBox::new(self.page, rect));
        let figure = Tag::Figure(Some(alt.to_owned())).with_bbox(frame).with_placement(Some(Placement::Block));
        self.say(figure, vec![drawing.into()]);
    }

    /// Rectangles that say nothing: rules, boxes.
    pub fn ornament(&mut self, areas: impl IntoIterator<Item = Area>) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        self.fill(areas);
        self.surface.end_tagged();
    }

    fn fill(&mut self, areas: impl IntoIterator<Item = Area>) {
        let mut path = PathBuilder::new();
        for area in areas {
            area.rect().into_iter().for_each(|rect| path.push_rect(rect));
        }
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }
}

/// A heading of level 1, 2, …; its title is for the reader's list of headings.
pub(super) fn heading(level: u16, title: &str) -> TagKind {
    Tag::Hn(NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN), Some(title.to_owned())).into()
}

/// Height of a line of `size` pt, in mm.
pub(super) fn leading(size: f32) -> f32 {
    millimetres(size * LEADING)
}

fn points(millimetres: f32) -> f32 {
    millimetres * 72.0 / 25.4
}

pub(super) fn millimetres(points: f32) -> f32 {
    points * 25.4 / 72.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_where_its_first_letter_begins() {
        let fonts = Fonts::default();
        let start =
            |lines: &[&str]| Align::start(&lines.iter().map(|line| Text::new(&fonts, line, Weight::Regular, "")).collect::<Vec<_>>());
        assert_eq!(start(&["11511", "شارع طلعت حرب 12", "EG"]), Align::Right);
        assert_eq!(start(&["Al-Nour", "شارع طلعت حرب 12"]), Align::Left);
        assert_eq!(start(&["310051", ""]), Align::Left);
    }
}
