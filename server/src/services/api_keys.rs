//! Keys of machines, remembered for a moment: a machine sends the same one with every call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::{self, ApiKey, Store, StoreError};

/// How long a key may go on working after it was replaced.
const FRESH: Duration = Duration::from_secs(2);

/// Known keys, by digest.
#[derive(Default)]
pub struct ApiKeys {
    seen: Mutex<HashMap<String, (ApiKey, Instant)>>,
}

impl ApiKeys {
    /// The key of that digest.
    pub async fn find(&self, store: &Store, digest: &str) -> Result<Option<ApiKey>, StoreError> {
        if let Some((key, looked)) = self.lock().get(digest)
            && looked.elapsed() < FRESH
        {
            return Ok(Some(key.clone()));
        }
        let mut read = store.read().await?;
        let found = store::find_api_key(&mut read.conn(), digest).await?;
        let mut seen = self.lock();
        match &found {
            Some(key) => seen.insert(digest.to_owned(), (key.clone(), Instant::now())),
            None => seen.remove(digest),
        };
        Ok(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (ApiKey, Instant)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
