//! What a customer gets instead of money: another item, the same again, or the same repaired.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::number::{LotNo, RemedyNo};
use crate::coded::coded;
use crate::ids::Sku;

/// An item that goes out to the customer, from due to delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remedy {
    pub id: RemedyNo,
    /// When it became due.
    pub at: Timestamp,
    pub lots: Vec<LotNo>,
    pub kind: RemedyKind,
    /// The product that goes out; nothing: the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// How far it is.
    pub state: RemedyState,
    /// The outbound order's or parcel's name in the shop, the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemedyKind {
    /// Another product (P7, P21).
    Exchange,
    Replacement,
    Repair,
}

coded!(RemedyKind { Exchange => "exchange", Replacement => "replacement", Repair => "repair" });

/// How far a remedy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemedyState {
    Due,
    /// An item is kept for it, or is in the workshop.
    Reserved,
    /// The shop was told to send it.
    Ordered,
    /// It is on its way.
    Shipped,
    /// The customer has it.
    Delivered,
    /// It will not come; money takes its place.
    CalledOff,
}

impl RemedyState {
    /// Where a remedy can be taken, by names.
    pub const MOVES: [(&str, Self); 5] = [
        ("reserved", Self::Reserved),
        ("ordered", Self::Ordered),
        ("shipped", Self::Shipped),
        ("delivered", Self::Delivered),
        ("called_off", Self::CalledOff),
    ];

    pub const ALL: [Self; 6] = [Self::Due, Self::Reserved, Self::Ordered, Self::Shipped, Self::Delivered, Self::CalledOff];

    /// As it is called.
    pub fn code(self) -> &'static str {
        Self::MOVES.iter().find(|(_, state)| *state == self).map_or("due", |(name, _)| name)
    }

    /// Whether it can go from here to `to`: forward, over what a shop leaves out, and off while it has not left.
    pub fn can_go(self, to: Self) -> bool {
        match to {
            Self::CalledOff => self < Self::Shipped,
            to => self < to && self != Self::CalledOff,
        }
    }

    /// Whether it is still to come.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Delivered | Self::CalledOff)
    }
}
