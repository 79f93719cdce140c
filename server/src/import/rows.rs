//! Rows of a table: separated values in any usual encoding, each with the line it starts at.

use std::io::{self, BufRead, Read};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8};

/// Bytes of a row, its end and what is read ahead included; no row follows a longer one.
const LARGEST: usize = 8 << 20;

/// Rows of a table after its header.
pub(super) struct Rows {
    reader: csv::Reader<LineEnds>,
    encoding: &'static Encoding,
    header: StringRecord,
    bytes: ByteRecord,
}

/// A row, or why it is none.
pub(super) struct Row {
    /// In the file, from 1.
    pub line: u64,
    pub cells: Result<StringRecord, String>,
}

impl Rows {
    pub fn open(text: Box<dyn BufRead + Send>, delimiter: u8, encoding: &'static Encoding) -> Result<Self, String> {
        // Flexible: many exports leave out empty cells at the end of a row.
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter).flexible(true).has_headers(false).buffer_capacity(1 << 16);
        let mut reader = builder.from_reader(LineEnds { text, after: b'\n', left: LARGEST });
        let mut bytes = ByteRecord::new();
        reader.read_byte_record(&mut bytes).map_err(|error| error.to_string())?;
        let header = decoded(&bytes, encoding)?;
        Ok(Self { reader, encoding, header, bytes })
    }

    /// Column names.
    pub fn header(&self) -> &StringRecord {
        &self.header
    }

    /// The next row; nothing at the end. An error is one of reading: no row follows.
    pub fn next(&mut self) -> Result<Option<Row>, String> {
        loop {
            self.reader.get_mut().left = LARGEST;
            if !self.reader.read_byte_record(&mut self.bytes).map_err(|error| error.to_string())? {
                return Ok(None);
            }
            if self.bytes.iter().all(|cell| cell.iter().all(u8::is_ascii_whitespace)) {
                continue;
            }
            // The reader's own position of a row is that of the empty lines before it. It stands behind the row now.
            let within: usize = self.bytes.iter().map(|cell| cell.iter().filter(|byte| **byte == b'\n').count()).sum();
            let line = self.reader.position().line().saturating_sub(within as u64 + 1);
            return Ok(Some(Row { line, cells: self.cells() }));
        }
    }

    fn cells(&self) -> Result<StringRecord, String> {
        let columns = self.header.len();
        if self.bytes.iter().skip(columns).any(|cell| !cell.is_empty()) {
            return Err(format!("has {} cells, but the header has {columns}", self.bytes.len()));
        }
        decoded(&self.bytes, self.encoding)
    }
}

/// Text whose every line, the last one too, ends with a line feed: exports mix both ways, and lines are counted by it.
struct LineEnds {
    text: Box<dyn BufRead + Send>,
    /// The byte before.
    after: u8,
    /// Bytes that may still be read for this row.
    left: usize,
}

impl Read for LineEnds {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a row is longer than {LARGEST} bytes: is a quote missing?")));
        }
        loop {
            let bytes = self.text.fill_buf()?;
            if bytes.is_empty() {
                if matches!(self.after, b'\n' | b'\r') || buffer.is_empty() {
                    return Ok(0);
                }
                self.after = b'\n';
                buffer[0] = b'\n';
                return Ok(1);
            }
            let (mut read, mut written) = (0, 0);
            for (byte, place) in bytes.iter().zip(&mut *buffer) {
                read += 1;
                let second = *byte == b'\n' && self.after == b'\r';
                self.after = *byte;
                if second {
                    // Its carriage return was written as the line's end.
                    break;
                }
                *place = if *byte == b'\r' { b'\n' } else { *byte };
                written += 1;
            }
            self.text.consume(read);
            self.left = self.left.saturating_sub(written);
            if written > 0 || buffer.is_empty() {
                return Ok(written);
            }
        }
    }
}

fn decoded(bytes: &ByteRecord, encoding: &'static Encoding) -> Result<StringRecord, String> {
    let wrong = || format!("is not {}", encoding.name());
    let mut cells = StringRecord::with_capacity(bytes.as_slice().len(), bytes.len());
    if encoding == UTF_8 {
        let text = |cell| std::str::from_utf8(cell).map_err(|_| wrong());
        bytes.iter().try_for_each(|cell| text(cell).map(|cell| cells.push_field(cell.trim())))?;
        return Ok(cells);
    }
    for cell in bytes {
        let text = encoding.decode_without_bom_handling_and_without_replacement(cell).ok_or_else(wrong)?;
        cells.push_field(text.trim());
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &'static [u8], encoding: &'static Encoding) -> Vec<(u64, Result<Vec<String>, String>)> {
        let mut rows = Rows::open(Box::new(bytes), b',', encoding).unwrap();
        let mut all = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            all.push((row.line, row.cells.map(|cells| cells.iter().map(str::to_owned).collect())));
        }
        all
    }

    #[test]
    fn mixed_line_ends_and_breaks_in_quotes_keep_their_line_numbers() {
        let read = rows(b"a,b\r\n1,\"x\ny\"\n\n2, z \r\n3\n", UTF_8);
        assert_eq!(read, [(2, Ok(vec!["1".into(), "x\ny".into()])), (5, Ok(vec!["2".into(), "z".into()])), (6, Ok(vec!["3".into()]))]);
    }

    /// Text without end.
    struct Endless(&'static [u8]);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            buffer.iter_mut().zip(self.0.iter().cycle()).for_each(|(place, byte)| *place = *byte);
            Ok(buffer.len())
        }
    }

    #[test]
    fn a_row_without_end_is_given_up() {
        let open = |text: &'static [u8]| Rows::open(Box::new(io::BufReader::new(b"a,b\n1,2\n".chain(Endless(text)))), b',', UTF_8);
        for text in [&b"x"[..], b",", b"\"\""] {
            let mut rows = open(text).unwrap();
            assert!(rows.next().unwrap().is_some());
            assert!(rows.next().err().unwrap().contains("a row is longer"));
        }
        assert!(Rows::open(Box::new(io::BufReader::new(Endless(b"x"))), b',', UTF_8).is_err());
    }

    #[test]
    fn a_row_that_is_no_text_or_too_long_is_named() {
        let read = rows(b"a,b\n\xe9,1\n1,2,3\n1,2,\n", UTF_8);
        assert_eq!(read[0], (2, Err("is not UTF-8".into())));
        assert_eq!(read[1], (3, Err("has 3 cells, but the header has 2".into())));
        assert!(read[2].1.is_ok());
        assert_eq!(rows(b"a\n\xe9\n", encoding_rs::WINDOWS_1252)[0].1, Ok(vec!["é".into()]));
        assert_eq!(rows(b"a\n\xd6\xd0\n", encoding_rs::GBK)[0].1, Ok(vec!["中".into()]));
    }
}
