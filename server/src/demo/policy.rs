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
    policy.to_string()
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
        }
    }
}
