//! Returns that wait for the shop for longer than it promised.

use app::messages::Occasion;
use domain::returns::TaskKind;

use super::conn::fetch_all;
use super::inbox::RETURN;
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
    let kinds: Vec<String> = kinds.iter().map(|kind| format!("'{kind}'")).collect();
    let text = format!(
        "SELECT DISTINCT late.subject FROM tasks AS late
         WHERE late.subject_kind = 'return' AND late.due > $1 AND late.due <= $2 AND late.subject > $3 AND late.kind IN ({})
           AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.about = '{RETURN}' || late.subject AND inbox.occasion = $4)
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.about = late.subject AND outbox.kind = $4 AND outbox.done_at IS NULL)
         ORDER BY late.subject LIMIT $5",
        kinds.join(", ")
    );
    let rows = fetch_all!(conn, (String,), sqlx::AssertSqlSafe(text.as_str()), since, until, after, told.mail_job(), limit)?;
    Ok(rows.into_iter().map(|(rma,)| rma).collect())
}
