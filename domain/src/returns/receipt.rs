//! Goods booked in at a warehouse, and what was found when they were looked at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::by_rule::{Answers, ByRule};
use super::inspection::{Deduction, Inspection};
use super::moves::Move;
use super::number::{LotNo, ReceiptNo};
use crate::ids::Sku;
use crate::policy::Grade;

/// Goods booked in, from one parcel or over the counter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub id: ReceiptNo,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// The parcel's tracking number, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    /// What became of the lots that were looked for.
    pub items: Vec<Booked>,
    /// What came that nobody asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
}

impl Receipt {
    /// Everything that was looked for was there.
    pub fn is_complete(&self) -> bool {
        self.items.iter().all(|item| item.outcome == Outcome::Received)
    }
}

/// Units of a lot, looked for in a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// The lot they were of.
    pub of: LotNo,
    /// The lot they are: `of` where all its units share the outcome, else a new one.
    pub lot: LotNo,
    pub units: u32,
    pub outcome: Outcome,
}

/// What came of units that were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Received,
    /// The parcel came without them.
    Short,
    /// Something else in their place.
    WrongItem,
    /// The parcel was empty.
    Empty,
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Received, Self::Short, Self::WrongItem, Self::Empty];

    /// What it does to a lot.
    pub fn to_do(self) -> Move {
        match self {
            Self::Received => Move::Receive,
            Self::Short | Self::Empty => Move::ReceiveShort,
            Self::WrongItem => Move::ReceiveWrong,
        }
    }
}

/// What came that was not looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// More than was announced of a lot, or not announced at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<LotNo>,
    /// What it is, where that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    pub units: u32,
}

/// Units of a lot that were looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// The lot they were of.
    pub of: LotNo,
    /// The lot they are: `of` where all its units share what was found, else a new one.
    pub lot: LotNo,
    pub units: u32,
    /// Whether they are as said.
    pub found: Inspection,
    /// How good they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// How much less they are worth than said; with `downgraded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduct: Option<Deduction>,
    /// The rule that says how much less, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduct_rule: Option<ByRule>,
    /// In the words of who looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<String>,
    /// Photos, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// What was answered to the form of these goods (P28).
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    pub answers: Answers,
}

impl Looked {
    /// All units of a lot, with what was found and nothing more.
    pub fn plain(lot: LotNo, units: u32, found: Inspection) -> Self {
        Self {
            of: lot,
            lot,
            units,
            found,
            grade: None,
            deduct: None,
            deduct_rule: None,
            findings: None,
            evidence: Vec::new(),
            answers: Answers::default(),
        }
    }
}
