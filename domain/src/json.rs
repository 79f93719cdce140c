//! JSON as it is meant. serde takes a list where a struct is read, its fields in their order, so that `[]` would pass for `{}`; here it is refused.
//! And `2.0` is the whole number 2, as JSON Schema has it. NUL is left out of texts: no database keeps it, and nobody reads it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// What does not fit where.
#[derive(Debug)]
pub struct NotRead {
    /// Path of the field: `lines[0].quantity`; empty: the whole.
    pub field: String,
    pub why: serde_json::Error,
}

/// Reads one document, to its end.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, NotRead> {
    let json = without_nul(json);
    let mut deserializer = serde_json::Deserializer::from_slice(&json);
    let read = serde_path_to_error::deserialize(Meant(&mut deserializer)).map_err(|error| {
        let field = error.path().to_string();
        NotRead { field: if matches!(field.as_str(), "." | "?") { String::new() } else { field }, why: error.into_inner() }
    })?;
    deserializer.end().map_err(|why| NotRead { field: String::new(), why })?;
    Ok(read)
}

/// The same JSON without `\u0000` in its texts.
pub fn without_nul(json: &[u8]) -> Cow<'_, [u8]> {
    const NUL: &[u8] = b"\\u0000";
    // Most documents escape nothing.
    if !json.contains(&b'\\') || !json.windows(NUL.len()).any(|six| six == NUL) {
        return Cow::Borrowed(json);
    }
    let mut kept = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some((&byte, after)) = rest.split_first() {
        if rest.starts_with(NUL) {
            rest = &rest[NUL.len()..];
        } else if byte == b'\\' && !after.is_empty() {
            // An escape and what it is of go together: `\\u0000` is a backslash and five letters.
            kept.extend_from_slice(&rest[..2]);
            rest = &rest[2..];
        } else {
            kept.push(byte);
            rest = after;
        }
    }
    Cow::Owned(kept)
}

struct Meant<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Meant<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Within(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(Within(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Within(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Within(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Object(visitor))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier
    }
}

/// A struct's visitor, which sees an object or nothing.
struct Object<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Object<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Within(fields))
    }
}

/// What stands within something: read likewise.
struct Within<T>(T);

macro_rules! passed_on {
    ($($visit:ident $value:ty),+) => {
        $(fn $visit<E: Error>(self, value: $value) -> Result<V::Value, E> {
            self.0.$visit(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Within<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    passed_on! { visit_bool bool, visit_i64 i64, visit_u64 u64, visit_str &str, visit_borrowed_str &'de str, visit_string String }

    fn visit_f64<E: Error>(self, number: f64) -> Result<V::Value, E> {
        // Up to here each whole number is one float.
        const WHOLE: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() < WHOLE { self.0.visit_i64(number as i64) } else { self.0.visit_f64(number) }
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Meant(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Meant(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Within(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Within(fields))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(variant)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Within<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Meant(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Within<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Within(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Within<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Within(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Thing {
        name: Option<String>,
        units: u32,
        share: f64,
        part: Option<Box<Thing>>,
        parts: Vec<Thing>,
    }

    fn refused(json: &str) -> String {
        let wrong = read::<Thing>(json.as_bytes()).unwrap_err();
        format!("{}: {}", wrong.field, wrong.why)
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        for (json, field) in
            [("[]", ""), (r#"{"part":[]}"#, "part"), (r#"{"parts":[{},["x"]]}"#, "parts[1]"), (r#"{"part":{"part":[]}}"#, "part.part")]
        {
            assert!(refused(json).starts_with(&format!("{field}: invalid type: sequence, expected an object")), "{}", refused(json));
            assert!(serde_json::from_str::<Thing>(json).is_ok(), "serde itself takes it");
        }
    }

    #[test]
    fn a_whole_number_is_whole_however_it_is_written() {
        let thing: Thing = read(br#"{"name":"a","units":2.0,"share":3.0,"part":{"units":1e2,"share":0.5}}"#).unwrap();
        assert_eq!((thing.units, thing.share, thing.part.map(|part| (part.units, part.share))), (2, 3.0, Some((100, 0.5))));
        assert!(refused(r#"{"units":2.5}"#).starts_with("units: invalid type: floating point `2.5`"));
        assert!(refused(r#"{"units":1e300}"#).starts_with("units: "));
    }

    #[test]
    fn nothing_stands_after_a_document() {
        assert_eq!(read::<Thing>(b" {} \n").unwrap(), Thing::default());
        assert!(refused("{} {}").starts_with(": trailing characters"));
    }

    #[test]
    fn nul_is_left_out_of_texts() {
        for (json, text) in [
            (r#""a\u0000b""#, "ab"),
            (r#""\u0000""#, ""),
            (r#""a\\u0000b""#, "a\\u0000b"),
            (r#""a\\\u0000b""#, "a\\b"),
            (r#""\u0000\u0000\n\"\u0000""#, "\n\""),
            (r#""\u00000""#, "0"),
            (r#""plain""#, "plain"),
        ] {
            assert_eq!(read::<Value>(json.as_bytes()).unwrap(), Value::from(text), "{json}");
        }
        assert_eq!(read::<Value>(br#"{"a\u0000": ["\u0000x"]}"#).unwrap(), serde_json::json!({"a": ["x"]}));
        assert!(read::<Value>(br#""\ud800""#).is_err(), "half a letter");
        assert!(read::<Value>(b"\"a\\").is_err());
        assert!(read::<Value>(b"1 2").is_err());
    }
}
