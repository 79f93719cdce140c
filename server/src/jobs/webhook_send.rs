//! Tell one of the shop's servers of something that happened: what happened to the same thing in its order, the rest beside it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;

use super::job::{Job, JobError, Means, Terms, WEBHOOK, payload};
use crate::services::{JobKind, Message};
use crate::store::{self, OutboxRow};
use crate::webhooks::{Messenger, PATIENCE, Told};

/// How many messages one is sent at the same time: who is slow holds nobody up.
const AT_ONCE: usize = 4;
/// Till it is somebody's turn, at the least.
const WAIT: SignedDuration = SignedDuration::from_millis(100);

#[derive(Default)]
pub(super) struct WebhookSend {
    under_way: Arc<Mutex<HashMap<String, usize>>>,
    /// Made for the first message.
    messenger: OnceLock<Option<Messenger>>,
}

impl WebhookSend {
    /// A place among what one is sent now, if one is free.
    fn place(&self, hook: &str) -> Option<Place> {
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = all.entry(hook.to_owned()).or_default();
        if *taken >= AT_ONCE {
            return None;
        }
        *taken += 1;
        Some(Place { under_way: self.under_way.clone(), hook: hook.to_owned() })
    }
}

struct Place {
    under_way: Arc<Mutex<HashMap<String, usize>>>,
    hook: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = all.get_mut(&self.hook) {
            *taken -= 1;
            if *taken == 0 {
                all.remove(&self.hook);
            }
        }
    }
}

#[async_trait]
impl Job for WebhookSend {
    fn terms(&self) -> Terms {
        Terms { patience: PATIENCE + Duration::from_secs(15), ..Terms::of(JobKind::WebhookSend.code(), WEBHOOK) }
    }

    async fn run(&self, means: &Means, row: &OutboxRow) -> Result<(), JobError> {
        let services = &means.services;
        let message: Message = payload(row)?;
        let mut read = services.store.read().await?;
        let conn = &mut read.conn();
        // Who was taken away is told nothing.
        let Some(webhook) = store::webhook_of(conn, &row.id).await? else { return Ok(()) };
        if let Some((_, because)) = &webhook.off {
            return Err(JobError::Permanent(format!("the webhook is off: {because}")));
        }
        // What was not taken and waits is waited for.
        let before = store::told_before(conn, &row.id).await?;
        drop(read);
        if let Some(due) = before {
            let left = SignedDuration::from_millis(due.saturating_sub(services.clock.millis()));
            return Err(JobError::Later(left.saturating_add(WAIT).max(WAIT)));
        }
        let Some(_place) = self.place(&webhook.name) else { return Err(JobError::Later(WAIT)) };
        let secrets = services.signing(&webhook);
        if secrets.is_empty() {
            return Err(JobError::Passing("what its messages are signed with cannot be read: the server's secret is another".to_owned()));
        }
        let made = self.messenger.get_or_init(|| Messenger::new(services.config.webhooks.allow_private));
        let messenger = made.as_ref().ok_or_else(|| JobError::Passing("this machine cannot send".to_owned()))?;
        let body = serde_json::to_string(&message).map_err(|error| JobError::Permanent(error.to_string()))?;
        match messenger.tell(&webhook.url, &secrets, &format!("msg_{}", row.id), body).await {
            Told::Taken => Ok(()),
            Told::Gone => {
                services.webhook_gone(webhook.name).await?;
                Err(JobError::Permanent("410 Gone: the webhook is off".to_owned()))
            }
            Told::Not(why) => Err(JobError::Passing(why)),
        }
    }
}
