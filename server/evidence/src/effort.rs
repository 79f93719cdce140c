//! How much work it is to draw a page, added up before it is drawn: a small PDF can ask for more than a day of it, by forms
//! that draw forms that draw forms, tiles beyond number, or pictures of a billion pixels.

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::pattern::Pattern;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, InterpreterSettings, Paint,
    SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::object::Stream;
use hayro::hayro_syntax::object::dict::keys::{HEIGHT, MASK, SMASK, WIDTH};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Rect, Shape};

use super::Unreadable;
use super::unpacking::{PICTURE, Unpacking};

/// What one document may take, in pixels touched: a million strokes, or the whole page filled near two thousand times. Twenty
/// pages of scans at 300 dpi take a tenth of it.
const MOST: u64 = 4_000_000_000;

/// A shape, a step of its outline and a letter take as long as so many pixels.
const SHAPE: u64 = 4_096;
const STEP: u64 = 64;
const LETTER: u64 = 1_024;

/// Thrown with the reason, because a device cannot tell the interpreter to stop; the caller of [`Effort::add`] catches it.
pub(super) struct Exhausted(pub Unreadable);

fn throw(unreadable: Unreadable) {
    std::panic::resume_unwind(Box::new(Exhausted(unreadable)));
}

/// What was added up so far.
pub(super) struct Effort {
    spent: u64,
    paper: Rect,
    unpacking: Unpacking,
}

impl Effort {
    /// Pictures that stand within a drawing are unpacked from what is left of `unpacking`.
    pub fn beside(unpacking: Unpacking) -> Self {
        Self { spent: 0, paper: Rect::ZERO, unpacking }
    }

    /// Adds a page drawn at that scale.
    ///
    /// # Panics
    /// With [`Exhausted`], where it is more than a document may take.
    pub fn add<'a>(&mut self, page: &'a Page<'a>, cache: &InterpreterCache<'a>, settings: InterpreterSettings, scale: f64) {
        let (width, height) = page.render_dimensions();
        self.paper = Rect::new(0.0, 0.0, f64::from(width) * scale, f64::from(height) * scale);
        let to_paper = Affine::scale(scale) * page.initial_transform(true).to_kurbo();
        let mut context = Context::new(to_paper, self.paper, cache, page.xref(), settings);
        interpret_page(page, &mut context, self);
    }

    fn spend(&mut self, pixels: u64) {
        self.spent = self.spent.saturating_add(pixels);
        if self.spent > MOST {
            throw(Unreadable::broken("it takes too long to draw"));
        }
    }

    /// The part of `shape` that is on the paper.
    fn area(&self, shape: Rect) -> u64 {
        let seen = self.paper.intersect(shape);
        (seen.width().max(1.0) * seen.height().max(1.0)) as u64
    }

    fn shape(&mut self, bounds: Rect, path: &BezPath) {
        self.spend(SHAPE + self.area(bounds) + path.elements().len() as u64 * STEP);
    }

    fn picture(&mut self, width: u32, height: u32) {
        let pixels = u64::from(width) * u64::from(height);
        self.spend(if pixels > PICTURE { u64::MAX } else { pixels });
    }

    fn mask(&mut self, mask: Option<&SoftMask<'_>>) {
        if let Some(mask) = mask {
            self.spend(self.area(self.paper));
            mask.interpret(self);
        }
    }

    fn paint(&mut self, paint: &Paint<'_>) {
        let Paint::Pattern(pattern) = paint else { return };
        let Pattern::Tiling(tile) = pattern.as_ref() else { return self.spend(self.area(self.paper)) };
        let before = self.spent;
        tile.interpret(self, tile.matrix, false);
        let across = tile.bbox.width() / f64::from(tile.x_step).abs() + 2.0;
        let down = tile.bbox.height() / f64::from(tile.y_step).abs() + 2.0;
        // A step of nothing gives tiles without number, which this keeps as the largest number.
        let tiles = (across * down) as u64;
        self.spend((self.spent - before + SHAPE).saturating_mul(tiles));
    }
}

impl<'a> Device<'a> for Effort {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        let shape = props.transform.transform_rect_bbox(path.bounding_box());
        self.shape(shape, path);
        self.paint(&props.paint);
        self.mask(props.soft_mask.as_ref());
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.shape(clip.path.bounding_box(), &clip.path);
    }

    fn push_transparency_group(&mut self, _: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.spend(self.area(self.paper));
        self.mask(mask.as_ref());
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        self.paint(&props.paint);
        self.mask(props.soft_mask.as_ref());
        for glyph in run.glyphs() {
            self.spend(LETTER);
            if let Glyph::Type3(drawn) = &**glyph {
                drawn.interpret(self, props.transform, glyph.transform(), &props.paint);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let (width, height) = (image.width(), image.height());
        self.picture(width, height);
        let (stream, masks) = match &image {
            Image::Raster(image) => (image.stream(), [SMASK, MASK].map(|key| image.stream().dict().get::<Stream<'_>>(key))),
            Image::Stencil(image) => (image.stream(), [None, None]),
        };
        self.unpacking.stream(stream).unwrap_or_else(throw);
        for mask in masks.iter().flatten() {
            let length = |key: &[u8]| mask.dict().get::<u32>(key).unwrap_or_default();
            self.picture(length(WIDTH), length(HEIGHT));
        }
        self.spend(self.area(props.transform.transform_rect_bbox(Rect::new(0.0, 0.0, width.into(), height.into()))));
        self.mask(props.soft_mask.as_ref());
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}
