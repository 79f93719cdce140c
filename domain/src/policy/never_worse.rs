//! With the floor nobody is worse off than without (N4): random policies, orders and requests.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::floor::floor;
use super::known::Known;
use super::request::{Basis, Case, CaseLine, History, SaidOfLaw};
use super::verdict::{Decision, LineVerdict, Offer, Verdict};
use super::{Policy, Resolution, judge, reload};
use crate::law::{Residence, all, law_of};
use crate::order::{Order, OrderDocument};
use crate::reason::ReasonTree;

/// SplitMix64: the same cases each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const TESTS: [&str; 9] = [
    r#"{}"#,
    r#"{"fault": "merchant"}"#,
    r#"{"opened": true}"#,
    r#"{"condition": ["used", "damaged"]}"#,
    r#"{"country": ["DE", "CN", "GB"]}"#,
    r#"{"days_since_delivery": {"min": 3}}"#,
    r#"{"withdrawal": true}"#,
    r#"{"category": "a"}"#,
    r#"{"resolution": "refund"}"#,
];

fn rules(random: &mut Random, most: usize, effects: &[&str]) -> Value {
    let rules = (0..random.below(most + 1)).map(|place| {
        let (when, then): (Value, Value) =
            (serde_json::from_str(random.one(&TESTS[..8])).unwrap(), serde_json::from_str(random.one(effects)).unwrap());
        json!({"id": format!("r{place}"), "when": when, "then": then})
    });
    rules.collect()
}

