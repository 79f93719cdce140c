//! What is left of a customer who asked to be forgotten (GDPR, art. 17; PIPL, art. 47): what was bought, returned and paid, under a name that
//! nobody can lead back to them. Values that name, reach or describe them go, and so does everything that somebody wrote in their own words.

use serde_json::{Map, Value};

use crate::ids::EmailAddress;
use crate::order::{AddressDocument, CustomerDocument, OrderDocument};
use crate::withdrawal::{Items, Statement};

/// What stands where words were.
pub const ERASED: &str = "…";
/// How a name that stands for somebody begins.
pub const STANDS_FOR: &str = "erased-";
/// The address of a statement of which nobody is to be reached any more (RFC 2606).
const NOBODY: &str = "erased@example.invalid";

/// Names of fields of events whose text somebody wrote in their own words, or that names who it is about: the text goes.
const WORDS: [&str; 12] =
    ["appeal", "card_ending", "comment", "file", "findings", "location", "note", "otherwise", "pursued", "refused", "why", "words"];
/// Fields of an event itself (not of what is within it) that are words.
const WORDS_ON_TOP: [&str; 1] = ["reason"];
/// Fields that hold somebody, or where they live.
const SOMEBODY: [&str; 2] = ["contact", "from"];
/// Of where they live, what decides about law, freight and currency stays.
const OF_ADDRESS: [&str; 2] = ["country", "region"];
/// Lists of names of photos and documents: those are deleted.
const FILES: [&str; 1] = ["evidence"];

/// Values of somebody, to be found in what others wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(Vec<String>);

/// Fewer bytes say nothing of anybody, and are part of many words.
const LEAST: usize = 6;

impl Values {
    /// Takes in a value, where it says enough.
    pub fn add(&mut self, value: &str) {
        let value = value.trim().to_lowercase();
        if value.len() >= LEAST && !self.0.contains(&value) {
            self.0.push(value);
        }
    }

    /// What of an order leads to who bought it.
    pub fn add_order(&mut self, document: &OrderDocument) {
        let CustomerDocument { name, email, phone, .. } = &document.customer;
        let address = document.ship_to.as_ref();
        let of_address = address.into_iter().flat_map(|to| [&to.name, &to.line1, &to.line2]);
        for value in [name, email, phone].into_iter().chain(of_address).flatten() {
            self.add(value);
        }
    }

    /// The text without them, where it has any.
    pub fn out_of(&self, text: &str) -> Option<String> {
        let mut left = text.to_owned();
        for value in &self.0 {
            left = without(&left, value);
        }
        (left != text).then_some(left)
    }
}

/// A text without a part of it, however that is written.
fn without(text: &str, part: &str) -> String {
    let (mut left, mut rest) = (String::with_capacity(text.len()), text);
    'text: while !rest.is_empty() {
        for (place, _) in rest.char_indices() {
            let mut wanted = part.chars();
            let mut end = place;
            let fits = |letter: char, wanted: &mut std::str::Chars<'_>| letter.to_lowercase().all(|small| wanted.next() == Some(small));
            for letter in rest[place..].chars() {
                if wanted.as_str().is_empty() || !fits(letter, &mut wanted) {
                    break;
                }
                end += letter.len_utf8();
                if wanted.as_str().is_empty() {
                    left.push_str(&rest[..place]);
                    left.push_str(ERASED);
                    rest = &rest[end..];
                    continue 'text;
                }
            }
        }
        left.push_str(rest);
        break;
    }
    left
}

/// An event, as it is stored, without who it is of. It stays an event of its kind and schema, with every number and amount.
pub fn erase_event(event: &mut Value, values: &Values) {
    let Value::Object(fields) = event else { return };
    for name in WORDS_ON_TOP {
        if let Some(words @ Value::String(_)) = fields.get_mut(name) {
            *words = ERASED.into();
        }
    }
    erase_fields(fields, values);
}

fn erase_fields(fields: &mut Map<String, Value>, values: &Values) {
    for (name, value) in fields {
        let name = name.as_str();
        match value {
            Value::Object(within) if SOMEBODY.contains(&name) => within.retain(|part, _| OF_ADDRESS.contains(&part.as_str())),
            Value::Array(list) if FILES.contains(&name) && list.iter().all(Value::is_string) => list.clear(),
            Value::String(_) if WORDS.contains(&name) => *value = ERASED.into(),
            _ => erase_value(value, values),
        }
    }
}

