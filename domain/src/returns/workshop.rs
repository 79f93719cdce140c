//! What of a return is with the workshop: what is the shop's, to be sold again, and what goes back to the customer repaired (C23, C24).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::line::ReturnLine;
use super::lot::{Disposition, Lot, Reception};
use super::number::LotNo;
use super::remedy::{Remedy, RemedyKind, RemedyState};
use super::request::Return;
use crate::coded::coded;
use crate::ids::{LineId, OrderNumber};
use crate::policy::{Basis, Resolution};
use crate::reason::Fault;

/// Days in which what is the shop's is worked on, from when it came: nobody outside waits for it.
const WORKSHOP_DAYS: i64 = 14;

/// Whom a repair serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairFor {
    /// The shop, which sells it again.
    Stock,
    /// The customer, who gets it back.
    Customer,
}

coded!(RepairFor {
    Stock => "stock",
    Customer => "customer",
});

/// Units of one line that are repaired together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtWorkshop {
    /// Never empty, and of one line.
    pub lots: Vec<LotNo>,
    pub units: u32,
    pub serves: RepairFor,
    /// By when it is to be done.
    pub due: Timestamp,
}

impl Remedy {
    /// Whether the workshop has still to do it.
    pub(super) fn waits_for_repair(&self) -> bool {
        self.kind == RemedyKind::Repair && matches!(self.state, RemedyState::Due | RemedyState::Reserved)
    }
}

/// What of a return is with the workshop, by lines. No lot is in it twice.
pub fn at_workshop(request: &Return) -> Vec<AtWorkshop> {
    let mut works: Vec<AtWorkshop> = Vec::new();
    for remedy in request.remedies.iter().filter(|remedy| remedy.waits_for_repair()) {
        let taken = |id: &LotNo| works.iter().any(|work| work.lots.contains(id));
        let lots: Vec<&Lot> = remedy.lots.iter().filter(|id| !taken(id)).filter_map(|id| Some(request.lot(*id)?.1)).collect();
        let units = lots.iter().map(|lot| lot.units).sum();
        let (lots, serves, due) = (lots.iter().map(|lot| lot.id).collect::<Vec<_>>(), RepairFor::Customer, request.promises.refunded);
        works.extend((!lots.is_empty()).then_some(AtWorkshop { lots, units, serves, due }));
    }
    for (line, lot) in request.lots() {
        let lies = lot.state.is_live() && matches!(lot.state.disposition, Disposition::Repair | Disposition::Refurbish);
        let known = works.iter().any(|work| work.lots.contains(&lot.id));
        if lies && !known && !has_left(request, lot) {
            let serves = if is_theirs(request, line, lot) { RepairFor::Customer } else { RepairFor::Stock };
            let due = match serves {
                RepairFor::Customer => request.promises.refunded,
                RepairFor::Stock => came_at(request, line, lot) + SignedDuration::from_hours(24 * WORKSHOP_DAYS),
            };
            works.push(AtWorkshop { lots: vec![lot.id], units: lot.units, serves, due });
        }
    }
    works.sort_by(|one, other| one.lots.cmp(&other.lots));
    works
}

/// Whether a lot left with what was owed for it: repaired, it goes back, or is about to.
fn has_left(request: &Return, lot: &Lot) -> bool {
    let gone = |remedy: &Remedy| matches!(remedy.state, RemedyState::Ordered | RemedyState::Shipped | RemedyState::Delivered);
    request.remedies.iter().any(|remedy| remedy.kind == RemedyKind::Repair && gone(remedy) && remedy.lots.contains(&lot.id))
}

/// Whether a lot is on its way to the customer again, or with them, repaired.
pub(super) fn went_back_repaired(request: &Return, lot: LotNo) -> bool {
    let sent = |remedy: &Remedy| matches!(remedy.state, RemedyState::Shipped | RemedyState::Delivered);
    request.remedies.iter().any(|remedy| remedy.kind == RemedyKind::Repair && sent(remedy) && remedy.lots.contains(&lot))
}

impl Return {
    /// Lines of an order of which something went back repaired because the shop answers for it: it answers for longer then (Directive (EU) 2024/1799
    /// art. 16). What only fails because of the customer is repaired as a favour.
    pub fn repaired_of<'r>(&'r self, order: &'r OrderNumber) -> impl Iterator<Item = LineId> + 'r {
        let answered = |line: &ReturnLine| line.asked.basis == Basis::Law || line.asked.fault == Fault::Merchant;
        let delivered = |line: &ReturnLine| {
            let done = |remedy: &Remedy| remedy.kind == RemedyKind::Repair && remedy.state == RemedyState::Delivered;
            line.lots.iter().any(|lot| self.remedies.iter().any(|remedy| done(remedy) && remedy.lots.contains(&lot.id)))
        };
        let theirs = move |line: &&ReturnLine| line.asked.order == *order && answered(line) && delivered(line);
        self.lines.iter().filter(theirs).map(|line| line.asked.line.clone())
    }
}

