//! JSON text byte by byte: where values begin and end, and on which line, without looking into them.

use std::io::{self, BufRead};

/// Text of one value that is kept; a longer one is read to its end and refused.
pub(super) const LARGEST: usize = 32 << 20;

/// A place in JSON text.
pub(super) struct Cursor<R> {
    input: R,
    line: u64,
}

/// How a value ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    TooLong,
    CutOff,
}

impl<R: BufRead> Cursor<R> {
    pub fn new(input: R, line: u64) -> Self {
        Self { input, line }
    }

    pub fn line(&self) -> u64 {
        self.line
    }

    /// The byte here.
    pub fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    /// One byte on.
    pub fn bump(&mut self) -> io::Result<()> {
        if let Some(byte) = self.peek()? {
            self.line += u64::from(byte == b'\n');
            self.input.consume(1);
        }
        Ok(())
    }

    /// The first byte that is no space, and how many lines ended before it.
    pub fn skip_space(&mut self) -> io::Result<(Option<u8>, u64)> {
        let start = self.line;
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() {
                return Ok((Some(byte), self.line - start));
            }
            self.bump()?;
        }
        Ok((None, self.line - start))
    }

    /// Copies the value that starts here to the end of `text`.
    pub fn copy_value(&mut self, text: &mut Vec<u8>) -> io::Result<End> {
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Ok(if depth == 0 && !in_string { ended(text) } else { End::CutOff });
            }
            let mut end = None;
            for (at, byte) in bytes.iter().enumerate() {
                if in_string {
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        // A string holds no line end: here a quote is missing. Going on as if it were there keeps the next order.
                        b'\n' => in_string = false,
                        b'"' => {
                            in_string = false;
                            if depth == 0 {
                                end = Some(at + 1);
                            }
                        }
                        _ => {}
                    }
                } else {
                    match byte {
                        b'"' => in_string = true,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' if depth > 1 => depth -= 1,
                        b'}' | b']' if depth == 1 => end = Some(at + 1),
                        b'}' | b']' | b',' | b':' if depth == 0 => end = Some(at),
                        byte if depth == 0 && byte.is_ascii_whitespace() => end = Some(at),
                        _ => {}
                    }
                }
                if end.is_some() {
                    break;
                }
            }
            let taken = end.unwrap_or(bytes.len());
            self.line += bytes[..taken].iter().filter(|byte| **byte == b'\n').count() as u64;
            if text.len() <= LARGEST {
                text.extend_from_slice(&bytes[..taken]);
            }
            self.input.consume(taken);
            if end.is_some() {
                return Ok(ended(text));
            }
        }
    }

    /// Copies the rest of the line to the end of `text`. `None` where nothing is left to read.
    pub fn copy_line(&mut self, text: &mut Vec<u8>) -> io::Result<Option<End>> {
        if self.peek()?.is_none() {
            return Ok(None);
        }
        loop {
            let bytes = self.input.fill_buf()?;
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(bytes.len());
            let last = bytes.is_empty();
            if text.len() <= LARGEST {
                text.extend_from_slice(&bytes[..taken]);
            }
            self.input.consume(taken);
            if end.is_some() || last {
                self.bump()?;
                return Ok(Some(ended(text)));
            }
        }
    }
}

fn ended(text: &[u8]) -> End {
    if text.len() > LARGEST { End::TooLong } else { End::Whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str) -> (String, End, String) {
        let whole = copied_by(text, 1 << 10);
        // Wherever the buffer ends, in an escape even, it makes no difference.
        for capacity in 1..6 {
            assert_eq!(copied_by(text, capacity), whole);
        }
        whole
    }

    fn copied_by(text: &str, capacity: usize) -> (String, End, String) {
        let mut cursor = Cursor::new(io::BufReader::with_capacity(capacity, text.as_bytes()), 1);
        let mut value = Vec::new();
        let end = cursor.copy_value(&mut value).unwrap();
        let mut rest = Vec::new();
        cursor.copy_line(&mut rest).unwrap();
        (String::from_utf8(value).unwrap(), end, String::from_utf8(rest).unwrap())
    }

    #[test]
    fn a_value_ends_where_it_ends() {
        for (text, value, rest) in [
            (r#"{"a":"}\"{","b":[1,{}]},2"#, r#"{"a":"}\"{","b":[1,{}]}"#, ",2"),
            (r#""a,b\\" x"#, r#""a,b\\""#, " x"),
            ("12.5]", "12.5", "]"),
            ("null", "null", ""),
            ("[[],[]]}", "[[],[]]", "}"),
        ] {
            assert_eq!(copied(text), (value.to_owned(), End::Whole, rest.to_owned()));
        }
        assert_eq!(copied(r#"{"a":["#).1, End::CutOff);
    }

    #[test]
    fn a_missing_quote_does_not_swallow_what_follows() {
        assert_eq!(copied("{\"a\":\"x,\n\"b\":1},2"), ("{\"a\":\"x,\n\"b\":1}".into(), End::Whole, ",2".into()));
    }
}
