//! Who is at the desk: a visitor with a session, recognised for some orders and returns.

use std::net::IpAddr;

use app::ports::Noted;
use domain::entry::Account;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::secrets;
use crate::services::Services;
use crate::store::{self, StoreError};

/// How long a session lasts after its last use.
const LIFE: i64 = 2 * 60 * 60 * 1000;

/// In milliseconds. A rehearsal moves the clock by weeks without asking who one is again.
fn life(services: &Services) -> i64 {
    if services.config.demo { 400 * 24 * 60 * 60 * 1000 } else { LIFE }
}

#[derive(Clone, Debug)]
pub struct Visitor {
    pub session: Session,
    pub locale: Locale,
    /// Their time zone, where the browser told it.
    pub zone: Option<TimeZone>,
    /// Where they come from.
    pub address: IpAddr,
}

/// A session; without a token where the visitor has none yet.
#[derive(Clone, Debug, Default)]
pub struct Session {
    pub token: Option<String>,
    pub data: SessionData,
}

/// What is kept of a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionData {
    /// Keys of the orders this visitor was recognised for.
    pub orders: Vec<String>,
    /// Returns this visitor was recognised for.
    pub returns: Vec<RmaNumber>,
    /// Whose orders this visitor may see, all of them.
    pub account: Option<Account>,
    /// Drafts in writing: order key and draft.
    pub drafts: Vec<(String, String)>,
    /// What was typed at "find my order" and what was wrong with it.
    pub find: FindForm,
    /// What was wrong with the last try to be recognised for a return.
    pub verify: Option<(RmaNumber, Noted)>,
    /// What was wrong with the last change to a return.
    pub change: Option<(RmaNumber, Vec<Noted>)>,
    /// What was typed at "all my orders" and what was wrong with it.
    pub login: LoginForm,
}

/// What was typed at "find my order".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindForm {
    pub number: String,
    pub contact: String,
    pub rma: String,
    pub mistakes: Vec<Noted>,
}

/// What was typed at "all my orders".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoginForm {
    pub email: String,
    /// A code was asked for; the next thing is to enter it.
    pub waiting: bool,
    pub mistakes: Vec<Noted>,
}

impl Session {
    /// The session of a cookie; an empty one where it is unknown or over.
    pub async fn find(services: &Services, token: &str) -> Result<Self, StoreError> {
        let mut read = services.store.read().await?;
        let data = store::find_session(&mut read.conn(), &secrets::digest(token), services.clock.millis(), life(services)).await?;
        // A session that cannot be read is as good as none.
        let known = data.and_then(|text| serde_json::from_str(&text).ok());
        Ok(known.map_or_else(Self::default, |data| Self { token: Some(token.to_owned()), data }))
    }

    /// Keeps the session. A visitor who has just been recognised gets a new token, so that nobody can have planted the old one.
    pub async fn save(&mut self, services: &Services, renew: bool) -> Result<(), StoreError> {
        let token = match &self.token {
            Some(token) if !renew => token.clone(),
            _ => secrets::token(),
        };
        let digest = secrets::digest(&token);
        let data = serde_json::to_string(&self.data).map_err(|error| StoreError::Corrupt { what: "session", why: error.to_string() })?;
        let until = services.clock.millis() + life(services);
        services.store.write(move |mut conn| Box::pin(async move { store::save_session(&mut conn, &digest, &data, until).await })).await?;
        self.token = Some(token);
        Ok(())
    }

    /// Ends the session: this device is not recognised for anything any more.
    pub async fn end(&mut self, services: &Services) -> Result<(), StoreError> {
        let ended = std::mem::take(self);
        let Some(digest) = ended.token.as_deref().map(secrets::digest) else { return Ok(()) };
        services.store.write(move |mut conn| Box::pin(async move { store::delete_session(&mut conn, &digest).await })).await
    }
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

    pub fn recognise_order(&mut self, key: String) {
        if !self.knows_order(&key) {
            self.orders.push(key);
        }
    }

    /// Remembers the draft of an order, and the order.
    pub fn hold_draft(&mut self, key: String, draft: String) {
        self.recognise_order(key.clone());
        self.drafts.retain(|(of, _)| *of != key);
        self.drafts.push((key, draft));
    }

    pub fn recognise_return(&mut self, rma: RmaNumber) {
        if !self.knows_return(rma) {
            self.returns.push(rma);
        }
    }
}
