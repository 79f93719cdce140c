//! The queue: what people have to do, as the projection has it, in the order in which it is to be done. Every way to look at it is one piece of an
//! index for each kind of task, so that no page of it slows with how much there is.

use domain::returns::TaskKind;
use domain::rma::RmaNumber;

use super::conn::fetch_all;
use super::{Conn, StoreError};

/// Tasks are counted as far as this; one more says that there are more.
pub const COUNTED: i64 = 1_000;

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
    /// Who has it.
    pub assignee: Option<String>,
    /// Nobody need look at it before, in epoch milliseconds; [`UNTIL_NEWS`](super::UNTIL_NEWS) where only news wake it.
    pub snoozed_until: Option<i64>,
    /// News wake it.
    pub until_news: bool,
    /// Who gave it to whoever has it, or let it sleep.
    pub said_by: Option<String>,
    /// The rule by which they did, where none of people did.
    pub rule: Option<String>,
}

/// Where a page of tasks starts: behind the one that is due then, of that value, about that subject, of that kind.
pub type TaskPosition = (i64, i64, String, String);

impl TaskRow {
    pub fn position(&self) -> TaskPosition {
        (self.due, self.value.unwrap_or(0), self.subject.clone(), self.kind.clone())
    }
}

/// Whose tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    #[default]
    Anybodys,
    Nobodys,
    Of(String),
}

/// Whether tasks are seen that sleep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asleep {
    #[default]
    LeftOut,
    Too,
    Only,
}

/// A way to look at the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// Only these, each of them once.
    pub kinds: Vec<TaskKind>,
    pub whose: Whose,
    pub asleep: Asleep,
    /// Only what is due before (epoch milliseconds).
    pub due_before: i64,
}

impl QueueView {
    /// What is to be done of these kinds, whoever has it, unless it sleeps.
    pub fn of(kinds: impl IntoIterator<Item = TaskKind>) -> Self {
        let mut kinds: Vec<TaskKind> = kinds.into_iter().collect();
        kinds.sort();
        kinds.dedup();
        Self { kinds, whose: Whose::Anybodys, asleep: Asleep::LeftOut, due_before: i64::MAX }
    }

    /// Pieces of indexes that it is made of, each with what holds in it: SQLite is told which, PostgreSQL knows.
    fn pieces(&self) -> &'static [(&'static str, &'static str)] {
        match (self.asleep, &self.whose) {
            (Asleep::LeftOut, Whose::Nobodys) => &[("tasks_of_nobody", "snoozed_until IS NULL AND assignee IS NULL")],
            (Asleep::LeftOut, Whose::Anybodys) => &[("tasks_awake", "snoozed_until IS NULL")],
            (Asleep::Only, Whose::Nobodys) => &[("tasks_asleep", "snoozed_until IS NOT NULL AND assignee IS NULL")],
            (Asleep::Only, Whose::Anybodys) => &[("tasks_asleep", "snoozed_until IS NOT NULL")],
            (Asleep::Too, Whose::Nobodys) => &[
                ("tasks_of_nobody", "snoozed_until IS NULL AND assignee IS NULL"),
                ("tasks_asleep", "snoozed_until IS NOT NULL AND assignee IS NULL"),
            ],
            (Asleep::Too, Whose::Anybodys) => &[("tasks_awake", "snoozed_until IS NULL"), ("tasks_asleep", "snoozed_until IS NOT NULL")],
            // What one person has is not much, of whatever kind it is.
            (Asleep::LeftOut, Whose::Of(_)) => &[("tasks_of_somebody", "assignee = $7 AND snoozed_until IS NULL")],
            (Asleep::Too, Whose::Of(_)) => &[("tasks_of_somebody", "assignee = $7")],
            (Asleep::Only, Whose::Of(_)) => &[("tasks_of_somebody", "assignee = $7 AND snoozed_until IS NOT NULL")],
        }
    }
}

