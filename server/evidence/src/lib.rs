//! What shoppers upload to show a fault: photos and test reports (C27). Nothing of an upload is kept but the picture in it.

mod cleaned;
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

pub use cleaned::{Cleaned, Media, PREVIEW_SIDE};
pub use limits::EvidenceLimits;
pub use unreadable::Unreadable;

use kind::Kind;

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
