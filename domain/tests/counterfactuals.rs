//! N1: every rule tried, which fired and why, and what would change the outcome.

mod shop;

use domain::policy::{Change, Decision, FactKind, Resolution, Table, counterfactuals, judge};
use domain::reason::ReasonTree;
use shop::{Ask, default_policy};

fn changes(ask: &Ask) -> Vec<(Change, Decision)> {
    let now = ask.now();
    ask.with(|policy, case, _, _| {
        counterfactuals(policy, case, &ReasonTree::default(), now)
            .into_iter()
            .flatten()
            .map(|found| (found.change, found.decision))
            .collect()
    })
}

#[test]
fn the_trace_tells_every_rule_and_the_facts_it_read() {
    let policy = default_policy();
    let ask = Ask::of(&policy).category("furniture").condition("opened").asked("2026-03-06");
    let now = ask.now();
    let looks = ask.with(|policy, case, _, _| judge(policy, case, now).looks(policy, case, 0, now));
    let windows: Vec<_> = looks.iter().filter(|look| look.table == Table::Window).collect();
    assert_eq!(
        windows.last().map(|look| (look.rule.as_str(), look.fired)),
        Some(("furniture", true)),
        "the first that fires ends the table"
    );
    let fault = windows.iter().find(|look| look.rule == "fault").unwrap();
    assert!(!fault.fired);
    assert_eq!(
        (fault.facts[0].fact, fault.facts[0].value.as_deref(), fault.facts[0].wants.to_string().as_str()),
        (FactKind::Fault, Some("customer"), "merchant, carrier")
    );
    assert_eq!(looks.iter().filter(|look| look.table == Table::Exclusion).count(), policy.exclusion.len(), "exclusions are all tried");
    assert!(looks.iter().any(|look| look.table == Table::Fee && look.rule == "furniture-depreciation" && look.fired));
}

#[test]
fn another_wish_that_would_be_granted_is_told() {
    let policy = default_policy();
    let late = Ask::of(&policy).condition("unopened").asked("2026-03-16").wish(Resolution::Refund);
    let found = changes(&late);
    assert!(found.contains(&(Change::Resolution { resolution: Resolution::Exchange }, Decision::Approved)));
    assert!(found.contains(&(Change::Resolution { resolution: Resolution::StoreCredit }, Decision::Approved)));
    assert!(!found.iter().any(|(change, _)| matches!(change, Change::Fault)), "no hint at a fault where something honest helps");
}

#[test]
fn a_gift_left_behind_is_named_as_what_would_help() {
    let policy = default_policy();
    let found = changes(&Ask::of(&policy).gift(1, 0).wish(Resolution::Refund));
    assert!(found.contains(&(Change::Include { line: "gift".parse().unwrap(), units: 1 }, Decision::Approved)));
}

#[test]
fn an_approval_says_from_when_on_it_would_be_too_late() {
    let policy = default_policy();
    let found = changes(&Ask::of(&policy).condition("opened").asked("2026-03-08"));
    assert_eq!(found, [(Change::Later { day: "2026-03-13".parse().unwrap() }, Decision::Declined)]);
}

#[test]
fn a_final_sale_item_still_has_its_rights_when_it_is_faulty() {
    let policy = default_policy();
    assert_eq!(changes(&Ask::of(&policy).tag("special-price")), [(Change::Fault, Decision::Approved)]);
}
