//! Tasks that nobody has are given out by the shop's rules: the first that is meant, to its people in turn. What no rule means is taken by whoever
//! asks for more to do.

use domain::desk::{Rule, Task};
use domain::money::Money;
use domain::returns::TaskKind;
use domain::rma::RmaNumber;

use std::sync::Arc;

use domain::policy::{Policy, Whom};
use jiff::Timestamp;

use super::Services;
use super::access::AtWork;
use super::queue::QueueEntry;
use super::shared::Shared;
use crate::store::{self, QueueView, StaffRow, StoreError, TaskName, TaskPosition, Whose};

/// Tasks looked at in one go, and goes of a run: beyond, the next run goes on.
const PAGE: i64 = 200;
const PAGES: usize = 10;
/// Milliseconds.
const HOUR: i64 = 3_600_000;

/// The policy in force, and who works here.
struct ByPolicy {
    now: Timestamp,
    version: i64,
    policy: Arc<Policy>,
    people: Vec<StaffRow>,
}

impl ByPolicy {
    /// Of those who are meant, who does such tasks.
    fn present(&self, whom: &Whom, kind: TaskKind) -> Vec<String> {
        let has_role = |row: &StaffRow| whom.role.is_some_and(|role| row.member.roles.iter().any(|has| has.code() == role.code()));
        let is_named = |row: &StaffRow| whom.people.iter().any(|named| named.key() == row.member.email.key());
        let does = |row: &&StaffRow| (has_role(row) || is_named(row)) && AtWork::of_member(&row.member).does(kind);
        self.people.iter().filter(does).map(|row| row.member.id.clone()).collect()
    }
}

impl Services {
    /// The rules, in the order in which they are asked.
    pub async fn rules(&self) -> Result<Vec<Shared<Rule>>, StoreError> {
        let mut rules = self.shared::<Rule>().await?;
        rules.sort_by_key(|rule| rule.of.place);
        Ok(rules)
    }

    /// Gives out what rules mean: the most urgent, then on from where the last run ended. Answers how much that was, and where this one ended.
    pub async fn give_by_rules(&self, from: Option<TaskPosition>) -> Result<(u64, Option<TaskPosition>), StoreError> {
        let rules = self.rules().await?;
        if rules.is_empty() {
            return Ok((0, None));
        }
        let people = self.working().await?;
        let kinds = TaskKind::ALL.iter().copied().filter(|kind| rules.iter().any(|rule| rule.of.is_of(kind.code())));
        let view = QueueView { whose: Whose::Nobodys, ..QueueView::of(kinds) };
        let (mut given, mut after) = (0, None);
        for page in 0..PAGES {
            let rows = self.queue(&view, after.as_ref(), PAGE).await?;
            let last = rows.last().map(|row| row.task.position());
            for row in &rows {
                given += u64::from(self.give_by_rule(row, &rules, &people).await?);
            }
            after = match (page, last) {
                (_, None) => return Ok((given, None)),
                // What is further down than a run comes is not for ever behind what no rule means.
                (0, Some(last)) => from.clone().filter(|from| *from > last).or(Some(last)),
                (_, last) => last,
            };
        }
        Ok((given, after))
    }

    async fn working(&self) -> Result<Vec<StaffRow>, StoreError> {
        Ok(self.people().await?.into_iter().filter(|row| row.ended_at.is_none()).collect())
    }

    /// Gives out what the policy in force says of people at work: reviews that nobody has to those its `review` table names, and what is late to
    /// those of `escalation`, whoever had it. The most urgent first, then on from where the last run ended. Answers how much that was, and where
    /// this one ended.
    pub async fn give_by_policy(&self, from: Option<TaskPosition>) -> Result<(u64, Option<TaskPosition>), StoreError> {
        let now = self.clock.now();
        let (version, policy) = {
            let mut read = self.store.read().await?;
            self.policies.for_order(&mut read.conn(), now).await?
        };
        let by = ByPolicy { now, version, people: self.working().await?, policy };
        let mut given = 0;
        if by.policy.review.iter().any(|rule| rule.then.to.is_some()) {
            let view = QueueView { whose: Whose::Nobodys, ..QueueView::of([TaskKind::Review]) };
            for row in self.queue(&view, None, PAGE).await? {
                given += u64::from(self.give_review(&row, &by).await?);
            }
        }
        let Some(least) = by.policy.escalation.iter().map(|rule| rule.then.after_hours).min() else { return Ok((given, None)) };
        let is_of = |kind: &TaskKind| by.policy.escalation.iter().any(|rule| rule.then.is_of(kind.code()));
        let view = QueueView {
            due_before: now.as_millisecond() - i64::from(least) * HOUR,
            ..QueueView::of(TaskKind::ALL.iter().copied().filter(is_of))
        };
        let mut after = None;
        for page in 0..PAGES {
            let rows = self.queue(&view, after.as_ref(), PAGE).await?;
            let Some(last) = rows.last().map(|row| row.task.position()) else { return Ok((given, None)) };
            for row in &rows {
                given += u64::from(self.escalate(row, &by).await?);
            }
            after = match page {
                0 => from.clone().filter(|from| *from > last).or(Some(last)),
                _ => Some(last),
            };
        }
        Ok((given, after))
    }

