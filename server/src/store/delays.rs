//! Returns that wait for the shop for longer than it promised.

use app::messages::Occasion;
use domain::returns::TaskKind;

use super::conn::fetch_all;
use super::returns::write_json;
use super::{Conn, StoreError};

/// Returns with a task of these kinds that was due within a span (epoch milliseconds, its first moment left out) and of which the customer was not told
/// so, nor is to be; behind the one named `after`, in the order of their numbers.
pub async fn returns_overdue(
    conn: &mut Conn<'_>,
    kinds: &[TaskKind],
    (since, until): (i64, i64),
    told: Occasion,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
    let rows = fetch_all!(
        conn,
        (String,),
        "SELECT DISTINCT late.subject FROM tasks AS late
         WHERE late.subject_kind = 'return' AND late.due > $1 AND late.due <= $2 AND late.subject > $3
           AND late.kind IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($4::JSON))
           AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.about = 'return:' || late.subject AND inbox.occasion = $5)
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.about = late.subject AND outbox.kind = $5 AND outbox.done_at IS NULL)
         ORDER BY late.subject LIMIT $6" =>
        "SELECT DISTINCT late.subject FROM tasks AS late
         WHERE late.subject_kind = 'return' AND late.due > $1 AND late.due <= $2 AND late.subject > $3
           AND late.kind IN (SELECT value FROM JSON_EACH($4))
           AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.about = 'return:' || late.subject AND inbox.occasion = $5)
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.about = late.subject AND outbox.kind = $5 AND outbox.done_at IS NULL)
         ORDER BY late.subject LIMIT $6",
        since,
        until,
        after,
        write_json("tasks", &kinds)?,
        told.mail_job(),
        limit
    )?;
    Ok(rows.into_iter().map(|(rma,)| rma).collect())
}
