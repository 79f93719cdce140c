//! Who is at the desk: a visitor with a session, recognised for some orders and returns.

use std::net::IpAddr;

use app::ports::{Noted, Told};
use domain::entry::Account;
use domain::order::Address;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::secrets;
use crate::services::{Services, Theirs};
use crate::store::{self, StoreError};

const HOUR: i64 = 60 * 60 * 1000;
/// How long a session lasts after its last use.
const LIFE: i64 = 2 * HOUR;
/// How long it lasts at most, however much it is used.
const LONGEST: i64 = 12 * HOUR;

#[derive(Clone, Debug)]
pub struct Visitor {
    pub session: Session,
    pub locale: Locale,
    /// Their time zone, where the browser told it.
    pub zone: Option<TimeZone>,
    /// Where they come from.
    pub address: IpAddr,
    /// Who at work they are, by the name of their account, on the pages where they may write for a customer.
    pub at_work: Option<String>,
}

/// A session; without a token where the visitor has none yet.
#[derive(Clone, Debug, Default)]
pub struct Session {
    pub token: Option<String>,
    pub data: SessionData,
    /// What this request has shown to be theirs.
    shown: SessionData,
}

/// Why a session was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It has ended since the request came: it was forgotten, or has a new token.
    #[error("the session has ended")]
    Ended,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is kept of a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionData {
    /// When it began, milliseconds of Unix time.
    pub began: Option<i64>,
    /// Keys of the orders this visitor was recognised for.
    pub orders: Vec<String>,
    /// Returns this visitor was recognised for.
    pub returns: Vec<RmaNumber>,
    /// Whose orders this visitor may see, all of them.
    pub account: Option<Account>,
    /// Another account that a ticket of the shop came with, until they say which of the two they want.
    pub other_account: Option<Account>,
    /// Drafts in writing: order key and draft.
    pub drafts: Vec<(String, String)>,
    /// What was typed at "find my order" and what was wrong with it.
    pub find: FindForm,
    /// What was wrong with the last try to be recognised for a return.
    pub verify: Option<(RmaNumber, Noted)>,
    /// What was typed then.
    pub verify_typed: String,
    /// What was typed at "something from another order?" where that found none: number and contact.
    pub sought: (String, String),
    /// What was wrong with the last change to a return.
    pub change: Option<(RmaNumber, Vec<Noted>)>,
    /// Another door of a pickup, as it was typed; and whether only a time is missing for it.
    pub door: Option<(RmaNumber, Address, bool)>,
    /// What was just done to a return, until its page has said it.
    pub told: Option<(RmaNumber, Told)>,
    /// How they want to be reached was just kept.
    pub reach_kept: bool,
    /// What was typed at "all my orders" and what was wrong with it.
    pub login: LoginForm,
    /// What was typed where people at work come in, and what was wrong with it.
    pub staff: StaffForm,
}

/// What was typed where people at work come in; no password or code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaffForm {
    pub email: String,
    pub name: String,
    /// Where they wanted to go.
    pub next: String,
    /// Digest of the link that they came by.
    pub link: String,
    pub mistakes: Vec<Noted>,
}

/// What was typed at "find my order".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindForm {
    pub number: String,
    pub contact: String,
    pub rma: String,
    /// The contact that was typed with it.
    pub rma_contact: String,
    pub mistakes: Vec<Noted>,
}

/// What was typed at "all my orders".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoginForm {
    pub email: String,
    /// A code was asked for; the next thing is to enter it.
    pub waiting: bool,
    /// What the code is bound to: no other session can enter it. Random.
    pub asked_by: String,
    pub mistakes: Vec<Noted>,
}

impl SessionData {
    /// Whose messages this visitor may read. While it is asked which of two customers they are, those of neither account.
    pub fn theirs(&self) -> Theirs {
        let account = self.account.clone().filter(|_| self.other_account.is_none());
        Theirs { account, returns: self.returns.clone() }
    }
}

impl Session {
    /// The session of a cookie; an empty one where it is unknown or over.
    pub async fn find(services: &Services, token: &str) -> Result<Self, StoreError> {
        let mut read = services.store.read().await?;
        let data = store::find_session(&mut read.conn(), &secrets::digest(token), services.clock.millis(), life(services, LIFE)).await?;
        // A session that cannot be read is as good as none.
        let known = data.and_then(|text| serde_json::from_str(&text).ok());
        Ok(known.map_or_else(Self::default, |data| Self { token: Some(token.to_owned()), data, shown: SessionData::default() }))
    }

