//! The one clock of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tells the time. A rehearsal shop can move it; clones move together.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead: Arc<AtomicI64>,
    held_back: Arc<AtomicU64>,
}

impl Clock {
    /// Now, to the millisecond: what is stored reads back the same.
    pub fn now(&self) -> Timestamp {
        let moved = Timestamp::now().as_millisecond() + self.ahead.load(Ordering::Relaxed);
        Timestamp::from_millisecond(moved).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Now, in epoch milliseconds.
    pub fn millis(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// By how much it is ahead, in milliseconds.
    pub fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Sets by how much it is ahead.
    pub fn set_ahead(&self, by: SignedDuration) {
        self.ahead.store(by.as_millis() as i64, Ordering::Relaxed);
    }

    /// Moves the clock.
    pub fn advance(&self, by: SignedDuration) {
        self.ahead.fetch_add(by.as_millis() as i64, Ordering::Relaxed);
    }

    /// Holds an answer back until it has taken so long since it was asked for: then its time tells nothing.
    pub async fn hold_back(&self, asked: tokio::time::Instant, until: Duration) {
        self.held_back.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep_until(asked + until).await;
    }

    /// How many answers were held back.
    pub fn held_back(&self) -> u64 {
        self.held_back.load(Ordering::Relaxed)
    }
}
