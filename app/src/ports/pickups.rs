//! The page of doors that are called at, and of the areas in which somebody goes round (B9, C48).

use std::collections::BTreeMap;

use domain::order::Address;
use domain::pickup::{DoorState, PickupArea};
use domain::rma::RmaNumber;
use jiff::Timestamp;
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
    /// Links that were given to couriers for that day.
    pub rounds: Vec<RoundView>,
    /// One may be given out for that day.
    pub can_give: bool,
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
    /// What they are, with how many.
    pub things: Vec<(String, u32)>,
    pub tracking: Option<String>,
    /// What was written at the door.
    pub note: Option<String>,
}

/// A link that was given to a courier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundView {
    pub id: String,
    /// As people at work call it.
    pub area: String,
    /// The whole address.
    pub url: String,
    pub until: Timestamp,
}

/// `/round/{link}`: the doors of one area on one day, as the courier sees them.
#[derive(Clone, Debug)]
pub struct RoundPage {
    pub link: String,
    pub area: String,
    pub day: Date,
    /// The day has come: it can be said what came of a door.
    pub can_say: bool,
    pub until: Timestamp,
    /// In the order in which they are called at.
    pub stops: Vec<DoorView>,
}