    async fn give_review(&self, row: &QueueEntry, by: &ByPolicy) -> Result<bool, StoreError> {
        let Ok(rma) = row.task.subject.parse::<RmaNumber>() else { return Ok(false) };
        let found = self.said_of(rma, by, |line| line.reviewed_by(row.task.value)).await?;
        let Some((name, present)) = found.map(|(name, whom)| (name, by.present(&whom, TaskKind::Review))) else { return Ok(false) };
        if present.is_empty() {
            return Ok(false);
        }
        let (id, task) = (format!("policy:review:{name}"), TaskName { rma, kind: TaskKind::Review });
        let give =
            self.store.write(move |mut conn| Box::pin(async move { store::give_by_rule(&mut conn, task, &id, &name, &present).await }));
        give.await
    }

    async fn escalate(&self, row: &QueueEntry, by: &ByPolicy) -> Result<bool, StoreError> {
        let (Ok(kind), Ok(rma)) = (row.task.kind.parse::<TaskKind>(), row.task.subject.parse::<RmaNumber>()) else { return Ok(false) };
        let late = u32::try_from((by.now.as_millisecond() - row.task.due).max(0) / HOUR).unwrap_or(u32::MAX);
        let found = self.said_of(rma, by, |line| line.escalated(kind.code(), late)).await?;
        let Some((name, present)) = found.map(|(name, whom)| (name, by.present(&whom, kind))) else { return Ok(false) };
        // Whoever of them has it keeps it.
        if present.is_empty() || row.task.assignee.as_ref().is_some_and(|assignee| present.contains(assignee)) {
            return Ok(false);
        }
        let (id, task, had) = (format!("policy:escalation:{name}"), TaskName { rma, kind }, row.task.assignee.clone());
        let give =
            self.store.write(move |mut conn| Box::pin(async move { store::escalate(&mut conn, task, had, &id, &name, &present).await }));
        give.await
    }

    /// What the policy says of the first line of a return of which it says anything.
    async fn said_of<T>(
        &self,
        rma: RmaNumber,
        by: &ByPolicy,
        look: impl Fn(&super::LineAtHand) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut read = self.store.read().await?;
        let mut conn = read.conn();
        let Some(request) = store::find_return(&mut conn, rma).await? else { return Ok(None) };
        let lines: Vec<_> = request.lines.iter().map(|line| line.id).collect();
        let lines = self.at_hand_by(&mut conn, &request, &lines, Some((by.version, by.policy.clone()))).await?;
        Ok(lines.iter().find_map(look))
    }

    async fn give_by_rule(&self, row: &QueueEntry, rules: &[Shared<Rule>], people: &[StaffRow]) -> Result<bool, StoreError> {
        let (Ok(kind), Ok(rma)) = (row.task.kind.parse::<TaskKind>(), row.task.subject.parse::<RmaNumber>()) else { return Ok(false) };
        let value = row.task.value.zip(row.task.currency.as_deref().and_then(|code| code.parse().ok()));
        let task = Task {
            kind: kind.code(),
            value: value.map(|(minor, currency)| Money::new(minor, currency)),
            country: row.head.country.as_ref().map(|country| country.as_str()),
            language: row.head.language,
        };
        let does =
            |id: &&String| people.iter().find(|row| row.member.id == **id).is_some_and(|row| AtWork::of_member(&row.member).does(kind));
        for rule in rules.iter().filter(|rule| rule.of.means(&task)) {
            let present: Vec<String> = rule.of.people.iter().filter(does).cloned().collect();
            // A rule whose people have left, or do not do such tasks, keeps nothing from the next.
            if !present.is_empty() {
                let (id, name, task) = (rule.id.clone(), rule.name.clone(), TaskName { rma, kind });
                let give = self
                    .store
                    .write(move |mut conn| Box::pin(async move { store::give_by_rule(&mut conn, task, &id, &name, &present).await }));
                return give.await;
            }
        }
        Ok(false)
    }
}