fn erase_value(value: &mut Value, values: &Values) {
    match value {
        Value::Object(fields) => erase_fields(fields, values),
        Value::Array(list) => list.iter_mut().for_each(|value| erase_value(value, values)),
        Value::String(text) => {
            if let Some(left) = values.out_of(text) {
                *text = left;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An order without who bought it: `stands_for` takes their place, so that all that belongs together still does. What rules look at stays (tier,
/// language, country and region), and so does all money; a card is known by its payment alone.
pub fn erase_order(document: &mut OrderDocument, stands_for: &str) {
    let CustomerDocument { tier, locale, .. } = std::mem::take(&mut document.customer);
    document.customer = CustomerDocument { id: Some(stands_for.to_owned()), tier, locale, ..CustomerDocument::default() };
    if let Some(AddressDocument { country, region, .. }) = document.ship_to.take() {
        document.ship_to = Some(AddressDocument { country, region, ..AddressDocument::default() });
    }
    for payment in &mut document.payments {
        payment.card_ending = None;
    }
    if let Some(elsewhere) = &mut document.elsewhere {
        elsewhere.shop = ERASED.to_owned();
    }
}

/// A statement of withdrawal of which only that it was made is left, of which order and of what of it.
pub fn erase_statement(statement: &mut Statement, order: Option<&str>) {
    statement.name = ERASED.to_owned();
    statement.order = order.unwrap_or(ERASED).to_owned();
    if let Items::Words(words) = &mut statement.items {
        *words = ERASED.to_owned();
    }
    statement.sentence = ERASED.to_owned();
    if let Ok(nobody) = NOBODY.parse::<EmailAddress>() {
        statement.email = nobody;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use serde_json::json;

    use super::*;

    /// Names of fields whose text is a name of ours, of a rule, a product, a carrier or a gateway, a code, a number, a time or an amount.
    const NOBODYS: [&str; 100] = [
        "amount",
        "answer",
        "arrived",
        "ask",
        "ask_by",
        "at",
        "because",
        "by",
        "campaign",
        "carrier",
        "category",
        "cause",
        "channel",
        "city",
        "code",
        "command_id",
        "condition",
        "country",
        "currency",
        "date",
        "decided",
        "due",
        "email",
        "en",
        "evidence",
        "exchange_name",
        "exchange_sku",
        "expires_at",
        "fact",
        "fault",
        "fee",
        "fit",
        "found",
        "from",
        "grade",
        "grant",
        "ground",
        "id",
        "image",
        "inspected",
        "instead_of",
        "is",
        "issued_at",
        "kind",
        "kinds",
        "label",
        "last_day",
        "less",
        "line",
        "line1",
        "line2",
        "lines",
        "locale",
        "lot",
        "lots",
        "method",
        "name",
        "number",
        "of",
        "offer",
        "opened_at",
        "order",
        "outbound",
        "outcome",
        "payer",
        "payment",
        "per",
        "percent",
        "phone",
        "placed_at",
        "postal_code",
        "question",
        "reason",
        "reference",
        "refunded",
        "region",
        "remedy",
        "reported_by",
        "resolution",
        "review",
        "rma",
        "rule",
        "sent",
        "shipped_at",
        "sku",
        "slot",
        "state",
        "status",
        "sub_reason",
        "tier",
        "to",
        "tracking_number",
        "until",
        "value",
        "variant",
        "verdict",
        "wants",
        "warehouse",
        "zh-CN",
        "schema",
    ];

    fn texts(value: &Value, name: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| texts(value, name, found)),
            Value::Array(list) => list.iter().for_each(|value| texts(value, name, found)),
            Value::String(_) => {
                found.insert(name.to_owned());
            }
            _ => {}
        }
    }

    fn goldens() -> Vec<Value> {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"));
        let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
        let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>());
        let json = files.filter(|file| file.extension().is_some_and(|end| end == "json"));
        json.map(|file| serde_json::from_str::<Value>(&fs::read_to_string(file).unwrap()).unwrap()["event"].clone())
            .filter(Value::is_object)
            .collect()
    }

    #[test]
    fn every_text_of_an_event_either_goes_or_is_nobodys() {
        let mut found = BTreeSet::new();
        let all = goldens();
        assert!(all.len() > 100, "{} events", all.len());
        all.iter().for_each(|event| texts(event, "", &mut found));
        let known = |name: &str| NOBODYS.contains(&name) || WORDS.contains(&name) || WORDS_ON_TOP.contains(&name);
        let unknown: Vec<_> = found.iter().filter(|name| !known(name)).collect();
        assert!(unknown.is_empty(), "say in erasure.rs whether these go when a customer is erased: {unknown:?}");
    }

    #[test]
    fn an_event_without_its_words_is_the_same_event() {
        for event in goldens() {
            let mut left = event.clone();
            erase_event(&mut left, &Values::default());
            for name in ["kind", "schema", "command_id", "amount", "lots", "grant", "payment", "orders", "receipt", "promises"] {
                assert!(!matches!((event.get(name), left.get(name)), (Some(_), None)), "{event}");
            }
            for words in ["words", "note", "comment", "findings"] {
                let text = left.to_string();
                assert!(!text.contains(&format!("\"{words}\":\"")) || text.contains(&format!("\"{words}\":\"{ERASED}\"")), "{left}");
            }
        }
    }

    #[test]
    fn what_somebody_is_known_by_goes_wherever_it_stands() {
        let mut values = Values::default();
        for value in ["Anna Öberg", "anna@example.com", "Li", "王小明"] {
            values.add(value);
        }
        for (text, left) in [
            ("ask ANNA ÖBERG, anna öberg", Some("ask …, …")),
            ("mailto:Anna@Example.com", Some("mailto:…")),
            ("给王小明打电话", Some("给…打电话")),
            ("Lin and Li", None),
            ("Anna", None),
        ] {
            assert_eq!(values.out_of(text).as_deref(), left, "{text}");
        }
        let mut event = json!({"kind": "cancelled", "reason": "moved", "lots": ["1.1"], "within": {"reason": "size", "sku": "for Anna Öberg"},
            "contact": {"name": "A"}, "from": {"country": "DE", "city": "Ulm"}, "evidence": ["ev_1"]});
        erase_event(&mut event, &values);
        assert_eq!(
            event,
            json!({"kind": "cancelled", "reason": "…", "lots": ["1.1"], "within": {"reason": "size", "sku": "for …"}, "contact": {},
                "from": {"country": "DE"}, "evidence": []})
        );
    }
}
