//! For which lots money is due to be promised, and what is taken off for what was found.

use super::grant::GrantCause;
use super::inspection::Inspection;
use super::line::ReturnLine;
use super::lot::Lot;
use super::number::{LineNo, LotNo};
use super::offer::Offer;
use super::remedy::{RemedyKind, RemedyState};
use super::request::Return;
use crate::ids::OrderNumber;
use crate::money::split;
use crate::policy::Resolution;

/// Lots of one order for which money is promised together, and paid the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grantable {
    pub order: OrderNumber,
    pub lots: Vec<LotNo>,
    pub cause: GrantCause,
    /// It is paid as store credit.
    pub credit: bool,
}

impl Return {
    /// What the customer gets for a lot: as asked for, or what stands in the place of what cannot come: money, or the same new where a repair failed.
    pub fn gets(&self, line: &ReturnLine, lot: &Lot) -> Resolution {
        let asked = line.asked.resolution;
        let comes = self.remedy_of(lot.id).map(|remedy| remedy.kind);
        if asked == Resolution::Repair && comes == Some(RemedyKind::Replacement) {
            return Resolution::Replacement;
        }
        let called_off = self.remedies.iter().any(|remedy| remedy.lots.contains(&lot.id) && remedy.state == RemedyState::CalledOff);
        if called_off && !asked.pays() && self.remedy_of(lot.id).is_none() { Resolution::Refund } else { asked }
    }

    /// What a lot is worth less than said, as far as that is agreed; with `open`, as it is offered, too. Minor units.
    pub fn reduction(&self, lot: LotNo, open: bool) -> i64 {
        let counts = |offer: &&Offer| offer.lots.contains(&lot) && (offer.is_agreed() || (open && offer.is_open()));
        let accepted = self.lot(lot).is_none_or(|(_, lot)| lot.state.inspection == Inspection::Accepted);
        let Some(offer) = self.offers.iter().rev().find(counts).filter(|_| !accepted) else { return 0 };
        let less = self.less_of(offer, lot);
        let appeals = self.grants_of(lot).filter(|grant| grant.cause == GrantCause::Appeal);
        let given: i64 = appeals
            .map(|grant| {
                let weights: Vec<i64> = grant.lots.iter().map(|lot| self.less_of(offer, *lot)).collect();
                let shares = split(grant.amount, &weights);
                grant.lots.iter().zip(shares).find(|(id, _)| **id == lot).map_or(0, |(_, share)| share)
            })
            .sum();
        (less - given).max(0)
    }

    fn less_of(&self, offer: &Offer, lot: LotNo) -> i64 {
        if let Some((_, less)) = offer.less.iter().find(|(of, _)| *of == lot) {
            return *less;
        }
        let told: i64 = offer.less.iter().map(|(_, less)| *less).sum();
        let untold: Vec<LotNo> = offer.lots.iter().copied().filter(|id| offer.less.iter().all(|(of, _)| of != id)).collect();
        let units: Vec<i64> = untold.iter().map(|id| self.lot(*id).map_or(0, |(_, lot)| i64::from(lot.units))).collect();
        let shares = split((offer.expected - offer.amount - told).max(0), &units);
        untold.iter().zip(shares).find(|(id, _)| **id == lot).map_or(0, |(_, share)| share)
    }

    /// The lots for which money is due to be promised: the goods are done with, and nothing is asked of anybody. With `named`, those that a
    /// person names, too, of which nothing is known to be taken off.
    pub fn grantable(&self, named: Option<&[LotNo]>) -> Vec<Grantable> {
        let meant = |lot: &Lot| named.is_none_or(|named| named.contains(&lot.id));
        self.granted_together(|line, lot| self.cause_to_grant(line, lot, named.is_some()).filter(|_| meant(lot)))
    }

    /// The lots for which money can be promised before they come (P20).
    pub fn grantable_early(&self) -> Vec<Grantable> {
        let can = |line: &ReturnLine, lot: &Lot| self.can_grant(line, lot, GrantCause::Early) == Some(true);
        self.granted_together(|line, lot| can(line, lot).then_some(GrantCause::Early))
    }

    fn granted_together(&self, cause: impl Fn(&ReturnLine, &Lot) -> Option<GrantCause>) -> Vec<Grantable> {
        let mut found: Vec<Grantable> = Vec::new();
        for (line, lot) in self.lots() {
            let Some(cause) = cause(line, lot) else { continue };
            let credit = self.gets(line, lot) == Resolution::StoreCredit;
            let like = |group: &&mut Grantable| (&group.order, group.cause, group.credit) == (&line.asked.order, cause, credit);
            match found.iter_mut().find(like) {
                Some(group) => group.lots.push(lot.id),
                None => found.push(Grantable { order: line.asked.order.clone(), lots: vec![lot.id], cause, credit }),
            }
        }
        found
    }

