//! Turns `locales/*.toml` into `Messages`: one method for each text, in all languages. A text that one language lacks or has beyond English,
//! that takes other values, or that lacks a plural form, fails the build.

#[path = "build/catalogue.rs"]
mod catalogue;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use catalogue::{Catalogue, Text, forms, values};

/// Areas whose texts are looked up by a code: open vocabularies, which merchants may add to, and refusals of the server's.
const LOOKED_UP: [&str; 9] = ["code", "reason", "condition", "exception", "said", "evidence_error", "currency", "country", "zone"];
/// Areas with a form of their own.
const APART: [&str; 2] = ["facts", "occasion"];

/// How a number is wanted: that many, that many or more, that many at most, from one to another.
const FORMS: [&str; 4] = ["exactly", "at_least", "at_most", "between"];

/// The languages, each as a match over `Locale` begins its arm.
struct Languages {
    source: Catalogue,
    all: Vec<(String, Catalogue)>,
}

fn main() {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    if std::env::var_os("CARGO_FEATURE_SSR").is_none() {
        return;
    }
    let languages = read("locales");
    let mut code = String::from("impl Messages {\n");
    for (key, text) in &languages.source.texts {
        let area = key.split('.').next().unwrap_or_default();
        if !LOOKED_UP.contains(&area) && !APART.contains(&area) {
            languages.method(&mut code, key, text);
        }
    }
    for area in LOOKED_UP {
        languages.lookup(&mut code, area);
    }
    languages.facts(&mut code);
    code.push_str("}\n");
    languages.occasions(&mut code);
    let folder = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&folder).join("messages.rs"), code).expect("the build folder is writable");
}

/// All files of `folder`: `zh-CN.toml` is of `Locale::ZhCn`.
fn read(folder: &str) -> Languages {
    let mut all = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}")).flatten() {
        let path = file.path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let tag = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        all.insert(tag, Catalogue::read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
    }
    let source = all.get("en").expect("locales/en.toml says what there is to say").clone();
    let wrong = |(tag, texts): (&String, &Catalogue)| {
        let tag = tag.clone();
        texts.wrong_beside(&source).into_iter().map(move |problem| format!("{folder}/{tag}.toml: {problem}")).collect::<Vec<_>>()
    };
    let wrong: Vec<String> = all.iter().flat_map(wrong).collect();
    assert!(wrong.is_empty(), "the languages differ:\n{}", wrong.join("\n"));
    let variant = |tag: &str| tag.split('-').map(camel).collect::<String>();
    let arms = all.into_iter().map(|(tag, texts)| (format!("Locale::{}", variant(&tag)), texts));
    let pseudo = ("#[cfg(debug_assertions)] Locale::Pseudo".to_owned(), source.pseudo());
    Languages { all: arms.chain([pseudo]).collect(), source }
}

impl Languages {
    fn method(&self, code: &mut String, key: &str, source: &Text) {
        let names = values(source);
        let plural = matches!(source, Text::Plural { .. });
        let parameters: String = names
            .iter()
            .map(|name| if plural && name == "n" { ", n: u64".to_owned() } else { format!(", {name}: impl std::fmt::Display") })
            .collect();
        let answer = match source {
            Text::Rows(_) => "&'static [&'static str]",
            _ if names.is_empty() => "&'static str",
            _ => "String",
        };
        let _ = writeln!(code, "    /// {}", forms(source).last().unwrap_or(&"").replace('\n', " "));
        let _ = writeln!(code, "    #[must_use]\n    pub fn {}(self{parameters}) -> {answer} {{", key.replace('.', "_"));
        code.push_str("        match self.locale {\n");
        for (locale, texts) in &self.all {
            let said = texts.expression(&texts.texts[key], &names);
            let _ = writeln!(code, "            {locale} => {{ {said} }}");
        }
        code.push_str("        }\n    }\n");
    }

    fn lookup(&self, code: &mut String, area: &str) {
        let _ = writeln!(code, "    /// The text of a {area}, where it is one we know.\n    #[must_use]");
        let _ = writeln!(code, "    pub fn {area}(self, code: &str) -> Option<&'static str> {{\n        Some(match (self.locale, code) {{");
        for (locale, texts) in &self.all {
            let (attribute, locale) = locale.rsplit_once(' ').unwrap_or(("", locale));
            for (name, text) in texts.area(area) {
                let Text::One(text) = text else { panic!("{area}.{name}: a text looked up by code has no plural") };
                let _ = writeln!(code, "            {attribute} ({locale}, {name:?}) => {text:?},");
            }
        }
        let _ = writeln!(code, "            _ => return None,\n        }})\n    }}");
    }

