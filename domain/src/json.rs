//! JSON that others send.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Where something else was sent than was expected.
#[derive(Debug)]
pub struct NotThat {
    /// `lines[0].quantity`; empty where it is no JSON, or all of it is something else.
    pub field: String,
    /// What it should be.
    pub error: serde_json::Error,
}

/// What was sent, told with the field where it is something else. Of its texts, NUL is left out: no database keeps it, and nobody reads it.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, NotThat> {
    let json = without_nul(json);
    let mut deserializer = serde_json::Deserializer::from_slice(&json);
    let read = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        NotThat { field: if matches!(path.as_str(), "." | "?") { String::new() } else { path }, error: error.into_inner() }
    })?;
    deserializer.end().map_err(|error| NotThat { field: String::new(), error })?;
    Ok(read)
}

/// The same JSON without `\u0000` in its texts.
pub fn without_nul(json: &[u8]) -> Cow<'_, [u8]> {
    const NUL: &[u8] = b"\\u0000";
    if !json.windows(NUL.len()).any(|six| six == NUL) {
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

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
