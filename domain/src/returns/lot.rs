//! Lots: units of a line that share a fate. Four axes; `moves.rs` has the moves along them.
//!
//! What is granted and paid is read from grants and payments, what was sent from remedies; no axis for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::axis::axis;
use super::inspection::{Deduction, Inspection};
use super::number::LotNo;
use crate::policy::Grade;
use crate::scrap::ScrapGround;

axis! {
    /// May it come back?
    Authorization {
        /// Asked for, not judged yet.
        Requested,
        InReview,
        Approved,
        Declined,
        Cancelled,
        /// It never came, and is not waited for any more.
        Lapsed,
    }
}

axis! {
    Reception {
        /// With the customer.
        Awaiting,
        InTransit,
        Received,
        /// The parcel came without it.
        Short,
        WrongItem,
        /// The carrier lost it.
        Lost,
    }
}

axis! {
    /// What becomes of it?
    Disposition {
        None,
        /// Back to sellable stock.
        Restock,
        /// Made as new.
        Refurbish,
        /// To the workshop.
        Repair,
        Resell,
        /// Kept apart.
        Quarantine,
        Donate,
        Recycle,
        Scrap,
        /// Back to whoever sold it to the shop ("RTV"), against a credit (P27).
        ReturnToVendor,
        /// To go back to the customer.
        SendBack,
        /// On its way back to the customer.
        SentBack,
    }
}

/// Where a lot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LotState {
    /// May it come back?
    pub authorization: Authorization,
    pub reception: Reception,
    /// Is it as said?
    pub inspection: Inspection,
    /// What becomes of it?
    pub disposition: Disposition,
}

/// Units of a return line that share a fate. Receipt or inspection of a part splits it; units never appear or vanish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lot {
    pub id: LotNo,
    pub units: u32,
    pub state: LotState,
    /// How good it is, once looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// How much less it is worth than said, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduct: Option<Deduction>,
    /// Why it may be destroyed, where that must be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrap_ground: Option<ScrapGround>,
    /// Why the customer says that a "no" was wrong, while nobody has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<String>,
    /// More was asked of the customer before somebody decides; nobody waits for it longer than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Timestamp>,
}

impl Lot {
    /// Units just asked for.
    pub fn requested(id: LotNo, units: u32) -> Self {
        Self { id, units, state: LotState::REQUESTED, grade: None, deduct: None, scrap_ground: None, appeal: None, awaits: None }
    }
}

impl Disposition {
    /// Where goods can be put by whoever has looked at them, by its name. What goes back to a vendor goes by a batch, which opens the claim to its credit.
    pub const PLACES: [(&str, Self); 9] = [
        ("restock", Self::Restock),
        ("refurbish", Self::Refurbish),
        ("repair", Self::Repair),
        ("resell", Self::Resell),
        ("quarantine", Self::Quarantine),
        ("donate", Self::Donate),
        ("recycle", Self::Recycle),
        ("scrap", Self::Scrap),
        ("send_back", Self::SendBack),
    ];

    /// Its name, where somebody can put goods there; else what stands in its place.
    pub fn name(self) -> &'static str {
        let known = Self::PLACES.into_iter().find(|(_, place)| *place == self).map(|(name, _)| name);
        known.unwrap_or(match self {
            Self::None => "none",
            Self::ReturnToVendor => "return_to_vendor",
            _ => "sent_back",
        })
    }

    /// Whether goods are destroyed by it: discarded as waste, recycling included (Regulation (EU) 2024/1781 art. 2(34)).
    pub fn destroys(self) -> bool {
        matches!(self, Self::Recycle | Self::Scrap)
    }
}

impl LotState {
    pub const REQUESTED: Self = Self {
        authorization: Authorization::Requested,
        reception: Reception::Awaiting,
        inspection: Inspection::Pending,
        disposition: Disposition::None,
    };

    /// Whether its units are taken, as far as its axes tell: not declined, called off or lapsed, and not on the way back (P10).
    pub fn is_live(self) -> bool {
        self.disposition != Disposition::SentBack
            && !matches!(self.authorization, Authorization::Declined | Authorization::Cancelled | Authorization::Lapsed)
    }
}
