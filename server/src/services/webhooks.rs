//! The shop's own servers, which are told of what happens to returns and to the stock: in the transaction that it happened in a message is put into the
//! outbox for each that wants it.
//! Long because what each kind of message says stands beside whom it is told.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::compensation::GiftKind;
use domain::money::Money;
use domain::policy::BasisPoints;
use domain::returns::{Event, Recorded, Return, StockMove, StockState};
use domain::rma::RmaNumber;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Services;
use super::access::AtWebhooks;
use super::later::JobKind;
use crate::store::{
    self, AuditNote, CompensationRow, Conn, DeliveryRow, MAIN_WAREHOUSE, NewJob, OutboxState, StockCause, StoreError, WebhookRow,
};
use crate::webhooks;

/// How many a shop may have.
pub const MOST_WEBHOOKS: usize = 20;
/// Messages of a list at once.
pub const MOST_DELIVERIES: i64 = 200;
/// How long what messages were signed with before signs them, too.
const OLD_SIGNS: SignedDuration = SignedDuration::from_hours(24);
/// How long others on the same database may not know of one.
const FRESH: Duration = Duration::from_secs(2);
const PURPOSE: &str = "webhook";

/// Goods lie otherwise because of a return.
pub const STOCK_CHANGED: &str = "stock.changed";
/// A coupon was given, used, not used after all, taken back, or is over.
pub const COUPON_EVENTS: [&str; 5] = ["coupon.given", "coupon.redeemed", "coupon.released", "coupon.withdrawn", "coupon.expired"];
/// Nothing happened: a message to see that messages arrive.
pub const TRIED: &str = "webhook.test";

/// All that can happen, as messages call it.
pub fn event_names() -> Vec<String> {
    let of_returns = Event::KINDS.iter().filter(|(kind, _)| !Event::is_internal_kind(kind)).map(|(kind, _)| format!("return.{kind}"));
    of_returns.chain([STOCK_CHANGED.to_owned()]).chain(COUPON_EVENTS.map(str::to_owned)).collect()
}

/// Whether that names something that can happen: an event, `return.*`, `stock.*`, or `*`.
pub fn is_event_name(name: &str) -> bool {
    name == "*" || event_names().iter().any(|event| covers(name, event))
}

fn covers(name: &str, event: &str) -> bool {
    let below = |group: &str| event.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'));
    name == "*" || name == event || name.strip_suffix(".*").is_some_and(below)
}

/// One that is told of what happens: its name, and of what.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    name: String,
    events: Vec<String>,
}

impl Hook {
    fn hears(&self, event: &str) -> bool {
        self.events.iter().any(|name| covers(name, event))
    }
}

/// Those that are told, as they were known when a command began.
pub(super) type Hooks = Arc<[Hook]>;

/// What was known of them a moment ago.
#[derive(Default)]
pub struct KnownHooks(Mutex<Option<(Hooks, Instant)>>);

impl KnownHooks {
    pub(super) async fn current(&self, conn: &mut Conn<'_>) -> Result<Hooks, StoreError> {
        if let Some((hooks, read)) = &*self.lock()
            && read.elapsed() < FRESH
        {
            return Ok(hooks.clone());
        }
        let rows = store::list_webhooks(conn).await?.into_iter().filter(|row| row.off.is_none());
        let hooks: Hooks = rows.map(|row| Hook { name: row.name, events: row.events }).collect();
        *self.lock() = Some((hooks.clone(), Instant::now()));
        Ok(hooks)
    }

    fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Hooks, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message: what it says, as it was then. Nothing of it is anybody's: who wants to know more asks by machine.
#[derive(Serialize, Deserialize)]
pub struct Message {
    #[serde(rename = "type")]
    pub event: String,
    pub timestamp: Timestamp,
    pub data: Value,
}

impl Message {
    fn to(&self, hook: &str, about: String) -> NewJob {
        NewJob::new(JobKind::WebhookSend.code(), &json!(self), self.timestamp.as_millisecond()).about(about).to_hook(hook.to_owned())
    }

