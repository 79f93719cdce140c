//! No more messages a minute than a channel takes, over all servers (issue 19: limits by channel).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::json;
use server::compose;
use server::jobs::{Job, JobError, MAIL, Means, Terms, Worker};
use server::services::Services;
use server::store::{self, NewJob, OutboxRow, StoreError};

use crate::app::TestApp;
use crate::databases::on_both;

/// A mail that is counted, and whose turn comes or does not.
struct Counted {
    kind: &'static str,
    begun: Arc<AtomicUsize>,
    has_turn: bool,
}

#[async_trait]
impl Job for Counted {
    fn terms(&self) -> Terms {
        Terms::of(self.kind, MAIL)
    }

    async fn run(&self, _: &Means, _: &OutboxRow) -> Result<(), JobError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        if self.has_turn { Ok(()) } else { Err(JobError::Later(SignedDuration::from_hours(1))) }
    }
}

async fn enqueue(app: &TestApp, kind: &'static str, many: usize) {
    let put = app.services.store.write(move |mut conn| {
        Box::pin(async move {
            for _ in 0..many {
                store::enqueue(&mut conn, &NewJob::new(kind, &json!({}), 1)).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    put.await.unwrap();
}

fn worker(services: &Services, job: Counted) -> Worker {
    compose::worker(services).unwrap().doing(vec![Arc::new(job)]).keeping(Vec::new())
}

/// Two servers do what they may.
async fn both(workers: &[Worker; 2]) {
    loop {
        let (one, other) = tokio::join!(workers[0].once(), workers[1].once());
        if one.unwrap() + other.unwrap() == 0 {
            return;
        }
    }
}

on_both! {
    async fn no_more_go_in_a_minute_than_is_said_over_all_servers(database: Database) {
        let app = TestApp::with(database, |config| config.mail.per_minute = 30).await;
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = || Counted { kind: "mail.counted", begun: begun.clone(), has_turn: true };
        let beside = compose::services(app.services.config.as_ref().clone()).await.unwrap();
        let workers = [worker(&app.services, counted()), worker(&beside, counted())];
        enqueue(&app, "mail.counted", 100).await;
        both(&workers).await;
        assert_eq!(begun.load(Ordering::SeqCst), 3, "a tenth goes at once");
        let mut went = vec![(app.services.clock.millis(), 3)];
        while went.last().is_some_and(|(_, all)| *all < 100) {
            assert!(went.len() < 400, "nothing is lost, and nothing waits without a need: {went:?}");
            for services in [&app.services, &beside] {
                services.clock.advance(SignedDuration::from_secs(1));
            }
            both(&workers).await;
            went.push((app.services.clock.millis(), begun.load(Ordering::SeqCst)));
        }
        for (place, (from, before)) in went.iter().enumerate() {
            let within = went[place..].iter().take_while(|(until, _)| until - from < 60_000);
            assert!(within.last().is_none_or(|(_, after)| after - before <= 30), "{went:?}");
        }
    }
}

on_both! {
    async fn what_had_no_turn_takes_nobodys_place(database: Database) {
        let app = TestApp::with(database, |config| config.mail.per_minute = 1).await;
        let begun = Arc::new(AtomicUsize::new(0));
        enqueue(&app, "mail.later", 20).await;
        let later = worker(&app.services, Counted { kind: "mail.later", begun: begun.clone(), has_turn: false });
        both(&[later.clone(), later]).await;
        assert_eq!(begun.load(Ordering::SeqCst), 20, "each was looked at, none went");
        let now = worker(&app.services, Counted { kind: "mail.now", begun: begun.clone(), has_turn: true });
        enqueue(&app, "mail.now", 2).await;
        both(&[now.clone(), now]).await;
        assert_eq!(begun.load(Ordering::SeqCst), 21, "one a minute");
    }
}
