//! A printed PDF as a scanner and a screen reader have it: its codes from pixels, its words from glyphs.

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, InterpreterSettings, SoftMask,
    interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::kurbo::{Affine, BezPath, Line, PathSeg, Point, Rect, Shape};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use rxing::{BarcodeFormat, DecodeHints, helpers};

/// A code a scanner found.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scanned {
    pub format: &'static str,
    pub text: String,
}

pub struct Printed {
    pdf: Pdf,
}

/// What is drawn on a page, in points from its upper left corner.
#[derive(Default)]
pub struct Drawn {
    /// Each letter and where its origin is.
    pub letters: Vec<(String, Point)>,
    /// Upright rectangles: bars, modules, rules.
    pub paths: Vec<Rect>,
    /// Boxes of all other paths: marks of letters.
    pub marks: Vec<Rect>,
    height: f64,
}

impl Printed {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { pdf: Pdf::new(bytes).unwrap() }
    }

    pub fn pages(&self) -> usize {
        self.pdf.pages().len()
    }

    /// Width and height of a page in mm.
    pub fn size(&self, page: usize) -> (f32, f32) {
        let (width, height) = self.pdf.pages()[page].render_dimensions();
        (width * 25.4 / 72.0, height * 25.4 / 72.0)
    }

    /// Grey pixels of a page at `dpi`, with their width and height.
    pub fn pixels(&self, page: usize, dpi: f32) -> (Vec<u8>, u32, u32) {
        let scale = dpi / 72.0;
        let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        let (cache, interpreter) = (RenderCache::new(), InterpreterSettings::default());
        let pixmap = render(&self.pdf.pages()[page], &cache, &interpreter, &RenderSettings::default(), &settings);
        let grey = pixmap.data().iter().map(|pixel| {
            assert!(pixel.r == pixel.g && pixel.g == pixel.b, "a thermal printer has no colours");
            pixel.g
        });
        (grey.collect(), pixmap.width().into(), pixmap.height().into())
    }

    /// What scanners read on the first page: the bar code with its GS1 prefix where it is one, and the QR code.
    pub fn scan(&self, dpi: f32) -> Vec<Scanned> {
        let (pixels, width, height) = self.pixels(0, dpi);
        [(BarcodeFormat::CODE_128, "Code 128"), (BarcodeFormat::QR_CODE, "QR")]
            .into_iter()
            .filter_map(|(kind, format)| {
                let mut hints = DecodeHints { AssumeGs1: Some(true), ..DecodeHints::default() };
                let found = helpers::detect_in_luma_slice_with_hints(&pixels, width, height, Some(kind), &mut hints);
                Some(Scanned { format, text: found.ok()?.getText().to_owned() })
            })
            .collect()
    }

    /// What is drawn on a page.
    pub fn drawn(&self, page: usize) -> Drawn {
        let page = &self.pdf.pages()[page];
        let cache = InterpreterCache::new();
        let view = Rect::new(-1e6, -1e6, 1e6, 1e6);
        let mut context = Context::new(Affine::IDENTITY, view, &cache, self.pdf.xref(), InterpreterSettings::default());
        let mut drawn = Drawn { height: f64::from(page.render_dimensions().1), ..Drawn::default() };
        interpret_page(page, &mut context, &mut drawn);
        drawn
    }

    /// The words of all pages, in the order they are drawn, without spaces.
    pub fn words(&self) -> String {
        let letters = (0..self.pages()).flat_map(|page| self.drawn(page).letters);
        letters.map(|(letter, _)| letter).collect::<String>().replace([' ', '\u{a0}'], "")
    }
}

impl Drawn {
    fn flipped(&self) -> Affine {
        Affine::new([1.0, 0.0, 0.0, -1.0, 0.0, self.height])
    }

    fn part(&mut self, part: BezPath) {
        let upright = |line: Line| (line.p0.x - line.p1.x).abs() < 1e-4 || (line.p0.y - line.p1.y).abs() < 1e-4;
        let is_box = part.segments().all(|segment| matches!(segment, PathSeg::Line(line) if upright(line)));
        let kind = if is_box { &mut self.paths } else { &mut self.marks };
        kind.push(part.bounding_box());
    }
}

impl Device<'_> for Drawn {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'_>, _: &DrawMode) {
        let to_page = self.flipped() * props.transform;
        // One path may be many rectangles.
        let mut part = BezPath::new();
        for element in path.elements() {
            if matches!(element, hayro::kurbo::PathEl::MoveTo(_)) && !part.is_empty() {
                self.part(to_page * std::mem::take(&mut part));
            }
            part.push(*element);
        }
        self.part(to_page * part);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        for glyph in run.glyphs() {
            let letter = match glyph.as_unicode() {
                Some(BfString::Char(letter)) => letter.to_string(),
                Some(BfString::String(letters)) => letters,
                None => panic!("a glyph without its letter"),
            };
            self.letters.push((letter, self.flipped() * props.transform * glyph.transform() * Point::ZERO));
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
