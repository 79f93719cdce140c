//! Policy versions, compiled once, and which of them an order follows (P2).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::policy::{Policy, PolicyProblem, read, reload};
use domain::reason::ReasonTree;
use jiff::Timestamp;

use crate::store::{self, Conn, PolicyRow, Store, StoreError};

/// How long another server's publication may go unnoticed.
const FRESH: Duration = Duration::from_secs(2);

/// The published versions. Cheap to clone.
#[derive(Clone, Default)]
pub struct Policies {
    cache: Arc<Mutex<Cache>>,
}

#[derive(Default)]
struct Cache {
    versions: Vec<PolicyRow>,
    looked: Option<Instant>,
    compiled: HashMap<i64, Arc<Policy>>,
}

/// Why a policy was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It has mistakes.
    #[error("the policy has {} mistakes", .0.len())]
    Problems(Vec<PolicyProblem>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Policies {
    /// The version that orders placed at `placed_at` follow: the last that was in force then, or the first ever for older orders.
    pub async fn for_order(&self, conn: &mut Conn<'_>, placed_at: Timestamp) -> Result<(i64, Arc<Policy>), StoreError> {
        let row = self.row_for(conn, placed_at).await?;
        Ok((row.version, self.compiled(conn, row.version).await?))
    }

    /// The version a new order would follow now.
    pub async fn current(&self, conn: &mut Conn<'_>, now: Timestamp) -> Result<(PolicyRow, Arc<Policy>), StoreError> {
        let row = self.row_for(conn, now).await?;
        Ok((row, self.compiled(conn, row.version).await?))
    }

    async fn row_for(&self, conn: &mut Conn<'_>, placed_at: Timestamp) -> Result<PolicyRow, StoreError> {
        let versions = self.versions(conn).await?;
        let placed = placed_at.as_millisecond();
        // Of two versions in force from the same moment, the later published counts.
        let in_force = versions.iter().filter(|row| row.effective_from <= placed).max_by_key(|row| (row.effective_from, row.version));
        let first = || versions.iter().min_by_key(|row| (row.effective_from, row.version));
        in_force.or_else(first).copied().ok_or(StoreError::Corrupt { what: "policy", why: "none is published".into() })
    }

    async fn versions(&self, conn: &mut Conn<'_>) -> Result<Vec<PolicyRow>, StoreError> {
        {
            let cache = self.lock();
            if cache.looked.is_some_and(|looked| looked.elapsed() < FRESH) && !cache.versions.is_empty() {
                return Ok(cache.versions.clone());
            }
        }
        let versions = store::policy_versions(conn).await?;
        let mut cache = self.lock();
        cache.versions.clone_from(&versions);
        cache.looked = Some(Instant::now());
        Ok(versions)
    }

    async fn compiled(&self, conn: &mut Conn<'_>, version: i64) -> Result<Arc<Policy>, StoreError> {
        if let Some(policy) = self.lock().compiled.get(&version) {
            return Ok(policy.clone());
        }
        let missing = || StoreError::Corrupt { what: "policy", why: format!("version {version} is not there") };
        let document = store::policy_document(conn, version).await?.ok_or_else(missing)?;
        // It was read when it was published: what cannot be read of it now, only a newer version knows.
        let policy = reload(&document).map_err(|problem| {
            tracing::error!(version, %problem, "a published policy holds what this version does not know: bring this server up to date");
            StoreError::Newer
        })?;
        let policy = Arc::new(policy);
        self.lock().compiled.insert(version, policy.clone());
        Ok(policy)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Publishes a policy that has no mistakes; orders placed from `effective_from` on follow it. Answers its version.
    pub async fn publish(
        &self,
        store: &Store,
        document: &str,
        reasons: &ReasonTree,
        effective_from: Timestamp,
        now: Timestamp,
    ) -> Result<i64, PublishError> {
        read(document, reasons).map_err(PublishError::Problems)?;
        let document = document.to_owned();
        let version = store
            .write(move |mut conn| {
                Box::pin(
                    async move { store::publish_policy(&mut conn, &document, effective_from.as_millisecond(), now.as_millisecond()).await },
                )
            })
            .await?;
        self.look_again();
        Ok(version)
    }

    /// Something was published.
    pub fn look_again(&self) {
        self.lock().looked = None;
    }

    /// Publishes the default policy, in force for every order, where none is published yet.
    pub async fn publish_default(&self, store: &Store, reasons: &ReasonTree, now: Timestamp) -> Result<(), PublishError> {
        let mut conn = store.read().await?;
        if self.versions(&mut conn.conn()).await?.is_empty() {
            read(domain::policy::DEFAULT, reasons).map_err(PublishError::Problems)?;
            let now = now.as_millisecond();
            store
                .write(move |mut conn| Box::pin(async move { store::publish_first_policy(&mut conn, domain::policy::DEFAULT, now).await }))
                .await?;
        }
        Ok(())
    }
}
