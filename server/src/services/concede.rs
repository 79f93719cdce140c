//! Money given back on an order although nothing comes back (P25): by people at work, within their limits, with a reason for the customer. It is a
//! subject of its own beside returns, as it needs none; the order's returns are settled anew with it, in the same transaction.

use domain::ids::LineId;
use domain::money::{Amount, AmountError, Currency, Money};
use domain::order::Order;
use domain::returns::{Because, Return};
use domain::settlement::{Concession, LowerPrice, NotConceded};
use domain::staff::StaffLimits;
use serde_json::json;
use uuid::Uuid;

use super::Services;
use super::access::Access;
use super::doing::Doing;
use super::once::IdempotencyKey;
use super::reactions::concession_reaction;
use super::refusals::OpenError;
use super::run::lock_family;
use crate::store::{self, AuditNote, ConcessionRow, Conn, OrderRow, StoreError};

/// What is to be given.
#[derive(Clone, Debug)]
pub struct Concede {
    pub wanted: Wanted,
    /// Of its amount, where that is told.
    pub currency: Option<Currency>,
    /// In words for the customer.
    pub reason: String,
    /// For colleagues.
    pub note: Option<String>,
    /// What they were shown that it comes to, minor units.
    pub seen: Option<i64>,
}

#[derive(Clone, Debug)]
pub enum Wanted {
    Goodwill {
        amount: Amount,
    },
    /// The difference to the price of one unit now, for so many units in all.
    LowerPrice {
        line: LineId,
        units: u32,
        price: Amount,
    },
}

/// What was given.
#[derive(Clone, Debug)]
pub struct Conceded {
    pub row: ConcessionRow,
    pub amount: Money,
}

/// Why nothing was given.
#[derive(Debug, thiserror::Error)]
pub enum ConcedeError {
    #[error("there is no such order")]
    Unknown,
    #[error("the order's currency is {0}")]
    OtherCurrency(Currency),
    #[error(transparent)]
    Amount(#[from] AmountError),
    #[error("is not above nothing")]
    Nothing,
    /// It comes to something else than they were shown.
    #[error("it comes to something else by now")]
    Changed,
    /// More than they may promise at once.
    #[error("this is more than may be promised at once")]
    OverLimit(Vec<(Currency, i64)>),
    #[error(transparent)]
    Refused(#[from] NotConceded),
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for ConcedeError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            _ => Self::KeyReused,
        }
    }
}

impl Services {
    /// Gives money back on an order, at most what `limits` allow; by the same key once.
    pub async fn concede(
        &self,
        access: Access<Order>,
        limits: StaffLimits,
        asked: Concede,
        key: Option<IdempotencyKey>,
    ) -> Result<Conceded, ConcedeError> {
        let services = self.clone();
        let written =
            self.store.write(move |mut conn| Box::pin(async move { services.concede_in(&mut conn, access, &limits, asked, key).await }));
        let (conceded, others) = written.await?;
        self.wake.notify_one();
        self.done_to(&others);
        Ok(conceded)
    }

    async fn concede_in(
        &self,
        conn: &mut Conn<'_>,
        access: Access<Order>,
        limits: &StaffLimits,
        asked: Concede,
        key: Option<IdempotencyKey>,
    ) -> Result<(Conceded, Vec<domain::rma::RmaNumber>), ConcedeError> {
        let (order, doing) = (access.subject, Doing::begin(access.actor, access.role, self.clock.now(), self.hooks.current(conn).await?));
        let keys = [order.to_string()];
        lock_family(conn, &keys).await?;
        let (row, returns) = store::find_order_with_returns(conn, order.as_str()).await?.ok_or(ConcedeError::Unknown)?;
        if let Some(key) = &key
            && let Some((before, _)) = key.before(conn).await?
        {
            let before = store::find_concession(conn, &before.answer).await?.ok_or(ConcedeError::KeyReused)?;
            return Ok((Conceded { amount: row.order.money(before.amount), row: before }, Vec::new()));
        }
        let (what, amount) = self.comes_to(conn, &row, &returns, limits, &asked).await?;
        let id = Uuid::now_v7().to_string();
        let (at, actor) = (doing.now, doing.actor.clone());
        let made = ConcessionRow { id, order, at, actor, what, amount: amount.minor, reason: asked.reason, note: asked.note };
        store::insert_concession(conn, &made).await?;
        store::enqueue(conn, &concession_reaction(&made)).await?;
        if let Some(by) = access.by {
            let private = Some(json!({"reason": made.reason, "note": made.note}).to_string());
            let note = by.note(at, made.kind(), format!("order:{}", made.order));
            let note = AuditNote { after: Some(amount.to_string()), private, ..note };
            store::note_audit(conn, &note).await?;
        }
        if let Some(key) = key
            && !key.keep_name(conn, made.id.clone(), at).await?
        {
            return Err(ConcedeError::KeyReused);
        }
        // What is left of what was captured is less now: to its returns it is money that went elsewhere.
        let others = self.settle_others(conn, &keys, None, Because::CreditedOutside, &doing).await?;
        Ok((Conceded { row: made, amount }, others))
    }

    /// What giving it would come to now.
    pub async fn would_concede(&self, order: &str, limits: &StaffLimits, asked: &Concede) -> Result<Money, ConcedeError> {
        let mut read = self.store.read().await?;
        let (row, returns) = store::find_order_with_returns(&mut read.conn(), order).await?.ok_or(ConcedeError::Unknown)?;
        self.comes_to(&mut read.conn(), &row, &returns, limits, asked).await.map(|(_, amount)| amount)
    }

    async fn comes_to(
        &self,
        conn: &mut Conn<'_>,
        row: &OrderRow,
        returns: &[Return],
        limits: &StaffLimits,
        asked: &Concede,
    ) -> Result<(Concession, Money), ConcedeError> {
        let currency = row.order.currency;
        if asked.currency.is_some_and(|told| told != currency) {
            return Err(ConcedeError::OtherCurrency(currency));
        }
        let what = match &asked.wanted {
            Wanted::Goodwill { amount } => Concession::Goodwill { amount: amount.minor(currency)? },
            Wanted::LowerPrice { line, units, price } => {
                Concession::LowerPrice(LowerPrice { line: line.clone(), units: *units, price: price.minor(currency)? })
            }
        };
        if let Concession::Goodwill { amount: ..=0 } | Concession::LowerPrice(LowerPrice { price: ..=-1, .. }) = what {
            return Err(ConcedeError::Nothing);
        }
        let amount = row.order.money(self.conceding(conn, row, returns, &what).await??);
        if asked.seen.is_some_and(|seen| seen != amount.minor) {
            return Err(ConcedeError::Changed);
        }
        // In how many pieces it is given is no matter.
        let given: i64 = row.conceded.iter().map(|(_, amount)| amount).sum();
        match limits.exceeded_by(row.order.money(amount.minor.saturating_add(given))) {
            Some(most) => Err(ConcedeError::OverLimit(most.to_vec())),
            None => Ok((what, amount)),
        }
    }
}
