//! The policy document: ordered rule tables, and its compiled form.

use jiff::tz::TimeZone;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;

use super::compensation::CompensationEffect;
use super::condition::Condition;
use super::declare::tables;
use super::dock::{DispositionEffect, FailedRepairEffect, GradeEffect, PayoutEffect};
use super::effects::{
    BundleRule, Campaign, Effect, ElsewhereEffect, ExclusionEffect, FeeEffect, FreightEffect, GiftRule, KindRule, MethodEffect,
    OutboundEffect, Payer, ResolutionEffect, ReviewEffect, TierCounts, TierRule, WindowEffect,
};
use super::evidence::EvidenceEffect;
use super::facts::{ConditionDocument, FactKind};
use super::form::InspectionEffect;
use super::known::{ShopRules, kinds_by_table};
use super::people::EscalationEffect;
use super::spans::Promises;
use crate::ids::Code;
use crate::order::OrderLine;
use crate::words::Words;

/// A rule as written: when it fires, and what then.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument<E> {
    /// Unique in its table; named by traces.
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

/// A rule, compiled.
#[derive(Clone, Debug)]
pub struct Rule<E> {
    /// Unique in its table.
    pub id: Code,
    /// When it fires.
    pub when: Condition,
    /// The effect.
    pub then: E,
    /// The merchant's own sentence; empty: the built-in one.
    pub say: Words,
}

/// What rules of all tables have.
#[derive(Clone, Copy, Debug)]
pub struct RuleHead<'p> {
    /// Unique in its table.
    pub id: &'p Code,
    /// When it fires.
    pub when: &'p Condition,
    /// The merchant's own sentence; empty: the built-in one.
    pub say: &'p Words,
}

impl<E> Rule<E> {
    fn head(&self) -> RuleHead<'_> {
        RuleHead { id: &self.id, when: &self.when, say: &self.say }
    }
}

impl<E> From<RuleDocument<E>> for Rule<E> {
    fn from(rule: RuleDocument<E>) -> Self {
        Self { id: rule.id, when: rule.when.into(), then: rule.then, say: rule.say }
    }
}

// In the order in which a shopper reads them.
tables! {
    /// How long it can come back (C39). No rule fires: not at all.
    window => Window: WindowEffect, first;
    /// What cannot come back, or not for everything (C44, P17). All that fire apply.
    exclusion => Exclusion: ExclusionEffect, all;
    /// What the customer can get. No rule fires: a refund.
    resolution => Resolution: ResolutionEffect, first;
    /// Goods that were bought elsewhere: what may be had for them, in the place of `resolution` and `window` (P24). No rule fires: a person decides.
    elsewhere => Elsewhere: ElsewhereEffect, first;
    /// What is taken off (C43). No rule fires: nothing.
    fee => Fee: FeeEffect, first;
    /// Who pays the return freight (C41, C49). No rule fires: the shop where it or the carrier was at fault, else the customer.
    freight => Freight: FreightEffect, first;
    /// Whether the outbound shipping comes back. No rule fires: at once where the shop or the carrier was at fault, else when all came back.
    outbound => Outbound: OutboundEffect, first;
    /// How it can come back (C48). No rule fires: the customer sends it with our label.
    method => Method: MethodEffect, first;
    /// What must be shown (B22). All that fire apply. No rule fires: nothing.
    evidence => Evidence: EvidenceEffect, all;
    /// Who decides (A10). No rule fires: the rules alone.
    review => Review: ReviewEffect, first;
    /// What is given on top where the shop or the carrier was at fault (C34, C35). No rule fires: nothing.
    compensation => Compensation: CompensationEffect, first;
    /// How much less goods are worth that were found to be less than said, by grade. No rule fires: a person decides.
    grade => Grade: GradeEffect, first;
    /// What whoever looks at goods is asked (P28). No rule fires: what goods are like, and nothing more.
    inspection => Inspection: InspectionEffect, first;
    /// Where goods go that were looked at (C18). No rule fires: a person decides.
    disposition => Disposition: DispositionEffect, first;
    /// What becomes of a repair that failed (C24). No rule fires: money is due in its place, as for all that cannot come.
    failed_repair => FailedRepair: FailedRepairEffect, first;
    /// Who promises and pays what is due (A10, P20). No rule fires: a person.
    payout => Payout: PayoutEffect, first;
    /// To whom tasks go that are late. No rule fires: they stay where they are.
    escalation => Escalation: EscalationEffect, first;
}

impl Table {
    /// Whether requests are judged by it; else it is read when goods are looked at.
    pub fn is_judged(self) -> bool {
        !matches!(self, Self::Grade | Self::Inspection | Self::Disposition | Self::FailedRepair | Self::Payout | Self::Escalation)
    }
}

impl Policy {
    pub(super) fn shop_rules(&self) -> ShopRules<'_> {
        ShopRules {
            time_zone: &self.time_zone,
            assumed_transit_days: self.assumed_transit_days,
            campaigns: &self.campaigns,
            kinds: &self.kinds_of_goods,
            tiers: TierRule { counts: self.tier_counts, ranking: &self.tier_ranking },
        }
    }

    /// All that the order and the shop's own table call a line of goods.
    pub fn kinds_of(&self, line: &OrderLine) -> Vec<Code> {
        let mut kinds = line.kinds.clone();
        kinds.extend(kinds_by_table(line, &self.kinds_of_goods).filter(|kind| !line.kinds.contains(kind)).cloned());
        kinds
    }

    /// Whether the price of a method is ever taken: somewhere the customer pays, and no amount of `freight` stands in its place.
    pub fn takes_method_prices(&self) -> bool {
        let by_method = |rule: &Rule<FreightEffect>| rule.then.payer == Payer::Customer && rule.then.flat.is_none();
        self.freight.iter().any(by_method) || !self.freight.last().is_some_and(|rule| rule.when.is_always())
    }

    /// Whether what is read after a return was judged asks what happened before it: how many returns its customer opened, how often goods
    /// were repaired. Only then it is counted.
    pub fn asks_of_history(&self) -> bool {
        let later = Table::ALL.iter().filter(|table| !table.is_judged() || matches!(table, Table::Review | Table::Compensation));
        let asks = |when: &Condition| when.reads(FactKind::PriorReturns) || when.reads(FactKind::Repairs);
        !self.failed_repair.is_empty() || later.flat_map(|table| self.heads(*table)).any(|rule| asks(rule.when))
    }

    /// Whether a rule of compensation asks by how many days what was promised was missed.
    pub fn asks_of_delay(&self) -> bool {
        self.compensation.iter().any(|rule| rule.when.reads(FactKind::Delay))
    }

    /// Calls `look` with every item condition a rule names.
    pub(super) fn each_condition_code(&self, look: &mut impl FnMut(&Code)) {
        for rule in Table::ALL.iter().filter(|table| table.is_judged()).flat_map(|table| self.heads(*table)) {
            rule.when.each_code(&mut |fact, code| {
                if fact == FactKind::Condition {
                    look(code);
                }
            });
        }
    }
}

/// The JSON Schema (draft 2020-12) of [`PolicyDocument`].
pub fn json_schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<PolicyDocument>().to_value();
    schema["$id"] = "https://homebound.example/policy.schema.json".into();
    schema["title"] = "Homebound return policy".into();
    schema
}
