//! What can fail.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use super::limits;

/// A failure of the database, or of what it holds.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database.
    #[error("the database failed")]
    Sql(#[from] sqlx::Error),
    /// The way to it is not as safe as it has to be.
    #[error(
        "no encrypted connection to the database (let its server speak TLS, look at sslrootcert, or add ?sslmode=disable to the address where \
         nobody else is on the way)"
    )]
    Unencrypted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A migration.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A stored document that cannot be read.
    #[error("a stored {what} cannot be read: {why}")]
    Corrupt {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// Somebody else changed the row in between.
    #[error("the {0} was changed by somebody else in between")]
    Stale(&'static str),
    /// The tables are those of a version with which this one cannot work.
    #[error(
        "this database needs a server that knows migration {needs}, and this one knows {knows}: start the newer version, or go back to the \
         backup from before the upgrade"
    )]
    TooOld {
        /// The least migration that a server must know.
        needs: i64,
        /// The newest that this one knows.
        knows: i64,
    },
    /// It holds what only a newer version of this server knows: it can be read, and not changed.
    #[error("a newer version of this server has this; it can change it")]
    Newer,
    /// The database's file was deleted, or another is in its place. What would be written to the one that is open would be lost.
    #[error("the database file is not the one that was opened: another is in its place, or none; put it back, or start the server again")]
    Replaced,
    /// SQLite could not begin or keep a transaction: its disk is full, say. Nothing was done.
    #[error("the database could not be written: {0}")]
    Unwritten(String),
    /// A copy was to go where something is.
    #[error("there is a database already")]
    Occupied,
    /// The writer has stopped.
    #[error("the server is stopping")]
    Stopping,
    /// The setting names no database this program knows.
    #[error("the database address must start with sqlite:// or postgres://")]
    Address,
    /// A file beside the database.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl StoreError {
    pub(crate) fn corrupt(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Corrupt { what, why: why.to_string() }
    }

    /// Whether it is the database's state of this moment: the same may work when it is tried again. Nothing was done, unless it went away
    /// just as it was told to keep it.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Sql(error) => limits::is_passing(error),
            // Whoever runs it puts it right.
            Self::Replaced | Self::Unwritten(_) => true,
            _ => false,
        }
    }

    /// Whether the database refused what it was given, whatever state it is in: a letter it does not know, a text longer than an index takes, a
    /// rule of its own. Another order may be taken.
    pub fn is_refusal(&self) -> bool {
        let Self::Sql(sqlx::Error::Database(error)) = self else { return false };
        let code = error.code().unwrap_or_default();
        match code.parse::<u32>() {
            // SQLite: the primary code is the last byte (https://sqlite.org/rescode.html): too big, a constraint, a type.
            Ok(code) if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() => matches!(code & 0xff, 18..=20),
            // PostgreSQL: data exceptions, constraints, limits (its manual, appendix A).
            _ => ["22", "23", "54"].iter().any(|class| code.starts_with(class)) || code == "P0001",
        }
    }

    /// What failed, and why.
    pub fn chain(&self) -> String {
        std::iter::successors(Some(self as &dyn std::error::Error), |error| error.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ")
    }

    /// Whether a unique key was violated: somebody else was first.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// Whether PostgreSQL broke off a circle of those who waited for each other (`deadlock_detected`): nothing was written.
    pub fn is_circle(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error)) if error.code().as_deref() == Some("40P01"))
    }
}

/// What `work` comes to. A panic in one command must not take others, or the connection, with it.
pub(super) async fn unless_it_panics<T, E: From<StoreError>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|_| Err(StoreError::corrupt("command", "it panicked").into()))
}
