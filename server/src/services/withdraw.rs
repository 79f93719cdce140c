//! A statement of withdrawal is received: written down with its moment, acknowledged by mail, passed on. Whatever is wrong with the order, or
//! with who says that it is theirs, comes after that and is no reason not to.

use domain::ids::{EmailAddress, OrderNumber};
use domain::law::Residence;
use domain::order::{Address, Customer};
use domain::rma::RmaNumber;
use domain::withdrawal::{Items, KnownBy, Statement, WaitsFor, answer_due, zone_of};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::later::{AboutWithdrawal, JobKind};
use super::once::IdempotencyKey;
use super::open_return::drawn;
use super::refusals::OpenError;
use crate::store::{self, Conn, OrderRow, StoreError, Withdrawal};

const HOUR: i64 = 60 * 60 * 1000;
/// Acknowledgements to one mail address in an hour; further ones wait for the next, so that nobody's mailbox is filled.
const MAILS_AN_HOUR: i64 = 10;
/// How often one withdrawal is acknowledged at most.
pub const MOST_ACKNOWLEDGED: i64 = 4;
/// Statements are kept as long as anybody can sue for them: three years from the end of the year (BGB §§ 195, 199), so four at most. The database
/// lets none go before.
pub const WITHDRAWALS_KEPT: SignedDuration = SignedDuration::from_hours(4 * 366 * 24);

/// What somebody declares.
#[derive(Clone, Debug)]
pub struct Declared {
    pub statement: Statement,
    /// The customer's time zone, where it is known.
    pub zone: Option<TimeZone>,
    /// The order they were recognised for.
    pub known: Option<OrderNumber>,
    /// The draft that is confirmed, and which of its changes.
    pub draft: Option<(String, i64)>,
    /// A shop's machine says it for them.
    pub by_machine: bool,
    /// Names the request.
    pub key: Option<IdempotencyKey>,
}

/// Why a statement was not received.
#[derive(Debug, thiserror::Error)]
pub enum NotReceived {
    /// The draft was changed since, or has become a withdrawal.
    #[error("the draft was changed at the same moment")]
    Changed,
    /// The key came with another request before.
    #[error("this Idempotency-Key came with a different request before")]
    KeyReused,
    /// The key was answered at the same moment.
    #[error("this Idempotency-Key was answered at the same moment")]
    Raced,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// By when a person answers a withdrawal that was received then.
    pub fn withdrawal_due(&self, received: Timestamp) -> Timestamp {
        let address = Address::parse(&self.config.shop.address).unwrap_or_default();
        let shop = address.country.map(|country| Residence { country, region: address.region.as_deref() });
        answer_due(received, shop, &self.shop_zone())
    }

