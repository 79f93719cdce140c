//! The queue of people at work: what is to be done, who does it, and what sleeps till later.

use std::collections::HashMap;

use domain::returns::Role;
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::access::AtWork;
use super::head::Head;
use crate::store::{self, Assigned, Held, QueueCounts, QueueView, StoreError, TaskName, TaskPosition, TaskRow, UNTIL_NEWS, place_in_queue};

/// Tasks that are spoken of at once.
pub const MOST_TASKS: usize = 500;
/// How long a task may sleep.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_hours(366 * 24);

/// A row of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueEntry {
    pub task: TaskRow,
    /// The return that it is about.
    pub head: Head,
}

/// Until when a task sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    Moment(Timestamp),
    /// Something comes from outside: of the customer, a carrier, another system.
    News,
    /// Whichever is first.
    MomentOrNews(Timestamp),
    /// It wakes.
    Now,
}

/// Why nothing was said of any task.
#[derive(Debug, thiserror::Error)]
pub enum QueueRefused {
    #[error("at most {MOST_TASKS} tasks at once")]
    TooMany,
    #[error("that moment is over")]
    Past,
    #[error("that is more than a year ahead")]
    TooFar,
    #[error(transparent)]
    Unexpected(#[from] StoreError),
}

impl Services {
    /// A page of the queue, the most urgent first.
    pub async fn queue(&self, view: &QueueView, after: Option<&TaskPosition>, limit: i64) -> Result<Vec<QueueEntry>, StoreError> {
        let mut read = self.store.read().await?;
        let rows = store::list_tasks(&mut read.conn(), view, after, limit).await?;
        let mut numbers: Vec<&String> = rows.iter().map(|row| &row.subject).collect();
        numbers.sort();
        numbers.dedup();
        let returns = store::find_returns(&mut read.conn(), &numbers).await?;
        let heads: HashMap<String, Head> = returns.iter().map(|request| (request.rma.to_string(), Head::from(request))).collect();
        let entry = |task: TaskRow| heads.get(&task.subject).cloned().map(|head| QueueEntry { task, head });
        Ok(rows.into_iter().filter_map(entry).collect())
    }

    /// The task to go on with behind one that was done or left: the next in the view, else its first.
    pub async fn next_in_queue(&self, view: &QueueView, after: Option<&TaskPosition>) -> Result<Option<TaskRow>, StoreError> {
        let mut read = self.store.read().await?;
        match store::list_tasks(&mut read.conn(), view, after, 1).await?.pop() {
            None if after.is_some() => Ok(store::list_tasks(&mut read.conn(), view, None, 1).await?.pop()),
            next => Ok(next),
        }
    }

    /// Which of how many a position in a view is, as far as [`store::COUNTED`].
    pub async fn place_in_queue(&self, view: &QueueView, position: &TaskPosition) -> Result<(i64, i64), StoreError> {
        place_in_queue(&mut self.store.read().await?.conn(), view, position).await
    }

    /// What there is to do for somebody.
    pub async fn queue_counts(&self, who: &AtWork) -> Result<QueueCounts, StoreError> {
        let now = self.clock.millis();
        store::count_tasks(&mut self.store.read().await?.conn(), &who.kinds(), who.id(), now).await
    }

    /// How much a view shows, as far as [`store::COUNTED`].
    pub async fn count_view(&self, view: &QueueView) -> Result<i64, StoreError> {
        store::count_view(&mut self.store.read().await?.conn(), view).await
    }

    /// Gives tasks to somebody, or to nobody; of each says what became of it.
    pub async fn assign(
        &self,
        who: &AtWork,
        tasks: &[TaskName],
        to: Option<&str>,
        held: &Held,
    ) -> Result<Vec<(TaskName, Assigned)>, QueueRefused> {
        let (to, held) = (to.map(str::to_owned), held.clone());
        self.each(who, tasks, move |task, by| {
            let (to, held) = (to.clone(), held.clone());
            self.store.write(move |mut conn| Box::pin(async move { store::assign_task(&mut conn, task, to.as_deref(), &held, &by).await }))
        })
        .await
    }

    /// Lets tasks sleep, or wakes them; of each says what became of it.
    pub async fn snooze(&self, who: &AtWork, tasks: &[TaskName], until: Until) -> Result<Vec<(TaskName, Assigned)>, QueueRefused> {
        let (moment, news) = match until {
            Until::Moment(moment) => (Some(self.to_wake_at(moment)?), false),
            Until::News => (Some(UNTIL_NEWS), true),
            Until::MomentOrNews(moment) => (Some(self.to_wake_at(moment)?), true),
            Until::Now => (None, false),
        };
        self.each(who, tasks, |task, by| {
            self.store.write(move |mut conn| Box::pin(async move { store::let_sleep(&mut conn, task, moment, news, &by).await }))
        })
        .await
    }

    /// Gives what is most urgent of what nobody has to whoever of those present it is the turn of.
    pub async fn assign_next(&self, who: &AtWork, role: Role, present: &[String]) -> Result<Option<(TaskName, String)>, StoreError> {
        let (present, by) = (present.to_vec(), who.id().to_owned());
        self.store.write(move |mut conn| Box::pin(async move { store::assign_next_task(&mut conn, role, &present, &by).await })).await
    }

    fn to_wake_at(&self, moment: Timestamp) -> Result<i64, QueueRefused> {
        let now = self.clock.now();
        match moment {
            moment if moment <= now => Err(QueueRefused::Past),
            moment if moment.duration_since(now) > LONGEST_SLEEP => Err(QueueRefused::TooFar),
            moment => Ok(moment.as_millisecond()),
        }
    }

    /// One after the other, each by itself: what cannot be done to one keeps nothing from the others.
    async fn each<F, W>(&self, who: &AtWork, tasks: &[TaskName], word: F) -> Result<Vec<(TaskName, Assigned)>, QueueRefused>
    where
        F: Fn(TaskName, String) -> W,
        W: Future<Output = Result<Assigned, StoreError>>,
    {
        if tasks.len() > MOST_TASKS {
            return Err(QueueRefused::TooMany);
        }
        let mut became = Vec::with_capacity(tasks.len());
        for task in tasks {
            let said = match who.does(task.kind) {
                true => word(*task, who.id().to_owned()).await?,
                false => Assigned::NotTheirs,
            };
            became.push((*task, said));
        }
        Ok(became)
    }
}
