//! Policy's answer to one line.

use std::hint::black_box;
use std::time::Instant;

use domain::order::{Order, OrderDocument};
use domain::policy::{Case, CaseLine, History, SaidOfLaw, judge, read};
use domain::reason::ReasonTree;
use serde_json::{Value, json};

use crate::row;
use crate::shop::order;

/// The default policy with rules added until there are so many that are all looked at.
fn many_rules(wanted: usize) -> Value {
    let mut policy: Value = serde_json::from_str(domain::policy::DEFAULT).unwrap();
    let tables = policy.as_object().unwrap().values().filter_map(Value::as_array).flatten();
    let known = tables.filter(|rule| rule.get("then").is_some()).count();
    for number in known..wanted {
        let rule = json!({"id": format!("extra-{number}"), "when": {"category": ["a", "b"], "tier": "x", "days_since_delivery": {"max": 3}}, "then": {"refuse": ["repair"]}});
        policy["exclusion"].as_array_mut().unwrap().insert(0, rule);
    }
    policy
}

pub fn measure() {
    let tree = ReasonTree::default();
    let document: OrderDocument = serde_json::from_value(order("1", 3)).unwrap();
    let order = Order::parse(&document).unwrap();
    let history = History::default();
    let lines = [CaseLine {
        line: order.lines[0].id.clone(),
        quantity: 1,
        reason: Some(tree.choose("dislike", None, order.lines[0].category.as_ref()).unwrap()),
        condition: Some("opened".parse().unwrap()),
        resolution: None,
        evidence: Vec::new(),
        law: SaidOfLaw::default(),
    }];
    let case = Case { order: &order, history: &history, lines: &lines, method: None, withdrawal: false, return_region: None, proof: None };
    let now = jiff::Timestamp::now();
    // The same order bought by a business has no law beneath its policy.
    let mut business = order.clone();
    business.contract.consumer = false;
    for (rules, aim) in [(50, 5), (500, 20)] {
        let policy = read(&many_rules(rules).to_string(), &tree).unwrap();
        let looked = judge(&policy, &case, now).lines[0].trace.len();
        let mut times: Vec<f64> = (0..15)
            .map(|_| {
                let begun = Instant::now();
                for _ in 0..10_000 {
                    black_box(judge(black_box(&policy), black_box(&case), now));
                }
                begun.elapsed().as_secs_f64() / 10_000.0 * 1e6
            })
            .collect();
        times.sort_by(f64::total_cmp);
        row(
            &format!("`judge`, one line, {} rules ({looked} looked at)", policy.rules()),
            format!("{:.2} µs", times[7]),
            format!("aim: {aim} µs"),
        );
        let beneath = |order: &Order| {
            let case = Case { order, ..case };
            let begun = Instant::now();
            (0..10_000).for_each(|_| drop(black_box(judge(black_box(&policy), black_box(&case), now))));
            begun.elapsed().as_secs_f64() / 10_000.0 * 1e6
        };
        // Turn about, so that both see the same machine.
        let mut more: Vec<f64> = (0..15).map(|_| beneath(&order) - beneath(&business)).collect();
        more.sort_by(f64::total_cmp);
        row(&format!("`judge`, {} rules: what the law adds", policy.rules()), format!("{:.2} µs", more[7]), "aim: 1 µs".to_owned());
    }
}
