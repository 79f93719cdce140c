//! Whether a server can do what it is there for: each part tried for real.

use std::fmt::Display;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::services::Services;
use crate::store::StoreError;
use crate::watch::SILENCE;

/// However many ask, readiness is looked at so often: it writes a row, and a file.
const FRESH: Duration = Duration::from_secs(1);
/// Whoever asks whether a server is ready does not wait for long.
const PATIENCE: Duration = Duration::from_secs(5);

const OK: &str = "ok";

/// Whether a server can do all it is there for; each part is `ok`, or what is wrong with it. Nothing in it is secret: why a part fails is in the
/// log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Readiness {
    /// All is as it should be.
    pub ready: bool,
    checks: Checks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Checks {
    /// A row was read, and one was written.
    database: &'static str,
    /// A file was written.
    files: &'static str,
    /// Who does jobs and keeps the schedules was heard of; `none here` where others do.
    worker: &'static str,
}

/// What was found last, and when.
#[derive(Default)]
pub(super) struct LastReadiness(Mutex<Option<(Instant, Readiness)>>);

impl LastReadiness {
    /// What is found now, or was a moment ago.
    pub async fn look(&self, services: &Services) -> Readiness {
        let mut last = self.0.lock().await;
        if let Some((when, found)) = *last
            && when.elapsed() < FRESH
        {
            return found;
        }
        let found = look(services).await;
        let before = last.replace((Instant::now(), found)).map(|(_, before)| before);
        if found.ready && before.is_some_and(|before| !before.ready) {
            tracing::info!("this server is ready again");
        }
        found
    }
}

async fn look(services: &Services) -> Readiness {
    let database = async {
        match timeout(PATIENCE, services.store.try_both(services.clock.millis())).await {
            Ok(Ok(())) => OK,
            Ok(Err(error @ StoreError::Replaced)) => failed("database", &error, "another file is in its place, or none"),
            Ok(Err(error)) => failed("database", &crate::log::chain(&error), "it cannot be read and written"),
            Err(late) => failed("database", &late, "it does not answer"),
        }
    };
    let files = async {
        match timeout(PATIENCE, services.objects.try_it()).await {
            Ok(Ok(())) => OK,
            Ok(Err(error)) => failed("files", &crate::log::chain(&error), "they cannot be written"),
            Err(late) => failed("files", &late, "their place does not answer"),
        }
    };
    let (database, files) = tokio::join!(database, files);
    let worker = match services.pulse.silent(SILENCE) {
        silent if !silent.is_empty() => failed("worker", &silent.join(", "), "it was not heard of for long"),
        _ if services.pulse.ages().is_empty() => "none here",
        _ => OK,
    };
    Readiness { ready: database == OK && files == OK && matches!(worker, OK | "none here"), checks: Checks { database, files, worker } }
}

fn failed(check: &str, why: &dyn Display, said: &'static str) -> &'static str {
    tracing::error!(check, %why, "this server is not ready");
    said
}
