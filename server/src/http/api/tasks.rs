//! The queue by machine: what people have to do.

use axum::extract::{Query, State};
use domain::money::{Currency, Money};
use domain::returns::{Return, Role, Task, TaskKind, tasks};
use domain::rma::RmaNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Fields;
use super::json::Json;
use super::page;
use super::problem::Problem;
use super::shapes::MoneyOut;
use crate::desks::MachineDesk;
use crate::http::state::AppState;
use crate::store::{Asleep, QueueView, StoreError, TaskPosition, TaskRow, Whose};

/// Who has tasks.
pub(super) const ROLES: [Role; 4] = [Role::Support, Role::Warehouse, Role::Workshop, Role::Finance];
/// Bytes of the name of an account.
const LONGEST_ASSIGNEE: usize = 100;
pub(super) const STATUSES: [&str; 2] = ["open", "overdue"];

/// Which tasks to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TasksQuery {
    /// Only of whoever does it: `support`, `warehouse`, `workshop`, `finance`.
    pub role: Option<String>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// `open` (all of them; if left out) or `overdue`.
    pub status: Option<String>,
    /// Only what this member of staff has.
    #[param(min_length = 1, max_length = 100)]
    pub assignee: Option<String>,
    /// `false`: only what nobody has.
    pub assigned: Option<bool>,
    /// Whether they sleep: `false` if left out; `true` lists those alone.
    pub snoozed: Option<bool>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// Something that a person has to do about a return. It is gone when it is done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskOut {
    /// The return.
    #[schema(value_type = String)]
    pub rma: RmaNumber,
    /// `review`, `check_money`, `issue_label`, `arrange_transport`, `chase_parcel`, `renew_label`, `trace_parcel`, `receive`, `inspect`,
    /// `resolve`, `answer_appeal`, `put_away`, `send_back`, `settle`, `release`, `pay`, `send_item`, `repair`, `answer_customer`.
    pub kind: String,
    /// Who does it: `support`, `warehouse`, `workshop`, `finance`.
    pub role: String,
    /// By when it must be done for what was promised to hold.
    #[schema(value_type = String, format = DateTime)]
    pub due: Timestamp,
    /// That is over.
    pub overdue: bool,
    /// What is at stake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<MoneyOut>,
    /// The member of staff who has it; of lists of tasks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// It sleeps; of lists of tasks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<SnoozedOut>,
}

/// Until when a task sleeps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Snoozed)]
pub struct SnoozedOut {
    /// Left out where only what happens wakes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// It wakes as well when the customer, a carrier or another system says something.
    pub until_news: bool,
}