    /// Keeps the session. A visitor who has just been recognised gets a new token, so that nobody can have planted the old one, which is worth
    /// nothing from then on. Where the session has ended meanwhile it stays so: who was just recognised begins a new one with what they have
    /// shown, and others are told.
    pub async fn save(&mut self, services: &Services, renew: bool) -> Result<(), KeepError> {
        let now = services.clock.millis();
        let before = self.token.as_deref().map(secrets::digest);
        let (began, until) = self.life(services, now);
        self.data.began = Some(began);
        if let (Some(digest), false) = (before.clone(), renew) {
            let data = written(&self.data)?;
            let lives = services
                .store
                .write(move |mut conn| Box::pin(async move { store::keep_session(&mut conn, &digest, &data, until, now).await }));
            return if lives.await? { Ok(()) } else { Err(KeepError::Ended) };
        }
        let token = secrets::token();
        self.shown.began = Some(now);
        let (whole, shown) = (written(&self.data)?, written(&self.shown)?);
        let (digest, fresh_until) = (secrets::digest(&token), now + life(services, LIFE));
        let renewed = services.store.write(move |mut conn| {
            Box::pin(async move {
                let lived = match &before {
                    Some(before) => store::delete_session(&mut conn, before, now).await?,
                    None => true,
                };
                let (data, until) = if lived { (&whole, until) } else { (&shown, fresh_until) };
                store::begin_session(&mut conn, &digest, data, until).await?;
                Ok::<_, StoreError>(lived)
            })
        });
        if !renewed.await? {
            self.data = self.shown.clone();
        }
        self.token = Some(token);
        Ok(())
    }

    /// When it began, and when it ends unless it is used again.
    fn life(&self, services: &Services, now: i64) -> (i64, i64) {
        let began = self.data.began.filter(|began| *began <= now).unwrap_or(now);
        (began, (now + life(services, LIFE)).min(began + life(services, LONGEST)))
    }

    /// Ends the session: this device is not recognised for anything any more.
    pub async fn end(&mut self, services: &Services) -> Result<(), StoreError> {
        let (ended, now) = (std::mem::take(self), services.clock.millis());
        let Some(digest) = ended.token.as_deref().map(secrets::digest) else { return Ok(()) };
        let ended = services.store.write(move |mut conn| Box::pin(async move { store::delete_session(&mut conn, &digest, now).await }));
        ended.await.map(|_: bool| ())
    }

    /// They have shown that an order is theirs.
    pub fn recognise_order(&mut self, key: &str) {
        self.data.recognise_order(key);
        self.shown.recognise_order(key);
    }

    /// They have shown that a return is theirs.
    pub fn recognise_return(&mut self, rma: RmaNumber) {
        self.data.recognise_return(rma);
        self.shown.recognise_return(rma);
    }

    /// They have shown that an account is theirs.
    pub fn recognise_account(&mut self, account: Account) {
        (self.data.account, self.data.other_account) = (Some(account.clone()), None);
        self.shown.account = Some(account);
    }

    /// Remembers the draft of an order that they have shown to be theirs.
    pub fn hold_draft(&mut self, key: &str, draft: &str) {
        self.data.hold_draft(key, draft);
        self.shown.hold_draft(key, draft);
    }
}

fn written(data: &SessionData) -> Result<String, StoreError> {
    serde_json::to_string(data).map_err(|error| StoreError::Corrupt { what: "session", why: error.to_string() })
}

/// A rehearsal moves the clock by weeks without asking who one is again.
fn life(services: &Services, life: i64) -> i64 {
    if services.config.demo { 400 * 24 * HOUR } else { life }
}

impl SessionData {
    /// Whether this visitor may see the order of that key.
    pub fn knows_order(&self, key: &str) -> bool {
        self.orders.iter().any(|known| known == key)
    }

    /// Whether this visitor may see the return.
    pub fn knows_return(&self, rma: RmaNumber) -> bool {
        self.returns.contains(&rma)
    }

    fn recognise_order(&mut self, key: &str) {
        if !self.knows_order(key) {
            self.orders.push(key.to_owned());
        }
    }

    fn hold_draft(&mut self, key: &str, draft: &str) {
        self.recognise_order(key);
        self.drafts.retain(|(of, _)| of != key);
        self.drafts.push((key.to_owned(), draft.to_owned()));
    }

    fn recognise_return(&mut self, rma: RmaNumber) {
        if !self.knows_return(rma) {
            self.returns.push(rma);
        }
    }
}
