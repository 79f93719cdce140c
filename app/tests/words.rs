//! Words that are not said: in none of the languages' files, in nothing that policies say, in no demo order. What is said instead stands in
//! `locales/GLOSSARY.md`.
#![cfg(feature = "ssr")]
#![allow(clippy::unwrap_used, reason = "tests")]

use app::format::Format;
use app::ports::PaidBy;
use app::read_policy::{PolicyWords, differences, short};
use app::say::Say;
use domain::ids::LineId;
use domain::money::Money;
use domain::policy::{Change, ClockStart, Decision, FeeKind, FeePer, MoneyText, Policy, Sentence, Table, read};
use domain::reason::ReasonTree;
use domain::words::Locale;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// What is not said in a language, in lower case. A row for each row of the glossary that can be found by its letters.
const NOT_SAID: &[(Locale, &[&str])] = &[
    (
        Locale::En,
        &[
            " mail address",
            "a mail of its own",
            "your mail",
            "unwanted ones",
            "we have your return.",
            "call off",
            "called off",
            "call this return off",
            "freight",
            "the way back",
            "means you paid with",
            "while the time runs",
            "could come back until",
            "if something is wrong with it: until",
            "the matter with",
            "more precisely",
            "amounts are what you get",
            "a person will",
            "a person has",
            "a person looks",
            "a person checks",
            "by a person",
            "our job to make this good",
            "you asked on day",
            "label works until",
            "you send it",
            "ask for it\"",
            "continue without\"",
            "it looks like r-",
            "a slip",
            " %",
            "or less after",
            "or less pieces",
            "category ",
            "deliveries to cn",
            "unless deliveries",
            "unless our fault",
            "asia/shanghai",
            // The means say "to your card", or "the way you paid".
            " to {means}",
        ],
    ),
    (
        Locale::ZhCn,
        &[
            "}前",
            "）前",
            "写信",
            "再看一下这里",
            "填写的那个",
            "商品怎么了",
            "具体来说",
            "可得的金额",
            "有一位字母",
            "它的样子",
            "”：就",
            "起：就",
            "退回：就",
            "没有扣款",
            "再退一件",
            "您寄出商品",
            "您送到",
            "有不同结果",
            "银牌",
            "白银",
            "黄金会员",
            "存为余额",
            " (选填)",
            "及以下 天",
            "及以上 天",
            "及以上 次",
            "寄往cn",
            "时区",
            "asia/shanghai",
            "责任除外",
            "支付宝",
            "微信支付",
            "））",
        ],
    ),
    (
        Locale::De,
        &[
            "rückweg zahlt",
            "zahlen den rückweg",
            "der rückweg ist",
            "sie fragen am",
            "war bis",
            "oder weniger nach",
            "kategorie ",
            "lieferungen nach cn",
            "solange die frist läuft",
            "genauer gesagt",
            " %",
            "asia/shanghai",
        ],
    ),
    (
        Locale::Fr,
        &[
            "votre demande arrive au jour",
            "était possible jusqu",
            "ou moins après",
            "catégorie ",
            "livraisons : cn",
            "tant que le délai court",
            "que se passe-t-il",
            " %",
            "asia/shanghai",
        ],
    ),
];

/// What is wrong with a text, if anything is.
fn wrong(locale: Locale, text: &str) -> Option<String> {
    let not_said = NOT_SAID.iter().filter(|(of, _)| *of == locale).flat_map(|(_, phrases)| *phrases);
    let lower = text.to_lowercase();
    let found = not_said.copied().find(|phrase| lower.contains(phrase));
    found
        .map(|phrase| format!("“{phrase}” is not said ({}): {text}", locale.tag()))
        .or_else(|| (locale == Locale::ZhCn).then(|| typeset(text)).flatten())
}

/// What is wrong with the signs of a Chinese text.
fn typeset(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let chinese = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    let mut inside = 0;
    for (place, letter) in letters.iter().enumerate() {
        let (before, after) = (place.checked_sub(1).map(|place| letters[place]), letters.get(place + 1).copied());
        inside += i32::from(*letter == '（') - i32::from(*letter == '）');
        let problem = match letter {
            _ if inside > 1 => "brackets within brackets",
            '(' | ')' | ':' | ',' | ';' | '?' | '!' if before.is_some_and(chinese) => "a narrow sign after a Chinese letter",
            '(' if after.is_some_and(chinese) => "a narrow bracket before a Chinese letter",
            _ if chinese(*letter) && amount_before(&letters[..place]) => "an amount without its space",
            _ => continue,
        };
        return Some(format!("{problem} at {letter:?}: {text}"));
    }
    None
}

/// Whether an amount of money, or the place of one, ends here.
fn amount_before(letters: &[char]) -> bool {
    let text: String = letters.iter().collect();
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',');
    text.ends_with("{amount}") || text.ends_with("{bonus}") || number.len() < text.len() && number.ends_with("¥\u{a0}")
}

fn file(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &str, end: &str) -> Vec<String> {
    let entries = std::fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name.ends_with(end)).collect();
    names.sort();
    assert!(names.len() > 1, "{folder}");
    names.into_iter().map(|name| format!("{folder}/{name}")).collect()
}

fn say(locale: Locale) -> Say {
    Say::new(Format::new(locale, TimeZone::get("Asia/Shanghai").unwrap(), "2026-11-21T04:00:00Z".parse().unwrap()))
}

const LANGUAGES: [Locale; 4] = [Locale::ZhCn, Locale::En, Locale::De, Locale::Fr];

/// The policy the product starts with, and those of real shops that the domain's cases are judged by.
fn policies() -> Vec<(String, Policy)> {
    let real = files("../domain/tests/policies", ".json").into_iter().map(|path| (file(&path), path));
    let all = real.chain([(domain::policy::DEFAULT.to_owned(), "default".to_owned())]);
    all.map(|(text, name)| (name, read(&text, &ReasonTree::default()).unwrap())).collect()
}

