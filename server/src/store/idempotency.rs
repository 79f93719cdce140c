//! Answers kept for repeated requests.

use super::conn::{execute, fetch_optional};
use super::drafts::SENT_OFF;
use super::{Conn, StoreError};

/// What was answered the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Digest of the request it answered.
    pub digest: String,
    /// The answer, JSON.
    pub answer: String,
}

/// The answer kept under `key` within `scope` (an API key's digest, a draft).
pub async fn find_answer(conn: &mut Conn<'_>, scope: &str, key: &str) -> Result<Option<StoredAnswer>, StoreError> {
    let row = fetch_optional!(conn, (String, String), "SELECT digest, answer FROM idempotency WHERE scope = $1 AND key = $2", scope, key)?;
    Ok(row.map(|(digest, answer)| StoredAnswer { digest, answer }))
}

/// Keeps an answer. False where one is kept already: somebody else answered the same request in between.
pub async fn keep_answer(conn: &mut Conn<'_>, scope: &str, key: &str, digest: &str, answer: &str, now: i64) -> Result<bool, StoreError> {
    let kept = execute!(
        conn,
        "INSERT INTO idempotency (scope, key, digest, answer, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (scope, key) DO NOTHING",
        scope,
        key,
        digest,
        answer,
        now
    )?;
    Ok(kept == 1)
}

/// Forgets up to `most` answers kept before a moment; what a draft became is known as long as the draft is.
pub async fn delete_old_answers(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM idempotency WHERE (scope, key) IN (SELECT scope, key FROM idempotency WHERE created_at < $1
           AND NOT (scope = $2 AND EXISTS (SELECT 1 FROM drafts WHERE drafts.id = idempotency.key)) LIMIT $3)",
        before,
        SENT_OFF,
        most
    )?)
}
