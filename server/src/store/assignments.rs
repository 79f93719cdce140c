//! Who does a task, and until when nobody need look at it: said by people, and kept beside what is derived. Whoever says so holds the return's row, as
//! whoever writes its tasks does, so that nothing is said of a task that has ended.

use domain::returns::{Role, TaskKind};
use domain::rma::RmaNumber;

use super::conn::{execute, fetch_all, fetch_optional};
use super::counters::next_number;
use super::queue::{QueueView, Whose, list_tasks};
use super::{Conn, Store, StoreError};

/// It sleeps until something comes from outside, whenever that is.
pub const UNTIL_NEWS: i64 = i64::MAX;
/// Tasks looked at in one go.
const BATCH: i64 = 100;
/// How often a task is looked for that somebody else took in the same moment.
const TRIES: usize = 20;

/// A task of a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TaskName {
    pub rma: RmaNumber,
    pub kind: TaskKind,
}

/// Who has a task, as whoever wants to change that has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// That does not matter.
    ByWhoever,
    ByNobody,
    By(String),
}

/// What became of a word about a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    Done,
    /// It was so before.
    Already,
    /// Somebody else has it by now, or nobody.
    Otherwise(Option<String>),
    /// There is no such task any more.
    Gone,
    /// Whoever says so does not do such tasks.
    NotTheirs,
}

/// What was said of a task.
struct Standing {
    assignee: Option<String>,
    snoozed_until: Option<i64>,
    until_news: bool,
    /// The rule that gave it to them.
    rule: Option<String>,
}

/// Takes the return for this transaction; nothing where it has no such task.
async fn hold(conn: &mut Conn<'_>, task: TaskName) -> Result<Option<Standing>, StoreError> {
    let rma = task.rma.to_string();
    fetch_optional!(
        conn,
        (String,),
        "SELECT rma FROM returns WHERE rma = $1 FOR NO KEY UPDATE" => "SELECT rma FROM returns WHERE rma = $1",
        &rma
    )?;
    let row = fetch_optional!(
        conn,
        (Option<String>, Option<i64>, Option<i64>, Option<String>),
        "SELECT tasks.assignee, tasks.snoozed_until, said.until_news, said.rule FROM tasks LEFT JOIN task_assignments AS said
           ON said.subject_kind = tasks.subject_kind AND said.subject = tasks.subject AND said.kind = tasks.kind
         WHERE tasks.subject_kind = 'return' AND tasks.subject = $1 AND tasks.kind = $2",
        rma,
        task.kind.code()
    )?;
    let standing = |(assignee, snoozed_until, news, rule)| Standing { assignee, snoozed_until, until_news: news == Some(1), rule };
    Ok(row.map(standing))
}

