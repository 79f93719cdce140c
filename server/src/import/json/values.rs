//! The orders in a JSON text, one in memory at a time: one a line, in an array, one after the other, or in a wrapper object.

use std::io::{self, BufRead, Cursor as Bytes, Read};

use super::cursor::{Cursor, End, LARGEST};
use crate::import::source::MARK;

/// How much is looked at to see whether there is one order a line.
const HEAD: u64 = 256 * 1024;
/// Wrappers within wrappers.
const DEEPEST: usize = 8;

/// The text of one order.
#[derive(Debug, Default)]
pub(in crate::import) struct Value {
    /// Where it starts in the file, from 1.
    pub line: u64,
    pub text: Vec<u8>,
    /// Why it is none.
    pub problem: Option<String>,
    /// The wrapper's field it stood in.
    pub wrapper: Option<&'static str>,
}

/// Orders, in the order of the text.
pub(in crate::import) struct Values<R> {
    cursor: Cursor<R>,
    wrappers: &'static [&'static str],
    frames: Vec<Frame>,
    by_line: bool,
}

#[derive(Clone, Copy, Debug)]
enum Frame {
    List(Option<&'static str>),
    Wrapper,
}

type Text = io::Chain<Bytes<Vec<u8>>, Box<dyn BufRead + Send>>;

impl Values<Text> {
    pub fn new(mut text: Box<dyn BufRead + Send>, wrappers: &'static [&'static str]) -> Self {
        let mut head = Vec::new();
        // What is wrong with reading is seen again, and said, by the first `next`.
        let _ = text.by_ref().take(HEAD).read_to_end(&mut head);
        if head.starts_with(MARK) {
            head.drain(..MARK.len());
        }
        let by_line = has_one_a_line(&head);
        Self { cursor: Cursor::new(Bytes::new(head).chain(text), 1), wrappers, frames: Vec::new(), by_line }
    }
}

/// Whether the second line, too, begins an object: in one order over several lines it could only do so after `:`, `,` or `[`.
fn has_one_a_line(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    first.starts_with(b"{") && second.starts_with(b"{") && !first.ends_with(b":") && !first.ends_with(b",") && !first.ends_with(b"[")
}

impl<R: BufRead> Values<R> {
    /// The line that is being read.
    pub fn line(&self) -> u64 {
        self.cursor.line()
    }

    /// Reads the next order into `value`; false at the end.
    pub fn next(&mut self, value: &mut Value) -> io::Result<bool> {
        loop {
            value.text.clear();
            (value.problem, value.wrapper) = (None, None);
            if self.by_line {
                return self.next_line(value);
            }
            let (byte, _) = self.cursor.skip_space()?;
            let Some(byte) = byte else {
                return if self.frames.is_empty() { Ok(false) } else { Err(ends_early()) };
            };
            value.line = self.cursor.line();
            let found = match (self.frames.last().copied(), byte) {
                (_, b',') => self.cursor.bump().map(|()| false)?,
                (Some(Frame::List(_)), b']') | (Some(Frame::Wrapper), b'}') => {
                    self.frames.pop();
                    self.cursor.bump().map(|()| false)?
                }
                (Some(Frame::List(wrapper)), _) => {
                    value.wrapper = wrapper;
                    self.element(value)?
                }
                (Some(Frame::Wrapper), _) => self.member(value)?,
                (None, b'[') => {
                    self.frames.push(Frame::List(None));
                    self.cursor.bump().map(|()| false)?
                }
                (None, b'{') => {
                    let found = self.object(value)?;
                    let one_line = found && self.frames.is_empty() && self.cursor.line() == value.line && value.problem.is_none();
                    // An order on a line of its own, too long to be seen at the start: the others are on theirs.
                    self.by_line = one_line && self.cursor.skip_space()?.1 > 0;
                    found
                }
                (None, _) => self.other(value)?,
            };
            if found {
                return Ok(true);
            }
        }
    }

    fn next_line(&mut self, value: &mut Value) -> io::Result<bool> {
        loop {
            value.text.clear();
            value.line = self.cursor.line();
            let Some(end) = self.cursor.copy_line(&mut value.text)? else { return Ok(false) };
            value.text.truncate(value.text.trim_ascii_end().len());
            if value.text.is_empty() {
                continue;
            }
            value.problem = problem_of(end);
            if !self.wrappers.is_empty() && value.problem.is_none() {
                self.unwrap_line(value)?;
            }
            return Ok(true);
        }
    }

    /// Takes the one order out of its wrapper, where the line has one.
    fn unwrap_line(&self, value: &mut Value) -> io::Result<()> {
        let cursor = Cursor::new(value.text.as_slice(), value.line);
        let mut values = Values { cursor, wrappers: self.wrappers, frames: Vec::new(), by_line: false };
        let (mut only, mut second) = (Value::default(), Value::default());
        let one = values.next(&mut only).unwrap_or(false) && only.wrapper.is_some() && !values.next(&mut second).unwrap_or(true);
        if one {
            (value.text, value.wrapper) = (only.text, only.wrapper);
        }
        Ok(())
    }

