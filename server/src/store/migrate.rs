//! Brings the database up to date, one process at a time: safe to repeat, and two servers may start at once.

use std::fs::File;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, SqlSafeStr};

use super::StoreError;
use super::kind::DatabaseKind;

/// `migrations/0001_what_it_does.sql`, put in by `build.rs`: its number, what it does, and its text.
type Written = (i64, &'static str, &'static str);

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// What `sqlx::migrate!` makes of a folder, without its macros, for which both databases' drivers would be compiled a second time.
fn migrator(files: &[Written]) -> Migrator {
    let migrations = files.iter().map(|&(number, what, text)| {
        let alone = text.starts_with("-- no-transaction");
        Migration::new(number, what.into(), MigrationType::Simple, text.into_sql_str(), alone)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // What a newer version added is none of ours, as long as it says that we can work beside it.
    migrator.set_ignore_missing(true);
    migrator
}

/// Refuses tables for which this server is too old, by what they say themselves.
fn check(least: Option<i64>, files: &[Written]) -> Result<(), StoreError> {
    let knows = files.iter().map(|(number, ..)| *number).max().unwrap_or(0);
    match least {
        Some(needs) if needs > knows => Err(StoreError::TooOld { needs, knows }),
        _ => Ok(()),
    }
}

fn written(database: DatabaseKind) -> &'static [Written] {
    match database {
        DatabaseKind::Sqlite => SQLITE,
        DatabaseKind::Postgres => POSTGRES,
    }
}

/// Refuses what has migrations of a newer version.
pub(super) fn knows(database: DatabaseKind, migrations: &[i64]) -> Result<(), StoreError> {
    let files = written(database);
    let newest = files.iter().map(|(number, ..)| *number).max().unwrap_or(0);
    match migrations.iter().find(|number| !files.iter().any(|(known, ..)| known == *number)) {
        Some(unknown) => Err(StoreError::TooOld { needs: *unknown, knows: newest }),
        None => Ok(()),
    }
}

/// Makes the tables that come of these migrations alone.
pub(super) async fn postgres_as_of(migrations: &[i64], conn: &mut PgConnection) -> Result<(), StoreError> {
    let files: Vec<Written> = POSTGRES.iter().copied().filter(|(number, ..)| migrations.contains(number)).collect();
    Ok(migrator(&files).run(conn).await?)
}

/// PostgreSQL: under an advisory lock.
pub(super) async fn postgres(pool: &PgPool) -> Result<(), StoreError> {
    let (known,): (bool,) = sqlx::query_as("SELECT TO_REGCLASS('compatibility') IS NOT NULL").fetch_one(pool).await?;
    let least: Option<(i64,)> = match known {
        true => sqlx::query_as("SELECT least FROM compatibility").fetch_optional(pool).await?,
        false => None,
    };
    check(least.map(|(least,)| least), POSTGRES)?;
    Ok(migrator(POSTGRES).run(pool).await?)
}

/// SQLite: under a lock on a file beside the database.
pub(super) async fn sqlite(options: &SqliteConnectOptions, path: &str) -> Result<(), StoreError> {
    let lock_path = format!("{path}.lock");
    let failed = |source| StoreError::File { path: lock_path.clone(), source };
    let lock = File::create(&lock_path).map_err(failed)?;
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await.map_err(|_| StoreError::Stopping)?.map_err(failed)?;
    let mut conn = options.connect().await?;
    let known: Option<(i64,)> =
        sqlx::query_as("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'compatibility'").fetch_optional(&mut conn).await?;
    let least: Option<(i64,)> = match known {
        Some(_) => sqlx::query_as("SELECT least FROM compatibility").fetch_optional(&mut conn).await?,
        None => None,
    };
    check(least.map(|(least,)| least), SQLITE)?;
    migrator(SQLITE).run(&mut conn).await?;
    conn.close().await?;
    lock.unlock().map_err(failed)
}
