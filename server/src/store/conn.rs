//! One connection of either database, and statements that run on both.

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection};

/// A connection within a transaction, or for reading.
pub enum Conn<'c> {
    /// SQLite.
    Sqlite(&'c mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'c mut PgConnection),
}

/// A connection from the pool of readers.
pub enum ReadConn {
    /// SQLite.
    Sqlite(PoolConnection<Sqlite>),
    /// PostgreSQL.
    Postgres(PoolConnection<Postgres>),
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
        sqlx::query($sql)$(.bind($value))*.execute(&mut **$conn).await.map(|done| done.rows_affected())
    };
    ($conn:ident, $method:ident, $row:ty, $sql:expr $(, $value:expr)*) => {
        sqlx::query_as::<_, $row>($sql)$(.bind($value))*.$method(&mut **$conn).await
    };
}

macro_rules! execute {
    ($conn:expr, $pg:expr => $sqlite:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, execute, (), $pg => $sqlite $(, $value)*) };
    ($conn:expr, $sql:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, execute, (), $sql => $sql $(, $value)*) };
}

macro_rules! fetch_optional {
    ($conn:expr, $row:ty, $pg:expr => $sqlite:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, fetch_optional, $row, $pg => $sqlite $(, $value)*) };
    ($conn:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, fetch_optional, $row, $sql => $sql $(, $value)*) };
}

macro_rules! fetch_all {
    ($conn:expr, $row:ty, $pg:expr => $sqlite:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, fetch_all, $row, $pg => $sqlite $(, $value)*) };
    ($conn:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => { $crate::store::conn::run!($conn, fetch_all, $row, $sql => $sql $(, $value)*) };
}

pub(super) use {execute, fetch_all, fetch_optional, run, statement};
