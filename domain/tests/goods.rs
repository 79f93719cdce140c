//! What a policy's rules say of goods that are looked at (C18–C20, P28), by the example that README gives to merchants.
//! Long because each thing that a policy may say of goods has its table of cases.
#![allow(clippy::unwrap_used, reason = "tests")]

mod shop;

use domain::policy::{
    Decision, Failed, Found, Gift, GivenAt, GoesTo, Grade, Graded, Instead, NoAnswer, Policy, Question, QuestionKind, Resolution, Seen,
    Sold, Table, json_schema, judge, read, read_for, reload,
};
use domain::reason::ReasonTree;
use serde_json::{Value, json};
use shop::Ask;

/// The example of "Rules for the dock".
fn example() -> String {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let chapter = readme.split("### Rules for the dock").nth(1).unwrap();
    chapter.split("```json").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

fn policy() -> Policy {
    read(&example(), &ReasonTree::default()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn problems(tables: &Value) -> Vec<String> {
    let mut document = json!({"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "all", "then": {"days": 30}}]});
    document.as_object_mut().unwrap().extend(tables.as_object().unwrap().clone());
    let reasons = ReasonTree::default();
    match read_for(&document.to_string(), domain::policy::Shop::of(&reasons)) {
        Ok(checked) => checked.notes.iter().map(|note| format!("note {}: {}", note.path, note.problem)).collect(),
        Err(problems) => problems.iter().map(|problem| format!("{}: {}", problem.path, problem.problem)).collect(),
    }
}

fn goes(ask: &Ask<'_>, found: Found, grade: Option<Grade>) -> Option<(String, GoesTo)> {
    ask.with(|policy, case, _, _| {
        let fired = policy.at_hand(case, ask.now()).unwrap().goes_to(Seen { found, grade })?;
        assert!(fired.read.iter().all(|fact| fact.holds), "it fired");
        Some((fired.rule.id.to_string(), fired.rule.then.to))
    })
}

fn taken_off(ask: &Ask<'_>, grade: Option<Grade>) -> String {
    ask.with(|policy, case, _, _| match policy.at_hand(case, ask.now()).unwrap().graded(Seen { found: Found::Downgraded, grade }) {
        Graded::By(fired, percent) => format!("{} {}", fired.rule.id, percent.percent()),
        Graded::ByLaw(_) => "law".to_owned(),
        Graded::Silent => "person".to_owned(),
    })
}

#[test]
fn the_example_of_the_readme_is_a_policy_and_fits_the_schema() {
    let text = example();
    assert!(reload(&text).is_ok());
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(policy().rules(), 1 + 2 + 1 + 4);
    for table in [Table::Grade, Table::Inspection, Table::Disposition] {
        assert!(!table.is_judged() && table.first_wins(), "{}", table.name());
    }
}

#[test]
fn goods_go_where_the_first_rule_that_fires_says() {
    use Found::{Accepted, Downgraded, Rejected};
    let policy = policy();
    let shirt = Ask::of(&policy).category("apparel");
    for (found, grade, expected) in [
        (Accepted, Some(Grade::A), Some(("as-new", GoesTo::Restock))),
        (Accepted, Some(Grade::B), Some(("worn", GoesTo::Resell))),
        (Downgraded, Some(Grade::C), Some(("worn", GoesTo::Resell))),
        (Downgraded, Some(Grade::D), Some(("broken", GoesTo::Quarantine))),
        (Rejected, Some(Grade::A), Some(("not-ours", GoesTo::Quarantine))),
        (Rejected, None, Some(("not-ours", GoesTo::Quarantine))),
        // Nobody said how good it is: no rule fires, a person decides.
        (Accepted, None, None),
        (Downgraded, Some(Grade::A), None),
    ] {
        let expected = expected.map(|(rule, to): (&str, GoesTo)| (rule.to_owned(), to));
        assert_eq!(goes(&shirt, found, grade), expected, "{found} {grade:?}");
    }
    let silent =
        read(r#"{"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "a", "then": {"days": 7}}]}"#, &ReasonTree::default());
    let silent = silent.unwrap();
    for (found, grade) in Found::ALL.iter().zip(Grade::ALL) {
        assert_eq!(goes(&Ask::of(&silent), *found, Some(*grade)), None, "no table, no rule");
        assert_eq!(taken_off(&Ask::of(&silent), Some(*grade)), "person");
    }
}

#[test]
fn no_rule_sends_goods_where_they_may_not_go() {
    for to in GoesTo::ALL {
        let tables = json!({"disposition": [{"id": "all", "then": {"to": to.code()}}], "homebound_policy": 1, "time_zone": "UTC",
            "window": [{"id": "all", "then": {"days": 30}}]});
        let policy = read(&tables.to_string(), &ReasonTree::default()).unwrap();
        for found in Found::ALL {
            let went = goes(&Ask::of(&policy), *found, Some(Grade::B)).map(|(_, to)| to);
            let theirs = matches!(to, GoesTo::SendBack | GoesTo::Quarantine);
            let expected = match found {
                Found::Accepted => *to != GoesTo::SendBack,
                Found::Downgraded => true,
                Found::Rejected => theirs,
            };
            assert_eq!(went, Some(*to).filter(|_| expected), "{found} to {to}");
        }
    }
}

#[test]
fn a_grade_takes_off_what_the_table_says_and_never_what_the_law_gives() {
    let policy = policy();
    let (b, c, d) = (Some(Grade::B), Some(Grade::C), Some(Grade::D));
    // Bought by a business: no law beneath the policy.
    let shop = || Ask::of(&policy).country("DE");
    // By a consumer, who may withdraw for fourteen days.
    let consumer = |ask: Ask<'static>, informed: bool| {
        let mut ask = ask;
        ask.order["consumer"] = true.into();
        ask.order["concluded"] = "distance".into();
        ask.order["informed_of_withdrawal"] = informed.into();
        ask
    };
    let leaked: &'static Policy = Box::leak(Box::new(policy.clone()));
    let bought = || Ask::of(leaked).country("DE");
    for (what, ask, grade, expected) in [
        ("by grade", shop(), b, "all 10"),
        ("and category", shop().category("shoes"), b, "shoes 15"),
        ("the first rule that fires says nothing of it", shop().category("shoes"), d, "person"),
        ("nothing", shop(), Some(Grade::A), "all 0"),
        ("nobody graded it", shop(), None, "person"),
        ("a business's fault claim is no consumer's", shop().reason("quality").condition("damaged"), d, "all 80"),
        ("a consumer who withdraws bears traces of use", consumer(bought(), true), c, "all 30"),
        ("nothing is taken off for what is as new", consumer(bought(), true), Some(Grade::A), "all 0"),
        ("who was not told of the right bears nothing", consumer(bought(), false), c, "law"),
        ("what was faulty is answered for in full", consumer(bought(), true).reason("quality").condition("damaged"), d, "law"),
        ("long after that no right is left", consumer(bought(), true).asked("2026-03-28"), c, "all 30"),
        ("in China the right hangs on whole goods: traces of trying it out are none", consumer(Ask::of(leaked), true), b, "law"),
        ("and who wore it has none left", consumer(Ask::of(leaked), true), c, "all 30"),
    ] {
        assert_eq!(taken_off(&ask, grade), expected, "{what}");
    }
}

#[test]
fn rules_for_the_dock_change_no_verdict() {
    let text = example();
    let with: Value = serde_json::from_str(&text).unwrap();
    let mut without = with.clone();
    for table in ["grade", "inspection", "disposition"] {
        without.as_object_mut().unwrap().remove(table);
    }
    let (with, without) = (policy(), read(&without.to_string(), &ReasonTree::default()).unwrap());
    for condition in ["unopened", "opened", "used", "damaged"] {
        for day in ["2026-03-05", "2026-03-28", "2026-05-28"] {
            let say = |policy: &Policy| {
                Ask::of(policy).category("electronics").condition(condition).asked(day).with(|policy, case, _, settled| {
                    let ask = judge(policy, case, "2026-03-20T12:00:00Z".parse().unwrap());
                    let looks = serde_json::to_string(&ask.looks(policy, case, 0, "2026-03-20T12:00:00Z".parse().unwrap())).unwrap();
                    let matter = domain::policy::conditions_that_matter(
                        policy,
                        case,
                        &case.lines[0],
                        &ReasonTree::default(),
                        "2026-03-20T12:00:00Z".parse().unwrap(),
                    );
                    (ask.lines[0].decision, ask.lines[0].sentences(policy, case), looks, settled, matter)
                })
            };
            let (said, before) = (say(&with), say(&without));
            assert_eq!(said, before, "{condition} on {day}");
            assert_ne!(said.0, Decision::InReview);
        }
    }
}

#[test]
fn who_pays_may_hang_on_how_often_the_customer_sent_back_before_and_what_goods_are_worth_may_not() {
    let rule = |table: &str, then: Value| json!({table: [{"id": "seldom", "when": {"any": [{"prior_returns": {"max": 2}}, {"tier": "gold"}]}, "then": then}]});
    for (table, then) in [("payout", json!({"by": "rules"})), ("escalation", json!({"after_hours": 1, "to": {"role": "support"}}))] {
        assert_eq!(problems(&rule(table, then)), Vec::<String>::new(), "{table}");
    }
    for (table, then) in [("grade", json!({"B": 10})), ("disposition", json!({"to": "restock"}))] {
        let told = problems(&rule(table, then));
        assert!(told.len() == 1 && told[0].contains("is of the customer and not of the goods"), "{table}: {told:?}");
    }
    let policy = policy_of(&rule("payout", json!({"by": "rules"})));
    assert!(policy.asks_of_history());
    let judged = json!({"exclusion": [{"id": "often", "when": {"prior_returns": {"min": 90}}, "then": {}}]});
    assert!(!policy_of(&judged).asks_of_history());
    for (prior, by_rules) in [(2, true), (3, false)] {
        let ask = Ask::of(&policy).prior_returns(prior);
        let fired = ask.with(|policy, case, _, _| policy.at_hand(case, ask.now()).unwrap().payout(None).is_some());
        assert_eq!(fired, by_rules, "{prior}");
    }
}

/// The example of "Repairs that fail".
fn repairs() -> Policy {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let chapter = readme.split("### Repairs that fail").nth(1).unwrap();
    let text = chapter.split("```json").nth(1).unwrap().split("```").next().unwrap();
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let document: Value = serde_json::from_str(text).unwrap();
    assert!(validator.is_valid(&document) && !Table::FailedRepair.is_judged() && Table::FailedRepair.first_wins());
    read(text, &ReasonTree::default()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn a_repair_that_fails_becomes_what_the_table_says_where_the_law_leaves_it_to_one() {
    let policy = repairs();
    assert!(policy.asks_of_history());
    let becomes = |ask: &Ask<'_>| {
        ask.with(|policy, case, _, _| match policy.at_hand(case, ask.now()).unwrap().failed_repair() {
            Failed::By(fired) => format!("{} {:?}", fired.rule.id, fired.rule.then.becomes),
            Failed::ByLaw(fired) => format!("{} law", fired.rule.id),
            Failed::Silent => "silent".into(),
        })
    };
    let consumer = |country: &str, kind: &str, reason: &str| {
        let mut ask = Ask::of(&policy).category("lamps").country(country).reason(reason).set("kinds", json!([kind])).asked("2026-08-01");
        ask.order["consumer"] = true.into();
        ask
    };
    let business = || Ask::of(&policy).reason("quality");
    for (what, ask, expected) in [
        ("a business's", business().category("lamps"), "lamps Replacement"),
        ("whatever else", business().category("shoes"), "rest Refund"),
        ("a consumer in the EU may have money once a repair failed", consumer("DE", "lamp", "quality"), "lamps law"),
        ("and in the United Kingdom", consumer("GB", "lamp", "quality"), "lamps law"),
        ("for what is nobody's fault nobody answers", consumer("DE", "lamp", "dislike"), "lamps Replacement"),
        ("China replaces under the three guarantees", consumer("CN", "mobile_phone", "quality"), "lamps Replacement"),
    ] {
        assert_eq!(becomes(&ask), expected, "{what}");
    }
    let silent = policy_of(&json!({}));
    assert_eq!(becomes(&Ask::of(&silent).reason("quality")), "silent");
    let money = policy_of(&json!({"failed_repair": [{"id": "all", "then": {"becomes": "refund"}}]}));
    assert!(matches!(money.failed_repair[0].then.becomes, Instead::Refund));
    assert_eq!(
        problems(&json!({"failed_repair": [{"id": "all", "then": {"becomes": "credit"}}]})),
        ["failed_repair[0].then.becomes: there is no value `credit`; there are refund, replacement"]
    );
}

#[test]
fn who_is_at_fault_gives_a_coupon_points_or_credit_by_the_table() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let chapter = readme.split("### Coupons, points and credit for what went wrong").nth(1).unwrap();
    let text = chapter.split("```json").nth(1).unwrap().split("```").next().unwrap();
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let document: Value = serde_json::from_str(text).unwrap();
    assert!(validator.is_valid(&document) && Table::Compensation.first_wins());
    let policy = read(text, &ReasonTree::default()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let given = |ask: &Ask<'_>| {
        ask.with(|policy, case, _, _| {
            let hand = policy.at_hand(case, ask.now()).unwrap();
            hand.compensation().map(|(fired, paid)| (fired.rule.id.to_string(), fired.rule.then.gifts(paid, true), fired.rule.then.given))
        })
    };
    let rule = |ask: &Ask<'_>| given(ask).map(|(rule, ..)| rule);
    let ask = || Ask::of(&policy).set("unit_price", json!("40.00"));
    assert_eq!(rule(&ask().reason("late")).as_deref(), Some("late"));
    assert_eq!(rule(&ask().reason("quality")).as_deref(), Some("our-fault"));
    assert_eq!(rule(&ask().reason("damaged_in_transit")).as_deref(), Some("our-fault"), "the carrier's");
    assert_eq!(rule(&ask().reason("dislike")), None, "nobody's");
    let (_, gifts, at) = given(&ask().reason("late")).unwrap();
    assert_eq!((gifts, at), (vec![Gift::FreeShipping], GivenAt::Approval));
    // A rule of every reason gives for what others are at fault alone.
    let all = policy_of(&json!({"compensation": [{"id": "all", "then": {"points": 5}}]}));
    assert_eq!(rule(&Ask::of(&all).reason("dislike")), None);
    assert_eq!(rule(&Ask::of(&all).reason("quality")).as_deref(), Some("all"));
    // What is written the way it was before stays readable; what does not go together is told.
    let before = json!({"compensation": [{"id": "all", "then": {"coupon": {"EUR": "5.00"}, "points": 10}}]});
    assert_eq!(problems(&before), Vec::<String>::new());
    let twice = json!({"compensation": [{"id": "all", "then": {"coupon": {"EUR": "5.00"}, "coupon_percent": 10}}]});
    assert!(problems(&twice)[0].starts_with("compensation[0].then: names several kinds of coupon"), "{:?}", problems(&twice));
    let grade = json!({"compensation": [{"id": "all", "when": {"grade": "A"}, "then": {"points": 1}}]});
    assert!(problems(&grade)[0].contains("is known once goods were looked at"));
}

#[test]
fn a_rule_that_asks_for_a_delay_speaks_once_it_is_known_and_of_every_reason() {
    let points = |points: u32| json!({"points": points});
    let table = policy_of(&json!({"compensation": [
        {"id": "all", "then": points(1)},
        {"id": "very-slow", "when": {"delay": {"min": 7}}, "then": points(7)},
        {"id": "slow", "when": {"delay": {"min": 3}, "tier": "gold"}, "then": points(3)},
        {"id": "kept", "when": {"delay": {"max": 0}}, "then": points(9)},
    ]}));
    assert!(table.asks_of_delay());
    let late = |ask: &Ask<'_>, days: u32| {
        ask.with(|policy, case, _, _| {
            let hand = policy.at_hand(case, ask.now()).unwrap();
            hand.compensation_for_delay(days).map(|(fired, _)| fired.rule.id.to_string())
        })
    };
    let early = |ask: &Ask<'_>| {
        ask.with(|policy, case, _, _| policy.at_hand(case, ask.now()).unwrap().compensation().map(|(fired, _)| fired.rule.id.to_string()))
    };
    let ask = || Ask::of(&table).tier(Some("gold"));
    for (ask, days, expected) in [
        (ask().reason("dislike"), 2, None),
        (ask().reason("dislike"), 3, Some("slow")),
        (ask().reason("quality"), 6, Some("slow")),
        (ask().tier(None).reason("quality"), 6, None),
        (ask().tier(None).reason("dislike"), 7, Some("very-slow")),
        (ask().reason("quality"), 0, Some("kept")),
        // Who kept what they promised owes nothing for what is nobody's fault.
        (ask().reason("dislike"), 0, None),
    ] {
        assert_eq!(late(&ask, days).as_deref(), expected, "{days}");
    }
    assert_eq!(early(&ask().reason("quality")).as_deref(), Some("all"));
    assert_eq!(late(&Ask::of(&policy_of(&json!({}))).reason("quality"), 9), None);
    for (document, path, why) in [
        (
            json!({"review": [{"id": "a", "when": {"delay": {"min": 1}}, "then": {"by": "person", "because": "high_value"}}]}),
            "review[0].when.delay",
            "is known once all was paid: in `compensation` alone",
        ),
        (
            json!({"compensation": [{"id": "a", "when": {"not": {"delay": {"max": 1}}}, "then": points(1)}]}),
            "compensation[0].when.not.delay",
            "stands by itself in `when`",
        ),
        (
            json!({"compensation": [{"id": "a", "when": {"any": [{"delay": {"min": 1}}, {"tier": "gold"}]}, "then": points(1)}]}),
            "compensation[0].when.any[0].delay",
            "stands by itself in `when`",
        ),
    ] {
        let problems = problems(&document);
        assert!(problems.iter().any(|problem| problem.starts_with(path) && problem.contains(why)), "{problems:?}");
    }
}

#[test]
fn what_was_repaired_before_and_fails_again_has_more_than_another_repair() {
    let policy = repairs();
    let offers = |ask: &Ask<'_>| {
        let offers = ask.offers();
        let has = |resolution| offers.contains(&resolution);
        (has(Resolution::Repair), has(Resolution::Replacement), has(Resolution::Refund))
    };
    // By rule, whoever bought it.
    for (times, expected) in [(0, (true, false, true)), (1, (true, false, true)), (2, (false, true, true))] {
        assert_eq!(offers(&Ask::of(&policy).reason("quality").repaired(times)), expected, "{times}");
    }
    // By law, where the policy offers nothing but another repair.
    let repair =
        policy_of(&json!({"window": [{"id": "all", "then": {"days": 365}}], "resolution": [{"id": "all", "then": {"offer": ["repair"]}}]}));
    let consumer = |country: &str, kind: &str, wish: Resolution, times: usize| {
        let ask = Ask::of(&repair).country(country).reason("quality").set("kinds", json!([kind])).wish(wish).asked("2026-08-01");
        let mut ask = ask.repaired(times);
        ask.order["consumer"] = true.into();
        ask.judge().decision != Decision::Declined
    };
    for (country, kind, wish, times, may) in [
        ("DE", "lamp", Resolution::Refund, 0, false),
        ("DE", "lamp", Resolution::Refund, 1, true),
        ("GB", "lamp", Resolution::Refund, 1, true),
        ("CN", "mobile_phone", Resolution::Replacement, 1, false),
        ("CN", "mobile_phone", Resolution::Replacement, 2, true),
    ] {
        assert_eq!(consumer(country, kind, wish, times), may, "{country} {kind}: {wish} after {times}");
    }
}

fn policy_of(tables: &Value) -> Policy {
    let mut document = json!({"homebound_policy": 1, "time_zone": "UTC", "window": [{"id": "all", "then": {"days": 30}}]});
    document.as_object_mut().unwrap().extend(tables.as_object().unwrap().clone());
    read(&document.to_string(), &ReasonTree::default()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn slips_in_rules_for_the_dock_are_told_at_their_place() {
    let words = json!({"en": "?", "zh-CN": "？"});
    let form = |question: Value| json!({"inspection": [{"id": "f", "then": {"questions": [question]}}]});
    for (tables, expected) in [
        (json!({"grade": [{"id": "a", "then": {"B": 101}}]}), "grade[0].then.B: a percentage is from 0 to 100"),
        (json!({"grade": [{"id": "a", "then": {"B": "-1"}}]}), "grade[0].then.B: a percentage"),
        (json!({"grade": [{"id": "a", "then": {"E": 1}}]}), "grade[0].then.E: there is no field `E`"),
        (json!({"grade": [{"id": "a", "then": {}}]}), "grade[0].then: names no grade"),
        (json!({"grade": [{"id": "a", "then": {"B": 30, "D": 10}}]}), "note grade[0].then.D: takes off less than for a better grade"),
        (
            json!({"grade": [{"id": "a", "then": {"B": 1}}, {"id": "b", "then": {"B": 2}}]}),
            "grade[1]: can never fire: `a` above it always does",
        ),
        (
            json!({"grade": [{"id": "a", "when": {"category": "x"}, "then": {"B": 1}}, {"id": "b", "when": {"category": "x"}, "then": {"B": 2}}]}),
            "grade[1].when: can never fire: `a` above it asks for just this",
        ),
        (
            json!({"grade": [{"id": "a", "then": {"B": 1}}, {"id": "a", "then": {"B": 1}}]}),
            "grade[1].id: `a` is already the id of grade[0]",
        ),
        (
            json!({"grade": [{"id": "a", "when": {"prior_returns": {"min": 3}}, "then": {"B": 1}}]}),
            "grade[0].when.prior_returns: `prior_returns` is of the customer and not of the goods",
        ),
        (
            json!({"fee": [{"id": "a", "when": {"not": {"grade": "D"}}, "then": {}}]}),
            "fee[0].when.not.grade: `grade` is known once goods were looked at",
        ),
        (
            json!({"inspection": [{"id": "a", "when": {"result": "accepted"}, "then": {"questions": []}}]}),
            "inspection[0].when.result: `result` is known once",
        ),
        (
            json!({"disposition": [{"id": "a", "then": {"to": "restok"}}]}),
            "disposition[0].then.to: there is no value `restok`; did you mean `restock`?",
        ),
        (
            json!({"disposition": [{"id": "a", "when": {"grade": "E"}, "then": {"to": "scrap"}}]}),
            "disposition[0].when.grade: there is no value `E`",
        ),
        (
            json!({"disposition": [{"id": "a", "when": {"result": "rejected"}, "then": {"to": "restock"}}]}),
            "disposition[0].then.to: `restock` is never where goods go that were rejected",
        ),
        (
            json!({"disposition": [{"id": "a", "when": {"result": "accepted"}, "then": {"to": "send_back"}}]}),
            "disposition[0].then.to: `send_back` is never where goods go that were accepted",
        ),
        (json!({"inspection": [{"id": "f", "then": {"questions": []}}]}), "inspection[0].then.questions: asks nothing"),
        (form(json!({"id": "q", "ask": {"en": "?"}, "kind": "text"})), "inspection[0].then.questions[0].ask: is not said in zh-CN"),
        (
            form(json!({"id": "q", "ask": words, "kind": "choise"})),
            "inspection[0].then.questions[0].kind: there is no value `choise`; did you mean `choice`?",
        ),
        (form(json!({"id": "q", "ask": words, "kind": "choice"})), "inspection[0].then.questions[0].choices: needs two answers at least"),
        (
            form(json!({"id": "q", "ask": words, "kind": "choice", "choices": [{"id": "a", "name": words}, {"id": "a", "name": words}]})),
            "inspection[0].then.questions[0].choices[1].id: is the id of another choice",
        ),
        (
            form(json!({"id": "q", "ask": words, "kind": "yes_no", "choices": [{"id": "a", "name": words}]})),
            "inspection[0].then.questions[0].choices: goes with the kind `choice` alone",
        ),
        (
            form(json!({"id": "q", "ask": words, "kind": "yes_no", "means": [{"answer": "nope", "grade": "D"}]})),
            "inspection[0].then.questions[0].means[0].answer: `nope` is no answer to this question; there are yes, no",
        ),
        (
            form(json!({"id": "q", "ask": words, "kind": "yes_no", "means": [{"answer": "no"}]})),
            "inspection[0].then.questions[0].means[0]: means nothing",
        ),
        (
            form(json!({"id": "q", "ask": words, "kind": "number", "means": [{"grade": "D"}]})),
            "inspection[0].then.questions[0].means[0]: needs `min` or `max`",
        ),
        (
            form(json!({"id": "q", "ask": words, "kind": "number", "means": [{"min": 5, "max": 1, "grade": "D"}]})),
            "inspection[0].then.questions[0].means[0].max: no number fits",
        ),
        (
            form(json!({"id": "q", "ask": words, "kind": "serial", "means": [{"answer": "a", "grade": "D"}]})),
            "inspection[0].then.questions[0].means[0]: goes with the kinds",
        ),
    ] {
        let told = problems(&tables);
        assert!(told.iter().any(|told| told.starts_with(expected)), "{tables}\nwants {expected}\nsays {told:#?}");
    }
    let many: Vec<Value> = (0..21).map(|id| json!({"id": format!("q{id}"), "ask": words, "kind": "text"})).collect();
    assert!(problems(&json!({"inspection": [{"id": "f", "then": {"questions": many}}]}))[0].contains("more than 20 questions"));
    let twice = vec![json!({"id": "q", "ask": words, "kind": "text"}); 2];
    assert!(
        problems(&json!({"inspection": [{"id": "f", "then": {"questions": twice}}]}))[0].contains("`q` is already the id of questions[0]")
    );
}

#[test]
fn answers_are_taken_as_they_are_meant_or_not_at_all() {
    let policy = policy();
    let ask = Ask::of(&policy).category("electronics");
    let form = ask.with(|policy, case, _, _| policy.at_hand(case, ask.now()).unwrap().form().map(|rule| rule.then.clone())).unwrap();
    assert!(
        Ask::of(&policy).with(|policy, case, _, _| policy.at_hand(case, ask.now()).unwrap().form().is_none()),
        "no form for other goods"
    );
    let question = |id: &str| form.question(id).unwrap();
    let ok = |text: &str| Ok(Some(text.to_owned()));
    let one_of = |known: &[&str]| Err(NoAnswer::NotOne(known.iter().map(|text| (*text).to_owned()).collect()));
    for (id, given, units, expected) in [
        ("starts", "yes", 1, ok("yes")),
        ("starts", " no ", 1, ok("no")),
        ("starts", "", 1, Err(NoAnswer::Missing)),
        ("starts", "maybe", 1, one_of(&["yes", "no"])),
        ("screen", "", 1, Ok(None)),
        ("screen", "scratched", 1, ok("scratched")),
        ("screen", "fine?", 1, one_of(&["fine", "scratched"])),
        ("battery", "79", 1, ok("79")),
        ("battery", "79.5", 1, Err(NoAnswer::NoNumber)),
        ("serial", "SN1", 1, ok("SN1")),
        ("serial", "SN1; SN2", 2, ok("SN1, SN2")),
        ("serial", "SN1", 2, Err(NoAnswer::Count { given: 1, units: 2 })),
        ("serial", "SN1 sn1", 2, Err(NoAnswer::Twice("sn1".into()))),
    ] {
        assert_eq!(question(id).answer(given, units), expected, "{id}: {given}");
    }
    assert_eq!(question("serial").answer(&"x".repeat(501), 1), Err(NoAnswer::Long));
    assert!(question("serial").answer(&"x".repeat(500), 1).is_ok());
    for (answers, expected) in [
        (vec![("starts", "yes"), ("screen", "fine"), ("battery", "80")], (None, None)),
        (vec![("starts", "yes"), ("battery", "79")], (Some(Grade::B), None)),
        (vec![("battery", "10"), ("screen", "scratched")], (Some(Grade::C), Some(Found::Downgraded))),
        (vec![("starts", "no"), ("screen", "scratched")], (Some(Grade::D), Some(Found::Downgraded))),
        (vec![("other", "no")], (None, None)),
    ] {
        assert_eq!(form.meant(answers.clone()), expected, "{answers:?}");
    }
}

#[test]
fn what_was_not_sold_is_told_by_its_serial_number_or_batch() {
    let question = |kind: QuestionKind| -> Question { serde_json::from_value(json!({"id": "q", "ask": {}, "kind": kind.code()})).unwrap() };
    let serials = ["SN-1".to_owned(), "SN-2".to_owned()];
    let sold = Sold { serials: &serials, batch: Some("2026-W40") };
    for (kind, answer, sold, expected) in [
        (QuestionKind::Serial, "SN-1, sn-2", sold, None),
        (QuestionKind::Serial, "SN-1, SN-3", sold, Some("SN-3")),
        // The order names none: there is nothing to compare it with.
        (QuestionKind::Serial, "SN-3", Sold::default(), None),
        (QuestionKind::Batch, "2026-w40", sold, None),
        (QuestionKind::Batch, "2025-W01", sold, Some("2025-W01")),
        (QuestionKind::Batch, "2025-W01", Sold::default(), None),
        (QuestionKind::Text, "SN-3", sold, None),
    ] {
        assert_eq!(question(kind).not_sold(answer, sold), expected.map(str::to_owned), "{kind}: {answer}");
    }
}