/// Whether the customer asked for it repaired, and is not to get something else for it.
fn is_theirs(request: &Return, line: &ReturnLine, lot: &Lot) -> bool {
    let off = |remedy: &Remedy| remedy.state == RemedyState::CalledOff && remedy.lots.contains(&lot.id);
    line.asked.resolution == Resolution::Repair && !request.standing(lot.id).settled && !request.remedies.iter().any(off)
}

/// When a lot came; where nobody said, when it was to be looked at.
fn came_at(request: &Return, line: &ReturnLine, lot: &Lot) -> Timestamp {
    let names = lot.state.reception == Reception::Received;
    let receipts = request.receipts.iter().filter(|receipt| names && receipt.items.iter().any(|item| item.lot.line == line.id));
    receipts.map(|receipt| receipt.at).max().unwrap_or(request.promises.inspected)
}

#[cfg(test)]
mod tests {
    use super::super::command::{Command, Finding};
    use super::super::inspection::Inspection;
    use super::super::number::LineNo;
    use super::super::receipt::Outcome;
    use super::super::testing::*;
    use super::*;
    use crate::policy::Decision;
    use crate::repair::{Mend, Repair, RepairStep, mend};

    const LOT: LotNo = LotNo { line: LineNo(1), lot: 1 };

    #[test]
    fn what_went_back_repaired_because_the_shop_answers_for_it_is_known_afterwards() {
        let order = "1".parse().unwrap();
        for (fault, basis, counts) in
            [(Fault::Merchant, Basis::Policy, true), (Fault::Customer, Basis::Law, true), (Fault::Customer, Basis::Policy, false)]
        {
            let line = crate::returns::LineAsked { fault, basis, ..asked("1", 1, Resolution::Repair, Decision::Approved) };
            let mut request = super::super::testing::opened(vec![line], false);
            let give = |request: &mut Return, command: Command| {
                let events = request.decide(&command, role_for(&command), &facts(request)).unwrap();
                events.iter().for_each(|event| request.evolve(event));
            };
            let items = vec![(LOT, 1, Outcome::Received)];
            give(&mut request, Command::Receive { warehouse: None, tracking_number: None, items, beside: Vec::new() });
            give(&mut request, Command::Inspect { items: vec![Finding::plain(LOT, 1, Inspection::Accepted)] });
            give(&mut request, Command::OweRemedy { lots: vec![LOT] });
            for to in [RemedyState::Shipped, RemedyState::Delivered] {
                assert_eq!(request.repaired_of(&order).count(), 0, "not before they have it");
                let remedy = request.remedies[0].id;
                give(&mut request, Command::MoveRemedy { remedy, to, reference: None, at: None });
            }
            assert_eq!(request.repaired_of(&order).count(), usize::from(counts), "{fault} {basis}");
            assert_eq!(request.repaired_of(&"2".parse().unwrap()).count(), 0);
        }
    }

    fn opened(units: u32, resolution: Resolution) -> Return {
        Return::from_events(&Return::open(opening(vec![asked("1", units, resolution, Decision::Approved)], false))).unwrap()
    }

    fn give(request: &mut Return, command: &Command) {
        let events = request.decide(command, role_for(command), &facts(request)).unwrap();
        events.iter().for_each(|event| request.evolve(event));
    }

    fn in_the_workshop(resolution: Resolution) -> Return {
        let mut request = opened(1, resolution);
        let items = vec![(LOT, 1, Outcome::Received)];
        give(&mut request, &Command::Receive { warehouse: None, tracking_number: None, items, beside: Vec::new() });
        let found = Finding::plain(LOT, 1, Inspection::Accepted);
        give(&mut request, &Command::Inspect { items: vec![found] });
        give(&mut request, &Command::Dispose { lots: vec![LOT], to: Disposition::Repair, ground: None, proposed: None });
        request
    }

    fn told(request: &Return) -> Vec<(u32, RepairFor)> {
        at_workshop(request).into_iter().map(|work| (work.units, work.serves)).collect()
    }

