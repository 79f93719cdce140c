//! Photos and documents that shoppers show.

use server::evidence::{EvidenceLimits, Media, PREVIEW_SIDE, clean};

/// Small, so that a bomb is told from a picture soon.
pub const LIMITS: EvidenceLimits = EvidenceLimits {
    bytes: 1 << 20,
    pixels: 1 << 20,
    memory: 16 << 20,
    longest_side: 256,
    pages: 3,
    per_line: 12,
    per_return: 40,
    bytes_per_hour: i64::MAX,
    at_once: 2,
    seconds: 20,
};

/// Cleans it; what is kept is a picture or a document within its limits.
pub fn attack(data: &[u8]) {
    let Ok(cleaned) = clean(data, &LIMITS) else { return };
    assert!((1..=LIMITS.pages).contains(&cleaned.pages));
    let preview = image::load_from_memory(&cleaned.preview).unwrap();
    assert!(preview.width().max(preview.height()) <= PREVIEW_SIDE);
    match cleaned.media {
        Media::Jpeg => {
            let picture = image::load_from_memory(&cleaned.bytes).unwrap();
            assert_eq!((picture.width(), picture.height()), (cleaned.width, cleaned.height));
            assert!(picture.width().max(picture.height()) <= LIMITS.longest_side);
        }
        Media::Pdf => assert!(cleaned.bytes.starts_with(b"%PDF-")),
    }
}
