//! Jobs and schedules: queues that do not wait for each other, leases that only the dead lose, runs that happen once.
//! Long because each way in which a job or a worker can stop has its case.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use server::compose;
use server::jobs::schedules::{Schedule, Times};
use server::jobs::{Job, JobError, Means, Pace, Queue, Terms, Worker, all};
use server::services::Services;
use server::store::{self, NewJob, OutboxRow, Store, StoreError};
use tokio::sync::{Semaphore, watch};

use crate::app::{TestApp, order, request};
use crate::databases::{Database, on_both};

const HOUR: Duration = Duration::from_secs(3600);
/// Leases that end when a test says so, renewed at once.
const PACE: Pace = Pace { lease: HOUR, renew: Duration::from_millis(5), look: Duration::from_millis(5) };
/// Likewise, and never renewed.
const DEAF: Pace = Pace { renew: HOUR, ..PACE };
const TEST: Queue = Queue { name: "test", at_once: 2 };

/// A job that says when it begins and when it is cut off, and goes on when it is let.
#[derive(Clone)]
struct Slow {
    kind: &'static str,
    patience: Duration,
    begun: Arc<Semaphore>,
    cut_off: Arc<Semaphore>,
    go: Arc<Semaphore>,
    fails: bool,
}

impl Slow {
    fn new(kind: &'static str) -> Self {
        let none = || Arc::new(Semaphore::new(0));
        Self { kind, patience: HOUR, begun: none(), cut_off: none(), go: none(), fails: false }
    }

    fn all(&self) -> Vec<Arc<dyn Job>> {
        let mut jobs = all();
        jobs.push(Arc::new(self.clone()));
        jobs
    }
}

struct Left(Option<Arc<Semaphore>>);

impl Drop for Left {
    fn drop(&mut self) {
        if let Some(cut_off) = &self.0 {
            cut_off.add_permits(1);
        }
    }
}

#[async_trait]
impl Job for Slow {
    fn terms(&self) -> Terms {
        Terms { patience: self.patience, ..Terms::of(self.kind, TEST) }
    }

    async fn run(&self, _: &Means, _: &OutboxRow) -> Result<(), JobError> {
        let mut left = Left(Some(self.cut_off.clone()));
        self.begun.add_permits(1);
        wait(&self.go).await;
        left.0 = None;
        if self.fails { Err(JobError::Permanent("it cannot be done".into())) } else { Ok(()) }
    }
}

/// Waits for one permit, and uses it up.
async fn wait(permits: &Semaphore) {
    permits.acquire().await.unwrap().forget();
}

