//! The whole database of one moment, as parts of a backup, and back. Servers go on meanwhile: nothing is locked, and nothing is brought up to
//! date, so that a backup from before an upgrade is one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Postgres, SqliteConnection, Transaction};

use super::StoreError;
use super::kind::DatabaseKind;
use super::migrate;
use super::place::create_own;

/// Bytes that are handed on at once.
const PIECE: usize = 256 << 10;
/// The part that an SQLite database is.
const SQLITE: &str = "sqlite.db";
/// The end of a part's name that is a table of PostgreSQL, in its `COPY` text format.
const TABLE: &str = ".copy";

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Of which database.
    pub database: DatabaseKind,
    /// Numbers of the migrations that had been done.
    pub migrations: Vec<i64>,
    /// Every table.
    pub tables: BTreeMap<String, CopiedTable>,
    /// Names of all evidence there was.
    #[serde(skip)]
    pub evidence: Vec<String>,
}

/// A table in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedTable {
    /// How many rows it has.
    pub rows: u64,
    /// Its columns in the order of the rows' text; of PostgreSQL only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// The file that an address of SQLite names.
pub fn sqlite_file(address: &str) -> Option<&Path> {
    address.strip_prefix("sqlite://").map(Path::new)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn file_error(path: &Path) -> impl Fn(io::Error) -> StoreError + use<> {
    let path = path.display().to_string();
    move |source| StoreError::File { path: path.clone(), source }
}

/// Hands `put` the whole database as it is now, part by part, each with its name. What is needed on the way lies in `folder`.
pub async fn copy_out<E: From<StoreError>>(
    address: &str,
    folder: &Path,
    mut put: impl FnMut(&str, &mut File) -> Result<(), E>,
) -> Result<Copied, E> {
    match DatabaseKind::of(address)? {
        DatabaseKind::Sqlite => {
            let copy = folder.join(SQLITE);
            let copied = copy_sqlite(Path::new(address.trim_start_matches("sqlite://")), &copy).await?;
            put(SQLITE, &mut File::open(&copy).map_err(file_error(&copy))?)?;
            std::fs::remove_file(&copy).map_err(file_error(&copy))?;
            Ok(copied)
        }
        DatabaseKind::Postgres => copy_postgres(address, folder, put).await,
    }
}

async fn copy_sqlite(from: &Path, to: &Path) -> Result<Copied, StoreError> {
    // One that is not there would be made.
    std::fs::metadata(from).map_err(file_error(from))?;
    // Nobody else reads it from the first byte on.
    drop(create_own(to).map_err(file_error(to))?);
    let options = SqliteConnectOptions::new().filename(from).busy_timeout(Duration::from_secs(20));
    let mut conn = options.connect().await?;
    sqlx::query("VACUUM INTO $1").bind(to.display().to_string()).execute(&mut conn).await?;
    conn.close().await?;
    let mut conn = SqliteConnectOptions::new().filename(to).read_only(true).immutable(true).connect().await?;
    let rows = count_sqlite(&mut conn).await?.into_iter();
    let tables: BTreeMap<String, CopiedTable> = rows.map(|(name, rows)| (name, CopiedTable { rows, columns: Vec::new() })).collect();
    let migrations = sqlx::query_as(MIGRATIONS).fetch_all(&mut conn).await?;
    let evidence = match tables.contains_key("evidence") {
        true => sqlx::query_as(EVIDENCE).fetch_all(&mut conn).await?,
        false => Vec::new(),
    };
    conn.close().await?;
    Ok(Copied { database: DatabaseKind::Sqlite, migrations: first(migrations), tables, evidence: first(evidence) })
}

async fn count_sqlite(conn: &mut SqliteConnection) -> Result<BTreeMap<String, u64>, StoreError> {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let mut rows = BTreeMap::new();
    for name in first(sqlx::query_as::<_, (String,)>(names).fetch_all(&mut *conn).await?) {
        let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", quoted(&name)));
        let counted: (i64,) = sqlx::query_as(count).fetch_one(&mut *conn).await?;
        rows.insert(name, counted.0.unsigned_abs());
    }
    Ok(rows)
}

/// How many rows each table has, of a database that no server is using.
pub async fn count_rows(address: &str) -> Result<BTreeMap<String, u64>, StoreError> {
    if let Some(file) = sqlite_file(address) {
        let mut conn = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true).connect().await?;
        let rows = count_sqlite(&mut conn).await?;
        conn.close().await?;
        return Ok(rows);
    }
    let mut conn = PgConnection::connect(address).await?;
    let mut rows = BTreeMap::new();
    for table in tables_of(&mut conn).await? {
        let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", quoted(&table)));
        let counted: (i64,) = sqlx::query_as(count).fetch_one(&mut conn).await?;
        rows.insert(table, counted.0.unsigned_abs());
    }
    conn.close().await?;
    Ok(rows)
}

const MIGRATIONS: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
const EVIDENCE: &str = "SELECT id FROM evidence ORDER BY id";

fn first<T>(rows: Vec<(T,)>) -> Vec<T> {
    rows.into_iter().map(|(value,)| value).collect()
}

