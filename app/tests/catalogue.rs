//! What the build refuses: a language that does not say what English says.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../build/catalogue.rs"]
#[allow(dead_code)]
mod catalogue;

use catalogue::{Catalogue, Text};

const ENGLISH: &str = r#"
[language]
singular = [1]
[find]
title = "Send it back"
lead = "Until {date}."
[items]
chosen = { one = "one item of {shop}", other = "{n} items of {shop}" }
[format]
date = "{day} {month}"
months = ["May", "June"]
[occasion.opened]
whole = true
[occasion.opened.mail]
subject = "We have {rma}"
"#;

fn english() -> Catalogue {
    Catalogue::read(ENGLISH).unwrap()
}

fn wrong(change: impl Fn(String) -> String) -> Vec<String> {
    let german = ENGLISH.replace("whole = true\n", "");
    Catalogue::read(&change(german)).unwrap().wrong_beside(&english())
}

#[test]
fn a_language_that_says_what_english_says_is_right() {
    assert_eq!(english().wrong_beside(&english()), [""; 0]);
    assert_eq!(wrong(|text| text), [""; 0]);
    let reordered = |text: String| text.replace("Until {date}.", "{date}: so lange.");
    assert_eq!(wrong(reordered), [""; 0]);
}

#[test]
fn what_is_missing_added_or_otherwise_is_named() {
    for (from, to, problem) in [
        ("title = \"Send it back\"\n", "", "find.title is missing"),
        ("subject = \"We have {rma}\"", "", "occasion.opened.mail.subject is missing"),
        ("title = ", "heading = \"More\"\ntitle = ", "find.heading is not a text of English"),
        ("Until {date}.", "Bis {day}.", "find.lead takes {\"day\"}, and in English {\"date\"}"),
        ("Until {date}.", "Bald.", "find.lead takes {}, and in English {\"date\"}"),
        ("Send it back", "", "find.title says nothing"),
        ("\"Send it back\"", "[\"a\"]", "find.title has another shape than in English"),
        ("[\"May\", \"June\"]", "[\"Mai\"]", "format.months has another shape than in English"),
        ("one = \"one item of {shop}\", ", "", "items.chosen lacks a plural form: it has `one` and `other`"),
        (", other = \"{n} items of {shop}\"", "", "items.chosen lacks a plural form: it has `one` and `other`"),
        (
            "{ one = \"one item of {shop}\", other = \"{n} items of {shop}\" }",
            "\"{n} von {shop}\"",
            "items.chosen lacks its plural forms `one` and `other`",
        ),
        ("one item of {shop}", "eins", "items.chosen takes {\"n\", \"shop\"}, and in English {\"n\", \"shop\"}"),
    ] {
        let found = wrong(|text| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        assert_eq!(found, [problem], "{to}");
    }
    let flagged = Catalogue::read(&format!("{ENGLISH}[occasion.other]\nwhole = true")).unwrap();
    assert!(flagged.wrong_beside(&english()).contains(&"occasion.other.whole is said in English alone".to_owned()));
}

#[test]
fn a_language_without_a_singular_needs_one_form() {
    let chinese = |one: &str| {
        let forms = "{ one = \"one item of {shop}\", other = \"{n} items of {shop}\" }";
        wrong(|text| text.replace("singular = [1]", "singular = []").replace(forms, one))
    };
    assert_eq!(chinese("\"{shop} {n}\""), [""; 0]);
    assert_eq!(chinese("{ one = \"{shop}\", other = \"{shop} {n}\" }"), [""; 0]);
    assert_eq!(chinese("\"{shop}\"").len(), 1, "the number is not said");
}

#[test]
fn the_pseudo_language_marks_and_lengthens_every_text() {
    let pseudo = english().pseudo();
    let text = |key: &str| match &pseudo.texts[key] {
        Text::One(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text("find.lead"), "[Ûñţîîļ {date}. ~~~ ~~~]");
    assert_eq!(text("format.date"), "{day} {month}");
    assert_eq!(pseudo.texts["format.months"], Text::Rows(vec!["Ḿååý".into(), "Ĵûûñéé".into()]));
    for (key, text) in english().texts.iter().filter(|(key, _)| !key.starts_with("format.")) {
        for (plain, longer) in catalogue::forms(text).into_iter().zip(catalogue::forms(&pseudo.texts[key])) {
            assert!(longer.chars().count() * 10 >= plain.chars().count() * 14, "{longer}");
            assert!(longer.starts_with('[') && longer.ends_with(']'), "{longer}");
        }
    }
    assert_eq!(pseudo.wrong_beside(&english()), [""; 0], "values stay");
}
