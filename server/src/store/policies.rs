//! Published policy versions: immutable, each with the time from which orders follow it (P2).

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// A version without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyRow {
    /// Its number, from 1.
    pub version: i64,
    /// Orders placed from then on follow it (epoch milliseconds).
    pub effective_from: i64,
    /// When it was published.
    pub published_at: i64,
}

/// All versions, by number.
pub async fn policy_versions(conn: &mut Conn<'_>) -> Result<Vec<PolicyRow>, StoreError> {
    let rows = fetch_all!(conn, (i64, i64, i64), "SELECT version, effective_from, published_at FROM policies ORDER BY version")?;
    Ok(rows.into_iter().map(|(version, effective_from, published_at)| PolicyRow { version, effective_from, published_at }).collect())
}

/// The text of a version.
pub async fn policy_document(conn: &mut Conn<'_>, version: i64) -> Result<Option<String>, StoreError> {
    Ok(fetch_optional!(conn, (String,), "SELECT document FROM policies WHERE version = $1", version)?.map(|(document,)| document))
}

/// Publishes a document as the next version and answers its number.
pub async fn publish_policy(conn: &mut Conn<'_>, document: &str, effective_from: i64, now: i64) -> Result<i64, StoreError> {
    // Two publishing at once would take the same number: the key lets one of them fail.
    let last = fetch_optional!(conn, (Option<i64>,), "SELECT MAX(version) FROM policies")?.and_then(|(last,)| last);
    let version = last.unwrap_or(0) + 1;
    execute!(
        conn,
        "INSERT INTO policies (version, effective_from, published_at, document) VALUES ($1, $2, $3, $4)",
        version,
        effective_from,
        now,
        document
    )?;
    Ok(version)
}

/// Publishes a document as the first version, where there is none: of several servers that start at once, one does.
pub async fn publish_first_policy(conn: &mut Conn<'_>, document: &str, now: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO policies (version, effective_from, published_at, document) VALUES (1, 0, $1, $2) ON CONFLICT (version) DO NOTHING",
        now,
        document
    )?;
    Ok(())
}
