//! What a schedule is.

use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use jiff::SignedDuration;

use super::job::{JobError, Means};
use crate::store::{Conn, StoreError};

/// What a schedule asks for.
#[derive(Clone, Debug)]
pub struct Times {
    /// As stored. Servers that look after something of their own have a name of their own for it.
    pub name: String,
    /// From the end of a run to the next, by the shop's clock.
    pub every: SignedDuration,
    /// A run that takes longer is cut off, and made again.
    pub patience: Duration,
}

impl Times {
    /// Every hour, for ten minutes at most.
    pub fn hourly(name: impl Into<String>) -> Self {
        Self { name: name.into(), every: SignedDuration::from_hours(1), patience: Duration::from_secs(600) }
    }
}

/// What is done again and again.
#[async_trait]
pub trait Schedule: Send + Sync {
    /// What it asks for.
    fn times(&self) -> Times;

    /// Does it. Cut off anywhere, it is done again and must come to the same.
    async fn run(&self, means: &Means) -> Result<(), JobError>;
}

/// How many rows are deleted in one transaction: nobody waits for more.
pub(super) const MOST: i64 = 1_000;

/// Deletes what is old, bit by bit. `delete` deletes up to so many and says how many there were.
pub(super) async fn sweep<F>(means: &Means, delete: F) -> Result<(), JobError>
where
    F: for<'c> Fn(Conn<'c>, i64) -> BoxFuture<'c, Result<u64, StoreError>> + Copy + Send + 'static,
{
    while means.services.store.write(move |conn| delete(conn, MOST)).await? == MOST as u64 {}
    Ok(())
}
