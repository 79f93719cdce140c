//! What was uploaded to show a fault: what it is, and whose. The files themselves lie in the object store.

use domain::policy::Shows;
use domain::rma::RmaNumber;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};
use crate::evidence::Media;

/// Who holds evidence or an upload.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A return somebody is still writing.
    Draft(String),
    /// A return.
    Return(RmaNumber),
    /// The digest of an API key: uploaded by machine, for a return that is not there yet, or for what is about to be said of one.
    Key(String),
    /// The house's own, of goods of a return: taken by who looked at them. Shoppers do not see it.
    House(RmaNumber),
}

impl Holder {
    pub(super) fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Draft(id) => ("draft", id.clone()),
            Self::Return(rma) => ("return", rma.to_string()),
            Self::Key(digest) => ("key", digest.clone()),
            Self::House(rma) => ("house", rma.to_string()),
        }
    }

    pub(super) fn of(kind: &str, id: &str) -> Result<Self, StoreError> {
        match kind {
            "draft" => Ok(Self::Draft(id.to_owned())),
            "return" => id.parse().map(Self::Return).map_err(|error| StoreError::corrupt("evidence", error)),
            "key" => Ok(Self::Key(id.to_owned())),
            "house" => id.parse().map(Self::House).map_err(|error| StoreError::corrupt("evidence", error)),
            other => Err(StoreError::corrupt("evidence", format!("held by a {other}"))),
        }
    }
}

/// A photo or a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRow {
    /// `ev_` and 128 random bits.
    pub id: String,
    /// Whose.
    pub holder: Holder,
    /// Of which order; none: of every line of the return.
    pub order_key: Option<String>,
    /// Of which of its lines; none: of every line.
    pub line_id: Option<String>,
    /// What it was said to show.
    pub shows: Option<Shows>,
    /// What the file is.
    pub media: Media,
    /// What it was called, made harmless.
    pub name: String,
    /// Bytes of the file.
    pub bytes: i64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Pages.
    pub pages: u32,
    /// When it came, milliseconds.
    pub created_at: i64,
}

impl EvidenceRow {
    /// Whether it is of that line.
    pub fn is_of(&self, order_key: &str, line: &str) -> bool {
        self.order_key.as_deref().is_none_or(|key| key == order_key) && self.line_id.as_deref().is_none_or(|id| id == line)
    }
}

type Row = (String, String, String, Option<String>, Option<String>, Option<String>, String, String, i64, i64, i64, i64, i64);

fn read(row: Row) -> Result<EvidenceRow, StoreError> {
    let (id, kind, holder, order_key, line_id, shows, media, name, bytes, width, height, pages, created_at) = row;
    let number = |number: i64| u32::try_from(number).map_err(|error| StoreError::corrupt("evidence", error));
    Ok(EvidenceRow {
        id,
        holder: Holder::of(&kind, &holder)?,
        order_key,
        line_id,
        shows: shows_of(shows),
        media: Media::of_mime(&media).ok_or_else(|| StoreError::corrupt("evidence", media))?,
        name,
        bytes,
        width: number(width)?,
        height: number(height)?,
        pages: number(pages)?,
        created_at,
    })
}

/// What a newer server has a word for is like what nothing was said of.
pub(super) fn shows_of(kept: Option<String>) -> Option<Shows> {
    kept.and_then(|code| code.parse().ok())
}

/// The evidence of that name.
pub async fn find_evidence(conn: &mut Conn<'_>, id: &str) -> Result<Option<EvidenceRow>, StoreError> {
    let row = fetch_optional!(
        conn,
        Row,
        "SELECT id, holder, holder_id, order_key, line_id, shows, media, name, bytes, width, height, pages, created_at FROM evidence WHERE id = $1",
        id
    )?;
    row.map(read).transpose()
}

/// All that somebody holds, the oldest first.
pub async fn evidence_of(conn: &mut Conn<'_>, holder: &Holder) -> Result<Vec<EvidenceRow>, StoreError> {
    let (kind, id) = holder.parts();
    let rows = fetch_all!(
        conn,
        Row,
        "SELECT id, holder, holder_id, order_key, line_id, shows, media, name, bytes, width, height, pages, created_at FROM evidence
         WHERE holder = $1 AND holder_id = $2 ORDER BY created_at, id",
        kind,
        id
    )?;
    rows.into_iter().map(read).collect()
}

/// New evidence.
pub async fn insert_evidence(conn: &mut Conn<'_>, row: &EvidenceRow) -> Result<(), StoreError> {
    let (kind, holder) = row.holder.parts();
    execute!(
        conn,
        "INSERT INTO evidence (id, holder, holder_id, order_key, line_id, shows, media, name, bytes, width, height, pages, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &row.id,
        kind,
        holder,
        row.order_key.as_deref(),
        row.line_id.as_deref(),
        row.shows.map(Shows::code),
        row.media.mime(),
        &row.name,
        row.bytes,
        i64::from(row.width),
        i64::from(row.height),
        i64::from(row.pages),
        row.created_at
    )?;
    Ok(())
}

/// Evidence changes hands: from a draft or a key to the return it became part of, or from a key to the house. [`StoreError::Stale`] where another
/// return has taken it.
pub async fn hand_over_evidence(conn: &mut Conn<'_>, id: &str, from: &Holder, to: &Holder) -> Result<(), StoreError> {
    let ((kind, holder), (to_kind, to)) = (from.parts(), to.parts());
    let moved = execute!(
        conn,
        "UPDATE evidence SET holder = $1, holder_id = $2 WHERE id = $3 AND holder = $4 AND holder_id = $5",
        to_kind,
        to,
        id,
        kind,
        holder
    )?;
    if moved == 1 { Ok(()) } else { Err(StoreError::Stale("evidence")) }
}

/// Forgets one. False where the holder has no such evidence (any more).
pub async fn delete_evidence(conn: &mut Conn<'_>, id: &str, holder: &Holder) -> Result<bool, StoreError> {
    let (kind, holder) = holder.parts();
    Ok(execute!(conn, "DELETE FROM evidence WHERE id = $1 AND holder = $2 AND holder_id = $3", id, kind, holder)? == 1)
}

/// Forgets up to `most` of what belonged to drafts that are gone, and of what machines uploaded before a moment and never used. Answers the
/// names: their files are to be deleted.
pub async fn delete_abandoned_evidence(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(
        conn,
        (String,),
        // It may be handed over to a return in this moment: then its holder is another.
        "DELETE FROM evidence WHERE holder IN ('draft', 'key') AND id IN (SELECT id FROM evidence
           WHERE (holder = 'draft' AND NOT EXISTS (SELECT 1 FROM drafts WHERE drafts.id = evidence.holder_id))
           OR (holder = 'key' AND created_at < $1) LIMIT $2) RETURNING id",
        before,
        most
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Those of the names that are evidence.
pub async fn known_evidence(conn: &mut Conn<'_>, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let names = serde_json::to_string(ids).map_err(|error| StoreError::corrupt("evidence", error))?;
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT id FROM evidence WHERE id IN (SELECT json_array_elements_text($1::json))"
            => "SELECT id FROM evidence WHERE id IN (SELECT value FROM json_each($1))",
        names
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Names of evidence that follow a name, up to `most`.
pub async fn evidence_after(conn: &mut Conn<'_>, after: &str, most: i64) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(conn, (String,), "SELECT id FROM evidence WHERE id > $1 ORDER BY id LIMIT $2", after, most)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
