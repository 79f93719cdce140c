//! Documents that are wrong, and the schema.

use serde_json::json;

use super::{DEFAULT, json_schema, read, reload};
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