/// Whoever calls holds the return's row.
async fn write(conn: &mut Conn<'_>, task: TaskName, standing: &Standing, by: &str) -> Result<(), StoreError> {
    execute!(
        conn,
        "WITH its_task AS (UPDATE tasks SET assignee = $3, snoozed_until = $4 WHERE subject_kind = 'return' AND subject = $1 AND kind = $2)
         INSERT INTO task_assignments (subject_kind, subject, kind, assignee, snoozed_until, until_news, said_by, rule)
         VALUES ('return', $1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (subject_kind, subject, kind) DO UPDATE SET assignee = excluded.assignee, snoozed_until = excluded.snoozed_until,
           until_news = excluded.until_news, said_by = excluded.said_by, rule = excluded.rule" =>
        "UPDATE tasks SET assignee = $3, snoozed_until = $4 WHERE subject_kind = 'return' AND subject = $1 AND kind = $2;
         INSERT INTO task_assignments (subject_kind, subject, kind, assignee, snoozed_until, until_news, said_by, rule)
         VALUES ('return', $1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (subject_kind, subject, kind) DO UPDATE SET assignee = excluded.assignee, snoozed_until = excluded.snoozed_until,
           until_news = excluded.until_news, said_by = excluded.said_by, rule = excluded.rule",
        task.rma.to_string(),
        task.kind.code(),
        &standing.assignee,
        standing.snoozed_until,
        i64::from(standing.until_news),
        by,
        standing.rule.as_deref()
    )?;
    Ok(())
}

/// Gives a task to somebody, or to nobody, where it still is as whoever says so has seen it.
pub async fn assign_task(conn: &mut Conn<'_>, task: TaskName, to: Option<&str>, held: &Held, by: &str) -> Result<Assigned, StoreError> {
    assign(conn, task, to, held, by, None).await
}

async fn assign(
    conn: &mut Conn<'_>,
    task: TaskName,
    to: Option<&str>,
    held: &Held,
    by: &str,
    rule: Option<&str>,
) -> Result<Assigned, StoreError> {
    let Some(before) = hold(conn, task).await? else { return Ok(Assigned::Gone) };
    if before.assignee.as_deref() == to {
        return Ok(Assigned::Already);
    }
    let as_seen = match held {
        Held::ByWhoever => true,
        Held::ByNobody => before.assignee.is_none(),
        Held::By(person) => before.assignee.as_deref() == Some(person),
    };
    if !as_seen {
        return Ok(Assigned::Otherwise(before.assignee));
    }
    let standing = Standing { assignee: to.map(str::to_owned), rule: rule.map(str::to_owned), ..before };
    write(conn, task, &standing, by).await?;
    Ok(Assigned::Done)
}

/// Lets a task sleep until a moment (epoch milliseconds; [`UNTIL_NEWS`]), or until something comes from outside where that is earlier. Nothing: it
/// wakes.
pub async fn let_sleep(
    conn: &mut Conn<'_>,
    task: TaskName,
    until: Option<i64>,
    until_news: bool,
    by: &str,
) -> Result<Assigned, StoreError> {
    let Some(before) = hold(conn, task).await? else { return Ok(Assigned::Gone) };
    let until_news = until.is_some() && until_news;
    if (before.snoozed_until, before.until_news) == (until, until_news) {
        return Ok(Assigned::Already);
    }
    write(conn, task, &Standing { snoozed_until: until, until_news, ..before }, by).await?;
    Ok(Assigned::Done)
}

/// Gives what is most urgent of what nobody has, for people of a role, to whoever of those present it is the turn of: who was given something the
/// longest time ago. Nothing where nobody is there, or nothing to do.
pub async fn assign_next_task(
    conn: &mut Conn<'_>,
    role: Role,
    present: &[String],
    by: &str,
) -> Result<Option<(TaskName, String)>, StoreError> {
    if present.is_empty() {
        return Ok(None);
    }
    let (turn, whose) = whose_turn(conn, role.code(), present).await?;
    let of_role = TaskKind::ALL.iter().copied().filter(|kind| kind.role() == role);
    let view = QueueView { whose: Whose::Nobodys, ..QueueView::of(of_role) };
    for _ in 0..TRIES {
        let Some(first) = list_tasks(conn, &view, None, 1).await?.pop() else { return Ok(None) };
        let task = name_of(&first.subject, &first.kind)?;
        if assign_task(conn, task, Some(&whose), &Held::ByNobody, by).await? != Assigned::Done {
            continue;
        }
        had_turn(conn, role.code(), &whose, turn).await?;
        return Ok(Some((task, whose)));
    }
    Ok(None)
}

/// Whose turn it is among `present`, of a role or a rule, and the turn's number: who was given something the longest time ago. The running number is
/// taken first, and held until the end: of two servers one waits here for the other.
async fn whose_turn(conn: &mut Conn<'_>, of: &str, present: &[String]) -> Result<(i64, String), StoreError> {
    let turn = next_number(conn, &format!("task_turn:{of}")).await?;
    let had = fetch_all!(
        conn,
        (String, i64),
        "SELECT staff, turn FROM task_turns WHERE role = $1 AND staff IN (SELECT JSON_ARRAY_ELEMENTS_TEXT($2::JSON))" =>
        "SELECT staff, turn FROM task_turns WHERE role = $1 AND staff IN (SELECT value FROM JSON_EACH($2))",
        of,
        serde_json::to_string(present).map_err(|error| StoreError::corrupt("staff", error))?
    )?;
    let last = |person: &str| had.iter().find(|(staff, _)| staff == person).map_or(0, |(_, turn)| *turn);
    let whose = present.iter().min_by_key(|person| (last(person), *person));
    Ok((turn, whose.cloned().unwrap_or_default()))
}

async fn had_turn(conn: &mut Conn<'_>, of: &str, whose: &str, turn: i64) -> Result<(), StoreError> {
    execute!(
        conn,
        "INSERT INTO task_turns (role, staff, turn) VALUES ($1, $2, $3) ON CONFLICT (role, staff) DO UPDATE SET turn = excluded.turn",
        of,
        whose,
        turn
    )?;
    Ok(())
}

/// Gives a task that nobody has to whoever of a rule's people it is the turn of; false where somebody has it by now. Some are present.
pub async fn give_by_rule(conn: &mut Conn<'_>, task: TaskName, id: &str, name: &str, present: &[String]) -> Result<bool, StoreError> {
    let of = format!("rule:{id}");
    let (turn, whose) = whose_turn(conn, &of, present).await?;
    if assign(conn, task, Some(&whose), &Held::ByNobody, "rule", Some(name)).await? != Assigned::Done {
        return Ok(false);
    }
    had_turn(conn, &of, &whose, turn).await?;
    Ok(true)
}

/// Gives a task that is late to whoever of a rule's people it is the turn of, where `had` still has it; false where that is otherwise by now. Some are
/// present.
pub async fn escalate(
    conn: &mut Conn<'_>,
    task: TaskName,
    had: Option<String>,
    id: &str,
    name: &str,
    present: &[String],
) -> Result<bool, StoreError> {
    let of = format!("rule:{id}");
    let (turn, whose) = whose_turn(conn, &of, present).await?;
    let held = had.map_or(Held::ByNobody, Held::By);
    if assign(conn, task, Some(&whose), &held, "rule", Some(name)).await? != Assigned::Done {
        return Ok(false);
    }
    had_turn(conn, &of, &whose, turn).await?;
    Ok(true)
}

/// Gives everything that somebody has to nobody. Answers how much that was.
pub async fn release_tasks_of(store: &Store, person: &str, by: &str) -> Result<u64, StoreError> {
    let mut released = 0;
    loop {
        let text = "SELECT subject, kind FROM tasks WHERE subject_kind = 'return' AND assignee = $1 LIMIT $2";
        let batch = fetch_all!(&mut store.read().await?.conn(), (String, String), text, person, BATCH)?;
        if batch.is_empty() {
            return Ok(released);
        }
        for (subject, kind) in batch {
            let (task, held, by) = (name_of(&subject, &kind)?, Held::By(person.to_owned()), by.to_owned());
            store.write(move |mut conn| Box::pin(async move { assign_task(&mut conn, task, None, &held, &by).await })).await?;
            released += 1;
        }
    }
}

/// Wakes what has slept long enough. Answers how much that was.
pub async fn wake_due_tasks(store: &Store, now: i64) -> Result<u64, StoreError> {
    let mut woken = 0;
    loop {
        let text = "SELECT subject, kind FROM task_assignments WHERE subject_kind = 'return' AND snoozed_until <= $1 ORDER BY snoozed_until, subject, kind LIMIT $2";
        let batch = fetch_all!(&mut store.read().await?.conn(), (String, String), text, now, BATCH)?;
        if batch.is_empty() {
            return Ok(woken);
        }
        for (subject, kind) in batch {
            let task = name_of(&subject, &kind)?;
            store.write(move |mut conn| Box::pin(async move { wake(&mut conn, task, now).await })).await?;
            woken += 1;
        }
    }
}

async fn wake(conn: &mut Conn<'_>, task: TaskName, now: i64) -> Result<(), StoreError> {
    hold(conn, task).await?;
    // Of a task that is gone as well: what a server of the version before ended left it behind.
    execute!(
        conn,
        "WITH its_task AS (UPDATE tasks SET snoozed_until = NULL WHERE subject_kind = 'return' AND subject = $1 AND kind = $2 AND snoozed_until <= $3)
         UPDATE task_assignments SET snoozed_until = NULL, until_news = 0
         WHERE subject_kind = 'return' AND subject = $1 AND kind = $2 AND snoozed_until <= $3" =>
        "UPDATE tasks SET snoozed_until = NULL WHERE subject_kind = 'return' AND subject = $1 AND kind = $2 AND snoozed_until <= $3;
         UPDATE task_assignments SET snoozed_until = NULL, until_news = 0
         WHERE subject_kind = 'return' AND subject = $1 AND kind = $2 AND snoozed_until <= $3",
        task.rma.to_string(),
        task.kind.code(),
        now
    )?;
    Ok(())
}

/// Wakes what of a return sleeps until something comes from outside. Whoever calls holds the return's row.
pub(super) async fn wake_by_news(conn: &mut Conn<'_>, rma: &str) -> Result<(), StoreError> {
    execute!(
        conn,
        "WITH woken AS (UPDATE task_assignments SET snoozed_until = NULL, until_news = 0
             WHERE subject_kind = 'return' AND subject = $1 AND until_news = 1 RETURNING kind)
         UPDATE tasks SET snoozed_until = NULL FROM woken
         WHERE tasks.subject_kind = 'return' AND tasks.subject = $1 AND tasks.kind = woken.kind" =>
        "UPDATE tasks SET snoozed_until = NULL WHERE subject_kind = 'return' AND subject = $1 AND kind IN
           (SELECT kind FROM task_assignments WHERE subject_kind = 'return' AND subject = $1 AND until_news = 1);
         UPDATE task_assignments SET snoozed_until = NULL, until_news = 0
         WHERE subject_kind = 'return' AND subject = $1 AND until_news = 1",
        rma
    )?;
    Ok(())
}

/// Says of a return's tasks anew what people said. Whoever calls holds the return's row.
pub(super) async fn say_again(conn: &mut Conn<'_>, rma: &str) -> Result<(), StoreError> {
    execute!(
        conn,
        "UPDATE tasks SET
           assignee = (SELECT said.assignee FROM task_assignments AS said
             WHERE said.subject_kind = tasks.subject_kind AND said.subject = tasks.subject AND said.kind = tasks.kind),
           snoozed_until = (SELECT said.snoozed_until FROM task_assignments AS said
             WHERE said.subject_kind = tasks.subject_kind AND said.subject = tasks.subject AND said.kind = tasks.kind)
         WHERE subject_kind = 'return' AND subject = $1",
        rma
    )?;
    Ok(())
}

fn name_of(subject: &str, kind: &str) -> Result<TaskName, StoreError> {
    let rma = subject.parse().map_err(|error| StoreError::corrupt("task", format!("{subject}: {error}")))?;
    let kind = kind.parse().map_err(|()| StoreError::corrupt("task", kind))?;
    Ok(TaskName { rma, kind })
}
