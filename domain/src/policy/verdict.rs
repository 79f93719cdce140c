//! What policy says of a request, and why.

use jiff::civil::Date;
use serde::Serialize;

use super::amounts::BasisPoints;
use super::compensation::CompensationEffect;
use super::condition::{Clause, Condition, Test};
use super::document::{Policy, Rule, Table};
use super::effects::{ExclusionGround, FeeEffect, FreightEffect, OutboundRefund, Payer, ReviewGround, WindowEffect};
use super::evidence::EvidenceEffect;
use super::facts::FactKind;
use super::known::Known;
use super::request::{Basis, CaseLine};
use super::resolution::{Method, Resolution};
use crate::coded::coded;
use crate::danger::Danger;
use crate::ids::{Code, LineId};
use crate::law::Rights;
use crate::words::Words;

/// What policy says of every line of a request, in the request's order. Borrows the rules that decided.
#[derive(Clone, Debug)]
pub struct Verdict<'p> {
    /// One for each line asked for.
    pub lines: Vec<LineVerdict<'p>>,
}

/// Yes, ask a person, or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approved,
    InReview,
    Declined,
}

coded!(Decision { Approved => "approved", InReview => "in_review", Declined => "declined" });

/// What policy says of one line.
#[derive(Clone, Debug)]
pub struct LineVerdict<'p> {
    /// Its place among the lines of the case.
    pub index: usize,
    pub line: LineId,
    pub quantity: u32,
    pub decision: Decision,
    /// The customer's tier that counted.
    pub tier: Option<Code>,
    /// Why not, where declined; all grounds.
    pub refusals: Vec<Refusal<'p>>,
    /// How long it can come back.
    pub window: Window<'p>,
    /// What the customer can get; empty where declined.
    pub offers: Vec<Offer<'p>>,
    /// Who pays the return freight, by policy.
    pub payer: Payer,
    /// The rule that says so; none: the default by fault.
    pub freight: Option<&'p Rule<FreightEffect>>,
    /// Whether outbound shipping comes back, by policy.
    pub outbound: OutboundRefund,
    /// How it can come back, with what is taken off for it by policy, minor units.
    pub methods: Vec<(Method, i64)>,
    /// What must be shown.
    pub evidence: Vec<&'p EvidenceEffect>,
    /// Why a person looks at it.
    pub review: Option<ReviewGround>,
    /// What is given on top.
    pub compensation: Option<&'p CompensationEffect>,
    /// Why no plain label may carry it, where none may.
    pub danger: Option<Danger>,
    /// Every rule looked at.
    pub trace: Vec<Trace>,
    /// What the law says, where one was compiled and reaches it.
    pub law: Option<Box<ByLaw<'p>>>,
}

/// How long an item can come back.
#[derive(Clone, Copy, Debug)]
pub struct Window<'p> {
    /// The rule that says so; none: no rule fires, not at all.
    pub rule: Option<&'p Rule<WindowEffect>>,
    pub state: WindowState,
    /// Day of the window: 0 on its first day.
    pub day: i64,
    /// There is none, and there would be one if something were wrong with the item.
    pub if_faulty: bool,
}

/// Whether a window is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// Until this day, included.
    Open(Date),
    /// It counts from an arrival (or a sending) that nobody has told of, and would be over had that happened when it should have.
    Waits,
    Unlimited,
    /// Since the day after this one.
    Closed(Date),
    Never,
}

impl WindowState {
    /// Its last day, where it has or had one.
    pub fn last_day(self) -> Option<Date> {
        match self {
            Self::Open(last) | Self::Closed(last) => Some(last),
            Self::Waits | Self::Unlimited | Self::Never => None,
        }
    }

    /// Whether something can come back today.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open(_) | Self::Waits | Self::Unlimited)
    }
}

/// A resolution offered, with what is taken off or added to it.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'p> {
    pub resolution: Resolution,
    /// The fee rule that fired for it.
    pub fee: Option<&'p Rule<FeeEffect>>,
    /// Store credit bonus or share paid for keeping the item, as the resolution rule says; 0 for others.
    pub share: BasisPoints,
    /// What it rests on. Terms of one are not mixed with terms of the other.
    pub basis: Basis,
    /// Who pays the return freight.
    pub payer: Payer,
    /// Whether outbound shipping comes back.
    pub outbound: OutboundRefund,
}

impl Offer<'_> {
    /// Whether way back and outbound shipping are no dearer for the customer than on such terms.
    pub(super) fn bears_no_more(&self, payer: Payer, outbound: OutboundRefund) -> bool {
        self.payer <= payer && self.outbound >= outbound
    }
}

/// Why a line is declined.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal<'p> {
    /// The order was cancelled; nothing was sent.
    OrderCancelled,
    /// The window closed on that day, or never opened.
    Window(Option<Date>, Option<&'p Words>),
    /// Excluded, by that rule.
    Excluded(ExclusionGround, &'p Code, &'p Words),
    /// What the customer would like is not offered.
    NotOffered(Resolution),
    /// The chosen method is not offered.
    MethodNotOffered(Method),
    /// A gift that came along must come back too: line and units.
    GiftMissing(LineId, u32),
    /// The rest of the bundle must come back too: line and units.
    BundleIncomplete(LineId, u32),
}

