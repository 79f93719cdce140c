//! The texts of one language as its file has them, and what is wrong with them beside English.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

/// What stands at one place of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    One(String),
    /// By a number, `n`.
    Plural {
        one: Option<String>,
        other: Option<String>,
    },
    /// Several of one kind: the months, a text for yes and one for no.
    Rows(Vec<String>),
}

/// A language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// Numbers that are said with the form `one`. Empty in a language whose words have no such form: its texts may do without.
    pub singular: Vec<u64>,
    /// By `area.name`, and deeper where areas have areas.
    pub texts: BTreeMap<String, Text>,
    /// What is so of a place, beside its texts: `area.name.flag`.
    pub flags: BTreeSet<String>,
}

impl Catalogue {
    /// Reads a file: areas of texts, and in `language` what holds for all of them.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut root: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let mut catalogue = Self::default();
        let numbers = root.get_mut("language").and_then(Value::as_table_mut).and_then(|language| language.remove("singular"));
        let numbers = numbers.as_ref().and_then(Value::as_array).ok_or("language.singular is a list of numbers")?;
        catalogue.singular = numbers.iter().filter_map(|number| u64::try_from(number.as_integer()?).ok()).collect();
        for (area, entries) in root {
            let Value::Table(entries) = entries else { return Err(format!("`{area}` is not an area of texts")) };
            catalogue.take(&area, entries)?;
        }
        Ok(catalogue)
    }

    fn take(&mut self, place: &str, entries: Table) -> Result<(), String> {
        for (name, value) in entries {
            let key = format!("{place}.{name}");
            let text = match value {
                Value::String(text) => Text::One(text),
                Value::Array(rows) => {
                    let rows: Option<Vec<String>> = rows.iter().map(|row| row.as_str().map(str::to_owned)).collect();
                    Text::Rows(rows.ok_or_else(|| format!("{key} has a row that is no text"))?)
                }
                Value::Table(forms) if !forms.is_empty() && forms.keys().all(|form| form == "one" || form == "other") => {
                    let form = |name: &str| forms.get(name).and_then(Value::as_str).map(str::to_owned);
                    Text::Plural { one: form("one"), other: form("other") }
                }
                Value::Table(entries) => {
                    self.take(&key, entries)?;
                    continue;
                }
                Value::Boolean(true) => {
                    self.flags.insert(key);
                    continue;
                }
                _ => return Err(format!("{key} is not a text")),
            };
            self.texts.insert(key, text);
        }
        Ok(())
    }

    /// The texts below `area`, by their names there.
    pub fn area<'c>(&'c self, area: &'c str) -> impl Iterator<Item = (&'c str, &'c Text)> {
        self.texts.iter().filter_map(move |(key, text)| Some((key.strip_prefix(area)?.strip_prefix('.')?, text)))
    }

    /// What is wrong with these texts, where `source` has what is to be said.
    pub fn wrong_beside(&self, source: &Self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (key, wanted) in &source.texts {
            match self.texts.get(key) {
                None => wrong.push(format!("{key} is missing")),
                Some(text) => wrong.extend(self.problem(text, wanted).map(|problem| format!("{key} {problem}"))),
            }
        }
        wrong.extend(self.texts.keys().filter(|key| !source.texts.contains_key(*key)).map(|key| format!("{key} is not a text of English")));
        wrong.extend(self.flags.difference(&source.flags).map(|flag| format!("{flag} is said in English alone")));
        wrong
    }

    fn problem(&self, text: &Text, wanted: &Text) -> Option<String> {
        let forms = forms(text);
        if forms.iter().any(|form| form.is_empty()) {
            return Some("says nothing".into());
        }
        match (text, wanted) {
            (Text::One(_), Text::One(_)) => {}
            (Text::Plural { one, other }, Text::Plural { .. }) => {
                if other.is_none() || (one.is_none() && !self.singular.is_empty()) {
                    return Some("lacks a plural form: it has `one` and `other`".into());
                }
            }
            // A language without a singular says it in one way.
            (Text::One(_), Text::Plural { .. }) if self.singular.is_empty() => {}
            (Text::One(_), Text::Plural { .. }) => return Some("lacks its plural forms `one` and `other`".into()),
            (Text::Rows(rows), Text::Rows(wanted)) if rows.len() == wanted.len() => {}
            _ => return Some("has another shape than in English".into()),
        }
        let wanted = values(wanted);
        let counted = |names: BTreeSet<String>| names.into_iter().filter(|name| name != "n").collect::<BTreeSet<_>>();
        let all = values(text);
        // One of something may be said without its number, and nothing else be left out.
        let differs = all != wanted || forms.iter().any(|form| counted(named(form)) != counted(wanted.clone()));
        differs.then(|| format!("takes {all:?}, and in English {wanted:?}"))
    }

    /// English for tests: every letter has an accent, each text is longer by two fifths and stands in brackets.
    pub fn pseudo(&self) -> Self {
        let said = |key: &str, text: &str| if key.starts_with("format.") { accented(text) } else { bracketed(text) };
        let texts = self.texts.iter().map(|(key, text)| {
            let one = |text: &String| said(key, text);
            let text = match text {
                // Signs and places of values: there is nothing to translate in them.
                Text::One(text) if key.starts_with("currency.") => Text::One(text.clone()),
                Text::One(text) => Text::One(one(text)),
                Text::Plural { one: form, other } => Text::Plural { one: form.as_ref().map(one), other: other.as_ref().map(one) },
                Text::Rows(rows) => Text::Rows(rows.iter().map(one).collect()),
            };
            (key.clone(), text)
        });
        Self { texts: texts.collect(), ..self.clone() }
    }
}

/// A text in each of its forms.
pub fn forms(text: &Text) -> Vec<&str> {
    match text {
        Text::One(text) => vec![text],
        Text::Plural { one, other } => one.iter().chain(other).map(String::as_str).collect(),
        Text::Rows(rows) => rows.iter().map(String::as_str).collect(),
    }
}

/// Names of the values a text takes: `{name}`.
pub fn values(text: &Text) -> BTreeSet<String> {
    let plural = matches!(text, Text::Plural { .. }).then(|| "n".to_owned());
    forms(text).into_iter().flat_map(named).chain(plural).collect()
}

fn named(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).map(|part| part.split('}').next().unwrap_or_default().to_owned()).collect()
}

/// With an accent on each letter outside of `{…}`, vowels twice.
fn accented(text: &str) -> String {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const ACCENTED: &str = "åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅɃÇÐÉƑĜĤÎĴĶĻḾÑÖÞǪŔŠŢÛṼŴẊÝŽ";
    let (mut value, mut longer) = (false, String::new());
    for letter in text.chars() {
        value = (value || letter == '{') && letter != '}';
        let with = PLAIN.find(letter).filter(|_| !value).and_then(|place| ACCENTED.chars().nth(place));
        longer.push(with.unwrap_or(letter));
        if let Some(with) = with.filter(|_| "aeiou".contains(letter)) {
            longer.push(with);
        }
    }
    longer
}

fn bracketed(text: &str) -> String {
    let mut longer = accented(text);
    if longer == text {
        return longer;
    }
    while longer.chars().count() * 5 < text.chars().count() * 7 {
        longer.push_str(" ~~~");
    }
    format!("[{longer}]")
}
