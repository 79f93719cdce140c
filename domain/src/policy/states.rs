//! Which states of an item a customer must be asked about.

use jiff::Timestamp;

use super::document::Policy;
use super::judge::judged;
use super::request::{Case, CaseLine};
use crate::ids::Code;
use crate::item::ALWAYS_ASKED;
use crate::reason::{Reason, ReasonTree};

/// States of an item between which the answer for a line differs, whatever its reason turns out to be: what a customer must
/// be asked. Empty where the answer never depends on it (B22).
pub fn conditions_that_matter(policy: &Policy, case: &Case<'_>, line: &CaseLine, reasons: &ReasonTree, now: Timestamp) -> Vec<Code> {
    let mut states: Vec<Code> = ALWAYS_ASKED.iter().filter_map(|code| code.parse().ok()).collect();
    policy.each_condition_code(&mut |code| {
        if !states.contains(code) {
            states.push(code.clone());
        }
    });
    let category = case.order.line(&line.line).and_then(|product| product.category.as_ref());
    let subs = |reason: &Reason| reason.sub_reasons.iter().map(|sub| Some(sub.code.clone())).collect::<Vec<_>>();
    let chosen = reasons.offered(category).flat_map(|reason| {
        std::iter::once(None)
            .chain(subs(reason))
            .filter_map(|sub| reasons.choose(reason.code.as_str(), sub.as_ref().map(Code::as_str), category).ok())
            .collect::<Vec<_>>()
    });
    for reason in chosen {
        let answer = |state: &Code| {
            let asked = CaseLine { reason: Some(reason.clone()), condition: Some(state.clone()), resolution: None, ..line.clone() };
            // What must come along is chosen with it or not; its state matters either way.
            let verdict = judged(policy, &Case { lines: &[asked], method: None, ..*case }, now, |_, _, _| {});
            verdict.lines.first().map(|said| {
                let offers: Vec<_> = said.offers.iter().map(|offer| (offer.resolution, offer.fee.map(|rule| rule.id.clone()))).collect();
                (said.decision, offers, said.payer, said.evidence.len())
            })
        };
        let first = answer(&states[0]);
        if states[1..].iter().any(|state| answer(state) != first) {
            return states;
        }
    }
    Vec::new()
}
