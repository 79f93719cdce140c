//! How much there is to answer at the moment: what is done behind everybody's back gives way to whoever waits for an answer.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

static CORES: LazyLock<usize> = LazyLock::new(|| available_parallelism().map_or(1, usize::from));

/// So many times as long as it took, work that nobody waits for pauses after it while there is much to answer,
const PAUSES: u32 = 4;
/// and at most so long: what is slow for somebody else's sake, as a mail server's, is not slowed down further.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// What a server is answering.
#[derive(Debug, Default)]
pub struct Load {
    answering: AtomicUsize,
}

/// One request, for as long as it is answered.
pub struct Answering<'l>(&'l Load);

impl Load {
    /// Another request is answered from now on.
    pub fn answering(&self) -> Answering<'_> {
        self.answering.fetch_add(1, Ordering::Relaxed);
        Answering(self)
    }

    /// How long work that nobody waits for, and that took so long, pauses before more of it is begun.
    pub fn pause_after(&self, took: Duration) -> Duration {
        let high = self.answering.load(Ordering::Relaxed) >= *CORES;
        if high { took.saturating_mul(PAUSES).min(LONGEST_PAUSE) } else { Duration::ZERO }
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_pauses_while_every_core_answers_somebody_and_not_for_long() {
        let load = Load::default();
        let some: Vec<Answering<'_>> = (1..*CORES).map(|_| load.answering()).collect();
        assert_eq!(load.pause_after(Duration::from_millis(10)), Duration::ZERO);
        let last = load.answering();
        assert_eq!(load.pause_after(Duration::from_millis(10)), Duration::from_millis(40));
        assert_eq!(load.pause_after(Duration::from_secs(30)), LONGEST_PAUSE);
        drop(last);
        assert_eq!((some.len() + 1, load.pause_after(Duration::from_millis(10))), (*CORES, Duration::ZERO));
    }
}
