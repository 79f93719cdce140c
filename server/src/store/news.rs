//! Tells every server on a PostgreSQL what happened to a return, once it is committed.
//!
//! Not within the command's own transaction: PostgreSQL lets one transaction that notifies commit at a time, each with a sync of its own.
//! A server killed in between leaves open pages to look for themselves, as they do twice a minute.

use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::Pool;
use domain::rma::RmaNumber;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener};
use tokio::sync::{Mutex, mpsc};

use super::conn::{Opener, execute};
use super::{Conn, StoreError};
use crate::live::Live;
use crate::watch;

const CHANNEL: &str = "homebound_returns";
/// How many returns are told of at once.
const MOST: usize = 1_000;
/// What happens within this time is told together: each telling is a transaction, and wakes every server.
const GATHERED: Duration = Duration::from_millis(20);

#[derive(Clone)]
pub(super) struct News {
    queue: mpsc::Sender<RmaNumber>,
}

impl News {
    pub(super) fn start(pool: Pool<Opener<PgConnectOptions>>) -> Self {
        let (queue, waiting) = mpsc::channel(MOST);
        let (senders, waiting) = (queue.downgrade(), Arc::new(Mutex::new(waiting)));
        tokio::spawn(async move {
            let start = || tell_all(waiting.clone(), pool.clone());
            watch::keep("news", || senders.strong_count() == 0, start).await;
        });
        Self { queue }
    }

    /// Never waits: where too many wait, pages find out by themselves.
    pub(super) fn tell(&self, rma: RmaNumber) {
        let _ = self.queue.try_send(rma);
    }
}

async fn tell_all(waiting: Arc<Mutex<mpsc::Receiver<RmaNumber>>>, pool: Pool<Opener<PgConnectOptions>>) {
    let mut waiting = waiting.lock().await;
    let mut returns = Vec::new();
    while let Some(first) = waiting.recv().await {
        tokio::time::sleep(GATHERED).await;
        returns.push(first);
        while returns.len() < MOST
            && let Ok(next) = waiting.try_recv()
        {
            returns.push(next);
        }
        returns.sort_unstable();
        returns.dedup();
        let names = serde_json::json!(returns).to_string();
        returns.clear();
        let tell = async {
            let mut conn = pool.get().await?;
            let told = "SELECT PG_NOTIFY($1, value) FROM JSON_ARRAY_ELEMENTS_TEXT($2::JSON)";
            Ok::<_, StoreError>(execute!(Conn::Postgres(&mut conn), told, CHANNEL, &names)?)
        };
        if let Err(error) = tell.await {
            tracing::warn!(%error, "open pages learn later what happened");
        }
    }
}

/// Passes on what is told of returns, by this and every other server.
pub(super) async fn listen(pool: &PgPool, live: Live) -> Result<(), StoreError> {
    let first = Arc::new(Mutex::new(Some(connect(pool).await?)));
    let pool = pool.clone();
    tokio::spawn(async move {
        let start = || hear_all(first.clone(), pool.clone(), live.clone());
        watch::keep("listener", || pool.is_closed(), start).await;
    });
    Ok(())
}

async fn connect(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn hear_all(first: Arc<Mutex<Option<PgListener>>>, pool: PgPool, live: Live) {
    let listener = match first.lock().await.take() {
        Some(listener) => Ok(listener),
        None => connect(&pool).await,
    };
    let mut listener = match listener {
        Ok(listener) => listener,
        Err(error) => return tracing::warn!(%error, "the database's announcements cannot be heard"),
    };
    loop {
        match listener.recv().await {
            Ok(told) => {
                if let Ok(rma) = told.payload().parse() {
                    live.announce(rma);
                }
            }
            Err(sqlx::Error::PoolClosed) => return,
            // The listener connects again by itself; what was told in between is found by those who look.
            Err(error) => {
                tracing::warn!(%error, "the database's announcements broke off");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
