//! Every state that commands lead to, breadth-first: nothing is broken in any, and from each there is a way to an end (P11).

use std::collections::{BTreeSet, HashMap};

use super::testing::*;
use super::*;
use crate::policy::{Decision, Resolution};

/// What matters of a return for what can come: equal lots are merged, names and times left out.
fn key(request: &Return) -> String {
    let of_lot = |lot: &Lot| {
        let offers: Vec<_> = request.offers.iter().filter(|offer| offer.lots.contains(&lot.id)).map(|offer| &offer.state).collect();
        let grants: Vec<_> = request
            .grants_of(lot.id)
            .map(|grant| {
                let paid = request.payments.iter().filter(|payment| payment.grant == grant.id);
                (grant.cause, grant.amount, paid.map(|payment| (payment.amount, payment.state)).collect::<Vec<_>>())
            })
            .collect();
        let remedies: Vec<_> = request.remedies.iter().filter(|remedy| remedy.lots.contains(&lot.id)).map(|remedy| remedy.state).collect();
        let collected: Vec<_> = request.collected.iter().filter(|one| one.lots.contains(&lot.id)).map(|one| one.cause).collect();
        let waived = request.waived.contains(&lot.id);
        format!("{:?}{:?}{offers:?}{grants:?}{remedies:?}{collected:?}{waived}", lot.state, lot.deduct)
    };
    let mut key = String::new();
    for line in &request.lines {
        let mut lots: Vec<(String, u32)> = line.lots.iter().map(|lot| (of_lot(lot), lot.units)).collect();
        lots.sort();
        key.push_str(&format!("{lots:?}{}", line.asked.never_arrived));
    }
    if let Some(outbound) = &request.outbound {
        key.push_str(&format!("{:?}{:?}", outbound.outcome, outbound.pursued));
    }
    key
}

/// What matters beside it of labels.
fn labels(request: &Return) -> String {
    let wanted = request.wanted.as_ref().map(|wanted| wanted.refused.is_some());
    let parcels: Vec<_> = request.parcels.iter().map(|parcel| (parcel.voided, parcel.scans.len())).collect();
    format!("{wanted:?}{parcels:?}{:?}", request.method)
}

struct Walked {
    states: usize,
    steps: usize,
    dead_ends: usize,
    did: BTreeSet<CommandKind>,
    /// Whether every state was walked.
    whole: bool,
}

/// Walks from `start`, at most so many states.
fn walk(start: Return, choices: Choices, most: usize) -> Walked {
    let key = |request: &Return| key(request) + &if choices == Choices::Labels { labels(request) } else { String::new() };
    let mut places: HashMap<String, usize> = HashMap::from([(key(&start), 0)]);
    let mut states = vec![start];
    let mut leads_to: Vec<Vec<usize>> = Vec::new();
    let mut steps = 0;
    let mut whole = true;
    let mut all_done = BTreeSet::new();
    while leads_to.len() < states.len() {
        if states.len() > most {
            whole = false;
            break;
        }
        let here = states[leads_to.len()].clone();
        check(&here);
        let mut next = Vec::new();
        let mut did = BTreeSet::new();
        for command in commands(&here, choices) {
            let facts = if matches!(command, Command::LapseOffer { .. }) { later(facts(&here)) } else { facts(&here) };
            let Ok(events) = here.decide(&command, role_for(&command), &facts) else { continue };
            if events.is_empty() {
                continue;
            }
            let mut there = here.clone();
            events.iter().for_each(|event| there.evolve(event));
            // Done twice, it does nothing the second time or is refused, but for what may be said again.
            if !matches!(
                command,
                Command::AskEvidence { .. }
                    | Command::Offer { .. }
                    | Command::Pay { .. }
                    | Command::IssueLabel { .. }
                    | Command::Receive { .. }
                    | Command::Inspect { .. }
                    | Command::Note { .. }
                    | Command::AddEvidence { .. }
            ) {
                let again = there.decide(&command, role_for(&command), &facts);
                assert!(!again.is_ok_and(|events| !events.is_empty()), "twice: {command:?}\n{here:?}");
            }
            // What a carrier saw and a gateway took is told whatever the state.
            let told = matches!(command, Command::Scan { .. } | Command::Collect { payment: Some(_), .. });
            if !told {
                did.insert(command.kind());
            }
            steps += 1;
            let place = *places.entry(key(&there)).or_insert_with(|| {
                states.push(there);
                states.len() - 1
            });
            next.push(place);
        }
        let possible: BTreeSet<CommandKind> = here.possible().into_iter().collect();
        let untold: Vec<_> = did.difference(&possible).collect();
        assert!(untold.is_empty(), "done, though not said to be possible: {untold:?}\n{here:?}");
        all_done.extend(did);
        leads_to.push(next);
    }
    // Where not all was walked, what was not is taken to lead on.
    let dead_ends = dead_ends(&states, &leads_to);
    Walked { states: leads_to.len(), steps, dead_ends, did: all_done, whole }
}

