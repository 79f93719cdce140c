//! The policy document: ordered rule tables, and its compiled form.

use std::str::FromStr;

use jiff::tz::TimeZone;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;

use super::condition::{Condition, ConditionDocument, FactKind};
use super::effects::{
    BundleRule, Campaign, CompensationEffect, EvidenceEffect, ExclusionEffect, FeeEffect, FreightEffect, GiftRule, MethodEffect,
    OutboundEffect, Promises, ResolutionEffect, ReviewEffect, WindowEffect,
};
use crate::ids::Code;
use crate::words::Words;

/// A rule as written: when it fires, and what then.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument<E> {
    /// Unique in the document; named by traces.
    pub id: Code,
    /// What must be true; left out: always.
    #[serde(default)]
    pub when: ConditionDocument,
    /// The effect.
    pub then: E,
    /// The merchant's own sentence to shoppers, in place of the built-in one.
    #[serde(default)]
    pub say: Words,
}

/// A policy as a merchant writes it. In every table the first rule that fires wins, but for `exclusion` and `evidence`, where all
/// that fire apply.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// Where the JSON Schema is; for editors.
    #[serde(default, rename = "$schema")]
    pub schema: Option<String>,
    /// Version of this format: 1.
    pub homebound_policy: u32,
    /// Shown to staff and on the policy page.
    #[serde(default)]
    pub name: Words,
    /// IANA time zone in which days are counted: `Asia/Shanghai`.
    pub time_zone: String,
    /// Days from sending (or ordering) to arrival where the feed names no delivery.
    #[serde(default)]
    pub assumed_transit_days: u32,
    /// Named periods of orders (C46).
    #[serde(default)]
    pub campaigns: Vec<Campaign>,
    /// How long it can come back (C39). No rule fires: not at all.
    #[serde(default)]
    pub window: Vec<RuleDocument<WindowEffect>>,
    /// What cannot come back, or not for everything (C44, P17). All that fire apply.
    #[serde(default)]
    pub exclusion: Vec<RuleDocument<ExclusionEffect>>,
    /// What is taken off (C43). No rule fires: nothing.
    #[serde(default)]
    pub fee: Vec<RuleDocument<FeeEffect>>,
    /// Who pays the return freight (C41, C49). No rule fires: the shop where it or the carrier was at fault, else the customer.
    #[serde(default)]
    pub freight: Vec<RuleDocument<FreightEffect>>,
    /// Whether the outbound shipping comes back. No rule fires: at once where the shop or the carrier was at fault, else when all came back.
    #[serde(default)]
    pub outbound: Vec<RuleDocument<OutboundEffect>>,
    /// What the customer can get. No rule fires: a refund.
    #[serde(default)]
    pub resolution: Vec<RuleDocument<ResolutionEffect>>,
    /// How it can come back (C48). No rule fires: the customer sends it with our label.
    #[serde(default)]
    pub method: Vec<RuleDocument<MethodEffect>>,
    /// What must be shown (B22). All that fire apply. No rule fires: nothing.
    #[serde(default)]
    pub evidence: Vec<RuleDocument<EvidenceEffect>>,
    /// Who decides (A10). No rule fires: the rules alone.
    #[serde(default)]
    pub review: Vec<RuleDocument<ReviewEffect>>,
    /// What is given on top (C34). No rule fires: nothing.
    #[serde(default)]
    pub compensation: Vec<RuleDocument<CompensationEffect>>,
    /// What happens to gifts that came along (C45).
    #[serde(default)]
    pub gifts: GiftRule,
    /// Whether bundles may be split.
    #[serde(default)]
    pub bundles: BundleRule,
    /// How long each step takes at most.
    #[serde(default)]
    pub promises: Promises,
}

/// A table of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "named as in `PolicyDocument`")]
pub enum Table {
    Exclusion,
    Window,
    Resolution,
    Fee,
    Freight,
    Outbound,
    Method,
    Evidence,
    Review,
    Compensation,
}

/// A rule, compiled.
#[derive(Clone, Debug)]
pub struct Rule<E> {
    /// Unique in its policy.
    pub id: Code,
    /// When it fires.
    pub when: Condition,
    /// What then.
    pub then: E,
    /// The merchant's own sentence.
    pub say: Words,
}

