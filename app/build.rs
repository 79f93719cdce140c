//! Turns `locales/*.toml` into `Messages`: one method for each text. A text that one language lacks, or that takes other values
//! than its twin, fails the build.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// Areas whose texts are looked up by a code: open vocabularies, which merchants may add to, and refusals of the server's.
const LOOKED_UP: [&str; 6] = ["code", "reason", "condition", "exception", "said", "evidence_error"];

/// A text, or its plural forms.
enum Text {
    One(String),
    Plural { one: String, other: String },
}

fn main() {
    println!("cargo::rerun-if-changed=locales");
    if std::env::var_os("CARGO_FEATURE_SSR").is_none() {
        return;
    }
    let english = read("locales/en.toml");
    let chinese = read("locales/zh-CN.toml");
    let mut wrong = Vec::new();
    for key in english.keys().chain(chinese.keys()).collect::<BTreeSet<_>>() {
        match (english.get(key), chinese.get(key)) {
            (Some(en), Some(zh)) if values(en) != values(zh) => {
                wrong.push(format!("{key}: en takes {:?}, zh-CN takes {:?}", values(en), values(zh)));
            }
            (Some(_), Some(_)) => {}
            (None, _) => wrong.push(format!("{key}: missing in en")),
            (_, None) => wrong.push(format!("{key}: missing in zh-CN")),
        }
    }
    assert!(wrong.is_empty(), "the catalogues differ:\n{}", wrong.join("\n"));

    let mut code = String::from("impl Messages {\n");
    for (key, en) in &english {
        if !LOOKED_UP.iter().any(|area| key.starts_with(&format!("{area}_"))) {
            method(&mut code, key, en, &chinese[key]);
        }
    }
    for area in LOOKED_UP {
        lookup(&mut code, area, &english, &chinese);
    }
    facts(&mut code);
    code.push_str("}\n");
    occasions(&mut code);
    let folder = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&folder).join("messages.rs"), code).expect("the build folder is writable");
}

fn read(path: &str) -> BTreeMap<String, Text> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let root: toml::Table = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut texts = BTreeMap::new();
    for (area, entries) in root {
        let toml::Value::Table(entries) = entries else { panic!("{path}: `{area}` is not a table of texts") };
        for (name, value) in entries {
            let key = format!("{area}_{name}");
            let text = match value {
                toml::Value::String(text) => Text::One(text),
                toml::Value::Table(forms) => {
                    let form = |name: &str| forms.get(name).and_then(|form| form.as_str()).map(str::to_owned);
                    let other = form("other").unwrap_or_else(|| panic!("{path}: {key} has no form `other`"));
                    Text::Plural { one: form("one").unwrap_or_else(|| other.clone()), other }
                }
                _ => panic!("{path}: {key} is not a text"),
            };
            texts.insert(key, text);
        }
    }
    texts
}

/// Names of the values a text takes: `{name}`.
fn values(text: &Text) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut collect = |text: &str| {
        for part in text.split('{').skip(1) {
            names.insert(part.split('}').next().unwrap_or_default().to_owned());
        }
    };
    match text {
        Text::One(text) => collect(text),
        Text::Plural { one, other } => {
            collect(one);
            collect(other);
            names.insert("n".into());
        }
    }
    names
}

fn method(code: &mut String, key: &str, en: &Text, zh: &Text) {
    let names = values(en);
    let plural = matches!(en, Text::Plural { .. }) || matches!(zh, Text::Plural { .. });
    let arms = |text: &Text| match text {
        Text::One(text) => expression(text, &names),
        Text::Plural { one, other } => format!("if n == 1 {{ {} }} else {{ {} }}", expression(one, &names), expression(other, &names)),
    };
    let parameters: String = names
        .iter()
        .map(|name| if plural && name == "n" { ", n: u64".to_owned() } else { format!(", {name}: impl std::fmt::Display") })
        .collect();
    let answer = if names.is_empty() { "&'static str" } else { "String" };
    let shown = match en {
        Text::One(text) | Text::Plural { other: text, .. } => text,
    };
    let _ = writeln!(code, "    /// {}", shown.replace('\n', " "));
    let _ = writeln!(code, "    #[must_use]\n    pub fn {key}(self{parameters}) -> {answer} {{");
    let _ = writeln!(code, "        match self.locale {{ Locale::En => {{ {} }}, Locale::ZhCn => {{ {} }} }}\n    }}", arms(en), arms(zh));
}

