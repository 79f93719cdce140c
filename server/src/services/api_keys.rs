//! Keys of machines, remembered for a moment: a machine sends the same one with every call.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::{self, ApiKey, Store, StoreError};

/// How long a key may go on working after it was replaced.
const FRESH: Duration = Duration::from_secs(2);

/// Known keys, by digest.
#[derive(Default)]
pub struct ApiKeys {
    seen: Mutex<HashMap<String, (ApiKey, Instant)>>,
    /// Digests of all keys, and when they were read.
    all: Mutex<(HashSet<String>, Option<Instant>)>,
}

impl ApiKeys {
    /// The key of that digest.
    pub async fn find(&self, store: &Store, digest: &str, now: i64) -> Result<Option<ApiKey>, StoreError> {
        if let Some((key, looked)) = self.lock().get(digest)
            && looked.elapsed() < FRESH
        {
            return Ok(Some(key.clone()));
        }
        let mut read = store.read().await?;
        let found = store::find_api_key(&mut read.conn(), digest, now).await?;
        drop(read);
        if let Some((key, life)) = &found
            && life.is_news(now)
        {
            let digest = key.digest.clone();
            store.write(move |mut conn| Box::pin(async move { store::note_use_of_api_key(&mut conn, &digest, now).await })).await?;
        }
        let found = found.map(|(key, _)| key);
        let mut seen = self.lock();
        match &found {
            Some(key) => seen.insert(digest.to_owned(), (key.clone(), Instant::now())),
            None => seen.remove(digest),
        };
        Ok(found)
    }

    /// Whether there is a key of that digest, as far as was known a moment ago: however many unknown ones are asked about, the database is asked
    /// once in that time. Where it does not answer, no key is known.
    pub async fn is_known(&self, store: &Store, digest: &str, now: i64) -> bool {
        {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            if all.1.is_some_and(|read| read.elapsed() < FRESH) {
                return all.0.contains(digest);
            }
            // Others go on with what was known, while one looks.
            if all.1.is_some() {
                all.1 = Some(Instant::now());
            }
        }
        let digests = async { store::digests_of_api_keys(&mut store.read().await?.conn(), now).await };
        let Ok(digests) = digests.await else { return false };
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        *all = (digests.into_iter().collect(), Some(Instant::now()));
        all.0.contains(digest)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (ApiKey, Instant)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
