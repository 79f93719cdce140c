//! The worker: takes what is due, queue by queue, does it, and notes how it went; and keeps the schedules. Killed at any moment, what it had
//! not finished is taken again when its lease is over.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::held::held;
use super::job::{Job, JobError, LONGEST_WAIT, MAIL, Means, Queue, SMS, WEBHOOK};
use super::schedules::{self, Schedule};
use crate::mailer::Mailer;
use crate::services::Services;
use crate::store::{self, Allowance, OutboxRow, StoreError};
use crate::watch::keep;

/// The tasks, as readiness and figures call them.
const WORKER: &str = "worker";
pub(super) const TIMEKEEPER: &str = "timekeeper";

/// How often it is written down what a job came to, where the database fails, and the pause between.
const SETTLES: usize = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// How a worker keeps time. By the computer's clock: a rehearsal moves due times, and no leases.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// No other worker takes what this one has taken within this time (longer than any try may take),
    pub lease: Duration,
    /// which is renewed so often while work goes on.
    pub renew: Duration,
    /// How often it looks for what is due when nobody rings.
    pub look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        // At most twice the 120 s of versions before: beside one of those, a longer lease is taken for one of a clock that was wrong.
        Self { lease: Duration::from_secs(230), renew: Duration::from_secs(30), look: Duration::from_secs(2) }
    }
}

