//! The queue: what people have to do, as the projection has it.

use super::conn::fetch_all;
use super::{Conn, StoreError};

/// Something that a person has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    /// The return's number.
    pub subject: String,
    /// `review`, `receive`, …
    pub kind: String,
    /// Who does it.
    pub role: String,
    /// By when, in epoch milliseconds.
    pub due: i64,
    /// What is at stake, in minor units of `currency`.
    pub value: Option<i64>,
    pub currency: Option<String>,
}

type Columns = (String, String, String, i64, Option<i64>, Option<String>);

/// Where a page of tasks starts: behind the one that is due then, of that value, about that subject, of that kind.
pub type TaskPosition = (i64, i64, String, String);

impl TaskRow {
    pub fn position(&self) -> TaskPosition {
        (self.due, self.value.unwrap_or(0), self.subject.clone(), self.kind.clone())
    }
}

/// Tasks about returns, what is due first before the rest, of two that are due together the more valuable (B23): of one role or all, due before that moment
/// (epoch milliseconds).
pub async fn list_tasks(
    conn: &mut Conn<'_>,
    role: Option<&str>,
    before: i64,
    after: Option<&TaskPosition>,
    limit: i64,
) -> Result<Vec<TaskRow>, StoreError> {
    let first = (i64::MIN, i64::MAX, String::new(), String::new());
    let (due, value, subject, kind) = after.unwrap_or(&first);
    // `due >=` again, by itself: it is what the index is asked for.
    macro_rules! of {
        ($whose:literal $(, $role:expr)?) => {
            fetch_all!(
                conn,
                Columns,
                concat!(
                    "SELECT subject, kind, role, due, value, currency FROM tasks WHERE subject_kind = 'return' AND due >= $1 AND due < $2",
                    $whose,
                    " AND (due > $1 OR COALESCE(value, 0) < $3 OR (COALESCE(value, 0) = $3 AND (subject > $4 OR (subject = $4 AND kind > $5))))
                     ORDER BY due, COALESCE(value, 0) DESC, subject, kind LIMIT $6"
                ),
                due,
                before,
                value,
                subject,
                kind,
                limit
                $(, $role)?
            )
        };
    }
    let rows = match role {
        Some(role) => of!(" AND role = $7", role)?,
        None => of!("")?,
    };
    let task = |(subject, kind, role, due, value, currency): Columns| TaskRow { subject, kind, role, due, value, currency };
    Ok(rows.into_iter().map(task).collect())
}

/// How many tasks of a role there are, counted up to `most`.
pub async fn count_tasks(conn: &mut Conn<'_>, role: &str, most: i64) -> Result<i64, StoreError> {
    let counted =
        fetch_all!(conn, (i64,), "SELECT COUNT(*) FROM (SELECT 1 FROM tasks WHERE role = $1 LIMIT $2) AS open_tasks", role, most)?;
    Ok(counted.first().map_or(0, |(count,)| *count))
}
