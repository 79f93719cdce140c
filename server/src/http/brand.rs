//! The shop's own logo, as it was found at the start.

use std::path::Path;

const LARGEST: usize = 100_000;

/// A picture, as it was found at the start.
pub struct Logo {
    pub bytes: Vec<u8>,
    pub kind: &'static str,
}

impl Logo {
    /// Reads a logo; what is none is told in the log, and the shop goes on without.
    pub fn read(path: &Path) -> Option<Self> {
        let refused =
            |why: &dyn std::fmt::Display| tracing::warn!(path = %path.display(), %why, "setting shop.logo: the logo is not shown");
        let bytes = std::fs::read(path).map_err(|error| refused(&error)).ok()?;
        if bytes.len() > LARGEST {
            refused(&format!("it is larger than {LARGEST} bytes"));
            return None;
        }
        let kind = match infer::get(&bytes).map(|kind| kind.mime_type()) {
            Some("image/png") => "image/png",
            Some("image/jpeg") => "image/jpeg",
            Some("image/webp") => "image/webp",
            _ if String::from_utf8_lossy(&bytes).contains("<svg") => "image/svg+xml; charset=utf-8",
            _ => {
                refused(&"it is no SVG, PNG, JPEG or WebP");
                return None;
            }
        };
        Some(Self { bytes, kind })
    }
}
