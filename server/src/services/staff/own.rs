//! What somebody at work changes of their own: password and second factor. A session alone is not enough, for it may be an open desk.

use domain::staff::Member;
use jiff::Timestamp;

use super::factor::Factor;
use super::password;
use super::sign_in::{Came, NotIn, SignIn, StaffIn};
use crate::services::Services;
use crate::store::{self, StaffRow, StoreError};

/// Shows that whoever has the session is its owner.
#[derive(Clone, Debug)]
pub struct Proof {
    pub password: String,
    /// The code of now.
    pub code: String,
}

/// An app that is to show codes.
#[derive(Clone, Debug)]
pub struct NewFactor {
    /// What its codes are made of, locked.
    pub locked: String,
    /// For the app: as a QR code's text, and to be typed.
    pub address: String,
    pub typed: String,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OwnWrong {
    /// Password or code is not right: the same answer.
    #[error("this does not fit")]
    Proof,
    #[error("this password is short or easy to guess")]
    Password,
    #[error("this is not the code of the new app")]
    Code,
    #[error("too many tries")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was shown, and what it took.
struct Proven {
    row: StaffRow,
    /// The step of the code.
    step: i64,
    /// Tries that are given back.
    counted: Vec<String>,
}

/// What is kept from now on.
struct Kept {
    password: String,
    factor: String,
    step: i64,
}

impl Services {
    /// Sets another password, and ends all sessions but the new one that is answered.
    pub async fn change_password(&self, who: &StaffIn, proof: Proof, new: String, came: &Came) -> Result<SignIn, OwnWrong> {
        if !self.may_choose(&new, &who.member).await {
            return Err(OwnWrong::Password);
        }
        let proven = self.prove(who, proof, came).await?;
        let factor = proven.row.factor.clone().ok_or(OwnWrong::Proof)?;
        let kept = Kept { password: password::hash(new).await, factor, step: proven.step };
        self.keep_own(who, proven, kept, "change_password", came).await
    }

    /// An app for codes in place of the one that somebody has; `locked`: that was offered before.
    pub fn offer_factor(&self, member: &Member, locked: Option<&str>) -> NewFactor {
        let factor = locked.and_then(|locked| Factor::unlocked(&self.secret, locked)).unwrap_or_default();
        let address = factor.address(self.shop_name(), member.email.as_str());
        NewFactor { locked: factor.locked(&self.secret), address, typed: factor.typed() }
    }

    /// Takes codes of another app from now on, likewise.
    pub async fn change_factor(&self, who: &StaffIn, proof: Proof, locked: &str, code: &str, came: &Came) -> Result<SignIn, OwnWrong> {
        let factor = Factor::unlocked(&self.secret, locked).ok_or(OwnWrong::Code)?;
        let step = factor.step_of(code, Timestamp::now().as_second()).ok_or(OwnWrong::Code)?;
        let proven = self.prove(who, proof, came).await?;
        let password = proven.row.password.clone().ok_or(OwnWrong::Proof)?;
        let kept = Kept { password, factor: factor.locked(&self.secret), step };
        self.keep_own(who, proven, kept, "change_factor", came).await
    }

    /// As for signing in: counted before it is tried, and whether the first is right is told with the second only.
    async fn prove(&self, who: &StaffIn, proof: Proof, came: &Came) -> Result<Proven, OwnWrong> {
        let key = who.member.email.key();
        let counted = self.count_tries(came, &key, self.known_device(came, &key)).await.map_err(|error| match error {
            NotIn::Store(error) => OwnWrong::Store(error),
            _ => OwnWrong::TooMany,
        })?;
        let mut read = self.store.read().await?;
        let row = store::find_staff(&mut read.conn(), &who.member.id).await?;
        drop(read);
        let fits = password::fits(proof.password, row.as_ref().and_then(|row| row.password.clone())).await;
        let step = row.as_ref().and_then(|row| self.step_of(row, &proof.code));
        match (row, fits, step) {
            (Some(row), true, Some(step)) => Ok(Proven { row, step, counted }),
            _ => {
                self.audit_sign_in(&who.member.id, "proof_refused", came).await?;
                Err(OwnWrong::Proof)
            }
        }
    }

    async fn keep_own(&self, who: &StaffIn, proven: Proven, kept: Kept, what: &str, came: &Came) -> Result<SignIn, OwnWrong> {
        let (token, session) = self.session_from(came);
        let note = self.note_of_sign_in(&who.member.id, what, came);
        let (device, id) = (self.device_of(&who.member.email.key()), who.member.id.clone());
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                if !store::use_factor_step(&mut conn, &id, proven.step).await? {
                    return Err(OwnWrong::Proof);
                }
                // An admin took it away meanwhile, or it was changed in another window.
                let now = store::find_staff(&mut conn, &id).await?;
                if now.is_none_or(|now| (now.password, now.factor) != (proven.row.password, proven.row.factor)) {
                    return Err(OwnWrong::Proof);
                }
                store::set_credentials(&mut conn, &id, &kept.password, &kept.factor, kept.step).await?;
                store::end_staff_sessions(&mut conn, &id, "").await?;
                store::begin_staff_session(&mut conn, &id, &session).await?;
                for subject in &proven.counted {
                    store::give_back(&mut conn, subject).await?;
                }
                Ok(store::note_audit(&mut conn, &note).await?)
            })
        });
        let written = written.await;
        if matches!(written, Err(OwnWrong::Proof)) {
            self.audit_sign_in(&who.member.id, "proof_refused", came).await?;
        }
        written?;
        Ok(SignIn { member: who.member.clone(), token, device })
    }

    /// Whether somebody signs in with a password of ours.
    pub async fn has_password(&self, id: &str) -> Result<bool, StoreError> {
        let mut read = self.store.read().await?;
        Ok(store::find_staff(&mut read.conn(), id).await?.is_some_and(|row| row.password.is_some()))
    }
}
