//! The demo shop's policy: the default one with a campaign that is always just over, in place of those of the calendar, so that
//! every rule can be met on any day of the year.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// The document, for a shop seeded at `now`.
pub(super) fn document(now: Timestamp) -> String {
    let today = now.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC)).date();
    let day = |days: i64| -> Date { today.saturating_add(jiff::Span::new().days(days)) };
    let mut policy: Value = serde_json::from_str(domain::policy::DEFAULT).unwrap_or_default();
    let calendar: Vec<Value> = policy["campaigns"].as_array().into_iter().flatten().map(|campaign| campaign["id"].clone()).collect();
    policy["name"] = json!({"zh-CN": "演示商店的退换货政策", "en": "Returns policy of the demo shop"});
    policy["campaigns"] =
        json!([{"id": "anniversary", "name": {"zh-CN": "店庆周", "en": "anniversary week"}, "from": day(-36), "to": day(-30)}]);
    if let Some(windows) = policy["window"].as_array_mut() {
        let of_calendar = |rule: &Value| rule.pointer("/when/campaign").is_some_and(|campaign| calendar.contains(campaign));
        let first = windows.iter().position(of_calendar).unwrap_or(0);
        windows.retain(|rule| !of_calendar(rule));
        windows.insert(first, json!({"id": "anniversary", "when": {"campaign": "anniversary"}, "then": {"days": 30, "until": day(10)}}));
    }
    for rule in policy["resolution"].as_array_mut().into_iter().flatten() {
        for condition in rule.pointer_mut("/when/not/any").and_then(Value::as_array_mut).into_iter().flatten() {
            if condition.get("campaign").is_some() {
                condition["campaign"] = "anniversary".into();
            }
        }
    }
    policy["compensation"] = json!([{"id": "our-fault", "when": {"fault": ["merchant", "carrier"]}, "then": {"coupon_percent": 10, "days": 90, "per_month": 3}}]);
    for (table, rules) in dock() {
        policy[table] = rules;
    }
    policy.to_string()
}

/// What the demo shop says of goods that come back: percentages by grade, forms for clothes and electronics, and where goods go.
fn dock() -> [(&'static str, Value); 3] {
    let words = |zh: &str, en: &str, de: &str, fr: &str| json!({"zh-CN": zh, "en": en, "de": de, "fr": fr});
    let grades = json!([
        {"id": "electronics", "when": {"category": "electronics"}, "then": {"A": 0, "B": 15, "C": 40, "D": 90}},
        {"id": "all", "then": {"A": 0, "B": 10, "C": 30, "D": 80}},
    ]);
    let forms = json!([
        {"id": "apparel", "when": {"category": ["apparel", "shoes"]}, "then": {"questions": [
            {"id": "worn", "ask": words("是否有穿着痕迹？", "Are there traces of wear?", "Gibt es Tragespuren?", "Y a-t-il des traces d’usure\u{202f}?"),
             "kind": "choice", "required": true,
             "choices": [
                {"id": "none", "name": words("没有", "none", "keine", "aucune")},
                {"id": "slight", "name": words("轻微", "slight", "leichte", "légères")},
                {"id": "clear", "name": words("明显", "clear", "deutliche", "nettes")},
             ],
             "means": [
                {"answer": "none", "grade": "A"}, {"answer": "slight", "grade": "B"},
                {"answer": "clear", "grade": "C", "result": "downgraded"},
             ]},
            {"id": "labels", "ask": words("吊牌是否还在？", "Are the tags still on?", "Sind die Etiketten noch dran?", "Les étiquettes sont-elles encore là\u{202f}?"),
             "kind": "yes_no", "means": [{"answer": "no", "grade": "B"}]},
        ]}},
        {"id": "electronics", "when": {"category": "electronics"}, "then": {"questions": [
            {"id": "starts", "ask": words("能正常开机吗？", "Does it start?", "Lässt es sich einschalten?", "S’allume-t-il\u{202f}?"),
             "kind": "yes_no", "required": true, "means": [{"answer": "no", "grade": "D"}]},
            {"id": "serial", "ask": words("序列号", "Serial number", "Seriennummer", "Numéro de série"), "kind": "serial"},
            {"id": "accessories", "ask": words("配件是否齐全？", "Is everything with it?", "Ist alles dabei?", "Tout y est-il\u{202f}?"),
             "kind": "yes_no", "means": [{"answer": "no", "grade": "C", "result": "downgraded"}]},
        ]}},
    ]);
    let places = json!([
        {"id": "not-ours", "when": {"result": "rejected"}, "then": {"to": "quarantine"}},
        {"id": "broken-electronics", "when": {"category": "electronics", "grade": "D"}, "then": {"to": "repair"}},
        {"id": "broken", "when": {"grade": "D"}, "then": {"to": "quarantine"}},
        {"id": "as-new", "when": {"result": "accepted", "grade": "A"}, "then": {"to": "restock"}},
        {"id": "traces", "when": {"grade": ["B", "C"]}, "then": {"to": "resell"}},
    ]);
    [("grade", grades), ("inspection", forms), ("disposition", places)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::reason::ReasonTree;

    #[test]
    fn the_demo_policy_has_no_mistakes_whenever_it_is_made() {
        for now in ["2026-02-28T20:00:00Z", "2026-06-10T00:00:00Z", "2026-11-11T12:00:00Z"] {
            let document = document(now.parse().unwrap());
            let policy = domain::policy::read(&document, &ReasonTree::default()).unwrap_or_else(|problems| panic!("{problems:?}"));
            assert_eq!(policy.campaigns.len(), 1);
            assert!(policy.resolution.last().is_some_and(|rule| rule.when.is_always()), "what always applies still does");
            assert!(!document.contains("1111"));
            assert_eq!((policy.grade.len(), policy.inspection.len(), policy.disposition.len()), (2, 2, 5), "what the dock goes by");
        }
    }
}
