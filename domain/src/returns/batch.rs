//! What is done with goods that lie apart, many at once (C21, C22, B31, P27).

use serde::{Deserialize, Serialize};

use super::inspection::Inspection;
use super::lot::Disposition;
use super::moves::{Move, Step};
use super::number::LotNo;
use super::request::Return;
use super::stocked::{StockMove, StockState, stock_here};
use crate::coded::coded;

/// Percent that may be taken off a price.
pub const MOST_PERCENT: u32 = 99;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchKind {
    /// For less money, by another channel.
    Markdown,
    /// Gone as waste.
    Scrap,
    /// Back to whoever sold it to the shop ("RTV"), against a credit.
    ReturnToVendor,
}

coded!(BatchKind { Markdown => "markdown", Scrap => "scrap", ReturnToVendor => "return_to_vendor" });

impl BatchKind {
    /// Where the goods go.
    pub fn to(self) -> Disposition {
        match self {
            Self::Markdown => Disposition::Resell,
            Self::Scrap => Disposition::Scrap,
            Self::ReturnToVendor => Disposition::ReturnToVendor,
        }
    }

    /// How goods may lie that it is done with: nothing that can be sold as new is taken by it.
    pub const FROM: [StockState; 2] = [StockState::Defective, StockState::Quarantine];
}

/// Why units are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotTaken {
    /// Nobody has looked at them.
    NotInspected,
    /// They were not accepted, and are still the customer's.
    Theirs,
    /// The customer has not answered an offer of less money: they may want them back.
    Offered,
    /// The law asks for a reason to destroy them.
    NoGround,
    /// They do not lie there any more.
    Gone,
    /// The return does not allow it.
    NotPossible,
}

coded!(NotTaken {
    NotInspected => "not_inspected",
    Theirs => "theirs",
    Offered => "offered",
    NoGround => "no_ground",
    Gone => "gone",
    NotPossible => "not_possible",
});

/// Units of a return that lie so in that warehouse, and whether they can be taken.
pub fn units_lying(
    request: &Return,
    warehouse: &str,
    main: &str,
    state: StockState,
    kind: BatchKind,
) -> Vec<(LotNo, String, u32, Option<NotTaken>)> {
    let here = |one: &StockMove| one.to == Some(state) && one.warehouse.as_deref().unwrap_or(main) == warehouse;
    let lots = stock_here(request).into_iter().filter(here);
    lots.map(|one| (one.lot, one.sku.to_string(), one.units, not_taken(request, one.lot, kind))).collect()
}

/// Why a lot is not taken, as far as its return says it.
fn not_taken(request: &Return, id: LotNo, kind: BatchKind) -> Option<NotTaken> {
    let (_, lot) = request.lot(id)?;
    if lot.state.inspection == Inspection::Pending {
        return Some(NotTaken::NotInspected);
    }
    if request.open_offer(id).is_some() {
        return Some(NotTaken::Offered);
    }
    match request.step(lot, Move::Dispose(kind.to())) {
        Step::To(_) => None,
        _ if lot.state.inspection == Inspection::Rejected => Some(NotTaken::Theirs),
        _ => Some(NotTaken::NotPossible),
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::{Command, Finding};
    use super::super::number::LineNo;
    use super::super::receipt::Outcome;
    use super::super::testing::{asked, facts, opening, role_for};
    use super::*;
    use crate::policy::{Decision, Grade, Resolution};

    fn give(request: &mut Return, command: &Command) {
        let events = request.decide(command, role_for(command), &facts(request)).unwrap();
        events.iter().for_each(|event| request.evolve(event));
    }

    #[test]
    fn only_what_was_looked_at_and_is_ours_is_taken() {
        let line = asked("1", 5, Resolution::Refund, Decision::Approved);
        let mut request = Return::from_events(&Return::open(opening(vec![line], false))).unwrap();
        let lot = |number: u32| LotNo { lot: number, ..LotNo::first(LineNo(1)) };
        let items = vec![(lot(1), 5, Outcome::Received)];
        give(&mut request, &Command::Receive { warehouse: Some("HZ1".into()), tracking_number: None, items, beside: Vec::new() });
        let finding = |units, found, grade| Finding { grade, ..Finding::plain(lot(1), units, found) };
        give(
            &mut request,
            &Command::Inspect {
                items: vec![
                    finding(1, Inspection::Accepted, Some(Grade::D)),
                    finding(1, Inspection::Accepted, Some(Grade::B)),
                    finding(1, Inspection::Rejected, None),
                ],
            },
        );
        let lie = |state, kind| -> Vec<(u32, Option<NotTaken>)> {
            units_lying(&request, "HZ1", "main", state, kind).into_iter().map(|(_, _, units, why)| (units, why)).collect()
        };
        assert_eq!(lie(StockState::Defective, BatchKind::Scrap), [(1, None)]);
        assert_eq!(lie(StockState::Defective, BatchKind::ReturnToVendor), [(1, None)]);
        let mut apart = lie(StockState::Quarantine, BatchKind::Markdown);
        apart.sort();
        assert_eq!(apart, [(1, None), (1, Some(NotTaken::Theirs)), (2, Some(NotTaken::NotInspected))]);
        assert!(lie(StockState::Sellable, BatchKind::Scrap).is_empty());
        assert!(units_lying(&request, "BER", "main", StockState::Defective, BatchKind::Scrap).is_empty(), "elsewhere");
    }
}
