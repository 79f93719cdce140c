//! Who carries returns. The built-in carrier makes labels of the shop's own; others are reached through jobs.

mod own;

use domain::rma::RmaNumber;
use futures::future::BoxFuture;

pub use own::OwnLabels;

use crate::store::{Conn, StoreError};

/// A parcel that needs a label.
#[derive(Clone, Copy, Debug)]
pub struct Shipment {
    /// The return.
    pub rma: RmaNumber,
    /// Its how manieth parcel, from 1.
    pub parcel: usize,
}

/// A carrier that gives tracking numbers within the transaction that needs them.
pub trait Carrier: Send + Sync {
    /// The machine name, stored with each parcel.
    fn code(&self) -> &'static str;

    /// The number of a parcel, where it follows from the return's.
    fn number(&self, shipment: &Shipment) -> Option<String>;

    /// A number for the parcel, unique among this carrier's.
    fn issue<'a>(&'a self, conn: &'a mut Conn<'_>, shipment: &'a Shipment) -> BoxFuture<'a, Result<String, StoreError>>;
}
