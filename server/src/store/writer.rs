//! The queue in front of SQLite's one writer: waiting commands run each in its own savepoint and share a commit, which makes
//! them all durable at the price of one.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::conn::Kept;
use super::error::unless_it_panics;
use super::place::Place;
use super::{Conn, StoreError};
use crate::watch;

/// How many commands share a commit at most.
const BATCH: usize = 64;
/// How many may wait; more callers wait for a place.
const QUEUE: usize = 1_024;

#[derive(Clone)]
pub(super) struct SqliteWriter {
    queue: mpsc::Sender<Message>,
}

enum Message {
    Job(Box<dyn Job>),
    Stop(oneshot::Sender<()>),
}

/// A command of any type: runs, keeps its outcome, and answers once that is durable.
trait Job: Send {
    /// Whether it is a single text that writes all or nothing.
    fn is_whole(&self) -> bool;
    /// Whether what it did should stay.
    fn run<'c>(&'c mut self, conn: Conn<'c>) -> BoxFuture<'c, bool>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Work<T, E, F> {
    work: Option<F>,
    whole: bool,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Work<T, E, F>
where
    F: for<'c> FnOnce(Conn<'c>) -> BoxFuture<'c, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn is_whole(&self) -> bool {
        self.whole
    }

    fn run<'c>(&'c mut self, conn: Conn<'c>) -> BoxFuture<'c, bool> {
        let Some(work) = self.work.take() else { return async { false }.boxed() };
        let outcome = &mut self.outcome;
        async move {
            let done = unless_it_panics(async move { work(conn).await }).await;
            let keep = done.is_ok();
            *outcome = Some(done);
            keep
        }
        .boxed()
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)) | None, Err(error)) => Err(error.into()),
            (Some(outcome), _) => outcome,
            (None, Ok(())) => Err(StoreError::Stopping.into()),
        };
        // A caller that went away is not waiting any more; the command stands.
        let _ = self.reply.send(outcome);
    }
}

impl SqliteWriter {
    pub(super) async fn start(options: SqliteConnectOptions, place: Arc<Place>) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let first = options.connect().await?;
        let state = Arc::new(Mutex::new((Some(first), jobs)));
        let senders = queue.downgrade();
        tokio::spawn(async move {
            let over = || senders.upgrade().is_none_or(|sender| sender.is_closed());
            let start = || write_on(state.clone(), options.clone(), place.clone());
            watch::keep("writer", over, start).await;
        });
        Ok(Self { queue })
    }

    /// Runs `work`; `whole`: it is a single text that writes all or nothing, and needs no savepoint to be undone.
    pub(super) async fn run<T, E, F>(&self, work: F, whole: bool) -> Result<T, E>
    where
        F: for<'c> FnOnce(Conn<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Work { work: Some(work), whole, outcome: None, reply };
        self.queue.send(Message::Job(Box::new(job))).await.map_err(|_| StoreError::Stopping)?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Stopping.into()))
    }

    pub(super) async fn stop(&self) {
        let (stopped, wait) = oneshot::channel();
        if self.queue.send(Message::Stop(stopped)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

/// Where a command that fails goes back to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    None,
    /// Nothing was written since.
    Clean,
    /// Something was, which stays.
    Past,
}

type State = (Option<SqliteConnection>, mpsc::Receiver<Message>);

/// Writes on the connection there is, else on a new one.
async fn write_on(state: Arc<Mutex<State>>, options: SqliteConnectOptions, place: Arc<Place>) {
    let (first, queue) = &mut *state.lock().await;
    let conn = match first.take() {
        Some(conn) => Ok(conn),
        None => options.connect().await,
    };
    match conn {
        Ok(conn) => write_all(Kept::new(conn), queue, &place).await,
        Err(error) => tracing::error!(%error, "the database cannot be opened for writing"),
    }
}

async fn write_all(mut conn: Kept<SqliteConnection>, queue: &mut mpsc::Receiver<Message>, place: &Place) {
    let mut next = queue.recv().await;
    while let Some(message) = next.take() {
        let job = match message {
            Message::Job(job) => job,
            Message::Stop(stopped) => {
                let _ = conn.conn.close().await;
                queue.close();
                let _ = stopped.send(());
                return;
            }
        };
        if !place.is_same() {
            job.answer(Err(StoreError::Replaced));
            next = queue.recv().await;
            continue;
        }
        let mut batch = Vec::new();
        let committed = write_batch(&mut conn, job, queue, &mut batch, &mut next).await;
        if committed.is_err() {
            // There may be none open any more.
            let _ = sqlx::query("ROLLBACK").execute(&mut conn.conn).await;
        }
        conn.within = false;
        let error = committed.err().map(|error| error.to_string());
        for job in batch {
            job.answer(match &error {
                None => Ok(()),
                Some(error) => Err(StoreError::Unwritten(error.clone())),
            });
        }
        if next.is_none() {
            next = queue.recv().await;
        }
    }
}

/// Runs `job`, and with it what else waits, in one transaction; what comes after that is `next`.
async fn write_batch(
    conn: &mut Kept<SqliteConnection>,
    mut job: Box<dyn Job>,
    queue: &mut mpsc::Receiver<Message>,
    batch: &mut Vec<Box<dyn Job>>,
    next: &mut Option<Message>,
) -> Result<(), sqlx::Error> {
    *next = queue.try_recv().ok();
    if job.is_whole() && next.is_none() {
        let kept = job.run(Conn::Sqlite(conn)).await;
        batch.push(job);
        return if kept { Ok(()) } else { Err(undone()) };
    }
    let (begin, mut savepoint) = match job.is_whole() {
        true => ("BEGIN IMMEDIATE", Savepoint::None),
        false => ("BEGIN IMMEDIATE; SAVEPOINT command", Savepoint::Clean),
    };
    if let Err(error) = sqlx::query(begin).execute(&mut conn.conn).await {
        batch.push(job);
        return Err(error);
    }
    conn.within = true;
    loop {
        let whole = job.is_whole();
        let kept = job.run(Conn::Sqlite(conn)).await;
        batch.push(job);
        match (whole, kept) {
            (_, true) if savepoint == Savepoint::Clean => savepoint = Savepoint::Past,
            (_, true) => {}
            (false, false) => {
                // Leaves the savepoint as it was, for the next.
                sqlx::query("ROLLBACK TO command").execute(&mut conn.conn).await?;
            }
            // It fails where nothing can be written, for the others neither.
            (true, false) => return Err(undone()),
        }
        job = match next.take().or_else(|| queue.try_recv().ok()) {
            Some(Message::Job(waiting)) if batch.len() < BATCH => waiting,
            later => {
                *next = later;
                break;
            }
        };
        let again = match savepoint {
            _ if job.is_whole() => continue,
            Savepoint::Clean => continue,
            Savepoint::None => "SAVEPOINT command",
            Savepoint::Past => "RELEASE command; SAVEPOINT command",
        };
        if let Err(error) = sqlx::query(again).execute(&mut conn.conn).await {
            batch.push(job);
            return Err(error);
        }
        savepoint = Savepoint::Clean;
    }
    sqlx::query("COMMIT").execute(&mut conn.conn).await.map(|_| ())
}

/// For commands that shared a transaction with one that could not be written.
fn undone() -> sqlx::Error {
    sqlx::Error::Protocol("a command beside it could not be written".to_owned())
}
