//! A photo as its decoder gives it, made upright, opaque, sRGB and no larger than is kept.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use memchr::memmem;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::picture::at_most;
use super::{EvidenceLimits, Unreadable};

/// Pixels on the longer side of what comes: panoramas of telephones have half of it.
const LONGEST: u32 = 32_768;

/// Bytes for what a file holds beside its picture: labels, profiles.
const BESIDE: u64 = 32 << 20;

/// Bytes of a profile of colours; those of printers have a million.
const PROFILE: usize = 4 << 20;

/// Scans of a JPEG. Encoders write ten, and each is a walk over the whole picture.
const SCANS: usize = 100;

/// The picture in a file of that format.
pub(super) fn read(bytes: &[u8], format: ImageFormat, limits: &EvidenceLimits) -> Result<RgbImage, Unreadable> {
    let shape = if format == ImageFormat::Jpeg { JpegShape::of(bytes) } else { JpegShape::default() };
    let mut bounds = Limits::no_limits();
    bounds.max_alloc = Some(limits.memory.min(BESIDE));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(bounds.clone());
    let mut decoder = reader.into_decoder().map_err(refused)?;
    check_size(&decoder, &shape, limits)?;
    bounds.max_alloc = Some(limits.memory);
    decoder.set_limits(bounds).map_err(refused)?;
    // A photo with a torn label of its orientation or colours is still a photo.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| profile.len() <= PROFILE);
    let decoded = DynamicImage::from_decoder(decoder).map_err(refused)?;
    if shape.is_cut_off && mostly_missing(&decoded) {
        return Err(Unreadable::broken("most of the picture is missing"));
    }
    let small = at_most(on_white(decoded), limits.longest_side)?;
    let mut upright = DynamicImage::ImageRgb8(profile.and_then(|profile| in_srgb(&small, &profile)).unwrap_or(small));
    upright.apply_orientation(orientation);
    Ok(upright.into_rgb8())
}

/// Before anything is allocated: whether the pixels, and the memory it takes to get at them, are within the limits.
fn check_size(decoder: &impl ImageDecoder, shape: &JpegShape, limits: &EvidenceLimits) -> Result<(), Unreadable> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(Unreadable::broken("the picture has no pixels"));
    }
    let colour = decoder.color_type();
    // What `on_white` takes beside what the decoder gives.
    let converted: u64 = match colour {
        ColorType::Rgb8 | ColorType::Rgba8 => 0,
        ColorType::L8 => 3,
        _ => 4,
    };
    let each = u64::from(colour.bytes_per_pixel()) + converted + shape.coefficient_bytes;
    let most = limits.pixels.min(limits.memory / each);
    if pixels > most {
        return Err(Unreadable::TooManyPixels { pixels, most });
    }
    if width.max(height) > LONGEST {
        return Err(Unreadable::TooLong { side: width.max(height), most: LONGEST });
    }
    if shape.scans > SCANS {
        return Err(Unreadable::broken(format!("{} scans of one picture", shape.scans)));
    }
    Ok(())
}

/// Whether a JPEG within a document is one that can be decoded: not too many pixels, not too many scans.
pub(super) fn check_jpeg(bytes: &[u8], most: u64) -> Result<(), &'static str> {
    let shape = JpegShape::of(bytes);
    match shape {
        JpegShape { pixels, .. } if pixels > most => Err("a picture of the PDF has too many pixels"),
        JpegShape { scans, .. } if scans > SCANS => Err("a picture of the PDF has too many scans"),
        _ => Ok(()),
    }
}

fn refused(error: ImageError) -> Unreadable {
    Unreadable::broken(error)
}

/// Eight bits of red, green and blue; what is transparent shows white.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let (width, height) = (image.width(), image.height());
    let mut bytes = image.into_rgba8().into_raw();
    // In place: a second copy of a large picture is what the memory limit is there for.
    let pixels = bytes.len() / 4;
    for pixel in 0..pixels {
        let alpha = u32::from(bytes[pixel * 4 + 3]);
        for channel in 0..3 {
            let colour = u32::from(bytes[pixel * 4 + channel]);
            bytes[pixel * 3 + channel] = ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    bytes.truncate(pixels * 3);
    RgbImage::from_raw(width, height, bytes).unwrap_or_default()
}

/// The picture from the colours of its profile to sRGB: telephones take Display P3. Nothing where the profile is of no use.
fn in_srgb(picture: &RgbImage, profile: &[u8]) -> Option<RgbImage> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    if profile.color_space != DataColorSpace::Rgb {
        return None;
    }
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, TransformOptions::default()).ok()?;
    let mut converted = RgbImage::new(picture.width(), picture.height());
    transform.transform(picture, &mut converted).ok()?;
    Some(converted)
}

/// More than a quarter of the picture, from its end, is what the decoder fills in for what is not there: grey.
fn mostly_missing(image: &DynamicImage) -> bool {
    let bytes = image.as_bytes();
    bytes.iter().rev().take_while(|&&byte| byte == 128).count() > bytes.len() / 4
}

/// What the segments of a JPEG tell before it is decoded (ITU T.81, annex B).
#[derive(Clone, Copy, Debug, Default)]
struct JpegShape {
    /// Bytes of each pixel that its decoder keeps beside the pixels, where a picture comes in several scans: two of each component.
    coefficient_bytes: u64,
    /// Across times down.
    pixels: u64,
    /// How often its decoder goes over the pixels.
    scans: usize,
    /// It has no end.
    is_cut_off: bool,
}

impl JpegShape {
    fn of(bytes: &[u8]) -> Self {
        let mut shape = Self { is_cut_off: true, ..Self::default() };
        let (mut at, mut components) = (0, 0);
        while let Some(&[first, marker]) = bytes.get(at..at + 2) {
            match (first, marker) {
                (0xFF, 0xFF) => at += 1,
                (0xFF, 0x01 | 0xD0..=0xD9) => at += 2,
                (0xFF, _) => {
                    let Some(&[high, low]) = bytes.get(at + 2..at + 4) else { return shape };
                    match marker {
                        0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                            let length = |at| bytes.get(at..at + 2).map_or(0, |pair| u64::from(pair[0]) << 8 | u64::from(pair[1]));
                            shape.pixels = length(at + 5) * length(at + 7);
                            components = u64::from(bytes.get(at + 9).copied().unwrap_or_default());
                            if marker == 0xC2 {
                                shape.coefficient_bytes = 2 * components;
                            }
                        }
                        0xDA => {
                            let in_scan = bytes.get(at + 4).copied().unwrap_or_default();
                            if u64::from(in_scan) < components {
                                shape.coefficient_bytes = 2 * components;
                            }
                            // Among the pixels of a scan 0xFF is followed by 0 or by a restart only: these are the heads of scans.
                            shape.scans = memmem::find_iter(&bytes[at..], &[0xFF, 0xDA]).count();
                            shape.is_cut_off = memmem::find(&bytes[at..], &[0xFF, 0xD9]).is_none();
                            return shape;
                        }
                        _ => {}
                    }
                    at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
                }
                // Decoders skip what is between segments.
                _ => at += 1,
            }
        }
        shape
    }
}
