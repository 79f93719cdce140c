//! What finding an order shows.

use domain::words::Words;

use super::Noted;

/// `/`
#[derive(Clone, Debug, Default)]
pub struct FindPage {
    /// Typed before.
    pub number: String,
    /// Typed before.
    pub contact: String,
    /// Typed before, for a return.
    pub rma: String,
    /// Typed before, for a return.
    pub rma_contact: String,
    pub mistakes: Vec<Noted>,
    /// Orders to try, in a demo shop.
    pub demo: Vec<DemoDepartment>,
}

/// A part of the demo shop.
#[derive(Clone, Debug)]
pub struct DemoDepartment {
    pub name: Words,
    pub orders: Vec<DemoOrder>,
}

/// An order of the demo shop.
#[derive(Clone, Debug)]
pub struct DemoOrder {
    pub number: String,
    /// The contact that finds it.
    pub contact: String,
    pub shows: Words,
    /// Among the few that are named first.
    pub highlight: bool,
}
