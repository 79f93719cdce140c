//! What is to be done.

use app::ports::{DeskError, QueueAsked, QueuePage, TaskView};
use domain::money::Money;
use domain::reason::Reason;
use domain::returns::{Return, Role, TaskKind};
use domain::rma::RmaNumber;
use domain::staff::Member;
use jiff::Timestamp;

use super::StaffDesk;
use crate::desks::failed;
use crate::store::{self, StoreError, TaskPosition, TaskRow};

/// Rows of a page.
const PAGE: usize = 40;
/// More open tasks than this are "many".
const COUNTED: i64 = 1_000;

impl StaffDesk {
    pub(super) async fn queue(&self, asked: QueueAsked) -> Result<QueuePage, DeskError> {
        let member = self.member()?.clone();
        let told = self.take_kept("/staff").await?.told;
        let roles: Vec<Role> = member.roles.of_tasks().into_iter().filter(|role| asked.role.is_none_or(|only| only == *role)).collect();
        let before = if asked.overdue { self.services.clock.millis() } else { i64::MAX };
        let after = asked.after.as_deref().and_then(position);
        let (mut rows, views) = self.rows(&roles, before, after.as_ref()).await.map_err(|error| failed(&error))?;
        let next = (rows.len() > PAGE).then(|| {
            rows.truncate(PAGE);
            rows.last().map(|row| written(&row.position())).unwrap_or_default()
        });
        let tasks =
            rows.iter().filter_map(|row| self.view(row, views.iter().find(|found| found.rma.to_string() == row.subject)?)).collect();
        Ok(QueuePage { rail: self.rail(told).await?, asked, tasks, next })
    }

    /// A page of tasks and one more, the most urgent of all roles first; with the returns that they are about.
    async fn rows(&self, roles: &[Role], before: i64, after: Option<&TaskPosition>) -> Result<(Vec<TaskRow>, Vec<Return>), StoreError> {
        let mut read = self.services.store.read().await?;
        let mut rows: Vec<TaskRow> = Vec::new();
        for role in roles {
            rows.extend(store::list_tasks(&mut read.conn(), Some(role.code()), before, after, PAGE as i64 + 1).await?);
        }
        rows.sort_by(|a, b| {
            let key = |row: &TaskRow| (row.due, -row.value.unwrap_or(0), row.subject.clone(), row.kind.clone());
            key(a).cmp(&key(b))
        });
        rows.truncate(PAGE + 1);
        let mut returns: Vec<Return> = Vec::new();
        for row in &rows {
            let rma: RmaNumber = row.subject.parse().map_err(|error| StoreError::corrupt("task", error))?;
            if !returns.iter().any(|known| known.rma == rma) {
                returns.extend(store::find_return(&mut read.conn(), rma).await?);
            }
        }
        Ok((rows, returns))
    }

    fn view(&self, row: &TaskRow, request: &Return) -> Option<TaskView> {
        let first = request.live_lines().next().or(request.lines.first())?;
        Some(TaskView {
            rma: request.rma,
            kind: row.kind.parse::<TaskKind>().ok()?,
            due: Timestamp::from_millisecond(row.due).ok()?,
            value: row
                .value
                .zip(row.currency.as_deref().and_then(|code| code.parse().ok()))
                .map(|(minor, currency)| Money::new(minor, currency)),
            customer: request.contact.name.clone(),
            item: first.asked.name.clone(),
            more: request.lines.len().saturating_sub(1),
            reason: self.reason_of(first.asked.sub_reason.as_ref().unwrap_or(&first.asked.reason).as_str()),
        })
    }

    pub(super) fn reason_of(&self, code: &str) -> Option<Reason> {
        let tree = self.services.reasons.all();
        tree.iter().chain(tree.iter().flat_map(|reason| &reason.sub_reasons)).find(|reason| reason.code.as_str() == code).cloned()
    }

    /// How many tasks somebody has, up to a thousand.
    pub(super) async fn open_tasks(&self, member: &Member) -> Result<u64, DeskError> {
        let counted = async || {
            let mut read = self.services.store.read().await?;
            let mut open = 0;
            for role in member.roles.of_tasks() {
                open += store::count_tasks(&mut read.conn(), role.code(), COUNTED).await?;
            }
            Ok::<_, StoreError>(open.unsigned_abs())
        };
        counted().await.map_err(|error| failed(&error))
    }

    /// The return whose task comes after those of this one, for whoever is in.
    pub(super) async fn next_after(&self, rma: RmaNumber) -> Result<Option<RmaNumber>, DeskError> {
        let roles = self.member()?.roles.of_tasks();
        let found = async || {
            let (rows, _) = self.rows(&roles, i64::MAX, None).await?;
            let subject = rma.to_string();
            let place = rows.iter().rposition(|row| row.subject == subject);
            let after = rows.iter().skip(place.map_or(0, |place| place + 1)).chain(rows.iter()).find(|row| row.subject != subject);
            after.map(|row| row.subject.parse().map_err(|error| StoreError::corrupt("task", error))).transpose()
        };
        found().await.map_err(|error| failed(&error))
    }
}

/// As it stands in an address.
fn written((due, value, subject, kind): &TaskPosition) -> String {
    format!("{due}.{value}.{subject}.{kind}")
}

fn position(text: &str) -> Option<TaskPosition> {
    let [due, value, subject, kind] = text.splitn(4, '.').collect::<Vec<_>>().try_into().ok()?;
    let rma: RmaNumber = subject.parse().ok()?;
    Some((due.parse().ok()?, value.parse().ok()?, rma.to_string(), kind.parse::<TaskKind>().ok()?.code().to_owned()))
}