    /// To each that hears of such an event; what it says is made where somebody does.
    fn to_all(hooks: &Hooks, event: &str, timestamp: Timestamp, about: RmaNumber, data: impl FnOnce() -> Value) -> Vec<NewJob> {
        let hear: Vec<&Hook> = hooks.iter().filter(|hook| hook.hears(event)).collect();
        if hear.is_empty() {
            return Vec::new();
        }
        let message = Self { event: event.to_owned(), timestamp, data: data() };
        hear.into_iter().map(|hook| message.to(&hook.name, about.to_string())).collect()
    }
}

/// What those are told who want to know of an event, with the return as it is after it.
pub(super) fn told(recorded: &Recorded, after: &Return, hooks: &Hooks) -> Vec<NewJob> {
    if hooks.is_empty() || recorded.event.is_internal() {
        return Vec::new();
    }
    let event = format!("return.{}", recorded.event.kind());
    Message::to_all(hooks, &event, recorded.at, after.rma, || {
        let orders: Vec<&str> = after.orders.iter().map(|part| part.number.as_str()).collect();
        json!({
            "rma": after.rma, "orders": orders, "seq": recorded.seq, "status": after.status().code(), "command_id": recorded.command_id,
        })
    })
}

/// What those are told who want to know what becomes of coupons: what a checkout needs to take one. Whose it is, is the shop's own name for them, or left out.
pub(super) fn told_of_coupon(hooks: &Hooks, event: &str, row: &CompensationRow, at: Timestamp) -> Vec<NewJob> {
    Message::to_all(hooks, event, at, row.rma, || {
        let amount = |minor: Option<i64>| minor.map(|minor| Money::new(minor, row.currency).decimal());
        let share = (row.kind == GiftKind::Percent).then(|| BasisPoints(row.value).percent());
        let value = if row.kind == GiftKind::Amount { amount(Some(row.value)) } else { None };
        json!({
            "code": row.code, "kind": row.kind.code(), "percent": share, "amount": value, "up_to": amount(row.up_to), "minimum_spend": amount(row.minimum),
            "currency": row.currency, "expires_at": row.expires_at, "rma": row.rma, "order": row.order, "used_on": row.used_on, "used": amount(row.used),
        })
    })
}

/// What those are told who want to know how goods lie.
pub(super) async fn tell_stock(conn: &mut Conn<'_>, hooks: &Hooks, cause: &StockCause, moves: &[StockMove]) -> Result<(), StoreError> {
    let timestamp = Timestamp::from_millisecond(cause.at).unwrap_or(Timestamp::UNIX_EPOCH);
    let code = |state: Option<StockState>| state.map(StockState::code);
    let told = |one: &StockMove| {
        let warehouse = one.warehouse.as_deref().unwrap_or(MAIN_WAREHOUSE);
        json!({"warehouse": warehouse, "sku": one.sku, "quantity": one.units, "from": code(one.from), "to": code(one.to), "lot": one.lot})
    };
    let data = || json!({"rma": cause.rma, "seq": cause.seq, "moves": moves.iter().map(told).collect::<Vec<Value>>()});
    for job in Message::to_all(hooks, STOCK_CHANGED, timestamp, cause.rma, data) {
        store::enqueue(conn, &job).await?;
    }
    Ok(())
}

/// One of the shop's servers, and what its messages are signed with.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub row: WebhookRow,
    /// As it is written, the newest first.
    pub secrets: Vec<String>,
}

/// Why something is not as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error("there is no such webhook")]
    Unknown,
    #[error("there are {MOST_WEBHOOKS} webhooks already")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which messages are told again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// Those that were given up.
    GivenUp,
    /// These, by their names in the outbox.
    These(Vec<String>),
    /// All since then, whether they were taken or not.
    Since(Timestamp),
}

impl Services {
    /// Who is told of what happens, known before a transaction begins.
    pub(super) async fn hooks(&self) -> Result<Hooks, StoreError> {
        let mut read = self.store.read().await?;
        self.hooks.current(&mut read.conn()).await
    }