/// What the law says of a line.
#[derive(Clone, Debug)]
pub struct ByLaw<'p> {
    /// The rights that were looked at: what is claimed first.
    pub rights: Vec<Rights<'static>>,
    /// What the line rests on.
    pub basis: Basis,
    /// The last day, by whichever lasts longer.
    pub until: Option<Date>,
    /// The exception that took the right away.
    pub exception: Option<&'static str>,
    /// What the shop's policy would have refused it for.
    pub struck: Vec<Refusal<'p>>,
    /// How it can come back on the law's terms where the customer pays, with what is taken off, minor units.
    pub methods: Vec<(Method, i64)>,
    /// The money must be back by then.
    pub refund_by: Option<Date>,
    /// The customer may take that long to send it.
    pub send_by: Option<Date>,
    /// What the floor changed.
    pub changed: Vec<Changed>,
}

/// One thing that is otherwise by law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// `decision`, `last_day`, `offers`, `fee`, `freight`, `outbound`, `evidence`.
    pub what: &'static str,
    /// By policy.
    pub from: String,
    /// By law.
    pub to: String,
}

/// A rule of the law that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LawLook {
    /// `floor`.
    pub table: &'static str,
    /// The fact: `withdrawal.days`, `exceptions.perishable`.
    pub rule: String,
    /// Whether it gave something, or took something away.
    pub fired: bool,
    /// Jurisdiction.
    pub law: &'static str,
    /// When that law was compiled.
    pub version: Date,
    /// Where it stands.
    pub article: String,
    /// Where it was read; left out: nowhere, it is unsettled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// What it read.
    pub facts: Vec<LawFact>,
    /// What the floor changed by it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Changed>,
}

/// A fact that the law read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LawFact {
    pub fact: &'static str,
    /// Left out where nobody told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// One rule that was looked at, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    pub table: Table,
    /// Its place in the table.
    pub rule: u16,
    /// The first test that did not hold; nothing: it fired.
    pub missed: Option<u16>,
    /// For fee rules: the resolution it was looked at for.
    pub resolution: Option<Resolution>,
}

impl Trace {
    /// Whether the rule fired.
    pub fn fired(self) -> bool {
        self.missed.is_none()
    }
}

/// A rule that was looked at, with the facts it read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleLook {
    pub table: Table,
    pub rule: String,
    pub fired: bool,
    /// For fee rules: the resolution it was looked at for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// What it read, up to the first test that did not hold.
    pub facts: Vec<FactRead>,
}

/// A fact that a rule read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FactRead {
    pub fact: FactKind,
    /// Its value; nothing where it is not known.
    pub value: Option<String>,
    /// What the rule wants.
    #[serde(serialize_with = "as_text")]
    pub wants: Clause,
    pub holds: bool,
}

impl FactRead {
    /// What a condition reads, test by test.
    pub(super) fn of(condition: &Condition, known: &Known<'_>) -> Vec<Self> {
        let read = |test: &Test| {
            let wants = test.clause();
            Self { fact: wants.fact(), value: wants.fact().shown(known), wants, holds: test.holds(known) }
        };
        condition.tests.iter().map(read).collect()
    }
}

impl<'p> LineVerdict<'p> {
    /// The offer of that resolution; of two the one on the terms that are wished for, else the first.
    pub fn offer(&self, resolution: Resolution, basis: Option<Basis>) -> Option<&Offer<'p>> {
        let mut offers = self.offers.iter().filter(|offer| offer.resolution == resolution);
        let wished = basis.and_then(|basis| offers.clone().find(|offer| offer.basis == basis));
        wished.or_else(|| offers.next())
    }

    /// The offer that is taken: what was wished for, or the first.
    pub fn taken(&self, asked: &CaseLine) -> Option<&Offer<'p>> {
        match asked.resolution {
            Some(wish) => self.offer(wish, asked.law.basis),
            None => self.offers.first(),
        }
    }

    /// How it can come back where that offer is taken, with what is taken off for it, minor units.
    pub fn methods_of(&self, offer: &Offer<'p>) -> Vec<(Method, i64)> {
        match (offer.payer, offer.basis, &self.law) {
            (Payer::Merchant, ..) => self.methods.iter().map(|(method, _)| (*method, 0)).collect(),
            (Payer::Customer, Basis::Law, Some(law)) => law.methods.clone(),
            _ => self.methods.clone(),
        }
    }

    /// What the line rests on: the law where it gives what is taken, or takes the right away; else the shop's policy.
    pub fn basis(&self) -> Basis {
        self.law.as_ref().map_or(Basis::Policy, |law| law.basis)
    }

    /// The last day, by whichever lasts longer.
    pub fn until(&self) -> Option<Date> {
        self.law.as_ref().map_or_else(|| self.window.state.last_day(), |law| law.until)
    }

    /// The trace with ids and facts, for people and machines.
    /// `all_paid`: for all that comes back, minor units.
    pub(super) fn looks(&self, policy: &Policy, known: &Known<'_>, all_paid: i64) -> Vec<RuleLook> {
        self.trace
            .iter()
            .map(|entry| {
                let rule = policy.head(entry.table, entry.rule);
                let seen = entry.missed.map_or(rule.when.tests.len(), |missed| usize::from(missed) + 1);
                let known = known.with_resolution(entry.resolution.or(known.resolution));
                let known = if entry.table == Table::Review { known.with_all_paid(all_paid) } else { known };
                let mut facts = FactRead::of(rule.when, &known);
                facts.truncate(seen);
                RuleLook {
                    table: entry.table,
                    rule: rule.id.as_str().to_owned(),
                    fired: entry.fired(),
                    resolution: entry.resolution,
                    facts,
                }
            })
            .collect()
    }
}

fn as_text<S: serde::Serializer>(clause: &Clause, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(clause)
}
