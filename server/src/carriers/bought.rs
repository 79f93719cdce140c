//! The port to a carrier that sells labels.

use async_trait::async_trait;
use domain::order::Address;
use domain::policy::Method;
use domain::returns::Pickup;
use jiff::Timestamp;

use super::Shipment;

/// A parcel as a carrier is told of it.
#[derive(Clone, Debug)]
pub struct Consignment {
    /// Which it is.
    pub shipment: Shipment,
    /// Where it comes from: the customer's, as far as it is known.
    pub from: Option<Address>,
    /// Where it goes: the shop's. Carriers that turn a return's addresses round themselves are told so by their adapter.
    pub to: Address,
    /// How to reach who sends it.
    pub email: Option<String>,
    /// Likewise.
    pub phone: Option<String>,
    /// How it is handed over.
    pub method: Method,
    /// When the door is called at.
    pub pickup: Option<Pickup>,
    /// The label should work until then.
    pub until: Timestamp,
    /// What is in it.
    pub contents: Vec<Packed>,
}

/// What is in a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The product.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// So many.
    pub units: u32,
}

/// A label that was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// The carrier's name for it: what it is called off by.
    pub reference: String,
    /// Its number on the way.
    pub tracking_number: String,
    /// What is printed: a PDF.
    pub label: Vec<u8>,
    /// It works until then, where that is not when it was asked to.
    pub expires_at: Option<Timestamp>,
}

/// Why a carrier did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// It may do it later, or has done it and its answer was lost.
    #[error("{0}")]
    Passing(String),
    /// It will never do it.
    #[error("{0}")]
    Permanent(String),
}

/// A carrier that sells labels. It is asked by jobs, never while the database waits.
#[async_trait]
pub trait BoughtPort: Send + Sync {
    /// The machine name, stored with each parcel.
    fn code(&self) -> &'static str;

    /// Buys a label. Asked again with the same `key` (at most 40 letters, digits and hyphens) it answers what was bought then, and buys
    /// nothing: a carrier that knows no such keys is given it as its own reference and asked for that first.
    async fn buy(&self, consignment: &Consignment, key: &str) -> Result<Bought, CarrierError>;

    /// What was bought with `key`, without buying anything.
    async fn find(&self, key: &str) -> Result<Option<Bought>, CarrierError>;

    /// Calls a label off, by its reference. One that has been called off stays so, and that is no error.
    async fn void(&self, reference: &str) -> Result<(), CarrierError>;
}
