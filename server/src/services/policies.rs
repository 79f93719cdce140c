//! Policy versions, compiled once, and which of them an order follows (P2).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::ids::OrderNumber;
use domain::policy::{Policy, PolicyProblem, Shop, read, read_for, reload};
use domain::reason::ReasonTree;
use domain::words::Words;
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
    /// Orders that are in already would follow it.
    #[error("{} orders that are in already would follow it", .0.count)]
    Retroactive(Changed),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Orders that are in already and follow another version than before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changed {
    /// How many.
    pub count: i64,
    /// The first of them, the oldest first, with the moments they were placed at (epoch milliseconds).
    pub orders: Vec<(OrderNumber, i64)>,
}

/// So many are named.
const MOST_NAMED: i64 = 100;

/// The orders that a version in force from `from` on would take from others.
async fn changed_by(conn: &mut Conn<'_>, from: i64, now: i64) -> Result<Changed, StoreError> {
    let versions = store::policy_versions(conn).await?;
    let next = versions.iter().map(|row| row.effective_from).filter(|after| *after > from).min();
    // Orders of before the first version follow the first.
    let first = versions.iter().all(|row| row.effective_from > from);
    let (count, orders) =
        store::orders_placed(conn, if first { i64::MIN } else { from }, next.unwrap_or(i64::MAX).min(now), MOST_NAMED).await?;
    Ok(Changed { count, orders })
}

/// A version, with what is to be known of it at a glance.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its number and times.
    pub row: PolicyRow,
    /// Its name; empty where it has none, or cannot be read here.
    pub name: Words,
    /// How many rules it has; nothing where only a newer program can read it.
    pub rules: Option<usize>,
    /// Orders placed from this moment on follow another one (epoch milliseconds).
    pub until: Option<i64>,
    /// Orders that follow it.
    pub orders: i64,
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

    /// Publishes a policy that has no mistakes; orders placed from `effective_from` on follow it. Answers its version, and the orders that were
    /// in already and follow it from now on: without leave (`backdate`) there must be none.
    pub async fn publish(
        &self,
        store: &Store,
        document: &str,
        shop: Shop<'_>,
        effective_from: Timestamp,
        now: Timestamp,
        backdate: bool,
    ) -> Result<(i64, Changed), PublishError> {
        read_for(document, shop).map_err(PublishError::Problems)?;
        let document = document.strip_prefix('\u{FEFF}').unwrap_or(document).to_owned();
        let (from, now) = (effective_from.as_millisecond(), now.as_millisecond());
        let published = store
            .write(move |mut conn| {
                Box::pin(async move {
                    let changed = if from < now { changed_by(&mut conn, from, now).await? } else { Changed::default() };
                    if changed.count > 0 && !backdate {
                        return Err(PublishError::Retroactive(changed));
                    }
                    Ok((store::publish_policy(&mut conn, &document, from, now).await?, changed))
                })
            })
            .await?;
        self.look_again();
        Ok(published)
    }

    /// All versions, by number.
    pub async fn published(&self, conn: &mut Conn<'_>) -> Result<Vec<Published>, StoreError> {
        let rows = store::policy_versions(conn).await?;
        let mut list = Vec::with_capacity(rows.len());
        let earliest = rows.iter().map(|row| (row.effective_from, row.version)).min();
        for row in &rows {
            // Of two in force from the same moment, the later published counts.
            let replaced = rows.iter().any(|other| other.effective_from == row.effective_from && other.version > row.version);
            let until = rows.iter().map(|other| other.effective_from).filter(|after| *after > row.effective_from).min();
            let from = if earliest.is_some_and(|(from, _)| from == row.effective_from) { i64::MIN } else { row.effective_from };
            let orders = if replaced { 0 } else { store::orders_placed(conn, from, until.unwrap_or(i64::MAX), 0).await?.0 };
            let until = if replaced { Some(row.effective_from) } else { until };
            let policy = self.compiled(conn, row.version).await.ok();
            let name = policy.as_ref().map(|policy| policy.name.clone()).unwrap_or_default();
            list.push(Published { row: *row, name, rules: policy.map(|policy| policy.rules()), until, orders });
        }
        Ok(list)
    }

    /// A version, compiled; nothing where there is none of that number.
    pub async fn version(&self, conn: &mut Conn<'_>, version: i64) -> Result<Option<Arc<Policy>>, StoreError> {
        let there = store::policy_versions(conn).await?.iter().any(|row| row.version == version);
        if there { self.compiled(conn, version).await.map(Some) } else { Ok(None) }
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