    /// What a rule wants of each fact: a match over all facts, so that none is without words.
    fn facts(&self, code: &mut String) {
        let counted = |name: &str| name.contains('.');
        code.push_str("    /// What a rule wants of a fact: `values`, in words; or that it `is` so, or not.\n    #[must_use]\n");
        code.push_str(
            "    pub fn fact(self, fact: domain::policy::FactKind, is: bool, values: &str) -> String {\n        match (fact, self.locale) {\n",
        );
        let mut otherwise = String::new();
        for (locale, texts) in &self.all {
            let (attribute, locale) = locale.rsplit_once(' ').unwrap_or(("", locale));
            for (name, text) in texts.area("facts").filter(|(name, _)| !counted(name)) {
                let fact: String = camel_all(name);
                let answer = match text {
                    Text::Rows(rows) if rows.len() == 2 && values(text).is_empty() => {
                        format!("(if is {{ {:?} }} else {{ {:?} }}).to_owned()", rows[0], rows[1])
                    }
                    Text::Rows(rows) if rows.len() == 2 => {
                        let arm = format!("{attribute} (domain::policy::FactKind::{fact}, {locale}) => {},", with_values(&rows[1]));
                        let _ = writeln!(otherwise, "            {arm}");
                        with_values(&rows[0])
                    }
                    Text::One(text) if text.contains("{values}") => with_values(text),
                    _ => panic!("facts.{name} has a text for yes and one for no, or one with {{values}}"),
                };
                let _ = writeln!(code, "            {attribute} (domain::policy::FactKind::{fact}, {locale}) => {answer},");
            }
        }
        let combined = ["Any", "All", "Not"].map(|kind| format!("domain::policy::FactKind::{kind}")).join(" | ");
        let number: BTreeSet<String> = self.source.area("facts").filter_map(|(name, _)| Some(camel_all(name.split_once('.')?.0))).collect();
        let number: String = number.iter().map(|fact| format!(" | domain::policy::FactKind::{fact}")).collect();
        let _ = writeln!(code, "            ({combined}{number}, _) => values.to_owned(),\n        }}\n    }}");
        let _ = writeln!(
            code,
            "    /// That a fact is none of `values`, where there are words of its own for it.\n    #[must_use]
    pub fn fact_not(self, fact: domain::policy::FactKind, values: &str) -> Option<String> {{\n        Some(match (fact, self.locale) {{
{otherwise}            _ => return None,\n        }})\n    }}"
        );
        self.counted(code);
    }

