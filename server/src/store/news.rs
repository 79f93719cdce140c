//! Tells every server on a PostgreSQL what happened to a return, once it is committed.
//!
//! Not within the command's own transaction: PostgreSQL lets one transaction that notifies commit at a time, each with a sync of its own.
//! A server killed in between leaves open pages to look for themselves, as they do twice a minute.

use std::time::Duration;

use deadpool::managed::Pool;
use domain::rma::RmaNumber;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener};
use tokio::sync::mpsc;

use super::conn::{Opener, execute};
use super::{Conn, StoreError};
use crate::live::Live;

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
        let (queue, mut waiting) = mpsc::channel(MOST);
        tokio::spawn(async move {
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
        });
        Self { queue }
    }

    /// Never waits: where too many wait, pages find out by themselves.
    pub(super) fn tell(&self, rma: RmaNumber) {
        let _ = self.queue.try_send(rma);
    }
}

/// Passes on what is told of returns, by this and every other server.
pub(super) async fn listen(pool: &PgPool, live: Live) -> Result<(), StoreError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    tokio::spawn(async move {
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
    });
    Ok(())
}
