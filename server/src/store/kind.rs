//! Which databases there are.

use serde::{Deserialize, Serialize};

use super::StoreError;

/// Which of the databases an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl DatabaseKind {
    /// Of an address as [`Store::open`](super::Store::open) takes it.
    pub fn of(address: &str) -> Result<Self, StoreError> {
        match address.split_once("://") {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            _ => Err(StoreError::Address),
        }
    }
}
