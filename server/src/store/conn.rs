//! Connections to either database, and statements that run on both.

use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, QueueMode, RecycleError, RecycleResult};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};

use super::StoreError;

/// A connection that nobody used for so long is tested before it is used.
const IDLE: Duration = Duration::from_secs(1);
/// How long anybody waits for a connection.
const WAIT: Duration = Duration::from_secs(10);

/// A connection within a transaction, or for reading.
pub enum Conn<'c> {
    /// SQLite.
    Sqlite(&'c mut Kept<SqliteConnection>),
    /// PostgreSQL.
    Postgres(&'c mut Kept<PgConnection>),
}

/// A connection to read with.
pub enum ReadConn {
    /// SQLite.
    Sqlite(Object<Opener<SqliteConnectOptions>>),
    /// PostgreSQL.
    Postgres(Object<Opener<PgConnectOptions>>),
}

impl ReadConn {
    /// To run statements on.
    pub fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(conn) => Conn::Sqlite(conn),
            Self::Postgres(conn) => Conn::Postgres(conn),
        }
    }
}

/// A connection that is used again and again, until it breaks.
pub struct Kept<C> {
    pub(super) conn: C,
    /// A transaction is open.
    pub(super) within: bool,
    /// The last statement failed; perhaps it was the connection.
    pub(super) doubtful: bool,
}

impl<C> Kept<C> {
    pub(super) fn new(conn: C) -> Self {
        Self { conn, within: false, doubtful: false }
    }

    /// Remembers how a statement went.
    pub(super) fn after<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.doubtful |= done.is_err();
        done
    }
}

/// Opens connections, and tests those that may have broken.
pub struct Opener<O>(O);

impl<O: ConnectOptions<Connection: Sized>> Manager for Opener<O> {
    type Type = Kept<O::Connection>;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Self::Type, sqlx::Error> {
        self.0.connect().await.map(Kept::new)
    }

    async fn recycle(&self, kept: &mut Self::Type, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if kept.doubtful || metrics.last_used() > IDLE {
            kept.conn.ping().await.map_err(RecycleError::Backend)?;
            kept.doubtful = false;
        }
        Ok(())
    }
}

/// Up to `most` connections. Not sqlx's own pool: that asks each connection that comes back whether it lives, a second trip to the
/// database for every read.
pub(super) fn pool<O: ConnectOptions<Connection: Sized>>(options: O, most: usize) -> Result<Pool<Opener<O>>, StoreError> {
    let builder = Pool::builder(Opener(options)).max_size(most).queue_mode(QueueMode::Lifo).runtime(Runtime::Tokio1);
    let builder = builder.wait_timeout(Some(WAIT)).create_timeout(Some(WAIT)).recycle_timeout(Some(WAIT));
    builder.build().map_err(|error| StoreError::Sql(sqlx::Error::Configuration(error.into())))
}

impl From<PoolError<sqlx::Error>> for StoreError {
    fn from(error: PoolError<sqlx::Error>) -> Self {
        match error {
            PoolError::Backend(error) => Self::Sql(error),
            PoolError::Closed => Self::Stopping,
            _ => Self::Sql(sqlx::Error::PoolTimedOut),
        }
    }
}

/// Runs a statement on whichever database; `"pg text" => "sqlite text"` where they differ. Values are bound, never pasted in.
macro_rules! run {
    ($conn:expr, $method:ident, $row:ty, $pg:expr => $sqlite:expr $(, $value:expr)*) => {
        match $conn {
            $crate::store::Conn::Sqlite(conn) => $crate::store::conn::statement!(conn, $method, $row, $sqlite $(, $value)*),
            $crate::store::Conn::Postgres(conn) => $crate::store::conn::statement!(conn, $method, $row, $pg $(, $value)*),
        }
    };
}

macro_rules! statement {
    ($conn:ident, execute, $row:ty, $sql:expr $(, $value:expr)*) => {
        {
            let done = sqlx::query($sql)$(.bind($value))*.execute(&mut $conn.conn).await;
            $conn.after(done).map(|done| done.rows_affected())
        }
    };
    ($conn:ident, $method:ident, $row:ty, $sql:expr $(, $value:expr)*) => {
        {
            let done = sqlx::query_as::<_, $row>($sql)$(.bind($value))*.$method(&mut $conn.conn).await;
            $conn.after(done)
        }
    };
}

macro_rules! execute {
    ($conn:expr, $pg:expr => $sqlite:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, execute, (), $pg => $sqlite $(, $value)*) };
    ($conn:expr, $sql:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, execute, (), $sql => $sql $(, $value)*) };
}

/// [`fetch_all!`] of a text that is a transaction of its own where none is open. What it wrote shows in its rows: SQLite counts what
/// changed before `BEGIN` again.
macro_rules! fetch_whole {
    ($conn:expr, $row:ty, $pg:expr => $sqlite:expr $(, $value:expr)* $(,)?) => {
        match $conn {
            $crate::store::Conn::Sqlite(conn) if !conn.within => {
                $crate::store::conn::statement!(conn, fetch_all, $row, concat!("BEGIN IMMEDIATE; ", $sqlite, "; COMMIT") $(, $value)*)
            }
            conn => $crate::store::conn::run!(conn, fetch_all, $row, $pg => $sqlite $(, $value)*),
        }
    };
}

macro_rules! fetch_optional {
    ($conn:expr, $row:ty, $pg:expr => $sqlite:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, fetch_optional, $row, $pg => $sqlite $(, $value)*) };
    ($conn:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, fetch_optional, $row, $sql => $sql $(, $value)*) };
}

macro_rules! fetch_all {
    ($conn:expr, $row:ty, $pg:expr => $sqlite:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, fetch_all, $row, $pg => $sqlite $(, $value)*) };
    ($conn:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, fetch_all, $row, $sql => $sql $(, $value)*) };
}

/// Reads a row by the names of its columns, on either database: of more columns than a tuple may have.
macro_rules! by_name {
    ($row:ident { $($column:ident),+ $(,)? }) => {
        impl<'r, R> sqlx::FromRow<'r, R> for $row
        where
            R: sqlx::Row,
            &'r str: sqlx::ColumnIndex<R>,
            i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        {
            fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
                Ok(Self { $($column: row.try_get(stringify!($column))?),+ })
            }
        }
    };
}

/// A row as SQL has it, read by the names of its columns.
macro_rules! flat {
    ($row:ident { $($column:ident: $type:ty),+ $(,)? }) => {
        /// A row as SQL has it.
        struct $row {
            $($column: $type),+
        }
        $crate::store::conn::by_name!($row { $($column),+ });
    };
}

/// Now by the database's own clock, epoch milliseconds: leases of all servers follow one clock, which no rehearsal moves.
macro_rules! pg_clock {
    () => {
        "(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT"
    };
}

macro_rules! sqlite_clock {
    () => {
        "CAST(UNIXEPOCH('subsec') * 1000 AS INTEGER)"
    };
}

pub(super) use {by_name, execute, fetch_all, fetch_optional, fetch_whole, flat, pg_clock, run, sqlite_clock, statement};
