//! What a customer can get, and how goods can come back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::coded::coded;

/// What the customer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Money back by the means it was paid with.
    Refund,
    /// Money back as credit in the shop, with a bonus where the policy gives one (P16).
    StoreCredit,
    /// Another variant or product; the price difference is shown (P7).
    Exchange,
    /// The same item again, free: wrong, missing, faulty or under guarantee (C26).
    Replacement,
    /// The same item repaired.
    Repair,
    /// Part of the money back, and the item stays with the customer (P8).
    KeepRefund,
}

/// How goods come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Collected at the door (C48).
    Pickup,
    /// Handed in at a parcel shop, by QR code (P18).
    DropOff,
    /// Sent with our label.
    SelfShip,
    /// Brought to the shop's counter (B40).
    Counter,
    /// The shop says how, and sees to it: what no plain label may carry (N22). No policy offers it.
    Arranged,
    /// Nothing comes back.
    None,
}

coded!(Resolution {
    Refund => "refund",
    StoreCredit => "store_credit",
    Exchange => "exchange",
    Replacement => "replacement",
    Repair => "repair",
    KeepRefund => "keep_refund",
});

coded!(Method {
    Pickup => "pickup",
    DropOff => "drop_off",
    SelfShip => "self_ship",
    Counter => "counter",
    Arranged => "arranged",
    None => "none",
});

impl Method {
    /// Whether it travels with our plain label.
    pub fn is_by_parcel(self) -> bool {
        matches!(self, Self::Pickup | Self::DropOff | Self::SelfShip)
    }
}

impl Resolution {
    /// Whether it pays money (or credit) out.
    pub fn pays(self) -> bool {
        matches!(self, Self::Refund | Self::StoreCredit | Self::KeepRefund)
    }

    /// Whether the goods come back to the shop.
    pub fn sends_back(self) -> bool {
        self != Self::KeepRefund
    }
}
