//! For which goods of a return something is given on top because the shop or the carrier was at fault (C34, C35): once for each cause, and taken back
//! where it turns out otherwise.

use super::inspection::Inspection;
use super::line::ReturnLine;
use super::lot::{Authorization, Lot, Reception};
use super::number::LotNo;
use super::request::Return;
use crate::ids::{Code, LineId, OrderNumber};
use crate::policy::GivenAt;
use crate::reason::Fault;

/// Whether the fault that a lot was sent back for is established: it is approved, nobody found anything else, and, where somebody is to look first and can,
/// somebody found it so.
pub fn is_established(request: &Return, line: &ReturnLine, lot: &Lot, given: GivenAt) -> bool {
    let state = lot.state;
    let theirs = matches!(line.asked.fault, Fault::Merchant | Fault::Carrier);
    let stands = state.authorization == Authorization::Approved && state.reception != Reception::WrongItem;
    let known = match state.inspection {
        Inspection::Accepted => true,
        Inspection::Rejected => false,
        // Worth less than said is neither a yes nor a no to what was wrong with it.
        Inspection::Pending | Inspection::Downgraded => given == GivenAt::Approval || !line.asked.sends_back(),
    };
    theirs && stands && known && !request.waits_for_outbound()
}

/// The rule that speaks of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruled<'r> {
    pub line: &'r ReturnLine,
    pub rule: Code,
    pub given: GivenAt,
}

/// Something that was given in a return, as far as it matters to what more is, and what is taken back: by one firing of a rule, whatever it gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compensated {
    pub id: String,
    pub order: OrderNumber,
    pub rule: Code,
    pub given: GivenAt,
    /// For which it was given.
    pub lots: Vec<LotNo>,
    /// It may still be taken back.
    pub open: bool,
}

/// Goods for which a rule gives something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub order: OrderNumber,
    pub rule: Code,
    pub given: GivenAt,
    pub fault: Fault,
    /// Of the first of them.
    pub reason: Code,
    /// Each lot with its line of the order and its units.
    pub lots: Vec<(LotNo, LineId, u32)>,
    /// What the same rule gave in this return and order before: that was for these, too, but for what goes by their price.
    pub joins: Option<String>,
}

/// What follows from how a return stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompensationsDue {
    /// Given now, at most one for each order and rule.
    pub give: Vec<Cause>,
    /// Taken back, by their names.
    pub withdraw: Vec<String>,
}

