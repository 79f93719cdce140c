//! Units that a warehouse tells of by line, as lots: a clerk counts units, the return knows which of them share a fate.

use std::collections::BTreeMap;

use super::command::CommandKind;
use super::inspection::Inspection;
use super::lot::{Lot, Reception};
use super::moves::{Move, Step};
use super::number::{LineNo, LotNo};
use super::refused::Refused;
use super::request::Return;

/// Units of lines, handed out over their lots: none twice.
pub struct HandOut<'r> {
    request: &'r Return,
    taken: BTreeMap<LotNo, u32>,
}

impl<'r> HandOut<'r> {
    pub fn of(request: &'r Return) -> Self {
        Self { request, taken: BTreeMap::new() }
    }

    /// So many units of these lines (none said: all of them) to which `to_do` is newly done, by lots in their order; what nothing was said of
    /// yet comes first. Where all of it was done before, those lots: nothing comes of them. Refused where there are fewer.
    pub fn take(&mut self, kind: CommandKind, lines: &[LineNo], units: Option<u32>, to_do: Move) -> Result<Vec<(LotNo, u32)>, Refused> {
        let request = self.request;
        let lots: Vec<&Lot> = request.lots().filter(|(line, _)| lines.contains(&line.id)).map(|(_, lot)| lot).collect();
        let with = |step: fn(&Step) -> bool| lots.iter().copied().filter(move |lot| step(&request.step(lot, to_do)));
        let (fresh, again): (Vec<&Lot>, Vec<&Lot>) = with(|step| matches!(step, Step::To(_))).partition(|lot| is_fresh(kind, lot));
        let before: Vec<&Lot> = with(|step| *step == Step::Already).collect();
        let left = |lots: &[&Lot]| -> u32 { lots.iter().map(|lot| self.left(lot)).sum() };
        let all = [fresh.as_slice(), &again].concat();
        let from = match units {
            // What was said of other units stays said.
            None if left(&fresh) > 0 => fresh,
            _ if left(&all) > 0 => all,
            _ => before,
        };
        let there = left(&from);
        let wanted = units.unwrap_or(there);
        match from.first() {
            None => return Err(request.refused(kind).into()),
            Some(first) if wanted == 0 || wanted > there => return Err(Refused::Left { lot: first.id, asked: wanted, left: there }),
            Some(_) => {}
        }
        let (mut open, mut handed) = (wanted, Vec::new());
        for lot in from {
            let some = self.left(lot).min(open);
            if some > 0 {
                *self.taken.entry(lot.id).or_default() += some;
                handed.push((lot.id, some));
                open -= some;
            }
        }
        Ok(handed)
    }

    /// Units of a line of which nothing of that kind was said yet, and which it could be said of.
    pub fn waiting(&self, kind: CommandKind, line: LineNo) -> u32 {
        let may = match kind {
            CommandKind::Receive => Move::Receive,
            // Of whatever came it can be said that it is not what it should be.
            _ => Move::Reject,
        };
        let lots = self.request.lots().filter(|(of, lot)| of.id == line && is_fresh(kind, lot));
        lots.filter(|(_, lot)| matches!(self.request.step(lot, may), Step::To(_))).map(|(_, lot)| self.left(lot)).sum()
    }

    fn left(&self, lot: &Lot) -> u32 {
        lot.units.saturating_sub(self.taken.get(&lot.id).copied().unwrap_or_default())
    }
}

/// Whether nothing of that kind was said of it yet.
fn is_fresh(kind: CommandKind, lot: &Lot) -> bool {
    match kind {
        CommandKind::Receive => matches!(lot.state.reception, Reception::Awaiting | Reception::InTransit),
        _ => lot.state.inspection == Inspection::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::Command;
    use super::super::receipt::Outcome;
    use super::super::testing::*;
    use super::*;
    use crate::policy::{Decision, Resolution};

    const ONE: LineNo = LineNo(1);

    fn of_units(units: u32) -> Return {
        let line = asked("1", units, Resolution::Refund, Decision::Approved);
        Return::from_events(&Return::open(opening(vec![line], false))).unwrap()
    }

    fn came(request: &mut Return, units: Option<u32>, outcome: Outcome) -> Result<usize, Refused> {
        let lots = HandOut::of(request).take(CommandKind::Receive, &[ONE], units, outcome.to_do())?;
        let items = lots.into_iter().map(|(lot, units)| (lot, units, outcome)).collect();
        let command = Command::Receive { warehouse: None, tracking_number: None, items, beside: Vec::new() };
        let events = request.decide(&command, role_for(&command), &facts(request))?;
        events.iter().for_each(|event| request.evolve(event));
        Ok(events.len())
    }

    fn stands(request: &Return) -> Vec<(u32, Reception)> {
        request.lots().map(|(_, lot)| (lot.units, lot.state.reception)).collect()
    }

    #[test]
    fn units_are_newly_handled_and_never_twice() {
        let mut request = of_units(5);
        assert_eq!(came(&mut request, Some(2), Outcome::Received), Ok(1));
        assert_eq!(came(&mut request, Some(1), Outcome::Short), Ok(1));
        assert_eq!(came(&mut request, None, Outcome::Received), Ok(1), "the rest, not what was said to be missing");
        assert_eq!(stands(&request), [(2, Reception::Received), (2, Reception::Received), (1, Reception::Short)]);
        assert_eq!(came(&mut request, Some(1), Outcome::Received), Ok(1), "what was missing turns up");
        assert_eq!(came(&mut request, Some(5), Outcome::Received), Ok(0), "said again");
        assert_eq!(came(&mut request, None, Outcome::Received), Ok(0));
        let refused = came(&mut request, Some(6), Outcome::Received);
        assert!(matches!(refused, Err(Refused::Left { asked: 6, left: 5, .. })), "{refused:?}");
        assert!(matches!(came(&mut request, Some(0), Outcome::Received), Err(Refused::Left { asked: 0, .. })));
    }

    #[test]
    fn several_outcomes_of_one_line_share_its_units() {
        let request = of_units(5);
        let mut out = HandOut::of(&request);
        let mut take = |units, outcome: Outcome| out.take(CommandKind::Receive, &[ONE], units, outcome.to_do());
        let lot = LotNo::first(ONE);
        assert_eq!(take(Some(3), Outcome::Received), Ok(vec![(lot, 3)]));
        assert_eq!(take(Some(1), Outcome::Short), Ok(vec![(lot, 1)]));
        assert!(matches!(take(Some(2), Outcome::WrongItem), Err(Refused::Left { asked: 2, left: 1, .. })));
        assert_eq!(take(None, Outcome::WrongItem), Ok(vec![(lot, 1)]));
    }

    #[test]
    fn what_was_not_approved_is_refused() {
        let line = asked("1", 1, Resolution::Refund, Decision::Declined);
        let request = Return::from_events(&Return::open(opening(vec![line], false))).unwrap();
        let refused = HandOut::of(&request).take(CommandKind::Receive, &[ONE], None, Move::Receive);
        assert!(matches!(refused, Err(Refused::State(_))), "{refused:?}");
    }
}
