//! All orders of somebody: the code by mail that proves who they are, and what they then see.

use std::net::IpAddr;

use domain::entry::Account;
use domain::ids::EmailAddress;
use domain::policy::WindowState;
use domain::returns::{Return, Status};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::SignedDuration;
use jiff::civil::Date;

use super::Services;
use super::held::units_taken;
use super::later::LoginCode;
use super::outlook::LineOutlook;
use crate::secrets;
use crate::store::{self, OrderRow, StoreError};

/// How long a code works.
pub const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How often a code may be tried.
pub const CODE_TRIES: i64 = 5;
/// How many orders are shown.
pub const MOST_ORDERS: usize = 50;

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
/// Codes for one mail address in an hour, asked for from one place.
const CODES_AN_HOUR: i64 = 5;
/// And from all places together: nobody's mailbox is filled, and strangers who ask do not keep the owner from asking.
const CODES_AN_HOUR_IN_ALL: i64 = 30;

/// Why no code was sent.
#[derive(Debug, thiserror::Error)]
pub enum CodeRefused {
    /// The last one is less than a minute old.
    #[error("one was asked for a moment ago")]
    TooSoon,
    /// There were enough for this mail address.
    #[error("too many for this mail address")]
    TooOften,
    /// There were enough from this place.
    #[error("too many from one address")]
    Busy,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a code that was entered is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeEntered {
    /// The one that was sent. It is used up.
    Right,
    /// Another; so many tries are left.
    Wrong(u32),
    /// There is none to compare it with: it was used, tried too often, is too old or never was.
    Over,
}

/// An order as its owner sees it among the others.
#[derive(Clone, Debug)]
pub struct OwnOrder {
    /// It.
    pub row: OrderRow,
    /// Its returns that were not called off, the oldest first.
    pub returns: Vec<Return>,
    /// Units that may still come back, as far as nobody has asked for them.
    pub left: u32,
    /// The last day on which something of it can come back without a reason, where one is known and not over.
    pub until: Option<Date>,
}

impl Services {
    /// Sends a code to a mail address that has orders, which only who asked can enter (`asked_by`, their secret). For one that has none everything is done alike but for the mail, so that
    /// neither the answer nor its time tells the two apart.
    pub async fn send_login_code(&self, email: &EmailAddress, asked_by: &str, locale: Locale, from: IpAddr) -> Result<(), CodeRefused> {
        let (subject, account) = (self.code_subject(email), Account::Email(email.key()));
        let bound = self.code_bound(email, asked_by);
        let (secret, now, most) = (self.secret.clone(), self.clock.millis(), self.config.limits.codes_per_address);
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    // What is refused is not counted: the transaction is undone.
                    let most_of = [(format!("code:{subject}:{from}"), CODES_AN_HOUR), (format!("code:{subject}"), CODES_AN_HOUR_IN_ALL)];
                    for (of, most) in most_of {
                        if store::count_attempt(&mut conn, &of, HOUR, now).await? > most {
                            return Err(CodeRefused::TooOften);
                        }
                    }
                    if store::count_attempt(&mut conn, &format!("code-minute:{bound}"), MINUTE, now).await? > 1 {
                        return Err(CodeRefused::TooSoon);
                    }
                    if store::count_attempt(&mut conn, &format!("codes:{from}"), HOUR, now).await? > most {
                        return Err(CodeRefused::Busy);
                    }
                    let owner = store::orders_of_account(&mut conn, &account, 1).await?.pop();
                    // To the address the order has, not to the one that was typed: they may differ in more than meets the eye.
                    let to = owner.and_then(|(row, _)| row.order.customer.email);
                    let code = if to.is_some() { secrets::code() } else { secrets::token() };
                    let until = now + CODE_LIFE.as_millis() as i64;
                    store::put_login_code(&mut conn, &bound, &secret.seal(CODE, &sealed(&bound, &code)), until).await?;
                    if let Some(to) = to {
                        store::enqueue(&mut conn, &LoginCode { to, code, locale, until }.mail(now)).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Compares what was typed with the code of a mail address. Each call is a try, also of many at once.
    pub async fn enter_login_code(&self, email: &EmailAddress, asked_by: &str, typed: &str) -> Result<CodeEntered, StoreError> {
        let (subject, secret, now) = (self.code_bound(email, asked_by), self.secret.clone(), self.clock.millis());
        let typed = sealed(&subject, typed);
        self.store
            .write(move |mut conn| {
                Box::pin(async move {
                    let live = store::try_login_code(&mut conn, &subject, CODE_TRIES, now, CODE_LIFE.as_millis() as i64).await?;
                    let Some((digest, tries)) = live else { return Ok(CodeEntered::Over) };
                    if secret.has_sealed(CODE, &typed, &digest) {
                        store::delete_login_code(&mut conn, &subject).await?;
                        return Ok(CodeEntered::Right);
                    }
                    Ok(match u32::try_from(CODE_TRIES - tries) {
                        Ok(left @ 1..) => CodeEntered::Wrong(left),
                        _ => CodeEntered::Over,
                    })
                })
            })
            .await
    }

    /// A mail address as codes for it are counted: nobody can read it back.
    fn code_subject(&self, email: &EmailAddress) -> String {
        self.secret.seal("code.subject", &email.key())
    }

    /// A code's place: only the session that asked for it knows what it is bound to.
    fn code_bound(&self, email: &EmailAddress, asked_by: &str) -> String {
        self.secret.seal("code.bound", &format!("{asked_by}:{}", email.key()))
    }

    /// The latest orders of an account with their returns, and whether there are more.
    pub async fn own_orders(&self, account: &Account) -> Result<(Vec<OwnOrder>, bool), StoreError> {
        let mut read = self.store.read().await?;
        let mut rows = store::orders_of_account(&mut read.conn(), account, MOST_ORDERS as i64 + 1).await?;
        let more = rows.len() > MOST_ORDERS;
        rows.truncate(MOST_ORDERS);
        let mut own = Vec::with_capacity(rows.len());
        // What goes out for a return is of the order that it was bought with.
        for (row, mut returns) in rows.into_iter().filter(|(row, _)| row.order.remedy.is_none()) {
            let open = |line: &domain::order::OrderLine| line.quantity.saturating_sub(units_taken(&row, &returns, &line.id).units);
            let left = if row.order.cancelled { 0 } else { row.order.items().map(open).sum() };
            let outlook = self.outlook_with(&mut read.conn(), &row, &returns).await?;
            let last_day = |line: &LineOutlook| match line.free.window {
                WindowState::Open(day) if line.available > 0 && line.free.refusals.is_empty() => Some(day),
                _ => None,
            };
            let until = outlook.lines.iter().filter_map(last_day).max();
            returns.retain(|request| request.status() != Status::Cancelled);
            own.push(OwnOrder { row, returns, left, until });
        }
        Ok((own, more))
    }

    /// Whether a return is of orders of this account, all of them.
    pub async fn is_of_account(&self, rma: RmaNumber, account: &Account) -> Result<bool, StoreError> {
        let mut read = self.store.read().await?;
        let Some(request) = store::find_return(&mut read.conn(), rma).await? else { return Ok(false) };
        for part in &request.orders {
            let found = store::find_order(&mut read.conn(), part.number.as_str()).await?;
            if !found.is_some_and(|row| account.owns(&row.order.customer)) {
                return Ok(false);
            }
        }
        Ok(!request.orders.is_empty())
    }
}

const CODE: &str = "code";

/// What is sealed of a code: with whose it is, so that one row's digest is worth nothing in another.
fn sealed(subject: &str, code: &str) -> String {
    format!("{subject}:{code}")
}
