//! Tasks, the queue of everyone at work. Who does them, and who sleeps on them, stands apart in `task_assignments`.

use domain::returns::{self, Return, Task};
use jiff::Timestamp;

/// What a return is called among the subjects of tasks.
pub(super) const RETURN: &str = "return";

table! {
    /// A task of a subject.
    tasks, key "subject_kind, subject, kind", subject, {
        subject_kind: String as "TEXT",
        kind: String as "TEXT",
        role: String as "TEXT",
        due: i64 as "BIGINT",
        value: Option<i64> as "BIGINT",
        currency: Option<String> as "TEXT",
        weight: i64 as "BIGINT",
    }
}

/// The tasks of a return at `now`, and when they change next, in epoch milliseconds.
pub(super) fn of(request: &Return, now: Timestamp) -> (Vec<Row>, Option<i64>) {
    let (found, next) = returns::tasks(request, now);
    let row = |task: &Task| Row {
        subject: request.rma.to_string(),
        subject_kind: RETURN.to_owned(),
        kind: task.kind.code().to_owned(),
        role: task.role().code().to_owned(),
        due: task.due.as_millisecond(),
        value: task.value.map(|value| value.minor),
        currency: task.value.map(|value| value.currency.code().to_owned()),
        weight: -task.value.map_or(0, |value| value.minor),
    };
    let mut rows: Vec<Row> = found.iter().map(row).collect();
    rows.sort_by(|a, b| a.kind.cmp(&b.kind));
    (rows, next.map(upwards))
}

/// Never before the moment: looked at then, it has changed.
fn upwards(moment: Timestamp) -> i64 {
    moment.as_millisecond() + i64::from(moment.subsec_nanosecond() % 1_000_000 > 0)
}
