//! Money that no gateway takes back goes by bank transfer: to an account that the customer or finance names, many of them in one file for the bank. What
//! is in a file is on its way, so that nobody pays it a second time; it has left, or did not, once somebody says so.
//! Long because accounts, what is due and what is in a file are held together here.

use domain::bank::{Account, KEPT_PAID_DAYS, KEPT_UNPAID_DAYS, Payee};
use domain::ids::OrderNumber;
use domain::money::{Currency, Money};
use domain::pain::{Transfer, Transfers, pain001};
use domain::returns::{Event, GrantNo, PaidTo, PaymentNo, PaymentState, Recorded, Refused, Return};
use domain::rma::RmaNumber;
use domain::staff::StaffLimits;
use jiff::{SignedDuration, Timestamp};

use super::Services;
use super::access::{Access, AtPayments};
use super::money::{PayAsked, PayBy, PaymentFate};
use super::once::IdempotencyKey;
use super::refusals::{ChangeError, OpenError};
use crate::store::{self, AuditNote, Conn, StoreError, TransferBatch, TransferRow};

/// Transfers of one batch.
pub const MOST_TRANSFERS: usize = 200;
/// Returns that are looked through for one list.
const MOST_LOOKED: usize = 1_000;
/// Read at once.
const AT_ONCE: i64 = 100;

/// Money that is promised and that nobody can bring back but a bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferDue {
    pub rma: RmaNumber,
    /// The grant that it is of.
    pub grant: GrantNo,
    pub order: OrderNumber,
    pub amount: Money,
    /// By when.
    pub due: Timestamp,
    /// To which account, where that is known.
    pub payee: Option<Payee>,
}

/// After which one a list of what is due goes on: by when that was due (epoch milliseconds), and its return.
pub type DuePosition = (i64, String);

/// Why something is not in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Nothing of it is to be paid by hand: it was paid since, is in another batch, or never was.
    NotDue,
    /// Nobody has named an account.
    NoAccount,
    /// More than may be paid at once.
    OverLimit,
    /// Who asks may not pay.
    MayNot,
    /// A bank or gateway disputes what was paid for the order.
    Disputed,
}

impl LeftOut {
    pub const ALL: [Self; 5] = [Self::NotDue, Self::NoAccount, Self::OverLimit, Self::MayNot, Self::Disputed];

    /// As machines name it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotDue => "not_due",
            Self::NoAccount => "no_account",
            Self::OverLimit => "over_limit",
            Self::MayNot => "may_not",
            Self::Disputed => "disputed",
        }
    }
}

/// A batch that was made, and what was asked for and is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransfersMade {
    pub batch: TransferBatch,
    pub transfers: Vec<TransferRow>,
    pub left_out: Vec<(RmaNumber, GrantNo, LeftOut)>,
}

/// Why there is no file for a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBankFile {
    #[error("the shop's own account is not set (`shop.iban`)")]
    NoOwnAccount,
    #[error("not all of these are euros to an account with an IBAN: take the table instead")]
    NotSepa,
    #[error("the accounts of these transfers are forgotten")]
    Forgotten,
    #[error("nothing is in it")]
    Empty,
}

/// Why something about transfers was not done.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("there is no such return")]
    UnknownReturn,
    #[error("there is no such batch")]
    Unknown,
    /// Nothing goes by transfer, so no account is kept.
    #[error("nothing of this return goes by bank transfer")]
    NotDue,
    #[error("this Idempotency-Key was used for a different request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for TransferError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            _ => Self::KeyReused,
        }
    }
}

fn days(now: Timestamp, days: i64) -> i64 {
    now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX).as_millisecond()
}

impl Services {
    /// What of a return is due by bank transfer, by grants.
    async fn due_by_transfer(&self, conn: &mut Conn<'_>, request: &Return) -> Result<Vec<(GrantNo, OrderNumber, Money)>, StoreError> {
        let mut due = Vec::new();
        for grant in request.grants.iter().filter(|grant| grant.amount > request.sent_of(grant.id)) {
            let amount = self.by_hand(conn, request, grant).await?;
            if amount > 0 {
                due.push((grant.id, grant.order.clone(), Money::new(amount, grant.currency)));
            }
        }
        Ok(due)
    }

