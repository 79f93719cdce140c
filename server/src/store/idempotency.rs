//! Answers kept for repeated requests.

use super::conn::{execute, fetch_optional};
use super::drafts::SENT_OFF;
use super::{Conn, StoreError};

/// What was answered the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Digest of what was sent.
    pub digest: String,
    /// The number of the return it is about.
    pub answer: String,
    /// Digest of what was asked; nothing where a server of before 0017 answered.
    pub request: Option<String>,
    /// All that was said, JSON; nothing where who asked looks for themselves.
    pub response: Option<String>,
}

/// An answer that is to be kept.
#[derive(Clone, Debug)]
pub struct NewAnswer {
    /// Whose key it is: an API key's digest, or drafts.
    pub scope: String,
    /// The key.
    pub key: String,
    /// As in [`StoredAnswer`].
    pub digest: String,
    /// As in [`StoredAnswer`].
    pub answer: String,
    /// As in [`StoredAnswer`].
    pub request: Option<String>,
    /// As in [`StoredAnswer`].
    pub response: Option<String>,
}

/// The answer kept under `key` within `scope`.
pub async fn find_answer(conn: &mut Conn<'_>, scope: &str, key: &str) -> Result<Option<StoredAnswer>, StoreError> {
    let row = fetch_optional!(
        conn,
        (String, String, Option<String>, Option<String>),
        "SELECT digest, answer, request, response FROM idempotency WHERE scope = $1 AND key = $2",
        scope,
        key
    )?;
    Ok(row.map(|(digest, answer, request, response)| StoredAnswer { digest, answer, request, response }))
}

/// Keeps an answer. False where one is kept already: somebody else answered the same request in between.
pub async fn keep_answer(conn: &mut Conn<'_>, new: &NewAnswer, now: i64) -> Result<bool, StoreError> {
    let kept = execute!(
        conn,
        "INSERT INTO idempotency (scope, key, digest, answer, created_at, request, response) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (scope, key) DO NOTHING",
        &new.scope,
        &new.key,
        &new.digest,
        &new.answer,
        now,
        &new.request,
        &new.response
    )?;
    Ok(kept == 1)
}

/// Forgets answers kept before a moment; what a draft became is known as long as the draft is.
pub async fn delete_old_answers(conn: &mut Conn<'_>, before: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM idempotency WHERE created_at < $1
           AND NOT (scope = $2 AND EXISTS (SELECT 1 FROM drafts WHERE drafts.id = idempotency.key))",
        before,
        SENT_OFF
    )?)
}
