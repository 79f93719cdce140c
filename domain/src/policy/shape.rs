//! Whether a document has the shape that its JSON Schema describes, in the words of whoever wrote it: which field, what stands there,
//! what belongs there, and what was meant. The schema is made of the types that read the document, so that nothing is described twice.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::document::json_schema;
use super::names::{country_problem, currency_problem, told};
use super::source::{PolicyProblem, Source};
use super::wanted::SkuPattern;
use crate::ids::Code;
use crate::money::{Amount, Currency};
use crate::words::{Locale, nearest};

static SCHEMA: LazyLock<Value> = LazyLock::new(json_schema);

/// All that is misshapen in a document.
pub(super) fn misshapen(source: &Source) -> Vec<PolicyProblem> {
    let mut look = Look { source, problems: Vec::new() };
    look.at(&SCHEMA, &source.value, "");
    look.problems
}

struct Look<'s> {
    source: &'s Source,
    problems: Vec<PolicyProblem>,
}

/// What a place of a document is for.
enum Place<'s> {
    /// By the name of its type, where the schema alone does not say all.
    Named(&'s str),
    /// One of these, or a list of them.
    OneOf(&'s Value),
    /// One of these names.
    Known(Vec<&'s str>),
    /// An object of exactly one of these fields.
    Choice(Map<String, Value>),
    Object(&'s Value),
    List(&'s Value),
    Whole,
    Flag,
    Day,
    Text,
}

impl<'s> Place<'s> {
    fn of(schema: &'s Value) -> Self {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next()) {
            return match name {
                "Amount" | "Amounts" | "Band" | "Percent" | "Code" | "CountryCode" | "SkuPattern" | "Words" => Self::Named(name),
                name if name.starts_with("OneOf_") => Self::OneOf(&SCHEMA["$defs"][name]["anyOf"][0]),
                name => Self::of(&SCHEMA["$defs"][name]),
            };
        }
        if let Some(some) = schema.get("anyOf").and_then(Value::as_array).and_then(|any| any.iter().find(|one| one["type"] != "null")) {
            return Self::of(some);
        }
        let consts = |one: &'s Value| one.get("const").and_then(Value::as_str).map(|known| vec![known]);
        let listed = |one: &'s Value| Some(one.get("enum")?.as_array()?.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        if let Some(known) = listed(schema) {
            return Self::Known(known);
        }
        if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
            let known: Vec<&str> = branches.iter().filter_map(|one| consts(one).or_else(|| listed(one))).flatten().collect();
            if !known.is_empty() {
                return Self::Known(known);
            }
            let fields = branches.iter().filter_map(|one| one.get("properties").and_then(Value::as_object)).flatten();
            return Self::Choice(fields.map(|(name, field)| (name.clone(), field.clone())).collect());
        }
        let is = |kind: &str| match &schema["type"] {
            Value::Array(kinds) => kinds.iter().any(|known| known == kind),
            one => one == kind,
        };
        match () {
            () if is("object") => Self::Object(schema),
            () if is("array") => Self::List(&schema["items"]),
            () if is("integer") => Self::Whole,
            () if is("boolean") => Self::Flag,
            () if schema["format"] == "date" => Self::Day,
            () => Self::Text,
        }
    }

    /// What belongs there.
    fn belongs(&self) -> String {
        match self {
            Self::Named("Amount") => "an amount such as \"12.50\"".into(),
            Self::Named("Amounts") => "an amount for each currency, such as {\"CNY\": \"12.00\", \"EUR\": \"1.50\"},".into(),
            Self::Named("Band") => "a range for each currency, such as {\"CNY\": {\"min\": \"500.00\"}},".into(),
            Self::Named("Percent") => "a percentage from 0 to 100, such as 12.5,".into(),
            Self::Named("Code") => "a name of lower-case letters, digits, `_`, `-` and `.`".into(),
            Self::Named("CountryCode") => "a country such as \"CN\"".into(),
            Self::Named("Words") => "a text for each language, such as {\"zh-CN\": \"…\", \"en\": \"…\"},".into(),
            Self::Named(_) => "an article number such as \"TEE-S\" or \"TEE-*\"".into(),
            Self::OneOf(one) => format!("{} or a list of such", Place::of(one).belongs().trim_end_matches(',')),
            Self::Known(known) => format!("one of {}", known.join(", ")),
            Self::Choice(fields) => {
                let forms: Vec<String> = fields.keys().map(|name| format!("{{\"{name}\": 2}}")).collect();
                format!("one of {}", forms.join(", "))
            }
            Self::Object(schema) => {
                let names: Vec<&str> = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                let few = if names.len() > 12 { format!("{}, …", names[..8].join(", ")) } else { names.join(", ") };
                format!("an object `{{…}}` ({few})")
            }
            Self::List(_) => "a list `[…]`".into(),
            Self::Whole => "a whole number such as 7".into(),
            Self::Flag => "true or false".into(),
            Self::Day => "a day such as \"2026-12-31\"".into(),
            Self::Text => "a text in quotes".into(),
        }
    }
}

/// What stands at a place.
fn stands(value: &Value) -> String {
    match value {
        Value::Null => "nothing (`null`)".into(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text \"{}\"", shortened(text)),
        Value::Array(_) => "a list `[…]`".into(),
        Value::Object(_) => "an object `{…}`".into(),
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(60).collect();
    if text.chars().count() > 60 {
        short.push('…');
    }
    short
}

impl Look<'_> {
    fn tell(&mut self, path: &str, problem: &str) {
        self.problems.push(self.source.problem(path, problem));
    }

    fn wrong_kind(&mut self, place: &Place<'_>, value: &Value, path: &str) {
        let belongs = place.belongs();
        self.tell(path, &format!("{} belongs here, not {}", belongs, stands(value)));
    }

    /// `value` at `path`, of which `schema` says what it is for.
    fn at(&mut self, schema: &Value, value: &Value, path: &str) {
        if value.is_null() && is_optional(schema) {
            return;
        }
        let place = Place::of(schema);
        match (&place, value) {
            (Place::Named(name), value) => self.named(name, &place, value, path),
            (Place::OneOf(_), Value::Array(items)) if items.is_empty() => {
                self.tell(path, "an empty list fits nothing; name at least one value")
            }
            (Place::OneOf(one), Value::Array(items)) => {
                items.iter().enumerate().for_each(|(index, item)| self.at(one, item, &format!("{path}[{index}]")));
            }
            (Place::OneOf(one), Value::Object(_) | Value::Null) => {
                let place = Place::OneOf(one);
                self.wrong_kind(&place, value, path);
            }
            (Place::OneOf(one), value) => self.at(one, value, path),
            (Place::Known(known), Value::String(text)) => {
                if !known.contains(&text.as_str()) {
                    let meant = nearest(text, known.iter().copied());
                    let problem = format!("there is no value `{}`", shortened(text));
                    self.tell(path, &told(&problem, meant.as_deref(), &format!("there are {}", known.join(", "))));
                }
            }
            (Place::Object(schema), Value::Object(fields)) => self.object(schema, fields, path),
            (Place::Choice(known), Value::Object(fields)) => self.choice(&place, known, fields, path),
            (Place::List(items), Value::Array(values)) => {
                values.iter().enumerate().for_each(|(index, value)| self.at(items, value, &format!("{path}[{index}]")));
            }
            (Place::Whole, Value::Number(number)) => self.whole(schema, number, path),
            (Place::Flag, Value::Bool(_)) | (Place::Text, Value::String(_)) => {}
            (Place::Day, Value::String(text)) => {
                if text.parse::<jiff::civil::Date>().is_err() {
                    let problem = format!("`{}` is no day of the calendar", shortened(text));
                    self.tell(path, &told(&problem, day_meant(text).as_deref(), "a day is written year-month-day, such as 2026-12-31"));
                }
            }
            (Place::Whole | Place::Flag, Value::String(text)) => {
                let bare = matches!(place, Place::Whole) && text.trim().parse::<i64>().is_ok()
                    || matches!(place, Place::Flag) && matches!(text.trim(), "true" | "false");
                if bare {
                    self.tell(path, &format!("\"{text}\" is a text; write {} without quotes", text.trim()));
                } else {
                    self.wrong_kind(&place, value, path);
                }
            }
            _ => self.wrong_kind(&place, value, path),
        }
    }

    fn whole(&mut self, schema: &Value, number: &serde_json::Number, path: &str) {
        let unsigned = schema["format"] == "uint32";
        match number.as_i64() {
            Some(whole) if unsigned && whole < 0 => self.tell(path, &format!("a whole number from 0 on belongs here, not {whole}")),
            Some(whole) if unsigned && u32::try_from(whole).is_err() => self.tell(path, &format!("{whole} is too large")),
            Some(_) => {}
            None => self.tell(path, &format!("a whole number such as 7 belongs here, not {number}")),
        }
    }

    fn object(&mut self, schema: &Value, fields: &Map<String, Value>, path: &str) {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        let known = schema["properties"].as_object().unwrap_or(&NONE);
        for (name, value) in fields {
            match known.get(name) {
                Some(field) => self.at(field, value, &within(path, name)),
                None => self.unknown(name, known, path),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                let belongs = known.get(name).map(|field| Place::of(field).belongs()).unwrap_or_default();
                self.tell(path, &format!("`{name}` is missing: {}", belongs.trim_end_matches(',')));
            }
        }
    }

    fn unknown(&mut self, name: &str, known: &Map<String, Value>, path: &str) {
        let names: Vec<&str> = known.keys().map(String::as_str).filter(|name| *name != "$schema").collect();
        let meant = nearest(name, names.iter().copied());
        let problem = format!("there is no field `{}`", shortened(name));
        self.tell(&within(path, name), &told(&problem, meant.as_deref(), &format!("there are {}", names.join(", "))));
    }

    fn choice(&mut self, place: &Place<'_>, known: &Map<String, Value>, fields: &Map<String, Value>, path: &str) {
        if let Some(name) = fields.keys().find(|name| !known.contains_key(*name)) {
            self.unknown(name, known, path);
        } else if let [(name, value)] = fields.iter().collect::<Vec<_>>().as_slice() {
            self.at(&known[name.as_str()], value, &within(path, name));
        } else {
            self.tell(path, &format!("exactly {} belongs here", place.belongs()));
        }
    }

    /// Places of which more is known than a schema tells.
    fn named(&mut self, name: &str, place: &Place<'_>, value: &Value, path: &str) {
        match (name, value) {
            ("Code", Value::String(text)) => {
                if text.parse::<Code>().is_err() {
                    let meant = Code::from_words(text);
                    let problem = format!("`{}` is not {}", shortened(text), place.belongs());
                    self.tell(path, &told(&problem, meant.as_ref().map(Code::as_str), ""));
                }
            }
            ("CountryCode", Value::String(text)) => {
                if let Some(problem) = country_problem(text) {
                    self.tell(path, &problem);
                }
            }
            ("SkuPattern", Value::String(text)) => {
                if let Some(problem) = SkuPattern::problem(text) {
                    self.tell(path, &problem);
                }
            }
            ("Words", Value::Object(texts)) => {
                let languages: Vec<&str> = Locale::ALL.iter().map(|locale| locale.tag()).collect();
                for (language, text) in texts {
                    let path = within(path, language);
                    if !languages.contains(&language.as_str()) {
                        let meant = language.parse::<Locale>().ok().map(Locale::tag);
                        let problem = format!("there is no language `{}`", shortened(language));
                        self.tell(&path, &told(&problem, meant, &format!("there are {}", languages.join(", "))));
                    } else if !text.is_string() {
                        self.wrong_kind(&Place::Text, text, &path);
                    }
                }
            }
            ("Amount" | "Percent", value) => match amount(value) {
                None => {
                    let typed = value.as_str().map(|text| text.trim().trim_end_matches(['%', '％']).trim_end());
                    self.no_amount(place, value, typed, path);
                }
                Some(percent) if name == "Percent" && crate::policy::BasisPoints::try_from(percent).is_err() => {
                    self.tell(path, &format!("a percentage is from 0 to 100 with at most two decimals, not {}", percent.0));
                }
                Some(_) => {}
            },
            ("Amounts", Value::Object(fields)) if fields.is_empty() => self.tell(path, "names no currency"),
            ("Amounts", Value::Object(fields)) => {
                for (currency, value) in fields {
                    self.amount_in(currency, value, false, &within(path, currency));
                }
            }
            ("Band", Value::Object(fields)) if fields.is_empty() => self.tell(path, "names no currency"),
            ("Band", Value::Object(fields)) => {
                for (currency, range) in fields {
                    let path = within(path, currency);
                    match range {
                        Value::Object(range) if currency_problem(currency).is_none() => {
                            for (name, value) in range.iter().filter(|(_, value)| !value.is_null()) {
                                let path = within(&path, name);
                                if ["min", "max"].contains(&name.as_str()) {
                                    self.amount_in(currency, value, true, &path);
                                } else {
                                    let problem = format!("there is no field `{}`", shortened(name));
                                    self.tell(&path, &told(&problem, nearest(name, ["min", "max"]).as_deref(), "there are min, max"));
                                }
                            }
                        }
                        Value::Object(_) => self.amount_in(currency, &Value::Null, true, &path),
                        other => self.tell(&path, &format!("a range such as {{\"min\": \"500.00\"}} belongs here, not {}", stands(other))),
                    }
                }
            }
            (_, value) => self.wrong_kind(place, value, path),
        }
    }

    /// What was to be an amount; `typed`: without what does not belong to one.
    fn no_amount(&mut self, place: &Place<'_>, value: &Value, typed: Option<&str>, path: &str) {
        let meant = typed.map(|typed| typed.trim().replace(',', ".")).filter(|typed| typed.parse::<Amount>().is_ok());
        let problem = format!("{} belongs here, not {}", place.belongs(), stands(value));
        self.tell(path, &told(&problem, meant.as_deref(), ""));
    }

    /// An amount in a currency.
    fn amount_in(&mut self, currency: &str, value: &Value, may_be_negative: bool, path: &str) {
        if let Some(problem) = currency_problem(currency) {
            return self.tell(path, &problem);
        }
        let (Ok(currency), Some(amount)) = (currency.parse::<Currency>(), amount(value)) else {
            return self.no_amount(&Place::Named("Amount"), value, value.as_str(), path);
        };
        match amount.minor(currency) {
            Err(error) => self.tell(path, &error.to_string()),
            Ok(minor) if minor < 0 && !may_be_negative => {
                self.tell(path, &format!("an amount cannot be negative: {} {currency}", amount.0))
            }
            Ok(_) => {}
        }
    }
}

/// A day that was written in another order.
fn day_meant(text: &str) -> Option<String> {
    let parts: Vec<i16> = text.trim().split(['.', '/', '-', ' ', '年', '月', '日']).filter_map(|part| part.parse().ok()).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let (year, month, day) = if *first > 31 { (first, second, third) } else { (third, second, first) };
    let day = jiff::civil::Date::new(*year, i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok()?;
    (day.year() > 999).then(|| day.to_string())
}

fn amount(value: &Value) -> Option<Amount> {
    serde_json::from_value(value.clone()).ok()
}

fn within(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Whether nothing may stand there.
fn is_optional(schema: &Value) -> bool {
    let kinds = schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    kinds || schema["anyOf"].as_array().is_some_and(|any| any.iter().any(|one| one["type"] == "null"))
}
