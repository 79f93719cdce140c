//! What matters most of a policy, in five sentences made from its rules.

use domain::policy::{Clause, Condition, FactKind, Payer, Rule, Wants};
use domain::reason::Fault;

use super::PolicyWords;

/// How long; how long for what is faulty; what one gets; who pays return shipping; when the money comes.
#[must_use]
pub fn short(words: &PolicyWords<'_>) -> [String; 5] {
    let (m, policy) = (words.say.m, words.policy);
    let window = match always(&policy.window) {
        Some(effect) if effect.unlimited => m.policy_short_unlimited().to_owned(),
        Some(effect) if !effect.closed => m.policy_short_window(words.window(effect)),
        _ => m.policy_short_closed().to_owned(),
    };
    let faulty = policy.window.iter().find(|rule| of_fault(&rule.when) && !rule.then.closed);
    let faulty = faulty.map_or_else(|| m.policy_short_law().to_owned(), |rule| m.policy_short_fault(words.window(&rule.then)));
    let gets = match always(&policy.resolution) {
        Some(effect) if !effect.offer.is_empty() => m.policy_short_resolutions(words.resolution(effect)),
        _ => m.policy_short_resolutions_told().to_owned(),
    };
    let ours = policy.freight.iter().any(|rule| of_fault(&rule.when) && rule.then.payer == Payer::Merchant);
    let freight = match always(&policy.freight).map(|effect| effect.payer) {
        Some(Payer::Merchant) => m.policy_short_freight_shop(),
        Some(Payer::Customer) if ours => m.policy_short_freight_fault(),
        Some(Payer::Customer) => m.policy_short_freight_customer(),
        None => m.policy_short_freight_told(),
    };
    let promises = policy.promises;
    let money = m.policy_short_money(words.say.span(promises.inspection), words.say.span(promises.refund));
    [window, faulty, gets, freight.to_owned(), money]
}

/// What a table does where no rule of it says otherwise.
fn always<E>(rules: &[Rule<E>]) -> Option<&E> {
    rules.iter().find(|rule| rule.when.is_always()).map(|rule| &rule.then)
}

/// Whether a rule is for all that is the shop's fault, whatever else it is for.
fn of_fault(condition: &Condition) -> bool {
    matches!(condition.clauses().as_slice(), [Clause::Fact(FactKind::Fault, Wants::Faults(faults))] if faults.contains(&Fault::Merchant))
}
