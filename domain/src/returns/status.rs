//! The one word that says how a return stands, and how it ended.

use serde::{Deserialize, Serialize};

use super::inspection::Inspection;
use super::lot::{Authorization, Disposition, LotState, Reception};
use crate::coded::coded;
use crate::policy::Decision;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        coded!($name { $($variant => $code),+ });
    };
}

words! {
    /// How a return stands, derived from its lots: that of the live lot which is least far.
    Status {
        InReview "in_review",
        /// It can be sent.
        Approved "approved",
        InTransit "in_transit",
        /// Something did not come as it should: short, wrong, lost, rejected.
        Attention "attention",
        Received "received",
        Inspected "inspected",
        /// Less money than expected is offered; the customer is asked.
        Offered "offered",
        /// Money is promised, or the other item.
        Granted "granted",
        /// The customer has what they were to get.
        Completed "completed",
        /// The goods went back to the customer.
        SentBack "sent_back",
        /// Nothing came.
        Lapsed "lapsed",
        Declined "declined",
        Cancelled "cancelled",
    }
}

words! {
    /// How a lot, or a return that is over, ended.
    Ended {
        /// The money has left.
        Paid "paid",
        /// Another item was delivered.
        Exchanged "exchanged",
        /// The same again was delivered.
        Replaced "replaced",
        /// The same was delivered, repaired.
        Repaired "repaired",
        /// The customer kept it for part of the price.
        Kept "kept",
        /// The goods went back to the customer.
        SentBack "sent_back",
        /// Nothing came.
        Lapsed "lapsed",
        Declined "declined",
        Cancelled "cancelled",
    }
}

impl Ended {
    /// Whether the customer has the units again, or still, so that they can come back another time (P10).
    pub fn frees_units(self) -> bool {
        !matches!(self, Self::Paid | Self::Exchanged | Self::Kept)
    }

    /// The word for a return that ended so.
    pub fn status(self) -> Status {
        match self {
            Self::Paid | Self::Exchanged | Self::Replaced | Self::Repaired | Self::Kept => Status::Completed,
            Self::SentBack => Status::SentBack,
            Self::Lapsed => Status::Lapsed,
            Self::Declined => Status::Declined,
            Self::Cancelled => Status::Cancelled,
        }
    }
}

impl Status {
    /// Whether it is over.
    pub fn is_end(self) -> bool {
        self >= Self::Completed
    }

    /// Of the lots together: the least far of those that go on or were carried out; where there are none, what happened last in that
    /// order.
    pub fn of(lots: impl IntoIterator<Item = Self>) -> Self {
        let (mut least, mut ended) = (None, None);
        for lot in lots {
            if lot <= Self::Completed {
                least = Some(least.map_or(lot, |least: Self| least.min(lot)));
            } else {
                // Sent back tells more than lapsed, that more than called off, that more than declined.
                let tells = |status: Self| match status {
                    Self::Declined => 3,
                    Self::Cancelled => 2,
                    Self::Lapsed => 1,
                    _ => 0,
                };
                ended = Some(ended.map_or(lot, |before: Self| if tells(lot) < tells(before) { lot } else { before }));
            }
        }
        least.or(ended).unwrap_or(Self::Declined)
    }

    /// What a request that is answered so would be.
    pub fn answered(decisions: impl IntoIterator<Item = Decision>) -> Self {
        let answer = |decision| match decision {
            Decision::Approved => Self::Approved,
            Decision::InReview => Self::InReview,
            Decision::Declined => Self::Declined,
        };
        Self::of(decisions.into_iter().map(answer))
    }

    /// Of a lot for which nothing is granted, offered or owed.
    pub(super) fn of_axes(lot: LotState) -> Self {
        match lot.authorization {
            Authorization::Declined => return Self::Declined,
            Authorization::Cancelled => return Self::Cancelled,
            Authorization::Lapsed => return Self::Lapsed,
            Authorization::Requested | Authorization::InReview => return Self::InReview,
            Authorization::Approved => {}
        }
        if lot.disposition == Disposition::SentBack {
            return Self::SentBack;
        }
        match (lot.reception, lot.inspection) {
            (Reception::Awaiting, _) => Self::Approved,
            (Reception::InTransit, _) => Self::InTransit,
            (Reception::Short | Reception::WrongItem | Reception::Lost, _) | (_, Inspection::Rejected) => Self::Attention,
            _ if lot.disposition == Disposition::SendBack => Self::Attention,
            (Reception::Received, Inspection::Pending) => Self::Received,
            (Reception::Received, _) => Self::Inspected,
        }
    }
}
