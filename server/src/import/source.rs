//! Where orders are read from: a file, standard input or bytes; gzip is unpacked, UTF-16 made UTF-8.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;

use super::ImportError;

const BUFFER: usize = 256 * 1024;
/// What is looked at to tell how a text is packed and written.
const HEAD: usize = 512;

/// The byte order mark, by which a text says that it is UTF-8. What was UTF-16 has it as well.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// Something orders can be read from.
pub struct Source {
    reader: Box<dyn Read + Send>,
    size: Option<u64>,
    folder: PathBuf,
    /// Bytes that it may have once it is unpacked.
    most: u64,
}

impl Source {
    /// The file at `path`; `-` is standard input.
    pub fn file(path: &Path) -> Result<Self, ImportError> {
        if path == Path::new("-") {
            return Ok(Self::reader(io::stdin()));
        }
        let failed = |source| ImportError::File { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { reader: Box::new(file), size: about.is_file().then_some(about.len()), folder, most: u64::MAX })
    }

    /// What a request's body holds, say.
    pub fn bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        let size = bytes.as_ref().len() as u64;
        Self { size: Some(size), ..Self::reader(Cursor::new(bytes)) }
    }

    /// It may have so many bytes once it is unpacked; what follows is not read. A thousand times what was sent fits into gzip.
    #[must_use]
    pub fn at_most(self, bytes: usize) -> Self {
        Self { most: bytes as u64, ..self }
    }

    /// Anything that can be read, on a thread of its own.
    pub fn reader(reader: impl Read + Send + 'static) -> Self {
        Self { reader: Box::new(reader), size: None, folder: PathBuf::new(), most: u64::MAX }
    }

    /// Bytes in all, where that is known.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Where it lies: further files are looked for there.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its text, unpacked; `taken` counts the bytes read so far.
    pub(super) fn open(self, taken: Arc<AtomicU64>) -> io::Result<Box<dyn BufRead + Send>> {
        unpacked(Counting { reader: self.reader, taken }, self.most)
    }
}

/// The text of a further file.
pub(super) fn open_file(path: &Path) -> Result<Box<dyn BufRead + Send>, ImportError> {
    let failed = |source| ImportError::File { path: path.to_owned(), source };
    unpacked(File::open(path).map_err(failed)?, u64::MAX).map_err(failed)
}

struct Counting {
    reader: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Fails where there is more than there may be.
struct Bounded<R> {
    reader: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {} bytes unpacked", self.most))),
        }
        Ok(read)
    }
}

fn unpacked(mut reader: impl Read + Send + 'static, most: u64) -> io::Result<Box<dyn BufRead + Send>> {
    let head = first_bytes(&mut reader, HEAD)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let packed = BufReader::with_capacity(BUFFER, Cursor::new(head).chain(reader));
        let mut reader = Bounded { reader: MultiGzDecoder::new(packed), left: most, most };
        let head = first_bytes(&mut reader, HEAD)?;
        return Ok(text(head, reader));
    }
    Ok(text(head, reader))
}

fn text(mut head: Vec<u8>, reader: impl Read + Send + 'static) -> Box<dyn BufRead + Send> {
    let Some(encoding) = wide(&head) else { return Box::new(BufReader::with_capacity(BUFFER, Cursor::new(head).chain(reader))) };
    if Encoding::for_bom(&head).is_some() {
        head.drain(..2);
    }
    let decoded = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(Cursor::new(head).chain(reader));
    Box::new(Cursor::new(MARK).chain(BufReader::with_capacity(BUFFER, decoded)))
}

/// UTF-16, by its mark or, without one, by every other byte of its first line being 0: the separators and names of a table, the braces and names
/// of JSON are letters of ASCII.
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Some(encoding).filter(|encoding| [UTF_16LE, UTF_16BE].contains(encoding));
    }
    let pairs = || head.chunks_exact(2).take_while(|pair| !matches!(pair, [b'\n', 0] | [0, b'\n']));
    let zeros = |at: usize| pairs().filter(|pair| pair[at] == 0 && pair[1 - at] != 0).count();
    let most = |at: usize| zeros(at) > 1 && zeros(at) * 4 > pairs().count() * 3;
    if most(1) {
        Some(UTF_16LE)
    } else if most(0) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The first bytes of a text, and what follows them.
pub(super) fn peek(mut text: Box<dyn BufRead + Send>, bytes: usize) -> io::Result<(Vec<u8>, Box<dyn BufRead + Send>)> {
    first_bytes(&mut text, bytes).map(|head| (head, text))
}

/// So many bytes, though they may come one by one.
fn first_bytes(reader: &mut impl Read, bytes: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(bytes);
    reader.take(bytes as u64).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(bytes: Vec<u8>) -> io::Result<String> {
        let mut text = String::new();
        Source::bytes(bytes).open(Arc::default())?.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn packed_or_not_with_or_without_a_mark_the_text_is_the_same() {
        let packed = |bytes: &[u8]| {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        };
        let marked = "\u{feff}a,b".as_bytes();
        for bytes in [b"a,b".to_vec(), packed(b"a,b"), [packed(b"a,"), packed(b"b")].concat()] {
            assert_eq!(read(bytes).unwrap(), "a,b");
        }
        // UTF-16 as well, whole or in pieces: what was written down in another way keeps a mark.
        let wide: Vec<u8> = "\u{feff}a,b\n€,\u{1f600}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [wide.clone(), wide[2..].to_vec(), packed(&wide)] {
            assert_eq!(read(bytes).unwrap(), "\u{feff}a,b\n€,\u{1f600}");
        }
        for bytes in [marked.to_vec(), packed(marked)] {
            assert_eq!(read(bytes).unwrap(), "\u{feff}a,b");
        }
        let binary = vec![0; 64];
        assert_eq!(read(binary.clone()).unwrap().into_bytes(), binary, "zeros are no letters");
        assert_eq!(read(b"a".to_vec()).unwrap(), "a");
        assert_eq!(read(Vec::new()).unwrap(), "");
    }

    #[test]
    fn a_small_body_that_unpacks_without_end_is_broken_off() {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(&vec![b' '; 1 << 20]).unwrap();
        // As many of them one after the other as anybody likes.
        let packed = writer.finish().unwrap().repeat(64);
        let read = |most| {
            let mut text = Vec::new();
            let mut reader = Source::bytes(packed.clone()).at_most(most).open(Arc::default()).unwrap();
            reader.read_to_end(&mut text).map_err(|error| (error.to_string(), text.len()))
        };
        assert_eq!(read(64 << 20), Ok(64 << 20));
        let (why, taken) = read(1 << 20).unwrap_err();
        assert!(why.contains("more than 1048576 bytes unpacked") && taken <= 1 << 20, "{why} {taken}");
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        assert!(read(vec![0x1f, 0x8b, 0x08, 0x00, 1, 2]).is_err());
    }
}
