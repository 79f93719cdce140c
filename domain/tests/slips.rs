#![allow(clippy::unwrap_used, reason = "tests")]
//! Slips of merchants: each policy file of `tests/slips` with what its writer is told, word for word. `BLESS=yes` writes the answers anew;
//! they are to be read by a person then.

use std::fmt::Write as _;
use std::path::PathBuf;

use domain::policy::{PolicyProblem, Shop, read_for};
use domain::reason::ReasonTree;

/// What only a programmer would know the meaning of.
const NOT_THEIRS: [&str; 14] = [
    "struct",
    "u32",
    "i64",
    "expected",
    " map",
    "serde",
    "variant",
    "tuple",
    "sequence",
    "integer `",
    "Option",
    "invalid type",
    "string",
    "boolean",
];

fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/slips");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind != "txt"));
    files.sort();
    files
}

/// What `homebound policy check` says of it, on a day of November 2026.
fn answer(text: &str) -> String {
    let reasons = ReasonTree::default();
    let shop = Shop { today: "2026-11-26".parse().ok(), ..Shop::of(&reasons) };
    let mut said = String::new();
    let mut tell = |kind: &str, problems: &[PolicyProblem]| problems.iter().for_each(|problem| writeln!(said, "{kind}{problem}").unwrap());
    match read_for(text, shop) {
        Ok(checked) => tell("note: ", &checked.notes),
        Err(problems) => tell("", &problems),
    }
    said
}

#[test]
fn a_slip_is_answered_with_its_place_what_was_meant_and_what_there_is() {
    let mut wrong = Vec::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let said = answer(&text);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!said.is_empty(), "{name}: nothing is said of it");
        for word in NOT_THEIRS {
            assert!(!said.to_lowercase().contains(&word.to_lowercase()), "{name} speaks of `{word}`:\n{said}");
        }
        let golden = file.with_file_name(format!("{name}.txt"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&golden, &said).unwrap();
        }
        let before = std::fs::read_to_string(&golden).unwrap_or_default();
        if said != before {
            wrong.push(format!("{name} is answered\n{said}and was\n{before}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files().len() >= 75, "75 slips at least");
}

#[test]
fn a_shop_of_one_language_says_its_words_in_that_one() {
    use domain::words::Locale;
    let reasons = ReasonTree::default();
    let policy = |say: &str| {
        format!(r#"{{"homebound_policy": 1, "time_zone": "UTC", "window": [{{"id": "a", "then": {{"days": 7}}, "say": {say}}}]}}"#)
    };
    let shop = |languages| Shop { languages, ..Shop::of(&reasons) };
    let (english, chinese) = (policy(r#"{"en": "A week."}"#), policy(r#"{"zh-CN": "七天。"}"#));
    assert!(read_for(&english, shop(&[Locale::En])).is_ok());
    assert!(read_for(&chinese, shop(&[Locale::ZhCn])).is_ok());
    assert!(read_for(&chinese, shop(&[Locale::En])).is_err());
    assert!(read_for(&english, shop(&[Locale::ZhCn, Locale::En])).is_err());
}

#[test]
fn ids_are_unique_within_their_table_and_no_further() {
    let text = r#"{"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "all", "then": {"days": 7}}], "fee": [{"id": "all", "then": {"percent": 5}}]}"#;
    assert!(read_for(text, Shop::of(&ReasonTree::default())).is_ok());
}

#[test]
fn a_mark_of_windows_changes_nothing() {
    let toml = "homebound_policy = 1\ntime_zone = \"UTC\"\n[[window]]\nid = \"all\"\nthen = { days = 7 }\n";
    for text in [domain::policy::DEFAULT, toml] {
        let marked = format!("\u{feff}{text}");
        let rules = |text: &str| read_for(text, Shop::of(&ReasonTree::default())).unwrap().policy.rules();
        assert_eq!(rules(&marked), rules(text));
        assert!(domain::policy::reload(&marked).is_ok());
    }
}

#[test]
fn the_policies_that_stores_begin_with_give_no_cause_for_a_note() {
    let reasons = ReasonTree::default();
    let shop = Shop { today: "2026-11-26".parse().ok(), ..Shop::of(&reasons) };
    let notes = read_for(domain::policy::DEFAULT, shop).unwrap().notes;
    assert!(notes.is_empty(), "{notes:?}");
}

/// What was published is read as it was, whatever is taken for a slip today (P2).
#[test]
fn what_was_published_before_is_read_as_it_was() {
    let before = r#"{"homebound_policy": 1, "time_zone": "EST",
      "exclusion": [{"id": "abroad", "when": {"country": "UK"}, "then": [null, "policy"]}],
      "fee": [{"id": "none", "when": {"quantity": {"min": 9, "max": 1}, "tier": "glod", "sku": "A*B"}, "then": {}}]}"#;
    assert!(read_for(before, Shop::of(&ReasonTree::default())).is_err());
    let policy = domain::policy::reload(before).unwrap();
    assert_eq!((policy.rules(), policy.exclusion.len(), policy.time_zone.iana_name()), (2, 1, Some("EST")));
}
