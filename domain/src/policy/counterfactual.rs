//! What would change the outcome (N1): the same function asked again with one thing changed that the customer can honestly do.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::document::Policy;
use super::judge::judge;
use super::request::{Case, CaseLine};
use super::resolution::Resolution;
use super::verdict::{Decision, Refusal, WindowState};
use crate::days::plus_days;
use crate::ids::LineId;
use crate::reason::{Fault, ReasonTree};

/// One thing done otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    Resolution {
        resolution: Resolution,
    },
    /// The gift or the rest of the bundle comes along.
    Include {
        line: LineId,
        /// How many units more.
        units: u32,
    },
    /// It turns out that something is wrong with the item (told only where nothing else helps: it is information, not advice).
    Fault,
    /// The request is made on this day, when the window will have closed.
    Later {
        /// First day on which the answer differs.
        day: Date,
    },
}

/// What would happen then.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counterfactual {
    /// The line of the request it is about.
    pub line: LineId,
    /// What is done otherwise.
    #[serde(flatten)]
    pub change: Change,
    pub decision: Decision,
    /// What the customer could get then.
    pub offers: Vec<Resolution>,
}

/// Asks again, for every line of the case, what one change would do. Only answers that differ are told.
pub fn counterfactuals(policy: &Policy, case: &Case<'_>, reasons: &ReasonTree, now: Timestamp) -> Vec<Vec<Counterfactual>> {
    let verdict = judge(policy, case, now);
    let mut all = vec![Vec::new(); case.lines.len()];
    for (index, said) in verdict.lines.iter().enumerate() {
        let Some((asked, found)) = case.lines.get(said.index).zip(all.get_mut(said.index)) else { continue };
        let again = |lines: &[CaseLine], now: Timestamp, change: Change| {
            let case = Case { lines, ..*case };
            let then = judge(policy, &case, now);
            let then = then.lines.get(index)?;
            (then.decision != said.decision).then(|| Counterfactual {
                line: said.line.clone(),
                change,
                decision: then.decision,
                offers: then.offers.iter().map(|offer| offer.resolution).collect(),
            })
        };
        let with = |edit: &dyn Fn(&mut CaseLine)| {
            let mut lines = case.lines.to_vec();
            lines.get_mut(said.index).into_iter().for_each(edit);
            lines
        };
        for refusal in &said.refusals {
            if let Refusal::GiftMissing(line, units) | Refusal::BundleIncomplete(line, units) = refusal {
                let mut lines = case.lines.to_vec();
                match lines.iter_mut().find(|known| known.line == *line) {
                    Some(known) => known.quantity += units,
                    None => lines.push(CaseLine {
                        line: line.clone(),
                        quantity: *units,
                        resolution: None,
                        evidence: Vec::new(),
                        ..asked.clone()
                    }),
                }
                found.extend(again(&lines, now, Change::Include { line: line.clone(), units: *units }));
            }
        }
        let wish = asked.resolution;
        for &resolution in Resolution::ALL.iter().filter(|resolution| wish.is_some_and(|wish| wish != **resolution)) {
            found.extend(again(&with(&|line| line.resolution = Some(resolution)), now, Change::Resolution { resolution }));
        }
        let helped = found.iter().any(|other| other.decision < said.decision);
        if said.decision == Decision::Declined && !helped {
            let category = case.order.line(&said.line).and_then(|line| line.category.as_ref());
            let fault = reasons.typical(Fault::Merchant, category);
            let lines = with(&|line| {
                line.reason = fault.clone();
                line.resolution = None;
            });
            found.extend(again(&lines, now, Change::Fault));
        }
        if let (WindowState::Open(last), true) = (said.window.state, said.decision != Decision::Declined) {
            let day = plus_days(last, 1);
            if let Ok(then) = policy.time_zone.to_timestamp(day.at(12, 0, 0, 0)) {
                found.extend(again(case.lines, then, Change::Later { day }));
            }
        }
    }
    all
}
