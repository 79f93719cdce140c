//! Pages of lists: where one starts, how long it is, and where the next starts.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::asked::Fields;

/// After which entry a page starts: its moment (epoch milliseconds) and name.
type Position = (i64, String);

/// Reads what a caller wants of a list. `known`: a name as such entries have it.
pub(super) fn wanted(
    cursor: Option<&str>,
    limit: Option<i64>,
    known: impl Fn(&str) -> Option<String>,
    fields: &mut Fields,
) -> (Option<Position>, i64) {
    let after = cursor.and_then(|cursor| {
        let position = position_of(cursor, known);
        if position.is_none() {
            fields.wrong("cursor", "is not a cursor that this call gave");
        }
        position
    });
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        fields.wrong("limit", "is between 1 and 200");
    }
    (after, limit)
}

/// Of one entry more than was wanted makes a page, and where the next starts.
pub(super) fn cut<T>(found: &mut Vec<T>, limit: i64, position: impl Fn(&T) -> Position) -> Option<String> {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let (at, name) = found.last().filter(|_| more).map(position)?;
    Some(URL_SAFE_NO_PAD.encode(format!("{at}:{name}")))
}

fn position_of(cursor: &str, known: impl Fn(&str) -> Option<String>) -> Option<Position> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, name) = text.split_once(':')?;
    Some((at.parse().ok()?, known(name)?))
}
