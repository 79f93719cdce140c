//! What shoppers upload to show a fault: photos and test reports (C27). Nothing of an upload is kept but the picture in it.

mod document;
mod effort;
mod kind;
mod limits;
mod photo;
mod picture;
mod unreadable;

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use limits::EvidenceLimits;
pub use unreadable::Unreadable;

use kind::Kind;

/// What an upload turned out to be, safe to keep and to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// What `bytes` are.
    pub media: Media,
    /// The picture or the document, written anew: no byte of the upload is in it.
    pub bytes: Vec<u8>,
    /// A small JPEG of the picture or of the first page, at most [`PREVIEW_SIDE`] pixels on its longer side.
    pub preview: Vec<u8>,
    /// Pixels across the picture or the first page.
    pub width: u32,
    /// Pixels down the picture or the first page.
    pub height: u32,
    /// How many pages; a picture has one.
    pub pages: u32,
}

/// What is kept of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Media {
    /// A picture.
    Jpeg,
    /// A document of pictures, one for each page.
    Pdf,
}

impl Media {
    /// Its name in HTTP.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Pdf => "application/pdf",
        }
    }

    /// The one of that name in HTTP.
    #[must_use]
    pub fn of_mime(mime: &str) -> Option<Self> {
        [Self::Jpeg, Self::Pdf].into_iter().find(|media| media.mime() == mime)
    }

    /// How names of such files end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Pdf => "pdf",
        }
    }
}

/// Pixels on the longer side of a preview.
pub const PREVIEW_SIDE: u32 = 320;

/// Reads an upload by what its bytes are, whatever it is called, and writes anew what can be seen in it: upright, in sRGB, on
/// white, without metadata, scripts, attachments or anything behind the picture.
///
/// It takes time and memory up to the limits: call it where blocking is allowed, and few at once.
///
/// # Errors
/// What the upload is instead, or why it cannot be read. A decoder that panics has met a broken file.
pub fn clean(bytes: &[u8], limits: &EvidenceLimits) -> Result<Cleaned, Unreadable> {
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    if bytes.len() > limits.bytes {
        return Err(Unreadable::TooLarge { bytes: bytes.len(), most: limits.bytes });
    }
    let read = || match kind::of(bytes)? {
        Kind::Photo(format) => photo(bytes, format, limits),
        Kind::Document => document::clean(bytes, limits),
    };
    // Decoders own what they work on: nothing of it is seen after a panic.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Unreadable::broken("the decoder panicked")))
}

fn photo(bytes: &[u8], format: image::ImageFormat, limits: &EvidenceLimits) -> Result<Cleaned, Unreadable> {
    let picture = photo::read(bytes, format, limits)?;
    let (width, height) = picture.dimensions();
    Ok(Cleaned { media: Media::Jpeg, bytes: picture::jpeg(&picture)?, preview: picture::preview(picture)?, width, height, pages: 1 })
}