async fn tables_of(conn: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    let tables = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = CURRENT_SCHEMA()::REGNAMESPACE ORDER BY 1";
    Ok(first(sqlx::query_as(tables).fetch_all(conn).await?))
}

async fn copy_postgres<E: From<StoreError>>(
    address: &str,
    folder: &Path,
    mut put: impl FnMut(&str, &mut File) -> Result<(), E>,
) -> Result<Copied, E> {
    let mut conn = PgConnection::connect(address).await.map_err(StoreError::from)?;
    let mut copied = Copied { database: DatabaseKind::Postgres, migrations: Vec::new(), tables: BTreeMap::new(), evidence: Vec::new() };
    // The moment is that of the first question; all others see the same.
    sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(&mut conn).await.map_err(StoreError::from)?;
    for table in in_order(&mut conn).await? {
        let mut spooled = tempfile::tempfile_in(folder).map_err(file_error(folder))?;
        let (columns, rows) = copy_table(&mut conn, &table, &mut spooled).await?;
        spooled.rewind().map_err(file_error(folder))?;
        put(&format!("{table}{TABLE}"), &mut spooled)?;
        copied.tables.insert(table, CopiedTable { rows, columns });
    }
    copied.migrations = first(sqlx::query_as(MIGRATIONS).fetch_all(&mut conn).await.map_err(StoreError::from)?);
    if copied.tables.contains_key("evidence") {
        copied.evidence = first(sqlx::query_as(EVIDENCE).fetch_all(&mut conn).await.map_err(StoreError::from)?);
    }
    conn.close().await.map_err(StoreError::from)?;
    Ok(copied)
}

/// Every table, after those that its rows point to.
async fn in_order(conn: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    let mut left: BTreeSet<String> = tables_of(conn).await?.into_iter().collect();
    let pointers = "SELECT a.relname::text, b.relname::text FROM pg_constraint JOIN pg_class a ON a.oid = conrelid
       JOIN pg_class b ON b.oid = confrelid WHERE contype = 'f' AND connamespace = CURRENT_SCHEMA()::REGNAMESPACE AND conrelid <> confrelid";
    let pointers: Vec<(String, String)> = sqlx::query_as(pointers).fetch_all(&mut *conn).await?;
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let waits = |table: &String| pointers.iter().any(|(from, to)| from == table && left.contains(to));
        let ready: Vec<String> = left.iter().filter(|table| !waits(table)).cloned().collect();
        if ready.is_empty() {
            return Err(StoreError::corrupt("schema", format!("{left:?} point to each other")));
        }
        ready.iter().for_each(|table| {
            left.remove(table);
        });
        ordered.extend(ready);
    }
    Ok(ordered)
}

async fn copy_table(conn: &mut PgConnection, table: &str, to: &mut File) -> Result<(Vec<String>, u64), StoreError> {
    let columns =
        "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::TEXT::REGCLASS AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
    let columns: Vec<String> = first(sqlx::query_as(columns).bind(quoted(table)).fetch_all(&mut *conn).await?);
    let mut rows = 0;
    let mut pieces = conn.copy_out_raw(&format!("COPY {} TO STDOUT", with_columns(table, &columns))).await?;
    while let Some(piece) = pieces.try_next().await? {
        // A line break within a value is written `\n`.
        rows += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
        to.write_all(&piece).map_err(file_error(Path::new(table)))?;
    }
    Ok((columns, rows))
}

fn with_columns(table: &str, columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    format!("{} ({})", quoted(table), columns.join(", "))
}

/// Whether there is no database at an address yet: no file, or no table.
pub async fn is_vacant(address: &str) -> Result<bool, StoreError> {
    match DatabaseKind::of(address)? {
        DatabaseKind::Sqlite => Ok(sqlite_file(address).is_none_or(|file| !file.exists())),
        DatabaseKind::Postgres => {
            let mut conn = PgConnection::connect(address).await?;
            let tables = tables_of(&mut conn).await?;
            conn.close().await?;
            Ok(tables.is_empty())
        }
    }
}

/// A database that is being copied in. Nothing of it is there before [`CopyIn::finish`].
pub enum CopyIn {
    /// A file beside its place.
    Sqlite {
        /// Where it will be.
        place: PathBuf,
        /// Where it is until then.
        part: PathBuf,
    },
    /// A transaction.
    Postgres {
        /// With nothing in its tables at first.
        within: Box<Transaction<'static, Postgres>>,
        /// To be closed in the end.
        pool: PgPool,
    },
}

