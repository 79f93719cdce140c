//! How the worker keeps the schedules: whoever takes a schedule's turn does it.

use std::sync::Arc;

use futures::future::join_all;
use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::held::held;
use super::schedule::{Schedule, Times};
use super::worker::{TIMEKEEPER, Worker};
use crate::store::{self, StoreError, Turn};

/// What failed is done again after this time, or when it is due anyhow.
const AGAIN: SignedDuration = SignedDuration::from_mins(5);

impl Worker {
    pub(super) async fn keep_time(&self, mut stop: watch::Receiver<bool>) {
        let mut begun = JoinSet::new();
        while !*stop.borrow() {
            self.means.services.pulse.beat(TIMEKEEPER);
            match self.take_turns().await {
                Ok(turns) => turns.into_iter().for_each(|(schedule, turn)| {
                    begun.spawn(self.clone().take_turn(schedule, turn));
                }),
                Err(error) => tracing::error!(%error, "the schedules could not be read"),
            }
            while begun.try_join_next().is_some() {}
            if let Err(error) = self.seal().await {
                tracing::error!(%error, "the audit trail could not be sealed");
            }
            tokio::select! {
                () = tokio::time::sleep(self.pace.look) => {}
                _ = stop.changed() => {}
            }
        }
        begun.join_all().await;
    }

    /// Does what is due of the schedules, and answers how many that were.
    pub async fn keep_time_once(&self) -> Result<usize, StoreError> {
        let turns = self.take_turns().await?;
        Ok(join_all(turns.into_iter().map(|(schedule, turn)| self.clone().take_turn(schedule, turn))).await.len())
    }

    /// Puts what was done since into the chain of the audit trail. No schedule of its own: an idle shop writes nothing.
    pub async fn seal(&self) -> Result<(), StoreError> {
        let store = &self.means.services.store;
        let mut read = store.read().await?;
        let mut waits = store::audit_waits(&mut read.conn()).await?;
        drop(read);
        while waits {
            waits = store.write(|mut conn| Box::pin(async move { store::seal_audit(&mut conn).await })).await? > 0;
        }
        Ok(())
    }

    /// What is due, and nobody is at.
    async fn take_turns(&self) -> Result<Vec<(Arc<dyn Schedule>, Turn)>, StoreError> {
        let services = &self.means.services;
        let mut read = services.store.read().await?;
        let (now, lease) = (services.clock.millis(), self.pace.lease_millis());
        let known = store::schedules(&mut read.conn(), lease).await?;
        drop(read);
        let mut turns = Vec::new();
        for schedule in self.schedules.iter() {
            let Times { name, every, .. } = schedule.times();
            let every = every.as_millis() as i64;
            // Who is first is decided where the turn is taken; this saves everybody else from asking for it.
            let due = |row: &store::ScheduleRow| !row.taken && (row.next_at <= now || row.next_at > now + 2 * every);
            if known.iter().find(|row| row.name == name).is_none_or(due) {
                let take = services
                    .store
                    .write(move |mut conn| Box::pin(async move { store::take_turn(&mut conn, &name, now, every, lease).await }));
                turns.extend(take.await?.map(|turn| (schedule.clone(), turn)));
            }
        }
        Ok(turns)
    }

    async fn take_turn(self, schedule: Arc<dyn Schedule>, turn: Turn) {
        let (means, times) = (self.means.clone(), schedule.times());
        let work = tokio::spawn(async move { schedule.run(&means).await });
        let (services, lease) = (&self.means.services, self.pace.lease_millis());
        let renew = || {
            let turn = turn.clone();
            async move { services.store.write(move |mut conn| Box::pin(async move { store::renew_turn(&mut conn, &turn, lease).await })).await }
        };
        let done = held(work, times.patience, self.pace.renew, renew).await;
        let outcome = if matches!(done, Some(Ok(()))) { "done" } else { "failed" };
        metrics::counter!("schedules_total", "name" => times.name.clone(), "outcome" => outcome).increment(1);
        let Some(done) = done else { return tracing::warn!(schedule = times.name, "a schedule's turn is somebody else's now") };
        if let Err(error) = &done {
            tracing::warn!(schedule = times.name, %error, "what is done again and again failed");
        }
        let wait = if done.is_ok() { times.every } else { times.every.min(AGAIN) };
        let (next_at, error) = ((services.clock.now() + wait).as_millisecond(), done.err().map(|error| error.to_string()));
        let settle = services
            .store
            .write(move |mut conn| Box::pin(async move { store::settle_turn(&mut conn, &turn, next_at, error.as_deref()).await }));
        match settle.await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(schedule = times.name, "a schedule's turn is somebody else's now"),
            // Its lease ends, and it is done again.
            Err(error) => tracing::warn!(%error, schedule = times.name, "the end of a schedule's turn could not be noted"),
        }
    }
}
