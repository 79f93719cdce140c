//! What an upload turned out to be.

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
