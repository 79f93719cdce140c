//! Pages of parcels that nobody knows, and of what came beside a return's goods (P22).

use std::collections::BTreeMap;

use domain::returns::Status;
use domain::rma::RmaNumber;
use domain::stray::{Clues, Fit, StrayState};
use jiff::Timestamp;

use super::{Noted, Rail};

/// `/staff/parcels`
#[derive(Clone, Debug)]
pub struct ParcelsPage {
    pub rail: Rail,
    /// What is due first before the rest.
    pub waiting: Vec<ParcelView>,
    /// There are more than these.
    pub more: bool,
    /// The last that wait no more.
    pub ended: Vec<ParcelView>,
    /// Names the form for a new one.
    pub key: String,
    /// What was typed of a new one, by field.
    pub typed: BTreeMap<String, String>,
    pub mistakes: Vec<Noted>,
}

/// `/staff/parcels/{number}`
#[derive(Clone, Debug)]
pub struct ParcelPage {
    pub rail: Rail,
    pub parcel: ParcelView,
    /// What it may be of, what fits best first.
    pub candidates: Vec<MayBeView>,
    /// Who can see to it, by the name of their account.
    pub colleagues: Vec<(String, String)>,
    pub typed: BTreeMap<String, String>,
    pub mistakes: Vec<Noted>,
}

/// A parcel that came and that nobody knew, or something that came in a return's parcel and was not announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelView {
    pub number: i64,
    pub at: Timestamp,
    pub warehouse: String,
    /// Nothing: it was not put on one yet.
    pub shelf: Option<String>,
    pub clues: Clues,
    pub note: Option<String>,
    /// Whoever sees to it: their account, and what colleagues call them.
    pub owner: (String, String),
    pub due: Timestamp,
    /// It waits, and that is over.
    pub late: bool,
    pub state: StrayState,
    pub rma: Option<RmaNumber>,
    pub reason: Option<String>,
    pub ended_at: Option<Timestamp>,
    pub version: i64,
    /// The return whose parcel it came in beside what was announced, and how many units it is.
    pub came_with: Option<(RmaNumber, u32)>,
}

/// What a parcel may be of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MayBeView {
    /// A return, and how it stands.
    pub found: Option<(RmaNumber, Status)>,
    /// Where no return of it waits, an order: its number, its page, and where a return of it is opened.
    pub order: Option<(String, String, String)>,
    pub customer: Option<String>,
    pub item: String,
    /// When it was asked for, or bought.
    pub at: Timestamp,
    pub awaited: bool,
    pub fits: Vec<Fit>,
}
