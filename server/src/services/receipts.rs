//! What those who take texts say of them afterwards: one that did not arrive is shown with what was given up, to be sent again.

use super::Services;
use crate::store::{self, StoreError};

/// Letters of a text's name.
const LONGEST: usize = 64;

impl Services {
    /// A text did not arrive although it was taken; `why` names nobody. What is no text of ours, and what was sent again since, is left alone. Whether there
    /// was one.
    pub async fn text_did_not_arrive(&self, id: &str, why: String) -> Result<bool, StoreError> {
        if id.is_empty() || id.len() > LONGEST {
            return Ok(false);
        }
        let (id, now) = (id.to_owned(), self.clock.millis());
        self.store.write(move |mut conn| Box::pin(async move { store::mark_undelivered(&mut conn, &id, &why, now).await })).await
    }
}
