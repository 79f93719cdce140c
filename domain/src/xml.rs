//! XML as it is written, element by element: texts cannot leave theirs.

use std::fmt::Write;

/// Elements, one after the other.
#[derive(Default)]
pub(crate) struct Xml {
    written: String,
}

impl Xml {
    /// All that was written.
    pub(crate) fn written(self) -> String {
        self.written
    }

    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        if self.written.is_empty() {
            self.written.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        }
        let _ = write!(self.written, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.written, " {name}=\"{value}\"");
        }
        self.written.push('>');
    }

    pub(crate) fn close(&mut self, name: &str) {
        let _ = writeln!(self.written, "</{name}>");
    }

    pub(crate) fn within(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.open(name, &[]);
        write(self);
        self.close(name);
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.valued(name, &[], text);
    }

    pub(crate) fn valued(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        for letter in text.chars() {
            match letter {
                '&' => self.written.push_str("&amp;"),
                '<' => self.written.push_str("&lt;"),
                '>' => self.written.push_str("&gt;"),
                // XML 1.0, 2.2: no other control characters, nor what is no character.
                '\t' | '\n' => self.written.push(' '),
                letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
                letter => self.written.push(letter),
            }
        }
        self.close(name);
    }
}