    /// What was promised of an order's money here. Minor units.
    pub fn granted_of(&self, order: &OrderNumber) -> i64 {
        self.grants.iter().filter(|grant| grant.order == *order).map(|grant| grant.amount).sum()
    }

    /// Whether an item goes out for all of these lots: money is of a rest alone then.
    pub fn goes_out_for(&self, lots: &[LotNo]) -> bool {
        lots.iter().all(|lot| self.remedy_of(*lot).is_some())
    }

    fn cause_to_grant(&self, line: &ReturnLine, lot: &Lot, named: bool) -> Option<GrantCause> {
        let can = |cause| self.can_grant(line, lot, cause) == Some(true);
        let agreed = self.offers.iter().any(|offer| offer.lots.contains(&lot.id) && offer.is_agreed());
        let known = lot.state.inspection != Inspection::Downgraded || agreed || (named && lot.deduct.is_none());
        // What goes out in exchange is owed first; then there may be a rest.
        let money = self.gets(line, lot).pays() || self.remedy_of(lot.id).is_some();
        if can(GrantCause::Settled) && known && money {
            Some(GrantCause::Settled)
        } else if can(GrantCause::Undisputed) {
            Some(GrantCause::Undisputed)
        } else if can(GrantCause::PaidBack) {
            Some(GrantCause::PaidBack)
        } else {
            None
        }
    }

    /// Lots of which less money is due to be offered: how much less is known, and nobody was asked.
    pub fn offerable(&self) -> Vec<(OrderNumber, Vec<LotNo>)> {
        let asked = |lot: &Lot| self.offers.iter().any(|offer| offer.lots.contains(&lot.id) && (offer.is_open() || offer.is_agreed()));
        self.by_order(|line, lot| !asked(lot) && lot.deduct.is_some() && self.can_offer(line, lot))
    }

    /// Those of its lots, order by order.
    pub fn by_order(&self, which: impl Fn(&ReturnLine, &Lot) -> bool) -> Vec<(OrderNumber, Vec<LotNo>)> {
        let mut found: Vec<(OrderNumber, Vec<LotNo>)> = Vec::new();
        for (line, lot) in self.lots().filter(|(line, lot)| which(line, lot)) {
            match found.iter_mut().find(|(order, _)| *order == line.asked.order) {
                Some((_, lots)) => lots.push(lot.id),
                None => found.push((line.asked.order.clone(), vec![lot.id])),
            }
        }
        found
    }

    /// Lines of which something was found to be worth less, and no money was promised for it yet.
    pub fn lines_worth_less(&self) -> Vec<LineNo> {
        let less = |line: &ReturnLine, lot: &Lot| {
            lot.state.inspection.is_less() && !self.standing(lot.id).settled && line.asked.resolution.pays() && lot.state.is_live()
        };
        self.lines.iter().filter(|line| line.lots.iter().any(|lot| less(line, lot))).map(|line| line.id).collect()
    }

    /// Lots for which what was asked for is due to be owed, line by line.
    pub fn owable(&self) -> Vec<Vec<LotNo>> {
        self.owable_where(Self::goods_are_done)
    }

    /// Lots for which what was asked for can be owed before anybody looked at them (P20), line by line.
    pub fn owable_early(&self) -> Vec<Vec<LotNo>> {
        self.owable_where(|line, lot| !Self::goods_are_done(line, lot))
    }

    /// Lots for which the same new can be owed in the place of a repair that failed, where money is due and somebody chooses otherwise, line by
    /// line.
    pub fn replaceable(&self) -> Vec<Vec<LotNo>> {
        let failed = |line: &ReturnLine, lot: &Lot| {
            let called_off = |kind| self.was_called_off(lot.id, |of| of == kind);
            called_off(RemedyKind::Repair)
                && !called_off(RemedyKind::Replacement)
                && self.can_owe(line, lot)
                && self.remedy_of(lot.id).is_none()
        };
        self.by_line(failed)
    }

    fn owable_where(&self, meant: impl Fn(&ReturnLine, &Lot) -> bool) -> Vec<Vec<LotNo>> {
        // What was called off is paid for.
        let due = |line: &ReturnLine, lot: &Lot| self.can_owe(line, lot) && self.gets(line, lot) == line.asked.resolution;
        self.by_line(|line, lot| due(line, lot) && meant(line, lot))
    }

