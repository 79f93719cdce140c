//! How much comes out of a document's packed streams, counted before a reader that sets no bound unpacks them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};
use hayro::hayro_syntax::object::dict::keys::{F, FILTER};
use hayro::hayro_syntax::object::{Array, FromBytes, MaybeRef, Object, Stream};
use hayro::hayro_syntax::{Filter, Pdf};
use memchr::memmem;

use super::{EvidenceLimits, Unreadable, photo};

/// Objects of a document: one of twenty pages has some hundreds.
const OBJECTS: usize = 50_000;

/// A stream begins within so many bytes of its object, or is none.
const HEAD: usize = 64 << 10;

/// Pixels of a picture in a document; larger ones are not unpacked.
pub(super) const PICTURE: u64 = 100_000_000;

/// What a document may still have in its streams: one budget for all of them, packed and at each step of unpacking.
pub(super) struct Unpacking {
    left: u64,
    /// Of one step of one stream: readers hold two of them, and let them grow by doubling.
    each: u64,
    /// Streams are drawn more than once.
    seen: HashSet<(usize, usize)>,
}

impl Unpacking {
    pub fn within(limits: &EvidenceLimits) -> Self {
        Self { left: limits.memory.saturating_mul(4), each: limits.memory / 2, seen: HashSet::new() }
    }

    /// All streams that the file shows, from its front to its end: opening it unpacks some of them.
    pub fn file(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        self.check_ends(bytes)?;
        let begins = || beginnings(bytes, b"obj");
        if begins().nth(OBJECTS).is_some() {
            return Err(too_many_objects());
        }
        for at in begins() {
            let rest = bare(&bytes[at + 3..]);
            if memmem::find(&rest[..HEAD.min(rest.len())], b"stream").is_some()
                && let Some(stream) = Stream::from_bytes(rest)
            {
                self.stream(&stream)?;
            }
        }
        Ok(())
    }

    /// Whether streams end where they should. A reader goes on to the next end, wherever that is, for each beginning that it meets.
    fn check_ends(&self, bytes: &[u8]) -> Result<(), Unreadable> {
        let mut ends = memmem::find_iter(bytes, b"endstream").peekable();
        let mut walked = 0;
        for at in beginnings(bytes, b"stream") {
            while ends.next_if(|&end| end < at).is_some() {}
            walked += (ends.peek().copied().unwrap_or(bytes.len()) - at) as u64;
            if walked > self.left {
                return Err(Unreadable::broken("streams of the PDF have no end"));
            }
        }
        Ok(())
    }

    /// All streams of an open document: it knows those whose length or filter stands elsewhere.
    pub fn document(&mut self, pdf: &Pdf) -> Result<(), Unreadable> {
        if pdf.len() > OBJECTS {
            return Err(too_many_objects());
        }
        pdf.objects().into_iter().filter_map(Object::into_stream).try_for_each(|stream| self.stream(&stream))
    }

