//! Keys of machines. Only digests are kept.

use std::str::FromStr;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// What a key may do; each includes the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Read.
    Read,
    /// Read and write orders and returns.
    Write,
    /// Everything.
    Admin,
}

impl Scope {
    /// As on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Read, Self::Write, Self::Admin]
            .into_iter()
            .find(|scope| scope.code() == text)
            .ok_or_else(|| format!("`{text}` is not a scope; there are read, write and admin"))
    }
}

/// A key, by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// SHA-256 of the key.
    pub digest: String,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
}

/// The key of that digest.
pub async fn find_api_key(conn: &mut Conn<'_>, digest: &str) -> Result<Option<ApiKey>, StoreError> {
    let row = fetch_optional!(conn, (String, String), "SELECT name, scope FROM api_keys WHERE digest = $1", digest)?;
    row.map(|(name, scope)| {
        let scope = scope.parse().map_err(|error: String| StoreError::corrupt("key", error))?;
        Ok(ApiKey { digest: digest.to_owned(), name, scope })
    })
    .transpose()
}

/// Adds a key, in place of an earlier one of that name.
pub async fn add_api_key(conn: &mut Conn<'_>, key: &ApiKey, now: i64) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM api_keys WHERE name = $1", &key.name)?;
    execute!(
        conn,
        "INSERT INTO api_keys (digest, name, scope, created_at) VALUES ($1, $2, $3, $4)",
        &key.digest,
        &key.name,
        key.scope.code(),
        now
    )?;
    Ok(())
}

/// Names of all keys.
pub async fn names_of_api_keys(conn: &mut Conn<'_>) -> Result<Vec<String>, StoreError> {
    Ok(fetch_all!(conn, (String,), "SELECT name FROM api_keys ORDER BY name")?.into_iter().map(|(name,)| name).collect())
}

/// Digests of all keys.
pub async fn digests_of_api_keys(conn: &mut Conn<'_>) -> Result<Vec<String>, StoreError> {
    Ok(fetch_all!(conn, (String,), "SELECT digest FROM api_keys")?.into_iter().map(|(digest,)| digest).collect())
}
