//! Parcels that come back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::number::LotNo;
use crate::coded::coded;
use crate::policy::PromisedDates;

/// A label that a carrier is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelWanted {
    /// Number of the event that says so.
    pub event: u64,
    pub carrier: String,
    /// Promised dates once it is there, where it replaces an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promises: Option<PromisedDates>,
    /// Why the carrier makes none: a person sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A parcel coming back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parcel {
    pub carrier: String,
    /// Their number for it (C6).
    pub tracking_number: String,
    /// The carrier's name for what was bought: what it is called off by. Nothing where the label is of our own making.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Where the label that the carrier made lies among the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The carrier does not take it any more: it was called off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub voided: bool,
    /// When the label was made.
    pub issued_at: Timestamp,
    /// The label works until then.
    pub expires_at: Timestamp,
    /// What travels in it. Empty: all that travels; while nothing else is said, a return comes in one parcel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<LotNo>,
    /// What its carrier saw, in the order it was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scans: Vec<Scan>,
}

/// What a carrier saw of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    pub status: ScanStatus,
    pub at: Timestamp,
    /// Where, in the carrier's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// What a carrier says of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanStatus {
    Accepted,
    InTransit,
    /// It stands still, and why is told.
    Exception,
    /// It was handed over. What is in it is known only when it is booked in (P11).
    Delivered,
    /// They cannot find it.
    Lost,
}

coded!(ScanStatus {
    Accepted => "accepted",
    InTransit => "in_transit",
    Exception => "exception",
    Delivered => "delivered",
    Lost => "lost",
});
