//! Orders come in by the file: read as a stream, written in batches, each order whole or not at all, refusals with their reasons.

mod amounts;
mod csv;
mod grouping;
mod intake;
mod json;
mod lenient;
mod load;
mod matching;
mod numbers;
mod platform;
mod report;
mod rows;
mod shopify;
mod source;
mod woocommerce;

use std::path::PathBuf;

use jiff::tz::TimeZone;

pub use self::csv::{Mapping, MappingError, SHIPPED_MAPPINGS};
pub use load::run;
pub use report::{CreditCounts, Progress, Refusal, Report};
pub use source::Source;

use crate::store::StoreError;

/// How orders are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Order documents, version 1: one a line, in an array, or one after the other.
    Json,
    /// A table, read with the help of a mapping.
    Csv,
    /// Shopify's order export.
    ShopifyCsv,
    /// Shopify's REST orders.
    ShopifyJson,
    /// WooCommerce's REST orders.
    WoocommerceJson,
}

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// What the columns of a table mean; [`Format::Csv`] needs it.
    pub mapping: Option<Mapping>,
    /// Where the further files of a mapping are; beside the file where nothing is said.
    pub joins_from: Option<PathBuf>,
    /// Of times that name no zone (WooCommerce's site time); a mapping names its own.
    pub time_zone: TimeZone,
    /// Where refusals go.
    pub refusals: RefusalsTo,
}

impl Options {
    /// `format`, times in UTC, refusals in the report.
    pub fn new(format: Format) -> Self {
        Self { format, mapping: None, joins_from: None, time_zone: TimeZone::UTC, refusals: RefusalsTo::Report { most: 1_000 } }
    }
}

/// Where refusals go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalsTo {
    /// Into a CSV file (`line,order,reason`), which is only there afterwards if something was refused, left out or changed.
    File(PathBuf),
    /// Into the report: the first so many; all are counted.
    Report {
        /// How many.
        most: usize,
    },
}

/// Why an import could not be done, or not to its end. What was written before stays; the same import may be run again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file could not be opened or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// [`Format::Csv`] without a mapping.
    #[error("a CSV file needs a mapping that says what its columns mean: --mapping FILE, or one of {}", .0.join(", "))]
    NoMapping(Vec<&'static str>),
    /// The mapping does not fit the file.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The first line is not the header it should be.
    #[error("this is not {expected}: {problem}")]
    Header {
        /// What was expected.
        expected: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The other half of the import has ended.
    #[error("the import was stopped")]
    Stopped,
}