    fn by_line(&self, meant: impl Fn(&ReturnLine, &Lot) -> bool) -> Vec<Vec<LotNo>> {
        let mut found: Vec<Vec<LotNo>> = Vec::new();
        for (line, lot) in self.lots().filter(|(line, lot)| meant(line, lot)) {
            match found.iter_mut().find(|lots| lots.iter().any(|id| id.line == line.id)) {
                Some(lots) => lots.push(lot.id),
                None => found.push(vec![lot.id]),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, at, eur, facts, opened, receipt, role_for};
    use super::super::*;
    use super::*;
    use crate::policy::{BasisPoints, Decision};

    fn done(request: &Return, command: Command) -> Return {
        let events = request.decide(&command, role_for(&command), &facts(request)).unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut after = request.clone();
        events.iter().for_each(|event| after.evolve(event));
        after
    }

    fn looked_at(resolution: Resolution, found: Inspection, withdrawal: bool) -> (Return, LotNo) {
        let request = opened(vec![asked("1", 1, resolution, Decision::Approved)], withdrawal);
        let lot = LotNo::first(LineNo(1));
        let came =
            Command::Receive { warehouse: None, tracking_number: None, items: vec![(lot, 1, Outcome::Received)], beside: Vec::new() };
        let deduct = (found == Inspection::Downgraded).then_some(Deduction::Percent(BasisPoints(3_000)));
        let looked = Command::Inspect { items: vec![Finding { deduct, ..Finding::plain(lot, 1, found) }] };
        (done(&done(&request, came), looked), lot)
    }

    fn offer(lot: LotNo, amount: i64) -> Command {
        let (order, less) = ("1".parse().unwrap(), vec![(lot, 1_000 - amount)]);
        Command::Offer { order, lots: vec![lot], currency: eur(), expected: 1_000, amount, less, until: at(60) }
    }

    fn grant(lot: LotNo, cause: GrantCause, amount: i64) -> Command {
        let (order, receipt) = ("1".parse().unwrap(), receipt(amount));
        Command::Grant { order, lots: vec![lot], cause, currency: eur(), amount, bonus: 0, receipt }
    }

    fn causes(request: &Return) -> Vec<GrantCause> {
        request.grantable(None).iter().map(|group| group.cause).collect()
    }

    #[test]
    fn what_is_due_after_each_finding() {
        for (resolution, found, grants, offers, owes) in [
            (Resolution::Refund, Inspection::Accepted, 1, 0, 0),
            (Resolution::StoreCredit, Inspection::Accepted, 1, 0, 0),
            (Resolution::Refund, Inspection::Downgraded, 0, 1, 0),
            (Resolution::Refund, Inspection::Rejected, 0, 0, 0),
            (Resolution::Exchange, Inspection::Accepted, 0, 0, 1),
            (Resolution::Replacement, Inspection::Accepted, 0, 0, 1),
            (Resolution::Repair, Inspection::Accepted, 0, 0, 1),
            (Resolution::Exchange, Inspection::Rejected, 0, 0, 0),
        ] {
            let (request, _) = looked_at(resolution, found, false);
            let told = (request.grantable(None).len(), request.offerable().len(), request.owable().len());
            assert_eq!(told, (grants, offers, owes), "{resolution} {found:?}");
        }
    }

    #[test]
    fn silence_and_yes_agree_and_a_no_waits_for_somebody() {
        let (request, lot) = looked_at(Resolution::Refund, Inspection::Downgraded, false);
        let offered = done(&request, offer(lot, 700));
        assert_eq!((causes(&offered), offered.reduction(lot, false), offered.reduction(lot, true)), (vec![], 0, 300));
        assert!(offered.offerable().is_empty(), "once");
        let id = offered.offers[0].id;
        let answer = |answer| done(&offered, Command::AnswerOffer { offer: id, answer });
        let yes = answer(OfferAnswer::Accept);
        assert_eq!((causes(&yes), yes.reduction(lot, false)), (vec![GrantCause::Settled], 300));
        let no = answer(OfferAnswer::Appeal("it was so".into()));
        assert_eq!((causes(&no), no.reduction(lot, false)), (vec![], 0));
        // The shop yields: nothing is asked any more.
        let all = done(&no, offer(lot, 1_000));
        assert_eq!((causes(&all), all.reduction(lot, false)), (vec![GrantCause::Settled], 0));
        // Without an appeal nothing can be offered but less.
        assert!(offered.decide(&offer(lot, 1_000), Role::Support, &facts(&offered)).is_err());
        // Looked at again, and good: what was agreed before is over.
        let again = done(&yes, Command::Inspect { items: vec![Finding::plain(lot, 1, Inspection::Accepted)] });
        assert_eq!((causes(&again), again.reduction(lot, false)), (vec![GrantCause::Settled], 0));
    }

    #[test]
    fn who_withdraws_gets_at_once_what_nobody_disputes() {
        let (request, lot) = looked_at(Resolution::Refund, Inspection::Downgraded, true);
        let offered = done(&request, offer(lot, 700));
        assert_eq!(causes(&offered), [GrantCause::Undisputed]);
        let paid = done(&offered, grant(lot, GrantCause::Undisputed, 700));
        assert_eq!(causes(&paid), []);
        let yes = done(&paid, Command::AnswerOffer { offer: paid.offers[0].id, answer: OfferAnswer::Accept });
        assert_eq!((causes(&yes), yes.reduction(lot, false)), (vec![GrantCause::Settled], 300), "the rest, if it is nothing");
    }

    #[test]
    fn what_an_appeal_added_is_not_taken_off_any_more() {
        let (request, lot) = looked_at(Resolution::Refund, Inspection::Downgraded, false);
        let offered = done(&request, offer(lot, 700));
        let yes = done(&offered, Command::AnswerOffer { offer: offered.offers[0].id, answer: OfferAnswer::Accept });
        let settled = done(&yes, grant(lot, GrantCause::Settled, 700));
        let more = done(&settled, grant(lot, GrantCause::Appeal, 200));
        assert_eq!(more.reduction(lot, false), 100);
    }

    #[test]
    fn in_the_place_of_a_repair_that_failed_comes_the_same_new_or_money() {
        let (request, lot) = looked_at(Resolution::Repair, Inspection::Accepted, false);
        let owe = || Command::OweRemedy { lots: vec![lot] };
        let owed = done(&request, owe());
        assert_eq!(owed.remedies[0].kind, RemedyKind::Repair);
        let off = |request: &Return, place: usize| {
            done(request, Command::MoveRemedy { remedy: request.remedies[place].id, to: RemedyState::CalledOff, reference: None, at: None })
        };
        let failed = off(&owed, 0);
        assert_eq!(causes(&failed), [GrantCause::Settled], "money, where nobody says otherwise");
        assert_eq!((owed.replaceable(), failed.replaceable()), (vec![], vec![vec![lot]]), "once it failed");
        assert_eq!(done(&failed, grant(lot, GrantCause::Settled, 1_000)).replaceable(), Vec::<Vec<LotNo>>::new(), "not beside money");
        let instead = done(&failed, owe());
        let (line, held) = instead.lot(lot).unwrap();
        assert_eq!((instead.remedies[1].kind, instead.gets(line, held)), (RemedyKind::Replacement, Resolution::Replacement));
        assert_eq!(causes(&instead), [], "and nothing beside it");
        assert_eq!(instead.repaired_of(&line.asked.order).count(), 0);
        // That one cannot come either.
        let neither = off(&instead, 1);
        let (line, held) = neither.lot(lot).unwrap();
        assert_eq!((causes(&neither), neither.gets(line, held)), (vec![GrantCause::Settled], Resolution::Refund));
        assert_eq!((instead.replaceable(), neither.replaceable()), (vec![], vec![]), "once");
        let there =
            done(&instead, Command::MoveRemedy { remedy: instead.remedies[1].id, to: RemedyState::Delivered, reference: None, at: None });
        let (line, held) = there.lot(lot).unwrap();
        assert_eq!(there.ended(line, held), Some(crate::returns::Ended::Replaced));
    }

    #[test]
    fn what_cannot_come_is_paid_for_instead() {
        let (request, lot) = looked_at(Resolution::Replacement, Inspection::Accepted, false);
        let owed = done(&request, Command::OweRemedy { lots: request.owable()[0].clone() });
        assert_eq!(causes(&owed), [], "the same again has no rest");
        let off = done(&owed, Command::MoveRemedy { remedy: owed.remedies[0].id, to: RemedyState::CalledOff, reference: None, at: None });
        let (line, held) = off.lot(lot).unwrap();
        assert!(off.owable().is_empty(), "not the same again");
        assert_eq!((causes(&off), off.gets(line, held)), (vec![GrantCause::Settled], Resolution::Refund));
    }
}
