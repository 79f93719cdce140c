//! By how many days the shop missed what it promised in a return, which rules of compensation may ask about (C34, C38).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::event::{Event, Recorded};
use super::grant::PaymentState;
use super::number::PaymentNo;
use super::request::Return;
use crate::days::{days_between, local_day};

/// Whole days, as the shop's calendar counts them, by which goods were looked at or money left after the day that was promised for it: the longer of both,
/// 0 where both were in time. What is promised anew counts from then on. Days by which goods came later than expected, and those on which the customer
/// thought about an offer, are not the shop's. Of a payment the day on which it was begun counts, if it was made. `events`: all of the return, in order.
pub fn days_missed(events: &[Recorded], zone: &TimeZone) -> u32 {
    let Some((first, rest)) = events.split_first() else { return 0 };
    let Some(mut request) = Return::from_events([&first.event]) else { return 0 };
    let after = |promised: Timestamp, at: Timestamp| days_between(local_day(promised, zone), local_day(at, zone)).max(0);
    let (mut missed, mut theirs) = (0, 0);
    let mut begun: Vec<(PaymentNo, i64)> = Vec::new();
    let mut offered: Option<Timestamp> = None;
    for Recorded { at, event, .. } in rest {
        let promises = request.promises;
        match event {
            Event::Received { .. } => theirs = theirs.max(after(promises.arrived, *at)),
            Event::Inspected { .. } => missed = missed.max(after(promises.inspected, *at) - theirs),
            Event::Offered { .. } => offered = offered.or(Some(*at)),
            Event::OfferAnswered { .. } | Event::OfferLapsed { .. } => theirs += offered.take().map_or(0, |since| after(since, *at)),
            Event::PaymentStarted { payment } => begun.push((payment.id, after(promises.refunded, *at) - theirs)),
            _ => {}
        }
        request.evolve(event);
    }
    let paid = |id: &PaymentNo| request.payments.iter().any(|payment| payment.id == *id && payment.state == PaymentState::Paid);
    let money = begun.into_iter().filter(|(id, _)| paid(id)).map(|(_, days)| days);
    money.fold(missed, i64::max).clamp(0, i64::from(u32::MAX)).try_into().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, eur, opening, receipt};
    use super::super::*;
    use super::*;
    use crate::policy::{Decision, PromisedDates, Resolution};

    /// A moment on a day of January 2027.
    fn day(day: i8) -> Timestamp {
        jiff::civil::date(2027, 1, day).at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp()
    }

    /// A return whose goods are expected by the 10th, to be looked at by the 12th and paid by the 14th; `what` happened on which days.
    fn missed(what: &[(i8, Event)]) -> u32 {
        let promises =
            PromisedDates { sent: day(8), label: day(8), arrived: day(10), inspected: day(12), refunded: day(14), decided: None };
        let opening = opening(vec![asked("1", 1, Resolution::Refund, Decision::Approved)], false);
        let first = Event::Opened { opening: Box::new(Opening { promises, ..opening }) };
        let events = std::iter::once((1, first)).chain(what.iter().cloned());
        let recorded = |(seq, (on, event)): (u64, (i8, Event))| Recorded {
            seq,
            at: day(on),
            actor: Actor::System,
            command_id: CommandId::new("test"),
            event,
        };
        days_missed(&(1..).zip(events).map(recorded).collect::<Vec<_>>(), &TimeZone::UTC)
    }

    #[test]
    fn a_promise_is_missed_by_the_days_that_are_ours() {
        let lot = LotNo::first(LineNo(1));
        let came = |on| {
            let items = vec![Booked { of: lot, lot, units: 1, outcome: Outcome::Received }];
            let (id, tracking_number) = ("r1".parse().unwrap(), None);
            (on, Event::Received { receipt: Receipt { id, at: day(on), warehouse: None, tracking_number, items, beside: Vec::new() } })
        };
        let looked = |on| (on, Event::Inspected { items: vec![Looked::plain(lot, 1, Inspection::Accepted)] });
        let grant = |on| {
            let receipt = receipt(1_000);
            let (id, order, lots, cause) = ("g1".parse().unwrap(), "1".parse().unwrap(), vec![lot], GrantCause::Settled);
            (on, Event::Granted { grant: Grant { id, at: day(on), order, lots, cause, currency: eur(), amount: 1_000, bonus: 0, receipt } })
        };
        let begun = |on, id: u32, state| {
            let payment = Payment {
                id: PaymentNo(id),
                grant: "g1".parse().unwrap(),
                at: day(on),
                to: PaidTo::Manual,
                amount: 1_000,
                state,
                reference: None,
            };
            (on, Event::PaymentStarted { payment })
        };
        let paid = |on| [grant(on), begun(on, 1, PaymentState::Paid)];
        let offer = |on| {
            let (id, order, lots, state) = ("o1".parse().unwrap(), "1".parse().unwrap(), vec![lot], OfferState::Made);
            let offer = Offer {
                id,
                at: day(on),
                order,
                lots,
                currency: eur(),
                expected: 1_000,
                amount: 500,
                less: Vec::new(),
                until: day(30),
                state,
            };
            (on, Event::Offered { offer })
        };
        let accepted = |on| (on, Event::OfferAnswered { offer: "o1".parse().unwrap(), answer: OfferAnswer::Accept });
        let anew = |on, to| {
            let promises =
                PromisedDates { sent: day(8), label: day(8), arrived: day(10), inspected: day(to), refunded: day(to), decided: None };
            (on, Event::Promised { promises })
        };
        for (what, events, expected) in [
            ("nothing yet", vec![], 0),
            ("in time", [vec![came(9), looked(12)], paid(14).to_vec()].concat(), 0),
            ("looked at late", [vec![came(9), looked(15)], paid(14).to_vec()].concat(), 3),
            ("paid late", [vec![came(9), looked(11)], paid(19).to_vec()].concat(), 5),
            ("both", [vec![came(9), looked(15)], paid(16).to_vec()].concat(), 3),
            ("it came late", [vec![came(14), looked(16)], paid(18).to_vec()].concat(), 0),
            ("it came late, and we were", [vec![came(14), looked(17)], paid(18).to_vec()].concat(), 1),
            ("they thought about it", [vec![came(9), looked(11), offer(11), accepted(16)], paid(18).to_vec()].concat(), 0),
            ("promised anew", [vec![came(9), anew(10, 20), looked(15)], paid(20).to_vec()].concat(), 0),
            (
                "begun and failed",
                vec![came(9), looked(11), grant(12), begun(20, 1, PaymentState::Failed), begun(16, 2, PaymentState::Paid)],
                2,
            ),
        ] {
            assert_eq!(missed(&events), expected, "{what}");
        }
    }
}
