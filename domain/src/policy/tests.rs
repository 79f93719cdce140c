//! Documents that are wrong, and the schema.

use serde_json::json;

use super::{DEFAULT, json_schema, read, reload};
use crate::reason::ReasonTree;

fn problems(text: &str) -> Vec<String> {
    read(text, &ReasonTree::default()).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn a_mistake_is_told_with_line_and_column_and_what_was_meant() {
    let text = r#"{
  "homebound_policy": 1,
  "time_zone": "Asia/Shangai",
  "window": [
    { "id": "a", "when": { "categroy": "shoes" }, "then": { "days": 7 } },
    { "id": "b", "when": { "fault": "merchnt" }, "then": { "days": 7 } },
    { "id": "c", "then": { "days": "seven" } }
  ],
  "fee": [{ "id": "d", "then": { "percent": 120 } }]
}"#;
    assert_eq!(
        problems(text),
        [
            "5:28: window[0].when.categroy: there is no field `categroy`; did you mean `category`?",
            "6:28: window[1].when.fault: there is no value `merchnt`; did you mean `merchant`?",
            "7:28: window[2].then.days: invalid type: string \"seven\", expected u32",
            "9:34: fee[0].then.percent: a percentage is between 0 and 100 with at most two decimals, not 120",
        ]
    );
    let zone = r#"{"homebound_policy": 1, "time_zone": "Asia/Shangai"}"#;
    assert_eq!(problems(zone), ["1:25: time_zone: `Asia/Shangai` is not a time zone of the IANA database; did you mean `Asia/Shanghai`?"]);
}

#[test]
fn what_the_types_cannot_say_is_checked_too() {
    let text = r#"{
  "homebound_policy": 1, "time_zone": "UTC",
  "campaigns": [{ "id": "618", "name": {"zh-CN": "六", "en": "six"}, "from": "2026-06-20", "to": "2026-06-01" }],
  "window": [
    { "id": "a", "when": { "campaign": "681" }, "then": { "days": 7, "closed": true } },
    { "id": "a", "then": {} },
    { "id": "late", "when": { "reason": "dislke" }, "then": { "days": 1 }, "say": {"en": "only English"} }
  ],
  "resolution": [{ "id": "r", "then": { "offer": ["keep_refund"] } }],
  "method": [{ "id": "m", "then": { "offer": [] } }],
  "fee": [{ "id": "f", "when": { "not": {} }, "then": {} }, { "id": "g", "when": { "any": [] }, "then": {} }]
}"#;
    assert_eq!(
        problems(text),
        [
            "3:91: campaigns[0].to: is before `from`",
            "5:28: window[0].when.campaign: there is no campaign `681`; did you mean `618`?",
            "5:49: window[0].then: mixes `closed`, `unlimited` and a length; give one",
            "6:7: window[1].id: `a` is already the id of window[0]",
            "6:18: window[1].then: needs `days`, `months`, `until`, `warranty`, `unlimited` or `closed`",
            "7:5: window[2]: can never fire: `a` above it always does; move it up",
            "7:31: window[2].when.reason: there is no reason `dislke`; did you mean `dislike`?",
            "7:76: window[2].say: say it in both zh-CN and en, or leave it out",
            "9:31: resolution[0].then: `keep_refund` and `keep_share` go together",
            "10:37: method[0].then.offer: names at least one of pickup, drop_off, self_ship, counter",
            "11:24: fee[0].when: can never fire: it excludes everything, or names no alternative",
            "11:74: fee[1].when: can never fire: it excludes everything, or names no alternative",
        ]
    );
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
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
        assert!(!problems(&wrong.to_string()).is_empty(), "{wrong}");
    }
}
