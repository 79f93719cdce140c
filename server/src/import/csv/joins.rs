//! Further files of a mapping: held in memory, rows found by their key.

use std::collections::HashMap;

use csv::StringRecord;

use super::condition::Test;
use super::mapping::{JoinFile, MappingError};
use super::scope::{Bound, Join};
use crate::import::rows::Rows;

impl Join {
    /// Reads the rows of a further file that `join` wants.
    pub fn read(join: &JoinFile, key: Bound, mut rows: Rows, decimal: char) -> Result<Self, MappingError> {
        let place = format!("join `{}`", join.name);
        let header = rows.header().clone();
        let on = column_of(&header, &join.on).ok_or_else(|| unknown(&format!("{place}, on"), &join.on, &header))?;
        let mut tests = Vec::new();
        for (column, test) in &join.when {
            let at = column_of(&header, column).ok_or_else(|| unknown(&format!("{place}, when"), column, &header))?;
            tests.push((at, Test::parse(test).map_err(|problem| MappingError::new(format!("{place}, when {column}"), problem))?));
        }
        let mut read = Self { name: join.name.clone(), header, key, rows: Vec::new(), by_key: HashMap::new() };
        while let Some(row) = rows.next().map_err(|problem| MappingError::new(&join.file, problem))? {
            if let Some(problem) = row.problem {
                return Err(MappingError::new(format!("{}, line {}", join.file, row.line), problem));
            }
            let cells = row.cells;
            if !tests.iter().all(|(at, test)| test.holds(cells.get(*at).unwrap_or_default(), decimal)) {
                continue;
            }
            let of_key = read.by_key.entry(cells.get(on).unwrap_or_default().to_owned()).or_default();
            // Where one row is meant, the first stands.
            if of_key.is_empty() || join.many {
                of_key.push(read.rows.len());
                read.rows.push(cells);
            }
        }
        Ok(read)
    }
}

/// Where the column of that name is.
pub(super) fn column_of(header: &StringRecord, name: &str) -> Option<usize> {
    header.iter().position(|column| column == name)
}

/// The refusal of a column that is not there, naming the one that may be meant.
pub(super) fn unknown(place: &str, name: &str, header: &StringRecord) -> MappingError {
    let likeness = |column: &str| strsim::jaro_winkler(&column.to_lowercase(), &name.to_lowercase());
    let nearest = header.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let meant = match nearest {
        Some(nearest) if likeness(nearest) > 0.7 => format!("; did you mean `{nearest}`?"),
        _ => format!("; there are {}", header.iter().collect::<Vec<_>>().join(", ")),
    };
    MappingError::new(place, format!("there is no column `{name}`{meant}"))
}
