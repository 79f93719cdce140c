//! What is judged: one order's part of a return request, with what happened to that order before.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::ids::{Code, LineId};
use crate::order::Order;
use crate::reason::ChosenReason;

use super::evidence::EvidenceKind;
use super::resolution::{Method, Resolution};

/// A request for units of one order. A request over several orders is judged order by order, each by its own policy version.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub order: &'a Order,
    /// What came back before.
    pub history: &'a History,
    /// What should come back now. Units that are not there to return are refused before anything is judged.
    pub lines: &'a [CaseLine],
    /// How it would come back, once chosen.
    pub method: Option<Method>,
    /// Declared as a statutory withdrawal.
    pub withdrawal: bool,
    /// Province or state it comes back from, where not the order's.
    pub return_region: Option<&'a str>,
    /// Proof of purchase where not the shop's own record of the order.
    pub proof: Option<&'a Code>,
}

/// Some units of a line and what their owner says of them.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseLine {
    /// Line of the order.
    pub line: LineId,
    /// Units, at least 1.
    pub quantity: u32,
    /// Why; not known yet while somebody is still choosing.
    pub reason: Option<ChosenReason>,
    /// State of the item.
    pub condition: Option<Code>,
    /// What the customer would like; not known yet while somebody is still choosing.
    pub resolution: Option<Resolution>,
    /// Evidence that was given.
    pub evidence: Vec<EvidenceKind>,
    /// What the law asks beside.
    pub law: SaidOfLaw,
}

/// What a customer says of a line that only the law asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaidOfLaw {
    /// Whether they broke the seal; nothing: nobody asked. To open the parcel breaks none.
    pub seal_broken: Option<bool>,
    /// When they learned that something is wrong.
    pub known: Option<Date>,
    /// On which terms they would like it, where a resolution is offered on both; nothing: by law where they declare a withdrawal, else the first.
    pub basis: Option<Basis>,
}

/// What an offer rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The shop's policy.
    #[default]
    Policy,
    /// The law.
    Law,
}

impl Basis {
    /// Whether it is the shop's policy.
    pub fn is_policy(&self) -> bool {
        *self == Self::Policy
    }
}

coded!(Basis { Policy => "policy", Law => "law" });

impl CaseLine {
    /// Whether the goods come back, where this is what the customer gets.
    pub fn sends_back(&self, resolution: Resolution) -> bool {
        resolution.sends_back() && !self.reason.as_ref().is_some_and(|reason| reason.never_arrived)
    }
}

/// What happened to an order before this request, and what is asked for beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Units that came back for money, are on their way back, or were credited elsewhere.
    pub returned: Vec<(LineId, u32)>,
    /// Lines of which something was repaired under the shop's liability, once for each return.
    pub repaired: Vec<LineId>,
    /// When the goods were back with the shop, where they are.
    pub received_back: Option<Date>,
    /// Returns by the same customer in the last 365 days, over all orders.
    pub prior_returns: u32,
    /// Paid for what comes back with it of other orders, or was in the same return before: minor units of the order's currency.
    pub beside: i64,
}

impl History {
    /// Units of `line` that came back before.
    pub fn units(&self, line: &LineId) -> u32 {
        self.returned.iter().filter(|(known, _)| known == line).map(|(_, units)| units).sum()
    }
}
