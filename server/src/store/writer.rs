//! The queue in front of SQLite's one writer: waiting commands run each in its own savepoint and share a commit, which makes
//! them all durable at the price of one.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::{Conn, StoreError};

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
    /// Whether what it did should stay.
    fn run<'c>(&'c mut self, conn: Conn<'c>) -> BoxFuture<'c, bool>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Work<T, E, F> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Work<T, E, F>
where
    F: for<'c> FnOnce(Conn<'c>) -> BoxFuture<'c, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run<'c>(&'c mut self, conn: Conn<'c>) -> BoxFuture<'c, bool> {
        let Some(work) = self.work.take() else { return async { false }.boxed() };
        let outcome = &mut self.outcome;
        async move {
            // A panic in one command must not take the others of its batch, or the writer, with it.
            let done = AssertUnwindSafe(async move { work(conn).await }).catch_unwind().await;
            let done = done.unwrap_or_else(|_| Err(StoreError::corrupt("command", "it panicked").into()));
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
    pub(super) async fn start(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let conn = options.connect().await?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(write_all(conn, jobs));
        Ok(Self { queue })
    }

    pub(super) async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(Conn<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Work { work: Some(work), outcome: None, reply };
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

async fn write_all(mut conn: SqliteConnection, mut queue: mpsc::Receiver<Message>) {
    while let Some(message) = queue.recv().await {
        let first = match message {
            Message::Job(job) => job,
            Message::Stop(stopped) => {
                let _ = conn.close().await;
                let _ = stopped.send(());
                return;
            }
        };
        let mut stop = None;
        let mut batch: Vec<Box<dyn Job>> = Vec::new();
        let committed = write_batch(&mut conn, first, &mut queue, &mut batch, &mut stop).await;
        if committed.is_err() {
            let _ = sqlx::query("ROLLBACK").execute(&mut conn).await;
        }
        let error = committed.err().map(|error| error.to_string());
        for job in batch {
            job.answer(match &error {
                None => Ok(()),
                Some(error) => Err(StoreError::Sql(sqlx::Error::Protocol(error.clone()))),
            });
        }
        if let Some(stopped) = stop {
            let _ = conn.close().await;
            let _: Result<(), ()> = oneshot::Sender::send(stopped, ());
            return;
        }
    }
}

async fn write_batch(
    conn: &mut SqliteConnection,
    first: Box<dyn Job>,
    queue: &mut mpsc::Receiver<Message>,
    batch: &mut Vec<Box<dyn Job>>,
    stop: &mut Option<oneshot::Sender<()>>,
) -> Result<(), sqlx::Error> {
    if let Err(error) = sqlx::query("BEGIN IMMEDIATE; SAVEPOINT command").execute(&mut *conn).await {
        batch.push(first);
        return Err(error);
    }
    let mut job = first;
    loop {
        // What failed leaves the savepoint as it was, for the next.
        let keep = job.run(Conn::Sqlite(conn)).await;
        batch.push(job);
        if !keep {
            sqlx::query("ROLLBACK TO command").execute(&mut *conn).await?;
        }
        if batch.len() == BATCH {
            break;
        }
        job = match queue.try_recv() {
            Ok(Message::Job(next)) => next,
            Ok(Message::Stop(stopped)) => {
                *stop = Some(stopped);
                break;
            }
            Err(_) => break,
        };
        if keep && let Err(error) = sqlx::query("RELEASE command; SAVEPOINT command").execute(&mut *conn).await {
            batch.push(job);
            return Err(error);
        }
    }
    sqlx::query("COMMIT").execute(conn).await.map(|_| ())
}
