//! What the law gives, case by case (N4): `domain/law/cases.jsonl`, each told as an order, a policy and a request.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use domain::order::{Order, OrderDocument};
use domain::policy::{Basis, Case, CaseLine, Decision, History, Method, Payer, Policy, Resolution, SaidOfLaw, Verdict, judge, read};
use domain::reason::ReasonTree;
use domain::settlement::{Part, books, claims, freight_charge};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Told {
    id: String,
    country: String,
    region: Option<String>,
    facts: Facts,
    expect: Expected,
    why: String,
}

#[derive(Deserialize)]
struct Facts {
    consumer: bool,
    channel: String,
    #[serde(default)]
    concluded: Option<String>,
    claim: String,
    goods: Vec<String>,
    condition: Option<String>,
    informed: Value,
    #[serde(default)]
    informed_of_return_cost: Option<bool>,
    placed: String,
    /// A day each, or `null` for a parcel that is under way.
    delivered: Vec<Option<String>>,
    asked_at: Timestamp,
    #[serde(default)]
    price: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    known: Option<String>,
    #[serde(default)]
    goods_received: Option<String>,
    #[serde(default)]
    sealed_on_delivery: Option<bool>,
    #[serde(default)]
    unsealed: Option<bool>,
    #[serde(default)]
    digital: Option<Value>,
    #[serde(default)]
    exclusion_confirmed: Option<bool>,
    #[serde(default)]
    policy_displayed: Option<bool>,
    #[serde(default)]
    disclosure_defective: Option<bool>,
    #[serde(default)]
    contract_copy: Option<Value>,
    #[serde(default)]
    final_sale: bool,
    /// It was repaired once.
    #[serde(default)]
    repaired: bool,
    policy: Rules,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Rules {
    window_days: u32,
    #[serde(default)]
    freight: Option<String>,
    #[serde(default)]
    offer: Option<Vec<String>>,
    #[serde(default)]
    excludes: Vec<String>,
    #[serde(default)]
    fee_percent: Option<String>,
    /// A person looks at everything.
    #[serde(default)]
    review: bool,
}

#[derive(Deserialize)]
struct Expected {
    allowed: bool,
    /// `approved`, `in_review`, where it matters.
    #[serde(default)]
    decision: Option<String>,
    basis: Option<String>,
    until: Option<String>,
    freight: Option<String>,
    refund_by: Option<String>,
    exception: Option<String>,
    #[serde(default)]
    offers_include: Vec<String>,
    #[serde(default)]
    fee: Option<String>,
    #[serde(default)]
    amount: Option<String>,
    /// Whether the shipping that was paid comes back.
    #[serde(default)]
    outbound: Option<String>,
}

impl Told {
    fn order(&self) -> Order {
        let facts = &self.facts;
        let noon = |day: &str| format!("{day}T12:00:00Z");
        let lines: Vec<Value> = facts
            .delivered
            .iter()
            .enumerate()
            .map(|(place, _)| {
                let price = facts.price.as_deref().unwrap_or("100.00");
                let mut line = json!({"id": (place + 1).to_string(), "sku": "A", "name": "A", "quantity": 1, "unit_price": price,
                    "kinds": facts.goods, "final_sale": facts.final_sale});
                let told = [
                    ("sealed_on_delivery", facts.sealed_on_delivery.map(Value::from)),
                    ("digital", facts.digital.clone()),
                    ("exclusion_confirmed", facts.exclusion_confirmed.map(Value::from)),
                ];
                told.into_iter().filter_map(|(name, value)| Some((name, value?))).for_each(|(name, value)| line[name] = value);
                line
            })
            .collect();
        let deliveries: Vec<Value> = facts
            .delivered
            .iter()
            .enumerate()
            .map(|(place, day)| {
                let mut parcel = json!({"lines": [{"id": (place + 1).to_string(), "quantity": 1}]});
                if let Some(day) = day {
                    parcel["delivered_at"] = noon(day).into();
                }
                parcel
            })
            .collect();
        let mut order = json!({"number": "1", "placed_at": noon(&facts.placed).replace("T12", "T01"), "currency": "EUR", "channel": facts.channel,
            "customer": {"email": "a@example.com"}, "ship_to": {"country": self.country, "region": self.region},
            "lines": lines, "deliveries": deliveries, "consumer": facts.consumer, "informed_of_withdrawal": facts.informed});
        let told = [
            ("informed_of_return_cost", facts.informed_of_return_cost.map(Value::from)),
            ("policy_displayed", facts.policy_displayed.map(Value::from)),
            ("disclosure_defective", facts.disclosure_defective.map(Value::from)),
            ("contract_copy", facts.contract_copy.clone()),
            ("concluded", facts.concluded.clone().map(Value::from)),
        ];
        told.into_iter().filter_map(|(name, value)| Some((name, value?))).for_each(|(name, value)| order[name] = value);
        let document: OrderDocument = serde_json::from_value(order).unwrap();
        Order::parse(&document).unwrap_or_else(|problems| panic!("{}: {problems:?}", self.id))
    }

