//! Uploads under way: pieces of a file, in the database so that any server can take the next one.

use domain::policy::Shows;

use super::conn::{execute, fetch_all, fetch_optional};
use super::evidence::{Holder, shows_of};
use super::{Conn, StoreError};

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRow {
    /// Its name.
    pub id: String,
    /// Whose.
    pub holder: Holder,
    /// Of which order.
    pub order_key: String,
    /// Of which of its lines.
    pub line_id: String,
    /// What the file was said to show.
    pub shows: Option<Shows>,
    /// What the file is called.
    pub name: String,
    /// Bytes announced.
    pub size: i64,
    /// Bytes there are.
    pub received: i64,
    /// What became of it: the evidence's name, or `!` and why it was not kept.
    pub outcome: Option<String>,
    /// When it is forgotten, milliseconds.
    pub expires_at: i64,
}

type Row = (String, String, String, String, String, Option<String>, String, i64, i64, Option<String>, i64);

/// A new upload.
pub async fn insert_upload(conn: &mut Conn<'_>, row: &UploadRow) -> Result<(), StoreError> {
    let (kind, holder) = row.holder.parts();
    execute!(
        conn,
        "INSERT INTO uploads (id, holder, holder_id, order_key, line_id, shows, name, size, received, outcome, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &row.id,
        kind,
        holder,
        &row.order_key,
        &row.line_id,
        row.shows.map(Shows::code),
        &row.name,
        row.size,
        row.received,
        row.outcome.as_deref(),
        row.expires_at
    )?;
    Ok(())
}

/// The holder's upload of that name.
pub async fn find_upload(conn: &mut Conn<'_>, id: &str, holder: &Holder) -> Result<Option<UploadRow>, StoreError> {
    let (kind, name) = holder.parts();
    let row = fetch_optional!(
        conn,
        Row,
        "SELECT id, holder, holder_id, order_key, line_id, shows, name, size, received, outcome, expires_at FROM uploads
         WHERE id = $1 AND holder = $2 AND holder_id = $3",
        id,
        kind,
        name
    )?;
    Ok(row.map(|(id, _, _, order_key, line_id, shows, name, size, received, outcome, expires_at)| UploadRow {
        id,
        holder: holder.clone(),
        order_key,
        line_id,
        shows: shows_of(shows),
        name,
        size,
        received,
        outcome,
        expires_at,
    }))
}

/// How many uploads of a holder are under way, of those that wait no longer than until `latest`: others were begun by a clock that was set back
/// since.
pub async fn count_open_uploads(conn: &mut Conn<'_>, holder: &Holder, latest: i64) -> Result<usize, StoreError> {
    let (kind, id) = holder.parts();
    let row = fetch_optional!(
        conn,
        (i64,),
        "SELECT COUNT(*) FROM uploads WHERE holder = $1 AND holder_id = $2 AND outcome IS NULL AND expires_at <= $3",
        kind,
        id,
        latest
    )?;
    Ok(row.map_or(0, |(count,)| usize::try_from(count).unwrap_or(0)))
}

/// The next piece, which starts at `start`. False, and nothing is written, where that is not where the upload has come to.
pub async fn add_upload_part(conn: &mut Conn<'_>, id: &str, start: i64, bytes: &[u8], expires_at: i64) -> Result<bool, StoreError> {
    let length = bytes.len() as i64;
    let moved = execute!(
        conn,
        "UPDATE uploads SET received = received + $1, expires_at = $2
         WHERE id = $3 AND received = $4 AND received + $1 <= size AND outcome IS NULL",
        length,
        expires_at,
        id,
        start
    )?;
    if moved == 1 && length > 0 {
        execute!(conn, "INSERT INTO upload_parts (upload, start, bytes) VALUES ($1, $2, $3)", id, start, bytes)?;
    }
    Ok(moved == 1)
}

/// The whole file.
pub async fn upload_parts(conn: &mut Conn<'_>, id: &str) -> Result<Vec<u8>, StoreError> {
    let rows = fetch_all!(conn, (Vec<u8>,), "SELECT bytes FROM upload_parts WHERE upload = $1 ORDER BY start", id)?;
    Ok(rows.into_iter().flat_map(|(bytes,)| bytes).collect())
}

/// Keeps what became of an upload and lets its pieces go. False where that is known already: another request has ended it.
pub async fn finish_upload(conn: &mut Conn<'_>, id: &str, outcome: &str) -> Result<bool, StoreError> {
    let ended = execute!(conn, "UPDATE uploads SET outcome = $1 WHERE id = $2 AND outcome IS NULL", outcome, id)?;
    execute!(conn, "DELETE FROM upload_parts WHERE upload = $1", id)?;
    Ok(ended == 1)
}

/// Gives an upload up. Nothing happens where the holder has no such upload.
pub async fn delete_upload(conn: &mut Conn<'_>, id: &str, holder: &Holder) -> Result<(), StoreError> {
    let (kind, holder) = holder.parts();
    execute!(conn, "DELETE FROM uploads WHERE id = $1 AND holder = $2 AND holder_id = $3", id, kind, holder)?;
    Ok(())
}

/// Forgets up to `most` uploads that were not taken up again, or would wait for longer than until `latest`.
pub async fn delete_old_uploads(conn: &mut Conn<'_>, now: i64, latest: i64, most: i64) -> Result<u64, StoreError> {
    Ok(execute!(
        conn,
        "DELETE FROM uploads WHERE (expires_at <= $1 OR expires_at > $3)
           AND id IN (SELECT id FROM uploads WHERE expires_at <= $1 OR expires_at > $3 LIMIT $2)",
        now,
        most,
        latest
    )?)
}
