//! Tables: with a mapping that says what the columns mean, any shop's export can be read.

mod assemble;
mod bound;
mod condition;
mod fields;
mod joins;
mod mapping;
mod scope;
mod template;

use std::io::BufRead;
use std::path::Path;

use domain::order::FieldProblem;

pub use mapping::{Mapping, MappingError, SHIPPED_MAPPINGS};

use self::assemble::OpenOrder;
use self::bound::{Bindings, open_rows};
use self::scope::Scope;
use super::ImportError;
use super::grouping::{Groups, Place};
use super::intake::Intake;

/// Orders in a table; further files of the mapping lie in `folder`.
pub(super) fn read(text: Box<dyn BufRead + Send>, mapping: &Mapping, folder: &Path, intake: &mut Intake) -> Result<(), ImportError> {
    let mut rows = open_rows(text, mapping)?;
    let bindings = Bindings::new(mapping, rows.header(), folder)?;
    let mut orders: Groups<OpenOrder> = Groups::new(mapping.open_orders());
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(problem) => {
                intake.break_off(problem);
                break;
            }
        };
        intake.count(1);
        let cells = match row.cells {
            Ok(cells) => cells,
            Err(problem) => {
                intake.refuse(row.line, None, &[FieldProblem::new("", problem)])?;
                continue;
            }
        };
        let scope = Scope { joins: &bindings.joins, row: &cells, line: row.line, index: 0, at: None };
        let key = bindings.group_by.text(&scope);
        if key.is_empty() {
            intake.refuse(row.line, None, &[FieldProblem::new("group_by", "is empty: the row belongs to no order")])?;
            continue;
        }
        match orders.place(&key, || OpenOrder::new(&key, row.line), |order| order.finish(intake))? {
            Place::Open(order) => order.row(&bindings, &cells, row.line, intake)?,
            Place::Late => {
                let problem = format!("its other rows stand more than {} orders above; sort the file by it", mapping.open_orders());
                intake.refuse(row.line, Some(&key), &[FieldProblem::new("group_by", problem)])?;
            }
            Place::StillLate => {}
        }
    }
    orders.finish(|order| order.finish(intake))
}
