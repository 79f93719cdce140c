//! What was asked for, as the customer put it, and what policy answered then. Never changed afterwards.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::danger::{Danger, Told, danger_of};
use crate::ids::{Code, EmailAddress, LineId, LineKey, OrderNumber, PhoneNumber, Sku};
use crate::item::ItemSaid;
use crate::order::Address;
use crate::policy::{Basis, Decision, EvidenceEffect, Method, PromisedDates, Resolution, ReviewGround, Sentence};
use crate::reason::Fault;
use crate::rma::RmaNumber;
use crate::settlement::{Settlement, Terms};
use crate::words::Locale;

/// How to reach the customer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
}

/// When the door is called at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pickup {
    pub date: Date,
    /// Hours: `09-12`.
    pub slot: String,
}

/// One order's part of a return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderPart {
    pub number: OrderNumber,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Version of the policy that judged it (P2).
    pub policy_version: i64,
    /// What is granted if everything is as said.
    pub settlement: Settlement,
}

/// What was asked for one line, and what policy answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineAsked {
    pub order: OrderNumber,
    /// Line of the order.
    pub line: LineId,
    pub sku: Sku,
    pub name: String,
    /// Size, colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Code>,
    /// What kinds of goods it is of, by the order and the shop's table then. Missing in what was opened before they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    pub quantity: u32,
    pub reason: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_reason: Option<Code>,
    /// Whose fault that is.
    pub fault: Fault,
    /// What they say of it.
    #[serde(flatten)]
    pub said: ItemSaid,
    /// What the customer gets.
    pub resolution: Resolution,
    /// What that rests on.
    #[serde(default, skip_serializing_if = "Basis::is_policy")]
    pub basis: Basis,
    /// The product wanted in exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_sku: Option<Sku>,
    /// Its name, where the shop told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_name: Option<String>,
    /// Its price then, minor units, where the shop told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_price: Option<i64>,
    /// It came in exchange for units of a line of the order, and comes back in their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeds: Option<Succeeds>,
    /// It never arrived: nothing has to come back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never_arrived: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_wanted: Vec<EvidenceEffect>,
    pub verdict: Decision,
    /// Why, for the customer.
    pub why: Vec<Sentence>,
    /// Why a person looks, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewGround>,
    /// What that means in money. Missing in what was opened before terms were kept: they are then read from the policy version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
}

/// In whose place units stand that came in exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Succeeds {
    /// Line of the order.
    pub line: LineId,
    /// List price of one unit of what came, minor units, where it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
}

/// All that was said and answered when a return was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    pub rma: RmaNumber,
    pub opened_at: Timestamp,
    /// `web`, `phone`, `chat`, `api`, … (C2).
    pub channel: Code,
    /// Language of the mails.
    #[serde(flatten, with = "crate::words::kept")]
    pub locale: Locale,
    /// How to reach the customer.
    pub contact: Contact,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// Declared as a statutory withdrawal.
    #[serde(default)]
    pub withdrawal: bool,
    pub orders: Vec<OrderPart>,
    pub lines: Vec<LineAsked>,
    /// How it comes back.
    pub method: Method,
    /// When the door is called at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup: Option<Pickup>,
    /// Promised dates.
    pub promises: PromisedDates,
}

impl LineAsked {
    /// Whether the goods come back.
    pub fn sends_back(&self) -> bool {
        self.resolution.sends_back() && !self.never_arrived
    }

    /// Why no plain label may carry it, where it comes back and none may (N22).
    pub fn danger(&self) -> Option<Danger> {
        let told = Told { condition: self.said.condition.as_ref(), reason: Some(&self.reason), sub_reason: self.sub_reason.as_ref() };
        danger_of(&self.kinds, told).filter(|_| self.sends_back())
    }

    /// Names its order line in forms.
    pub fn key(&self) -> LineKey {
        LineKey { order: self.order.clone(), line: self.line.clone() }
    }

    /// Its line of the order, as the books have it.
    pub fn in_books(&self) -> &LineId {
        self.succeeds.as_ref().map_or(&self.line, |succeeds| &succeeds.line)
    }

    /// Whether these are units of that line of an order.
    pub fn is_of(&self, order: &OrderNumber, line: &LineId) -> bool {
        self.order == *order && self.line == *line
    }
}
