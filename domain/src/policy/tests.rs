//! Documents that are wrong, and the schema.

use serde_json::json;

use super::{
    Case, CaseLine, DEFAULT, Decision, ElsewhereEffect, EvidenceOf, History, Resolution, ReviewGround, SaidOfLaw, json_schema, judge, read,
    reload,
};
use crate::order::Order;
use crate::reason::ReasonTree;

fn problems(text: &str) -> Vec<String> {
    read(text, &ReasonTree::default()).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn text_that_is_no_document_is_refused_at_its_place() {
    assert_eq!(problems("{\n  \"homebound_policy\": 1,\n  \"time_zone\" \"UTC\"\n}").len(), 1);
    assert!(problems("{\n  \"homebound_policy\": 1,\n  \"time_zone\" \"UTC\"\n}")[0].starts_with("3:"));
    assert_eq!(problems(r#"{"homebound_policy": 1, "time_zone": "UTC", "fee": [], "fee": []}"#), ["1:56: fee: `fee` is given twice"]);
    assert!(problems("homebound_policy = 1\ntime_zone = \n")[0].starts_with("2:13: "));
    assert!(problems("homebound_policy = 1\ntime_zone = \"UTC\"\n[[window]]\nid = \"w\"\nthen = { dayz = 1 }\n")[0].starts_with("5:"));
    assert_eq!(problems("[]").len(), 1);
    assert_eq!(problems("").len(), 1);
    assert_eq!(problems(r#"{"homebound_policy": 2, "time_zone": "UTC"}"#), ["1:2: homebound_policy: this program reads version 1"]);
}

/// What is said of something for 80.00 that was bought elsewhere half a year ago.
fn said_elsewhere(policy: &serde_json::Value, wish: Option<Resolution>) -> (Decision, Option<ReviewGround>, Vec<Resolution>, bool) {
    let policy = reload(&policy.to_string()).unwrap();
    let order = json!({"number": "E-1", "placed_at": "2026-01-05T12:00:00Z", "currency": "EUR", "channel": "elsewhere",
        "customer": {"email": "a@b.org"}, "ship_to": {"country": "DE"},
        "lines": [{"id": "1", "sku": "KTL", "name": "Kettle", "category": "kitchen", "quantity": 1, "unit_price": "80.00"}]});
    let mut order = Order::parse(&serde_json::from_value(order).unwrap()).unwrap();
    order.elsewhere = true;
    let reason = ReasonTree::default().choose("quality", Some("functional_fault"), None).unwrap();
    let lines = [CaseLine {
        line: order.lines[0].id.clone(),
        quantity: 1,
        reason: Some(reason),
        condition: Some("opened".parse().unwrap()),
        resolution: wish,
        evidence: Vec::new(),
        law: SaidOfLaw::default(),
    }];
    let history = History::default();
    let case = Case { order: &order, history: &history, lines: &lines, method: None, withdrawal: true, return_region: None, proof: None };
    let verdict = judge(&policy, &case, "2026-07-05T12:00:00Z".parse().unwrap());
    let said = &verdict.lines[0];
    let receipt = said.evidence.iter().any(|effect| effect.of == EvidenceOf::Receipt);
    (said.decision, said.review, said.offers.iter().map(|offer| offer.resolution).collect(), receipt)
}

#[test]
fn goods_bought_elsewhere_bring_no_money_whatever_a_policy_and_the_law_say() {
    use Resolution::{Exchange, Repair, StoreCredit};
    let default: serde_json::Value = serde_json::from_str(DEFAULT).unwrap();
    let person = (Decision::InReview, Some(ReviewGround::Elsewhere), ElsewhereEffect::OFFERED.to_vec(), false);
    assert_eq!(said_elsewhere(&default, None), person, "no rule takes it: a person decides, however long ago it was");
    assert_eq!(said_elsewhere(&default, Some(Resolution::Refund)).0, Decision::Declined, "not even by law: somebody else sold it");
    let with = |rules: serde_json::Value| {
        json!({"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "no", "then": {"closed": true}}],
        "resolution": [{"id": "money", "then": {"offer": ["refund"]}}], "elsewhere": rules})
    };
    let rule = |then: serde_json::Value| with(json!([{"id": "a", "when": {"category": "kitchen"}, "then": then}]));
    for (policy, wish, said) in [
        (rule(json!({"offer": ["store_credit"], "receipt": false})), None, (Decision::Approved, None, vec![StoreCredit], false)),
        (rule(json!({"offer": ["store_credit"]})), None, (Decision::InReview, Some(ReviewGround::Evidence), vec![StoreCredit], true)),
        (
            rule(json!({"offer": ["repair", "exchange"], "receipt": false})),
            Some(Exchange),
            (Decision::Approved, None, vec![Repair, Exchange], false),
        ),
        (rule(json!({"offer": ["repair"], "receipt": false})), Some(StoreCredit), (Decision::Declined, None, vec![], false)),
        (
            rule(json!({"offer": ["repair"], "receipt": false, "up_to": {"EUR": "79.99"}})),
            None,
            (Decision::InReview, Some(ReviewGround::Elsewhere), vec![Repair], false),
        ),
        (
            rule(json!({"offer": ["repair"], "receipt": false, "up_to": {"EUR": "80.00"}})),
            None,
            (Decision::Approved, None, vec![Repair], false),
        ),
        (
            rule(json!({"offer": ["repair"], "receipt": false, "up_to": {"CNY": "8000"}})),
            None,
            (Decision::InReview, Some(ReviewGround::Elsewhere), vec![Repair], false),
        ),
        (with(json!([{"id": "a", "when": {"category": "shoes"}, "then": {"offer": ["repair"]}}])), None, person.clone()),
    ] {
        assert_eq!(said_elsewhere(&policy, wish), said, "{policy}");
    }
}

#[test]
fn the_schema_accepts_what_the_reader_reads_and_refuses_what_it_refuses() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let default: serde_json::Value = serde_json::from_str(DEFAULT).unwrap();
    let errors: Vec<String> = validator.iter_errors(&default).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(reload(DEFAULT).is_ok());
    let with = |table: &str, rule: serde_json::Value| json!({"homebound_policy": 1, "time_zone": "UTC", table: [rule]});
    for wrong in [
        json!({"homebound_policy": 1}),
        with("window", json!({"id": "a", "then": {"dayz": 7}})),
        with("window", json!({"id": "a", "when": {"categroy": "x"}, "then": {"days": 7}})),
        with("fee", json!({"id": "a", "then": {"percent": 101}})),
        with("method", json!({"id": "a", "then": {"offer": [{"method": "balloon"}]}})),
        with("fee", json!({"id": "a", "when": {"price": {"CNY": {"least": 1}}}, "then": {}})),
        with("escalation", json!({"id": "a", "then": {"to": {"role": "admin"}}})),
        with("elsewhere", json!({"id": "a", "then": {"up_to": {"EUR": 1}}})),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
        assert!(!problems(&wrong.to_string()).is_empty(), "{wrong}");
    }
}

/// Whether somebody of a tier at the order, and another today, has thirty days.
fn has_thirty_days(policy: &serde_json::Value, then: Option<&str>, today: Option<&str>) -> (bool, Option<String>) {
    let policy = read(&policy.to_string(), &ReasonTree::default()).unwrap_or_else(|problems| panic!("{}", problems[0]));
    let mut order = json!({"number": "M-1", "placed_at": "2026-01-05T12:00:00Z", "currency": "USD", "customer": {"email": "a@b.org"},
        "ship_to": {"country": "US"}, "deliveries": [{"delivered_at": "2026-01-06T12:00:00Z"}],
        "lines": [{"id": "1", "sku": "TEE", "name": "Tee", "quantity": 1, "unit_price": "80.00"}]});
    order["customer"]["tier"] = json!(then);
    let mut order = Order::parse(&serde_json::from_value(order).unwrap()).unwrap();
    let mut told = order.customer.clone();
    told.tier = today.map(|tier| tier.parse().unwrap());
    order.customer.take_in(told);
    let lines = [CaseLine {
        line: order.lines[0].id.clone(),
        quantity: 1,
        reason: None,
        condition: Some("opened".parse().unwrap()),
        resolution: None,
        evidence: Vec::new(),
        law: SaidOfLaw::default(),
    }];
    let history = History::default();
    let case = Case { order: &order, history: &history, lines: &lines, method: None, withdrawal: false, return_region: None, proof: None };
    let verdict = judge(&policy, &case, "2026-01-26T12:00:00Z".parse().unwrap());
    let said = &verdict.lines[0];
    (said.window.state.is_open(), said.tier.as_ref().map(ToString::to_string))
}

/// C47: promised at the order, or earned since.
#[test]
fn of_two_tiers_the_better_counts_where_the_policy_ranks_them_or_the_one_that_it_names() {
    let policy = |more: serde_json::Value| {
        let mut policy = json!({"homebound_policy": 1, "time_zone": "UTC",
            "window": [{"id": "members", "when": {"tier": "gold"}, "then": {"days": 30}}, {"id": "all", "then": {"days": 7}}]});
        policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        policy
    };
    let (gold, silver) = (Some("gold"), Some("silver"));
    let ranking = json!({"tier_ranking": ["silver", "gold"]});
    let at_order = json!({"tier_ranking": ["silver", "gold"], "tier_counts": "at_order"});
    let at_return = json!({"tier_ranking": ["silver", "gold"], "tier_counts": "at_return"});
    for (more, then, today, open) in [
        // A policy that says nothing: today's, as ever.
        (&json!({}), gold, silver, false),
        (&json!({}), silver, gold, true),
        (&json!({}), gold, None, true),
        (&json!({}), None, gold, true),
        (&ranking, gold, silver, true),
        (&ranking, silver, gold, true),
        (&ranking, silver, silver, false),
        (&ranking, gold, Some("bronze"), true),
        (&at_order, gold, silver, true),
        (&at_order, silver, gold, false),
        (&at_order, None, gold, true),
        (&at_return, gold, silver, false),
        (&at_return, silver, gold, true),
    ] {
        let (has, tier) = has_thirty_days(&policy(more.clone()), then, today);
        assert_eq!(has, open, "{more}: {then:?}, today {today:?}");
        assert_eq!(tier.as_deref() == gold, open, "{more}: {then:?}, today {today:?}");
    }
}
