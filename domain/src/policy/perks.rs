//! What a policy gives the members of a tier beyond what everybody has (C47–C49), read from its rules.

use jiff::civil::Date;

use super::condition::{Clause, Condition};
use super::document::{Policy, RuleHead, Table};
use super::facts::FactKind;
use super::kinds::Wants;
use crate::ids::Code;
use crate::order::Customer;

/// Tables that give something; others ask, refuse or say who works.
const GIVING: [Table; 8] =
    [Table::Window, Table::Resolution, Table::Fee, Table::Freight, Table::Outbound, Table::Method, Table::Compensation, Table::Payout];

/// A rule that says something else for members of a tier than for who has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Perk<'p> {
    pub table: Table,
    /// The rule.
    pub rule: &'p Code,
    /// What it asks beside the tier.
    pub when: Condition,
    /// The rule for everybody in its place, where neither asks for more than the tier.
    pub instead: Option<&'p Code>,
}

impl Policy {
    /// The tier of a customer that counts where two are known; nothing where they have none.
    pub fn tier_of<'c>(&self, customer: &'c Customer) -> Option<&'c Code> {
        self.shop_rules().tiers.of(customer)
    }

    /// The tier above that one (above none: the lowest), where the policy ranks its tiers and there is one.
    pub fn next_tier(&self, tier: Option<&Code>) -> Option<&Code> {
        match tier {
            None => self.tier_ranking.first(),
            Some(tier) => self.tier_ranking.iter().skip_while(|known| *known != tier).nth(1),
        }
    }

    /// What members of a tier have on a day that others have not: what holds for everything of theirs first.
    pub fn perks(&self, tier: &Code, today: Date) -> Vec<Perk<'_>> {
        let mut perks: Vec<Perk<'_>> = GIVING.into_iter().flat_map(|table| self.perks_of(table, tier, today)).collect();
        perks.sort_by_key(|perk| !perk.when.is_always());
        perks
    }

    fn perks_of(&self, table: Table, tier: &Code, today: Date) -> Vec<Perk<'_>> {
        let Ok(none) = "none".parse::<Code>() else { return Vec::new() };
        let heads: Vec<RuleHead<'_>> = self.heads(table).into_iter().filter(|head| self.is_on(head.when, today)).collect();
        let everybody = heads.iter().find(|head| head.when.for_tier(&none).is_some_and(|left| left.is_always())).map(|head| head.id);
        let (mut perks, mut said): (Vec<Perk<'_>>, Vec<Condition>) = (Vec::new(), Vec::new());
        for head in &heads {
            let Some(when) = head.when.for_tier(tier) else { continue };
            // One before it took its place.
            if table.first_wins() && said.iter().any(|before| before.is_always() || *before == when) {
                continue;
            }
            said.push(when.clone());
            if head.when.for_tier(&none).as_ref() == Some(&when) || !self.gives(table, head.id) {
                continue;
            }
            let instead = everybody.filter(|_| when.is_always());
            perks.push(Perk { table, rule: head.id, when, instead });
        }
        perks
    }

    /// Whether a rule may fire for what is ordered that day: not one of a campaign that is over, or has not begun.
    fn is_on(&self, when: &Condition, today: Date) -> bool {
        when.clauses().iter().all(|clause| match clause {
            Clause::Fact(FactKind::Campaign, Wants::OneOf(ids)) => {
                let mut named = self.campaigns.iter().filter(|campaign| ids.iter().any(|id| id == campaign.id.as_str()));
                named.any(|campaign| campaign.from <= today && today <= campaign.to)
            }
            _ => true,
        })
    }

    /// Whether a rule gives anything.
    fn gives(&self, table: Table, id: &Code) -> bool {
        let payout = |rule: &super::Rule<super::PayoutEffect>| rule.id == *id && rule.then.allows_any() && rule.then.early.is_some();
        match table {
            Table::Window => self.window.iter().any(|rule| rule.id == *id && !rule.then.closed),
            Table::Payout => self.payout.iter().any(payout),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::super::read;
    use super::*;
    use crate::reason::ReasonTree;

    fn policy(more: Value) -> Policy {
        let mut document = json!({"homebound_policy": 1, "time_zone": "UTC", "tier_ranking": ["silver", "gold", "diamond"],
            "campaigns": [{"id": "sale", "from": "2026-11-01", "to": "2026-11-12", "name": {"en": "Sale", "zh-CN": "大促"}}]});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        read(&document.to_string(), &ReasonTree::default()).unwrap()
    }

    fn said(policy: &Policy, tier: &str, today: Date) -> Vec<String> {
        let perks = policy.perks(&tier.parse().unwrap(), today);
        let said = |perk: &Perk<'_>| {
            let clauses: Vec<String> = perk.when.clauses().iter().map(ToString::to_string).collect();
            let instead = perk.instead.map(|rule| format!(" instead of {rule}")).unwrap_or_default();
            format!("{} {}{instead}{}", perk.table.name(), perk.rule, clauses.iter().map(|said| format!(" if {said}")).collect::<String>())
        };
        perks.iter().map(said).collect()
    }

    #[test]
    fn perks_are_what_rules_say_for_a_tier_and_not_for_everybody() {
        let some = policy(json!({
            "window": [
                {"id": "sale", "when": {"campaign": "sale", "tier": "gold"}, "then": {"days": 90}},
                {"id": "outlet", "when": {"tier": "diamond", "category": "outlet"}, "then": {"closed": true}},
                {"id": "shoes", "when": {"category": "shoes", "any": [{"tier": ["gold", "diamond"]}, {"category": "boots"}]}, "then": {"days": 60}},
                {"id": "best", "when": {"tier": "diamond"}, "then": {"days": 45}},
                {"id": "members", "when": {"not": {"tier": "none"}}, "then": {"days": 30}},
                {"id": "all", "then": {"days": 14}}],
            "exclusion": [{"id": "guests", "when": {"tier": "none", "category": "sets"}, "then": {}}],
            "freight": [
                {"id": "free", "when": {"tier": ["gold", "diamond"]}, "then": {"payer": "merchant"}},
                {"id": "paid", "then": {"payer": "customer"}}],
        }));
        let day = date(2026, 11, 28);
        assert_eq!(said(&some, "silver", day), ["window members instead of all"]);
        let gold = ["window members instead of all", "freight free instead of paid", "window shoes if shoes"];
        assert_eq!(said(&some, "gold", day), gold);
        assert_eq!(said(&some, "gold", date(2026, 11, 5)), [&gold[..2], &["window sale if sale", gold[2]]].concat(), "while it runs");
        assert_eq!(said(&some, "diamond", day), ["window best instead of all", gold[1], gold[2]], "the better one takes its place");
        assert_eq!(said(&some, "none", day), [""; 0]);
        assert_eq!(said(&some, "unknown", day), ["window members instead of all"]);
    }

    #[test]
    fn the_next_tier_is_the_one_above_it_in_the_ranking() {
        let ranked = policy(json!({"window": [{"id": "all", "then": {"days": 14}}]}));
        let next = |tier: Option<&str>| {
            let tier = tier.map(|tier| tier.parse::<Code>().unwrap());
            ranked.next_tier(tier.as_ref()).map(ToString::to_string)
        };
        assert_eq!(next(None).as_deref(), Some("silver"));
        assert_eq!(next(Some("silver")).as_deref(), Some("gold"));
        assert_eq!([next(Some("diamond")), next(Some("unknown"))], [None, None]);
    }
}