/// What is selected of each piece, put together: of each kind by itself, as the indexes have them, but for what one person has.
fn text(view: &QueueView, sqlite: bool, select: &str, which: &str, most: &str) -> String {
    let kinds: Vec<String> = view.kinds.iter().map(|kind| format!("'{kind}'")).collect();
    let by = |index: &str| if sqlite { format!(" INDEXED BY {index}") } else { String::new() };
    let piece = |index: &str, of: &str, holds: &str| {
        format!("SELECT * FROM (SELECT {select} FROM tasks{} WHERE {of} AND {holds}{which} LIMIT {most}) AS piece", by(index))
    };
    let mut pieces = Vec::new();
    for (index, holds) in view.pieces() {
        match &view.whose {
            Whose::Of(_) => pieces.push(piece(index, &format!("kind IN ({})", kinds.join(", ")), holds)),
            _ if sqlite => pieces.extend(kinds.iter().map(|kind| piece(index, &format!("kind = {kind}"), holds))),
            // A piece for each kind would be planned for longer than it is read.
            _ => pieces.push(format!(
                "SELECT piece.* FROM UNNEST(ARRAY[{}]) AS of_kind (wanted) CROSS JOIN LATERAL
                   (SELECT {select} FROM tasks WHERE kind = of_kind.wanted AND {holds}{which} LIMIT {most}) AS piece",
                kinds.join(", ")
            )),
        }
    }
    pieces.join(" UNION ALL ")
}

type Columns =
    (String, String, String, i64, Option<i64>, Option<String>, Option<String>, Option<i64>, Option<i64>, Option<String>, Option<String>);

fn row((subject, kind, role, due, value, currency, assignee, snoozed_until, until_news, said_by, rule): Columns) -> TaskRow {
    TaskRow { subject, kind, role, due, value, currency, assignee, snoozed_until, until_news: until_news == Some(1), said_by, rule }
}

/// Binds the values of a view, in either database's text: `$1` to `$4` a position, `$5` the moment before which it is due, `$6` how many, `$7` whose.
macro_rules! of_view {
    ($conn:expr, $row:ty, $view:expr, $position:expr, $most:expr, $text:expr) => {{
        let (due, value, subject, kind) = $position;
        let (sqlite, postgres) = match &$conn {
            Conn::Sqlite(_) => ($text(true), String::new()),
            Conn::Postgres(_) => (String::new(), $text(false)),
        };
        let whose = match &$view.whose {
            Whose::Of(person) => Some(person),
            Whose::Anybodys | Whose::Nobodys => None,
        };
        fetch_all!(
            $conn,
            $row,
            sqlx::AssertSqlSafe(postgres.as_str()) => sqlx::AssertSqlSafe(sqlite.as_str()),
            *due,
            -*value,
            subject,
            kind,
            $view.due_before,
            $most,
            whose
        )
    }};
}

/// Tasks, what is due first before the rest, of two that are due together the more valuable (B23).
pub async fn list_tasks(
    conn: &mut Conn<'_>,
    view: &QueueView,
    after: Option<&TaskPosition>,
    limit: i64,
) -> Result<Vec<TaskRow>, StoreError> {
    if view.kinds.is_empty() {
        return Ok(Vec::new());
    }
    let first = (i64::MIN, i64::MAX, String::new(), String::new());
    let all = |sqlite| {
        let pieces = text(
            view,
            sqlite,
            "subject_kind, subject, kind, role, due, weight, value, currency, assignee, snoozed_until",
            " AND due < $5 AND (due, weight, subject, kind) > ($1, $2, $3, $4) ORDER BY due, weight, subject, kind",
            "$6",
        );
        format!(
            "SELECT found.subject, found.kind, found.role, found.due, found.value, found.currency, found.assignee, found.snoozed_until,
               said.until_news, said.said_by, said.rule
             FROM ({pieces}) AS found LEFT JOIN task_assignments AS said
               ON said.subject_kind = found.subject_kind AND said.subject = found.subject AND said.kind = found.kind
             ORDER BY found.due, found.weight, found.subject, found.kind LIMIT $6"
        )
    };
    let rows = of_view!(conn, Columns, view, after.unwrap_or(&first), limit, all)?;
    Ok(rows.into_iter().map(row).collect())
}

/// How many tasks of a view come up to a position, that one included, and how many there are: each as far as [`COUNTED`].
pub async fn place_in_queue(conn: &mut Conn<'_>, view: &QueueView, position: &TaskPosition) -> Result<(i64, i64), StoreError> {
    if view.kinds.is_empty() {
        return Ok((0, 0));
    }
    let all = |sqlite| {
        // A range of an index has one end: without its `+`, SQLite would take the other one, and go through all that is due.
        let upto = " AND +due < $5 AND (due, weight, subject, kind) <= ($1, $2, $3, $4)";
        let (upto, whole) = (text(view, sqlite, "1", upto, "$6"), text(view, sqlite, "1", " AND due < $5", "$6"));
        format!(
            "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM ({upto}) AS found LIMIT $6) AS counted),
               (SELECT COUNT(*) FROM (SELECT 1 FROM ({whole}) AS found LIMIT $6) AS counted)"
        )
    };
    let rows = of_view!(conn, (i64, i64), view, position, COUNTED + 1, all)?;
    Ok(rows.into_iter().next().unwrap_or_default())
}