#[test]
fn no_language_has_words_that_are_not_said() {
    for locale in LANGUAGES {
        for line in file(&format!("locales/{}.toml", locale.tag())).lines().filter(|line| !line.starts_with(['#', '['])) {
            let Some((name, said)) = line.split_once(" = ") else { continue };
            // The list of what is asked in brackets, and names of what others say.
            let said = said.replace("\\u2060", "\u{2060}").replace("\\u00a0", "\u{a0}");
            assert_eq!(wrong(locale, &said), None, "{name}");
        }
    }
}

#[test]
fn no_policy_says_them_either() {
    let reasons = ReasonTree::default();
    for (name, policy) in policies() {
        for locale in LANGUAGES {
            let say = say(locale);
            let words = PolicyWords { say: &say, policy: &policy, reasons: reasons.all() };
            let mut said = vec![say.m.policy_time_zone(say.zone(&policy.time_zone))];
            said.extend(short(&words));
            for table in Table::ALL {
                for head in policy.heads(*table) {
                    said.extend(words.condition(head.when));
                    said.extend(words.rule(*table, head.id.as_str()));
                }
            }
            let default = read(domain::policy::DEFAULT, &reasons).unwrap();
            // What merchants call their rules is theirs.
            let ids: Vec<&str> = [&default, &policy]
                .into_iter()
                .flat_map(|policy| Table::ALL.iter().flat_map(|table| policy.heads(*table)))
                .map(|head| head.id.as_str())
                .collect();
            let unnamed = |line: String| ids.iter().fold(line, |line, id| line.replace(&format!("{id} –"), ""));
            said.extend(differences(&say, reasons.all(), &default, &policy).into_iter().map(unnamed));
            for text in said {
                assert_eq!(wrong(locale, &text), None, "{name}");
            }
        }
    }
}

#[test]
fn no_answer_says_them_either() {
    let last_day: Date = "2026-12-18".parse().unwrap();
    let window = |day, from| Sentence::WindowDays { day, days: 30, from, last_day };
    let flat = Some(MoneyText { amount: "86.71".into(), currency: "CNY".parse().unwrap() });
    let sentences = [
        window(3, ClockStart::Delivery),
        window(3, ClockStart::Order),
        window(3, ClockStart::Shipment),
        window(-1, ClockStart::Delivery),
        Sentence::WindowUntil { last_day },
        Sentence::WindowClosed { last_day },
        Sentence::UnderWarranty { last_day: Some(last_day) },
        Sentence::LawWithdrawal { last_day: Some(last_day) },
        Sentence::LawConformity { last_day: Some(last_day) },
        Sentence::Fee { kind: FeeKind::Restocking, percent: Some("10".into()), flat: None, per: FeePer::Line },
        Sentence::Fee { kind: FeeKind::Restocking, percent: None, flat: flat.clone(), per: FeePer::Unit },
        Sentence::Fee { kind: FeeKind::Restocking, percent: None, flat, per: FeePer::Line },
        Sentence::FreightFreeTier { tier: "silver".into() },
    ];
    let day: Date = "2026-12-23".parse().unwrap();
    for locale in LANGUAGES {
        let say = say(locale);
        let amount = say.f.money(Money::new(8_671, "CNY".parse().unwrap()));
        let mut said: Vec<String> = sentences.iter().map(|sentence| say.sentence(sentence)).collect();
        for then in [Decision::Approved, Decision::InReview, Decision::Declined] {
            let changes = [Change::Fault, Change::Later { day }, Change::Resolution { resolution: domain::policy::Resolution::Exchange }];
            said.extend(changes.iter().map(|change| say.change(change, then, |line: &LineId| line.to_string())));
        }
        let means = say.means_of_payments(&[PaidBy { method: "alipay".into(), card_ending: None }]);
        said.extend([
            say.m.verdict_approved_amount(&amount, &means),
            say.m.verdict_approved_keep(&amount, &means),
            say.m.verdict_approved_credit(&amount),
            say.m.verdict_review_amount(&amount, say.f.date(day), &means),
            say.m.moment_refund(&amount),
            say.m.mail_step(say.m.track_promised(say.f.date(day)), say.m.moment_checked()),
        ]);
        for text in said {
            assert_eq!(wrong(locale, &text), None);
        }
    }
}

#[test]
fn no_demo_order_says_them_either() {
    for path in files("../server/src/demo/orders", ".rs") {
        for text in file(&path).split('"').skip(1).step_by(2) {
            let locale = if text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)) { Locale::ZhCn } else { Locale::En };
            assert_eq!(wrong(locale, text), None, "{path}");
        }
    }
}

#[test]
fn what_is_not_said_is_found_where_it_is_said() {
    for (locale, text) in [
        (Locale::En, "You pay the freight."),
        (Locale::En, "10 % restocking"),
        (Locale::ZhCn, "请在12月3日（周四）前寄出。"),
        (Locale::ZhCn, "¥\u{a0}86.71将退回您的银行卡。"),
        (Locale::ZhCn, "请寄出商品（12月3日（周四））"),
        (Locale::ZhCn, "换货: 换成 38 码"),
        (Locale::De, "Tag 30 oder weniger nach der Zustellung"),
        (Locale::Fr, "jour 30 ou moins après la livraison"),
    ] {
        assert!(wrong(locale, text).is_some(), "{text}");
    }
    assert_eq!(wrong(Locale::ZhCn, "¥\u{a0}86.71 将退回您的支\u{2060}付\u{2060}宝，最晚12月3日（周四）。"), None);
}
