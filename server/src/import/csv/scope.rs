//! What a template can see: the row, the rows of further files that belong to it, and its place. Rows of a further file are found by a
//! template in their turn.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use csv::StringRecord;

use super::template::{Filter, Tables};

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

/// A further file, held in memory.
pub(super) struct Join {
    pub name: String,
    pub header: StringRecord,
    /// What to look for.
    pub key: Bound,
    pub rows: Vec<StringRecord>,
    /// Rows by what is in their key column, in the order of the file.
    pub by_key: HashMap<String, Vec<usize>>,
}

/// A template whose cells know their columns.
#[derive(Clone, Debug)]
pub(super) struct Bound(pub Arc<[Vec<BoundPart>]>);

#[derive(Clone, Debug)]
pub(super) enum BoundPart {
    Text(String),
    Cell(BoundCell),
}

#[derive(Clone, Debug)]
pub(super) struct BoundCell {
    pub place: Place,
    pub filters: Vec<Filter>,
    pub tables: Arc<Tables>,
}

impl Bound {
    /// The first alternative of which no cell is empty; else nothing.
    pub fn text(&self, scope: &Scope) -> String {
        'alternatives: for parts in self.0.iter() {
            let mut text = String::new();
            for part in parts {
                match part {
                    BoundPart::Text(plain) => text.push_str(plain),
                    BoundPart::Cell(cell) => {
                        let cell = cell.text(scope);
                        if cell.is_empty() {
                            continue 'alternatives;
                        }
                        text.push_str(&cell);
                    }
                }
            }
            if !text.is_empty() {
                return text;
            }
        }
        String::new()
    }
}

impl BoundCell {
    pub fn text<'s>(&self, scope: &Scope<'s>) -> Cow<'s, str> {
        let mut text = scope.cell(self.place);
        for filter in &self.filters {
            text = filter.apply(&text, &self.tables).into();
        }
        text
    }
}
