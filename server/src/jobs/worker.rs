//! The worker: takes what is due, does it, and notes how it went. Killed at any moment, what it had not finished is taken again
//! when its lease is over.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use jiff::SignedDuration;
use tokio::sync::watch;

use super::{JobError, is_secret, kind_of, mail};
use crate::mailer::Mailer;
use crate::services::Services;
use crate::store::{self, OutboxRow, StoreError};

/// No other worker takes a row within this time.
const LEASE: i64 = 2 * 60 * 1000;
/// How often the outbox is looked at when nobody rings.
const LOOK: Duration = Duration::from_secs(2);
/// How many rows are taken at once.
const ROWS: i64 = 4;
/// Waits before the second, third, … try; after the last the row is dead and stays visible.
const WAITS: [SignedDuration; 9] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
    SignedDuration::from_hours(24),
];

/// How long to wait after so many tries; nothing where it has been tried enough.
pub fn retry_after(attempts: i64) -> Option<SignedDuration> {
    usize::try_from(attempts - 1).ok().and_then(|tries| WAITS.get(tries)).copied()
}

/// Does what the outbox holds.
#[derive(Clone)]
pub struct Worker {
    services: Services,
    mailer: Arc<Mailer>,
}

impl Worker {
    /// A worker.
    pub fn new(services: Services, mailer: Mailer) -> Self {
        Self { services, mailer: Arc::new(mailer) }
    }

    /// Works until `stop` says so, and finishes what it has begun.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.once().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::error!(%error, "the outbox could not be read"),
            }
            tokio::select! {
                () = self.services.wake.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Does everything that is due now, one row after the other, and answers how many it tried.
    pub async fn once(&self) -> Result<usize, StoreError> {
        let now = self.services.clock.millis();
        let rows =
            self.services.store.write(move |mut conn| Box::pin(async move { store::claim_due(&mut conn, now, LEASE, ROWS).await })).await?;
        for row in &rows {
            // A job that panics is dead; it must not take the worker, and every later job, with it.
            let done = AssertUnwindSafe(self.perform(row)).catch_unwind().await;
            let done = done.unwrap_or_else(|_| Err(JobError::Permanent("it panicked".to_owned())));
            self.settle(row, done).await?;
        }
        Ok(rows.len())
    }

    async fn perform(&self, row: &OutboxRow) -> Result<(), JobError> {
        let kind = kind_of(&row.kind).ok_or_else(|| JobError::Permanent(format!("there is no job `{}`", row.kind)))?;
        mail::send(&self.services, &self.mailer, kind, row).await
    }

    async fn settle(&self, row: &OutboxRow, done: Result<(), JobError>) -> Result<(), StoreError> {
        let now = self.services.clock.now();
        let id = row.id.clone();
        let outcome = match &done {
            Ok(()) => "done",
            Err(_) => "failed",
        };
        metrics::counter!("jobs_total", "kind" => row.kind.clone(), "outcome" => outcome).increment(1);
        let retry = match &done {
            Err(JobError::Passing(_)) => retry_after(row.attempts),
            _ => None,
        };
        if let Err(error) = &done {
            tracing::warn!(job = row.kind, id = row.id, attempts = row.attempts, %error, again = retry.is_some(), "a job failed");
        }
        let forget = retry.is_none() && kind_of(&row.kind).is_some_and(is_secret);
        self.services
            .store
            .write(move |mut conn| {
                Box::pin(async move {
                    if forget {
                        store::forget_payload(&mut conn, &id).await?;
                    }
                    match (done, retry) {
                        (Ok(()), _) => store::mark_done(&mut conn, &id, now.as_millisecond()).await,
                        (Err(error), Some(wait)) => {
                            store::mark_failed(&mut conn, &id, &error.to_string(), (now + wait).as_millisecond()).await
                        }
                        (Err(error), None) => store::mark_dead(&mut conn, &id, &error.to_string(), now.as_millisecond()).await,
                    }
                })
            })
            .await
    }
}
