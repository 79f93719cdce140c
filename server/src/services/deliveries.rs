//! What people and systems were to be told and were not, for whoever sees to it: mails, texts, messages to the shop's own servers.

use super::Services;
use super::access::AtDeliveries;
use crate::store::{self, AuditNote, FailedJob, StoreError};

/// By which queues something is told.
const CHANNELS: [&str; 3] = ["mail", "sms", "webhook"];

/// How much waits, and how much was given up, by channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelCount {
    pub channel: String,
    pub waiting: i64,
    pub failed: i64,
}

/// Of one channel, or of all.
fn queues(channel: Option<&'static str>) -> Vec<&'static str> {
    channel.map_or(CHANNELS.to_vec(), |channel| vec![channel])
}

impl Services {
    /// How each channel does.
    pub async fn channels(&self, _access: &AtDeliveries) -> Result<Vec<ChannelCount>, StoreError> {
        let mut read = self.store.read().await?;
        let counted = store::count_of_queues(&mut read.conn(), &CHANNELS).await?;
        Ok(counted.into_iter().map(|(channel, waiting, failed)| ChannelCount { channel, waiting, failed }).collect())
    }

    /// What was given up, the latest first, from before one of it; of one channel, where one is named.
    pub async fn failed_deliveries(
        &self,
        _access: &AtDeliveries,
        channel: Option<&'static str>,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<FailedJob>, StoreError> {
        let mut read = self.store.read().await?;
        store::list_failed(&mut read.conn(), &queues(channel), before, limit).await
    }

    /// Webhooks that are told nothing any more: name, and why.
    pub async fn webhooks_off(&self, _access: &AtDeliveries) -> Result<Vec<(String, String)>, StoreError> {
        let all = store::list_webhooks(&mut self.store.read().await?.conn()).await?;
        Ok(all.into_iter().filter_map(|row| Some((row.name, row.off?.1))).collect())
    }

    /// Has what was given up sent again, with all of its tries anew: one, or all of a channel. What cannot be sent any more stays. Answers how many there were.
    pub async fn send_again(&self, access: AtDeliveries, id: Option<String>, channel: Option<&'static str>) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let of = id.clone().or_else(|| channel.map(str::to_owned)).unwrap_or_default();
        let note = access.by().note(now, "send_again", format!("outbox:{of}"));
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let mut count = 0;
                // What is named by its name alone is of one of these, or of none of them.
                for channel in queues(channel) {
                    count += store::retry_parked(conn, id.as_deref(), Some(channel), now.as_millisecond()).await?;
                }
                if count > 0 {
                    store::note_audit(conn, &AuditNote { after: Some(count.to_string()), ..note }).await?;
                }
                Ok::<_, StoreError>(count)
            })
        });
        let count = written.await?;
        self.wake.notify_one();
        Ok(count)
    }
}
