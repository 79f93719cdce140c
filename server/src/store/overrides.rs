//! Decisions otherwise than policy: who took them, and against which rule.

use super::conn::{execute, fetch_all};
use super::{Conn, StoreError};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    pub rma: String,
    /// The number of the event.
    pub seq: u64,
    /// Name of the line in its return.
    pub line: String,
    /// Who decided, by the name of their account, or `key:` and a key's name.
    pub staff: String,
    /// Code of the sentence by which policy said no.
    pub rule: String,
    /// That sentence, JSON.
    pub sentence: String,
    /// Epoch milliseconds.
    pub at: i64,
}

/// How often somebody decided against a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideCount {
    pub staff: String,
    pub rule: String,
    /// The sentence of the last of them, JSON.
    pub sentence: String,
    pub count: i64,
}

/// Marks one.
pub async fn note_override(conn: &mut Conn<'_>, taken: &Override) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO overrides (rma, seq, line, staff, rule, sentence, at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        &taken.rma,
        i64::try_from(taken.seq).unwrap_or(i64::MAX),
        &taken.line,
        &taken.staff,
        &taken.rule,
        &taken.sentence,
        taken.at
    )?;
    Ok(())
}

/// Those of a return from event number `from` on were taken back.
pub async fn unmark_overrides(conn: &mut Conn<'_>, rma: &str, from: u64) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM overrides WHERE rma = $1 AND seq >= $2", rma, i64::try_from(from).unwrap_or(i64::MAX))?;
    Ok(())
}

/// By person and rule, the most first.
pub async fn count_overrides(conn: &mut Conn<'_>, since: i64) -> Result<Vec<OverrideCount>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, String, i64),
        "SELECT staff, rule, MAX(sentence), COUNT(*) AS times FROM overrides WHERE at >= $1 GROUP BY staff, rule ORDER BY times DESC, staff, rule LIMIT 200",
        since
    )?;
    Ok(rows.into_iter().map(|(staff, rule, sentence, count)| OverrideCount { staff, rule, sentence, count }).collect())
}
