//! Work that somebody else would do, did nobody say from time to time that it is still being done.

use std::time::Duration;

use tokio::task::{AbortHandle, JoinHandle};

use super::JobError;
use crate::store::StoreError;

/// Ends a task with whoever started it.
struct Ended(AbortHandle);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What `work` comes to within `patience`; it is cut off then. Meanwhile its lease is renewed `every` so often. Nothing where somebody else has
/// the lease: what this one does counts no more.
///
/// Work is a task of its own: one that keeps a thread busy does not keep its lease from being renewed.
pub(super) async fn held<R>(
    work: JoinHandle<Result<(), JobError>>,
    patience: Duration,
    every: Duration,
    renew: impl Fn() -> R,
) -> Option<Result<(), JobError>>
where
    R: Future<Output = Result<bool, StoreError>>,
{
    let _ended = Ended(work.abort_handle());
    let lost = async {
        loop {
            tokio::time::sleep(every).await;
            match renew().await {
                Ok(true) => {}
                Ok(false) => return,
                // The lease outlives some tries.
                Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
            }
        }
    };
    tokio::select! {
        done = tokio::time::timeout(patience, work) => Some(match done {
            Ok(Ok(done)) => done,
            // It must not take the worker, and every later job, with it.
            Ok(Err(_)) => Err(JobError::Permanent("it panicked".to_owned())),
            Err(_) => Err(JobError::Passing(format!("it was cut off after {} s", patience.as_secs_f32()))),
        }),
        () = lost => None,
    }
}
