//! What pages of the dock show.

use domain::rma::RmaNumber;

use super::{OtherReturn, Rail};

/// What was scanned, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanAsked {
    /// As it was read; nothing yet where it is empty.
    pub code: String,
    /// From a page of the dock: there it leads to.
    pub at_dock: bool,
}

/// `/staff/scan`, where it does not lead on to the one return that a code is of.
#[derive(Clone, Debug)]
pub struct ScanPage {
    pub rail: Rail,
    /// As it was read.
    pub code: String,
    /// Returns that it may be of.
    pub found: Vec<OtherReturn>,
    /// It was read at the dock.
    pub at_dock: bool,
    /// Where a parcel that it is on is put on a shelf, where nothing fits and they see to such parcels.
    pub shelve: Option<String>,
}

/// `/staff/dock`: what is looked for, and what has come and waits to be looked at. It is kept in the browser, for when there is no network.
#[derive(Clone, Debug)]
pub struct DockPage {
    pub rail: Rail,
    pub expected: Vec<Expected>,
    /// There are more than these.
    pub more: bool,
}

/// A return that is looked for at the dock, or whose goods wait there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub rma: RmaNumber,
    pub version: u64,
    pub customer: Option<String>,
    /// Names of its items, and how many of each.
    pub items: Vec<(String, u32)>,
    /// Numbers of its parcels.
    pub parcels: Vec<String>,
    /// Something of it has come.
    pub came: bool,
    /// All by which a scanner may know it, as [`domain::search::code`] has it.
    pub codes: Vec<String>,
    /// Photos of customers and of ours, by name.
    pub photos: Vec<String>,
}