    /// What a rule wants of what is counted.
    fn counted(&self, code: &mut String) {
        code.push_str(
            "    /// What a rule wants of a fact that is counted, in the `form` `exactly`, `at_least`, `at_most` or `between`; `a` is `n` as it is printed.
    #[must_use]
    pub fn counted(self, fact: domain::policy::FactKind, form: &str, n: u64, a: &str, b: &str) -> Option<String> {
        let _ = (n, a, b);
        Some(match (fact, form, self.locale) {\n",
        );
        for (locale, texts) in &self.all {
            let (attribute, locale) = locale.rsplit_once(' ').unwrap_or(("", locale));
            for (name, text) in texts.area("facts") {
                let Some((fact, form)) = name.split_once('.') else { continue };
                assert!(FORMS.contains(&form), "facts.{fact} has a form `{form}`; there are {FORMS:?}");
                let lacks = FORMS.iter().find(|form| !texts.texts.contains_key(&format!("facts.{fact}.{form}")));
                assert_eq!(lacks, None, "facts.{fact} lacks a form");
                let answer = texts.expression(text, &values(text));
                let _ = writeln!(
                    code,
                    "            {attribute} (domain::policy::FactKind::{}, {form:?}, {locale}) => {{ {answer} }}",
                    camel_all(fact)
                );
            }
        }
        code.push_str("            _ => return None,\n        })\n    }\n");
    }

    /// What is told on an occasion, by channel.
    fn occasions(&self, code: &mut String) {
        const FIELDS: [&str; 5] = ["subject", "lead", "lead_in_review", "lead_declined", "note"];
        const VALUES: [&str; 7] = ["rma", "date", "shop", "minutes", "order", "amount", "expected"];
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for (key, text) in self.source.area("occasion") {
            let (name, field) = key.split_once('.').unwrap_or((key, ""));
            let known = field.strip_prefix("mail.").is_some_and(|field| FIELDS.contains(&field));
            assert!(known, "occasion.{key}: an occasion has `whole` and mail.{FIELDS:?}");
            assert!(values(text).iter().all(|value| VALUES.contains(&value.as_str())), "occasion.{key} takes others than {VALUES:?}");
            names.insert(name);
        }
        let (mut variants, mut all, mut codes, mut jobs, mut whole, mut mails, mut taken) =
            <(String, String, String, String, String, String, String)>::default();
        for name in names {
            let variant = camel_all(name);
            for (locale, texts) in &self.all {
                let (attribute, locale) = locale.rsplit_once(' ').unwrap_or(("", locale));
                let fields = FIELDS.map(|field| {
                    let text = match texts.texts.get(&format!("occasion.{name}.mail.{field}")) {
                        Some(Text::One(text)) => Some(text),
                        Some(_) => panic!("occasion.{name}.mail.{field} is no text"),
                        None => None,
                    };
                    match (text, field) {
                        (Some(text), "subject" | "lead") => format!("{field}: {text:?}"),
                        (None, "subject" | "lead") => panic!("occasion.{name}.mail has no {field}"),
                        (text, _) => format!("{field}: {text:?}"),
                    }
                });
                let _ = writeln!(mails, "            {attribute} (Self::{variant}, {locale}) => MailTexts {{ {} }},", fields.join(", "));
            }
            // What its texts take in any language is what there is to fill in.
            let takes: BTreeSet<String> =
                self.all.iter().flat_map(|(_, texts)| texts.taken_by(&format!("occasion.{name}.mail."))).collect();
            let takes: Vec<&str> = VALUES.into_iter().filter(|value| takes.contains(*value)).collect();
            let _ = write!(taken, "Self::{variant} => &{takes:?}, ");
            let _ = write!(variants, "{variant}, ");
            let _ = write!(all, "Self::{variant}, ");
            let _ = write!(codes, "Self::{variant} => {name:?}, ");
            let _ = write!(jobs, "Self::{variant} => \"mail.{name}\", ");
            let is_whole = self.source.flags.contains(&format!("occasion.{name}.whole"));
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

    /// Names of the values that its texts take.
    #[must_use]
    pub const fn values(self) -> &'static [&'static str] {{ match self {{ {taken} }} }}

    #[must_use]
    pub const fn mail(self, locale: Locale) -> MailTexts {{
        match (self, locale) {{
{mails}        }}
    }}
}}"
        );
    }
}

/// A text with its values, as code.
fn with_values(text: &str) -> String {
    if text == "{values}" { "values.to_owned()".to_owned() } else { format!("format!({text:?})") }
}

/// `return_opened` as `ReturnOpened`.
fn camel_all(name: &str) -> String {
    name.split('_').map(camel).collect()
}

/// `zh` as `Zh`, `CN` as `Cn`.
fn camel(part: &str) -> String {
    let (first, rest) = part.split_at(part.len().min(1));
    first.to_uppercase() + &rest.to_lowercase()
}

impl Catalogue {
    /// Names of the values that texts take whose keys begin so.
    fn taken_by(&self, beginning: &str) -> Vec<String> {
        self.texts.iter().filter(|(key, _)| key.starts_with(beginning)).flat_map(|(_, text)| values(text)).collect()
    }

    /// A text of this language as Rust says it, with its values from variables of their `names`.
    fn expression(&self, text: &Text, names: &BTreeSet<String>) -> String {
        match text {
            Text::One(text) => expression(text, names),
            Text::Rows(rows) => format!("&{rows:?}"),
            Text::Plural { one, other } => {
                // In a language without a singular, `one` is said of exactly one.
                let numbers = if self.singular.is_empty() { &[1][..] } else { &self.singular };
                let numbers = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" | ");
                let all = expression(other.as_deref().unwrap_or_default(), names);
                match one {
                    Some(one) if Some(one) != other.as_ref() => {
                        format!("if matches!(n, {numbers}) {{ {} }} else {{ {all} }}", expression(one, names))
                    }
                    _ => all,
                }
            }
        }
    }
}

fn expression(text: &str, names: &BTreeSet<String>) -> String {
    match (names.is_empty(), text.contains('{')) {
        (true, _) => format!("{text:?}"),
        (false, true) => format!("format!({text:?})"),
        (false, false) => format!("{text:?}.to_owned()"),
    }
}
