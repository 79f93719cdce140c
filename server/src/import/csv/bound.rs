//! A mapping bound to the columns of the files at hand.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;
use jiff::tz::TimeZone;

use super::condition::Test;
use super::joins::{column_of, unknown};
use super::mapping::{CreditFields, DeliveryFields, LineFields, Mapping, MappingError, OrderFields, PaymentFields, RowClass, RowKind};
use super::scope::{Bound, BoundCell, BoundPart, Join, Place, Scope};
use super::template::{Cell, Filter, Part, Tables, Template};
use crate::import::ImportError;
use crate::import::rows::Rows;
use crate::import::source::open_file;

/// A mapping whose templates know their columns.
pub(super) struct Bindings {
    pub joins: Vec<Join>,
    pub zone: TimeZone,
    pub date_formats: Vec<String>,
    pub decimal: char,
    pub group_by: Bound,
    pub lines_from: Option<usize>,
    pub payments_from: Option<usize>,
    pub order: OrderFields<Bound>,
    pub line: LineFields<Bound>,
    pub payment: Option<PaymentFields<Bound>>,
    pub delivery: Option<DeliveryFields<Bound>>,
    pub credit: CreditFields<Bound>,
    pub classes: Vec<Class>,
}

/// A class of rows, bound.
pub(super) struct Class {
    when: Vec<(BoundCell, Test)>,
    pub kind: RowKind,
    pub label: String,
    pub amount: Option<Bound>,
    /// `[line]` with what the class sets.
    pub line: LineFields<Bound>,
}

/// The rows of a file, written as the mapping says.
pub(super) fn open_rows(text: Box<dyn BufRead + Send>, mapping: &Mapping) -> Result<Rows, ImportError> {
    let wrong = |problem| ImportError::Header { expected: "a table", problem };
    let delimiter = mapping.delimiter.map(|letter| letter as u8);
    Rows::open(text, delimiter, mapping.encoding()?).map_err(wrong)
}

impl Bindings {
    /// Binds `mapping` to a file with this header, and reads the further files in `folder`.
    pub fn new(mapping: &Mapping, header: &StringRecord, folder: &Path) -> Result<Self, ImportError> {
        let tables = mapping.tables.iter().map(|(name, table)| (name.clone(), Arc::new(table.clone()))).collect();
        let mut binder = Binder { header, joins: Vec::new(), tables: Arc::new(tables) };
        for join in &mapping.joins {
            // Only what is known so far can be looked for: joins may build on those above them.
            let key = binder.bind(&format!("join `{}`", join.name), &join.key)?;
            let rows = open_rows(open_file(&folder.join(&join.file))?, mapping)?;
            binder.joins.push(Join::read(join, key, rows, mapping.decimal())?);
        }
        let classes =
            mapping.rows.iter().enumerate().map(|(at, class)| binder.class(at, class, &mapping.line)).collect::<Result<_, _>>()?;
        let fields = |table: &'static str| {
            let binder = &binder;
            move |field: &'static str, template: &Template| binder.bind(&format!("[{table}] {field}"), template)
        };
        let join = |name: &Option<String>| name.as_ref().and_then(|name| binder.joins.iter().position(|join| join.name == *name));
        let number = mapping.order.number.as_ref();
        let group_by = mapping.group_by.as_ref().or(number).ok_or_else(|| MappingError::new("group_by", "is missing"))?;
        Ok(Self {
            zone: mapping.zone()?,
            date_formats: mapping.date_formats.clone(),
            decimal: mapping.decimal(),
            group_by: binder.bind("group_by", group_by)?,
            lines_from: join(&mapping.lines_from),
            payments_from: join(&mapping.payments_from),
            order: mapping.order.bind(fields("order"))?,
            line: mapping.line.bind(fields("line"))?,
            payment: mapping.payment.as_ref().map(|payment| payment.bind(fields("payment"))).transpose()?,
            delivery: mapping.delivery.as_ref().map(|delivery| delivery.bind(fields("delivery"))).transpose()?,
            credit: mapping.credit.bind(fields("credit"))?,
            classes,
            joins: binder.joins,
        })
    }
}

impl Class {
    /// Whether the row is of this class.
    pub fn holds(&self, scope: &Scope, decimal: char) -> bool {
        self.when.iter().all(|(cell, test)| test.holds(&cell.text(scope), decimal))
    }
}

struct Binder<'f> {
    header: &'f StringRecord,
    joins: Vec<Join>,
    tables: Arc<Tables>,
}

impl Binder<'_> {
    fn bind(&self, place: &str, template: &Template) -> Result<Bound, MappingError> {
        let part = |part: &Part| match part {
            Part::Text(text) => Ok(BoundPart::Text(text.clone())),
            Part::Cell(cell) => self.cell(place, cell).map(BoundPart::Cell),
        };
        template.0.iter().map(|parts| parts.iter().map(part).collect::<Result<_, _>>()).collect::<Result<_, _>>().map(Bound)
    }

    fn cell(&self, place: &str, cell: &Cell) -> Result<BoundCell, MappingError> {
        let missing = cell.filters.iter().find_map(|filter| match filter {
            Filter::Map(table) if !self.tables.contains_key(table) => Some(table),
            _ => None,
        });
        if let Some(table) = missing {
            return Err(MappingError::new(place, format!("there is no table `{table}`: write [tables.{table}]")));
        }
        Ok(BoundCell { place: self.place(place, &cell.column)?, filters: cell.filters.clone(), tables: self.tables.clone() })
    }

    fn place(&self, place: &str, name: &str) -> Result<Place, MappingError> {
        match name {
            "@line" => return Ok(Place::Line),
            "@index" => return Ok(Place::Index),
            _ => {}
        }
        if let Some(column) = column_of(self.header, name) {
            return Ok(Place::Row(column));
        }
        let joined = name.split_once('.').and_then(|(join, column)| {
            let at = self.joins.iter().position(|known| known.name == join)?;
            Some((at, column))
        });
        let Some((at, column)) = joined else { return Err(unknown(place, name, self.header)) };
        let header = &self.joins[at].header;
        column_of(header, column).map(|column| Place::Join(at, column)).ok_or_else(|| unknown(place, column, header))
    }

    fn class(&self, at: usize, class: &RowClass, line: &LineFields<Template>) -> Result<Class, MappingError> {
        let label = class.label();
        let place = format!("[[rows]] {} ({label})", at + 1);
        let mut when = Vec::new();
        for (column, test) in &class.when {
            let wrong = |problem: String| MappingError::new(format!("{place}, when {column}"), problem);
            when.push((self.cell(&place, &column.parse().map_err(wrong)?)?, Test::parse(test).map_err(wrong)?));
        }
        let line = class.set.or(line).bind(|field, template| self.bind(&format!("{place}, {field}"), template))?;
        let amount = class.amount.as_ref().map(|amount| self.bind(&format!("{place}, amount"), amount)).transpose()?;
        Ok(Class { when, kind: class.kind, label, amount, line })
    }
}
