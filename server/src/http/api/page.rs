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

/// Which half of a list is wanted, of things that have numbers: those that go on or those that are over, after which, and how many.
pub(super) struct Half {
    pub ended: bool,
    /// By when it is due (epoch milliseconds), and its number.
    pub after: Option<(i64, i64)>,
    pub limit: i64,
}

/// Reads it; `names`: of what goes on, which is wanted where nothing is said, and of what is over.
pub(super) fn half(state: Option<&str>, names: &[&str; 2], cursor: Option<&str>, limit: Option<i64>, fields: &mut Fields) -> Half {
    if state.is_some_and(|state| !names.contains(&state)) {
        fields.wrong("state", format!("is one of {}", names.join(", ")));
    }
    let number = |text: &str| text.parse::<i64>().ok().map(|number| number.to_string());
    let (after, limit) = wanted(cursor, limit, number, fields);
    let after = after.map(|(due, number)| (due, number.parse().unwrap_or_default()));
    Half { ended: state == Some(names[1]), after, limit }
}

/// Of one entry more than was wanted makes a page, and where the next starts.
pub(super) fn cut<T>(found: &mut Vec<T>, limit: i64, position: impl Fn(&T) -> Position) -> Option<String> {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    found.last().filter(|_| more).map(position).map(cursor)
}

/// Where a page starts that goes on after that position.
pub(super) fn cursor((at, name): Position) -> String {
    URL_SAFE_NO_PAD.encode(format!("{at}:{name}"))
}

fn position_of(cursor: &str, known: impl Fn(&str) -> Option<String>) -> Option<Position> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, name) = text.split_once(':')?;
    Some((at.parse().ok()?, known(name)?))
}