/// States from which no end can be reached.
fn dead_ends(states: &[Return], leads_to: &[Vec<usize>]) -> usize {
    let mut comes_from: Vec<Vec<usize>> = vec![Vec::new(); states.len()];
    for (from, next) in leads_to.iter().enumerate() {
        next.iter().for_each(|to| comes_from[*to].push(from));
    }
    let mut reaches: Vec<bool> = states.iter().zip(0..).map(|(state, place)| place >= leads_to.len() || state.status().is_end()).collect();
    let mut open: Vec<usize> = (0..states.len()).filter(|place| reaches[*place]).collect();
    while let Some(place) = open.pop() {
        for from in &comes_from[place] {
            if !std::mem::replace(&mut reaches[*from], true) {
                open.push(*from);
            }
        }
    }
    for (place, _) in reaches.iter().enumerate().filter(|(_, reaches)| !**reaches).take(3) {
        println!("no end from {:?}: {}", states[place].status(), key(&states[place]));
    }
    reaches.iter().filter(|reaches| !**reaches).count()
}

fn long() -> bool {
    std::env::var_os("HOMEBOUND_LONG").is_some()
}

/// One lot with all its data, for each thing that can be asked and answered.
#[test]
fn one_lot_has_a_way_to_an_end_from_everywhere() {
    let mut all = (0, 0);
    for resolution in Resolution::ALL.iter().copied() {
        for verdict in [Decision::Approved, Decision::InReview] {
            for withdrawal in [false, true] {
                if withdrawal && !resolution.pays() {
                    continue;
                }
                for never_arrived in [false, true] {
                    let line = LineAsked { never_arrived, ..asked("1", 1, resolution, verdict) };
                    let walked = walk(opened(vec![line], withdrawal), Choices::All, if long() { usize::MAX } else { 1_000 });
                    assert_eq!(walked.dead_ends, 0, "{resolution} {verdict:?} {withdrawal} {never_arrived}");
                    all = (all.0 + walked.states, all.1 + walked.steps);
                }
            }
        }
    }
    println!("one lot: {} states, {} steps, no dead end", all.0, all.1);
}

/// Two lines of three units in all, one value for each way on.
#[test]
fn two_lines_have_a_way_to_an_end_from_everywhere() {
    let lines = vec![asked("1", 2, Resolution::Refund, Decision::Approved), asked("2", 1, Resolution::Exchange, Decision::InReview)];
    let walked = walk(opened(lines, false), Choices::One, if long() { 200_000 } else { 4_000 });
    assert_eq!(walked.dead_ends, 0);
    println!("two lines: {} states{}, {} steps", walked.states, if walked.whole { "" } else { " (of more)" }, walked.steps);
}

/// Labels that are bought: wanted, refused, made, replaced, called off, whatever becomes of the goods meanwhile.
#[test]
fn what_becomes_of_labels_never_stands_in_the_way() {
    let start = Return::from_events(&Return::open(opening(vec![asked("1", 1, Resolution::Refund, Decision::Approved)], false))).unwrap();
    let walked = walk(start, Choices::Labels, usize::MAX);
    assert!(walked.whole);
    let of_labels = [CommandKind::WantLabel, CommandKind::RefuseLabel, CommandKind::IssueLabel, CommandKind::VoidLabel];
    assert!(of_labels.iter().all(|kind| walked.did.contains(kind)), "{:?}", walked.did);
    println!("labels: {} states, {} steps", walked.states, walked.steps);
}

/// Goods on their way out, whatever becomes of them.
#[test]
fn what_is_on_its_way_out_has_a_way_to_an_end_from_everywhere() {
    for kind in OutboundKind::ALL.iter().copied() {
        for resolution in kind.resolutions().iter().copied() {
            let start = Return::from_events(&on_its_way(kind, vec![asked("1", 1, resolution, Decision::InReview)])).unwrap();
            let walked = walk(start, Choices::All, if long() { 100_000 } else { 2_000 });
            assert_eq!(walked.dead_ends, 0, "{kind} {resolution}");
            assert!(walked.did.contains(&CommandKind::AnswerOutbound), "{:?}", walked.did);
            assert_eq!(walked.did.contains(&CommandKind::PursueOutbound), kind.is_carried() && !kind.is_certain());
            let by_policy =
                [CommandKind::Approve, CommandKind::Decline, CommandKind::AddLines, CommandKind::Extend, CommandKind::IssueLabel];
            assert!(by_policy.iter().all(|kind| !walked.did.contains(kind)), "{:?}", walked.did);
            println!("{kind}, {resolution}: {} states, {} steps", walked.states, walked.steps);
        }
    }
}

/// Every command by every role, where the state would allow it.
#[test]
fn every_command_is_for_whom_its_row_says() {
    let request = opened(vec![asked("1", 1, Resolution::Refund, Decision::InReview)], false);
    for command in commands(&request, Choices::All) {
        for role in Role::ALL {
            let row = command.kind().row();
            let told = row.who.contains(&role) || (role == Role::Admin && row.who != [Role::System]);
            let answer = request.decide(&command, role, &facts(&request));
            assert_eq!(matches!(answer, Err(Refused::Role { .. })), !told, "{command:?} by {role:?}");
        }
    }
}

#[test]
fn the_table_names_each_command_once_and_only_events_there_are() {
    for (place, row) in CommandKind::TABLE.iter().enumerate() {
        assert_eq!(row.kind.row().code, row.code);
        assert!(CommandKind::TABLE[..place].iter().all(|other| other.code != row.code), "{}", row.code);
        assert!(!row.who.is_empty());
        for event in row.events {
            assert!(Event::KINDS.iter().any(|(kind, _)| kind == event), "{event}");
        }
    }
    for (kind, _) in Event::KINDS.iter().filter(|(kind, _)| !["opened", "outbound_opened"].contains(kind)) {
        assert!(CommandKind::TABLE.iter().any(|row| row.events.contains(kind)), "no command makes {kind}");
    }
}
