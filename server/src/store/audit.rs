//! Who did what: rows that the database keeps as they were written, in a chain of hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::conn::{execute, fetch_all, fetch_optional};
use super::{Conn, StoreError};

/// Something that somebody did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditNote {
    /// When, in epoch milliseconds.
    pub at: i64,
    /// Who: the name of a member of staff in the house's books, `key:` and a key's name, or `operator`.
    pub actor: String,
    /// What: the code of a command, `sign_in`, …
    pub what: String,
    /// What it was done to: `return:R-…`, `staff:…`.
    pub subject: String,
    /// From where, as a seal.
    pub address: Option<String>,
    /// How it stood before, in machine words.
    pub before: Option<String>,
    /// And after.
    pub after: Option<String>,
    /// Personal values and free text, JSON: kept apart, and erased on request.
    pub private: Option<String>,
}

/// A row of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub id: String,
    pub note: AuditNote,
    /// Digest of what stands apart.
    pub digest: Option<String>,
    /// Its place in the chain, from 1.
    pub seq: Option<i64>,
    pub hash: Option<String>,
}

/// What a chain begins with.
const BEGINNING: &str = "homebound audit 1";
/// Rows that are put into the chain at once.
const BATCH: i64 = 500;

fn hash(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        // Lengths keep two rows from being read as one another.
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

impl AuditRow {
    /// Its hash, after the one before it.
    fn sealed(&self, before: &str, seq: i64) -> String {
        let told = |value: &Option<String>| value.clone().map_or_else(|| "-".to_owned(), |value| format!("+{value}"));
        let AuditNote { at, actor, what, subject, .. } = &self.note;
        let (seq, at) = (seq.to_string(), at.to_string());
        let rest = [&self.note.address, &self.note.before, &self.note.after, &self.digest].map(told);
        let [address, was, is, private] = &rest;
        hash(&[before, &seq, &self.id, &at, actor, what, subject, address, was, is, private])
    }
}

/// Writes down what was done, in the transaction in which it is.
pub async fn note_audit(conn: &mut Conn<'_>, note: &AuditNote) -> Result<(), StoreError> {
    let id = Uuid::now_v7().to_string();
    let mut digest = None;
    if let Some(value) = &note.private {
        let salt = crate::secrets::token();
        digest = Some(hash(&[&salt, value]));
        execute!(conn, "INSERT INTO audit_private (id, salt, value) VALUES ($1, $2, $3)", &id, salt, value)?;
    }
    execute!(
        conn,
        "INSERT INTO audit (id, at, actor, what, subject, address, before, after, private) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &id,
        note.at,
        &note.actor,
        &note.what,
        &note.subject,
        note.address.as_deref(),
        note.before.as_deref(),
        note.after.as_deref(),
        digest
    )?;
    Ok(())
}

type Columns =
    (String, i64, String, String, String, Option<String>, Option<String>, Option<String>, Option<String>, Option<i64>, Option<String>);

macro_rules! columns {
    () => {
        "id, at, actor, what, subject, address, before, after, private, seq, hash"
    };
}

fn row((id, at, actor, what, subject, address, before, after, digest, seq, hash): Columns) -> AuditRow {
    AuditRow { id, note: AuditNote { at, actor, what, subject, address, before, after, private: None }, digest, seq, hash }
}

/// Whether something is to be put into the chain.
pub async fn audit_waits(conn: &mut Conn<'_>) -> Result<bool, StoreError> {
    Ok(fetch_optional!(conn, (String,), "SELECT id FROM audit WHERE seq IS NULL ORDER BY at, id LIMIT 1")?.is_some())
}

/// Puts what is new into the chain, a batch of it; answers how much that was. One server at a time.
pub async fn seal_audit(conn: &mut Conn<'_>) -> Result<usize, StoreError> {
    // The row of this counter is locked till the transaction ends.
    super::next_number(conn, "audit").await?;
    let last = fetch_optional!(conn, (i64, String), "SELECT seq, hash FROM audit WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1")?;
    let (mut seq, mut before) = last.unwrap_or((0, BEGINNING.to_owned()));
    let rows = fetch_all!(conn, Columns, concat!("SELECT ", columns!(), " FROM audit WHERE seq IS NULL ORDER BY at, id LIMIT $1"), BATCH)?;
    let count = rows.len();
    for row in rows.into_iter().map(row) {
        seq += 1;
        before = row.sealed(&before, seq);
        execute!(conn, "UPDATE audit SET seq = $2, hash = $3 WHERE id = $1", &row.id, seq, &before)?;
    }
    Ok(count)
}

/// Rows of the chain after a place, in order.
pub async fn audit_after(conn: &mut Conn<'_>, seq: i64, most: i64) -> Result<Vec<AuditRow>, StoreError> {
    let rows = fetch_all!(conn, Columns, concat!("SELECT ", columns!(), " FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2"), seq, most)?;
    Ok(rows.into_iter().map(row).collect())
}

/// What was done to something, the latest first, with what stands apart as far as it was not erased.
pub async fn audit_of(conn: &mut Conn<'_>, subject: &str, most: i64) -> Result<Vec<AuditRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        concat!("SELECT ", columns!(), " FROM audit WHERE subject = $1 ORDER BY at DESC, id DESC LIMIT $2"),
        subject,
        most
    )?;
    Ok(rows.into_iter().map(row).collect())
}

/// What is wrong with the trail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    #[error("row {0} is not as it was written, or another is in its place")]
    Changed(i64),
    #[error("row {0} is missing")]
    Missing(i64),
    #[error("what stands apart of row {0} is not what was written")]
    PrivateChanged(i64),
}

/// How a trail was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFound {
    /// Rows in the chain.
    pub rows: i64,
    /// Of them, how many had what stands apart erased.
    pub erased: i64,
    /// The hash of the last: kept elsewhere, it shows later that nothing was cut off.
    pub last: Option<String>,
    /// Rows that are not in the chain yet.
    pub waiting: i64,
    pub faults: Vec<AuditFault>,
}

/// Reads the whole chain, and compares it with itself.
pub async fn verify_audit(conn: &mut Conn<'_>) -> Result<AuditFound, StoreError> {
    let mut found = AuditFound::default();
    let mut before = BEGINNING.to_owned();
    let mut seq = 0;
    loop {
        let rows = audit_after(conn, seq, BATCH).await?;
        let Some(last) = rows.last().and_then(|row| row.seq) else { break };
        for row in rows {
            let place = row.seq.unwrap_or_default();
            for missing in seq + 1..place {
                found.faults.push(AuditFault::Missing(missing));
            }
            if row.hash.as_deref() != Some(row.sealed(&before, place).as_str()) && seq + 1 == place {
                found.faults.push(AuditFault::Changed(place));
            }
            if let Some(digest) = &row.digest {
                let apart = fetch_optional!(conn, (String, String), "SELECT salt, value FROM audit_private WHERE id = $1", &row.id)?;
                match apart {
                    None => found.erased += 1,
                    Some((salt, value)) if hash(&[&salt, &value]) != *digest => found.faults.push(AuditFault::PrivateChanged(place)),
                    Some(_) => {}
                }
            }
            before = row.hash.unwrap_or_default();
            seq = place;
            found.rows += 1;
        }
        seq = last;
    }
    found.last = (found.rows > 0).then_some(before);
    let waiting = fetch_optional!(conn, (i64,), "SELECT COUNT(*) FROM audit WHERE seq IS NULL")?;
    found.waiting = waiting.map_or(0, |(count,)| count);
    Ok(found)
}