/// How many tasks a view shows, as far as [`COUNTED`]: nothing is read but its pieces of indexes.
pub async fn count_view(conn: &mut Conn<'_>, view: &QueueView) -> Result<i64, StoreError> {
    if view.kinds.is_empty() {
        return Ok(0);
    }
    let nowhere = (0, 0, String::new(), String::new());
    let all = |sqlite| {
        let pieces = text(view, sqlite, "1", " AND due < $5", "$6");
        format!("SELECT COUNT(*) FROM (SELECT 1 FROM ({pieces}) AS found LIMIT $6) AS counted")
    };
    let rows = of_view!(conn, (i64,), view, &nowhere, COUNTED + 1, all)?;
    Ok(rows.into_iter().next().map_or(0, |(count,)| count))
}

/// How many tasks there are, each figure as far as [`COUNTED`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Of each kind that was asked for: that do not sleep, and of these those that were due before now.
    pub kinds: Vec<(TaskKind, i64, i64)>,
    /// Of all of these kinds.
    pub all: i64,
    pub overdue: i64,
    pub nobodys: i64,
    /// Of who asks.
    pub mine: i64,
    pub asleep: i64,
}

/// Counts tasks of these kinds, for who asks.
pub async fn count_tasks(conn: &mut Conn<'_>, kinds: &[TaskKind], me: &str, now: i64) -> Result<QueueCounts, StoreError> {
    let all = QueueView::of(kinds.iter().copied());
    if all.kinds.is_empty() {
        return Ok(QueueCounts::default());
    }
    let nobodys = QueueView { whose: Whose::Nobodys, ..all.clone() };
    let mine = QueueView { whose: Whose::Of(me.to_owned()), ..all.clone() };
    let asleep = QueueView { asleep: Asleep::Only, ..all.clone() };
    let counts = |sqlite| {
        // What is due first is counted first, so that of those counted as many are overdue as there are at the most.
        let of_kind = |kind: &TaskKind| {
            let view = QueueView::of([*kind]);
            let due = text(&view, sqlite, "due", " ORDER BY due, weight, subject", "$6");
            format!("SELECT '{kind}', COUNT(*), COALESCE(SUM(CASE WHEN due < $1 THEN 1 ELSE 0 END), 0)::BIGINT FROM ({due}) AS counted")
        };
        let total = |name: &str, view: &QueueView| {
            let pieces = text(view, sqlite, "1", "", "$6");
            format!("SELECT '{name}', COUNT(*), 0::BIGINT FROM (SELECT 1 FROM ({pieces}) AS found LIMIT $6) AS counted")
        };
        let of_kinds = all.kinds.iter().map(of_kind);
        let totals = [total("nobodys", &nobodys), total("mine", &mine), total("asleep", &asleep)];
        let counts = of_kinds.chain(totals).collect::<Vec<_>>().join(" UNION ALL ");
        if sqlite { counts.replace("::BIGINT", "") } else { counts }
    };
    let rows = of_view!(conn, (String, i64, i64), &mine, &(now, 0, String::new(), String::new()), COUNTED + 1, counts)?;
    let mut counted = QueueCounts::default();
    for (name, count, overdue) in rows {
        match name.as_str() {
            "nobodys" => counted.nobodys = count,
            "mine" => counted.mine = count,
            "asleep" => counted.asleep = count,
            _ => {
                let kind = name.parse().map_err(|()| StoreError::corrupt("task", name))?;
                counted.all = (counted.all + count).min(COUNTED + 1);
                counted.overdue = (counted.overdue + overdue).min(COUNTED + 1);
                counted.kinds.push((kind, count, overdue));
            }
        }
    }
    Ok(counted)
}

/// What is to be done about a return, whoever has it and whether it sleeps or not, by kind.
pub async fn tasks_of(conn: &mut Conn<'_>, rma: RmaNumber) -> Result<Vec<TaskRow>, StoreError> {
    let rows = fetch_all!(
        conn,
        Columns,
        "SELECT tasks.subject, tasks.kind, tasks.role, tasks.due, tasks.value, tasks.currency, tasks.assignee, tasks.snoozed_until, said.until_news, said.said_by, said.rule
         FROM tasks LEFT JOIN task_assignments AS said
           ON said.subject_kind = tasks.subject_kind AND said.subject = tasks.subject AND said.kind = tasks.kind
         WHERE tasks.subject_kind = 'return' AND tasks.subject = $1 ORDER BY tasks.kind",
        rma.to_string()
    )?;
    Ok(rows.into_iter().map(row).collect())
}
