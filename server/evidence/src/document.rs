//! A PDF, kept as pictures of its pages: scripts, attachments, links, forms and metadata stay behind.

use std::io::Read;
use std::sync::Arc;

use flate2::read::{DeflateDecoder, ZlibDecoder};
use hayro::hayro_interpret::font::{FontData, FontQuery};
use hayro::hayro_interpret::{InterpreterCache, InterpreterSettings};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::RgbImage;
use krilla::geom::Size;
use krilla::image::Image;
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};

use super::effort::{Effort, Exhausted};
use super::{Cleaned, EvidenceLimits, Media, Unreadable, picture};

/// Dots to the inch: small print stays readable, and an A4 page is 1240 × 1754 pixels.
const DOTS: f32 = 150.0;

/// Points to the inch.
const POINTS: f32 = 72.0;

/// Objects within objects are read by recursion: more of it than a worker's stack has room for.
const STACK: usize = 64 << 20;

/// The document's pages as pictures, in a document of our own making.
pub(super) fn clean(bytes: &[u8], limits: &EvidenceLimits) -> Result<Cleaned, Unreadable> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().name("evidence".into()).stack_size(STACK);
        let reading = reader.spawn_scoped(scope, || read(bytes, limits)).map_err(Unreadable::broken)?;
        reading.join().unwrap_or_else(|panic| {
            let why = if panic.is::<Exhausted>() { "it takes too long to draw" } else { "the reader of PDF panicked" };
            Err(Unreadable::broken(why))
        })
    })
}

fn read(bytes: &[u8], limits: &EvidenceLimits) -> Result<Cleaned, Unreadable> {
    check_streams(bytes, limits)?;
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
    let (measured, mut effort) = (InterpreterCache::new(), Effort::default());
    for page in pages.iter() {
        let scale = f64::from(scale(page, limits)?);
        effort.add(page, &measured, interpreter(), scale);
    }
    let cache = RenderCache::new();
    // Without metadata of ours either.
    let mut kept = Document::new_with(SerializeSettings { xmp_metadata: false, enable_tagging: false, ..SerializeSettings::default() });
    let mut first = None;
    for page in pages.iter() {
        let picture = drawn(page, &cache, limits)?;
        add(&mut kept, page, &picture)?;
        first.get_or_insert(picture);
    }
    let first = first.unwrap_or_default();
    let (width, height) = first.dimensions();
    let bytes = kept.finish().map_err(|error| Unreadable::broken(format!("{error:?}")))?;
    Ok(Cleaned { media: Media::Pdf, bytes, preview: picture::preview(first)?, width, height, pages: pages.len() as u32 })
}

/// How much comes out of the compressed streams, before a reader that sets no bound unpacks them: each within the memory, and all
/// of them within what pages of full-page scans take.
fn check_streams(bytes: &[u8], limits: &EvidenceLimits) -> Result<(), Unreadable> {
    let mut left = limits.memory.saturating_mul(4);
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(STREAM.len()).position(|window| window == STREAM) {
        at += found + STREAM.len();
        let blank = bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let unpacked = unpacked(&bytes[at + blank..], limits.memory.min(left));
        if unpacked >= limits.memory.min(left) {
            return Err(Unreadable::broken("a stream of the PDF is larger than a page can be"));
        }
        left -= unpacked;
    }
    Ok(())
}

const STREAM: &[u8] = b"stream";

/// How many bytes come out of a stream, packed once or several times over. Counts no further than `most` each time.
fn unpacked(bytes: &[u8], most: u64) -> u64 {
    // Readers take a stream without its header too.
    let bare = drain(ZlibDecoder::new(bytes), most) == 0;
    let once = || -> Box<dyn Read + '_> { if bare { Box::new(DeflateDecoder::new(bytes)) } else { Box::new(ZlibDecoder::new(bytes)) } };
    let layers = [once(), Box::new(ZlibDecoder::new(once())), Box::new(ZlibDecoder::new(ZlibDecoder::new(once())))];
    layers.into_iter().map(|layer| drain(layer, most)).take_while(|&count| count > 0).fold(0, u64::saturating_add)
}

fn drain(stream: impl Read, most: u64) -> u64 {
    let mut stream = stream.take(most);
    let mut block = [0; 16 << 10];
    let mut count = 0;
    // What stands before a fault counts: readers are lenient.
    while let Ok(read @ 1..) = stream.read(&mut block) {
        count += read as u64;
    }
    count
}

/// Pixels to the point.
fn scale(page: &Page<'_>, limits: &EvidenceLimits) -> Result<f32, Unreadable> {
    let (width, height) = size(page)?;
    let scale = (DOTS / POINTS).min(limits.longest_side as f32 / width.max(height));
    if width * scale < 1.0 || height * scale < 1.0 {
        return Err(Unreadable::broken("a page of the PDF has no area"));
    }
    Ok(scale)
}

/// A page as it looks, on white.
fn drawn<'a>(page: &'a Page<'a>, cache: &RenderCache<'a>, limits: &EvidenceLimits) -> Result<RgbImage, Unreadable> {
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
fn size(page: &Page<'_>) -> Result<(f32, f32), Unreadable> {
    let (width, height) = page.render_dimensions();
    let fits = |length: f32| length.is_finite() && length > 0.0 && length <= 14_400.0;
    if fits(width) && fits(height) { Ok((width, height)) } else { Err(Unreadable::broken("a page of the PDF has no size")) }
}

/// A page of the same size with that picture on it.
fn add(document: &mut Document, page: &Page<'_>, picture: &RgbImage) -> Result<(), Unreadable> {
    let (width, height) = size(page)?;
    let (Some(settings), Some(area)) = (PageSettings::from_wh(width, height), Size::from_wh(width, height)) else {
        return Err(Unreadable::broken("a page of the PDF has no size"));
    };
    let image = Image::from_jpeg(picture::jpeg(picture)?.into(), true).map_err(Unreadable::broken)?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    surface.draw_image(image, area);
    surface.finish();
    page.finish();
    Ok(())
}
