//! What returns do to a shop's stock: where each lot lies follows from how it stands, so that a move is the difference between before and after.

use serde::{Deserialize, Serialize};

use super::inspection::Inspection;
use super::line::ReturnLine;
use super::lot::{Disposition, Lot, Reception};
use super::number::LotNo;
use super::receipt::Receipt;
use super::request::Return;
use super::workshop::went_back_repaired;
use crate::coded::coded;
use crate::ids::Sku;
use crate::policy::Grade;

/// In what condition goods lie in a warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockState {
    /// As new.
    Sellable,
    /// Kept apart until somebody has decided.
    Quarantine,
    /// Broken or worthless, kept apart (C20).
    Defective,
    /// With the workshop.
    InRepair,
    /// For less money, by another channel (B31).
    Promotion,
    /// Gone as waste.
    Scrapped,
    /// Gone back to whoever sold it to the shop (P27).
    ReturnedToVendor,
}

coded!(StockState {
    Sellable => "sellable",
    Quarantine => "quarantine",
    Defective => "defective",
    InRepair => "in_repair",
    Promotion => "promotion",
    Scrapped => "scrapped",
    ReturnedToVendor => "returned_to_vendor",
});

/// Units that came, went, or lie otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockMove {
    pub lot: LotNo,
    pub sku: Sku,
    /// Where they were booked in; nothing where nobody said.
    pub warehouse: Option<String>,
    pub units: u32,
    /// How they lay; nothing: they were not there.
    pub from: Option<StockState>,
    /// How they lie; nothing: they are not there any more.
    pub to: Option<StockState>,
}

/// What became of the stock between two states of one return. Nothing appears or vanishes on the way: a lot that was split off lay where the lot lay that
/// it is of.
pub fn stock_moves(before: &Return, after: &Return) -> Vec<StockMove> {
    let mut moves = Vec::new();
    for line in &after.lines {
        let mut came = before.line(line.id).map(|line| pieces(before, line)).unwrap_or_default();
        let mut is = pieces(after, line);
        // What kept its name first; what is left over on either side are pieces that were split off, or, taken back, put together again.
        for piece in &mut is {
            if let Some(earlier) = came.iter_mut().find(|earlier| earlier.lot == piece.lot) {
                moves.extend(between(line, earlier, piece));
            }
        }
        for piece in &mut is {
            for earlier in &mut came {
                moves.extend(between(line, earlier, piece));
            }
            // A line that was not there before.
            moves.extend(between(line, &mut Piece { units: piece.units, lies: None, ..piece.clone() }, piece));
        }
    }
    moves
}

/// What lies in a warehouse of a return, as moves that brought it there at once.
pub fn stock_here(request: &Return) -> Vec<StockMove> {
    let came = |(line, lot): (&ReturnLine, &Lot)| {
        let (warehouse, to) = lies(request, lot)?;
        Some(StockMove { lot: lot.id, sku: line.asked.sku.clone(), warehouse, units: lot.units, from: None, to: Some(to) })
    };
    request.lots().filter_map(came).collect()
}

/// Units of a lot that nothing was said of yet.
#[derive(Clone)]
struct Piece {
    lot: LotNo,
    units: u32,
    lies: Option<(Option<String>, StockState)>,
}

fn pieces(request: &Return, line: &ReturnLine) -> Vec<Piece> {
    line.lots.iter().map(|lot| Piece { lot: lot.id, units: lot.units, lies: lies(request, lot) }).collect()
}

/// As many units of `earlier` as fit become units of `now`; the name that stays, or is the younger one, names the move.
fn between(line: &ReturnLine, earlier: &mut Piece, now: &mut Piece) -> Vec<StockMove> {
    let units = earlier.units.min(now.units);
    earlier.units -= units;
    now.units -= units;
    if units == 0 || earlier.lies == now.lies {
        return Vec::new();
    }
    let lot = earlier.lot.max(now.lot);
    let one = |warehouse: &Option<String>, from, to| StockMove {
        lot,
        sku: line.asked.sku.clone(),
        warehouse: warehouse.clone(),
        units,
        from,
        to,
    };
    match (&earlier.lies, &now.lies) {
        (Some((there, from)), Some((here, to))) if there == here => vec![one(here, Some(*from), Some(*to))],
        (from, to) => {
            let left = from.as_ref().map(|(there, from)| one(there, Some(*from), None));
            left.into_iter().chain(to.as_ref().map(|(here, to)| one(here, None, Some(*to)))).collect()
        }
    }
}

/// Where a lot lies, and how; nothing where the shop does not have it.
fn lies(request: &Return, lot: &Lot) -> Option<(Option<String>, StockState)> {
    // What came in its place is something else, of which nobody knows what.
    if lot.state.reception != Reception::Received || went_back_repaired(request, lot.id) {
        return None;
    }
    let state = match lot.state.disposition {
        Disposition::Restock => StockState::Sellable,
        Disposition::Repair | Disposition::Refurbish => StockState::InRepair,
        Disposition::Resell => StockState::Promotion,
        Disposition::Recycle | Disposition::Scrap => StockState::Scrapped,
        Disposition::ReturnToVendor => StockState::ReturnedToVendor,
        Disposition::None | Disposition::Quarantine | Disposition::SendBack => {
            // What was not accepted is still the customer's.
            let ours = lot.state.inspection != Inspection::Rejected;
            if ours && lot.grade == Some(Grade::D) { StockState::Defective } else { StockState::Quarantine }
        }
        Disposition::Donate | Disposition::SentBack => return None,
    };
    Some((warehouse_of(request, lot.id), state))
}