    /// Receives a statement: once for each draft and each key, however often it is sent. What follows from it is done by jobs that are written with
    /// it; for whoever is recognised for the order, or has a key, its return is opened before this answers.
    pub async fn withdraw(&self, declared: Declared) -> Result<Withdrawal, NotReceived> {
        let (received, waits) = match self.take_once(declared.clone()).await {
            // Now there is an answer to its key.
            Err(NotReceived::Raced) => self.take_once(declared).await?,
            received => received?,
        };
        self.wake.notify_one();
        if !waits {
            return Ok(received);
        }
        // A job does it otherwise.
        if let Err(error) = self.open_withdrawn(&received.id).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the return of a withdrawal is opened later");
        }
        let mut read = self.store.read().await?;
        Ok(store::find_withdrawal(&mut read.conn(), &received.id).await?.unwrap_or(received))
    }

    async fn take_once(&self, declared: Declared) -> Result<(Withdrawal, bool), NotReceived> {
        let services = self.clone();
        self.store.write(move |mut conn| Box::pin(async move { services.take_statement(&mut conn, declared).await })).await
    }

    /// The withdrawal, and whether its answer waits until its return is opened: how long that takes would tell others that the order is there.
    async fn take_statement(&self, conn: &mut Conn<'_>, declared: Declared) -> Result<(Withdrawal, bool), NotReceived> {
        let Declared { statement, zone, known, draft, by_machine, key } = declared;
        if let Some(key) = &key {
            let before = key.before(conn).await.map_err(|error| match error {
                OpenError::Store(error) => NotReceived::Store(error),
                _ => NotReceived::KeyReused,
            })?;
            if let Some((before, _)) = before {
                let found = store::find_withdrawal(conn, &before.answer).await?;
                let found = found.ok_or_else(|| StoreError::corrupt("answer", "its withdrawal is gone"))?;
                let waits = found.waits_for == Some(WaitsFor::ToOpen);
                return Ok((found, waits));
            }
        }
        let now = self.clock.now();
        let meant = self.meant(conn, &statement, known.as_ref()).await?;
        let country = meant.order.as_ref().filter(|_| meant.known_by.is_some()).and_then(|row| row.order.country());
        let home = country.and_then(zone_of).map(str::to_owned);
        let zone = zone.as_ref().and_then(TimeZone::iana_name).map(str::to_owned).or(home);
        let mut new = Withdrawal {
            id: String::new(),
            received_at: now,
            zone: zone.or_else(|| self.shop_zone().iana_name().map(str::to_owned)).unwrap_or_else(|| "UTC".into()),
            order: meant.order.as_ref().map(|row| row.order.number.to_string()),
            known_by: meant.known_by,
            waits_for: Some(meant.waits_for),
            due_at: self.withdrawal_due(now),
            rma: None,
            settled_at: None,
            acknowledged: 1,
            statement,
        };
        loop {
            // 35 random bits: a number that is taken is drawn again.
            new.id = numbered(drawn());
            if store::insert_withdrawal(conn, &new).await? {
                break;
            }
        }
        if let Some((draft, version)) = &draft
            && !store::draft_became(conn, draft, *version, &new.id, now.as_millisecond()).await?
        {
            return Err(NotReceived::Changed);
        }
        let job = |kind: JobKind, at: i64| AboutWithdrawal::job(kind, &new.id, at);
        let at = self.mail_at(conn, &new.statement.email).await?;
        store::enqueue(conn, &job(JobKind::MailWithdrawalReceived, at)).await?;
        if meant.waits_for == WaitsFor::ToOpen {
            store::enqueue(conn, &job(JobKind::WithdrawalOpen, now.as_millisecond())).await?;
        }
        if meant.waits_for == WaitsFor::OtherContact
            && let Some(owner) = meant.order.as_ref().and_then(|row| row.order.customer.email.as_ref())
        {
            let at = self.mail_at(conn, owner).await?;
            store::enqueue(conn, &job(JobKind::MailWithdrawalTold, at)).await?;
        }
        if let Some(key) = key
            && !key.keep_name(conn, new.id.clone(), now).await?
        {
            return Err(NotReceived::Raced);
        }
        let waits = meant.waits_for == WaitsFor::ToOpen && (by_machine || meant.known_by == Some(KnownBy::Session));
        Ok((new, waits))
    }

    /// Which order is meant, and whose it is known to be.
    async fn meant(&self, conn: &mut Conn<'_>, statement: &Statement, known: Option<&OrderNumber>) -> Result<Meant, StoreError> {
        if let Some(number) = known
            && let Some(row) = store::find_order(conn, number.as_str()).await?
        {
            let waits_for = items_clear(&row, &statement.items);
            return Ok(Meant { order: Some(row), known_by: Some(KnownBy::Session), waits_for });
        }
        let mut like = store::orders_written_like(conn, &statement.order).await?;
        let exactly = like.first().is_some_and(|row| row.order.number.as_str() == statement.order);
        let theirs = |row: &OrderRow| is_of(&row.order.customer, &statement.email);
        let own = like.iter().filter(|row| theirs(row)).count();
        let place = like.iter().position(theirs);
        Ok(match place {
            Some(place) if own == 1 || exactly && place == 0 => {
                let row = like.swap_remove(place);
                let waits_for = items_clear(&row, &statement.items);
                Meant { order: Some(row), known_by: Some(KnownBy::Email), waits_for }
            }
            None if exactly || like.len() == 1 => {
                Meant { order: Some(like.swap_remove(0)), known_by: None, waits_for: WaitsFor::OtherContact }
            }
            _ => Meant { order: None, known_by: None, waits_for: WaitsFor::OrderUnknown },
        })
    }

    /// When a mail to an address goes: now, or after this hour where there were enough in it.
    async fn mail_at(&self, conn: &mut Conn<'_>, to: &EmailAddress) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let subject = format!("withdrawal-mail:{}", self.secret.seal("withdrawal.mail", &to.key()));
        let more = store::count_attempt(conn, &subject, HOUR, now).await? > MAILS_AN_HOUR;
        Ok(if more { now + HOUR } else { now })
    }

    /// Sends the acknowledgement once more, a few times at most.
    pub async fn acknowledge_again(&self, id: &str) -> Result<bool, StoreError> {
        let (services, id) = (self.clone(), id.to_owned());
        let again = self.store.write(move |mut conn| {
            Box::pin(async move {
                let Some(found) = store::find_withdrawal(&mut conn, &id).await? else { return Ok(false) };
                if !store::acknowledge_again(&mut conn, &id, MOST_ACKNOWLEDGED).await? {
                    return Ok(false);
                }
                let at = services.mail_at(&mut conn, &found.statement.email).await?;
                store::enqueue(&mut conn, &AboutWithdrawal::job(JobKind::MailWithdrawalReceived, &id, at)).await?;
                Ok::<_, StoreError>(true)
            })
        });
        let again = again.await?;
        self.wake.notify_one();
        Ok(again)
    }

    /// The withdrawal of that number.
    pub async fn withdrawal(&self, id: &str) -> Result<Option<Withdrawal>, StoreError> {
        let mut read = self.store.read().await?;
        store::find_withdrawal(&mut read.conn(), id).await
    }
}

/// The order that a statement means.
struct Meant {
    order: Option<OrderRow>,
    known_by: Option<KnownBy>,
    waits_for: WaitsFor,
}

fn is_of(customer: &Customer, email: &EmailAddress) -> bool {
    customer.email.as_ref().is_some_and(|known| known.key() == email.key())
}

/// Whether the items are clear enough for a return, given the order.
fn items_clear(row: &OrderRow, items: &Items) -> WaitsFor {
    let clear = match items {
        Items::Whole => true,
        Items::Lines(lines) => lines.iter().all(|named| row.order.line(&named.line).is_some()),
        Items::Words(_) => false,
    };
    if clear { WaitsFor::ToOpen } else { WaitsFor::ItemsUnclear }
}

/// `W-7KQ4-M2XD`: read out, and told apart from a return's number, with the same check character.
fn numbered(drawn: RmaNumber) -> String {
    let symbols = drawn.symbols();
    format!("W-{}-{}", &symbols[..4], &symbols[4..])
}
