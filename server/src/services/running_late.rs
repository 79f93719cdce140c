//! Whoever was promised something for a day that is over is told so, once a return, before they ask (C38).

use std::time::Instant;

use app::messages::Occasion;
use domain::returns::{Late, Recorded, Return, TaskKind, timeline};
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::later::AboutReturn;
use crate::store::{self, StoreError};

/// Nobody is told after that: they have asked, or it was put right without a word.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Returns at once.
const MOST: i64 = 200;
/// What the shop does for the customer.
const OURS: [TaskKind; 11] = [
    TaskKind::Review,
    TaskKind::CheckMoney,
    TaskKind::Receive,
    TaskKind::Inspect,
    TaskKind::Resolve,
    TaskKind::AnswerAppeal,
    TaskKind::Settle,
    TaskKind::Release,
    TaskKind::Pay,
    TaskKind::SendItem,
    TaskKind::Repair,
];

/// Whether something is late that the shop promised.
pub fn runs_late(request: &Return, events: &[Recorded], now: Timestamp) -> bool {
    let ours = |late: Late| matches!(late, Late::Decision | Late::Check | Late::Money | Late::Item | Late::Repair);
    timeline(request, events, now).iter().any(|entry| entry.late.is_some_and(ours))
}

impl Services {
    /// Has everybody told whose return is later than the shop promised.
    pub async fn tell_of_delays(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let since = now.saturating_sub(TOLD_WITHIN).unwrap_or(Timestamp::MIN).as_millisecond();
        let mut after = String::new();
        loop {
            let begun = Instant::now();
            let mut read = self.store.read().await?;
            let conn = &mut read.conn();
            let late = store::returns_overdue(conn, &OURS, (since, now.as_millisecond()), Occasion::RunningLate, &after, MOST).await?;
            let full = late.len() == MOST as usize;
            let mut told = Vec::new();
            for rma in late {
                after.clone_from(&rma);
                let Ok(rma) = rma.parse() else { continue };
                let Some(history) = store::history_of(conn, rma).await? else { continue };
                if runs_late(&history.request, &history.events, now) {
                    told.push(AboutReturn::job(Occasion::RunningLate.mail_job(), rma, history.request.version, now));
                }
            }
            drop(read);
            if !told.is_empty() {
                let enqueued = self.store.write(move |mut conn| {
                    Box::pin(async move {
                        for job in &told {
                            store::enqueue(&mut conn, job).await?;
                        }
                        Ok::<_, StoreError>(())
                    })
                });
                enqueued.await?;
                self.wake.notify_one();
            }
            if !full {
                return Ok(());
            }
            // A shop with very much that is late does other things, too.
            let took = begun.elapsed();
            tokio::time::sleep(took.max(self.load.pause_after(took))).await;
        }
    }
}
