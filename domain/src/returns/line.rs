//! Return lines: one wish for one reason.

use serde::{Deserialize, Serialize};

use super::lot::{Authorization, Lot, LotState};
use super::number::{LineNo, LotNo};
use super::said::LineAsked;

/// A return line: some units of an order line, asked back with one wish for one reason. Two reasons for one order line are two lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReturnLine {
    /// Its name in the return.
    pub id: LineNo,
    /// What was asked and answered.
    pub asked: LineAsked,
    /// Its units, by their fate.
    pub lots: Vec<Lot>,
}

impl ReturnLine {
    /// A line just asked for: all its units are one lot.
    pub fn requested(id: LineNo, asked: LineAsked) -> Self {
        let lots = vec![Lot::requested(LotNo::first(id), asked.quantity)];
        Self { id, asked, lots }
    }

    /// Where the line stands: where that of its live lots does which is least far, or, where none is live, its first.
    pub fn state(&self) -> LotState {
        let rank = |lot: &&Lot| (lot.state.reception, lot.state.inspection, lot.state.disposition);
        let live = self.lots.iter().filter(|lot| lot.state.is_live());
        let waits = |lot: &&Lot| lot.state.authorization != Authorization::Approved;
        let least = live.clone().find(waits).or_else(|| live.min_by_key(rank));
        least.or(self.lots.first()).map_or(LotState::REQUESTED, |lot| lot.state)
    }

    /// Whether any of it may come back and did not go back.
    pub fn is_approved(&self) -> bool {
        self.lots.iter().any(|lot| lot.state.is_live() && lot.state.authorization == Authorization::Approved)
    }

    /// Whether none of it may come back, and nobody looks at that again.
    pub fn is_declined(&self) -> bool {
        self.lots.iter().all(|lot| lot.state.authorization == Authorization::Declined)
    }

    /// Whether a person looks again at some of it, because the customer says that a "no" was wrong.
    pub fn is_appealed(&self) -> bool {
        self.lots.iter().any(|lot| lot.appeal.is_some())
    }

    /// Its lots that are live as far as their axes tell.
    pub fn live_lots(&self) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(|lot| lot.state.is_live())
    }

    /// The lot of that name.
    pub fn lot(&self, id: LotNo) -> Option<&Lot> {
        self.lots.iter().find(|lot| lot.id == id)
    }

    /// The name of the next lot that parts from one of it.
    pub(super) fn next_lot(&self) -> LotNo {
        LotNo { line: self.id, lot: self.lots.iter().map(|lot| lot.id.lot).max().unwrap_or(0) + 1 }
    }
}
