//! What the state of an item changes: which a customer must be asked about, and in which something could come back all the same.

use jiff::Timestamp;

use super::document::Policy;
use super::judge::{judge, judged};
use super::request::{Case, CaseLine};
use super::resolution::Resolution;
use super::verdict::{Decision, LineVerdict, Refusal, WindowState};
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

/// A state of an item in which it could come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InState {
    pub condition: Code,
    /// How long.
    pub window: WindowState,
    /// What could be had for it.
    pub offers: Vec<Resolution>,
}

/// In which of the states that are always told apart a line that is declined could come back all the same, its reason being what it is; the
/// least used first.
pub fn states_that_help(policy: &Policy, case: &Case<'_>, line: &CaseLine, now: Timestamp) -> Vec<InState> {
    let in_state = |condition: Code| {
        let asked = CaseLine { condition: Some(condition.clone()), resolution: None, ..line.clone() };
        of_one(policy, case, asked, now, |said| {
            (said.decision != Decision::Declined).then(|| InState {
                condition,
                window: said.window.state,
                offers: said.offers.iter().map(|offer| offer.resolution).collect(),
            })
        })
    };
    ALWAYS_ASKED.iter().filter_map(|code| code.parse().ok()).filter_map(in_state).collect()
}

/// Whether a line could come back today for any reason that is offered, in any state, alone or with what belongs to it.
pub fn could_come_back(policy: &Policy, case: &Case<'_>, line: &CaseLine, reasons: &ReasonTree, now: Timestamp) -> bool {
    let category = case.order.line(&line.line).and_then(|product| product.category.as_ref());
    let chosen = reasons.offered(category).flat_map(|reason| {
        let subs = reason.sub_reasons.iter().map(|sub| Some(sub.code.as_str()));
        std::iter::once(None).chain(subs).filter_map(|sub| reasons.choose(reason.code.as_str(), sub, category).ok()).collect::<Vec<_>>()
    });
    let states = || std::iter::once(None).chain(ALWAYS_ASKED.iter().map(|code| code.parse().ok()));
    let alone = |refusal: &Refusal<'_>| matches!(refusal, Refusal::GiftMissing(..) | Refusal::BundleIncomplete(..));
    chosen.flat_map(|reason| states().map(move |condition| (reason.clone(), condition))).any(|(reason, condition)| {
        let asked = CaseLine { reason: Some(reason), condition, resolution: None, ..line.clone() };
        of_one(policy, case, asked, now, |said| (said.decision != Decision::Declined || said.refusals.iter().all(alone)).then_some(()))
            .is_some()
    })
}

fn of_one<T>(
    policy: &Policy,
    case: &Case<'_>,
    asked: CaseLine,
    now: Timestamp,
    then: impl FnOnce(&LineVerdict<'_>) -> Option<T>,
) -> Option<T> {
    judge(policy, &Case { lines: &[asked], method: None, ..*case }, now).lines.first().and_then(then)
}
