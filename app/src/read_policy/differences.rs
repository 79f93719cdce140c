//! What one policy says otherwise than another, in a merchant's words.

use domain::policy::{BundleRule, Campaign, GiftRule, Policy, Span, Table};
use domain::reason::Reason;

use super::PolicyWords;
use crate::say::Say;

/// What is otherwise in `after`, a line each; none where both say the same. Rules are told apart by their ids.
#[must_use]
pub fn differences(say: &Say, reasons: &[Reason], before: &Policy, after: &Policy) -> Vec<String> {
    let [was, is] = [before, after].map(|policy| PolicyWords { say, policy, reasons });
    let mut lines = settings(&was, &is);
    for table in Table::ALL {
        lines.extend(rules(&was, &is, *table).into_iter().map(|line| say.m.format_pair(was.table(*table), line)));
    }
    lines
}

fn settings(was: &PolicyWords<'_>, is: &PolicyWords<'_>) -> Vec<String> {
    let m = was.say.m;
    let zone = |policy: &Policy| m.policy_time_zone(was.say.zone(&policy.time_zone));
    let transit = |policy: &Policy| m.policy_assumed_transit(was.say.span(Span::Days(policy.assumed_transit_days)));
    let gifts = |policy: &Policy| match policy.gifts {
        GiftRule::Together => m.policy_gifts_together(),
        GiftRule::Deduct => m.policy_gifts_deduct(),
        GiftRule::Keep => m.policy_gifts_keep(),
    };
    let bundles = |policy: &Policy| match policy.bundles {
        BundleRule::Together => m.policy_bundles_together(),
        BundleRule::Apart => m.policy_bundles_apart(),
    };
    let span = |span| was.say.span(span);
    let of_both: [(String, String); 8] = [
        (zone(was.policy), zone(is.policy)),
        (transit(was.policy), transit(is.policy)),
        (gifts(was.policy).into(), gifts(is.policy).into()),
        (bundles(was.policy).into(), bundles(is.policy).into()),
        (m.policy_process_ask(span(was.policy.promises.review)), m.policy_process_ask(span(is.policy.promises.review))),
        (m.policy_process_send(span(was.policy.promises.send_back)), m.policy_process_send(span(is.policy.promises.send_back))),
        (m.policy_process_check(span(was.policy.promises.inspection)), m.policy_process_check(span(is.policy.promises.inspection))),
        (m.policy_process_money(span(was.policy.promises.refund)), m.policy_process_money(span(is.policy.promises.refund))),
    ];
    let mut lines: Vec<String> = of_both
        .into_iter()
        .filter(|(before, after)| before != after)
        .map(|(before, after)| m.policy_differs_setting(before, after))
        .collect();
    let told = |campaign: &Campaign| {
        let name = campaign.name.get(m.locale).unwrap_or(campaign.id.as_str());
        m.format_aside(name, m.fact_between(was.say.f.short_date(campaign.from), was.say.f.short_date(campaign.to)))
    };
    let (old, new) = (&was.policy.campaigns, &is.policy.campaigns);
    lines.extend(new.iter().filter(|campaign| !old.contains(campaign)).map(|campaign| m.policy_differs_added(told(campaign))));
    lines.extend(old.iter().filter(|campaign| !new.contains(campaign)).map(|campaign| m.policy_differs_removed(told(campaign))));
    lines
}

fn rules(was: &PolicyWords<'_>, is: &PolicyWords<'_>, table: Table) -> Vec<String> {
    let m = was.say.m;
    let (old, new) = (was.policy.heads(table), is.policy.heads(table));
    let place = |heads: &[domain::policy::RuleHead<'_>], id: &str| heads.iter().position(|head| head.id.as_str() == id);
    let mut lines = Vec::new();
    for (index, head) in new.iter().enumerate() {
        let id = head.id.as_str();
        match place(&old, id) {
            None => lines.push(m.policy_differs_added(is.whole_rule(table, index))),
            Some(before) if !was.policy.same_rule(table, before, is.policy, index) => {
                lines.push(m.policy_differs_changed(was.whole_rule(table, before), is.whole_rule(table, index)));
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().enumerate().filter(|(_, head)| place(&new, head.id.as_str()).is_none());
    lines.extend(gone.map(|(index, _)| m.policy_differs_removed(was.whole_rule(table, index))));
    let shared = |heads: &[domain::policy::RuleHead<'_>], others: &[domain::policy::RuleHead<'_>]| -> Vec<String> {
        heads.iter().map(|head| head.id.to_string()).filter(|id| place(others, id).is_some()).collect()
    };
    // In a table of which the first rule wins, the order says as much as the rules do.
    if table.first_wins() && shared(&old, &new) != shared(&new, &old) {
        lines.push(m.policy_differs_order(m.list(&new.iter().map(|head| head.id.to_string()).collect::<Vec<_>>())));
    }
    lines
}

impl PolicyWords<'_> {
    /// A rule with its id, when it fires, what it does, and what shoppers are told.
    fn whole_rule(&self, table: Table, index: usize) -> String {
        let heads = self.policy.heads(table);
        let Some(head) = heads.get(index) else { return String::new() };
        let effect = match table {
            Table::Compensation => self.policy.compensation.get(index).map(|rule| self.compensation(&rule.then)),
            Table::Inspection => self.policy.inspection.get(index).map(|rule| self.inspection(&rule.then)),
            Table::Disposition => self.policy.disposition.get(index).map(|rule| self.disposition(&rule.then)),
            Table::FailedRepair => self.policy.failed_repair.get(index).map(|rule| self.failed_repair(&rule.then).to_owned()),
            Table::Payout => self.policy.payout.get(index).map(|rule| self.payout(&rule.then)),
            Table::Review => self.policy.review.get(index).map(|rule| self.review(&rule.then)),
            Table::Escalation => self.policy.escalation.get(index).map(|rule| self.escalation(&rule.then)),
            table => self.rule(table, head.id.as_str()),
        };
        let when = self.condition(head.when).unwrap_or_else(|| self.say.m.policy_everything().to_owned());
        let say = head.say.get(self.say.m.locale).map(|words| self.say.m.policy_differs_says(words)).unwrap_or_default();
        format!("{} – {}{say}", head.id, self.say.m.format_pair(when, effect.unwrap_or_default()))
    }
}