    /// All of them.
    pub async fn webhooks(&self, _access: &AtWebhooks) -> Result<Vec<WebhookRow>, StoreError> {
        store::list_webhooks(&mut self.store.read().await?.conn()).await
    }

    /// One of them.
    pub async fn webhook(&self, _access: &AtWebhooks, name: &str) -> Result<Webhook, WebhookError> {
        let row = store::find_webhook(&mut self.store.read().await?.conn(), name).await?.ok_or(WebhookError::Unknown)?;
        Ok(self.with_secrets(row))
    }

    /// Says where one is, and of what it hears; the same said again changes nothing. It is told again from then on, where it was not. Whether it is new.
    pub async fn put_webhook(
        &self,
        access: AtWebhooks,
        name: String,
        url: String,
        events: Vec<String>,
    ) -> Result<(Webhook, bool), WebhookError> {
        let (now, secret) = (self.clock.now(), self.secret.lock(PURPOSE, &webhooks::new_secret()));
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let all = store::list_webhooks(conn).await?;
                let before = all.iter().find(|row| row.name == name).cloned();
                if before.is_none() && all.len() >= MOST_WEBHOOKS {
                    return Err(WebhookError::TooMany);
                }
                let new =
                    || WebhookRow { name, url: String::new(), events: Vec::new(), secret, old: None, at: now, changed_at: now, off: None };
                let row = WebhookRow { url, events, off: None, ..before.clone().unwrap_or_else(new) };
                if before.as_ref() == Some(&row) {
                    return Ok((row, false));
                }
                let row = WebhookRow { changed_at: now, ..row };
                store::put_webhook(conn, &row).await?;
                noted(conn, &access, "put_webhook", before.as_ref(), Some(&row), now).await?;
                Ok((row, before.is_none()))
            })
        });
        let (row, new) = written.await?;
        self.hooks.forget();
        Ok((self.with_secrets(row), new))
    }

    /// Has messages signed with something new; what signed them before does so beside it for a day.
    pub async fn rotate_webhook(&self, access: AtWebhooks, name: String) -> Result<Webhook, WebhookError> {
        let (now, secret) = (self.clock.now(), self.secret.lock(PURPOSE, &webhooks::new_secret()));
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let before = store::find_webhook(conn, &name).await?.ok_or(WebhookError::Unknown)?;
                let until = now.saturating_add(OLD_SIGNS).unwrap_or(Timestamp::MAX).as_millisecond();
                let row = WebhookRow { secret, old: Some((before.secret.clone(), until)), changed_at: now, ..before.clone() };
                store::put_webhook(conn, &row).await?;
                noted(conn, &access, "rotate_webhook", Some(&before), Some(&row), now).await?;
                Ok::<_, WebhookError>(row)
            })
        });
        Ok(self.with_secrets(written.await?))
    }

    /// Takes one away, with what it was not told yet.
    pub async fn delete_webhook(&self, access: AtWebhooks, name: String) -> Result<(), WebhookError> {
        let now = self.clock.now();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let before = store::find_webhook(conn, &name).await?.ok_or(WebhookError::Unknown)?;
                store::delete_webhook(conn, &name).await?;
                noted(conn, &access, "delete_webhook", Some(&before), None, now).await?;
                Ok::<_, WebhookError>(())
            })
        });
        written.await?;
        self.hooks.forget();
        Ok(())
    }

    /// Sends one a message that says nothing, and answers its name in the outbox.
    pub async fn try_webhook(&self, _access: &AtWebhooks, name: String) -> Result<String, WebhookError> {
        let now = self.clock.now();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let row = store::find_webhook(conn, &name).await?.ok_or(WebhookError::Unknown)?;
                let message = Message { event: TRIED.to_owned(), timestamp: now, data: json!({}) };
                let job = message.to(&row.name, TRIED.to_owned());
                store::enqueue(conn, &job).await?;
                Ok::<_, WebhookError>(job.id().to_owned())
            })
        });
        let id = written.await?;
        self.wake.notify_one();
        Ok(id)
    }

    /// What one was told, the youngest first.
    pub async fn deliveries(
        &self,
        _access: &AtWebhooks,
        name: &str,
        state: Option<OutboxState>,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, WebhookError> {
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        store::find_webhook(conn, name).await?.ok_or(WebhookError::Unknown)?;
        Ok(store::list_deliveries(conn, name, state, before, limit.min(MOST_DELIVERIES + 1)).await?)
    }

    /// Has it told again. How many messages there are.
    pub async fn replay_webhook(&self, access: AtWebhooks, name: String, which: Replay) -> Result<u64, WebhookError> {
        let now = self.clock.now();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let row = store::find_webhook(conn, &name).await?.ok_or(WebhookError::Unknown)?;
                let (ids, since) = match which {
                    Replay::GivenUp => (Vec::new(), None),
                    Replay::These(ids) => (ids, None),
                    Replay::Since(at) => (Vec::new(), Some(first_name_at(at))),
                };
                let again = store::replay(conn, &name, &ids, since.as_deref(), now.as_millisecond()).await?;
                noted(conn, &access, "replay_webhook", Some(&row), Some(&row), now).await?;
                Ok::<_, WebhookError>(again)
            })
        });
        let again = written.await?;
        self.wake.notify_one();
        Ok(again)
    }

    /// It asked not to be told any more.
    pub(crate) async fn webhook_gone(&self, name: String) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let because = "it answered 410 Gone";
        self.store.write(move |mut conn| Box::pin(async move { store::switch_webhook_off(&mut conn, &name, now, because).await })).await?;
        self.hooks.forget();
        Ok(())
    }

    /// What messages of one are signed with, the newest first.
    pub(crate) fn signing(&self, row: &WebhookRow) -> Vec<Vec<u8>> {
        let now = self.clock.millis();
        let old = row.old.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        [Some(&row.secret), old].into_iter().flatten().filter_map(|locked| self.secret.unlock(PURPOSE, locked)).collect()
    }

    fn with_secrets(&self, row: WebhookRow) -> Webhook {
        let secrets = self.signing(&row).iter().map(|secret| webhooks::written(secret)).collect();
        Webhook { row, secrets }
    }
}

