//! Pictures of eight bits of red, green and blue: made smaller, and written as JPEG.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::thumbnail;
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use pic_scale::{ImageSize, ImageStore, ImageStoreMut, ResamplingFunction, Scaler};

use super::{PREVIEW_SIDE, Unreadable};

/// Small enough to send around, and no flaw is lost in it.
const QUALITY: u8 = 85;

/// The picture with at most `side` pixels on its longer side. Small ones stay as they are.
pub(super) fn at_most(picture: RgbImage, side: u32) -> Result<RgbImage, Unreadable> {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= side {
        return Ok(picture);
    }
    // A line of a thousand pixels by one stays a line.
    let scaled = |length: u32| (u64::from(length) * u64::from(side)).div_ceil(u64::from(longer)).max(1) as u32;
    let (to_width, to_height) = (scaled(width), scaled(height));
    // The fine filter looks at the more pixels for each the smaller it makes them: what is much larger is averaged first, to twice
    // the size.
    let picture = if longer / side >= 4 { thumbnail(&picture, width.min(2 * to_width), height.min(2 * to_height)) } else { picture };
    let (width, height) = picture.dimensions();
    let from = ImageSize::new(width as usize, height as usize);
    let to = ImageSize::new(to_width as usize, to_height as usize);
    let source = ImageStore::<u8, 3>::from_slice(picture.as_raw(), from.width, from.height).map_err(Unreadable::broken)?;
    let mut smaller = RgbImage::new(to_width, to_height);
    let mut target = ImageStoreMut::<u8, 3>::from_slice(&mut smaller, to.width, to.height).map_err(Unreadable::broken)?;
    let scaler = Scaler::new(ResamplingFunction::Lanczos3);
    let plan = scaler.plan_rgb_resampling(from, to).map_err(Unreadable::broken)?;
    plan.resample(&source, &mut target).map_err(Unreadable::broken)?;
    Ok(smaller)
}

/// The picture as a JPEG of nothing but it.
pub(super) fn jpeg(picture: &RgbImage) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(Unreadable::broken)?;
    Ok(bytes)
}

/// A small JPEG of it.
pub(super) fn preview(picture: RgbImage) -> Result<Vec<u8>, Unreadable> {
    jpeg(&at_most(picture, PREVIEW_SIDE)?)
}
