//! Whatever is done to a return, in whatever order: what holds, holds; and what is written of it is read as the same.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::testing::*;
use super::*;
use crate::policy::{Decision, Resolution};
use crate::words::Locale;

fn sequences() -> u32 {
    if std::env::var_os("HOMEBOUND_LONG").is_some() { 1_000_000 } else { 10_000 }
}

/// A line of the order, units, what is wished, what is answered.
fn line() -> impl Strategy<Value = LineAsked> {
    let decisions = [Decision::Approved, Decision::Approved, Decision::InReview, Decision::Declined];
    (1..3_u32, 1..4_u32, proptest::sample::select(Resolution::ALL), proptest::sample::select(decisions.to_vec()), any::<bool>()).prop_map(
        |(line, units, resolution, verdict, never)| LineAsked {
            never_arrived: never && units == 1,
            ..asked(&line.to_string(), units, resolution, verdict)
        },
    )
}

/// Does one of the commands there are, the `choice`-th or the next that does anything, and tells the events that came of it.
fn act(request: &mut Return, choice: u16) -> Vec<Event> {
    let commands = commands(request, Choices::All);
    let facts = if choice.is_multiple_of(2) { facts(request) } else { later(facts(request)) };
    for place in 0..8 {
        let command = &commands[(usize::from(choice) + place) % commands.len()];
        let events = request.decide(command, role_for(command), &facts).unwrap_or_default();
        if !events.is_empty() {
            events.iter().for_each(|event| request.evolve(event));
            return events;
        }
    }
    Vec::new()
}

#[test]
fn whatever_is_done_about_goods_on_their_way_out_is_read_again_and_waits_for_somebody() {
    let kinds = proptest::sample::select(OutboundKind::ALL);
    let sequence = (kinds, proptest::collection::vec(line(), 1..3), proptest::collection::vec(any::<u16>(), 0..16));
    let config = Config { cases: sequences() / 5, failure_persistence: None, ..Config::default() };
    let ran = TestRunner::new(config).run(&sequence, |(kind, lines, choices)| {
        let refund = |asked| LineAsked { resolution: Resolution::Refund, ..asked };
        let mut events = on_its_way(kind, lines.into_iter().map(refund).collect());
        let mut request = Return::from_events(&events).unwrap();
        for choice in choices {
            events.extend(act(&mut request, choice));
            check(&request);
            prop_assert!(!request.needs_label() && !request.is_changeable());
        }
        tasks::tests::check(&request);
        let history = read(&written(&events));
        prop_assert_eq!(&history.request, &request);
        timeline(&request, &history.events, at(0));
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}

fn written(events: &[Event]) -> Vec<(u64, String, String)> {
    let row = |(event, seq): (&Event, u64)| {
        let recorded = Recorded { seq, at: at(seq as i64), actor: Actor::System, command_id: CommandId::new("c"), event: event.clone() };
        (seq, serde_json::to_string(&recorded.actor).unwrap(), write_event(&recorded).unwrap())
    };
    events.iter().zip(1..).map(row).collect()
}

fn read(rows: &[(u64, String, String)]) -> History {
    History::read(rows.iter().map(|(seq, actor, event)| (*seq, at(*seq as i64), actor.as_str(), event.as_str()))).unwrap()
}

#[test]
fn any_commands_in_any_order_keep_what_holds_and_are_read_again() {
    let sequence = (proptest::collection::vec(line(), 1..4), any::<bool>(), proptest::collection::vec(any::<u16>(), 0..24));
    let config = Config { cases: sequences(), failure_persistence: None, ..Config::default() };
    let ran = TestRunner::new(config).run(&sequence, |(lines, withdrawal, choices)| {
        let mut events = Return::open(opening(lines, withdrawal));
        let mut request = Return::from_events(&events).unwrap();
        if request.needs_label() {
            let label = Event::LabelIssued { parcel: parcel(), promises: None };
            request.evolve(&label);
            events.push(label);
        }
        for choice in choices {
            let made = act(&mut request, choice);
            check(&request);
            events.extend(made);
        }
        tasks::tests::check(&request);
        let history = read(&written(&events));
        prop_assert_eq!(&history.request, &request);
        let of_json: Return = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        prop_assert_eq!(of_json, request.clone());
        prop_assert_eq!(history.events.len(), events.len());
        timeline(&request, &history.events, at(0));
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}

/// What only a newer version knows is left out, and then nothing is changed.
#[test]
fn an_event_of_a_newer_version_can_be_passed_over() {
    let mut rows = written(&Return::open(opening(vec![asked("1", 1, Resolution::Refund, Decision::Approved)], false)));
    for newer in [r#"{"kind":"beamed_up","schema":2}"#, r#"{"kind":"approved","schema":99,"lots":{"all":true}}"#] {
        rows.push((rows.len() as u64 + 1, r#"{"kind":"system"}"#.into(), newer.into()));
        let history = read(&rows);
        assert!(history.request.newer);
        assert_eq!(history.request.version, rows.len() as u64);
        assert_eq!(history.request.status(), Status::Approved);
    }
    rows.push((5, r#"{"kind":"system"}"#.into(), r#"{"kind":"approved","schema":2,"lots":7}"#.into()));
    let rows = rows.iter().map(|(seq, actor, event)| (*seq, at(0), actor.as_str(), event.as_str()));
    assert!(matches!(History::read(rows), Err(Unreadable::Event { seq: 5, .. })), "what is known and wrong is no newer version's");
}

/// Servers of before know Chinese and English: they take a German return for an English one, in its events and in its state.
#[test]
fn a_return_in_another_language_reads_as_english_to_servers_of_before() {
    let opening = Opening { locale: Locale::De, ..opening(vec![asked("1", 1, Resolution::Refund, Decision::Approved)], false) };
    let events = Return::open(opening);
    let rows = written(&events);
    let told: serde_json::Value = serde_json::from_str(&rows[0].2).unwrap();
    assert_eq!((&told["opening"]["locale"], &told["opening"]["language"]), (&"en".into(), &"de".into()));
    let request = read(&rows).request;
    assert_eq!(request.locale, Locale::De);
    let state = serde_json::to_value(&request).unwrap();
    assert_eq!((&state["locale"], &state["language"]), (&"en".into(), &"de".into()));
    assert_eq!(serde_json::from_value::<Return>(state).unwrap(), request);
}