    /// A stream, once.
    pub fn stream(&mut self, stream: &Stream<'_>) -> Result<(), Unreadable> {
        let raw = stream.raw_data();
        if !self.seen.insert((raw.as_ptr() as usize, raw.len())) {
            return Ok(());
        }
        self.spend(raw.len())?;
        let mut data = raw;
        for filter in filters(stream)? {
            let most = self.each.min(self.left);
            data = match filter {
                Filter::AsciiHexDecode => Cow::Owned(from_hex(&data)),
                Filter::Ascii85Decode => Cow::Owned(from_base_85(&data)),
                Filter::FlateDecode => Cow::Owned(inflated(&data, most)),
                Filter::RunLengthDecode => Cow::Owned(runs(&data, most)),
                Filter::DctDecode => return photo::check_jpeg(&data, PICTURE).map_err(Unreadable::broken),
                // Their size is the picture's, which is looked at where it is drawn.
                _ => return Ok(()),
            };
            self.spend(data.len())?;
        }
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Unreadable> {
        let bytes = bytes as u64;
        if bytes > self.each || bytes > self.left {
            return Err(Unreadable::broken("a stream of the PDF is larger than a page can be"));
        }
        self.left -= bytes;
        Ok(())
    }
}

/// Where something begins: its word, unless it is that of its end.
fn beginnings<'a>(bytes: &'a [u8], word: &'static [u8]) -> impl Iterator<Item = usize> + use<'a> {
    memmem::find_iter(bytes, word).filter(|&at| !bytes[..at].ends_with(b"end"))
}

fn too_many_objects() -> Unreadable {
    Unreadable::broken(format!("a PDF of more than {OBJECTS} objects"))
}

/// Without the blanks and comments in front (ISO 32000-2, 7.2).
fn bare(mut bytes: &[u8]) -> &[u8] {
    loop {
        let blank = bytes.iter().take_while(|byte| matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')).count();
        bytes = &bytes[blank..];
        if bytes.first() != Some(&b'%') {
            return bytes;
        }
        bytes = &bytes[memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len())..];
    }
}

/// How a stream is packed, if it is as documents are: as text or not, then in one way or not, then as a picture or not (ISO 32000-2,
/// 7.4). LZW is of the last century, JPEG 2000 and encryption are more than a report needs, and what is packed twice hides something.
fn filters(stream: &Stream<'_>) -> Result<impl Iterator<Item = Filter> + use<>, Unreadable> {
    for key in [F, FILTER] {
        let named_elsewhere = match stream.dict().get_raw::<Object<'_>>(key) {
            Some(MaybeRef::Ref(_)) => true,
            Some(MaybeRef::NotRef(Object::Array(filters))) => names_elsewhere(&filters),
            _ => false,
        };
        if named_elsewhere {
            return Err(Unreadable::packed("a filter that is named elsewhere"));
        }
    }
    let (filters, mut step) = (stream.filters(), 0);
    for filter in &filters {
        let at = match filter {
            Filter::AsciiHexDecode | Filter::Ascii85Decode => 1,
            Filter::FlateDecode | Filter::RunLengthDecode => 2,
            Filter::DctDecode | Filter::CcittFaxDecode | Filter::Jbig2Decode => 3,
            Filter::LzwDecode | Filter::JpxDecode | Filter::Crypt => 0,
        };
        if at <= step {
            return Err(Unreadable::packed(format!("{filters:?}")));
        }
        step = at;
    }
    Ok(filters.into_iter())
}

fn names_elsewhere(filters: &Array<'_>) -> bool {
    filters.raw_iter().any(|filter| matches!(filter, MaybeRef::Ref(_)))
}

/// What stands before a fault counts, at the end of all of these: readers are lenient.
fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits = text.iter().take_while(|&&byte| byte != b'>').filter_map(|&byte| (byte as char).to_digit(16));
    let digits: Vec<u8> = digits.map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or_default()).collect()
}

fn from_base_85(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut group = Vec::with_capacity(5);
    let mut flush = |group: &mut Vec<u8>| {
        let count = group.len().saturating_sub(1);
        group.resize(5, b'u');
        let value = group.iter().fold(0_u32, |value, digit| value.wrapping_mul(85).wrapping_add(u32::from(digit - b'!')));
        bytes.extend_from_slice(&value.to_be_bytes()[..count]);
        group.clear();
    };
    for &byte in text.iter().take_while(|&&byte| byte != b'~') {
        match byte {
            b'!'..=b'u' => group.push(byte),
            b'z' => group.extend_from_slice(b"!!!!!"),
            _ => continue,
        }
        if group.len() >= 5 {
            group.truncate(5);
            flush(&mut group);
        }
    }
    flush(&mut group);
    bytes
}

/// Up to one byte more than `most`.
fn inflated(bytes: &[u8], most: u64) -> Vec<u8> {
    let drained = |stream: &mut dyn Read| {
        let mut data = Vec::new();
        let _ = stream.take(most + 1).read_to_end(&mut data);
        data
    };
    let data = drained(&mut ZlibDecoder::new(bytes));
    // Readers take a stream without its header too.
    if data.is_empty() { drained(&mut DeflateDecoder::new(bytes)) } else { data }
}

/// Up to a run more than `most`.
fn runs(mut bytes: &[u8], most: u64) -> Vec<u8> {
    let mut data = Vec::new();
    while let [length, rest @ ..] = bytes
        && *length != 128
        && data.len() as u64 <= most
    {
        let taken = if *length < 128 { usize::from(*length) + 1 } else { 1 };
        let Some((run, rest)) = rest.split_at_checked(taken) else { break };
        let times = if *length < 128 { 1 } else { 257 - usize::from(*length) };
        (0..times).for_each(|_| data.extend_from_slice(run));
        bytes = rest;
    }
    data
}