    /// An element of a list.
    fn element(&mut self, value: &mut Value) -> io::Result<bool> {
        let end = self.cursor.copy_value(&mut value.text)?;
        value.problem = problem_of(end);
        if value.text.is_empty() { self.other(value) } else { Ok(true) }
    }

    /// A further field of a wrapper: entered where it may hold orders, passed over where not.
    fn member(&mut self, value: &mut Value) -> io::Result<bool> {
        let mut key = Vec::new();
        self.cursor.copy_value(&mut key)?;
        if self.cursor.skip_space()?.0 == Some(b':') {
            self.cursor.bump()?;
        } else if key.is_empty() {
            return self.other(value);
        }
        let (next, _) = self.cursor.skip_space()?;
        if let (Some(wrapper), Some(b'[' | b'{')) = (self.wrapper(&key), next) {
            return self.enter(wrapper, value);
        }
        let mut passed = Vec::new();
        match self.cursor.copy_value(&mut passed)? {
            End::CutOff => Err(ends_early()),
            End::Whole | End::TooLong => Ok(false),
        }
    }

    /// An object that is an order, unless a field of it turns out to hold orders.
    fn object(&mut self, value: &mut Value) -> io::Result<bool> {
        value.line = self.cursor.line();
        let text = &mut value.text;
        text.push(b'{');
        self.cursor.bump()?;
        let mut is_order = false;
        loop {
            let (next, lines) = self.cursor.skip_space()?;
            // Marks and line ends count as well: an order of nothing else is no longer than others.
            let room = LARGEST.saturating_sub(text.len());
            text.extend((0..lines).take(room).map(|_| b'\n'));
            let end = match next {
                None => End::CutOff,
                Some(byte @ (b'}' | b',' | b':' | b']')) => {
                    text.extend((room > 0).then_some(byte));
                    self.cursor.bump()?;
                    if byte == b'}' {
                        return Ok(true);
                    }
                    continue;
                }
                Some(b'"') => {
                    let start = text.len();
                    let end = self.cursor.copy_value(text)?;
                    let key = text.get(start..).unwrap_or_default();
                    is_order |= matches!(key, b"\"number\"" | b"\"id\"" | b"\"name\"" | b"\"lines\"" | b"\"line_items\"");
                    let wrapper = if is_order { None } else { wrapper_of(self.wrappers, key) };
                    if let Some(wrapper) = wrapper
                        && self.cursor.skip_space()?.0 == Some(b':')
                    {
                        text.push(b':');
                        self.cursor.bump()?;
                        if let (Some(b'[' | b'{'), _) = self.cursor.skip_space()?
                            && self.frames.len() < DEEPEST
                        {
                            self.frames.push(Frame::Wrapper);
                            return self.enter(wrapper, value);
                        }
                    }
                    end
                }
                Some(_) => self.cursor.copy_value(text)?,
            };
            match problem_of(end) {
                Some(problem) if next.is_none() || end == End::CutOff => {
                    value.problem = Some(problem);
                    return Ok(true);
                }
                problem => value.problem = value.problem.take().or(problem),
            }
        }
    }

    /// The value of a field that holds an order, or a list of them.
    fn enter(&mut self, wrapper: &'static str, value: &mut Value) -> io::Result<bool> {
        value.text.clear();
        value.wrapper = Some(wrapper);
        if self.cursor.peek()? == Some(b'{') {
            let found = self.object(value)?;
            value.wrapper = value.wrapper.or(Some(wrapper));
            return Ok(found);
        }
        self.frames.push(Frame::List(Some(wrapper)));
        self.cursor.bump()?;
        Ok(false)
    }

    /// Something that is no order: its line is refused.
    fn other(&mut self, value: &mut Value) -> io::Result<bool> {
        self.cursor.copy_line(&mut value.text)?;
        Ok(true)
    }

    fn wrapper(&self, key: &[u8]) -> Option<&'static str> {
        wrapper_of(self.wrappers, key)
    }
}

fn wrapper_of(wrappers: &'static [&'static str], quoted: &[u8]) -> Option<&'static str> {
    let key = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    wrappers.iter().copied().find(|wrapper| wrapper.as_bytes() == key)
}

fn problem_of(end: End) -> Option<String> {
    match end {
        End::Whole => None,
        End::TooLong => Some("is longer than any order we take".into()),
        End::CutOff => Some("is cut off: the file ends in the middle of it".into()),
    }
}

