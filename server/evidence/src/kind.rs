//! What a file is, by its first bytes; its name and what the browser says of it count for nothing.

use image::ImageFormat;
use infer::MatcherType;

use super::Unreadable;

/// What is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Photo(ImageFormat),
    /// A PDF.
    Document,
}

/// What these bytes are, if it is taken.
pub(super) fn of(bytes: &[u8]) -> Result<Kind, Unreadable> {
    if let Some(brand) = bytes.get(4..12).and_then(|start| start.strip_prefix(b"ftyp")) {
        return Err(media_file(brand));
    }
    // Matroska and WebM, whatever comes after.
    if bytes.starts_with(b"\x1a\x45\xdf\xa3") {
        return Err(Unreadable::Video);
    }
    let Some(found) = infer::get(bytes) else { return Err(Unreadable::Unknown) };
    match found.mime_type() {
        "image/jpeg" => Ok(Kind::Photo(ImageFormat::Jpeg)),
        "image/png" => Ok(Kind::Photo(ImageFormat::Png)),
        "image/webp" => Ok(Kind::Photo(ImageFormat::WebP)),
        "image/gif" => Ok(Kind::Photo(ImageFormat::Gif)),
        "image/bmp" => Ok(Kind::Photo(ImageFormat::Bmp)),
        "application/pdf" => Ok(Kind::Document),
        _ if found.matcher_type() == MatcherType::Video => Err(Unreadable::Video),
        _ => Err(Unreadable::Unknown),
    }
}

/// Telephones write pictures and films in the same container (ISO 14496-12); its brand tells which (ISO 23008-12, annex B).
fn media_file(brand: &[u8]) -> Unreadable {
    match brand {
        b"mif1" | b"mif2" | b"msf1" | b"miaf" | b"avif" | b"avis" => Unreadable::Heic,
        [b'h', b'e', ..] => Unreadable::Heic,
        _ => Unreadable::Video,
    }
}
