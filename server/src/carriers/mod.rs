//! Who carries returns: labels of the shop's own, numbered in the transaction that needs them; or a carrier's, bought from it by jobs.

mod bought;
mod own;

use std::sync::Arc;

use domain::rma::RmaNumber;

pub use bought::{Bought, BoughtPort, CarrierError, Consignment, Packed};
pub use own::{OwnLabels, OwnPort};

/// Who makes the labels.
#[derive(Clone)]
pub enum Carrier {
    /// The shop, at once.
    Own(Arc<dyn OwnPort>),
    /// A carrier outside, a little later.
    Bought(Arc<dyn BoughtPort>),
}

impl Carrier {
    /// The machine name, stored with each parcel.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Own(own) => own.code(),
            Self::Bought(bought) => bought.code(),
        }
    }
}

/// A parcel that needs a label.
#[derive(Clone, Copy, Debug)]
pub struct Shipment {
    /// The return.
    pub rma: RmaNumber,
    /// Its how manieth parcel, from 1.
    pub parcel: usize,
}
