//! Money promised, and money that left. Neither changes once it is there; what goes wrong is a fact of its own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::number::{GrantNo, LotNo, PaymentNo};
use crate::coded::coded;
use crate::ids::OrderNumber;
use crate::money::Currency;
use crate::settlement::ReceiptLine;

/// Money promised, once for a lot and cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    pub id: GrantNo,
    pub at: Timestamp,
    /// The order whose money it is.
    pub order: OrderNumber,
    pub lots: Vec<LotNo>,
    pub cause: GrantCause,
    pub currency: Currency,
    /// Minor units, never negative; 0 where what came is worth nothing.
    pub amount: i64,
    /// On top of what is paid as credit, a present of the shop; minor units (P16).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub bonus: i64,
    /// How it comes about.
    pub receipt: Vec<ReceiptLine>,
}

fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

/// What money is granted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantCause {
    /// The goods came and were looked at, were lost on the way, or need not come.
    Settled,
    /// Before the goods came (P20).
    Early,
    /// What is not in dispute, while a withdrawal's offer is open.
    Undisputed,
    /// After an appeal, on top of what was granted before.
    Appeal,
    /// What was paid for something dearer that does not come; since schema 3.
    PaidBack,
}

impl GrantCause {
    pub const ALL: [Self; 5] = [Self::Settled, Self::Early, Self::Undisputed, Self::Appeal, Self::PaidBack];

    /// Whether that settles a lot: nothing else is to be granted for it but on an appeal.
    pub fn settles(self) -> bool {
        matches!(self, Self::Settled | Self::Early)
    }
}

/// An attempt to pay a grant, or part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentNo,
    /// The grant it pays.
    pub grant: GrantNo,
    /// When it was begun.
    pub at: Timestamp,
    /// Where the money goes.
    pub to: PaidTo,
    /// Minor units of the grant's currency; above 0.
    pub amount: i64,
    pub state: PaymentState,
    /// The gateway's or bank's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaidTo {
    /// Back to a payment of the order, by its place among them.
    Payment {
        /// Place, from 0.
        place: usize,
    },
    /// Back to a payment that we asked for ourselves, by the gateway's name for it; since schema 3.
    Collected {
        payment: String,
    },
    /// Credit in the shop.
    StoreCredit,
    Manual,
}

impl PaidTo {
    /// Whether a gateway sends it there.
    pub fn is_by_gateway(&self) -> bool {
        matches!(self, Self::Payment { .. } | Self::Collected { .. })
    }

    /// How money gets there: `gateway`, `store_credit`, `manual`.
    pub fn way(&self) -> &'static str {
        match self {
            Self::Payment { .. } | Self::Collected { .. } => "gateway",
            Self::StoreCredit => "store_credit",
            Self::Manual => "manual",
        }
    }
}

/// How an attempt to pay went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Begun; not known yet.
    Pending,
    /// The money has left.
    Paid,
    /// It did not leave.
    Failed,
    /// It left and came back.
    Reversed,
}

coded!(PaymentState { Pending => "pending", Paid => "paid", Failed => "failed", Reversed => "reversed" });

impl PaymentState {
    /// Whether the money is on its way or has left: it cannot be sent a second time.
    pub fn holds(self) -> bool {
        matches!(self, Self::Pending | Self::Paid)
    }
}