/// What was put into the outbox since then has no smaller name (RFC 9562, 5.7), by this computer's clock.
fn first_name_at(at: Timestamp) -> String {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid().to_string()
}

async fn noted(
    conn: &mut Conn<'_>,
    access: &AtWebhooks,
    what: &str,
    before: Option<&WebhookRow>,
    after: Option<&WebhookRow>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let name = before.or(after).map(|row| row.name.clone()).unwrap_or_default();
    // Its address may hold what only it should know.
    let stands = |row: &WebhookRow| {
        let host = row.url.parse::<url::Url>().ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        format!("{host}, {}", row.events.join(" "))
    };
    let note = access.by().note(now, what, format!("webhook:{name}"));
    let note = AuditNote { before: before.map(stands), after: after.map(stands), ..note };
    store::note_audit(conn, &note).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_all_below() {
        for (name, event, expected) in [
            ("*", "stock.changed", true),
            ("return.*", "return.opened", true),
            ("return.*", "stock.changed", false),
            ("return.opened", "return.opened", true),
            ("return.opened", "return.opened_again", false),
            ("return", "return.opened", false),
            ("ret.*", "return.opened", false),
        ] {
            assert_eq!(covers(name, event), expected, "{name} {event}");
        }
        for (name, expected) in
            [("*", true), ("return.*", true), ("return.opened", true), ("return.noted", false), ("return.nothing", false), ("", false)]
        {
            assert_eq!(is_event_name(name), expected, "{name}");
        }
    }

    #[test]
    fn what_was_put_in_since_has_no_smaller_name() {
        let at = Timestamp::now();
        let before = first_name_at(at);
        let later = uuid::Uuid::now_v7().to_string();
        assert!(before <= later && first_name_at(at + SignedDuration::from_secs(5)) > later);
    }
}