/// A policy, checked and compiled: what [`judge`](super::judge) applies.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Shown to staff and on the policy page.
    pub name: Words,
    /// Days are counted here.
    pub time_zone: TimeZone,
    /// Days from sending to arrival where the feed names no delivery.
    pub assumed_transit_days: u32,
    /// Named periods.
    pub campaigns: Vec<Campaign>,
    /// Rule tables; see [`PolicyDocument`].
    pub window: Vec<Rule<WindowEffect>>,
    /// What cannot come back.
    pub exclusion: Vec<Rule<ExclusionEffect>>,
    /// What is taken off.
    pub fee: Vec<Rule<FeeEffect>>,
    /// Who pays the return freight.
    pub freight: Vec<Rule<FreightEffect>>,
    /// Whether outbound shipping comes back.
    pub outbound: Vec<Rule<OutboundEffect>>,
    /// What the customer can get.
    pub resolution: Vec<Rule<ResolutionEffect>>,
    /// How it can come back.
    pub method: Vec<Rule<MethodEffect>>,
    /// What must be shown.
    pub evidence: Vec<Rule<EvidenceEffect>>,
    /// Who decides.
    pub review: Vec<Rule<ReviewEffect>>,
    /// What is given on top.
    pub compensation: Vec<Rule<CompensationEffect>>,
    /// Gifts left behind.
    pub gifts: GiftRule,
    /// Bundles split.
    pub bundles: BundleRule,
    /// Spans of the promised dates.
    pub promises: Promises,
    pub(super) fees_read_resolution: bool,
    pub(super) no_tier: Code,
    pub(super) proof_by_order: Code,
}

fn compiled<E>(rules: Vec<RuleDocument<E>>) -> Vec<Rule<E>> {
    rules.into_iter().map(|rule| Rule { id: rule.id, when: rule.when.into(), then: rule.then, say: rule.say }).collect()
}

impl Policy {
    /// Compiles a document whose content was checked by [`read`](super::read).
    pub(super) fn compile(document: PolicyDocument, time_zone: TimeZone) -> Self {
        let fee = compiled(document.fee);
        Self {
            name: document.name,
            time_zone,
            assumed_transit_days: document.assumed_transit_days,
            campaigns: document.campaigns,
            window: compiled(document.window),
            exclusion: compiled(document.exclusion),
            fees_read_resolution: fee.iter().any(|rule| rule.when.reads().contains(&FactKind::Resolution)),
            fee,
            freight: compiled(document.freight),
            outbound: compiled(document.outbound),
            resolution: compiled(document.resolution),
            method: compiled(document.method),
            evidence: compiled(document.evidence),
            review: compiled(document.review),
            compensation: compiled(document.compensation),
            gifts: document.gifts,
            bundles: document.bundles,
            promises: document.promises,
            no_tier: Code::from_str("none").expect("a code"),
            proof_by_order: Code::from_str("order").expect("a code"),
        }
    }

    /// Calls `look` with every item condition a rule names.
    pub(super) fn each_condition_code(&self, look: &mut impl FnMut(&Code)) {
        macro_rules! tables {
            ($($table:ident),+) => {
                $(for rule in &self.$table {
                    rule.when.each_code(&mut |kind, code| {
                        if kind == FactKind::Condition {
                            look(code);
                        }
                    });
                })+
            };
        }
        tables!(window, exclusion, fee, freight, outbound, resolution, method, evidence, review, compensation);
    }

    /// How many rules all tables hold.
    pub fn rules(&self) -> usize {
        self.window.len()
            + self.exclusion.len()
            + self.fee.len()
            + self.freight.len()
            + self.outbound.len()
            + self.resolution.len()
            + self.method.len()
            + self.evidence.len()
            + self.review.len()
            + self.compensation.len()
    }
}

/// The JSON Schema (draft 2020-12) of [`PolicyDocument`].
pub fn json_schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<PolicyDocument>().to_value();
    schema["$id"] = "https://homebound.example/policy.schema.json".into();
    schema["title"] = "Homebound return policy".into();
    schema
}
