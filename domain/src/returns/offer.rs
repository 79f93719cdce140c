//! Less money than expected, offered and answered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::number::{LotNo, OfferNo};
use crate::ids::OrderNumber;
use crate::money::Currency;

/// Less money than expected after an inspection, which the customer is asked about first (N8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub id: OfferNo,
    /// When it was made.
    pub at: Timestamp,
    /// The order that the lots are of.
    pub order: OrderNumber,
    pub lots: Vec<LotNo>,
    pub currency: Currency,
    /// What was expected for them, minor units.
    pub expected: i64,
    /// What is offered, minor units.
    pub amount: i64,
    /// Of `expected - amount`, what each lot is worth less, minor units; nothing: by their units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub less: Vec<(LotNo, i64)>,
    /// It stands until then; silence accepts, except where the law runs a refund date (a withdrawal).
    pub until: Timestamp,
    /// What became of it.
    pub state: OfferState,
}

/// What became of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum OfferState {
    /// The customer is asked.
    Made,
    Accepted,
    /// They do not, and say why; a person looks again.
    Appealed {
        words: String,
    },
    /// They want the goods back.
    SendBack,
    Lapsed,
    /// Another one took its place.
    Replaced,
}

impl Offer {
    /// Whether what is offered is settled: they agreed, or said nothing.
    pub fn is_agreed(&self) -> bool {
        matches!(self.state, OfferState::Accepted | OfferState::Lapsed)
    }

    /// Whether somebody still has to say something.
    pub fn is_open(&self) -> bool {
        matches!(self.state, OfferState::Made | OfferState::Appealed { .. })
    }
}

/// A customer's answer to an offer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferAnswer {
    Accept,
    Appeal(String),
    /// The goods are to come back.
    SendBack,
}
