//! What somebody changes of their own: password and second factor.

use app::forms::{Fields, noted};
use app::ports::{DeskError, FactorPage, Mistake, PasswordPage, StaffTold};
use app::staff::{FactorForm, PasswordForm, SignInTyped};

use super::{Kept, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::secrets;
use crate::security::Incident;
use crate::services::{OwnWrong, Proof, SignIn};

const ME: &str = "/staff/me";
const PASSWORD: &str = "/staff/me/password";
const FACTOR: &str = "/staff/me/factor";

impl StaffDesk {
    pub(super) async fn password(&self) -> Result<PasswordPage, DeskError> {
        let Kept { told, mistakes, .. } = self.kept_of_own(PASSWORD).await?;
        Ok(PasswordPage { rail: self.rail(told).await?, email: self.member()?.email.clone(), mistakes })
    }

    pub(super) async fn factor(&self) -> Result<FactorPage, DeskError> {
        let Kept { told, mistakes, typed, .. } = self.kept_of_own(FACTOR).await?;
        // Tried again, it is the one that the phone has scanned already.
        let offered = self.services.offer_factor(self.member()?, Some(&typed));
        Ok(FactorPage { rail: self.rail(told).await?, factor: offered.locked, address: offered.address, key: offered.typed, mistakes })
    }

    /// Whoever has no password of ours has nothing to change there.
    async fn kept_of_own(&self, page: &str) -> Result<Kept, DeskError> {
        let has = self.services.has_password(&self.member()?.id).await.map_err(|error| failed(&error))?;
        if has { self.take_kept(page).await } else { Err(DeskError::Moved(ME.to_owned())) }
    }

    /// "Change password".
    pub async fn change_password(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let PasswordForm { password, code, new } = PasswordForm::parse(fields);
        let changed = self.services.change_password(self.who()?, Proof { password, code }, new, &self.came()).await;
        self.own_changed(changed, PASSWORD, String::new(), StaffTold::PasswordChanged).await
    }

    /// "Change code app".
    pub async fn change_factor(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let FactorForm { password, code, factor, new } = FactorForm::parse(fields);
        let changed = self.services.change_factor(self.who()?, Proof { password, code }, &factor, &new, &self.came()).await;
        self.own_changed(changed, FACTOR, factor, StaffTold::FactorChanged).await
    }

    async fn own_changed(
        &mut self,
        changed: Result<SignIn, OwnWrong>,
        page: &str,
        typed: String,
        told: StaffTold,
    ) -> Result<StaffNext, DeskError> {
        let (field, mistake) = match changed {
            Ok(SignIn { token, device, .. }) => {
                self.who = self.services.staff_of_session(&secrets::digest(&token)).await.map_err(|error| failed(&error))?;
                let next = self.told(told, ME).await?;
                return Ok(StaffNext { session: Some(Some(token)), device: Some(device), ..next });
            }
            Err(OwnWrong::Store(error)) => return Err(failed(&error)),
            Err(OwnWrong::Password) => (PasswordForm::NEW, Mistake::PasswordWeak),
            Err(OwnWrong::Code) => (FactorForm::NEW, Mistake::FactorWrong),
            Err(OwnWrong::Proof) => {
                self.note(Incident::WrongGuess);
                (SignInTyped::FORM, Mistake::ProofWrong)
            }
            Err(OwnWrong::TooMany) => {
                self.note(Incident::TooMany);
                (SignInTyped::FORM, Mistake::SignInTooMany)
            }
        };
        self.mistaken(page.to_owned(), typed, vec![noted(field, mistake)]).await
    }
}
