//! What shoppers upload to show a fault: photos and test reports (C27). Nothing of an upload is kept but the picture in it.

mod apart;
mod cleaned;
mod document;
mod effort;
mod handed;
mod kind;
mod limits;
mod photo;
mod picture;
mod unpacking;
mod unreadable;

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use apart::{ENVIRONMENT, read_apart};
pub use cleaned::{Cleaned, Media, PREVIEW_SIDE};
pub use limits::EvidenceLimits;
pub use unreadable::Unreadable;

use handed::{Handed, Page};
use kind::Kind;

/// Reads an upload by what its bytes are, whatever it is called, and writes anew what can be seen in it: upright, in sRGB, on
/// white, without metadata, scripts, attachments or anything behind the picture.
///
/// It works in this process, where nothing ends a decoder that asks for too much: a server calls [`read_apart`] in another one and
/// takes what [`handed_over`] makes of its answer.
///
/// # Errors
/// What the upload is instead, or why it cannot be read. A decoder that panics has met a broken file.
pub fn clean(bytes: &[u8], limits: &EvidenceLimits) -> Result<Cleaned, Unreadable> {
    read(bytes, limits)?.kept(limits)
}

/// What a reader's process answered, looked at.
///
/// # Errors
/// Why the upload cannot be read, as the reader says; and where the answer is no picture that may be kept.
pub fn handed_over(answer: &[u8], limits: &EvidenceLimits) -> Result<Cleaned, Unreadable> {
    handed::read(answer)?.kept(limits)
}

fn read(bytes: &[u8], limits: &EvidenceLimits) -> Result<Handed, Unreadable> {
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    if bytes.len() > limits.bytes {
        return Err(Unreadable::TooLarge { bytes: bytes.len(), most: limits.bytes });
    }
    let read = || match kind::of(bytes)? {
        Kind::Photo(format) => photo(bytes, format, limits),
        Kind::Document => document::read(bytes, limits),
    };
    // Decoders own what they work on: nothing of it is seen after a panic.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Unreadable::broken("the decoder panicked")))
}

fn photo(bytes: &[u8], format: image::ImageFormat, limits: &EvidenceLimits) -> Result<Handed, Unreadable> {
    let picture = photo::read(bytes, format, limits)?;
    let pages = vec![Page { jpeg: picture::jpeg(&picture)?, points: None }];
    Ok(Handed { pages, preview: picture::preview(picture)? })
}