impl CopyIn {
    /// Begins to put `copied` at an address; in the place of what is there only where that is to be overwritten. Tables of PostgreSQL are made by
    /// our migrations, by those of the copy alone.
    pub async fn begin(address: &str, copied: &Copied, overwrite: bool) -> Result<Self, StoreError> {
        migrate::knows(copied.database, &copied.migrations)?;
        if let Some(place) = sqlite_file(address) {
            if place.exists() && !overwrite {
                return Err(StoreError::Occupied);
            }
            let part = PathBuf::from(format!("{}.part", place.display()));
            return Ok(Self::Sqlite { place: place.to_owned(), part });
        }
        let options: PgConnectOptions = address.parse()?;
        let pool = super::single().connect_with(options).await?;
        let mut within = pool.begin().await?;
        let there: Vec<String> = tables_of(&mut within).await?.iter().map(|table| quoted(table)).collect();
        if !there.is_empty() {
            if !overwrite {
                return Err(StoreError::Occupied);
            }
            sqlx::query(AssertSqlSafe(format!("DROP TABLE {} CASCADE", there.join(", ")))).execute(&mut *within).await?;
        }
        migrate::postgres_as_of(&copied.migrations, &mut within).await?;
        // Some migrations put rows in, and how they were done is in the copy.
        let made: Vec<String> = tables_of(&mut within).await?.iter().map(|table| quoted(table)).collect();
        sqlx::query(AssertSqlSafe(format!("TRUNCATE {}", made.join(", ")))).execute(&mut *within).await?;
        Ok(Self::Postgres { within: Box::new(within), pool })
    }

    /// Takes a part, by the name that [`copy_out`] gave it.
    pub async fn take(&mut self, name: &str, copied: &Copied, part: &mut dyn Read) -> Result<(), StoreError> {
        let unknown = || StoreError::corrupt("backup", format!("it has no place for {name}"));
        match self {
            Self::Sqlite { part: path, .. } if name == SQLITE => {
                let failed = file_error(path);
                let mut file = create_own(path).map_err(&failed)?;
                io::copy(part, &mut file).map_err(&failed)?;
                file.sync_all().map_err(&failed)
            }
            Self::Postgres { within, .. } => {
                let table = name.strip_suffix(TABLE).ok_or_else(unknown)?;
                let columns = &copied.tables.get(table).ok_or_else(unknown)?.columns;
                let failed = file_error(Path::new(name));
                let mut rows = within.copy_in_raw(&format!("COPY {} FROM STDIN", with_columns(table, columns))).await?;
                let mut piece = vec![0; PIECE];
                loop {
                    match part.read(&mut piece) {
                        Ok(0) => break,
                        Ok(length) => {
                            rows.send(&piece[..length]).await?;
                        }
                        Err(error) => {
                            rows.abort("the backup cannot be read").await?;
                            return Err(failed(error));
                        }
                    }
                }
                rows.finish().await?;
                Ok(())
            }
            Self::Sqlite { .. } => Err(unknown()),
        }
    }

    /// Puts the database in its place, if it is whole.
    pub async fn finish(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { place, part } => {
                let failed = file_error(&place);
                let mut conn = SqliteConnectOptions::new().filename(&part).read_only(true).immutable(true).connect().await?;
                let wrong = sqlite_faults(&mut conn).await?;
                conn.close().await?;
                if !wrong.is_empty() {
                    return Err(StoreError::corrupt("database", wrong.join("; ")));
                }
                for beside in ["-wal", "-shm"] {
                    match std::fs::remove_file(format!("{}{beside}", place.display())) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                        _ => {}
                    }
                }
                std::fs::rename(&part, &place).map_err(&failed)?;
                if let Some(folder) = place.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    File::open(folder).and_then(|folder| folder.sync_all()).map_err(&failed)?;
                }
                Ok(())
            }
            Self::Postgres { within, pool } => {
                within.commit().await?;
                pool.close().await;
                Ok(())
            }
        }
    }
}

/// What SQLite finds wrong with its file; nothing where it is whole.
pub(super) async fn sqlite_faults(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let mut wrong: Vec<String> = first(sqlx::query_as("PRAGMA integrity_check(20)").fetch_all(&mut *conn).await?);
    wrong.retain(|line| line != "ok");
    let dangling: Vec<(String, Option<i64>, String, i64)> = sqlx::query_as("PRAGMA foreign_key_check").fetch_all(&mut *conn).await?;
    wrong.extend(dangling.iter().take(20).map(|(table, row, target, _)| format!("{table}, row {row:?}: points to no row of {target}")));
    Ok(wrong)
}

/// A schema of PostgreSQL that is there only for a trial, and the address by which a server sees it instead of its own. SQLite needs none.
pub struct TrialSchema {
    address: String,
    name: String,
}

impl TrialSchema {
    /// Makes one in the database at an address.
    pub async fn make(address: &str) -> Result<Self, StoreError> {
        let name = format!("trial_{}", uuid::Uuid::new_v4().simple());
        let mut conn = PgConnection::connect(address).await?;
        sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(&mut conn).await?;
        conn.close().await?;
        Ok(Self { address: address.to_owned(), name })
    }

    /// Where it is seen instead of the database's own.
    pub fn address(&self) -> String {
        let joined = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{joined}options[search_path]={}", self.address, self.name)
    }

    /// Takes it away, with all that is in it.
    pub async fn remove(self) -> Result<(), StoreError> {
        let mut conn = PgConnection::connect(&self.address).await?;
        sqlx::query(AssertSqlSafe(format!("DROP SCHEMA {} CASCADE", self.name))).execute(&mut conn).await?;
        conn.close().await?;
        Ok(())
    }
}