fn ends_early() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends in the middle of a list")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRAPPERS: &[&str] = &["orders", "order", "data", "delete"];

    fn read(text: &str) -> Vec<(u64, String)> {
        let mut values = Values::new(Box::new(Bytes::new(text.to_owned().into_bytes())), WRAPPERS);
        let mut all = Vec::new();
        let mut value = Value::default();
        loop {
            match values.next(&mut value) {
                Ok(true) => {
                    let text = String::from_utf8(value.text.clone()).unwrap().replace('\n', "");
                    all.push((value.line, value.problem.clone().unwrap_or(text)));
                }
                Ok(false) => return all,
                Err(error) => {
                    all.push((values.line(), error.to_string()));
                    return all;
                }
            }
        }
    }

    fn said(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
        lines.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
    }

    #[test]
    fn orders_are_found_however_they_are_put_together() {
        let (one, two) = (r#"{"id":1}"#, r#"{"id":2}"#);
        for text in [
            format!("{one}\n{two}\n"),
            format!("\n{one}\r\n\r\n{two}"),
            format!("\u{feff}{one}\n{two}\n"),
            format!("\u{feff}[{one},{two}]"),
            format!("{one}{two}"),
            format!("[{one},\n{two}]"),
            format!("{{\"orders\":[{one},{two}]}}"),
            format!("{{\"count\":2, \"orders\" : [{one},{two}] , \"next\":{{\"orders\":3}}}}"),
            format!("{{\"data\":{{\"orders\":[{one},{two}]}}}}"),
            format!("{{\"order\":{one}}}\n{{\"order\":{two}}}\n"),
            format!("{{\"data\":[{one}],\"delete\":[{two}]}}"),
        ] {
            let texts: Vec<String> = read(&text).into_iter().map(|(_, text)| text).collect();
            assert_eq!(texts, [one, two], "{text}");
        }
        assert_eq!(read(&format!("{{\"order\":{one}}}")), said(&[(1, one)]));
        assert!(read("").is_empty() && read(" \n ").is_empty() && read("[]").is_empty() && read("{\"orders\":[]}").is_empty());
    }

    #[test]
    fn an_order_without_end_is_read_past() {
        for text in [&b","[..], b"\n", b",\n", b"1,", b"\"a\""] {
            let endless = text.repeat((LARGEST + (1 << 20)) / text.len());
            let mut values = Values::new(Box::new(io::BufReader::new(b"{".chain(Bytes::new(endless)))), WRAPPERS);
            let mut value = Value::default();
            assert!(values.next(&mut value).unwrap());
            assert!(value.text.len() <= LARGEST + (1 << 20) && value.problem.is_some(), "{:?}: {}", text, value.text.len());
        }
    }

    #[test]
    fn each_order_knows_the_line_it_starts_at() {
        let text = "[\n  {\n    \"id\": 1,\n    \"x\": [\n  {}]\n  },\n\n  {\"id\": 2}\n]";
        assert_eq!(read(text), said(&[(2, r#"{    "id": 1,    "x": [  {}]  }"#), (8, r#"{"id": 2}"#)]));
        assert_eq!(read("{\n \"id\": 1\n}\n{\n \"id\":2}"), said(&[(1, r#"{"id":1}"#), (4, r#"{"id":2}"#)]));
    }

    #[test]
    fn a_field_of_an_order_is_no_wrapper() {
        let text = r#"{"id":1,"data":{"x":[1,2]}}"#;
        assert_eq!(read(text), said(&[(1, text)]));
        assert_eq!(read(r#"{"order":"12"}"#), said(&[(1, r#"{"order":"12"}"#)]));
    }

    #[test]
    fn a_broken_line_does_not_keep_the_next_one_out() {
        let text = "{\"id\":1,\"lines\":[{\"a\"\n{\"id\":2}\nnonsense\n{\"id\":3}\n";
        assert_eq!(read(text), said(&[(1, r#"{"id":1,"lines":[{"a""#), (2, r#"{"id":2}"#), (3, "nonsense"), (4, r#"{"id":3}"#)]));
    }

    #[test]
    fn a_file_that_ends_early_says_so() {
        let cut = "is cut off: the file ends in the middle of it";
        assert_eq!(read(r#"{"id":1,"x":["#), said(&[(1, cut)]));
        assert_eq!(read(r#"{"id":1,"#), said(&[(1, cut)]));
        let texts = read("[{\"id\":1},\n{\"id\"");
        assert_eq!(texts, said(&[(1, r#"{"id":1}"#), (2, cut), (2, "the file ends in the middle of a list")]));
        assert_eq!(read("[1,]} x"), said(&[(1, "1"), (1, "} x")]));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_is_read_to_its_end(text in r#"([{}\[\]",:\\ \na1]|"(orders|id)":){0,60}"#) {
            let mut values = Values::new(Box::new(Bytes::new(text.clone().into_bytes())), WRAPPERS);
            let mut value = Value::default();
            let mut found = 0;
            while matches!(values.next(&mut value), Ok(true)) {
                found += 1;
                proptest::prop_assert!(found <= text.len());
            }
        }
    }
}