fn lookup(code: &mut String, area: &str, english: &BTreeMap<String, Text>, chinese: &BTreeMap<String, Text>) {
    let _ = writeln!(code, "    /// The text of a {area}, where it is one we know.\n    #[must_use]");
    let _ = writeln!(code, "    pub fn {area}(self, code: &str) -> Option<&'static str> {{\n        Some(match (self.locale, code) {{");
    for (locale, texts) in [("En", english), ("ZhCn", chinese)] {
        for (key, text) in texts.range(format!("{area}_")..) {
            let Some(name) = key.strip_prefix(&format!("{area}_")) else { break };
            let Text::One(text) = text else { panic!("{key}: a text looked up by code has no plural") };
            let _ = writeln!(code, "            (Locale::{locale}, {name:?}) => {text:?},");
        }
    }
    let _ = writeln!(code, "            _ => return None,\n        }})\n    }}");
}

/// What a rule wants of each fact: a match over all facts, so that none is without words.
fn facts(code: &mut String) {
    const PATH: &str = "locales/facts.toml";
    let text = std::fs::read_to_string(PATH).unwrap_or_else(|error| panic!("{PATH}: {error}"));
    let rows: toml::Table = text.parse().unwrap_or_else(|error| panic!("{PATH}: {error}"));
    code.push_str("    /// What a rule wants of a fact: `values`, in words; or that it `is` so, or not.\n    #[must_use]\n");
    code.push_str(
        "    pub fn fact(self, fact: domain::policy::FactKind, is: bool, values: &str) -> String {\n        match (fact, self.locale) {\n",
    );
    for (name, texts) in &rows {
        let fact: String = name.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
        let said = [("En", "en"), ("ZhCn", "zh-CN")]
            .map(|(locale, key)| (locale, texts.get(key).unwrap_or_else(|| panic!("{PATH}: {name} lacks {key}"))));
        assert_eq!(said[0].1.type_str(), said[1].1.type_str(), "{PATH}: {name} differs in its shape");
        for (locale, text) in said {
            let answer = match text.as_array().map(Vec::as_slice) {
                Some([yes, no]) => format!("(if is {{ {yes} }} else {{ {no} }}).to_owned()"),
                Some(_) => panic!("{PATH}: {name} has a text for yes and one for no, or one with {{values}}"),
                None if text.as_str() == Some("{values}") => "values.to_owned()".to_owned(),
                None if text.as_str().is_some_and(|text| text.contains("{values}")) => format!("format!({text})"),
                None => panic!("{PATH}: {name} does not say {{values}}"),
            };
            let _ = writeln!(code, "            (domain::policy::FactKind::{fact}, Locale::{locale}) => {answer},");
        }
    }
    let combined = ["Any", "All", "Not"].map(|kind| format!("domain::policy::FactKind::{kind}")).join(" | ");
    let _ = writeln!(code, "            ({combined}, _) => values.to_owned(),\n        }}\n    }}");
}

