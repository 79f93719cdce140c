//! The page of doors that are called at, and of the areas in which somebody goes round (B9, C48).

use std::collections::BTreeMap;

use domain::order::Address;
use domain::pickup::{DoorState, PickupArea};
use domain::rma::RmaNumber;
use jiff::civil::Date;

use super::{Noted, Rail};

/// `/staff/pickups`
#[derive(Clone, Debug)]
pub struct PickupsPage {
    pub rail: Rail,
    pub day: Date,
    pub today: Date,
    /// By area and slot.
    pub doors: Vec<DoorView>,
    pub areas: Vec<PickupArea>,
    /// What was typed of an area, by field.
    pub typed: BTreeMap<String, String>,
    pub mistakes: Vec<Noted>,
}

/// A door that is called at.
#[derive(Clone, Debug, PartialEq)]
pub struct DoorView {
    pub rma: RmaNumber,
    pub state: DoorState,
    pub area: String,
    pub slot: String,
    pub name: Option<String>,
    pub address: Option<Address>,
    pub phone: Option<String>,
    pub units: u32,
}