/// What is due in a return: for goods whose fault is established and which nothing was given for, once for each order and rule; and what has none left of
/// the goods that it was given for is taken back. `known`: what was given and not taken back.
pub fn compensations_due(request: &Return, ruled: &[Ruled<'_>], known: &[Compensated]) -> CompensationsDue {
    let mut due = CompensationsDue::default();
    let stands = |known: &&Compensated| {
        let established = |lot: &LotNo| request.lot(*lot).is_some_and(|(line, lot)| is_established(request, line, lot, known.given));
        !known.open || known.lots.iter().any(established)
    };
    due.withdraw = known.iter().filter(|one| !stands(one)).map(|one| one.id.clone()).collect();
    let standing: Vec<&Compensated> = known.iter().filter(stands).collect();
    for Ruled { line, rule, given, .. } in ruled {
        for lot in line.lots.iter().filter(|lot| is_established(request, line, lot, *given)) {
            if standing.iter().any(|known| known.lots.contains(&lot.id)) {
                continue;
            }
            let of_it = |cause: &&mut Cause| cause.order == line.asked.order && cause.rule == *rule;
            let units = (lot.id, line.asked.line.clone(), lot.units);
            match due.give.iter_mut().find(of_it) {
                Some(cause) => cause.lots.push(units),
                None => due.give.push(Cause {
                    order: line.asked.order.clone(),
                    rule: rule.clone(),
                    given: *given,
                    fault: line.asked.fault,
                    reason: line.asked.reason.clone(),
                    lots: vec![units],
                    joins: standing
                        .iter()
                        .find(|known| known.order == line.asked.order && known.rule == *rule)
                        .map(|known| known.id.clone()),
                }),
            }
        }
    }
    due
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lot::LotState;
    use super::super::testing::{asked, opening};
    use super::*;
    use crate::policy::{Decision, Resolution};

    /// A return of two lines, each of which somebody else is at fault for.
    fn faulty() -> Return {
        let lines = ["1", "2"].map(|line| asked(line, 2, Resolution::Refund, Decision::InReview));
        let mut request = Return::from_opening(&opening(lines.to_vec(), false));
        for line in &mut request.lines {
            line.asked.fault = Fault::Merchant;
        }
        request
    }

    fn ruled(request: &Return, given: GivenAt) -> Vec<Ruled<'_>> {
        request.lines.iter().map(|line| Ruled { line, rule: "r".parse().unwrap(), given }).collect()
    }

    fn set(request: &mut Return, line: usize, state: impl Fn(&mut LotState)) {
        request.lines[line].lots.iter_mut().for_each(|lot| state(&mut lot.state));
    }

    #[test]
    fn a_fault_is_established_by_who_looks_or_at_once_where_nothing_comes_back() {
        let approved = |request: &mut Return| set(request, 0, |state| state.authorization = Authorization::Approved);
        let found = |found: Inspection| move |request: &mut Return| set(request, 0, |state| state.inspection = found);
        type Change = Box<dyn Fn(&mut Return)>;
        let cases: Vec<(&str, Vec<Change>, [bool; 2])> = vec![
            ("asked for", vec![], [false, false]),
            ("approved", vec![Box::new(approved)], [true, false]),
            ("found so", vec![Box::new(approved), Box::new(found(Inspection::Accepted))], [true, true]),
            ("worth less", vec![Box::new(approved), Box::new(found(Inspection::Downgraded))], [true, false]),
            ("not so", vec![Box::new(approved), Box::new(found(Inspection::Rejected))], [false, false]),
            (
                "something else",
                vec![Box::new(approved), Box::new(|request| set(request, 0, |state| state.reception = Reception::WrongItem))],
                [false, false],
            ),
            (
                "called off",
                vec![Box::new(|request| set(request, 0, |state| state.authorization = Authorization::Cancelled))],
                [false, false],
            ),
            ("stays there", vec![Box::new(approved), Box::new(|request| request.lines[0].asked.never_arrived = true)], [true, true]),
            (
                "the customer's",
                vec![Box::new(approved), Box::new(|request| request.lines[0].asked.fault = Fault::Customer)],
                [false, false],
            ),
            ("nobody's", vec![Box::new(approved), Box::new(|request| request.lines[0].asked.fault = Fault::Nobody)], [false, false]),
            ("the carrier's", vec![Box::new(approved), Box::new(|request| request.lines[0].asked.fault = Fault::Carrier)], [true, false]),
        ];
        for (what, changes, expected) in cases {
            let mut request = faulty();
            changes.iter().for_each(|change| change(&mut request));
            let (line, lot) = (&request.lines[0], &request.lines[0].lots[0]);
            let is = [GivenAt::Approval, GivenAt::Inspection].map(|given| is_established(&request, line, lot, given));
            assert_eq!(is, expected, "{what}");
        }
    }

    #[test]
    fn two_faulty_items_of_an_order_are_one_case_and_the_second_later_adds_none() {
        let mut request = faulty();
        set(&mut request, 0, |state| (state.authorization, state.inspection) = (Authorization::Approved, Inspection::Accepted));
        let first = compensations_due(&request, &ruled(&request, GivenAt::Inspection), &[]);
        assert_eq!((first.give.len(), first.give[0].lots.len(), first.give[0].joins.as_deref()), (1, 1, None));
        let known = |cause: &Cause, id: &str, open: bool| Compensated {
            id: id.to_owned(),
            order: cause.order.clone(),
            rule: cause.rule.clone(),
            given: cause.given,
            lots: cause.lots.iter().map(|(lot, ..)| *lot).collect(),
            open,
        };
        let one = known(&first.give[0], "1", true);
        assert_eq!(
            compensations_due(&request, &ruled(&request, GivenAt::Inspection), std::slice::from_ref(&one)),
            CompensationsDue::default(),
            "said again"
        );
        set(&mut request, 1, |state| (state.authorization, state.inspection) = (Authorization::Approved, Inspection::Accepted));
        let second = compensations_due(&request, &ruled(&request, GivenAt::Inspection), std::slice::from_ref(&one));
        assert_eq!((second.give.len(), second.give[0].joins.as_deref(), second.withdraw.len()), (1, Some("1"), 0));
        let together = compensations_due(&request, &ruled(&request, GivenAt::Inspection), &[]);
        assert_eq!((together.give.len(), together.give[0].lots.len()), (1, 2));
        // It turns out otherwise: what was not used is taken back, what was stays.
        set(&mut request, 0, |state| state.inspection = Inspection::Rejected);
        set(&mut request, 1, |state| state.inspection = Inspection::Rejected);
        assert_eq!(compensations_due(&request, &ruled(&request, GivenAt::Inspection), std::slice::from_ref(&one)).withdraw, ["1"]);
        assert_eq!(
            compensations_due(&request, &ruled(&request, GivenAt::Inspection), &[Compensated { open: false, ..one }]),
            CompensationsDue::default()
        );
    }

    const AUTHORIZATIONS: [Authorization; 4] =
        [Authorization::InReview, Authorization::Approved, Authorization::Declined, Authorization::Cancelled];

    proptest! {
        /// Whatever happens to two lines in whatever order: nothing is given for goods that something stands for, what stands has goods whose fault is
        /// established, and once nothing changes nothing more follows.
        #[test]
        fn nothing_is_given_twice_whatever_the_order(
            steps in prop::collection::vec((0usize..2, 0usize..4, 0usize..4, any::<bool>()), 1..25),
            at_approval in any::<bool>(),
        ) {
            let given = if at_approval { GivenAt::Approval } else { GivenAt::Inspection };
            let mut request = faulty();
            let mut known: Vec<Compensated> = Vec::new();
            for (step, (line, authorization, inspection, used)) in steps.into_iter().enumerate() {
                set(&mut request, line, |state| {
                    state.authorization = AUTHORIZATIONS[authorization];
                    state.inspection = Inspection::ALL[inspection];
                });
                let due_now = compensations_due(&request, &ruled(&request, given), &known);
                known.retain(|one| !due_now.withdraw.contains(&one.id));
                for cause in &due_now.give {
                    for (lot, ..) in &cause.lots {
                        prop_assert!(!known.iter().any(|one| one.lots.contains(lot)), "twice for {lot}");
                    }
                    let lots = cause.lots.iter().map(|(lot, ..)| *lot).collect();
                    let (order, rule) = (cause.order.clone(), cause.rule.clone());
                    let id = format!("{step}-{order}");
                    known.push(Compensated { id, order, rule, given, lots, open: true });
                }
                for one in known.iter().filter(|one| one.open) {
                    let is = |lot: &LotNo| request.lot(*lot).is_some_and(|(line, lot)| is_established(&request, line, lot, given));
                    prop_assert!(one.lots.iter().any(is), "{one:?} stands for nothing");
                }
                prop_assert_eq!(compensations_due(&request, &ruled(&request, given), &known), CompensationsDue::default());
                if used && let Some(last) = known.last_mut() {
                    last.open = false;
                }
            }
        }
    }
}
