//! What a template can see: the row, the rows of further files that belong to it, and its place.

use std::borrow::Cow;

use csv::StringRecord;

use super::joins::Join;

/// Where a cell is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// This column of the row.
    Row(usize),
    /// This column of the joined row.
    Join(usize, usize),
    /// The row's line in the file.
    Line,
    /// The line's place within the order, from 1.
    Index,
}

/// What a template can see.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub joins: &'s [Join],
    pub row: &'s StringRecord,
    pub line: u64,
    pub index: usize,
    /// The row of a join with many rows that is the line, or the payment, at hand.
    pub at: Option<(usize, &'s StringRecord)>,
}

impl<'s> Scope<'s> {
    /// The text of a cell; empty where there is none.
    pub fn cell(&self, place: Place) -> Cow<'s, str> {
        match place {
            Place::Row(column) => Cow::Borrowed(self.row.get(column).unwrap_or_default()),
            Place::Join(join, column) => {
                let row = match self.at {
                    Some((at, row)) if at == join => Some(row),
                    _ => self.rows_of(join).next(),
                };
                Cow::Borrowed(row.and_then(|row| row.get(column)).unwrap_or_default())
            }
            Place::Line => Cow::Owned(self.line.to_string()),
            Place::Index => Cow::Owned(self.index.to_string()),
        }
    }

    /// The rows of a join that belong here.
    pub fn rows_of(&self, join: usize) -> impl Iterator<Item = &'s StringRecord> + use<'s> {
        let join = &self.joins[join];
        let key = join.key.text(self);
        let rows = if key.is_empty() { None } else { join.by_key.get(&key) };
        rows.into_iter().flatten().map(|at| &join.rows[*at])
    }
}
