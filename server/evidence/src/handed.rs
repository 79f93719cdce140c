//! What a reader in a process of its own hands over: pictures, and nothing else. Who takes it believes none of it before it was
//! looked at: whoever broke into a decoder could have written it.

use std::io;

use krilla::geom::Size;
use krilla::image::Image;
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};
use serde::{Deserialize, Serialize};

use super::{Cleaned, EvidenceLimits, Media, PREVIEW_SIDE, Unreadable};

/// Bytes of the line before the pictures.
const HEAD: usize = 64 << 10;

/// Letters of a reason that go into the log.
const WHY: usize = 200;

/// Points on the longer side of a page (ISO 32000-1, annex C).
pub(super) const LONGEST_PAGE: f32 = 14_400.0;

/// What was read of an upload: a photo, or the pages of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Handed {
    pub preview: Vec<u8>,
    pub pages: Vec<Page>,
}

/// A picture, bare; a page of a document has its size in points.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Page {
    pub jpeg: Vec<u8>,
    pub points: Option<(f32, f32)>,
}

/// The first line of an answer; the bytes of the preview and of the pages follow in that order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Head {
    Refused(Unreadable),
    Read { preview: usize, pages: Vec<(usize, Option<(f32, f32)>)> },
}

/// Writes an answer.
pub(super) fn write(answer: Result<Handed, Unreadable>, to: &mut impl io::Write) -> io::Result<()> {
    let head = match &answer {
        Err(unreadable) => Head::Refused(unreadable.clone()),
        Ok(handed) => {
            Head::Read { preview: handed.preview.len(), pages: handed.pages.iter().map(|page| (page.jpeg.len(), page.points)).collect() }
        }
    };
    serde_json::to_writer(&mut *to, &head)?;
    to.write_all(b"\n")?;
    if let Ok(handed) = answer {
        to.write_all(&handed.preview)?;
        handed.pages.iter().try_for_each(|page| to.write_all(&page.jpeg))?;
    }
    to.flush()
}

/// What an answer says, if it is one.
pub(super) fn read(answer: &[u8]) -> Result<Handed, Unreadable> {
    let odd = || Unreadable::broken("the reader gave no answer that makes sense");
    let end = memchr::memchr(b'\n', &answer[..HEAD.min(answer.len())]).ok_or_else(odd)?;
    let (preview, pages) = match serde_json::from_slice(&answer[..end]).map_err(|_| odd())? {
        Head::Refused(unreadable) => return Err(plain(unreadable)),
        Head::Read { preview, pages } => (preview, pages),
    };
    let mut rest = &answer[end + 1..];
    let mut take = |length: usize| {
        let (taken, left) = rest.split_at_checked(length)?;
        rest = left;
        Some(taken.to_vec())
    };
    let preview = take(preview).ok_or_else(odd)?;
    let pages =
        pages.into_iter().map(|(length, points)| Some(Page { jpeg: take(length)?, points })).collect::<Option<_>>().ok_or_else(odd)?;
    if rest.is_empty() { Ok(Handed { preview, pages }) } else { Err(odd()) }
}

/// A reason that fits into one line.
fn plain(unreadable: Unreadable) -> Unreadable {
    let short = |why: String| why.chars().filter(|letter| !letter.is_control()).take(WHY).collect();
    match unreadable {
        Unreadable::Broken { why } => Unreadable::Broken { why: short(why) },
        Unreadable::Packed { how } => Unreadable::Packed { how: short(how) },
        other => other,
    }
}

impl Handed {
    /// What is kept of it. A document is written here, around its pictures.
    ///
    /// # Errors
    /// If it is not what a reader may hand over: bare pictures of a size within the limits.
    pub fn kept(self, limits: &EvidenceLimits) -> Result<Cleaned, Unreadable> {
        let odd = || Unreadable::broken("the reader handed over something else than pictures");
        let within = |jpeg: &[u8], side: u32| size_of_bare(jpeg).filter(|&(width, height)| width.max(height) <= side).ok_or_else(odd);
        let count = u32::try_from(self.pages.len()).map_err(|_| odd())?;
        if count == 0 || count > limits.pages.max(1) {
            return Err(odd());
        }
        within(&self.preview, PREVIEW_SIDE)?;
        let sizes = self.pages.iter().map(|page| within(&page.jpeg, limits.longest_side)).collect::<Result<Vec<_>, _>>()?;
        let (width, height) = sizes[0];
        let (media, bytes) = match self.pages.as_slice() {
            [Page { jpeg, points: None }] => (Media::Jpeg, jpeg.clone()),
            pages => (Media::Pdf, document(pages)?),
        };
        Ok(Cleaned { media, bytes, preview: self.preview, width, height, pages: count })
    }
}

/// A document of those pages, without metadata of ours either.
fn document(pages: &[Page]) -> Result<Vec<u8>, Unreadable> {
    let mut document = Document::new_with(SerializeSettings { xmp_metadata: false, enable_tagging: false, ..SerializeSettings::default() });
    for page in pages {
        let (width, height) = page.points.filter(|&(width, height)| is_size(width) && is_size(height)).ok_or_else(no_size)?;
        let (Some(settings), Some(area)) = (PageSettings::from_wh(width, height), Size::from_wh(width, height)) else {
            return Err(no_size());
        };
        let image = Image::from_jpeg(page.jpeg.clone().into(), true).map_err(Unreadable::broken)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        surface.draw_image(image, area);
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| Unreadable::broken(format!("{error:?}")))
}

/// Whether a page can be so many points long.
pub(super) fn is_size(points: f32) -> bool {
    points.is_finite() && points > 0.0 && points <= LONGEST_PAGE
}

pub(super) fn no_size() -> Unreadable {
    Unreadable::broken("a page of the PDF has no size")
}

/// Pixels across and down of a JPEG that is nothing but its picture, as our encoder writes it: no segment in it can hold anything
/// else, and nothing follows its end (ITU T.81, annex B).
pub(super) fn size_of_bare(jpeg: &[u8]) -> Option<(u32, u32)> {
    let mut rest = jpeg.strip_prefix(&[0xFF, 0xD8])?;
    let mut size = None;
    loop {
        let [0xFF, marker, high, low, after @ ..] = rest else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
        let (segment, after) = after.split_at_checked(length)?;
        match (marker, segment) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, ..]) if segment.len() == 14 => {}
            (0xDB | 0xC4, _) => {}
            (0xC0, [8, y, down, x, across, 3, ..]) if segment.len() == 15 && size.is_none() => {
                size = Some((u32::from(u16::from_be_bytes([*x, *across])), u32::from(u16::from_be_bytes([*y, *down]))));
            }
            (0xDA, _) => {
                let marks = memchr::memchr_iter(0xFF, after).filter(|&at| after.get(at + 1) != Some(&0));
                let ends = marks.eq([after.len().checked_sub(2)?]) && after.ends_with(&[0xFF, 0xD9]);
                return size.filter(|&(width, height)| ends && width > 0 && height > 0);
            }
            _ => return None,
        }
        rest = after;
    }
}