    #[test]
    fn who_asked_for_a_repair_gets_it_back_and_all_else_is_the_shops() {
        assert_eq!(told(&in_the_workshop(Resolution::Refund)), [(1, RepairFor::Stock)]);
        assert_eq!(told(&opened(1, Resolution::Repair)), [], "it has not come");
        let request = in_the_workshop(Resolution::Repair);
        assert_eq!(told(&request), [(1, RepairFor::Customer)]);
        let mut owed = request.clone();
        give(&mut owed, &Command::OweRemedy { lots: vec![LOT] });
        assert_eq!(told(&owed), [(1, RepairFor::Customer)]);
        let remedy = owed.remedies[0].id;
        let to = |to| {
            let mut there = owed.clone();
            give(&mut there, &Command::MoveRemedy { remedy, to, reference: None, at: None });
            there
        };
        assert_eq!(told(&to(RemedyState::Reserved)), [(1, RepairFor::Customer)]);
        for gone in [RemedyState::Ordered, RemedyState::Shipped, RemedyState::Delivered] {
            assert_eq!(told(&to(gone)), [], "{gone:?}");
        }
        assert_eq!(told(&to(RemedyState::CalledOff)), [(1, RepairFor::Stock)], "money takes its place: it stays here");
        let (sent, stays) = (to(RemedyState::Shipped), to(RemedyState::Ordered));
        assert_eq!((super::super::stock_here(&sent).len(), super::super::stock_here(&stays).len()), (0, 1), "what went back lies nowhere");
        let mut sold = request;
        give(&mut sold, &Command::Dispose { lots: vec![LOT], to: Disposition::Restock, ground: None, proposed: None });
        assert_eq!(told(&sold), []);
    }

    /// Three units that came: two are as said, one is less; none of them was put anywhere.
    fn in_three(resolution: Resolution) -> Return {
        let mut request = opened(3, resolution);
        let items = vec![(LOT, 3, Outcome::Received)];
        give(&mut request, &Command::Receive { warehouse: None, tracking_number: None, items, beside: Vec::new() });
        let found = |found| Finding::plain(LOT, 1, found);
        let items = vec![found(Inspection::Accepted), found(Inspection::Accepted), found(Inspection::Downgraded)];
        give(&mut request, &Command::Inspect { items });
        request
    }

    fn mended(orders: &mut Vec<Repair>, works: &[AtWorkshop], undone: bool) -> usize {
        let mends = mend(orders, works, undone);
        let count = mends.len();
        for one in mends {
            match one {
                Mend::Open(work) => orders.push(Repair::open(&work, eur(), at(0), "wera".into()).unwrap()),
                Mend::Step(place, event) => orders[place].evolve(RepairStep { at: at(0), by: "wera".into(), event }),
            }
        }
        count
    }

    #[test]
    fn however_it_goes_each_lot_of_the_workshop_has_one_open_order_and_nothing_else_has() {
        let (mut most, mut reopened) = (0, 0);
        for start in 0..120_usize {
            let resolution = if start % 2 == 0 { Resolution::Repair } else { Resolution::Refund };
            let mut request = in_three(resolution);
            let mut orders: Vec<Repair> = Vec::new();
            let mut dice = start as u64 + 1;
            for step in 0..40_usize {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let all = commands(&request, Choices::All);
                let Some(command) = all.get((dice >> 33) as usize % all.len().max(1)) else { break };
                let Ok(events) = request.decide(command, role_for(command), &facts(&request)) else { continue };
                let before = request.clone();
                events.iter().for_each(|event| request.evolve(event));
                mended(&mut orders, &at_workshop(&request), false);
                // Taken back: the orders are as they were. Done again: as they are.
                if step % 3 == 0 {
                    let after = request.clone();
                    mended(&mut orders, &at_workshop(&before), true);
                    let open = orders.iter().filter(|order| order.state.is_open()).count();
                    assert_eq!(open, at_workshop(&before).len(), "{command:?}");
                    reopened += open;
                    mended(&mut orders, &at_workshop(&after), false);
                }
                let works = at_workshop(&request);
                assert_eq!(mended(&mut orders, &works, false), 0, "once is enough: {command:?}");
                let mut lots: Vec<LotNo> = Vec::new();
                for order in orders.iter().filter(|order| order.state.is_open()) {
                    assert!(works.iter().any(|work| (&work.lots, work.units, work.serves) == (&order.lots, order.units, order.serves)));
                    lots.extend(&order.lots);
                }
                let mut once = lots.clone();
                once.sort_unstable();
                once.dedup();
                assert_eq!(once.len(), lots.len(), "no lot has two: {lots:?}");
                assert_eq!(works.iter().map(|work| work.lots.len()).sum::<usize>(), lots.len(), "after {command:?}");
                most = most.max(lots.len());
            }
        }
        assert!(most > 1 && reopened > 10, "the walks led to the workshop: {most} {reopened}");
    }
}