    /// To which account money of a return is to go: nothing where none of it goes by transfer, then the last digits of the account where it is known.
    pub async fn account_asked(&self, request: &Return) -> Result<Option<Option<String>>, StoreError> {
        if request.newer || request.grants.iter().all(|grant| grant.amount <= request.sent_of(grant.id)) {
            return Ok(None);
        }
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        if self.due_by_transfer(conn, request).await?.is_empty() {
            return Ok(None);
        }
        Ok(Some(store::bank_account_of(conn, request.rma).await?.map(|payee| payee.account.hinted())))
    }

    /// Keeps the account that a customer names for their return, while money is to go there.
    pub async fn name_account(&self, access: Access<Return>, payee: Payee) -> Result<(), TransferError> {
        self.keep_account(access.rma(), "customer".to_owned(), None, payee).await
    }

    /// Keeps the account that finance was told for a return, while money is to go there.
    pub async fn type_account(&self, access: &AtPayments, rma: RmaNumber, payee: Payee) -> Result<(), TransferError> {
        // Which account it is stands in no trail.
        let note = access.by().note(self.clock.now(), "bank_account", format!("return:{rma}"));
        self.keep_account(rma, access.id().to_owned(), Some(note), payee).await
    }

    async fn keep_account(&self, rma: RmaNumber, who: String, note: Option<AuditNote>, payee: Payee) -> Result<(), TransferError> {
        let (services, now) = (self.clone(), self.clock.now());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let request = store::find_return(conn, rma).await?.ok_or(TransferError::UnknownReturn)?;
                if request.newer {
                    return Err(StoreError::Newer.into());
                }
                if services.due_by_transfer(conn, &request).await?.is_empty() {
                    return Err(TransferError::NotDue);
                }
                store::put_bank_account(conn, rma, now, &who, &payee, days(now, KEPT_UNPAID_DAYS)).await?;
                if let Some(note) = &note {
                    store::note_audit(conn, note).await?;
                }
                Ok(())
            })
        });
        written.await
    }

    /// What is due by transfer of all returns, what is due first before the rest: up to `most` and what is due of the last one's return, and after which
    /// the list goes on.
    pub async fn transfers_due(
        &self,
        _access: &AtPayments,
        after: Option<DuePosition>,
        most: usize,
    ) -> Result<(Vec<TransferDue>, Option<DuePosition>), StoreError> {
        let mut at = after.unwrap_or((i64::MIN, String::new()));
        let (mut found, mut looked) = (Vec::new(), 0);
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        loop {
            let returns = store::returns_to_pay(conn, (at.0, &at.1), AT_ONCE).await?;
            let last = returns.len() < AT_ONCE as usize;
            let count = returns.len();
            for (place, (due, rma)) in returns.into_iter().enumerate() {
                at = (due, rma.to_string());
                looked += 1;
                let Some(request) = store::find_return(conn, rma).await?.filter(|request| !request.newer) else { continue };
                let owed = self.due_by_transfer(conn, &request).await?;
                let payee = if owed.is_empty() { None } else { store::bank_account_of(conn, rma).await? };
                let due = Timestamp::from_millisecond(due).unwrap_or(Timestamp::MAX);
                let one = |(grant, order, amount)| TransferDue { rma, grant, order, amount, due, payee: payee.clone() };
                found.extend(owed.into_iter().map(one));
                if found.len() >= most || looked >= MOST_LOOKED {
                    let more = !last || place + 1 < count;
                    return Ok((found, more.then_some(at)));
                }
            }
            if last {
                return Ok((found, None));
            }
        }
    }

    /// Makes a batch of what is due, by the same key once. Each of them is on its way from then on, and in no other batch; what cannot be in it is told.
    pub async fn make_transfers(
        &self,
        access: &AtPayments,
        limits: &StaffLimits,
        chosen: Vec<(RmaNumber, GrantNo)>,
        leave: impl Fn(RmaNumber) -> Option<Access<Return>>,
        key: Option<IdempotencyKey>,
    ) -> Result<TransfersMade, TransferError> {
        let (now, who) = (self.clock.now(), access.id().to_owned());
        let note = access.by().clone();
        let begun = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                if let Some(key) = &key
                    && let Some((before, _)) = key.before(conn).await?
                {
                    return before.answer.parse::<i64>().map(|number| (number, false)).map_err(|_| TransferError::KeyReused);
                }
                let number = store::next_number(conn, "transfer_batches").await?;
                store::insert_transfer_batch(conn, number, now, &who).await?;
                store::note_audit(conn, &note.note(now, "transfer_batch", format!("transfers:{number}"))).await?;
                if let Some(key) = key
                    && !key.keep_name(conn, number.to_string(), now).await?
                {
                    return Err(TransferError::KeyReused);
                }
                Ok((number, true))
            })
        });
        let (number, new) = begun.await?;
        let mut left_out = Vec::new();
        // What was asked for by the same key before is in it, as far as it came; what is due still is put into another.
        for (rma, grant) in chosen.into_iter().filter(|_| new) {
            let not = match leave(rma) {
                Some(leave) => self.transfer(leave, limits, number, grant).await?,
                None => Some(LeftOut::MayNot),
            };
            left_out.extend(not.map(|why| (rma, grant, why)));
        }
        let (batch, transfers) = self.transfers(access, number).await?.ok_or(TransferError::Unknown)?;
        Ok(TransfersMade { batch, transfers, left_out })
    }

    /// Puts what a grant owes by hand into a batch; why not, where it cannot be.
    async fn transfer(
        &self,
        leave: Access<Return>,
        limits: &StaffLimits,
        number: i64,
        grant: GrantNo,
    ) -> Result<Option<LeftOut>, StoreError> {
        let (services, limits, rma) = (self.clone(), limits.clone(), leave.rma());
        let story = self.run::<NotMade, _>(leave, None, Vec::new(), move |run| {
            Box::pin(async move {
                let Some(payee) = store::bank_account_of(run.conn, rma).await? else { return Err(NotMade::LeftOut(LeftOut::NoAccount)) };
                let before = run.request.payments.len();
                let asked = PayAsked { grant: Some(grant), by: Some(PayBy::Transfer), reference: Some(batch_name(number)) };
                services.pay_in(run, &asked, &limits).await?;
                let began = run.request.payments.get(before..).unwrap_or_default().to_vec();
                for payment in began.into_iter().filter(|payment| payment.to == PaidTo::Manual) {
                    let of = run.request.grants.iter().find(|known| known.id == payment.grant);
                    let Some((order, currency)) = of.map(|grant| (grant.order.clone(), grant.currency)) else { continue };
                    let (amount, erase_at) = (Money::new(payment.amount, currency), days(run.now, KEPT_UNPAID_DAYS));
                    store::insert_transfer(run.conn, number, (rma, payment.id), &order, amount, &payee, erase_at).await?;
                }
                if run.request.payments.len() == before {
                    return Err(NotMade::LeftOut(LeftOut::NotDue));
                }
                Ok(())
            })
        });
        match story.await {
            Ok(_) => Ok(None),
            Err(NotMade::LeftOut(why)) => Ok(Some(why)),
            Err(NotMade::Change(ChangeError::Store(error))) => Err(error),
            Err(NotMade::Change(ChangeError::OverLimit(_))) => Ok(Some(LeftOut::OverLimit)),
            Err(NotMade::Change(ChangeError::Disputed)) => Ok(Some(LeftOut::Disputed)),
            Err(NotMade::Change(ChangeError::Refused(Refused::Senseless(_) | Refused::Unknown { .. }) | ChangeError::Unknown)) => {
                Ok(Some(LeftOut::NotDue))
            }
            Err(NotMade::Change(_)) => Ok(Some(LeftOut::MayNot)),
        }
    }

    /// A batch, and what is in it.
    pub async fn transfers(&self, _access: &AtPayments, number: i64) -> Result<Option<(TransferBatch, Vec<TransferRow>)>, StoreError> {
        let mut read = self.store.read().await?;
        let Some(batch) = store::find_transfer_batch(&mut read.conn(), number).await? else { return Ok(None) };
        let transfers = store::transfers_of(&mut read.conn(), number).await?;
        Ok(Some((batch, transfers)))
    }

    /// Batches, the youngest first.
    pub async fn transfer_batches(&self, _access: &AtPayments, before: i64, limit: i64) -> Result<Vec<TransferBatch>, StoreError> {
        let mut read = self.store.read().await?;
        store::list_transfer_batches(&mut read.conn(), before, limit).await
    }

    /// Says that the bank did what is in a batch: all that nobody has said anything else of has left. Said again, nothing happens.
    pub async fn transfers_left(
        &self,
        access: &AtPayments,
        number: i64,
        reference: Option<String>,
        leave: impl Fn(RmaNumber) -> Option<Access<Return>>,
    ) -> Result<(TransferBatch, Vec<TransferRow>), TransferError> {
        let (_, transfers) = self.transfers(access, number).await?.ok_or(TransferError::Unknown)?;
        for row in transfers.into_iter().filter(|row| row.state == PaymentState::Pending) {
            let Some(leave) = leave(row.rma) else { continue };
            self.transfer_became(leave, row.payment, PaymentFate::Paid, reference.clone()).await?;
        }
        self.transfers(access, number).await?.ok_or(TransferError::Unknown)
    }

    /// Says that the bank did not do one of a batch, or that it came back; what was promised is due again.
    pub async fn transfer_failed(
        &self,
        access: &AtPayments,
        number: i64,
        nth: i64,
        reason: Option<String>,
        leave: impl Fn(RmaNumber) -> Option<Access<Return>>,
    ) -> Result<(TransferBatch, Vec<TransferRow>), TransferError> {
        let (_, transfers) = self.transfers(access, number).await?.ok_or(TransferError::Unknown)?;
        let row = transfers.into_iter().find(|row| row.nth == nth).ok_or(TransferError::Unknown)?;
        let fate = match row.state {
            PaymentState::Paid => Some(PaymentFate::Reversed(reason)),
            PaymentState::Pending => Some(PaymentFate::Failed(reason)),
            PaymentState::Failed | PaymentState::Reversed => None,
        };
        if let Some((leave, fate)) = leave(row.rma).zip(fate) {
            self.transfer_became(leave, row.payment, fate, None).await?;
        }
        self.transfers(access, number).await?.ok_or(TransferError::Unknown)
    }

    async fn transfer_became(
        &self,
        leave: Access<Return>,
        payment: PaymentNo,
        fate: PaymentFate,
        reference: Option<String>,
    ) -> Result<(), StoreError> {
        match self.payment_became(leave, None, move |_| Ok::<_, ChangeError>((payment, fate, reference))).await {
            Err(ChangeError::Store(error)) => Err(error),
            // Somebody said something else of it in this moment.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// A batch as a file for the bank (ISO 20022, pain.001.001.09): what nobody has said anything of yet, as SEPA credit transfers.
    pub fn bank_file(&self, batch: &TransferBatch, transfers: &[TransferRow]) -> Result<String, NoBankFile> {
        let shop = &self.config.shop;
        let from = shop.iban.as_ref().and_then(|iban| iban.parse().ok()).ok_or(NoBankFile::NoOwnAccount)?;
        let euros: Currency = "EUR".parse().map_err(|_| NoBankFile::NotSepa)?;
        let mut written = Vec::new();
        for row in transfers.iter().filter(|row| row.state == PaymentState::Pending) {
            let payee = row.payee.as_ref().ok_or(NoBankFile::Forgotten)?;
            let Account::Iban { iban } = &payee.account else { return Err(NoBankFile::NotSepa) };
            if row.amount.currency != euros {
                return Err(NoBankFile::NotSepa);
            }
            written.push(Transfer {
                id: super::refund_name(row.rma, row.payment),
                amount: row.amount.minor,
                holder: payee.holder.clone(),
                to: iban.clone(),
                about: format!("{} {}", row.order, row.rma),
            });
        }
        if written.is_empty() {
            return Err(NoBankFile::Empty);
        }
        let name = shop.name.get(domain::words::Locale::En).unwrap_or_default().to_owned();
        Ok(pain001(&Transfers {
            id: batch_name(batch.number),
            at: self.clock.now(),
            on: self.clock.now().to_zoned(self.shop_zone()).date(),
            debtor: name,
            from,
            bic: shop.bic.clone(),
            currency: euros,
            transfers: written,
        }))
    }

    /// Has accounts forgotten some time after the money has left for them.
    pub(super) async fn mind_accounts(&self, conn: &mut Conn<'_>, rma: RmaNumber, recorded: &[Recorded]) -> Result<(), StoreError> {
        for recorded in recorded {
            if let Event::PaymentMade { payment, .. } = &recorded.event {
                store::forget_account_at(conn, rma, *payment, days(recorded.at, KEPT_PAID_DAYS)).await?;
            }
        }
        Ok(())
    }
}

/// What a batch is called: `T12`.
pub fn batch_name(number: i64) -> String {
    format!("T{number}")
}

/// Why something is not in a batch, as its story says.
enum NotMade {
    LeftOut(LeftOut),
    Change(ChangeError),
}

impl From<ChangeError> for NotMade {
    fn from(error: ChangeError) -> Self {
        Self::Change(error)
    }
}

impl From<StoreError> for NotMade {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}
