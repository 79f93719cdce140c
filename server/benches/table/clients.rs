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

/// Processor time that a process has taken, in all its threads. Linux counts it in hundredths of a second.
pub fn processor(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Behind the name, which may hold anything: fields 14 and 15 (proc(5)).
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// As [`pace`], with the processor time of the `process` that answers, in µs a request: it hangs less on the machine and its neighbours.
pub async fn pace_of<F, W>(process: u32, clients: usize, span: Duration, work: W) -> (Pace, f64)
where
    W: Fn(usize) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let before = processor(process);
    let pace = pace(clients, span, work).await;
    let each = (processor(process) - before).as_secs_f64() * 1_000_000.0 / pace.times.len() as f64;
    (pace, each)
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
