//! What holds whatever happens to an order, in whatever sequence.

use std::time::Instant;

use proptest::prelude::*;

use super::{Claim, FeeTerms, Ledger, Part, Terms, any, books};
use crate::order::{OrderDiscount, OrderLine};
use crate::policy::{BasisPoints, FeeKind, FeePer, GiftRule, Resolution};

/// Sequences tried: 10,000, and a million where `HOMEBOUND_LONG` is set.
fn sequences() -> ProptestConfig {
    let cases = if std::env::var_os("HOMEBOUND_LONG").is_some() { 1_000_000 } else { 10_000 };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(sequences())]

    #[test]
    fn returns_entered_one_by_one_come_to_what_they_come_to_at_once(
        order in any::order(true), gone in prop::collection::vec(any::outside(), 0..2), parts in prop::collection::vec(any::part(), 0..6), deduct in any::<bool>()
    ) {
        let gifts = if deduct { GiftRule::Deduct } else { GiftRule::Keep };
        let apart = books(&order, gifts, &gone, &parts);
        let all = Part { claims: parts.iter().flat_map(|part| part.claims.clone()).collect(), freight: parts.iter().map(|part| part.freight).sum() };
        let together = books(&order, gifts, &gone, [&all]);
        prop_assert_eq!((apart.expected, apart.due), (together.expected, together.due));
        prop_assert_eq!(&apart.weights.iter().sum::<i64>(), &together.weights[0]);
        prop_assert_eq!(apart.parts.iter().map(|part| part.outbound).sum::<i64>(), together.parts[0].outbound);
        for part in apart.parts.iter().chain(&together.parts) {
            prop_assert_eq!(part.receipt.iter().map(|row| row.amount).sum::<i64>(), part.expected - part.due);
        }
    }
}

/// `cargo test --release -p domain two_hundred -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn two_hundred_returns_are_settled_in_a_millisecond() {
    let mut order = any::model();
    let pattern = order.lines.remove(0);
    let line = |place: i64| OrderLine { id: place.to_string().parse().unwrap(), unit_price: 1_000 + 7 * place, ..pattern.clone() };
    order.lines = (0..200).map(line).collect();
    order.discounts = vec![OrderDiscount { code: None, amount: 5_000, minimum_spend: Some(90_000) }];
    let fee = FeeTerms { kind: FeeKind::Restocking, percent: BasisPoints(1_000), flat: 0, per: FeePer::Unit };
    for (name, resolution, fee) in [
        ("refunds", Resolution::Refund, None),
        ("with a fee", Resolution::Refund, Some(fee)),
        ("as credit", Resolution::StoreCredit, None),
        ("kept for part", Resolution::KeepRefund, None),
        ("exchanged", Resolution::Exchange, None),
    ] {
        let terms = Terms { fee, share: BasisPoints(1_000), ..Terms::OUTSIDE };
        let claim = |line: &OrderLine| Claim {
            line: line.id.clone(),
            units: 1,
            resolution,
            terms: terms.clone(),
            price: Some(line.unit_price - 50),
        };
        let parts: Vec<Part> = order.lines.iter().map(|line| Part { claims: vec![claim(line)], freight: 0 }).collect();
        let best = |run: &dyn Fn()| {
            let once = |_| {
                let start = Instant::now();
                run();
                start.elapsed()
            };
            (0..9).map(once).min().unwrap_or_default()
        };
        let all = best(&|| drop(books(&order, GiftRule::Keep, &[], &parts)));
        let mut before = Ledger::of(&order, GiftRule::Keep, &[]);
        parts[1..].iter().for_each(|part| drop(before.enter(part)));
        let offer = best(&|| drop(before.with(&parts[0])));
        eprintln!("{name}: {all:?}; one offer more {offer:?}");
    }
}