impl Pace {
    pub(super) fn lease_millis(&self) -> i64 {
        i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Does what the outbox holds, and what is done again and again. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    pub(super) means: Arc<Means>,
    lanes: Arc<[Lane]>,
    pub(super) schedules: Arc<[Arc<dyn Schedule>]>,
    pub(super) pace: Pace,
}

/// A queue with what this server does of it.
struct Lane {
    queue: Queue,
    jobs: HashMap<&'static str, Arc<dyn Job>>,
    kinds: Arc<[&'static str]>,
    /// Of them, those that are planned for a later day.
    planned: Arc<[&'static str]>,
    /// One for each of its jobs that may still begin.
    places: Arc<Semaphore>,
}

impl Worker {
    /// A worker that does all kinds, and keeps all schedules.
    pub fn new(services: Services, mailer: Mailer) -> Self {
        let schedules = schedules::all(&services);
        let means = Arc::new(Means { services, mailer });
        Self { means, lanes: lanes(super::all()), schedules: schedules.into(), pace: Pace::default() }
    }

    /// It knows these kinds, and no others.
    #[must_use]
    pub fn doing(self, jobs: Vec<Arc<dyn Job>>) -> Self {
        Self { lanes: lanes(jobs), ..self }
    }

    /// It keeps these schedules, and no others.
    #[must_use]
    pub fn keeping(self, schedules: Vec<Arc<dyn Schedule>>) -> Self {
        Self { schedules: schedules.into(), ..self }
    }

    /// At another pace.
    #[must_use]
    pub fn at(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// Works until `stop` says so, and finishes what it has begun.
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        let over = || *stop.borrow();
        let work = || {
            let (worker, stop) = (self.clone(), stop.clone());
            async move { worker.work(stop).await }
        };
        let keep_time = || {
            let (worker, stop) = (self.clone(), stop.clone());
            async move { worker.keep_time(stop).await }
        };
        tokio::join!(keep(WORKER, over, work), keep(TIMEKEEPER, over, keep_time));
    }

    async fn work(&self, mut stop: watch::Receiver<bool>) {
        let mut begun = JoinSet::new();
        // Queues of which there may be more than there was a place for.
        let mut full: Vec<&str> = Vec::new();
        let mut looked = false;
        while !*stop.borrow() {
            self.means.services.pulse.beat(WORKER);
            for lane in self.lanes.iter() {
                // A queue that was full is looked at again when half of its places are free: not for each job that ends.
                let free = lane.places.available_permits();
                let again = full.contains(&lane.queue.name) && free * 2 >= lane.queue.at_once;
                if free == 0 || (looked && !again) {
                    continue;
                }
                full.retain(|name| *name != lane.queue.name);
                match self.take(lane, free).await {
                    Ok(taken) => {
                        if taken.len() == free {
                            full.push(lane.queue.name);
                        }
                        for (row, place) in taken {
                            begun.spawn(self.clone().perform(lane.jobs[row.kind.as_str()].clone(), row, Some(place)));
                        }
                    }
                    Err(error) => tracing::error!(%error, queue = lane.queue.name, "the outbox could not be read"),
                }
            }
            tokio::select! {
                () = self.means.services.wake.notified() => looked = false,
                () = tokio::time::sleep(self.pace.look) => looked = false,
                Some(_) = begun.join_next() => looked = true,
                _ = stop.changed() => {}
            }
        }
        begun.join_all().await;
    }

    /// Up to `most` rows of a queue, each with its place.
    async fn take(&self, lane: &Lane, most: usize) -> Result<Vec<(OutboxRow, OwnedSemaphorePermit)>, StoreError> {
        let rows = self.claim(lane, most).await?;
        // Nobody else takes places: as many are free as were a moment ago.
        let place = |row| lane.places.clone().try_acquire_owned().ok().map(|place| (row, place));
        Ok(rows.into_iter().filter_map(place).collect())
    }

    async fn claim(&self, lane: &Lane, most: usize) -> Result<Vec<OutboxRow>, StoreError> {
        let (queue, kinds, planned) = (lane.queue.name, lane.kinds.clone(), lane.planned.clone());
        let (now, lease) = (self.means.services.clock.millis(), self.pace.lease_millis());
        let (longest, most) = (LONGEST_WAIT.as_millis() as i64, i64::try_from(most).unwrap_or(i64::MAX));
        let allowance = self.allowance(lane.queue);
        let claim = self.means.services.store.write(move |mut conn| {
            Box::pin(async move {
                let room = match &allowance {
                    Some(allowance) => store::room(&mut conn, allowance, now).await?,
                    None => most,
                };
                if room < 1 {
                    return Ok(Vec::new());
                }
                let kinds = store::Kinds { known: &kinds, planned: &planned };
                let rows = store::claim_due(&mut conn, queue, kinds, now, longest, lease, most.min(room)).await?;
                if let Some(allowance) = allowance.filter(|_| !rows.is_empty()) {
                    store::take_room(&mut conn, &allowance, rows.len(), now).await?;
                }
                Ok(rows)
            })
        });
        claim.await
    }

    /// How many jobs of a queue may begin in a minute; nothing where there is no limit.
    fn allowance(&self, queue: Queue) -> Option<Allowance> {
        let config = &self.means.services.config;
        let per_minute = match queue {
            MAIL => config.mail.per_minute,
            SMS => config.sms.per_minute,
            WEBHOOK => config.webhooks.per_minute,
            _ => 0,
        };
        Allowance::of(queue.name, per_minute)
    }

    /// Does what is due now, as many of each queue as have a place, and answers how many it tried.
    pub async fn once(&self) -> Result<usize, StoreError> {
        let mut tried = 0;
        for lane in self.lanes.iter() {
            let rows = self.claim(lane, lane.queue.at_once).await?;
            tried += rows.len();
            join_all(rows.into_iter().map(|row| self.clone().perform(lane.jobs[row.kind.as_str()].clone(), row, None))).await;
        }
        Ok(tried)
    }

    /// Looks for what is due after so long, where it would not by itself.
    fn look_after(&self, wait: SignedDuration) {
        let Some(soon) = Duration::try_from(wait).ok().filter(|wait| *wait < self.pace.look) else { return };
        let means = self.means.clone();
        tokio::spawn(async move {
            tokio::time::sleep(soon).await;
            means.services.wake.notify_one();
        });
    }

    async fn perform(self, job: Arc<dyn Job>, row: OutboxRow, place: Option<OwnedSemaphorePermit>) {
        let begun = Instant::now();
        self.perform_now(job, row).await;
        // Its place stays taken for as long: whoever waits for an answer goes first.
        if let Some(place) = place {
            tokio::time::sleep(self.means.services.load.pause_after(begun.elapsed())).await;
            drop(place);
        }
    }

    async fn perform_now(&self, job: Arc<dyn Job>, row: OutboxRow) {
        let (means, row, terms) = (self.means.clone(), Arc::new(row), job.terms());
        let work = tokio::spawn({
            let row = row.clone();
            async move { job.run(&means, &row).await }
        });
        let lease = self.pace.lease_millis();
        let renew = || {
            let row = row.clone();
            let store = &self.means.services.store;
            async move { store.write(move |mut conn| Box::pin(async move { store::renew_lease(&mut conn, &row, lease).await })).await }
        };
        let Some(done) = held(work, terms.patience, self.pace.renew, renew).await else {
            tracing::warn!(job = row.kind, id = row.id, attempts = row.attempts, "a job is somebody else's now");
            return;
        };
        let now = self.means.services.clock.now();
        let end = match done {
            Ok(()) => End::Done,
            Err(JobError::Later(wait)) => {
                self.look_after(wait);
                End::Later(now.saturating_add(wait).unwrap_or(Timestamp::MAX).as_millisecond())
            }
            Err(error) => {
                let retry = if matches!(error, JobError::Passing(_)) { terms.retry_after(row.tries) } else { None };
                tracing::warn!(job = row.kind, id = row.id, attempts = row.attempts, %error, again = retry.is_some(), "a job failed");
                match retry {
                    Some(wait) => End::Again(error.to_string(), (now + wait).as_millisecond()),
                    None => End::Dead(error.to_string()),
                }
            }
        };
        if let Some(outcome) = end.outcome() {
            metrics::counter!("jobs_total", "kind" => terms.kind, "outcome" => outcome).increment(1);
        }
        let end = Arc::new(end);
        for tries in 1..=SETTLES {
            let settled =
                settle(&self.means.services, row.clone(), end.clone(), now.as_millisecond(), terms.secret, self.allowance(terms.queue))
                    .await;
            match settled {
                Ok(true) => return,
                Ok(false) => {
                    return tracing::warn!(job = row.kind, id = row.id, "what a job came to was not noted: it is somebody else's now");
                }
                Err(error) if tries == SETTLES => {
                    tracing::error!(%error, job = row.kind, id = row.id, "what a job came to could not be noted; it is done again");
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

/// What a job came to.
enum End {
    Done,
    /// Its turn had not come; when it is looked at again.
    Later(i64),
    /// Why, and when it is tried again.
    Again(String, i64),
    Dead(String),
}

impl End {
    /// As figures call it; what was put off is none of them.
    fn outcome(&self) -> Option<&'static str> {
        match self {
            Self::Done => Some("done"),
            Self::Later(_) => None,
            Self::Again(..) | Self::Dead(_) => Some("failed"),
        }
    }
}

async fn settle(
    services: &Services,
    row: Arc<OutboxRow>,
    end: Arc<End>,
    now: i64,
    secret: bool,
    allowance: Option<Allowance>,
) -> Result<bool, StoreError> {
    let write = services.store.write(move |mut conn| {
        Box::pin(async move {
            let ours = match &*end {
                End::Done => store::mark_done(&mut conn, &row, now).await?,
                End::Later(at) => {
                    let ours = store::put_off(&mut conn, &row, *at).await?;
                    if let Some(allowance) = allowance.filter(|_| ours) {
                        store::give_room_back(&mut conn, &allowance).await?;
                    }
                    return Ok(ours);
                }
                End::Again(error, at) => return store::mark_failed(&mut conn, &row, error, *at).await,
                End::Dead(error) => store::mark_dead(&mut conn, &row, error, now).await?,
            };
            if ours && secret {
                store::forget_payload(&mut conn, &row).await?;
            }
            Ok(ours)
        })
    });
    write.await
}

/// Jobs by the queues they wait in.
fn lanes(jobs: Vec<Arc<dyn Job>>) -> Arc<[Lane]> {
    let mut lanes: Vec<Lane> = Vec::new();
    for job in jobs {
        let terms = job.terms();
        let place = lanes.iter().position(|lane| lane.queue.name == terms.queue.name).unwrap_or_else(|| {
            let places = Arc::new(Semaphore::new(terms.queue.at_once));
            lanes.push(Lane { queue: terms.queue, jobs: HashMap::new(), kinds: Arc::default(), planned: Arc::default(), places });
            lanes.len() - 1
        });
        lanes[place].jobs.insert(terms.kind, job);
    }
    for lane in &mut lanes {
        lane.kinds = lane.jobs.keys().copied().collect();
        lane.planned = lane.jobs.values().map(|job| job.terms()).filter(|terms| terms.planned).map(|terms| terms.kind).collect();
    }
    lanes.into()
}
