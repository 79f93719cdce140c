//! Why an upload is not kept.

use serde::{Deserialize, Serialize};

/// What a shopper is told by its code, and what the log says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Unreadable {
    /// Nothing was sent.
    #[error("the file is empty")]
    Empty,
    /// More bytes than are taken.
    #[error("the file has {bytes} bytes; at most {most} are taken")]
    TooLarge {
        /// It has.
        bytes: usize,
        /// It may have.
        most: usize,
    },
    /// Neither a photo nor a PDF.
    #[error("the file is of no kind that is taken")]
    Unknown,
    /// HEIC, HEIF or AVIF: there is no decoder for them that a server should run on strangers' files. Browsers on telephones
    /// send JPEG instead where the form accepts JPEG and not HEIC.
    #[error("the file is a HEIC, HEIF or AVIF picture")]
    Heic,
    /// A film.
    #[error("the file is a video")]
    Video,
    /// It begins as what is taken and does not go on so.
    #[error("the file is broken: {why}")]
    Broken {
        /// For the log.
        why: String,
    },
    /// A photo with more pixels than are taken, or one that would take more memory.
    #[error("the picture has {pixels} pixels; at most {most} of its kind are taken")]
    TooManyPixels {
        /// It has.
        pixels: u64,
        /// It may have.
        most: u64,
    },
    /// A photo with a longer side than is taken.
    #[error("the picture is {side} pixels long; at most {most} are taken")]
    TooLong {
        /// It is.
        side: u32,
        /// It may be.
        most: u32,
    },
    /// A document with more pages than are taken.
    #[error("the document has {pages} pages; at most {most} are taken")]
    TooManyPages {
        /// It has.
        pages: usize,
        /// It may have.
        most: u32,
    },
    /// A document that opens with a password only.
    #[error("the document is locked with a password")]
    Locked,
    /// A document that is packed in a way that is not taken.
    #[error("the document is packed in a way that is not taken: {how}")]
    Packed {
        /// For the log.
        how: String,
    },
}

impl Unreadable {
    /// As a broken file.
    pub fn broken(why: impl std::fmt::Display) -> Self {
        Self::Broken { why: why.to_string() }
    }

    pub(super) fn packed(how: impl Into<String>) -> Self {
        Self::Packed { how: how.into() }
    }

    /// The key of its sentence in the catalogue, area `evidence_error`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::Unknown => "unknown",
            Self::Heic => "heic",
            Self::Video => "video",
            Self::Broken { .. } => "broken",
            Self::TooManyPixels { .. } | Self::TooLong { .. } => "too_many_pixels",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::Locked => "locked",
            Self::Packed { .. } => "packed",
        }
    }
}
