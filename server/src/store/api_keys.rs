//! Keys of machines. Only digests are kept.

use std::str::FromStr;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See figures, and nothing of any customer.
    Metrics,
    /// Read.
    Read,
    /// Read; write orders, and returns as a shopper may.
    Write,
    /// Read; decide about returns, book in and look at what came back.
    Staff,
    /// Read; promise and pay.
    Finance,
    /// Everything.
    Admin,
}

impl Scope {
    pub const ALL: [Self; 6] = [Self::Metrics, Self::Read, Self::Write, Self::Staff, Self::Finance, Self::Admin];

    /// As on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Read => "read",
            Self::Write => "write",
            Self::Staff => "staff",
            Self::Finance => "finance",
            Self::Admin => "admin",
        }
    }

    /// Whether a key of this scope is good for what needs `wanted`.
    pub fn allows(self, wanted: Self) -> bool {
        match wanted {
            Self::Metrics => true,
            Self::Read => self != Self::Metrics,
            wanted => self == wanted || self == Self::Admin,
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|scope| scope.code() == text);
        known.ok_or_else(|| format!("`{text}` is not a scope; there are {}", Self::ALL.map(Self::code).join(", ")))
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

/// How a key has fared. Times are epoch milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLife {
    pub created_at: i64,
    /// It is worth nothing from then on.
    pub expires_at: Option<i64>,
    /// When it was last used, to the hour.
    pub used_at: Option<i64>,
}

/// A use is noted where the last one that was is longer ago: nobody writes with every call.
const NOTED: i64 = 60 * 60 * 1000;

/// The key of that digest, unless it has ended.
pub async fn find_api_key(conn: &mut Conn<'_>, digest: &str, now: i64) -> Result<Option<(ApiKey, KeyLife)>, StoreError> {
    let row = fetch_optional!(
        conn,
        (String, String, i64, Option<i64>, Option<i64>),
        "SELECT name, scope, created_at, expires_at, used_at FROM api_keys WHERE digest = $1 AND (expires_at IS NULL OR expires_at > $2)",
        digest,
        now
    )?;
    row.map(|(name, scope, created_at, expires_at, used_at)| {
        let scope = scope.parse().map_err(|error: String| StoreError::corrupt("key", error))?;
        Ok((ApiKey { digest: digest.to_owned(), name, scope }, KeyLife { created_at, expires_at, used_at }))
    })
    .transpose()
}

impl KeyLife {
    /// Whether a use at that time is worth noting.
    pub fn is_news(&self, now: i64) -> bool {
        self.used_at.is_none_or(|used| (now - used).abs() >= NOTED)
    }
}

/// Notes that a key was used.
pub async fn note_use_of_api_key(conn: &mut Conn<'_>, digest: &str, now: i64) -> Result<(), StoreError> {
    execute!(conn, "UPDATE api_keys SET used_at = $2 WHERE digest = $1", digest, now)?;
    Ok(())
}

/// Adds a key that works until `expires_at`, or for good, in place of an earlier one of that name.
pub async fn add_api_key(conn: &mut Conn<'_>, key: &ApiKey, expires_at: Option<i64>, now: i64) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM api_keys WHERE name = $1", &key.name)?;
    execute!(
        conn,
        "INSERT INTO api_keys (digest, name, scope, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        &key.digest,
        &key.name,
        key.scope.code(),
        now,
        expires_at
    )?;
    Ok(())
}

/// Removes the key of that name. False where there is none.
pub async fn remove_api_key(conn: &mut Conn<'_>, name: &str) -> Result<bool, StoreError> {
    Ok(execute!(conn, "DELETE FROM api_keys WHERE name = $1", name)? > 0)
}

/// All keys by name: name, scope and how they fared.
pub async fn list_api_keys(conn: &mut Conn<'_>) -> Result<Vec<(String, String, KeyLife)>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, i64, Option<i64>, Option<i64>),
        "SELECT name, scope, created_at, expires_at, used_at FROM api_keys ORDER BY name"
    )?;
    let key = |(name, scope, created_at, expires_at, used_at)| (name, scope, KeyLife { created_at, expires_at, used_at });
    Ok(rows.into_iter().map(key).collect())
}

/// Digests of all keys that have not ended.
pub async fn digests_of_api_keys(conn: &mut Conn<'_>, now: i64) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(conn, (String,), "SELECT digest FROM api_keys WHERE expires_at IS NULL OR expires_at > $1", now)?;
    Ok(rows.into_iter().map(|(digest,)| digest).collect())
}
