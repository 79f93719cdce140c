//! Requests with a name: sent again, they are answered as the first time, and nothing is done twice.

use std::fmt;
use std::sync::Arc;

use domain::returns::{CommandId, Return};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusals::OpenError;
use crate::store::{self, Conn, NewAnswer, StoreError};

/// What a request was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Where what was made is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// JSON.
    pub body: String,
}

type Worded = dyn Fn(&Return) -> Answered + Send + Sync;

/// Names a request.
#[derive(Clone)]
pub struct IdempotencyKey {
    /// Whose keys these are.
    pub scope: String,
    /// The key.
    pub key: String,
    /// Digest of what was sent.
    pub digest: String,
    /// Digest of what was asked: method, address and who asks; nothing where the scope tells.
    pub request: Option<String>,
    /// How the return is told to who asked, which is kept; nothing where they look for themselves.
    pub answer: Option<Arc<Worded>>,
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IdempotencyKey").field("scope", &self.scope).field("key", &self.key).finish_non_exhaustive()
    }
}

/// A command that is carried out.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The return after it.
    pub request: Return,
    /// It had been carried out by the same key before.
    pub again: bool,
    /// What is said of it, where the request has a name and an answer is kept.
    pub answer: Option<Answered>,
    /// The command, where something came of it.
    pub command: Option<CommandId>,
}

impl IdempotencyKey {
    /// What the request was answered before. A key that came with another request is refused.
    pub(super) async fn before(&self, conn: &mut Conn<'_>) -> Result<Option<(store::StoredAnswer, Option<Answered>)>, OpenError> {
        let Some(before) = store::find_answer(conn, &self.scope, &self.key).await? else { return Ok(None) };
        // A server of before did not say what was asked, only what was sent.
        let same = before.digest == self.digest && (before.request.is_none() || before.request == self.request);
        if !same {
            return Err(OpenError::KeyReused);
        }
        let answer = before.response.as_deref().map(serde_json::from_str).transpose();
        let answer = answer.map_err(|error| StoreError::corrupt("answer", error))?;
        Ok(Some((before, answer)))
    }

    /// What is kept of the request once it is carried out, with what is said to who asked.
    pub(super) fn answering(&self, request: &Return) -> Result<(NewAnswer, Option<Answered>), StoreError> {
        let answer = self.answer.as_ref().map(|answer| answer(request));
        let response = answer.as_ref().map(serde_json::to_string).transpose().map_err(|error| StoreError::corrupt("answer", error))?;
        let new = NewAnswer {
            scope: self.scope.clone(),
            key: self.key.clone(),
            digest: self.digest.clone(),
            answer: request.rma.to_string(),
            request: self.request.clone(),
            response,
        };
        Ok((new, answer))
    }

    /// Keeps what came of a request that is no return's, by its name: who asked looks for themselves. False where somebody else answered the same name
    /// in this moment.
    pub(super) async fn keep_name(self, conn: &mut Conn<'_>, answer: String, now: Timestamp) -> Result<bool, StoreError> {
        let Self { scope, key, digest, request, .. } = self;
        store::keep_answer(conn, &NewAnswer { scope, key, digest, answer, request, response: None }, now.as_millisecond()).await
    }

    /// Keeps the answer. False where somebody else answered the same name in this moment.
    pub(super) async fn keep(&self, conn: &mut Conn<'_>, request: &Return, now: Timestamp) -> Result<Option<Option<Answered>>, StoreError> {
        let (new, answer) = self.answering(request)?;
        Ok(store::keep_answer(conn, &new, now.as_millisecond()).await?.then_some(answer))
    }
}