fn policy(random: &mut Random) -> Policy {
    let document = json!({
        "homebound_policy": 1, "time_zone": random.one(&["UTC", "Asia/Shanghai", "America/Los_Angeles"]), "assumed_transit_days": random.below(6),
        "window": rules(random, 3, &[r#"{"days": 7}"#, r#"{"days": 30, "from": "order"}"#, r#"{"closed": true}"#, r#"{"unlimited": true}"#, r#"{"months": 2}"#]),
        "exclusion": rules(random, 2, &[r#"{"because": "hygiene"}"#, r#"{"refuse": ["refund"]}"#, r#"{"because": "final_sale", "refuse": ["refund", "exchange"]}"#]),
        "resolution": rules(random, 2, &[r#"{"offer": ["refund", "exchange"]}"#, r#"{"offer": ["store_credit"], "store_credit_bonus": "10"}"#,
            r#"{"offer": ["repair"]}"#, r#"{"offer": ["replacement", "refund"]}"#, r#"{"offer": ["keep_refund", "refund"], "keep_share": "30"}"#]),
        "fee": rules(random, 2, &[r#"{"percent": "15"}"#, r#"{"flat": {"EUR": "4.00"}}"#, r#"{}"#]),
        "freight": rules(random, 2, &[r#"{"payer": "customer"}"#, r#"{"payer": "merchant"}"#, r#"{"payer": "customer", "flat": {"EUR": "6.00"}}"#]),
        "outbound": rules(random, 1, &[r#"{"refund": "never"}"#, r#"{"refund": "always"}"#, r#"{"refund": "when_all_returned"}"#]),
        "method": rules(random, 1, &[r#"{"offer": [{"method": "self_ship", "price": {"EUR": "5.00"}}, {"method": "drop_off"}]}"#, r#"{"offer": [{"method": "pickup", "price": {"CNY": "9"}}]}"#]),
        "evidence": rules(random, 1, &[r#"{"ask": "photo", "of": "item"}"#]),
        "review": rules(random, 2, &[r#"{"by": "person", "because": "high_value"}"#, r#"{"by": "rules"}"#, r#"{"by": "person"}"#]),
        "gifts": random.one(&["together", "deduct", "keep"]), "bundles": random.one(&["together", "apart"]),
    });
    reload(&document.to_string()).unwrap_or_else(|problems| panic!("{problems:?}: {document}"))
}

fn maybe(random: &mut Random, values: &[Value]) -> Value {
    if random.percent(60) { Value::Null } else { values[random.below(values.len())].clone() }
}

fn order(random: &mut Random, places: &[(String, Option<String>)]) -> Order {
    let (country, region) = places[random.below(places.len())].clone();
    let lines: Vec<Value> = (1..=1 + random.below(3))
        .map(|id| {
            let kinds: Vec<&str> = (0..random.below(2)).map(|_| random.one(KINDS)).collect();
            let gift = if id > 1 && random.percent(15) { json!("1") } else { Value::Null };
            let bundle = if random.percent(15) { json!("b") } else { Value::Null };
            json!({"id": id.to_string(), "sku": "A", "name": "A", "quantity": 1 + random.below(2), "unit_price": "20.00", "gift_with": gift,
                "bundle": bundle, "category": random.one(&["a", "b"]), "kinds": kinds, "sealed_on_delivery": maybe(random, &[true.into(), false.into()]),
                "exclusion_confirmed": maybe(random, &[true.into(), false.into()]),
                "digital": maybe(random, &[json!({"started": true, "consented": true, "confirmed": true}), json!({"started": true})])})
        })
        .collect();
    let placed: Timestamp = "2026-11-01T10:00:00Z".parse().unwrap();
    let hours = |hours: usize| (placed + jiff::SignedDuration::from_hours(hours as i64)).to_string();
    let deliveries: Vec<Value> = (0..random.below(3))
        .map(|place| {
            let of = lines.get(place).map(|line| json!([{"id": line["id"], "quantity": 1}])).unwrap_or_else(|| json!([]));
            let arrived = if random.percent(80) { json!(hours(24 + random.below(200))) } else { Value::Null };
            json!({"lines": of, "shipped_at": hours(20), "delivered_at": arrived})
        })
        .collect();
    let told = [true.into(), false.into(), Value::from("2026-11-15")];
    let document = json!({"number": "1", "placed_at": placed, "currency": "EUR", "channel": random.one(&["web", "store", "phone"]),
        "customer": {}, "ship_to": {"country": country, "region": region}, "lines": lines, "deliveries": deliveries, "shipping": "4.90",
        "concluded": maybe(random, &["online", "distance", "off_premises", "premises"].map(Value::from)),
        "informed_of_withdrawal": maybe(random, &told), "informed_of_return_cost": maybe(random, &told[..2]), "policy_displayed": maybe(random, &told[..2]),
        "contract_copy": maybe(random, &told), "disclosure_defective": maybe(random, &told[..2])});
    let document: OrderDocument = serde_json::from_value(document).unwrap();
    Order::parse(&document).unwrap()
}

const KINDS: &[&str] =
    &["perishable", "personalised", "sealed_hygiene", "sealed_media", "digital", "mattress", "newspaper", "mobile_phone", "hazmat-lithium"];

fn lines(random: &mut Random, order: &Order, tree: &ReasonTree) -> Vec<CaseLine> {
    let reasons = ["dislike", "quality", "wrong_item", "damaged_in_transit", "late", "missing_item"];
    let asked = order.lines.iter().filter(|_| random.percent(70)).cloned().collect::<Vec<_>>();
    asked
        .into_iter()
        .map(|line| CaseLine {
            quantity: 1 + random.below(line.quantity as usize) as u32,
            line: line.id,
            reason: random.percent(85).then(|| tree.choose(random.one(&reasons[..]), None, None).unwrap()),
            condition: random
                .one(&[None, Some("unopened"), Some("opened"), Some("used"), Some("damaged")])
                .map(|code| code.parse().unwrap()),
            resolution: if random.percent(50) { None } else { Some(random.one(Resolution::ALL)) },
            evidence: Vec::new(),
            law: SaidOfLaw {
                seal_broken: random.one(&[None, Some(true), Some(false)]),
                known: None,
                basis: random.one(&[None, None, Some(Basis::Law), Some(Basis::Policy)]),
            },
        })
        .collect()
}

/// Whether `one` is in nothing worse for the customer than `other`.
fn as_good(one: &Offer<'_>, other: &Offer<'_>) -> bool {
    one.resolution == other.resolution
        && one.share >= other.share
        && (one.fee.is_none() || one.fee.map(|rule| &rule.id) == other.fee.map(|rule| &rule.id))
        && one.payer <= other.payer
        && one.outbound >= other.outbound
}

fn worse(with: &LineVerdict<'_>, without: &LineVerdict<'_>) -> Option<String> {
    if with.decision > without.decision {
        return Some(format!("{} where it was {}", with.decision, without.decision));
    }
    let lost = without.offers.iter().find(|offer| !with.offers.iter().any(|other| as_good(other, offer)));
    lost.map(|offer| format!("{:?} is gone", offer.resolution))
}

#[test]
fn nobody_is_worse_off() {
    let wanted = std::env::var("HOMEBOUND_LAW_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000_usize);
    let tree = ReasonTree::default();
    let mut places: Vec<(String, Option<String>)> = all()
        .filter(|law| law.jurisdiction != "EU")
        .map(|law| match law.jurisdiction.split_once('-') {
            Some((country, region)) => (country.to_owned(), Some(region.to_owned())),
            None => (law.jurisdiction.clone(), None),
        })
        .collect();
    places.extend([("LU".to_owned(), None), ("RU".to_owned(), None)]);
    let mut random = Random(26_111);
    let (mut seen, mut helped, mut overruled, mut none) = (0, 0, 0, 0);
    while seen < wanted {
        let policy = policy(&mut random);
        for _ in 0..100 {
            let order = order(&mut random, &places);
            let lines = lines(&mut random, &order, &tree);
            let history = History::default();
            let case = Case {
                order: &order,
                history: &history,
                lines: &lines,
                method: None,
                withdrawal: random.percent(30),
                return_region: None,
                proof: None,
            };
            let now: Timestamp =
                "2026-11-02T10:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(random.below(24 * 60) as i64);
            let with = judge(&policy, &case, now);
            // A business has no such rights: the same policy, and nothing beneath it.
            let mut business = order.clone();
            business.contract.consumer = false;
            let without = judge(&policy, &Case { order: &business, ..case }, now);
            for (said, plain) in with.lines.iter().zip(&without.lines) {
                if let Some(wrong) = worse(said, plain) {
                    panic!("{wrong}\n{order:?}\n{lines:?}\n{said:?}\n{plain:?}");
                }
                let law = said.law.as_ref();
                assert!(plain.law.as_ref().is_none_or(|law| law.changed.is_empty() && law.basis == Basis::Policy));
                helped += usize::from(law.is_some_and(|law| !law.changed.is_empty()));
                overruled += usize::from(plain.decision == Decision::Declined && said.decision != Decision::Declined);
                let live = law.is_some_and(|law| law.rights.iter().any(crate::law::Rights::is_live));
                if !live {
                    none += 1;
                    let same = |a: &LineVerdict<'_>, b: &LineVerdict<'_>| {
                        format!("{:?}{:?}{:?}", a.decision, a.offers, a.refusals)
                            == format!("{:?}{:?}{:?}", b.decision, b.offers, b.refusals)
                    };
                    assert!(same(said, plain), "where no right exists nothing changes: {said:?}\n{plain:?}");
                }
            }
            idempotent(&policy, &case, with, now);
            seen += 1;
        }
    }
    assert!(
        helped > seen / 20 && overruled > seen / 50 && none > seen / 20,
        "{seen} cases: {helped} helped, {overruled} overruled, {none} without a right"
    );
}

/// Laid beneath a verdict twice, the floor is what it was.
fn idempotent<'p>(policy: &'p Policy, case: &Case<'_>, with: Verdict<'p>, now: Timestamp) {
    for said in &with.lines {
        let (asked, line) = (&case.lines[said.index], case.order.line(&said.line).unwrap());
        // Of what is declined the offers are gone by now.
        if said.decision != Decision::Declined {
            let known = Known::gather(policy.shop_rules(), case, line, asked, now);
            let mut again = said.clone();
            floor(policy, &known, &mut again);
            assert_eq!(format!("{:?}", again.offers), format!("{:?}", said.offers), "{case:?}");
            assert_eq!((again.decision, again.review), (said.decision, said.review), "{case:?}");
        }
    }
}

#[test]
fn a_contract_follows_the_law_of_where_the_consumer_lives() {
    let of = |country: &str, region: Option<&str>| {
        law_of(Residence { country: country.parse().unwrap(), region }, "2026-11-01".parse().unwrap()).map(|law| law.jurisdiction.as_str())
    };
    assert_eq!(of("DE", None), Some("DE"));
    assert_eq!(of("LU", None), Some("EU"));
    for region in ["QC", "CA-QC", "Québec", "quebec", "qc"] {
        assert_eq!(of("CA", Some(region)), Some("CA-QC"), "{region}");
    }
    assert_eq!(of("CA", Some("Yukon")), Some("CA"));
    assert_eq!(of("US", Some("California")), Some("US-CA"));
    assert_eq!(of("US", Some("TX")), Some("US"));
    assert_eq!(of("RU", None), None);
}
