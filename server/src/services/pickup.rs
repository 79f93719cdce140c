//! When the door can be called at.

use domain::returns::Pickup;
use jiff::Timestamp;

use super::Services;
use super::request::{RequestProblem, Wrong};

impl Services {
    /// What is wrong with the time of a pickup.
    pub(super) fn pickup_problem(&self, pickup: Option<&Pickup>, now: Timestamp) -> Option<RequestProblem> {
        let wrong = match pickup {
            None => Wrong::Missing("day and slot of the pickup"),
            Some(pickup) if !self.can_pick_up(pickup, now) => Wrong::PickupTime,
            Some(_) => return None,
        };
        Some(RequestProblem { field: "pickup".into(), wrong })
    }

    /// Whether the door can be called at then.
    pub fn can_pick_up(&self, pickup: &Pickup, now: Timestamp) -> bool {
        let ahead = domain::policy::days_between(domain::policy::local_day(now, &self.shop_zone()), pickup.date);
        (1..=i64::from(self.config.pickup.days_ahead)).contains(&ahead) && self.config.pickup.slots.contains(&pickup.slot)
    }
}
