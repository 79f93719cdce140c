//! Rows of a table: separated values in any usual encoding and dialect, each with the line it starts at.
//! Long because each dialect has its case.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::source::{MARK, peek};

/// Bytes of a row, its end and what is read ahead included; no row follows a longer one.
const LARGEST: usize = 8 << 20;
/// What is looked at to tell the dialect.
const HEAD: usize = 64 << 10;
/// What separates cells where nobody says it, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Rows of a table after its header.
pub(super) struct Rows {
    reader: csv::Reader<LineEnds>,
    encoding: &'static Encoding,
    delimiter: u8,
    header: StringRecord,
    /// The header was one cell with a whole line in it: so are the others.
    wrapped: bool,
    /// Lines before the header that are none of the table.
    before: u64,
    bytes: ByteRecord,
}

/// A row.
pub(super) struct Row {
    /// In the file, from 1.
    pub line: u64,
    pub cells: StringRecord,
    /// Why it cannot be read as it stands: cells are what can be made of it.
    pub problem: Option<String>,
}

impl Rows {
    /// `delimiter`: found out where nothing is said. A mark at the start, and a first line `sep=;`, say more than whoever opens it.
    pub fn open(text: Box<dyn BufRead + Send>, delimiter: Option<u8>, encoding: &'static Encoding) -> Result<Self, String> {
        let said = |error: io::Error| error.to_string();
        let (head, text) = peek(text, MARK.len()).map_err(said)?;
        let marked = head == MARK;
        let text: Box<dyn BufRead + Send> = if marked { text } else { Box::new(Cursor::new(head).chain(text)) };
        // Cells are told apart after letters are: in some encodings a letter's second byte is that of `|`.
        let text: Box<dyn BufRead + Send> = if marked || encoding == UTF_8 {
            text
        } else {
            Box::new(BufReader::new(DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(text)))
        };
        let (mut head, text) = peek(text, HEAD).map_err(said)?;
        let told = told_delimiter(&head);
        let before = u64::from(told.is_some());
        if told.is_some() {
            head.drain(..head.iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(head.len(), |end| end + 1));
        }
        let delimiter = told.or(delimiter).unwrap_or_else(|| likely_delimiter(&head));
        // Flexible: many exports leave out empty cells at the end of a row.
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter).flexible(true).has_headers(false).buffer_capacity(1 << 16);
        // A line feed after `sep=;` and a carriage return is none of a row's.
        let after = if before > 0 { b'\r' } else { b'\n' };
        let mut reader = builder.from_reader(LineEnds { text: Box::new(Cursor::new(head).chain(text)), after, left: LARGEST });
        let mut bytes = ByteRecord::new();
        reader.read_byte_record(&mut bytes).map_err(|error| error.to_string())?;
        let encoding = if marked { UTF_8 } else { encoding };
        let mut rows = Self { reader, encoding, delimiter, header: StringRecord::new(), wrapped: false, before, bytes };
        let (header, problem) = rows.cells();
        if let Some(problem) = problem {
            return Err(format!("its first line {problem}"));
        }
        rows.wrapped = rows.unwrapped(&header).is_some();
        rows.header = rows.unwrapped(&header).unwrap_or(header);
        Ok(rows)
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
            let (cells, mut problem) = self.cells();
            if cells.iter().all(str::is_empty) {
                continue;
            }
            // The reader's own position of a row is that of the empty lines before it. It stands behind the row now.
            let within: usize = self.bytes.iter().map(|cell| cell.iter().filter(|byte| **byte == b'\n').count()).sum();
            let line = self.reader.position().line().saturating_sub(within as u64 + 1) + self.before;
            let cells = self.unwrapped(&cells).unwrap_or(cells);
            let columns = self.header.len();
            if cells.iter().skip(columns).any(|cell| !cell.is_empty()) {
                problem = problem.or_else(|| Some(format!("has {} cells, but the header has {columns}", cells.len())));
            }
            return Ok(Some(Row { line, cells, problem }));
        }
    }

    /// The cells at hand, without blanks and marks around them, and what is wrong with them.
    fn cells(&self) -> (StringRecord, Option<String>) {
        let mut cells = StringRecord::with_capacity(self.bytes.as_slice().len(), self.bytes.len());
        let mut damaged = false;
        for cell in &self.bytes {
            match std::str::from_utf8(cell) {
                Ok(text) => {
                    // What could not be decoded stands as this letter, which none of these encodings has.
                    damaged |= self.encoding != UTF_8 && text.contains('\u{FFFD}');
                    cells.push_field(bare(text));
                }
                Err(_) => {
                    damaged = true;
                    cells.push_field(bare(&String::from_utf8_lossy(cell)));
                }
            }
        }
        let problem = damaged.then(|| format!("is not {}: was it saved in another encoding?", self.encoding.name()));
        (cells, problem)
    }

    /// The row within a row that is one cell: a spreadsheet program that took the whole line for a text quotes it as a whole.
    fn unwrapped(&self, cells: &StringRecord) -> Option<StringRecord> {
        let whole = cells.get(0).filter(|cell| cell.as_bytes().contains(&self.delimiter))?;
        if cells.iter().skip(1).any(|cell| !cell.is_empty()) {
            return None;
        }
        let mut reader = ReaderBuilder::new().delimiter(self.delimiter).has_headers(false).from_reader(whole.as_bytes());
        let mut inner = StringRecord::new();
        let read = reader.read_record(&mut inner).unwrap_or(false);
        // A lone cell with a comma in it is one; a row of the header's length is none.
        let fits = self.wrapped || self.header.is_empty() || inner.len() == self.header.len();
        (read && fits && inner.len() > 1).then(|| inner.iter().map(bare).collect())
    }
}