/// Where a lot was booked in: by the last receipt that names it, or that names what it was split off from.
pub fn warehouse_of(request: &Return, lot: LotNo) -> Option<String> {
    let names = |receipt: &&Receipt| receipt.items.iter().any(|item| item.lot == lot);
    let of_line = |receipt: &&Receipt| receipt.items.iter().any(|item| item.lot.line == lot.line);
    let receipt = request.receipts.iter().rev().find(names).or_else(|| request.receipts.iter().rev().find(of_line));
    receipt.and_then(|receipt| receipt.warehouse.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::command::{Command, Finding};
    use super::super::receipt::Outcome;
    use super::super::testing::*;
    use super::*;
    use crate::policy::{Decision, Resolution};

    fn opened(units: u32) -> Return {
        let line = asked("1", units, Resolution::Refund, Decision::Approved);
        Return::from_events(&Return::open(opening(vec![line], false))).unwrap()
    }

    fn give(request: &mut Return, command: &Command) -> Vec<StockMove> {
        let before = request.clone();
        let events = request.decide(command, role_for(command), &facts(request)).unwrap();
        events.iter().for_each(|event| request.evolve(event));
        stock_moves(&before, request)
    }

    fn told(moves: &[StockMove]) -> Vec<String> {
        let code = |state: Option<StockState>| state.map_or("-", StockState::code);
        moves
            .iter()
            .map(|one| format!("{} {} {} {}>{}", one.lot, one.units, one.warehouse.as_deref().unwrap_or("?"), code(one.from), code(one.to)))
            .collect()
    }

    fn lot(number: u32) -> LotNo {
        LotNo { lot: number, ..LotNo::first(super::super::number::LineNo(1)) }
    }

    fn receive(items: &[(u32, u32, Outcome)]) -> Command {
        let items = items.iter().map(|(of, units, outcome)| (lot(*of), *units, *outcome)).collect();
        Command::Receive { warehouse: Some("HZ1".into()), tracking_number: None, items, beside: Vec::new() }
    }

    fn found(items: &[(u32, u32, Inspection, Option<Grade>)]) -> Command {
        let finding = |(of, units, found, grade): &(u32, u32, Inspection, Option<Grade>)| Finding {
            grade: *grade,
            ..Finding::plain(lot(*of), *units, *found)
        };
        Command::Inspect { items: items.iter().map(finding).collect() }
    }

    #[test]
    fn units_are_booked_in_split_and_put_where_they_belong() {
        let mut request = opened(5);
        let came = give(&mut request, &receive(&[(1, 4, Outcome::Received), (1, 1, Outcome::Short)]));
        assert_eq!(told(&came), ["1.2 4 HZ1 ->quarantine"]);
        assert_eq!(told(&stock_here(&request)), told(&came));
        let looked = give(&mut request, &found(&[(2, 1, Inspection::Accepted, None), (2, 2, Inspection::Downgraded, Some(Grade::D))]));
        assert_eq!(told(&looked), ["1.4 2 HZ1 quarantine>defective"]);
        let put = give(&mut request, &Command::Dispose { lots: vec![lot(3)], to: Disposition::Restock, ground: None, proposed: None });
        assert_eq!(told(&put), ["1.3 1 HZ1 quarantine>sellable"]);
        let again = give(&mut request, &Command::Dispose { lots: vec![lot(3)], to: Disposition::Restock, ground: None, proposed: None });
        assert_eq!(told(&again), Vec::<String>::new(), "once (P5)");
    }

    #[test]
    fn what_is_taken_back_moves_back() {
        let mut request = opened(3);
        let before = request.clone();
        give(&mut request, &receive(&[(1, 2, Outcome::Received), (1, 1, Outcome::Short)]));
        let back = stock_moves(&request, &before);
        assert_eq!(back.iter().map(|one| (one.units, one.from, one.to)).collect::<Vec<_>>(), [(2, Some(StockState::Quarantine), None)]);
    }

    #[test]
    fn however_it_goes_the_ledger_is_where_the_lots_lie() {
        // Every command that the table of the tests knows, one after the other, from many beginnings.
        for start in 0..60_usize {
            let mut request = opened(3);
            let mut ledger: BTreeMap<(Option<String>, StockState), i64> = BTreeMap::new();
            for step in 0..12_usize {
                let all = commands(&request, Choices::All);
                let Some(command) = all.get((start * 7 + step * 13) % all.len().max(1)) else { break };
                let Ok(events) = request.decide(command, role_for(command), &facts(&request)) else { continue };
                let before = request.clone();
                events.iter().for_each(|event| request.evolve(event));
                for one in stock_moves(&before, &request) {
                    for (state, units) in [(one.from, -i64::from(one.units)), (one.to, i64::from(one.units))] {
                        let Some(state) = state else { continue };
                        *ledger.entry((one.warehouse.clone(), state)).or_default() += units;
                    }
                }
                let mut counted: BTreeMap<(Option<String>, StockState), i64> = BTreeMap::new();
                for (place, units) in request.lots().filter_map(|(_, lot)| lies(&request, lot).map(|place| (place, lot.units))) {
                    *counted.entry(place).or_default() += i64::from(units);
                }
                ledger.retain(|_, units| *units != 0);
                assert_eq!(ledger, counted, "after {command:?}");
            }
        }
    }
}