    fn policy(&self) -> Policy {
        let rules = &self.facts.policy;
        let window = if rules.window_days == 0 { json!({"closed": true}) } else { json!({"days": rules.window_days}) };
        let mut policy = json!({"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "all", "then": window}]});
        if let Some(payer) = &rules.freight {
            policy["freight"] = json!([{"id": "all", "then": {"payer": payer}}]);
        }
        if let Some(offer) = &rules.offer {
            policy["resolution"] = json!([{"id": "all", "then": {"offer": offer}}]);
        }
        if let Some(percent) = &rules.fee_percent {
            policy["fee"] = json!([{"id": "all", "then": {"percent": percent}}]);
        }
        if !rules.excludes.is_empty() {
            policy["exclusion"] = json!([{"id": "all", "then": {"because": "policy"}}]);
        }
        if rules.review {
            policy["review"] = json!([{"id": "all", "then": {"by": "person"}}]);
        }
        read(&policy.to_string(), &ReasonTree::default()).unwrap_or_else(|problems| panic!("{}: {problems:?}", self.id))
    }

    fn lines(&self) -> Vec<CaseLine> {
        let facts = &self.facts;
        let tree = ReasonTree::default();
        let reason = facts.reason.as_deref().map(|told| {
            let top = |tree: &ReasonTree| {
                tree.all().iter().find(|reason| reason.sub_reasons.iter().any(|sub| sub.code.as_str() == told)).cloned()
            };
            match top(&tree) {
                Some(reason) => tree.choose(reason.code.as_str(), Some(told), None).unwrap(),
                None => tree.choose(told, None, None).unwrap(),
            }
        });
        vec![CaseLine {
            line: "1".parse().unwrap(),
            quantity: 1,
            reason: reason.or_else(|| (facts.claim == "conformity").then(|| tree.choose("quality", None, None).unwrap())),
            condition: facts.condition.as_deref().map(|condition| condition.parse().unwrap()),
            resolution: None,
            evidence: Vec::new(),
            law: SaidOfLaw { seal_broken: facts.unsealed, known: facts.known.as_deref().map(|day| day.parse().unwrap()), basis: None },
        }]
    }

    fn tell<T>(&self, look: impl FnOnce(&Policy, &Case<'_>, &Verdict<'_>) -> T) -> T {
        assert!(self.facts.rest.is_empty(), "{}: {:?} is read nowhere", self.id, self.facts.rest);
        let (order, policy, lines) = (self.order(), self.policy(), self.lines());
        let goods_received = self.facts.goods_received.as_deref().map(|day| day.parse().unwrap());
        let repaired = lines.iter().filter(|_| self.facts.repaired).map(|line| line.line.clone()).collect();
        let history = History { received_back: goods_received, repaired, ..History::default() };
        let case = Case {
            order: &order,
            history: &history,
            lines: &lines,
            method: None,
            withdrawal: self.facts.claim == "withdrawal",
            return_region: None,
            proof: None,
        };
        look(&policy, &case, &judge(&policy, &case, self.facts.asked_at))
    }

    /// What differs from what is expected.
    fn wrong(&self) -> Vec<String> {
        self.tell(|policy, case, verdict| {
            let said = &verdict.lines[0];
            let expect = &self.expect;
            let mut wrong = Vec::new();
            let mut is = |what: &str, found: Option<String>, expected: &Option<String>| {
                if expected.is_some() && found != *expected {
                    wrong.push(format!("{what} is {found:?}, not {expected:?}"));
                }
            };
            let code = |code: &dyn std::fmt::Display| Some(code.to_string());
            is("allowed", code(&(said.decision != Decision::Declined)), &code(&expect.allowed));
            is("decision", code(&said.decision), &expect.decision);
            is("basis", code(&said.basis()), &expect.basis);
            is("until", said.until().map(|day| day.to_string()), &expect.until);
            let taken = said.taken(&case.lines[0]).copied();
            let payer = taken.map(|offer| if offer.payer == Payer::Merchant { "merchant" } else { "customer" }.to_owned());
            is("freight", payer, &expect.freight);
            is("outbound", taken.map(|offer| offer.outbound.to_string()), &expect.outbound);
            let law = said.law.as_ref();
            is("refund_by", law.and_then(|law| law.refund_by).map(|day| day.to_string()), &expect.refund_by);
            is("exception", law.and_then(|law| law.exception).map(str::to_owned), &expect.exception);
            for offer in &expect.offers_include {
                let offered = said.offers.iter().any(|known| known.resolution.code() == offer);
                is("offers", code(&format_args!("{offer}: {offered}")), &code(&format_args!("{offer}: true")));
            }
            if expect.fee.is_some() || expect.amount.is_some() {
                let claims = claims(case, &verdict.lines);
                let fee = claims.first().and_then(|claim| claim.terms.fee.clone());
                is("fee", Some(fee.map_or("0.00".to_owned(), |fee| format!("{fee:?}"))), &expect.fee);
                let freight = freight_charge(claims.iter().map(|claim| &claim.terms)).unwrap_or(0);
                let settled = books(case.order, policy.gifts, &[], &[Part { claims, freight, ..Part::default() }]).parts.remove(0);
                is("amount", Some(case.order.money(settled.refund()).decimal()), &expect.amount);
            }
            // Whatever the law says is said with where it stands; what has no source decides nothing alone.
            let looks = verdict.law_looks(policy, case, 0, self.facts.asked_at);
            if said.basis() == Basis::Law {
                let right = looks.first().unwrap_or_else(|| panic!("{}: the law decides, and nothing is said of it", self.id));
                let struck = law.is_some_and(|law| !law.struck.is_empty());
                if struck && said.decision == Decision::Approved || said.decision == Decision::Declined {
                    assert!(right.source.is_some(), "{}: {} decides, and nobody read it anywhere", self.id, right.rule);
                }
            }
            for look in looks {
                assert!(!look.article.is_empty() && look.table == "floor", "{}: {look:?}", self.id);
            }
            wrong
        })
    }
}

fn cases() -> Vec<Told> {
    let text = include_str!("../law/cases.jsonl");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

#[test]
fn the_cases_come_out_right() {
    let wrong: Vec<String> =
        cases().iter().flat_map(|case| case.wrong().into_iter().map(move |wrong| format!("{}: {wrong} ({})", case.id, case.why))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is decided where the first of two lines comes back alone.
fn alone(country: &str, second: Value, policy: Value, reason: Option<&str>) -> Decision {
    let mut order = json!({"number": "1", "placed_at": "2026-11-02T09:00:00Z", "currency": "EUR", "customer": {"email": "a@example.com"},
        "ship_to": {"country": country}, "deliveries": [{"delivered_at": "2026-11-06T09:00:00Z"}],
        "lines": [{"id": "1", "sku": "A", "name": "A", "quantity": 1, "unit_price": "10"}, {"id": "2", "sku": "B", "name": "B", "quantity": 1, "unit_price": "5"}]});
    if second.get("bundle").is_some() {
        order["lines"][0]["bundle"] = second["bundle"].clone();
    }
    second.as_object().unwrap().iter().for_each(|(name, value)| order["lines"][1][name] = value.clone());
    let document: OrderDocument = serde_json::from_value(order).unwrap();
    let order = Order::parse(&document).unwrap();
    let mut rules = json!({"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "all", "then": {"days": 30}}]});
    policy.as_object().unwrap().iter().for_each(|(name, value)| rules[name] = value.clone());
    let tree = ReasonTree::default();
    let policy = read(&rules.to_string(), &tree).unwrap();
    let lines = [CaseLine {
        line: "1".parse().unwrap(),
        quantity: 1,
        reason: reason.map(|reason| tree.choose(reason, None, None).unwrap()),
        condition: Some("opened".parse().unwrap()),
        resolution: None,
        evidence: Vec::new(),
        law: SaidOfLaw::default(),
    }];
    let (history, withdrawal) = (History::default(), reason.is_none());
    let case = Case { order: &order, history: &history, lines: &lines, method: None, withdrawal, return_region: None, proof: None };
    judge(&policy, &case, "2026-11-09T09:00:00Z".parse().unwrap()).lines[0].decision
}

#[test]
fn what_came_along_stays_behind_only_where_the_law_does_not_let_the_shop_insist() {
    let gift = || json!({"gift_with": "1", "unit_price": "0"});
    assert_eq!(alone("CN", gift(), json!({}), None), Decision::Declined, "a gift must come along, or be paid for");
    assert_eq!(alone("DE", gift(), json!({}), None), Decision::InReview, "no law says so: a person looks, who can ask for it");
    assert_eq!(alone("CN", gift(), json!({}), Some("quality")), Decision::InReview, "no gift is owed for what is faulty");
    let set = || json!({"bundle": "set"});
    let together = || json!({"bundles": "together"});
    assert_eq!(alone("DE", set(), together(), None), Decision::Declined, "a shop need not split a set");
    assert_eq!(alone("CN", set(), together(), None), Decision::InReview);
    assert_eq!(alone("DE", set(), together(), Some("quality")), Decision::InReview, "what is faulty is put right by itself");
    assert_eq!(alone("DE", set(), json!({}), None), Decision::Approved);
}

#[test]
fn who_withdraws_shows_nothing_and_goes_no_way_that_is_not_offered() {
    let order = json!({"number": "1", "placed_at": "2026-11-02T09:00:00Z", "currency": "EUR", "customer": {"email": "a@example.com"},
        "ship_to": {"country": "DE"}, "deliveries": [{"delivered_at": "2026-11-06T09:00:00Z"}],
        "lines": [{"id": "1", "sku": "A", "name": "A", "quantity": 1, "unit_price": "10"}]});
    let document: OrderDocument = serde_json::from_value(order).unwrap();
    let (order, tree, history) = (Order::parse(&document).unwrap(), ReasonTree::default(), History::default());
    let rules = json!({"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "none", "then": {"closed": true}}],
        "method": [{"id": "all", "then": {"offer": [{"method": "drop_off"}]}}],
        "evidence": [{"id": "all", "then": {"ask": "photo"}}]});
    let policy = read(&rules.to_string(), &tree).unwrap();
    let lines = [CaseLine {
        line: "1".parse().unwrap(),
        quantity: 1,
        reason: None,
        condition: Some("opened".parse().unwrap()),
        resolution: None,
        evidence: Vec::new(),
        law: SaidOfLaw::default(),
    }];
    for (method, decision) in
        [(None, Decision::Approved), (Some(Method::DropOff), Decision::Approved), (Some(Method::Pickup), Decision::Declined)]
    {
        let case = Case { order: &order, history: &history, lines: &lines, method, withdrawal: true, return_region: None, proof: None };
        let verdict = judge(&policy, &case, "2026-11-09T09:00:00Z".parse().unwrap());
        assert_eq!(verdict.lines[0].decision, decision, "{method:?}");
        assert!(decision == Decision::Declined || verdict.lines[0].evidence.is_empty(), "{method:?}");
    }
}

#[test]
fn what_is_offered_on_both_terms_is_taken_by_law_where_the_law_was_called_upon() {
    let order = json!({"number": "1", "placed_at": "2026-11-02T09:00:00Z", "currency": "EUR", "customer": {"email": "a@example.com"},
        "ship_to": {"country": "DE"}, "deliveries": [{"delivered_at": "2026-11-06T09:00:00Z"}],
        "lines": [{"id": "1", "sku": "A", "name": "A", "quantity": 1, "unit_price": "10"}]});
    let document: OrderDocument = serde_json::from_value(order).unwrap();
    let (order, tree, history) = (Order::parse(&document).unwrap(), ReasonTree::default(), History::default());
    // The shop fetches it for nothing and keeps a tenth; by law all of it comes back, and the customer sends it.
    let rules = json!({"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "all", "then": {"days": 30}}],
        "freight": [{"id": "all", "then": {"payer": "merchant"}}], "fee": [{"id": "all", "then": {"percent": "10"}}]});
    let policy = read(&rules.to_string(), &tree).unwrap();
    for (withdrawal, basis) in [(true, Basis::Law), (false, Basis::Policy)] {
        let lines = [CaseLine {
            line: "1".parse().unwrap(),
            quantity: 1,
            reason: (!withdrawal).then(|| tree.choose("dislike", None, None).unwrap()),
            condition: Some("opened".parse().unwrap()),
            resolution: None,
            evidence: Vec::new(),
            law: SaidOfLaw::default(),
        }];
        let case = Case { order: &order, history: &history, lines: &lines, method: None, withdrawal, return_region: None, proof: None };
        let verdict = judge(&policy, &case, "2026-11-09T09:00:00Z".parse().unwrap());
        let said = &verdict.lines[0];
        let both: Vec<Basis> = said.offers.iter().filter(|offer| offer.resolution == Resolution::Refund).map(|offer| offer.basis).collect();
        assert_eq!(both.len(), 2, "{both:?}");
        assert_eq!(said.taken(&case.lines[0]).map(|offer| offer.basis), Some(basis), "withdrawal: {withdrawal}");
    }
}