/// Without blanks around it, visible or not: files that were put together bring their marks along.
fn bare(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '\u{FEFF}' | '\u{200B}' | '\u{200E}' | '\u{200F}'))
}

/// The delimiter of a first line `sep=;`, by which spreadsheet programs tell each other.
fn told_delimiter(head: &[u8]) -> Option<u8> {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    // The separator may be a tab: nothing is trimmed behind it.
    let line = line.strip_prefix(b"\"").map_or(line, |line| line.strip_suffix(b"\"").unwrap_or(line));
    match line {
        [name @ .., delimiter] if name.eq_ignore_ascii_case(b"sep=") && delimiter.is_ascii() => Some(*delimiter),
        _ => None,
    }
}

/// What separates most cells in the first line that is not empty.
fn likely_delimiter(head: &[u8]) -> u8 {
    let is_blank = |line: &&[u8]| line.iter().all(u8::is_ascii_whitespace);
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !is_blank(line)).unwrap_or_default();
    let count = |wrapped: bool, delimiter: u8| {
        let mut quoted = false;
        let mut found = 0;
        for byte in line {
            quoted ^= *byte == b'"' && !wrapped;
            found += usize::from(*byte == delimiter && !quoted);
        }
        found
    };
    for wrapped in [false, true] {
        // Of several with as many the first.
        let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(wrapped, *delimiter));
        if let Some(best) = best.filter(|best| count(wrapped, *best) > 0) {
            return best;
        }
    }
    DELIMITERS[0]
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

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GB18030, GBK, SHIFT_JIS, WINDOWS_1252};

    use super::*;
    use crate::import::source::Source;

    fn open(bytes: impl Into<Vec<u8>>, delimiter: Option<u8>, encoding: &'static Encoding) -> Rows {
        let text = Source::bytes(bytes.into()).open(std::sync::Arc::default()).unwrap();
        Rows::open(text, delimiter, encoding).unwrap()
    }

    fn read(mut rows: Rows) -> Vec<(u64, Result<Vec<String>, String>)> {
        let mut all = Vec::new();
        while let Some(Row { line, cells, problem }) = rows.next().unwrap() {
            all.push((line, problem.map_or_else(|| Ok(cells.iter().map(str::to_owned).collect()), Err)));
        }
        all
    }

    fn rows(bytes: &'static [u8], encoding: &'static Encoding) -> Vec<(u64, Result<Vec<String>, String>)> {
        read(open(bytes, Some(b','), encoding))
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
        let open = |text: &'static [u8]| Rows::open(Box::new(io::BufReader::new(b"a,b\n1,2\n".chain(Endless(text)))), Some(b','), UTF_8);
        for text in [&b"x"[..], b",", b"\"\""] {
            let mut rows = open(text).unwrap();
            assert!(rows.next().unwrap().is_some());
            assert!(rows.next().err().unwrap().contains("a row is longer"));
        }
        assert!(Rows::open(Box::new(io::BufReader::new(Endless(b"x"))), Some(b','), UTF_8).is_err());
    }

    #[test]
    fn a_row_that_is_no_text_or_too_long_is_named_and_its_other_cells_can_be_read() {
        let read = rows(b"a,b\n\xe9,1\n1,2,3\n1,2,\n", UTF_8);
        assert_eq!(read[0], (2, Err("is not UTF-8: was it saved in another encoding?".into())));
        assert_eq!(read[1], (3, Err("has 3 cells, but the header has 2".into())));
        assert!(read[2].1.is_ok());
        assert_eq!(rows(b"a\n\xe9\n", WINDOWS_1252)[0].1, Ok(vec!["é".into()]));
        assert_eq!(rows(b"a\n\xd6\xd0\n", GBK)[0].1, Ok(vec!["中".into()]));
        assert_eq!(rows(b"a\n\xff\xff\n", GBK)[0].1, Err("is not GBK: was it saved in another encoding?".into()));
        let damaged = open(&b"a,b\n1,\xe9\n"[..], None, UTF_8).next().unwrap().unwrap();
        assert_eq!((damaged.cells.get(0), damaged.problem.is_some()), (Some("1"), true));
    }

    /// One table, as spreadsheet programs and shops' systems save it.
    #[test]
    fn the_same_table_in_every_dialect_is_the_same_table() {
        let plain = "Order;Name;Price\n1;Tee, blue;19,90\n2;\"Mug \"\"A\"\"\";5,00\n";
        let expected = [
            (2, Ok(vec!["1".to_owned(), "Tee, blue".into(), "19,90".into()])),
            (3, Ok(vec!["2".to_owned(), "Mug \"A\"".into(), "5,00".into()])),
        ];
        let commas = "Order,Name,Price\n1,\"Tee, blue\",\"19,90\"\n2,\"Mug \"\"A\"\"\",\"5,00\"\n";
        let utf16 = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        let marked = |text: &str| format!("\u{feff}{text}");
        let wrapped = |text: &str, from: usize| {
            let line =
                |(at, line): (usize, &str)| if at >= from { format!("\"{}\"\n", line.replace('"', "\"\"")) } else { format!("{line}\n") };
            text.lines().enumerate().map(line).collect::<String>()
        };
        for (dialect, bytes) in [
            ("semicolons", plain.as_bytes().to_vec()),
            ("commas", commas.as_bytes().to_vec()),
            ("tabs", plain.replace(';', "\t").into_bytes()),
            ("bars", plain.replace(';', "|").into_bytes()),
            (
                "every cell quoted",
                b"\"Order\";\"Name\";\"Price\"\n\"1\";\"Tee, blue\";\"19,90\"\n\"2\";\"Mug \"\"A\"\"\";\"5,00\"\n".to_vec(),
            ),
            ("every line quoted", wrapped(commas, 0).into_bytes()),
            ("every line but the header quoted", wrapped(commas, 1).into_bytes()),
            ("carriage returns", plain.replace('\n', "\r").into_bytes()),
            ("both", plain.replace('\n', "\r\n").into_bytes()),
            ("no end of the last line", plain.trim_end().as_bytes().to_vec()),
            ("a mark", marked(plain).into_bytes()),
            ("a mark before quotes", format!("\u{feff}\"Order\"{}", &plain[5..]).into_bytes()),
            ("UTF-16 with a mark", utf16(&marked(&plain.replace(';', "\t")), true)),
            ("UTF-16, the other way", utf16(&marked(plain), false)),
            ("UTF-16 without a mark", utf16(plain, true)),
            ("UTF-16 without a mark, the other way", utf16(plain, false)),
            ("blank cells behind", plain.replace('\n', ";;;\n").into_bytes()),
            ("blanks around", plain.replace(';', " ; ").replace("\"Mug \"\"A\"\"\"", "Mug \"A\"").into_bytes()),
            ("hard blanks around", plain.replace("1;", "\u{a0}1\u{3000};").into_bytes()),
        ] {
            let mut found = read(open(bytes, None, UTF_8));
            for cells in found.iter_mut().filter_map(|(_, cells)| cells.as_mut().ok()) {
                cells.truncate(cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1));
            }
            assert_eq!(found, expected, "{dialect}");
        }
        let lines = |moved: u64| expected.iter().map(|(line, cells)| (line + moved, cells.clone())).collect::<Vec<_>>();
        for first in ["sep=;\n", "SEP=;\r\n", "\"sep=;\"\n", "sep=;\r"] {
            assert_eq!(read(open(format!("{first}{plain}"), Some(b','), UTF_8)), lines(1), "{first:?}");
            assert_eq!(read(open(utf16(&marked(&format!("{first}{plain}")), true), None, UTF_8)), lines(1), "{first:?}");
        }
        assert_eq!(read(open(format!("sep=\t\n{}", plain.replace(';', "\t")), None, UTF_8)), lines(1));
        let blank = open(plain.replace("2;", ";;\n \t\n\u{a0};;\n2;"), None, UTF_8);
        assert_eq!(read(blank), [expected[0].clone(), (6, expected[1].1.clone())], "blank rows are no rows");
        // A mark says more than a mapping.
        assert_eq!(read(open(marked("a;b\né;1\n"), None, WINDOWS_1252))[0].1, Ok(vec!["é".into(), "1".into()]));
        assert_eq!(read(open("a;b\nx, y;\n", None, UTF_8))[0].1, Ok(vec!["x, y".into(), String::new()]), "a lone cell with a comma is one");
    }

    #[test]
    fn a_letter_is_never_cut_whatever_its_bytes_are() {
        // The second byte of these letters is that of `|`, of a backslash or of a letter.
        for (encoding, word) in [(GBK, "箌|x"), (GB18030, "箌|x"), (BIG5, "功能|許"), (SHIFT_JIS, "ポソ表|能"), (WINDOWS_1252, "été|né")]
        {
            let (cells, text) = (word.split('|').map(str::to_owned).collect::<Vec<_>>(), format!("a|b\n{word}\n"));
            let (bytes, _, failed) = encoding.encode(&text);
            assert!(!failed && bytes.iter().filter(|byte| **byte == b'|').count() >= 2, "{}", encoding.name());
            assert_eq!(read(open(bytes.into_owned(), Some(b'|'), encoding)), [(2, Ok(cells))], "{}", encoding.name());
        }
        let (gbk, ..) = GBK.encode("a|b\n箌x|1\n");
        assert!(gbk.iter().filter(|byte| **byte == b'|').count() > 2, "the letter holds the byte");
        assert_eq!(read(open(gbk.into_owned(), Some(b'|'), GBK)), [(2, Ok(vec!["箌x".into(), "1".into()]))]);
        let (sjis, ..) = SHIFT_JIS.encode("a|b\nポ|1\n");
        assert!(sjis.iter().filter(|byte| **byte == b'|').count() > 2, "the letter holds the byte");
    }
}
