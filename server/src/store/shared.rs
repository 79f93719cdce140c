//! What people at work share: short lists of replies, macros, views and rules.

use super::conn::{execute, fetch_all};
use super::{Conn, StoreError};

/// Something shared, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedRow {
    /// `reply`, `macro`, …
    pub kind: &'static str,
    pub id: String,
    /// For whom.
    pub role: String,
    pub name: String,
    /// JSON, as its kind has it.
    pub document: String,
    /// Who made it.
    pub made_by: String,
    /// Epoch milliseconds.
    pub changed_at: i64,
}

/// All of a kind, by name.
pub async fn list_shared(conn: &mut Conn<'_>, kind: &'static str) -> Result<Vec<SharedRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String, String, String, String, String, i64),
        "SELECT id, role, name, document, made_by, changed_at FROM shared WHERE kind = $1 ORDER BY name, id",
        kind
    )?;
    let row = |(id, role, name, document, made_by, changed_at)| SharedRow { kind, id, role, name, document, made_by, changed_at };
    Ok(rows.into_iter().map(row).collect())
}

/// Puts something in, or in place of what has that name; who made it first stays.
pub async fn put_shared(conn: &mut Conn<'_>, row: &SharedRow) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO shared (kind, id, role, name, document, made_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (kind, id) DO UPDATE SET role = excluded.role, name = excluded.name, document = excluded.document,
           changed_at = excluded.changed_at",
        row.kind,
        &row.id,
        &row.role,
        &row.name,
        &row.document,
        &row.made_by,
        row.changed_at
    )?;
    Ok(())
}

pub async fn delete_shared(conn: &mut Conn<'_>, kind: &str, id: &str) -> Result<(), StoreError> {
    execute!(conn, "DELETE FROM shared WHERE kind = $1 AND id = $2", kind, id)?;
    Ok(())
}
