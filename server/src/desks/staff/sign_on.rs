//! In by the provider that the settings name.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake};
use app::staff::SignInTyped;

use super::door::{DOOR, HOME};
use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::desks::session::StaffForm;
use crate::security::Incident;
use crate::services::{SignOnAnswer, SignOnWrong};
use crate::sign_on::ProviderError;

impl StaffDesk {
    /// What the button calls the provider, in the reader's language or another.
    pub(super) fn provider(&self) -> Option<String> {
        let config = &self.services.config;
        let label = &config.sign_on.label;
        self.services.sign_on.as_ref()?;
        let any = || label.languages().first().and_then(|locale| label.get(*locale));
        Some(label.get(self.visitor.locale).or_else(any).unwrap_or_default().to_owned())
    }

    /// "Sign in with …"
    pub async fn sign_on(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let next = SignInTyped::parse(fields).next;
        // Whoever comes back is to be who went off.
        if self.visitor.session.token.is_none() {
            self.visitor.session.save(&self.services, false).await.map_err(|error| failed(&error))?;
        }
        let browser = self.visitor.session.token.clone().unwrap_or_default();
        match self.services.begin_sign_on(&browser, next.clone()).await {
            Ok(address) => Ok(StaffNext { elsewhere: true, ..StaffNext::to(address) }),
            Err(wrong) => self.not_signed_on(wrong, next).await,
        }
    }

    /// Back from the provider.
    pub async fn sign_on_back(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let of = |name: &str| fields.get(name).to_owned();
        let answer = SignOnAnswer { state: of("state"), code: of("code"), error: of("error"), issuer: of("iss") };
        let browser = self.visitor.session.token.clone().unwrap_or_default();
        match self.services.finish_sign_on(&browser, answer, &self.came()).await {
            Ok((signed_in, next)) => self.in_now(signed_in, if next.is_empty() { HOME.to_owned() } else { next }).await,
            Err(wrong) => self.not_signed_on(wrong, String::new()).await,
        }
    }

    async fn not_signed_on(&mut self, wrong: SignOnWrong, next: String) -> Result<StaffNext, DeskError> {
        let mistake = match &wrong {
            SignOnWrong::Closed => return Ok(StaffNext::to(DOOR)),
            SignOnWrong::Store(error) => return Err(failed(error)),
            SignOnWrong::Over => Mistake::SignOnOver,
            SignOnWrong::Declined(_) => Mistake::SignOnDeclined,
            SignOnWrong::Provider(ProviderError::Away(_)) => Mistake::SignOnAway,
            SignOnWrong::Provider(ProviderError::Refused(_)) => Mistake::SignOnRefused,
            SignOnWrong::Unverified => Mistake::SignOnUnverified,
            SignOnWrong::Nobody => Mistake::SignOnNobody,
            SignOnWrong::Other(_) => Mistake::SignOnOther,
        };
        match &wrong {
            SignOnWrong::Provider(error) => tracing::warn!(error = crate::log::chain(error), "nobody could sign in by the provider"),
            wrong => tracing::info!(%wrong, "somebody did not come in by the provider"),
        }
        self.note(Incident::WrongGuess);
        let mistakes = vec![noted(SignInTyped::FORM, mistake)];
        self.remember(StaffForm { next, mistakes, ..StaffForm::default() }, DOOR).await
    }
}