/// A page of tasks.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskPage)]
pub struct TasksOut {
    /// What is due first before the rest; of two that are due together the more valuable.
    items: Vec<TaskOut>,
    /// Where the next page starts; nothing: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What people have to do, the most urgent first.
#[utoipa::path(
    get, path = "/v1/tasks", tag = "tasks", operation_id = "list_tasks", params(TasksQuery),
    responses((status = 200, body = TasksOut), (status = 422, description = "A cursor that this call did not give"))
)]
pub async fn list_tasks(
    State(state): State<AppState>,
    desk: MachineDesk,
    Query(query): Query<TasksQuery>,
) -> Result<Json<TasksOut>, Problem> {
    let mut fields = Fields::default();
    let roles = ROLES.map(Role::code);
    if query.role.as_deref().is_some_and(|role| !roles.contains(&role)) {
        fields.wrong("role", format!("is one of {}", roles.join(", ")));
    }
    let kind = query.kind.as_deref().map(str::parse::<TaskKind>);
    if kind == Some(Err(())) {
        fields.wrong("kind", format!("is one of {}", TaskKind::ALL.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(", ")));
    }
    let now = state.services.clock.now();
    let due_before = match query.status.as_deref() {
        None | Some("open") => i64::MAX,
        Some("overdue") => now.as_millisecond(),
        Some(_) => {
            fields.wrong("status", format!("is one of {}", STATUSES.join(", ")));
            i64::MAX
        }
    };
    let whose = match (query.assignee, query.assigned) {
        (Some(_), Some(false)) => {
            fields.wrong("assigned", "is left out, or true, where an assignee is named");
            Whose::Nobodys
        }
        (Some(person), _) => {
            if !(1..=LONGEST_ASSIGNEE).contains(&person.chars().count()) {
                fields.wrong("assignee", format!("is between 1 and {LONGEST_ASSIGNEE} characters long"));
            }
            Whose::Of(person)
        }
        (None, Some(false)) => Whose::Nobodys,
        (None, _) => Whose::Anybodys,
    };
    let asked = |asked: &TaskKind| {
        query.role.as_deref().is_none_or(|role| asked.role().code() == role) && kind.is_none_or(|kind| kind == Ok(*asked))
    };
    let asleep = if query.snoozed == Some(true) { Asleep::Only } else { Asleep::LeftOut };
    let view = QueueView { whose, asleep, due_before, ..QueueView::of(TaskKind::ALL.iter().copied().filter(asked)) };
    let known = |name: &str| position_of(name).map(|(value, subject, kind)| name_of(value, &subject, &kind));
    let (after, limit) = page::wanted(query.cursor.as_deref(), query.limit, known, &mut fields);
    fields.checked()?;
    let after: Option<TaskPosition> = after.and_then(|(due, name)| {
        let (value, subject, kind) = position_of(&name)?;
        Some((due, value, subject, kind))
    });
    let mut found = desk.tasks(&view, after.as_ref(), limit + 1).await?;
    let next_cursor = page::cut(&mut found, limit, |last| {
        let (due, value, subject, kind) = last.position();
        (due, name_of(value, &subject, &kind))
    });
    let items = found.iter().map(|row| task(row, now)).collect::<Result<_, _>>()?;
    Ok(Json(TasksOut { items, next_cursor }))
}

/// What people have to do about a return.
pub(super) fn tasks_of(request: &Return, now: Timestamp) -> Vec<TaskOut> {
    let task = |task: &Task| TaskOut {
        rma: request.rma,
        kind: task.kind.code().to_owned(),
        role: task.role().code().to_owned(),
        due: task.due,
        overdue: task.due < now,
        value: task.value.map(MoneyOut::from),
        assignee: None,
        snoozed: None,
    };
    tasks(request, now).0.iter().map(task).collect()
}

/// What stands in a cursor beside the moment.
fn name_of(value: i64, subject: &str, kind: &str) -> String {
    format!("{value}:{subject}:{kind}")
}

fn position_of(name: &str) -> Option<(i64, String, String)> {
    let [value, subject, kind] = name.splitn(3, ':').collect::<Vec<_>>().try_into().ok()?;
    let rma: RmaNumber = subject.parse().ok()?;
    Some((value.parse().ok()?, rma.to_string(), kind.parse::<TaskKind>().ok()?.code().to_owned()))
}

fn task(row: &TaskRow, now: Timestamp) -> Result<TaskOut, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::corrupt("task", error);
    let due = Timestamp::from_millisecond(row.due).map_err(|error| corrupt(&error))?;
    let currency: Option<Currency> = row.currency.as_deref().map(str::parse).transpose().map_err(|error| corrupt(&error))?;
    let value = row.value.zip(currency).map(|(minor, currency)| MoneyOut::from(Money::new(minor, currency)));
    let rma = row.subject.parse().map_err(|error| corrupt(&error))?;
    let snoozed = |until| SnoozedOut { until: Timestamp::from_millisecond(until).ok(), until_news: row.until_news };
    Ok(TaskOut {
        rma,
        kind: row.kind.clone(),
        role: row.role.clone(),
        due,
        overdue: due < now,
        value,
        assignee: row.assignee.clone(),
        snoozed: row.snoozed_until.map(snoozed),
    })
}
