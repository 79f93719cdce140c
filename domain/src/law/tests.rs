//! The files: whole, alike, and each sourced fact there with a source that says where.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::read::{all, names};

fn files() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("law");
    let mut files: Vec<(String, Value)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap())
        })
        .collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files
}

/// The fact of a path; entries of lists go by their code, goods, area or place.
fn fact<'v>(law: &'v Value, path: &str) -> Option<&'v Value> {
    let mut here = law;
    for step in path.split('.') {
        here = match here {
            Value::Array(entries) => {
                let named = |entry: &&Value| ["code", "goods", "area"].iter().any(|key| entry[key] == step);
                entries.iter().find(named).or_else(|| entries.get(step.parse::<usize>().ok()?))?
            }
            here => here.get(step)?,
        };
    }
    Some(here)
}

#[test]
fn every_file_is_read_and_has_the_keys_of_all() {
    let files = files();
    assert_eq!(
        files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        names().collect::<Vec<_>>(),
        "sorted, as they are looked up"
    );
    let keys = |law: &Value| law.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    for (name, law) in &files {
        assert_eq!(keys(law), keys(&files[0].1), "{name}");
        assert_eq!(law["jurisdiction"], name.as_str());
    }
    for law in all() {
        for group in ["withdrawal", "refund", "return_shipment", "conformity"] {
            assert!(!law.article(group).is_empty(), "{}: {group}", law.jurisdiction);
        }
    }
}

#[test]
fn a_sourced_fact_is_there_and_says_where_it_was_read() {
    for (name, law) in files() {
        let sources = law["sources"].as_array().unwrap();
        for (path, places) in law["sourced_facts"].as_object().unwrap() {
            assert!(fact(&law, path).is_some(), "{name}: there is no {path}");
            let places = places.as_array().unwrap();
            assert!(!places.is_empty(), "{name}: {path}");
            for place in places {
                let source = &sources[place.as_u64().unwrap() as usize];
                assert!(source["ref"].is_string() && source["kind"] == "source", "{name}: {path} was read nowhere");
            }
        }
    }
}
