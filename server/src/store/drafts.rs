//! Returns that somebody is still writing.

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDraft {
    /// Its content, JSON.
    pub data: String,
    /// Counts its changes.
    pub version: i64,
    /// Number of the return it was sent off as.
    pub became: Option<String>,
}

/// Scope of the keys under which drafts are sent off, once each.
pub const SENT_OFF: &str = "draft";

/// The draft of that name.
pub async fn find_draft(conn: &mut Conn<'_>, id: &str) -> Result<Option<StoredDraft>, StoreError> {
    let row = fetch_optional!(
        conn,
        (String, i64, Option<String>),
        "SELECT data, version, (SELECT answer FROM idempotency WHERE scope = $1 AND key = drafts.id) FROM drafts WHERE id = $2",
        SENT_OFF,
        id
    )?;
    Ok(row.map(|(data, version, became)| StoredDraft { data, version, became }))
}

/// A new draft.
pub async fn insert_draft(conn: &mut Conn<'_>, id: &str, data: &str, now: i64) -> Result<(), StoreError> {
    execute!(conn, "INSERT INTO drafts (id, data, version, updated_at) VALUES ($1, $2, 1, $3)", id, data, now)?;
    Ok(())
}

/// Notes that a draft is about an order, by which it can be found again.
pub async fn note_draft_of_order(conn: &mut Conn<'_>, id: &str, order_key: &str) -> Result<(), StoreError> {
    execute!(conn, "INSERT INTO drafts_of_orders (order_key, draft) VALUES ($1, $2) ON CONFLICT DO NOTHING", order_key, id)?;
    Ok(())
}

/// Names of up to `most` drafts about an order that were not sent off, the one touched last first.
pub async fn open_drafts_of_order(conn: &mut Conn<'_>, order_key: &str, most: i64) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT drafts.id FROM drafts_of_orders JOIN drafts ON drafts.id = drafts_of_orders.draft
         WHERE order_key = $1 AND NOT EXISTS (SELECT 1 FROM idempotency WHERE scope = $2 AND key = drafts.id)
         ORDER BY drafts.updated_at DESC, drafts.id LIMIT $3",
        order_key,
        SENT_OFF,
        most
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A draft's new content. [`StoreError::Stale`] where it was changed since `version`.
pub async fn update_draft(conn: &mut Conn<'_>, id: &str, data: &str, version: i64, now: i64) -> Result<(), StoreError> {
    let changed = execute!(
        conn,
        "UPDATE drafts SET data = $1, version = version + 1, updated_at = $2 WHERE id = $3 AND version = $4",
        data,
        now,
        id,
        version
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale("draft")) }
}

/// Keeps a draft from being forgotten, and holds it until this transaction ends. False where there is none.
pub async fn touch_draft(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<bool, StoreError> {
    Ok(execute!(conn, "UPDATE drafts SET updated_at = $1 WHERE id = $2", now, id)? == 1)
}

/// Forgets up to `most` drafts not touched since a moment.
pub async fn delete_old_drafts(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM drafts WHERE updated_at < $1 AND id IN (SELECT id FROM drafts WHERE updated_at < $1 LIMIT $2)",
        before,
        most
    )?)
}
