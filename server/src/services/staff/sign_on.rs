//! Coming in by the provider that the settings name: off to it, and back with its word for who somebody is.

use domain::plain::maybe_line;
use domain::staff::{Member, StaffLimits};
use serde::{Deserialize, Serialize};

use super::people::{LONGEST_STAFF_NAME, MOST, new_id};
use super::sign_in::{Came, SignIn};
use crate::secrets;
use crate::services::Services;
use crate::sign_on::{Begun, Identity, ProviderError};
use crate::store::{self, AuditNote, Conn, StoreError};

/// How long somebody may take at the provider, milliseconds.
const WAY_LIFE: i64 = 10 * 60 * 1000;
/// What it is kept under: nobody opens it as something else.
const PURPOSE: &str = "staff.sign_on";

/// What somebody comes back with.
#[derive(Clone, Debug, Default)]
pub struct SignOnAnswer {
    pub state: String,
    pub code: String,
    /// Why the provider sends them back without a code.
    pub error: String,
    /// Who sends them back, where that is told (RFC 9207).
    pub issuer: String,
}

/// Why somebody did not come in by the provider.
#[derive(Debug, thiserror::Error)]
pub enum SignOnWrong {
    #[error("no provider is set")]
    Closed,
    /// It took too long, began in another browser, or was used.
    #[error("this way is over")]
    Over,
    #[error("they, or the provider, said no: {0}")]
    Declined(String),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error("the provider has not made sure of their address")]
    Unverified,
    #[error("nobody of that address works here")]
    Nobody,
    /// Whose address it is, is somebody else to the provider.
    #[error("that account is of somebody else at the provider")]
    Other(Member),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is remembered of somebody who went off.
#[derive(Serialize, Deserialize)]
struct Way {
    begun: Begun,
    /// The page that they wanted.
    next: String,
}

impl Services {
    /// Where somebody is sent; `browser`: the token of the session that they go off with, so that nobody comes back in another's.
    pub async fn begin_sign_on(&self, browser: &str, next: String) -> Result<String, SignOnWrong> {
        let begun = self.sign_on.as_ref().ok_or(SignOnWrong::Closed)?.begin().await?;
        let (address, digest, browser) = (begun.address.clone(), secrets::digest(&begun.state), secrets::digest(browser));
        let way = serde_json::to_vec(&Way { begun, next }).map_err(|error| StoreError::corrupt("sign-on", error))?;
        let (locked, until) = (self.secret.lock(PURPOSE, &way), self.clock.millis() + WAY_LIFE);
        let kept = self
            .store
            .write(move |mut conn| Box::pin(async move { store::put_sign_on(&mut conn, &digest, &browser, &locked, until).await }));
        kept.await?;
        Ok(address)
    }

    /// Lets in whom the provider names; with the page that they wanted.
    pub async fn finish_sign_on(&self, browser: &str, answer: SignOnAnswer, came: &Came) -> Result<(SignIn, String), SignOnWrong> {
        let provider = self.sign_on.as_ref().ok_or(SignOnWrong::Closed)?;
        let Way { begun, next } = self.way(browser, &answer.state).await?.ok_or(SignOnWrong::Over)?;
        if !answer.issuer.is_empty() && answer.issuer != provider.issuer() {
            return Err(ProviderError::Refused("somebody else answered".into()).into());
        }
        if answer.code.is_empty() {
            return Err(SignOnWrong::Declined(answer.error.chars().filter(char::is_ascii_graphic).take(60).collect()));
        }
        let identity = provider.finish(answer.code, begun).await?;
        let (token, session) = self.session_from(came);
        let (services, from) = (self.clone(), came.clone());
        let came_in = self.store.write(move |mut conn| {
            Box::pin(async move {
                let member = services.recognised(&mut conn, &identity).await?;
                store::begin_staff_session(&mut conn, &member.id, &session).await?;
                store::note_audit(&mut conn, &services.note_of_sign_in(&member.id, "sign_on", &from)).await?;
                Ok(member)
            })
        });
        match came_in.await {
            Ok(member) => {
                let device = self.device_of(&member.email.key());
                Ok((SignIn { member, token, device }, next))
            }
            Err(SignOnWrong::Other(member)) => {
                self.audit_sign_in(&member.id, "sign_on_refused", came).await?;
                Err(SignOnWrong::Other(member))
            }
            Err(wrong) => Err(wrong),
        }
    }

    async fn way(&self, browser: &str, state: &str) -> Result<Option<Way>, StoreError> {
        let (digest, browser, now) = (secrets::digest(state), secrets::digest(browser), self.clock.millis());
        let taken = self.store.write(move |mut conn| Box::pin(async move { store::take_sign_on(&mut conn, &digest, &browser, now).await }));
        let way = taken.await?.and_then(|locked| self.secret.unlock(PURPOSE, &locked));
        Ok(way.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Whose account that is. By its own name for them once they are linked; by their address the first time, and never by that again.
    async fn recognised(&self, conn: &mut Conn<'_>, identity: &Identity) -> Result<Member, SignOnWrong> {
        store::lock_staff(conn).await?;
        if let Some(id) = store::staff_of_subject(conn, &identity.issuer, &identity.subject).await? {
            let row = store::find_staff(conn, &id).await?.filter(|row| row.ended_at.is_none());
            return row.map(|row| row.member).ok_or(SignOnWrong::Nobody);
        }
        let email = identity.email.as_ref().ok_or(SignOnWrong::Unverified)?;
        let member = match store::find_staff_of_email(conn, &email.key()).await? {
            Some(row) if row.ended_at.is_some() => return Err(SignOnWrong::Nobody),
            Some(row) => row.member,
            None => self.made_of(conn, identity).await?,
        };
        let now = self.clock.millis();
        if !store::link_subject(conn, &identity.issuer, &identity.subject, &member.id, now).await? {
            return Err(SignOnWrong::Other(member));
        }
        let private = serde_json::json!({ "issuer": identity.issuer, "subject": identity.subject }).to_string();
        let note = self.people_note(member.id.clone(), "link_sign_on", &member.id, None, None);
        store::note_audit(conn, &AuditNote { private: Some(private), ..note }).await?;
        Ok(member)
    }

    /// Somebody new, where the settings let the provider say who works here.
    async fn made_of(&self, conn: &mut Conn<'_>, identity: &Identity) -> Result<Member, SignOnWrong> {
        let Some(email) = identity.email.clone().filter(|_| self.config.sign_on.create_accounts && !identity.roles.is_empty()) else {
            return Err(SignOnWrong::Nobody);
        };
        if store::list_staff(conn).await?.len() >= MOST {
            return Err(SignOnWrong::Nobody);
        }
        let name = maybe_line(identity.name.as_deref(), LONGEST_STAFF_NAME).unwrap_or_else(|| email.to_string());
        let member = Member { id: new_id(), name, email, roles: identity.roles.clone(), limits: StaffLimits::default() };
        store::add_staff(conn, &member, self.clock.millis()).await?;
        store::note_audit(conn, &self.people_note(member.id.clone(), "add_person", &member.id, None, Some(&member))).await?;
        Ok(member)
    }
}