/// What is told on an occasion, by channel and language: all of it in both languages, with the same values.
fn occasions(code: &mut String) {
    const PATH: &str = "locales/occasions.toml";
    const FIELDS: [&str; 5] = ["subject", "lead", "lead_in_review", "lead_declined", "note"];
    const VALUES: [&str; 4] = ["rma", "date", "shop", "minutes"];
    let text = std::fs::read_to_string(PATH).unwrap_or_else(|error| panic!("{PATH}: {error}"));
    let rows: toml::Table = text.parse().unwrap_or_else(|error| panic!("{PATH}: {error}"));
    let (mut variants, mut all, mut codes, mut jobs, mut whole, mut mails) = <(String, String, String, String, String, String)>::default();
    for (name, occasion) in &rows {
        let variant: String = name.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
        let known = |key: &String| ["whole", "mail"].contains(&key.as_str());
        assert!(occasion.as_table().is_some_and(|table| table.keys().all(known)), "{PATH}: {name} has `whole` and channels: mail");
        let field = |locale: &str, field: &str| {
            let channel = occasion.get("mail").unwrap_or_else(|| panic!("{PATH}: {name} has no mail"));
            let texts = channel.get(locale).and_then(toml::Value::as_table).unwrap_or_else(|| panic!("{PATH}: {name}.mail lacks {locale}"));
            assert!(texts.keys().all(|key| FIELDS.contains(&key.as_str())), "{PATH}: {name}.mail.{locale} has {FIELDS:?}");
            texts
                .get(field)
                .map(|text| text.as_str().unwrap_or_else(|| panic!("{PATH}: {name}.mail.{locale}.{field} is no text")).to_owned())
        };
        for key in FIELDS {
            let of = |locale| field(locale, key).map(|text| values(&Text::One(text)));
            let (en, zh) = (of("en"), of("zh-CN"));
            assert_eq!(en, zh, "{PATH}: {name}.mail.{key} differs between its languages");
            assert!(en.is_some() || !["subject", "lead"].contains(&key), "{PATH}: {name}.mail has no {key}");
            assert!(
                en.iter().flatten().all(|value| VALUES.contains(&value.as_str())),
                "{PATH}: {name}.mail.{key} takes {en:?} of {VALUES:?}"
            );
        }
        for (locale, key) in [("En", "en"), ("ZhCn", "zh-CN")] {
            let texts: Vec<String> = FIELDS
                .iter()
                .map(|name| match (field(key, name), ["subject", "lead"].contains(name)) {
                    (Some(text), true) => format!("{name}: {text:?}"),
                    (text, _) => format!("{name}: {text:?}"),
                })
                .collect();
            let _ = writeln!(mails, "            (Self::{variant}, Locale::{locale}) => MailTexts {{ {} }},", texts.join(", "));
        }
        let _ = write!(variants, "{variant}, ");
        let _ = write!(all, "Self::{variant}, ");
        let _ = write!(codes, "Self::{variant} => {name:?}, ");
        let _ = write!(jobs, "Self::{variant} => \"mail.{name}\", ");
        let is_whole = occasion.get("whole").and_then(toml::Value::as_bool).unwrap_or_default();
        let _ = write!(whole, "Self::{variant} => {is_whole}, ");
    }
    let _ = writeln!(
        code,
        "/// When somebody is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {{ {variants} }}

impl Occasion {{
    pub const ALL: &'static [Self] = &[{all}];

    #[must_use]
    pub const fn code(self) -> &'static str {{ match self {{ {codes} }} }}

    /// The kind of the job that sends its mail.
    #[must_use]
    pub const fn mail_job(self) -> &'static str {{ match self {{ {jobs} }} }}

    /// Whether its mail shows all of the return.
    #[must_use]
    pub const fn is_whole(self) -> bool {{ match self {{ {whole} }} }}

    #[must_use]
    pub const fn mail(self, locale: Locale) -> MailTexts {{
        match (self, locale) {{
{mails}        }}
    }}
}}"
    );
}

fn expression(text: &str, names: &BTreeSet<String>) -> String {
    match (names.is_empty(), text.contains('{')) {
        (true, _) => format!("{text:?}"),
        (false, true) => format!("format!({text:?})"),
        (false, false) => format!("{text:?}.to_owned()"),
    }
}
