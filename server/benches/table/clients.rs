//! Clients that ask as fast as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How it went for all of them.
pub struct Pace {
    /// Requests a second.
    pub rate: f64,
    /// Times of every request, sorted, in milliseconds.
    times: Vec<f64>,
}

impl Pace {
    pub fn p50(&self) -> f64 {
        self.at(0.5)
    }

    pub fn p99(&self) -> f64 {
        self.at(0.99)
    }

    fn at(&self, share: f64) -> f64 {
        self.times[((self.times.len() - 1) as f64 * share) as usize]
    }
}

/// Runs `work` from `clients` for a while; it is told which request it is, from 0.
pub async fn pace<F, W>(clients: usize, span: Duration, work: W) -> Pace
where
    W: Fn(usize) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let work = Arc::new(work);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let tasks = (0..clients).map(|_| {
        let (work, next) = (work.clone(), next.clone());
        tokio::spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < span {
                let asked = Instant::now();
                work(next.fetch_add(1, Ordering::Relaxed)).await;
                times.push(asked.elapsed().as_secs_f64() * 1000.0);
            }
            times
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    Pace { rate, times }
}
