//! Values as the machine interface names them.

use serde::Serialize;

pub(super) fn code(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