async fn enqueue(store: &Store, kinds: &[&'static str]) {
    let jobs: Vec<NewJob> = kinds.iter().map(|kind| NewJob::new(kind, &json!({}), 1)).collect();
    let put = store.write(move |mut conn| {
        Box::pin(async move {
            for job in &jobs {
                store::enqueue(&mut conn, job).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    put.await.unwrap();
}

/// Waits until a question has these answers.
async fn until(database: &Database, sql: &str, answers: &[&str]) {
    let mut found = Vec::new();
    for _ in 0..12_000 {
        found = database.texts(sql).await;
        if found == answers {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{sql}: {found:?}, not {answers:?}");
}

/// A further server on the same database.
async fn beside(app: &TestApp) -> Services {
    compose::services(app.services.config.as_ref().clone()).await.unwrap()
}

fn worker(services: &Services, jobs: Vec<Arc<dyn Job>>, pace: Pace) -> Worker {
    compose::worker(services).unwrap().doing(jobs).keeping(Vec::new()).at(pace)
}

on_both! {
    async fn a_job_that_hangs_delays_no_mail(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let slow = Slow::new("test.webhook");
        enqueue(&app.database.store, &["test.webhook"; 3]).await;
        let (stop, stopping) = watch::channel(false);
        let worker = worker(&app.services, slow.all(), PACE);
        let running = tokio::spawn(async move { worker.run(stopping).await });
        for _ in 0..TEST.at_once {
            wait(&slow.begun).await;
        }
        // Its places are taken, and nothing in it moves. Mails leave.
        let (status, opened) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(status, 201, "{opened}");
        until(&app.database, "SELECT kind FROM outbox WHERE queue = 'mail' AND done_at IS NULL", &[]).await;
        assert_eq!(app.mails().len(), 1);
        let tried = "SELECT CAST(attempts AS TEXT) FROM outbox WHERE queue = 'test' AND done_at IS NULL ORDER BY attempts";
        assert_eq!(app.database.texts(tried).await, ["0", "1", "1"], "as many as it has places");

        // Each that ends leaves its place to the next; a worker that stops finishes what it has begun.
        slow.go.add_permits(1);
        wait(&slow.begun).await;
        stop.send(true).unwrap();
        slow.go.add_permits(2);
        running.await.unwrap();
        assert!(app.database.texts(tried).await.is_empty());
    }
}

on_both! {
    async fn a_try_that_hangs_is_cut_off_and_made_again(database: Database) {
        let app = TestApp::start(database).await;
        let slow = Slow { patience: Duration::from_millis(20), ..Slow::new("test.hangs") };
        enqueue(&app.database.store, &["test.hangs"]).await;
        let hasty = worker(&app.services, slow.all(), PACE);
        assert_eq!(hasty.once().await.unwrap(), 1);
        wait(&slow.cut_off).await;
        let state = "SELECT CAST(attempts AS TEXT) || ' ' || last_error FROM outbox WHERE dead_at IS NULL AND done_at IS NULL";
        assert_eq!(app.database.texts(state).await, ["1 it was cut off after 0.02 s"]);
        assert_eq!(hasty.once().await.unwrap(), 0, "not at once");
        app.services.clock.advance(SignedDuration::from_secs(6));
        slow.go.add_permits(1);
        let patient = Slow { patience: HOUR, ..slow };
        assert_eq!(worker(&app.services, patient.all(), PACE).once().await.unwrap(), 1);
        assert_eq!(app.database.texts("SELECT CAST(attempts AS TEXT) FROM outbox WHERE done_at IS NOT NULL").await, ["2"]);
    }
}

on_both! {
    async fn a_lease_is_lost_only_by_a_dead_worker(database: Database) {
        let app = TestApp::start(database).await;
        let other = beside(&app).await;
        let slow = Slow::new("test.long");
        enqueue(&app.database.store, &["test.long"]).await;
        let (one, two) = (worker(&app.services, slow.all(), PACE), worker(&other, slow.all(), PACE));
        let working = tokio::spawn(async move { one.once().await });
        wait(&slow.begun).await;
        let lease = || app.database.texts("SELECT CAST(leased_until AS TEXT) FROM outbox");
        for _ in 0..3 {
            // Two thirds of the lease pass; a living worker renews it.
            let before: i64 = lease().await[0].parse().unwrap();
            app.database.meddle("UPDATE outbox SET leased_until = leased_until - 2400000").await;
            until(&app.database, &format!("SELECT kind FROM outbox WHERE leased_until < {before}"), &[]).await;
            assert_eq!(two.once().await.unwrap(), 0, "somebody is at it");
        }
        // However far a rehearsal moves the shop's clock.
        other.clock.advance(SignedDuration::from_hours(24 * 365));
        assert_eq!(two.once().await.unwrap(), 0);

        // Killed.
        working.abort();
        assert!(working.await.unwrap_err().is_cancelled());
        wait(&slow.cut_off).await;
        assert_eq!(two.once().await.unwrap(), 0, "not before its lease is over");
        slow.go.add_permits(1);
        let mut taken = 0;
        // A renewal that was under way when it was killed may be written after that.
        for _ in 0..20 {
            app.database.meddle("UPDATE outbox SET leased_until = leased_until - 3600000").await;
            taken = two.once().await.unwrap();
            if taken > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(taken, 1);
        assert_eq!(app.database.texts("SELECT CAST(attempts AS TEXT) FROM outbox WHERE done_at IS NOT NULL").await, ["2"]);
    }
}

on_both! {
    async fn who_lost_a_lease_settles_nothing(database: Database) {
        let app = TestApp::start(database).await;
        let other = beside(&app).await;
        for (pace, kind) in [(DEAF, "test.deaf"), (PACE, "test.told")] {
            enqueue(&app.database.store, &[kind]).await;
            let (lost, done) = (Slow { fails: true, ..Slow::new(kind) }, Slow::new(kind));
            let one = worker(&app.services, lost.all(), pace);
            let working = tokio::spawn(async move { one.once().await });
            wait(&lost.begun).await;
            // As if it had slept for an hour, and its row been taken meanwhile.
            app.database.meddle("UPDATE outbox SET leased_until = 1, attempts = attempts + 1 WHERE done_at IS NULL").await;
            if pace.renew < HOUR {
                wait(&lost.cut_off).await;
            }
            done.go.add_permits(1);
            assert_eq!(worker(&other, done.all(), PACE).once().await.unwrap(), 1);
            lost.go.add_permits(1);
            assert_eq!(working.await.unwrap().unwrap(), 1);
            let dead = format!("SELECT kind FROM outbox WHERE kind = '{kind}' AND done_at IS NOT NULL AND dead_at IS NULL AND last_error IS NULL");
            assert_eq!(app.database.texts(&dead).await, [kind]);
        }
    }
}

on_both! {
    async fn what_a_newer_server_left_waits_for_one_that_knows_it(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        // An unknown kind in a known queue, before what is known; and an unknown queue.
        enqueue(&app.database.store, &["mail.of_next_year", "test.of_next_year"]).await;
        app.post("/returns", &request("1", "1", 1)).await;
        app.run_jobs().await;
        assert_eq!(app.mails().len(), 1);
        let waiting = "SELECT kind FROM outbox WHERE attempts = 0 AND dead_at IS NULL AND leased_until IS NULL ORDER BY kind";
        assert_eq!(app.database.texts(waiting).await, ["mail.of_next_year", "test.of_next_year"]);
        let newer = Slow::new("test.of_next_year");
        newer.go.add_permits(1);
        assert_eq!(worker(&beside(&app).await, newer.all(), PACE).once().await.unwrap(), 1);
        assert_eq!(app.database.texts(waiting).await, ["mail.of_next_year"]);
    }
}

on_both! {
    async fn what_a_server_of_the_version_before_leaves_is_sent(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        // It knows of no queues.
        let left = format!(
            "INSERT INTO outbox (id, kind, payload, run_at) VALUES ('old', 'mail.return_changed', '{{\"rma\":{}}}', 1)", opened["rma"]
        );
        app.database.meddle(&left).await;
        app.run_jobs().await;
        assert_eq!(app.mails().len(), 2);
        assert!(app.database.texts("SELECT id FROM outbox WHERE done_at IS NULL").await.is_empty());
    }
}

/// Counts its runs.
#[derive(Clone)]
struct Counted {
    runs: Arc<AtomicUsize>,
    begun: Arc<Semaphore>,
    /// It ends when it is let.
    go: Option<Arc<Semaphore>>,
    fails: bool,
}

impl Counted {
    fn new() -> Self {
        Self { runs: Arc::default(), begun: Arc::new(Semaphore::new(0)), go: None, fails: false }
    }

    fn kept_by(&self, services: &Services) -> Worker {
        compose::worker(services).unwrap().keeping(vec![Arc::new(self.clone())]).at(PACE)
    }
}

#[async_trait]
impl Schedule for Counted {
    fn times(&self) -> Times {
        Times { patience: HOUR, ..Times::hourly("test.counted") }
    }

    async fn run(&self, _: &Means) -> Result<(), JobError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.begun.add_permits(1);
        if let Some(go) = &self.go {
            wait(go).await;
        }
        if self.fails { Err(JobError::Passing("not now".into())) } else { Ok(()) }
    }
}

on_both! {
    async fn a_due_run_happens_once_on_two_servers(database: Database) {
        let app = TestApp::start(database).await;
        let other = beside(&app).await;
        let counted = Counted::new();
        let workers = [counted.kept_by(&app.services), counted.kept_by(&other)];
        let mut due = 0;
        // The first time; after an hour; after a day in which nobody was up; and after a clock was set back to where it is not due for a day.
        for hours in [0, 1, 24, 1, -26] {
            for clock in [&app.services.clock, &other.clock] {
                clock.advance(SignedDuration::from_hours(hours));
            }
            due += 1;
            let looked = futures::future::join_all(workers.iter().chain(&workers).map(Worker::keep_time_once)).await;
            assert_eq!(looked.into_iter().map(Result::unwrap).sum::<usize>(), 1, "{hours}");
            assert_eq!(counted.runs.load(Ordering::SeqCst), due, "{hours}");
            for worker in &workers {
                assert_eq!(worker.keep_time_once().await.unwrap(), 0, "{hours}: not due again");
            }
        }
    }
}

on_both! {
    async fn the_turn_of_a_killed_server_is_another_s_and_what_failed_is_done_again(database: Database) {
        let app = TestApp::start(database).await;
        let other = beside(&app).await;
        let hangs = Counted { go: Some(Arc::new(Semaphore::new(0))), ..Counted::new() };
        let (one, two) = (hangs.kept_by(&app.services), Counted { fails: true, go: None, ..hangs.clone() }.kept_by(&other));
        let working = tokio::spawn(async move { one.keep_time_once().await });
        wait(&hangs.begun).await;
        let before: i64 = app.database.texts("SELECT CAST(leased_until AS TEXT) FROM schedules").await[0].parse().unwrap();
        app.database.meddle("UPDATE schedules SET leased_until = leased_until - 3000000").await;
        until(&app.database, &format!("SELECT name FROM schedules WHERE leased_until < {before}"), &[]).await;
        assert_eq!(two.keep_time_once().await.unwrap(), 0, "somebody is at it");
        working.abort();
        assert!(working.await.unwrap_err().is_cancelled());
        app.database.meddle("UPDATE schedules SET leased_until = leased_until - 3600000").await;
        assert_eq!((two.keep_time_once().await.unwrap(), hangs.runs.load(Ordering::SeqCst)), (1, 2));
        assert_eq!(app.database.texts("SELECT last_error FROM schedules WHERE turn = 2 AND leased_until IS NULL").await, ["not now"]);

        assert_eq!(two.keep_time_once().await.unwrap(), 0);
        other.clock.advance(SignedDuration::from_mins(6));
        assert_eq!(Counted { fails: false, go: None, ..hangs.clone() }.kept_by(&other).keep_time_once().await.unwrap(), 1);
        assert!(app.database.texts("SELECT last_error FROM schedules WHERE last_error IS NOT NULL").await.is_empty());
    }
}

on_both! {
    async fn sweeps_forget_what_is_old_and_nothing_else(database: Database) {
        let app = TestApp::start(database).await;
        let now = Timestamp::now().as_millisecond();
        let nothing = if app.database.store.kind() == "sqlite" { "x''" } else { "''" };
        let (soon, ago) = (now + 60_000, |days: i64| now - days * 86_400_000);
        let rows = [
            format!("INSERT INTO sessions (digest, data, expires_at) VALUES ('new', '', {soon}), ('old', '', {now})"),
            format!("INSERT INTO drafts (id, data, version, updated_at) VALUES ('new', '', 1, {}), ('old', '', 1, {})", ago(29), ago(31)),
            format!(
                "INSERT INTO idempotency (scope, key, digest, answer, created_at)
                 VALUES ('s', 'new', '', '', {}), ('s', 'old', '', '', {}), ('draft', 'new', '', 'R-1', {})", ago(29), ago(31), ago(31)
            ),
            format!("INSERT INTO used_tickets (digest, expires_at) VALUES ('new', {soon}), ('old', {now})"),
            format!("INSERT INTO login_codes (subject, digest, tries, expires_at) VALUES ('new', '', 0, {soon}), ('old', '', 0, {now})"),
            format!("INSERT INTO attempts (subject, since, count) VALUES ('new', {}, 1)", now - 60_000),
            // More than one transaction's.
            format!(
                "WITH RECURSIVE old (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM old WHERE place < 2500)
                 INSERT INTO attempts (subject, since, count) SELECT 'old' || CAST(place AS TEXT), {}, 1 FROM old", ago(2)
            ),
            format!(
                "INSERT INTO uploads (id, holder, holder_id, order_key, line_id, name, size, received, expires_at)
                 VALUES ('new', 'draft', 'd', '1', '1', 'a', 1, 0, {soon}), ('old', 'draft', 'd', '1', '1', 'a', 1, 0, {now})"
            ),
            format!("INSERT INTO upload_parts (upload, start, bytes) VALUES ('new', 0, {nothing}), ('old', 0, {nothing})"),
            format!(
                "INSERT INTO outbox (id, kind, payload, run_at, done_at, dead_at) VALUES ('new', 'mail', '', 1, {}, NULL),
                 ('old', 'mail', '', 1, {}, NULL), ('parked', 'mail', '', 1, NULL, {})", ago(29), ago(31), ago(31)
            ),
            format!(
                "INSERT INTO evidence (id, holder, holder_id, media, name, bytes, width, height, pages, created_at)
                 VALUES ('new', 'key', 'k', 'image/jpeg', 'a', 1, 1, 1, 1, {now}), ('old', 'key', 'k', 'image/jpeg', 'a', 1, 1, 1, 1, {})", ago(8)
            ),
        ];
        for sql in &rows {
            app.database.meddle(sql).await;
        }
        let folder = app.database.folder.path().join("mail");
        std::fs::create_dir(&folder).unwrap();
        for (name, days) in [("new.eml", 29), ("old.eml", 31), ("old.txt", 31)] {
            let written = std::time::SystemTime::now() - days * 24 * HOUR;
            std::fs::File::create(folder.join(name)).unwrap().set_modified(written).unwrap();
        }
        let worker = compose::worker(&app.services).unwrap();
        assert_eq!(worker.keep_time_once().await.unwrap(), 19, "all are due on a new database");
        let left = "SELECT 'session ' || digest FROM sessions UNION ALL SELECT 'draft ' || id FROM drafts
            UNION ALL SELECT 'answer ' || scope || ' ' || key FROM idempotency UNION ALL SELECT 'ticket ' || digest FROM used_tickets
            UNION ALL SELECT 'code ' || subject FROM login_codes UNION ALL SELECT 'try ' || subject FROM attempts
            UNION ALL SELECT 'upload ' || id FROM uploads UNION ALL SELECT 'part ' || upload FROM upload_parts
            UNION ALL SELECT 'evidence ' || id FROM evidence UNION ALL SELECT 'outbox ' || id FROM outbox";
        let mut left = app.database.texts(left).await;
        left.sort();
        // What a draft became is known as long as the draft is.
        let new = [
            "answer draft new", "answer s new", "code new", "draft new", "evidence new", "outbox new", "outbox parked", "part new",
            "session new", "ticket new", "try new", "upload new",
        ];
        assert_eq!(left, new);
        let mut mails: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
        mails.sort();
        assert_eq!(mails, ["new.eml", "old.txt"]);
        assert!(app.database.texts("SELECT last_error FROM schedules WHERE last_error IS NOT NULL").await.is_empty());
        assert_eq!(worker.keep_time_once().await.unwrap(), 0);
    }
}

on_both! {
    async fn each_folder_of_files_is_looked_after_by_itself(database: Database) {
        let app = TestApp::start(database).await;
        // A server of another machine: the same database, and a folder that nobody else sees.
        let elsewhere = tempfile::tempdir().unwrap();
        let mut config = app.services.config.as_ref().clone();
        config.objects_url = Some(format!("file://{}", elsewhere.path().display()));
        let other = compose::services(config).await.unwrap();
        let old = std::time::SystemTime::now() - 48 * HOUR;
        for services in [&app.services, &other] {
            services.objects.put("evidence/ev_lost", b"lost".to_vec()).await.unwrap();
        }
        for folder in [&app.database.folder.path().join("objects"), elsewhere.path()] {
            std::fs::File::open(folder.join("evidence/ev_lost")).unwrap().set_modified(old).unwrap();
        }
        assert_eq!(compose::worker(&app.services).unwrap().keep_time_once().await.unwrap(), 19);
        assert_eq!(compose::worker(&other).unwrap().keep_time_once().await.unwrap(), 1, "all but its files are looked after");
        for services in [&app.services, &other] {
            assert!(services.objects.get("evidence/ev_lost").await.unwrap().is_none());
        }
    }
}

/// A schedule that once takes with it whoever only asks for its times.
struct Panics(Arc<AtomicUsize>, Arc<AtomicUsize>);

#[async_trait]
impl Schedule for Panics {
    fn times(&self) -> Times {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "for the test");
        Times { name: "test.panics".into(), every: SignedDuration::from_hours(1), patience: HOUR }
    }

    async fn run(&self, _: &Means) -> Result<(), JobError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

on_both! {
    async fn a_timekeeper_that_panicked_goes_on(database: Database) {
        let app = TestApp::start(database).await;
        let runs = Arc::<AtomicUsize>::default();
        let schedules: Vec<Arc<dyn Schedule>> = vec![Arc::new(Panics(Arc::default(), runs.clone()))];
        let (stop, stopping) = watch::channel(false);
        let worker = compose::worker(&app.services).unwrap().keeping(schedules).at(PACE);
        let running = tokio::spawn(async move { worker.run(stopping).await });
        until(&app.database, "SELECT name FROM schedules WHERE leased_until IS NULL", &["test.panics"]).await;
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        stop.send(true).unwrap();
        running.await.unwrap();
    }
}

on_both! {
    async fn what_a_wrong_clock_put_off_is_done_once_it_is_right_again(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (status, opened) = app.post("/returns", &request("1", "1", 1)).await;
        assert_eq!(status, 201, "{opened}");
        // It failed while the clock was a month ahead, and was to be tried again from then on; so is what is done again and again.
        let worker = compose::worker(&app.services).unwrap();
        app.services.clock.advance(SignedDuration::from_hours(30 * 24));
        app.database.meddle(&format!("UPDATE outbox SET attempts = 1, run_at = {}", app.services.clock.millis() + 5_000)).await;
        worker.keep_time_once().await.unwrap();
        app.services.clock.set_ahead(SignedDuration::ZERO);
        app.run_jobs().await;
        assert_eq!(app.mails().len(), 1);
        assert_eq!(worker.keep_time_once().await.unwrap(), 19);
        // What people have to do was read from the returns at a time that has not come: `homebound rebuild`.
        store::rebuild_projections(&app.services.store, &store::Table::ALL, app.services.clock.now()).await.unwrap();
    }
}
