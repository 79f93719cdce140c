//! Tasks that nobody has are given out by the shop's rules: the first that is meant, to its people in turn. What no rule means is taken by whoever
//! asks for more to do.

use domain::desk::{Rule, Task};
use domain::money::Money;
use domain::returns::TaskKind;
use domain::rma::RmaNumber;

use super::Services;
use super::access::AtWork;
use super::queue::QueueEntry;
use super::shared::Shared;
use crate::store::{self, QueueView, StaffRow, StoreError, TaskName, TaskPosition, Whose};

/// Tasks looked at in one go, and goes of a run: beyond, the next run goes on.
const PAGE: i64 = 200;
const PAGES: usize = 10;

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
        let people: Vec<StaffRow> = self.people().await?.into_iter().filter(|row| row.ended_at.is_none()).collect();
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
