//! Brings the database up to date, one process at a time: safe to repeat, and two servers may start at once.

use std::fs::File;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgPool};

use super::StoreError;

/// PostgreSQL: under an advisory lock.
pub(super) async fn postgres(pool: &PgPool) -> Result<(), StoreError> {
    Ok(sqlx::migrate!("../migrations/postgres").run(pool).await?)
}

/// SQLite: under a lock on a file beside the database.
pub(super) async fn sqlite(options: &SqliteConnectOptions, path: &str) -> Result<(), StoreError> {
    let lock_path = format!("{path}.lock");
    let failed = |source| StoreError::File { path: lock_path.clone(), source };
    let lock = File::create(&lock_path).map_err(failed)?;
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await.map_err(|_| StoreError::Stopping)?.map_err(failed)?;
    let mut conn = options.connect().await?;
    sqlx::migrate!("../migrations/sqlite").run(&mut conn).await?;
    conn.close().await?;
    lock.unlock().map_err(failed)
}
