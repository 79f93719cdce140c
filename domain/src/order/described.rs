//! How what an order's document takes is described to those who send it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A pattern: not empty, and without control characters (C0, C1), as names of things are.
pub const PLAIN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

/// A mail address, or nothing.
pub(super) const MAIL: &str = r"^$|^[0-9A-Za-z!#$%&'*+/=?^_`{|}~.-]{1,64}@([0-9A-Za-z-]{1,63}\.)+[0-9A-Za-z-]{1,63}$";

/// A text; a whole number is as good as its digits.
pub(super) struct Text;

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "integer"], "minimum": i64::MIN, "maximum": u64::MAX})
    }
}

/// A moment or `null`: apart from each other, as not every reader of schemas sees a format on one of several types.
pub(super) struct MaybeMoment;

impl JsonSchema for MaybeMoment {
    fn schema_name() -> Cow<'static, str> {
        "MaybeMoment".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]})
    }
}
