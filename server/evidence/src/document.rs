//! A PDF, kept as pictures of its pages: scripts, attachments, links, forms and metadata stay behind.

use std::sync::Arc;

use hayro::hayro_interpret::font::{FontData, FontQuery};
use hayro::hayro_interpret::{InterpreterCache, InterpreterSettings};
use hayro::hayro_syntax::page::Page as PdfPage;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::RgbImage;

use super::effort::{Effort, Exhausted};
use super::handed::{Handed, Page, is_size, no_size};
use super::unpacking::Unpacking;
use super::{EvidenceLimits, Unreadable, picture};

/// Dots to the inch: small print stays readable, and an A4 page is 1240 × 1754 pixels.
const DOTS: f32 = 150.0;

/// Points to the inch.
const POINTS: f32 = 72.0;

/// Objects within objects are read by recursion: more of it than a worker's stack has room for.
const STACK: usize = 64 << 20;

/// The document's pages as pictures.
pub(super) fn read(bytes: &[u8], limits: &EvidenceLimits) -> Result<Handed, Unreadable> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().name("evidence".into()).stack_size(STACK);
        let reading = reader.spawn_scoped(scope, || pictures(bytes, limits)).map_err(Unreadable::broken)?;
        reading.join().unwrap_or_else(|panic| {
            Err(panic.downcast::<Exhausted>().map_or_else(|_| Unreadable::broken("the reader of PDF panicked"), |exhausted| exhausted.0))
        })
    })
}

fn pictures(bytes: &[u8], limits: &EvidenceLimits) -> Result<Handed, Unreadable> {
    if is_locked(bytes) {
        return Err(Unreadable::Locked);
    }
    Unpacking::within(limits).file(bytes)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Unreadable::Locked,
        LoadPdfError::Invalid => Unreadable::broken("not a PDF that can be read"),
    })?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(Unreadable::broken("a PDF without pages"));
    }
    if pages.len() > limits.pages as usize {
        return Err(Unreadable::TooManyPages { pages: pages.len(), most: limits.pages });
    }
    let mut unpacking = Unpacking::within(limits);
    unpacking.document(&pdf)?;
    let (measured, mut effort) = (InterpreterCache::new(), Effort::beside(unpacking));
    for page in pages.iter() {
        let scale = f64::from(scale(page, limits)?);
        effort.add(page, &measured, interpreter(), scale);
    }
    let cache = RenderCache::new();
    let mut kept = Vec::new();
    let mut preview = None;
    for page in pages.iter() {
        let picture = drawn(page, &cache, limits)?;
        kept.push(Page { jpeg: picture::jpeg(&picture)?, points: Some(size(page)?) });
        if preview.is_none() {
            preview = Some(picture::preview(picture)?);
        }
    }
    Ok(Handed { pages: kept, preview: preview.unwrap_or_default() })
}

/// Whether the file speaks of a password: `/Encrypt`, in whatever letters (ISO 32000-2, 7.3.5 and 7.5.5).
fn is_locked(bytes: &[u8]) -> bool {
    const KEY: &[u8] = b"Encrypt";
    let plain = |mut name: &[u8]| {
        KEY.iter().all(|letter| {
            let (read, rest) = match name {
                [b'#', high, low, rest @ ..] => {
                    let digit = |byte: &u8| (*byte as char).to_digit(16).unwrap_or_default() as u8;
                    (digit(high) << 4 | digit(low), rest)
                }
                [read, rest @ ..] => (*read, rest),
                [] => return false,
            };
            name = rest;
            read == *letter
        }) && !name.first().is_some_and(u8::is_ascii_alphanumeric)
    };
    memchr::memchr_iter(b'/', bytes).any(|at| plain(&bytes[at + 1..]))
}

/// Pixels to the point.
fn scale(page: &PdfPage<'_>, limits: &EvidenceLimits) -> Result<f32, Unreadable> {
    let (width, height) = size(page)?;
    let scale = (DOTS / POINTS).min(limits.longest_side as f32 / width.max(height));
    if width * scale < 1.0 || height * scale < 1.0 {
        return Err(Unreadable::broken("a page of the PDF has no area"));
    }
    Ok(scale)
}

/// A page as it looks, on white.
fn drawn<'a>(page: &'a PdfPage<'a>, cache: &RenderCache<'a>, limits: &EvidenceLimits) -> Result<RgbImage, Unreadable> {
    let scale = scale(page, limits)?;
    let paper = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let drawn = hayro::render(page, cache, &interpreter(), &RenderSettings::default(), &paper);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    // The paper is white and opaque: so is what is drawn on it.
    let bytes = drawn.data_as_u8_slice().as_chunks::<4>().0.iter().flat_map(|&[red, green, blue, _]| [red, green, blue]).collect();
    RgbImage::from_raw(width, height, bytes).ok_or_else(|| Unreadable::broken("a page of the PDF was not drawn"))
}

/// Chinese reports often bring no typeface of their own: without one their text would be missing from the picture.
fn interpreter() -> InterpreterSettings {
    let typeface = |query: &FontQuery| match query {
        FontQuery::Standard(font) => Some(font.get_font_data()),
        FontQuery::Fallback(font) if font.character_collection.is_some() => {
            typefaces::chinese_typeface(font.is_bold || font.font_weight >= 600).map(|data| (Arc::new(data) as FontData, 0))
        }
        FontQuery::Fallback(font) => Some(font.pick_standard_font().get_font_data()),
    };
    InterpreterSettings { font_resolver: Arc::new(typeface), ..InterpreterSettings::default() }
}

/// Points across and down.
fn size(page: &PdfPage<'_>) -> Result<(f32, f32), Unreadable> {
    let (width, height) = page.render_dimensions();
    if is_size(width) && is_size(height) { Ok((width, height)) } else { Err(no_size()) }
}
