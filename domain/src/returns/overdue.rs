//! When a step is late, and what that means for those after it.

use jiff::Timestamp;

use super::testing::{asked, at, eur, opening, parcel};
use super::*;
use crate::policy::{Decision, Method, Resolution};

/// What is left of a return at so many seconds: by when, and what is late.
fn left(events: Vec<Event>, second: i64) -> Vec<(Option<Timestamp>, Option<Late>)> {
    let request = Return::from_events(&events).unwrap();
    let recorded =
        (1..).zip(events).map(|(seq, event)| Recorded { seq, at: at(0), actor: Actor::System, command_id: CommandId::new("test"), event });
    let entries = timeline(&request, &recorded.collect::<Vec<_>>(), at(second));
    entries.iter().filter(|entry| entry.state != EntryState::Done).map(|entry| (entry.promised_by, entry.late)).collect()
}

fn refund(decision: Decision) -> Opening {
    opening(vec![asked("1", 1, Resolution::Refund, decision)], false)
}

#[test]
fn a_step_is_late_once_its_day_is_over_and_what_waits_for_it_has_none() {
    // Sent by 10, checked by 30, money by 40.
    let own = || Return::open(refund(Decision::Approved));
    assert_eq!(left(own(), 10), [(Some(at(10)), None), (Some(at(30)), None), (Some(at(40)), None)]);
    assert_eq!(left(own(), 11), [(Some(at(10)), Some(Late::Sending)), (None, None), (None, None)]);
    let under_way = || {
        let scan = Scan { status: ScanStatus::Accepted, at: at(5), location: None };
        let label = Event::LabelIssued { parcel: parcel(), promises: None };
        own().into_iter().chain([label, Event::Scanned { tracking_number: "T1".into(), scan }]).collect()
    };
    assert_eq!(left(under_way(), 11), [(Some(at(30)), None), (Some(at(40)), None)]);
    assert_eq!(left(under_way(), 41), [(Some(at(30)), Some(Late::Arrival)), (None, None)]);
}

#[test]
fn a_pickup_of_which_nothing_was_heard_and_our_own_answers_are_late_by_their_names() {
    let pickup = Some(Pickup { date: jiff::civil::date(2027, 1, 15), slot: "09-12".into() });
    let collected = Return::open(Opening { method: Method::Pickup, pickup, ..refund(Decision::Approved) });
    assert_eq!(left(collected, 11)[0].1, Some(Late::Pickup));
    let waits = Return::open(refund(Decision::InReview));
    let said: Vec<_> = left(waits, 11);
    assert_eq!((said[0].1, said[1]), (Some(Late::Decision), (None, None)), "who waits for us is not late themselves");
    let keeps = Return::open(opening(vec![asked("1", 1, Resolution::KeepRefund, Decision::Approved)], false));
    assert_eq!(left(keeps, 41), [(Some(at(40)), Some(Late::Money))]);
}

#[test]
fn what_the_customer_pays_is_a_step_before_the_other_item_leaves() {
    let mut exchange = opening(vec![asked("1", 1, Resolution::Exchange, Decision::Approved)], false);
    exchange.orders[0].settlement.due = 800;
    let events = Return::open(exchange);
    let request = Return::from_events(&events).unwrap();
    let moments: Vec<_> = timeline(&request, &[], at(0)).into_iter().map(|entry| entry.moment).collect();
    let due = Moment::Due { amounts: vec![(eur(), 800)] };
    assert_eq!(moments[2..], [due, Moment::ExchangeSent]);
}
