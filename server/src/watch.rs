//! Tasks that go on for as long as the server does: started again where they end too early, and known to be alive.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// The pause before a task is started again: the first, doubled each time, up to the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// One that went on for so long before has a first pause again.
const WELL: Duration = Duration::from_secs(300);

/// A worker looks for work every two seconds; PostgreSQL's own limits may hold it up for half a minute. Who is silent for longer hangs.
pub const SILENCE: Duration = Duration::from_secs(90);

/// Goes on with a task until it is `over`: one that panics, or ends before, is started again after a pause. Dropped, it takes the task with it.
pub async fn keep<F>(name: &'static str, over: impl Fn() -> bool, start: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    keep_after(FIRST, name, over, start).await;
}

async fn keep_after<F>(first: Duration, name: &'static str, over: impl Fn() -> bool, start: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut pause = first;
    loop {
        let begun = Instant::now();
        let mut task = JoinSet::new();
        task.spawn(start());
        let ended = task.join_next().await;
        if over() {
            return;
        }
        if begun.elapsed() > WELL {
            pause = first;
        }
        metrics::counter!("tasks_restarted_total", "task" => name).increment(1);
        let why = if matches!(ended, Some(Err(_))) { "it panicked" } else { "it ended" };
        tracing::error!(task = name, why, pause_seconds = pause.as_secs(), "a task that must go on is started again");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// When each task was last heard of, by a clock that nobody sets. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pulse {
    last: Arc<Mutex<BTreeMap<&'static str, Instant>>>,
}

impl Pulse {
    /// The task is alive.
    pub fn beat(&self, task: &'static str) {
        self.heard(task, Instant::now());
    }

    /// The task was alive then.
    pub fn heard(&self, task: &'static str, when: Instant) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).insert(task, when);
    }

    /// Tasks that were heard of once, and not within `patience`.
    pub fn silent(&self, patience: Duration) -> Vec<&'static str> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().filter(|(_, heard)| heard.elapsed() > patience).map(|(task, _)| *task).collect()
    }

    /// Each task, and how long ago it was heard of.
    pub fn ages(&self) -> Vec<(&'static str, Duration)> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().map(|(task, heard)| (*task, heard.elapsed())).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_panics_or_ends_too_early_is_started_again() {
        let begun = Arc::new(AtomicUsize::new(0));
        let (count, seen) = (begun.clone(), begun.clone());
        let task = move || {
            let number = count.fetch_add(1, Ordering::SeqCst);
            async move { assert!(number != 0 && number != 2, "for the test") }
        };
        keep_after(Duration::from_millis(1), "test", move || seen.load(Ordering::SeqCst) == 5, task).await;
        assert_eq!(begun.load(Ordering::SeqCst), 5);
    }

    #[test]
    fn a_task_that_was_never_begun_is_not_missed() {
        let pulse = Pulse::default();
        assert!(pulse.silent(Duration::ZERO).is_empty());
        pulse.beat("worker");
        assert!(pulse.silent(Duration::from_secs(3_600)).is_empty());
        while pulse.silent(Duration::ZERO).is_empty() {}
        assert_eq!(pulse.silent(Duration::ZERO), ["worker"]);
    }
}
