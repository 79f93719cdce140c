//! Tables that people take away (CSV, RFC 4180, UTF-8).

/// A table in the making.
pub struct Table(csv::Writer<Vec<u8>>);

impl Table {
    /// `head`: what each column is.
    pub fn with<const N: usize>(head: [&str; N]) -> Result<Self, csv::Error> {
        let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        file.write_record(head)?;
        Ok(Self(file))
    }

    /// A further row; no cell of it is a formula to a spreadsheet.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) -> Result<(), csv::Error> {
        self.0.write_record(cells.map(cell))
    }

    /// All of it.
    pub fn text(self) -> Result<String, csv::Error> {
        let text = self.0.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// A cell that no spreadsheet takes for a formula, whoever wrote it into an order (OWASP, CSV Injection).
pub fn cell(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=HYPERLINK(\"https://evil.example\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(cell(text.to_owned()), format!("'{text}"));
        }
        for text in ["10248", "#1001", "lines: has no lines", ""] {
            assert_eq!(cell(text.to_owned()), text);
        }
    }

    #[test]
    fn cells_are_no_formulas_and_part_nothing() {
        let cell_of = |text: &str| {
            let mut table = Table::with(["head"]).unwrap();
            table.row([text.to_owned()]).unwrap();
            table.text().unwrap().strip_prefix("head\r\n").unwrap().trim_end_matches("\r\n").to_owned()
        };
        for (text, cell) in [("A-1", "A-1"), ("a,b", "\"a,b\""), ("say \"so\"", "\"say \"\"so\"\"\""), ("=1+1", "'=1+1"), ("+49", "'+49")] {
            assert_eq!(cell_of(text), cell);
        }
    }
}
